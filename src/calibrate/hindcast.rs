//! A model played at every date of the past, knowing only what was known then.
//!
//! The window expands: at each origin the model is fitted on all points up to it and
//! asked for a few steps ahead. Cases of one series overlap, so that a hundred of them
//! are worth much less than a hundred independent ones: report the number of origins
//! too ([`super::Scores`] does), and do not read a standard error off the cases.
//! Read next: [`super::Scores`].

use thiserror::Error;

use super::drift::{FEWEST_CHANGES, in_order};
use super::{FitError, Forecast, Model, Point};
use crate::stats::score::interval_score;

/// The level of the band that [`Case::interval_score`] scores.
pub const SCORED_LEVEL: f64 = 0.8;

/// How much must be known at the first origin, and how far ahead is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    fewest_changes: usize,
    horizons: Vec<usize>,
}

/// Why a design makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DesignError {
    /// Too little to fit at the first origin.
    #[error("the first origin needs at least {FEWEST_CHANGES} changes, found {found}")]
    TooFew {
        /// Changes asked for.
        found: usize,
    },
    /// A horizon of no step.
    #[error("a horizon is at least 1 step ahead, found 0")]
    NoStep,
}

impl Design {
    /// From `fewest_changes` on, each of `horizons` steps ahead.
    pub fn new(
        fewest_changes: usize,
        horizons: impl Into<Vec<usize>>,
    ) -> Result<Self, DesignError> {
        let horizons = horizons.into();
        if fewest_changes < FEWEST_CHANGES {
            return Err(DesignError::TooFew { found: fewest_changes });
        }
        if horizons.contains(&0) {
            return Err(DesignError::NoStep);
        }
        Ok(Self { fewest_changes, horizons })
    }

    /// Changes known at the first origin.
    pub fn fewest_changes(&self) -> usize {
        self.fewest_changes
    }

    /// Steps ahead.
    pub fn horizons(&self) -> &[usize] {
        &self.horizons
    }

    /// Yearly data: 1 to 5 years ahead, from 6 changes on.
    pub fn yearly() -> Self {
        Self { fewest_changes: 6, horizons: vec![1, 2, 3, 4, 5] }
    }

    /// Quarterly data: 1, 2, 4 and 8 quarters ahead, from 8 changes on.
    pub fn quarterly() -> Self {
        Self { fewest_changes: 8, horizons: vec![1, 2, 4, 8] }
    }

    /// Monthly data: 1, 3, 6 and 12 months ahead, from 12 changes on.
    pub fn monthly() -> Self {
        Self { fewest_changes: 12, horizons: vec![1, 3, 6, 12] }
    }
}

/// One forecast and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// Position of the last point that was known.
    pub origin: usize,
    /// Steps ahead.
    pub horizon: usize,
    /// Where the value fell in the forecast: the probability of no more.
    pub pit: f64,
    /// Its CRPS.
    pub crps: f64,
    /// The interval score of its 80 % band.
    pub interval_score: f64,
    /// The value less the median forecast.
    pub error: f64,
}

/// What can be asked of a forecast of one value.
pub(super) trait Law {
    /// The value below which half lies.
    fn median(&self) -> f64;
    /// The central interval that holds with probability `level`.
    fn interval(&self, level: f64) -> (f64, f64);
    /// The probability of no more than `y`.
    fn pit(&self, y: f64) -> f64;
    /// The CRPS once `y` is known.
    fn crps(&self, y: f64) -> f64;
}

impl Law for Forecast {
    fn median(&self) -> f64 {
        self.location
    }
    fn interval(&self, level: f64) -> (f64, f64) {
        self.interval(level)
    }
    fn pit(&self, y: f64) -> f64 {
        self.pit(y)
    }
    fn crps(&self, y: f64) -> f64 {
        self.crps(y)
    }
}

impl Case {
    /// What came of a forecast, now that `y` is known.
    pub(super) fn of(origin: usize, horizon: usize, law: &impl Law, y: f64) -> Self {
        let (low, high) = law.interval(SCORED_LEVEL);
        Self {
            origin,
            horizon,
            pit: law.pit(y),
            crps: law.crps(y),
            interval_score: interval_score(low, high, SCORED_LEVEL, y),
            error: y - law.median(),
        }
    }
}

/// Every case of one series, by origin, then horizon; none where it is too short.
///
/// **Errors** as [`super::Drift::fit`], but for [`FitError::TooShort`].
/// **Source** Farmer and Lafond (2016), §3, with a window that expands.
/// **Checked by** a series by hand and true walks, below.
pub fn hindcast(
    series: &[Point],
    model: Model,
    design: &Design,
) -> Result<Vec<Case>, FitError> {
    in_order(series)?;
    let mut cases = Vec::new();
    for origin in design.fewest_changes..series.len().saturating_sub(1) {
        let (known, later) = series.split_at(origin + 1);
        let fit = model.fit(known)?;
        let ahead = |horizon: &usize| later.get(horizon - 1).map(|p| (*horizon, p));
        for (horizon, point) in design.horizons.iter().filter_map(ahead) {
            let forecast = fit.ahead(point.years - known[origin].years);
            cases.push(Case::of(origin, horizon, &forecast, point.log));
        }
    }
    Ok(cases)
}

#[cfg(test)]
mod tests;
