//! What a history says of a process: its parameters with intervals, and the process.
//!
//! The process is the leading model of the family's pool ([`Stack`]), in the form a plan
//! takes. Of a cost the plan wants the inverse, FLOP per dollar: signs are turned there.
//! Read next: [`super::prices`].

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::process::{Geometric, MeanReverting, MovingAverage, ProcessSpec};
use crate::stats::student_quantile;
use crate::units::count;

use super::model::{Fitted, THETA};
use super::series::{Series, Step};
use super::{Drift, Family, FitError, Model, Stack};

/// A number with its 90 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its interval.
    pub interval: [f64; 2],
}

/// What a history says.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Drift of the logarithm, a year.
    pub drift_per_year: Estimate,
    /// Volatility, a √year.
    pub volatility_per_sqrt_year: Estimate,
    /// Correlation of a change with the one before, and the interval of none.
    pub repeats: Estimate,
    /// The share of steps without a change.
    pub still: f64,
    /// Changes.
    pub changes: u32,
    /// The models of the pool and what they weigh now.
    pub weights: Vec<(Model, f64)>,
    /// The leading one, as a process of the quantity a plan names.
    pub process: ProcessSpec,
}

/// The quantity a plan calls a family's, and whether it is the inverse of the series.
pub fn quantity(family: Family) -> (&'static str, bool) {
    match family {
        Family::Hardware => ("trajectories.flop_per_usd", true),
        Family::Rent => ("trajectories.rent", false),
        Family::Api => ("trajectories.api_fixed_sku", false),
        Family::Demand => ("workloads.NAME.growth", false),
    }
}

/// Drift and volatility of a walk with their 90 % intervals.
///
/// ```text
/// μ̂ ± t(m − 1) K̂/√T,   K̂ √((m − 1)/χ²(m − 1))
/// ```
pub fn estimates(fit: &Drift) -> [Estimate; 2] {
    let (drift, volatility) = (fit.per_year(), fit.volatility_per_sqrt_year());
    let freedom = f64::from(fit.changes()) - 1.0;
    let error = volatility / fit.span_years().sqrt() * student_quantile(0.95, freedom);
    let stretch = |p: f64| {
        ChiSquared::new(freedom)
            .map_or(f64::NAN, |chi| (freedom / chi.inverse_cdf(p)).sqrt())
    };
    [
        Estimate { value: drift, interval: [drift - error, drift + error] },
        Estimate {
            value: volatility,
            interval: [volatility * stretch(0.95), volatility * stretch(0.05)],
        },
    ]
}

impl Parameters {
    /// Of a series of four values or more.
    ///
    /// ```text
    /// μ̂ ± t(m − 1) K̂/√T,   K̂ √((m − 1)/χ²(m − 1)),   r₁ = Σ uᵢuᵢ₋₁ / Σ uᵢ² ± 1.645/√m
    /// ```
    /// with u the shocks about the drift. The intervals are those of a walk without
    /// repetition: with it they are too narrow.
    ///
    /// **Errors** as [`Drift::fit`]. **Source** as [`Drift`]; the interval of r₁ Bartlett
    /// (1946). **Checked by** a history by hand, below.
    pub fn of(series: &Series) -> Result<Self, FitError> {
        let fit = Drift::fit(&series.points)?;
        let stack = Stack::fit(&series.points, series.family, &series.step.design())?;
        let drift = fit.per_year();
        let [drift_per_year, volatility_per_sqrt_year] = estimates(&fit);
        let shocks: Vec<f64> = series
            .points
            .windows(2)
            .map(|pair| {
                let years = pair[1].years - pair[0].years;
                (pair[1].log - pair[0].log - drift * years) / years.sqrt()
            })
            .collect();
        let squares: f64 = shocks.iter().map(|x| x * x).sum();
        let products: f64 = shocks.windows(2).map(|x| x[0] * x[1]).sum();
        let none = 1.645 / count(shocks.len()).sqrt();
        let still = series
            .points
            .windows(2)
            .filter(|p| (p[1].log - p[0].log).abs() < 1e-12)
            .count();
        let (_, inverse) = quantity(series.family);
        let sign = if inverse { -1.0 } else { 1.0 };
        let leader = stack.members().iter().fold(
            None,
            |best: Option<&(Model, f64, Fitted)>, member| match best {
                Some(best) if best.1 >= member.1 => Some(best),
                _ => Some(member),
            },
        );
        let process = leader.map_or_else(
            || fit.process().into(),
            |(_, _, fitted)| process(fitted, &fit, series.step, sign),
        );
        Ok(Self {
            drift_per_year,
            volatility_per_sqrt_year,
            repeats: Estimate {
                value: if squares > 0.0 { products / squares } else { 0.0 },
                interval: [-none, none],
            },
            still: count(still) / count(shocks.len()),
            changes: fit.changes(),
            weights: stack.members().iter().map(|(model, w, _)| (*model, *w)).collect(),
            process,
        })
    }
}

/// A fitted model in the form a plan takes. Two are not the model to the last digit: a
/// line's own error, and the median drift's, which is a quarter more than the mean's.
fn process(fitted: &Fitted, fit: &Drift, step: Step, sign: f64) -> ProcessSpec {
    let step_years = f64::from(step.months()) / 12.0;
    let walk = |drift: f64, volatility: f64| MovingAverage {
        drift_per_year: sign * drift,
        volatility_per_sqrt_year: volatility,
        theta: THETA,
        observations: Some(fit.changes()),
        observation_step_years: step_years,
    };
    match fitted {
        Fitted::Naive(_) => {
            let naive = fit.naive(1.0);
            level(naive.scale, fit.changes(), step_years)
        }
        Fitted::Level(l) => {
            // What of a smoothed level's errors is there to stay.
            let volatility = l.share * l.spread / l.step_years.sqrt();
            level(volatility, fit.changes(), step_years)
        }
        Fitted::PlugIn(_) => {
            let known = Geometric { observations: None, ..fit.process() };
            Geometric { drift_per_year: sign * known.drift_per_year, ..known }.into()
        }
        Fitted::RandomWalk(_) => {
            let walk = fit.process();
            Geometric { drift_per_year: sign * walk.drift_per_year, ..walk }.into()
        }
        Fitted::MovingAverage(_) | Fitted::Shrunk(_) => {
            walk(fit.per_year(), fit.volatility_per_sqrt_year()).into()
        }
        Fitted::MedianWalk(w) => walk(w.per_year, w.volatility).into(),
        Fitted::Line(l) => MeanReverting {
            // Noise that is new every step: a quarter of a step halves it.
            half_life_years: 0.25 * step_years,
            long_run_log_sd: l.spread,
            drift_per_year: sign * l.per_year,
            start_log_deviation: -sign * l.offset,
        }
        .into(),
    }
}

fn level(volatility: f64, changes: u32, step_years: f64) -> ProcessSpec {
    Geometric {
        drift_per_year: 0.0,
        volatility_per_sqrt_year: volatility,
        observations: Some(changes),
        observation_step_years: step_years,
        drift_is_known: true,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::series;
    use crate::input::{Check, Checker, Table};

    fn parsed(text: &str, family: Family) -> Series {
        let table = Table::parse("a.csv", text).unwrap();
        series::read(table, "a", Some(family), true).unwrap().remove(0)
    }

    const FALLING: &str = "date,value\n2015,100\n2016,70\n2017,60\n2018,40\n2019,33\n\
                           2020,22\n2021,18\n2022,11\n2023,9\n";

    #[test]
    fn parameters_are_those_of_the_fit_and_their_intervals_hold_them() {
        let series = parsed(FALLING, Family::Hardware);
        let found = Parameters::of(&series).unwrap();
        let drift = (9.0_f64 / 100.0).ln() / 8.0;
        assert!((found.drift_per_year.value - drift).abs() < 1e-12);
        let [low, high] = found.drift_per_year.interval;
        assert!((0.5 * (low + high) - drift).abs() < 1e-12);
        // t(7) at 95 % is 1.8946.
        let wanted = 1.894_578_6 * found.volatility_per_sqrt_year.value / 8.0_f64.sqrt();
        assert!((high - drift - wanted).abs() < 1e-6);
        // χ²(7) at 95 and 5 % are 14.0671 and 2.16735.
        let [low, high] = found.volatility_per_sqrt_year.interval;
        let k = found.volatility_per_sqrt_year.value;
        assert!((low / k - (7.0_f64 / 14.067_14).sqrt()).abs() < 1e-5);
        assert!((high / k - (7.0_f64 / 2.167_35).sqrt()).abs() < 1e-5);
        assert!(found.still.abs() < 1e-12);
    }

    #[test]
    fn a_cost_that_falls_is_flop_per_dollar_that_rises() {
        let found = Parameters::of(&parsed(FALLING, Family::Hardware)).unwrap();
        let process = found.process.as_process();
        assert!(process.median_at(2.0).unwrap() > 1.3, "{:?}", found.process);
        let rent = Parameters::of(&parsed(FALLING, Family::Rent)).unwrap();
        let median = rent.process.as_process().median_at(2.0).unwrap();
        assert!((median - 1.0).abs() < 1e-12, "{:?}", rent.process);
    }

    #[test]
    fn every_model_gives_a_process_that_a_plan_takes() {
        let series = parsed(FALLING, Family::Hardware);
        let fit = Drift::fit(&series.points).unwrap();
        for model in Model::ALL {
            let fitted = model.fit(&series.points).unwrap();
            let spec = process(&fitted, &fit, series.step, 1.0);
            let mut at = Checker::new();
            spec.check(&mut at);
            assert_eq!(at.into_problems(), [], "{}", model.name());
        }
    }
}
