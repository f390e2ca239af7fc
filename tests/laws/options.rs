//! What it is worth to be able to choose: never less where prices move more, and as much
//! as the closed form says.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::played::{Played, plan, play};

const MONTHS: u32 = 36;
/// What a month costs at a dollar an hour.
const MONTH: f64 = 64.0 * 730.0;

/// Chips at a price that moves, at one that stays, and whichever is cheaper in a month;
/// the mean of the price that moves is 2 dollars in every month.
fn choice(volatility: f64, strike: f64) -> Played {
    let chip = "accelerator = \"nvidia-h100-sxm\"";
    let wild = format!(
        "{{ on_demand = {{ {chip}, usd_per_chip_hour = 2, trajectory = \"wild\" }} }}"
    );
    let calm = format!(
        "{{ on_demand = {{ {chip}, usd_per_chip_hour = {strike:?}, trajectory = \"calm\" }} }}"
    );
    play(
        &plan(&format!(
            "title = \"A choice\"
[time]
start = \"2027-01\"
months = {MONTHS}
[money]
discount_rate_per_year = 0
tax_rate = 0
[workloads.cluster]
intensity.constant = {{}}
[workloads.cluster.chip_hours]
{chip}
chips = 64
utilisation = 1
[trajectories]
wild.geometric = {{ drift_per_year = {drift:?}, volatility_per_sqrt_year = {volatility:?} }}
calm.constant = {{}}
[strategies]
wild.stack = [{wild}]
calm.stack = [{calm}]
either.stack = [{wild}, {calm}]
",
            drift = -0.5 * volatility * volatility,
        )),
        4_000,
    )
}

/// Mean over paths of what `either` saves on `wild`, and its standard error.
fn worth(played: &Played) -> (f64, f64) {
    let pair = played.outcome.pairs.iter();
    let mut pair = pair.filter(|p| p.first == "wild" && p.second == "either");
    let gap = pair.next().and_then(|p| p.difference.mean).expect("a pair of the plan");
    (gap.mean, gap.standard_error)
}

/// The right to pay `strike` in place of a price whose mean is `forward`, when it is due.
///
/// Black (1976), The Pricing of Commodity Contracts, without discounting.
fn call(forward: f64, strike: f64, deviation: f64) -> f64 {
    if deviation <= 0.0 {
        return (forward - strike).max(0.0);
    }
    let normal = Normal::standard();
    let d = (forward / strike).ln() / deviation + 0.5 * deviation;
    forward * normal.cdf(d) - strike * normal.cdf(d - deviation)
}

#[test]
fn a_choice_is_worth_blacks_formula_and_never_less_where_prices_move_more() {
    for strike in [1.6, 2.0, 2.5] {
        let mut last = 0.0;
        for volatility in [0.05, 0.15, 0.3, 0.6] {
            let (found, error) = worth(&choice(volatility, strike));
            let months = 0..MONTHS;
            let black: f64 = months
                .map(|m| call(2.0, strike, volatility * (f64::from(m) / 12.0).sqrt()))
                .sum::<f64>()
                * MONTH;
            // Four standard errors: a false alarm once in 16,000 tries.
            let gap = (found - black).abs();
            assert!(
                gap <= 4.0 * error + 1e-6 * black,
                "{strike} {volatility}: {found} {black}"
            );
            // The same random numbers: what moves more is worth more, path errors and all.
            assert!(found >= last - 1e-9, "{strike} {volatility}: {found} after {last}");
            last = found;
        }
    }
}

#[test]
fn who_may_choose_never_pays_more_than_who_may_not() {
    let played = choice(0.4, 2.2);
    let either = played.strategy("either").regret.mean;
    assert!(either.abs() < 1e-9 * played.cost("either"), "{either}");
}
