//! What a strategy played alone is counted by: chips that came and went, hours, rents.
//!
//! Read next: [`mod@crate::engine::bill`], which asks for it.

use crate::block::{Lane, splat};
use crate::finance::{Ledger, Part};
use crate::units::HOURS_PER_MONTH;

use super::{Machines, Play, add};

impl Play<'_> {
    /// The same, counting what [`Self::counts`] tells.
    pub(in crate::engine) fn counting(mut self) -> Self {
        self.rents = vec![splat(0.0); self.machines.len()];
        let machines = std::mem::take(&mut self.machines);
        self.machines = machines
            .into_iter()
            .map(|machines| match machines {
                Machines::Own(own) => Machines::Own(Box::new(own.counting())),
                Machines::Reserve(reserve) => Machines::Reserve(reserve),
            })
            .collect();
        self
    }

    /// Hours used of owned chips, on one path.
    pub(in crate::engine) fn owned_hours(&self, lane: usize) -> f64 {
        let each = self.machines.iter().zip(&self.service.used);
        each.filter(|(machines, _)| matches!(machines, Machines::Own(_)))
            .map(|(_, used)| used[lane])
            .sum()
    }

    /// Chip-hours rented, on one path: reserved ones whether used or not.
    pub(in crate::engine) fn rented_hours(&self, lane: usize) -> f64 {
        let reserved: f64 = self
            .machines
            .iter()
            .map(|machines| match machines {
                Machines::Reserve(reserve) => reserve.capacity()[lane] * HOURS_PER_MONTH,
                Machines::Own(_) => 0.0,
            })
            .sum();
        let pools: f64 = self.service.chip_pools().map(|hours| hours[lane]).sum();
        reserved + pools
    }

    /// Chips that arrived, failed, were sold and stand, over all own sources, where they
    /// are counted.
    pub(in crate::engine) fn counts(&self) -> [Lane; 4] {
        let mut sums = [splat(0.0); 4];
        for machines in &self.machines {
            if let Machines::Own(own) = machines {
                let [arrived, failed, sold] = own.totals().expect("bug: not counting");
                for (sum, lane) in
                    sums.iter_mut().zip([arrived, failed, sold, own.fleet()])
                {
                    add(sum, lane);
                }
            }
        }
        sums
    }

    /// Rent of the month of a committed source on one path.
    pub(in crate::engine) fn rent_of(&self, committed: usize, lane: usize) -> f64 {
        self.rents.get(committed).map_or(0.0, |rent| rent[lane])
    }

    /// Chips of a committed source that stand, on one path.
    pub(in crate::engine) fn standing_of(&self, committed: usize, lane: usize) -> f64 {
        self.machines.get(committed).map_or(0.0, |machines| match machines {
            Machines::Own(own) => own.fleet()[lane],
            Machines::Reserve(reserve) => reserve.capacity()[lane],
        })
    }
}

/// Rent booked so far, where it is counted by source.
pub(super) fn before(rents: &[Lane], ledger: &Ledger) -> Option<Lane> {
    (!rents.is_empty()).then(|| *ledger.part(Part::Rent))
}

/// Adds to the rent of a source what was booked since `before`.
pub(super) fn note(
    rents: &mut [Lane],
    committed: usize,
    before: Option<&Lane>,
    ledger: &Ledger,
) {
    if let (Some(rent), Some(before)) = (rents.get_mut(committed), before) {
        let now = ledger.part(Part::Rent);
        for ((rent, now), before) in rent.iter_mut().zip(now).zip(before) {
            *rent += now - before;
        }
    }
}
