//! Weights and pooled scores against another program, and honesty about time.

use super::*;
use crate::calibrate::{Scores, hindcast};

fn series(logs: &[f64], step: f64) -> Vec<Point> {
    let point =
        |(i, log): (usize, &f64)| Point { years: step * units::count(i), log: *log };
    logs.iter().enumerate().map(point).collect()
}

const COST: [f64; 14] =
    [1.2, 0.9, 1.0, 0.4, 0.35, -0.1, -0.05, -0.6, -0.7, -1.5, -1.4, -1.8, -2.3, -2.2];
const RENT: [f64; 20] = [
    1.2, 1.2, 1.25, 1.1, 1.1, 1.1, 1.15, 1.0, 1.02, 1.02, 0.9, 0.95, 0.95, 0.8, 0.82,
    0.9, 1.0, 1.0, 1.1, 1.05,
];

fn close(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "found {found}, wanted {wanted}");
}

/// Computed with numpy 2 and scipy 1 from the equations in the docs, the pool's CRPS by a
/// quadrature of its own on 160 points: good to three digits.
#[test]
fn records_are_those_of_another_program() {
    let cost = series(&COST, 1.0);
    let cases = hindcast_stack(&cost, Family::Hardware, &Design::yearly()).unwrap();
    let scores = Scores::of(std::slice::from_ref(&cases)).unwrap();
    assert_eq!(scores.cases, 25);
    close(scores.crps, 0.174_245, 2e-3);
    close(scores.interval_score80, 1.384_86, 2e-2);
    close(scores.mean_absolute_error, 0.219_83, 2e-3);
    for (case, wanted) in
        cases.iter().zip([0.280_087_815_2, 0.624_705_093_7, 0.058_981_267_7])
    {
        close(case.pit, wanted, 1e-9);
    }
    let rent = series(&RENT, 1.0 / 12.0);
    let cases = hindcast_stack(&rent, Family::Rent, &Design::monthly()).unwrap();
    let scores = Scores::of(std::slice::from_ref(&cases)).unwrap();
    assert_eq!(scores.cases, 14);
    close(scores.crps, 0.075_457, 1e-3);
    for (case, wanted) in
        cases.iter().zip([0.022_587_183_2, 0.317_607_285_1, 0.850_175_389_7])
    {
        close(case.pit, wanted, 1e-9);
    }
}

#[test]
fn weights_follow_the_scores_known_by_then() {
    let cost = series(&COST, 1.0);
    for (known, line) in [(7, 0.676_977_550_0), (10, 0.998_723_035_7)] {
        let stack =
            Stack::fit(&cost[..known], Family::Hardware, &Design::yearly()).unwrap();
        let weights: Vec<f64> = stack.members().iter().map(|m| m.1).collect();
        close(weights.iter().sum(), 1.0, 1e-12);
        close(weights[1], line, 1e-9);
    }
}

#[test]
fn nothing_later_than_the_origin_moves_a_forecast() {
    let mut cost = series(&COST, 1.0);
    let design = Design::yearly();
    let before = hindcast_stack(&cost, Family::Hardware, &design).unwrap();
    cost[13].log = 40.0;
    let after = hindcast_stack(&cost, Family::Hardware, &design).unwrap();
    let same = |case: &&Case| case.origin + case.horizon < 13;
    let before: Vec<&Case> = before.iter().filter(same).collect();
    let after: Vec<&Case> = after.iter().filter(same).collect();
    assert_eq!(before, after);
    assert!(!before.is_empty());
}

#[test]
fn without_a_past_the_weights_are_those_from_before() {
    let cost = series(&COST[..5], 1.0);
    for family in Family::ALL {
        let stack = Stack::fit(&cost[..4], family, &Design::yearly()).unwrap();
        for ((_, weight, _), (_, prior)) in stack.members().iter().zip(family.members()) {
            close(*weight, *prior, 1e-12);
        }
        let total: f64 = family.members().iter().map(|m| m.1).sum();
        close(total, 1.0, 1e-12);
    }
}

#[test]
fn a_price_that_stands_still_has_a_forecast() {
    let still = series(&[0.7; 20], 1.0 / 12.0);
    for family in Family::ALL {
        let cases = hindcast_stack(&still, family, &Design::monthly()).unwrap();
        assert_eq!(cases.len(), 14, "{family:?}");
        assert!(cases.iter().all(|c| c.crps.is_finite() && c.error.abs() < 1e-3));
    }
}

/// Costs that walk as the family's walk believes, θ = 0.63 with known drift: the pool must
/// not be far worse than the best model that never learns.
#[test]
fn on_walks_the_pool_is_no_worse_than_its_best_member_by_more_than_a_few_percent() {
    use crate::random::{Monthly, Seed};
    let mut stream = Monthly::new(Seed(5), "walks of costs");
    let lanes = crate::block::LANES;
    let mut paths = vec![vec![Point { years: 0.0, log: 0.0 }]; lanes];
    let mut before = crate::block::splat(0.0);
    for year in 1..=20_u32 {
        let z = *stream.normal_at(0, year);
        for ((path, z), before) in paths.iter_mut().zip(z).zip(&mut before) {
            let last = path[path.len() - 1].log;
            let log = last - 0.3 + 0.2 * (z + 0.63 * *before);
            path.push(Point { years: f64::from(year), log });
            *before = z;
        }
    }
    let design = Design::yearly();
    let pooled: Vec<Vec<Case>> = paths[..60]
        .iter()
        .map(|p| hindcast_stack(p, Family::Hardware, &design).unwrap())
        .collect();
    let best: Vec<Vec<Case>> = paths[..60]
        .iter()
        .map(|p| hindcast(p, Model::MovingAverage, &design).unwrap())
        .collect();
    let (pooled, best) = (Scores::of(&pooled).unwrap(), Scores::of(&best).unwrap());
    assert!(pooled.crps < 1.06 * best.crps, "{} and {}", pooled.crps, best.crps);
    assert!((0.74..0.90).contains(&pooled.coverage80), "{}", pooled.coverage80);
}
