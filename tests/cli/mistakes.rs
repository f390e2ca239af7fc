//! What newcomers get wrong, and every letter of what they are told.

use super::{rackcast, said};

/// Arguments, and all that is written to standard error.
const MISTAKES: &[(&[&str], &str)] = &[
    (
        &["check", "missing-unit.toml"],
        "\
error[E0101]: unknown key `price` in `strategies.own.stack.0.own`
  --> missing-unit.toml:14:70
   |
14 | own = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\", price \
= 31_250 }
   |                                                                      ^^^^^
   |
   = help: keys that may stand here: `availability`, `budget_usd_per_year`, \
`capital_charge_per_year`, `chips_limit`, `decommissioning_usd_per_chip`, \
`deposit_share`, `efficiency_gain_per_year`, `energy_usd_per_kwh`, `fit_out`, \
`generation`, `hall_life_years`, `idle_power_share` and 26 more
",
    ),
    (
        &["check", "--profiles", "profiles", "fifteen-lines.toml"],
        "\
error[E0102]: `memory.bandwidth` has no unit
  --> profiles/accelerators/chip.toml:18:1
   |
18 | bandwidth = 3350
   | ^^^^^^^^^
   |
   = help: write `bandwidth_gb_per_s`
",
    ),
    (
        &["check", "wrong-key.toml"],
        "\
error[E0101]: unknown key `request_per_day` in `workloads.chat.inference`
  --> wrong-key.toml:10:1
   |
10 | request_per_day = 1_000_000
   | ^^^^^^^^^^^^^^^
   |
   = help: did you mean `requests_per_day`?
",
    ),
    (
        &["check", "negative-price.toml"],
        "\
error[E0201]: `strategies.rented.stack.0.on_demand.usd_per_chip_hour` must be \
positive, found -3.82
  --> negative-price.toml:14:79
   |
14 | stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour \
= -3.82 } }]
   |                                                                               \
^^^^^
",
    ),
    (
        &["check", "unknown-profile.toml"],
        "\
error[E0401]: no accelerator `nvidia-h100-sxn` in the catalogue
  --> unknown-profile.toml:14:40
   |
14 | stack = [{ on_demand = { accelerator = \"nvidia-h100-sxn\" } }]
   |                                        ^^^^^^^^^^^^^^^^^
   |
   = help: write `nvidia-h100-sxm`
",
    ),
    (
        &["check", "no-way-to-serve.toml"],
        "\
error[E0403]: strategy `api` has no way to serve workload `pretraining`
 --> no-way-to-serve.toml:2:12
  |
2 | compare = [\"api\"]
  |            ^^^^^
  |
  = help: an API sells tokens, not ZFLOP; name a ready-made one that can, such as \
`rent` or `build`, or write your own below [strategies]
",
    ),
    (
        &["check", "wrong-names.toml"],
        "\
error[E0317]: the plan's figures are of 2027-03, after its start in 2027-01
 --> wrong-names.toml:5:9
  |
5 | as_of = \"2027-03\"
  |         ^^^^^^^^^
  |
  = help: write the month in which you read them, or leave it out

error[E0401]: no accelerator `nvidia-b200-hgy` in the catalogue
  --> wrong-names.toml:10:35
   |
10 | served_by = { \"nvidia-b200-hgy\" = 0.45 }
   |                                   ^^^^
   |
   = help: write `nvidia-b200-hgx`

error[E0311]: no quantity is called `rnt`
  --> wrong-names.toml:12:84
   |
12 | on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2, trajectory = \"rnt\" }
   |                                                                                    ^^^^^
   |
   = help: write `rent`, or a table [trajectories.rnt.geometric]
",
    ),
    (
        &["check", "wrong-fan.toml"],
        "\
error[E0315]: no fan is called `cost_to_dat`
 --> wrong-fan.toml:7:9
  |
7 | fans = [\"cost_to_dat\"]
  |         ^^^^^^^^^^^^^
  |
  = help: write `cost_to_date.rent`
",
    ),
    (
        &["check", "not-there.toml"],
        "\
error[E0002]: cannot read the file: No such file or directory (os error 2)
--> not-there.toml
",
    ),
];

#[test]
fn a_newcomers_mistake_is_shown_with_its_place_and_the_next_step() {
    for (arguments, wanted) in MISTAKES {
        let (code, out, error) = said(&mut rackcast(arguments));
        assert_eq!(code, Some(1), "{arguments:?}");
        assert_eq!(out, "", "{arguments:?}");
        assert_eq!(error, *wanted, "{arguments:?}:\n{error}");
    }
}

#[test]
fn run_and_check_say_the_same_of_a_plan_that_is_wrong() {
    for file in ["wrong-key.toml", "many-mistakes.toml", "no-way-to-serve.toml"] {
        let (_, _, checked) = said(&mut rackcast(&["check", file]));
        let (code, out, run) = said(&mut rackcast(&["run", file]));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{file}");
        assert_eq!(run, checked, "{file}");
    }
}

#[test]
fn many_mistakes_are_all_shown_in_one_run() {
    let (_, _, error) = said(&mut rackcast(&["check", "many-mistakes.toml"]));
    let found: Vec<&str> = error
        .lines()
        .filter_map(|l| l.strip_prefix("error[")?.split(']').next())
        .collect();
    assert_eq!(
        found,
        [
            "E0402", "E0312", "E0201", "E0201", "E0401", "E0202", "E0102", "E0401",
            "E0401", "E0201", "E0401"
        ],
        "{error}"
    );
}

/// For an editor or a CI job: the same problems, their places in numbers.
#[test]
fn problems_come_as_json_too() {
    let args = ["check", "--json", "negative-price.toml"];
    let output = rackcast(&args).output().expect("the program starts");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    let found: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("JSON comes");
    assert_eq!(
        found,
        serde_json::json!({ "problems": [{
            "code": "E0201",
            "severity": "error",
            "file": "negative-price.toml",
            "line": 14,
            "column": 79,
            "key": "strategies.rented.stack.0.on_demand.usd_per_chip_hour",
            "message": "`strategies.rented.stack.0.on_demand.usd_per_chip_hour` must be \
                        positive, found -3.82",
        }] })
    );
    let fine = ["check", "--json", "../../examples/assistant/plan.toml"];
    let output = rackcast(&fine).output().expect("the program starts");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\n  \"problems\": []\n}\n");
}

/// Before or after the command, of any command; errors are told all the same.
#[test]
fn a_quiet_program_tells_nothing_but_errors() {
    let quiet: [&[&str]; 4] = [
        &["--quiet", "check", "../../examples/assistant/plan.toml"],
        &["explain", "E0101", "-q"],
        &["run", "../../examples/assistant/plan.toml", "--paths", "256", "-q"],
        &["profiles", "--quiet"],
    ];
    for args in quiet {
        let output = rackcast(args).output().expect("the program starts");
        assert!(output.status.success(), "{args:?}");
        assert_eq!((output.stdout.len(), output.stderr.len()), (0, 0), "{args:?}");
    }
    let output =
        rackcast(&["-q", "explain", "E9999"]).output().expect("the program starts");
    assert!(!output.stderr.is_empty() && !output.status.success());
}
