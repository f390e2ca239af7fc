//! (seed, stream name, path, step) → numbers; counter-based, block-wise.
//!
//! A random number here is a function, not the next one of a sequence: whatever thread,
//! block or order asks for it, it is the same, so any path can be replayed alone and
//! adding a quantity never shifts another's numbers. Streams are independent by name.
//! This room knows no quantity and no correlation: it deals in plain uniform and
//! standard normal numbers. Read next: [`Stream`], then [`Monthly`].

mod monthly;
mod path_rng;
mod philox;
mod stream;

pub use monthly::Monthly;
pub use path_rng::PathRng;
pub use philox::philox4x32_10;
pub use stream::{Stream, box_muller};

/// What a run's random numbers hang on: the same seed gives the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seed(pub u64);
