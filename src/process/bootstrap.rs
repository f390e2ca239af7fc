//! What happened before, in another order: blocks of a history's own changes.
//!
//! Keeps what no formula has: months that stand still, runs of rises, the one jump. Knows
//! nothing that the history has not seen; a short one makes a narrow band.
//! Read next: [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::level_of;
use super::{Draws, Process, rows};
use crate::block::math::inverse_normal;
use crate::block::{Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::units::count;

/// A history of fewer changes says too little to be drawn from.
const FEWEST_CHANGES: usize = 6;

/// A walk of blocks of monthly changes, drawn from a history with replacement.
///
/// ```text
/// ln I(n) = ln I(n − 1) + d[(b + (n − 1) mod L) mod N] − m + μ/12
/// ```
/// where `d` are the N `log_changes`, `L` is `block_months`, `b` the block's start, drawn
/// anew every L months, and `m` the mean of the changes where `drift_per_year` gives
/// another drift `μ`, else both are left out. The start is the block whose sum has the
/// rank of the month's innovation: what booms together in the market booms together here.
/// Over k whole blocks the variance of the logarithm is k times that of the blocks' sums.
///
/// **Shapes** two rows: logarithm, start. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201, E0203).
/// **Source** Künsch (1989), Annals of Statistics 17:1217; with a circle, Politis and
/// Romano (1992), A circular block-resampling procedure for stationary data.
/// **Checked by** `process::laws`, the blocks below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Changes of the logarithm from month to month, at least 6, in the order of time.
    pub log_changes: Vec<f64>,
    /// Months of a block. Default 6.
    #[serde(default = "half_a_year")]
    pub block_months: u32,
    /// Drift of the logarithm a year, in place of the history's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_per_year: Option<f64>,
}

fn half_a_year() -> u32 {
    6
}

impl Check for Bootstrap {
    fn check(&self, at: &mut Checker) {
        at.at("log_changes", |at| {
            for (i, &change) in self.log_changes.iter().enumerate() {
                let change = Uncertain::from(change);
                at.ranged(&i.to_string(), change, "between -20 and 20", |x| {
                    x.abs() <= 20.0
                });
            }
            let found = self.log_changes.len();
            if found < FEWEST_CHANGES {
                at.push(
                    "E0203",
                    format!("{found} changes are too few to draw from"),
                    format!("give at least {FEWEST_CHANGES} months of a history"),
                );
            }
        });
        let block = Uncertain::from(f64::from(self.block_months));
        at.ranged("block_months", block, "between 1 and 120", |x| {
            (1.0..=120.0).contains(&x)
        });
        let drift = self.drift_per_year.map(Uncertain::from);
        at.ranged("drift_per_year", drift, "a finite number", |_| true);
    }
}

impl Process for Bootstrap {
    fn state_rows(&self) -> usize {
        2
    }

    fn uses_innovation(&self) -> bool {
        true
    }

    fn begin(&self, _: &Draws, state: &mut [Lane]) {
        *rows::<2>(state) = [splat(0.0); 2];
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        _: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let [log, start] = rows::<2>(state);
        let place = month.saturating_sub(1) % self.block_months.max(1);
        if place == 0 {
            self.draw_starts(z, start);
        }
        let n = self.log_changes.len().max(1);
        let shift = self.shift();
        for ((log, start), level) in log.iter_mut().zip(start).zip(level) {
            let at = (index(*start) + place as usize) % n;
            *log += self.log_changes.get(at).copied().unwrap_or(0.0) + shift;
            *level = level_of(*log);
        }
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        (years <= 0.0).then_some(1.0)
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let blocks = years * 12.0 / f64::from(self.block_months.max(1));
        if (blocks - blocks.round()).abs() > 1e-9 {
            return None;
        }
        let sums = self.block_sums();
        let n = count(sums.len().max(1));
        let mean = sums.iter().sum::<f64>() / n;
        let variance = sums.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        Some(blocks * variance)
    }
}

impl Bootstrap {
    /// What is added to every change.
    fn shift(&self) -> f64 {
        let n = count(self.log_changes.len().max(1));
        let mean = self.log_changes.iter().sum::<f64>() / n;
        self.drift_per_year.map_or(0.0, |drift| drift / 12.0 - mean)
    }

    /// The sum of the block that begins at each change, around the circle.
    fn block_sums(&self) -> Vec<f64> {
        let around = self.log_changes.iter().cycle();
        let length = self.block_months as usize;
        (0..self.log_changes.len())
            .map(|start| around.clone().skip(start).take(length).sum())
            .collect()
    }

    /// The start of each path's block: that of the rank of its innovation.
    fn draw_starts(&self, z: &Lane, start: &mut Lane) {
        let sums = self.block_sums();
        let mut order: Vec<usize> = (0..sums.len()).collect();
        order.sort_by(|&a, &b| sums[a].total_cmp(&sums[b]).then(a.cmp(&b)));
        let n = count(sums.len().max(1));
        let limits: Vec<f64> =
            (1..sums.len()).map(|k| inverse_normal(count(k) / n)).collect();
        for (start, z) in start.iter_mut().zip(z) {
            let rank = limits.partition_point(|limit| limit < z);
            *start = order.get(rank).map_or(0.0, |place| count(*place));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a start is a place in a list; the cast saturates"
)]
fn index(start: f64) -> usize {
    start as usize
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    #[test]
    fn a_block_is_a_stretch_of_the_history() {
        let changes = vec![0.0, 0.1, 0.2, 0.4, 0.8, 1.6];
        let process =
            Bootstrap { log_changes: changes, block_months: 2, drift_per_year: None };
        let (_, sample) = laws::sample(&process, &[2]).remove(0);
        let sums = process.block_sums();
        for level in &sample {
            let log = level.ln();
            assert!(sums.iter().any(|s| (s - log).abs() < 1e-12), "{log}");
        }
        // Each of six starts is drawn as often: the largest sum is 2.4.
        let share = 1.0 - laws::share_below(&sample, 2.3_f64.exp());
        let n = f64::from(u32::try_from(sample.len()).unwrap());
        let p = 1.0 / 6.0_f64;
        assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{share}");
    }

    #[test]
    fn a_given_drift_replaces_the_history_s() {
        let process = Bootstrap {
            log_changes: vec![0.5; 12],
            block_months: 6,
            drift_per_year: Some(-1.2),
        };
        let (_, sample) = laws::sample(&process, &[12]).remove(0);
        assert!(sample.iter().all(|x| (x.ln() + 1.2).abs() < 1e-12));
    }
}
