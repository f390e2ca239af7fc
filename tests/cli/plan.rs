//! `rackcast plan` and `rackcast diff`: plans that run, and what changed.

use std::fs;

use super::{fixtures, rackcast_in, said};

#[test]
fn a_new_plan_runs_whatever_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for work in ["inference", "fine-tuning", "training"] {
        let file = format!("{work}.toml");
        let new =
            ["plan", "new", "--work", work, "--model", "llama-3.1-8b", "--out", &file];
        let (code, out, error) = said(&mut rackcast_in(at, &new));
        assert_eq!((code, out.as_str()), (Some(0), ""), "{error}");
        assert!(error.contains(&format!("rackcast run {file}")), "{error}");
        assert!(error.contains("First month: 2027-01"), "{error}");
        let (code, _, error) = said(&mut rackcast_in(at, &["plan", "check", &file]));
        assert_eq!(code, Some(0), "{error}");
        let run = ["run", &file, "--paths", "256", "-q"];
        assert_eq!(said(&mut rackcast_in(at, &run)).0, Some(0));
        // What was commented out makes sense, too.
        let text = fs::read_to_string(at.join(&file)).unwrap();
        let filled: String = text
            .lines()
            .map(|l| match l.strip_prefix('#') {
                Some(key) if !key.starts_with(' ') => format!("{key}\n"),
                _ => format!("{l}\n"),
            })
            .collect();
        fs::write(at.join("filled.toml"), filled).unwrap();
        let (code, _, error) =
            said(&mut rackcast_in(at, &["plan", "check", "filled.toml"]));
        assert_eq!(code, Some(0), "{work}: {error}");
        let (code, _, error) = said(&mut rackcast_in(at, &new));
        assert_eq!(code, Some(1));
        assert!(error.contains("is there already"), "{error}");
    }
}

#[test]
fn a_new_plan_that_would_not_run_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    for (flags, wanted) in [
        (&["--model", "no-such-model"][..], "error[E0401]"),
        (&["--amount", "3,2,1"], "three rising ones"),
        (&["--size", "many"], "is no size"),
        (&["--work", "cooking"], "is no work"),
        (&["--start", "soon"], "error[E"),
    ] {
        let arguments = [&["plan", "new", "--out", "a.toml"][..], flags].concat();
        let (code, _, error) = said(&mut rackcast_in(folder.path(), &arguments));
        assert_eq!(code, Some(1), "{flags:?}");
        assert!(error.contains(wanted), "{flags:?}: {error}");
        assert!(!folder.path().join("a.toml").exists());
    }
}

#[test]
fn two_results_differ_by_their_inputs_and_their_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plan = fs::read_to_string(fixtures().join("fifteen-lines.toml")).unwrap();
    fs::write(at.join("a.toml"), &plan).unwrap();
    fs::write(
        at.join("b.toml"),
        plan.replace("output_tokens = 300", "output_tokens = 400"),
    )
    .unwrap();
    for name in ["a", "b"] {
        let file = format!("{name}.toml");
        let run = ["run", &file, "--paths", "256", "-q", "--no-charts", "--out", name];
        assert_eq!(said(&mut rackcast_in(at, &run)).0, Some(0));
    }
    let results = ["a/results.json", "b/results.json"];
    let same = ["diff", results[0], results[0]];
    assert_eq!(said(&mut rackcast_in(at, &same)).1, "no difference\n");
    let (code, out, error) =
        said(&mut rackcast_in(at, &["diff", results[0], results[1]]));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    let (run, rest) = out.split_once("Figures: ").expect("figures come after the run");
    assert!(run.contains("plan_blake3: "), "{run}");
    assert!(rest.contains("workloads.chat."), "{rest}");
    let outputs = rest.split_once("Outputs: ").expect("outputs come last").1;
    assert!(outputs.contains("rent, net present cost, usd: "), "{outputs}");
    let (code, _, error) = said(&mut rackcast_in(at, &["diff", results[0], "a.toml"]));
    assert_eq!(code, Some(1));
    assert!(error.contains("error[E0701]"), "{error}");
}
