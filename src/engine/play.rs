//! One strategy on a block of paths: a month of orders, dispatch and cash.
//!
//! All memory is taken once; a month allocates nothing. The order within a month:
//! look and order, deliver and age, serve, pay, tax. Read next: `serve`.

mod counted;
mod owned;

use crate::block::{LANES, Lane, splat};
use crate::finance::{Ledger, Part};
use crate::random::Stream;
use crate::scenario::{Committed, CommittedKind, Flexible, Scenario, StrategyPlay};
use crate::strategy::{Asks, Observed, Prices};
use crate::supply::{Own, Reserve};
use crate::trajectory::Future;
use crate::units::HOURS_PER_MONTH;

use super::foresight::{Foresight, Term};
use super::serve::Service;
use owned::{foresee_own, want};

/// A committed source in play.
#[derive(Debug)]
pub(super) enum Machines {
    Own(Box<Own>),
    Reserve(Box<Reserve>),
}

impl Machines {
    pub(super) fn capacity(&self) -> &Lane {
        match self {
            Self::Own(own) => own.capacity(),
            Self::Reserve(reserve) => reserve.capacity(),
        }
    }
}

/// What the market is this month, shared by all strategies.
pub(super) struct Market<'a> {
    pub(super) month: u32,
    pub(super) future: &'a Future<'a>,
    /// Work of each workload this month, in its unit.
    pub(super) demand: &'a [Lane],
    /// Chip-hours per unit of each conversion this month.
    pub(super) hours_per_unit: &'a [Lane],
    /// Units that a chip-hour serves by each conversion this month.
    pub(super) units_per_hour: &'a [Lane],
    /// For each committed source of the strategy: which of `needs` is its own.
    pub(super) needed: &'a [usize],
    /// Chips needed, month by month; what comes after now is not there yet.
    pub(super) needs: &'a [Vec<Lane>],
}

/// What a rule is shown beside demand, where it asks.
#[derive(Debug)]
struct Shown {
    asks: Asks,
    luck_of: Stream,
    luck: Lane,
    commit_usd: Lane,
    run_usd: Lane,
    rent_usd: Lane,
    /// By month, chips ordered.
    orders: Vec<Lane>,
    /// The whole path, where the rule is a yardstick.
    foresight: Option<Foresight>,
}

/// One strategy on a block of paths.
#[derive(Debug)]
pub(super) struct Play<'s> {
    scenario: &'s Scenario,
    strategy: &'s StrategyPlay,
    machines: Vec<Machines>,
    pub(super) service: Service<'s>,
    /// By committed source.
    shown: Vec<Shown>,
    lead: Lane,
    target: Lane,
    pub(super) ledger: Ledger,
    /// Parts of the ledger that this strategy can have anything in.
    pub(super) parts: Vec<Part>,
    /// Sums over several committed sources; of one, the source's own lanes serve.
    capacity: Lane,
    used: Lane,
    /// True if chip-hours are not all delivered by one source.
    several_deliver: bool,
    delivered_hours: Lane,
    /// Chip-hours powered, where accounts are kept.
    powered_hours: Lane,
    /// Running costs of the month, where profit is taxed.
    opex: Lane,
    /// By committed source whose size is moved: what its rule is shown as needed.
    resized: Vec<Vec<Lane>>,
    /// Rent of the month by committed source, where it is counted.
    rents: Vec<Lane>,
    /// Paid for purchases at the month's start less what was borrowed for them, where
    /// anything can be.
    paid: Option<Lane>,
}

impl Shown {
    /// What a rule sees, with what it asks for beside demand.
    fn to<'a>(
        &'a self,
        seen: Observed<'a>,
        month: u32,
        term_months: f64,
    ) -> Observed<'a> {
        let mut seen = seen;
        if self.asks.prices {
            seen = seen.with_prices(Prices {
                commit_usd: &self.commit_usd,
                term_months,
                run_usd_per_month: &self.run_usd,
                rent_usd_per_month: &self.rent_usd,
            });
        }
        if self.asks.orders {
            seen = seen.with_orders(&self.orders[..month as usize]);
        }
        if self.asks.luck {
            seen = seen.with_luck(&self.luck);
        }
        if let Some(foresight) = &self.foresight {
            seen = seen.with_hindsight(&foresight.orders[month as usize]);
        }
        seen
    }
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
                    CommittedKind::Own(terms) => {
                        let own = Own::new(
                            (**terms).clone(),
                            scenario.months,
                            &scenario.world,
                            scenario.tax_rate != 0.0,
                        );
                        #[cfg(test)]
                        let own = own.counting();
                        Machines::Own(Box::new(own))
                    }
                    CommittedKind::Reserve(terms) => {
                        Machines::Reserve(Box::new(Reserve::new(terms.clone(), orders)))
                    }
                }
            })
            .collect();
        let shown = strategy.committed.iter().enumerate().map(|(i, c)| {
            let asks = c.sizing.rule().asks();
            let months = if asks.orders { scenario.months as usize } else { 0 };
            let name = format!("sizing.{}.{i}", strategy.name);
            Shown {
                asks,
                luck_of: Stream::new(scenario.seed, &name),
                luck: splat(0.0),
                commit_usd: splat(0.0),
                run_usd: splat(0.0),
                rent_usd: splat(0.0),
                orders: vec![splat(0.0); months],
                foresight: asks
                    .hindsight
                    .then(|| Foresight::new(scenario.months, scenario.discount_rate)),
            }
        });
        let shown = shown.collect();
        let resized = strategy.committed.iter().map(|c| {
            let is_moved = (c.size_factor - 1.0).abs() > 0.0;
            vec![splat(0.0); if is_moved { scenario.months as usize } else { 0 }]
        });
        let resized = resized.collect();
        let service = Service::new(scenario, strategy);
        let parts = parts(scenario, strategy, service.may_fall_short());
        let several_deliver =
            service.used.iter().chain(service.chip_pools()).nth(1).is_some();
        let borrows = |c: &Committed| matches!(&c.kind, CommittedKind::Own(own) if own.debt.is_some());
        let paid = strategy.committed.iter().any(borrows).then(|| splat(0.0));
        Self {
            scenario,
            strategy,
            machines,
            parts,
            several_deliver,
            service,
            shown,
            lead: splat(0.0),
            target: splat(0.0),
            ledger: Ledger::default(),
            capacity: splat(0.0),
            used: splat(0.0),
            delivered_hours: splat(0.0),
            powered_hours: splat(0.0),
            opex: splat(0.0),
            resized,
            rents: Vec::new(),
            paid,
        }
    }

    /// True if it has sources that are paid for whether used or not.
    pub(super) fn is_committed(&self) -> bool {
        !self.machines.is_empty()
    }

    pub(super) fn begin(&mut self, future: &Future<'_>) {
        for machines in &mut self.machines {
            match machines {
                Machines::Own(own) => own.begin(future),
                Machines::Reserve(reserve) => reserve.begin(),
            }
        }
        for shown in &mut self.shown {
            shown.orders.iter_mut().for_each(|lane| lane.fill(0.0));
            if shown.asks.luck {
                shown.luck_of.uniform(future.first_path(), 0, &mut shown.luck);
            }
        }
    }

    /// True for a yardstick, which looks ahead before it plays.
    pub(super) fn is_yardstick(&self) -> bool {
        self.shown.iter().any(|shown| shown.foresight.is_some())
    }

    /// Notes a month of the path ahead, for a yardstick.
    pub(super) fn foresee(&mut self, market: &Market<'_>) {
        let month = market.month as usize;
        for (i, shown) in self.shown.iter_mut().enumerate() {
            let Some(foresight) = &mut shown.foresight else { continue };
            let Some(known) = foresight.known.get_mut(month) else { continue };
            known.needed.copy_from(&market.needs[market.needed[i]][month]);
            resize(&mut known.needed, self.strategy.committed[i].size_factor);
            self.service.rent_of_a_chip(i, market, &mut known.rent_usd);
            match &mut self.machines[i] {
                Machines::Own(own) => {
                    foresee_own(own, market, self.scenario, foresight);
                }
                Machines::Reserve(reserve) => {
                    reserve.price(market.future, &mut known.commit_usd);
                    known.lead_months.fill(f64::from(reserve.lead_months()));
                }
            }
        }
    }

    /// Works out what a yardstick orders, once the whole path is noted.
    pub(super) fn plan_ahead(&mut self) {
        for ((shown, machines), committed) in
            self.shown.iter_mut().zip(&self.machines).zip(&self.strategy.committed)
        {
            let Some(foresight) = &mut shown.foresight else { continue };
            let term = match machines {
                Machines::Own(own) => {
                    Term { months: own.life_months(), cut: false, builds: own.builds() }
                }
                Machines::Reserve(reserve) => Term {
                    months: reserve.term_months() as usize,
                    cut: true,
                    builds: false,
                },
            };
            foresight.plan(&committed.belief.curve, term);
        }
    }

    /// Plays one month; the results stand in the fields until the next.
    pub(super) fn month(&mut self, market: &Market<'_>) {
        self.ledger.clear();
        self.order_and_age(market);
        self.service.month(market, &self.machines, &mut self.ledger);
        self.settle(market);
        if let Some(paid) = &mut self.paid {
            paid.copy_from(self.ledger.part(Part::Capex));
            for machines in &self.machines {
                let Machines::Own(own) = machines else { continue };
                if let Some((share, arrived)) = own.borrowed(market.month) {
                    borrow(paid, arrived, share);
                }
            }
        }
        if market.month + 1 == self.scenario.months {
            for (i, machines) in self.machines.iter_mut().enumerate() {
                let before = counted::before(&self.rents, &self.ledger);
                match machines {
                    Machines::Own(own) => {
                        own.close(market.month, market.future, &mut self.ledger);
                    }
                    Machines::Reserve(reserve) => {
                        reserve.close(market.month, &mut self.ledger);
                    }
                }
                counted::note(&mut self.rents, i, before.as_ref(), &self.ledger);
            }
        }
        self.tax();
    }

    fn order_and_age(&mut self, market: &Market<'_>) {
        for (i, committed) in self.strategy.committed.iter().enumerate() {
            let month = market.month as usize;
            let mut needed = &market.needs[market.needed[i]][..=month];
            if let Some(row) = self.resized[i].get_mut(month) {
                row.copy_from(&needed[month]);
                resize(row, committed.size_factor);
                needed = &self.resized[i][..=month];
            }
            let rule = committed.sizing.rule();
            let reviews = rule.reviews(market.month);
            let shown = &mut self.shown[i];
            if let Some(rent) = self.rents.get_mut(i) {
                rent.fill(0.0);
            }
            let before = counted::before(&self.rents, &self.ledger);
            if reviews && shown.asks.prices {
                self.service.rent_of_a_chip(i, market, &mut shown.rent_usd);
            }
            match &mut self.machines[i] {
                Machines::Own(own) => {
                    if let Some(after) = own.sells_after()
                        && market.month >= after
                    {
                        let last = needed.len() - after as usize;
                        let peak = committed.belief.curve.multipliers[0];
                        highest(&mut self.target, &needed[last..], peak);
                        own.sell_unneeded(
                            market.month,
                            &self.target,
                            market.future,
                            &mut self.ledger,
                        );
                    }
                    if reviews {
                        own.quote(market.month, market.future);
                        let target = &mut self.target;
                        let rate = self.scenario.discount_rate;
                        want(own, shown, committed, needed, market, rate, target);
                        if own.builds() && own.spares_a_hall(target, market.future) {
                            want(own, shown, committed, needed, market, rate, target);
                            own.fit_in(target, market.future);
                        }
                        own.order(
                            market.month,
                            &self.target,
                            market.future,
                            &mut self.ledger,
                        );
                        if let Some(row) = shown.orders.get_mut(market.month as usize) {
                            row.copy_from(own.ordered(market.month));
                        }
                    }
                    own.age(market.month, market.future, &mut self.ledger);
                }
                Machines::Reserve(reserve) => {
                    if reviews {
                        let months = reserve.lead_months();
                        self.lead.fill(f64::from(months));
                        let lead = (months > 0).then_some(&self.lead);
                        if shown.asks.prices {
                            reserve.price(market.future, &mut shown.commit_usd);
                            shown.run_usd.fill(0.0);
                        }
                        let term = f64::from(reserve.term_months());
                        let standing = reserve.standing_at_arrival(market.month);
                        let belief = &committed.belief;
                        let seen = Observed::new(needed, lead, standing, belief);
                        let seen = shown.to(seen, market.month, term);
                        rule.target(&seen, &mut self.target);
                        reserve.order(market.month, &self.target, market.future);
                        let row = shown.orders.get_mut(market.month as usize);
                        if let (Some(row), Some(chips)) = (row, reserve.ordered()) {
                            row.copy_from(chips);
                        }
                    }
                    reserve.age(market.month, &mut self.ledger);
                }
            }
            counted::note(&mut self.rents, i, before.as_ref(), &self.ledger);
        }
    }

    /// Committed chips in working order.
    pub(super) fn capacity(&self) -> &Lane {
        match self.machines.as_slice() {
            [only] => only.capacity(),
            _ => &self.capacity,
        }
    }

    /// Chip-hours delivered by committed sources and pools.
    pub(super) fn delivered_hours(&self) -> &Lane {
        let service = &self.service;
        let mut delivered = service.used.iter().chain(service.chip_pools());
        let only = delivered.next().filter(|_| !self.several_deliver);
        only.unwrap_or(&self.delivered_hours)
    }

    /// Chip-hours powered: of committed chips that stand, and of others that work.
    pub(super) fn powered_hours(&self) -> &Lane {
        &self.powered_hours
    }

    /// Sources of one's own, in the order of the stack.
    pub(super) fn owned(&self) -> impl Iterator<Item = &Own> {
        self.machines.iter().filter_map(|machines| match machines {
            Machines::Own(own) => Some(&**own),
            Machines::Reserve(_) => None,
        })
    }

    /// Hours of them used.
    pub(super) fn used(&self) -> &Lane {
        match self.service.used.as_slice() {
            [only] => only,
            _ => &self.used,
        }
    }

    /// What was paid for purchases at the start of this month, what was borrowed for them
    /// taken off; where anything could be.
    pub(super) fn paid_at_start(&self) -> Option<&Lane> {
        let capex = self.parts.contains(&Part::Capex);
        let capex = capex.then(|| self.ledger.part(Part::Capex));
        self.paid.as_ref().or(capex)
    }

    fn settle(&mut self, market: &Market<'_>) {
        for (machines, used) in self.machines.iter_mut().zip(&self.service.used) {
            if let Machines::Own(own) = machines {
                own.power(used, market.future, &mut self.ledger);
            }
        }
        if self.machines.len() > 1 {
            self.capacity.fill(0.0);
            self.used.fill(0.0);
            for (machines, used) in self.machines.iter().zip(&self.service.used) {
                add_two(&mut self.capacity, machines.capacity(), &mut self.used, used);
            }
        }
        let service = &self.service;
        let mut delivered = service.used.iter().chain(service.chip_pools());
        if self.several_deliver {
            sum(&mut self.delivered_hours, &mut delivered);
        }
        if self.scenario.accounts {
            self.powered_hours.fill(0.0);
            for machines in &self.machines {
                let there = match machines {
                    Machines::Own(own) => own.fleet(),
                    Machines::Reserve(reserve) => reserve.capacity(),
                };
                add_scaled(&mut self.powered_hours, there, HOURS_PER_MONTH);
            }
            self.service.chip_pools().for_each(|h| add(&mut self.powered_hours, h));
        }
    }

    /// Taxes the month, what the close of the plan booked included.
    fn tax(&mut self) {
        let rate = self.scenario.tax_rate;
        if rate == 0.0 {
            return;
        }
        let opex = self.parts.iter().filter(|part| part.is_opex());
        sum(&mut self.opex, opex.map(|part| self.ledger.part(*part)));
        let tax = self.ledger.part_mut(Part::Tax);
        add_scaled(tax, &self.opex, -rate);
        for machines in &self.machines {
            if let Machines::Own(own) = machines {
                own_tax(tax, own.depreciation(), own.interest(), own.gain(), rate);
            }
        }
    }
}

/// Adds lanes up.
fn sum<'a>(out: &mut Lane, mut lanes: impl Iterator<Item = &'a Lane>) {
    match (lanes.next(), lanes.next()) {
        (None, _) => out.fill(0.0),
        (Some(a), None) => out.copy_from(a),
        (Some(a), Some(b)) => {
            add_both(out, a, b);
            lanes.for_each(|lane| add(out, lane));
        }
    }
}

/// Parts of the ledger that a strategy can have anything in, in the ledger's order.
fn parts(scenario: &Scenario, strategy: &StrategyPlay, short: bool) -> Vec<Part> {
    let taxed = scenario.tax_rate != 0.0;
    let mut found: Vec<Part> = strategy.flexible.iter().map(Flexible::part).collect();
    for committed in &strategy.committed {
        match &committed.kind {
            CommittedKind::Own(terms) => {
                found.extend(Own::parts(terms, &scenario.world, taxed));
            }
            CommittedKind::Reserve(_) => found.push(Part::Rent),
        }
    }
    found.extend(short.then_some(Part::Unserved));
    found.extend(taxed.then_some(Part::Tax));
    found.sort_unstable();
    found.dedup();
    found
}

crate::kernel! {
    fn add(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] += a[i];
        }
    }

    fn add_both(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] + b[i];
        }
    }

    fn add_two(out: &mut Lane, a: &Lane, more: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] += a[i];
            more[i] += b[i];
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn own_tax(
        tax: &mut Lane, depreciation: &Lane, interest: &Lane, gain: &Lane, rate: f64,
    ) {
        for i in 0..LANES {
            tax[i] += rate * (gain[i] - depreciation[i] - interest[i]);
        }
    }
}

/// The highest of several lanes on each path, times `by`.
fn highest(out: &mut Lane, lanes: &[Lane], by: f64) {
    out.fill(0.0);
    for lane in lanes {
        at_least(out, lane, by);
    }
}

crate::kernel! {
    fn borrow(paid: &mut Lane, arrived: &Lane, share: f64) {
        for i in 0..LANES {
            paid[i] -= share * arrived[i];
        }
    }

    fn at_least(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            let x = by * a[i];
            out[i] = if x > out[i] { x } else { out[i] };
        }
    }

    fn resize(target: &mut Lane, factor: f64) {
        for chips in target {
            *chips *= factor;
        }
    }
}
