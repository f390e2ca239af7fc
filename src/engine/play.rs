//! One strategy on a block of paths: a month of orders, dispatch and cash.
//!
//! All memory is taken once; a month allocates nothing. The order within a month:
//! look and order, deliver and age, serve, pay, tax. Read next: `serve`.

use crate::block::{LANES, Lane, splat};
use crate::finance::{Ledger, Part};
use crate::scenario::{CommittedKind, Flexible, Scenario, StrategyPlay};
use crate::strategy::Observed;
use crate::supply::{Own, Reserve};
use crate::trajectory::Future;

use super::serve::Service;

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
    /// For each committed source of the strategy: chips needed, month by month; what
    /// comes after now is not there yet.
    pub(super) needed: &'a [Vec<Lane>],
}

/// One strategy on a block of paths.
#[derive(Debug)]
pub(super) struct Play<'s> {
    scenario: &'s Scenario,
    strategy: &'s StrategyPlay,
    machines: Vec<Machines>,
    pub(super) service: Service<'s>,
    lead: Lane,
    target: Lane,
    pub(super) ledger: Ledger,
    /// Parts of the ledger that this strategy can have anything in.
    pub(super) parts: Vec<Part>,
    pub(super) capacity: Lane,
    pub(super) used_total: Lane,
    pub(super) delivered_hours: Lane,
    /// Running costs of the month.
    pub(super) opex: Lane,
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
                        Machines::Reserve(Box::new(Reserve::new(terms.clone(), orders)))
                    }
                }
            })
            .collect();
        let service = Service::new(scenario, strategy);
        Self {
            scenario,
            strategy,
            machines,
            parts: parts(scenario, strategy, service.may_fall_short()),
            service,
            lead: splat(0.0),
            target: splat(0.0),
            ledger: Ledger::default(),
            capacity: splat(0.0),
            used_total: splat(0.0),
            delivered_hours: splat(0.0),
            opex: splat(0.0),
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
    }

    /// Plays one month; the results stand in the fields until the next.
    pub(super) fn month(&mut self, market: &Market<'_>) {
        self.ledger.clear();
        self.order_and_age(market);
        self.service.month(market, &self.machines, &mut self.ledger);
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
            let needed = &market.needed[i][..=market.month as usize];
            let rule = committed.sizing.rule();
            let reviews = rule.reviews(market.month);
            match &mut self.machines[i] {
                Machines::Own(own) => {
                    own.quote(market.month, market.future);
                    if reviews {
                        self.lead.copy_from_slice(own.lead_months());
                        let standing = own.standing_at_arrival(market.month);
                        let belief = &committed.belief;
                        let seen = Observed::new(needed, &self.lead, standing, belief);
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
                        let belief = &committed.belief;
                        let seen = Observed::new(needed, &self.lead, standing, belief);
                        rule.target(&seen, &mut self.target);
                        reserve.order(market.month, &self.target, market.future);
                    }
                    reserve.age(market.month, &mut self.ledger);
                }
            }
        }
    }

    fn settle(&mut self, market: &Market<'_>) {
        self.capacity.fill(0.0);
        self.used_total.fill(0.0);
        for (machines, used) in self.machines.iter_mut().zip(&self.service.used) {
            add_two(&mut self.capacity, machines.capacity(), &mut self.used_total, used);
            if let Machines::Own(own) = machines {
                own.power(used, market.future, &mut self.ledger);
            }
        }
        self.delivered_hours.copy_from_slice(&self.used_total);
        self.service.add_pool_hours(&mut self.delivered_hours);
        self.opex.fill(0.0);
        for part in self.parts.iter().filter(|part| part.is_opex()) {
            add(&mut self.opex, self.ledger.part(*part));
        }
    }

    fn tax(&mut self) {
        let rate = self.scenario.tax_rate;
        if rate == 0.0 {
            return;
        }
        let tax = self.ledger.part_mut(Part::Tax);
        add_scaled(tax, &self.opex, -rate);
        for machines in &self.machines {
            if let Machines::Own(own) = machines {
                own_tax(tax, own.depreciation(), own.interest(), own.gain(), rate);
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
                    add(sum, lane);
                }
            }
        }
        sums
    }
}

/// Parts of the ledger that a strategy can have anything in, in the ledger's order.
fn parts(scenario: &Scenario, strategy: &StrategyPlay, short: bool) -> Vec<Part> {
    let mut found: Vec<Part> = strategy.flexible.iter().map(Flexible::part).collect();
    for committed in &strategy.committed {
        match &committed.kind {
            CommittedKind::Own(terms) => {
                found.extend([Part::Capex, Part::Energy, Part::Operation, Part::Resale]);
                found.extend(terms.debt.map(|_| Part::Debt));
            }
            CommittedKind::Reserve(_) => found.push(Part::Rent),
        }
    }
    found.extend(short.then_some(Part::Unserved));
    found.extend((scenario.tax_rate != 0.0).then_some(Part::Tax));
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
