//! Chips committed for a term, paid whether used or not.
//!
//! The price is fixed at the commitment, at that month's level of rents on the path: a
//! commitment that ends is renewed at what rents then are, never at today's rate.
//! Read next: [`super::dispatch`].

use crate::block::{LANES, Lane, splat};
use crate::finance::{Ledger, Part};
use crate::supply::FeesSpec;
use crate::trajectory::{Future, LevelId, NumberId};
use crate::units::HOURS_PER_MONTH;

/// What a commitment costs, names resolved.
#[derive(Debug, Clone)]
pub struct ReserveTerms {
    /// Price today, US dollars per chip-hour.
    pub usd_per_chip_hour: NumberId,
    /// Rents of all chips over today's, or what the plan names instead.
    pub rent: LevelId,
    /// Rent of this chip over all chips', where it has one.
    pub own_rent: Option<LevelId>,
    /// Months committed.
    pub term_months: u32,
    /// Share of the term's price paid when it begins.
    pub upfront_share: f64,
    /// Months from commitment to service.
    pub lead_months: u32,
    /// Chips committed come in multiples of this; 0 for any number.
    pub lump_chips: f64,
    /// What is charged beside the price while chips are committed.
    pub fees: Option<FeesSpec>,
}

impl ReserveTerms {
    /// What the price is multiplied by: support.
    fn price_factor(&self) -> f64 {
        self.fees.as_ref().map_or(1.0, FeesSpec::price_factor)
    }
}

#[derive(Debug, Clone)]
struct Commitment {
    from: u32,
    chips: Lane,
    price: Lane,
}

/// The commitments of a strategy on a block of paths.
#[derive(Debug)]
pub struct Reserve {
    terms: ReserveTerms,
    commitments: Vec<Commitment>,
    placed: usize,
    standing: Lane,
    capacity: Lane,
    /// 1 on paths on which chips were committed before.
    begun: Lane,
}

impl Reserve {
    /// Memory for at most `orders` commitments.
    pub fn new(terms: ReserveTerms, orders: usize) -> Self {
        let empty = Commitment { from: 0, chips: splat(0.0), price: splat(0.0) };
        Self {
            terms,
            commitments: vec![empty; orders],
            placed: 0,
            standing: splat(0.0),
            capacity: splat(0.0),
            begun: splat(0.0),
        }
    }

    /// Starts a block of paths with nothing committed.
    pub fn begin(&mut self) {
        self.placed = 0;
        self.begun.fill(0.0);
    }

    /// Months from a commitment to service.
    pub fn lead_months(&self) -> u32 {
        self.terms.lead_months
    }

    /// Months of a commitment.
    pub fn term_months(&self) -> u32 {
        self.terms.term_months
    }

    /// Chips that will be committed when a commitment of this month starts.
    pub fn standing_at_arrival(&mut self, month: u32) -> &Lane {
        let then = month + self.terms.lead_months;
        self.standing.fill(0.0);
        for c in &self.commitments[..self.placed] {
            if c.from + self.terms.term_months > then {
                add(&mut self.standing, &c.chips);
            }
        }
        &self.standing
    }

    /// Price of a chip committed this month for its whole term, US dollars.
    pub fn price(&self, future: &Future<'_>, out: &mut Lane) {
        let t = &self.terms;
        price_now(out, future.number(t.usd_per_chip_hour), future.level(t.rent));
        if let Some(own) = t.own_rent {
            multiply(out, future.level(own));
        }
        let hours = f64::from(t.term_months) * HOURS_PER_MONTH * t.price_factor();
        for usd in out.iter_mut() {
            *usd *= hours;
        }
    }

    /// Chips of the last commitment, where one was made.
    pub fn ordered(&self) -> Option<&Lane> {
        let last = self.placed.checked_sub(1)?;
        self.commitments.get(last).map(|c| &c.chips)
    }

    /// Commits what is missing to `target` chips.
    ///
    /// [`Self::standing_at_arrival`] comes first.
    pub fn order(&mut self, month: u32, target: &Lane, future: &Future<'_>) {
        let Some(c) = self.commitments.get_mut(self.placed) else { return };
        c.from = month + self.terms.lead_months;
        commit(&mut c.chips, target, &self.standing, self.terms.lump_chips);
        price_now(
            &mut c.price,
            future.number(self.terms.usd_per_chip_hour),
            future.level(self.terms.rent),
        );
        if let Some(own) = self.terms.own_rent {
            multiply(&mut c.price, future.level(own));
        }
        let factor = self.terms.price_factor();
        if factor > 1.0 {
            scale(&mut c.price, factor);
        }
        self.placed += 1;
    }

    /// Pays for the month.
    pub fn age(&mut self, month: u32, ledger: &mut Ledger) {
        self.capacity.fill(0.0);
        for c in &self.commitments[..self.placed] {
            if c.from <= month && month < c.from + self.terms.term_months {
                add(&mut self.capacity, &c.chips);
                let rent = ledger.part_mut(Part::Rent);
                let upfront = self.terms.upfront_share;
                if upfront > 0.0 {
                    let term = f64::from(self.terms.term_months);
                    let months = if c.from == month { upfront * term } else { 0.0 };
                    pay_months(rent, &c.chips, &c.price, months + 1.0 - upfront);
                } else {
                    pay(rent, &c.chips, &c.price);
                }
            }
        }
        if let Some(fees) = &self.terms.fees {
            let rent = ledger.part_mut(Part::Rent);
            let (monthly, once) = (fees.fixed_usd(false), fees.once_usd);
            charge(rent, &self.capacity, &mut self.begun, monthly, once);
        }
    }

    /// Gives back what was paid for months after the last one.
    pub fn close(&self, month: u32, ledger: &mut Ledger) {
        let upfront = self.terms.upfront_share;
        if upfront <= 0.0 {
            return;
        }
        for c in &self.commitments[..self.placed] {
            let ends = c.from + self.terms.term_months;
            if c.from <= month && month + 1 < ends {
                let left = f64::from(ends - month - 1);
                let rent = ledger.part_mut(Part::Rent);
                pay_months(rent, &c.chips, &c.price, -upfront * left);
            }
        }
    }

    /// Chips committed this month.
    pub fn capacity(&self) -> &Lane {
        &self.capacity
    }
}

crate::kernel! {
    fn add(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] += a[i];
        }
    }

    fn multiply(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] *= a[i];
        }
    }

    fn scale(out: &mut Lane, by: f64) {
        for x in out {
            *x *= by;
        }
    }

    fn charge(rent: &mut Lane, chips: &Lane, begun: &mut Lane, monthly: f64, once: f64) {
        for i in 0..LANES {
            let first = if begun[i] > 0.0 { 0.0 } else { once };
            rent[i] += if chips[i] > 0.0 { monthly + first } else { 0.0 };
            begun[i] = if chips[i] > 0.0 { 1.0 } else { begun[i] };
        }
    }

    fn commit(chips: &mut Lane, target: &Lane, standing: &Lane, lump: f64) {
        let per_lump = if lump > 0.0 { 1.0 / lump } else { 1.0 };
        for i in 0..LANES {
            let missing = (target[i] - standing[i]).max(0.0);
            let whole = (missing * per_lump - 1e-9).ceil().max(0.0) / per_lump;
            chips[i] = if lump > 0.0 { whole } else { missing };
        }
    }

    fn price_now(price: &mut Lane, today: &Lane, rent: &Lane) {
        for i in 0..LANES {
            price[i] = today[i] * rent[i];
        }
    }

    fn pay_months(rent: &mut Lane, chips: &Lane, price: &Lane, months: f64) {
        for i in 0..LANES {
            rent[i] += months * chips[i] * price[i] * HOURS_PER_MONTH;
        }
    }

    fn pay(rent: &mut Lane, chips: &Lane, price: &Lane) {
        for i in 0..LANES {
            rent[i] += chips[i] * price[i] * HOURS_PER_MONTH;
        }
    }
}
