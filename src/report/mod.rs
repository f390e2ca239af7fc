//! Results made visible: table, JSON/CSV, fan chart; one file per format.
//!
//! [`fan`] lists what there is to see once for all formats. Every file is written whole
//! or not at all. Read next: [`results`], [`chart`].

#[cfg(feature = "cli")]
pub mod bill;
pub mod blocks;
pub mod calibration;
#[cfg(feature = "plots")]
pub mod chart;
pub mod fan;
#[cfg(feature = "cli")]
pub mod form;
pub mod format;
#[cfg(feature = "plots")]
pub mod gallery;
#[cfg(feature = "plots")]
pub mod history;
#[cfg(all(feature = "cli", feature = "plots"))]
pub mod html;
pub mod map;
#[cfg(feature = "plots")]
mod mark;
pub mod part;
pub mod results;
pub mod scores;
#[cfg(feature = "cli")]
pub mod summary;
pub mod sweep;
pub mod table;
pub mod words;
pub mod write;
