//! Simulation against the closed form, at every horizon: the CRPS within 1 %.
//!
//! A process that samples a fit must score as the fit's law does: 100,352 paths, each
//! horizon, two values a horizon (near the middle and in the tail). The standard error of
//! an ensemble's CRPS at that size is below a quarter of a percent here, so 1 % is four of
//! them.

use super::{Drift, Forecast, Point};
use crate::block::{LANES, Lane, splat};
use crate::process::{Draws, Geometric, MovingAverage, Process};
use crate::random::{Monthly, Seed};
use crate::stats::score::{EnsembleCrps, crps_ensemble};

const BLOCKS: u64 = 392;

/// The logarithms of 100,352 paths at each of `months`, which rise.
fn simulated(process: &dyn Process, months: &[u32]) -> Vec<Vec<f64>> {
    let mut samples = vec![Vec::new(); months.len()];
    let mut innovations = Monthly::new(Seed(3), "simulated");
    for block in 0..BLOCKS {
        let first_path = block * LANES as u64;
        let draws = Draws::new(Seed(3), "simulated", first_path);
        let mut state: Vec<Lane> = vec![splat(0.0); process.state_rows()];
        process.begin(&draws, &mut state);
        for month in 1..=months.last().copied().unwrap_or(0) {
            let z = *innovations.normal_at(first_path, month);
            let mut level = splat(0.0);
            process.step(month, &z, &draws, &mut state, &mut level);
            if let Some(place) = months.iter().position(|m| *m == month) {
                samples[place].extend(level.iter().map(|x| x.ln()));
            }
        }
    }
    samples
}

fn history(step: f64) -> Vec<Point> {
    let logs =
        [1.2, 0.9, 1.0, 0.4, 0.35, -0.1, -0.05, -0.6, -0.7, -1.5, -1.4, -1.8, -2.3];
    let place = |i: usize| step * crate::units::count(i);
    logs.iter().enumerate().map(|(i, log)| Point { years: place(i), log: *log }).collect()
}

fn scores_agree(
    name: &str,
    process: &dyn Process,
    months: &[u32],
    law: impl Fn(f64) -> Forecast,
    last: f64,
) {
    for (month, mut sample) in months.iter().zip(simulated(process, months)) {
        let law = law(f64::from(*month) / 12.0);
        for y in [law.quantile(0.4), law.quantile(0.93)] {
            let wanted = law.crps(y);
            let found = crps_ensemble(&mut sample, y - last, EnsembleCrps::Fair);
            let off = found / wanted - 1.0;
            assert!(off.abs() < 0.01, "{name}, month {month}: {found}, not {wanted}");
        }
    }
}

/// Horizons of yearly data, 1 to 5 years, and of monthly data, 1 to 12 months.
const DESIGNS: [(f64, &[u32]); 2] =
    [(1.0, &[12, 24, 36, 48, 60]), (1.0 / 12.0, &[1, 3, 6, 12])];

#[test]
fn a_walk_with_estimated_parameters_scores_as_its_law() {
    for (step, months) in DESIGNS {
        let fit = Drift::fit(&history(step)).unwrap();
        scores_agree("grw", &fit.process(), months, |t| fit.random_walk(t), -2.3);
    }
}

#[test]
fn a_walk_with_known_parameters_scores_as_its_law() {
    for (step, months) in DESIGNS {
        let fit = Drift::fit(&history(step)).unwrap();
        let process = Geometric { observations: None, ..fit.process() };
        scores_agree("plugin", &process, months, |t| fit.plug_in(t), -2.3);
    }
}

#[test]
fn no_drift_by_decision_scores_as_its_law() {
    for (step, months) in DESIGNS {
        let fit = Drift::fit(&history(step)).unwrap();
        let freedom = f64::from(fit.changes());
        let process = Geometric {
            drift_per_year: 0.0,
            volatility_per_sqrt_year: fit.naive(1.0).scale,
            drift_is_known: true,
            ..fit.process()
        };
        assert_eq!(fit.naive(1.0).freedom, Some(freedom));
        scores_agree("naive", &process, months, |t| fit.naive(t), -2.3);
    }
}

#[test]
fn changes_that_repeat_themselves_score_as_their_law() {
    for (step, months) in DESIGNS {
        let fit = Drift::fit(&history(step)).unwrap();
        let process = MovingAverage {
            drift_per_year: fit.per_year(),
            volatility_per_sqrt_year: fit.volatility_per_sqrt_year(),
            theta: 0.63,
            observations: Some(fit.changes()),
            observation_step_years: step,
        };
        scores_agree("ima63", &process, months, |t| fit.moving_average(0.63, t), -2.3);
    }
}
