//! What every strategy sees of a block of futures: demand, conversions, and the charts.
//!
//! What does not move from month to month is multiplied together once a block.
//! Read next: [`crate::trajectory`] for where levels come from.

use crate::block::{LANES, Lane, splat};
use crate::scenario::{Drawn, Driver, Scenario};
use crate::trajectory::Future;
use crate::units::HOURS_PER_MONTH;

use super::play::Market;
use super::record::Series;

/// Months between those in which levels are sampled as drivers of the result.
const SAMPLED_EVERY: u32 = 3;

/// The world of one block of paths, month by month.
pub(super) struct Sight<'s> {
    scenario: &'s Scenario,
    pub(super) future: Future<'s>,
    first: u64,
    /// By workload: work of a month at today's growth and intensity.
    work: Vec<Lane>,
    demand: Vec<Lane>,
    hours_per_unit: Vec<Lane>,
    /// By conversion: what a chip-hour serves today, and this month.
    units_today: Vec<Lane>,
    units_per_hour: Vec<Lane>,
    /// Chips needed by what a committed source serves, month by month, the months to
    /// come still empty; sources that serve the same share one history.
    needs: Vec<Vec<Lane>>,
    /// The conversions of each.
    needs_of: Vec<Vec<usize>>,
    /// Strategy × committed source: which of `needs`.
    needed: Vec<Vec<usize>>,
    /// By chart: what does not move of it.
    shown: Vec<Lane>,
    /// By driver that is a level: its mean over every third month.
    means: Vec<Lane>,
    scratch: Lane,
}

impl<'s> Sight<'s> {
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        let lanes = |n: usize| vec![splat(0.0); n];
        let months = scenario.months as usize;
        let mut needs_of: Vec<Vec<usize>> = Vec::new();
        let mut place = |served: Vec<usize>| {
            let known = needs_of.iter().position(|s| *s == served);
            known.unwrap_or_else(|| {
                needs_of.push(served);
                needs_of.len() - 1
            })
        };
        let needed = scenario
            .strategies
            .iter()
            .map(|s| {
                let served = s.committed.iter().map(|c| c.conversions.iter().flatten());
                served.map(|c| place(c.copied().collect())).collect()
            })
            .collect();
        Self {
            scenario,
            future: Future::new(&scenario.world),
            first: 0,
            work: lanes(scenario.workloads.len()),
            demand: lanes(scenario.workloads.len()),
            hours_per_unit: lanes(scenario.conversions.len()),
            units_today: lanes(scenario.conversions.len()),
            units_per_hour: lanes(scenario.conversions.len()),
            needs: needs_of.iter().map(|_| lanes(months)).collect(),
            needs_of,
            needed,
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
        for (units, c) in self.units_today.iter_mut().zip(&self.scenario.conversions) {
            one_over(units, self.future.number(c.hours_per_unit));
        }
        for (lane, shown) in self.shown.iter_mut().zip(&self.scenario.shown) {
            let Drawn::Product(product) = &shown.drawn else { continue };
            lane.fill(product.base);
            for number in &product.numbers {
                multiply(lane, self.future.number(*number));
            }
            for number in &product.over_numbers {
                divide(lane, self.future.number(*number));
            }
        }
        for lane in &mut self.means {
            lane.fill(0.0);
        }
    }

    /// Brings the world to a month.
    pub(super) fn step(&mut self, month: u32) {
        if month > 0 {
            self.future.step(month);
        }
    }

    /// Works out demand and conversions of the month.
    pub(super) fn look(&mut self, month: u32) {
        let scenario = self.scenario;
        for ((demand, work), play) in
            self.demand.iter_mut().zip(&self.work).zip(&scenario.workloads)
        {
            let growth = self.future.level(play.growth);
            product(demand, work, growth, self.future.level(play.intensity));
        }
        for (i, conversion) in scenario.conversions.iter().enumerate() {
            let today = self.future.number(conversion.hours_per_unit);
            convert(
                today,
                &self.units_today[i],
                self.future.level(conversion.software),
                &mut self.hours_per_unit[i],
                &mut self.units_per_hour[i],
            );
        }
        self.note_needed(month as usize);
        self.sample(month);
    }

    /// Notes what is shown of the world this month.
    pub(super) fn note(&mut self, month: u32, valid: usize, record: &mut [Series]) {
        let scenario = self.scenario;
        for ((series, shown), fixed) in
            record.iter_mut().zip(&scenario.shown).zip(&self.shown)
        {
            if !series.is_kept() {
                continue;
            }
            let lane = match &shown.drawn {
                Drawn::Demand(w) => &self.demand[*w],
                Drawn::ChipsNeeded(c) => {
                    if let Some(i) = self.needs_of.iter().position(|of| of == &[*c]) {
                        &self.needs[i][month as usize]
                    } else {
                        let w = scenario.conversions[*c].workload;
                        let hours = &self.hours_per_unit[*c];
                        chips_needed(&mut self.scratch, false, &self.demand[w], hours);
                        &self.scratch
                    }
                }
                Drawn::Product(product) => {
                    self.scratch.copy_from(fixed);
                    for level in &product.times {
                        multiply(&mut self.scratch, self.future.level(*level));
                    }
                    for level in &product.over {
                        divide(&mut self.scratch, self.future.level(*level));
                    }
                    &self.scratch
                }
            };
            series.note(month as usize, self.first, &lane[..valid]);
        }
    }

    /// Notes levels as drivers of the result.
    fn sample(&mut self, month: u32) {
        let scenario = self.scenario;
        if !month.is_multiple_of(SAMPLED_EVERY) {
            return;
        }
        let part = 1.0 / f64::from(scenario.months.div_ceil(SAMPLED_EVERY));
        for (lane, driver) in self.means.iter_mut().zip(scenario.drivers()) {
            if let Driver::Level(id, _) = driver {
                add_scaled(lane, self.future.level(*id), part);
            }
        }
    }

    /// Chips that the mean load of the month needs, for every committed source.
    fn note_needed(&mut self, month: usize) {
        for (served, history) in self.needs_of.iter().zip(&mut self.needs) {
            let needed = &mut history[month];
            if served.is_empty() {
                needed.fill(0.0);
            }
            for (k, c) in served.iter().enumerate() {
                let w = self.scenario.conversions[*c].workload;
                let hours = &self.hours_per_unit[*c];
                chips_needed(needed, k > 0, &self.demand[w], hours);
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
            units_per_hour: &self.units_per_hour,
            needed: &self.needed[s],
            needs: &self.needs,
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

    fn one_over(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] = 1.0 / a[i];
        }
    }

    fn convert(
        hours_today: &Lane, units_today: &Lane, software: &Lane, hours: &mut Lane,
        units: &mut Lane,
    ) {
        for i in 0..LANES {
            hours[i] = hours_today[i] / software[i];
            units[i] = units_today[i] * software[i];
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn chips_needed(
        out: &mut Lane, onto: bool, units: &Lane, hours_per_unit: &Lane,
    ) {
        for i in 0..LANES {
            let others = if onto { out[i] } else { 0.0 };
            out[i] = others + units[i] * hours_per_unit[i] * (1.0 / HOURS_PER_MONTH);
        }
    }
}
