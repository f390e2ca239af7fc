//! One strategy on a block of paths: a month of orders, dispatch and cash.
//!
//! All memory is taken once; a month allocates nothing. The order within a month:
//! look and order, deliver and age, serve, pay, tax.

use crate::block::{LANES, Lane, splat};
use crate::finance::{Ledger, Part};
use crate::scenario::{CommittedKind, Flexible, FlexiblePrice, Scenario, StrategyPlay};
use crate::strategy::Observed;
use crate::supply::dispatch::{
    NO_LIMIT, capacity_before, pool_capacity, serve_after, take_from_chips,
};
use crate::supply::{Own, Reserve};
use crate::trajectory::Future;
use crate::units::HOURS_PER_MONTH;
use crate::workload::shape::{BLOCKS, SHARES};

/// A committed source in play.
#[derive(Debug)]
enum Machines {
    Own(Box<Own>),
    Reserve(Reserve),
}

impl Machines {
    fn capacity(&self) -> &Lane {
        match self {
            Self::Own(own) => own.capacity(),
            Self::Reserve(reserve) => reserve.capacity(),
        }
    }
}

/// A flexible source in play: what it serves of one workload costs and can this month.
#[derive(Debug)]
struct Pool {
    /// Chip-hours paid per unit, with what interruptions waste.
    hours_per_unit: Lane,
    price: Lane,
    chips: Lane,
    capacity: Lane,
    before: Lane,
    served: Lane,
    used_hours: Lane,
}

/// What the market is this month, shared by all strategies.
pub(super) struct Market<'a> {
    pub(super) month: u32,
    pub(super) future: &'a Future<'a>,
    /// Work of each workload this month, in its unit.
    pub(super) demand: &'a [Lane],
    /// Chip-hours per unit of each conversion this month.
    pub(super) hours_per_unit: &'a [Lane],
    /// For each committed source of the strategy: chips needed, month by month to now.
    pub(super) needed: &'a [Vec<Lane>],
}

/// One strategy on a block of paths.
#[derive(Debug)]
pub(super) struct Play<'s> {
    scenario: &'s Scenario,
    strategy: &'s StrategyPlay,
    machines: Vec<Machines>,
    pools: Vec<Pool>,
    left: Vec<Lane>,
    used: Vec<Lane>,
    need: Lane,
    rest: Lane,
    lead: Lane,
    target: Lane,
    pub(super) ledger: Ledger,
    pub(super) capacity: Lane,
    pub(super) used_total: Lane,
    pub(super) delivered_hours: Lane,
    pub(super) mtok: Lane,
    pub(super) unserved_share: Lane,
    opex: Lane,
}

impl<'s> Play<'s> {
    pub(super) fn new(scenario: &'s Scenario, strategy: &'s StrategyPlay) -> Self {
        let machines = strategy
            .committed
            .iter()
            .map(|c| {
                let rule = c.sizing.rule();
                let orders = (0..scenario.months).filter(|m| rule.reviews(*m)).count();
                match &c.kind {
                    CommittedKind::Own(terms) => Machines::Own(Box::new(Own::new(
                        (**terms).clone(),
                        scenario.months,
                    ))),
                    CommittedKind::Reserve(terms) => {
                        Machines::Reserve(Reserve::new(terms.clone(), orders))
                    }
                }
            })
            .collect();
        let zero = || splat(0.0);
        let pools = strategy
            .flexible
            .iter()
            .map(|_| Pool {
                hours_per_unit: zero(),
                price: zero(),
                chips: zero(),
                capacity: zero(),
                before: zero(),
                served: zero(),
                used_hours: zero(),
            })
            .collect();
        let committed = strategy.committed.len();
        Self {
            scenario,
            strategy,
            machines,
            pools,
            left: vec![zero(); committed],
            used: vec![zero(); committed],
            need: zero(),
            rest: zero(),
            lead: zero(),
            target: zero(),
            ledger: Ledger::default(),
            capacity: zero(),
            used_total: zero(),
            delivered_hours: zero(),
            mtok: zero(),
            unserved_share: zero(),
            opex: zero(),
        }
    }

    pub(super) fn begin(&mut self, future: &Future<'_>) {
        for machines in &mut self.machines {
            match machines {
                Machines::Own(own) => own.begin(future),
                Machines::Reserve(reserve) => reserve.begin(),
            }
        }
    }

    /// Plays one month; the results stand in the fields until the next.
    pub(super) fn month(&mut self, market: &Market<'_>) {
        self.ledger.clear();
        self.order_and_age(market);
        self.serve(market);
        self.settle(market);
        if market.month + 1 == self.scenario.months {
            for machines in &mut self.machines {
                if let Machines::Own(own) = machines {
                    own.close(market.month, market.future, &mut self.ledger);
                }
            }
        }
        self.tax();
    }

    fn order_and_age(&mut self, market: &Market<'_>) {
        for (i, committed) in self.strategy.committed.iter().enumerate() {
            let rule = committed.sizing.rule();
            let reviews = rule.reviews(market.month);
            match &mut self.machines[i] {
                Machines::Own(own) => {
                    own.quote(market.month, market.future);
                    if reviews {
                        self.lead = *own.lead_months();
                        let standing = own.standing_at_arrival(market.month);
                        let seen = Observed::new(
                            &market.needed[i],
                            &self.lead,
                            standing,
                            &committed.belief,
                        );
                        rule.target(&seen, &mut self.target);
                        own.order(
                            market.month,
                            &self.target,
                            market.future,
                            &mut self.ledger,
                        );
                    }
                    own.age(market.month, market.future, &mut self.ledger);
                }
                Machines::Reserve(reserve) => {
                    if reviews {
                        self.lead.fill(f64::from(reserve.lead_months()));
                        let standing = reserve.standing_at_arrival(market.month);
                        let seen = Observed::new(
                            &market.needed[i],
                            &self.lead,
                            standing,
                            &committed.belief,
                        );
                        rule.target(&seen, &mut self.target);
                        reserve.order(market.month, &self.target, market.future);
                    }
                    reserve.age(market.month, &mut self.ledger);
                }
            }
        }
    }

    /// Work that cannot wait, block by block; then work that can, in what is left.
    fn serve(&mut self, market: &Market<'_>) {
        for lane in &mut self.used {
            lane.fill(0.0);
        }
        for pool in &mut self.pools {
            pool.used_hours.fill(0.0);
        }
        self.mtok.fill(0.0);
        self.delivered_hours.fill(0.0);
        self.unserved_share.fill(0.0);
        let plays = &self.scenario.workloads;
        let flat = plays.iter().all(|w| {
            w.deferrable || w.curve.multipliers.iter().all(|m| (m - 1.0).abs() < 1e-12)
        });
        let blocks: &[f64] = if flat { &[1.0] } else { &SHARES };
        debug_assert!(blocks.len() <= BLOCKS);
        for (block, share) in blocks.iter().enumerate() {
            let hours = HOURS_PER_MONTH * share;
            for (left, machines) in self.left.iter_mut().zip(&self.machines) {
                *left = *machines.capacity();
            }
            for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
                pool_chips(&mut pool.chips, flexible, market.future);
            }
            for (w, play) in plays.iter().enumerate().filter(|(_, p)| !p.deferrable) {
                let height = if flat { 1.0 } else { play.curve.multipliers[block] };
                scaled(&mut self.need, &market.demand[w], height * share);
                self.serve_workload(w, hours, market);
            }
        }
        // Hours that committed chips and limited pools have left over the month.
        for (i, machines) in self.machines.iter().enumerate() {
            left_over(&mut self.left[i], machines.capacity(), &self.used[i]);
        }
        for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
            pool_chips(&mut pool.chips, flexible, market.future);
            spare_chips(&mut pool.chips, &pool.used_hours);
        }
        for (w, _) in plays.iter().enumerate().filter(|(_, p)| p.deferrable) {
            self.need = market.demand[w];
            self.serve_workload(w, HOURS_PER_MONTH, market);
        }
    }

    /// Serves `self.need` of workload `w` within `hours` of the month.
    fn serve_workload(&mut self, w: usize, hours: f64, market: &Market<'_>) {
        let play = &self.scenario.workloads[w];
        if let Some(mtok) = play.mtok_per_unit {
            add_scaled(&mut self.mtok, &self.need, mtok);
        }
        for (i, committed) in self.strategy.committed.iter().enumerate() {
            if let Some(c) = committed.conversions[w] {
                take_from_chips(
                    &mut self.need,
                    &mut self.left[i],
                    &market.hours_per_unit[c],
                    hours,
                    &mut self.used[i],
                );
            }
        }
        self.rest = self.need;
        let able: [bool; MOST_POOLS] = std::array::from_fn(|i| {
            self.strategy.flexible.get(i).is_some_and(|f| f.serves(w))
        });
        for (i, flexible) in self.strategy.flexible.iter().enumerate() {
            if able[i] {
                let pool = &mut self.pools[i];
                price_pool(pool, flexible, w, hours, market);
            }
        }
        let several = able.iter().filter(|x| **x).count() > 1;
        for i in 0..self.pools.len() {
            if !able[i] {
                continue;
            }
            let mut before = std::mem::replace(&mut self.pools[i].before, splat(0.0));
            before.fill(0.0);
            if several {
                for j in (0..self.pools.len()).filter(|j| *j != i && able[*j]) {
                    let (this, other) = (&self.pools[i], &self.pools[j]);
                    capacity_before(
                        &mut before,
                        &this.price,
                        &other.price,
                        &other.capacity,
                        j < i,
                    );
                }
            }
            self.pools[i].before = before;
            let flexible = &self.strategy.flexible[i];
            let part = flexible.part();
            let pool = &mut self.pools[i];
            pool.served.fill(0.0);
            self.opex.fill(0.0);
            serve_after(
                &self.need,
                &pool.before,
                &pool.capacity,
                &pool.price,
                &mut pool.served,
                &mut self.opex,
                &mut self.rest,
            );
            add_scaled(self.ledger.part_mut(part), &self.opex, 1.0);
            self.ledger.add_variable(&self.opex);
            if flexible.conversion(w).is_some() {
                add_product(&mut pool.used_hours, &pool.served, &pool.hours_per_unit);
                take_pool(&mut pool.chips, &pool.served, &pool.hours_per_unit, hours);
            }
        }
        // What is left, nobody serves. Rounding may leave a hair on either side of zero.
        clean_rest(&mut self.rest, &market.demand[w]);
        scaled_product(
            &mut self.opex,
            &self.rest,
            market.future.number(play.unserved_usd_per_unit),
        );
        add_scaled(self.ledger.part_mut(Part::Unserved), &self.opex, 1.0);
        self.ledger.add_variable(&self.opex);
        add_ratio(&mut self.unserved_share, &self.rest, &market.demand[w], play.weight);
        if let Some(mtok) = play.mtok_per_unit {
            add_scaled(&mut self.mtok, &self.rest, -mtok);
        }
    }

    fn settle(&mut self, market: &Market<'_>) {
        self.capacity.fill(0.0);
        self.used_total.fill(0.0);
        for (machines, used) in self.machines.iter_mut().zip(&self.used) {
            add_scaled(&mut self.capacity, machines.capacity(), 1.0);
            add_scaled(&mut self.used_total, used, 1.0);
            if let Machines::Own(own) = machines {
                own.power(used, market.future, &mut self.ledger);
            }
        }
        self.delivered_hours = self.used_total;
        for pool in &self.pools {
            add_scaled(&mut self.delivered_hours, &pool.used_hours, 1.0);
        }
    }

    fn tax(&mut self) {
        let rate = self.scenario.tax_rate;
        if rate == 0.0 {
            return;
        }
        self.ledger.opex(&mut self.opex);
        add_scaled(self.ledger.part_mut(Part::Tax), &self.opex, -rate);
        for machines in &self.machines {
            if let Machines::Own(own) = machines {
                let tax = self.ledger.part_mut(Part::Tax);
                add_scaled(tax, own.depreciation(), -rate);
                add_scaled(tax, own.interest(), -rate);
                add_scaled(tax, own.gain(), rate);
            }
        }
    }

    /// Chips that arrived, failed, were sold and stand, over all own sources: for laws.
    #[cfg(test)]
    pub(super) fn counts(&self) -> [Lane; 4] {
        let mut sums = [splat(0.0); 4];
        for machines in &self.machines {
            if let Machines::Own(own) = machines {
                let [arrived, failed, sold] = own.totals();
                for (sum, lane) in
                    sums.iter_mut().zip([arrived, failed, sold, own.fleet()])
                {
                    add_scaled(sum, lane, 1.0);
                }
            }
        }
        sums
    }
}

/// Most flexible sources in a stack; more are refused when names are resolved.
pub(crate) const MOST_POOLS: usize = 8;

fn pool_chips(out: &mut Lane, flexible: &Flexible, future: &Future<'_>) {
    match &flexible.price {
        FlexiblePrice::Chips { quota_chips, availability, .. } => {
            out.fill(*quota_chips);
            if let Some(share) = availability {
                let quota = *out;
                scaled_product(out, &quota, future.number(*share));
            }
        }
        FlexiblePrice::Tokens { .. } => out.fill(NO_LIMIT),
    }
}

/// Price of a unit of workload `w` and how many units the pool can serve in `hours`.
fn price_pool(
    pool: &mut Pool,
    flexible: &Flexible,
    w: usize,
    hours: f64,
    market: &Market<'_>,
) {
    let future = market.future;
    match &flexible.price {
        FlexiblePrice::Chips { usd_per_chip_hour, rent, own_rent, lost_work, .. } => {
            let Some(c) = flexible.conversion(w) else { return };
            pool.hours_per_unit = market.hours_per_unit[c];
            if let Some(lost) = lost_work {
                make_good(&mut pool.hours_per_unit, future.number(*lost));
            }
            chip_price(
                &mut pool.price,
                future.number(*usd_per_chip_hour),
                future.level(*rent),
                future.level(*own_rent),
                &pool.hours_per_unit,
            );
            pool_capacity(&mut pool.capacity, &pool.chips, &pool.hours_per_unit, hours);
        }
        FlexiblePrice::Tokens { per_workload, series } => {
            pool.price.fill(0.0);
            for (mtok, usd_per_mtok) in per_workload[w].iter().flatten() {
                add_scaled(&mut pool.price, future.number(*usd_per_mtok), *mtok);
            }
            let price = pool.price;
            scaled_product(&mut pool.price, &price, future.level(*series));
            pool.capacity.fill(NO_LIMIT);
        }
    }
}

crate::kernel! {
    fn scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] = by * a[i];
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn scaled_product(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] * b[i];
        }
    }

    fn add_product(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] += a[i] * b[i];
        }
    }

    fn add_ratio(out: &mut Lane, a: &Lane, b: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += if b[i] > 0.0 { by * a[i] / b[i] } else { 0.0 };
        }
    }

    fn chip_price(
        out: &mut Lane, today: &Lane, rent: &Lane, own_rent: &Lane, hours_per_unit: &Lane,
    ) {
        for i in 0..LANES {
            out[i] = today[i] * rent[i] * own_rent[i] * hours_per_unit[i];
        }
    }

    fn make_good(hours_per_unit: &mut Lane, lost: &Lane) {
        for i in 0..LANES {
            hours_per_unit[i] /= 1.0 - lost[i];
        }
    }

    fn take_pool(chips: &mut Lane, served: &Lane, hours_per_unit: &Lane, hours: f64) {
        for i in 0..LANES {
            chips[i] = (chips[i] - served[i] * hours_per_unit[i] / hours).max(0.0);
        }
    }

    fn left_over(left: &mut Lane, capacity: &Lane, used_hours: &Lane) {
        for i in 0..LANES {
            left[i] = (capacity[i] - used_hours[i] / HOURS_PER_MONTH).max(0.0);
        }
    }

    fn spare_chips(chips: &mut Lane, used_hours: &Lane) {
        for i in 0..LANES {
            chips[i] = (chips[i] - used_hours[i] / HOURS_PER_MONTH).max(0.0);
        }
    }

    fn clean_rest(rest: &mut Lane, demand: &Lane) {
        for i in 0..LANES {
            rest[i] = if rest[i] > 1e-9 * demand[i] { rest[i] } else { 0.0 };
        }
    }
}
