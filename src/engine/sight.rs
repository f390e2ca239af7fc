//! What every strategy sees of a block of futures: demand, conversions, and the charts.
//!
//! What does not move from month to month is multiplied together once a block.
//! Read next: [`crate::trajectory`] for where levels come from.

use crate::block::{LANES, Lane, splat};
use crate::scenario::{Driver, Scenario};
use crate::trajectory::Future;
use crate::units::HOURS_PER_MONTH;

use super::play::Market;
use super::record::Series;

/// The world of one block of paths, month by month.
pub(super) struct Sight<'s> {
    scenario: &'s Scenario,
    pub(super) future: Future<'s>,
    first: u64,
    /// By workload: work of a month at today's growth and intensity.
    work: Vec<Lane>,
    demand: Vec<Lane>,
    hours_per_unit: Vec<Lane>,
    /// Strategy × committed source × month, the months to come still empty.
    needed: Vec<Vec<Vec<Lane>>>,
    /// By chart: what does not move of it.
    shown: Vec<Lane>,
    /// By driver that is a level: its mean over the months.
    means: Vec<Lane>,
    scratch: Lane,
}

impl<'s> Sight<'s> {
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        let lanes = |n: usize| vec![splat(0.0); n];
        let months = scenario.months as usize;
        Self {
            scenario,
            future: Future::new(&scenario.world),
            first: 0,
            work: lanes(scenario.workloads.len()),
            demand: lanes(scenario.workloads.len()),
            hours_per_unit: lanes(scenario.conversions.len()),
            needed: scenario
                .strategies
                .iter()
                .map(|s| s.committed.iter().map(|_| lanes(months)).collect())
                .collect(),
            shown: lanes(scenario.shown.len()),
            means: lanes(scenario.drivers().len()),
            scratch: splat(0.0),
        }
    }

    /// Draws the block of paths that starts at `first`.
    pub(super) fn begin(&mut self, first: u64) {
        self.first = first;
        self.future.begin(first);
        for (work, play) in self.work.iter_mut().zip(&self.scenario.workloads) {
            work.fill(play.base_units_per_month);
            for factor in &play.factors {
                multiply(work, self.future.number(*factor));
            }
        }
        for (lane, shown) in self.shown.iter_mut().zip(&self.scenario.shown) {
            lane.fill(shown.base);
            for number in &shown.numbers {
                multiply(lane, self.future.number(*number));
            }
            for number in &shown.over_numbers {
                divide(lane, self.future.number(*number));
            }
        }
        for lane in &mut self.means {
            lane.fill(0.0);
        }
    }

    /// Works out demand and conversions, and notes what is shown of the world this month.
    pub(super) fn look(&mut self, month: u32, valid: usize, record: &mut [Series]) {
        if month > 0 {
            self.future.step(month);
        }
        let scenario = self.scenario;
        for ((demand, work), play) in
            self.demand.iter_mut().zip(&self.work).zip(&scenario.workloads)
        {
            let growth = self.future.level(play.growth);
            product(demand, work, growth, self.future.level(play.intensity));
        }
        for (hours, conversion) in
            self.hours_per_unit.iter_mut().zip(&scenario.conversions)
        {
            let today = self.future.number(conversion.hours_per_unit);
            quotient(hours, today, self.future.level(conversion.software));
        }
        self.note_needed(month as usize);
        for ((series, shown), fixed) in
            record.iter_mut().zip(&scenario.shown).zip(&self.shown)
        {
            let lane = if let Some(w) = shown.workload {
                &self.demand[w]
            } else {
                self.scratch.copy_from_slice(fixed);
                for level in &shown.times {
                    multiply(&mut self.scratch, self.future.level(*level));
                }
                for level in &shown.over {
                    divide(&mut self.scratch, self.future.level(*level));
                }
                &self.scratch
            };
            series.note(month as usize, self.first, &lane[..valid]);
        }
        let part = 1.0 / f64::from(scenario.months);
        for (lane, driver) in self.means.iter_mut().zip(scenario.drivers()) {
            if let Driver::Level(id, _) = driver {
                add_scaled(lane, self.future.level(*id), part);
            }
        }
    }

    /// Chips that the mean load of the month needs, for every committed source.
    fn note_needed(&mut self, month: usize) {
        for (strategy, histories) in self.scenario.strategies.iter().zip(&mut self.needed)
        {
            for (committed, history) in strategy.committed.iter().zip(histories) {
                let needed = &mut history[month];
                needed.fill(0.0);
                for (w, conversion) in committed.conversions.iter().enumerate() {
                    if let Some(c) = conversion {
                        chips_needed(needed, &self.demand[w], &self.hours_per_unit[*c]);
                    }
                }
            }
        }
    }

    /// The month as strategy `s` meets it.
    pub(super) fn market(&self, month: u32, s: usize) -> Market<'_> {
        Market {
            month,
            future: &self.future,
            demand: &self.demand,
            hours_per_unit: &self.hours_per_unit,
            needed: &self.needed[s],
        }
    }

    /// A driver of the result, after the last month: the number, or the level's mean.
    pub(super) fn driver(&self, i: usize) -> &Lane {
        match &self.scenario.drivers()[i] {
            Driver::Number(id, _) => self.future.number(*id),
            Driver::Level(..) => &self.means[i],
        }
    }
}

crate::kernel! {
    fn multiply(a: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            a[i] *= b[i];
        }
    }

    fn divide(a: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            a[i] /= b[i];
        }
    }

    fn product(out: &mut Lane, a: &Lane, b: &Lane, c: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] * b[i] * c[i];
        }
    }

    fn quotient(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] / b[i];
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn chips_needed(out: &mut Lane, units: &Lane, hours_per_unit: &Lane) {
        for i in 0..LANES {
            out[i] += units[i] * hours_per_unit[i] * (1.0 / HOURS_PER_MONTH);
        }
    }
}
