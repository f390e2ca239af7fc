//! What must be served, in its own unit, and its shape through the day.
//!
//! A workload is counted in the unit its owner thinks in (requests, tokens trained,
//! FLOP, chip-hours); [`crate::hardware`] turns it into accelerator hours, a price card
//! into dollars. Within a month, work that cannot wait follows a load-duration curve;
//! work that can wait fills its valleys. Read next: [`kind`], [`shape`].

pub mod kind;
pub mod shape;

pub use kind::{ChipHours, FineTuning, Inference, Kind, Method, Training};
pub use shape::{LoadCurve, Shape};
