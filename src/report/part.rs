//! A part of a run as a file: paths that were played, and what they are paths of.
//!
//! One form serves shards that other machines merge and checkpoints that a later run
//! takes up. It holds the texts of the plan and of the files beside it, so that nothing else is needed to read it.
//! Written whole or not at all. Read next: [`crate::engine::Played`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::block::Arithmetic;
use crate::engine::Played;
use crate::random::Sampler;
use crate::scenario::Scenario;

/// Version of the layout of a part.
pub const PART_VERSION: u32 = 4;

/// What a part is a part of: two that differ here do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Layout of the file.
    pub part_version: u32,
    /// Version of the program.
    pub rackcast_version: String,
    /// Name of the plan's file.
    pub plan_name: String,
    /// The plan.
    pub plan_text: String,
    /// Texts of the files the plan names beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// BLAKE3 of each profile used.
    pub profiles_blake3: BTreeMap<String, String>,
    /// Paths of the whole run.
    pub paths: u64,
    /// Seed.
    pub seed: u64,
    /// How paths are spread.
    pub sampler: Sampler,
    /// How numbers were calculated.
    pub arithmetic: Arithmetic,
}

/// A part of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it is a part of.
    pub inputs: Inputs,
    /// The paths it has.
    pub played: Played,
}

/// Why a file is no part.
#[derive(Debug, Error)]
pub enum PartError {
    /// Not JSON, or not of this layout.
    #[error("{name} is no part of a run, or is damaged: {source}")]
    Damaged {
        /// Name of the file.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error(
        "{name} was written by rackcast {found} and this is {}: play the part again",
        env!("CARGO_PKG_VERSION")
    )]
    Version {
        /// Name of the file.
        name: String,
        /// Its version.
        found: String,
    },
}

impl Inputs {
    /// What the paths of a scenario are paths of.
    pub fn of(
        scenario: &Scenario,
        plan_name: &str,
        plan_text: &str,
        files: &BTreeMap<String, String>,
    ) -> Self {
        Self {
            part_version: PART_VERSION,
            rackcast_version: env!("CARGO_PKG_VERSION").to_owned(),
            plan_name: plan_name.to_owned(),
            plan_text: plan_text.to_owned(),
            files: files.clone(),
            profiles_blake3: scenario.profiles.clone(),
            paths: scenario.paths,
            seed: scenario.seed.0,
            sampler: scenario.world.sampler(),
            arithmetic: scenario.arithmetic,
        }
    }

    /// The first thing in which two differ, in words.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.plan_text != other.plan_text {
            return Some("another plan".to_owned());
        }
        if self.files != other.files {
            return Some("other files beside the plan".to_owned());
        }
        if self.profiles_blake3 != other.profiles_blake3 {
            return Some("other profiles".to_owned());
        }
        if self.paths != other.paths {
            return Some(format!("{} paths instead of {}", other.paths, self.paths));
        }
        if self.sampler != other.sampler {
            let (found, wanted) = (other.sampler.name(), self.sampler.name());
            return Some(format!("sampler {found} instead of {wanted}"));
        }
        if self.arithmetic != other.arithmetic {
            let (found, wanted) = (other.arithmetic.name(), self.arithmetic.name());
            return Some(format!("{found} arithmetic instead of {wanted}"));
        }
        (self.seed != other.seed)
            .then(|| format!("seed {} instead of {}", other.seed, self.seed))
    }
}

impl Part {
    /// As it is written.
    ///
    /// **Errors** only from the writer of JSON; every number is written as its bits.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads what [`Self::bytes`] wrote.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, PartError> {
        let damaged = |source| PartError::Damaged { name: name.to_owned(), source };
        let part: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        let inputs = &part.inputs;
        let found = &inputs.rackcast_version;
        if inputs.part_version != PART_VERSION || found != env!("CARGO_PKG_VERSION") {
            return Err(PartError::Version {
                name: name.to_owned(),
                found: found.clone(),
            });
        }
        Ok(part)
    }
}
