//! A run in parts: shards that are merged, a killed run that is taken up again, a second
//! look for exact quantiles, one path alone, an error to reach.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{fixtures, rackcast_in, said};

fn plan() -> String {
    fixtures().join("fifteen-lines.toml").to_string_lossy().into_owned()
}

/// Runs the command in a folder; what it printed and said where it ended with `code`.
fn ends(folder: &Path, code: i32, arguments: &[&str]) -> (String, String) {
    let (found, out, error) = said(&mut rackcast_in(folder, arguments));
    assert_eq!(found, Some(code), "{arguments:?}\n{out}\n{error}");
    (out, error)
}

fn same_files(folder: &Path, a: &str, b: &str) {
    for name in ["results.json", "fans.csv"] {
        let read =
            |out: &str| fs::read(folder.join(out).join(name)).expect("it is written");
        assert!(read(a) == read(b), "{name} of {a} and {b} differ");
    }
}

#[test]
fn one_three_or_seven_parts_merge_to_the_bytes_of_a_single_run() {
    let folder = tempfile::tempdir().expect("files of a test");
    let (at, plan) = (folder.path(), plan());
    ends(at, 0, &["run", &plan, "--paths", "9000", "--out", "single", "--no-charts"]);
    for of in ["1", "3", "7"] {
        let count: u32 = of.parse().expect("files of a test");
        let mut parts = Vec::new();
        for i in (0..count).rev() {
            let index = i.to_string();
            let shard =
                ["shard", &plan, "--paths", "9000", "--index", &index, "--of", of];
            let (said, _) = ends(at, 0, &shard);
            let file = format!("part-{i}-of-{of}.json");
            assert!(said.contains(&file) && said.ends_with("of 9000 paths\n"), "{said}");
            parts.push(file);
        }
        let out = format!("merged-{of}");
        let mut merge = vec!["merge", "--out", &out, "--no-charts"];
        merge.extend(parts.iter().map(String::as_str));
        ends(at, 0, &merge);
        same_files(at, "single", &out);
    }
}

#[test]
fn parts_that_do_not_make_a_run_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("files of a test");
    let (at, plan) = (folder.path(), plan());
    for (index, paths, seed) in
        [("0", "9000", "1"), ("1", "9000", "1"), ("2", "9000", "1")]
    {
        let shard = [
            "shard", &plan, "--paths", paths, "--seed", seed, "--index", index, "--of",
            "3",
        ];
        ends(at, 0, &shard);
    }
    let other =
        ["shard", &plan, "--paths", "9000", "--seed", "2", "--index", "1", "--of", "3"];
    ends(at, 0, &[&other[..], &["--out", "other"]].concat());
    let gap = ends(at, 1, &["merge", "part-0-of-3.json", "part-2-of-3.json"]).1;
    assert_eq!(gap, "paths 3072 to 6143 are in no part\n");
    let twice = ends(
        at,
        1,
        &["merge", "part-0-of-3.json", "part-1-of-3.json", "part-0-of-3.json"],
    )
    .1;
    assert_eq!(twice, "part-0-of-3.json and part-0-of-3.json have paths in common\n");
    let mixed = ends(at, 1, &["merge", "part-0-of-3.json", "other/part-1-of-3.json"]).1;
    assert_eq!(
        mixed,
        "other/part-1-of-3.json is no part of the run that part-0-of-3.json is of: \
         seed 2 instead of 1\n"
    );
    let fast = [
        "shard",
        &plan,
        "--paths",
        "9000",
        "--index",
        "1",
        "--of",
        "3",
        "--seed",
        "1",
        "--fast-math",
        "--out",
        "fast",
    ];
    ends(at, 0, &fast);
    let text = fs::read_to_string(at.join("fast/part-1-of-3.json"));
    // A processor without fused multiply-add plays as ever, and says so.
    if text.expect("files of a test").contains(r#""arithmetic":"fused""#) {
        let mixed =
            ends(at, 1, &["merge", "part-0-of-3.json", "fast/part-1-of-3.json"]).1;
        assert_eq!(
            mixed,
            "fast/part-1-of-3.json is no part of the run that part-0-of-3.json is of: \
             fused arithmetic instead of portable\n"
        );
    }
    let text = fs::read_to_string(at.join("part-0-of-3.json")).expect("files of a test");
    fs::write(at.join("cut.json"), &text[..text.len() / 2]).expect("files of a test");
    let cut = ends(at, 1, &["merge", "cut.json"]).1;
    assert!(cut.starts_with("cut.json is no part of a run, or is damaged: "), "{cut}");
    // A file that is not there yet may come: a scheduler may try again.
    let missing = ends(at, 75, &["merge", "part-9-of-3.json"]).1;
    assert!(missing.starts_with("could not read part-9-of-3.json: "), "{missing}");
}

#[test]
fn a_killed_run_is_taken_up_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("files of a test");
    let (at, plan) = (folder.path(), plan());
    let run = ["run", &plan, "--paths", "30000", "--no-charts", "--out"];
    let killed = [&run[..], &["killed", "--checkpoint-every", "0"]].concat();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rackcast"))
        .args(&killed)
        .current_dir(at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let checkpoint = at.join("killed/checkpoint.json");
    let begun = Instant::now();
    while !checkpoint.exists() && begun.elapsed() < Duration::from_mins(1) {
        sleep(Duration::from_millis(2));
    }
    child.kill().expect("it still runs, or has just ended");
    let _ = child.wait();
    ends(at, 0, &[&killed[..], &["--resume"]].concat());
    assert!(!checkpoint.exists(), "a run that is done leaves no checkpoint");
    ends(at, 0, &[&run[..], &["straight"]].concat());
    same_files(at, "killed", "straight");
}

#[test]
fn a_checkpoint_of_another_run_is_not_taken_up() {
    let folder = tempfile::tempdir().expect("files of a test");
    let (at, plan) = (folder.path(), plan());
    ends(at, 0, &["shard", &plan, "--paths", "3000", "--index", "0", "--of", "2"]);
    fs::create_dir(at.join("out")).expect("files of a test");
    fs::rename(at.join("part-0-of-2.json"), at.join("out/checkpoint.json"))
        .expect("files of a test");
    let run = ["run", &plan, "--paths", "4000", "--out", "out", "--resume"];
    let error = ends(at, 1, &run).1;
    let start = "out/checkpoint.json belongs to another run: 3000 paths instead of 4000.";
    assert!(error.starts_with(start), "{error}");
}

fn results(folder: &Path, out: &str) -> Value {
    let text = fs::read_to_string(folder.join(out).join("results.json"))
        .expect("files of a test");
    serde_json::from_str(&text).expect("files of a test")
}

#[test]
fn exact_quantiles_lie_within_a_bin_of_those_of_the_sketch() {
    let folder = tempfile::tempdir().expect("files of a test");
    let (at, plan) = (folder.path(), plan());
    let run = ["run", &plan, "--paths", "3000", "--no-charts", "--out"];
    ends(at, 0, &[&run[..], &["sketch"]].concat());
    ends(at, 0, &[&run[..], &["exact", "--exact"]].concat());
    let (sketch, exact) = (results(at, "sketch"), results(at, "exact"));
    assert_eq!(sketch["provenance"]["quantiles"], "sketch");
    assert_eq!(exact["provenance"]["quantiles"], "exact");
    let medians = |r: &Value| -> Vec<f64> {
        let all = r["strategies"].as_array().expect("strategies");
        all.iter()
            .filter_map(|s| s["net_present_cost"]["quantiles"][4].as_f64())
            .collect()
    };
    let (a, b) = (medians(&sketch), medians(&exact));
    assert!(!a.is_empty() && a.len() == b.len());
    for (a, b) in a.iter().zip(&b) {
        assert!((a / b - 1.0).abs() < 0.004, "{a} and {b}");
    }
}

#[test]
fn a_path_is_shown_month_by_month_and_one_that_is_not_there_is_not() {
    let folder = tempfile::tempdir().expect("files of a test");
    let plan = plan();
    let show = ["run", &plan, "--paths", "3000", "--show-path", "2999"];
    let (table, _) = ends(folder.path(), 0, &show);
    let mut lines = table.lines();
    assert!(lines.next().expect("a title").ends_with("path 2999, seed 1"));
    let head: Vec<&str> = lines.next().expect("a head").split('\t').collect();
    assert!(head.contains(&"cost_to_date.build [US dollars, present value]"), "{head:?}");
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split('\t').collect()).collect();
    assert_eq!(rows.len(), 36);
    assert!(rows.iter().all(|row| row.len() == head.len()));
    let beyond = ["run", &plan, "--paths", "3000", "--show-path", "3000"];
    let error = ends(folder.path(), 1, &beyond).1;
    assert_eq!(error, "there is no path 3000: this run has paths 0 to 2999\n");
}

#[test]
fn a_run_goes_on_until_its_error_is_small_enough() {
    let folder = tempfile::tempdir().expect("files of a test");
    let (at, plan) = (folder.path(), plan());
    let run = ["run", &plan, "--until-error", "0.4%", "--no-charts", "--out", "out"];
    ends(at, 0, &run);
    let found = results(at, "out");
    let costs = found["strategies"].as_array().expect("strategies");
    let number =
        |s: &Value, key: &str| s["net_present_cost"][key].as_f64().expect("a number");
    let best = costs
        .iter()
        .min_by(|a, b| number(a, "mean").total_cmp(&number(b, "mean")))
        .expect("a strategy");
    let error = number(best, "standard_error") / number(best, "mean");
    assert!(error <= 0.004, "{error}");
    // Not many times more paths than it takes: errors fall with their root.
    let paths = found["provenance"]["paths"].as_u64().expect("a count");
    assert!(
        paths.is_multiple_of(1024) && (error > 0.003 || paths == 16_384),
        "{paths}: {error}"
    );
    for wrong in ["0", "2", "x%", "-1%"] {
        ends(at, 2, &["run", &plan, "--until-error", wrong]);
    }
}

#[test]
fn the_time_is_told_by_room() {
    let folder = tempfile::tempdir().expect("files of a test");
    let run = ["run", &plan(), "--paths", "2000", "--profile-time"];
    let error = ends(folder.path(), 0, &run).1;
    for room in ["random, process, trajectory", "strategy, supply, finance", "stats"] {
        assert!(error.contains(room), "{error}");
    }
}
