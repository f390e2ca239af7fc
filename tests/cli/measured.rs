//! `rackcast validate`, `calibrate hardware` and `hardware`: files in, scores out, and
//! what is wrong at its line.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{rackcast, said};

const CASES: &str = "\
accelerator,kind,group,model,precision,engine,mode,input_tokens,output_tokens,concurrency,tensor,measured_tpot_ms,chips,sequence_tokens,global_batch_sequences,measured_mfu_pct
H100 SXM,serve,mine,llama-3.1-8b,fp8,vllm,aggregated,1024,256,8,1,9,,,,
NVIDIA H100-SXM-80GB,serve,mine,llama-3.1-8b,fp8,vllm,aggregated,1024,256,many,1,9,,,,
h900,serve,mine,llama-3.1-8b,fp8,vllm,aggregated,1024,256,8,1,9,,,,
h100,train,other,llama-3.1-8b,bf16,,,,,,,,64,8192,128,40
";

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file can be written");
    path.display().to_string()
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    said(&mut rackcast(arguments))
}

#[test]
fn a_scoreboard_has_the_promised_shape() {
    let folder = TempDir::new().expect("a folder");
    let cases = file(&folder, "cases.csv", CASES);
    let rows = folder.path().join("rows.csv");
    let rows_to = rows.display().to_string();
    let (code, out, err) = run(&["validate", &cases, "--json", "--rows", &rows_to]);
    assert_eq!(code, Some(0), "{err}");
    let board: Value = serde_json::from_str(&out).expect("JSON");
    let groups = board["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), 4);
    for group in groups {
        for key in [
            "group",
            "accelerator",
            "kind",
            "metric",
            "cases",
            "answered",
            "refused",
            "error_median",
            "error_mean",
            "error_max",
            "bias",
            "coverage80",
            "null_error_mean",
            "skill",
        ] {
            assert!(group.get(key).is_some(), "{key}");
        }
    }
    let reasons: Vec<&str> = groups
        .iter()
        .flat_map(|g| g["refused"].as_array().expect("refused"))
        .map(|r| r["reason"].as_str().expect("a reason"))
        .collect();
    assert_eq!(
        reasons,
        ["`concurrency` must be a number", "no accelerator `h900` in the catalogue"]
    );
    let written = fs::read_to_string(rows).expect("rows are written");
    assert_eq!(written.lines().count(), 5);
}

#[test]
fn a_file_that_is_no_record_is_refused_with_every_problem() {
    let folder = TempDir::new().expect("a folder");
    let cases = file(&folder, "cases.csv", "kinds,chips,chips\ntrain,8,8\n");
    let (code, _, text) = run(&["validate", &cases]);
    assert_eq!(code, Some(1));
    assert!(text.contains("line 1: there is no column `kind`; rename `kinds`"), "{text}");
    assert!(text.contains("line 1: column `chips` stands twice; keep one"), "{text}");
    let (code, _, text) = run(&["validate", "nowhere.csv"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("cannot read nowhere.csv"), "{text}");
}

#[test]
fn a_fit_is_written_and_scores_the_file_it_is_from() {
    let folder = TempDir::new().expect("a folder");
    let cases = file(&folder, "cases.csv", CASES);
    let fit = folder.path().join("fit.toml").display().to_string();
    let fitting = ["calibrate", "hardware", &cases, "--source", "mine", "--out", &fit];
    let (code, _, err) = run(&[&fitting[..], &["--as-of", "2026-11"]].concat());
    assert_eq!(code, Some(0), "{err}");
    let (code, out, err) = run(&["validate", &cases, "--fit", &fit]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("Fit of 2026-11 on mine"), "{out}");
    let (code, _, err) = run(&[&fitting[..], &["--as-of", "soon"]].concat());
    assert_eq!(code, Some(1));
    assert!(err.contains("`soon` is not a date"), "{err}");
}

#[test]
fn one_case_is_answered_with_its_split_and_reasons() {
    let common = ["--accelerator", "h100", "--model", "llama-3.1-8b", "--explain"];
    let mut train = vec!["hardware", "train"];
    train.extend(common);
    train.extend(["--chips", "64", "--global-batch-sequences", "128"]);
    let (_, text, _) = run(&train);
    for part in ["time of a step", "exposed communication", "bubble", "failure loss", "±"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let mut serve = vec!["hardware", "serve"];
    serve.extend(common);
    serve.extend(["--input-tokens", "1024", "--output-tokens", "256", "--json"]);
    let (_, out, _) = run(&serve);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert!(value["estimate"]["tpot_ms"]["p50"].as_f64().is_some_and(|x| x > 0.0));
}

#[test]
fn a_service_with_prompts_apart_says_its_workers_and_keeps_its_target() {
    let case = [
        "hardware",
        "serve",
        "--accelerator",
        "h100",
        "--model",
        "llama-3.1-8b",
        "--input-tokens",
        "4096",
        "--output-tokens",
        "512",
        "--disaggregated",
    ];
    let (code, text, err) = run(&case);
    assert_eq!(code, Some(0), "{err}");
    assert!(text.contains("prompts and answers apart"), "{text}");
    assert!(text.contains("for prompts of"), "{text}");
    let mut json = case.to_vec();
    json.extend(["--tpot-target-ms", "20", "--json"]);
    let (_, out, _) = run(&json);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    for kind in ["prefill", "decode"] {
        assert!(value["estimate"][kind]["count"].as_u64().is_some_and(|n| n >= 1));
    }
    json.extend(["--chunk-tokens", "512"]);
    assert_eq!(run(&json).0, Some(2), "chunks are of prompts on shared chips");
}

/// Estimates of a file's rows by their order, nothing for refused ones; and the reasons.
fn estimates(folder: &TempDir, text: &str) -> (Vec<Option<f64>>, Vec<String>) {
    let cases = file(folder, "cases.csv", text);
    let rows_to = folder.path().join("rows.csv").display().to_string();
    let (code, _, err) = run(&["validate", &cases, "--rows", &rows_to]);
    assert_eq!(code, Some(0), "{err}");
    let mut reader = csv::Reader::from_path(&rows_to).expect("rows");
    let head = reader.headers().expect("a header").clone();
    let at = |name: &str| head.iter().position(|h| h == name).expect("a column");
    let (p50, refused, line) = (at("p50"), at("refused"), at("line"));
    let mut records: Vec<csv::StringRecord> =
        reader.records().map(|r| r.expect("a row")).collect();
    records.sort_by_key(|r| r[line].parse::<u64>().expect("a line"));
    let values = records.iter().map(|r| r[p50].parse().ok()).collect();
    let reasons = records.iter().map(|r| r[refused].to_owned());
    (values, reasons.filter(|r| !r.is_empty()).collect())
}

#[test]
fn the_date_of_a_case_moves_its_estimate() {
    let folder = TempDir::new().expect("a folder");
    let head = "kind,group,accelerator,model,precision,chips,sequence_tokens,\
                global_batch_sequences,date,measured_step_s\n";
    let row =
        |date: &str| format!("train,mine,h100,llama-3.1-8b,bf16,64,8192,128,{date},3\n");
    let rows = ["2024-06", "2025-11", "", "20260430-120000", "soon", "2025-13"].map(row);
    let (values, reasons) = estimates(&folder, &format!("{head}{}", rows.concat()));
    let [old, now, undated, new, ..] = values[..] else { panic!("{values:?}") };
    assert!(old > now && now > new, "software gets faster: {values:?}");
    assert_eq!(now, undated, "no date is the software of the measurements");
    assert_eq!(reasons.len(), 2);
    assert!(reasons[0].contains("2026-04"), "{reasons:?}");
}

#[test]
fn shuffled_dropped_and_odd_columns_are_answered_or_refused_with_a_reason() {
    let folder = TempDir::new().expect("a folder");
    let straight = "kind,accelerator,engine,model,precision,tensor,input_tokens,\
                    output_tokens,concurrency,measured_tpot_ms\n\
                    serve,h100,vllm,llama-3.1-8b,fp8,1,1024,256,8,9\n";
    let shuffled = "measured_tpot_ms,concurrency,model,output_tokens,kind,tensor,engine,\
                    input_tokens,precision,accelerator,remark\r\n\
                    9,8,llama-3.1-8b,256,serve,1,vllm,1024,fp8,h100,ours\r\n";
    let (a, _) = estimates(&folder, straight);
    let (b, _) = estimates(&folder, shuffled);
    assert_eq!(a, b);
    let dropped = "kind,accelerator,params_billion,measured_tpot_ms,measured_mfu_pct\n\
                   serve,h100,8,9,\n\
                   train,h100,8,,40\n\
                   ,,,,\n\
                   train,h100,8 B,,40\n\
                   cook,h100,8,9,\n\
                   serve,z80,8,9,\n\
                   train,h100,-8,,40\n\
                   train,h100,8,,\n";
    let (values, reasons) = estimates(&folder, dropped);
    assert_eq!(values.iter().flatten().count() + reasons.len(), values.len());
    for said in
        ["no accelerator is named", "must be a number", "`cook`", "`z80`", "negative"]
    {
        assert!(reasons.iter().any(|r| r.contains(said)), "{said}: {reasons:?}");
    }
}
