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
