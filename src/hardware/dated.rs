//! When what an estimate rests on was measured: software has moved since.
//!
//! A throughput is of the software of a date. Whoever uses it for a later one has to say
//! what the software has gained in between; here it only says of which date it is.
//! Read next: [`super::correction`].

use super::correction::{Fitted, Quantity, SOFTWARE_OF, Traits};
use crate::input::When;
use crate::profile::Accelerator;

/// The date of the software that an estimate of a quantity on a chip is of.
///
/// That of the measurements behind the fit ([`SOFTWARE_OF`]), where measurements of the chip are behind it or the profile has none of
/// its own; that of the profile's `[efficiency]` table, where the fit has never seen the
/// chip; the newer of the two where both speak.
pub fn software_date(chip: &Accelerator, quantity: Quantity) -> Option<When> {
    let fitted = Fitted::shipped();
    let (year, month) = SOFTWARE_OF;
    let fit: Option<When> = format!("{year:04}-{month:02}").parse().ok();
    let Some(table) = chip.efficiency.as_ref().map(|e| e.as_of.clone()) else {
        return fit;
    };
    let traits = Traits { device: Some(chip.id.clone()), ..Traits::default() };
    let knows = fitted.tables.get(&quantity).is_some_and(|t| t.knows_device(&traits));
    match fit {
        Some(fit) if knows && fit.months() > table.months() => Some(fit),
        _ => Some(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Catalogue;

    #[test]
    fn the_date_is_that_of_what_has_seen_the_chip() {
        let catalogue = Catalogue::shipped();
        let fit = "2025-11".to_owned();
        let date = |chip: &Accelerator| {
            software_date(chip, Quantity::Step).map(|d| d.as_str().to_owned())
        };
        let seen = catalogue.accelerator("nvidia-h100-sxm").unwrap();
        assert_eq!(seen.efficiency.as_ref().unwrap().as_of.as_str(), "2024");
        assert_eq!(date(seen), Some(fit.clone()));
        // The same table, of a chip that nobody has measured.
        let unseen = Accelerator { id: "our-chip".to_owned(), ..seen.clone() };
        assert_eq!(date(&unseen), Some("2024".to_owned()));
        let untold = Accelerator { efficiency: None, ..unseen };
        assert_eq!(date(&untold), Some(fit));
    }
}
