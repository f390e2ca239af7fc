//! `rackcast profile check FILE …`: every problem of a profile, and what is probably a slip.

use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::super::{Failure, load, print, say};
use super::Kind;
use crate::input::{Check, Checker, Diagnostics, read_file};
use crate::profile::{Accelerator, Catalogue, Facility, Model, Offer, lint};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Profile files; the kind of each is read off its folder or its tables
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// Print the problems as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    let catalogue = Catalogue::shipped();
    let mut all = Diagnostics::new();
    let mut clean = Vec::new();
    for path in &arguments.files {
        let found = match Kind::of(path).ok_or_else(|| Kind::unclear(path))? {
            Kind::Accelerator => problems(path, |p: &Accelerator, at| {
                lint::accelerator(p, &catalogue, at);
            }),
            Kind::Model => problems(path, |p: &Model, at| lint::model(p, at)),
            Kind::Offer => problems(path, |_: &Offer, _| {}),
            Kind::Facility => problems(path, |_: &Facility, _| {}),
        };
        if found.is_empty() {
            clean.push(format!("{}: no problems\n", path.display()));
        } else if !found.has_errors() {
            let n = found.len();
            let plural = if n == 1 { "" } else { "s" };
            clean.push(format!("{}: {n} warning{plural}\n", path.display()));
        }
        all.extend(found);
    }
    let fails = all.has_errors() || (arguments.strict && !all.is_empty());
    if arguments.json {
        load::as_json(Ok(all))?;
        return if fails { Err(Failure::Verdict(1)) } else { Ok(()) };
    }
    print(&clean.concat())?;
    if fails {
        return Err(Failure::Wrong(all));
    }
    if !all.is_empty() {
        say(&all.render(load::in_colour()));
    }
    Ok(())
}

fn problems<T: DeserializeOwned + JsonSchema + Check>(
    path: &Path,
    lint: impl FnOnce(&T, &mut Checker),
) -> Diagnostics {
    let mut read = read_file::<T>(path);
    read.check(lint);
    read.diagnostics
}
