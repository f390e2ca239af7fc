//! The table at which all strategies play one block of paths, month by month.
//!
//! Draws the future once, shows every strategy the same one, and notes what happens.
//! Read next: [`super::play`] for one strategy's month.

use crate::block::{LANES, Lane, splat};
use crate::finance::{Part, discount_factor};
use crate::scenario::{Driver, Scenario};
use crate::trajectory::Future;
use crate::units::HOURS_PER_MONTH;

use super::break_even::BreakEven;
use super::play::{Market, Play};
use super::record::Record;
use super::sums::Sums;

/// Totals of one strategy over the months of a block.
#[derive(Debug, Clone)]
struct Totals {
    cost: Lane,
    fixed: Lane,
    variable: Lane,
    hours: Lane,
    mtok: Lane,
    used_hours: Lane,
    capacity_hours: Lane,
    unserved: Lane,
    month_cash: Lane,
    capex_present: Lane,
    capex_year: Lane,
    opex_year: Lane,
    parts: [Lane; Part::ALL.len()],
}

impl Totals {
    fn new() -> Self {
        let zero = || splat(0.0);
        Self {
            cost: zero(),
            fixed: zero(),
            variable: zero(),
            hours: zero(),
            mtok: zero(),
            used_hours: zero(),
            capacity_hours: zero(),
            unserved: zero(),
            month_cash: zero(),
            capex_present: zero(),
            capex_year: zero(),
            opex_year: zero(),
            parts: std::array::from_fn(|_| splat(0.0)),
        }
    }
}

/// Memory and state of one thread.
pub(super) struct Table<'s> {
    scenario: &'s Scenario,
    future: Future<'s>,
    plays: Vec<Play<'s>>,
    totals: Vec<Totals>,
    pairs: Vec<Vec<BreakEven>>,
    demand: Vec<Lane>,
    hours_per_unit: Vec<Lane>,
    /// Strategy × committed source × month.
    needed: Vec<Vec<Vec<Lane>>>,
    drivers: Vec<Lane>,
    scratch: Lane,
    other: Lane,
}

impl<'s> Table<'s> {
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        let n = scenario.strategies.len();
        let zero = || splat(0.0);
        Self {
            scenario,
            future: Future::new(&scenario.world),
            plays: scenario.strategies.iter().map(|s| Play::new(scenario, s)).collect(),
            totals: vec![Totals::new(); n],
            pairs: (0..n).map(|_| (0..n).map(|_| BreakEven::new()).collect()).collect(),
            demand: vec![zero(); scenario.workloads.len()],
            hours_per_unit: vec![zero(); scenario.conversions.len()],
            needed: scenario
                .strategies
                .iter()
                .map(|s| {
                    s.committed
                        .iter()
                        .map(|_| Vec::with_capacity(scenario.months as usize))
                        .collect()
                })
                .collect(),
            drivers: vec![zero(); scenario.drivers().len()],
            scratch: zero(),
            other: zero(),
        }
    }

    /// Plays the block that starts at path `first`; `valid` of its lanes count.
    pub(super) fn play(
        &mut self,
        first: u64,
        valid: usize,
        record: &mut Record,
        sums: &mut Sums,
    ) {
        self.future.begin(first);
        for play in &mut self.plays {
            play.begin(&self.future);
        }
        self.totals.fill(Totals::new());
        for pair in self.pairs.iter_mut().flatten() {
            pair.begin();
        }
        for history in self.needed.iter_mut().flatten() {
            history.clear();
        }
        for lane in &mut self.drivers {
            lane.fill(0.0);
        }
        for month in 0..self.scenario.months {
            if month > 0 {
                self.future.step(month);
            }
            self.look(month, first, valid, record);
            self.move_all(month, first, valid, record, sums);
            self.compare(month, first, valid, record);
        }
        self.finish(valid, record, sums);
    }

    /// Works out demand, conversions and what is shown of the world this month.
    fn look(&mut self, month: u32, first: u64, valid: usize, record: &mut Record) {
        let scenario = self.scenario;
        for (demand, play) in self.demand.iter_mut().zip(&scenario.workloads) {
            demand.fill(play.base_units_per_month);
            for factor in &play.factors {
                multiply(demand, self.future.number(*factor));
            }
            multiply(demand, self.future.level(play.growth));
            multiply(demand, self.future.level(play.intensity));
        }
        for (hours, conversion) in
            self.hours_per_unit.iter_mut().zip(&scenario.conversions)
        {
            *hours = *self.future.number(conversion.hours_per_unit);
            divide(hours, self.future.level(conversion.software));
        }
        for (strategy, histories) in scenario.strategies.iter().zip(&mut self.needed) {
            for (committed, history) in strategy.committed.iter().zip(histories) {
                let mut needed = splat(0.0);
                for (w, conversion) in committed.conversions.iter().enumerate() {
                    if let Some(c) = conversion {
                        let hours = &self.hours_per_unit[*c];
                        chips_needed(&mut needed, &self.demand[w], hours);
                    }
                }
                history.push(needed);
            }
        }
        let index = month as usize;
        for (series, shown) in record.shown.iter_mut().zip(&scenario.shown) {
            match shown.workload {
                Some(w) => self.scratch = self.demand[w],
                None => self.scratch.fill(shown.base),
            }
            for number in &shown.numbers {
                multiply(&mut self.scratch, self.future.number(*number));
            }
            for level in &shown.times {
                multiply(&mut self.scratch, self.future.level(*level));
            }
            for number in &shown.over_numbers {
                divide(&mut self.scratch, self.future.number(*number));
            }
            for level in &shown.over {
                divide(&mut self.scratch, self.future.level(*level));
            }
            series.note(index, first, &self.scratch[..valid]);
        }
        let part = 1.0 / f64::from(scenario.months);
        for (lane, driver) in self.drivers.iter_mut().zip(scenario.drivers()) {
            let value = match driver {
                Driver::Number(id, _) => self.future.number(*id),
                Driver::Level(id, _) => self.future.level(*id),
            };
            add_scaled(lane, value, part);
        }
    }

    /// Lets every strategy play the month and notes its cash.
    fn move_all(
        &mut self,
        month: u32,
        first: u64,
        valid: usize,
        record: &mut Record,
        sums: &mut Sums,
    ) {
        let scenario = self.scenario;
        let df = discount_factor(scenario.discount_rate, month);
        let index = month as usize;
        let (year, year_ends) =
            (index / 12, (month + 1).is_multiple_of(12) || month + 1 == scenario.months);
        for (s, play) in self.plays.iter_mut().enumerate() {
            play.month(&Market {
                month,
                future: &self.future,
                demand: &self.demand,
                hours_per_unit: &self.hours_per_unit,
                needed: &self.needed[s],
            });
            let totals = &mut self.totals[s];
            play.ledger.cash(&mut totals.month_cash);
            add_scaled(&mut totals.cost, &totals.month_cash, df);
            let after_tax = df * (1.0 - scenario.tax_rate);
            add_scaled(&mut totals.variable, play.ledger.variable(), after_tax);
            let capex = play.ledger.part(Part::Capex);
            totals.capex_present.fill(0.0);
            add_scaled(&mut totals.capex_present, capex, df);
            play.ledger.opex(&mut self.scratch);
            if month.is_multiple_of(12) {
                totals.capex_year.fill(0.0);
                totals.opex_year.fill(0.0);
            }
            add_scaled(&mut totals.capex_year, capex, 1.0);
            add_scaled(&mut totals.opex_year, &self.scratch, 1.0);
            for part in Part::ALL {
                let lane = &mut totals.parts[part as usize];
                add_scaled(lane, play.ledger.part(part), df);
            }
            add_scaled(&mut totals.hours, &play.delivered_hours, df);
            add_scaled(&mut totals.mtok, &play.mtok, df);
            add_scaled(&mut totals.used_hours, &play.used_total, 1.0);
            add_scaled(&mut totals.capacity_hours, &play.capacity, HOURS_PER_MONTH);
            let share = 1.0 / f64::from(scenario.months);
            add_scaled(&mut totals.unserved, &play.unserved_share, share);
            let note = &mut record.strategies[s];
            note.monthly_cost.note(index, first, &totals.month_cash[..valid]);
            note.cost_to_date.note(index, first, &totals.cost[..valid]);
            if !scenario.strategies[s].committed.is_empty() {
                note.chips.note(index, first, &play.capacity[..valid]);
                utilisation(&mut self.other, &play.used_total, &play.capacity);
                note.utilisation.note(index, first, &self.other[..valid]);
            }
            if year_ends {
                note.capex_by_year[year].record(&totals.capex_year[..valid]);
                note.opex_by_year[year].record(&totals.opex_year[..valid]);
                let sum = &mut sums.strategies[s];
                sum.capex_by_year[year].record(&totals.capex_year[..valid]);
                sum.opex_by_year[year].record(&totals.opex_year[..valid]);
            }
        }
    }

    /// Compares every pair of strategies at the end of the month.
    fn compare(&mut self, month: u32, first: u64, valid: usize, record: &mut Record) {
        let n = self.totals.len();
        for a in 0..n {
            for b in (0..n).filter(|b| *b != a) {
                let (x, y) = (&self.totals[a], &self.totals[b]);
                self.pairs[a][b].step(
                    f64::from(month),
                    &x.cost,
                    &y.cost,
                    &x.capex_present,
                    &y.capex_present,
                );
                if let Some(series) = &mut record.pairs[a][b].gap {
                    difference(&mut self.scratch, &x.cost, &y.cost);
                    series.note(month as usize, first, &self.scratch[..valid]);
                }
            }
        }
    }

    /// Notes the totals of the block.
    fn finish(&mut self, valid: usize, record: &mut Record, sums: &mut Sums) {
        let mut best = splat(f64::INFINITY);
        for totals in &self.totals {
            least(&mut best, &totals.cost);
        }
        let mut ties = splat(0.0);
        for totals in &self.totals {
            count_best(&mut ties, &totals.cost, &best);
        }
        for (s, totals) in self.totals.iter_mut().enumerate() {
            difference(&mut totals.fixed, &totals.cost, &totals.variable);
            let (note, sum) = (&mut record.strategies[s], &mut sums.strategies[s]);
            note.net_present_cost.record(&totals.cost[..valid]);
            sum.cost.record(&totals.cost[..valid]);
            sum.fixed.record(&totals.fixed[..valid]);
            sum.variable.record(&totals.variable[..valid]);
            sum.hours.record(&totals.hours[..valid]);
            sum.mtok.record(&totals.mtok[..valid]);
            sum.used_hours.record(&totals.used_hours[..valid]);
            sum.capacity_hours.record(&totals.capacity_hours[..valid]);
            sum.unserved.record(&totals.unserved[..valid]);
            for (part, lane) in sum.parts.iter_mut().zip(&totals.parts) {
                part.record(&lane[..valid]);
            }
            difference(&mut self.scratch, &totals.cost, &best);
            sum.regret.record(&self.scratch[..valid]);
            share_of_best(&mut self.scratch, &totals.cost, &best, &ties);
            sum.best.record(&self.scratch[..valid]);
            for (pair, driver) in sum.drivers.iter_mut().zip(&self.drivers) {
                pair.record(&driver[..valid], &totals.cost[..valid]);
            }
            record_ratio(
                &mut note.usd_per_chip_hour,
                &totals.cost[..valid],
                &totals.hours[..valid],
            );
            record_ratio(
                &mut note.usd_per_mtok,
                &totals.cost[..valid],
                &totals.mtok[..valid],
            );
        }
        let n = self.totals.len();
        for a in 0..n {
            for b in (0..n).filter(|b| *b != a) {
                let pair = &mut record.pairs[a][b];
                difference(&mut self.scratch, &self.totals[a].cost, &self.totals[b].cost);
                pair.total_gap.record(&self.scratch[..valid]);
                if a < b {
                    sums.gaps[a][b].record(&self.scratch[..valid]);
                }
                let crossing = &self.pairs[a][b].crossing()[..valid];
                for month in crossing {
                    if month.is_finite() {
                        pair.break_even.record(&[*month]);
                    } else {
                        pair.never += 1;
                    }
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> Vec<[Lane; 4]> {
        self.plays.iter().map(Play::counts).collect()
    }
}

/// Notes cost over quantity, path by path, where there is any quantity.
fn record_ratio(sketch: &mut crate::stats::Sketch, cost: &[f64], quantity: &[f64]) {
    let mut ratios = [0.0; LANES];
    let mut n = 0;
    for (cost, quantity) in cost.iter().zip(quantity) {
        if *quantity > 0.0 {
            ratios[n] = cost / quantity;
            n += 1;
        }
    }
    sketch.record(&ratios[..n]);
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

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn difference(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] - b[i];
        }
    }

    fn chips_needed(out: &mut Lane, units: &Lane, hours_per_unit: &Lane) {
        for i in 0..LANES {
            out[i] += units[i] * hours_per_unit[i] / HOURS_PER_MONTH;
        }
    }

    fn utilisation(out: &mut Lane, used_hours: &Lane, capacity: &Lane) {
        for i in 0..LANES {
            let there = capacity[i] * HOURS_PER_MONTH;
            out[i] = if there > 0.0 { used_hours[i] / there } else { 0.0 };
        }
    }

    fn least(best: &mut Lane, cost: &Lane) {
        for i in 0..LANES {
            best[i] = best[i].min(cost[i]);
        }
    }

    fn count_best(ties: &mut Lane, cost: &Lane, best: &Lane) {
        for i in 0..LANES {
            ties[i] += if cost[i] <= best[i] { 1.0 } else { 0.0 };
        }
    }

    fn share_of_best(out: &mut Lane, cost: &Lane, best: &Lane, ties: &Lane) {
        for i in 0..LANES {
            out[i] = if cost[i] <= best[i] { 1.0 / ties[i] } else { 0.0 };
        }
    }
}
