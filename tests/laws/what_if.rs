//! What if: figures moved by so much move the answer by what arithmetic says.

use approx::assert_relative_eq;
use rackcast::scenario::{Scenario, WhatIf};

use super::played::{Played, example, plan, play_on, scenario};

/// Quantiles are read from bins 0.39 % wide, and a ratio has two of them.
const BINS: f64 = 0.01;

fn moved(base: &Scenario, what_if: WhatIf) -> Played {
    let mut scenario = base.clone();
    what_if.apply(&mut scenario);
    play_on(scenario, Some(2))
}

/// Nothing random, nothing that moves by itself: chips on demand at one rent.
fn still() -> Scenario {
    let text = "title = \"still\"\ncompare = [\"rent\", \"build\"]\n\
        [time]\nstart = \"2027-01\"\nmonths = 36\n[simulation]\nfrozen = true\n\
        [workloads.jobs.chip_hours]\naccelerator = \"nvidia-h100-sxm\"\n\
        chips = 64\nutilisation = 0.8\n\
        [strategies.rent]\nstack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\", \
        offer = \"lambda\" } }]\n\
        [[strategies.build.stack]]\nown = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\" }\n\
        sizing.demand_quantile = { quantile = 0.5, hours_covered = 1.0 }\n\
        [[strategies.build.stack]]\non_demand = { accelerator = \"nvidia-h100-sxm\", \
        offer = \"lambda\" }\n";
    scenario(&plan(text), 16, None)
}

#[test]
fn nothing_moved_changes_no_bit() {
    let base = scenario(&example("assistant/plan.toml"), 300, None);
    let plain = play_on(base.clone(), Some(2));
    assert_eq!(moved(&base, WhatIf::default()).json(), plain.json());
}

#[test]
fn growth_on_top_compounds_from_the_first_month() {
    let base = still();
    let what_if = WhatIf { growth_per_year: 0.2, ..WhatIf::default() };
    let (plain, grown) = (play_on(base.clone(), Some(1)), moved(&base, what_if));
    for month in [0_u8, 1, 12, 35] {
        let at =
            |played: &Played| played.outcome.shown[0].quantiles[usize::from(month)][4];
        let expected = 1.2_f64.powf(f64::from(month) / 12.0);
        assert_relative_eq!(at(&grown) / at(&plain), expected, max_relative = BINS);
    }
}

#[test]
fn a_change_of_prices_is_paid_month_by_month() {
    let base = still();
    let what_if = WhatIf { price_change_per_year: -0.3, ..WhatIf::default() };
    let (plain, cheaper) = (play_on(base.clone(), Some(1)), moved(&base, what_if));
    let tax = 1.0 - base.tax_rate;
    assert!(tax > 0.0);
    for month in [0_u8, 12, 35] {
        let at = |played: &Played| {
            played.strategy("rent").monthly_cost.quantiles[usize::from(month)][4]
        };
        let expected = 0.7_f64.powf(f64::from(month) / 12.0);
        assert_relative_eq!(at(&cheaper) / at(&plain), expected, max_relative = BINS);
    }
}

#[test]
fn a_discount_rate_of_nothing_adds_up_the_cash() {
    let base = still();
    let what_if = WhatIf { discount_rate_per_year: Some(0.0), ..WhatIf::default() };
    let rent = moved(&base, what_if).strategy("rent").clone();
    let cash: f64 = rent.monthly_cost.quantiles.iter().map(|q| q[4]).sum();
    let cost = rent.net_present_cost.mean.expect("a cost has a mean").mean;
    assert_relative_eq!(cost, cash, max_relative = BINS);
}

#[test]
fn use_power_and_lead_time_touch_what_is_owned_and_nothing_else() {
    let base = still();
    let plain = play_on(base.clone(), Some(1));
    let last = |played: &Played| {
        let chips = played.strategy("build").chips.as_ref().expect("it owns chips");
        chips.quantiles[24][4]
    };
    let cost = |played: &Played, name: &str| {
        played.strategy(name).net_present_cost.mean.expect("a cost has a mean").mean
    };
    let busy = moved(&base, WhatIf { utilisation: 2.0, ..WhatIf::default() });
    // Machines come whole, eight chips at a time.
    assert!((last(&busy) - 0.5 * last(&plain)).abs() <= 8.0);
    let power = moved(&base, WhatIf { power_price: 3.0, ..WhatIf::default() });
    assert!(cost(&power, "build") > cost(&plain, "build"));
    let late = moved(&base, WhatIf { lead_time: 3.0, ..WhatIf::default() });
    assert!(cost(&late, "build") > 0.0 && late.json() != plain.json());
    for other in [&busy, &power, &late] {
        assert_eq!(cost(other, "rent").to_bits(), cost(&plain, "rent").to_bits());
    }
}

/// Months in which nothing of one's own stands yet.
fn months_without(played: &Played) -> usize {
    let chips = played.strategy("build").chips.as_ref().expect("it commits chips");
    chips.quantiles.iter().take_while(|q| q[4] <= 0.0).count()
}

/// Halls and reservations wait three times as long, too.
#[test]
fn lead_time_moves_halls_and_reservations() {
    let text = |source: &str| {
        format!(
            "title = \"late\"\ncompare = [\"build\"]\n\
             [time]\nstart = \"2027-01\"\nmonths = 72\n[simulation]\nfrozen = true\n\
             [workloads.jobs.chip_hours]\naccelerator = \"nvidia-h100-sxm\"\n\
             chips = 64\nutilisation = 0.8\n\
             [strategies.build]\nstack = [{{ {source} }}, {{ on_demand = {{ accelerator = \
             \"nvidia-h100-sxm\", offer = \"lambda\" }} }}]\n"
        )
    };
    let hall = "own = { accelerator = \"nvidia-h100-sxm\", facility = \"own-hall-us\", \
                lead_time_months = 0 }";
    let reserved = "reserve = { accelerator = \"nvidia-h100-sxm\", offer = \"lambda\", \
                    usd_per_chip_hour = 2, term_years = 1, lead_time_months = 4 }";
    for source in [hall, reserved] {
        let base = scenario(&plan(&text(source)), 16, None);
        let plain = months_without(&play_on(base.clone(), Some(1)));
        assert!(plain > 0, "{source}");
        let late = moved(&base, WhatIf { lead_time: 3.0, ..WhatIf::default() });
        assert_eq!(months_without(&late), 3 * plain, "{source}");
        let now = moved(&base, WhatIf { lead_time: 0.0, ..WhatIf::default() });
        assert_eq!(months_without(&now), 0, "{source}");
    }
}
