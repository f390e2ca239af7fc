//! How values map to height, and which round numbers stand beside the axis.
//!
//! Prices and compute that span a factor are read on a logarithmic axis, where equal
//! distances are equal ratios; shares and small spans on an axis that starts at zero,
//! where heights compare; differences on one that shows zero. Read next: `plot.rs`.

use crate::units::count;

/// How values map to height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Axis {
    /// Logarithmic when all values are positive and their 90 % bands span more than a
    /// factor of eight, but never for shares; linear through zero when a value is
    /// negative; otherwise linear from zero.
    #[default]
    Auto,
    /// Logarithmic; linear from zero when a value is not positive.
    Log,
    /// Linear from zero.
    Zero,
    /// Linear over the values; zero is drawn strongly where it is near.
    Linear,
}

/// Bands that span more than this factor are drawn on a logarithmic axis.
const FACTOR_FOR_LOG: f64 = 8.0;
/// Ticks that can be read at a glance.
const MOST_TICKS: usize = 12;
/// Ticks that a reader needs to place a value between them.
const LEAST_TICKS: usize = 4;
/// Beyond this, arithmetic on spans and ratios would leave the range of a number.
const LARGEST: f64 = 1e150;

/// The lowest and highest of the values seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Extent {
    /// The extent of the finite values; `None` without any.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        values.into_iter().filter(|x| x.is_finite()).fold(None, |extent, x| {
            let x = x.clamp(-LARGEST, LARGEST);
            let x = if x.abs() < LARGEST.recip() { 0.0 } else { x };
            let extent = extent.unwrap_or(Self { low: x, high: x });
            Some(Self { low: extent.low.min(x), high: extent.high.max(x) })
        })
    }
}

/// An axis with its ends and ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) log: bool,
    /// True where every value could stand on a logarithmic axis.
    pub(super) positive: bool,
    low: f64,
    high: f64,
    /// Round values, ascending.
    pub(super) ticks: Vec<f64>,
    /// The least distance between ticks.
    pub(super) step: f64,
}

impl Scale {
    /// The axis for values within `whole`, of which most are within `bulk`, and for those
    /// of the `marks` that are near enough not to squash the values.
    pub(super) fn fit(
        axis: Axis,
        share: bool,
        whole: Option<Extent>,
        bulk: Option<Extent>,
        marks: &[f64],
    ) -> Self {
        let extent = whole.unwrap_or(Extent { low: 0.0, high: 1.0 });
        let positive = extent.low >= LARGEST.recip();
        let bulk = bulk.unwrap_or(extent);
        let wide = positive && bulk.high / bulk.low > FACTOR_FOR_LOG;
        match axis {
            Axis::Log if positive => Self::log(extent, marks),
            Axis::Auto if wide && !share => Self::log(extent, marks),
            Axis::Auto if extent.low < 0.0 => Self::linear(extent, marks, false, share),
            Axis::Linear => Self::linear(extent, marks, false, share),
            Axis::Auto | Axis::Zero | Axis::Log => {
                Self::linear(extent, marks, true, share)
            }
        }
    }

    fn log(extent: Extent, marks: &[f64]) -> Self {
        let near = |x: &f64| *x > extent.low / 8.0 && *x < extent.high * 8.0;
        let (mut low, mut high) = (extent.low, extent.high);
        for mark in marks.iter().copied().filter(near) {
            low = low.min(mark);
            high = high.max(mark);
        }
        if high / low < 1.2 {
            (low, high) = (low / 1.5, high * 1.5);
        }
        let pad = (high / low).powf(0.03);
        (low, high) = (low / pad, high * pad);
        let ticks = log_ticks(low, high);
        let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
        let step = if step.is_finite() { step } else { low };
        Self { log: true, positive: true, low, high, ticks, step }
    }

    fn linear(extent: Extent, marks: &[f64], zero: bool, share: bool) -> Self {
        let (mut low, mut high) = (extent.low, extent.high);
        let span = high - low;
        if zero || (low > 0.0 && low < 0.5 * span) {
            low = low.min(0.0);
        }
        if zero || (high < 0.0 && -high < 0.5 * span) {
            high = high.max(0.0);
        }
        let reach = high - low;
        for &mark in marks {
            if mark > low - reach && mark < high + reach {
                (low, high) = (low.min(mark), high.max(mark));
            }
        }
        // A span at the limit of precision, or none at all, is opened up.
        let size = low.abs().max(high.abs());
        if high - low <= 1e-9 * size {
            let room = if size > 0.0 { 0.1 * size } else { 1.0 };
            (low, high) = (low - room, high + room);
            if size == 0.0 {
                low = 0.0;
            }
        }
        let pad = 0.04 * (high - low);
        let full = share && high <= 1.0 && high > 0.75;
        let padded = |x: f64, by: f64| if x == 0.0 { x } else { x + by };
        (low, high) = (padded(low, -pad), if full { 1.0 } else { padded(high, pad) });
        let step = nice_step(high - low, 6.0);
        let ticks = multiples(low, high, step);
        Self {
            log: false,
            positive: extent.low >= LARGEST.recip(),
            low,
            high,
            ticks,
            step,
        }
    }

    /// The height of a value as a share of the axis, 0 at the bottom and 1 at the top;
    /// a value off the axis is at its nearer end.
    pub(super) fn height(&self, value: f64) -> f64 {
        let (low, high, value) = if self.log {
            (self.low.ln(), self.high.ln(), value.max(self.low).ln())
        } else {
            (self.low, self.high, value)
        };
        let height = (value - low) / (high - low);
        if height.is_finite() { height.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Whether a value lies above the axis, on it or below it.
    pub(super) fn side(&self, value: f64) -> std::cmp::Ordering {
        if value > self.high {
            std::cmp::Ordering::Greater
        } else if value < self.low {
            std::cmp::Ordering::Less
        } else {
            std::cmp::Ordering::Equal
        }
    }
}

/// The least of 1, 2, 2.5, 5 times a power of ten that gives at most `most` steps.
fn nice_step(span: f64, most: f64) -> f64 {
    let raw = span / most;
    let power = 10_f64.powf(raw.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= raw * (1.0 - 1e-9)).unwrap_or(raw)
}

/// The multiples of `step` from `low` to `high`, at most a few dozen.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil();
    (0..40)
        .map(|place| (first + count(place)) * step)
        .take_while(|tick| *tick <= high + 1e-9 * step)
        .map(|tick| if tick.abs() < 1e-9 * step { 0.0 } else { tick })
        .collect()
}

/// Round numbers on a logarithmic axis: 1-2-5 where that gives a readable number of
/// them, fewer on a longer axis, more on a shorter one.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    const ONE_TWO_FIVE: &[f64] = &[1.0, 2.0, 5.0];
    const ONE_THREE: &[f64] = &[1.0, 3.0];
    const SPARSE: [i32; 7] = [1, 2, 5, 10, 20, 50, 100];
    let decades_between = (-160..=160).filter(|power| {
        let decade = 10_f64.powi(*power);
        decade <= high && decade * 10.0 >= low
    });
    let powers: Vec<i32> = decades_between.collect();
    let within = |decades: i32, mantissas: &[f64]| -> Vec<f64> {
        let all = powers.iter().filter(|power| **power % decades == 0);
        let all = all.flat_map(|power| mantissas.iter().map(move |m| (m, power)));
        // Parsed from decimal text, so that a tick is the number nearest to its label.
        all.filter_map(|(m, power)| format!("{m}e{power}").parse().ok())
            .filter(|tick| (low..=high).contains(tick))
            .collect()
    };
    let dense = [ONE_TWO_FIVE, ONE_THREE].into_iter().map(|m| within(1, m));
    let sparse = SPARSE.into_iter().map(|decades| within(decades, &[1.0]));
    let readable = dense.chain(sparse).find(|ticks| ticks.len() <= MOST_TICKS);
    match readable {
        Some(ticks) if ticks.len() >= LEAST_TICKS => ticks,
        _ => multiples(low, high, nice_step(high - low, 6.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn fit(axis: Axis, low: f64, high: f64) -> Scale {
        let extent = Extent::of([low, high]);
        Scale::fit(axis, false, extent, extent, &[])
    }

    #[test]
    fn a_wide_positive_range_is_logarithmic_with_round_ticks() {
        let scale = fit(Axis::Auto, 9e4, 2.2e7);
        assert!(scale.log);
        assert_eq!(scale.ticks, [1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7]);
    }

    #[test]
    fn a_narrow_range_starts_at_zero() {
        let scale = fit(Axis::Auto, 2.0, 3.0);
        assert_eq!(scale.ticks, [0.0, 1.0, 2.0, 3.0]);
        assert!(scale.height(0.0).abs() < 1e-12);
    }

    #[test]
    fn a_share_ends_at_one_hundred_percent() {
        let extent = Extent::of([0.05, 0.93]);
        let scale = Scale::fit(Axis::Auto, true, extent, extent, &[]);
        assert!(!scale.log);
        assert_eq!(scale.ticks.len(), 6);
        assert!((scale.height(1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_difference_shows_zero() {
        let scale = fit(Axis::Auto, -3e6, 8e6);
        assert!(scale.ticks.contains(&0.0));
        assert!(scale.height(0.0) > 0.1);
    }

    #[test]
    fn a_mark_is_included_when_it_is_near_and_left_out_when_far() {
        let extent = Extent::of([1.0, 100.0]);
        let scale = Scale::fit(Axis::Log, false, extent, extent, &[300.0, 1e9]);
        assert_eq!(scale.side(300.0), std::cmp::Ordering::Equal);
        assert_eq!(scale.side(1e9), std::cmp::Ordering::Greater);
    }

    #[rstest]
    fn any_range_has_a_few_ascending_ticks(
        #[values(Axis::Auto, Axis::Log, Axis::Zero, Axis::Linear)] axis: Axis,
        #[values(
            (0.0, 0.0), (1.0, 1.0), (-5.0, -5.0), (1e15, 1e15), (1e15, 1e15 + 1.0),
            (1e-300, 1e300), (-1e300, 1e300), (5e-324, 5e-324), (3.0, 3.1), (0.0, 1e15),
            (1e-9, 1e15), (-1e-12, 1e15)
        )]
        range: (f64, f64),
    ) {
        let scale = fit(axis, range.0, range.1);
        assert!((2..=14).contains(&scale.ticks.len()), "{scale:?}");
        assert!(scale.ticks.windows(2).all(|w| w[0] < w[1]), "{scale:?}");
        assert!(scale.ticks.iter().all(|t| (0.0..=1.0).contains(&scale.height(*t))));
        assert!(scale.step > 0.0 && scale.step.is_finite());
    }
}
