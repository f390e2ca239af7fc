//! (seed, stream name, path, step) → numbers; counter-based, block-wise.
//!
//! A random number here is a function, not the next one of a sequence: whatever thread,
//! block or order asks for it, it is the same, so any path can be replayed alone and
//! adding a quantity never shifts another's numbers. Streams are independent by name.
//! This room knows no quantity and no correlation: it deals in plain uniform and
//! standard normal numbers. Read next: [`Stream`], then [`Monthly`]; for points that
//! are more even than chance, [`sobol`].

pub mod bridge;
mod monthly;
mod path_rng;
mod philox;
pub mod sobol;
mod stream;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bridge::Bridge;
pub use monthly::Monthly;
pub use path_rng::PathRng;
pub use philox::philox4x32_10;
pub use sobol::Dimension;
pub use stream::{Stream, box_muller};

/// What a run's random numbers hang on: the same seed gives the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seed(pub u64);

/// How paths are spread over what may happen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Sampler {
    /// Independent paths.
    #[default]
    Plain,
    /// Scrambled Sobol points with a Brownian bridge over the months, in 16 replicates:
    /// the same error of a mean with fewer paths.
    Sobol,
}

impl Sampler {
    /// Its name in a plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Sobol => "sobol",
        }
    }

    /// Independent sets of paths, whose means tell the error of the mean; 1 where every
    /// path is independent of every other.
    pub fn replicates(self) -> u64 {
        match self {
            Self::Plain => 1,
            Self::Sobol => sobol::REPLICATES,
        }
    }
}
