//! History → process parameters; hindcast and its scores.
//!
//! A fit says how a logarithm has moved and how well that is known; a hindcast plays the
//! same fit at every date of the past and scores what it said against what came. Pure
//! functions on slices: reading files is for [`crate::input`]. Fit what a series is in
//! logarithms, and read the scores in those units: 0.1 is about 10 %.
//! Read next: [`Drift`], [`Model`], [`hindcast()`].

pub mod drift;
pub mod forecast;
pub mod hardware;
pub mod hindcast;
pub mod model;
pub mod scores;

pub use drift::{Drift, FitError, Point};
pub use forecast::Forecast;
pub use hindcast::{Case, Design, DesignError, hindcast};
pub use model::Model;
pub use scores::{Scores, by_horizon};
