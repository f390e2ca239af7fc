//! Generations: efficiency that arrives with them, and waiting for the next one.

use crate::played::{mean, near, plan, play};

/// A fleet bought new each year, that draws what its generation draws.
fn growing(own: &str, trajectories: &str) -> String {
    format!(
        "title = \"generations\"
[time]
start = \"2027-01\"
months = 48
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.8
[workloads.work.growth.constant]
growth_per_year = 0.3
[strategies.build]
stack = [{{ own = {{ accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\", \
         usd_per_chip = 30_000{own} }} }}]
{trajectories}
"
    )
}

#[test]
fn efficiency_that_grows_as_known_costs_what_the_known_gain_costs() {
    let given = growing(", efficiency_gain_per_year = 0.3", "");
    let moved =
        growing("", "[trajectories.energy_efficiency.constant]\ngrowth_per_year = 0.3");
    let (given, moved) = (play(&plan(&given), 500), play(&plan(&moved), 500));
    assert!(near(given.cost("build"), moved.cost("build"), 1e-9));
    let none = play(&plan(&growing(", efficiency_gain_per_year = 0", "")), 500);
    assert!(none.part("build", "energy") > 1.02 * moved.part("build", "energy"));
}

#[test]
fn the_key_of_a_source_wins_over_the_trajectory() {
    let steep = "[trajectories.energy_efficiency.constant]\ngrowth_per_year = 2.0";
    let both = growing(", efficiency_gain_per_year = 0.3", steep);
    let given = growing(", efficiency_gain_per_year = 0.3", "");
    let (both, given) = (play(&plan(&both), 500), play(&plan(&given), 500));
    assert_eq!(both.cost("build").to_bits(), given.cost("build").to_bits());
}

/// A generation that is sure to come in month 6 and halves the price of work: whoever
/// rents until then and buys later pays less than whoever buys now, and nobody gains by
/// waiting where none comes.
#[test]
fn waiting_pays_where_a_generation_comes_and_not_where_none_does() {
    let text = |gain: f64| {
        let own = "own = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\", \
                   usd_per_chip = 40_000, resale_share = 0.0 }";
        let rent = "{ on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2.2 } }";
        format!(
            "title = \"wait\"
[time]
start = \"2027-01\"
months = 48
[simulation]
seed = 3
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.8
[strategies.now]
stack = [{{ {own}, sizing = {{ demand_quantile = {{ until_month = 0 }} }} }}, {rent}]
[strategies.wait]
stack = [{{ {own}, sizing = {{ demand_quantile = {{ from_month = 7, until_month = 7 }} }} }}, {rent}]
[trajectories.flop_per_usd.generations]
years_between = 2.0
years_since_last = 1.5
log_gain = {gain}
"
        )
    };
    let better_now = |gain: f64| {
        let played = play(&plan(&text(gain)), 1000);
        let [now, wait] = ["now", "wait"].map(|name| mean(played.strategy(name)));
        wait - now
    };
    assert!(better_now(0.7) < 0.0, "{}", better_now(0.7));
    assert!(better_now(0.0) > 0.0, "{}", better_now(0.0));
}

/// A fleet bought in month 12 of work of which a share is bound by bandwidth.
fn bought_later(own: &str, share: f64, generations: &str) -> String {
    format!(
        "title = \"generations\"
[time]
start = \"2027-01\"
months = 48
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.8
bandwidth_bound_share = {share}
[[strategies.build.stack]]
sizing.demand_quantile = {{ from_month = 12, until_month = 12 }}
own = {{ accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\", lump_chips = 0{own} }}
[[strategies.build.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 }}
{generations}
"
    )
}

/// A generation that is sure to come in month 6, with sure gains.
const SURE: &str = "[generations]
years_between = 4.0
years_since_last = 3.5
flop_per_s_log_gain = 0.8
bandwidth_log_gain = 0.3
memory_log_gain = 0.2
power_log_gain = 0.4
price_log_gain = 0.1
";

#[test]
fn a_later_generation_costs_and_draws_what_its_peaks_say_for_the_work_it_does() {
    for share in [0.0_f64, 0.35, 1.0] {
        let work = 1.0 / (share * (-0.3_f64).exp() + (1.0 - share) * (-0.8_f64).exp());
        let (usd, kw) = (40_000.0, 1.2);
        let given = format!(
            ", usd_per_chip = {usd}, power_kw_per_chip = {kw}, wear_per_year = 0.2"
        );
        let new = play(&plan(&bought_later(&given, share, SURE)), 300);
        let (usd, kw) = (usd * 0.1_f64.exp() / work, kw * 0.4_f64.exp() / work);
        let same = format!(
            ", usd_per_chip = {usd}, power_kw_per_chip = {kw}, wear_per_year = 0.2, \
             generation = \"same\""
        );
        let same = play(&plan(&bought_later(&same, share, "")), 300);
        for part in ["capex", "energy", "operation", "resale"] {
            let (new, same) = (new.part("build", part), same.part("build", part));
            assert!(near(new, same, 1e-9), "{share} {part}: {new} {same}");
        }
        assert!(near(new.cost("build"), same.cost("build"), 1e-9));
    }
}

/// The same generation is worth more to work that is bound by what it gains most.
#[test]
fn who_is_bound_by_bandwidth_gains_less_where_compute_runs_ahead() {
    let cost = |share: f64| {
        let own = ", usd_per_chip = 40_000";
        play(&plan(&bought_later(own, share, SURE)), 300).cost("build")
    };
    let costs = [0.0, 0.3, 0.7, 1.0].map(cost);
    assert!(costs.windows(2).all(|pair| pair[0] < pair[1]), "{costs:?}");
}

#[test]
fn what_is_bought_before_the_date_is_the_part_of_today() {
    let late = SURE.replace("3.5", "0.0");
    let own = ", usd_per_chip = 40_000, resale_share = 0";
    let with = play(&plan(&bought_later(own, 0.0, &late)), 300);
    let same = format!("{own}, generation = \"same\"");
    let without = play(&plan(&bought_later(&same, 0.0, "")), 300);
    assert!(near(with.cost("build"), without.cost("build"), 1e-12));
}

/// On the shipped profiles: more bandwidth alone helps a chat, more FLOP/s alone a
/// pretraining run.
#[test]
fn decode_follows_bandwidth_and_training_flop_per_s() {
    let text = |work: &str, gains: [f64; 2]| {
        let [flop, bytes] = gains;
        format!(
            "title = \"bound\"
[time]
start = \"2027-01\"
months = 36
{work}
[[strategies.build.stack]]
sizing.demand_quantile = {{ from_month = 12, until_month = 12 }}
[strategies.build.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
lump_chips = 0
[[strategies.build.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\" }}
[generations]
years_between = 4.0
years_since_last = 3.5
flop_per_s_log_gain = {flop}
bandwidth_log_gain = {bytes}
memory_log_gain = 0
power_log_gain = 0
price_log_gain = 0
"
        )
    };
    let chat = "[workloads.chat.inference]\nmodel = \"llama-3.1-8b\"\n\
                requests_per_day = 3_000_000\ninput_tokens = 100\noutput_tokens = 900\n\
                time_per_output_token_ms = 15";
    let run = "[workloads.run.training]\nmodel = \"llama-3.1-8b\"\n\
               tokens_trillion = 2\nruns_per_year = 2\nchips_per_run = 64\n\
               global_batch_sequences = 256";
    let capex = |work: &str, gains: [f64; 2]| {
        play(&plan(&text(work, gains)), 256).part("build", "capex").ln()
    };
    for (work, more) in [(chat, [0.0, 0.6]), (run, [0.6, 0.0])] {
        let none = capex(work, [0.0, 0.0]);
        let [other, most] = [[0.6 - more[0], 0.6 - more[1]], more];
        let (most, other) = (none - capex(work, most), none - capex(work, other));
        assert!(most > 0.35 && most < 0.62, "{work}: {most}");
        assert!(other < 0.5 * most, "{work}: {other} {most}");
    }
}

/// A plan in which waiting is worth it or not, by how far the next generation is.
fn to_wait_or_not(since: f64, rule: &str) -> String {
    let chip = "accelerator = \"nvidia-h100-sxm\"";
    format!(
        "title = \"leapfrog\"
[time]
start = \"2027-01\"
months = 60
[workloads.work.chip_hours]
{chip}
chips = 64
utilisation = 0.9
[strategies.build]
stack = [
  {{ own = {{ {chip}, facility = \"colocation-us\", usd_per_chip = 40_000, lump_chips = 0,
             lead_time_months = 0 }}, sizing = {{ {rule} }} }},
  {{ on_demand = {{ {chip}, usd_per_chip_hour = 3.2 }} }},
]
[generations]
years_between = 2.0
years_since_last = {since}
flop_per_s_log_gain = 0.8
bandwidth_log_gain = 0.8
memory_log_gain = 0.8
power_log_gain = 0.3
price_log_gain = 0.2
"
    )
}

/// The rule waits for a generation that is near, buys it in its month, and so pays less
/// than who covers demand at once; with the next one far off it buys at once.
#[test]
fn leapfrogging_waits_for_what_is_near_and_costs_less() {
    let at_once = "demand_quantile = { review_months = 1 }";
    let near = play(&plan(&to_wait_or_not(1.5, "leapfrog = {}")), 400);
    let first = |played: &crate::played::Played| {
        let chips = &played.chips("build").quantiles;
        chips.iter().position(|q| q[4] > 1.0)
    };
    // The generation comes in month 6.
    assert_eq!(first(&near), Some(6));
    let bought = play(&plan(&to_wait_or_not(1.5, at_once)), 400);
    assert_eq!(first(&bought), Some(0));
    assert!(near.cost("build") < 0.97 * bought.cost("build"));
    let far = play(&plan(&to_wait_or_not(0.0, "leapfrog = {}")), 400);
    assert_eq!(first(&far), Some(0));
}

/// Dates are those of the makers that are bought from, whoever else is rented from.
#[test]
fn the_last_generation_is_that_of_the_makers_bought() {
    let since = |chip: &str, compare: &str| {
        let text = growing("", "[generations]")
            .replace("[time]", &format!("compare = [{compare}]\n[time]"))
            .replace("own = { accelerator = \"nvidia-h100-sxm\"", &format!("own = {{ accelerator = \"{chip}\""))
            .replace("chips = 64\n", "chips = 64\nserved_by = { intel-gaudi3 = 1.5, amd-mi355x = 0.8, nvidia-b200-hgx = 0.5 }\n")
            + "[strategies.other]\nstack = [{ own = { accelerator = \"nvidia-b200-hgx\", \
               facility = \"colocation-us\" } }]\n";
        let scenario = crate::played::scenario(&plan(&text), 16, None);
        let found =
            scenario.assumptions.iter().find(|a| a.key == "generations.years_since_last");
        match found.expect("the plan has generations").value {
            rackcast::scenario::AssumedValue::Number(x) => x.median(),
            rackcast::scenario::AssumedValue::Text(ref said) => panic!("{said}"),
        }
    };
    // Release dates of the profiles: 2024-Q3, 2025-06 and 2025-Q1, to 2027-01.
    let months = |chip: &str, compare: &str| (12.0 * since(chip, compare)).round();
    let nvidia = months("nvidia-b200-hgx", "\"build\"");
    assert!((22.0..=24.0).contains(&nvidia), "{nvidia}");
    let intel = months("intel-gaudi3", "\"build\"");
    assert!((28.0..=30.0).contains(&intel), "{intel}");
    assert!(near(months("amd-mi355x", "\"build\""), 19.0, 0.0));
    // Two makers: the newer of the two; what is not played does not count.
    assert!(near(months("intel-gaudi3", "\"build\", \"other\""), nvidia, 0.0));
    // A ready-made strategy buys the plan's part.
    assert!(near(months("intel-gaudi3", "\"build\", \"hybrid\""), nvidia, 0.0));
}
