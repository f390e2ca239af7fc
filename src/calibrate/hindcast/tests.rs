//! A hindcast by hand, and its coverage where the model is the truth.

use proptest::prelude::*;

use super::*;
use crate::calibrate::{Scores, by_horizon};
use crate::random::{Monthly, Seed};
use crate::units;

fn yearly(logs: &[f64]) -> Vec<Point> {
    let point = |(i, log): (usize, &f64)| Point { years: units::count(i), log: *log };
    logs.iter().enumerate().map(point).collect()
}

/// Walks of drift −0.3 and volatility 0.2, one a path.
fn walks(points: u32) -> Vec<Vec<Point>> {
    let mut stream = Monthly::new(Seed(11), "hindcast");
    let mut walks: Vec<Vec<Point>> = Vec::new();
    for block in 0..20_u64 {
        let first_path = block * units_of_a_block();
        let mut logs = crate::block::splat(0.0);
        let mut paths = vec![Vec::new(); logs.len()];
        for year in 1..=points {
            let z = *stream.normal_at(first_path, year);
            for ((log, path), z) in logs.iter_mut().zip(&mut paths).zip(z) {
                *log += -0.3 + 0.2 * z;
                path.push(Point { years: f64::from(year), log: *log });
            }
        }
        walks.extend(paths);
    }
    walks
}

fn units_of_a_block() -> u64 {
    u64::try_from(crate::block::LANES).expect("a block is small")
}

/// One origin a walk, so that the cases of a horizon are independent: with n of them a
/// share p has the standard error √(p (1 − p)/n).
fn scores_on_true_walks(model: Model) -> Vec<Scores> {
    let design = Design::new(8, [1, 2, 5]).unwrap();
    let cases: Vec<Vec<Case>> = walks(14)
        .iter()
        .map(|walk| {
            let mut cases = hindcast(walk, model, &design).unwrap();
            cases.retain(|case| case.origin == 8);
            cases
        })
        .collect();
    by_horizon(&cases).into_values().collect()
}

/// Shares that ought to be nominal, and how many standard errors they are off.
fn off(scores: &Scores) -> [f64; 5] {
    let n = units::count(scores.cases);
    [
        (scores.coverage50, 0.5),
        (scores.coverage80, 0.8),
        (scores.coverage90, 0.9),
        (scores.below5, 0.05),
        (scores.above95, 0.05),
    ]
    .map(|(found, p)| (found - p) / (p * (1.0 - p) / n).sqrt())
}

/// 4 standard errors, 15 comparisons: a new seed would cry wolf once in 1,000.
#[test]
fn on_true_walks_the_bands_of_the_random_walk_hold() {
    for scores in scores_on_true_walks(Model::RandomWalk) {
        for errors in off(&scores) {
            assert!(errors.abs() < 4.0, "{scores:?}");
        }
    }
}

/// The same check sees a model that is wrong: without the errors of its parameters at
/// any horizon; with repetition where there is none, or without drift, from two on.
#[test]
fn on_true_walks_the_bands_of_the_others_do_not() {
    for scores in scores_on_true_walks(Model::PlugIn) {
        assert!(off(&scores)[1] < -4.0, "too wide: {scores:?}");
    }
    for scores in &scores_on_true_walks(Model::MovingAverage)[1..] {
        assert!(off(scores)[1] > 4.0, "too narrow: {scores:?}");
    }
    for scores in &scores_on_true_walks(Model::Naive)[1..] {
        assert!(off(scores)[3] > 4.0, "drift not missed: {scores:?}");
    }
}

#[test]
fn a_series_of_six_points_is_played_as_by_hand() {
    let series = yearly(&[0.0, 1.0, 1.0, 3.0, 5.0, 2.0]);
    let design = Design::new(3, [1, 2]).unwrap();
    let cases = hindcast(&series, Model::PlugIn, &design).unwrap();
    let places: Vec<(usize, usize)> =
        cases.iter().map(|c| (c.origin, c.horizon)).collect();
    // From point 4 only one step is left.
    assert_eq!(places, [(3, 1), (3, 2), (4, 1)]);
    // Changes 1, 0, 2: drift 1, volatility 1. The next value is 5 where 4 is expected:
    // 1 standard deviation above. The 80 % band is 4 ± 1.28155: hit.
    assert!((cases[0].error - 1.0).abs() < 1e-12);
    assert!((cases[0].pit - 0.841_344_746).abs() < 1e-8);
    assert!((cases[0].interval_score - 2.563_103_131).abs() < 1e-8);
    // 1 · (2Φ(1) − 1) + 2φ(1) − 1/√π.
    assert!((cases[0].crps - 0.602_441_36).abs() < 1e-7);
    // Then 2 where 5 is expected, scale √2: 3 below, past the band by 3 − 1.81237.
    assert!((cases[1].error + 3.0).abs() < 1e-12);
    let width = 2.563_103_131 * 2.0_f64.sqrt();
    let wanted = width + 10.0 * (3.0 - 0.5 * width);
    assert!((cases[1].interval_score - wanted).abs() < 1e-7);
    // Changes 1, 0, 2, 2 now: drift 1.25, and 2 where 6.25 is expected.
    assert!((cases[2].error + 4.25).abs() < 1e-12);
}

#[test]
fn models_that_share_a_drift_share_the_error_of_the_median() {
    let series = yearly(&[0.0, -0.5, -0.6, -1.2, -1.1, -1.9, -2.0, -2.4, -2.2, -3.0]);
    let design = Design::yearly();
    let error = |model| {
        let cases = hindcast(&series, model, &design).unwrap();
        Scores::of(&[cases]).unwrap().mean_absolute_error
    };
    let walk = error(Model::RandomWalk);
    assert_eq!(walk.to_bits(), error(Model::PlugIn).to_bits());
    assert_eq!(walk.to_bits(), error(Model::MovingAverage).to_bits());
    assert!(walk < error(Model::Naive));
}

#[test]
fn nothing_is_known_at_an_origin_that_comes_later() {
    let mut series = yearly(&[0.0, 0.3, 0.1, 0.6, 0.4, 0.9, 1.0, 0.8]);
    let design = Design::new(4, [1]).unwrap();
    let before = hindcast(&series, Model::RandomWalk, &design).unwrap();
    series[7].log = 55.0;
    let after = hindcast(&series, Model::RandomWalk, &design).unwrap();
    assert_eq!(before[..2], after[..2]);
    assert_ne!(before[2], after[2]);
}

#[test]
fn a_short_series_has_no_cases_and_a_broken_one_is_refused() {
    let mut series = yearly(&[0.0, 0.1, 0.0, 0.2, 0.1, 0.3, 0.2, 0.4]);
    let design = Design::yearly();
    for points in 0..8 {
        let cases = hindcast(&series[..points], Model::Naive, &design);
        assert_eq!(cases, Ok(Vec::new()), "{points} points");
    }
    assert_eq!(hindcast(&series, Model::Naive, &design).unwrap().len(), 1);
    series[7].log = f64::NAN;
    let error = hindcast(&series, Model::Naive, &design).unwrap_err();
    assert_eq!(error, FitError::NotFinite { index: 7 });
    series[7] = Point { years: 6.0, log: 0.3 };
    let error = hindcast(&series, Model::Naive, &design).unwrap_err();
    assert_eq!(error, FitError::NotLater { index: 7 });
}

#[test]
fn a_design_without_sense_is_refused() {
    assert_eq!(Design::new(2, [1]), Err(DesignError::TooFew { found: 2 }));
    assert_eq!(Design::new(6, [1, 0]), Err(DesignError::NoStep));
    assert_eq!(Design::new(6, [1, 2, 3, 4, 5]), Ok(Design::yearly()));
}

proptest! {
    #[test]
    fn any_series_is_played_or_refused(
        points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..14),
        sorted in any::<bool>(),
    ) {
        let mut series: Vec<Point> =
            points.iter().map(|(years, log)| Point { years: *years, log: *log }).collect();
        if sorted {
            series.sort_by(|a, b| a.years.total_cmp(&b.years));
        }
        for model in Model::ALL {
            let _ = hindcast(&series, model, &Design::yearly());
        }
    }
}
