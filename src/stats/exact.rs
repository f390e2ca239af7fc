//! Exact quantiles from a second look at the same samples, without keeping them.
//!
//! A sketch says in which bins the wanted ranks lie and how many samples come before
//! them. Samples that can be made again (the paths of a run are a function of their
//! number) are looked at once more, and only those of these few bins are kept: well
//! under 1 % of them. Sorting those gives the answer of a full sort, to the last bit.
//! Read next: [`Sketch`].

use super::quantile::{between, ranks};
use super::{Sketch, bins};
use crate::block::LANES;

/// Values that wait before they are sorted in among the others.
const WAITING: usize = 512;

/// What is kept of a second look: samples of the bins in which wanted ranks lie.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The bins by rising value, and the samples before each.
    bins: Vec<(i32, u64)>,
    /// The first of them, and a bit a bin from there on; the last word is empty.
    first: i32,
    set: Vec<u64>,
    /// How often each value of these bins came, by rising place among all floats.
    values: Vec<(u64, u64)>,
    /// Values not counted yet.
    waiting: Vec<u64>,
    count: u64,
}

impl Wanted {
    /// What must be kept to know the `ps`-quantiles of the samples of a sketch.
    pub fn of(sketch: &Sketch, ps: &[f64]) -> Self {
        let count = sketch.count();
        let mut wanted: Vec<u64> = ps
            .iter()
            .filter_map(|p| ranks(count, *p))
            .flat_map(|(below, above, _)| [below, above])
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut bins = Vec::new();
        let (mut before, mut next) = (0, 0);
        for (bin, _, samples) in sketch.used() {
            let after = before + u64::from(samples);
            if wanted.get(next).is_some_and(|rank| *rank < after) {
                bins.push((bin, before));
                next += wanted[next..].iter().take_while(|rank| **rank < after).count();
            }
            before = after;
        }
        let first = bins.iter().map(|(bin, _)| *bin).min().unwrap_or(0);
        let places = || bins.iter().map(|(bin, _)| bin.abs_diff(first) as usize);
        let mut set = vec![0; places().max().unwrap_or(0) / 64 + 2];
        for place in places() {
            set[place / 64] |= 1 << (place % 64);
        }
        Self { bins, first, set, values: Vec::new(), waiting: Vec::new(), count }
    }

    /// Looks at samples: the same ones that the sketch counted, in any order.
    pub fn record(&mut self, values: &[f64]) {
        let mut places = [0; LANES];
        // A place in the empty word.
        let nowhere = 64 * self.set.len().saturating_sub(1);
        let nowhere = u32::try_from(nowhere).unwrap_or(u32::MAX);
        let (set, waiting) = (&self.set[..], &mut self.waiting);
        let bit = |place: u32| -> u64 {
            set.get(place as usize / 64).map_or(0, |word| word >> (place % 64) & 1)
        };
        let mut keep = |x: f64, place: u32| {
            if bit(place) == 1 {
                waiting.push(key(x));
            }
        };
        for part in values.chunks(LANES) {
            let places = &mut places[..part.len()];
            bins::places(part, places, self.first, nowhere);
            let (fours, rest) = part.as_chunks::<4>();
            let (at_fours, at_rest) = places.as_chunks::<4>();
            for (xs, at) in fours.iter().zip(at_fours) {
                // Hardly any is kept: one question for four (1.0 instead of 1.4 ns each).
                if bit(at[0]) | bit(at[1]) | bit(at[2]) | bit(at[3]) == 1 {
                    xs.iter().zip(at).for_each(|(x, at)| keep(*x, *at));
                }
            }
            rest.iter().zip(at_rest).for_each(|(x, at)| keep(*x, *at));
        }
        if self.waiting.len() >= self.values.len().max(WAITING) {
            self.settle();
        }
    }

    /// Counts what waits.
    fn settle(&mut self) {
        self.waiting.sort_unstable();
        let waiting = self.waiting.chunk_by(|a, b| a == b);
        let waiting: Vec<(u64, u64)> =
            waiting.map(|same| (same[0], same.len() as u64)).collect();
        self.waiting.clear();
        self.values = joined(&self.values, &waiting);
    }

    /// Adds what another look at other samples kept.
    pub fn merge(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        self.values = joined(&self.values, &other.values);
    }

    /// The quantiles, in the order asked: those of `numpy.quantile` on all samples.
    ///
    /// **Errors** NaN without samples, for a `p` outside 0 to 1 or one not asked for
    /// when this was made, and where the samples looked at were not those counted.
    /// **Checked by** a full sort, below.
    pub fn quantiles(&self, ps: &[f64]) -> Vec<f64> {
        if !self.waiting.is_empty() {
            let mut settled = self.clone();
            settled.settle();
            return settled.quantiles(ps);
        }
        ps.iter()
            .map(|p| {
                let Some((below, above, way)) = ranks(self.count, *p) else {
                    return f64::NAN;
                };
                between(self.at(below), self.at(above), way)
            })
            .collect()
    }

    /// The sample of a rank.
    fn at(&self, rank: u64) -> f64 {
        let bin = self.bins.partition_point(|(_, before)| *before <= rank);
        let Some((bin, before)) = bin.checked_sub(1).map(|i| self.bins[i]) else {
            return f64::NAN;
        };
        let (low, high) = bins::range(bin);
        let (low, high) =
            if bin == 0 { (-bins::FLOOR, bins::FLOOR) } else { (low, high) };
        let mut left = rank - before;
        let from = self.values.partition_point(|(value, _)| *value < key(low));
        let values = self.values[from..].iter();
        for (value, times) in values.take_while(|(value, _)| *value <= key(high)) {
            let x = value_of(*value);
            if bins::of(x) != bin {
                continue;
            }
            if left < *times {
                return x;
            }
            left -= times;
        }
        f64::NAN
    }
}

/// The place of a float among all floats, -0 being 0.
fn key(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn value_of(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 0 { !key } else { key & !(1 << 63) })
}

/// Two lists of values and how often they came, both rising, as one.
fn joined(a: &[(u64, u64)], b: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some((x, n)), Some((y, m))) = (a.peek(), b.peek()) {
        let both = x == y;
        all.push(if x <= y { (*x, if both { n + m } else { *n }) } else { (*y, *m) });
        let (take_a, take_b) = (x <= y, y <= x);
        if take_a {
            a.next();
        }
        if take_b {
            b.next();
        }
    }
    all.extend(a.chain(b));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile;

    const PS: [f64; 9] = [0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99];

    fn same_as_a_sort(samples: &[f64]) {
        let mut sketch = Sketch::new();
        sketch.record(samples);
        // Looked at in two parts and the other way round.
        let mut first = Wanted::of(&sketch, &PS);
        let mut second = first.clone();
        let (a, b) = samples.split_at(samples.len() / 3);
        second.record(a);
        first.record(b);
        first.merge(second);
        let found = first.quantiles(&PS);
        for (p, found) in PS.iter().zip(found) {
            let mut all = samples.to_vec();
            let wanted = quantile(&mut all, *p);
            assert_eq!(found.to_bits(), wanted.to_bits(), "{p}: {found} for {wanted}");
        }
    }

    #[test]
    fn a_second_look_is_a_full_sort_to_the_last_bit() {
        let mut x = 0.37_f64;
        let mut samples = Vec::new();
        for _ in 0..60_001 {
            x = 3.99 * x * (1.0 - x);
            samples.push((9.0 * (x - 0.4)).exp() - 3.0);
        }
        same_as_a_sort(&samples);
        same_as_a_sort(&samples[..7]);
        // Atoms, and values so small that they share the bin of zero.
        samples.extend(vec![0.0; 40_000]);
        samples.extend([1e-13, -1e-13, 5e-324].repeat(5_000));
        same_as_a_sort(&samples);
    }

    #[test]
    fn no_samples_have_no_quantiles() {
        let wanted = Wanted::of(&Sketch::new(), &PS);
        assert!(wanted.quantiles(&PS).iter().all(|x| x.is_nan()));
    }
}
