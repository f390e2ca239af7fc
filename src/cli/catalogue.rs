//! `rackcast profiles`, `rackcast profile` and `rackcast explain`: what is known.

use std::fmt::Write as _;
use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::input::{CODES, Check, Diagnostics, read_file};
use crate::profile::{Accelerator, Facility, Model, Offer};

use super::args::{ProfileArguments, ProfilesArguments};
use super::{Failure, load, print};

/// `rackcast profiles`: every id a plan may name.
pub(super) fn list(arguments: &ProfilesArguments) -> Result<(), Failure> {
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let mut text = String::new();
    let mut section = |title: &str, rows: Vec<(&str, &str)>| {
        let width = rows.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
        // Writing to a string does not fail.
        let _ = writeln!(text, "{title}");
        for (id, name) in rows {
            let _ = writeln!(text, "  {id:width$}  {name}");
        }
    };
    let chips = catalogue.accelerators.values();
    section("accelerators", chips.map(|p| (p.id.as_str(), p.name.as_str())).collect());
    let models = catalogue.models.values();
    section("models", models.map(|p| (p.id.as_str(), p.name.as_str())).collect());
    let offers = catalogue.offers.values();
    section("offers", offers.map(|p| (p.id.as_str(), p.name.as_str())).collect());
    let facilities = catalogue.facilities.values();
    section("facilities", facilities.map(|p| (p.id.as_str(), p.name.as_str())).collect());
    print(&text);
    Ok(())
}

/// `rackcast profile FILE`: every problem of a profile, or that there is none.
pub(super) fn profile(arguments: &ProfileArguments) -> Result<(), Failure> {
    let path = &arguments.file;
    let found = match kind(path).as_deref() {
        Some("accelerators") => problems::<Accelerator>(path),
        Some("offers") => problems::<Offer>(path),
        Some("models") => problems::<Model>(path),
        Some("facilities") => problems::<Facility>(path),
        _ => {
            return Err(Failure::Input(format!(
                "cannot tell what kind of profile {} is: put it into a folder named \
                 accelerators, offers, models or facilities",
                path.display()
            )));
        }
    };
    if found.has_errors() {
        return Err(load::shown(&found));
    }
    print(&format!("{}: no problems\n", path.display()));
    Ok(())
}

/// The kind of a profile: its folder's name, else the table that only this kind has.
fn kind(path: &Path) -> Option<String> {
    let folder =
        path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    let kinds = ["accelerators", "offers", "models", "facilities"];
    if folder.as_deref().is_some_and(|f| kinds.contains(&f)) {
        return folder;
    }
    let text = std::fs::read_to_string(path).ok()?;
    let table = |name: &str| text.lines().any(|l| l.trim() == format!("[{name}]"));
    let kind = if table("compute") {
        "accelerators"
    } else if table("architecture") {
        "models"
    } else if text.contains("[[chips]]") || text.contains("[[api]]") {
        "offers"
    } else if table("power") {
        "facilities"
    } else {
        return None;
    };
    Some(kind.to_owned())
}

fn problems<T: DeserializeOwned + JsonSchema + Check>(path: &Path) -> Diagnostics {
    read_file::<T>(path).diagnostics
}

/// `rackcast explain E0101`.
pub(super) fn explain(wanted: &str) -> Result<(), Failure> {
    let Some(found) = crate::input::explain(wanted) else {
        let all: Vec<&str> = CODES.iter().map(|c| c.code).collect();
        return Err(Failure::Input(format!(
            "no diagnostic has the code `{wanted}`; codes: {}",
            all.join(", ")
        )));
    };
    print(&format!("{}: {}\n\n{}\n", found.code, found.title, found.explanation));
    Ok(())
}
