//! A number stays what it is on every path: a share a share, a time a time, whatever the
//! tails of its band.
//!
//! The quantiles of a band are checked when a plan is read; one path in ten lies beyond
//! either end of it.

use crate::played::{plan, play};

/// 64 chips for 64 chips of work; `own` is what else is said of them.
fn sixty_four(own: &str) -> String {
    format!(
        "title = \"64 chips\"
[time]
start = \"2027-01\"
months = 30
[money]
tax_rate = 0
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = {{ p10 = 0.6, p50 = 0.9, p90 = 1 }}
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
{own}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 }}
"
    )
}

const PATHS: u64 = 20_000;

#[test]
fn losses_never_exceed_what_there_is() {
    let text = sixty_four(
        "lead_time_months = 2\nloss_per_year = { p10 = 0.01, p50 = 0.05, p90 = 0.2 }",
    );
    let played = play(&plan(&text), PATHS);
    assert!(played.cost("own").is_finite(), "{}", played.cost("own"));
    assert!((played.strategy("own").best.mean - 1.0).abs() < 1e-12);
}

#[test]
fn no_more_chips_work_than_there_are() {
    let text = sixty_four(
        "lead_time_months = 2\nloss_per_year = 0\n\
         availability = { p10 = 0.8, p50 = 0.95, p90 = 0.999 }",
    );
    let played = play(&plan(&text), PATHS);
    let most = played.chips("own").quantiles.iter().map(|q| q[8]).fold(0.0, f64::max);
    assert!(most <= 64.0 * (1.0 + 1e-12), "{most} of 64 chips work");
}

#[test]
fn the_network_is_never_the_whole_of_a_cluster() {
    let text = sixty_four(
        "lead_time_months = 2\nnetwork_share_of_capex = { p10 = 0.1, p50 = 0.3, p90 = 0.8 }",
    );
    let played = play(&plan(&text), PATHS);
    let capex = &played.strategy("own").years[0].capex;
    assert!(capex.quantiles[0] > 0.0);
    // A machine of 31,000 dollars within a cluster of twenty times that, at the most.
    let mean = capex.mean.expect("years have means").mean;
    assert!(mean < 64.0 * 60_000.0 * 20.0, "{mean}");
}

#[test]
fn chips_that_may_come_at_once_come_on_every_path() {
    let text = sixty_four(
        "lead_time_months = { p10 = 0, p50 = 1, p90 = 3 }\nloss_per_year = 0\n\
         availability = 1",
    );
    let played = play(&plan(&text), PATHS);
    let last = played.chips("own").quantiles.last().expect("a plan has months");
    assert!(last.iter().all(|c| (c - 64.0).abs() < 1e-9), "{last:?}");
}
