//! The table at which all strategies play one block of paths, month by month.
//!
//! Draws the future once, shows every strategy the same one, and notes what happens.
//! Read next: [`super::play`] for one strategy's month.

use crate::block::{LANES, Lane, splat};
use crate::finance::{Part, discount_factor};
use crate::scenario::{Flexible, FlexiblePrice, Scenario};
use crate::units::HOURS_PER_MONTH;

use super::break_even::BreakEven;
use super::play::Play;
use super::record::{PairRecord, Record};
use super::sight::Sight;
use super::sums::Sums;

/// Totals of one strategy over the months of a block.
#[derive(Debug)]
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

    fn clear(&mut self) {
        let of_run = [
            &mut self.cost,
            &mut self.variable,
            &mut self.hours,
            &mut self.mtok,
            &mut self.used_hours,
            &mut self.capacity_hours,
            &mut self.unserved,
            &mut self.capex_present,
        ];
        for lane in of_run.into_iter().chain(&mut self.parts) {
            lane.fill(0.0);
        }
    }

    /// Adds a month, discounted by `df`; `share` is a month's of the plan.
    fn add(&mut self, play: &Play<'_>, df: f64, tax_rate: f64, share: f64) {
        self.month_cash.fill(0.0);
        for part in &play.parts {
            let present = &mut self.parts[*part as usize];
            book(play.ledger.part(*part), df, &mut self.month_cash, present);
        }
        debug_assert!(self.holds_all_of(play), "bug: a part that is not listed");
        add_two_scaled(
            &mut self.cost,
            &self.month_cash,
            df,
            &mut self.variable,
            play.ledger.variable(),
            df * (1.0 - tax_rate),
        );
        add_two_scaled(
            &mut self.hours,
            &play.delivered_hours,
            df,
            &mut self.mtok,
            &play.service.mtok,
            df,
        );
        if play.is_committed() {
            let capex = play.ledger.part(Part::Capex);
            scaled(&mut self.capex_present, capex, df);
            add_scaled(&mut self.capex_year, capex, 1.0);
            add_two_scaled(
                &mut self.used_hours,
                &play.used_total,
                1.0,
                &mut self.capacity_hours,
                &play.capacity,
                HOURS_PER_MONTH,
            );
        }
        add_scaled(&mut self.opex_year, &play.opex, 1.0);
        if play.service.may_fall_short() {
            add_scaled(&mut self.unserved, &play.service.unserved_share, share);
        }
    }

    fn holds_all_of(&self, play: &Play<'_>) -> bool {
        let mut cash = splat(0.0);
        play.ledger.cash(&mut cash);
        (0..LANES).all(|i| {
            let size: f64 = Part::ALL.iter().map(|p| play.ledger.part(*p)[i].abs()).sum();
            let gap = (cash[i] - self.month_cash[i]).abs();
            !size.is_finite() || gap <= 1e-9 * size
        })
    }
}

/// Memory and state of one thread.
pub(super) struct Table<'s> {
    scenario: &'s Scenario,
    world: Sight<'s>,
    plays: Vec<Play<'s>>,
    totals: Vec<Totals>,
    /// First × second, first < second.
    pairs: Vec<Vec<BreakEven>>,
    scratch: Lane,
}

impl<'s> Table<'s> {
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        let n = scenario.strategies.len();
        let later = |a: usize| (a + 1..n).map(|_| BreakEven::new()).collect();
        Self {
            scenario,
            world: Sight::new(scenario),
            plays: scenario.strategies.iter().map(|s| Play::new(scenario, s)).collect(),
            totals: (0..n).map(|_| Totals::new()).collect(),
            pairs: (0..n).map(later).collect(),
            scratch: splat(0.0),
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
        self.world.begin(first);
        for play in &mut self.plays {
            play.begin(&self.world.future);
        }
        self.totals.iter_mut().for_each(Totals::clear);
        self.pairs.iter_mut().flatten().for_each(BreakEven::begin);
        for month in 0..self.scenario.months {
            self.world.look(month, valid, &mut record.shown);
            self.move_all(month, first, valid, record, sums);
            self.compare(month, first, valid, record);
        }
        self.finish(valid, record, sums);
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
        let share = 1.0 / f64::from(scenario.months);
        let index = month as usize;
        let (year, year_ends) =
            (index / 12, (month + 1).is_multiple_of(12) || month + 1 == scenario.months);
        for (s, play) in self.plays.iter_mut().enumerate() {
            play.month(&self.world.market(month, s));
            let totals = &mut self.totals[s];
            if month.is_multiple_of(12) {
                totals.capex_year.fill(0.0);
                totals.opex_year.fill(0.0);
            }
            totals.add(play, df, scenario.tax_rate, share);
            let note = &mut record.strategies[s];
            note.monthly_cost.note(index, first, &totals.month_cash[..valid]);
            note.cost_to_date.note(index, first, &totals.cost[..valid]);
            if play.is_committed() {
                note.chips.note(index, first, &play.capacity[..valid]);
                utilisation(&mut self.scratch, &play.used_total, &play.capacity);
                note.utilisation.note(index, first, &self.scratch[..valid]);
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
        for (a, pairs) in self.pairs.iter_mut().enumerate() {
            for (b, pair) in (a + 1..).zip(pairs) {
                let (x, y) = (&self.totals[a], &self.totals[b]);
                pair.step(
                    f64::from(month),
                    &x.cost,
                    &y.cost,
                    &x.capex_present,
                    &y.capex_present,
                );
                if let Some(series) = &mut record.pairs[a][b].gap {
                    series.note(month as usize, first, &pair.gap()[..valid]);
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
            for (i, pair) in sum.drivers.iter_mut().enumerate() {
                pair.record(&self.world.driver(i)[..valid], &totals.cost[..valid]);
            }
            // Beside tokens bought, a chip-hour would carry their cost, too: it has no price.
            let buys = |f: &Flexible| matches!(f.price, FlexiblePrice::Tokens { .. });
            if !self.scenario.strategies[s].flexible.iter().any(buys) {
                record_ratio(
                    &mut note.usd_per_chip_hour,
                    &totals.cost[..valid],
                    &totals.hours[..valid],
                );
            }
            record_ratio(
                &mut note.usd_per_mtok,
                &totals.cost[..valid],
                &totals.mtok[..valid],
            );
        }
        for (a, pairs) in self.pairs.iter().enumerate() {
            for (b, pair) in (a + 1..).zip(pairs) {
                sums.gaps[a][b].record(&pair.gap()[..valid]);
                let note = &mut record.pairs[a][b];
                note.total_gap.record(&pair.gap()[..valid]);
                record_crossing(note, &pair.crossing()[..valid]);
                let note = &mut record.pairs[b][a];
                scaled(&mut self.scratch, pair.gap(), -1.0);
                note.total_gap.record(&self.scratch[..valid]);
                record_crossing(note, &pair.crossing_back()[..valid]);
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

/// Notes when one strategy overtakes another, or that it never does.
fn record_crossing(note: &mut PairRecord, crossing: &[f64]) {
    let mut months = [0.0; LANES];
    let mut n = 0;
    for month in crossing.iter().filter(|month| month.is_finite()) {
        months[n] = *month;
        n += 1;
    }
    note.break_even.record(&months[..n]);
    note.never += (crossing.len() - n) as u64;
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

    fn add_two_scaled(
        out: &mut Lane, a: &Lane, by: f64, more: &mut Lane, b: &Lane, more_by: f64,
    ) {
        for i in 0..LANES {
            out[i] += by * a[i];
            more[i] += more_by * b[i];
        }
    }

    fn book(part: &Lane, df: f64, cash: &mut Lane, present: &mut Lane) {
        for i in 0..LANES {
            cash[i] += part[i];
            present[i] += df * part[i];
        }
    }

    fn difference(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] - b[i];
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
