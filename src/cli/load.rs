//! Reads plans and profiles, or tells all that is wrong with them.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use crate::hardware::correction::Fitted;
use crate::input::{Beside, Checker, Diagnostics, Read, read_file, read_str};
use crate::profile::Catalogue;
use crate::profile::catalogue::CatalogueError;
use crate::report::part::Inputs;
use crate::scenario::{Overrides, Plan, Scenario, read_files, resolve};

use super::args::CheckArguments;
use super::{Failure, hand_over, print, say};

/// A scenario and the hash of the plan it came from.
pub(super) struct Loaded {
    pub(super) scenario: Scenario,
    pub(super) plan_hash: String,
    /// What its paths are paths of.
    pub(super) inputs: Inputs,
    /// What refuses nothing and is probably a slip.
    pub(super) warnings: Diagnostics,
}

/// The shipped catalogue with the user's folder over it.
pub(super) fn catalogue(folder: Option<&Path>) -> Result<Catalogue, Failure> {
    match folder {
        None => Ok(Catalogue::shipped()),
        Some(folder) => Catalogue::shipped().with_folder(folder).map_err(|e| match e {
            CatalogueError::Wrong(diagnostics) => Failure::Wrong(diagnostics),
            CatalogueError::Unreadable { .. } | CatalogueError::NoProfiles { .. } => {
                Failure::Input(e.to_string())
            }
        }),
    }
}

/// Reads a plan and resolves its names.
pub(super) fn scenario(
    path: &Path,
    profiles: Option<&Path>,
    overrides: Overrides,
) -> Result<Loaded, Failure> {
    resolved(read_file::<Plan>(path), &Beside::file(path), profiles, overrides)
}

/// The same from the texts of a plan and of the files beside it.
pub(super) fn from_text(
    name: &str,
    text: &str,
    files: &BTreeMap<String, String>,
    profiles: Option<&Path>,
    overrides: Overrides,
) -> Result<Loaded, Failure> {
    let beside = Beside::Texts(files.clone());
    resolved(read_str::<Plan>(name, text), &beside, profiles, overrides)
}

/// The same with a catalogue that has been read, of a plan that has no files beside it.
pub(super) fn with_catalogue(
    name: &str,
    text: &str,
    catalogue: &Catalogue,
) -> Result<Loaded, Failure> {
    let (read, beside) = (read_str::<Plan>(name, text), Beside::Texts(BTreeMap::new()));
    resolved_with(read, &beside, catalogue, Overrides::default())
}

/// The same from the changed text of a plan that lies at `path`.
pub(super) fn edited(
    path: &Path,
    text: &str,
    profiles: Option<&Path>,
    overrides: Overrides,
) -> Result<Loaded, Failure> {
    let name = path.display().to_string();
    resolved(read_str::<Plan>(&name, text), &Beside::file(path), profiles, overrides)
}

fn resolved(
    read: Read<Plan>,
    beside: &Beside,
    profiles: Option<&Path>,
    overrides: Overrides,
) -> Result<Loaded, Failure> {
    // Most plans ask the shipped fit: its file is read beside the catalogue's.
    rayon::spawn(|| _ = Fitted::shipped());
    resolved_with(read, beside, &catalogue(profiles)?, overrides)
}

/// The same with a catalogue that has been read.
fn resolved_with(
    mut read: Read<Plan>,
    beside: &Beside,
    catalogue: &Catalogue,
    overrides: Overrides,
) -> Result<Loaded, Failure> {
    let text = read.document.text().to_owned();
    let name = read.document.name().to_owned();
    let plan_hash = blake3::hash(text.as_bytes()).to_hex().to_string();
    let mut at = Checker::new();
    if let Some(plan) = &mut read.value {
        read_files(plan, beside, &mut at);
    }
    let unread = !at.is_empty();
    let scenario = read
        .value
        .as_ref()
        // Said already: a curve that could not be read has no quotes either.
        .filter(|_| !unread)
        .and_then(|plan| resolve(plan, catalogue, overrides, &mut at));
    for problem in at.into_problems() {
        read.push(problem);
    }
    match (scenario, read.diagnostics.has_errors()) {
        (Some(mut scenario), false) => {
            let warnings = read.diagnostics;
            scenario.warnings.extend(warnings.iter().map(|w| match &w.help {
                Some(help) => format!("{} ({help})", w.message),
                None => w.message.clone(),
            }));
            let none = BTreeMap::new();
            let files = read.value.as_ref().map_or(&none, |plan| &plan.files);
            let inputs = Inputs::of(&scenario, &name, &text, files);
            Ok(Loaded { scenario, plan_hash, inputs, warnings })
        }
        _ => Err(Failure::Wrong(read.diagnostics)),
    }
}

/// `rackcast check`.
pub(super) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let profiles = arguments.profiles.as_deref();
    let found = scenario(&arguments.plan, profiles, Overrides::default());
    if arguments.json {
        return as_json(found.map(|loaded| loaded.warnings));
    }
    let loaded = found?;
    let s = &loaded.scenario;
    let names: Vec<&str> = s.strategies.iter().map(|s| s.name.as_str()).collect();
    print(&format!(
        "{}: {}, {}, strategies {}; {}\n",
        arguments.plan.display(),
        counted(s.workloads.len(), "workload"),
        counted(s.months, "month"),
        names.join(", "),
        match loaded.warnings.len() {
            0 => "no problems".to_owned(),
            n => counted(n, "warning"),
        }
    ))?;
    if !loaded.warnings.is_empty() {
        say(&loaded.warnings.render(in_colour()));
    }
    Ok(())
}

/// Prints problems as JSON, none of them too; fails with those that refuse a file.
pub(super) fn as_json(found: Result<Diagnostics, Failure>) -> Result<(), Failure> {
    let problems = match found {
        Ok(problems) | Err(Failure::Wrong(problems)) => problems,
        Err(other) => return Err(other),
    };
    let text = serde_json::to_string_pretty(&problems.listed())
        .map_err(|e| Failure::Report(e.to_string()))?;
    hand_over(&format!("{text}\n"))?;
    if problems.has_errors() { Err(Failure::Verdict(1)) } else { Ok(()) }
}

/// A count and its noun, in the plural where it is not one.
pub(super) fn counted(n: impl std::fmt::Display, noun: &str) -> String {
    let n = n.to_string();
    let plural = if n == "1" { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// True where messages go to a terminal that wants colour.
pub(super) fn in_colour() -> bool {
    super::colour::is_wanted(std::io::stderr().is_terminal())
}
