//! The bill of one path: what one strategy pays in each month, line by line.
//!
//! A path is a function of the seed and its number, so it can be played again alone and
//! every amount looked at. The present values of all lines add up to the net present cost
//! of the path. Read next: [`Bill`].

use serde::Serialize;

use crate::block::LANES;
use crate::finance::{Part, discount_factor};
use crate::scenario::Scenario;
use crate::units::HOURS_PER_MONTH;

use super::play::Play;
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

/// What one strategy pays on one path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// Strategy.
    pub strategy: String,
    /// Number of the path.
    pub path: u64,
    /// Every amount that is not zero, by month.
    pub lines: Vec<BillLine>,
    /// Net present cost of the path: the sum of the present values.
    pub net_present_cost: f64,
}

/// Plays one strategy on the block that holds a path, and shows every month of it.
fn play_alone(
    scenario: &Scenario,
    strategy: usize,
    first: u64,
    mut each: impl FnMut(u32, f64, &Play<'_>),
) {
    let mut world = Sight::new(scenario);
    let mut play = Play::new(scenario, &scenario.strategies[strategy]).counting();
    world.begin(first);
    play.begin(&world.future);
    for month in 0..scenario.months {
        world.step(month);
        world.look(month);
        play.month(&world.market(month, strategy));
        each(month, discount_factor(scenario.discount_rate, month), &play);
    }
}

/// The bill of a path.
///
/// `strategy` is a position in [`Scenario::strategies`]. **Units** US dollars; quantities
/// are chips that arrive or are sold, chips in working order, chip-hours rented, Mtok
/// bought. **Checked by** `a_bill_adds_up_to_the_net_present_cost_of_its_path`.
pub fn bill(scenario: &Scenario, strategy: usize, path: u64) -> Bill {
    let first = path - path % LANES as u64;
    let lane = usize::try_from(path - first).unwrap_or(0);
    let mut lines = Vec::new();
    let mut net_present_cost = 0.0;
    let mut before = [0.0; 4];
    play_alone(scenario, strategy, first, |month, df, play| {
        let counts = play.counts().map(|count| count[lane]);
        let fresh = |i: usize| counts[i] - before[i];
        for part in Part::ALL {
            let amount = play.ledger.part(part)[lane];
            net_present_cost += df * amount;
            if amount == 0.0 {
                continue;
            }
            let (quantity, unit) = match part {
                Part::Capex => (fresh(0), "chips arriving"),
                Part::Resale => (fresh(2), "chips sold"),
                Part::Energy => (play.owned_hours(lane), "chip-hours used"),
                Part::Operation => (counts[3], "chips standing"),
                Part::Rent => (play.rented_hours(lane), "chip-hours"),
                Part::Tokens => (play.service.mtok_bought(lane), "Mtok"),
                Part::Unserved | Part::Debt | Part::Tax => (0.0, ""),
            };
            lines.push(BillLine {
                month,
                part: part.name(),
                quantity: (quantity > 0.0).then_some(quantity),
                unit: if quantity > 0.0 { unit } else { "" },
                amount,
                present: df * amount,
            });
        }
        before = counts;
    });
    let strategy = scenario.strategies[strategy].name.clone();
    Bill { strategy, path, lines, net_present_cost }
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
pub(super) fn hours_of(chips: f64) -> f64 {
    chips * HOURS_PER_MONTH
}
