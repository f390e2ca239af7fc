//! The planner's question, names resolved.
//!
//! A [`Plan`] is what the file says; a [`Scenario`] is what the engine plays: every
//! profile found, every default filled in and noted with its source, every uncertain
//! number and every trajectory entered in one [`World`](crate::trajectory::World).
//! What cannot be played is refused here, at its key. Read next: [`plan`], [`resolve()`].

pub mod assumption;
pub mod default;
pub mod dependence;
pub mod event;
mod extras;
mod files;
pub mod generations;
mod idle;
pub mod money;
mod own;
pub mod plan;
mod play;
mod preset;
mod price;
mod resolve;
mod shown;
mod slip;
mod source;
mod throughput;
mod tokens;
pub mod what_if;
mod world;

pub use assumption::{AssumedValue, Assumption, Assumptions};
pub use event::EventSpec;
pub use files::read_files;
pub use plan::Plan;
pub use play::{
    Committed, CommittedKind, Conversion, Drawn, Driver, FanChoice, Flexible,
    FlexiblePrice, Product, Scenario, Shown, ShownUnit, StrategyPlay, TokenTerms,
    WorkloadPlay,
};
pub use resolve::{Overrides, resolve};
pub use what_if::WhatIf;
