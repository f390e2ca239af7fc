//! `rackcast profile`: new, check, show, compare.

use std::fs;

use serde_json::Value;

use super::{rackcast, rackcast_in, said};

#[test]
fn a_new_profile_is_written_once_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let new = ["profile", "new", "--id", "acme-x1", "--profiles", "mine"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &new));
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(error.contains("rackcast profile check mine/accelerators/acme-x1.toml"));
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &new));
    assert_eq!(code, Some(1));
    assert!(error.contains("is there already"), "{error}");
    let check = ["profile", "check", "mine/accelerators/acme-x1.toml"];
    let (code, _, error) = said(&mut rackcast_in(folder.path(), &check));
    assert_eq!(code, Some(1));
    assert!(error.contains("`compute`"), "{error}");
    for kind in ["accelerator", "model", "offer", "facility"] {
        let (code, out, _) = said(&mut rackcast(&["profile", "new", kind, "--id", "x"]));
        assert_eq!(code, Some(0));
        assert!(out.contains("id = \"x\""), "{out}");
    }
    let (code, _, error) = said(&mut rackcast(&["profile", "new", "--id", "../x"]));
    assert_eq!(code, Some(1));
    assert!(error.contains("is not an id"), "{error}");
}

#[test]
fn slips_are_warned_of_at_their_place_and_refused_when_strict() {
    let folder = tempfile::tempdir().unwrap();
    let (_, shown, _) = said(&mut rackcast(&["profile", "show", "h100", "--json"]));
    let shown: Value = serde_json::from_str(&shown).expect("the output is JSON");
    let file = shown["file"].as_str().expect("a shipped profile has a file");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(file)).unwrap();
    let slipped = text
        .replace("id = \"nvidia-h100-sxm\"", "id = \"my-h100\"")
        .replace("bf16_tflops = 989.5", "bf16_tflops = 1979.0")
        .replace("fp8_tflops = 1979.0", "fp8_tflops = 3958.0")
        .replace("per_direction_gb_per_s = 450.0", "per_direction_gb_per_s = 900.0")
        .replace("capacity_gb = 80.0", "capacity_gb = 85.9");
    fs::create_dir(folder.path().join("accelerators")).unwrap();
    fs::write(folder.path().join("accelerators/my-h100.toml"), slipped).unwrap();
    let check = ["profile", "check", "accelerators/my-h100.toml"];
    let (code, out, error) = said(&mut rackcast_in(folder.path(), &check));
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("warnings"), "{out}");
    for code in ["W0201", "W0202", "W0203"] {
        assert!(error.contains(&format!("warning[{code}]")), "{code}: {error}");
    }
    let strict = [&check[..], &["--strict"]].concat();
    let (code, ..) = said(&mut rackcast_in(folder.path(), &strict));
    assert_eq!(code, Some(1));
}

#[test]
fn shown_is_what_is_said_and_what_follows() {
    for name in ["h100", "llama-3.1-70b", "aws", "colocation-us"] {
        let (code, out, error) = said(&mut rackcast(&["profile", "show", name]));
        assert_eq!((code, error.as_str()), (Some(0), ""), "{name}");
        for said in ["it says", "sources", "read 20"] {
            assert!(out.contains(said), "{said} is missing in\n{out}");
        }
    }
    let (_, out, _) = said(&mut rackcast(&["profile", "show", "mi300x"]));
    for said in ["ridge of the roofline", "at the wall, training", "goodput of a job"] {
        assert!(out.contains(said), "{said} is missing in\n{out}");
    }
    let (code, _, error) = said(&mut rackcast(&["profile", "show", "h1000"]));
    assert_eq!(code, Some(1));
    assert!(error.contains("nvidia-h100-sxm"), "{error}");
    let (code, ..) = said(&mut rackcast(&["profile", "show", "none.toml"]));
    assert_eq!(code, Some(1));
}

#[test]
fn profiles_of_one_kind_stand_side_by_side() {
    let compare = ["profile", "compare", "h100", "b200", "mi355x"];
    let (code, out, error) = said(&mut rackcast(&compare));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    for said in
        ["nvidia-h100-sxm", "nvidia-b200-hgx", "amd-mi355x", "compute.bf16_tflops"]
    {
        assert!(out.contains(said), "{said} is missing in\n{out}");
    }
    let differences = [&compare[..], &["--differences"]].concat();
    let (_, fewer, _) = said(&mut rackcast(&differences));
    assert!(fewer.lines().count() < out.lines().count());
    let json = [&compare[..], &["--json"]].concat();
    let (_, out, _) = said(&mut rackcast(&json));
    let all: Value = serde_json::from_str(&out).expect("the output is JSON");
    assert_eq!(all["implies"].as_array().map(Vec::len), Some(3));
    let (code, _, error) =
        said(&mut rackcast(&["profile", "compare", "h100", "llama-3.1-8b"]));
    assert_eq!(code, Some(1));
    assert!(error.contains("only one kind"), "{error}");
}

#[test]
fn a_trend_lists_every_part_and_its_table_is_one_a_plan_takes() {
    for basis in ["launch", "street", "server"] {
        let trend = ["profile", "trend", "--basis", basis, "--json"];
        let (code, out, error) = said(&mut rackcast(&trend));
        assert_eq!((code, error.as_str()), (Some(0), ""));
        let all: Value = serde_json::from_str(&out).expect("the output is JSON");
        let count = |key: &str| all[key].as_array().unwrap().len();
        let (_, listed, _) = said(&mut rackcast(&["profiles"]));
        assert!(listed.contains(all["parts"][0]["id"].as_str().unwrap()));
        assert!(count("parts") >= 4 && count("left_out") >= 4, "{out}");
        let drift = &all["fit"]["drift_per_year"];
        let [low, high] = [0, 1].map(|i| drift["interval90"][i].as_f64().unwrap());
        let value = drift["value"].as_f64().unwrap();
        assert!(low < value && value < high, "{drift}");
        // What it prints is what a plan takes.
        let folder = tempfile::tempdir().unwrap();
        let toml = all["toml"].as_str().unwrap();
        let plan =
            fs::read_to_string(super::fixtures().join("fifteen-lines.toml")).unwrap();
        fs::write(folder.path().join("plan.toml"), format!("{plan}\n{toml}")).unwrap();
        let check = ["check", "plan.toml"];
        let (code, _, error) = said(&mut rackcast_in(folder.path(), &check));
        assert_eq!(code, Some(0), "{error}");
        let (_, text, _) = said(&mut rackcast(&trend[..4]));
        assert!(text.contains(toml) && text.contains("left out"), "{text}");
    }
    let (code, _, error) = said(&mut rackcast(&["profile", "trend", "--maker", "Acme"]));
    let wanted = "no accelerator is of the maker `Acme`; makers: AMD, AWS, Google, Intel, NVIDIA\n";
    assert_eq!((code, error.as_str()), (Some(1), wanted));
    let few = ["profile", "trend", "--maker", "intel"];
    let (code, text, _) = said(&mut rackcast(&few));
    assert_eq!(code, Some(0));
    assert!(text.contains("no walk: a fit needs at least 4 points, found 1"), "{text}");
}
