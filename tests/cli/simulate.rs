//! `rackcast simulate`: tables, JSON, traces, refusals.

use std::fs;

use serde_json::Value;

use super::{rackcast, rackcast_in, said};

fn json(arguments: &[&str]) -> Value {
    let (code, out, error) = said(&mut rackcast(arguments));
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_str(&out).expect("the output is JSON")
}

const JOB: [&str; 10] = [
    "simulate",
    "job",
    "--accelerator",
    "h100",
    "--nodes",
    "512",
    "--spares",
    "12",
    "--days",
    "120",
];

const SERVE: [&str; 14] = [
    "simulate",
    "serve",
    "--accelerator",
    "h100",
    "--model",
    "llama-3.1-8b",
    "--precision",
    "fp8",
    "--tensor",
    "1",
    "--requests",
    "800",
    "--input-spread",
    "1",
];

#[test]
fn a_job_is_played_and_set_beside_its_closed_form() {
    let (code, out, error) = said(&mut rackcast(&JOB));
    assert_eq!(code, Some(0), "{error}");
    for said in ["goodput", "closed form", "where the time goes", "note: "] {
        assert!(out.contains(said), "{said} is missing in\n{out}");
    }
    assert!(error.starts_with("Played ") && error.contains(" events in "), "{error}");
    let all = json(&[&JOB[..], &["--json"]].concat());
    let number = |at: &str| all.pointer(at).and_then(Value::as_f64).expect("a number");
    let (played, closed) =
        (number("/simulated/goodput/mean"), number("/closed_form/goodput"));
    assert!((played / closed - 1.0).abs() < 0.01, "{played} {closed}");
    assert!(number("/simulated/counts/events") > 1000.0);
    let again = json(&[&JOB[..], &["--json"]].concat());
    assert_eq!(all, again);
    let other = json(&[&JOB[..], &["--json", "--seed", "2"]].concat());
    assert_ne!(all["simulated"], other["simulated"]);
}

#[test]
fn every_option_of_a_job_moves_it() {
    let base = json(&[&JOB[..], &["--json"]].concat());
    for option in [
        &["--capacity", "rented"][..],
        &["--capacity", "spot"],
        &["--checkpoint-s", "300"],
        &["--model", "llama-3.1-8b", "--write-gb-per-s", "10"],
        &["--restart-s", "60"],
        &["--interval-s", "7200"],
        &["--node-failures", "20"],
        &["--job-failures", "5"],
        &["--replacement-share", "0.9"],
        &["--reset-hours", "20"],
        &["--replacement-hours", "20"],
        &["--domain-nodes", "18", "--domain-failures", "5"],
        &["--slow-nodes", "5"],
        &["--corruptions", "2"],
        &["--early-shape", "0.5", "--early-days", "60"],
        &["--reclaims", "2", "--away-hours", "1"],
    ] {
        let changed = json(&[&JOB[..], &["--json"], option].concat());
        assert_ne!(base["simulated"], changed["simulated"], "{option:?}");
        assert_ne!(base["closed_form"], changed["closed_form"], "{option:?}");
    }
}

#[test]
fn serving_is_played_from_a_rate_and_from_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("trace.csv"),
        "TIMESTAMP,ContextTokens,GeneratedTokens\n\
         2023-11-16 18:17:03.97,480,10\n2023-11-16 18:17:04.03,3180,8\n\
         2023-11-16 18:17:04.07,110,27\n",
    )
    .unwrap();
    let start = &SERVE[..10];
    let arguments =
        [start, &["--trace", "trace.csv", "--requests-out", "rows.csv"]].concat();
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &arguments));
    assert_eq!(code, Some(0), "{error}");
    for said in ["3 requests of trace.csv", "time to first token", "p99", "KV memory"] {
        assert!(out.contains(said), "{said} is missing in\n{out}");
    }
    let rows = fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    let mut lines = rows.lines();
    assert_eq!(lines.next(), Some("arrived_s,input,output,ttft_s,tpot_s,end_to_end_s"));
    assert_eq!(lines.count(), 3);
    let all = json(&[&SERVE[..], &["--rate", "2", "--json"]].concat());
    let p50 = all.pointer("/simulated/ttft_s/p50").and_then(Value::as_f64).unwrap();
    let p99 = all.pointer("/simulated/ttft_s/p99").and_then(Value::as_f64).unwrap();
    assert!(0.0 < p50 && p50 < p99);
    assert!(all.pointer("/simulated/served").is_none());
}

#[test]
fn every_option_of_serving_moves_it() {
    let rest =
        ["--rate", "12", "--input-tokens", "3000", "--output-spread", "1", "--json"];
    let base = json(&[&SERVE[..], &rest].concat());
    for option in [
        &["--replicas", "2"][..],
        &["--most-running", "8"],
        &["--chunk-tokens", "512"],
        &["--chunk-tokens", "0"],
        &["--cached-share", "0.5"],
        &["--kv-precision", "fp8"],
        &["--arrival-spread", "3"],
        &["--output-tokens", "400"],
        &["--warm-up-share", "0.2"],
        &["--seed", "9"],
    ] {
        let changed = json(&[&SERVE[..], &rest, option].concat());
        assert_ne!(base["simulated"], changed["simulated"], "{option:?}");
    }
    let closed = ["--concurrency", "40", "--json"];
    assert_ne!(base["simulated"], json(&[&SERVE[..], &closed].concat())["simulated"]);
}

#[test]
fn what_cannot_be_played_is_refused_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.csv"), "time,input,output\nx,1,1\n1,2,q\n")
        .unwrap();
    for (arguments, said_) in [
        (
            vec!["simulate", "job", "--accelerator", "h1000", "--nodes", "4"],
            "nvidia-h100",
        ),
        ([&JOB[..], &["--restart-s", "-1"]].concat(), "restart_s"),
        (JOB[..8].iter().copied().chain(["--days", "nan"]).collect(), "days"),
        (SERVE.to_vec(), "--trace FILE, --rate PER_S or --concurrency N"),
        ([&SERVE[..10], &["--trace", "none.csv"]].concat(), "none.csv"),
        ([&SERVE[..10], &["--trace", "bad.csv"]].concat(), "line 2: `x` is not a time"),
        ([&SERVE[..10], &["--trace", "bad.csv"]].concat(), "line 3: `q`"),
        ([&SERVE[..], &["--rate", "0"]].concat(), "rate"),
        (
            vec![
                "simulate",
                "serve",
                "--accelerator",
                "gh200",
                "--model",
                "kimi-k2.5",
                "--rate",
                "1",
            ],
            "does not fit",
        ),
    ] {
        let (code, out, error) = said(&mut rackcast_in(folder.path(), &arguments));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(error.contains(said_), "{said_} is missing in {error}");
    }
    let (code, ..) = said(&mut rackcast(&["simulate", "job", "--nodes", "0"]));
    assert_eq!(code, Some(2));
}
