//! Buy when it is worth it by enough: the trigger of an option to wait.
//!
//! Break-even arithmetic buys as soon as the value of a machine exceeds its price. Where
//! prices fall and values move, an order can wait, and waiting is worth something: buy
//! only when value over price passes a threshold above one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formula::trigger::{ValueAndCost, trigger_of_two};
use super::{Asks, Observed, SizingRule};
use crate::block::Lane;
use crate::block::math::exp;
use crate::input::{Check, Checker, Uncertain};
use crate::workload::LoadCurve;
use crate::workload::shape::SHARES;

/// Buy when it is worth it by enough.
///
/// ```text
/// target = N_½(t + L) · ℓ(h)  where V/I ≥ θ e^(δ L);  else what stands
/// V = (u p − v) (1 − e^(−(r − α) T)) / (r − α)
/// ```
/// where `I` is the price of a chip, `p` the rent it saves, `v` its running cost, `u` how
/// much of the time it is used, `T` its life, `α` the drift of value, `δ = r − α`, and `θ`
/// the `threshold`, or the best where it is left out ([`super::formula::trigger`]).
///
/// **Source** `McDonald` and Siegel (1986), The Value of Waiting to Invest, Quarterly
/// Journal of Economics 101(4); Dixit and Pindyck (1994), Investment under Uncertainty.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Value over price at which to buy; left out: the optimum for the next six.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// Discount rate `r`, log a year. Default 0.08.
    #[serde(default = "eight_percent")]
    pub discount_rate_per_year: f64,
    /// Drift of value (rent saved), log a year. Default 0.
    #[serde(default)]
    pub value_drift_per_year: f64,
    /// Its volatility. Default 0.2.
    #[serde(default = "a_fifth")]
    pub value_volatility_per_sqrt_year: f64,
    /// Drift of the price of the same speed, log a year. Default −0.22.
    #[serde(default = "falling")]
    pub price_drift_per_year: f64,
    /// Its volatility. Default 0.25.
    #[serde(default = "a_quarter")]
    pub price_volatility_per_sqrt_year: f64,
    /// Correlation of value and price. Default 0.
    #[serde(default)]
    pub correlation: f64,
    /// Share of the hours in which no other source should be needed. Default 0.95.
    #[serde(default = "most_hours")]
    pub hours_covered: f64,
    /// Months between reviews. Default 3.
    #[serde(default = "quarterly")]
    pub review_months: u32,
}

fn eight_percent() -> f64 {
    0.08
}
fn a_fifth() -> f64 {
    0.2
}
fn falling() -> f64 {
    -0.22
}
fn a_quarter() -> f64 {
    0.25
}
fn most_hours() -> f64 {
    0.95
}
fn quarterly() -> u32 {
    3
}

impl Default for Trigger {
    fn default() -> Self {
        Self {
            threshold: None,
            discount_rate_per_year: eight_percent(),
            value_drift_per_year: 0.0,
            value_volatility_per_sqrt_year: a_fifth(),
            price_drift_per_year: falling(),
            price_volatility_per_sqrt_year: a_quarter(),
            correlation: 0.0,
            hours_covered: most_hours(),
            review_months: quarterly(),
        }
    }
}

/// How much of the time chips are used that cover a level of the load.
pub(super) fn used_share(curve: &LoadCurve, level: f64) -> f64 {
    let served: f64 =
        curve.multipliers.iter().zip(SHARES).map(|(m, s)| s * m.min(level)).sum();
    if level > 0.0 { served / level } else { 0.0 }
}

/// Present value of a dollar a year over so many years, at a continuous rate.
pub(super) fn annuity_years(rate: f64, years: f64) -> f64 {
    if rate.abs() < 1e-9 { years } else { -f64::exp_m1(-rate * years) / rate }
}

impl Trigger {
    /// The threshold of an order that serves at once.
    fn at_once(&self) -> f64 {
        self.threshold.unwrap_or_else(|| {
            let cost_payout = self.discount_rate_per_year - self.price_drift_per_year;
            if cost_payout <= 0.0 {
                // A price that rises as fast as money is never waited for.
                return 1.0;
            }
            let best = trigger_of_two(ValueAndCost {
                value_payout: self.value_yield(),
                cost_payout,
                value_volatility: self.value_volatility_per_sqrt_year,
                cost_volatility: self.price_volatility_per_sqrt_year,
                correlation: self.correlation,
            });
            // The plan's check leaves nothing out of range.
            best.map_or(f64::INFINITY, |best| best.value_over_cost)
        })
    }

    fn value_yield(&self) -> f64 {
        self.discount_rate_per_year - self.value_drift_per_year
    }
}

impl SizingRule for Trigger {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn asks(&self) -> Asks {
        Asks { prices: true, ..Asks::default() }
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        let curve = &seen.belief().curve;
        let level = curve.level_covering(self.hours_covered);
        seen.forecast(level, out);
        let Some(prices) = seen.prices() else { return };
        let used = used_share(curve, level);
        let delta = self.value_yield();
        let years = prices.term_months / 12.0;
        let worth = annuity_years(delta, years);
        let threshold = self.at_once();
        let standing = seen.standing_at_arrival();
        for (i, out) in out.iter_mut().enumerate() {
            let lead = seen.lead_months().map_or(0.0, |lead| lead[i]);
            let saved = used * prices.rent_usd_per_month[i] - prices.run_usd_per_month[i];
            let value = 12.0 * saved * worth;
            let wanted = threshold * exp(delta * lead / 12.0) * prices.commit_usd[i];
            *out = if value >= wanted { *out } else { standing[i] };
        }
    }
}

impl Check for Trigger {
    fn check(&self, at: &mut Checker) {
        at.positive("threshold", self.threshold.map(Uncertain::from));
        at.non_negative(
            "discount_rate_per_year",
            Uncertain::from(self.discount_rate_per_year),
        );
        for (key, value) in [
            ("value_volatility_per_sqrt_year", self.value_volatility_per_sqrt_year),
            ("price_volatility_per_sqrt_year", self.price_volatility_per_sqrt_year),
        ] {
            at.non_negative(key, Uncertain::from(value));
        }
        for (key, value) in [
            ("value_drift_per_year", self.value_drift_per_year),
            ("price_drift_per_year", self.price_drift_per_year),
            ("correlation", self.correlation),
        ] {
            at.ranged(key, Uncertain::from(value), "between -1 and 1", |x| {
                (-1.0..=1.0).contains(&x)
            });
        }
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
        if self.threshold.is_some() {
            let standard = Self::default();
            for (key, given, default) in [
                (
                    "value_volatility_per_sqrt_year",
                    self.value_volatility_per_sqrt_year,
                    standard.value_volatility_per_sqrt_year,
                ),
                (
                    "price_drift_per_year",
                    self.price_drift_per_year,
                    standard.price_drift_per_year,
                ),
                (
                    "price_volatility_per_sqrt_year",
                    self.price_volatility_per_sqrt_year,
                    standard.price_volatility_per_sqrt_year,
                ),
                ("correlation", self.correlation, standard.correlation),
            ] {
                // What says what is so without it misleads nobody.
                if given.to_bits() != default.to_bits() {
                    at.idle(
                        key,
                        "it is for the best threshold, and one is given",
                        "leave `threshold` out, or this",
                    );
                }
            }
        }
        if self.threshold.is_none() && self.value_yield() <= 0.0 {
            at.at("value_drift_per_year", |at| {
                at.push(
                    "E0203",
                    "value that grows as fast as money makes waiting best for ever",
                    "write a drift below `discount_rate_per_year`, or a `threshold`"
                        .to_owned(),
                );
            });
        }
    }
}
