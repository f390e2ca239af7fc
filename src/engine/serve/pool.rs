//! A flexible source in play: what it asks, how much it can serve, what it charges.
//!
//! Read next: [`super::Service`], which decides who serves.

use crate::block::{Lane, splat};
use crate::finance::Ledger;
use crate::scenario::{Flexible, FlexiblePrice, Scenario};
use crate::supply::dispatch::NO_LIMIT;
use crate::trajectory::Future;

use super::arithmetic::{
    add_scaled, chip_price, cost_of_work, least, make_good, multiply, per_chip_month,
    rent_one, scaled,
};
use super::{Market, Service};

/// What a flexible source asks of one workload, and serves of it, this month.
#[derive(Debug)]
pub(super) struct Quote {
    pub(super) price: Lane,
    /// Chip-hours paid per unit, with what interruptions waste.
    pub(super) hours_per_unit: Lane,
    pub(super) served: Lane,
}

/// A flexible source in play.
#[derive(Debug)]
pub(super) struct Pool {
    /// By workload, where it can serve it.
    pub(super) quotes: Vec<Option<Quote>>,
    pub(super) limited: bool,
    /// True if its limit is one of the whole month: `chips` are units of work then.
    pub(super) monthly: bool,
    /// Paid this month and units served, where it has fees.
    pub(super) paid: Lane,
    pub(super) units: Lane,
    /// True if it serves one workload and nothing else chooses: its hours are written whole.
    pub(super) alone: bool,
    pub(super) chips: Lane,
    pub(super) capacity: Lane,
    pub(super) used_hours: Lane,
}

impl Pool {
    pub(super) fn new(flexible: &Flexible, workloads: usize) -> Self {
        let zero = || splat(0.0);
        let quote = || Quote { price: zero(), hours_per_unit: zero(), served: zero() };
        let limited = match &flexible.price {
            FlexiblePrice::Chips { quota_chips, availability, .. } => {
                *quota_chips < NO_LIMIT || availability.is_some()
            }
            FlexiblePrice::Tokens { mtok_per_hour_limit, .. } => {
                mtok_per_hour_limit.is_some() || flexible.from_month > 0
            }
            FlexiblePrice::Seats { .. } => true,
        };
        Self {
            quotes: (0..workloads).map(|w| flexible.serves(w).then(quote)).collect(),
            limited,
            monthly: matches!(flexible.price, FlexiblePrice::Seats { .. }),
            paid: zero(),
            units: zero(),
            alone: false,
            chips: splat(NO_LIMIT),
            capacity: splat(NO_LIMIT),
            used_hours: zero(),
        }
    }

    pub(super) fn serves(&self, w: usize) -> bool {
        self.quotes[w].is_some()
    }
}

impl Service<'_> {
    /// What the work of a committed chip costs from the cheapest other source a month, US
    /// dollars: over the workloads it serves, by the chips they need; the penalty for
    /// work unserved where there is none.
    pub(in crate::engine) fn rent_of_a_chip(
        &mut self,
        committed: usize,
        market: &Market<'_>,
        out: &mut Lane,
    ) {
        out.fill(0.0);
        let mut hours = splat(0.0);
        let conversions = &self.strategy.committed[committed].conversions;
        for (w, conversion) in conversions.iter().enumerate() {
            let Some(c) = *conversion else { continue };
            self.cost.fill(f64::INFINITY);
            for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
                // An allowance that is paid for says nothing of what more would cost.
                let waits = market.month < flexible.from_month || pool.monthly;
                if let Some(quote) = pool.quotes[w].as_mut().filter(|_| !waits) {
                    price(quote, flexible, w, market);
                    least(&mut self.cost, &quote.price);
                }
            }
            let penalty =
                market.future.number(self.scenario.workloads[w].unserved_usd_per_unit);
            cost_of_work(
                out,
                &mut hours,
                &market.demand[w],
                &market.hours_per_unit[c],
                &self.cost,
                penalty,
            );
        }
        per_chip_month(out, &hours);
    }

    /// Pays what sources charge beside their prices, and seats.
    pub(super) fn pay_fees(&mut self, market: &Market<'_>, ledger: &mut Ledger) {
        for (pool, flexible) in self.pools.iter().zip(&self.strategy.flexible) {
            if let FlexiblePrice::Seats {
                workload,
                seats,
                usd_per_seat_month,
                series,
                ..
            } = &flexible.price
            {
                let future = market.future;
                let growth = self.scenario.workloads[*workload].growth;
                self.cost.copy_from(future.number(*seats));
                multiply(&mut self.cost, future.level(growth));
                multiply(&mut self.cost, future.number(*usd_per_seat_month));
                multiply(&mut self.cost, future.level(*series));
                ledger.add(flexible.part(), &self.cost, 1.0);
            }
            let Some(fees) = &flexible.fees else { continue };
            if market.month < flexible.from_month {
                continue;
            }
            let fixed = fees.fixed_usd(market.month == flexible.from_month);
            let due = ledger.part_mut(flexible.part());
            for ((usd, paid), units) in due.iter_mut().zip(&pool.paid).zip(&pool.units) {
                *usd += fixed + fees.shortfall_usd(*paid, *units);
            }
        }
    }
}

/// The chips of a pool at the start of a block.
///
/// Of tokens with a limit, what counts as a chip is 10⁶ of them an hour.
pub(super) fn open_pool(out: &mut Lane, flexible: &Flexible, market: &Market<'_>) {
    if market.month < flexible.from_month {
        out.fill(0.0);
        return;
    }
    match &flexible.price {
        FlexiblePrice::Chips { quota_chips, availability: Some(share), .. } => {
            scaled(out, market.future.number(*share), *quota_chips);
        }
        FlexiblePrice::Chips { quota_chips, .. } => out.fill(*quota_chips),
        FlexiblePrice::Tokens { mtok_per_hour_limit: Some(limit), .. } => {
            out.fill(*limit);
        }
        FlexiblePrice::Tokens { .. } => out.fill(NO_LIMIT),
        FlexiblePrice::Seats { .. } => {}
    }
}

/// The units that all seats pay for this month.
pub(super) fn allowance(
    out: &mut Lane,
    flexible: &Flexible,
    scenario: &Scenario,
    future: &Future<'_>,
) {
    if let FlexiblePrice::Seats { workload, seats, units_per_seat_month, .. } =
        &flexible.price
    {
        let growth = future.level(scenario.workloads[*workload].growth);
        scaled(out, future.number(*seats), *units_per_seat_month);
        multiply(out, growth);
    }
}

/// Pays a pool of chips that serves workload `w` alone, by the chip-hour.
pub(super) fn pay_chips(
    flexible: &Flexible,
    w: usize,
    quote: &Quote,
    used_hours: &mut Lane,
    market: &Market<'_>,
    ledger: &mut Ledger,
) {
    let FlexiblePrice::Chips { usd_per_chip_hour, rent, own_rent, lost_work, .. } =
        &flexible.price
    else {
        return;
    };
    let Some(c) = flexible.conversion(w) else { return };
    let future = market.future;
    debug_assert!(lost_work.is_none(), "bug: interruptible chips are limited");
    let open = ledger.open(flexible.part());
    let (today, rent) = (future.number(*usd_per_chip_hour), future.level(*rent));
    let hours = &market.hours_per_unit[c];
    let (part, variable) = (open.lane, open.variable);
    let (onto, variable_onto) = (open.onto, open.variable_onto);
    rent_one(
        &quote.served,
        hours,
        today,
        rent,
        own_rent.map_or(&ONE, |id| future.level(id)),
        onto,
        variable_onto,
        used_hours,
        part,
        variable,
    );
    ledger.varied();
}

/// A level of what has none of its own.
static ONE: Lane = splat(1.0);

/// Price of a unit of workload `w`.
pub(super) fn price(
    quote: &mut Quote,
    flexible: &Flexible,
    w: usize,
    market: &Market<'_>,
) {
    let future = market.future;
    match &flexible.price {
        FlexiblePrice::Chips { usd_per_chip_hour, rent, own_rent, lost_work, .. } => {
            let Some(c) = flexible.conversion(w) else { return };
            quote.hours_per_unit.copy_from(&market.hours_per_unit[c]);
            if let Some(lost) = lost_work {
                make_good(&mut quote.hours_per_unit, future.number(*lost));
            }
            chip_price(
                &mut quote.price,
                future.number(*usd_per_chip_hour),
                future.level(*rent),
                &quote.hours_per_unit,
            );
            if let Some(own) = own_rent {
                multiply(&mut quote.price, future.level(*own));
            }
        }
        FlexiblePrice::Tokens { per_workload, series, .. } => {
            quote.price.fill(0.0);
            for (mtok, usd_per_mtok) in per_workload[w].iter().flatten() {
                add_scaled(&mut quote.price, future.number(*usd_per_mtok), *mtok);
            }
            multiply(&mut quote.price, future.level(*series));
        }
        // The allowance is paid for by the seat.
        FlexiblePrice::Seats { .. } => quote.price.fill(0.0),
    }
    if let Some(fees) = &flexible.fees {
        let (factor, more) = (fees.price_factor(), fees.usd_per_unit());
        for usd in &mut quote.price {
            *usd = *usd * factor + more;
        }
    }
}
