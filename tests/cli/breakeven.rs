//! `rackcast breakeven`: texts, tables of cases, refusals.

use std::fs;

use serde_json::Value;

use super::{rackcast, rackcast_in, said};

/// Lenovo Press LP2368 (4 February 2026), case 1: 2,720 hours.
#[test]
fn the_formula_is_printed_with_its_numbers() {
    let (code, out, _) = said(&mut rackcast(&[
        "breakeven",
        "hours",
        "--capex-usd",
        "250141.80",
        "--running-usd-per-hour",
        "6.37",
        "--rent-usd-per-hour",
        "98.32",
    ]));
    assert_eq!(code, Some(0));
    for wanted in ["2720.41", "x = C/(r − o) = 250141.8/(98.32 − 6.37)", "Source: Lenovo"]
    {
        assert!(out.contains(wanted), "{wanted} in {out}");
    }
    assert!(out.lines().all(|l| l.chars().count() <= 100), "{out}");
}

#[test]
fn never_is_an_answer_and_a_division_by_zero_is_a_diagnostic() {
    let asked = |rent: &'static str| {
        let own = ["breakeven", "utilisation", "--own-usd-per-chip-hour", "2.5"];
        let rest = ["--rent-usd-per-chip-hour", rent, "--json"];
        said(&mut rackcast(&[own.as_slice(), rest.as_slice()].concat()))
    };
    let (code, out, _) = asked("2");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, Some(0));
    assert_eq!(answer["answer"]["lines"][0]["figure"]["never"], 1.25);
    let (code, out, error) = asked("0");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(error.starts_with("error[E0902]: rent, USD per chip-hour must be positive"));
}

#[test]
fn what_is_missing_is_named_as_flags() {
    let (code, _, error) =
        said(&mut rackcast(&["breakeven", "total", "--upfront-usd", "1"]));
    assert_eq!(code, Some(1));
    assert!(error.contains("error[E0901]"), "{error}");
    assert!(error.contains("--staff-usd-per-year or --space-usd-per-year"), "{error}");
    let (code, _, error) =
        said(&mut rackcast(&["breakeven", "hours", "--capex-usd", "a lot"]));
    assert_eq!(code, Some(2));
    assert!(error.contains("no finite number"), "{error}");
}

/// Llama 3.1-405B (Epoch AI, arXiv:2405.21015) beside a run of which too little is known.
#[test]
fn a_row_with_too_little_is_refused_and_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let text = "model,chip_hours,server_usd_per_chip_at_acquisition,acquisition_date,\
                training_start,facility_kw_per_chip,usd_per_kwh,ppi_factor_to_2024_12,\
                epoch_capex_energy_usd\n\
                Llama 3.1-405B,35094528,44489.88,2022-12-19,2024-02-24,1.0519,0.0771,\
                0.99571,51040524\nGPT-4o,,,,,,,,36122927\n";
    fs::write(folder.path().join("runs.csv"), text).unwrap();
    let run = ["breakeven", "training", "--cases", "runs.csv", "--rows", "rows.csv"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &run));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(out.contains("agrees: epoch_capex_energy_usd 51040524"), "{out}");
    assert!(out.contains("2 cases: 1 answered, 1 refused"), "{out}");
    assert!(out.contains("needs `chip_hours` (or `chips` and `hours`)"), "{out}");
    let rows = fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    assert!(rows.starts_with("case,form,key,value,unit,published,agrees,why\n"));
    assert!(rows.contains("GPT-4o,training,refused,"), "{rows}");
    let all = ["breakeven", "cases", "runs.csv", "--json"];
    let (code, out, _) = said(&mut rackcast_in(folder.path(), &all));
    let results: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, results.as_array().map(Vec::len)), (Some(0), Some(2)));
}
