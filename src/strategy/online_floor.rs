//! Commit when renting has cost as much: the floor that needs no forecast.
//!
//! Looks only back: for every further chip, what would it have saved over the last term?
//! When that exceeds the price of a commitment, commit. Whatever demand does, the bill is
//! at most 2 − α times that of somebody who knew it all, and no rule without a forecast
//! can promise less; a strategy that claims to know more should beat it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formula::online::threshold_draw;
use super::marginal::Pile;
use super::{Asks, Observed, SizingRule};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};

/// Commit when renting has cost as much as committing would have.
///
/// ```text
/// order the greatest k with  Σ p · share(load > x + k) over the last term ≥ z · fee
/// z = 1/(1 − α);  randomised: drawn once a path ([`threshold_draw`])
/// ```
/// where `x` counts what was committed and what would have been had one known, `p` is the
/// rent of a chip-month, `fee` what a chip costs for its term, and `α` its running cost
/// over the rent.
///
/// **Source** Wang, Li, Liang (2013), To Reserve or Not to Reserve: Optimal Online
/// Multi-Instance Acquisition in `IaaS` Clouds, arXiv:1305.5608: 2 − α, e/(e − 1 + α).
/// **Checked by** `the_bill_is_within_its_ratio_of_the_best`, in `strategy::laws`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlineFloor {
    /// True to draw the threshold anew on every path, which promises e/(e − 1 + α) on
    /// average. Default false.
    #[serde(default)]
    pub randomised: bool,
    /// Running cost over rent; left out: of the prices of the day.
    #[serde(default)]
    pub alpha: Option<f64>,
    /// Months between reviews. Default 1.
    #[serde(default = "monthly")]
    pub review_months: u32,
}

fn monthly() -> u32 {
    1
}

impl Default for OnlineFloor {
    fn default() -> Self {
        Self { randomised: false, alpha: None, review_months: monthly() }
    }
}

/// What of a rent `alpha` stands for at most: beyond, committing never pays.
const MOST_ALPHA: f64 = 0.999;

impl SizingRule for OnlineFloor {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn asks(&self) -> Asks {
        Asks { prices: true, orders: true, luck: self.randomised, ..Asks::default() }
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        out.copy_from(seen.standing_at_arrival());
        let Some(prices) = seen.prices() else { return };
        let now = seen.now();
        let term = whole_months(prices.term_months);
        let first = (now + 1).saturating_sub(term);
        // What each month of the window has, or would have had by hindsight.
        let mut covered = vec![splat(0.0); now + 1 - first];
        for (s, order) in seen.ordered().iter().enumerate() {
            let (from, to) = ((s + 1).saturating_sub(term), s + term - 1);
            for (i, lane) in covered.iter_mut().enumerate() {
                if (from..=to).contains(&(first + i)) {
                    lane.iter_mut().zip(order).for_each(|(x, chips)| *x += chips);
                }
            }
        }
        let mut pile = Pile::default();
        for i in 0..LANES {
            let rent = prices.rent_usd_per_month[i];
            let run = prices.run_usd_per_month[i];
            if rent <= 0.0 {
                continue;
            }
            let alpha = self.alpha.unwrap_or(run / rent).clamp(0.0, MOST_ALPHA);
            let luck = seen.luck().filter(|_| self.randomised);
            // Both are shares; a draw may say: not in this term.
            let draw = luck.map_or(Ok(1.0), |luck| threshold_draw(alpha, luck[i]));
            let z = draw.unwrap_or(f64::INFINITY) / (1.0 - alpha);
            pile.clear();
            for (month, covered) in (first..).zip(&covered) {
                if let Some(needed) = seen.needed(now - month) {
                    pile.add(needed[i], covered[i], &seen.belief().curve, rent);
                }
            }
            out[i] += pile.height(z * prices.commit_usd[i]);
        }
    }
}

/// Whole months of a term, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a plan can play"
)]
fn whole_months(term: f64) -> usize {
    term.round().clamp(1.0, 1e4) as usize
}

impl Check for OnlineFloor {
    fn check(&self, at: &mut Checker) {
        at.ranged(
            "alpha",
            self.alpha.map(Uncertain::from),
            "0 or more and below 1",
            |x| (0.0..1.0).contains(&x),
        );
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}
