//! The bill of one path: what one strategy pays in each month, line by line.
//!
//! A path is a function of the seed and its number, so it can be played again alone and
//! every amount looked at. The present values of all lines add up to the net present cost
//! of the path. Read next: [`Bill`].

use serde::Serialize;

use crate::block::LANES;
use crate::finance::{Part, discount_factor};
use crate::scenario::{Committed, CommittedKind, Scenario, StrategyPlay, WorkloadPlay};
use crate::units::HOURS_PER_MONTH;

use super::play::{Market, Play};
use super::serve::{Item, Work};
use super::sight::Sight;

/// Paths among which the one nearest to a cost is looked for.
const LOOKED_AT: u64 = 8192;

/// One amount.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BillLine {
    /// Month, 0 is the first.
    pub month: u32,
    /// What is paid for.
    pub part: &'static str,
    /// To whom, where the part has several sources; empty for all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How much of it, where it can be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<f64>,
    /// Unit of the quantity.
    pub unit: &'static str,
    /// Amount, US dollars, nominal; receipts are below zero.
    pub amount: f64,
    /// Its present value.
    pub present: f64,
}

impl BillLine {
    /// Price of a unit, US dollars, where there is a quantity.
    pub fn unit_price(&self) -> Option<f64> {
        self.quantity.filter(|q| *q > 0.0).map(|q| self.amount / q)
    }
}

/// Chips of one's own at the end of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ChipCount {
    /// Arrived so far.
    pub arrived: f64,
    /// Failed for good so far.
    pub failed: f64,
    /// Sold so far, or gone back to a lessor.
    pub sold: f64,
    /// Standing.
    pub standing: f64,
    /// Chip-hours of the month used, of reserved chips, too.
    pub used_hours: f64,
}

/// Work of a workload in a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkDone {
    /// Workload.
    pub workload: String,
    /// Unit of the work.
    pub unit: &'static str,
    /// Asked for.
    pub demanded: f64,
    /// Served by committed chips.
    pub by_chips: f64,
    /// Served by sources paid by use.
    pub bought: f64,
    /// Served by nobody.
    pub unserved: f64,
    /// Chip-hours of committed chips a unit asks for; nothing where none can serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chip_hours_per_unit: Option<f64>,
}

/// What one strategy pays on one path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// Strategy.
    pub strategy: String,
    /// Number of the path.
    pub path: u64,
    /// Every amount that is not zero, by month.
    pub lines: Vec<BillLine>,
    /// Chips by month.
    pub chips: Vec<ChipCount>,
    /// By month, the work of every workload.
    pub work: Vec<Vec<WorkDone>>,
    /// Net present cost of the path: the sum of the present values.
    pub net_present_cost: f64,
}

/// Plays one strategy on the block that holds a path, and shows every month of it.
fn play_alone(
    scenario: &Scenario,
    strategy: usize,
    first: u64,
    mut each: impl FnMut(&Market<'_>, f64, &mut Play<'_>),
) {
    let mut world = Sight::new(scenario);
    let mut play = Play::new(scenario, &scenario.strategies[strategy]).counting();
    world.begin(first);
    play.begin(&world.future);
    if play.is_yardstick() {
        for month in 0..scenario.months {
            world.step(month);
            world.look(month);
            play.foresee(&world.market(month, strategy));
        }
        play.plan_ahead();
        world.begin(first);
        play.begin(&world.future);
    }
    for month in 0..scenario.months {
        world.step(month);
        world.look(month);
        let market = world.market(month, strategy);
        play.month(&market);
        each(&market, discount_factor(scenario.discount_rate, month), &mut play);
    }
}

/// The bill of a path.
///
/// `strategy` is a position in [`Scenario::strategies`]. **Units** US dollars; quantities
/// are chips that arrive or are sold, chips in working order, chip-hours rented, Mtok and
/// requests bought, seats. **Checked by**
/// `a_bill_adds_up_to_the_net_present_cost_of_its_path`.
pub fn bill(scenario: &Scenario, strategy: usize, path: u64) -> Bill {
    let first = path - path % LANES as u64;
    let lane = usize::try_from(path - first).unwrap_or(0);
    let played = &scenario.strategies[strategy];
    let mut bill = Bill {
        strategy: played.name.clone(),
        path,
        lines: Vec::new(),
        chips: Vec::new(),
        work: Vec::new(),
        net_present_cost: 0.0,
    };
    play_alone(scenario, strategy, first, |market, df, play| {
        let [arrived, failed, sold, standing] = play.counts().map(|count| count[lane]);
        let before = bill.chips.last().copied().unwrap_or_default();
        let used_hours = play.service.used.iter().map(|used| used[lane]).sum();
        bill.chips.push(ChipCount { arrived, failed, sold, standing, used_hours });
        let works = scenario.workloads.iter().enumerate();
        bill.work.push(
            works.map(|(w, work)| done(played, w, work, play, market, lane)).collect(),
        );
        let mut items = play.service.itemise(market, lane);
        items.extend(rents(played, play, lane));
        for part in Part::ALL {
            let amount = play.ledger.part(part)[lane];
            bill.net_present_cost += df * amount;
            let mut rest = amount;
            let mut push = |source: String, quantity: f64, unit, amount: f64| {
                bill.lines.push(BillLine {
                    month: market.month,
                    part: part.name(),
                    source,
                    quantity: (quantity > 0.0).then_some(quantity),
                    unit: if quantity > 0.0 { unit } else { "" },
                    amount,
                    present: df * amount,
                });
            };
            for item in items.iter().filter(|item| item.part == part) {
                rest -= item.amount;
                push(item.source.clone(), item.quantity, item.unit, item.amount);
            }
            // What is left is rounding where every source was itemised.
            if rest.abs() <= 1e-9 * amount.abs() || amount == 0.0 && rest == 0.0 {
                continue;
            }
            let is_last = market.month + 1 == scenario.months;
            let left = if is_last { left_to_sell(played, play, lane) } else { 0.0 };
            let (quantity, unit) = match part {
                Part::Capex => (arrived - before.arrived, "chips arriving"),
                Part::Resale => (sold - before.sold + left, "chips sold"),
                Part::Energy => (play.owned_hours(lane), "chip-hours used"),
                Part::Operation => (standing, "chips standing"),
                Part::Rent => (play.rented_hours(lane), "chip-hours"),
                Part::Tokens => (play.service.mtok_bought(lane), "Mtok"),
                Part::Unserved | Part::Debt | Part::Tax => (0.0, ""),
            };
            // Deposits, halls and land are paid before any chip is there.
            let early = part == Part::Capex && quantity <= 0.0;
            let source = match part {
                Part::Resale if left > 0.0 => "when the plan ends",
                _ if early => "before arrival",
                _ => "",
            };
            push(source.to_owned(), quantity, unit, rest);
        }
    });
    bill
}

/// Chips of one's own that stand when the plan ends, and are sold then.
fn left_to_sell(played: &StrategyPlay, play: &Play<'_>, lane: usize) -> f64 {
    let is_own = |c: &Committed| matches!(&c.kind, CommittedKind::Own(terms) if terms.lease.is_none());
    let own = played.committed.iter().enumerate().filter(|(_, c)| is_own(c));
    own.map(|(i, _)| play.standing_of(i, lane)).sum()
}

/// Rents of committed sources: reservations and operating leases.
fn rents(played: &StrategyPlay, play: &Play<'_>, lane: usize) -> Vec<Item> {
    let each = played.committed.iter().enumerate().map(|(i, committed)| {
        let chips = play.standing_of(i, lane);
        let (source, quantity, unit) = match &committed.kind {
            CommittedKind::Reserve(_) => ("reserved", hours_of(chips), "chip-hours"),
            CommittedKind::Own(_) => ("leased", chips, "chips standing"),
        };
        let amount = play.rent_of(i, lane);
        let part = Part::Rent;
        Item { part, source: source.to_owned(), quantity, unit, amount }
    });
    each.filter(|item| item.amount != 0.0).collect()
}

fn done(
    played: &StrategyPlay,
    w: usize,
    work: &WorkloadPlay,
    play: &Play<'_>,
    market: &Market<'_>,
    lane: usize,
) -> WorkDone {
    let Work { demanded, bought, unserved } = play.service.work(w, market, lane);
    let conversion = played.committed.iter().find_map(|c| c.conversions[w]);
    WorkDone {
        workload: work.name.clone(),
        unit: work.unit,
        demanded,
        by_chips: demanded - bought - unserved,
        bought,
        unserved,
        chip_hours_per_unit: conversion.map(|c| market.hours_per_unit[c][lane]),
    }
}

/// The path whose net present cost of a strategy is nearest to `cost`, among the first
/// 8,192; of equal ones the first.
pub fn nearest_path(scenario: &Scenario, strategy: usize, cost: f64) -> u64 {
    let mut best = (f64::INFINITY, 0);
    for first in (0..scenario.paths.min(LOOKED_AT)).step_by(LANES) {
        let mut totals = [0.0; LANES];
        play_alone(scenario, strategy, first, |_, df, play| {
            for part in Part::ALL {
                let lanes = play.ledger.part(part);
                for (total, amount) in totals.iter_mut().zip(lanes) {
                    *total += df * amount;
                }
            }
        });
        for (path, total) in (first..scenario.paths).zip(totals) {
            let off = (total - cost).abs();
            if off < best.0 {
                best = (off, path);
            }
        }
    }
    best.1
}

/// Chip-hours of a month of chips that are there.
fn hours_of(chips: f64) -> f64 {
    chips * HOURS_PER_MONTH
}
