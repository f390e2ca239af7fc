//! Constants of the closed form by damped least squares on logarithmic errors.
//!
//! Each constant is positive and fitted as its logarithm, held to its published value by
//! a prior; errors beyond fifteen per cent count less than their square, and a family
//! with many rows counts as the root of their number, so that no benchmark decides alone.
//! Read next: [`super::mixed`], which takes what is left.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use crate::hardware::Calibration;

use super::case::Observation;

/// Error that still counts as its square, log scale.
const ORDINARY: f64 = 0.15;
/// Standard deviation of the prior of a constant's logarithm: a factor of 1.5.
const PRIOR_SIGMA: f64 = 0.4;
const ROUNDS: usize = 12;
const STEP: f64 = 1e-4;
/// Rows a constant must move, at the least, for its row of the Jacobian to be used.
const LARGEST_MOVE: f64 = 0.5;

/// Constants and the standard deviations of their logarithms.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constants {
    /// All constants, the fitted ones replaced.
    pub(super) calibration: Calibration,
    /// Of the fitted ones.
    pub(super) sigma: BTreeMap<String, f64>,
}

/// Share of its measurement that each row is: one of two records of it is a half.
pub(super) fn shares(rows: &[&Observation]) -> Vec<f64> {
    let mut records: BTreeMap<&str, f64> = BTreeMap::new();
    for o in rows {
        *records.entry(o.measurement.as_str()).or_insert(0.0) += 1.0;
    }
    rows.iter().map(|o| records[o.measurement.as_str()].recip()).collect()
}

/// Weight of each row: a family of `n` measurements counts as `√n`.
fn weights(rows: &[&Observation]) -> Vec<f64> {
    let name = |o: &Observation| {
        let t = &o.traits;
        [&t.device, &t.framework, &t.model, &t.precision, &t.mode]
            .map(|part| part.clone().unwrap_or_default())
            .join("|")
    };
    let shares = shares(rows);
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for (o, share) in rows.iter().zip(&shares) {
        *counts.entry(name(o)).or_insert(0.0) += share;
    }
    let weight = |(o, share): (&&Observation, f64)| share / counts[&name(o)].sqrt();
    rows.iter().zip(shares).map(weight).collect()
}

/// Fits the named constants on the rows that may move them.
///
/// ```text
/// min Σ w ρ((ln model − ln measured) / 0.15) + Σ ((ln c − ln prior) / 0.4)²
/// ```
/// with `ρ(x) = 2 (√(1 + x²) − 1)`.
///
/// **Errors** none; without rows the start is given back with the prior's spread.
/// **Source** Levenberg (1944), Marquardt (1963).
/// **Checked by** `constants_come_back_from_what_they_made`.
pub(super) fn fit(
    rows: &[&Observation],
    names: &[&str],
    start: &Calibration,
) -> Constants {
    let rows: Vec<&Observation> =
        rows.iter().copied().filter(|o| o.moves_constants).collect();
    let weights = weights(&rows);
    let k = names.len();
    let prior: Vec<f64> = names
        .iter()
        .map(|n| Calibration::PRIOR.constant(n).unwrap_or(1.0).ln())
        .collect();
    let mut theta: Vec<f64> =
        names.iter().map(|n| start.constant(n).unwrap_or(1.0).ln()).collect();
    let with = |theta: &[f64]| {
        let mut c = *start;
        for (name, x) in names.iter().zip(theta) {
            c.set(name, x.exp());
        }
        c
    };
    let errors = |theta: &[f64]| -> Vec<f64> {
        let c = with(theta);
        rows.iter().map(|o| (o.log_form(&c) - o.log_measured()) / ORDINARY).collect()
    };
    let cost = |theta: &[f64], errors: &[f64]| {
        let fit = errors
            .iter()
            .zip(&weights)
            .fold(0.0, |sum, (e, w)| sum + w * 2.0 * ((1.0 + e * e).sqrt() - 1.0));
        theta
            .iter()
            .zip(&prior)
            .fold(fit, |sum, (t, p)| sum + ((t - p) / PRIOR_SIGMA).powi(2))
    };
    let mut damping = 1e-2;
    let mut now = errors(&theta);
    let mut least = cost(&theta, &now);
    let mut normal = DMatrix::identity(k, k) / PRIOR_SIGMA.powi(2);
    for _ in 0..ROUNDS {
        let mut jacobian = DMatrix::zeros(rows.len(), k);
        for j in 0..k {
            let mut moved = theta.clone();
            moved[j] += STEP;
            for (i, (m, e)) in errors(&moved).into_iter().zip(&now).enumerate() {
                jacobian[(i, j)] = (m - e) / STEP;
            }
        }
        let robust: Vec<f64> =
            now.iter().zip(&weights).map(|(e, w)| w / (1.0 + e * e).sqrt()).collect();
        normal = DMatrix::identity(k, k) / PRIOR_SIGMA.powi(2);
        let mut slope = DVector::from_iterator(
            k,
            theta.iter().zip(&prior).map(|(t, p)| (t - p) / PRIOR_SIGMA.powi(2)),
        );
        for (i, w) in robust.iter().enumerate() {
            for a in 0..k {
                slope[a] += w * jacobian[(i, a)] * now[i];
                for b in 0..k {
                    normal[(a, b)] += w * jacobian[(i, a)] * jacobian[(i, b)];
                }
            }
        }
        let mut better = false;
        for _ in 0..6 {
            let mut damped = normal.clone();
            for a in 0..k {
                damped[(a, a)] *= 1.0 + damping;
            }
            let Some(factor) = damped.cholesky() else { break };
            let step = factor.solve(&slope);
            let trial: Vec<f64> = theta
                .iter()
                .zip(step.iter())
                .map(|(t, s)| t - s.clamp(-LARGEST_MOVE, LARGEST_MOVE))
                .collect();
            let at = errors(&trial);
            let value = cost(&trial, &at);
            if value < least {
                better = least - value > 1e-6 * least;
                (theta, now, least) = (trial, at, value);
                damping = (damping * 0.3).max(1e-6);
                break;
            }
            damping *= 10.0;
        }
        if !better {
            break;
        }
    }
    let cov = normal.cholesky().map(|c| c.inverse());
    let sigma = names.iter().enumerate().map(|(j, name)| {
        let sigma = cov.as_ref().map_or(PRIOR_SIGMA, |c| c[(j, j)].max(0.0).sqrt());
        ((*name).to_owned(), sigma)
    });
    Constants { calibration: with(&theta), sigma: sigma.collect() }
}
