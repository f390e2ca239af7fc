//! What of the terms can matter, found once: the rest is never computed.
//!
//! Most plans leave most terms at nothing. A cost that is exactly zero, a delivery
//! that takes no time, a limit that is none need no arithmetic, and a fleet of which
//! nobody asks the past needs no memory of it.

use super::OwnTerms;
use crate::supply::dispatch::NO_LIMIT;
use crate::trajectory::{NumberId, World};

/// What the machines of one source need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Features {
    /// What is ordered serves in the same month.
    pub(super) instant: bool,
    /// Chips, power or money may run out, or come in lumps.
    pub(super) limited: bool,
    /// A chip of any month draws as much as one of the first.
    pub(super) same_power: bool,
    /// Space, support or staff cost something, or interest is charged on the balance.
    pub(super) operated: bool,
    /// Used machines fetch something.
    pub(super) sells: bool,
    /// Depreciation and gains of machines count, as they do where profit is taxed and they
    /// are no lessor's.
    pub(super) books: bool,
    /// Those of halls and what is fitted into them count.
    pub(super) rooms: bool,
    /// Machines are always in working order.
    pub(super) always_up: bool,
    /// An idle machine draws as much as a busy one.
    pub(super) same_idle: bool,
}

impl Features {
    pub(super) fn of(terms: &OwnTerms, world: &World, taxed: bool) -> Self {
        let is = |id: NumberId, x: f64| {
            let value = world.value_of(id);
            !value.is_uncertain() && (value.median() - x).abs() == 0.0
        };
        let t = terms;
        let unlimited = t.lump_chips == 0.0
            && [t.chips_limit, t.power_limit_kw, t.budget_usd_per_year]
                .iter()
                .all(|limit| *limit >= NO_LIMIT);
        let costs =
            [t.operation_share, t.other_usd_per_chip_month, t.space_usd_per_kw_month];
        Self {
            instant: t.hall.is_none() && is(t.lead_time_months, 0.0),
            limited: !unlimited,
            same_power: t.successors.is_none()
                && (t.flop_per_usd.is_none()
                    || (t.efficiency_gain_per_year == 0.0
                        && t.energy_efficiency.is_none())),
            operated: !costs.iter().all(|id| is(*id, 0.0))
                || t.capital_charge_per_year != 0.0
                || t.extras.run(),
            sells: !is(t.resale_share, 0.0) || t.sell.is_some(),
            books: taxed && t.lease.is_none(),
            rooms: taxed && t.hall.is_some(),
            always_up: is(t.availability, 1.0),
            same_idle: is(t.idle_share, 1.0),
        }
    }

    /// True if somebody asks when machines came and what they cost.
    pub(super) fn past(self, terms: &OwnTerms, months: u32) -> bool {
        !self.instant
            || self.sells
            || self.books
            || terms.life_months < months
            || terms.debt.is_some()
            || terms.lease.is_some()
            || terms.capital_charge_per_year != 0.0
    }
}
