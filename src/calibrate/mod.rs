//! History → process parameters; hindcast and its scores.
//!
//! A fit says how a logarithm has moved and how well that is known; a hindcast plays the
//! same fit at every date of the past and scores what it said against what came. Pure
//! functions on slices: reading files is for [`crate::input`]. Fit what a series is in
//! logarithms, and read the scores in those units: 0.1 is about 10 %.
//! Read next: [`Drift`], [`Model`], [`hindcast()`].

pub mod demand;
pub mod drift;
pub mod family;
pub mod fitted;
pub mod forecast;
pub mod hardware;
pub mod hindcast;
pub mod model;
pub mod parameters;
pub mod pool;
pub mod prices;
pub mod record;
pub mod scores;
pub mod series;
pub mod shipped;
pub mod stack;
pub mod trend;

#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod simulated_tests;

pub use drift::{Drift, FitError, Point};
pub use family::Family;
pub use forecast::Forecast;
pub use hindcast::{Case, Design, DesignError, hindcast};
pub use model::{Fitted, Model};
pub use pool::Pool;
pub use scores::{Scores, by_horizon};
pub use stack::{Stack, hindcast_stack};
