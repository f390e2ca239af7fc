//! From a TOML file to a checked value, or to every diagnostic at its place.
//!
//! A file is read once, its shape is checked against the JSON Schema of the type it
//! must become, its values against their ranges and each other, and all problems come
//! back together, each at its bytes. What leaves this room is valid: the rooms below
//! have nothing left to refuse. Read next: [`check`], [`diagnostic`], [`document`].

mod check;
mod uncertain;
mod when;

pub use check::{Check, Checker, Problem};
pub use uncertain::Uncertain;
pub use when::When;
