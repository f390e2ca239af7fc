//! What owning costs and allows, names resolved.
//!
//! Read next: [`Own`](super::Own), which lives by these terms.

use crate::finance::WriteOff;
use crate::trajectory::{LevelId, NumberId};

use super::extras::Extras;
use super::fit_out::FitOutTerms;
use super::resale::EarningTerms;
use super::successor::Successors;
use crate::supply::lease::LeaseTerms;
use crate::supply::sell::SellSpec;

/// What owning costs and allows in one strategy, names resolved.
#[derive(Debug, Clone)]
pub struct OwnTerms {
    /// Price of a chip's share of a server today, US dollars.
    pub usd_per_chip: NumberId,
    /// Network and storage, share of cluster capex.
    pub network_share: NumberId,
    /// Chips bought beyond those that serve.
    pub spares_share: f64,
    /// Months from order to service today.
    pub lead_time_months: NumberId,
    /// Share paid with the order.
    pub deposit_share: f64,
    /// Months a machine serves.
    pub life_months: u32,
    /// Months over which it is written off.
    pub depreciation_months: u32,
    /// How it is written off for tax, where that is not the same every month.
    pub tax: Option<TaxTerms>,
    /// Fall of value below new, log per year.
    pub wear_per_year: NumberId,
    /// What it fetches over that value.
    pub resale_share: NumberId,
    /// What used machines are priced by, where that is what they earn.
    pub resale_by: Option<EarningTerms>,
    /// Gain in energy efficiency of later orders, log per year.
    pub efficiency_gain_per_year: f64,
    /// Energy efficiency of what is best over the named part's, where a plan lets it move:
    /// then the gain above does not count.
    pub energy_efficiency: Option<LevelId>,
    /// Generations that come one by one, where a plan has them.
    pub successors: Option<Successors>,
    /// Smallest number of chips sold at once; 0 for fractions of chips.
    pub lump_chips: f64,
    /// Most chips.
    pub chips_limit: f64,
    /// Most machine power, kW.
    pub power_limit_kw: f64,
    /// Most ordered in twelve months, US dollars, with all that the chips ask for.
    pub budget_usd_per_year: f64,
    /// Load power per chip, kW.
    pub power_kw: NumberId,
    /// Reserved power per chip, kW.
    pub nameplate_kw: NumberId,
    /// Idle over load power.
    pub idle_share: NumberId,
    /// Power usage effectiveness today.
    pub pue: NumberId,
    /// Power usage effectiveness over today's.
    pub pue_level: LevelId,
    /// Energy price today, US dollars per kWh.
    pub energy_usd_per_kwh: NumberId,
    /// Space rent, US dollars per kW and month.
    pub space_usd_per_kw_month: NumberId,
    /// Support and staff, share of capex a year.
    pub operation_share: NumberId,
    /// Other running cost, US dollars per chip and month.
    pub other_usd_per_chip_month: NumberId,
    /// Interest on the average balance, a year.
    pub capital_charge_per_year: f64,
    /// Share of the time in working order.
    pub availability: NumberId,
    /// Share of chips lost in a year.
    pub loss_per_year: NumberId,
    /// A hall to build, where the facility is one's own.
    pub hall: Option<HallTerms>,
    /// Machines sold before their life is over, where any are.
    pub sell: Option<SellSpec>,
    /// What is fitted into that hall, where it has a life of its own.
    pub fit_out: Option<FitOutTerms>,
    /// What else it costs.
    pub extras: Extras,
    /// What is paid instead of the price, where the machines are a lessor's.
    pub lease: Option<LeaseTerms>,
    /// Loan on what is bought.
    pub debt: Option<DebtTerms>,
    /// Yearly rise of wages, space and construction.
    pub inflation_per_year: f64,
    /// Street price over the trend of technology.
    pub hardware_price: LevelId,
    /// FLOP per dollar of what is best, where later orders follow it.
    pub flop_per_usd: Option<LevelId>,
    /// Resale value over its trend.
    pub resale: LevelId,
    /// Lead time over today's.
    pub lead_time: LevelId,
    /// Energy price over today's.
    pub energy_price: LevelId,
}

/// What the accounts ask of machines of one's own, month by month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asset {
    /// What the machines cost that begin to serve, US dollars.
    InService,
    /// What the halls cost that begin to serve, US dollars.
    HallReady,
    /// What the fit-outs cost that begin to serve, US dollars.
    FitOut,
    /// Interest on loans, US dollars.
    Interest,
    /// Interest and repayments that are due, US dollars.
    DebtService,
    /// Written off in the books, where machines may be sold early, US dollars.
    BookWriteOff,
    /// Left in the books of what is sold early or at the end of its life, likewise.
    BookDisposed,
}

impl Asset {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::InService,
        Self::HallReady,
        Self::FitOut,
        Self::Interest,
        Self::DebtService,
        Self::BookWriteOff,
        Self::BookDisposed,
    ];
}

/// A hall built for the machines.
#[derive(Debug, Clone)]
pub struct HallTerms {
    /// Cost per kW of machine power today, US dollars.
    pub usd_per_kw: NumberId,
    /// Months to build.
    pub build_months: NumberId,
    /// Months it serves.
    pub life_months: f64,
}

/// How machines and halls are written off for tax.
#[derive(Debug, Clone, PartialEq)]
pub struct TaxTerms {
    /// Machines.
    pub machines: WriteOff,
    /// Halls.
    pub halls: WriteOff,
    /// Fit-outs.
    pub fit_outs: WriteOff,
    /// Month of the tax year, 0 to 11, in which the plan starts.
    pub first_position: u32,
}

impl TaxTerms {
    /// The month of the tax year in which month `month` of the plan lies.
    pub(super) fn position(&self, month: usize) -> u32 {
        let month = u32::try_from(month % 12).unwrap_or(0);
        (self.first_position + month) % 12
    }
}

/// A loan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DebtTerms {
    /// Share of capex borrowed on arrival.
    pub share: f64,
    /// Interest a month.
    pub monthly_rate: f64,
    /// Monthly payments, those of the grace included.
    pub months: f64,
    /// The first of them, which pay interest alone.
    pub grace_months: f64,
}
