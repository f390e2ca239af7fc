//! From samples to quantiles, bands, tail means, scores, standard errors; knows no GPU.
//!
//! Nothing here keeps the samples. A `Sketch` counts them in bins and answers any
//! quantile, a `TailSketch` answers tail means too, and `Moments` the mean and its
//! error. What is counted merges in any order to the same bits; what is added in `f64`
//! merges in block order. Read next: `Sketch`.

mod bins;
pub(crate) mod bits;
mod exact;
pub mod law;
mod moments;
mod narrow;
mod pages;
mod pair_moments;
mod quantile;
mod queue;
pub mod range;
pub mod rank;
pub mod score;
mod sketch;
mod sparse;
mod tail;

pub use exact::Wanted;
pub use moments::{Moments, Sum};
pub use pair_moments::PairMoments;
pub use quantile::{
    normal_quantile, quantile, quantile_of_sorted, student_quantile, woodruff_error,
};
pub use queue::Queues;
pub use sketch::Sketch;
pub use tail::TailSketch;

use crate::units;

/// A count as a number to calculate with; exact below 2⁵³.
fn number(count: u64) -> f64 {
    units::count(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The standard error of the mean of independent values: √(s² / n). NaN for fewer than
/// two, and where one of them is.
fn error_of_mean(values: &[f64]) -> f64 {
    let n = units::count(values.len());
    let centre = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - centre) * (x - centre)).sum();
    (squares / (n - 1.0) / n).sqrt()
}

/// The whole part of a rank; 0 for what is below 0 or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is below a count; the cast saturates"
)]
fn whole(rank: f64) -> u64 {
    rank as u64
}
