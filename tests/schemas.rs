//! The committed schemas are those of the types, and every shipped file fits its own.
//!
//! `UPDATE_SCHEMAS=1 cargo test --test schemas` rewrites them. Files are validated by
//! another program's reading of JSON Schema than rackcast's own, as an editor's is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const KINDS: [&str; 10] = [
    "plan",
    "profile",
    "accelerator",
    "model",
    "offer",
    "facility",
    "results",
    "baseline",
    "gate",
    "difference",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rackcast(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rackcast"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("texts are UTF-8")
}

fn file(kind: &str) -> PathBuf {
    root().join("schemas").join(format!("{kind}.schema.json"))
}

fn validator(kind: &str) -> jsonschema::Validator {
    let text = fs::read_to_string(file(kind)).expect("a committed schema");
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    jsonschema::validator_for(&schema).expect("a schema is a schema")
}

/// TOML as JSON has it: dates are texts.
fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(n) => json!(n),
        toml::Value::Float(x) => json!(x),
        toml::Value::Boolean(b) => json!(b),
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(list) => list.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, to_json(value))).collect()
        }
    }
}

fn problems(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    let errors = validator.iter_errors(value);
    errors.map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    for kind in KINDS {
        let now = rackcast(root(), &["schema", kind]);
        if update {
            fs::create_dir_all(root().join("schemas")).expect("a folder");
            fs::write(file(kind), &now).expect("a schema can be written");
        }
        let committed = fs::read_to_string(file(kind)).unwrap_or_default();
        assert!(
            committed == now,
            "schemas/{kind}.schema.json is not that of the type: \
             UPDATE_SCHEMAS=1 cargo test --test schemas rewrites it"
        );
    }
}

/// Files of a folder of the repository and of the folders in it.
fn tomls(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_shipped_file_names_its_schema_and_fits_it() {
    let any_profile = validator("profile");
    let mut seen = 0;
    for path in tomls("hardware-profiles").into_iter().chain(tomls("examples")) {
        let text = fs::read_to_string(&path).expect("a shipped file is text");
        let first = text.lines().next().unwrap_or_default();
        let named = first.strip_prefix("#:schema ");
        let named = named.unwrap_or_else(|| panic!("{}: {first}", path.display()));
        let schema = path.parent().expect("a file has a folder").join(named);
        let kind = schema.file_name().expect("a schema has a name").to_string_lossy();
        let kind = kind.trim_end_matches(".schema.json");
        assert!(schema.is_file(), "{}: {named} is not there", path.display());
        let value: toml::Value = toml::from_str(&text).expect("a shipped file is TOML");
        let found = problems(&validator(kind), &to_json(value.clone()));
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
        // The schema of all profiles takes each of them, and nothing else.
        let is_profile = problems(&any_profile, &to_json(value)).is_empty();
        assert_eq!(is_profile, kind != "plan", "{}", path.display());
        seen += 1;
    }
    assert!(seen > 90, "only {seen} files found");
}

#[test]
fn results_baselines_and_reports_fit_their_schemas() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let plan = root().join("examples/assistant/plan.toml");
    let plan = plan.to_str().expect("a path is text");
    rackcast(at, &["run", plan, "--paths", "256", "-q", "--no-charts", "--out", "out"]);
    rackcast(at, &["gate", "b.json", "--plan", plan, "--paths", "256", "--update"]);
    rackcast(at, &["gate", "b.json", "--plan", plan, "--report", "g.json"]);
    let difference =
        rackcast(at, &["diff", "out/results.json", "out/results.json", "--json"]);
    fs::write(at.join("d.json"), difference).expect("a file can be written");
    for (name, kind) in [
        ("out/results.json", "results"),
        ("b.json", "baseline"),
        ("g.json", "gate"),
        ("d.json", "difference"),
    ] {
        let text = fs::read_to_string(at.join(name)).expect("it was written");
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        let found = problems(&validator(kind), &value);
        assert!(found.is_empty(), "{name}: {found:#?}");
        // A schema that lets everything through is none.
        assert!(!problems(&validator(kind), &json!({ "a": 1 })).is_empty(), "{kind}");
    }
}

#[test]
fn a_slip_in_a_plan_is_found_by_its_schema() {
    let text =
        fs::read_to_string(root().join("examples/assistant/plan.toml")).expect("a plan");
    let value: toml::Value = toml::from_str(&text).expect("TOML");
    let mut value = to_json(value);
    value["time"]["month"] = json!(36);
    assert!(!problems(&validator("plan"), &value).is_empty());
}
