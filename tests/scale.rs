//! A hyperscaler's plan: millions of chips, hundreds of billions of dollars a year.
//!
//! The frontier lab of the examples, multiplied. Nothing may overflow, lose its unit or
//! become unreadable on the way.

mod played;

use played::{Played, example, play};
use rackcast::report::fan::fans;
use rackcast::report::summary::summary;

/// Times the lab of the example: its owned capex of 0.36 billion dollars in the first
/// year becomes about 650 billion.
const TIMES: f64 = 1_800.0;

fn hyperscaler() -> Played {
    let mut plan = example("frontier-lab/plan.toml");
    let workload = plan.workloads.get_mut("pretraining").expect("the example pretrains");
    let training = workload.training.as_mut().expect("it is a training workload");
    training.runs_per_year = training.runs_per_year.scaled(TIMES);
    for strategy in plan.strategies.values_mut() {
        for own in strategy.stack.iter_mut().filter_map(|e| e.own.as_mut()) {
            own.power_limit_kw = own.power_limit_kw.map(|kw| kw * TIMES);
            own.budget_usd_per_year = Some(1e12);
        }
    }
    plan.results.accounts = true;
    play(&plan, 1_000)
}

#[test]
fn a_hyperscaler_spends_hundreds_of_billions_a_year_on_millions_of_chips() {
    let played = hyperscaler();
    let own = played.strategy("own-h100");
    let capex = own.years[0].capex.mean.expect("years have means").mean;
    assert!((1e11..1e13).contains(&capex), "capex of the first year: {capex}");
    let chips = played.chips("own-h100").quantiles.iter().map(|q| q[4]);
    let most = chips.fold(0.0, f64::max);
    assert!((1e6..1e9).contains(&most), "chips at most: {most}");
}

#[test]
fn nothing_overflows_at_the_scale_of_a_hyperscaler() {
    let played = hyperscaler();
    for fan in fans(&played.scenario, &played.outcome) {
        for (month, quantiles) in fan.data.quantiles.iter().enumerate() {
            assert!(quantiles.iter().all(|x| x.is_finite()), "{} in {month}", fan.key);
            assert!(quantiles.is_sorted(), "{} in {month}: {quantiles:?}", fan.key);
        }
    }
    for s in &played.outcome.strategies {
        let error = s.net_present_cost.mean.expect("costs have means").standard_error;
        assert!(error.is_finite() && error > 0.0, "{}", s.name);
        assert!(s.net_present_cost.cvar95.is_some_and(f64::is_finite), "{}", s.name);
        assert!((0.0..=1.0).contains(&s.unserved_share.mean), "{}", s.name);
    }
    // Numbers that are not finite become `null` in JSON; a threshold that is never
    // reached and has no value is the only other one.
    let json = played.json();
    assert_eq!(json.matches("null").count(), json.matches("\"never\": null").count());
}

#[test]
fn a_hyperscalers_summary_is_printed_readably() {
    let played = hyperscaler();
    let text = summary(&played.scenario, &played.outcome, &played.decision);
    for scrap in ["inf", "NaN", "nan", "null", "e+", "e1"] {
        let has = text.split_whitespace().any(|word| word.trim_matches('$') == scrap);
        assert!(!has, "{scrap} in\n{text}");
    }
    // No amount is a row of digits without a unit: five in a row are too many to read.
    for line in text.lines().filter(|l| l.contains('$')) {
        let rows = line.split(|c: char| !c.is_ascii_digit());
        let longest = rows.map(str::len).max().unwrap_or(0);
        assert!(longest <= 4, "{line}");
    }
    assert!(text.contains("Cheapest: `") || text.contains("A tie: "), "{text}");
}

#[test]
fn costs_grow_in_proportion_to_the_work_where_nothing_is_lumpy() {
    // Renting has no lumps and no limits: a lab 1,800 times as large pays 1,800 times as
    // much, to rounding.
    let one = play(&example("frontier-lab/plan.toml"), 1_000);
    let many = hyperscaler();
    let (small, large) = (one.cost("rent-tpu"), many.cost("rent-tpu"));
    assert!(played::near(small * TIMES, large, 1e-9), "{small} {large}");
}
