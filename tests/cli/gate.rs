//! `rackcast gate`: what it writes, what it prints and how it ends.

use std::fs;
use std::path::Path;

use super::{fixtures, rackcast_in, said};

fn plan() -> String {
    fixtures().join("fifteen-lines.toml").to_string_lossy().into_owned()
}

/// Exit code and what was said, of a gate in a folder.
fn gate(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    said(&mut rackcast_in(folder, &[&["gate"], arguments].concat()))
}

#[test]
fn a_plan_passes_until_its_answer_gets_worse() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plan = plan();
    let (code, out, error) =
        gate(at, &["base.json", "--plan", &plan, "--paths", "512", "--update"]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{error}");
    assert_eq!(error, "wrote 10 metrics to base.json: review what changed\n");
    let written = fs::read_to_string(at.join("base.json")).unwrap();
    assert_eq!(written.lines().filter(|l| l.starts_with("    {\"name\"")).count(), 10);

    let (code, out, error) = gate(at, &["base.json", "--plan", &plan]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(out.starts_with("pass: 10 pass\n"), "{out}");
    assert!(out.contains("both runs drew the same random numbers"), "{out}");

    // More tokens a request: dearer for everyone.
    let text = fs::read_to_string(&plan).unwrap();
    let dearer = text.replace("output_tokens = 300", "output_tokens = 450");
    assert!(dearer != text);
    fs::write(at.join("dearer.toml"), dearer).unwrap();
    let (code, out, error) = gate(at, &["base.json", "--plan", "dearer.toml"]);
    assert_eq!((code, error.as_str()), (Some(3), ""), "{out}");
    assert!(out.starts_with("regressed: "), "{out}");
    // Within a limit that is wide enough it passes.
    let wide = ["base.json", "--plan", "dearer.toml", "--max-regress", "900%"];
    assert_eq!(gate(at, &wide).0, Some(0));
    // Updating keeps the limits people wrote.
    let limited = written.replacen(
        "\"better\":\"lower\"",
        "\"better\":\"lower\",\"max_regress\":9.0",
        3,
    );
    fs::write(at.join("base.json"), limited).unwrap();
    gate(at, &["base.json", "--plan", "dearer.toml", "--update"]);
    let kept = fs::read_to_string(at.join("base.json")).unwrap();
    assert_eq!(kept.matches("\"max_regress\":9.0").count(), 3);
}

#[test]
fn a_results_file_is_a_baseline_but_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plan = plan();
    let run = ["run", &plan, "--paths", "512", "--out", "out", "--no-charts", "-q"];
    assert_eq!(said(&mut rackcast_in(at, &run)).0, Some(0));
    let (code, out, _) = gate(at, &["out/results.json", "--plan", &plan]);
    assert_eq!(code, Some(0), "{out}");
    let (code, _, error) = gate(at, &["out/results.json", "--plan", &plan, "--update"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("is a results.json"), "{error}");
    // Another seed: chance, not a change.
    let other = ["out/results.json", "--plan", &plan, "--seed", "9"];
    let (code, out, _) = gate(at, &other);
    assert_eq!(code, Some(0), "{out}");
    assert!(!out.contains("same random numbers"), "{out}");
}

/// Seven repeats of a time, with 1 % noise.
fn bench(time: f64) -> String {
    let row = |i: i32| {
        let factor = 1.0 + 0.01 * (f64::from(i) - 3.0) / 2.0;
        format!("step_s,{},s\n", time * factor)
    };
    "metric,value,unit\n".to_owned() + &(0..7).map(row).collect::<String>()
}

#[test]
fn measurements_end_with_3_where_they_got_worse_and_4_where_noise_hides_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (name, time) in [("before.csv", 1.0), ("same.csv", 1.001), ("worse.csv", 1.1)] {
        fs::write(at.join(name), bench(time)).unwrap();
    }
    fs::write(at.join("one.csv"), "metric,value\nother_s,2\n").unwrap();
    assert_eq!(gate(at, &["b.json", "--measured", "before.csv", "--update"]).0, Some(0));
    assert_eq!(gate(at, &["b.json", "--measured", "same.csv", "--strict"]).0, Some(0));
    let (code, out, error) = gate(at, &["b.json", "--measured", "worse.csv"]);
    assert_eq!((code, error.as_str()), (Some(3), ""));
    assert!(out.starts_with("regressed: 1 regressed\n"), "{out}");
    // A single slow run is no evidence beside seven that vary.
    let noisy = bench(1.0).replace("0.985", "0.6").replace("1.015", "1.4");
    fs::write(at.join("noisy.csv"), noisy).unwrap();
    assert_eq!(gate(at, &["b.json", "--measured", "noisy.csv"]).0, Some(0));
    let strict = ["b.json", "--measured", "noisy.csv", "--strict"];
    assert_eq!(gate(at, &strict).0, Some(4));
    // Input errors end with 1, each with its code.
    for (arguments, wanted) in [
        (&["none.json", "--measured", "same.csv"][..], "there is no baseline none.json"),
        (&["b.json", "--measured", "one.csv"], "error[E0707]"),
        (&["b.json", "--measured", "none.csv"], "error[E0002]"),
        (&["b.json", "--plan", &plan()], "error[E0706]"),
        (&["same.csv", "--measured", "same.csv"], "error[E0701]"),
    ] {
        let (code, out, error) = gate(at, arguments);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(error.contains(wanted), "{arguments:?}: {error}");
    }
    assert_eq!(gate(at, &["b.json"]).0, Some(2));
}

#[test]
fn every_form_of_output_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("before.csv"), bench(1.0)).unwrap();
    gate(at, &["b.json", "--measured", "before.csv", "--update"]);
    let (code, out, _) = gate(
        at,
        &[
            "b.json",
            "--measured",
            "before.csv",
            "--json",
            "--markdown",
            "gate.md",
            "--junit",
            "gate.xml",
            "--report",
            "gate.json",
            "--bencher",
            "bmf.json",
            "--action",
            "smaller=smaller.json",
            "--action",
            "bigger=bigger.json",
        ],
    );
    assert_eq!(code, Some(0));
    let read = |name: &str| fs::read_to_string(at.join(name)).expect("it is written");
    assert!(out == read("gate.json"));
    assert!(read("gate.md").starts_with("### Gate: pass: 1 pass\n"));
    assert!(read("gate.xml").contains("tests=\"1\" failures=\"0\" skipped=\"0\""));
    assert_eq!(read("bigger.json"), "[]\n");
    for name in ["smaller.json", "bmf.json"] {
        assert!(read(name).contains("step_s"), "{name}");
    }
}

#[test]
fn a_serving_benchmark_is_held_to_the_profile_where_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let run = |tpot: f64| {
        format!(
            "{{\"backend\": \"vllm\", \"model_id\": \"meta-llama/Llama-3.1-8B-Instruct\", \
             \"num_prompts\": 64, \"max_concurrency\": 8, \"completed\": 64, \
             \"total_input_tokens\": 65536, \"total_output_tokens\": 16384, \
             \"output_throughput\": {}, \"mean_tpot_ms\": {tpot}}}\n",
            8e3 / tpot
        )
    };
    fs::write(at.join("run.jsonl"), run(90.0).repeat(3)).unwrap();
    let machine = ["--accelerator", "h100", "--tensor", "1", "--precision", "bf16"];
    let measured = [&["b.json", "--measured", "run.jsonl"][..], &machine].concat();
    gate(at, &[&measured[..], &["--update"]].concat());
    let (code, out, error) = gate(at, &measured);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("worse than the profile's 80 % interval"), "{out}");
    let held = gate(at, &[&measured[..], &["--hold-to-profile"]].concat());
    assert_eq!(held.0, Some(3), "{}", held.1);
}
