//! The records that charts of a plan carry: how forecasts of a family have held.
//!
//! The histories are other people's and not in this repository; what `rackcast hindcast`
//! said of them is. A record is the family's default's, the pool of
//! [`super::Family::members`], not that of one plan's parameters: it says how far bands of
//! this kind could be trusted, and the caption says so. Run the command on your own
//! history for a record of your own. Read next: [`super::record`].

use super::Family;
use super::record::Held;

/// A family's record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shipped {
    /// The family.
    pub family: Family,
    /// What its 80 % band held.
    pub held: Held,
    /// Of which histories.
    pub source: &'static str,
}

/// Every record, as printed by `rackcast hindcast` of this version.
pub const RECORDS: &[Shipped] = &[
    Shipped {
        family: Family::Hardware,
        held: Held { share: 0.791, cases: 460, origins: 102 },
        source: "five hardware technologies 1968 to 2007 (Performance Curve Database)",
    },
    Shipped {
        family: Family::Rent,
        held: Held { share: 0.936, cases: 78, origins: 24 },
        source: "median list rent of H100, September 2023 to September 2026 (archived rate cards)",
    },
    Shipped {
        family: Family::Api,
        held: Held { share: 0.983, cases: 174, origins: 113 },
        source: "output prices of 26 models, February 2025 to July 2026 (LiteLLM price file)",
    },
];

/// The family of a quantity of a plan; nothing where its kind has no record.
pub fn family_of(quantity: &str) -> Option<Family> {
    match quantity.split('.').next().unwrap_or_default() {
        "flop_per_usd" => Some(Family::Hardware),
        "rent" => Some(Family::Rent),
        "api_fixed_sku" => Some(Family::Api),
        _ => None,
    }
}

/// The record of a family.
pub fn of(family: Family) -> Option<&'static Shipped> {
    RECORDS.iter().find(|record| record.family == family)
}

/// What a chart of a quantity says under its fan.
pub fn caption(quantity: &str) -> Option<String> {
    let record = of(family_of(quantity)?)?;
    Some(format!(
        "forecasts of the family `{}`: {}: {}",
        record.family.name(),
        record.held,
        record.source
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_says_what_the_band_held_and_of_what() {
        let text = caption("rent.nvidia-h100-sxm").unwrap();
        assert!(text.contains("80 % band held 94 % of 78 past cases"), "{text}");
        assert!(text.contains("rate cards"), "{text}");
        assert_eq!(caption("demand.chat"), None);
        assert_eq!(caption("api_fixed_quality"), None);
    }
}
