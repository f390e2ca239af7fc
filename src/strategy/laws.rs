//! The laws that every sizing rule keeps, run for each variant of the list.
#![expect(clippy::float_cmp, reason = "the same months must give the same bits")]

use super::{Belief, DemandQuantile, Observed, Order, ReserveQuantile, Schedule, Sizing};
use crate::block::{Lane, splat};
use crate::workload::{LoadCurve, Shape};

fn rules() -> Vec<Sizing> {
    vec![
        Sizing::Schedule(Schedule {
            orders: vec![Order { month: 0, chips: 64.0 }, Order { month: 5, chips: 8.0 }],
        }),
        Sizing::DemandQuantile(DemandQuantile::default()),
        Sizing::DemandQuantile(DemandQuantile {
            share_covered: 0.8,
            quantile: 0.95,
            hours_covered: 1.0,
            review_months: 6,
            from_month: 3,
            until_month: Some(12),
        }),
        Sizing::ReserveQuantile(ReserveQuantile::default()),
    ]
}

fn belief() -> Belief {
    let shape = Shape::OfficeHours(crate::workload::shape::Bursts::default());
    Belief {
        median_index: (0..60).map(|t| 1.02_f64.powi(t)).collect(),
        spread_per_sqrt_year: 0.3,
        curve: LoadCurve::of(&shape),
    }
}

fn history(months: usize) -> Vec<Lane> {
    (0..months).map(|t| splat(10.0 * 1.03_f64.powf(crate::units::count(t)))).collect()
}

#[test]
fn the_list_holds_every_rule() {
    let mut tags: Vec<String> = rules()
        .iter()
        .map(|r| {
            let json = serde_json::to_value(r).unwrap();
            json.as_object().unwrap().keys().next().unwrap().clone()
        })
        .collect();
    tags.dedup();
    assert_eq!(tags, Sizing::NAMES);
}

#[test]
fn targets_are_finite_never_negative_and_repeat() {
    let (belief, lead, standing) = (belief(), splat(6.0), splat(16.0));
    for sizing in rules() {
        for months in [0, 1, 2, 13, 40] {
            let past = history(months);
            let seen = Observed::new(&past, Some(&lead), &standing, &belief);
            let (mut a, mut b) = (splat(-1.0), splat(-2.0));
            sizing.rule().target(&seen, &mut a);
            sizing.rule().target(&seen, &mut b);
            assert!(a.iter().all(|x| x.is_finite() && *x >= 0.0), "{sizing:?}");
            assert_eq!(a, b);
        }
    }
}

#[test]
fn a_demand_of_zero_asks_for_nothing() {
    let (belief, lead, standing) = (belief(), splat(6.0), splat(0.0));
    let past = vec![splat(0.0); 5];
    let seen = Observed::new(&past, Some(&lead), &standing, &belief);
    for sizing in rules().into_iter().skip(1) {
        let mut out = splat(1.0);
        sizing.rule().target(&seen, &mut out);
        assert_eq!(out, splat(0.0), "{sizing:?}");
    }
}

#[test]
fn the_median_rule_on_a_known_growth_hits_demand_at_arrival() {
    // History and belief grow alike: the forecast is exact, and flat load needs no more.
    let belief = Belief {
        median_index: (0..60).map(|t| 1.03_f64.powi(t)).collect(),
        spread_per_sqrt_year: 0.3,
        curve: LoadCurve::FLAT,
    };
    let past = history(9);
    let (lead, standing) = (splat(6.0), splat(0.0));
    let seen = Observed::new(&past, Some(&lead), &standing, &belief);
    let mut out = splat(0.0);
    Sizing::DemandQuantile(DemandQuantile::default()).rule().target(&seen, &mut out);
    let expected = 10.0 * 1.03_f64.powi(8 + 6);
    assert!((out[0] / expected - 1.0).abs() < 1e-9, "{} {expected}", out[0]);
}

#[test]
fn a_higher_quantile_asks_for_more() {
    let (belief, lead, standing) = (belief(), splat(6.0), splat(0.0));
    let past = history(9);
    let seen = Observed::new(&past, Some(&lead), &standing, &belief);
    let at = |quantile: f64| {
        let rule = DemandQuantile { quantile, ..DemandQuantile::default() };
        let mut out = splat(0.0);
        Sizing::DemandQuantile(rule).rule().target(&seen, &mut out);
        out[0]
    };
    assert!(at(0.5) < at(0.8) && at(0.8) < at(0.95));
}
