//! The forecasts a hindcast can play, by name.
//!
//! Each looks at a fit and a horizon and answers in closed form; to add one, add its
//! line here. Read next: [`super::hindcast()`].

use super::{Drift, Forecast};

/// The share of a change that the next one repeats, over all technologies: the value
/// that matches the size of 8,212 past forecast errors (Farmer and Lafond 2016, §4).
pub const THETA: f64 = 0.63;

/// A forecast of a history's next values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// Tomorrow is today: [`Drift::naive`].
    Naive,
    /// The fit as if it were known: [`Drift::plug_in`].
    PlugIn,
    /// The fit with its own errors: [`Drift::random_walk`].
    RandomWalk,
    /// And with changes that repeat themselves, θ = 0.63: [`Drift::moving_average`].
    MovingAverage,
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 4] =
        [Self::Naive, Self::PlugIn, Self::RandomWalk, Self::MovingAverage];

    /// Its short name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::PlugIn => "plugin",
            Self::RandomWalk => "grw",
            Self::MovingAverage => "ima63",
        }
    }

    /// What it says of a date so many years after the last point of the fit.
    pub fn forecast(self, fit: &Drift, years: f64) -> Forecast {
        match self {
            Self::Naive => fit.naive(years),
            Self::PlugIn => fit.plug_in(years),
            Self::RandomWalk => fit.random_walk(years),
            Self::MovingAverage => fit.moving_average(THETA, years),
        }
    }
}
