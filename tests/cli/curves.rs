//! A forward curve from a file beside the plan: the same as one written into it, in parts
//! too, and every mistake at its key.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{rackcast_in, said};

const CURVE: &str = "month,value\n0,2.50\n6,2.80\n24,1.90\n";
const WRITTEN: &str = "months = [0, 6, 24]\nvalues = [2.50, 2.80, 1.90]";
const NAMED: &str = "file = \"curves/forwards.csv\"";

/// A plan whose rent follows a forward curve; `quotes` says which.
fn plan(quotes: &str) -> String {
    format!(
        "title = \"rent\"
[time]
start = \"2027-01\"
months = 24
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.8
[strategies.rent]
stack = [{{ on_demand = {{ accelerator = \"nvidia-h100-sxm\" }} }}]
[trajectories.rent.forward]
volatility_per_sqrt_year = 0.2
{quotes}
"
    )
}

fn folder_with(quotes: &str, curve: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("files of a test");
    fs::create_dir(folder.path().join("curves")).expect("files of a test");
    fs::write(folder.path().join("curves/forwards.csv"), curve).expect("files of a test");
    fs::write(folder.path().join("plan.toml"), plan(quotes)).expect("files of a test");
    folder
}

fn ends(folder: &Path, code: i32, arguments: &[&str]) -> String {
    let (found, out, error) = said(&mut rackcast_in(folder, arguments));
    assert_eq!(found, Some(code), "{arguments:?}\n{out}\n{error}");
    error
}

fn results(folder: &Path, out: &str) -> Value {
    let text = fs::read_to_string(folder.join(out).join("results.json"))
        .expect("files of a test");
    serde_json::from_str(&text).expect("files of a test")
}

const RUN: [&str; 7] =
    ["run", "plan.toml", "--paths", "2000", "--no-charts", "--out", "out"];

#[test]
fn a_curve_in_a_file_is_the_curve_in_the_plan_and_stands_in_the_results() {
    let named = folder_with(NAMED, CURVE);
    let written = folder_with(WRITTEN, CURVE);
    for folder in [&named, &written] {
        ends(folder.path(), 0, &RUN);
    }
    let (a, b) = (results(named.path(), "out"), results(written.path(), "out"));
    assert_eq!(a["strategies"], b["strategies"]);
    assert!(
        a["strategies"][0]["net_present_cost"]["mean"].as_f64().expect("files of a test")
            > 0.0
    );
    let hash = blake3::hash(CURVE.as_bytes()).to_hex().to_string();
    let files = &a["provenance"]["files_blake3"];
    assert_eq!(files["curves/forwards.csv"].as_str(), Some(hash.as_str()));
    assert_eq!(b["provenance"].get("files_blake3"), None);
    // Another curve is another answer.
    fs::write(named.path().join("curves/forwards.csv"), "month,value\n0,1\n")
        .expect("files of a test");
    ends(named.path(), 0, &RUN);
    assert_ne!(results(named.path(), "out")["strategies"], a["strategies"]);
}

#[test]
fn parts_carry_the_file_and_are_merged_without_it() {
    let folder = folder_with(NAMED, CURVE);
    let at = folder.path();
    ends(at, 0, &RUN);
    for index in ["0", "1"] {
        let of = ["--index", index, "--of", "2", "--paths", "2000"];
        ends(at, 0, &[&["shard", "plan.toml"], &of[..]].concat());
    }
    let parts = ["part-0-of-2.json", "part-1-of-2.json"];
    // Merged where nothing else is.
    let other = tempfile::tempdir().expect("files of a test");
    for part in parts {
        fs::copy(at.join(part), other.path().join(part)).expect("files of a test");
    }
    let merge = ["merge", parts[0], parts[1], "--out", "out", "--no-charts"];
    ends(other.path(), 0, &merge);
    for name in ["results.json", "fans.csv"] {
        let read = |folder: &Path| {
            fs::read(folder.join("out").join(name)).expect("files of a test")
        };
        assert!(read(at) == read(other.path()), "{name}");
    }
    // A part played with another curve is of another run.
    fs::write(at.join("curves/forwards.csv"), "month,value\n0,1\n")
        .expect("files of a test");
    let again = ["shard", "plan.toml", "--index", "1", "--of", "2", "--paths", "2000"];
    ends(at, 0, &again);
    let error = ends(at, 1, &["merge", parts[0], parts[1]]);
    let wanted = "part-1-of-2.json is no part of the run that part-0-of-2.json is of: \
                  other files beside the plan\n";
    assert_eq!(error, wanted);
}

#[test]
fn a_file_that_cannot_be_used_is_told_at_its_key() {
    let help = "help: a CSV beside the plan with the columns month,value (the first 0) or \
                date,value, one row a month and rising";
    for (quotes, curve, wanted) in [
        (
            "file = \"../forwards.csv\"",
            CURVE,
            "`../forwards.csv` is not in the folder of the plan",
        ),
        ("file = \"none.csv\"", CURVE, "`none.csv` cannot be read"),
        (
            NAMED,
            "month,value\n0,2.5\n6,-1\n",
            "`curves/forwards.csv`, line 3: `-1` is not a price above 0",
        ),
    ] {
        let folder = folder_with(quotes, curve);
        for command in ["check", "run"] {
            let error = ends(folder.path(), 1, &[command, "plan.toml"]);
            assert!(error.starts_with(&format!("error[E0320]: {wanted}")), "{error}");
            assert!(error.contains("--> plan.toml:13:8"), "{error}");
            assert!(error.contains(help), "{error}");
            assert_eq!(error.matches("error[").count(), 1, "{error}");
        }
    }
}
