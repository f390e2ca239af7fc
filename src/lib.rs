//! rackcast: should we build, rent or call an API for AI compute, how much, and when?
//!
//! Hardware profiles become delivered throughput; demand, prices and FLOP per dollar
//! are sampled; every strategy is played over the same futures, month by month; and
//! the answer is shown with its uncertainty. The modules are listed in the order in
//! which they depend on each other: a room may use the rooms above it, never below.
//! Read next: [`scenario`] for what a plan says, [`engine`] for how it is played.

/// Quantities with a unit, and the only conversion factors.
pub mod units;

/// From a TOML file to a checked value, or to every diagnostic at its place.
pub mod input;

/// Arithmetic over a block of paths; the only room that knows vector width.
pub mod block;

/// (seed, stream name, path, step) → numbers.
pub mod random;

/// From samples to quantiles, bands, tail means and standard errors.
pub mod stats;

/// A random quantity through time; one file per process.
pub mod process;

/// What the catalogue says: accelerators, offers, models, facilities.
pub mod profile;

/// What must be served, in its own unit, and its shape through the day.
pub mod workload;

/// What a machine does with a workload: time, throughput, memory, power, failures.
pub mod hardware;
