//! Mean flows of a strategy month by month: what its accounts are made of.
//!
//! Kept only where a plan asks for accounts. Sums over paths, in the order of
//! [`super::sums`]; every account is linear in them. Read next: `accounts`.

use serde::{Deserialize, Serialize};

use crate::finance::Part;
use crate::scenario::Scenario;
use crate::stats::Sum;
use crate::supply::own::Asset;
use crate::units::count;

use super::play::Play;

/// Parts of the cash, then what else a month is known by.
const ROWS: usize = Part::ALL.len() + 3;
/// Chip-hours powered, of committed chips that stand and of others that work.
const POWERED: usize = Part::ALL.len();
/// Chip-hours delivered.
const DELIVERED: usize = POWERED + 1;
/// Training runs finished.
const RUNS: usize = DELIVERED + 1;

/// The sums of one strategy; none where no accounts are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Flows {
    months: Vec<[Sum; ROWS]>,
    /// Month by month of each source of one's own, in the order of the stack.
    assets: Vec<Vec<[Sum; Asset::ALL.len()]>>,
}

impl Flows {
    pub(crate) fn new(scenario: &Scenario, strategy: usize) -> Self {
        if !scenario.accounts {
            return Self::default();
        }
        let months = scenario.months as usize;
        let owned = scenario.strategies[strategy].own_terms().count();
        Self {
            months: vec![[Sum::default(); ROWS]; months],
            assets: vec![vec![[Sum::default(); Asset::ALL.len()]; months]; owned],
        }
    }

    /// True where no accounts are kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.months.is_empty()
    }

    /// Notes the month that a strategy has just played, on the paths that count.
    pub(super) fn note(&mut self, month: usize, play: &Play<'_>, valid: usize) {
        let Some(rows) = self.months.get_mut(month) else { return };
        for part in &play.parts {
            rows[*part as usize].add(&play.ledger.part(*part)[..valid]);
        }
        rows[POWERED].add(&play.powered_hours()[..valid]);
        rows[DELIVERED].add(&play.delivered_hours()[..valid]);
        if let Some(runs) = play.service.runs() {
            rows[RUNS].add(&runs[..valid]);
        }
        for (months, own) in self.assets.iter_mut().zip(play.owned()) {
            let Some(row) = months.get_mut(month) else { continue };
            for (asset, sum) in Asset::ALL.into_iter().zip(row) {
                if let Some(lane) = own.asset(month, asset) {
                    sum.add(&lane[..valid]);
                }
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (a, b) in self.months.iter_mut().zip(&other.months) {
            for (x, y) in a.iter_mut().zip(b) {
                x.merge(*y);
            }
        }
        let theirs = other.assets.iter().flatten();
        for (a, b) in self.assets.iter_mut().flatten().zip(theirs) {
            for (x, y) in a.iter_mut().zip(b) {
                x.merge(*y);
            }
        }
    }

    /// The means over so many paths; nothing where none were kept.
    pub(crate) fn means(&self, paths: u64) -> Option<MeanFlows> {
        let n = count(usize::try_from(paths).unwrap_or(usize::MAX));
        if self.months.is_empty() || paths == 0 {
            return None;
        }
        let row = |i: usize| self.months.iter().map(|m| m[i].value() / n).collect();
        let assets = self.assets.iter().map(|months| {
            let one = |i: usize| months.iter().map(|m| m[i].value() / n).collect();
            std::array::from_fn(one)
        });
        Some(MeanFlows {
            parts: std::array::from_fn(row),
            powered_hours: row(POWERED),
            delivered_hours: row(DELIVERED),
            runs: row(RUNS),
            assets: assets.collect(),
        })
    }
}

/// Means over paths, by month.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MeanFlows {
    /// Parts of the cash, US dollars, costs positive.
    pub(crate) parts: [Vec<f64>; Part::ALL.len()],
    pub(crate) powered_hours: Vec<f64>,
    pub(crate) delivered_hours: Vec<f64>,
    pub(crate) runs: Vec<f64>,
    /// Of each source of one's own.
    pub(crate) assets: Vec<[Vec<f64>; Asset::ALL.len()]>,
}

impl MeanFlows {
    pub(crate) fn part(&self, part: Part) -> &[f64] {
        &self.parts[part as usize]
    }

    /// All cash of a month.
    pub(crate) fn cash(&self) -> Vec<f64> {
        (0..self.powered_hours.len())
            .map(|m| self.parts.iter().map(|part| part[m]).sum())
            .collect()
    }
}
