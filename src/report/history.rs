//! A history and a fan that starts at its last value, or at an earlier one, with what
//! came later as open dots.
//!
//! Read next: [`crate::report::chart`].

use crate::calibrate::record::{Held, Row};
use crate::calibrate::series::Series;
use crate::calibrate::{Pool, Stack};
use crate::units::{MONTHS_PER_YEAR, count};

use super::chart::{Axis, ChartError, Fan, Frame, Hue, LEVELS, Painter, Unit};

/// A file's name and its bytes.
pub type Picture = (String, Vec<u8>);

/// One chart a series: the default as it would have been, as far back from the end as the
/// longest horizon of the hindcast, and what came of it.
///
/// **Errors** when a chart cannot be turned into a PNG.
pub fn hindcasts(series: &[Series], rows: &[Row]) -> Result<Vec<Picture>, ChartError> {
    let painter = Painter::new();
    let mut files = Vec::new();
    for s in series {
        let longest = s.step.design().horizons().iter().copied().max().unwrap_or(1);
        let Some(origin) = s.points.len().checked_sub(longest + 1) else { continue };
        let Some(fan) = fan(s, origin, longest, Held::of(rows, s.family, &s.name)) else {
            continue;
        };
        push(&mut files, &painter, &format!("hindcast.{}", slug(&s.name)), &fan)?;
    }
    Ok(files)
}

/// One chart a series: its history and the default from its last value on, as far as the
/// longest horizon that has a record.
///
/// **Errors** when a chart cannot be turned into a PNG.
pub fn forecasts(series: &[Series], rows: &[Row]) -> Result<Vec<Picture>, ChartError> {
    let painter = Painter::new();
    let mut files = Vec::new();
    for s in series {
        let held = Held::of(rows, s.family, &s.name);
        let longest = s.step.design().horizons().iter().copied().max().unwrap_or(1);
        let Some(fan) = fan(s, s.points.len() - 1, longest, held) else { continue };
        push(&mut files, &painter, &format!("forecast.{}", slug(&s.name)), &fan)?;
    }
    Ok(files)
}

fn push(
    files: &mut Vec<Picture>,
    painter: &Painter,
    name: &str,
    fan: &Fan,
) -> Result<(), ChartError> {
    let svg = fan.svg();
    let png = painter.png(&svg)?;
    files.push((format!("{name}.svg"), svg.into_bytes()));
    files.push((format!("{name}.png"), png));
    Ok(())
}

/// A name that can be a file's.
fn slug(name: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().map(keep).collect()
}

fn fan(series: &Series, origin: usize, steps: usize, held: Option<Held>) -> Option<Fan> {
    let known = series.points.get(..=origin)?;
    let design = series.step.design();
    let stack = Stack::fit(known, series.family, &design).ok()?;
    let first = known.first()?.years;
    let last = known.last()?;
    let month_of = |years: f64| ((years - first) * MONTHS_PER_YEAR).round();
    let months = |n: f64| (0..=100_000_usize).find(|m| count(*m) >= n).unwrap_or(0);
    let today = months(month_of(last.years));
    let ahead = steps * series.step.months() as usize;
    let mut quantiles: Vec<[f64; 9]> = Vec::with_capacity(today + ahead + 1);
    // The past is a fan without a width.
    for month in 0..=today {
        let at = first + count(month) / MONTHS_PER_YEAR;
        quantiles.push([between(known, at).exp(); 9]);
    }
    // A forecast is made for whole steps; between them the bands are straight lines.
    let mut before = [last.log; 9];
    for step in 1..=steps {
        let months = series.step.months();
        let years = count(step * months as usize) / MONTHS_PER_YEAR;
        let pool: Pool = stack.ahead(years)?;
        let here = LEVELS.map(|p| pool.quantile(f64::from(p) / 100.0));
        for month in 1..=months {
            let way = f64::from(month) / f64::from(months);
            let level = |i: usize| (before[i] + (here[i] - before[i]) * way).exp();
            quantiles.push(std::array::from_fn(level));
        }
        before = here;
    }
    let actuals = series.points[origin + 1..]
        .iter()
        .map(|p| (months(month_of(p.years)), p.log.exp()))
        .filter(|(month, _)| *month <= today + ahead)
        .filter_map(|(month, value)| Some((u32::try_from(month).ok()?, value)))
        .collect();
    let record = held.map_or_else(
        || "too short for a record of past cases".to_owned(),
        |held| held.to_string(),
    );
    let weights: Vec<String> =
        stack.members().iter().map(|(m, w, _)| format!("{} {w:.2}", m.name())).collect();
    let is_last = origin + 1 == series.points.len();
    let dots = if is_last { "" } else { "; dots are what came later" };
    let origin_month = u32::try_from(today).ok()?;
    let calendar = if series.start.is_some() {
        ""
    } else {
        " Months count from the first value; its date is not known."
    };
    Some(Fan {
        frame: Frame {
            title: series.name.clone(),
            subtitle: format!(
                "Bands hold 50, 80, 90 and 98 % at each date by the default of the family \
                 `{}`{dots}.{calendar}",
                series.family.name()
            ),
            caption: format!(
                "{record} · models weighed by their scores up to the origin: {} · rackcast {}",
                weights.join(", "),
                env!("CARGO_PKG_VERSION")
            ),
            unit: Unit::Quantity("value, as in the file".to_owned()),
            start: series.start.unwrap_or((0, 1)),
            axis: Axis::Auto,
            events: vec![(origin_month, "origin".to_owned())],
            thresholds: Vec::new(),
        },
        quantiles,
        sample_paths: Vec::new(),
        actuals,
        hue: Hue::of(0),
    })
}

/// The logarithm at a date, on the straight line between the values around it.
fn between(points: &[crate::calibrate::Point], at: f64) -> f64 {
    let after = points.iter().position(|p| p.years >= at - 1e-9);
    match after {
        None => points.last().map_or(0.0, |p| p.log),
        Some(0) => points[0].log,
        Some(i) => {
            let (a, b) = (points[i - 1], points[i]);
            a.log + (b.log - a.log) * (at - a.years) / (b.years - a.years)
        }
    }
}
