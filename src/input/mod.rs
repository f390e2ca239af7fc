//! From a TOML file to a checked value, or to every diagnostic at its place.
//!
//! A file is read once, its shape is checked against the JSON Schema of the type it
//! must become, its values against their ranges and each other, and all problems come
//! back together, each at its bytes. What leaves this room is valid: the rooms below
//! have nothing left to refuse. Read next: [`crate::input::read_str`],
//! [`crate::input::Check`], [`crate::input::Diagnostics`].

mod beside;
mod check;
mod code;
mod depth;
mod diagnostic;
mod document;
mod draw;
mod name;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod shape;
mod table;
mod text;
mod uncertain;
mod when;

pub use beside::Beside;
pub use check::{Check, Checker, Problem};
pub use code::{CODES, Code, explain};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use document::Document;
pub use name::nearest;
pub(crate) use name::unlikeness;
pub use read::{MAX_BYTES, Read, read_file, read_str};
pub use table::{MAX_TABLE_BYTES, Row, Table};
pub use text::Text;
pub use uncertain::Uncertain;
pub use when::When;
