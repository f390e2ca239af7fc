//! From requests or hourly counts to what a plan says of demand.
//!
//! Level and growth, the week's hours, bursts within them, and the load-duration curve,
//! which often decides build against API more than the price of an hour. A trace of an
//! hour says nothing of the day: what cannot be known from it is not given.
//! Read next: [`crate::workload::shape`], which takes the curve.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use crate::input::{Diagnostics, Table};
use crate::stats::student_quantile;
use crate::units::{DAYS_PER_MONTH, count};

use super::series;

const HOUR: f64 = 3600.0;
const MINUTE: f64 = 60.0;
/// Hours of a week.
const WEEK: usize = 168;
/// Points of the printed load-duration curve: the finest block holds one in 200 hours.
const CURVE: usize = 200;
/// Fewer hours show no day.
const FEWEST_HOURS: usize = 24;
/// Weeks from which growth is estimated.
const FEWEST_WEEKS: usize = 4;

/// Requests of equally long spans, in order, without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// Seconds of a span: an hour, or a minute for a trace of less than a day.
    pub span_seconds: f64,
    /// Requests of each.
    pub counts: Vec<f64>,
    /// Hour of the week of the first span, Monday 0 h is 0, where the calendar is known.
    pub first_hour: Option<usize>,
    /// Mean tokens of a request, in and out, where the file has them.
    pub tokens: Option<(f64, f64)>,
}

/// What a history of requests says of demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// Mean requests a day.
    pub per_day: f64,
    /// Mean requests a month of 730 hours.
    pub per_month: f64,
    /// Growth of the logarithm a year and its 90 % interval, from four weeks on.
    pub growth_per_year: Option<(f64, [f64; 2])>,
    /// Hours of the week over their mean, from a week on.
    pub week: Option<Vec<f64>>,
    /// A weekend day over a weekday.
    pub weekend_share: Option<f64>,
    /// Standard deviation over mean within an hour of the week (or of the minutes, for a
    /// trace of less than a day).
    pub burst_variation: f64,
    /// Variance over mean of the counts of a span, the week's shape taken out: 1 for
    /// independent requests.
    pub dispersion: f64,
    /// Highest span over the mean.
    pub peak: f64,
    /// Loads over their mean, highest first, each for an equal share of the time.
    pub curve: Vec<f64>,
}

/// Reads a request trace or hourly counts.
///
/// A trace has a column `timestamp`, `time` (date and time, or seconds) or `timestamp_ms`;
/// counts have `hour`, `date` or `timestamp` and `requests` or `count`, one row an hour;
/// hours without a row had none.
///
/// **Errors** E0601, E0603 and E0606 at their rows.
pub fn read(mut table: Table) -> Result<Counts, Diagnostics> {
    let column = |names: &[&str]| names.iter().find_map(|name| table.column(name));
    let ms = column(&["timestamp_ms", "time_ms"]);
    let time =
        column(&["timestamp", "time", "datetime", "hour", "date", "arrived_at"]).or(ms);
    let number = column(&["requests", "count", "counts", "value"]);
    let tokens = (
        column(&["contexttokens", "input_length", "tokens_in", "input_tokens"]),
        column(&["generatedtokens", "output_length", "tokens_out", "output_tokens"]),
    );
    let Some(time) = time else {
        let message = format!(
            "the columns are `{}`, wanted `timestamp` or `hour,requests`",
            table.header.join(",")
        );
        table.header_problem("E0601", message, None);
        return Err(table.diagnostics);
    };
    let scale = if Some(time) == ms { 1e-3 } else { 1.0 };
    let mut arrivals: Vec<(f64, f64)> = Vec::with_capacity(table.rows.len());
    let (mut on_calendar, mut asked, mut given, mut with_tokens) =
        (true, 0.0, 0.0, 0_usize);
    for row in 0..table.rows.len() {
        let cells = std::mem::take(&mut table.rows[row].cells);
        let Some((seconds, is_calendar)) = moment(&cells[time]) else {
            let message = format!(
                "`{}` must be a date with a time or a number of seconds, found `{}`",
                table.header[time], cells[time]
            );
            table.problem(row, "E0603", message, None);
            continue;
        };
        on_calendar &= is_calendar;
        let seconds = seconds * if is_calendar { 1.0 } else { scale };
        let requests = match number {
            None => Some(1.0),
            Some(c) => series::number(&mut table, row, "requests", &cells[c]),
        };
        if let Some(n) = requests.filter(|n| *n < 0.0) {
            let message = format!("requests must be zero or more, found {n}");
            table.problem(row, "E0603", message, None);
        }
        arrivals.push((seconds, requests.unwrap_or(0.0).max(0.0)));
        if let (Some(a), Some(b)) = tokens
            && let (Ok(a), Ok(b)) = (cells[a].parse::<f64>(), cells[b].parse::<f64>())
        {
            asked += a;
            given += b;
            with_tokens += 1;
        }
    }
    if arrivals.len() < FEWEST_HOURS && !table.diagnostics.has_errors() {
        let found = arrivals.len();
        let message =
            format!("{found} rows are too few, at least {FEWEST_HOURS} are needed");
        table.header_problem("E0606", message, None);
    }
    if table.diagnostics.has_errors() {
        return Err(table.diagnostics);
    }
    let n = count(with_tokens.max(1));
    let tokens = (with_tokens > 0).then_some((asked / n, given / n));
    Ok(Counts { tokens, ..binned(&arrivals, number.is_some(), on_calendar) })
}

/// Seconds, and whether they are on the calendar.
fn moment(cell: &str) -> Option<(f64, bool)> {
    if let Ok(seconds) = cell.parse::<f64>() {
        return seconds.is_finite().then_some((seconds, false));
    }
    let cell = cell.trim_end_matches('Z');
    let at = cell
        .parse::<DateTime>()
        .ok()
        .or_else(|| format!("{cell}:00").parse::<DateTime>().ok())
        .or_else(|| cell.parse::<Date>().ok().map(|d| d.at(0, 0, 0, 0)))?;
    // Days since a Monday.
    let monday = Date::constant(1900, 1, 1);
    let days = f64::from(monday.until(at.date()).ok()?.get_days());
    let seconds = f64::from(at.hour()) * HOUR
        + f64::from(at.minute()) * MINUTE
        + f64::from(at.second())
        + f64::from(at.subsec_nanosecond()) * 1e-9;
    Some((days * 24.0 * HOUR + seconds, true))
}

fn binned(arrivals: &[(f64, f64)], hourly: bool, on_calendar: bool) -> Counts {
    let first = arrivals.iter().map(|a| a.0).fold(f64::INFINITY, f64::min);
    let last = arrivals.iter().map(|a| a.0).fold(f64::NEG_INFINITY, f64::max);
    let is_long = hourly || last - first >= 24.0 * HOUR;
    let span_seconds = if is_long { HOUR } else { MINUTE };
    let start = if on_calendar || hourly {
        (first / span_seconds).floor() * span_seconds
    } else {
        first
    };
    // A span at either end that is not whole is left out of a trace.
    let spans = ((last - start) / span_seconds).floor();
    let spans = if hourly { spans + 1.0 } else { spans };
    let length = (1..=2_000_000_usize).take_while(|n| count(*n) <= spans).count().max(1);
    let mut counts = vec![0.0; length];
    for (at, requests) in arrivals {
        let place = ((at - start) / span_seconds).floor();
        let place = whole(place);
        if let Some(sum) = counts.get_mut(place) {
            *sum += requests;
        }
    }
    let first_hour = on_calendar.then(|| whole((start / HOUR).rem_euclid(count(WEEK))));
    Counts { span_seconds, counts, first_hour, tokens: None }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list of at most 2,000,000; the cast saturates"
)]
fn whole(x: f64) -> usize {
    x as usize
}

impl Demand {
    /// What counts say; nothing where there are no requests at all.
    ///
    /// ```text
    /// growth: slope of ln(week's total) on time, Student's t with n − 2
    /// shape: mean of each hour of the week over the mean;  bursts: x over its hour's mean
    /// ```
    /// **Units** requests, days, months of 730 hours. **Source** a doubly stochastic
    /// Poisson stream, Cox (1955), Journal of the Royal Statistical Society B 17:129: its
    /// variance over mean is far above 1 where the rate itself moves.
    /// **Checked by** streams made by hand, below.
    pub fn of(history: &Counts) -> Option<Self> {
        let n = count(history.counts.len());
        let mean = history.counts.iter().sum::<f64>() / n;
        if !(mean.is_finite() && mean > 0.0) {
            return None;
        }
        let hourly = history.span_seconds >= HOUR;
        let spans_a_day = 24.0 * HOUR / history.span_seconds;
        let week = (hourly && history.counts.len() >= WEEK)
            .then(|| week_of(history, mean))
            .filter(|week| week.iter().all(|x| x.is_finite()));
        let expected = |i: usize| match &week {
            Some(week) => {
                let hour = (history.first_hour.unwrap_or(0) + i) % WEEK;
                mean * week[hour]
            }
            None => mean,
        };
        let degrees = if week.is_some() { count(WEEK) } else { 1.0 };
        let left: f64 = history
            .counts
            .iter()
            .enumerate()
            .map(|(i, x)| (x - expected(i)) * (x - expected(i)))
            .sum();
        let variance = left / (n - degrees).max(1.0);
        // What is left beyond independent requests, relative to the hour's level.
        let level: f64 =
            (0..history.counts.len()).map(|i| expected(i) * expected(i)).sum();
        let beyond = (variance - mean).max(0.0);
        let burst_variation = (beyond / (level / n)).sqrt();
        let weekend_share = week.as_ref().and_then(|week| {
            history.first_hour?;
            let weekday = week[..120].iter().sum::<f64>() / 5.0;
            let weekend = week[120..].iter().sum::<f64>() / 2.0;
            (weekday > 0.0).then_some(weekend / weekday)
        });
        Some(Self {
            per_day: mean * spans_a_day,
            per_month: mean * spans_a_day * DAYS_PER_MONTH,
            growth_per_year: growth(history),
            week,
            weekend_share,
            burst_variation,
            dispersion: variance / mean,
            peak: history.counts.iter().copied().fold(0.0, f64::max) / mean,
            curve: curve(&history.counts, mean),
        })
    }
}

fn week_of(history: &Counts, mean: f64) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_usize); WEEK];
    for (i, x) in history.counts.iter().enumerate() {
        let (sum, hours) = &mut sums[(history.first_hour.unwrap_or(0) + i) % WEEK];
        *sum += x;
        *hours += 1;
    }
    sums.into_iter().map(|(sum, hours)| sum / count(hours) / mean).collect()
}

/// Slope a year of the logarithm of whole weeks' totals, and its 90 % interval.
fn growth(history: &Counts) -> Option<(f64, [f64; 2])> {
    if history.span_seconds < HOUR {
        return None;
    }
    let logs: Vec<f64> = history
        .counts
        .chunks_exact(WEEK)
        .map(|week| week.iter().sum::<f64>())
        .filter(|total| *total > 0.0)
        .map(f64::ln)
        .collect();
    let weeks = history.counts.len() / WEEK;
    if weeks < FEWEST_WEEKS || logs.len() < weeks {
        return None;
    }
    let n = count(weeks);
    let middle = 0.5 * (n - 1.0);
    let mean = logs.iter().sum::<f64>() / n;
    let away = |i: usize| count(i) - middle;
    let squares: f64 = (0..weeks).map(|i| away(i) * away(i)).sum();
    let slope =
        logs.iter().enumerate().map(|(i, y)| away(i) * (y - mean)).sum::<f64>() / squares;
    let left: f64 =
        logs.iter().enumerate().map(|(i, y)| (y - mean - slope * away(i)).powi(2)).sum();
    let error = (left / (n - 2.0) / squares).sqrt() * student_quantile(0.95, n - 2.0);
    let weeks_a_year = 365.0 / 7.0;
    let yearly = |x: f64| x * weeks_a_year;
    Some((yearly(slope), [yearly(slope - error), yearly(slope + error)]))
}

/// At most [`CURVE`] loads over their mean, highest first, each for an equal share.
fn curve(counts: &[f64], mean: f64) -> Vec<f64> {
    let mut sorted: Vec<f64> = counts.iter().map(|x| x / mean).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    if sorted.len() <= CURVE {
        return sorted;
    }
    // Means over equal shares of the time, so that the mean stays 1.
    let share = count(sorted.len()) / count(CURVE);
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for (i, x) in sorted.iter().enumerate() {
        let (from, to) = (count(i) / share, (count(i) + 1.0) / share);
        let (first, last) = (whole(from), whole(to).min(CURVE - 1));
        let cut = count(first + 1).min(to);
        *sums.entry(first.min(CURVE - 1)).or_default() += x * (cut - from);
        if last > first {
            *sums.entry(last).or_default() += x * (to - cut);
        }
    }
    sums.into_values().collect()
}

#[cfg(test)]
mod tests;
