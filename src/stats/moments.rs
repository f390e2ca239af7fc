//! Mean, variance and the mean's standard error, added up block by block.
//!
//! A block is summed in eight partial sums and a fixed tree, so that every instruction
//! set adds in the same order. Blocks are joined in the order they come: `f64` addition
//! is not associative, so the caller merges chunks in block order to get the same bits
//! at any number of threads.

use serde::{Deserialize, Serialize};

use super::number;
use crate::block::{LANES, kernel};

/// A sum that carries what each addition rounds off.
///
/// **Source** Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen, ZAMM 54(1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Compensated {
    #[serde(with = "super::bits")]
    sum: f64,
    #[serde(with = "super::bits")]
    lost: f64,
}

impl Compensated {
    pub(super) fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        if sum.is_finite() {
            let larger_first = self.sum.abs() >= x.abs();
            let (large, small) = if larger_first { (self.sum, x) } else { (x, self.sum) };
            self.lost += (large - sum) + small;
        }
        self.sum = sum;
    }

    fn join(&mut self, other: Self) {
        self.add(other.sum);
        self.lost += other.lost;
    }

    pub(super) fn value(self) -> f64 {
        self.sum + self.lost
    }
}

kernel! {
    /// Sum of the values.
    fn sum(values: &[f64], total: &mut f64) {
        let mut lanes = [0.0; 8];
        let (eights, rest) = values.as_chunks::<8>();
        for eight in eights {
            for i in 0..8 {
                lanes[i] += eight[i];
            }
        }
        for (lane, x) in lanes.iter_mut().zip(rest) {
            *lane += x;
        }
        *total = tree(lanes);
    }

    /// Two sums at a time: neither waits for the other.
    fn sum_both(a: &[f64], b: &[f64], totals: &mut [f64; 2]) {
        let (mut a_lanes, mut b_lanes) = ([0.0; 8], [0.0; 8]);
        let (a_eights, a_rest) = a.as_chunks::<8>();
        let (b_eights, b_rest) = b.as_chunks::<8>();
        for (x, y) in a_eights.iter().zip(b_eights) {
            for i in 0..8 {
                a_lanes[i] += x[i];
                b_lanes[i] += y[i];
            }
        }
        for (lane, x) in a_lanes.iter_mut().zip(a_rest) {
            *lane += x;
        }
        for (lane, x) in b_lanes.iter_mut().zip(b_rest) {
            *lane += x;
        }
        *totals = [tree(a_lanes), tree(b_lanes)];
    }

    /// Sum of the distances from `centre` and of their squares.
    fn spread(values: &[f64], centre: f64, drift: &mut f64, squares: &mut f64) {
        let (mut sums, mut squared) = ([0.0; 8], [0.0; 8]);
        let (eights, rest) = values.as_chunks::<8>();
        for eight in eights {
            for i in 0..8 {
                let distance = eight[i] - centre;
                sums[i] += distance;
                squared[i] += distance * distance;
            }
        }
        for ((sum, square), x) in sums.iter_mut().zip(&mut squared).zip(rest) {
            let distance = x - centre;
            *sum += distance;
            *square += distance * distance;
        }
        (*drift, *squares) = (tree(sums), tree(squared));
    }

    /// Sum of `(x − x_centre) · (y − y_centre)` over pairs.
    pub(super) fn products(
        x: &[f64],
        y: &[f64],
        x_centre: f64,
        y_centre: f64,
        total: &mut f64,
    ) {
        let mut lanes = [0.0; 8];
        let (x_eights, x_rest) = x.as_chunks::<8>();
        let (y_eights, y_rest) = y.as_chunks::<8>();
        for (x, y) in x_eights.iter().zip(y_eights) {
            for i in 0..8 {
                lanes[i] += (x[i] - x_centre) * (y[i] - y_centre);
            }
        }
        for ((lane, x), y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
            *lane += (x - x_centre) * (y - y_centre);
        }
        *total = tree(lanes);
    }
}

/// Adds eight partial sums, always in the same order.
#[expect(clippy::inline_always, reason = "out of line it is compiled for the baseline")]
#[inline(always)]
fn tree(s: [f64; 8]) -> f64 {
    ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

/// A compensated sum of values; merge in block order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum(Compensated);

impl Sum {
    /// Adds every value.
    pub fn add(&mut self, values: &[f64]) {
        let mut total = 0.0;
        sum(values, &mut total);
        self.0.add(total);
    }

    /// Adds to each of two sums its own values, as many to one as to the other.
    pub fn add_both(one: &mut Self, values: &[f64], other: &mut Self, others: &[f64]) {
        debug_assert_eq!(values.len(), others.len(), "bug: values without a partner");
        let mut totals = [0.0; 2];
        sum_both(values, others, &mut totals);
        one.0.add(totals[0]);
        other.0.add(totals[1]);
    }

    /// Adds the values of `other`, which come after these.
    pub fn merge(&mut self, other: Self) {
        self.0.join(other.0);
    }

    /// The sum.
    pub fn value(self) -> f64 {
        self.0.value()
    }
}

/// Count, mean and variance of samples.
///
/// The sum is compensated; squares are taken about each block's own mean and joined by
/// Chan's formula, so a large common part costs no digits. NaN and infinities among
/// the samples show in the answers.
///
/// **Source** Chan et al. (1983), Algorithms for Computing the Sample
/// Variance, The American Statistician 37(3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    sum: Compensated,
    /// Sum of squared distances from the mean.
    #[serde(with = "super::bits")]
    squares: f64,
}

impl Moments {
    /// The moments of no samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds every value of a lane, or of a part of one.
    pub fn record(&mut self, values: &[f64]) {
        for part in values.chunks(LANES) {
            self.merge(&Self::of_block(part));
        }
    }

    /// The moments of one block.
    pub(super) fn of_block(part: &[f64]) -> Self {
        let n = number(part.len() as u64);
        let mut total = 0.0;
        sum(part, &mut total);
        let centre = total / n;
        // The centre is rounded; what the distances from it add up to corrects that.
        let (mut drift, mut squares) = (0.0, 0.0);
        spread(part, centre, &mut drift, &mut squares);
        let mut mean = Compensated::default();
        mean.add(total);
        Self {
            count: part.len() as u64,
            sum: mean,
            squares: (squares - drift * drift / n).max(0.0),
        }
    }

    /// Adds the samples of `other`, which come after these; merge in block order, as the
    /// order shows in the last bits.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let distance = if self.count == 0 { 0.0 } else { other.mean() - self.mean() };
        self.squares +=
            other.squares + distance * distance * self.weight_with(other.count);
        self.sum.join(other.sum);
        self.count += other.count;
    }

    /// `n m / (n + m)` for these `n` samples and `m` more.
    pub(super) fn weight_with(&self, more: u64) -> f64 {
        number(self.count) * (number(more) / number(self.count + more))
    }

    /// Samples added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; NaN without samples.
    pub fn mean(&self) -> f64 {
        self.sum.value() / number(self.count)
    }

    /// The sample variance, with `n − 1`; NaN with fewer than two samples.
    pub fn variance(&self) -> f64 {
        if self.count < 2 {
            return f64::NAN;
        }
        self.squares / number(self.count - 1)
    }

    /// The standard deviation of the samples.
    pub fn standard_deviation(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The standard error of the mean of independent samples.
    pub fn standard_error(&self) -> f64 {
        (self.variance() / number(self.count)).sqrt()
    }
}

#[cfg(test)]
mod tests;
