//! The table at which all strategies play one block of paths, month by month.
//!
//! Draws the future once, shows every strategy the same one, and notes what happens.
//! Read next: `play` for one strategy's month.

use crate::block::{LANES, Lane, splat};
use crate::finance::{Part, discount_factor};
use crate::scenario::Scenario;
use crate::stats::Sum;
use crate::units::HOURS_PER_MONTH;

use super::break_even::BreakEven;
use super::clock::{Clock, Stage};
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
    unserved: Lane,
    month_cash: Lane,
    /// Cash of the year by [`Books`].
    years: [Lane; 3],
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
            unserved: zero(),
            month_cash: zero(),
            years: std::array::from_fn(|_| splat(0.0)),
            parts: std::array::from_fn(|_| splat(0.0)),
        }
    }

    fn clear(&mut self) {
        let of_run = [
            &mut self.cost,
            &mut self.variable,
            &mut self.hours,
            &mut self.mtok,
            &mut self.unserved,
        ];
        for lane in of_run.into_iter().chain(&mut self.parts) {
            lane.fill(0.0);
        }
    }

    /// Adds a month, discounted by `df`; `share` is a month's of the plan.
    fn add(&mut self, play: &Play<'_>, df: f64, tax_rate: f64, share: f64) {
        self.account(play, df);
        debug_assert!(self.holds_all_of(play), "bug: a part that is not listed");
        add_two_scaled(
            &mut self.variable,
            play.ledger.variable(),
            df * (1.0 - tax_rate),
            &mut self.hours,
            play.delivered_hours(),
            df,
        );
        if play.service.sells_tokens {
            add_scaled(&mut self.mtok, &play.service.mtok, df);
        }
        if let Some(unserved) = play.service.unserved_share() {
            add_scaled(&mut self.unserved, unserved, share);
        }
    }

    /// The cash of the month, its present value, that of each part, and the year's books.
    fn account(&mut self, play: &Play<'_>, df: f64) {
        if play.parts.is_empty() {
            self.month_cash.fill(0.0);
        }
        for (k, parts) in play.parts.chunks(2).enumerate() {
            let onto = k > 0;
            let (cash, cost) = (&mut self.month_cash, &mut self.cost);
            match *parts {
                [a] => {
                    let present = &mut self.parts[a as usize];
                    let year = &mut self.years[Books::of(a) as usize];
                    let part = play.ledger.part(a);
                    account_one(onto, df, cash, cost, part, present, year);
                }
                [a, b] => {
                    let [pa, pb] = self
                        .parts
                        .get_disjoint_mut([a as usize, b as usize])
                        .expect("bug: a part that is listed twice");
                    let (x, y) = (play.ledger.part(a), play.ledger.part(b));
                    let (ka, kb) = (Books::of(a) as usize, Books::of(b) as usize);
                    if let Ok([ya, yb]) = self.years.get_disjoint_mut([ka, kb]) {
                        account_two(onto, df, cash, cost, x, pa, ya, y, pb, yb);
                    } else {
                        let year = &mut self.years[ka];
                        account_alike(onto, df, cash, cost, x, pa, y, pb, year);
                    }
                }
                _ => unreachable!("bug: chunks hold one or two"),
            }
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

/// Where the books of a year have a part.
#[derive(Debug, Clone, Copy)]
enum Books {
    Capex,
    Opex,
    Neither,
}

impl Books {
    fn of(part: Part) -> Self {
        match part {
            Part::Capex => Self::Capex,
            part if part.is_opex() => Self::Opex,
            _ => Self::Neither,
        }
    }
}

/// Nothing was bought.
static NOTHING: Lane = splat(0.0);

/// Memory and state of one thread.
pub(super) struct Table<'s> {
    scenario: &'s Scenario,
    world: Sight<'s>,
    plays: Vec<Play<'s>>,
    totals: Vec<Totals>,
    /// First × second, first < second.
    pairs: Vec<Vec<BreakEven>>,
    /// By month, what a dollar then is worth today.
    discount: Vec<f64>,
    scratch: Lane,
    pub(super) clock: Clock,
}

impl<'s> Table<'s> {
    pub(super) fn new(scenario: &'s Scenario, clock: Clock) -> Self {
        let n = scenario.strategies.len();
        let later = |a: usize| (a + 1..n).map(|_| BreakEven::new()).collect();
        Self {
            scenario,
            world: Sight::new(scenario),
            plays: scenario.strategies.iter().map(|s| Play::new(scenario, s)).collect(),
            totals: (0..n).map(|_| Totals::new()).collect(),
            pairs: (0..n).map(later).collect(),
            discount: (0..scenario.months)
                .map(|month| discount_factor(scenario.discount_rate, month))
                .collect(),
            scratch: splat(0.0),
            clock,
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
        self.clock.restart();
        self.world.begin(first);
        for play in &mut self.plays {
            play.begin(&self.world.future);
        }
        if self.plays.iter().any(Play::is_yardstick) {
            self.look_ahead(first);
        }
        self.totals.iter_mut().for_each(Totals::clear);
        self.pairs.iter_mut().flatten().for_each(BreakEven::begin);
        for month in 0..self.scenario.months {
            self.world.step(month);
            self.clock.lap(Stage::Future);
            self.world.look(month);
            self.clock.lap(Stage::Sight);
            self.world.note(month, valid, &mut record.shown);
            self.clock.lap(Stage::Count);
            self.move_all(month, first, valid, record, sums);
            self.compare(month, first, valid, record);
        }
        self.finish(first, valid, record, sums);
        self.clock.lap(Stage::Count);
    }

    /// Draws the block once ahead for yardsticks, and begins it again.
    fn look_ahead(&mut self, first: u64) {
        for month in 0..self.scenario.months {
            self.world.step(month);
            self.world.look(month);
            for (s, play) in self.plays.iter_mut().enumerate() {
                play.foresee(&self.world.market(month, s));
            }
        }
        for play in &mut self.plays {
            play.plan_ahead();
        }
        self.world.begin(first);
        for play in &mut self.plays {
            play.begin(&self.world.future);
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
        let index = month as usize;
        let df = self.discount[index];
        let share = 1.0 / f64::from(scenario.months);
        let (year, year_begins) = (scenario.year_of(month), scenario.begins_year(month));
        let year_ends = scenario.begins_year(month + 1) || month + 1 == scenario.months;
        for (s, play) in self.plays.iter_mut().enumerate() {
            play.month(&self.world.market(month, s));
            self.clock.lap(Stage::Play);
            let totals = &mut self.totals[s];
            if year_begins {
                totals.years.iter_mut().for_each(|year| year.fill(0.0));
            }
            totals.add(play, df, scenario.tax_rate, share);
            if scenario.accounts {
                sums.strategies[s].flows.note(index, play, valid);
            }
            self.clock.lap(Stage::Accounts);
            let note = &mut record.strategies[s];
            note.monthly_cost.note(index, first, &totals.month_cash[..valid]);
            note.cost_to_date.note(index, first, &totals.cost[..valid]);
            if play.is_committed() {
                let sum = &mut sums.strategies[s];
                let (used, there) = (&play.used()[..valid], &play.capacity()[..valid]);
                Sum::add_both(&mut sum.used_hours, used, &mut sum.capacity_chips, there);
                note.chips.note(index, first, &play.capacity()[..valid]);
                if note.utilisation.is_kept() {
                    utilisation(&mut self.scratch, play.used(), play.capacity());
                    note.utilisation.note(index, first, &self.scratch[..valid]);
                }
            }
            if year_ends {
                let [capex, opex, _] = &totals.years;
                note.capex_by_year.note(year, first, &capex[..valid]);
                note.opex_by_year.note(year, first, &opex[..valid]);
                let sum = &mut sums.strategies[s];
                sum.capex_by_year[year].record(&capex[..valid]);
                sum.opex_by_year[year].record(&opex[..valid]);
            }
            self.clock.lap(Stage::Count);
        }
    }

    /// Compares every pair of strategies at the end of the month.
    fn compare(&mut self, month: u32, first: u64, valid: usize, record: &mut Record) {
        let df = self.discount[month as usize];
        for (a, pairs) in self.pairs.iter_mut().enumerate() {
            for (b, pair) in (a + 1..).zip(pairs) {
                let (x, y) = (&self.totals[a].cost, &self.totals[b].cost);
                let paid = |s: usize| self.plays[s].paid_at_start().unwrap_or(&NOTHING);
                pair.step(f64::from(month), df, x, y, paid(a), paid(b));
                self.clock.lap(Stage::Compare);
                if let Some(series) = &mut record.pairs[a][b].gap {
                    series.note(month as usize, first, &pair.gap()[..valid]);
                }
                self.clock.lap(Stage::Count);
            }
        }
    }

    /// Notes the totals of the block.
    fn finish(&mut self, first: u64, valid: usize, record: &mut Record, sums: &mut Sums) {
        let mut best = splat(f64::INFINITY);
        // A yardstick is beaten by nobody and is no choice: the best is of the others.
        let runs = |(_, play): &(&Totals, &Play<'_>)| !play.is_yardstick();
        for (totals, _) in self.totals.iter().zip(&self.plays).filter(runs) {
            least(&mut best, &totals.cost);
        }
        let mut ties = splat(0.0);
        for (totals, _) in self.totals.iter().zip(&self.plays).filter(runs) {
            count_best(&mut ties, &totals.cost, &best);
        }
        if self.plays.iter().all(Play::is_yardstick) {
            best.fill(0.0);
        }
        for (s, totals) in self.totals.iter_mut().enumerate() {
            difference(&mut totals.fixed, &totals.cost, &totals.variable);
            let (note, sum) = (&mut record.strategies[s], &mut sums.strategies[s]);
            note.net_present_cost.note(&totals.cost[..valid]);
            note.total.note(0, first, &totals.cost[..valid]);
            sum.cost.record(&totals.cost[..valid]);
            sum.fixed.record(&totals.fixed[..valid]);
            sum.variable.record(&totals.variable[..valid]);
            sum.hours.record(&totals.hours[..valid]);
            sum.mtok.record(&totals.mtok[..valid]);
            sum.unserved.record(&totals.unserved[..valid]);
            for (part, lane) in sum.parts.iter_mut().zip(&totals.parts) {
                part.record(&lane[..valid]);
            }
            difference(&mut self.scratch, &totals.cost, &best);
            sum.regret.record(&self.scratch[..valid]);
            if self.plays[s].is_yardstick() {
                self.scratch.fill(0.0);
            } else {
                share_of_best(&mut self.scratch, &totals.cost, &best, &ties);
            }
            sum.best.record(&self.scratch[..valid]);
            for (i, pair) in sum.drivers.iter_mut().enumerate() {
                pair.record(&self.world.driver(i)[..valid], &totals.cost[..valid]);
            }
            // Beside tokens bought, a chip-hour would carry their cost, too: it has no price.
            if !self.scenario.strategies[s].buys_tokens() {
                let (ratios, n) = ratios(&totals.cost[..valid], &totals.hours[..valid]);
                note.usd_per_chip_hour.note(0, first, &ratios[..n]);
            }
            let (ratios, n) = ratios(&totals.cost[..valid], &totals.mtok[..valid]);
            note.usd_per_mtok.note(0, first, &ratios[..n]);
            if let Some(replicate) = note.replicate(first) {
                replicate.net_present_cost.record(&totals.cost[..valid]);
                replicate.usd_per_mtok.record(&ratios[..n]);
            }
        }
        let costs = self.totals.iter().map(|totals| &totals.cost[..valid]);
        let drivers = 0..self.scenario.drivers().len();
        let drivers = drivers.map(|i| &self.world.driver(i)[..valid]);
        record.ranked.note(first, costs.chain(drivers));
        for (a, pairs) in self.pairs.iter().enumerate() {
            for (b, pair) in (a + 1..).zip(pairs) {
                sums.gaps[a][b].record(&pair.gap()[..valid]);
                let note = &mut record.pairs[a][b];
                note.total_gap.note(0, first, &pair.gap()[..valid]);
                record_crossing(note, first, &pair.crossing()[..valid]);
                let note = &mut record.pairs[b][a];
                record_crossing(note, first, &pair.crossing_back()[..valid]);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn cost(&self, s: usize) -> &Lane {
        &self.totals[s].cost
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> Vec<[Lane; 4]> {
        self.plays.iter().map(Play::counts).collect()
    }
}

/// Cost over quantity, path by path, and of how many paths: those with any quantity.
fn ratios(cost: &[f64], quantity: &[f64]) -> (Lane, usize) {
    let (mut ratios, mut n) = (splat(0.0), 0);
    for (cost, quantity) in cost.iter().zip(quantity) {
        if *quantity > 0.0 {
            ratios[n] = cost / quantity;
            n += 1;
        }
    }
    (ratios, n)
}

/// Notes when one strategy overtakes another, or that it never does.
fn record_crossing(note: &mut PairRecord, first: u64, crossing: &[f64]) {
    let mut months = [0.0; LANES];
    let mut n = 0;
    for month in crossing.iter().filter(|month| month.is_finite()) {
        months[n] = *month;
        n += 1;
    }
    note.break_even.note(0, first, &months[..n]);
    note.never += (crossing.len() - n) as u64;
}

crate::kernel! {
    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn add_two_scaled(
        out: &mut Lane, a: &Lane, by: f64, other: &mut Lane, b: &Lane, other_by: f64,
    ) {
        for i in 0..LANES {
            out[i] += by * a[i];
            other[i] += other_by * b[i];
        }
    }

    fn account_one(
        onto: bool, df: f64, cash: &mut Lane, cost: &mut Lane, a: &Lane,
        present: &mut Lane, year: &mut Lane,
    ) {
        for i in 0..LANES {
            cash[i] = (if onto { cash[i] } else { 0.0 }) + a[i];
            cost[i] += df * a[i];
            present[i] += df * a[i];
            year[i] += a[i];
        }
    }

    /// Two parts that the books have in two places.
    fn account_two(
        onto: bool, df: f64, cash: &mut Lane, cost: &mut Lane, a: &Lane,
        present: &mut Lane, year: &mut Lane, b: &Lane, present_b: &mut Lane,
        year_b: &mut Lane,
    ) {
        for i in 0..LANES {
            let both = a[i] + b[i];
            cash[i] = (if onto { cash[i] } else { 0.0 }) + both;
            cost[i] += df * both;
            present[i] += df * a[i];
            present_b[i] += df * b[i];
            year[i] += a[i];
            year_b[i] += b[i];
        }
    }

    /// Two parts that they have in one.
    fn account_alike(
        onto: bool, df: f64, cash: &mut Lane, cost: &mut Lane, a: &Lane,
        present: &mut Lane, b: &Lane, present_b: &mut Lane, year: &mut Lane,
    ) {
        for i in 0..LANES {
            let both = a[i] + b[i];
            cash[i] = (if onto { cash[i] } else { 0.0 }) + both;
            cost[i] += df * both;
            present[i] += df * a[i];
            present_b[i] += df * b[i];
            year[i] = (year[i] + a[i]) + b[i];
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
