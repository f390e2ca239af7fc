//! Robust fits against another program, and what a jump does to them.

use super::*;

fn yearly(logs: &[f64]) -> Vec<Point> {
    let point = |(i, log): (usize, &f64)| Point { years: units::count(i), log: *log };
    logs.iter().enumerate().map(point).collect()
}

/// A cost that falls by 0.23 a year, unevenly.
const FALLING: [f64; 9] = [1.2, 0.9, 1.0, 0.4, 0.35, -0.1, -0.05, -0.6, -0.7];
const LATER: f64 = -2.3;

/// A law by its years ahead.
type Ahead<'a> = &'a dyn Fn(f64) -> Forecast;

fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-8, "found {found}, wanted {wanted}");
}

/// One and four years ahead: place, scale and the CRPS of [`LATER`] four years ahead,
/// computed with numpy 2 and scipy 1 from the equations in the docs.
#[test]
fn laws_are_those_of_another_program() {
    let history = yearly(&FALLING);
    let walk = MedianWalk::fit(&history, 0.63).unwrap();
    let shrunk = Shrunk::fit(&history, 0.63).unwrap();
    let squares = Line::least_squares(&history).unwrap();
    let medians = Line::through_medians(&history).unwrap();
    let absolute = Level::fit(&history, 1.0, Spread::Absolute).unwrap();
    let smooth = Level::fit(&history, 0.7, Spread::Square).unwrap();
    let both = Level::fit(&history, 0.7, Spread::Absolute).unwrap();
    let cases: [(Ahead<'_>, [f64; 6]); 7] = [
        (
            &|t| walk.ahead(t),
            [-0.9, 0.309_106_286_8, -1.5, 0.957_159_742_1, 7.0, 0.480_980_452],
        ),
        (
            &|t| shrunk.ahead(t),
            [
                -0.941_666_666_7,
                0.276_136_962_8,
                -1.666_666_667,
                0.791_144_570_1,
                11.0,
                0.379_864_718,
            ],
        ),
        (
            &|t| squares.ahead(t),
            [
                -0.958_333_333_3,
                0.183_035_472_3,
                -1.693_333_333,
                0.218_530_445_4,
                7.0,
                0.469_470_344,
            ],
        ),
        (
            &|t| medians.ahead(t),
            [-1.05, 0.103_895_557_794, -1.8, 0.124_043_401_147, 7.0, 0.420_108_326_23],
        ),
        (
            &|t| absolute.ahead(t),
            [-0.7, 0.344_661_387_762, -0.7, 0.689_322_775_524, 8.0, 1.183_823_566_14],
        ),
        (
            &|t| smooth.ahead(t),
            [
                -0.617_648_287,
                0.386_157_939_6,
                -0.617_648_287,
                0.606_894_840_3,
                8.0,
                1.306_341_051,
            ],
        ),
        (
            &|t| both.ahead(t),
            [
                -0.617_648_287,
                0.409_934_052_266,
                -0.617_648_287,
                0.644_261_934_465,
                8.0,
                1.286_038_084_41,
            ],
        ),
    ];
    for (ahead, [near, near_scale, far, far_scale, freedom, crps]) in cases {
        close(ahead(1.0).location, near);
        close(ahead(1.0).scale, near_scale);
        close(ahead(4.0).location, far);
        close(ahead(4.0).scale, far_scale);
        assert_eq!(ahead(1.0).freedom, Some(freedom));
        close(ahead(4.0).crps(LATER), crps);
    }
}

#[test]
fn one_jump_moves_medians_by_a_rank() {
    let mut jumped = FALLING;
    for log in &mut jumped[2..] {
        *log -= 3.0;
    }
    let drift = |logs: &[f64]| MedianWalk::fit(&yearly(logs), 0.63).unwrap().per_year;
    assert!((drift(&FALLING) - drift(&jumped)).abs() < 0.2);
    let slope = |logs: &[f64]| Line::through_medians(&yearly(logs)).unwrap().per_year;
    let plain = |logs: &[f64]| Line::least_squares(&yearly(logs)).unwrap().per_year;
    let moved = (slope(&FALLING) - slope(&jumped)).abs();
    assert!(moved < 0.7 * (plain(&FALLING) - plain(&jumped)).abs(), "{moved}");
}

#[test]
fn less_than_a_step_ahead_every_scale_grows_from_nothing() {
    let history = yearly(&FALLING);
    for theta in [-0.4, 0.0, 0.63] {
        let walk = MedianWalk::fit(&history, theta).unwrap();
        let mut last = 0.0;
        for months in [0.0, 1.0, 6.0, 11.0, 12.0, 13.0, 30.0] {
            let scale = walk.ahead(months / 12.0).scale;
            assert!(scale.is_finite() && scale >= last, "{theta} {months}: {scale}");
            last = scale;
        }
    }
    let level = Level::fit(&history, 0.7, Spread::Square).unwrap();
    assert!(level.ahead(0.0).scale.abs() < 1e-12);
}

#[test]
fn a_price_that_never_moved_may_still_move() {
    let still = yearly(&[0.5; 9]);
    assert!(Level::fit(&still, 1.0, Spread::Square).unwrap().spread.abs() < 1e-15);
    let plus = Level::with_a_change(&still, 0.15).unwrap();
    close(plus.spread, 0.05);
    assert_eq!(plus.ahead(1.0).freedom, Some(9.0));
}

#[test]
fn short_and_broken_histories_are_refused() {
    let short = yearly(&[0.0, 1.0, 2.0]);
    assert_eq!(MedianWalk::fit(&short, 0.63), Err(FitError::TooShort { found: 3 }));
    let mut broken = yearly(&FALLING);
    broken[4].log = f64::NAN;
    assert_eq!(Line::least_squares(&broken), Err(FitError::NotFinite { index: 4 }));
    let mut huge = yearly(&FALLING);
    huge[1].log = 1e300;
    assert_eq!(Line::through_medians(&huge), Err(FitError::TooWide));
}
