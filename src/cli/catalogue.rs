//! `rackcast profiles` and `rackcast explain`: what is known.

use std::fmt::Write as _;

use crate::input::CODES;

use super::args::ProfilesArguments;
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
    print(&text)?;
    Ok(())
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
    print(&format!("{}: {}\n\n{}\n", found.code, found.title, found.explanation))?;
    Ok(())
}
