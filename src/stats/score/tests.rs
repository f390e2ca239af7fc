//! Scores against published values, and each against its definition by quadrature.

use super::*;
use crate::stats::{normal_quantile, student_quantile};

/// Simpson's rule on 20,000 panels: a panel must be small against what is integrated.
fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let panels = 20_000_u32;
    let step = (to - from) / f64::from(panels);
    let sum: f64 = (0..=panels)
        .map(|i| {
            let weight = match i {
                0 => 1.0,
                i if i == panels => 1.0,
                i if i % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * f(from + step * f64::from(i))
        })
        .sum();
    sum * step / 3.0
}

/// ∫ (F(x) − 1{x ≥ y})² dx, each side mapped to 0 … 1 by x = y ± s/(1 − s).
fn crps_by_definition(y: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let side = |missing: &dyn Fn(f64) -> f64| {
        integral(0.0, 1.0 - 1e-7, |s| {
            let away = s / (1.0 - s);
            (missing(away) / (1.0 - s)).powi(2)
        })
    };
    side(&|away| cdf(y - away)) + side(&|away| 1.0 - cdf(y + away))
}

fn close(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "found {found}, wanted {wanted}");
}

#[test]
fn a_normal_forecast_scores_what_its_definition_gives() {
    // Half of the last digit of the published value.
    close(crps_normal(0.0, 1.0, 0.3), 0.269_333, 5e-7);
    for (location, scale, y) in
        [(0.0, 1.0, 0.3), (0.0, 1.0, -4.0), (2.0, 0.2, 2.05), (-1.0, 3.0, 8.0)]
    {
        let wanted = crps_by_definition(y, |x| pit_normal(location, scale, x));
        close(crps_normal(location, scale, y), wanted, 1e-7);
    }
}

#[test]
fn a_student_forecast_scores_what_its_definition_gives() {
    close(crps_student(5.0, 0.0, 1.0, 0.3), 0.290_887, 5e-7);
    for (freedom, location, scale, y) in [
        (5.0, 0.0, 1.0, 0.3),
        (2.0, 0.0, 1.0, -4.0),
        (3.0, 2.0, 0.2, 2.05),
        (30.0, -1.0, 3.0, 8.0),
    ] {
        let wanted = crps_by_definition(y, |x| pit_student(freedom, location, scale, x));
        close(crps_student(freedom, location, scale, y), wanted, 1e-6);
    }
}

#[test]
fn with_many_degrees_student_is_normal() {
    let normal = crps_normal(0.0, 1.0, 0.3);
    // 1 / 4ν on the last step before they are taken for the same.
    close(crps_student(9.9e4, 0.0, 1.0, 0.3), normal, 1e-5);
    close(pit_student(9.9e4, 0.0, 1.0, -1.6), pit_normal(0.0, 1.0, -1.6), 1e-5);
    assert_eq!(crps_student(f64::INFINITY, 0.0, 1.0, 0.3).to_bits(), normal.to_bits());
    assert_eq!(
        pit_student(f64::INFINITY, 0.0, 1.0, 0.3).to_bits(),
        pit_normal(0.0, 1.0, 0.3).to_bits()
    );
}

/// ∫ (F(x) − 1{x ≥ y})² dx of a step function: exact, one piece after another.
fn crps_of_steps(members: &[f64], y: f64) -> f64 {
    let mut ends = members.to_vec();
    ends.push(y);
    ends.sort_by(f64::total_cmp);
    let piece = |at: &[f64]| {
        let share = members.iter().filter(|x| **x <= at[0]).count();
        let step = if at[0] >= y { 1.0 } else { 0.0 };
        let gap = units::count(share) / units::count(members.len()) - step;
        gap * gap * (at[1] - at[0])
    };
    ends.windows(2).map(piece).sum()
}

#[test]
fn an_ensemble_scores_what_its_step_function_gives() {
    let mut members = [7.0, 0.0, 2.0, 1.0, 4.0];
    close(crps_ensemble(&mut members, 3.0, EnsembleCrps::Nrg), 0.84, 1e-12);
    close(crps_ensemble(&mut members, 3.0, EnsembleCrps::Fair), 0.50, 1e-12);
    for y in [-2.0, 0.0, 1.5, 4.0, 11.0] {
        let wanted = crps_of_steps(&members, y);
        close(crps_ensemble(&mut members, y, EnsembleCrps::Nrg), wanted, 1e-12);
        let mut twice = 0.0;
        for a in members {
            for b in members {
                twice += (a - b).abs();
            }
        }
        // The two differ in what the pairs are divided by, and in nothing else.
        let fair = wanted + twice / 50.0 - twice / 40.0;
        close(crps_ensemble(&mut members, y, EnsembleCrps::Fair), fair, 1e-12);
    }
}

#[test]
fn an_ensemble_of_quantiles_scores_like_its_distribution() {
    // M midpoints of a normal: the step function's error falls as 1/M² in the middle.
    let mut members: Vec<f64> =
        (0..4000).map(|i| normal_quantile((f64::from(i) + 0.5) / 4000.0)).collect();
    let found = crps_ensemble(&mut members, 0.3, EnsembleCrps::Nrg);
    close(found, crps_normal(0.0, 1.0, 0.3), 1e-4);
}

#[test]
fn the_mean_pinball_loss_is_half_the_crps() {
    let normal =
        integral(1e-9, 1.0 - 1e-9, |p| 2.0 * pinball(p, normal_quantile(p), 0.3));
    close(normal, crps_normal(0.0, 1.0, 0.3), 1e-5);
    let student =
        integral(1e-9, 1.0 - 1e-9, |p| 2.0 * pinball(p, student_quantile(p, 5.0), 0.3));
    close(student, crps_student(5.0, 0.0, 1.0, 0.3), 1e-4);
}

#[test]
fn the_interval_score_is_the_pinball_loss_of_its_ends() {
    for y in [-3.0, -1.0, 0.2, 2.0, 5.0] {
        let ends = pinball(0.1, -1.0, y) + pinball(0.9, 2.0, y);
        close(interval_score(-1.0, 2.0, 0.8, y), ends * 10.0, 1e-12);
    }
    close(interval_score(-1.0, 2.0, 0.8, 2.5), 8.0, 1e-12);
}

#[test]
fn the_expected_interval_score_is_best_at_the_true_interval() {
    let mean = |low: f64, high: f64| {
        integral(-9.0, 9.0, |y| {
            interval_score(low, high, 0.8, y) * Normal::standard().pdf(y)
        })
    };
    let end = normal_quantile(0.9);
    for (low, high) in [(-1.0, end), (-end, 1.6), (-2.0, 2.0), (-0.5, 0.5)] {
        assert!(mean(-end, end) < mean(low, high), "{low} to {high}");
    }
}

#[test]
fn the_place_of_a_value_is_its_probability() {
    // The density integrated from far below.
    let below = integral(-40.0, 0.7, |x| Normal::new(0.2, 1.5).unwrap().pdf(x));
    close(pit_normal(0.2, 1.5, 0.7), below, 1e-9);
    let below = integral(-400.0, 0.7, |x| StudentsT::new(0.2, 1.5, 5.0).unwrap().pdf(x));
    close(pit_student(5.0, 0.2, 1.5, 0.7), below, 1e-6);
    close(pit_ensemble(&[0.0, 1.0, 1.0, 4.0], 1.0), 0.5, 1e-15);
    close(pit_ensemble(&[0.0, 1.0, 1.0, 4.0], 2.0), 0.75, 1e-15);
}

#[test]
fn places_are_counted_in_tenths() {
    let places = [0.0, 0.05, 0.1, 0.3, 0.95, 1.0, f64::NAN, -0.1];
    assert_eq!(pit_histogram(&places), [2, 1, 0, 1, 0, 0, 0, 0, 0, 2]);
}

#[test]
fn a_point_forecast_scores_its_distance() {
    close(crps_normal(1.0, 0.0, 3.5), 2.5, 0.0);
    close(crps_student(5.0, 1.0, 0.0, -1.0), 2.0, 0.0);
    close(crps_ensemble(&mut [1.0], 3.5, EnsembleCrps::Nrg), 2.5, 0.0);
    for (y, wanted) in [(0.9, 0.0), (1.0, 0.5), (1.1, 1.0)] {
        close(pit_student(5.0, 1.0, 0.0, y), wanted, 0.0);
    }
}

#[test]
fn a_far_value_scores_its_distance_and_no_sense_is_no_number() {
    for y in [1e200, -1e200] {
        close(crps_student(3.0, 0.0, 1.0, y) / 1e200, 1.0, 1e-12);
        close(crps_normal(0.0, 1.0, y) / 1e200, 1.0, 1e-12);
    }
    assert!(crps_normal(0.0, -1.0, 0.0).is_nan());
    assert!(crps_student(1.0, 0.0, 1.0, 0.0).is_nan());
    assert!(crps_student(f64::NAN, 0.0, 1.0, 0.0).is_nan());
    assert!(crps_ensemble(&mut [], 0.0, EnsembleCrps::Nrg).is_nan());
    assert!(crps_ensemble(&mut [1.0], 0.0, EnsembleCrps::Fair).is_nan());
    assert!(pit_normal(0.0, 1.0, f64::NAN).is_nan());
    assert!(pit_student(-1.0, 0.0, 1.0, 0.0).is_nan());
    // Infinitely far in a forecast infinitely wide: no place, and no panic.
    for pit in [
        pit_normal(-1e308, f64::INFINITY, 1e308),
        pit_student(3.0, -1e308, f64::INFINITY, 1e308),
    ] {
        assert!(pit.is_nan());
    }
    assert!(crps_student(3.0, -1e308, f64::INFINITY, 1e308).is_nan());
    assert_eq!(pit_student(3.0, 0.0, 1.0, f64::INFINITY).to_bits(), 1.0_f64.to_bits());
    assert!(pit_ensemble(&[], 0.0).is_nan());
    assert!(interval_score(0.0, 1.0, 0.8, f64::NAN).is_nan());
}

#[test]
fn far_away_a_score_is_the_distance_less_that_of_two_draws() {
    for freedom in [2.5, 4.0, 9.0, 1e9] {
        let y = 1e7;
        let found = y - crps_student(freedom, 0.0, 2.0, y);
        close(found, half_distance_student(freedom, 2.0), 1e-4);
    }
    close(half_distance_normal(2.0), 2.0 / PI.sqrt(), 1e-15);
    assert!(half_distance_student(1.0, 1.0).is_nan());
}
