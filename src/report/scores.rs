//! The record of a hindcast, as a table to read and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::calibrate::record::{LEVEL, Row};
use crate::calibrate::series::{Series, Told};
use crate::calibrate::{Family, Stack};

/// One line of `results`.
#[derive(Serialize)]
struct Line<'a> {
    family: &'static str,
    series: &'a str,
    model: &'static str,
    horizon: Horizon,
    origins: usize,
    forecasts: usize,
    coverage50: f64,
    coverage80: f64,
    coverage90: f64,
    below5: f64,
    above95: f64,
    crps: f64,
    interval_score80: f64,
    mae: f64,
    default: bool,
}

/// Steps ahead, or all of them.
#[derive(Serialize, Clone, Copy)]
#[serde(untagged)]
enum Horizon {
    Steps(usize),
    All(&'static str),
}

impl Horizon {
    fn of(row: &Row) -> Self {
        row.horizon.map_or(Self::All("all"), Self::Steps)
    }
}

#[derive(Serialize)]
struct Intervals<'a> {
    family: &'static str,
    series: &'a str,
    model: &'static str,
    horizon: Horizon,
    coverage80: [f64; 2],
    crps: [f64; 2],
    crps_less_naive: f64,
    crps_less_naive_interval: [f64; 2],
    pit_tenths: [usize; 10],
}

#[derive(Serialize)]
struct Source<'a> {
    series: &'a str,
    family: &'static str,
    family_from: &'static str,
    unit: &'static str,
    values: usize,
    /// What the family's models weigh after the last value.
    weights: Vec<Weight>,
}

#[derive(Serialize)]
struct Weight {
    model: &'static str,
    weight: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    version: &'static str,
    results: Vec<Line<'a>>,
    interval_level: f64,
    intervals: Vec<Intervals<'a>>,
    series: Vec<Source<'a>>,
}

/// The record as JSON, a line a row; numbers that are none are null.
pub fn json(series: &[Series], rows: &[Row]) -> Result<String, serde_json::Error> {
    let results = rows
        .iter()
        .map(|row| Line {
            family: row.family.name(),
            series: &row.series,
            model: row.model,
            horizon: Horizon::of(row),
            origins: row.scores.origins,
            forecasts: row.scores.cases,
            coverage50: row.scores.coverage50,
            coverage80: row.scores.coverage80,
            coverage90: row.scores.coverage90,
            below5: row.scores.below5,
            above95: row.scores.above95,
            crps: row.scores.crps,
            interval_score80: row.scores.interval_score80,
            mae: row.scores.mean_absolute_error,
            default: row.is_default,
        })
        .collect();
    let intervals = rows
        .iter()
        .map(|row| Intervals {
            family: row.family.name(),
            series: &row.series,
            model: row.model,
            horizon: Horizon::of(row),
            coverage80: row.bounds.coverage80,
            crps: row.bounds.crps,
            crps_less_naive: row.bounds.less_naive,
            crps_less_naive_interval: row.bounds.less_naive_bounds,
            pit_tenths: row.pit,
        })
        .collect();
    let series = series
        .iter()
        .map(|s| Source {
            series: &s.name,
            family: s.family.name(),
            family_from: match s.told {
                Told::ByName => "name",
                Told::ByOption => "option",
                Told::ByStep => "step",
            },
            unit: s.step.name(),
            values: s.points.len(),
            weights: weights(s)
                .into_iter()
                .map(|(model, weight)| Weight { model, weight })
                .collect(),
        })
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    let report = Report { version, results, interval_level: LEVEL, intervals, series };
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    Ok(text)
}

/// What the family's models weigh after the last value; nothing for a short history.
fn weights(series: &Series) -> Vec<(&'static str, f64)> {
    let design = series.step.design();
    Stack::fit(&series.points, series.family, &design).map_or_else(
        |_| Vec::new(),
        |stack| stack.members().iter().map(|(m, w, _)| (m.name(), *w)).collect(),
    )
}

/// The record as a table: one for each family and group, all models; then the default by
/// horizon, where the values fell, and what the models weigh now.
pub fn text(series: &[Series], rows: &[Row]) -> String {
    let mut out = String::new();
    for family in Family::ALL {
        let own: Vec<&Row> = rows.iter().filter(|r| r.family == family).collect();
        let single = series.iter().filter(|s| s.family == family).count() == 1;
        let names = subjects(&own, series, single);
        for name in names {
            let subject: Vec<&Row> =
                own.iter().copied().filter(|r| r.series == name).collect();
            table(&mut out, family, name, &subject);
        }
        for s in series.iter().filter(|s| s.family == family) {
            let weights: Vec<String> = weights(s)
                .iter()
                .map(|(model, weight)| format!("{model} {weight:.2}"))
                .collect();
            if !weights.is_empty() {
                let _ = writeln!(out, "{}: next by {}", s.name, weights.join(", "));
            }
        }
        if !own.is_empty() {
            out.push('\n');
        }
    }
    out.push_str(
        "CRPS, IS80 (interval score of the 80 % band) and MAE are in logarithms: 0.1 is \
         about 10 %. Brackets hold 90 %,\nby drawing origins with replacement. `stack` is \
         the family's default: its models weighed by their scores up to each date.\n",
    );
    out
}

/// Groups and all; the series itself where there is but one.
fn subjects<'a>(rows: &[&'a Row], series: &[Series], single: bool) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        let is_series = series.iter().any(|s| s.name == row.series);
        let wanted = if single { is_series } else { !is_series };
        if wanted && !names.contains(&row.series.as_str()) {
            names.push(&row.series);
        }
    }
    names
}

fn table(out: &mut String, family: Family, name: &str, rows: &[&Row]) {
    let Some(first) = rows.first() else { return };
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{} · {name}: {} forecasts from {} dates",
        family.name(),
        first.scores.cases,
        first.scores.origins
    );
    let _ = writeln!(
        out,
        "{:12}  cov50  cov80            cov90   <5%  >95%   CRPS                 IS80    MAE  CRPS less naive",
        "model"
    );
    for row in rows.iter().filter(|r| r.horizon.is_none()) {
        let (s, b) = (&row.scores, &row.bounds);
        let _ = writeln!(
            out,
            "{:12}    {}    {} [{}, {}]    {}   {}   {}  {:.3} [{:.3}, {:.3}]  {:6.3}  {:.3}  {:+.3} [{:+.3}, {:+.3}]",
            row.model,
            share(s.coverage50),
            share(s.coverage80),
            share(b.coverage80[0]),
            share(b.coverage80[1]),
            share(s.coverage90),
            share(s.below5),
            share(s.above95),
            s.crps,
            b.crps[0],
            b.crps[1],
            s.interval_score80,
            s.mean_absolute_error,
            b.less_naive,
            b.less_naive_bounds[0],
            b.less_naive_bounds[1],
        );
    }
    let default: Vec<&&Row> = rows.iter().filter(|r| r.is_default).collect();
    for row in default.iter().filter(|r| r.horizon.is_some()) {
        let s = &row.scores;
        let _ = writeln!(
            out,
            "  {} {:2} ahead: {:3} cases, 50/80/90 % bands held {}/{}/{}, CRPS {:.3}",
            row.model,
            row.horizon.unwrap_or_default(),
            s.cases,
            share(s.coverage50),
            share(s.coverage80),
            share(s.coverage90),
            s.crps
        );
    }
    if let Some(row) = default.first() {
        let tenths: Vec<String> = row.pit.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            out,
            "  {} values by tenth of the forecast (flat is calibrated): {}",
            row.model,
            tenths.join(" ")
        );
    }
}

/// `.78`, `1.00`.
fn share(x: f64) -> String {
    let text = format!("{x:.2}");
    text.strip_prefix('0')
        .map_or(text.clone(), |rest| format!("{rest} ").trim().to_owned())
}
