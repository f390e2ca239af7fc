//! Sums over paths, kept by chunk and added in an order that the paths fix.
//!
//! Addition of floating-point numbers depends on its order; this is the only place of
//! the engine that adds over paths, and its order is fixed by the path numbers.

use serde::{Deserialize, Serialize};

use crate::block::LANES;
use crate::finance::Part;
use crate::scenario::Scenario;
use crate::stats::{Moments, PairMoments, Sum};

use super::flows::Flows;

/// Sums of one strategy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StrategySums {
    /// Net present cost.
    pub(crate) cost: Moments,
    /// Dearer than the best strategy of the same path by so much.
    pub(crate) regret: Moments,
    /// 1 where it is the cheapest, a share of 1 where several are.
    pub(crate) best: Moments,
    /// Present value of what does not move with the work served.
    pub(crate) fixed: Moments,
    /// Present value of what does.
    pub(crate) variable: Moments,
    /// Chip-hours delivered, discounted like the cost.
    pub(crate) hours: Moments,
    /// Tokens served, 10⁶, discounted like the cost.
    pub(crate) mtok: Moments,
    /// Hours used of committed chips, and chips there, added up over months.
    pub(crate) used_hours: Sum,
    pub(crate) capacity_chips: Sum,
    /// Share of the work nobody served, mean over the months.
    pub(crate) unserved: Moments,
    /// Cash by year, nominal.
    pub(crate) capex_by_year: Vec<Moments>,
    pub(crate) opex_by_year: Vec<Moments>,
    /// Present value of each part of the ledger.
    pub(crate) parts: [Moments; Part::ALL.len()],
    /// Flows by month, where accounts are kept.
    #[serde(default, skip_serializing_if = "Flows::is_empty")]
    pub(crate) flows: Flows,
    /// With each driver.
    pub(crate) drivers: Vec<PairMoments>,
}

/// All sums.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sums {
    pub(crate) strategies: Vec<StrategySums>,
    /// Difference of net present costs, first × second, first < second.
    pub(crate) gaps: Vec<Vec<Moments>>,
}

/// The sums of each replicate; of all paths together where each is independent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Replicates(Vec<Sums>);

impl Replicates {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let n = scenario.world.sampler().replicates();
        Self((0..n).map(|_| Sums::new(scenario)).collect())
    }

    /// The sums that the block of paths from `first` belongs to.
    pub(crate) fn of_block(&mut self, first: u64) -> &mut Sums {
        let n = self.0.len();
        let block = first / LANES as u64 % n as u64;
        &mut self.0[usize::try_from(block).unwrap_or(0)]
    }

    /// Adds the sums of the next chunk.
    pub(crate) fn add(&mut self, next: &Self) {
        for (a, b) in self.0.iter_mut().zip(&next.0) {
            a.add(b);
        }
    }

    /// The sums of all paths, replicate by replicate.
    pub(crate) fn total(&self) -> Sums {
        let (first, rest) = self.0.split_first().expect("bug: no replicate");
        let mut total = first.clone();
        for sums in rest {
            total.add(sums);
        }
        total
    }

    /// The mean of every replicate, where paths come in replicates.
    pub(crate) fn means(&self, pick: impl Fn(&Sums) -> &Moments) -> Option<Vec<f64>> {
        let means = || self.0.iter().map(|sums| pick(sums).mean()).collect();
        (self.0.len() > 1).then(means)
    }
}

impl Sums {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let years = scenario.years();
        let drivers = scenario.drivers().len();
        let n = scenario.strategies.len();
        let one = StrategySums {
            cost: Moments::default(),
            regret: Moments::default(),
            best: Moments::default(),
            fixed: Moments::default(),
            variable: Moments::default(),
            hours: Moments::default(),
            mtok: Moments::default(),
            used_hours: Sum::default(),
            capacity_chips: Sum::default(),
            unserved: Moments::default(),
            capex_by_year: vec![Moments::default(); years],
            opex_by_year: vec![Moments::default(); years],
            parts: std::array::from_fn(|_| Moments::default()),
            flows: Flows::default(),
            drivers: vec![PairMoments::default(); drivers],
        };
        let mut strategies = vec![one; n];
        for (s, sums) in strategies.iter_mut().enumerate() {
            sums.flows = Flows::new(scenario, s);
        }
        Self { strategies, gaps: vec![vec![Moments::default(); n]; n] }
    }

    /// Adds the sums of the next chunk.
    pub(crate) fn add(&mut self, next: &Self) {
        for (a, b) in self.strategies.iter_mut().zip(&next.strategies) {
            for (x, y) in [
                (&mut a.cost, &b.cost),
                (&mut a.regret, &b.regret),
                (&mut a.best, &b.best),
                (&mut a.fixed, &b.fixed),
                (&mut a.variable, &b.variable),
                (&mut a.hours, &b.hours),
                (&mut a.mtok, &b.mtok),
                (&mut a.unserved, &b.unserved),
            ] {
                x.merge(y);
            }
            a.used_hours.merge(b.used_hours);
            a.capacity_chips.merge(b.capacity_chips);
            add_all(&mut a.capex_by_year, &b.capex_by_year);
            add_all(&mut a.opex_by_year, &b.opex_by_year);
            add_all(&mut a.parts, &b.parts);
            a.flows.merge(&b.flows);
            for (x, y) in a.drivers.iter_mut().zip(&b.drivers) {
                x.merge(y);
            }
        }
        for (a, b) in self.gaps.iter_mut().zip(&next.gaps) {
            add_all(a, b);
        }
    }
}

fn add_all(a: &mut [Moments], b: &[Moments]) {
    for (x, y) in a.iter_mut().zip(b) {
        x.merge(y);
    }
}
