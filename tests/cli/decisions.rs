//! What a run says of its decision: one screen, the bill of a path, sweeps.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{rackcast, rackcast_in, said};

fn assistant() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("examples/assistant/plan.toml").to_string_lossy().into_owned()
}

#[test]
fn the_summary_of_the_assistant_fits_one_screen() {
    let (code, out, _) = said(&mut rackcast(&["run", &assistant(), "--paths", "512"]));
    assert_eq!(code, Some(0));
    assert!(out.lines().count() <= 50, "{} lines\n{out}", out.lines().count());
    for line in out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for wanted in ["Knowing the path before choosing would save", "10 % and 90 % point"] {
        assert!(out.contains(wanted), "{wanted} in {out}");
    }
}

#[test]
fn a_bill_is_printed_and_written_and_its_cents_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let plan = assistant();
    let run = ["run", &plan, "--paths", "512", "--no-charts", "--out", "out"];
    let asked = [run.as_slice(), &["--explain-cost", "hybrid"]].concat();
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &asked));
    assert_eq!(code, Some(0), "{error}");
    let cents = |start: &str| {
        let line = out.lines().find(|l| l.starts_with(start)).expect("a line of sums");
        line.rsplit(' ').next().unwrap().replace(',', "").parse::<f64>().unwrap()
    };
    let (lines, cost) = (cents("All lines, present value"), cents("Net present cost of"));
    assert!((lines - cost).abs() < 0.011, "{lines} {cost}");
    let rows = fs::read_to_string(folder.path().join("out/bill.csv")).unwrap();
    let present: f64 = rows
        .lines()
        .skip(1)
        .map(|row| row.rsplit(',').next().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((present - cost).abs() < 0.006, "{present} {cost}");
    // What stands in the last month is sold with it: the resale has its chips.
    let last = rows.lines().rfind(|row| row.contains(",resale,")).expect("a last resale");
    let cells: Vec<&str> = last.split(',').collect();
    assert_eq!((cells[3], cells[5]), ("when the plan ends", "chips sold"), "{last}");
    let counted =
        out.lines().find(|l| l.starts_with("Chips: ")).expect("a line of chips");
    let standing = counted.split(" = ").nth(1).unwrap().split(' ').next().unwrap();
    let (sold, standing): (f64, f64) =
        (cells[4].parse().unwrap(), standing.parse().unwrap());
    assert!(
        sold >= standing - 0.051 && counted.ends_with("gone back before"),
        "{last} {counted}"
    );
    // Each headline figure stands where the text says.
    let results = fs::read_to_string(folder.path().join("out/results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    let strategies = results["strategies"].as_array().unwrap();
    let at = strategies.iter().position(|s| s["name"] == "hybrid").unwrap();
    assert!(out.contains(&format!("strategies[{at}].net_present_cost.mean")), "{out}");
    let parts: f64 = strategies[at]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["mean"].as_f64().unwrap())
        .sum();
    let mean = strategies[at]["net_present_cost"]["mean"].as_f64().unwrap();
    assert!((parts - mean).abs() < 0.005, "{parts} {mean}");
    let asked = ["run", &plan, "--paths", "256", "--explain-cost", "nobody"];
    let (code, _, error) = said(&mut rackcast(&asked));
    assert_eq!(code, Some(1));
    assert!(error.contains("it has api, rent, build, hybrid"), "{error}");
}

#[test]
fn a_sweep_is_the_runs_it_stands_for() {
    let folder = tempfile::tempdir().unwrap();
    let plan = assistant();
    let swept = "money.discount_rate_per_year=0.05,0.12";
    let run =
        ["run", &plan, "--paths", "512", "--sweep", swept, "--out", "out", "--json"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &run));
    assert_eq!(code, Some(0), "{error}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let text = fs::read_to_string(&plan).unwrap();
    for (row, rate) in rows.iter().zip(["0.05", "0.12"]) {
        let edited = format!("{text}\n[money]\ndiscount_rate_per_year = {rate}\n");
        fs::write(folder.path().join("plan.toml"), edited).unwrap();
        let run = ["run", "plan.toml", "--paths", "512", "--json"];
        let (code, out, error) = said(&mut rackcast_in(folder.path(), &run));
        assert_eq!(code, Some(0), "{error}");
        let alone: Value = serde_json::from_str(&out).unwrap();
        for (a, b) in row["strategies"]
            .as_array()
            .unwrap()
            .iter()
            .zip(alone["strategies"].as_array().unwrap())
        {
            assert_eq!(a["mean"], b["net_present_cost"]["mean"], "{rate}");
        }
    }
    let csv = fs::read_to_string(folder.path().join("out/sweep.csv")).unwrap();
    assert!(csv.starts_with("money.discount_rate_per_year,strategy,mean_usd,"), "{csv}");
    assert_eq!(csv.lines().count(), 1 + 2 * 4);
    let wrong = ["run", &plan, "--sweep", "money.discount_rat=0.05"];
    let (code, _, error) = said(&mut rackcast(&wrong));
    assert_eq!(code, Some(1));
    assert!(error.contains("discount_rate_per_year"), "{error}");
    let (code, _, error) = said(&mut rackcast(&["run", &plan, "--sweep", "money"]));
    assert_eq!(code, Some(2));
    assert!(error.contains("names no values"), "{error}");
}

#[test]
fn a_map_is_a_picture_and_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", &assistant(), "--paths", "512", "--map", "--pdf", "--out", "out"];
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &run));
    assert_eq!(code, Some(0), "{error}");
    let out = folder.path().join("out");
    let results = fs::read_to_string(out.join("results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    let pairs = results["decision"]["break_even"].as_array().unwrap();
    let pair =
        pairs.iter().find(|p| p["first"] == "build" && p["second"] == "rent").unwrap();
    let border = pair["utilisation"]["at"].as_f64().unwrap();
    // At the prices of the plan the saving changes its sign at the break-even utilisation.
    let rows = fs::read_to_string(out.join("break-even-map.csv")).unwrap();
    let mut seen = 0;
    for row in rows.lines().filter(|row| row.starts_with("build,rent,")) {
        let cells: Vec<f64> =
            row.split(',').skip(2).map(|x| x.parse().unwrap()).collect();
        if cells[1].abs() < 1e-9 {
            seen += 1;
            assert_eq!(cells[2] > 0.0, cells[0] > border, "{row} {border}");
        }
    }
    assert_eq!(seen, 41);
    let svg = fs::read_to_string(out.join("charts/break_even.build.rent.svg")).unwrap();
    assert!(svg.contains("build or rent: who is cheaper"), "{}", &svg[..300]);
    for chart in ["break_even.build.rent", "cost_to_date.build", "compare.cost_to_date"] {
        let pdf = fs::read(out.join(format!("charts/{chart}.pdf"))).unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF"), "{chart}");
    }
    let png = fs::read(out.join("charts/break_even.build.rent.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
}

/// A plan of two years with an order on a schedule beside a rule that looks.
fn scheduled(compare: &str) -> String {
    let stack = |sizing: &str| {
        format!(
            "stack = [{{ own = {{ accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\" }}, \
             sizing = {sizing} }}, {{ on_demand = {{ accelerator = \"nvidia-h100-sxm\" }} }}]\n"
        )
    };
    format!(
        "title = \"Two years\"\ncompare = [{compare}]\naccelerator = \"nvidia-h100-sxm\"\n\
         [time]\nstart = \"2027-01\"\nmonths = 24\n\
         [workloads.jobs.chip_hours]\naccelerator = \"nvidia-h100-sxm\"\nchips = 64\nutilisation = 0.8\n\
         [strategies.fixed]\n{}[strategies.looks]\n{}",
        stack(
            "{ schedule = { orders = [{ month = 0, chips = 16 }, { month = 12, chips = 16 }] } }"
        ),
        stack("{ demand_quantile = {} }"),
    )
}

/// What is decided before the first month is not decided in stages, whenever it is placed.
#[test]
fn a_schedule_is_no_commitment_in_stages() {
    let folder = tempfile::tempdir().unwrap();
    let worth = |compare: &str| {
        fs::write(folder.path().join("plan.toml"), scheduled(compare)).unwrap();
        let run = ["run", "plan.toml", "--paths", "256", "--json"];
        let (code, out, error) = said(&mut rackcast_in(folder.path(), &run));
        assert_eq!(code, Some(0), "{error}");
        let results: Value = serde_json::from_str(&out).unwrap();
        results["decision"]["worth"]["flexibility"].clone()
    };
    assert_eq!(worth("\"fixed\", \"rent\""), Value::Null);
    let found = worth("\"fixed\", \"looks\", \"rent\"");
    assert_eq!(found["staged"], "looks");
    assert_eq!((&found["now"], &found["never"]), (&"fixed".into(), &"rent".into()));
}
