//! Which strategy, how sure, by how much.
//!
//! Strategies are ranked by mean net present cost on the same paths; what separates the
//! first two is a paired difference with its standard error, and when that error is too
//! large to tell them apart the answer is a tie. Break-even answers are a number,
//! *never* or *always*. Read next: [`crate::report`].

pub mod form;
pub mod information;
pub mod least_squares;
pub mod map;
pub mod option;
pub mod robust;
pub mod sensitivity;
mod worth;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::{Outcome, StrategyOutcome};
use crate::scenario::Scenario;

pub use worth::{Flexibility, Worth};

/// Standard errors by which two means must differ to be told apart: a false alarm once
/// in 370 comparisons.
const STANDARD_ERRORS: f64 = 3.0;

/// Most drivers listed.
const DRIVERS: usize = 6;

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Decision {
    /// Strategies by mean net present cost, cheapest first: positions in the outcome.
    #[serde(skip)]
    pub ranking: Vec<usize>,
    /// Their names, cheapest first.
    pub order: Vec<String>,
    /// What separates the first two; nothing where there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<Margin>,
    /// Break-even answers for ordered pairs.
    pub break_even: Vec<BreakEven>,
    /// What moves the difference of the first two most.
    pub drivers: Vec<DriverShare>,
    /// Yardsticks beside them, which know what no strategy can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub yardsticks: Vec<Yardstick>,
    /// What knowing the path and what deciding later would save.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
}

/// What a yardstick that knows the future would save: the value of a crystal ball.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Yardstick {
    /// Name in the plan.
    pub name: String,
    /// Mean net present cost, US dollars.
    pub net_present_cost: f64,
    /// What it costs less than the cheapest strategy, mean; nothing without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saving: Option<f64>,
    /// Standard error of the saving.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
}

/// The difference of the cheapest strategy and the next.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Margin {
    /// Cheapest.
    pub first: String,
    /// Next.
    pub second: String,
    /// Mean saving of the first, US dollars present value.
    pub saving: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// True where the sample cannot tell them apart.
    pub is_tie: bool,
    /// No difference larger than this, where it is a tie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_difference_within: Option<f64>,
}

/// A threshold: below it one answer, above it the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// At any value the first is no dearer.
    Always,
    /// At no possible value is it; the formula's value, where it has one.
    Never(Option<f64>),
    /// From this value on.
    At(f64),
}

/// When the first of two strategies pays.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BreakEven {
    /// First strategy.
    pub first: String,
    /// Second strategy.
    pub second: String,
    /// Months until its cost to date stays no higher: the median path's answer.
    pub months: Threshold,
    /// The same in hours of a month of 730.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<f64>,
    /// Probability that it never happens within the plan.
    pub never_probability: f64,
    /// Utilisation of the first's committed chips from which it costs no more; nothing
    /// where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<Threshold>,
    /// Work served, as a multiple of the plan's, from which the first costs no more;
    /// nothing where it has no committed chips. More than they can do is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_multiple: Option<Threshold>,
    /// Change of what the second pays by use, a share, from which the first costs no more;
    /// never where no price would do, as below −1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_change: Option<Threshold>,
}

/// How much of the difference of the first two a quantity explains.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DriverShare {
    /// Quantity.
    pub quantity: String,
    /// Correlation with the saving of the cheapest over the next.
    pub correlation: f64,
    /// Spearman's rank correlation with it, over the first 2,048 paths: alike for any curve
    /// that rises; nothing on fewer than 30 paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_correlation: Option<f64>,
    /// Mean saving where the quantity stands at its 10 % point, by linear regression.
    pub saving_at_p10: f64,
    /// The same at its 90 % point; below zero the next is the cheaper one there.
    pub saving_at_p90: f64,
    /// What knowing it before deciding between the two would save: the closed form for a
    /// normal difference.
    pub information: f64,
}

impl Decision {
    /// Reads the answer off an outcome.
    pub fn of(scenario: &Scenario, outcome: &Outcome) -> Self {
        let cost = |i: usize| mean_cost(&outcome.strategies[i]);
        let runs = |i: usize| !outcome.strategies[i].yardstick;
        let mut ranking: Vec<usize> =
            (0..outcome.strategies.len()).filter(|i| runs(*i)).collect();
        ranking.sort_by(|a, b| cost(*a).total_cmp(&cost(*b)).then(a.cmp(b)));
        let order = ranking.iter().map(|i| outcome.strategies[*i].name.clone()).collect();
        let (margin, drivers) = match ranking[..] {
            [first, second, ..] => (
                margin(outcome, first, second),
                drivers(scenario, outcome, first, second),
            ),
            _ => (None, Vec::new()),
        };
        let break_even = outcome
            .pairs
            .iter()
            .filter_map(|pair| {
                let find =
                    |name: &str| outcome.strategies.iter().find(|s| s.name == name);
                let (a, b) = (find(&pair.first)?, find(&pair.second)?);
                if a.yardstick || b.yardstick {
                    return None;
                }
                let months = months(pair.never, pair.break_even_months.as_ref());
                Some(BreakEven {
                    first: pair.first.clone(),
                    second: pair.second.clone(),
                    months,
                    hours: match months {
                        Threshold::At(m) => Some(m * crate::units::HOURS_PER_MONTH),
                        Threshold::Always | Threshold::Never(_) => None,
                    },
                    never_probability: pair.never,
                    utilisation: utilisation(a, b),
                    volume_multiple: volume(a, b),
                    price_change: price_change(a, b),
                })
            })
            .collect();
        let yardsticks = yardsticks(outcome, ranking.first().copied());
        let worth = Worth::of(scenario, outcome, &ranking);
        Self { ranking, order, margin, break_even, drivers, yardsticks, worth }
    }

    /// The break-even of one strategy against another.
    pub fn break_even_of(&self, first: &str, second: &str) -> Option<&BreakEven> {
        self.break_even.iter().find(|b| b.first == first && b.second == second)
    }
}

/// Every yardstick against the cheapest strategy.
fn yardsticks(outcome: &Outcome, first: Option<usize>) -> Vec<Yardstick> {
    let all = outcome.strategies.iter().enumerate().filter(|(_, s)| s.yardstick);
    all.map(|(i, s)| {
        let gap = first.and_then(|f| outcome.pair(f, i)).and_then(|p| p.difference.mean);
        Yardstick {
            name: s.name.clone(),
            net_present_cost: mean_cost(s),
            saving: gap.map(|gap| gap.mean),
            standard_error: gap.map(|gap| gap.standard_error),
        }
    })
    .collect()
}

fn mean_cost(strategy: &StrategyOutcome) -> f64 {
    strategy.net_present_cost.mean.map_or(strategy.net_present_cost.median(), |m| m.mean)
}

fn margin(outcome: &Outcome, first: usize, second: usize) -> Option<Margin> {
    let pair = outcome.pair(first, second)?;
    let gap = pair.difference.mean?;
    let reach = STANDARD_ERRORS * gap.standard_error;
    let is_tie = gap.mean.abs() <= reach || gap.mean == 0.0;
    Some(Margin {
        first: pair.first.clone(),
        second: pair.second.clone(),
        saving: -gap.mean,
        standard_error: gap.standard_error,
        is_tie,
        no_difference_within: is_tie.then_some(gap.mean.abs() + reach),
    })
}

/// The answer of the median path: never where half of the paths never break even.
fn months(never: f64, found: Option<&crate::engine::outcome::Distribution>) -> Threshold {
    match found {
        Some(found) if never < 0.5 => {
            // Paths that never break even stand above all others: the median over all
            // paths is this quantile of those that do.
            let wanted = 0.5 / (1.0 - never);
            let month = interpolate(&found.quantiles, wanted);
            if month <= 0.0 { Threshold::Always } else { Threshold::At(month) }
        }
        _ => Threshold::Never(None),
    }
}

fn interpolate(quantiles: &[f64; 9], p: f64) -> f64 {
    let grid = crate::engine::outcome::QUANTILES;
    let above = grid.iter().position(|q| *q >= p).unwrap_or(grid.len() - 1);
    if above == 0 || (grid[above] - p).abs() < 1e-12 {
        return quantiles[above];
    }
    let (low, high) = (grid[above - 1], grid[above]);
    let share = ((p - low) / (high - low)).clamp(0.0, 1.0);
    quantiles[above - 1] + share * (quantiles[above] - quantiles[above - 1])
}

/// Utilisation from which strategy `a` costs no more than `b`, all else equal.
///
/// ```text
/// u* = u · (F_a − F_b) / (V_b − V_a)
/// ```
/// where `F` is the present value of what is paid whatever is served, `V` of what moves
/// with it, and `u` the utilisation at which both were met.
///
/// **Checked by** the 64 × H100 case of gpu-price-index: 38.83 %.
fn utilisation(a: &StrategyOutcome, b: &StrategyOutcome) -> Option<Threshold> {
    let now = a.utilisation?;
    if b.utilisation.is_some() {
        return None;
    }
    let fixed = a.fixed.mean - b.fixed.mean;
    let saved = b.variable.mean - a.variable.mean;
    threshold(now, fixed, saved)
}

/// Work from which strategy `a` costs no more than `b`, as a multiple of the plan's: the
/// utilisation of [`utilisation`] over the one that was met.
fn volume(a: &StrategyOutcome, b: &StrategyOutcome) -> Option<Threshold> {
    let now = a.utilisation.filter(|u| *u > 0.0)?;
    Some(match utilisation(a, b)? {
        Threshold::At(u) => Threshold::At(u / now),
        Threshold::Never(u) => Threshold::Never(u.map(|u| u / now)),
        Threshold::Always => Threshold::Always,
    })
}

/// Change of what `b` pays by use from which `a` costs no more.
///
/// ```text
/// p* = (C_a − C_b)/V_b
/// ```
/// where C is the mean net present cost and V the present value of what moves with the work
/// served. Always where even at no price by use `b` costs as much.
fn price_change(a: &StrategyOutcome, b: &StrategyOutcome) -> Option<Threshold> {
    let paid = b.variable.mean;
    if paid <= 0.0 {
        return None;
    }
    let change = (mean_cost(a) - mean_cost(b)) / paid;
    Some(if change <= -1.0 { Threshold::Always } else { Threshold::At(change) })
}

/// Where use pays: nothing where the first is cheaper only up to some use, which no
/// *from* can say.
fn threshold(now: f64, fixed: f64, saved: f64) -> Option<Threshold> {
    let value = now * fixed / saved;
    if fixed <= 0.0 && saved >= 0.0 {
        return Some(Threshold::Always);
    }
    if fixed < 0.0 {
        // Both cost less and save less: cheaper up to `value`.
        return (value >= 1.0).then_some(Threshold::Always);
    }
    Some(if saved <= 0.0 {
        Threshold::Never(None)
    } else if value > 1.0 {
        Threshold::Never(Some(value))
    } else {
        Threshold::At(value)
    })
}

/// Correlations of the drivers with the saving of the first over the second.
///
/// ```text
/// cov(x, B − A) = cov(x, B) − cov(x, A)
/// ```
fn drivers(
    scenario: &Scenario,
    outcome: &Outcome,
    first: usize,
    second: usize,
) -> Vec<DriverShare> {
    let Some(pair) = outcome.pair(first, second) else { return Vec::new() };
    let saving = pair.difference.mean.map_or(0.0, |gap| -gap.mean);
    let spread = pair.variance.sqrt();
    let (a, b) = (&outcome.strategies[first], &outcome.strategies[second]);
    let (cost_a, cost_b) = (outcome.ranked.row(first), outcome.ranked.row(second));
    let saved: Vec<f64> = cost_a.iter().zip(&cost_b).map(|(a, b)| b - a).collect();
    let rank = |driver: usize| {
        let row = outcome.ranked.row(outcome.strategies.len() + driver);
        crate::stats::rank::spearman(&row, &saved)
    };
    let mut shares: Vec<DriverShare> = scenario
        .drivers()
        .iter()
        .zip(a.drivers.iter().zip(&b.drivers))
        .enumerate()
        .filter_map(|(i, (driver, ((with_a, variance), (with_b, _))))| {
            let scale = (variance * pair.variance).sqrt();
            let correlation = (with_b - with_a) / scale;
            correlation.is_finite().then(|| {
                let correlation = correlation.clamp(-1.0, 1.0);
                // 10 % and 90 % of a normal lie this many deviations from its mean.
                let swing = correlation * spread * crate::stats::normal_quantile(0.9);
                DriverShare {
                    quantity: driver.name().to_owned(),
                    correlation,
                    rank_correlation: rank(i),
                    saving_at_p10: saving - swing,
                    saving_at_p90: saving + swing,
                    information: information::perfect(saving, correlation.abs() * spread)
                        .unwrap_or(0.0),
                }
            })
        })
        .collect();
    shares.sort_by(|x, y| {
        y.correlation
            .abs()
            .total_cmp(&x.correlation.abs())
            .then_with(|| x.quantity.cmp(&y.quantity))
    });
    // One stream may feed several numbers (a throughput on two machines): say it once.
    let mut said = BTreeSet::new();
    shares.retain(|share| said.insert(share.quantity.clone()));
    shares.truncate(DRIVERS);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_above_one_is_never_and_keeps_its_value() {
        assert_eq!(threshold(0.7, 100.0, 350.0), Some(Threshold::At(0.2)));
        match threshold(0.7, 100.0, 61.457) {
            Some(Threshold::Never(Some(x))) => assert!((x - 1.139).abs() < 1e-3),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_saved_is_never_and_nothing_fixed_is_always() {
        assert_eq!(threshold(0.5, 10.0, 0.0), Some(Threshold::Never(None)));
        assert_eq!(threshold(0.5, 10.0, -1.0), Some(Threshold::Never(None)));
        assert_eq!(threshold(0.5, -1.0, 10.0), Some(Threshold::Always));
    }

    #[test]
    fn what_is_cheaper_up_to_some_use_has_no_use_from_which_it_pays() {
        // 4.6 million of seats against a machine that costs more with every request: cheaper
        // whatever is used, as long as that is less than all.
        assert_eq!(threshold(0.3, -4.0e6, -1.0e5), Some(Threshold::Always));
        assert_eq!(threshold(0.3, -1.0, -1.0), None);
    }

    #[test]
    fn the_median_month_counts_paths_that_never_break_even() {
        let found = crate::engine::outcome::Distribution {
            quantiles: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            ..crate::engine::outcome::Distribution::default()
        };
        assert_eq!(months(0.0, Some(&found)), Threshold::At(5.0));
        // A third never: the median of all is the 75 % quantile of the rest.
        assert_eq!(months(1.0 / 3.0, Some(&found)), Threshold::At(6.0));
        assert_eq!(months(0.6, Some(&found)), Threshold::Never(None));
        assert_eq!(months(1.0, None), Threshold::Never(None));
    }
}
