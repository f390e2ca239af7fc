//! How far off: per group, accelerator and metric, against the null of one constant.
//!
//! Errors are relative to the measurement, as people quote them. The null knows the
//! answers: it is the one utilisation (in training) or figure (in serving) per accelerator
//! that is best on the very rows scored; a model that cannot beat it has no skill. Read
//! next: [`super::fit()`].

use std::collections::BTreeMap;

use serde::Serialize;

use crate::profile::Catalogue;

use super::case::{Observation, observations};
use super::columns::Row;
use super::fit::Judged;

/// Normal quantile of 90 %: half of an 80 % interval in standard deviations.
const Z90: f64 = 1.281_551_565_544_600_4;

/// Rows of a file, resolved.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    /// Figures that can be compared.
    pub observations: Vec<Observation>,
    /// Rows that cannot, with where they belong and why.
    pub refused: Vec<Refused>,
}

/// A row without an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Line in the file.
    pub line: u64,
    /// Group, accelerator and kind as the row has them.
    pub place: (String, String, String),
    /// The columns it measured; one empty name where there are none.
    pub metrics: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Resolves every row against the catalogue.
pub fn resolve(rows: &[Row], catalogue: &Catalogue) -> Resolved {
    use rayon::prelude::*;
    let answers: Vec<_> =
        rows.par_iter().map(|row| observations(row, catalogue)).collect();
    let mut resolved = Resolved::default();
    for (row, answer) in rows.iter().zip(answers) {
        match answer {
            Ok(found) => resolved.observations.extend(found),
            Err(reason) => {
                let text = |c: &str| row.text(c).unwrap_or_default().to_owned();
                let mut metrics: Vec<String> = super::columns::NUMBERS
                    .iter()
                    .filter(|c| c.starts_with("measured_") && row.number(c).is_some())
                    .map(|c| (*c).to_owned())
                    .collect();
                if metrics.is_empty() {
                    metrics.push(String::new());
                }
                resolved.refused.push(Refused {
                    line: row.line,
                    place: (text("group"), text("accelerator"), text("kind")),
                    metrics,
                    reason,
                });
            }
        }
    }
    resolved
}

/// Why rows have no answer, counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// In words.
    pub reason: String,
    /// Rows.
    pub count: usize,
}

/// One line of the scoreboard. Errors are fractions of the measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The rows' group.
    pub group: String,
    /// The accelerator as the rows name it.
    pub accelerator: String,
    /// `train`, `finetune` or `serve`.
    pub kind: String,
    /// The measured column.
    pub metric: String,
    /// Rows that measured it.
    pub cases: usize,
    /// Rows with an answer.
    pub answered: usize,
    /// Rows without, by reason.
    pub refused: Vec<Reason>,
    /// Median absolute error.
    pub error_median: Option<f64>,
    /// Mean absolute error.
    pub error_mean: Option<f64>,
    /// Largest absolute error.
    pub error_max: Option<f64>,
    /// Mean error.
    pub bias: Option<f64>,
    /// Share of rows inside the 80 % interval.
    pub coverage80: Option<f64>,
    /// Mean absolute error of the null.
    pub null_error_mean: Option<f64>,
    /// One less the error over the null's; nothing where the null makes no error.
    pub skill: Option<f64>,
}

/// The scoreboard of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scoreboard {
    /// A line per group, accelerator, kind and metric.
    pub groups: Vec<Score>,
    /// The same over all accelerators, per group, kind and metric.
    pub overall: Vec<Score>,
}

type Key = (String, String, String, String);

/// Scores what was judged and counts what was refused.
///
/// **Units** fractions. **Errors** none.
/// **Checked by** `errors_coverage_and_skill_by_hand`.
pub fn score(judged: &[Judged<'_>], refused: &[Refused]) -> Scoreboard {
    let by = |whole: bool| {
        let name = |accelerator: &str| {
            if whole { "all".to_owned() } else { accelerator.to_owned() }
        };
        let mut lines: BTreeMap<Key, (Vec<&Judged<'_>>, Vec<&Refused>)> = BTreeMap::new();
        for j in judged {
            let o = j.row;
            let key = (
                o.group.clone(),
                name(&o.accelerator),
                o.kind.clone(),
                o.metric.to_owned(),
            );
            lines.entry(key).or_default().0.push(j);
        }
        for r in refused {
            let (group, accelerator, kind) = &r.place;
            for metric in &r.metrics {
                let key =
                    (group.clone(), name(accelerator), kind.clone(), metric.clone());
                lines.entry(key).or_default().1.push(r);
            }
        }
        lines.into_iter().map(|(key, (j, r))| line(key, &j, &r)).collect()
    };
    Scoreboard { groups: by(false), overall: by(true) }
}

fn line(key: Key, judged: &[&Judged<'_>], refused: &[&Refused]) -> Score {
    let (group, accelerator, kind, metric) = key;
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for r in refused {
        *reasons.entry(&r.reason).or_insert(0) += 1;
    }
    let mut score = Score {
        group,
        accelerator,
        kind,
        metric,
        cases: judged.len() + refused.len(),
        answered: judged.len(),
        refused: reasons
            .into_iter()
            .map(|(reason, count)| Reason { reason: reason.to_owned(), count })
            .collect(),
        error_median: None,
        error_mean: None,
        error_max: None,
        bias: None,
        coverage80: None,
        null_error_mean: None,
        skill: None,
    };
    if judged.is_empty() {
        return score;
    }
    let n = count(judged.len());
    let signed: Vec<f64> =
        judged.iter().map(|j| j.row.figure(j.log) / j.row.measured - 1.0).collect();
    let mut errors: Vec<f64> = signed.iter().map(|e| e.abs()).collect();
    errors.sort_by(f64::total_cmp);
    let mean = errors.iter().fold(0.0, |sum, e| sum + e) / n;
    score.error_median = Some(crate::stats::quantile_of_sorted(&errors, 0.5));
    score.error_mean = Some(mean);
    score.error_max = errors.last().copied();
    score.bias = Some(signed.iter().fold(0.0, |sum, e| sum + e) / n);
    let inside = judged
        .iter()
        .filter(|j| (j.row.log_measured() - j.log).abs() <= Z90 * j.sigma)
        .count();
    score.coverage80 = Some(count(inside) / n);
    let null = null_error(judged);
    score.null_error_mean = Some(null);
    score.skill = (null > 1e-9).then(|| 1.0 - mean / null);
    score
}

/// Mean error of the best constant per accelerator, found on the rows themselves.
fn null_error(judged: &[&Judged<'_>]) -> f64 {
    let mut by_chip: BTreeMap<&str, Vec<&Judged<'_>>> = BTreeMap::new();
    for j in judged {
        by_chip.entry(&j.row.accelerator).or_default().push(j);
    }
    let mut sum = 0.0;
    for rows in by_chip.values() {
        let over_null: Vec<f64> =
            rows.iter().map(|j| j.row.log_measured() - j.row.null_log()).collect();
        // The best of the constants the rows themselves have.
        let error_at = |constant: f64| {
            rows.iter().fold(0.0, |sum, j| {
                let figure = j.row.figure(constant + j.row.null_log());
                sum + (figure / j.row.measured - 1.0).abs()
            })
        };
        let best = over_null.iter().map(|c| error_at(*c)).fold(f64::INFINITY, f64::min);
        sum += best;
    }
    sum / count(judged.len())
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// One row a figure: measured, estimate, interval, error.
pub fn rows_csv(judged: &[Judged<'_>], refused: &[Refused]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "line",
        "group",
        "accelerator",
        "kind",
        "metric",
        "measured",
        "p10",
        "p50",
        "p90",
        "error",
        "inside_80",
        "refused",
    ];
    // Writing to memory does not fail.
    let _ = writer.write_record(head);
    for j in judged {
        let o = j.row;
        let reach = Z90 * j.sigma;
        let (a, b) = (o.figure(j.log - reach), o.figure(j.log + reach));
        let p50 = o.figure(j.log);
        let inside = (o.log_measured() - j.log).abs() <= reach;
        let _ = writer.write_record([
            o.line.to_string(),
            o.group.clone(),
            o.accelerator.clone(),
            o.kind.clone(),
            o.metric.to_owned(),
            o.measured.to_string(),
            a.min(b).to_string(),
            p50.to_string(),
            a.max(b).to_string(),
            (p50 / o.measured - 1.0).to_string(),
            inside.to_string(),
            String::new(),
        ]);
    }
    for r in refused {
        let (group, accelerator, kind) = &r.place;
        let mut cells =
            vec![r.line.to_string(), group.clone(), accelerator.clone(), kind.clone()];
        cells.extend(std::iter::repeat_n(String::new(), 7));
        cells.push(r.reason.clone());
        let _ = writer.write_record(cells);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::columns;
    use super::*;
    use crate::calibrate::hardware::fit;
    use crate::hardware::Fitted;

    const FILE: &str = "\
kind,group,accelerator,engine,model,precision,tensor,input_tokens,output_tokens,concurrency,measured_tpot_ms
serve,a,h100,vllm,llama-3.1-8b,fp8,1,1024,256,8,10
serve,a,h100,vllm,llama-3.1-8b,fp8,1,1024,256,8,20
serve,a,h100,vllm,llama-3.1-8b,fp8,1,1024,256,8,40
serve,a,h900,vllm,llama-3.1-8b,fp8,1,1024,256,8,40
";

    #[test]
    fn errors_coverage_and_skill_by_hand() {
        let cases = columns::read(FILE).unwrap();
        let resolved = resolve(&cases.rows, &Catalogue::shipped());
        assert_eq!(resolved.observations.len(), 3);
        let judged: Vec<Judged<'_>> = resolved
            .observations
            .iter()
            .map(|row| Judged { row, log: (20e-3_f64).ln(), sigma: 0.1 })
            .collect();
        let board = score(&judged, &resolved.refused);
        assert_eq!(board.groups.len(), 2);
        let s = &board.groups[0];
        assert_eq!((s.cases, s.answered), (3, 3));
        // 20 for 10, 20, 40: +100 %, 0, −50 %.
        assert!((s.error_mean.unwrap() - 0.5).abs() < 1e-12);
        assert!((s.error_median.unwrap() - 0.5).abs() < 1e-12);
        assert!((s.error_max.unwrap() - 1.0).abs() < 1e-12);
        assert!((s.bias.unwrap() - 0.5 / 3.0).abs() < 1e-12);
        assert!((s.coverage80.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        // The best constant of the rows is 10: 0, 50 %, 75 %.
        assert!((s.null_error_mean.unwrap() - 1.25 / 3.0).abs() < 1e-12);
        let refused = &board.groups[1];
        assert_eq!((refused.cases, refused.answered), (1, 0));
        assert_eq!(refused.refused[0].reason, "no accelerator `h900` in the catalogue");
    }

    #[test]
    fn rows_say_their_interval() {
        let cases = columns::read(FILE).unwrap();
        let resolved = resolve(&cases.rows, &Catalogue::shipped());
        let judged = fit::judge(&resolved.observations, Fitted::shipped());
        let csv = rows_csv(&judged, &resolved.refused);
        assert_eq!(csv.lines().count(), 5);
        assert!(csv.lines().last().unwrap().contains("h900"));
    }
}
