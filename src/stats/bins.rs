//! The bins of a sketch: 256 to an octave, mirrored for negative numbers, one for zero.
//!
//! A bin is the top of the float itself: its exponent and the first 8 bits of its
//! mantissa, so a bin is 0.20 to 0.39 % wide, finding it is a shift, and no range has to
//! be known in advance. Bins are numbered in the order of their values: 0 for zero and
//! all below [`FLOOR`] in size, 1 from there up, -1 from minus there down.

use crate::block::kernel;

/// Values smaller than this in size share the bin of zero: 2⁻⁴⁰, about 9e-13.
pub(super) const FLOOR: f64 = 1.0 / 1_099_511_627_776.0;

/// Bits of the mantissa below a bin's.
pub(super) const BELOW_BIN: u32 = 52 - 8;

/// What the top bits of [`FLOOR`] are, less the one number that zero takes.
const BEFORE_FIRST: i32 = ((1023 - 40) << 8) - 1;

/// The last bin of finite numbers; infinities and NaN fall beyond.
pub(super) const LAST: i32 = (2047 << 8) - 1 - BEFORE_FIRST;

/// The partial extremes of a lane, eight at a time.
pub(super) type Eight = [f64; 8];

kernel! {
    /// Writes the bin of every value, and lowers and raises the partial extremes. NaN
    /// leaves those alone; an infinity does not.
    pub(super) fn index(
        values: &[f64],
        bins: &mut [i32],
        lowest: &mut Eight,
        highest: &mut Eight,
    ) {
        for (bin, &x) in bins.iter_mut().zip(values) {
            let high = (x.to_bits() >> 32) as u32;
            let size = (high & 0x7FFF_FFFF) >> 12;
            let number = (size.cast_signed() - BEFORE_FIRST).max(0);
            let sign = high.cast_signed() >> 31;
            *bin = (number ^ sign) - sign;
        }
        let (mut low, mut high) = (*lowest, *highest);
        let (eights, rest) = values.as_chunks::<8>();
        for eight in eights {
            for i in 0..8 {
                low[i] = if eight[i] < low[i] { eight[i] } else { low[i] };
                high[i] = if eight[i] > high[i] { eight[i] } else { high[i] };
            }
        }
        for ((low, high), &x) in low.iter_mut().zip(&mut high).zip(rest) {
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
        }
        (*lowest, *highest) = (low, high);
    }
}

/// The low 16 bits of a bin: all of it up to [`LAST_SHORT`].
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
#[expect(clippy::cast_possible_truncation, reason = "bins that do not fit are not used")]
fn low_bits(bin: i32) -> i16 {
    bin as i16
}

/// The last bin that is used of 16 bits: below 2⁸⁷, about 1.5e26.
pub(super) const LAST_SHORT: i32 = 127 << 8;

kernel! {
    /// As [`index`], with bins of 16 bits, and the least and the last of them: where one
    /// lies beyond [`LAST_SHORT`], as that of what is no number does, they are not to be
    /// used.
    pub(super) fn index_short(values: &[f64], bins: &mut [i16], ends: &mut [i32; 2]) {
        let [mut least, mut last] = [i32::MAX, i32::MIN];
        for (bin, &x) in bins.iter_mut().zip(values) {
            let high = (x.to_bits() >> 32) as u32;
            let size = (high & 0x7FFF_FFFF) >> 12;
            let number = (size.cast_signed() - BEFORE_FIRST).max(0);
            let sign = high.cast_signed() >> 31;
            let whole = (number ^ sign) - sign;
            least = least.min(whole);
            last = last.max(whole);
            *bin = low_bits(whole);
        }
        *ends = [least, last];
    }

    /// Bins as in [`index`], counted from bin `first` on; `most` for those before it and
    /// all that lie further.
    pub(super) fn places(values: &[f64], places: &mut [u32], first: i32, most: u32) {
        for (place, &x) in places.iter_mut().zip(values) {
            let high = (x.to_bits() >> 32) as u32;
            let size = (high & 0x7FFF_FFFF) >> 12;
            let number = (size.cast_signed() - BEFORE_FIRST).max(0);
            let sign = high.cast_signed() >> 31;
            let bin = (number ^ sign) - sign;
            *place = bin.wrapping_sub(first).cast_unsigned().min(most);
        }
    }

    /// The least and the largest of numbers, eight at a time.
    pub(super) fn extremes(values: &[f64], lowest: &mut Eight, highest: &mut Eight) {
        let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
        let (eights, rest) = values.as_chunks::<8>();
        for eight in eights {
            for i in 0..8 {
                low[i] = if eight[i] < low[i] { eight[i] } else { low[i] };
                high[i] = if eight[i] > high[i] { eight[i] } else { high[i] };
            }
        }
        for ((low, high), &x) in low.iter_mut().zip(&mut high).zip(rest) {
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
        }
        (*lowest, *highest) = (low, high);
    }
}

/// The bin of one value.
pub(super) fn of(x: f64) -> i32 {
    let mut bin = [0];
    index(&[x], &mut bin, &mut [0.0; 8], &mut [0.0; 8]);
    bin[0]
}

/// The values a bin holds, from its lowest to its highest; zero's holds 0 alone.
pub(super) fn range(bin: i32) -> (f64, f64) {
    let top = |size: i32| {
        let bits = u64::from((size + BEFORE_FIRST).cast_unsigned());
        f64::from_bits(bits << BELOW_BIN).min(f64::MAX)
    };
    match bin.clamp(-LAST, LAST) {
        0 => (0.0, 0.0),
        bin if bin > 0 => (top(bin), top(bin + 1)),
        bin => (-top(1 - bin), -top(-bin)),
    }
}

#[cfg(test)]
mod tests {
    use super::{FLOOR, LAST, of, range};

    #[test]
    fn every_finite_value_lies_in_its_bin() {
        for size in [FLOOR, 1e-9, 0.1, 1.0, 1.5, 3.0, 1e9, 1e300, f64::MAX] {
            for x in [size, size.next_up().min(f64::MAX), -size] {
                let (low, high) = range(of(x));
                assert!(low <= x && x <= high, "{x} in {low}..{high}");
                assert!(of(x).abs() <= LAST && of(x).abs() >= 1);
            }
        }
    }

    #[test]
    fn bins_are_numbered_in_the_order_of_their_values() {
        let values = [-f64::MAX, -2.0, -1.0, -FLOOR, 0.0, FLOOR, 1.0, 1.01, f64::MAX];
        assert!(values.map(of).is_sorted_by(|a, b| a < b));
        assert_eq!(of(1.0) + 256, of(2.0));
    }

    #[test]
    fn what_is_smaller_than_the_floor_is_with_zero_and_no_number_is_beyond_the_last() {
        for x in [0.0, -0.0, 5e-324, FLOOR.next_down(), -FLOOR.next_down()] {
            assert_eq!(of(x), 0);
        }
        for x in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN] {
            assert!(of(x).abs() > LAST);
        }
    }
}
