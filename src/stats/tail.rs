//! Tail means (conditional value at risk) without keeping the samples.
//!
//! Beside the counts of a [`Sketch`] each bin keeps the sum of its samples' offsets from
//! the bin's edge, as an integer, and its smallest and largest sample: integers add and
//! extremes combine in any order to the same bits. It takes 28 bytes a bin instead of 4,
//! so it is for the few quantities whose tail is asked for, not for every month.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::moments::Compensated;
use super::pages::PAGE;
use super::quantile::woodruff_error;
use super::sparse::SparseTailSketch;
use super::{Sketch, bins, error_of_mean, number};

/// A [`Sketch`] that also answers means of tails.
///
/// The mean of whole bins is exact to 2⁻³⁰ of a bin's width. The one bin that a level
/// cuts is taken as evenly filled around its own mean, within its own smallest and
/// largest sample: exact where all its samples are equal (an atom), otherwise off by at
/// most that spread times the bin's weight in the tail.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(into = "SparseTailSketch", try_from = "SparseTailSketch")]
pub struct TailSketch {
    pub(super) sketch: Sketch,
    pub(super) inside: Vec<Inside>,
}

/// What is known of the samples inside a bin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    /// Sum of the offsets from the edge nearer to zero, in 2⁻³⁰ of the bin's width.
    pub(super) offsets: u64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Inside {
    const NOTHING: Self =
        Self { offsets: 0, low: f64::INFINITY, high: f64::NEG_INFINITY };

    fn include(&mut self, offsets: u64, low: f64, high: f64) {
        self.offsets = self.offsets.saturating_add(offsets);
        // Adding 0 makes -0 into 0, so that the order of merging leaves no trace.
        self.low = if low < self.low { low + 0.0 } else { self.low };
        self.high = if high > self.high { high + 0.0 } else { self.high };
    }

    /// The mean of the bin's `count` samples.
    fn mean(&self, bin: i32, count: u32) -> f64 {
        let (low, high) = bins::range(bin);
        // Half a step more, as offsets are cut, not rounded.
        let offset = number(self.offsets) / f64::from(count) + 0.5;
        let way = offset / number(1 << TailSketch::OFFSET_BITS);
        let mean =
            if bin < 0 { high - (high - low) * way } else { low + (high - low) * way };
        mean.clamp(self.low, self.high)
    }

    /// By how much the bin's samples exceed `x` on average, those below it counting 0, and
    /// the mean square of that; evenly filled around the mean, as elsewhere.
    fn excess(&self, bin: i32, count: u32, x: f64) -> (f64, f64) {
        let mean = self.mean(bin, count);
        let half = (mean - self.low).min(self.high - mean).max(0.0);
        let (over, reach) = (mean - x, mean + half - x);
        if over >= half {
            (over, over * over + half * half / 3.0)
        } else if reach > 0.0 {
            let width = 2.0 * half;
            (0.5 * reach * (reach / width), reach * reach * (reach / width) / 3.0)
        } else {
            (0.0, 0.0)
        }
    }

    /// The mean of the largest `share` (0 to 1) of the bin's samples, or of the smallest.
    fn mean_of_part(&self, bin: i32, count: u32, share: f64, side: Side) -> f64 {
        let mean = self.mean(bin, count);
        let half_spread = (mean - self.low).min(self.high - mean);
        let shift = half_spread * (1.0 - share);
        match side {
            Side::Above => mean + shift,
            Side::Below => mean - shift,
        }
    }
}

/// Which end of the samples a tail is.
#[derive(Debug, Clone, Copy)]
enum Side {
    Above,
    Below,
}

impl TailSketch {
    /// Bits kept of a sample's offset in its bin: with 2³² samples a sum fits 62 bits.
    pub(super) const OFFSET_BITS: u32 = 30;

    /// A sketch of no samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts every value of a lane, or of a part of one.
    pub fn record(&mut self, values: &[f64]) {
        let inside = &mut self.inside;
        self.sketch.record_each(values, |position, value| {
            if position >= inside.len() {
                inside.resize((position / PAGE + 1) * PAGE, Inside::NOTHING);
            }
            inside[position].include(offset(value), value, value);
        });
    }

    /// Adds all samples of `other`; the order of merging does not change any answer.
    pub fn merge(&mut self, other: &Self) {
        let Self { sketch, inside } = self;
        sketch.merge_each(&other.sketch, |ours, theirs| {
            if ours + PAGE > inside.len() {
                inside.resize(ours + PAGE, Inside::NOTHING);
            }
            let page = &mut inside[ours..ours + PAGE];
            for (inside, more) in page.iter_mut().zip(&other.inside[theirs..]) {
                inside.include(more.offsets, more.low, more.high);
            }
        });
    }

    /// Makes room for every bin of the sketch.
    pub(super) fn grow(&mut self) {
        self.inside.resize(self.sketch.counts.len(), Inside::NOTHING);
    }

    /// The counts alone: extremes, numbers of samples, and less exact quantiles.
    pub fn sketch(&self) -> &Sketch {
        &self.sketch
    }

    /// The `p`-quantile, as [`Sketch::quantile`], and exact where it falls on an atom.
    pub fn quantile(&self, p: f64) -> f64 {
        self.quantiles(&[p])[0]
    }

    /// Several quantiles, in the order asked; cheaper than one at a time.
    pub fn quantiles(&self, ps: &[f64]) -> Vec<f64> {
        self.sketch.quantiles_in(ps, |_, position| self.range(position))
    }

    /// The standard error of the `p`-quantile; see [`woodruff_error`].
    pub fn quantile_standard_error(&self, p: f64) -> f64 {
        woodruff_error(p, self.sketch.count, |p| self.quantile(p))
    }

    /// The share of samples strictly below `x`, as [`Sketch::share_below`].
    pub fn share_below(&self, x: f64) -> f64 {
        self.sketch.share_below_in(x, |bin, position| match bin {
            0 => (0.0, 0.0),
            _ => self.range(position),
        })
    }

    fn range(&self, position: usize) -> (f64, f64) {
        self.inside.get(position).map_or((f64::NAN, f64::NAN), |i| (i.low, i.high))
    }

    /// The mean of all samples; NaN without.
    pub fn mean(&self) -> f64 {
        self.tail_mean(1.0, Side::Above)
    }

    /// The mean of the largest `1 − level` of the samples: a loss's conditional value at risk.
    ///
    /// ```text
    /// CVaR_α = (Σ over the tail of weight · value) / (n (1 − α))
    /// ```
    /// where the sample at the level's own rank gets the fraction of its weight that the
    /// tail still needs, so that an atom there is split. At level 0 it is the mean, at 1
    /// the largest sample. NaN without samples or with a level outside 0 to 1.
    ///
    /// **Source** Rockafellar and Uryasev (2002), Conditional value-at-risk for general
    /// loss distributions, Journal of Banking & Finance 26(7), proposition 8.
    pub fn mean_above(&self, level: f64) -> f64 {
        self.tail_mean(1.0 - level, Side::Above)
    }

    /// The mean of the smallest `level` of the samples: the bad tail of a gain; else as
    /// [`Self::mean_above`].
    pub fn mean_below(&self, level: f64) -> f64 {
        self.tail_mean(level, Side::Below)
    }

    /// The standard error of [`Self::mean_above`] as an estimate of the true one, for
    /// samples that are independent of each other.
    ///
    /// ```text
    /// error = √(Var[(X − q)⁺] / n) / (1 − α),   q the α-quantile
    /// ```
    /// That `q` is estimated, too, does not show to this order: it is the minimiser of
    /// `q + E[(X − q)⁺] / (1 − α)`. The order is that of many samples in the tail; with
    /// fewer than some fifty it comes out low. 0 for one sample; NaN without samples and
    /// for a level outside 0 to 1 or of 1, where a maximum has no such error.
    ///
    /// **Source** Trindade, Uryasev, Shapiro and Zrazhevsky (2007), Financial prediction
    /// with constrained tail risk, Journal of Banking & Finance 31(11); Hong, Hu and Liu
    /// (2014), Monte Carlo methods for value-at-risk and conditional value-at-risk, ACM
    /// Transactions on Modeling and Computer Simulation 24(4), article 22.
    /// **Checked by** closed forms and the spread of repeated samples, below.
    pub fn mean_above_standard_error(&self, level: f64) -> f64 {
        let count = number(self.sketch.count);
        if count <= 0.0 || !(0.0..1.0).contains(&level) {
            return f64::NAN;
        }
        let (mean, square) = self.excess(self.quantile(level));
        let variance = (square - mean * mean).max(0.0);
        (variance / count).sqrt() / (1.0 - level)
    }

    /// The same where samples come in replicates that are independent of each other,
    /// though samples within one are not: from the spread of the replicates' `E[(X − q)⁺]`
    /// about the `q` of all. NaN where one of them is empty.
    ///
    /// **Source** sectioning, Asmussen and Glynn (2007), Stochastic Simulation, §III.5a.
    pub fn replicated_standard_error<'a>(
        &self,
        level: f64,
        replicates: impl Iterator<Item = &'a Self>,
    ) -> f64 {
        let x = self.quantile(level);
        let means: Vec<f64> = replicates.map(|each| each.excess(x).0).collect();
        error_of_mean(&means) / (1.0 - level)
    }

    /// By how much samples exceed `x` on average, those below it counting 0, and the mean
    /// square of that; NaN without samples.
    fn excess(&self, x: f64) -> (f64, f64) {
        let count = number(self.sketch.count);
        let (mut mean, mut square) = (Compensated::default(), Compensated::default());
        for (bin, position, samples) in self.sketch.used().rev() {
            let Some(inside) = self.inside.get(position) else { continue };
            if inside.high <= x {
                break;
            }
            let (over, squared) = inside.excess(bin, samples, x);
            let weight = f64::from(samples) / count;
            mean.add(over * weight);
            square.add(squared * weight);
        }
        if count > 0.0 { (mean.value(), square.value()) } else { (f64::NAN, f64::NAN) }
    }

    fn tail_mean(&self, share: f64, side: Side) -> f64 {
        if self.sketch.count == 0 || !(0.0..=1.0).contains(&share) {
            return f64::NAN;
        }
        let whole = number(self.sketch.count) * share;
        if whole <= 0.0 {
            return match side {
                Side::Above => self.sketch.max,
                Side::Below => self.sketch.min,
            };
        }
        match side {
            Side::Above => self.weigh(self.sketch.used().rev(), whole, side),
            Side::Below => self.weigh(self.sketch.used(), whole, side),
        }
    }

    /// The mean of the first `whole` samples of the bins given from a tail inwards.
    fn weigh(
        &self,
        bins: impl Iterator<Item = (i32, usize, u32)>,
        whole: f64,
        side: Side,
    ) -> f64 {
        let mut left = whole;
        let mut mean = Compensated::default();
        for (bin, position, count) in bins {
            let Some(inside) = self.inside.get(position) else { continue };
            let weight = f64::from(count);
            if weight < left {
                mean.add(inside.mean(bin, count) * (weight / whole));
                left -= weight;
            } else {
                let part = inside.mean_of_part(bin, count, left / weight, side);
                mean.add(part * (left / whole));
                break;
            }
        }
        mean.value()
    }
}

impl fmt::Debug for TailSketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TailSketch").field("sketch", &self.sketch).finish_non_exhaustive()
    }
}

impl PartialEq for TailSketch {
    fn eq(&self, other: &Self) -> bool {
        fn insides(tail: &TailSketch) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
            tail.sketch.used().map(|(_, position, _)| {
                let inside = &tail.inside[position];
                (inside.offsets, inside.low.to_bits(), inside.high.to_bits())
            })
        }
        self.sketch == other.sketch && insides(self).eq(insides(other))
    }
}

impl Eq for TailSketch {}

/// How far into its bin a value lies, from the edge nearer to zero; 0 in zero's bin.
#[inline]
fn offset(value: f64) -> u64 {
    let below_bin = value.to_bits() & ((1 << bins::BELOW_BIN) - 1);
    if value.abs() < bins::FLOOR {
        0
    } else {
        below_bin >> (bins::BELOW_BIN - TailSketch::OFFSET_BITS)
    }
}

#[cfg(test)]
mod tests;
