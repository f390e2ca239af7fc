//! What else owning costs: people, licences, insurance, land, taking machines away.
//!
//! Each is optional and nothing where a plan does not name it.

use crate::block::{LANES, Lane};
use crate::finance::{Ledger, Part};
use crate::supply::network::NetworkSpec;
use crate::supply::spec::StaffSpec;
use crate::trajectory::{Future, NumberId};

use super::Own;
use super::arithmetic::{add_product, add_scaled};

/// What else owning costs, names resolved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extras {
    /// Bought with every chip, US dollars: storage, installation.
    pub usd_per_chip: Vec<NumberId>,
    /// The network, where it steps up with the cluster.
    pub network: Option<NetworkSpec>,
    /// People, by the size of the fleet.
    pub staff: Option<StaffSpec>,
    /// Licences, US dollars per chip and year.
    pub software_usd_per_chip_year: Option<NumberId>,
    /// Insurance, share of what stands a year.
    pub insurance_share_per_year: Option<NumberId>,
    /// Taking a chip away when it goes, US dollars.
    pub decommissioning_usd_per_chip: f64,
    /// Land below a hall, US dollars per kW, and the yearly rise of its price.
    pub land: Option<(f64, f64)>,
}

impl Extras {
    /// True if something has to be paid every month.
    pub(super) fn run(&self) -> bool {
        self.staff.is_some()
            || self.software_usd_per_chip_year.is_some()
            || self.insurance_share_per_year.is_some()
            || self.decommissioning_usd_per_chip > 0.0
    }
}

impl Own {
    /// Pays people, licences, insurance, and for what is taken away this month; `rise` is
    /// inflation since the start.
    pub(super) fn run_extras(
        &mut self,
        month: u32,
        rise: f64,
        future: &Future<'_>,
        ledger: &mut Ledger,
    ) {
        let extras = &self.terms.extras;
        let fleet = &self.fleet;
        let operation = ledger.part_mut(Part::Operation);
        if let Some(staff) = &extras.staff {
            pay_staff(
                operation,
                &fleet.chips,
                staff.chips_per_person,
                staff.fewest(),
                staff.usd_per_person_year / 12.0 * rise,
            );
        }
        if let Some(software) = extras.software_usd_per_chip_year {
            add_product(operation, &fleet.chips, future.number(software), rise / 12.0);
        }
        if let Some(insurance) = extras.insurance_share_per_year {
            let share = future.number(insurance);
            add_product(operation, &fleet.standing_capex, share, 1.0 / 12.0);
        }
        if let Some(sale) = fleet.sale(month as usize) {
            add_scaled(operation, sale.chips, extras.decommissioning_usd_per_chip * rise);
        }
    }

    /// Takes away what stands when the plan ends, and sells the land.
    pub(super) fn close_extras(&mut self, month: u32, ledger: &mut Ledger) {
        let years = f64::from(month + 1) / 12.0;
        let extras = &self.terms.extras;
        let rise = (1.0 + self.terms.inflation_per_year).powf(years);
        if extras.decommissioning_usd_per_chip > 0.0 {
            let usd = extras.decommissioning_usd_per_chip * rise;
            add_scaled(ledger.part_mut(Part::Operation), &self.fleet.chips, usd);
        }
        if let Some((_, growth)) = extras.land {
            let grown = (1.0 + growth).powf(years);
            let resale = ledger.part_mut(Part::Resale);
            add_scaled(resale, &self.land_worth, -grown);
            add_scaled(&mut self.gain, &self.land_worth, grown);
            add_scaled(&mut self.gain, &self.land_cost, -1.0);
        }
    }
}

crate::kernel! {
    /// Buys the land below what a hall has grown by since `before_kw`, at `usd_per_kw` of
    /// the start times `rise`.
    pub(super) fn buy_land(
        usd_per_kw: f64, rise: f64, hall_kw: &Lane, before_kw: &Lane, cost: &mut Lane,
        worth: &mut Lane, capex: &mut Lane,
    ) {
        for i in 0..LANES {
            let today = (hall_kw[i] - before_kw[i]) * usd_per_kw;
            capex[i] += today * rise;
            cost[i] += today * rise;
            worth[i] += today;
        }
    }

    fn pay_staff(
        operation: &mut Lane, chips: &Lane, chips_per_person: f64, fewest: f64, usd: f64,
    ) {
        for i in 0..LANES {
            // A hair is taken off so that rounding hires nobody.
            let people = (chips[i] / chips_per_person - 1e-9).ceil().max(fewest);
            operation[i] += if chips[i] > 0.0 { people * usd } else { 0.0 };
        }
    }
}
