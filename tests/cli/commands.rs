//! Subcommands that do what they say: results, files, exit codes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{fixtures, rackcast, rackcast_in, said};

/// The plans of the examples, by their paths below `examples`.
fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut plans = Vec::new();
    for folder in fs::read_dir(&root).expect("the examples are there") {
        let folder = folder.expect("an entry can be read").path();
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let files = entries.map(|e| e.path());
        plans.extend(files.filter(|f| f.extension().is_some_and(|e| e == "toml")));
    }
    plans.sort();
    assert!(plans.len() >= 3, "{plans:?}");
    plans
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("results.json is written");
    serde_json::from_str(&text).expect("results.json is JSON")
}

/// What results rest on: hashes, and figures that all have a source.
fn assert_traceable(results: &Value) {
    let provenance = &results["provenance"];
    assert_eq!(provenance["paths"], 256);
    let hash = provenance["plan_blake3"].as_str().expect("the plan has a hash");
    assert_eq!(hash.len(), 64);
    let profiles =
        provenance["profiles_blake3"].as_object().expect("profiles are listed");
    assert!(!profiles.is_empty());
    for (profile, hash) in profiles {
        assert_eq!(hash.as_str().map(str::len), Some(64), "{profile}");
    }
    let assumptions = results["assumptions"].as_array().expect("figures are listed");
    assert!(assumptions.len() > 10);
    for figure in assumptions {
        let source = figure["source"].as_str().expect("a figure has a source");
        assert!(!source.is_empty(), "{figure}");
        assert!(figure["key"].is_string() && !figure["value"].is_null(), "{figure}");
    }
}

#[test]
fn every_example_runs_and_writes_results_that_say_what_they_rest_on() {
    let folder = tempfile::tempdir().unwrap();
    for (i, plan) in examples().iter().enumerate() {
        let plan = plan.to_string_lossy();
        let out = format!("out-{i}");
        // Charts take most of the time; the first example draws them.
        let mut arguments = vec!["run", &plan, "--paths", "256", "--out", &out];
        if i > 0 {
            arguments.push("--no-charts");
        }
        let (code, summary, error) = said(&mut rackcast_in(folder.path(), &arguments));
        assert_eq!(code, Some(0), "{plan}: {error}");
        assert!(error.starts_with("Played 256 paths in "), "{error}");
        assert!(error.ends_with(&format!(", files in {out}\n")), "{error}");
        let out = folder.path().join(out);
        let results = json(&out.join("results.json"));
        assert_traceable(&results);
        let strategies = results["strategies"].as_array().expect("strategies are listed");
        for strategy in strategies {
            let name = strategy["name"].as_str().expect("a strategy has a name");
            assert!(summary.contains(name), "{name} is not in the summary of {plan}");
        }
        assert_rectangular(&out.join("fans.csv"), &results);
    }
}

/// Every fan of the results has a row for each month.
fn assert_rectangular(path: &Path, results: &Value) {
    let text = fs::read_to_string(path).expect("fans.csv is written");
    let mut lines = text.lines();
    let header = lines.next().expect("fans.csv has a header");
    assert_eq!(header, "fan,unit,month,date,p01,p05,p10,p25,p50,p75,p90,p95,p99");
    let fans = results["fans"].as_object().expect("fans are listed").len();
    let months = results["provenance"]["months"].as_u64().expect("months are given");
    let rows = u64::try_from(lines.count()).expect("few rows");
    assert_eq!(rows, months * u64::try_from(fans).expect("few fans"));
}

#[test]
fn json_is_printed_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let plan = fixtures().join("fifteen-lines.toml");
    let plan = plan.to_string_lossy();
    let arguments =
        ["run", &plan, "--json", "--paths", "300", "--out", "out", "--no-charts"];
    let (code, printed, _) = said(&mut rackcast_in(folder.path(), &arguments));
    assert_eq!(code, Some(0));
    let written = fs::read_to_string(folder.path().join("out/results.json")).unwrap();
    assert!(printed == written);
    // Nothing else lies in the folder but the list of it, half-written files least of all.
    let mut names: Vec<_> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .collect();
    names.sort();
    names.retain(|name| !cfg!(feature = "parquet") || name != "fans.parquet");
    let wanted = [".written-by-rackcast", "fans.csv", "report.html", "results.json"];
    assert_eq!(names, wanted);
}

#[test]
fn fifteen_lines_are_a_plan() {
    let text = fs::read_to_string(fixtures().join("fifteen-lines.toml")).unwrap();
    assert_eq!(text.lines().count(), 15);
    let (code, summary, error) =
        said(&mut rackcast(&["run", "fifteen-lines.toml", "--paths", "500"]));
    assert_eq!(code, Some(0), "{error}");
    for name in ["api", "rent", "build"] {
        assert!(summary.contains(name), "{summary}");
    }
    let (code, out, _) = said(&mut rackcast(&["check", "fifteen-lines.toml"]));
    assert_eq!(code, Some(0));
    assert_eq!(
        out,
        "fifteen-lines.toml: 1 workload, 36 months, strategies api, rent, build; no problems\n"
    );
}

#[test]
fn quiet_says_nothing_but_writes_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let plan = fixtures().join("fifteen-lines.toml");
    let plan = plan.to_string_lossy();
    let arguments = ["run", &plan, "-q", "--paths", "256", "--out", "a/b", "--no-charts"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &arguments));
    assert_eq!((code, out.as_str(), error.as_str()), (Some(0), "", ""));
    assert!(folder.path().join("a/b/results.json").is_file());
}

#[test]
fn a_folder_that_cannot_be_made_is_named_and_ends_the_run_with_1() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("taken"), "a file").unwrap();
    let plan = fixtures().join("fifteen-lines.toml");
    let plan = plan.to_string_lossy();
    // So many paths would take minutes: the folder is tried first.
    let arguments = ["run", &plan, "--paths", "1000000000", "--out", "taken/out"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &arguments));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(error.starts_with("could not make the folder taken/out: "), "{error}");
}

#[test]
fn a_plan_beyond_all_measure_ends_with_1_and_writes_no_results() {
    let folder = tempfile::tempdir().unwrap();
    let plan = fs::read_to_string(fixtures().join("fifteen-lines.toml")).unwrap();
    let huge = plan.replace("p90 = 1_500_000", "p90 = 1e306");
    assert!(huge != plan);
    fs::write(folder.path().join("huge.toml"), huge).unwrap();
    let arguments = ["run", "huge.toml", "--paths", "1000", "--out", "out"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &arguments));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(error.starts_with("error[E0201]"), "{error}");
    assert!(error.contains("must be at most 10^24, found"), "{error}");
    assert!(!folder.path().join("out/results.json").exists());
}

#[test]
fn a_file_in_the_way_of_a_result_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out/results.json")).unwrap();
    let plan = fixtures().join("fifteen-lines.toml");
    let plan = plan.to_string_lossy();
    let arguments = ["run", &plan, "--paths", "256", "--out", "out", "--no-charts"];
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &arguments));
    assert_eq!(code, Some(1));
    assert!(error.starts_with("could not write out/results.json: "), "{error}");
}

#[test]
fn a_code_is_explained_in_any_case_and_an_unknown_one_is_not() {
    let (code, out, error) = said(&mut rackcast(&["explain", "E0403"]));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(out.starts_with("E0403: a strategy cannot serve a workload\n\n"), "{out}");
    let (code, lower, _) = said(&mut rackcast(&["explain", "e0403"]));
    assert_eq!((code, lower), (Some(0), out));
    let (code, out, error) = said(&mut rackcast(&["explain", "E9999"]));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    let start = "no diagnostic has the code `E9999`; codes: E0001, E0002, ";
    assert!(error.starts_with(start), "{error}");
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["run"][..],
        &["run", "fifteen-lines.toml", "--paths", "0"],
        &["run", "fifteen-lines.toml", "--path", "5"],
        &["rnu"],
        &[],
    ] {
        let (code, out, error) = said(&mut rackcast(arguments));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!error.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_summary_fits_80_columns_and_has_no_colour_in_a_pipe() {
    for plan in examples() {
        let plan = plan.to_string_lossy();
        let text = said(&mut rackcast(&["run", &plan, "--paths", "256"])).1;
        assert!(!text.contains('\u{1b}'), "{plan}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{plan}: {line}");
        }
        // T1 keeps two fans and not that of the difference.
        assert_eq!(text.contains('█'), !plan.contains("t1"), "{plan}");
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = said(&mut rackcast(&["completions", shell])).1;
        assert!(script.contains("hindcast") && script.contains("rackcast"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man");
    let (code, _, wrong) = said(&mut rackcast(&["man", "--out", &out.to_string_lossy()]));
    assert_eq!(code, Some(0), "{wrong}");
    let page = fs::read_to_string(out.join("rackcast-run.1")).expect("a page");
    assert!(page.contains(".TH rackcast\\-run 1") || page.contains(".TH rackcast-run 1"));
    assert!(page.contains("until\\-error") || page.contains("until-error"));
    assert!(
        out.join("rackcast.1").is_file()
            && out.join("rackcast-profile-check.1").is_file()
    );
}
