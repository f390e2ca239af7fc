//! The laws that every sizing rule keeps, run for each variant of the list.
#![expect(clippy::float_cmp, reason = "the same months must give the same bits")]

use super::{
    Belief, DemandQuantile, Ladder, Leapfrog, MinMax, Newsvendor, NextGeneration,
    Observed, OnlineFloor, Order, PerfectForesight, Prices, Progress, ReserveQuantile,
    Rolling, Schedule, Sizing, Trigger, YearsOfGrowth,
};
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
        Sizing::MinMax(MinMax::default()),
        Sizing::Newsvendor(Newsvendor::default()),
        Sizing::Ladder(Ladder::default()),
        Sizing::YearsOfGrowth(YearsOfGrowth::default()),
        Sizing::Trigger(Trigger { threshold: Some(1.5), ..Trigger::default() }),
        Sizing::Trigger(Trigger::default()),
        Sizing::Leapfrog(Leapfrog::default()),
        Sizing::OnlineFloor(OnlineFloor::default()),
        Sizing::OnlineFloor(OnlineFloor { randomised: true, ..OnlineFloor::default() }),
        Sizing::Rolling(Rolling::default()),
        Sizing::PerfectForesight(PerfectForesight {}),
    ]
}

fn belief() -> Belief {
    let shape = Shape::OfficeHours(crate::workload::shape::Bursts::default());
    Belief {
        median_index: (0..60).map(|t| 1.02_f64.powi(t)).collect(),
        spread_per_sqrt_year: 0.3,
        curve: LoadCurve::of(&shape),
        progress: Progress::default(),
    }
}

/// What a rule may ask to see, on paths on which renting costs more and more.
struct Shown {
    commit: Lane,
    run: Lane,
    rent: Lane,
    luck: Lane,
    orders: Vec<Lane>,
}

impl Shown {
    fn new() -> Self {
        let mut shown = Self {
            commit: splat(30_000.0),
            run: splat(150.0),
            rent: splat(0.0),
            luck: splat(0.0),
            orders: vec![splat(0.5); 60],
        };
        let mut share = 0.5 / 256.0;
        for (rent, luck) in shown.rent.iter_mut().zip(&mut shown.luck) {
            (*rent, *luck) = (3_000.0 * share, share);
            share += 1.0 / 256.0;
        }
        shown
    }

    fn to<'a>(&'a self, seen: Observed<'a>) -> Observed<'a> {
        let prices = Prices {
            commit_usd: &self.commit,
            term_months: 36.0,
            run_usd_per_month: &self.run,
            rent_usd_per_month: &self.rent,
        };
        seen.with_prices(prices)
            .with_luck(&self.luck)
            .with_orders(&self.orders[..seen.now()])
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
    let shown = Shown::new();
    let (belief, lead, standing) = (belief(), splat(6.0), splat(16.0));
    for sizing in rules() {
        for months in [0, 1, 2, 13, 40] {
            let past = history(months);
            let seen = Observed::new(&past, Some(&lead), &standing, &belief);
            let seen = shown.to(seen);
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
    let shown = Shown::new();
    let seen = shown.to(Observed::new(&past, Some(&lead), &standing, &belief));
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
        progress: Progress::default(),
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

/// What a rule asks for on the paths of [`Shown`], with nothing standing.
fn asked(sizing: &Sizing, shown: &Shown) -> Lane {
    let (belief, lead, standing) = (belief(), splat(6.0), splat(0.0));
    let past = history(13);
    let seen = shown.to(Observed::new(&past, Some(&lead), &standing, &belief));
    let mut out = splat(0.0);
    sizing.rule().target(&seen, &mut out);
    out
}

#[test]
fn the_dearer_renting_is_the_more_is_committed() {
    let shown = Shown { orders: vec![splat(0.0); 60], ..Shown::new() };
    for sizing in [
        Sizing::Newsvendor(Newsvendor::default()),
        Sizing::Rolling(Rolling::default()),
        Sizing::Trigger(Trigger { threshold: Some(1.0), ..Trigger::default() }),
        Sizing::Leapfrog(Leapfrog::default()),
        Sizing::OnlineFloor(OnlineFloor::default()),
    ] {
        let out = asked(&sizing, &shown);
        assert!(out.is_sorted(), "{sizing:?}");
        assert!(out[0] == 0.0 && out[255] > 0.0, "{sizing:?}");
    }
}

#[test]
fn the_nearer_the_next_generation_the_fewer_order_and_without_one_it_is_break_even() {
    let shown = Shown::new();
    let (lead, standing) = (splat(6.0), splat(0.0));
    let past = history(13);
    let rule = Sizing::Leapfrog(Leapfrog::default());
    let next = NextGeneration { years_between: 3.0.into(), cost_factor: 0.6 };
    let progress = Progress { cost_decline_per_year: 0.0, next: Some(next) };
    let belief = Belief { progress, ..belief() };
    let orders = |months: f64| {
        let age = splat(months);
        let seen = shown.to(Observed::new(&past, Some(&lead), &standing, &belief));
        let seen = seen.with_months_since_generation(&age);
        let mut out = splat(0.0);
        rule.rule().target(&seen, &mut out);
        out.iter().filter(|chips| **chips > 0.0).count()
    };
    let all: Vec<usize> = (0..12).map(|i| orders(3.0 * f64::from(i))).collect();
    assert!(all.is_sorted_by(|a, b| a >= b), "{all:?}");
    assert!(all[0] > all[11] && all[11] == 0, "{all:?}");
    let none = asked(&rule, &shown).iter().filter(|chips| **chips > 0.0).count();
    let at_once = Sizing::Trigger(Trigger { threshold: Some(1.0), ..Trigger::default() });
    let pays = asked(&at_once, &shown).iter().filter(|chips| **chips > 0.0).count();
    assert!(none == pays && none >= all[0], "{none} {pays}");
}

#[test]
fn a_ladder_takes_its_rungs_one_by_one_and_never_more_than_the_base() {
    let belief = Belief {
        median_index: vec![1.0; 60],
        spread_per_sqrt_year: 0.3,
        curve: LoadCurve::FLAT,
        progress: Progress::default(),
    };
    let rule = Sizing::Ladder(Ladder { rungs: 4, ..Ladder::default() });
    let past = vec![splat(100.0); 3];
    let mut standing = splat(0.0);
    for rung in 1..7_u32 {
        let mut out = splat(0.0);
        let seen = Observed::new(&past, None, &standing, &belief);
        rule.rule().target(&seen, &mut out);
        let wanted = 25.0 * f64::from(rung.min(4));
        assert!((out[0] - wanted).abs() < 1e-9, "{} {wanted}", out[0]);
        standing = out;
    }
}

#[test]
fn an_order_up_to_the_high_mark_waits_for_the_low_one() {
    let belief = Belief {
        median_index: vec![1.0; 60],
        spread_per_sqrt_year: 0.3,
        curve: LoadCurve::FLAT,
        progress: Progress::default(),
    };
    let rule = MinMax { reorder_share: 0.8, up_to_share: 1.5, ..MinMax::default() };
    let past = vec![splat(100.0); 3];
    for (standing, wanted) in [(79.0, 150.0), (81.0, 81.0), (160.0, 160.0)] {
        let (standing, mut out) = (splat(standing), splat(0.0));
        let seen = Observed::new(&past, None, &standing, &belief);
        Sizing::MinMax(rule.clone()).rule().target(&seen, &mut out);
        assert_eq!(out[0], wanted);
    }
}

#[test]
fn years_of_growth_are_ordered_when_what_stands_no_longer_covers_the_need() {
    let belief = Belief {
        median_index: (0..120).map(|t| 1.02_f64.powi(t)).collect(),
        spread_per_sqrt_year: 0.3,
        curve: LoadCurve::FLAT,
        progress: Progress::default(),
    };
    let rule = Sizing::YearsOfGrowth(YearsOfGrowth {
        years: Some(2.0),
        ..YearsOfGrowth::default()
    });
    let past: Vec<Lane> = (0..5).map(|t| splat(50.0 * 1.02_f64.powi(t))).collect();
    let lead = splat(6.0);
    let need = 50.0 * 1.02_f64.powi(4 + 6);
    for (standing, wanted) in
        [(need - 1.0, need * 1.02_f64.powi(24)), (need + 1.0, need + 1.0)]
    {
        let (standing, mut out) = (splat(standing), splat(0.0));
        let seen = Observed::new(&past, Some(&lead), &standing, &belief);
        rule.rule().target(&seen, &mut out);
        assert!((out[0] / wanted - 1.0).abs() < 1e-9, "{} {wanted}", out[0]);
    }
}

/// Demands of one chip on 256 paths for 40 months: blocks, gaps, and noise.
fn on_and_off() -> Vec<Lane> {
    let mut state = 12_345_u64;
    let mut months = vec![splat(0.0); 40];
    for path in 0..256 {
        let mut left = 0;
        let mut on = 0.0;
        for month in &mut months {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let word = state >> 33;
            if left == 0 {
                left = 1 + word % 11;
                on = if word & 64 == 0 { 1.0 } else { 0.0 };
            }
            left -= 1;
            month[path] = on;
        }
    }
    months
}

/// Months of a commitment, its fee, the rent of a month, the running cost.
const CASES: [(usize, f64, f64, f64); 4] =
    [(12, 6.0, 1.0, 0.0), (6, 3.0, 1.0, 0.25), (8, 2.0, 1.0, 0.5), (12, 4.0, 1.0, 0.6)];

/// What the rule pays for demands of one chip, path by path.
fn bill(
    rule: &OnlineFloor,
    demands: &[Lane],
    case: (usize, f64, f64, f64),
    luck: &Lane,
) -> Lane {
    let (term, fee, rent, run) = case;
    let belief = Belief {
        median_index: vec![1.0; 60],
        spread_per_sqrt_year: 0.0,
        curve: LoadCurve::FLAT,
        progress: Progress::default(),
    };
    let lanes = [splat(fee), splat(run), splat(rent)];
    let mut orders: Vec<Lane> = Vec::new();
    let mut paid = splat(0.0);
    for (month, demand) in demands.iter().enumerate() {
        let mut standing = splat(0.0);
        for order in &orders[(month + 1).saturating_sub(term)..] {
            standing.iter_mut().zip(order).for_each(|(x, chips)| *x += chips);
        }
        let prices = Prices {
            commit_usd: &lanes[0],
            term_months: crate::units::count(term),
            run_usd_per_month: &lanes[1],
            rent_usd_per_month: &lanes[2],
        };
        let seen = Observed::new(&demands[..=month], None, &standing, &belief)
            .with_prices(prices)
            .with_orders(&orders)
            .with_luck(luck);
        let mut target = splat(0.0);
        Sizing::OnlineFloor(rule.clone()).rule().target(&seen, &mut target);
        let mut order = splat(0.0);
        for i in 0..256 {
            order[i] = target[i] - standing[i];
            let served = demand[i].min(target[i]);
            paid[i] += fee * order[i] + run * served + rent * (demand[i] - served);
        }
        orders.push(order);
    }
    paid
}

/// The least that a path of demands of one chip can cost somebody who knows it.
fn best(demands: &[Lane], path: usize, case: (usize, f64, f64, f64)) -> f64 {
    let (term, fee, rent, run) = case;
    let mut least = vec![0.0; demands.len() + 1];
    for from in (0..demands.len()).rev() {
        let until = (from + term).min(demands.len());
        let used: f64 = demands[from..until].iter().map(|d| run * d[path]).sum();
        let rented = rent * demands[from][path] + least[from + 1];
        least[from] = f64::min(rented, fee + used + least[until]);
    }
    least[0]
}

#[test]
fn the_bill_is_within_its_ratio_of_the_best() {
    let demands = on_and_off();
    for case in CASES {
        let alpha = case.3 / case.2;
        let paid = bill(&OnlineFloor::default(), &demands, case, &splat(0.0));
        let mut worst: f64 = 0.0;
        for (path, paid) in paid.iter().enumerate() {
            let best = best(&demands, path, case);
            assert!(*paid >= best - 1e-9, "cheaper than the best: {paid} {best}");
            worst = worst.max(paid / best.max(1e-9));
            assert!(*paid <= (2.0 - alpha) * best + 1e-9, "{case:?}: {paid} {best}");
        }
        assert!(worst > 1.0, "{case:?}");
    }
}

#[test]
fn the_randomised_bill_is_within_its_ratio_on_average() {
    let demands = on_and_off();
    let draws = 24;
    for case in CASES {
        let alpha = case.3 / case.2;
        let ratio = std::f64::consts::E / (std::f64::consts::E - 1.0 + alpha);
        let rule = OnlineFloor { randomised: true, ..OnlineFloor::default() };
        let mut mean = splat(0.0);
        for draw in 0..draws {
            let uniform = (f64::from(draw) + 0.5) / f64::from(draws);
            let paid = bill(&rule, &demands, case, &splat(uniform));
            for (mean, paid) in mean.iter_mut().zip(paid) {
                *mean += paid / f64::from(draws);
            }
        }
        for (path, mean) in mean.iter().enumerate() {
            // A month of rent is the grain of time, and 24 draws stand for the law: the
            // promise of continuous time holds to half a month's rent a term.
            let slack = 0.5 * case.2 * crate::units::count(40 / case.0 + 1);
            let best = best(&demands, path, case);
            assert!(*mean <= ratio * best + slack, "{case:?}: {mean} {best}");
        }
    }
}
