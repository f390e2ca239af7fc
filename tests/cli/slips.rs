//! What is probably not meant, and outputs that cannot be written.

use std::fs;
use std::process::Stdio;

use super::{rackcast, rackcast_in, said};

/// A plan of a year, with more lines.
fn plan(more: &str) -> String {
    format!(
        "title = \"A year\"\ncompare = [\"rent\", \"own\"]\n\
         [time]\nstart = \"2027-01\"\nmonths = 12\n\
         [workloads.chat.inference]\nmodel = \"llama-3.1-8b\"\n\
         requests_per_day = 2_000_000\ninput_tokens = 1500\noutput_tokens = 300\n{more}"
    )
}

/// Machines of one's own, with more keys.
fn own(more: &str) -> String {
    plan(&format!(
        "[[strategies.own.stack]]\n[strategies.own.stack.own]\n\
         accelerator = \"nvidia-h100-sxm\"\nfacility = \"colocation-us\"\n{more}\n\
         [[strategies.own.stack]]\n\
         on_demand = {{ accelerator = \"nvidia-h100-sxm\" }}\n"
    ))
}

/// Exit code and texts of `check` on a plan.
fn checked(text: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder that can be written");
    fs::write(folder.path().join("plan.toml"), text)
        .expect("a folder that can be written");
    said(&mut rackcast_in(folder.path(), &["check", "plan.toml"]))
}

#[test]
fn slips_of_a_plan_are_told() {
    for (text, wanted) in [
        (own("lead_time_months = 40"), "W0302"),
        (own("energy_usd_per_kwh = 12"), "0.03 to 0.4 USD per kWh"),
        (own("usd_per_chip = 30"), "2000 to 150000 USD"),
        (own("").replace("2027-01", "1950-01"), "W0301"),
        (
            own("").replace(
                "[[strategies.own.stack]]\non_demand = { accelerator = \"nvidia-h100-sxm\"",
                "[[strategies.own.stack]]\non_demand = { accelerator = \
                 \"nvidia-h100-sxm\", usd_per_chip_hour = 250",
            ),
            "USD per chip-hour",
        ),
        (
            own("") + "[[strategies.own.stack]]\napi = { qualification_months = 100, \
                       input_usd_per_mtok = 1, output_usd_per_mtok = 2 }\n",
            "W0302",
        ),
    ] {
        let (code, out, error) = checked(&text);
        assert_eq!(code, Some(0), "{error}");
        assert!(out.ends_with("; 1 warning\n"), "{text}: {out}{error}");
        assert!(error.starts_with("warning[W03") && error.contains(wanted), "{error}");
    }
    let (_, out, error) = checked(&own("energy_usd_per_kwh = 0.12"));
    assert!(out.ends_with("; no problems\n") && error.is_empty(), "{out}{error}");
}

/// Machines under a lease, with more keys of the machines.
fn leased(kind: &str, more: &str) -> String {
    own("").replace(
        "[strategies.own.stack.own]\n",
        &format!(
            "[strategies.own.stack.lease]\nterm_years = 2\nrate_per_year = 0.08\n\
         kind = \"{kind}\"\n[strategies.own.stack.lease.machines]\n{more}\n"
        ),
    )
}

/// Machines of one's own by a rule.
fn sized(sizing: &str) -> String {
    own("")
        .replace(
            "[[strategies.own.stack]]\non_demand",
            &format!("sizing = {sizing}\n[[strategies.own.stack]]\non_demand"),
        )
        .replace("[strategies.own.stack.own]\n", "")
        .replace(
            "accelerator = \"nvidia-h100-sxm\"\nfacility = \"colocation-us\"\n",
            "own = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\" }\n",
        )
}

/// What is idle of machines, generations and correlations: a plan, the key, a word of the help.
fn idle_machines() -> Vec<(String, &'static str, &'static str)> {
    let same = "generation = \"same\"";
    vec![
        (
            own(&format!("{same}\nefficiency_gain_per_year = 0.2")),
            "own.efficiency_gain_per_year",
            "frontier",
        ),
        (
            own("land_growth_per_year = 0.1"),
            "own.land_growth_per_year",
            "land_usd_per_kw",
        ),
        (
            own("resale_by = { wear = {} }\nresale_share = 0"),
            "own.resale_by",
            "resale_share",
        ),
        (own(&format!("{same}\n[generations]")), "generations", "frontier"),
        (
            plan("[generations]").replace("[\"rent\", \"own\"]", "[\"rent\"]"),
            "generations",
            "own",
        ),
        (
            own("[trajectories.flop_per_usd.generations]\ngain_correlation = 0.5"),
            "gain_correlation",
            "dates",
        ),
        (
            own(
                "[trajectories.rent.constant]\n[[correlations]]\nbetween = [\"rent\", \"resale\"]\nrho = 0.5",
            ),
            "correlations.0.between.0",
            "moves",
        ),
    ]
}

/// The same of rules of sizing.
fn idle_rules() -> Vec<(String, &'static str, &'static str)> {
    vec![
        (
            sized(
                "{ trigger = { threshold = 1.2, price_volatility_per_sqrt_year = 0.4 } }",
            ),
            "price_volatility_per_sqrt_year",
            "threshold",
        ),
        (
            sized(
                "{ trigger = { threshold = 1.2, value_volatility_per_sqrt_year = 0.4 } }",
            ),
            "value_volatility_per_sqrt_year",
            "threshold",
        ),
        (
            sized("{ trigger = { threshold = 1.2, price_drift_per_year = -0.4 } }"),
            "price_drift_per_year",
            "threshold",
        ),
        (
            sized("{ trigger = { threshold = 1.2, correlation = 0.4 } }"),
            "correlation",
            "threshold",
        ),
        (
            sized("{ years_of_growth = { years = 1, scale_exponent = 0.7 } }"),
            "scale_exponent",
            "years",
        ),
        (
            sized("{ years_of_growth = { years = 1, discount_rate_per_year = 0.1 } }"),
            "discount_rate_per_year",
            "years",
        ),
    ]
}

/// The same of money and leases.
fn idle_money() -> Vec<(String, &'static str, &'static str)> {
    vec![
        (
            own(
                "[money]\ndebt = { share_of_capex = 0.5, rate_per_year = 0.1, years = 1, covenant_dscr = 1.2 }",
            ),
            "money.debt.covenant_dscr",
            "results.accounts",
        ),
        (
            own("[money]\ndepreciation = { hall_method = \"macrs_39\" }"),
            "money.depreciation.hall_method",
            "hall",
        ),
        (
            own("[money]\ndepreciation = { fit_out_method = \"macrs_15\" }"),
            "money.depreciation.fit_out_method",
            "fit_out",
        ),
        (
            own("[money]\ndepreciation = { convention = \"half_year\" }"),
            "money.depreciation.convention",
            "macrs_5",
        ),
        (leased("operating", "life_years = 4"), "machines.life_years", "term_years"),
        (
            leased("operating", "wear_per_year = 0.2"),
            "machines.wear_per_year",
            "residual_share",
        ),
        (
            leased("operating", "resale_by = { earnings = {} }"),
            "machines.resale_by",
            "residual_share",
        ),
        (
            leased("operating", "resale_share = 0.5"),
            "machines.resale_share",
            "residual_share",
        ),
        (
            leased("finance", "deposit_share = 0.3"),
            "machines.deposit_share",
            "leave it out",
        ),
    ]
}

/// What is read and changes nothing is told at its place, with the next step.
#[test]
fn what_changes_nothing_is_told() {
    let all = [idle_machines(), idle_rules(), idle_money()].concat();
    for (text, place, wanted) in all {
        let (code, out, error) = checked(&text);
        assert_eq!(code, Some(0), "{text}: {error}");
        assert!(out.ends_with("; 1 warning\n"), "{text}: {out}{error}");
        assert!(
            error.starts_with("warning[W0304]: `") && error.contains("changes nothing"),
            "{error}"
        );
        let key = place.rsplit('.').find(|p| p.parse::<u32>().is_err()).unwrap();
        assert!(error.contains(key) && error.contains(wanted), "{place}: {error}");
    }
}

/// What counts is not told to be idle.
#[test]
fn what_changes_something_is_not_told() {
    let same = "generation = \"same\"";
    for counted in [
        own("generation = \"frontier\"\nefficiency_gain_per_year = 0.2\nresale_by = { wear = {} }"),
        own("[generations]").replace("nvidia-h100-sxm\"\nfacility", "nvidia-b200-hgx\"\nfacility"),
        own(&format!("{same}\n[simulation]\nfrozen = true")),
        sized("{ trigger = { price_volatility_per_sqrt_year = 0.4 } }"),
        sized("{ years_of_growth = { scale_exponent = 0.7 } }"),
        own("[results]\naccounts = true\n[money]\ndebt = { share_of_capex = 0.5, rate_per_year = 0.1, years = 1, covenant_dscr = 1.2 }"),
        own("[money]\ndepreciation = { method = \"macrs_5\", convention = \"half_year\" }"),
        own("land_usd_per_kw = 9\nland_growth_per_year = 0.1\n[money]\ndepreciation = { hall_method = \"macrs_39\" }").replace("colocation-us", "own-hall-us"),
        leased("finance", "life_years = 4\nwear_per_year = 0.2\ncapital_charge_per_year = 0.1"),
        leased("operating", ""),
    ] {
        let (code, out, error) = checked(&counted);
        assert_eq!(code, Some(0), "{counted}: {error}");
        assert!(out.ends_with("; no problems\n") && error.is_empty(), "{counted}: {out}{error}");
    }
}

/// Gains count from the part that is named, dates from the newest of its maker.
#[test]
fn a_part_that_is_superseded_is_told() {
    let with = |chip: &str, more: &str| {
        own(more).replace("nvidia-h100-sxm\"\nfacility", &format!("{chip}\"\nfacility"))
    };
    for (chip, newest) in [
        ("nvidia-h100-sxm", "`nvidia-b200-hgx` in 2025-Q1"),
        ("nvidia-a100-80g-sxm", "`nvidia-b200-hgx` in 2025-Q1"),
        ("amd-mi300x", "`amd-mi355x` in 2025-06"),
    ] {
        let (code, out, error) = checked(&with(chip, "[generations]"));
        assert_eq!(code, Some(0), "{error}");
        assert!(out.ends_with("; 1 warning\n"), "{chip}: {out}{error}");
        assert!(error.starts_with(&format!("warning[W0305]: `{chip}`")), "{error}");
        assert!(error.contains(newest), "{error}");
    }
    for (chip, more) in [
        ("nvidia-b200-hgx", "[generations]"),
        ("nvidia-b300-hgx", "[generations]"),
        ("nvidia-h100-sxm", "[generations]\nyears_since_last = 4.3"),
        ("nvidia-h100-sxm", ""),
    ] {
        let (code, out, error) = checked(&with(chip, more));
        assert_eq!(code, Some(0), "{error}");
        assert!(out.ends_with("; no problems\n"), "{chip}: {out}{error}");
    }
    let before = with("nvidia-h100-sxm", "[generations]").replace("2027-01", "2024-06");
    assert!(!checked(&before).2.contains("W0305"));
}

#[test]
fn what_a_rent_already_pays_is_refused() {
    for (text, wanted) in [
        (own("land_usd_per_kw = 400"), "error[E0325]"),
        (leased("operating", "capital_charge_per_year = 0.1"), "error[E0327]"),
    ] {
        let (code, _, error) = checked(&text);
        assert_eq!(code, Some(1), "{text}");
        assert!(error.starts_with(wanted) && error.contains("leave it out"), "{error}");
    }
}

#[test]
fn a_run_tells_slips_and_who_never_buys() {
    let folder = tempfile::tempdir().unwrap();
    let text = own("budget_usd_per_year = 1\nenergy_usd_per_kwh = 12");
    fs::write(folder.path().join("plan.toml"), text).unwrap();
    let run = ["run", "plan.toml", "--paths", "256"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &run));
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("Note: `own` never has a chip of its own"), "{out}");
    assert!(out.contains("Note: `energy_usd_per_kwh` of 12 looks like a slip"), "{out}");
}

#[test]
fn the_rent_of_a_chip_that_is_not_there_or_not_used_is_told() {
    let table = |chip: &str| own(&format!("[trajectories.\"rent.{chip}\".constant]"));
    let (code, _, error) = checked(&table("nvidia-h300"));
    assert_eq!(code, Some(1));
    assert!(error.contains("error[E0401]: no accelerator `nvidia-h300`"), "{error}");
    let (code, _, error) = checked(&table("nvidia-l40s"));
    assert_eq!(code, Some(0), "{error}");
    assert!(error.contains("warning[W0303]"), "{error}");
    assert_eq!(checked(&table("nvidia-h100-sxm")).2, "");
}

#[test]
fn a_pair_of_one_quantity_and_a_pair_named_twice_are_refused() {
    let pair = |a: &str, b: &str| {
        format!("[[correlations]]\nbetween = [\"{a}\", \"{b}\"]\nrho = 0.1\n")
    };
    for more in [pair("rent", "rent"), pair("rent", "resale") + &pair("resale", "rent")] {
        let (code, _, error) = checked(&own(&more));
        assert_eq!(code, Some(1), "{more}");
        assert!(error.starts_with("error[E0312]"), "{error}");
        assert_eq!(error.matches("error[").count(), 1, "{error}");
    }
}

#[test]
fn a_key_of_the_table_around_is_sent_there() {
    for (more, wanted) in [
        ("growth = { constant = {} }\n", "write `[workloads.chat.growth]`"),
        ("[workloads.chat.inference.shape.flat]\n", "write `[workloads.chat.shape]`"),
    ] {
        let (code, _, error) = checked(&plan(more));
        assert_eq!(code, Some(1));
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_chip_that_cannot_serve_is_not_sent_back_to_the_same_strategy() {
    let text = plan("")
        .replace("[\"rent\", \"own\"]", "[\"rent\"]\naccelerator = \"nvidia-l40s\"")
        .replace(
            "output_tokens = 300",
            "output_tokens = 300\ntime_per_output_token_ms = 1",
        );
    let (code, _, error) = checked(&text);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("E0403") && !error.contains("such as `rent`"), "{error}");
}

/// Fiscal years of the table are those of results.json.
#[test]
fn the_table_names_fiscal_years_as_the_results_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = own("[money]\nfiscal_year_start_month = 4");
    fs::write(folder.path().join("plan.toml"), text).unwrap();
    let run = ["run", "plan.toml", "--paths", "256", "--out", "out", "--no-charts"];
    let (_, out, error) = said(&mut rackcast_in(folder.path(), &run));
    assert!(out.contains("Capex 2026, mean"), "{out}{error}");
    let results = fs::read_to_string(folder.path().join("out/results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["strategies"][0]["years"][0]["year"], 2026);
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("2026 is 2026-04 to 2027-03"), "the caption says which");
}

/// JSON and files to be were asked for: quiet or not.
#[test]
fn what_is_asked_for_is_printed_by_a_quiet_program_too() {
    for (arguments, code) in [
        (&["check", "negative-price.toml", "--json", "-q"][..], 1),
        (&["profile", "check", "--json", "-q", "profiles/accelerators/chip.toml"], 1),
        (&["plan", "new", "-q"], 0),
        (&["profile", "new", "--id", "acme", "-q"], 0),
    ] {
        let (found, out, _) = said(&mut rackcast(arguments));
        assert_eq!(found, Some(code), "{arguments:?}");
        assert!(out.len() > 50, "{arguments:?}: {out}");
    }
}

/// A full disk behind standard output is told, and may be tried again.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_takes_no_more_is_told() {
    for arguments in [
        &["profiles"][..],
        &["check", "../../examples/assistant/plan.toml"],
        &["run", "fifteen-lines.toml", "--paths", "256"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rackcast"));
        command.current_dir(super::fixtures()).args(arguments);
        let output = command.stdout(Stdio::from(full)).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(75), "{arguments:?}: {error}");
        assert!(error.contains("could not print the result"), "{error}");
    }
}

/// Traces in JSON lines are simulated as they are imported.
#[test]
fn a_trace_in_json_lines_is_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let line = |i: u32| {
        format!(
            "{{\"timestamp\": {}, \"input_length\": 900, \"output_length\": 20, \
             \"hash_ids\": [1]}}\n",
            500 * i
        )
    };
    let lines: String = (0..40).map(line).collect();
    fs::write(folder.path().join("moon.jsonl"), lines).unwrap();
    let simulate = [
        "simulate",
        "serve",
        "--accelerator",
        "nvidia-h100-sxm",
        "--model",
        "llama-3.1-8b",
        "--trace",
        "moon.jsonl",
    ];
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &simulate));
    assert_eq!(code, Some(0), "{error}");
}

#[test]
fn the_next_step_is_told_of_small_slips() {
    for (more, wanted) in [
        ("[money]\ndiscount_rate_per_year = \"8 %\"\n", "write 0.08, without quotes"),
        ("[money]\ndiscount_rate_per_year = 8\n", "write 0.08 for 8 %"),
        ("[money]\ntax_rate = 21\n", "write 0.21 for 21 %"),
    ] {
        let (code, _, error) =
            checked(&own("").replace("[time]", &format!("{more}[time]")));
        assert_eq!(code, Some(1));
        assert!(error.contains(wanted), "{error}");
    }
    let (code, _, error) = checked(&own("").replace("2_000_000", "1e308"));
    assert_eq!(code, Some(1));
    assert!(error.contains("error[E0201]") && error.contains("10^24"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let profiles = ["profiles", "--profiles", "mine"];
    fs::create_dir_all(at.join("mine")).unwrap();
    let (code, _, error) = said(&mut rackcast_in(at, &profiles));
    assert_eq!(code, Some(1));
    assert!(error.contains("no profiles in `mine`"), "{error}");
    fs::create_dir_all(at.join("mine/accelerator")).unwrap();
    let (_, _, error) = said(&mut rackcast_in(at, &profiles));
    assert!(error.contains("name the folder `accelerators`"), "{error}");
    let (_, _, error) = said(rackcast(&["explain", "E0001"]).env("RACKCAST_SIMD", "foo"));
    assert!(error.contains("RACKCAST_SIMD is `foo`"), "{error}");
    let (_, _, error) = said(&mut rackcast(&["plan", "new", "--amount", "-5"]));
    assert!(error.contains("`-5` must be a number"), "{error}");
}

/// A second run into the same folder leaves no file of the first.
#[test]
fn files_of_the_run_before_are_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let run = |compare: &str, more: &[&str]| {
        fs::write(at.join("plan.toml"), own("").replace("[\"rent\", \"own\"]", compare))
            .unwrap();
        let run = ["run", "plan.toml", "--paths", "256", "--out", "out", "-q"];
        let (code, _, error) = said(&mut rackcast_in(at, &[&run, more].concat()));
        assert_eq!(code, Some(0), "{error}");
    };
    let there = |name: &str| at.join("out").join(name).exists();
    run("[\"rent\", \"own\"]", &["--explain-cost", "own"]);
    assert!(there("charts/cost_to_date.own.png") && there("bill.csv"));
    fs::write(at.join("out/charts/mine.png"), "mine").unwrap();
    fs::write(at.join("out/mine.csv"), "mine").unwrap();
    run("[\"rent\"]", &[]);
    assert!(!there("charts/cost_to_date.own.png") && !there("bill.csv"));
    assert!(there("charts/cost_to_date.rent.png") && there("fans.csv"));
    assert!(there("charts/mine.png") && there("mine.csv"));
    run("[\"rent\", \"own\"]", &["--map"]);
    assert!(there("break-even-map.csv"));
    run("[\"rent\", \"own\"]", &["--no-charts"]);
    assert!(!there("break-even-map.csv") && there("charts/mine.png"));
}

/// What is wrong with an argument has no line in the plan.
#[test]
fn a_number_of_paths_is_told_where_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let plan = own("[simulation]\nsampler = \"sobol\"\npaths = 10000\n");
    fs::write(folder.path().join("plan.toml"), &plan).unwrap();
    let line = plan.lines().position(|l| l.starts_with("paths")).unwrap() + 1;
    let run = ["run", "plan.toml"];
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &run));
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains(&format!(" plan.toml:{line}:9")), "{error}");
    let run = ["run", "plan.toml", "--paths", "5000"];
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &run));
    assert_eq!(code, Some(1), "{error}");
    assert!(error.starts_with("error[E0316]") && error.contains("5000"), "{error}");
    assert!(error.contains("--> --paths") && !error.contains("plan.toml"), "{error}");
}
