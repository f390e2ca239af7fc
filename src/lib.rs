//! rackcast: should we build, rent or call an API for AI compute, how much, and when?
//!
//! Hardware profiles become delivered throughput; demand, prices and FLOP per dollar
//! are sampled; every strategy is played over the same futures, month by month; and
//! the answer is shown with its uncertainty. The modules are listed in the order in
//! which they depend on each other: a room may use the rooms above it, never below.
//! Read next: [`scenario`] for what a plan says, [`engine`] for how it is played.

pub mod units;

pub mod input;

pub mod block;

pub mod random;

pub mod stats;

pub mod process;

pub mod profile;

pub mod workload;

pub mod hardware;

pub mod trajectory;

pub mod finance;

pub mod supply;

pub mod strategy;

pub mod scenario;

pub mod engine;

pub mod decide;

pub mod calibrate;

pub mod import;

pub mod report;

pub mod gate;

#[cfg(all(feature = "cli", feature = "plots"))]
pub mod cli;
