//! The load-duration curve: for what share of the hours the load is how high.
//!
//! Peak-provisioned small services waste most of what they buy, so the shape of the
//! load often decides build against API more than the price of an hour. The week's
//! 168 hours are multiplied by gamma-distributed bursts, sorted, and cut into the fixed
//! blocks of [`SHARES`], finest at the peak. The mean of a curve is exactly 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Gamma};

use crate::input::{Check, Checker, Uncertain};
use crate::units::count;

/// Blocks of a load-duration curve.
pub const BLOCKS: usize = 8;

/// Share of the hours in each block, highest load first.
pub const SHARES: [f64; BLOCKS] = [0.005, 0.015, 0.03, 0.10, 0.15, 0.20, 0.25, 0.25];

/// Gamma quantiles per hour of the week when bursts are mixed in.
const BURST_POINTS: usize = 200;

/// How the load moves through the week, as a plan says it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// The same load every hour.
    Flat {},
    /// People at work: high on weekdays from nine to five.
    OfficeHours(Bursts),
    /// People everywhere: a mild evening peak, no weekend.
    AroundTheClock(Bursts),
    /// The 24 hours of a weekday, and what a weekend day is of it.
    Hourly(Hourly),
    /// A curve measured elsewhere: loads over their mean, each for an equal share.
    Loads(Loads),
}

/// Bursts within the hour.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// Standard deviation over mean of the load within an hour of the week.
    #[serde(default)]
    pub burst_variation: Option<f64>,
}

/// A weekday's hours.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hourly {
    /// Load of the 24 hours of a weekday, any scale.
    pub weekday: Vec<f64>,
    /// Load of a weekend day over a weekday's.
    #[serde(default)]
    pub weekend_share: Option<f64>,
    /// Standard deviation over mean of the load within an hour of the week.
    #[serde(default)]
    pub burst_variation: Option<f64>,
}

/// Measured loads.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loads {
    /// Loads of equally long spans, any scale, any order.
    pub values: Vec<f64>,
}

/// Weekday over weekend load of an enterprise image service: 2.9 to 1 (Alibaba `GenTD26`,
/// 24 days, hourly); the working day itself is a judgement.
const OFFICE: [f64; 24] = [
    0.10, 0.08, 0.08, 0.08, 0.10, 0.15, 0.30, 0.55, 0.85, 1.00, 1.05, 1.00, 0.85, 0.95,
    1.05, 1.00, 0.90, 0.70, 0.45, 0.35, 0.30, 0.25, 0.20, 0.15,
];
const OFFICE_WEEKEND: f64 = 1.0 / 2.9;
/// A worldwide audience; peak over mean 1.5 as in a public conversation trace (Azure LLM
/// inference trace 2023, conversations, one-minute peak over mean 1.51 with bursts).
const AROUND: [f64; 24] = [
    0.80, 0.74, 0.70, 0.70, 0.72, 0.78, 0.86, 0.94, 1.02, 1.08, 1.10, 1.10, 1.10, 1.12,
    1.14, 1.14, 1.14, 1.14, 1.16, 1.18, 1.16, 1.10, 1.00, 0.90,
];

/// Standard deviation over mean of one-minute load in the conversation trace above:
/// variance over mean 16 at 333 requests a minute gives √(16/333) = 0.22.
pub const DEFAULT_BURST_VARIATION: f64 = 0.22;

/// A load-duration curve on the fixed blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadCurve {
    /// Load over its mean in each block, highest first.
    pub multipliers: [f64; BLOCKS],
}

impl LoadCurve {
    /// The same load every hour.
    pub const FLAT: Self = Self { multipliers: [1.0; BLOCKS] };

    /// The curve of a shape.
    pub fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Flat {} => Self::FLAT,
            Shape::OfficeHours(b) => Self::of_week(
                &OFFICE,
                OFFICE_WEEKEND,
                b.burst_variation.unwrap_or(DEFAULT_BURST_VARIATION),
            ),
            Shape::AroundTheClock(b) => Self::of_week(
                &AROUND,
                1.0,
                b.burst_variation.unwrap_or(DEFAULT_BURST_VARIATION),
            ),
            Shape::Hourly(h) => Self::of_week(
                &h.weekday,
                h.weekend_share.unwrap_or(1.0),
                h.burst_variation.unwrap_or(DEFAULT_BURST_VARIATION),
            ),
            Shape::Loads(l) => Self::of_loads(&l.values),
        }
    }

    /// Mixes bursts into a week: five weekdays and two weekend days.
    fn of_week(weekday: &[f64], weekend_share: f64, burst_variation: f64) -> Self {
        let week = (0..7).flat_map(|day| {
            let share = if day < 5 { 1.0 } else { weekend_share };
            weekday.iter().map(move |x| x * share)
        });
        let bursts = burst_quantiles(burst_variation);
        let loads: Vec<f64> =
            week.flat_map(|x| bursts.iter().map(move |b| x * b)).collect();
        Self::of_loads(&loads)
    }

    /// Sorts loads of equally long spans and averages them over each block's share.
    pub fn of_loads(loads: &[f64]) -> Self {
        let mut sorted: Vec<f64> = loads.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let mean = sorted.iter().sum::<f64>() / count(sorted.len());
        if !(mean.is_finite() && mean > 0.0) {
            return Self::FLAT;
        }
        let span = 1.0 / count(sorted.len());
        let mut multipliers = [0.0; BLOCKS];
        let (mut from, mut index) = (0.0, 0);
        let mut left_in_span = span;
        for (block, share) in SHARES.iter().enumerate() {
            let mut left = *share;
            let mut total = 0.0;
            while left > 1e-15 && index < sorted.len() {
                let part = left.min(left_in_span);
                total += sorted[index] * part;
                left -= part;
                left_in_span -= part;
                from += part;
                if left_in_span <= 1e-15 {
                    index += 1;
                    left_in_span = span;
                }
            }
            multipliers[block] = total / share / mean;
        }
        debug_assert!(from <= 1.0 + 1e-9);
        // Rounding of the cuts may leave 1e-12: scale so that the mean is 1.
        let mean_now: f64 = multipliers.iter().zip(SHARES).map(|(m, s)| m * s).sum();
        Self { multipliers: multipliers.map(|m| m / mean_now) }
    }

    /// The load that is not exceeded for `share` of the hours, over the mean.
    pub fn level_covering(&self, share: f64) -> f64 {
        let mut covered = 0.0;
        for (m, s) in self.multipliers.iter().zip(SHARES).rev() {
            covered += s;
            if covered >= share - 1e-12 {
                return *m;
            }
        }
        self.multipliers[0]
    }

    /// Highest block over the mean.
    pub fn peak(&self) -> f64 {
        self.multipliers[0]
    }
}

/// Equally likely points of a gamma distribution of mean 1.
fn burst_quantiles(variation: f64) -> Vec<f64> {
    let shape = 1.0 / (variation * variation);
    match Gamma::new(shape, shape) {
        Ok(gamma) if variation > 1e-6 => (0..BURST_POINTS)
            .map(|i| gamma.inverse_cdf((count(i) + 0.5) / count(BURST_POINTS)))
            .collect(),
        _ => vec![1.0],
    }
}

impl Check for Shape {
    fn check(&self, at: &mut Checker) {
        let bursts = |at: &mut Checker, variation: Option<f64>| {
            at.ranged(
                "burst_variation",
                variation.map(Uncertain::from),
                "between 0 and 5",
                |x| (0.0..=5.0).contains(&x),
            );
        };
        match self {
            Self::Flat {} => {}
            Self::OfficeHours(b) => {
                at.at("office_hours", |at| bursts(at, b.burst_variation));
            }
            Self::AroundTheClock(b) => {
                at.at("around_the_clock", |at| bursts(at, b.burst_variation));
            }
            Self::Hourly(h) => at.at("hourly", |at| {
                bursts(at, h.burst_variation);
                at.non_negative("weekend_share", h.weekend_share.map(Uncertain::from));
                let wanted = "24 loads of zero or more, not all zero";
                check_loads(at, "weekday", &h.weekday, h.weekday.len() == 24, wanted);
            }),
            Self::Loads(l) => at.at("loads", |at| {
                let wanted = "loads of zero or more, not all zero";
                check_loads(at, "values", &l.values, !l.values.is_empty(), wanted);
            }),
        }
    }
}

fn check_loads(at: &mut Checker, key: &str, loads: &[f64], fits: bool, wanted: &str) {
    let fine = fits
        && loads.iter().all(|x| x.is_finite() && *x >= 0.0)
        && loads.iter().any(|x| *x > 0.0);
    if !fine {
        let name = at.name(key);
        at.at(key, |at| {
            let found = loads.len();
            at.push(
                "E0301",
                format!("`{name}` must hold {wanted}, found {found} values"),
                None,
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(curve: &LoadCurve) -> f64 {
        curve.multipliers.iter().zip(SHARES).map(|(m, s)| m * s).sum()
    }

    #[test]
    fn the_shares_of_the_blocks_add_up_to_all_hours() {
        assert!((SHARES.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn every_shape_has_mean_one_and_falls_from_its_peak() {
        let none = Bursts { burst_variation: None };
        for shape in [
            Shape::Flat {},
            Shape::OfficeHours(none.clone()),
            Shape::AroundTheClock(none),
            Shape::Hourly(Hourly {
                weekday: (0..24).map(f64::from).collect(),
                weekend_share: Some(0.2),
                burst_variation: Some(1.0),
            }),
            Shape::Loads(Loads { values: vec![1.0, 2.0, 9.0] }),
        ] {
            let curve = LoadCurve::of(&shape);
            assert!((mean(&curve) - 1.0).abs() < 1e-12, "{shape:?}");
            assert!(
                curve.multipliers.windows(2).all(|w| w[0] >= w[1] - 1e-12),
                "{shape:?}"
            );
        }
    }

    #[test]
    fn two_loads_for_half_the_time_each_cut_exactly() {
        let curve = LoadCurve::of_loads(&[3.0, 1.0]);
        assert!((curve.multipliers[0] - 1.5).abs() < 1e-12);
        assert!((curve.multipliers[7] - 0.5).abs() < 1e-12);
        assert!((curve.level_covering(0.5) - 0.5).abs() < 1e-12);
        assert!((curve.level_covering(0.76) - 1.5).abs() < 1e-12);
    }

    #[test]
    fn bursts_widen_the_peak_as_their_variance_says() {
        let calm = burst_quantiles(0.1);
        let wild = burst_quantiles(1.0);
        let variance = |v: &[f64]| {
            let m = v.iter().sum::<f64>() / count(v.len());
            v.iter().map(|x| (x - m).powi(2)).sum::<f64>() / count(v.len())
        };
        // Midpoint quantiles lose a little of the tail: within 5 %.
        assert!((variance(&calm).sqrt() / 0.1 - 1.0).abs() < 0.05);
        assert!((variance(&wild).sqrt() / 1.0 - 1.0).abs() < 0.05);
    }
}
