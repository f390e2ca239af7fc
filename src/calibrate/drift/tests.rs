//! The fit by hand, and its forecasts' known answers.

use proptest::prelude::*;

use super::*;
use crate::input::{Check, Checker};

fn yearly(logs: &[f64]) -> Vec<Point> {
    let point = |(i, log): (usize, &f64)| Point { years: units::count(i), log: *log };
    logs.iter().enumerate().map(point).collect()
}

fn close(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "found {found}, wanted {wanted}");
}

#[test]
fn a_history_of_four_points_is_fitted_as_by_hand() {
    // Changes 1, 0, 2: drift 1, squares 0 + 1 + 1 over 2; without drift 5 over 3.
    let fit = Drift::fit(&yearly(&[0.0, 1.0, 1.0, 3.0])).unwrap();
    close(fit.per_year(), 1.0, 1e-15);
    close(fit.volatility_per_sqrt_year(), 1.0, 1e-15);
    assert_eq!(fit.changes(), 3);
    close(fit.span_years(), 3.0, 1e-15);
    let walk = fit.random_walk(3.0);
    close(walk.location, 6.0, 1e-15);
    close(walk.scale, 6.0_f64.sqrt(), 1e-15);
    assert_eq!(walk.freedom, Some(2.0));
    let plug_in = fit.plug_in(4.0);
    close(plug_in.location, 7.0, 1e-15);
    close(plug_in.scale, 2.0, 1e-15);
    assert_eq!(plug_in.freedom, None);
    let naive = fit.naive(3.0);
    close(naive.location, 3.0, 1e-15);
    close(naive.scale, 5.0_f64.sqrt(), 1e-15);
    assert_eq!(naive.freedom, Some(3.0));
}

#[test]
fn the_process_carries_what_the_forecast_knows() {
    let months: Vec<Point> = [0.0, 0.1, -0.1, 0.2, 0.1]
        .iter()
        .zip(0_u32..)
        .map(|(log, month)| Point { years: f64::from(month) / 12.0, log: *log })
        .collect();
    let process = Drift::fit(&months).unwrap().process();
    assert_eq!(process.observations, Some(4));
    close(process.drift_per_year, 0.3, 1e-12);
    close(process.observation_step_years, 1.0 / 12.0, 1e-15);
    let mut at = Checker::new();
    process.check(&mut at);
    assert_eq!(at.into_problems(), []);
}

#[test]
fn a_fit_does_not_depend_on_how_time_is_cut() {
    // A straight line has no volatility, wherever it is looked at.
    let line: Vec<Point> =
        [0.0, 0.5, 0.7, 2.0].map(|years| Point { years, log: -0.2 * years }).into();
    let fit = Drift::fit(&line).unwrap();
    close(fit.per_year(), -0.2, 1e-15);
    close(fit.volatility_per_sqrt_year(), 0.0, 1e-15);
    // A shock of √h in every step of length h, up and down: squares of 1 each.
    let mut history = vec![Point { years: 0.0, log: 0.0 }];
    for (i, step) in [0.25_f64, 0.25, 1.0, 1.0].into_iter().enumerate() {
        let last = history[i];
        let shock = if i % 2 == 0 { step.sqrt() } else { -step.sqrt() };
        history.push(Point { years: last.years + step, log: last.log + shock });
    }
    let fit = Drift::fit(&history).unwrap();
    close(fit.per_year(), 0.0, 1e-15);
    close(fit.volatility_per_sqrt_year().powi(2), 4.0 / 3.0, 1e-12);
}

#[test]
fn errors_grow_as_known() {
    // Farmer and Lafond (2016), eq. 16, to the digits of the design's own evaluation.
    for (theta, changes, steps, wanted) in [
        (0.0, 10, 5.0, 7.5),
        (0.25, 10, 5.0, 10.844),
        (0.63, 10, 5.0, 17.722),
        (0.63, 16, 3.0, 7.925),
    ] {
        close(growth_of_error(theta, changes, steps), wanted, 5e-4);
    }
}

#[test]
fn without_repetition_the_moving_average_is_the_walk() {
    let fit = Drift::fit(&yearly(&[0.0, -0.3, -0.2, -0.9, -1.0])).unwrap();
    for years in [1.0, 2.0, 10.0] {
        let (ima, walk) = (fit.moving_average(0.0, years), fit.random_walk(years));
        close(ima.scale, walk.scale, 1e-14);
        close(ima.location, walk.location, 0.0);
    }
    // A step ahead the last change tells of the next, further on the errors add up.
    for (years, wider) in [(1.0, false), (2.0, true), (10.0, true)] {
        let (ima, walk) = (fit.moving_average(0.63, years), fit.random_walk(years));
        assert_eq!(ima.scale > walk.scale, wider, "{years} years ahead");
    }
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let mut history = yearly(&[0.0, 1.0, 1.0]);
    assert_eq!(Drift::fit(&history), Err(FitError::TooShort { found: 3 }));
    history.push(Point { years: 2.0, log: 0.0 });
    assert_eq!(Drift::fit(&history), Err(FitError::NotLater { index: 3 }));
    assert!(FitError::NotLater { index: 3 }.to_string().starts_with("point 4 is not"));
    history[1].log = f64::NEG_INFINITY;
    assert_eq!(Drift::fit(&history), Err(FitError::NotFinite { index: 1 }));
    let wide = yearly(&[-1e200, 1e200, -1e200, 1e200]);
    assert_eq!(Drift::fit(&wide), Err(FitError::TooWide));
}

proptest! {
    #[test]
    fn any_series_is_fitted_or_refused(
        points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..9),
        years in any::<f64>(),
    ) {
        let history: Vec<Point> =
            points.iter().map(|(years, log)| Point { years: *years, log: *log }).collect();
        if let Ok(fit) = Drift::fit(&history) {
            let _ = fit.moving_average(0.63, years).crps(0.0);
            let _ = fit.naive(years).interval(0.8);
        }
    }
}
