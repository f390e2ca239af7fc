//! One sampled future: every random quantity of a path, correlated, on the month grid.
//!
//! A [`World`] lists what is random: *numbers*, drawn once a path (an uncertain price,
//! a throughput known to a band), and *levels*, which move month by month as a
//! [`Process`](crate::process::Process) says. A [`Future`] holds one block of paths of
//! a world at one month. Nothing here knows what a quantity is used for.
//! Read next: [`correlation`], [`future`], then [`crate::supply`].

mod copula;
pub mod correlation;
pub mod future;
mod repair;
mod shock;
mod spread;
mod world;

pub use correlation::{CorrelationError, Pair, WhyNot};
pub use future::Future;
pub use repair::repaired;
pub use shock::Shock;
pub use world::{LevelId, NumberId, Quantity, World};
