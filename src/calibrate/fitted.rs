//! Laws that more robust or more cautious fits give: walks, lines and smoothed levels.
//!
//! [`super::Drift`] takes every change at its word. One jump (a new shader design, the
//! first quotes of a new chip) then sets drift and volatility for good. Here the drift is
//! a median, the spread an absolute deviation, the line goes through medians; and an old
//! belief may stand beside a short history. Read next: [`super::Model`].

use super::drift::{FEWEST_CHANGES, in_order};
use super::{FitError, Forecast, Point};
use crate::units;

/// √(π/2): the standard deviation of a normal over its mean absolute deviation.
const ABSOLUTE: f64 = 1.253_314_137_315_500_3;
/// The standard deviation of a normal over its median absolute deviation.
const MEDIAN_ABSOLUTE: f64 = 1.482_602_218_505_602;
/// A median wanders π/2 times as much as a mean (of normal numbers), in variance.
const COST_OF_A_MEDIAN: f64 = std::f64::consts::FRAC_PI_2;
/// A robust spread stays above this share of the plain one: more than half of a step
/// price's changes are 0, and a median of them says nothing.
const LEAST_SHARE: f64 = 0.3;

/// How a spread is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Root of the mean square.
    Square,
    /// Mean absolute deviation, times √(π/2).
    Absolute,
    /// Median absolute deviation, times 1.4826, at least 0.3 of the root mean square.
    Median,
}

impl Spread {
    /// Of deviations of which `lost` degrees of freedom went into their centre.
    fn of(self, deviations: &[f64], lost: f64) -> f64 {
        let n = units::count(deviations.len());
        let free = (n - lost).max(1.0);
        let square = (deviations.iter().map(|x| x * x).sum::<f64>() / free).sqrt();
        match self {
            Self::Square => square,
            Self::Absolute => {
                let mean = deviations.iter().map(|x| x.abs()).sum::<f64>() / n;
                mean * ABSOLUTE * (n / free).sqrt()
            }
            Self::Median => {
                let mut sizes: Vec<f64> = deviations.iter().map(|x| x.abs()).collect();
                let middle = crate::stats::quantile(&mut sizes, 0.5);
                let robust = middle * MEDIAN_ABSOLUTE * (n / free).sqrt();
                robust.max(LEAST_SHARE * square)
            }
        }
    }
}

/// A walk whose drift is the median change and whose shocks repeat a share θ.
///
/// ```text
/// μ̂ = median(dᵢ/hᵢ),   K̂² = Σ (dᵢ − μ̂ hᵢ)²/hᵢ / (m − 1)
/// (y − y_m − μ̂τ) / (K̂ √h √(A*/(1 + θ²))) ~ t(m − 1)
/// A* = −2θ + (1 + 2(m − 1)θ/m + θ²)(n + (π/2) n²/m),   n = τ/h
/// ```
/// with h the mean step. One jump moves the median by a rank, the mean by its size; the
/// price is a drift that is less sure by π/2 in variance.
///
/// **Units** per year and per √year of a logarithm. **Errors** [`FitError`].
/// **Source** Farmer and Lafond (2016), Research Policy 45:647, eq. 11–16, for the growth
/// of the error; the variance of a median is that of large normal samples.
/// **Checked by** histories by hand and scores against another program, below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianWalk {
    /// μ̂, a year.
    pub per_year: f64,
    /// K̂, a √year.
    pub volatility: f64,
    /// m.
    pub changes: u32,
    /// h, years.
    pub step_years: f64,
    /// The share of a change that the next one repeats.
    pub theta: f64,
    last: Point,
}

impl MedianWalk {
    /// Fits a history in rising order of time.
    pub fn fit(history: &[Point], theta: f64) -> Result<Self, FitError> {
        let (last, span) = ends(history)?;
        let mut rates: Vec<f64> = changes(history).map(|(d, h)| d / h).collect();
        let per_year = crate::stats::quantile(&mut rates, 0.5);
        let shocks: Vec<f64> =
            changes(history).map(|(d, h)| (d - per_year * h) / h.sqrt()).collect();
        let volatility = Spread::Square.of(&shocks, 1.0);
        let count = units::count(shocks.len());
        finite(&[per_year, volatility])?;
        let changes = u32::try_from(shocks.len()).unwrap_or(u32::MAX);
        let step_years = span / count;
        Ok(Self { per_year, volatility, changes, step_years, theta, last })
    }

    /// Years ahead of the last point.
    pub fn ahead(&self, years: f64) -> Forecast {
        let m = f64::from(self.changes);
        walk_ahead(self, years, m / COST_OF_A_MEDIAN, m)
    }
}

/// A walk of which something was believed before: drift and volatility pulled to it.
///
/// ```text
/// μ̂ = (y_m − y_0 + w μ₀ h) / (T + w h),   K̂² = (S + w K₀²) / (m − 1 + w)
/// ```
/// with S the sum of squared shocks about the plain drift, w = 4 steps, and the error of
/// the forecast that of m + w changes. A year: μ₀ = −0.25, K₀ = 0.25; a month: −0.01 and
/// 0.05 (both a step): what hardware costs and rents did before this was written.
///
/// **Source** the same; the prior is a judgement, kept for comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunk(MedianWalk);

/// Steps an old belief counts for.
const BELIEF_STEPS: f64 = 4.0;

impl Shrunk {
    /// Fits a history in rising order of time.
    pub fn fit(history: &[Point], theta: f64) -> Result<Self, FitError> {
        let (last, span) = ends(history)?;
        let m = units::count(history.len() - 1);
        let step_years = span / m;
        // Closer to a month than to a year.
        let (drift, volatility) =
            if step_years < 0.3 { (-0.01, 0.05) } else { (-0.25, 0.25) };
        let plain = (last.log - history[0].log) / span;
        let squares: f64 = changes(history)
            .map(|(d, h)| (d - plain * h) * (d - plain * h) / h * step_years)
            .sum();
        let total = last.log - history[0].log + BELIEF_STEPS * drift;
        let per_year = total / (span + BELIEF_STEPS * step_years);
        let variance =
            (squares + BELIEF_STEPS * volatility * volatility) / (m - 1.0 + BELIEF_STEPS);
        let volatility = (variance / step_years).sqrt();
        finite(&[per_year, volatility])?;
        let changes = u32::try_from(history.len() - 1).unwrap_or(u32::MAX - 4) + 4;
        Ok(Self(MedianWalk { per_year, volatility, changes, step_years, theta, last }))
    }

    /// Years ahead of the last point.
    pub fn ahead(&self, years: f64) -> Forecast {
        let m = f64::from(self.0.changes);
        walk_ahead(&self.0, years, m, m)
    }
}

fn walk_ahead(walk: &MedianWalk, years: f64, drift_changes: f64, m: f64) -> Forecast {
    let (theta, steps) = (walk.theta, years / walk.step_years);
    let repeats = 1.0 + 2.0 * (m - 1.0) * theta / m + theta * theta;
    let growth = |n: f64| -2.0 * theta + repeats * (n + n * n / drift_changes);
    // Less than a step ahead the law says nothing: a straight share of the first step.
    let growth = if steps < 1.0 { steps * growth(1.0) } else { growth(steps) };
    let variance = walk.step_years * growth / (1.0 + theta * theta);
    Forecast {
        location: walk.last.log + walk.per_year * years,
        scale: walk.volatility * variance.sqrt(),
        freedom: Some(m - 1.0),
    }
}

/// A line through the logarithms, and noise around it that does not add up.
///
/// ```text
/// (y − a − b t) / (s √(1 + 1/n + (t − t̄)²/S)) ~ t(n − 2),   S = Σ (tᵢ − t̄)²
/// ```
/// By least squares these are the textbook's bands, far too sure of themselves for a cost
/// that walks: 39 % of 460 past cases of five technologies lay in the 80 % band. By
/// medians (b the median of all pairs' slopes, a the median of y − b t, s a median
/// deviation) it is hard to move by single jumps, and best where every launch is priced
/// against the same market: launch prices of graphics chips.
///
/// **Source** least squares: any textbook; medians: Theil (1950) and Sen (1968), Journal
/// of the American Statistical Association 63:1379.
/// **Checked by** histories by hand and scores against another program, below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// b, a year.
    pub per_year: f64,
    /// s.
    pub spread: f64,
    /// The line at the last point, over that point.
    pub offset: f64,
    intercept: f64,
    points: f64,
    middle: f64,
    squares: f64,
    last: Point,
}

impl Line {
    /// By least squares.
    pub fn least_squares(history: &[Point]) -> Result<Self, FitError> {
        let (middle, squares) = centred(history)?;
        let mean =
            history.iter().map(|p| p.log).sum::<f64>() / units::count(history.len());
        let across: f64 =
            history.iter().map(|p| (p.years - middle) * (p.log - mean)).sum();
        let per_year = across / squares;
        Self::of(history, per_year, mean - per_year * middle, Spread::Square)
    }

    /// Through medians.
    pub fn through_medians(history: &[Point]) -> Result<Self, FitError> {
        ends(history)?;
        let mut slopes = Vec::with_capacity(history.len() * (history.len() - 1) / 2);
        for (i, a) in history.iter().enumerate() {
            let slope = |b: &Point| (b.log - a.log) / (b.years - a.years);
            slopes.extend(history[i + 1..].iter().map(slope));
        }
        let per_year = crate::stats::quantile(&mut slopes, 0.5);
        let mut rests: Vec<f64> =
            history.iter().map(|p| p.log - per_year * p.years).collect();
        let intercept = crate::stats::quantile(&mut rests, 0.5);
        Self::of(history, per_year, intercept, Spread::Median)
    }

    fn of(
        history: &[Point],
        per_year: f64,
        intercept: f64,
        spread: Spread,
    ) -> Result<Self, FitError> {
        let (middle, squares) = centred(history)?;
        let (last, _) = ends(history)?;
        let rests: Vec<f64> =
            history.iter().map(|p| p.log - intercept - per_year * p.years).collect();
        let spread = spread.of(&rests, 2.0);
        let offset = intercept + per_year * last.years - last.log;
        finite(&[per_year, intercept, spread, squares])?;
        let points = units::count(history.len());
        Ok(Self { per_year, spread, offset, intercept, points, middle, squares, last })
    }

    /// Years ahead of the last point.
    pub fn ahead(&self, years: f64) -> Forecast {
        let at = self.last.years + years;
        let away = at - self.middle;
        let stretch = 1.0 + 1.0 / self.points + away * away / self.squares;
        Forecast {
            location: self.intercept + self.per_year * at,
            scale: self.spread * stretch.sqrt(),
            freedom: Some(self.points - 2.0),
        }
    }
}

/// A level without drift, of which each value tells a share.
///
/// ```text
/// l ← l + α (y − l),   (y − l) / (s √(1 + (n − 1) α²)) ~ t(m),   n steps ahead
/// ```
/// with s the spread of the one-step errors. α = 1 is "tomorrow is today"; below it, part
/// of every change is taken for noise: a median of a few providers jumps when one of them
/// is not quoted.
///
/// **Source** simple exponential smoothing, Hyndman, Koehler, Ord and Snyder (2008),
/// Forecasting with Exponential Smoothing, §6.3.
/// **Checked by** histories by hand and scores against another program, below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// l, a logarithm.
    pub level: f64,
    /// s, a step.
    pub spread: f64,
    /// α.
    pub share: f64,
    /// Years a step.
    pub step_years: f64,
    /// m.
    pub changes: f64,
}

impl Level {
    /// Fits a history in rising order of time.
    pub fn fit(history: &[Point], share: f64, spread: Spread) -> Result<Self, FitError> {
        let (_, span) = ends(history)?;
        let m = units::count(history.len() - 1);
        let step_years = span / m;
        let mut level = history[0].log;
        let mut errors = Vec::with_capacity(history.len());
        for pair in history.windows(2) {
            // A step longer than the mean one has a larger error.
            let steps = (pair[1].years - pair[0].years) / step_years;
            let error = pair[1].log - level;
            errors.push(error / steps.sqrt());
            level += share * error;
        }
        let spread = spread.of(&errors, 0.0);
        finite(&[level, spread])?;
        Ok(Self { level, spread, share, step_years, changes: m })
    }

    /// With one more change of `size` than the history has: a list price that has not
    /// moved yet will not stand still for good.
    pub fn with_a_change(history: &[Point], size: f64) -> Result<Self, FitError> {
        let plain = Self::fit(history, 1.0, Spread::Square)?;
        let squares = plain.spread * plain.spread * plain.changes + size * size;
        let changes = plain.changes + 1.0;
        Ok(Self { spread: (squares / changes).sqrt(), changes, ..plain })
    }

    /// Years ahead of the last point.
    pub fn ahead(&self, years: f64) -> Forecast {
        let steps = years / self.step_years;
        let later = (steps - 1.0).max(0.0) * self.share * self.share;
        let variance = steps.min(1.0) + later;
        Forecast {
            location: self.level,
            scale: self.spread * variance.sqrt(),
            freedom: Some(self.changes),
        }
    }
}

/// The last point and the years from the first to it.
fn ends(history: &[Point]) -> Result<(Point, f64), FitError> {
    let found = history.len();
    if found <= FEWEST_CHANGES {
        return Err(FitError::TooShort { found });
    }
    in_order(history)?;
    let last = history[found - 1];
    Ok((last, last.years - history[0].years))
}

/// Changes of the logarithm and the years they took.
fn changes(history: &[Point]) -> impl Iterator<Item = (f64, f64)> {
    history.windows(2).map(|p| (p[1].log - p[0].log, p[1].years - p[0].years))
}

/// The mean time and the sum of squares about it.
fn centred(history: &[Point]) -> Result<(f64, f64), FitError> {
    ends(history)?;
    let middle =
        history.iter().map(|p| p.years).sum::<f64>() / units::count(history.len());
    let away = |p: &Point| (p.years - middle) * (p.years - middle);
    Ok((middle, history.iter().map(away).sum()))
}

fn finite(numbers: &[f64]) -> Result<(), FitError> {
    if numbers.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(FitError::TooWide) }
}

#[cfg(test)]
mod tests;
