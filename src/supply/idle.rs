//! Keys of machines of one's own that other keys leave nothing to do: warnings.
//!
//! Read next: [`super::spec`], where the keys are.

use crate::input::{Checker, Uncertain};

use super::spec::{Generation, OwnSpec};

impl OwnSpec {
    /// Warns of what other keys leave nothing to do (W0304).
    pub(super) fn check_idle(&self, at: &mut Checker) {
        let is_same = self.generation == Some(Generation::Same);
        if is_same && self.efficiency_gain_per_year.is_some() {
            at.idle(
                "efficiency_gain_per_year",
                "later orders buy the same part",
                "write `generation = \"frontier\"`, or leave it out",
            );
        }
        let is_nothing = |x: &Uncertain| !x.is_uncertain() && x.median() == 0.0;
        if self.resale_by.is_some() && self.resale_share.as_ref().is_some_and(is_nothing)
        {
            at.idle(
                "resale_by",
                "with `resale_share = 0` nothing is sold",
                "write another `resale_share`, or leave it out",
            );
        }
        if self.land_growth_per_year.is_some() && self.land_usd_per_kw.is_none() {
            at.idle(
                "land_growth_per_year",
                "no land is bought",
                "write `land_usd_per_kw`, or leave it out",
            );
        }
    }
}
