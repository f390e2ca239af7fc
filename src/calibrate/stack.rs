//! A family's default forecast: its models, weighed by what each has scored so far.
//!
//! At every date each model is judged by the forecasts it would have made of what is
//! known by then, and by nothing else, so that the record of the pool is as honest as
//! that of any model in it. Nobody picks the winner. Read next: [`super::Family`],
//! [`super::Pool`].

use super::drift::{FEWEST_CHANGES, in_order};
use super::hindcast::{Case, Law};
use super::{Design, Family, FitError, Fitted, Forecast, Model, Point, Pool};
use crate::units;

/// How fast worse scores lose weight: a model that was worse by a tenth of the mean
/// change at each of ten origins keeps e⁻⁸ of it.
const LEARNING: f64 = 8.0;

/// A family's pool, fitted to a history.
///
/// ```text
/// w_k ∝ p_k exp(−η L_k),   L_k = Σ_h (1/H) Σ_o CRPS_k(o, h) / (d √h)
/// ```
/// where `p_k` is the weight before anything is known, η = 8, the sums run over the H
/// horizons of the design and over every origin o from 3 changes on whose value h steps
/// later is known by now, and d is the mean absolute change known by now: a score of a
/// walk grows with √h, so every horizon counts alike. With no change at all the weights
/// stay as they were.
///
/// **Units** logarithms. **Errors** as [`super::Drift::fit`].
/// **Source** weights that fall exponentially with past loss: Vovk (1990), Aggregating
/// strategies; for densities, Thorey, Mallet and Baudin (2017), Online learning with the
/// CRPS for ensemble forecasting, Quarterly Journal of the Royal Meteorological Society
/// 143:521. η, the members and `p_k` were set while looking at the records of the five
/// technologies, the chips' launch prices and H100 rents in docs/calibration.md: those
/// are fitted, others are not.
/// **Checked by** weights by hand, and scores against another program, below.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    members: Vec<(Model, f64, Fitted)>,
}

impl Stack {
    /// Fits the family's models to a history and weighs them by it.
    pub fn fit(
        history: &[Point],
        family: Family,
        design: &Design,
    ) -> Result<Self, FitError> {
        in_order(history)?;
        let record = Record::of(history, family, design)?;
        let now = history.len() - 1;
        let weights = record.weights(history, now, design);
        let members = family
            .members()
            .iter()
            .zip(weights)
            .map(|((model, _), weight)| Ok((*model, weight, model.fit(history)?)))
            .collect::<Result<_, FitError>>()?;
        Ok(Self { members })
    }

    /// The members: model, weight, fit.
    pub fn members(&self) -> &[(Model, f64, Fitted)] {
        &self.members
    }

    /// The pool so many years after the last point; nothing where no member can say.
    pub fn ahead(&self, years: f64) -> Option<Pool> {
        Pool::new(self.members.iter().map(|(_, weight, fit)| (*weight, fit.ahead(years))))
    }
}

/// Every case of a family's pool; as [`super::hindcast()`].
pub fn hindcast_stack(
    series: &[Point],
    family: Family,
    design: &Design,
) -> Result<Vec<Case>, FitError> {
    in_order(series)?;
    if series.len() <= FEWEST_CHANGES {
        return Ok(Vec::new());
    }
    let record = Record::of(series, family, design)?;
    let mut cases = Vec::new();
    for origin in design.fewest_changes()..series.len().saturating_sub(1) {
        let weights = record.weights(series, origin, design);
        for (place, horizon) in design.horizons().iter().enumerate() {
            let Some(point) = series.get(origin + horizon) else { continue };
            let forecasts = record.forecasts[origin - FEWEST_CHANGES][place].iter();
            let pool = Pool::new(weights.iter().copied().zip(forecasts.copied()));
            if let Some(pool) = pool {
                cases.push(Case::of(origin, *horizon, &pool, point.log));
            }
        }
    }
    Ok(cases)
}

/// What each model said at each origin, and how it scored.
struct Record {
    prior: Vec<f64>,
    /// By origin (from [`FEWEST_CHANGES`] on), horizon, model.
    forecasts: Vec<Vec<Vec<Forecast>>>,
    /// The same; nothing where the value is not there.
    scores: Vec<Vec<Option<Vec<f64>>>>,
}

impl Record {
    fn of(series: &[Point], family: Family, design: &Design) -> Result<Self, FitError> {
        let members = family.members();
        let mut record = Self {
            prior: members.iter().map(|(_, weight)| *weight).collect(),
            forecasts: Vec::new(),
            scores: Vec::new(),
        };
        for origin in FEWEST_CHANGES..series.len().saturating_sub(1) {
            let known = &series[..=origin];
            let fits = members
                .iter()
                .map(|(model, _)| model.fit(known))
                .collect::<Result<Vec<Fitted>, FitError>>()?;
            let (mut forecasts, mut scores) = (Vec::new(), Vec::new());
            for horizon in design.horizons() {
                let Some(point) = series.get(origin + horizon) else {
                    forecasts.push(Vec::new());
                    scores.push(None);
                    continue;
                };
                let years = point.years - series[origin].years;
                let ahead: Vec<Forecast> = fits.iter().map(|f| f.ahead(years)).collect();
                scores.push(Some(ahead.iter().map(|f| f.crps(point.log)).collect()));
                forecasts.push(ahead);
            }
            record.forecasts.push(forecasts);
            record.scores.push(scores);
        }
        Ok(record)
    }

    /// The weights at an origin, of scores whose values are known there.
    fn weights(&self, series: &[Point], origin: usize, design: &Design) -> Vec<f64> {
        let known = &series[..=origin];
        let changes = known.windows(2).map(|p| (p[1].log - p[0].log).abs());
        let step = changes.sum::<f64>() / units::count(origin);
        let horizons = units::count(design.horizons().len());
        let mut losses = vec![0.0; self.prior.len()];
        for (place, horizon) in design.horizons().iter().enumerate() {
            let unit = step * units::count(*horizon).sqrt() * horizons;
            // Origins whose value `horizon` steps later is known at this one.
            let last = origin.saturating_sub(*horizon);
            for past in FEWEST_CHANGES..=last {
                let Some(Some(scores)) =
                    self.scores.get(past - FEWEST_CHANGES).map(|s| &s[place])
                else {
                    continue;
                };
                for (loss, score) in losses.iter_mut().zip(scores) {
                    // A model that cannot say (infinite spread) has the weight it had.
                    if unit > 0.0 && score.is_finite() {
                        *loss += score / unit;
                    }
                }
            }
        }
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let raw: Vec<f64> = losses
            .iter()
            .zip(&self.prior)
            .map(|(loss, prior)| prior * (-LEARNING * (loss - least)).exp())
            .collect();
        let total: f64 = raw.iter().sum();
        if total.is_finite() && total > 0.0 {
            raw.iter().map(|weight| weight / total).collect()
        } else {
            self.prior.clone()
        }
    }
}

impl Law for Pool {
    fn median(&self) -> f64 {
        self.quantile(0.5)
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

#[cfg(test)]
mod tests;
