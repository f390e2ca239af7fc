//! `hindcast` and `calibrate`: what they print, write and refuse.

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

fn rackcast(arguments: &[&str]) -> Output {
    Command::cargo_bin("rackcast")
        .expect("the program is built")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts")
}

fn printed(arguments: &[&str]) -> String {
    let output = rackcast(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the program prints text")
}

const COSTS: &str = "examples/history/costs.csv";

#[test]
fn a_record_has_a_row_for_every_model_and_horizon_and_one_default() {
    let text = printed(&["hindcast", COSTS, "--family", "hardware", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = json["results"].as_array().unwrap();
    // One series and the family, thirteen models, five horizons and all of them.
    assert_eq!(rows.len(), 2 * 13 * 6);
    let keys = [
        "family",
        "series",
        "model",
        "horizon",
        "origins",
        "forecasts",
        "coverage50",
        "coverage80",
        "coverage90",
        "below5",
        "above95",
        "crps",
        "interval_score80",
        "mae",
        "default",
    ];
    for row in rows {
        let row = row.as_object().unwrap();
        assert_eq!(row.len(), keys.len());
        assert!(keys.iter().all(|key| row.contains_key(*key)), "{row:?}");
        assert_eq!(row["default"] == true, row["model"] == "stack");
    }
    let find = |series: &str, model: &str, horizon: serde_json::Value| {
        let is_it = |r: &&serde_json::Value| {
            r["series"] == series && r["model"] == model && r["horizon"] == horizon
        };
        rows.iter().find(is_it).unwrap()
    };
    assert_eq!(find("costs", "naive", 1.into())["forecasts"], 21);
    let all = find("all", "stack", "all".into());
    assert_eq!((&all["forecasts"], &all["origins"]), (&95.into(), &21.into()));
    // The made-up cost has a drift that the naive model does not know.
    let naive = find("all", "naive", "all".into())["crps"].as_f64().unwrap();
    assert!(all["crps"].as_f64().unwrap() < 0.6 * naive);
    let again = printed(&["hindcast", COSTS, "--family", "hardware", "--json"]);
    assert_eq!(text, again);
}

#[test]
fn files_hold_the_record_and_a_chart_with_what_came_as_dots() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().display().to_string();
    printed(&["hindcast", COSTS, "--family", "hardware", "--out", &out]);
    let svg =
        fs::read_to_string(folder.path().join("charts/hindcast.costs.svg")).unwrap();
    assert!(svg.contains("80 % band held"), "the record stands under the chart");
    assert!(svg.matches("<circle").count() >= 5, "five values came later");
    assert!(folder.path().join("charts/hindcast.costs.png").is_file());
    assert!(folder.path().join("hindcast.json").is_file());
}

#[test]
fn the_family_of_an_unnamed_series_is_said() {
    let output = rackcast(&["hindcast", COSTS]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("taken for the family `hardware`"), "{said}");
}

#[test]
fn a_broken_history_is_refused_with_every_problem_at_its_row() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bad.csv");
    fs::write(&file, "date,value\n2024-01,2.5\n2024-13,2.4\n2024-03,-1\n").unwrap();
    let output = rackcast(&["hindcast", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("error[E0603]").count(), 2, "{said}");
    assert!(said.contains("2024-13,2.4"), "{said}");
    fs::write(&file, "date,value\n2024-01,2.5\n2024-02,2.4\n").unwrap();
    let output = rackcast(&["hindcast", &file.display().to_string()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("has 2 values, 14 are needed"), "{said}");
}

#[test]
fn a_calibrated_price_is_a_table_that_a_plan_takes() {
    let text = printed(&["calibrate", "prices", COSTS, "--family", "hardware"]);
    assert!(text.contains("[trajectories.flop_per_usd."), "{text}");
    let table = text.split("# fitted to").nth(1).unwrap();
    let toml: toml::Table = toml::from_str(table.split_once('\n').unwrap().1).unwrap();
    let process = &toml["trajectories"]["flop_per_usd"];
    let spec: rackcast::process::ProcessSpec = process.clone().try_into().unwrap();
    // Costs fall by 0.3 a year: FLOP per dollar rises.
    assert!(spec.as_process().median_at(1.0).unwrap() > 1.1, "{text}");
}

#[test]
fn providers_are_kept_apart_and_placeholders_refused() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().display().to_string();
    let quotes = "examples/history/quotes.csv";
    let text = printed(&["calibrate", "prices", quotes, "--out", &out]);
    for name in ["H100 north", "H100 south", "H100 west", "H100 matched providers"] {
        assert!(text.contains(name), "{text}");
    }
    assert!(folder.path().join("forecast.H100_north.svg").is_file());
    let bad = folder.path().join("bad.csv");
    let mut rows = fs::read_to_string(quotes).unwrap();
    rows.push_str("2026-06,north,H100,700.0\n2026-06,south,H100,0\n");
    fs::write(&bad, rows).unwrap();
    let output = rackcast(&["calibrate", "prices", &bad.display().to_string()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("error[E0605]").count(), 2, "{said}");
    let output =
        rackcast(&["calibrate", "prices", &bad.display().to_string(), "--keep-suspect"]);
    assert!(output.status.success());
}

#[test]
fn a_load_curve_of_a_history_is_a_shape_that_a_plan_takes() {
    let text = printed(&["calibrate", "demand", "examples/history/requests.csv"]);
    let curve = text.split("[workloads.NAME.shape.loads]").nth(1).unwrap();
    let curve = curve.split(']').next().unwrap().to_owned() + "]";
    let loads: rackcast::workload::shape::Loads = toml::from_str(&curve).unwrap();
    let mean = loads.values.iter().sum::<f64>() / 200.0;
    assert!(loads.values.len() == 200 && (mean - 1.0).abs() < 1e-3, "{mean}");
    assert!(text.contains("a weekend day has 0.3"), "{text}");
}

/// A small plan with `more` at its end.
fn plan_with(folder: &TempDir, more: &str) -> String {
    let plan = include_str!("fifteen-lines.toml");
    let file = folder.path().join("plan.toml");
    fs::write(&file, format!("{plan}\n{more}\n")).expect("a plan can be saved");
    file.display().to_string()
}

#[test]
fn charts_of_a_run_carry_the_record_of_their_family() {
    let folder = TempDir::new().unwrap();
    let plan = plan_with(&folder, "");
    let out = folder.path().join("out").display().to_string();
    printed(&["run", &plan, "--paths", "256", "--out", &out]);
    let mut carried = 0;
    for entry in fs::read_dir(folder.path().join("out/charts")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let has_record = ["rent.", "price.", "flop_per_usd."];
        if path.extension().is_none_or(|e| e != "svg")
            || !has_record.iter().any(|head| name.starts_with(head))
        {
            continue;
        }
        let svg = fs::read_to_string(&path).unwrap();
        // Captions are wrapped: read the text without its tags.
        let text: String = svg
            .split('<')
            .filter_map(|part| part.split_once('>').map(|(_, text)| text.trim()))
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        assert!(text.contains("80 % band held"), "{name}: {text}");
        assert!(text.contains("past cases"), "{name}");
        carried += 1;
    }
    assert!(carried >= 2, "only {carried} charts of calibrated quantities");
}

#[test]
fn shocks_and_joint_extremes_are_part_of_a_plan_and_of_its_assumptions() {
    let folder = TempDir::new().unwrap();
    let plain = plan_with(&folder, "");
    let before = printed(&["run", &plain, "--paths", "256", "--json"]);
    let more = "[dependence]\ntail_degrees = 4\n\n[shocks.supply_crunch]\n\
                chance_per_year = 0.5\n";
    let shaken = plan_with(&folder, more);
    let after = printed(&["run", &shaken, "--paths", "256", "--json"]);
    assert_ne!(before, after);
    let json: serde_json::Value = serde_json::from_str(&after).unwrap();
    let keys: Vec<&str> = json["assumptions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|a| a["key"].as_str())
        .filter(|key| key.starts_with("shocks."))
        .collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    let wrong = plan_with(&folder, "[shocks.suply_crunch]\n");
    let output = rackcast(&["check", &wrong]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error[E0319]") && said.contains("supply_crunch"), "{said}");
    let wrong = plan_with(&folder, "[shocks.demand_winter]\nlog_moves = { rnt = 1.0 }\n");
    let output = rackcast(&["check", &wrong]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error[E0310]") && said.contains("`rent`"), "{said}");
}

#[test]
fn impossible_correlations_are_repaired_only_on_request() {
    let folder = TempDir::new().unwrap();
    let pairs = "[[correlations]]\nbetween = [\"rent\", \"resale\"]\nrho = -0.95\n\n\
                 [[correlations]]\nbetween = [\"rent\", \"hardware_price\"]\nrho = 0.95\n";
    let refused = plan_with(&folder, pairs);
    let output = rackcast(&["check", &refused]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error[E0309]"), "{said}");
    let repaired = plan_with(
        &folder,
        &format!("[dependence]\nrepair_correlations = true\n\n{pairs}"),
    );
    let output = rackcast(&["run", &repaired, "--paths", "256", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("correlations contradict each other"));
}
