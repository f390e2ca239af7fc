//! Machines of one's own: ordered, delivered late, aged, powered, and sold.
//!
//! An order is paid in part when it is placed and in part when it arrives; its machines
//! serve for their life, are lost on the way, and are sold for what a machine of their
//! speed then costs new, less wear. Chips are counted in the speed of the part the plan
//! names: a chip of a later generation costs as much and draws as much as its FLOP per
//! dollar and per watt say. Read next: [`super::dispatch`] for what they serve, `fleet`
//! for the arithmetic.
//!
//! **Law** arrived = standing + failed + sold, on every path in every month.

use crate::block::math::exp;
use crate::block::{LANES, Lane, splat};
use crate::finance::{Ledger, Part, annuity_payment};
use crate::trajectory::{Future, LevelId, NumberId};
use crate::units::HOURS_PER_MONTH;

use super::fleet::Fleet;

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
    /// Fall of value below new, log per year.
    pub wear_per_year: NumberId,
    /// What it fetches over that value.
    pub resale_share: NumberId,
    /// Gain in energy efficiency of later orders, log per year.
    pub efficiency_gain_per_year: f64,
    /// Smallest number of chips sold at once; 0 for fractions of chips.
    pub lump_chips: f64,
    /// Most chips.
    pub chips_limit: f64,
    /// Most machine power, kW.
    pub power_limit_kw: f64,
    /// Most ordered in twelve months, US dollars.
    pub budget_usd_per_year: f64,
    /// Load power per chip, kW.
    pub power_kw: NumberId,
    /// Reserved power per chip, kW.
    pub nameplate_kw: NumberId,
    /// Idle over load power.
    pub idle_share: NumberId,
    /// Power usage effectiveness.
    pub pue: NumberId,
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

/// A loan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DebtTerms {
    /// Share of capex borrowed on arrival.
    pub share: f64,
    /// Interest a month.
    pub monthly_rate: f64,
    /// Monthly payments.
    pub months: f64,
}

/// The state of owned machines on a block of paths.
#[derive(Debug)]
pub struct Own {
    terms: OwnTerms,
    fleet: Fleet,
    price: Lane,
    lead: Lane,
    arrival: Lane,
    standing: Lane,
    standing_kw: Lane,
    order: Lane,
    order_capex: Lane,
    hall_kw: Lane,
    hall_cost: Lane,
    hall_cost_month: Lane,
    ordered_this_year: Lane,
    capacity: Lane,
    depreciation: Lane,
    interest: Lane,
    gain: Lane,
    loan: Lane,
    payment: Lane,
    scratch: Lane,
}

impl Own {
    /// Memory for a plan of `months`.
    pub fn new(terms: OwnTerms, months: u32) -> Self {
        let zero = || splat(0.0);
        Self {
            fleet: Fleet::new(months as usize, terms.life_months as usize),
            terms,
            price: zero(),
            lead: zero(),
            arrival: zero(),
            standing: zero(),
            standing_kw: zero(),
            order: zero(),
            order_capex: zero(),
            hall_kw: zero(),
            hall_cost: zero(),
            hall_cost_month: zero(),
            ordered_this_year: zero(),
            capacity: zero(),
            depreciation: zero(),
            interest: zero(),
            gain: zero(),
            loan: zero(),
            payment: zero(),
            scratch: zero(),
        }
    }

    /// Starts a block of paths with nothing owned.
    pub fn begin(&mut self, future: &Future<'_>) {
        self.fleet.begin(future.number(self.terms.loss_per_year));
        for lane in [
            &mut self.hall_kw,
            &mut self.hall_cost,
            &mut self.hall_cost_month,
            &mut self.ordered_this_year,
            &mut self.loan,
            &mut self.payment,
            &mut self.interest,
        ] {
            lane.fill(0.0);
        }
    }

    /// Price of a chip ordered this month, with its share of network and spares, and
    /// the months until it serves; call once a month before orders and resale.
    pub fn quote(&mut self, month: u32, future: &Future<'_>) {
        let t = &self.terms;
        let (base, network) =
            (future.number(t.usd_per_chip), future.number(t.network_share));
        let street = future.level(t.hardware_price);
        quote_price(&mut self.price, base, network, street, 1.0 + t.spares_share);
        if let Some(progress) = t.flop_per_usd {
            divide(&mut self.price, future.level(progress));
        }
        let lead = future.number(t.lead_time_months);
        whole_months(&mut self.lead, lead, future.level(t.lead_time));
        if month.is_multiple_of(12) {
            self.ordered_this_year.fill(0.0);
        }
    }

    /// Months until an order of this month serves.
    pub fn lead_months(&self) -> &Lane {
        &self.lead
    }

    /// Chips that will stand when an order of this month arrives, losses expected.
    pub fn standing_at_arrival(&mut self, month: u32) -> &Lane {
        self.fleet.look_ahead(
            month as usize,
            &self.lead,
            &mut self.standing,
            &mut self.standing_kw,
        );
        &self.standing
    }

    /// Orders what is missing to `target` chips, in whole lumps, within every limit.
    ///
    /// [`Self::quote`] and [`Self::standing_at_arrival`] come first.
    pub fn order(
        &mut self,
        month: u32,
        target: &Lane,
        future: &Future<'_>,
        ledger: &mut Ledger,
    ) {
        let t = &self.terms;
        let years = f64::from(month) / 12.0;
        let kw_scale = match t.flop_per_usd {
            Some(_) => (-t.efficiency_gain_per_year * years).exp(),
            None => 1.0,
        };
        let nameplate = future.number(t.nameplate_kw);
        room_for_orders(
            &mut self.scratch,
            &self.standing,
            &self.standing_kw,
            nameplate,
            t.chips_limit,
            t.power_limit_kw,
            kw_scale,
        );
        size_order(
            &mut self.order,
            target,
            &self.standing,
            &self.scratch,
            &self.price,
            &mut self.ordered_this_year,
            t.lump_chips,
            t.budget_usd_per_year,
        );
        multiply(&mut self.order_capex, &self.order, &self.price);
        arrive_after(&mut self.arrival, f64::from(month), &self.lead);
        if let Some(hall) = &t.hall {
            let rise = (1.0 + t.inflation_per_year).powf(years);
            build_hall(
                f64::from(month),
                rise,
                kw_scale,
                future.number(hall.usd_per_kw),
                future.number(hall.build_months),
                nameplate,
                &self.order,
                &self.standing_kw,
                &mut self.arrival,
                &mut self.hall_kw,
                &mut self.hall_cost,
                &mut self.hall_cost_month,
                ledger.part_mut(Part::Capex),
            );
        }
        add_scaled(ledger.part_mut(Part::Capex), &self.order_capex, t.deposit_share);
        self.fleet.place(&self.arrival, &self.order, &self.order_capex, kw_scale);
    }

    /// Moves the fleet through the month: arrivals, losses, sales, running costs.
    pub fn age(&mut self, month: u32, future: &Future<'_>, ledger: &mut Ledger) {
        let t = &self.terms;
        let write_off = t.depreciation_months as usize;
        self.fleet.age(month as usize, write_off);
        let fleet = &self.fleet;
        let arrived = fleet.arrived_capex(month as usize);
        add_scaled(ledger.part_mut(Part::Capex), arrived, 1.0 - t.deposit_share);
        let rise = (1.0 + t.inflation_per_year).powf(f64::from(month) / 12.0);
        running_costs(
            ledger.part_mut(Part::Operation),
            &fleet.standing_capex,
            &fleet.chips,
            &fleet.kw,
            future.number(t.operation_share),
            future.number(t.other_usd_per_chip_month),
            future.number(t.space_usd_per_kw_month),
            future.number(t.nameplate_kw),
            rise,
        );
        add_scaled(
            ledger.part_mut(Part::Operation),
            &fleet.writing_off,
            t.capital_charge_per_year / 24.0,
        );
        self.depreciation.fill(0.0);
        add_scaled(
            &mut self.depreciation,
            &fleet.writing_off,
            1.0 / f64::from(t.depreciation_months),
        );
        if let Some(hall) = &t.hall {
            add_scaled(&mut self.depreciation, &self.hall_cost, 1.0 / hall.life_months);
        }
        if let Some(sale) = fleet.sale(month as usize) {
            let life = f64::from(t.life_months);
            sell(
                life / 12.0,
                (1.0 - life / f64::from(t.depreciation_months)).max(0.0),
                sale.chips,
                sale.capex,
                &self.price,
                future.number(t.wear_per_year),
                future.number(t.resale_share),
                future.level(t.resale),
                ledger.part_mut(Part::Resale),
                &mut self.gain,
            );
        } else {
            self.gain.fill(0.0);
        }
        if let Some(debt) = t.debt {
            let payment = annuity_payment(debt.monthly_rate, debt.months);
            let (begins, ends) = fleet.payments(month as usize, debt.months);
            serve_debt(
                debt.share,
                debt.monthly_rate,
                payment,
                arrived,
                begins,
                ends,
                &mut self.loan,
                &mut self.payment,
                &mut self.interest,
                ledger.part_mut(Part::Debt),
            );
        }
        multiply(&mut self.capacity, &self.fleet.chips, future.number(t.availability));
    }

    /// Chips in working order this month.
    pub fn capacity(&self) -> &Lane {
        &self.capacity
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

    /// Chips that ever arrived, that failed for good, and that were sold.
    pub fn totals(&self) -> [&Lane; 3] {
        [&self.fleet.total_arrived, &self.fleet.total_failed, &self.fleet.total_sold]
    }

    /// Price of a chip ordered this month, US dollars.
    pub fn price(&self) -> &Lane {
        &self.price
    }

    /// Pays for energy, given the hours the chips worked.
    pub fn power(&mut self, used_hours: &Lane, future: &Future<'_>, ledger: &mut Ledger) {
        let t = &self.terms;
        energy_cost(
            &mut self.scratch,
            used_hours,
            &self.fleet.chips,
            &self.fleet.kw,
            future.number(t.power_kw),
            future.number(t.idle_share),
            future.number(t.pue),
            future.number(t.energy_usd_per_kwh),
            future.level(t.energy_price),
            ledger.part_mut(Part::Energy),
        );
        ledger.add_variable(&self.scratch);
    }

    /// Sells what still stands and repays what is still owed, after the last month.
    pub fn close(&mut self, month: u32, future: &Future<'_>, ledger: &mut Ledger) {
        let t = &self.terms;
        self.fleet.salvage(
            month as usize + 1,
            f64::from(t.depreciation_months),
            &self.price,
            future.number(t.wear_per_year),
            future.number(t.resale_share),
            future.level(t.resale),
            ledger.part_mut(Part::Resale),
            &mut self.gain,
        );
        // An order that has not arrived is cancelled: the deposit comes back.
        let late = self.fleet.late_capex();
        add_scaled(ledger.part_mut(Part::Resale), late, -t.deposit_share);
        if t.debt.is_some() {
            add_scaled(ledger.part_mut(Part::Debt), &self.loan, 1.0);
        }
        if let Some(hall) = &t.hall {
            hall_salvage(
                f64::from(month) + 1.0,
                hall.life_months,
                &self.hall_cost,
                &self.hall_cost_month,
                ledger.part_mut(Part::Resale),
            );
        }
    }
}

crate::kernel! {
    fn quote_price(price: &mut Lane, base: &Lane, network: &Lane, street: &Lane, spares: f64) {
        for i in 0..LANES {
            price[i] = base[i] * spares / (1.0 - network[i]) * street[i];
        }
    }

    fn divide(a: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            a[i] /= b[i];
        }
    }

    fn multiply(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] * b[i];
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn whole_months(out: &mut Lane, base: &Lane, level: &Lane) {
        for i in 0..LANES {
            out[i] = (base[i] * level[i]).ceil();
        }
    }

    fn arrive_after(arrival: &mut Lane, month: f64, lead: &Lane) {
        for i in 0..LANES {
            arrival[i] = month + lead[i];
        }
    }

    fn room_for_orders(
        room: &mut Lane, standing: &Lane, standing_kw: &Lane, nameplate: &Lane,
        chips_limit: f64, power_limit_kw: f64, kw_scale: f64,
    ) {
        for i in 0..LANES {
            let by_count = chips_limit - standing[i];
            let free_kw = power_limit_kw - standing_kw[i] * nameplate[i];
            // No power drawn means no limit by power: a tiny divisor stands for none.
            let by_power = free_kw / (nameplate[i] * kw_scale).max(1e-12);
            room[i] = by_count.min(by_power).max(0.0);
        }
    }

    fn size_order(
        chips: &mut Lane, target: &Lane, standing: &Lane, room: &Lane, price: &Lane,
        ordered_this_year: &mut Lane, lump: f64, budget: f64,
    ) {
        let per_lump = if lump > 0.0 { 1.0 / lump } else { 1.0 };
        for i in 0..LANES {
            let missing = (target[i] - standing[i]).max(0.0);
            let money = ((budget - ordered_this_year[i]) / price[i]).max(0.0);
            let most = room[i].min(money);
            // A hair is taken off so that 64.000000001 chips are not nine servers.
            let up = (missing * per_lump - 1e-9).ceil().max(0.0);
            let down = (most * per_lump + 1e-9).floor();
            let whole = up.min(down) / per_lump;
            chips[i] = if lump > 0.0 { whole } else { missing.min(most) };
            ordered_this_year[i] += chips[i] * price[i];
        }
    }

    fn build_hall(
        month: f64, rise: f64, kw_scale: f64, usd_per_kw: &Lane, build_months: &Lane,
        nameplate: &Lane, chips: &Lane, standing_kw: &Lane, arrival: &mut Lane,
        hall_kw: &mut Lane, hall_cost: &mut Lane, hall_cost_month: &mut Lane,
        capex: &mut Lane,
    ) {
        for i in 0..LANES {
            let needed = (standing_kw[i] + chips[i] * kw_scale) * nameplate[i];
            let more = (needed - hall_kw[i]).max(0.0);
            let more = if chips[i] > 0.0 { more } else { 0.0 };
            let cost = more * usd_per_kw[i] * rise;
            let ready = month + build_months[i].ceil();
            arrival[i] = if more > 1e-9 { arrival[i].max(ready) } else { arrival[i] };
            hall_kw[i] += more;
            hall_cost[i] += cost;
            hall_cost_month[i] += cost * month;
            capex[i] += cost;
        }
    }

    fn running_costs(
        operation: &mut Lane, standing_capex: &Lane, fleet: &Lane, fleet_kw: &Lane,
        share: &Lane, other: &Lane, space: &Lane, nameplate: &Lane, rise: f64,
    ) {
        for i in 0..LANES {
            operation[i] += standing_capex[i] * share[i] / 12.0
                + (fleet[i] * other[i] + fleet_kw[i] * nameplate[i] * space[i]) * rise;
        }
    }

    fn energy_cost(
        variable: &mut Lane, used_hours: &Lane, fleet: &Lane, fleet_kw: &Lane,
        power_kw: &Lane, idle_share: &Lane, pue: &Lane, usd_per_kwh: &Lane, level: &Lane,
        energy: &mut Lane,
    ) {
        for i in 0..LANES {
            let powered = fleet[i] * HOURS_PER_MONTH;
            let load = if powered > 0.0 { used_hours[i] / powered } else { 0.0 };
            let full = fleet_kw[i] * power_kw[i] * HOURS_PER_MONTH * pue[i]
                * usd_per_kwh[i] * level[i];
            variable[i] = full * (1.0 - idle_share[i]) * load;
            energy[i] += full * idle_share[i] + variable[i];
        }
    }

    fn hall_salvage(
        end: f64, life: f64, cost: &Lane, cost_month: &Lane, resale: &mut Lane,
    ) {
        for i in 0..LANES {
            // Each dollar of cost spent in month m is worth 1 − (end − m)/life now.
            let left = cost[i] - (end * cost[i] - cost_month[i]) / life;
            resale[i] -= left.max(0.0);
        }
    }

    fn sell(
        life_years: f64, book_share: f64, sold: &Lane, capex: &Lane, price: &Lane,
        wear: &Lane, share: &Lane, level: &Lane, resale: &mut Lane, gain: &mut Lane,
    ) {
        for i in 0..LANES {
            let worth = price[i] * exp(-wear[i] * life_years) * share[i] * level[i];
            let proceeds = sold[i] * worth;
            resale[i] -= proceeds;
            gain[i] = proceeds - capex[i] * book_share;
        }
    }

    fn serve_debt(
        share: f64, rate: f64, payment: f64, arrived: &Lane, begins: &Lane, ends: &Lane,
        loan: &mut Lane, due: &mut Lane, interest: &mut Lane, debt: &mut Lane,
    ) {
        for i in 0..LANES {
            due[i] += share * payment * (begins[i] - ends[i]);
            interest[i] = loan[i] * rate;
            let drawn = share * arrived[i];
            loan[i] = loan[i] + interest[i] - due[i] + drawn;
            debt[i] += due[i] - drawn;
        }
    }
}
