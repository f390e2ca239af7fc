//! Who serves a strategy's work in a month, and what the flexible sources cost.
//!
//! Most workloads have their chips to themselves and a flexible source without a limit:
//! for these one pass over the load-duration curve says it all. Where workloads share
//! chips, or flexible sources have limits, the curve is walked block by block. Work that
//! can wait comes last, in the hours that are left.
//! Read next: [`crate::supply::dispatch`] for the arithmetic.

mod arithmetic;
mod itemise;
mod pool;

pub(super) use itemise::{Item, Work};

use crate::block::lanes::is_zero;
use crate::block::{Lane, splat};
use crate::finance::{Ledger, Part};
use crate::scenario::{Flexible, FlexiblePrice, Scenario, StrategyPlay};
use crate::supply::dispatch::{
    capacity_before, pool_capacity, serve_after, take_along_curve, take_from_chips,
};
use crate::units::HOURS_PER_MONTH;
use crate::workload::shape::{BLOCKS, SHARES};

use arithmetic::{
    add_product, add_ratio, add_rest, add_scaled, add_share, buy, left_over, scaled,
    spare_chips, take_flat, take_pool,
};
use pool::{Pool, allowance, open_pool, pay_chips, price};

use super::play::{Machines, Market};

/// What is left of a workload's demand below this share is rounding.
const HAIR: f64 = 1e-9;

/// How a workload is served.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Route {
    /// In one pass: chips of its own, if any, then a pool without limit, if any.
    Alone { committed: Option<usize>, pool: Option<usize> },
    /// Block by block, with others.
    Shared,
    /// After all that cannot wait.
    Deferred,
}

impl Route {
    /// True if pool `i` serves alone what is served in one pass.
    fn is_alone_with(self, i: usize) -> bool {
        matches!(self, Self::Alone { pool: Some(p), .. } if p == i)
    }
}

/// The serving side of one strategy on a block of paths.
#[derive(Debug)]
pub(super) struct Service<'s> {
    scenario: &'s Scenario,
    strategy: &'s StrategyPlay,
    routes: Vec<Route>,
    /// Committed sources that serve one workload alone.
    alone: Vec<bool>,
    pub(super) sells_tokens: bool,
    /// Share of the month in each block, highest load first.
    shares: [f64; BLOCKS],
    pools: Vec<Pool>,
    left: Vec<Lane>,
    /// By committed source: chip-hours used this month.
    pub(super) used: Vec<Lane>,
    /// By workload: what nobody served.
    rest: Vec<Lane>,
    need: Lane,
    rest_now: Lane,
    before: Lane,
    take: Lane,
    cost: Lane,
    pub(super) mtok: Lane,
    /// Training runs finished this month, where some are asked for.
    runs: Lane,
    unserved_share: Lane,
    /// True where some work of this month went unserved.
    short: bool,
}

impl<'s> Service<'s> {
    pub(super) fn new(scenario: &'s Scenario, strategy: &'s StrategyPlay) -> Self {
        let workloads = scenario.workloads.len();
        let zero = || splat(0.0);
        let mut pools: Vec<_> =
            strategy.flexible.iter().map(|f| Pool::new(f, workloads)).collect();
        let flat = scenario.workloads.iter().all(|w| {
            w.deferrable || w.curve.multipliers.iter().all(|m| (m - 1.0).abs() < 1e-12)
        });
        let mut whole = [0.0; BLOCKS];
        whole[0] = 1.0;
        let routes: Vec<Route> =
            (0..workloads).map(|w| route(scenario, strategy, &pools, w)).collect();
        for (i, pool) in pools.iter_mut().enumerate() {
            let serves = (0..workloads).filter(|w| pool.serves(*w)).count();
            let free = strategy.flexible[i].fees.is_none();
            pool.alone =
                free && serves == 1 && routes.iter().any(|route| route.is_alone_with(i));
        }
        let is_alone = |i: usize| {
            let on = |r: &Route| matches!(r, Route::Alone { committed: Some(c), .. } if *c == i);
            routes.iter().any(on)
        };
        Self {
            scenario,
            strategy,
            alone: (0..strategy.committed.len()).map(is_alone).collect(),
            sells_tokens: scenario.workloads.iter().any(|w| w.mtok_per_unit.is_some()),
            routes,
            shares: if flat { whole } else { SHARES },
            pools,
            left: vec![zero(); strategy.committed.len()],
            used: vec![zero(); strategy.committed.len()],
            rest: vec![zero(); workloads],
            need: zero(),
            rest_now: zero(),
            before: zero(),
            take: zero(),
            cost: zero(),
            mtok: zero(),
            runs: zero(),
            unserved_share: zero(),
            short: false,
        }
    }

    /// True if work of some month may go unserved.
    pub(super) fn may_fall_short(&self) -> bool {
        (0..self.routes.len()).any(|w| self.falls_short(w))
    }

    fn falls_short(&self, w: usize) -> bool {
        self.pools.iter().all(|pool| pool.limited || !pool.serves(w))
    }

    /// Serves the work of a month; costs go to the ledger.
    pub(super) fn month(
        &mut self,
        market: &Market<'_>,
        machines: &[Machines],
        ledger: &mut Ledger,
    ) {
        self.open(market);
        for w in 0..self.routes.len() {
            if let Route::Alone { committed, pool } = self.routes[w] {
                self.serve_alone(w, committed, pool, market, machines);
            }
        }
        if self.routes.contains(&Route::Shared) {
            self.serve_shared(market, machines);
        }
        for w in 0..self.routes.len() {
            if self.routes[w] != Route::Deferred {
                self.pay(w, market, ledger);
            }
        }
        if self.routes.contains(&Route::Deferred) {
            self.serve_deferred(market, machines, ledger);
        }
        self.pay_fees(market, ledger);
    }

    /// Share of the month's work that went unserved, where any did on any path.
    pub(super) fn unserved_share(&self) -> Option<&Lane> {
        self.short.then_some(&self.unserved_share)
    }

    /// Training runs finished this month; nothing where none are asked for.
    pub(super) fn runs(&self) -> Option<&Lane> {
        self.scenario.workloads.iter().any(|w| w.run.is_some()).then_some(&self.runs)
    }

    /// Chip-hours that flexible sources delivered.
    pub(super) fn chip_pools(&self) -> impl Iterator<Item = &Lane> {
        let by_chip = |f: &Flexible| matches!(f.price, FlexiblePrice::Chips { .. });
        let pools = self.pools.iter().zip(&self.strategy.flexible);
        pools.filter(move |(_, f)| by_chip(f)).map(|(pool, _)| &pool.used_hours)
    }

    /// Tokens bought of APIs, 10⁶, on one path.
    pub(super) fn mtok_bought(&self, lane: usize) -> f64 {
        let pools = self.pools.iter().zip(&self.strategy.flexible);
        pools
            .filter(|(_, f)| matches!(f.price, FlexiblePrice::Tokens { .. }))
            .flat_map(|(pool, _)| pool.quotes.iter().zip(&self.scenario.workloads))
            .filter_map(|(quote, play)| {
                Some(quote.as_ref()?.served[lane] * play.mtok_per_unit?)
            })
            .sum()
    }

    /// Prices of the month, and nothing served yet.
    fn open(&mut self, market: &Market<'_>) {
        for (lane, alone) in self.used.iter_mut().zip(&self.alone) {
            // Who serves one workload alone writes the whole lane.
            if !alone {
                lane.fill(0.0);
            }
        }
        if self.sells_tokens {
            self.mtok.fill(0.0);
        }
        if self.scenario.accounts {
            self.runs.fill(0.0);
        }
        self.short = false;
        for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
            if !pool.alone {
                pool.used_hours.fill(0.0);
            }
            if flexible.fees.is_some() {
                pool.paid.fill(0.0);
                pool.units.fill(0.0);
            }
            if pool.monthly {
                allowance(&mut pool.chips, flexible, self.scenario, market.future);
            }
            for (w, quote) in pool.quotes.iter_mut().enumerate() {
                let Some(quote) = quote else { continue };
                let by_chip = matches!(flexible.price, FlexiblePrice::Chips { .. });
                if by_chip && pool.alone {
                    // Nothing to choose between: paid at once, without a price a unit.
                    continue;
                }
                price(quote, flexible, w, market);
                if let (Some(mtok), true) =
                    (self.scenario.workloads[w].mtok_per_unit, pool.limited && !by_chip)
                {
                    quote.hours_per_unit.fill(mtok);
                }
                quote.served.fill(0.0);
            }
        }
    }

    fn serve_alone(
        &mut self,
        w: usize,
        committed: Option<usize>,
        pool: Option<usize>,
        market: &Market<'_>,
        machines: &[Machines],
    ) {
        let demand = &market.demand[w];
        let rest = match pool {
            Some(i) => match &mut self.pools[i].quotes[w] {
                Some(quote) => &mut quote.served,
                None => &mut self.rest[w],
            },
            None => &mut self.rest[w],
        };
        let chips = committed.and_then(|i| {
            Some((i, self.strategy.committed[i].conversions.get(w).copied().flatten()?))
        });
        let Some((i, conversion)) = chips else {
            rest.copy_from(demand);
            return;
        };
        let heights = &self.scenario.workloads[w].curve.multipliers;
        let one_block = self.shares[0] >= 1.0;
        let work: [f64; BLOCKS] = std::array::from_fn(|b| {
            if one_block { self.shares[b] } else { self.shares[b] * heights[b] }
        });
        let hair = if pool.is_some() { 0.0 } else { HAIR };
        if one_block {
            take_flat(
                demand,
                machines[i].capacity(),
                &market.hours_per_unit[conversion],
                &market.units_per_hour[conversion],
                hair,
                &mut self.used[i],
                rest,
            );
            return;
        }
        self.used[i].fill(0.0);
        take_along_curve(
            demand,
            machines[i].capacity(),
            &market.hours_per_unit[conversion],
            &work,
            &self.shares.map(|share| share * HOURS_PER_MONTH),
            hair,
            &mut self.used[i],
            rest,
        );
    }

    fn serve_shared(&mut self, market: &Market<'_>, machines: &[Machines]) {
        for (rest, route) in self.rest.iter_mut().zip(&self.routes) {
            if *route == Route::Shared {
                rest.fill(0.0);
            }
        }
        let one_block = self.shares[0] >= 1.0;
        for block in 0..if one_block { 1 } else { BLOCKS } {
            let share = self.shares[block];
            for (left, machines) in self.left.iter_mut().zip(machines) {
                left.copy_from(machines.capacity());
            }
            for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
                open_pool(&mut pool.chips, flexible, market);
            }
            for (w, play) in self.scenario.workloads.iter().enumerate() {
                if self.routes[w] != Route::Shared {
                    continue;
                }
                let height = if one_block { 1.0 } else { play.curve.multipliers[block] };
                scaled(&mut self.need, &market.demand[w], height * share);
                self.serve_block(w, HOURS_PER_MONTH * share, market);
            }
        }
    }

    /// Work that can wait, in the hours that chips and limited pools have left.
    fn serve_deferred(
        &mut self,
        market: &Market<'_>,
        machines: &[Machines],
        ledger: &mut Ledger,
    ) {
        for (i, machines) in machines.iter().enumerate() {
            left_over(&mut self.left[i], machines.capacity(), &self.used[i]);
        }
        for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
            open_pool(&mut pool.chips, flexible, market);
            if pool.limited && !pool.monthly {
                spare_chips(&mut pool.chips, &pool.used_hours);
            }
        }
        for w in 0..self.routes.len() {
            if self.routes[w] == Route::Deferred {
                self.rest[w].fill(0.0);
                self.need.copy_from(&market.demand[w]);
                self.serve_block(w, HOURS_PER_MONTH, market);
                self.pay(w, market, ledger);
            }
        }
    }

    /// Serves `self.need` of workload `w` within `hours` of the month.
    fn serve_block(&mut self, w: usize, hours: f64, market: &Market<'_>) {
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
        for pool in self.pools.iter_mut().filter(|pool| pool.limited) {
            if let Some(quote) = &pool.quotes[w] {
                if pool.monthly {
                    pool.capacity.copy_from(&pool.chips);
                    continue;
                }
                let hours_per_unit = &quote.hours_per_unit;
                pool_capacity(&mut pool.capacity, &pool.chips, hours_per_unit, hours);
            }
        }
        self.rest_now.copy_from(&self.need);
        for i in 0..self.pools.len() {
            self.serve_from_pool(i, w, hours);
        }
        if self.falls_short(w) {
            add_rest(&mut self.rest[w], &self.rest_now, &market.demand[w], HAIR);
        }
    }

    /// Pool `i` serves what cheaper ones leave of `self.need`.
    fn serve_from_pool(&mut self, i: usize, w: usize, hours: f64) {
        self.before.fill(0.0);
        let Some(own) = &self.pools[i].quotes[w] else { return };
        for (j, other) in self.pools.iter().enumerate() {
            if let Some(quote) = other.quotes[w].as_ref().filter(|_| j != i) {
                capacity_before(
                    &mut self.before,
                    &own.price,
                    &quote.price,
                    &other.capacity,
                    j < i,
                );
            }
        }
        let pool = &mut self.pools[i];
        let Some(quote) = &mut pool.quotes[w] else { return };
        serve_after(
            &self.need,
            &self.before,
            &pool.capacity,
            &mut self.take,
            &mut quote.served,
            &mut self.rest_now,
        );
        if pool.monthly {
            add_scaled(&mut pool.chips, &self.take, -1.0);
        } else if pool.limited {
            take_pool(&mut pool.chips, &self.take, &quote.hours_per_unit, hours);
        }
    }

    /// Pays for what pools served of a workload, and for what nobody did.
    fn pay(&mut self, w: usize, market: &Market<'_>, ledger: &mut Ledger) {
        for (pool, flexible) in self.pools.iter_mut().zip(&self.strategy.flexible) {
            let Some(quote) = &pool.quotes[w] else { continue };
            let by_chip = matches!(flexible.price, FlexiblePrice::Chips { .. });
            if by_chip && pool.alone {
                pay_chips(flexible, w, quote, &mut pool.used_hours, market, ledger);
                continue;
            }
            let part = ledger.part_mut(flexible.part());
            buy(&mut self.cost, part, &quote.served, &quote.price);
            ledger.add_variable(&self.cost);
            if flexible.fees.is_some() {
                add_scaled(&mut pool.paid, &self.cost, 1.0);
                add_scaled(&mut pool.units, &quote.served, 1.0);
            }
            if flexible.conversion(w).is_some() || (pool.limited && !pool.monthly) {
                add_product(&mut pool.used_hours, &quote.served, &quote.hours_per_unit);
            }
        }
        let play = &self.scenario.workloads[w];
        if let Some(mtok) = play.mtok_per_unit {
            add_scaled(&mut self.mtok, &market.demand[w], mtok);
        }
        let run = play.run.filter(|_| self.scenario.accounts);
        if let Some((units, tokens)) = run {
            let tokens = market.future.number(tokens);
            add_share(&mut self.runs, &market.demand[w], tokens, 1.0 / units);
        }
        if !self.falls_short(w) {
            return;
        }
        let penalty = market.future.number(play.unserved_usd_per_unit);
        let rest = &self.rest[w];
        if is_zero(rest) {
            return;
        }
        if !self.short {
            self.unserved_share.fill(0.0);
            self.short = true;
        }
        if let Some((units, tokens)) = run {
            let tokens = market.future.number(tokens);
            add_share(&mut self.runs, rest, tokens, -1.0 / units);
        }
        buy(&mut self.cost, ledger.part_mut(Part::Unserved), rest, penalty);
        ledger.add_variable(&self.cost);
        add_ratio(&mut self.unserved_share, rest, &market.demand[w], play.weight);
        if let Some(mtok) = play.mtok_per_unit {
            add_scaled(&mut self.mtok, rest, -mtok);
        }
    }
}

/// How workload `w` can be served.
fn route(
    scenario: &Scenario,
    strategy: &StrategyPlay,
    pools: &[Pool],
    w: usize,
) -> Route {
    let waits = |w: usize| scenario.workloads[w].deferrable;
    if waits(w) {
        return Route::Deferred;
    }
    let mut pools = pools.iter().enumerate().filter(|(_, pool)| pool.serves(w));
    let (pool, more) = (pools.next(), pools.next());
    let mut chips =
        strategy.committed.iter().enumerate().filter(|(_, c)| c.conversions[w].is_some());
    let (own, another) = (chips.next(), chips.next());
    let shared = own.is_some_and(|(_, c)| {
        let others = c.conversions.iter().enumerate();
        others.filter(|(v, c)| *v != w && c.is_some() && !waits(*v)).count() > 0
    });
    let limited = pool.is_some_and(|(_, pool)| pool.limited);
    if shared || limited || more.is_some() || another.is_some() {
        return Route::Shared;
    }
    Route::Alone { committed: own.map(|(i, _)| i), pool: pool.map(|(i, _)| i) }
}
