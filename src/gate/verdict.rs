//! The verdict on each of many metrics: how much worse, and how sure.
//!
//! A metric is called regressed only where three things hold: it is worse by more than
//! its limit; the comparison as a whole shows more than chance does once in a hundred
//! comparisons ([`FALSE_ALARM`]); and among what is named, false names are expected to be
//! at most one in twenty ([`FALSE_SHARE`]). So with nothing changed a comparison raises
//! an alarm at most once in a hundred, however many metrics it has.
//!
//! What that can find is bounded by the noise: 7 repeats before and now with 5 % noise
//! put a 10 % regression 3.6 standard errors from none. Of one metric by itself no test
//! at 1 % finds more than 89 % of them, of one among 200 no more than 38 %; where many
//! metrics regress together nearly all are named. What is not named is inconclusive,
//! never a pass: repeat more often. `tests/gate.rs` prints the figures.
//! Read next: [`super::compare`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::evidence::{Common, Variance, corrected};
use super::reading::{Logarithms, Reading};
use crate::calibrate::Forecast;

/// The odds of any false alarm in a comparison where nothing changed, at most.
pub const FALSE_ALARM: f64 = 0.01;

/// The share of false names among the metrics named, at most, on average.
pub const FALSE_SHARE: f64 = 0.05;

/// One less the confidence of [`Judgement::worsening_at_most`].
const OUTSIDE: f64 = 0.05;

/// Standard errors between a value and 0 from which its logarithm is compared: nearer,
/// it may be 0 or less (1 in 30,000), and the logarithm is no longer nearly normal.
const CLEAR_OF_ZERO: f64 = 4.0;

/// Which way a metric gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Costs, times.
    Lower,
    /// Throughputs, probabilities of being right.
    Higher,
}

/// A limit that is negative or no finite number.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("the largest regression allowed must be finite and not negative, found {0}")]
pub struct LimitError(pub f64);

/// One metric before and now.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    name: String,
    unit: String,
    better: Better,
    max_regression: f64,
    baseline: Reading,
    now: Reading,
}

impl Metric {
    /// A metric that may get worse by `max_regression` of its baseline: 0.05 is 5 %.
    pub fn new(
        name: impl Into<String>,
        better: Better,
        max_regression: f64,
        baseline: Reading,
        now: Reading,
    ) -> Result<Self, LimitError> {
        if !(max_regression.is_finite() && max_regression >= 0.0) {
            return Err(LimitError(max_regression));
        }
        let unit = String::new();
        Ok(Self { name: name.into(), unit, better, max_regression, baseline, now })
    }

    /// The same with its unit, for people.
    #[must_use]
    pub fn in_unit(self, unit: impl Into<String>) -> Self {
        Self { unit: unit.into(), ..self }
    }

    /// Logarithms of both sides, where their ratio is compared: of repeats that are all above
    /// 0, or of values that are clearly so.
    fn logarithms(&self) -> Option<[Logarithms; 2]> {
        let sides = [self.baseline, self.now];
        if let [Some(before), Some(now)] = sides.map(|side| side.logarithms()) {
            return Some([before, now]);
        }
        let clear = |side: Reading| {
            let error = side.standard_error();
            let is_clear =
                side.value() > 0.0 && side.value() > CLEAR_OF_ZERO * error.unwrap_or(0.0);
            is_clear.then(|| Logarithms {
                mean: side.value().ln(),
                standard_error: error.map(|error| error / side.value()),
            })
        };
        Some([clear(sides[0])?, clear(sides[1])?])
    }
}

/// What is made of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not worse by more than the limit: the same bits, or all of the 95 % bound is
    /// inside.
    Pass,
    /// Worse by more than the limit, and not by chance.
    Regressed,
    /// Better by more than the limit, and not by chance.
    Improved,
    /// The noise is too large to tell.
    Inconclusive,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Regressed => "regressed",
            Self::Improved => "improved",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A metric with its verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Judgement {
    /// Name of the metric.
    pub name: String,
    /// Its unit; empty for a share.
    pub unit: String,
    /// Which way it gets better.
    pub better: Better,
    /// How much worse it may get, relative to the baseline.
    pub max_regression: f64,
    /// Before.
    pub baseline: Reading,
    /// Now.
    pub now: Reading,
    /// How much worse, relative to the baseline; negative where it is better: of repeats that
    /// are all above 0 by their geometric means. Null where the baseline is 0.
    pub worsening: f64,
    /// The same at most, with 95 % confidence, this metric by itself. Null where nothing
    /// is known of the noise.
    pub worsening_at_most: f64,
    /// The same at least, likewise.
    pub worsening_at_least: f64,
    /// Odds of looking so much worse by chance, corrected for the number of metrics.
    pub odds_if_no_worse: f64,
    /// Odds of looking so much better by chance, corrected likewise.
    pub odds_if_no_better: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// A difference before any correction.
#[derive(Debug, Clone, Copy)]
struct Difference {
    worsening: f64,
    at_most: f64,
    at_least: f64,
    /// One-sided: worse, better.
    odds: (f64, f64),
}

/// The verdicts on some metrics, looked at together.
///
/// ```text
/// c = ± (mean ln now − mean ln baseline) of repeats that are all above 0,
///     ± ln(now / baseline) of values that are clearly above 0, else ± (now − baseline)
/// c / √(s₀² + s₁²) ~ t(ν) if nothing changed,   ν by Welch and Satterthwaite
/// ```
/// with + where lower is better, and s the standard errors of what is subtracted. ν is
/// infinite, the test a z-test, where the standard errors are known. Variances estimated
/// on repeats are drawn toward what those of the other metrics have in common; a single
/// run has the variance of the repeats on the other side, or the common one, or there is
/// no evidence. The odds, one-sided, are corrected by Benjamini and Hochberg's method over
/// all metrics, for worse and better apart.
///
/// The two runs count as independent. Runs that share their random numbers differ by
/// less than that, so the odds err on the side of no verdict.
///
/// **Source** Welch (1947), Biometrika 34:28, and what `evidence.rs` names.
/// **Checked by** `tests/gate.rs`, simulated regressions and simulated peace.
pub fn judge(metrics: &[Metric]) -> Vec<Judgement> {
    let samples: Vec<Variance> = metrics
        .iter()
        .filter_map(|metric| Some((metric, metric.logarithms()?)))
        .flat_map(|(m, logs)| [(m.baseline, logs[0]), (m.now, logs[1])])
        .filter_map(|(side, logs)| sample(side, logs))
        .collect();
    let common = Common::of(&samples);
    let differences: Vec<Difference> =
        metrics.iter().map(|metric| difference(metric, common)).collect();
    let worse: Vec<f64> = differences.iter().map(|d| d.odds.0).collect();
    let better: Vec<f64> = differences.iter().map(|d| d.odds.1).collect();
    let odds: Vec<(f64, f64)> =
        corrected(&worse).into_iter().zip(corrected(&better)).collect();
    let least = odds.iter().fold((1.0_f64, 1.0_f64), |(a, b), (worse, better)| {
        (a.min(*worse), b.min(*better))
    });
    metrics
        .iter()
        .zip(differences)
        .zip(odds)
        .map(|((metric, difference), odds)| Judgement {
            name: metric.name.clone(),
            unit: metric.unit.clone(),
            better: metric.better,
            max_regression: metric.max_regression,
            baseline: metric.baseline,
            now: metric.now,
            worsening: difference.worsening,
            worsening_at_most: difference.at_most,
            worsening_at_least: difference.at_least,
            odds_if_no_worse: odds.0,
            odds_if_no_better: odds.1,
            verdict: verdict(metric, difference, odds, least),
        })
        .collect()
}

/// One verdict on all: the worst there is, in the order regressed, inconclusive,
/// improved, pass.
pub fn overall(judgements: &[Judgement]) -> Verdict {
    [Verdict::Regressed, Verdict::Inconclusive, Verdict::Improved]
        .into_iter()
        .find(|verdict| judgements.iter().any(|j| j.verdict == *verdict))
        .unwrap_or(Verdict::Pass)
}

/// `least` are the smallest odds of all metrics: of the comparison as a whole.
fn verdict(
    metric: &Metric,
    found: Difference,
    (worse, better): (f64, f64),
    least: (f64, f64),
) -> Verdict {
    if metric.baseline == metric.now && metric.now.standard_error().is_some() {
        // A run is the same bits again, and no noisy measurement is twice the same.
        Verdict::Pass
    } else if found.worsening > metric.max_regression
        && worse < FALSE_SHARE
        && least.0 < FALSE_ALARM
    {
        Verdict::Regressed
    } else if found.worsening < -metric.max_regression
        && better < FALSE_SHARE
        && least.1 < FALSE_ALARM
    {
        Verdict::Improved
    } else if found.at_most <= metric.max_regression {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    }
}

/// The variance of the logarithm of one repeat, where there are repeats to tell.
fn sample(reading: Reading, logs: Logarithms) -> Option<Variance> {
    let repeats = f64::from(reading.repeats().filter(|n| *n > 1)?);
    let error = logs.standard_error?;
    Some(Variance { value: error * error * repeats, freedom: repeats - 1.0 })
}

/// The squared error of a side and its degrees of freedom; none where it is known.
type Square = (f64, Option<f64>);

/// Squared errors of the logarithms of the two sides; nothing where one is not known.
fn squares_of(
    metric: &Metric,
    logs: [Logarithms; 2],
    common: Common,
) -> Option<[Square; 2]> {
    let sides = [(metric.baseline, logs[0]), (metric.now, logs[1])];
    let own = sides.map(|(side, logs)| sample(side, logs));
    let square = |(side, logs): (Reading, Logarithms), own: Option<Variance>, other| {
        match (side.repeats(), logs.standard_error) {
            (None, Some(error)) => Some((error * error, None)),
            (Some(repeats), _) => {
                // A single run is taken to vary as the other side's repeats do.
                let all = common.with(own.or(other))?;
                Some((all.value / f64::from(repeats), Some(all.freedom)))
            }
            (None, None) => None,
        }
    };
    Some([square(sides[0], own[0], own[1])?, square(sides[1], own[1], own[0])?])
}

fn difference(metric: &Metric, common: Common) -> Difference {
    let (before, now) = (metric.baseline, metric.now);
    let sign = match metric.better {
        Better::Lower => 1.0,
        Better::Higher => -1.0,
    };
    if let Some(logs) = metric.logarithms() {
        let change = sign * (logs[1].mean - logs[0].mean);
        let squares = squares_of(metric, logs, common);
        tested(change, squares, |change| sign * (sign * change).exp_m1())
    } else {
        let change = sign * (now.value() - before.value());
        let square = |side: Reading| {
            let error = side.standard_error()?;
            Some((error * error, side.repeats().map(|n| f64::from(n) - 1.0)))
        };
        let squares = square(before).zip(square(now)).map(|(a, b)| [a, b]);
        tested(change, squares, |change| {
            if change == 0.0 { 0.0 } else { change / before.value().abs() }
        })
    }
}

/// `change` is positive for worse; `relative` tells what it is of the baseline.
fn tested(
    change: f64,
    squares: Option<[Square; 2]>,
    relative: impl Fn(f64) -> f64,
) -> Difference {
    let Some([before, now]) = squares else {
        return Difference {
            worsening: relative(change),
            at_most: f64::INFINITY,
            at_least: f64::NEG_INFINITY,
            odds: (1.0, 1.0),
        };
    };
    let error = (before.0 + now.0).sqrt();
    // What the difference would be if nothing had changed; with no error at all, 0.
    let noise = Forecast { location: 0.0, scale: error, freedom: welch([before, now]) };
    let reach = noise.quantile(1.0 - OUTSIDE);
    Difference {
        worsening: relative(change),
        at_most: relative(change + reach),
        at_least: relative(change - reach),
        odds: (noise.pit(-change), noise.pit(change)),
    }
}

/// Degrees of freedom of the difference of two means, from their squared errors; none
/// where both errors are known.
fn welch(sides: [Square; 2]) -> Option<f64> {
    let total: f64 = sides.iter().map(|(square, _)| square).sum();
    let unsure: f64 = sides
        .iter()
        .filter_map(|(square, freedom)| {
            let share = square / total;
            freedom.map(|freedom| share * share / freedom)
        })
        .sum();
    (unsure > 0.0).then(|| unsure.recip())
}

#[cfg(test)]
mod tests;
