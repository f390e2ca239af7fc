//! Many problems in one run, and none that is only about a repair.

use rackcast::input::read_str;
use rackcast::profile::{Accelerator, Model};

use super::choices::Plan;
use super::{CHIP, codes};

#[test]
fn all_problems_of_a_file_come_in_one_run_in_order() {
    let text = "\
id = \"Chip 1\"
name = 7
vender = \"Maker\"

[source.sheet]
title = \"Data sheet\"
red = 2026-10-05

[compute]
source = \"shet\"
bf16_tflops = -1
fp8 = 1979

[memory]
source = \"sheet\"
bandwidth_gb_per_s = \"3350\"

[scale_up]
source = \"sheet\"
domain_chips = 8
per_direction_gb_per_s = { p10 = 3, p50 = 2, p90 = inf }
topology = \"swich\"
axes = 3
";
    let read = read_str::<Accelerator>("chip.toml", text);
    assert!(read.value.is_some(), "later rooms can go on");
    assert_eq!(
        codes(&read.diagnostics),
        [
            ("E0103", "node".to_owned()),
            ("E0208", "id".to_owned()),
            ("E0104", "name".to_owned()),
            ("E0101", "vender".to_owned()),
            ("E0101", "source".to_owned()),
            ("E0101", "sources.sheet.red".to_owned()),
            ("E0204", "compute.source".to_owned()),
            ("E0201", "compute.bf16_tflops".to_owned()),
            ("E0102", "compute.fp8".to_owned()),
            ("E0103", "memory.capacity_gb".to_owned()),
            ("E0104", "memory.bandwidth_gb_per_s".to_owned()),
            ("E0106", "scale_up.per_direction_gb_per_s.p90".to_owned()),
            ("E0105", "scale_up.topology".to_owned()),
            ("E0203", "scale_up.axes".to_owned()),
        ]
    );
    assert!(read.into_result().is_err());
}

#[test]
fn a_filling_is_never_what_a_problem_is_about() {
    let model = "\
id = \"m\"
name = \"M\"
[sources.paper]
title = \"Paper\"
read = 2026-10-05
[architecture]
active_params_billion = 37
layers = 61
hidden = 7168
kv_heads = 128
head_dim = 128
ffn = 18432
vocab = 0
";
    let read = read_str::<Model>("m.toml", model);
    assert_eq!(
        codes(&read.diagnostics),
        [
            ("E0103", "architecture.heads".to_owned()),
            ("E0103", "architecture.params_billion".to_owned()),
            ("E0103", "architecture.source".to_owned()),
            ("E0201", "architecture.vocab".to_owned()),
        ]
    );
    // 0.9895 PFLOP/s is no reason to call the fp8 peak sparse.
    let chip = CHIP.replace("bf16_tflops = 989.5", "bf16_pflops = 0.9895");
    let read = read_str::<Accelerator>("chip.toml", &chip);
    assert_eq!(codes(&read.diagnostics), [("E0102", "compute.bf16_pflops".to_owned())]);
    // Axes are wrong with two of the three topologies that may be missing here.
    let chip = CHIP.replace("topology = \"switch\"", "axes = 3");
    let read = read_str::<Accelerator>("chip.toml", &chip);
    assert_eq!(codes(&read.diagnostics), [("E0103", "scale_up.topology".to_owned())]);
}

#[test]
fn a_plan_and_its_profiles_stand_in_one_collection() {
    let mut all = read_str::<Plan>("plan.toml", "growth = 3").diagnostics;
    let profile = read_str::<Accelerator>("chip.toml", &CHIP.replace("8\n", "-8\n"));
    all.extend(profile.diagnostics);
    all.extend(read_str::<Plan>("plan.toml", "growth = 3").diagnostics);
    let names: Vec<_> = all.iter().map(|d| d.document.name()).collect();
    assert_eq!(names, ["plan.toml", "chip.toml", "chip.toml", "chip.toml"]);
    assert!(all.render(true).contains("\u{1b}["));
}

#[test]
fn later_rooms_add_their_problems_at_a_key() {
    let mut read = read_str::<Plan>("plan.toml", "growth.constant = 2\n");
    read.check(|_, at| {
        at.at("growth", |at| at.at("constant", |at| at.push("W0301", "much", None)));
    });
    assert_eq!(
        read.diagnostics.to_string(),
        "\
warning[W0301]: much
 --> plan.toml:1:19
  |
1 | growth.constant = 2
  |                   ^"
    );
    assert!(read.into_result().is_ok());
}
