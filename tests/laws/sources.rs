//! What a source promises: chips come when they come, and what is worth nothing is sold
//! for nothing.

use proptest::prelude::*;

use crate::played::{plan, play};
use crate::tries;

/// 64 chips ordered today for 64 chips of work; `own` is what else is said of them.
fn sixty_four(own: &str, frozen: bool) -> String {
    format!(
        "title = \"64 chips\"
[time]
start = \"2027-01\"
months = 30
[simulation]
frozen = {frozen}
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
availability = 1
loss_per_year = 0
{own}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 }}
"
    )
}

proptest! {
    #![proptest_config(tries(12))]

    #[test]
    fn chips_serve_from_the_month_of_their_lead_time_on(lead in 0u32..30) {
        let played = play(&plan(&sixty_four(&format!("lead_time_months = {lead}"), true)), 1);
        let chips = &played.chips("own").quantiles;
        let sixty_four = [64.0; 9];
        for (month, found) in (0u32..).zip(chips) {
            let wanted = if month < lead { [0.0; 9] } else { sixty_four };
            for (found, wanted) in found.iter().zip(wanted) {
                prop_assert!((found - wanted).abs() < 1e-9, "month {month}: {found}");
            }
        }
        // Until then the work is rented: that many months of 64 chips, at the price today.
        let rented = &played.strategy("own").years;
        let opex = rented[0].opex.mean.expect("years have means").mean;
        let months = f64::from(lead.min(12));
        prop_assert!(opex >= months * 64.0 * 730.0 * 3.0 * (1.0 - 1e-12), "{opex}");
    }

    #[test]
    fn a_longer_lead_time_never_brings_capacity_sooner(lead in 0u32..20, more in 1u32..9) {
        let chips = |months: u32| {
            let own = format!(
                "lead_time_months = {{ p10 = {months}, p50 = {}, p90 = {} }}",
                months + 1, months + 3
            );
            play(&plan(&sixty_four(&own, false)), 300).chips("own").clone()
        };
        let (sooner, later) = (chips(lead), chips(lead + more));
        for (a, b) in sooner.quantiles.iter().zip(&later.quantiles) {
            for (a, b) in a.iter().zip(b) {
                prop_assert!(b <= a, "{b} chips after {}, {a} after {lead}", lead + more);
            }
        }
    }
}

#[test]
fn a_resale_share_of_zero_takes_every_receipt_away() {
    let with =
        play(&plan(&sixty_four("lead_time_months = 3\nlife_years = 1", false)), 300);
    assert!(with.part("own", "resale") < 0.0);
    let none = "lead_time_months = 3\nlife_years = 1\nresale_share = 0";
    let without = play(&plan(&sixty_four(none, false)), 300);
    assert!(without.part("own", "resale").abs() < 1e-12);
    assert!(with.cost("own") < without.cost("own"));
}

#[test]
fn chips_never_serve_beyond_their_life() {
    let own = "lead_time_months = 2\nlife_years = 1";
    let played = play(&plan(&sixty_four(own, true)), 1);
    let medians: Vec<f64> = played.chips("own").quantiles.iter().map(|q| q[4]).collect();
    let standing = medians.iter().filter(|c| **c > 0.0).count();
    assert_eq!(standing, 12);
    assert!(medians[14..].iter().all(|c| *c < 1e-9));
}
