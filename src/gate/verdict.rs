//! The verdict on each of many metrics: how much worse, and how sure.
//!
//! Evidence is a test of the difference, corrected by Holm's method over all metrics of
//! one comparison: with none of them changed, the odds that any is called regressed are
//! at most 1 in 20. The correction costs power: 7 repeats with 5 % noise show a 10 %
//! regression of a metric by itself in 96 of 100 cases, of one among 20 metrics in 57,
//! among 200 in 22; 15 repeats in 98 and 88. Gate on few metrics, or repeat more often.
//! Read next: [`super::compare`].

use serde::Serialize;
use thiserror::Error;

use crate::calibrate::Forecast;
use crate::units;

/// The odds of any false alarm in a comparison, at most.
pub const FALSE_ALARM: f64 = 0.05;

/// Standard errors between a value and 0 from which its logarithm is compared: nearer,
/// it may be 0 or less (1 in 30,000), and the logarithm is no longer nearly normal.
const CLEAR_OF_ZERO: f64 = 4.0;

/// A measured value and its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reading {
    value: f64,
    standard_error: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<u32>,
}

/// Why numbers are no reading.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ReadingError {
    /// The value is no finite number.
    #[error("a value must be finite, found {0}")]
    Value(f64),
    /// The standard error is negative or no finite number.
    #[error("a standard error must be finite and not negative, found {0}")]
    StandardError(f64),
    /// Too few repeats to have a standard error.
    #[error("a standard error needs at least 2 repeats, found {0}")]
    Repeats(usize),
}

impl Reading {
    /// A value whose standard error rests on so much that it is as good as known.
    pub fn new(value: f64, standard_error: f64) -> Result<Self, ReadingError> {
        if !value.is_finite() {
            return Err(ReadingError::Value(value));
        }
        if !(standard_error.is_finite() && standard_error >= 0.0) {
            return Err(ReadingError::StandardError(standard_error));
        }
        Ok(Self { value, standard_error, repeats: None })
    }

    /// The mean of some repeats; that its standard error is estimated on few is counted.
    pub fn of_repeats(values: &[f64]) -> Result<Self, ReadingError> {
        if values.len() < 2 {
            return Err(ReadingError::Repeats(values.len()));
        }
        let count = units::count(values.len());
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let reading = Self::new(mean, (squares / (count - 1.0) / count).sqrt())?;
        Ok(Self { repeats: u32::try_from(values.len()).ok(), ..reading })
    }

    /// The value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Its standard error.
    pub fn standard_error(&self) -> f64 {
        self.standard_error
    }

    fn is_clear_of_zero(&self) -> bool {
        self.value > 0.0 && self.value > CLEAR_OF_ZERO * self.standard_error
    }
}

/// Which way a metric gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
        Ok(Self { name: name.into(), better, max_regression, baseline, now })
    }
}

/// What is made of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

/// A metric with its verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Name of the metric.
    pub name: String,
    /// Before.
    pub baseline: Reading,
    /// Now.
    pub now: Reading,
    /// How much worse, relative to the baseline; negative where it is better.
    pub worsening: f64,
    /// The same at most, with 95 % confidence, this metric by itself.
    pub worsening_at_most: f64,
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
    /// One-sided: worse, better.
    odds: (f64, f64),
}

/// The verdicts on some metrics, looked at together.
///
/// ```text
/// c = ± ln(now / baseline), or ± (now − baseline) where one of them may be 0 or less
/// c / √(s₀² + s₁²) ~ t(ν) if nothing changed,   ν by Welch and Satterthwaite
/// ```
/// with + where lower is better, and s the standard errors of what is subtracted. ν is
/// infinite, the test a z-test, where the standard errors are known. The odds, one-sided,
/// are multiplied by Holm's factors over all metrics, for worse and better apart.
///
/// The two runs count as independent. Runs that share their random numbers differ by
/// less than that, so the odds err on the side of no verdict.
///
/// **Source** Welch (1947), Biometrika 34:28; Holm (1979), A Simple Sequentially
/// Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6:65.
/// **Checked by** simulated regressions and simulated peace, below.
pub fn judge(metrics: &[Metric]) -> Vec<Judgement> {
    let differences: Vec<Difference> = metrics.iter().map(difference).collect();
    let worse: Vec<f64> = differences.iter().map(|d| d.odds.0).collect();
    let better: Vec<f64> = differences.iter().map(|d| d.odds.1).collect();
    let corrected = holm(&worse).into_iter().zip(holm(&better));
    metrics
        .iter()
        .zip(differences)
        .zip(corrected)
        .map(|((metric, difference), odds)| Judgement {
            name: metric.name.clone(),
            baseline: metric.baseline,
            now: metric.now,
            worsening: difference.worsening,
            worsening_at_most: difference.at_most,
            odds_if_no_worse: odds.0,
            odds_if_no_better: odds.1,
            verdict: verdict(metric, difference, odds),
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

fn verdict(metric: &Metric, found: Difference, (worse, better): (f64, f64)) -> Verdict {
    if metric.baseline == metric.now {
        // A run is the same bits again, and no noisy measurement is twice the same.
        Verdict::Pass
    } else if found.worsening > metric.max_regression && worse < FALSE_ALARM {
        Verdict::Regressed
    } else if found.worsening < -metric.max_regression && better < FALSE_ALARM {
        Verdict::Improved
    } else if found.at_most <= metric.max_regression {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    }
}

fn difference(metric: &Metric) -> Difference {
    let (before, now) = (metric.baseline, metric.now);
    let sign = match metric.better {
        Better::Lower => 1.0,
        Better::Higher => -1.0,
    };
    if before.is_clear_of_zero() && now.is_clear_of_zero() {
        let change = sign * (now.value.ln() - before.value.ln());
        let errors = [before, now].map(|r| r.standard_error / r.value);
        tested(metric, change, errors, |change| sign * (sign * change).exp_m1())
    } else {
        let change = sign * (now.value - before.value);
        let errors = [before, now].map(|r| r.standard_error);
        tested(metric, change, errors, |change| {
            if change == 0.0 { 0.0 } else { change / before.value.abs() }
        })
    }
}

/// `change` is positive for worse; `relative` tells what it is of the baseline.
fn tested(
    metric: &Metric,
    change: f64,
    errors: [f64; 2],
    relative: impl Fn(f64) -> f64,
) -> Difference {
    let [before, now] = errors.map(|s| s * s);
    let error = (before + now).sqrt();
    let freedom = welch([(before, metric.baseline.repeats), (now, metric.now.repeats)]);
    // What the difference would be if nothing had changed; with no error at all, 0.
    let noise = Forecast { location: 0.0, scale: error, freedom };
    Difference {
        worsening: relative(change),
        at_most: relative(change + noise.quantile(1.0 - FALSE_ALARM)),
        odds: (noise.pit(-change), noise.pit(change)),
    }
}

/// Degrees of freedom of the difference of two means, from their squared errors; none
/// where both errors are known.
fn welch(sides: [(f64, Option<u32>); 2]) -> Option<f64> {
    let total: f64 = sides.iter().map(|(square, _)| square).sum();
    let unsure: f64 = sides
        .iter()
        .filter_map(|(square, repeats)| {
            let share = square / total;
            repeats.map(|n| share * share / (f64::from(n) - 1.0))
        })
        .sum();
    (unsure > 0.0).then(|| unsure.recip())
}

/// Holm's correction: each of n odds times the number not smaller, never falling.
fn holm(odds: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..odds.len()).collect();
    order.sort_by(|a, b| odds[*a].total_cmp(&odds[*b]));
    let mut corrected = vec![1.0; odds.len()];
    let mut least = 0.0_f64;
    for (rank, position) in order.into_iter().enumerate() {
        let times = units::count(odds.len() - rank);
        // Odds that are no number are no evidence.
        let raised = if odds[position].is_nan() { 1.0 } else { times * odds[position] };
        least = least.max(raised.min(1.0));
        corrected[position] = least;
    }
    corrected
}

#[cfg(test)]
mod tests;
