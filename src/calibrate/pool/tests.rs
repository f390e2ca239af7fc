//! The mixture against its members, an ensemble and another program.

use super::*;
use crate::stats::score::{EnsembleCrps, crps_ensemble};

fn student(location: f64, scale: f64, freedom: f64) -> Forecast {
    Forecast { location, scale, freedom: Some(freedom) }
}

fn mixture() -> Pool {
    let normal = Forecast { location: 1.0, scale: 0.2, freedom: None };
    Pool::new([
        (0.5, student(0.0, 1.0, 5.0)),
        (0.2, normal),
        (0.3, student(-2.0, 0.5, 3.0)),
    ])
    .unwrap()
}

#[test]
fn a_member_alone_is_itself() {
    for freedom in [None, Some(2.0), Some(4.0), Some(30.0)] {
        let only = Forecast { location: -1.0, scale: 0.3, freedom };
        let pool = Pool::new([(0.7, only)]).unwrap();
        // Twice the same member takes the quadrature.
        let twice = Pool::new([(1.0, only), (3.0, only)]).unwrap();
        for y in [-9.0, -1.0, -0.8, 2.0] {
            assert!((pool.crps(y) - only.crps(y)).abs() < 1e-12, "{freedom:?} {y}");
            let off = (twice.crps(y) - only.crps(y)).abs();
            assert!(off < 1e-6, "{freedom:?} {y}: {off}");
            assert!((pool.pit(y) - only.pit(y)).abs() < 1e-15);
        }
        for p in [0.05, 0.5, 0.9] {
            assert!((twice.quantile(p) - only.quantile(p)).abs() < 1e-9, "{p}");
        }
    }
}

#[test]
fn the_place_of_a_quantile_is_its_probability() {
    let pool = mixture();
    for p in [0.001, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999] {
        let found = pool.pit(pool.quantile(p));
        assert!((found - p).abs() < 1e-10, "{found} for {p}");
    }
    assert!(pool.quantile(f64::NAN).is_nan());
}

#[test]
fn the_score_is_that_of_many_equally_likely_members() {
    let pool = mixture();
    let many = 20_001_u32;
    let mut members: Vec<f64> = (0..many)
        .map(|i| pool.quantile((f64::from(i) + 0.5) / f64::from(many)))
        .collect();
    for y in [-2.5, 0.3, 4.0] {
        let wanted = crps_ensemble(&mut members, y, EnsembleCrps::Nrg);
        let found = pool.crps(y);
        assert!((found - wanted).abs() < 2e-4, "{found}, not {wanted}");
    }
}

#[test]
fn what_has_no_weight_or_no_place_is_left_out() {
    let nowhere = student(f64::NAN, 1.0, 5.0);
    assert_eq!(Pool::new([(1.0, nowhere)]), None);
    assert_eq!(Pool::new([]), None);
    let pool = Pool::new([
        (1.0, nowhere),
        (0.0, student(9.0, 1.0, 5.0)),
        (0.2, student(2.0, 0.0, 5.0)),
    ])
    .unwrap();
    assert_eq!(pool.members().len(), 1);
    assert!((pool.quantile(0.9) - 2.0).abs() < 1e-5);
}

/// A member far out with little weight is not missed: two sharp values a apart, with weights
/// w and 1 − w, are 2w(1 − w)a from each other on average.
#[test]
fn a_far_member_of_little_weight_counts() {
    for (weight, far) in [(0.5, 1.0), (1e-3, 1e3), (2e-6, 1e6), (2e-6, -1e6)] {
        let sharp = |location: f64| Forecast { location, scale: 1e-3, freedom: None };
        let pool = Pool::new([(1.0 - weight, sharp(0.0)), (weight, sharp(far))]).unwrap();
        let found = pool.half_distance();
        let wanted = weight * (1.0 - weight) * far.abs();
        assert!((found / wanted - 1.0).abs() < 0.1, "{weight} {far}: {found} {wanted}");
    }
}
