//! Commit the quantile of demand that prices of the day ask for: the newsvendor.
//!
//! A committed chip that is not needed costs what it costs; one that is missing costs the
//! difference to what is rented instead. Unlike `reserve_quantile`, whose share is
//! written down, this rule reads both prices every time it looks, on every path.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asks, Observed, SizingRule};
use crate::block::Lane;
use crate::block::math::{exp, ln};
use crate::input::{Check, Checker, Uncertain};
use crate::stats::normal_quantile;
use crate::workload::LoadCurve;
use crate::workload::shape::SHARES;

/// Commit the quantile of demand that prices of the day ask for.
///
/// ```text
/// φ = 1 − c/(p − v),   target = Q_φ of the load in an hour at arrival
/// ```
/// where `c` is what a committed chip costs a month, `v` what it costs more to run, `p`
/// the rent of a chip that does the same. The load is the forecast of the mean, normal
/// in its logarithm, times the load-duration curve.
///
/// **Source** Arrow, Harris, Marschak (1951), Optimal Inventory Policy, Econometrica 19(3).
/// **Checked by** `lognormal_demands_have_the_quantiles_of_the_closed_form`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Newsvendor {
    /// Months between reviews; demand is uncertain until the next one. Default 3.
    #[serde(default = "quarterly")]
    pub review_months: u32,
    /// Least share of the hours to cover, whatever prices say. Default 0.
    #[serde(default)]
    pub least_hours_covered: f64,
    /// Most of them. Default 0.99.
    #[serde(default = "nearly_all")]
    pub most_hours_covered: f64,
}

fn quarterly() -> u32 {
    3
}
fn nearly_all() -> f64 {
    0.99
}

impl Default for Newsvendor {
    fn default() -> Self {
        Self {
            review_months: quarterly(),
            least_hours_covered: 0.0,
            most_hours_covered: nearly_all(),
        }
    }
}

/// The standard normal distribution function.
fn normal_cdf(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The load over the forecast's median that is not exceeded with probability `share`,
/// when the logarithm of the forecast has the standard deviation `sigma`.
fn load_quantile(curve: &LoadCurve, sigma: f64, share: f64) -> f64 {
    let share = share.clamp(0.0, 1.0 - 1e-9);
    if sigma < 1e-9 {
        return curve.level_covering(share);
    }
    let covered = |x: f64| -> f64 {
        curve
            .multipliers
            .iter()
            .zip(SHARES)
            .map(|(m, s)| if *m > 0.0 { s * normal_cdf((x - ln(*m)) / sigma) } else { s })
            .sum()
    };
    let z = normal_quantile(share.max(1e-9)) * sigma;
    let highest = ln(curve.peak()) + z.abs() + 9.0 * sigma;
    let (mut low, mut high) = (-highest - 9.0, highest);
    if covered(low) >= share {
        return 0.0;
    }
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if covered(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    exp(f64::midpoint(low, high))
}

/// Shares at which quantiles are worked out; between them they are on a line.
const POINTS: usize = 64;

impl SizingRule for Newsvendor {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn asks(&self) -> Asks {
        Asks { prices: true, ..Asks::default() }
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        seen.forecast(1.0, out);
        let Some(prices) = seen.prices() else { return };
        let belief = seen.belief();
        let months = seen.mean_lead_months() + f64::from(self.review_months);
        let sigma = belief.spread_per_sqrt_year * (months / 12.0).sqrt();
        let (least, most) = (self.least_hours_covered, self.most_hours_covered);
        let step = (most - least) / crate::units::count(POINTS);
        let levels: Vec<f64> = (0..=POINTS)
            .map(|i| {
                let share = least + step * crate::units::count(i);
                if share > 0.0 { load_quantile(&belief.curve, sigma, share) } else { 0.0 }
            })
            .collect();
        for (i, out) in out.iter_mut().enumerate() {
            let saved = prices.rent_usd_per_month[i] - prices.run_usd_per_month[i];
            let cost = prices.commit_usd[i] / prices.term_months;
            let share = if saved > cost { 1.0 - cost / saved } else { 0.0 };
            let share = share.max(least).min(most);
            let place = if step > 0.0 { (share - least) / step } else { 0.0 };
            *out *= super::marginal::on_a_line(&levels, place);
        }
    }
}

impl Check for Newsvendor {
    fn check(&self, at: &mut Checker) {
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
        at.share("least_hours_covered", Uncertain::from(self.least_hours_covered));
        let least = self.least_hours_covered;
        at.ranged(
            "most_hours_covered",
            Uncertain::from(self.most_hours_covered),
            "at least `least_hours_covered` and at most 1",
            |x| x >= least && x <= 1.0,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Demand lognormal around 100: the fractile 1 − c/p of the closed form.
    #[test]
    fn lognormal_demands_have_the_quantiles_of_the_closed_form() {
        for (committed, sigma, quantity) in
            [(0.6, 0.5, 88.102_123_37), (0.4, 1.0, 128.833_038_3)]
        {
            let found = 100.0 * load_quantile(&LoadCurve::FLAT, sigma, 1.0 - committed);
            assert!((found / quantity - 1.0).abs() < 1e-6, "{found} {quantity}");
        }
    }

    #[test]
    fn a_certain_demand_has_the_quantiles_of_its_curve() {
        let curve = LoadCurve::of(&crate::workload::Shape::AroundTheClock(
            crate::workload::shape::Bursts::default(),
        ));
        for share in [0.1, 0.3, 0.6, 0.9] {
            let sharp = curve.level_covering(share);
            let found = load_quantile(&curve, 1e-4, share);
            assert!((found / sharp - 1.0).abs() < 1e-2, "{found} {sharp}");
        }
    }
}
