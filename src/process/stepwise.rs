//! Stands still most months, then jumps: a list price.
//!
//! A provider's price is a decision, not a quote of the minute: four months in five
//! nothing happens, then it moves by a tenth. Whether it rises follows the market, when
//! it moves does not. Read next: [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::level_of;
use super::{Draws, Process, rows};
use crate::block::math::inverse_normal;
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::random::box_muller;
use crate::units::MONTHS_PER_YEAR;

const MOVE: u32 = 0;

/// A price that moves in few months, up or down by a random step.
///
/// ```text
/// ln I(n) = ln I(n − 1) + B J,    B ~ Bernoulli(p)
/// J ~ N(a↑, b↑²) where z > Φ⁻¹(1 − q), and N(a↓, b↓²) else,    z ~ N(0, 1)
/// ```
/// where `p` is `move_probability_per_month`, `q` is `up_share`, `a` and `b` are the log
/// means and standard deviations, and `z` is the month's innovation: what moves up
/// together in the market moves up together here. Over n months the logarithm's mean is
/// `n p m` and its variance `n p (v − p m²)`, with `m` and `v` the first two moments of
/// `J`. The median has no closed form.
///
/// **Shapes** one row: the logarithm. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201).
/// **Source** Merton (1976), Option pricing when underlying stock returns are
/// discontinuous, Journal of Financial Economics 3:125, without the diffusion. Defaults:
/// list prices of H100, A100 and H200 by provider, 2023–2026 (505 provider-months), moved
/// in 20–21 % of months (of B200: 31 %), by +8…+12 % and −6…−13 % in the median; equal shares and the
/// spread of 0.05 about the middle of those ranges are judgement.
/// **Checked by** `process::laws`, shares and steps below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stepwise {
    /// The chance that the price moves in a month. Default 0.2.
    pub move_probability_per_month: f64,
    /// The share of moves that go up. Default 0.5: no drift.
    pub up_share: f64,
    /// Mean logarithm of a move up. Default 0.095 (+10 %).
    pub up_log_mean: f64,
    /// Standard deviation of the logarithm of a move up. Default 0.05.
    pub up_log_sd: f64,
    /// Mean logarithm of a move down, below 0. Default −0.095 (−9 %).
    pub down_log_mean: f64,
    /// Standard deviation of the logarithm of a move down. Default 0.05.
    pub down_log_sd: f64,
}

impl Default for Stepwise {
    fn default() -> Self {
        Self {
            move_probability_per_month: 0.2,
            up_share: 0.5,
            up_log_mean: 0.095,
            up_log_sd: 0.05,
            down_log_mean: -0.095,
            down_log_sd: 0.05,
        }
    }
}

impl Check for Stepwise {
    fn check(&self, at: &mut Checker) {
        let moves = Uncertain::from(self.move_probability_per_month);
        at.share("move_probability_per_month", moves);
        at.share("up_share", Uncertain::from(self.up_share));
        at.non_negative("up_log_mean", Uncertain::from(self.up_log_mean));
        at.non_negative("up_log_sd", Uncertain::from(self.up_log_sd));
        let down = Uncertain::from(self.down_log_mean);
        at.ranged("down_log_mean", down, "zero or less", |x| x <= 0.0);
        at.non_negative("down_log_sd", Uncertain::from(self.down_log_sd));
    }
}

impl Process for Stepwise {
    fn state_rows(&self) -> usize {
        1
    }

    fn uses_innovation(&self) -> bool {
        true
    }

    fn begin(&self, _: &Draws, state: &mut [Lane]) {
        let [log] = rows::<1>(state);
        *log = splat(0.0);
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        draws: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let mut u = [splat(0.5); 4];
        draws.four_uniforms_at(month, MOVE, &mut u);
        let [log] = rows::<1>(state);
        let up = [self.up_log_mean, self.up_log_sd];
        let down = [self.down_log_mean, self.down_log_sd];
        let moves = self.move_probability_per_month;
        jump(moves, self.up_threshold(), up, down, z, &u, log, level);
    }

    fn median_at(&self, _: f64) -> Option<f64> {
        None
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let (p, q) = (self.move_probability_per_month, self.up_share);
        let mean = q * self.up_log_mean + (1.0 - q) * self.down_log_mean;
        let square = |a: f64, b: f64| a * a + b * b;
        let up = square(self.up_log_mean, self.up_log_sd);
        let down = square(self.down_log_mean, self.down_log_sd);
        let of_move = q * up + (1.0 - q) * down;
        Some(years * MONTHS_PER_YEAR * p * (of_move - p * mean * mean))
    }
}

impl Stepwise {
    /// A move goes up where the innovation is above this.
    fn up_threshold(&self) -> f64 {
        if self.up_share <= 0.0 {
            f64::INFINITY
        } else if self.up_share >= 1.0 {
            f64::NEG_INFINITY
        } else {
            inverse_normal(1.0 - self.up_share)
        }
    }
}

kernel! {
    fn jump(
        moves: f64,
        threshold: f64,
        up: [f64; 2],
        down: [f64; 2],
        z: &Lane,
        u: &[Lane; 4],
        log: &mut Lane,
        level: &mut Lane,
    ) {
        let [moved, _, radius, turn] = u;
        for i in 0..LANES {
            let (size, _) = box_muller(radius[i], turn[i]);
            let rise = up[0] + up[1] * size;
            let fall = down[0] + down[1] * size;
            let by = if z[i] > threshold { rise } else { fall };
            log[i] += if moved[i] < moves { by } else { 0.0 };
            level[i] = level_of(log[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    #[test]
    fn most_months_the_price_stands_still_and_the_rest_split_as_asked() {
        let list = Stepwise { up_share: 0.3, up_log_sd: 0.0, ..Stepwise::default() };
        let mut last: Option<Vec<f64>> = None;
        for (month, sample) in laws::sample(&list, &[6, 7]) {
            if let Some(before) = &last {
                let n = f64::from(u32::try_from(sample.len()).unwrap());
                let share = |is: &dyn Fn(f64) -> bool| {
                    let ratios = sample.iter().zip(before).map(|(now, then)| now / then);
                    f64::from(ratios.map(|x| u32::from(is(x))).sum::<u32>()) / n
                };
                // Two comparisons at 4 standard errors: one false alarm in 8,000 seeds.
                let moved = share(&|x| (x - 1.0).abs() > 1e-12);
                assert!((moved - 0.2).abs() < 4.0 * (0.2 * 0.8 / n).sqrt(), "{moved}");
                let up = share(&|x| (x.ln() - 0.095).abs() < 1e-9);
                assert!((up - 0.06).abs() < 4.0 * (0.06 * 0.94 / n).sqrt(), "{up}");
            }
            assert!(month <= 7);
            last = Some(sample);
        }
    }

    #[test]
    fn a_price_that_only_rises_never_falls() {
        for (share, wanted_up) in [(1.0, true), (0.0, false)] {
            let one_way = Stepwise {
                up_share: share,
                up_log_sd: 0.0,
                down_log_sd: 0.0,
                ..Stepwise::default()
            };
            let (_, sample) = laws::sample(&one_way, &[12]).remove(0);
            assert!(sample.iter().all(|&x| if wanted_up { x >= 1.0 } else { x <= 1.0 }));
        }
    }

    #[test]
    fn by_default_there_is_no_drift_and_the_sizes_are_those_observed() {
        let list = Stepwise::default();
        assert!((list.up_log_mean + list.down_log_mean).abs() < 1e-15);
        assert!((1.08..=1.12).contains(&list.up_log_mean.exp()));
        assert!((0.87..=0.94).contains(&list.down_log_mean.exp()));
    }
}
