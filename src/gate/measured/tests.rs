//! Files as their tools write them, by hand, and files that are none.

use super::*;

fn read_all(files: &[(&str, &str)], setup: &Setup) -> Result<Measured, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        paths.push(path);
    }
    Measured::read(&paths, setup)
}

fn read(name: &str, text: &str) -> Measured {
    read_all(&[(name, text)], &Setup::default()).unwrap()
}

fn codes(text: &str) -> Vec<&'static str> {
    let wrong = read_all(&[("a.csv", text)], &Setup::default()).unwrap_err();
    wrong.iter().map(|d| d.code).collect()
}

#[test]
fn rows_of_a_table_are_repeats() {
    let found = read(
        "bench.csv",
        "metric,value,unit,better,max_regress\n\
         step_s,1.0,s,,3%\nstep_s,1.1,s,,3%\nsteadiness,0.9,,higher,\n",
    )
    .baseline();
    let told: Vec<_> = found
        .metrics
        .iter()
        .map(|m| (m.name.as_str(), m.better, m.max_regress, m.values.as_slice()))
        .collect();
    assert_eq!(
        told,
        [
            ("steadiness", Better::Higher, None, &[0.9][..]),
            ("step_s", Better::Lower, Some(0.03), &[1.0, 1.1]),
        ]
    );
}

#[test]
fn repeats_share_their_unit_direction_and_limit() {
    let head = "metric,value,unit,better,max_regress\n";
    for rows in [
        "step_s,1,s,,\nstep_s,1000,ms,,\n",
        "x,1,,lower,\nx,2,,higher,\n",
        "x,1,,lower,1%\nx,2,,lower,2%\n",
    ] {
        assert_eq!(codes(&format!("{head}{rows}")), ["E0705"], "{rows}");
    }
    // A limit that only a later row has is the metric's, too.
    let found = read("a.csv", &format!("{head}x,1,,lower,\nx,2,,lower,1%\n"));
    assert_eq!(found.baseline().metrics[0].max_regress, Some(0.01));
}

#[test]
fn a_file_named_twice_is_no_second_measurement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "metric,value\nstep_s,1\n").unwrap();
    let paths = [path.clone(), folder.path().to_owned(), folder.path().join("./a.csv")];
    let found = Measured::read(&paths, &Setup::default()).unwrap();
    assert_eq!(found.baseline().metrics[0].values, [1.0]);
    assert!(found.notes[0].contains("named twice"), "{:?}", found.notes);
}

#[test]
fn numbers_whose_mean_is_none_are_refused() {
    assert_eq!(codes("metric,value\nstep_s,1e308\nstep_s,1e308\n"), ["E0705"]);
}

#[test]
fn what_is_wrong_with_a_table_is_told_at_its_rows() {
    assert_eq!(codes("metric,value\nquality,1\n"), ["E0704"]);
    assert_eq!(codes("metric,value\nstep_s,fast\nquality,1\n"), ["E0603", "E0704"]);
    assert_eq!(codes("metric,value\nstep_s,nan\n"), ["E0603"]);
    assert_eq!(codes("metric,value\n"), ["E0707"]);
    assert_eq!(codes("metric,value,max_regress\nstep_s,1,much\n"), ["E0708"]);
    assert_eq!(codes("name,number\na,1\n"), ["E0709"]);
    assert_eq!(codes("{\"a\": 1}"), ["E0709"]);
    assert_eq!(codes("{\"a\": "), ["E0701"]);
}

const RUN: &str = "{\"backend\": \"sglang\", \"model_id\": \"m\", \"num_prompts\": 4, \
     \"completed\": 4, \"output_throughput\": 100.5, \"mean_tpot_ms\": 9.5}\n";

#[test]
fn lines_of_serving_runs_are_repeats() {
    let found = read("runs.jsonl", &RUN.repeat(3)).baseline();
    let names: Vec<_> =
        found.metrics.iter().map(|m| (m.name.as_str(), m.values.len())).collect();
    assert_eq!(
        names,
        [
            ("m prompts=4: mean_tpot_ms", 3),
            ("m prompts=4: output_throughput", 3),
            ("m prompts=4: share of requests answered", 3),
        ]
    );
    assert_eq!(found.metrics[1].better, Better::Higher);
    assert_eq!(found.metrics[1].unit, "tokens/s");
    let none = RUN.replace("\"completed\": 4", "\"completed\": 0");
    assert_eq!(codes(&none), ["E0710"]);
}

#[test]
fn a_serving_run_becomes_a_case_where_the_machine_is_named() {
    let run = RUN.replace(
        "\"backend\"",
        "\"max_concurrency\": 8, \"total_input_tokens\": 4096, \
         \"total_output_tokens\": 400, \"backend\"",
    );
    let setup = Setup {
        accelerator: Some("h100".to_owned()),
        tensor: Some(1),
        precision: Some("bf16".to_owned()),
        model: None,
    };
    let found = read_all(&[("a.json", &run)], &setup).unwrap();
    assert_eq!(found.cases[0].number("input_tokens"), Some(1024.0));
    let without = read_all(&[("a.json", RUN)], &setup).unwrap();
    assert!(without.cases.is_empty() && without.notes[0].contains("--max-concurrency"));
}

#[test]
fn criterion_is_read_from_its_folder() {
    let estimate = |x: f64| {
        format!(
            "{{\"confidence_interval\":{{\"confidence_level\":0.95,\"lower_bound\":1.0,\
             \"upper_bound\":2.0}},\"point_estimate\":{x},\"standard_error\":0.5}}"
        )
    };
    let file = format!(
        "{{\"mean\":{},\"median\":{},\"slope\":null}}",
        estimate(10.0),
        estimate(9.0)
    );
    let folder = tempfile::tempdir().unwrap();
    for kind in ["new", "base"] {
        let at = folder.path().join("criterion/group/bench").join(kind);
        std::fs::create_dir_all(&at).unwrap();
        std::fs::write(at.join("estimates.json"), &file).unwrap();
    }
    for root in ["criterion", ""] {
        let path = folder.path().join(root);
        let found = Measured::read(&[path], &Setup::default()).unwrap().baseline();
        assert_eq!(found.metrics.len(), 1);
        assert_eq!(found.metrics[0].name, "group/bench");
        assert_eq!(found.metrics[0].value, Some(10.0));
        assert_eq!(found.metrics[0].standard_error, Some(0.5));
    }
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert!(Measured::read(&[empty], &Setup::default()).is_err());
}

#[test]
fn measured_cases_are_metrics_with_a_case_behind_them() {
    let found = read(
        "cases.csv",
        "kind,accelerator,model,precision,tensor,input_tokens,output_tokens,concurrency,\
         date,measured_tpot_ms\n\
         serve,h100,llama-3.1-8b,fp8,1,1024,256,8,2026-11,10\n\
         serve,h100,llama-3.1-8b,fp8,1,1024,256,8,2026-12,11\n",
    );
    let metrics = found.baseline().metrics;
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0].values, [10.0, 11.0]);
    assert!(metrics[0].name.starts_with("h100 serve llama-3.1-8b fp8 "), "{metrics:?}");
    assert_eq!(found.cases.iter().map(|c| c.line).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(codes("kind,accelerator,chips\nserve,h100,many\n"), ["E0603"]);
}

#[test]
fn a_direction_is_known_by_the_name_or_not_at_all() {
    for (name, wanted) in [
        ("tokens_per_s", Some(Better::Higher)),
        ("a b: tokens_per_s_per_chip", Some(Better::Higher)),
        ("output_throughput", Some(Better::Higher)),
        ("step_s", Some(Better::Lower)),
        ("p99_ttft_ms", Some(Better::Lower)),
        ("usd_per_mtok", Some(Better::Lower)),
        ("quality", None),
        ("errors_per_s", None),
        ("usd_per_s", None),
    ] {
        assert_eq!(better_of(name), wanted, "{name}");
    }
}
