//! What the catalogue says: accelerators, offers, models, facilities.
//!
//! A profile is data with a source for every quantity: its schema and its checks live
//! here, the equations that use it live in [`crate::hardware`] and below. The shipped
//! catalogue is inside the binary; a folder of the user's wins over it, id by id.
//! Read next: [`accelerator`], [`catalogue`].

pub mod accelerator;
pub mod catalogue;
pub mod facility;
pub mod lint;
pub mod model;
pub mod offer;
mod precision;
mod source;

pub use accelerator::Accelerator;
pub use catalogue::Catalogue;
pub use facility::Facility;
pub use model::Model;
pub use offer::Offer;
pub use precision::{Peak, Precision};
pub use source::{Source, Sources};

use crate::input::Checker;

/// An id names a file and a key: lower case letters, digits, hyphens, dots (E0208).
fn check_id(at: &mut Checker, id: &str) {
    let fine = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
    if !fine {
        at.at("id", |at| {
            at.push(
                "E0208",
                format!("`{id}` is not an id"),
                "use lower case letters, digits, hyphens and dots".to_owned(),
            );
        });
    }
}
