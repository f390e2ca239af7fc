//! A random walk with drift, fitted to a history; and how far its forecasts may miss.
//!
//! Drift and volatility come from the same few changes, so a forecast carries three
//! errors: the shocks to come, the drift not known, the volatility not known. What a
//! straight line through the logarithms gives instead is popular and far too sure of
//! itself: its 80 % band held 39 % of 460 past cases of five hardware technologies.
//! Read next: [`super::Model`], [`super::hindcast()`].

use thiserror::Error;

use super::Forecast;
use crate::process::Geometric;
use crate::units;

/// Changes below which nothing is fitted: what [`Geometric`] asks of `observations`.
pub const FEWEST_CHANGES: usize = 3;

/// A dated value of a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When, in years from any origin.
    pub years: f64,
    /// The natural logarithm of the value.
    pub log: f64,
}

/// Why a history cannot be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FitError {
    /// Too few points.
    #[error("a fit needs at least {} points, found {found}", FEWEST_CHANGES + 1)]
    TooShort {
        /// Points there are.
        found: usize,
    },
    /// A time or a logarithm that is no finite number.
    #[error(
        "point {} has a time or a logarithm that is not finite; \
         the logarithm of 0 or less is none",
        .index + 1
    )]
    NotFinite {
        /// Position in the series.
        index: usize,
    },
    /// A time that is no later than the one before.
    #[error("point {} is not later than the one before it", .index + 1)]
    NotLater {
        /// Position in the series.
        index: usize,
    },
    /// Values so far apart that their spread is no finite number.
    #[error("the changes are too large to calculate with")]
    TooWide,
}

/// Refuses a history that is not finite or not in rising order of time.
pub(super) fn in_order(history: &[Point]) -> Result<(), FitError> {
    let finite = |p: &Point| p.years.is_finite() && p.log.is_finite();
    if let Some(index) = history.iter().position(|p| !finite(p)) {
        return Err(FitError::NotFinite { index });
    }
    let later = |pair: &[Point]| pair[1].years > pair[0].years;
    match history.windows(2).position(|pair| !later(pair)) {
        Some(before) => Err(FitError::NotLater { index: before + 1 }),
        None => Ok(()),
    }
}

/// A random walk with drift, as a history shows it.
///
/// ```text
/// μ̂ = (y_m − y_0) / T,   K̂² = Σ (dᵢ − μ̂ hᵢ)² / hᵢ / (m − 1),   T = Σ hᵢ
/// ```
/// where dᵢ is the i-th of m changes of the logarithm and hᵢ its length in years. With
/// equal steps these are the published estimates; with unequal ones still the exact ones
/// of a random walk in continuous time.
///
/// **Units** per year and per √year. **Errors** [`FitError`].
/// **Source** Farmer and Lafond (2016), How predictable is technological progress?,
/// Research Policy 45:647, eq. 2, 17, 18.
/// **Checked by** histories fitted by hand, below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    per_year: f64,
    volatility: f64,
    driftless_volatility: f64,
    changes: u32,
    span_years: f64,
    last: Point,
}

impl Drift {
    /// Fits a history in rising order of time.
    pub fn fit(history: &[Point]) -> Result<Self, FitError> {
        let found = history.len();
        if found <= FEWEST_CHANGES {
            return Err(FitError::TooShort { found });
        }
        in_order(history)?;
        let (first, last) = (history[0], history[found - 1]);
        let span_years = last.years - first.years;
        let per_year = (last.log - first.log) / span_years;
        let squares = |drift: f64| -> f64 {
            history
                .windows(2)
                .map(|pair| {
                    let years = pair[1].years - pair[0].years;
                    let shock = pair[1].log - pair[0].log - drift * years;
                    shock * shock / years
                })
                .sum()
        };
        let changes = units::count(found - 1);
        let volatility = (squares(per_year) / (changes - 1.0)).sqrt();
        let driftless_volatility = (squares(0.0) / changes).sqrt();
        let all = [span_years, per_year, volatility, driftless_volatility];
        if !all.iter().all(|x| x.is_finite()) {
            return Err(FitError::TooWide);
        }
        let changes = u32::try_from(found - 1).unwrap_or(u32::MAX);
        Ok(Self { per_year, volatility, driftless_volatility, changes, span_years, last })
    }

    /// μ̂: drift of the logarithm.
    pub fn per_year(&self) -> f64 {
        self.per_year
    }

    /// K̂: standard deviation of the yearly change of the logarithm.
    pub fn volatility_per_sqrt_year(&self) -> f64 {
        self.volatility
    }

    /// m: changes the fit rests on.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Years from the first point to the last.
    pub fn span_years(&self) -> f64 {
        self.span_years
    }

    /// The process that samples [`Drift::random_walk`], both parameters uncertain.
    pub fn process(&self) -> Geometric {
        Geometric {
            drift_per_year: self.per_year,
            volatility_per_sqrt_year: self.volatility,
            observations: Some(self.changes),
            observation_step_years: self.step_years(),
            drift_is_known: false,
        }
    }

    /// Years ahead of the last point: parameters uncertain, shocks independent.
    ///
    /// ```text
    /// (y − y_m − μ̂τ) / (K̂ √(τ + τ²/T)) ~ t(m − 1)
    /// ```
    /// **Source** as the fit, eq. 8–10. **Checked by** coverage on true walks, in
    /// [`super::hindcast()`]; the sampled process against it, in [`crate::process`].
    pub fn random_walk(&self, years: f64) -> Forecast {
        self.ahead(years, (years + years * years / self.span_years).sqrt())
    }

    /// The same with changes that repeat a share of the last one, IMA(1, 1).
    ///
    /// ```text
    /// (y − y_m − μ̂τ) / (K̂ √h √(A*/(1 + θ²))) ~ t(m − 1)
    /// ```
    /// where A* is [`growth_of_error`] at τ/h steps and h = T/m. An approximation: good
    /// from about 30 changes on, rough with 5. Less than a step ahead it has no scale
    /// (NaN) for some θ.
    ///
    /// **Source** as the fit, eq. 11–16.
    pub fn moving_average(&self, theta: f64, years: f64) -> Forecast {
        let step = self.step_years();
        let growth = growth_of_error(theta, self.changes, years / step);
        self.ahead(years, (step * growth / (1.0 + theta * theta)).sqrt())
    }

    /// The same with the parameters taken as known: too narrow a band, kept to show by
    /// how much.
    pub fn plug_in(&self, years: f64) -> Forecast {
        Forecast { freedom: None, ..self.ahead(years, years.sqrt()) }
    }

    /// No drift at all, the volatility estimated as if there were none: what any other
    /// forecast must beat.
    ///
    /// ```text
    /// (y − y_m) / √(τ Σ dᵢ²/hᵢ / m) ~ t(m)
    /// ```
    pub fn naive(&self, years: f64) -> Forecast {
        Forecast {
            location: self.last.log,
            scale: self.driftless_volatility * years.sqrt(),
            freedom: Some(f64::from(self.changes)),
        }
    }

    fn ahead(&self, years: f64, stretch: f64) -> Forecast {
        Forecast {
            location: self.last.log + self.per_year * years,
            scale: self.volatility * stretch,
            freedom: Some(f64::from(self.changes - 1)),
        }
    }

    fn step_years(&self) -> f64 {
        self.span_years / f64::from(self.changes)
    }
}

/// How the squared error of an IMA(1, 1) forecast grows: A*, in squared innovations.
///
/// ```text
/// A* = −2θ + (1 + 2(m − 1)θ/m + θ²)(τ + τ²/m)
/// ```
/// where m is the number of `changes` and τ the `steps` ahead, 1 or more. With θ = 0 it
/// is the τ + τ²/m of the plain walk.
///
/// **Source** Farmer and Lafond (2016), eq. 13–16.
/// **Checked by** its values at four settings, below; one of them (10 changes, 5 steps,
/// θ = 0.63) was simulated when this was designed: 17.67.
pub fn growth_of_error(theta: f64, changes: u32, steps: f64) -> f64 {
    let m = f64::from(changes);
    let repeats = 1.0 + 2.0 * (m - 1.0) * theta / m + theta * theta;
    -2.0 * theta + repeats * (steps + steps * steps / m)
}

#[cfg(test)]
mod tests;
