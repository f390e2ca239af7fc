//! Machines of one's own: ordered, delivered late, aged, powered, and sold.
//!
//! An order is paid in part when it is placed and in part when it arrives; its machines
//! serve for their life, are lost on the way, and are sold for what they still earn, or for
//! what a machine of their speed then costs new, less wear. Chips are counted in the speed of the part the plan
//! names: a chip of a later generation costs as much and draws as much as its FLOP per
//! dollar and per watt say. Read next: [`super::dispatch`] for what they serve, `fleet`
//! for the arithmetic.
//!
//! **Law** arrived = standing + failed + sold, on every path in every month.

mod arithmetic;
mod budget;
mod convention;
mod extras;
mod features;
mod fit_out;
mod hall;
pub mod resale;
mod sale;
mod shown;
mod successor;
mod terms;

pub use extras::Extras;
pub use fit_out::FitOutTerms;
pub use resale::{EarningTerms, Earnings, ResaleBy};
pub use successor::Successors;
pub use terms::{Asset, DebtTerms, HallTerms, OwnTerms, TaxTerms};

use crate::block::{Lane, splat};
use crate::finance::{Ledger, Part, annuity_payment};
use crate::trajectory::{Future, World};

use super::dispatch::NO_LIMIT;
use super::fleet::{Asked, Fleet};
use arithmetic::{
    add_scaled, arrive_after, divide, energy_cost, full_power_cost, lease_due,
    order_at_once, quote_price, room_for_orders, running_costs, same_idle_cost,
    serve_debt, size_order, times, whole_months,
};
use features::Features;
use hall::Halls;
use resale::UsedMarket;
use successor::NewParts;

/// The state of owned machines on a block of paths.
#[derive(Debug)]
pub struct Own {
    terms: OwnTerms,
    features: Features,
    months: u32,
    fleet: Fleet,
    /// Price of a chip with its share of network and spares, before street prices.
    list_price: Lane,
    /// Power of a chip ordered this month over that of the named part.
    kw_scale: Lane,
    new_parts: NewParts,
    used: UsedMarket,
    /// A chip powered all month at today's price of energy, US dollars.
    full_power_usd: Lane,
    price: Lane,
    /// The month `price` is of.
    priced: Option<u32>,
    budget_year: u32,
    lead: Lane,
    arrival: Lane,
    standing: Lane,
    standing_kw: Lane,
    order: Lane,
    order_capex: Lane,
    halls: Halls,
    /// By tax year: 1 on paths where the mid-quarter convention was found to hold.
    mid_quarter: Vec<Lane>,
    /// By month in which they begin to serve, what fit-outs cost; after the plan, too.
    fit_outs: Vec<Lane>,
    fit_outs_late: Lane,
    /// Written off in a month of all fit-outs together.
    fit_out_rate: Lane,
    /// What land cost, and at the prices of the start.
    land_cost: Lane,
    land_worth: Lane,
    ordered_this_year: Lane,
    capacity: Lane,
    depreciation: Lane,
    interest: Lane,
    /// Interest and repayments due.
    service: Lane,
    gain: Lane,
    /// Gain of what was sold early this month, what of it stood in the books, and chips.
    early: [Lane; 3],
    /// Written off in the books this month, and left there of what was sold.
    books: [Lane; 2],
    loan: Lane,
    payment: Lane,
    /// Arrived, and still in the grace of its loan.
    in_grace: Lane,
    scratch: Lane,
}

impl Own {
    /// Memory for a plan of `months` in a world; `taxed`: depreciation and gains count.
    pub fn new(terms: OwnTerms, months: u32, world: &World, taxed: bool) -> Self {
        let zero = || splat(0.0);
        let features = Features::of(&terms, world, taxed);
        let asked = Asked {
            instant: features.instant,
            past: features.past(&terms, months),
            same_power: features.same_power,
            standing_capex: features.operated,
            writing_off: features.books
                || terms.capital_charge_per_year != 0.0
                || terms.sell.is_some(),
            financed: terms.sell.is_some() && terms.debt.is_some(),
        };
        let halls = if terms.hall.is_some() { months as usize } else { 0 };
        let fitted = if terms.fit_out.is_some() { months as usize } else { 0 };
        let fit_outs = vec![zero(); fitted];
        let mid_quarter = vec![zero(); terms.tested_years(months, taxed)];
        Self {
            fleet: Fleet::new(months as usize, terms.life_months as usize, asked),
            terms,
            features,
            months,
            list_price: zero(),
            kw_scale: splat(1.0),
            new_parts: NewParts::none(),
            used: UsedMarket::none(),
            full_power_usd: zero(),
            price: zero(),
            priced: None,
            budget_year: 0,
            lead: zero(),
            arrival: zero(),
            standing: zero(),
            standing_kw: zero(),
            order: zero(),
            order_capex: zero(),
            halls: Halls::new(halls),
            mid_quarter,
            fit_outs,
            fit_outs_late: zero(),
            fit_out_rate: zero(),
            land_cost: zero(),
            land_worth: zero(),
            ordered_this_year: zero(),
            capacity: zero(),
            depreciation: zero(),
            interest: zero(),
            service: zero(),
            gain: zero(),
            early: [zero(), zero(), zero()],
            books: [zero(), zero()],
            loan: zero(),
            payment: zero(),
            in_grace: zero(),
            scratch: zero(),
        }
    }

    /// The same, counting what [`Self::totals`] tells.
    #[must_use]
    pub fn counting(mut self) -> Self {
        self.fleet.count_all();
        self
    }

    /// Starts a block of paths with nothing owned.
    pub fn begin(&mut self, future: &Future<'_>) {
        let t = &self.terms;
        self.fleet.begin(future.number(t.loss_per_year));
        (self.priced, self.budget_year) = (None, 0);
        self.halls.begin();
        let (base, network) =
            (future.number(t.usd_per_chip), future.number(t.network_share));
        quote_price(&mut self.list_price, base, network, 1.0 + t.spares_share);
        for usd in &t.extras.usd_per_chip {
            add_scaled(&mut self.list_price, future.number(*usd), 1.0);
        }
        full_power_cost(
            &mut self.full_power_usd,
            future.number(t.power_kw),
            future.number(t.pue),
            future.number(t.energy_usd_per_kwh),
        );
        for lane in [
            &mut self.lead,
            &mut self.fit_outs_late,
            &mut self.fit_out_rate,
            &mut self.ordered_this_year,
            &mut self.depreciation,
            &mut self.gain,
            &mut self.loan,
            &mut self.payment,
            &mut self.interest,
            &mut self.in_grace,
            &mut self.land_cost,
            &mut self.land_worth,
        ]
        .into_iter()
        .chain(&mut self.early)
        .chain(&mut self.mid_quarter)
        .chain(&mut self.fit_outs)
        .chain(&mut self.books)
        {
            lane.fill(0.0);
        }
    }

    /// Price of a chip ordered this month, with its share of network and spares, and
    /// the months until it serves; call before orders.
    pub fn quote(&mut self, month: u32, future: &Future<'_>) {
        self.price_at(month, future);
        if !self.features.same_power {
            self.power_of_new(f64::from(month) / 12.0, future);
        }
        if !self.features.instant {
            let t = &self.terms;
            let lead = future.number(t.lead_time_months);
            whole_months(&mut self.lead, lead, future.level(t.lead_time));
            self.expect_to_build(future);
        }
    }

    /// Works the price of a month out, once.
    fn price_at(&mut self, month: u32, future: &Future<'_>) {
        if self.priced == Some(month) {
            return;
        }
        self.priced = Some(month);
        let t = &self.terms;
        times(&mut self.price, &self.list_price, future.level(t.hardware_price));
        if let Some(progress) = t.flop_per_usd {
            divide(&mut self.price, future.level(progress));
        }
        self.price_of_new(future);
        if month == 0 {
            self.open_used_market(future);
        }
    }

    /// Months until an order of this month serves, as it is seen when it is placed; nothing
    /// where it serves at once.
    pub fn lead_months(&self) -> Option<&Lane> {
        let seen = if self.builds() { &self.halls.lead } else { &self.lead };
        (!self.features.instant).then_some(seen)
    }

    /// Months until machines ordered this month come; nothing where they come at once.
    pub fn server_months(&self) -> Option<&Lane> {
        (!self.features.instant).then_some(&self.lead)
    }

    /// Whole months a chip serves.
    pub fn life_months(&self) -> usize {
        self.terms.life_months as usize
    }

    /// Months a chip serves.
    pub fn term_months(&self) -> f64 {
        f64::from(self.terms.life_months)
    }

    /// Chips ordered this month, where an order was placed.
    pub fn ordered(&mut self, month: u32) -> &Lane {
        if self.orders_at_once() {
            self.fleet.arrivals(month as usize).0
        } else {
            &self.order
        }
    }

    /// True if orders have neither limits nor anything to wait for.
    fn orders_at_once(&self) -> bool {
        let steps = self.terms.extras.network.is_some();
        self.features.instant
            && !self.features.limited
            && !steps
            && self.features.same_power
    }

    /// Works out what [`Self::standing`] tells.
    pub fn look_ahead(&mut self, month: u32) {
        let lead = if self.builds() { &self.halls.lead } else { &self.lead };
        self.fleet.look_ahead(
            month as usize,
            lead,
            &mut self.standing,
            &mut self.standing_kw,
        );
    }

    /// Chips that will stand when an order of this month arrives, losses expected.
    pub fn standing(&self) -> &Lane {
        &self.standing
    }

    /// Orders what is missing to `target` chips, in whole lumps, within every limit.
    ///
    /// [`Self::quote`] and [`Self::look_ahead`] come first.
    pub fn order(
        &mut self,
        month: u32,
        target: &Lane,
        future: &Future<'_>,
        ledger: &mut Ledger,
    ) {
        if self.orders_at_once() {
            let (chips, capex) = self.fleet.arrivals(month as usize);
            order_at_once(chips, capex, target, &self.standing, &self.price);
            return;
        }
        let t = &self.terms;
        if self.budget_year != month / 12 {
            self.budget_year = month / 12;
            self.ordered_this_year.fill(0.0);
        }
        let nameplate = future.number(t.nameplate_kw);
        let standing_kw =
            if self.features.same_power { &self.standing } else { &self.standing_kw };
        room_for_orders(
            &mut self.scratch,
            &self.standing,
            standing_kw,
            nameplate,
            t.chips_limit,
            t.power_limit_kw,
            &self.kw_scale,
        );
        let mut room = self.scratch;
        let is_kept = self.keep_in_budget(month, target, future, &mut room);
        self.scratch = room;
        let t = &self.terms;
        let budget = if is_kept { NO_LIMIT } else { t.budget_usd_per_year };
        size_order(
            &mut self.order,
            target,
            &self.standing,
            &self.scratch,
            &self.price,
            &mut self.ordered_this_year,
            t.lump_chips,
            budget,
        );
        self.count_in_budget(month, future);
        times(&mut self.order_capex, &self.order, &self.price);
        if let Some(network) = &self.terms.extras.network {
            network.add_growth(&self.standing, &self.order, &mut self.order_capex);
        }
        if self.features.instant {
            let (order, capex, kw) = (&self.order, &self.order_capex, &self.kw_scale);
            self.fleet.place_at_once(month as usize, order, capex, kw);
            return;
        }
        arrive_after(&mut self.arrival, f64::from(month), &self.lead);
        self.build(month, future, ledger);
        ledger.add(Part::Capex, &self.order_capex, self.terms.deposit_share);
        let (order, capex, kw) = (&self.order, &self.order_capex, &self.kw_scale);
        self.fleet.place(&self.arrival, order, capex, kw);
    }

    /// Moves the fleet through the month: arrivals, losses, sales, running costs.
    pub fn age(&mut self, month: u32, future: &Future<'_>, ledger: &mut Ledger) {
        let write_off = self.terms.depreciation_months as usize;
        self.fleet.age(month as usize, write_off);
        let paid_now =
            if self.features.instant { 1.0 } else { 1.0 - self.terms.deposit_share };
        let arrived = self.fleet.arrived_capex(month as usize);
        if self.terms.lease.is_none() {
            ledger.add(Part::Capex, arrived, paid_now);
        }
        self.renew_fit_out(month, ledger);
        if self.features.operated {
            self.operate(month, future, ledger);
        }
        if month == 0 && self.terms.resale_by.is_some() {
            // What used machines are worth is measured by the prices of the start.
            self.price_at(0, future);
        }
        if self.features.books || self.features.rooms {
            self.depreciate(month as usize);
            self.apply_convention(month as usize);
        }
        self.sell_old(month, future, ledger);
        if self.terms.sell.is_some() {
            self.book_early(month as usize);
        }
        if let Some(debt) = self.terms.debt {
            let annuity = debt.months - debt.grace_months;
            let payment = annuity_payment(debt.monthly_rate, annuity);
            let (begins, ends) =
                self.fleet.payments(month as usize, debt.grace_months, debt.months);
            if debt.grace_months > 0.0 {
                // Interest alone is due on what arrived before this month.
                let (arrived, _) = self.fleet.payments(month as usize, 0.0, debt.months);
                add_scaled(&mut self.in_grace, arrived, 1.0);
                add_scaled(&mut self.in_grace, begins, -1.0);
            }
            serve_debt(
                debt.share,
                debt.monthly_rate,
                payment,
                self.fleet.arrived_capex(month as usize),
                begins,
                ends,
                &mut self.loan,
                &mut self.payment,
                &self.in_grace,
                &mut self.interest,
                &mut self.service,
                ledger.part_mut(Part::Debt),
            );
        }
        if let Some(lease) = self.terms.lease {
            let (starts, ends) = self.fleet.leased(month as usize, lease.months);
            lease_due(&mut self.payment, lease.payment, starts, ends);
            ledger.add(Part::Rent, &self.payment, 1.0);
        }
        if !self.features.always_up {
            let up = future.number(self.terms.availability);
            times(&mut self.capacity, &self.fleet.chips, up);
        }
    }

    /// Pays for space, support, staff and interest on the balance.
    fn operate(&mut self, month: u32, future: &Future<'_>, ledger: &mut Ledger) {
        let (t, fleet) = (&self.terms, &self.fleet);
        let rise = (1.0 + t.inflation_per_year).powf(f64::from(month) / 12.0);
        running_costs(
            ledger.part_mut(Part::Operation),
            &fleet.standing_capex,
            &fleet.chips,
            fleet.kw(),
            future.number(t.operation_share),
            future.number(t.other_usd_per_chip_month),
            future.number(t.space_usd_per_kw_month),
            future.number(t.nameplate_kw),
            rise,
        );
        if t.capital_charge_per_year != 0.0 {
            let charge = t.capital_charge_per_year / 24.0;
            add_scaled(ledger.part_mut(Part::Operation), &fleet.writing_off, charge);
        }
        if t.extras.run() {
            self.run_extras(month, rise, future, ledger);
        }
    }

    /// Chips in working order this month.
    pub fn capacity(&self) -> &Lane {
        if self.features.always_up { &self.fleet.chips } else { &self.capacity }
    }

    /// Chips standing this month.
    pub fn fleet(&self) -> &Lane {
        &self.fleet.chips
    }

    /// Written off this month, US dollars.
    pub fn depreciation(&self) -> &Lane {
        &self.depreciation
    }

    /// Interest of this month's payments, US dollars.
    pub fn interest(&self) -> &Lane {
        &self.interest
    }

    /// Proceeds over book value of what was sold this month, US dollars.
    pub fn gain(&self) -> &Lane {
        &self.gain
    }

    /// Share of what arrived in a month that was borrowed then, and what arrived; nothing
    /// without a loan.
    pub fn borrowed(&self, month: u32) -> Option<(f64, &Lane)> {
        let debt = self.terms.debt?;
        Some((debt.share, self.fleet.arrived_capex(month as usize)))
    }

    /// A figure of the accounts in a month; nothing where it is always zero.
    pub fn asset(&self, month: usize, asset: Asset) -> Option<&Lane> {
        match asset {
            // Who leases owns nothing.
            Asset::InService if self.terms.lease.is_some() => None,
            Asset::InService => Some(self.fleet.arrived_capex(month)),
            Asset::HallReady => self.halls.ready.get(month),
            Asset::FitOut => self.fit_outs.get(month),
            Asset::Interest => self.terms.debt.map(|_| &self.interest),
            Asset::DebtService => self.terms.debt.map(|_| &self.service),
            Asset::BookWriteOff => self.terms.sell.as_ref().map(|_| &self.books[0]),
            Asset::BookDisposed => self.terms.sell.as_ref().map(|_| &self.books[1]),
        }
    }

    /// Chips that ever arrived, that failed for good, and that were sold; nothing unless
    /// [`Self::counting`].
    pub fn totals(&self) -> Option<[&Lane; 3]> {
        self.fleet.totals()
    }

    /// Parts of the ledger that these terms can have anything in.
    pub fn parts(terms: &OwnTerms, world: &World, taxed: bool) -> Vec<Part> {
        let features = Features::of(terms, world, taxed);
        let mut parts = vec![Part::Capex, Part::Energy];
        parts.extend(features.operated.then_some(Part::Operation));
        let returns = terms.hall.is_some() || !features.instant;
        parts.extend((features.sells || returns).then_some(Part::Resale));
        parts.extend(terms.debt.map(|_| Part::Debt));
        parts.extend(terms.lease.map(|_| Part::Rent));
        parts
    }

    /// Pays for energy, given the hours the chips worked.
    pub fn power(&mut self, used_hours: &Lane, future: &Future<'_>, ledger: &mut Ledger) {
        let t = &self.terms;
        let (level, pue) = (future.level(t.energy_price), future.level(t.pue_level));
        if self.features.same_idle {
            let energy = ledger.open(Part::Energy);
            let (onto, usd) = (energy.onto, &self.full_power_usd);
            same_idle_cost(onto, self.fleet.kw(), usd, level, pue, energy.lane);
            return;
        }
        energy_cost(
            &mut self.scratch,
            used_hours,
            &self.fleet.chips,
            self.fleet.kw(),
            &self.full_power_usd,
            future.number(t.idle_share),
            level,
            pue,
            ledger.part_mut(Part::Energy),
        );
        ledger.add_variable(&self.scratch);
    }
}
