//! A baseline and now → pass, regressed, improved, inconclusive.
//!
//! A gate that cries wolf is switched off, and one that compares two bare numbers does:
//! a verdict here takes a change worth caring about *and* evidence that it is no noise,
//! corrected for how many metrics are looked at. Where the noise is too large to tell,
//! it says so. It reads files and gives verdicts; what they mean for an exit code is for
//! `cli`. Read next: [`judge`], [`compare`].

pub mod baseline;
mod comparison;
mod difference;
mod evidence;
pub mod measured;
pub mod output;
pub mod predicted;
pub mod reading;
pub mod results;
pub mod verdict;

pub use baseline::{Baseline, Entry};
pub use comparison::{Apart, Comparison, compare};
pub use difference::{Changed, Difference, Moved, difference};
pub use measured::Measured;
pub use predicted::{Prediction, predict};
pub use reading::{Reading, ReadingError};
pub use verdict::{Better, Judgement, LimitError, Metric, Verdict, judge, overall};
