//! Counts samples in the bins of their own floating-point form, and answers quantiles.
//!
//! A histogram on the top bits of the float needs no range in advance, costs a shift and
//! an increment a sample, and merges by adding integers: in any order, on any number of
//! threads, the same bits. What it gives up is at most the width of a bin, 0.39 % of the
//! value, and interpolation leaves much less. Sorting would be exact but keeps every
//! sample; t-digests and KLL cost ten times as much and depend on the order or on chance.
//! Read next: `bins`, then [`TailSketch`](super::TailSketch) for tail means.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::pages::{PAGE, Pages};
use super::quantile::{between, quantile_error, ranks, woodruff_error};
use super::sparse::SparseSketch;
use super::{bins, error_of_mean, number};
use crate::block::LANES;

/// A mergeable histogram of samples; memory grows with the octaves touched, not with
/// the samples.
///
/// Infinities and NaN are counted apart, in [`non_finite`](Self::non_finite), and take
/// no part in any answer. A bin holds at most 4,294,967,295 samples and stays there.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "SparseSketch", try_from = "SparseSketch")]
pub struct Sketch {
    pub(super) pages: Pages,
    pub(super) counts: Vec<u32>,
    pub(super) count: u64,
    pub(super) non_finite: u64,
    pub(super) min: f64,
    pub(super) max: f64,
}

/// In short: thousands of counts tell nobody anything.
impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sketch")
            .field("count", &self.count)
            .field("non_finite", &self.non_finite)
            .field("min", &self.min)
            .field("max", &self.max)
            .field("bins", &self.used().count())
            .finish_non_exhaustive()
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            pages: Pages::default(),
            counts: Vec::new(),
            count: 0,
            non_finite: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Sketch {
    /// A sketch of no samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts every value of a lane, or of a part of one.
    pub fn record(&mut self, values: &[f64]) {
        self.record_each(values, |_, _| {});
    }

    /// Records, and tells `also` the position in storage and the value of each sample.
    #[inline]
    pub(super) fn record_each(
        &mut self,
        values: &[f64],
        mut also: impl FnMut(usize, f64),
    ) {
        let mut room = [0; LANES];
        for part in values.chunks(LANES) {
            let bins = &mut room[..part.len()];
            let mut low = [f64::INFINITY; 8];
            let mut high = [f64::NEG_INFINITY; 8];
            // In two passes, as only the first vectorises: one that finds the bin and
            // increments it takes 2.3 times as long (measured on the prototype).
            bins::index(part, bins, &mut low, &mut high);
            let (mut strays, mut done) = (0, 0);
            while done < part.len() {
                done += self.increment(&bins[done..], &part[done..], &mut also);
                // What stopped it is a bin without a page, or no number.
                match bins.get(done) {
                    Some(&bin) if bin.abs() > bins::LAST => {
                        strays += 1;
                        done += 1;
                    }
                    Some(&bin) => _ = self.open(bin),
                    None => {}
                }
            }
            self.count = self.count.saturating_add(part.len() as u64 - strays);
            self.non_finite = self.non_finite.saturating_add(strays);
            if strays == 0 {
                let lowest = low.into_iter().fold(f64::INFINITY, f64::min);
                self.stretch(lowest, high.into_iter().fold(f64::NEG_INFINITY, f64::max));
            } else {
                part.iter().filter(|x| x.is_finite()).for_each(|&x| self.stretch(x, x));
            }
        }
    }

    /// Counts `values` up to the first whose bin has no page, and says how many.
    #[inline]
    fn increment(
        &mut self,
        bins: &[i32],
        values: &[f64],
        also: &mut impl FnMut(usize, f64),
    ) -> usize {
        // Slices of their own: through `self` every store would make the compiler read
        // the storage's address again.
        let (directory, counts) = (self.pages.directory(), self.counts.as_mut_slice());
        for (done, (&bin, &value)) in bins.iter().zip(values).enumerate() {
            let position = directory.position(bin);
            let Some(count) = counts.get_mut(position) else { return done };
            *count = count.saturating_add(1);
            also(position, value);
        }
        bins.len()
    }

    /// Makes the pages that start with `first_bins`, where they are not there.
    pub(super) fn open_pages(&mut self, first_bins: impl Iterator<Item = i32>) {
        for bin in first_bins {
            self.pages.open(bin);
        }
        self.grow();
    }

    /// Adds the counts of a page that is there; [`Self::note_range`] must follow.
    pub(super) fn add_page(&mut self, first_bin: i32, more: &[u16]) {
        let start = self.pages.directory().position(first_bin);
        for (count, &more) in self.counts[start..].iter_mut().zip(more) {
            *count = count.saturating_add(u32::from(more));
        }
    }

    /// Says how many samples [`Self::add_page`] added, the least and the largest of them.
    pub(super) fn note_range(&mut self, n: usize, low: f64, high: f64) {
        self.count = self.count.saturating_add(n as u64);
        if n > 0 {
            self.stretch(low, high);
        }
    }

    /// Counts `n` samples of one value.
    pub(super) fn count_equal(&mut self, value: f64, n: usize) {
        self.add(bins::of(value), u32::try_from(n).unwrap_or(u32::MAX));
        self.count = self.count.saturating_add(n as u64);
        self.stretch(value, value);
    }

    fn add(&mut self, bin: i32, n: u32) {
        let mut position = self.pages.directory().position(bin);
        if position >= self.counts.len() {
            position = self.open(bin);
        }
        self.counts[position] = self.counts[position].saturating_add(n);
    }

    /// Widens the range that holds all samples.
    fn stretch(&mut self, low: f64, high: f64) {
        // Adding 0 makes -0 into 0, so that the order of merging leaves no trace.
        self.min = if low < self.min { low + 0.0 } else { self.min };
        self.max = if high > self.max { high + 0.0 } else { self.max };
    }

    /// The position of `bin`, its page made if need be.
    #[cold]
    pub(super) fn open(&mut self, bin: i32) -> usize {
        let position = self.pages.open(bin);
        self.grow();
        position
    }

    /// Brings storage to what the pages need.
    fn grow(&mut self) {
        // Exactly: thousands of sketches live at a time, and each grows a few times.
        self.counts.reserve_exact(self.pages.positions() - self.counts.len());
        self.counts.resize(self.pages.positions(), 0);
    }

    /// Adds all samples of `other`; the order of merging does not change any answer.
    pub fn merge(&mut self, other: &Self) {
        self.merge_each(other, |_, _| {});
    }

    /// Merges, and tells `also` each page's position here and in `other`.
    pub(super) fn merge_each(
        &mut self,
        other: &Self,
        mut also: impl FnMut(usize, usize),
    ) {
        for (first_bin, _) in other.pages.in_order() {
            self.pages.open(first_bin);
        }
        self.grow();
        for (first_bin, theirs) in other.pages.in_order() {
            let ours = self.open(first_bin);
            let page = &mut self.counts[ours..ours + PAGE];
            for (count, &more) in page.iter_mut().zip(&other.counts[theirs..]) {
                *count = count.saturating_add(more);
            }
            also(ours, theirs);
        }
        self.count = self.count.saturating_add(other.count);
        self.non_finite = self.non_finite.saturating_add(other.non_finite);
        if other.count > 0 {
            self.stretch(other.min, other.max);
        }
    }

    /// Finite samples counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Infinities and NaN met; they take no part in any answer.
    pub fn non_finite(&self) -> u64 {
        self.non_finite
    }

    /// The smallest sample, exactly; NaN without samples.
    pub fn min(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.min }
    }

    /// The largest sample, exactly; NaN without samples.
    pub fn max(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.max }
    }

    /// The `p`-quantile; NaN without samples or with `p` outside 0 to 1.
    ///
    /// Ranks are those of `numpy.quantile`. The samples of a bin are taken as evenly spread over
    /// it; the least and the largest sample are exact, and no answer leaves them.
    pub fn quantile(&self, p: f64) -> f64 {
        self.quantiles(&[p])[0]
    }

    /// Several quantiles, in the order asked; cheaper than one at a time.
    pub fn quantiles(&self, ps: &[f64]) -> Vec<f64> {
        self.quantiles_in(ps, |bin, _| self.range(bin))
    }

    /// The standard error of the `p`-quantile as an estimate of the true one; see
    /// [`woodruff_error`].
    pub fn quantile_standard_error(&self, p: f64) -> f64 {
        woodruff_error(p, self.count, |p| self.quantile(p))
    }

    /// The same where samples come in replicates that are independent of each other,
    /// though samples within one are not: from the spread of the replicates' shares below
    /// the quantile of all. NaN where one of them is empty.
    pub fn replicated_quantile_error<'a>(
        &self,
        p: f64,
        replicates: impl Iterator<Item = &'a Self>,
    ) -> f64 {
        let at = self.quantile(p);
        let shares: Vec<f64> = replicates.map(|each| each.share_below(at)).collect();
        let error = error_of_mean(&shares);
        if error > 0.0 { quantile_error(p, error, |p| self.quantile(p)) } else { error }
    }

    /// The share of samples strictly below `x`; NaN without samples or for a NaN.
    ///
    /// Exact at 0, where all values below 2⁻⁴⁰ in size count as 0 (so at any `x` that
    /// small); elsewhere the bin of `x` is taken as evenly filled.
    pub fn share_below(&self, x: f64) -> f64 {
        self.share_below_in(x, |bin, _| self.range(bin))
    }

    /// Quantiles where `range` gives the lowest and the highest sample of a bin, told
    /// its number and its position.
    pub(super) fn quantiles_in(
        &self,
        ps: &[f64],
        range: impl Fn(i32, usize) -> (f64, f64),
    ) -> Vec<f64> {
        let pages = self.cumulated();
        ps.iter()
            .map(|&p| {
                let Some((below, above, way)) = ranks(self.count, p) else {
                    return f64::NAN;
                };
                let at = |rank| self.order_statistic(rank, &pages, &range);
                between(at(below), at(above), way)
            })
            .collect()
    }

    /// The share below `x`, with `range` as in [`Self::quantiles_in`].
    pub(super) fn share_below_in(
        &self,
        x: f64,
        range: impl Fn(i32, usize) -> (f64, f64),
    ) -> f64 {
        if self.count == 0 || x.is_nan() {
            return f64::NAN;
        }
        if x > self.max {
            return 1.0;
        }
        let wanted = bins::of(x);
        let mut below = 0.0;
        for (bin, position, count) in self.used().take_while(|&(bin, ..)| bin <= wanted) {
            if bin < wanted {
                below += number(u64::from(count));
            } else {
                let (low, high) = range(bin, position);
                let way = if x > low { ((x - low) / (high - low)).min(1.0) } else { 0.0 };
                below += number(u64::from(count)) * way;
            }
        }
        below / number(self.count)
    }

    /// Every bin with samples: its number, its position and its count, by rising value.
    pub(super) fn used(&self) -> impl DoubleEndedIterator<Item = (i32, usize, u32)> + '_ {
        self.pages.in_order().flat_map(|(first_bin, start)| {
            (first_bin..first_bin + 256)
                .zip(start..start + PAGE)
                .map(|(bin, position)| (bin, position, self.counts[position]))
                .filter(|&(.., count)| count > 0)
        })
    }

    /// The part of a bin within the smallest and the largest sample.
    fn range(&self, bin: i32) -> (f64, f64) {
        if bin == 0 {
            return (
                0.0_f64.clamp(self.min, self.max),
                0.0_f64.clamp(self.min, self.max),
            );
        }
        let (low, high) = bins::range(bin);
        (low.max(self.min), high.min(self.max))
    }

    /// Each page with the samples before it.
    fn cumulated(&self) -> Vec<(u64, i32, usize)> {
        let mut before = 0;
        self.pages
            .in_order()
            .map(|(first_bin, start)| {
                let page = &self.counts[start..start + PAGE];
                let entry = (before, first_bin, start);
                before += page.iter().map(|&count| u64::from(count)).sum::<u64>();
                entry
            })
            .collect()
    }

    /// The sample of a rank, from 0, as far as the bins tell.
    fn order_statistic(
        &self,
        rank: u64,
        pages: &[(u64, i32, usize)],
        range: impl Fn(i32, usize) -> (f64, f64),
    ) -> f64 {
        if rank == 0 {
            return self.min;
        }
        if rank + 1 >= self.count {
            return self.max;
        }
        let after = pages.partition_point(|&(before, ..)| before <= rank);
        let Some(&(before, first_bin, start)) = pages.get(after.wrapping_sub(1)) else {
            return self.max;
        };
        let mut left = rank - before;
        for (bin, position) in (first_bin..).zip(start..start + PAGE) {
            let count = u64::from(self.counts[position]);
            if left < count {
                let (low, high) = range(bin, position);
                return between(low, high, (number(left) + 0.5) / number(count));
            }
            left -= count;
        }
        self.max
    }
}

/// Equal if they hold the same samples, as far as they tell; the order does not matter.
impl PartialEq for Sketch {
    fn eq(&self, other: &Self) -> bool {
        let samples =
            |s: &Self| (s.count, s.non_finite, s.min.to_bits(), s.max.to_bits());
        let counts = |(bin, _, count)| (bin, count);
        samples(self) == samples(other)
            && self.used().map(counts).eq(other.used().map(counts))
    }
}

impl Eq for Sketch {}

#[cfg(test)]
mod tests;
