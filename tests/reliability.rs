//! Published failures of real clusters against the shipped rates.
//!
//! Counts are compared through their Poisson intervals. Clusters whose figures the shipped
//! ranges were made from are marked; the others were not used for them.

use std::fs;
use std::path::Path;

use rackcast::hardware::FailureRates;
use rackcast::hardware::failures::{
    Capacity, Job, NODE_FAILURES_PER_1000_DAYS, held, poisson_interval,
};
use rackcast::profile::Catalogue;

fn data(name: &str) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/known_answer/reliability");
    fs::read_to_string(path.join(name)).expect("a data file of the repository")
}

/// Columns of a row by header.
struct Row(Vec<(String, String)>);

impl Row {
    fn get(&self, key: &str) -> &str {
        &self.0.iter().find(|(k, _)| k == key).expect("a column").1
    }
    fn number(&self, key: &str) -> f64 {
        self.get(key).parse().expect("a number")
    }
}

fn rows(name: &str) -> Vec<Row> {
    let text = data(name);
    let mut csv =
        csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let header = csv.headers().expect("a header").clone();
    csv.records()
        .map(|record| {
            let record = record.expect("a row");
            let pairs = header.iter().zip(record.iter());
            Row(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
        })
        .collect()
}

#[test]
fn clusters_fail_as_often_as_the_ranges_say() {
    let mut left_out = 0;
    for row in rows("clusters.csv") {
        let (nodes, days) = (row.number("nodes"), row.number("days"));
        let count: u32 = row.get("failures").parse().expect("a count");
        let (low, high) = poisson_interval(count, 0.95);
        let [least, _, most] =
            NODE_FAILURES_PER_1000_DAYS.quantiles().map(|r| r / 1000.0 * nodes * days);
        assert!(
            low <= most && high >= least,
            "{}: {count} ({low:.0} to {high:.0}) against {least:.0} to {most:.0}",
            row.get("system")
        );
        left_out += u32::from(row.get("used_in_fit") == "no");
    }
    assert!(left_out >= 2);
}

#[test]
fn llama_3_stops_within_its_poisson_interval_on_the_shipped_profile() {
    let catalogue = Catalogue::shipped();
    let chip = catalogue.accelerator("h100").expect("a shipped chip");
    let (fewest, most) = poisson_interval(419, 0.95);
    let (shortest, longest) = (54.0 * 24.0 / most, 54.0 * 24.0 / fewest);
    // The job's own failures, a range in the profile, come on top of the node rate.
    let got = FailureRates::of(chip).mtti_hours(2048.0);
    assert!((shortest..longest).contains(&got.p50), "{} h", got.p50);
    assert!(got.p10 < shortest && longest < got.p90);
}

#[test]
fn llama_3_keeps_more_than_nine_tenths_of_its_time() {
    // §3.3.4: "higher than 90 % effective training time". The stall of a checkpoint and
    // the restart are not printed: 15 s and 8 minutes are put.
    let job = Job {
        spares: 40,
        replacement_share: 0.3,
        reset_hours: 2.0,
        replacement_hours: 120.0,
        ..Job::plain(2048, 3.79e-3, 15.0, 480.0)
    };
    let got = job.expected(54.0).expect("a job").goodput;
    assert!((0.90..0.95).contains(&got), "{got}");
}

#[test]
fn meta_s_projections_for_rsc_1_come_out() {
    // Kokolis et al. (2024), arXiv:2410.21680: 1.8 h at 16,384 and 0.23 h at 131,072 chips
    // with 6.50 per 1,000 node-days; printed to two digits.
    for (chips, hours) in [(16_384_u32, 1.8), (131_072, 0.23)] {
        let job = Job::plain(chips / 8, 6.5e-3, 60.0, 300.0);
        let got = job.expected(1.0).expect("a job").mtti_hours;
        assert!((got / hours - 1.0).abs() < 0.025, "{chips}: {got}");
    }
}

#[test]
fn one_failure_per_chip_and_century_is_seen_by_half_the_jobs_of_1024_chips() {
    // Databricks: at 1 % a year and chip, 57 % of the months of 1,024 chips and 19 % of
    // those of 256 see a failure.
    for (chips, share) in [(1024.0, 0.57), (256.0, 0.19)] {
        let mean: f64 = 0.01 / 365.0 * 30.0 * chips;
        assert!((1.0 - (-mean).exp() - share).abs() < 0.005);
    }
}

#[test]
fn llama_3_s_table_adds_up_and_names_its_silent_corruptions() {
    let table = rows("llama-3-table-5.csv");
    let total: f64 = table.iter().map(|r| r.number("interruptions")).sum();
    assert!((total - 419.0).abs() < 0.5, "{total}");
    let hardware: f64 = table
        .iter()
        .filter(|r| ["GPU", "Network", "Host"].contains(&r.get("category")))
        .map(|r| r.number("interruptions"))
        .sum();
    // Printed: 78 % hardware, planned host maintenance included.
    assert!((hardware + 32.0) / total > 0.77, "{hardware}");
    let silent = table
        .iter()
        .find(|r| r.get("component") == "Silent Data Corruption")
        .expect("a row of the table");
    let rate = rackcast::hardware::failures::capacity::silent_corruptions_per_node_day();
    let mean = rate.median() * 2048.0 * 54.0;
    assert!((mean - silent.number("interruptions")).abs() < 1e-9);
}

#[test]
fn how_machines_are_held_orders_what_a_job_keeps() {
    let catalogue = Catalogue::shipped();
    for name in ["nvidia-h100-sxm", "google-tpu-v5p", "nvidia-gb200-nvl72"] {
        let chip = catalogue.accelerator(name).expect("a shipped chip");
        let keeps = |capacity, spares| {
            let held = held(chip, capacity, 64, spares, 60.0, 600.0);
            held.jobs[1].expected(90.0).expect("a job").goodput
        };
        let (bare, spared) = (keeps(Capacity::Owned, 0), keeps(Capacity::Owned, 8));
        assert!(bare < spared, "{name}");
        assert!(keeps(Capacity::Spot, 0) < keeps(Capacity::Rented, 0), "{name}");
    }
}
