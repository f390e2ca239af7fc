//! The closed form of a job's goodput against the same job played event by event.
//!
//! Agreement is asked to 1 % of the closed form, with a Monte Carlo error of at most a
//! quarter of that (one standard error); seeds are fixed.

use rackcast::hardware::failures::{Corruption, Domain, Early, Job, Reclaim, Slow};
use rackcast::hardware::simulate::job::{JobOutcome, JobRun, job};
use rackcast::random::Seed;
use rackcast::units::count;

/// Plays a job and holds its goodput and availability to the closed form.
fn agrees(name: &str, case: &Job, days: f64, paths: u32) -> JobOutcome {
    let run = JobRun { days, paths, seed: Seed(20_261_124) };
    let played = job(case, &run).expect("a job that makes sense");
    let closed = case.expected(days).expect("a job that makes sense");
    for (what, sampled, expected) in [
        ("goodput", &played.goodput, closed.goodput),
        ("availability", &played.availability, closed.availability),
    ] {
        let error = sampled.standard_error / expected;
        assert!(error < 0.0025, "{name}, {what}: standard error {error}");
        let off = sampled.mean / expected - 1.0;
        assert!(
            off.abs() < 0.01,
            "{name}, {what}: {} played, {expected} expected, {:.2} % off, error {:.2} %",
            sampled.mean,
            off * 100.0,
            error * 100.0
        );
    }
    played
}

fn owned(nodes: u32, spares: u32) -> Job {
    Job {
        spares,
        job_failures_per_day: 0.47,
        replacement_share: 0.3,
        reset_hours: 2.0,
        replacement_hours: 120.0,
        ..Job::plain(nodes, 3.79e-3, 60.0, 600.0)
    }
}

#[test]
fn llama_3_with_spares_agrees_and_stops_as_often_as_it_did() {
    let case = Job { job_failures_per_day: 0.0, ..owned(2048, 40) };
    let played = agrees("Llama 3", &case, 54.0, 200);
    // arXiv:2407.21783, table 5: 419 in 54 days; the 95 % Poisson interval is 380 to 461.
    assert!((380.0..461.0).contains(&played.interruptions.mean));
}

#[test]
fn few_spares_and_long_repairs_agree() {
    agrees("no spare", &owned(32, 0), 2000.0, 200);
    agrees("two spares", &owned(256, 2), 1000.0, 400);
    agrees("many", &owned(4096, 30), 300.0, 400);
}

#[test]
fn frequent_failures_agree() {
    // An interruption every 44 minutes against a checkpoint of four minutes.
    let case = Job {
        checkpoint_s: 240.0,
        interval_s: Some(900.0),
        spares: 200,
        ..Job::plain(8192, 4e-3, 240.0, 600.0)
    };
    agrees("frequent", &case, 60.0, 100);
}

#[test]
fn rented_and_spot_capacity_agree() {
    let rented = Job { replacement_share: 0.0, reset_hours: 0.25, ..owned(128, 0) };
    agrees("rented", &rented, 365.0, 100);
    for notice_s in [0.0, 120.0] {
        let reclaim = Some(Reclaim { per_day: 6.0, away_hours: 2.2, notice_s });
        let spot = Job { reclaim, ..rented.clone() };
        agrees(&format!("spot, {notice_s} s of notice"), &spot, 365.0, 300);
    }
}

#[test]
fn slow_nodes_and_corruption_agree() {
    let slow = Job {
        slow: Some(Slow { per_node_day: 2e-3, slowdown: 0.25, found_hours: 3.0 }),
        ..owned(512, 20)
    };
    agrees("slow", &slow, 365.0, 100);
    let corrupt = Job {
        corruption: Some(Corruption { per_node_day: 3e-4, found_hours: 4.0 }),
        ..owned(512, 20)
    };
    agrees("corrupt", &corrupt, 365.0, 200);
}

#[test]
fn early_failures_agree() {
    let early = Job { early: Some(Early { shape: 0.6, days: 30.0 }), ..owned(512, 40) };
    let played = agrees("early", &early, 90.0, 200);
    let settled = agrees("settled", &Job { early: None, ..early }, 90.0, 200);
    // 30/0.6 + 60 = 110 days' worth of node failures in 90.
    let nodes =
        |o: &JobOutcome| count(usize::try_from(o.counts.node_failures).expect("few"));
    assert!((nodes(&played) / nodes(&settled) / (110.0 / 90.0) - 1.0).abs() < 0.02);
}

#[test]
fn with_domains_the_closed_form_is_a_lower_bound_and_near_it() {
    let case = Job {
        domain: Some(Domain { nodes: 18, failures_per_day: 1e-3, repair_hours: 24.0 }),
        ..owned(1024, 40)
    };
    let run = JobRun { days: 365.0, paths: 200, seed: Seed(5) };
    let played = job(&case, &run).expect("a job that makes sense");
    let closed = case.expected(365.0).expect("a job that makes sense");
    let four = 4.0 * played.availability.standard_error;
    assert!(played.availability.mean > closed.availability - four);
    assert!(played.availability.mean < closed.availability * 1.02 + four);
    // A rack that goes takes eighteen nodes: more spares are needed than without.
    let single = Job { domain: None, ..case.clone() };
    let without = job(&single, &run).expect("a job that makes sense");
    assert!(without.availability.mean > played.availability.mean + four);
}
