//! The forecasts a hindcast can play, by name.
//!
//! Each looks at a history and a horizon and answers in closed form; to add one, add its
//! line here. What stands in for a family of series is a pool of some of them, weighed by
//! their past: [`super::Stack`]. Read next: [`super::hindcast()`].

use super::fitted::{Level, Line, MedianWalk, Shrunk, Spread};
use super::{Drift, FitError, Forecast, Point};

/// The share of a change that the next one repeats, over all technologies: the value
/// that matches the size of 8,212 past forecast errors (Farmer and Lafond 2016, §4).
pub const THETA: f64 = 0.63;

/// The share of a new value that a smoothed level takes over: the middle of what is
/// usual, not fitted.
pub const SMOOTHING: f64 = 0.7;

/// The size of one change of a list price that has not changed yet: a half or a double
/// in a twentieth of its changes, less else. Judgement, wide on purpose.
const UNSEEN_CHANGE: f64 = 0.15;

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
    /// A straight line by least squares: [`Line::least_squares`].
    LeastSquares,
    /// The walk of θ = 0.63, pulled to what was believed before: [`Shrunk`].
    Shrunk,
    /// A walk with the median change for a drift, θ = 0.63: [`MedianWalk`].
    MedianWalk,
    /// A straight line through medians: [`Line::through_medians`].
    MedianLine,
    /// Tomorrow is today, the spread from absolute changes: [`Level`].
    NaiveAbsolute,
    /// Tomorrow is today, one change more than there were: [`Level::with_a_change`].
    NaivePlus,
    /// A smoothed level, α = 0.7: [`Level`].
    Smooth,
    /// A smoothed level, the spread from absolute errors: [`Level`].
    SmoothAbsolute,
}

/// A model fitted to a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fitted {
    /// See [`Model::Naive`].
    Naive(Drift),
    /// See [`Model::PlugIn`].
    PlugIn(Drift),
    /// See [`Model::RandomWalk`].
    RandomWalk(Drift),
    /// See [`Model::MovingAverage`].
    MovingAverage(Drift),
    /// See [`Shrunk`].
    Shrunk(Shrunk),
    /// See [`MedianWalk`].
    MedianWalk(MedianWalk),
    /// See [`Line`].
    Line(Line),
    /// See [`Level`].
    Level(Level),
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 12] = [
        Self::Naive,
        Self::PlugIn,
        Self::RandomWalk,
        Self::MovingAverage,
        Self::LeastSquares,
        Self::Shrunk,
        Self::MedianWalk,
        Self::MedianLine,
        Self::NaiveAbsolute,
        Self::NaivePlus,
        Self::Smooth,
        Self::SmoothAbsolute,
    ];

    /// Its short name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::PlugIn => "plugin",
            Self::RandomWalk => "grw",
            Self::MovingAverage => "ima63",
            Self::LeastSquares => "ols",
            Self::Shrunk => "shrink",
            Self::MedianWalk => "median63",
            Self::MedianLine => "median-line",
            Self::NaiveAbsolute => "naive-abs",
            Self::NaivePlus => "naive-plus",
            Self::Smooth => "smooth",
            Self::SmoothAbsolute => "smooth-abs",
        }
    }

    /// Fits a history in rising order of time.
    pub fn fit(self, history: &[Point]) -> Result<Fitted, FitError> {
        Ok(match self {
            Self::Naive => Fitted::Naive(Drift::fit(history)?),
            Self::PlugIn => Fitted::PlugIn(Drift::fit(history)?),
            Self::RandomWalk => Fitted::RandomWalk(Drift::fit(history)?),
            Self::MovingAverage => Fitted::MovingAverage(Drift::fit(history)?),
            Self::LeastSquares => Fitted::Line(Line::least_squares(history)?),
            Self::Shrunk => Fitted::Shrunk(Shrunk::fit(history, THETA)?),
            Self::MedianWalk => Fitted::MedianWalk(MedianWalk::fit(history, THETA)?),
            Self::MedianLine => Fitted::Line(Line::through_medians(history)?),
            Self::NaiveAbsolute => {
                Fitted::Level(Level::fit(history, 1.0, Spread::Absolute)?)
            }
            Self::NaivePlus => {
                Fitted::Level(Level::with_a_change(history, UNSEEN_CHANGE)?)
            }
            Self::Smooth => {
                Fitted::Level(Level::fit(history, SMOOTHING, Spread::Square)?)
            }
            Self::SmoothAbsolute => {
                Fitted::Level(Level::fit(history, SMOOTHING, Spread::Absolute)?)
            }
        })
    }
}

impl Fitted {
    /// What it says of a date so many years after the last point of the history.
    pub fn ahead(&self, years: f64) -> Forecast {
        match self {
            Self::Naive(fit) => fit.naive(years),
            Self::PlugIn(fit) => fit.plug_in(years),
            Self::RandomWalk(fit) => fit.random_walk(years),
            Self::MovingAverage(fit) => fit.moving_average(THETA, years),
            Self::Shrunk(fit) => fit.ahead(years),
            Self::MedianWalk(fit) => fit.ahead(years),
            Self::Line(fit) => fit.ahead(years),
            Self::Level(fit) => fit.ahead(years),
        }
    }
}
