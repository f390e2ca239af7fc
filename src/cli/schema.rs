//! `rackcast schema`: the JSON Schema of every kind of file, from the types themselves.
//!
//! The files in `schemas/` are what this prints; a test holds them to it, and every shipped
//! file to them.

use clap::{Args, ValueEnum};
use schemars::{JsonSchema, Schema, schema_for};

use crate::gate::{Baseline, Comparison, Difference};
use crate::profile::{Accelerator, Facility, Model, Offer};
use crate::report::results::Results;
use crate::scenario::Plan;

use super::{Failure, hand_over};

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Kind of file
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A plan (TOML)
    Plan,
    /// Any profile (TOML)
    Profile,
    /// Profile of an accelerator (TOML)
    Accelerator,
    /// Profile of a model (TOML)
    Model,
    /// Price list (TOML)
    Offer,
    /// Profile of a facility (TOML)
    Facility,
    /// results.json of a run
    Results,
    /// Baseline of a gate
    Baseline,
    /// What a gate reports
    Gate,
    /// What `rackcast diff --json` prints
    Difference,
}

/// A profile of any kind: one schema for a folder that holds all of them. Each kind
/// refuses keys that it does not have, so that a file fits one of them at most.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a type that is only there for its schema")]
enum Profile {
    Accelerator(Box<Accelerator>),
    Model(Box<Model>),
    Offer(Box<Offer>),
    Facility(Box<Facility>),
}

fn schema(kind: Kind) -> Schema {
    match kind {
        Kind::Plan => schema_for!(Plan),
        Kind::Profile => schema_for!(Profile),
        Kind::Accelerator => schema_for!(Accelerator),
        Kind::Model => schema_for!(Model),
        Kind::Offer => schema_for!(Offer),
        Kind::Facility => schema_for!(Facility),
        Kind::Results => schema_of_output::<Results<'_>>(),
        Kind::Baseline => schema_for!(Baseline),
        Kind::Gate => schema_of_output::<Comparison>(),
        Kind::Difference => schema_of_output::<Difference>(),
    }
}

/// The schema of what is written, not read: keys that are always there are required.
fn schema_of_output<T: JsonSchema>() -> Schema {
    schemars::generate::SchemaSettings::default()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

pub(super) fn run(arguments: &SchemaArguments) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&schema(arguments.kind))
        .map_err(|e| Failure::Report(e.to_string()))?;
    hand_over(&format!("{text}\n"))?;
    Ok(())
}
