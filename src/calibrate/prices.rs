//! Quotes of prices: one list, or rows of providers kept apart; what is no price is told.
//!
//! A file of quotes holds placeholders: 0 where nobody answered, 700.0 where a form wanted
//! a number, the same row twice, a price copied on for a year. A fit would take them for
//! the market, so they are refused unless the person says that they are real. Quotes of
//! one month become one value, their geometric mean. Read next: [`super::Stack`].

use std::collections::BTreeMap;

use crate::input::{Diagnostics, Table, When};
use crate::units::{MONTHS_PER_YEAR, count};

use super::series::{self, Series, Told};
use super::{Family, Point};

/// Values in a row, the same to the last digit, that no list price should show: prices
/// moved in a fifth of months, so one in fifteen would stand still for twelve.
const STALE: usize = 13;

/// The name of the index of matched providers.
pub const CHAIN: &str = "matched providers";

/// A quote of a file.
struct Quote {
    row: usize,
    name: String,
    date: String,
    months: i64,
    value: f64,
}

/// Every series of a file of quotes, one value a month at most.
///
/// `date,value` is one series, called `name`; with columns `provider` or `instrument`
/// (also `gpu`, `accelerator`, `sku`) there is one for each pair, and where an instrument
/// has two providers or more, an index of matched providers: the mean change of those
/// quoted in both months. A file in the form of [`series::read`] is read as that.
///
/// **Errors** as [`series::read`], and E0605 for suspect values unless `keeps_suspect`,
/// which also keeps the last of two quotes of one date.
pub fn read(
    mut table: Table,
    name: &str,
    family: Option<Family>,
    keeps_suspect: bool,
) -> Result<Vec<Series>, Diagnostics> {
    if table.column("series").is_some() {
        return series::read(table, name, family, keeps_suspect);
    }
    let quotes = quotes(&mut table, name, keeps_suspect);
    let mut names: Vec<String> = Vec::new();
    for quote in &quotes {
        if !names.contains(&quote.name) {
            names.push(quote.name.clone());
        }
    }
    let family = family.unwrap_or(Family::Rent);
    let mut all = Vec::new();
    for name in &names {
        let mut own: Vec<&Quote> = quotes.iter().filter(|q| q.name == *name).collect();
        own.sort_by(|a, b| (a.months, &a.date).cmp(&(b.months, &b.date)));
        if !keeps_suspect {
            suspects(&mut table, &own);
        }
        let series = monthly(name, &own, family);
        series::too_many(&mut table, name, series.points.len());
        all.push(series);
    }
    if names.is_empty() && !table.diagnostics.has_errors() {
        let message = "there is no value below the header".to_owned();
        table.header_problem("E0606", message, None);
    }
    if table.diagnostics.has_errors() {
        return Err(table.diagnostics);
    }
    let chains = chains(&all, family);
    all.extend(chains);
    Ok(all)
}

fn quotes(table: &mut Table, name: &str, keeps_suspect: bool) -> Vec<Quote> {
    let column = |names: &[&str]| names.iter().find_map(|name| table.column(name));
    let date = column(&["date", "period", "month"]);
    let value = column(&["value", "price", "usd_per_hour", "price_usd"]);
    let provider = column(&["provider", "vendor"]);
    let instrument = column(&["instrument", "gpu", "accelerator", "sku"]);
    let (Some(date), Some(value)) = (date, value) else {
        let message = format!(
            "the columns are `{}`, wanted `date,value` or `date,provider,instrument,value`",
            table.header.join(",")
        );
        table.header_problem("E0601", message, None);
        return Vec::new();
    };
    let (mut quotes, mut kind) = (Vec::new(), None);
    for row in 0..table.rows.len() {
        let cells = table.rows[row].cells.clone();
        let when = match cells[date].parse::<When>() {
            Ok(when) => {
                series::same_kind(table, row, &cells[date], &mut kind);
                Some(when)
            }
            Err(message) => {
                table.problem(row, "E0603", message, None);
                None
            }
        };
        let number = series::number(table, row, "value", &cells[value]);
        let (Some(when), Some(number)) = (when, number) else { continue };
        if number <= 0.0 {
            if !keeps_suspect {
                let message = format!("a price of {} is a placeholder", cells[value]);
                let help =
                    "leave the row out, or pass over such rows with --keep-suspect";
                table.problem(row, "E0605", message, Some(help.to_owned()));
            }
            continue;
        }
        let parts = [instrument, provider].map(|c| c.map(|c| cells[c].as_str()));
        let parts: Vec<&str> =
            parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let name = if parts.is_empty() { name.to_owned() } else { parts.join(" ") };
        let (date, months) = (cells[date].clone(), when.months());
        quotes.push(Quote { row, name, date, months, value: number });
    }
    quotes
}

/// Tells every value of a series that may be no price.
fn suspects(table: &mut Table, own: &[&Quote]) {
    let logs: Vec<f64> = own.iter().map(|q| q.value.ln()).collect();
    let name = own.first().map_or("", |q| q.name.as_str());
    series::far_values(table, name, &logs, |i| own[i].row);
    let help =
        || Some("leave it out, or say that it is real with --keep-suspect".to_owned());
    for pair in own.windows(2) {
        if pair[0].date == pair[1].date {
            let message =
                format!("`{}` has a second value on {}", pair[1].name, pair[1].date);
            let help = "keep one, or the last with --keep-suspect".to_owned();
            table.problem(pair[1].row, "E0605", message, Some(help));
        }
    }
    let mut run = 1;
    for (i, pair) in own.windows(2).enumerate() {
        run =
            if pair[0].value.to_bits() == pair[1].value.to_bits() { run + 1 } else { 1 };
        if run == STALE {
            let first = own[i + 2 - STALE];
            let message = format!(
                "{} stands from {} to {} without a change: copied on, or no longer quoted",
                first.value, first.date, pair[1].date
            );
            table.problem(first.row, "E0605", message, help());
        }
    }
}

/// One value a month: the geometric mean of the dates in it, the last quote of a date.
fn monthly(name: &str, own: &[&Quote], family: Family) -> Series {
    let mut months: BTreeMap<i64, BTreeMap<&str, f64>> = BTreeMap::new();
    for quote in own {
        months.entry(quote.months).or_default().insert(&quote.date, quote.value.ln());
    }
    let points: Vec<Point> = months
        .iter()
        .map(|(month, logs)| Point {
            years: years(*month),
            log: logs.values().sum::<f64>() / count(logs.len()),
        })
        .collect();
    let start = months.keys().next().map(|first| series::calendar(*first));
    let step = series::step_of(&points);
    Series { name: name.to_owned(), family, told: Told::ByOption, step, start, points }
}

fn years(months: i64) -> f64 {
    f64::from(i32::try_from(months).unwrap_or(0)) / MONTHS_PER_YEAR
}

/// The index of matched providers of each instrument with two or more.
///
/// It starts at the geometric mean of the first month's quotes and moves by the mean
/// change of those quoted then and in the last month there was one, so that a provider who
/// comes or goes moves nothing.
fn chains(all: &[Series], family: Family) -> Vec<Series> {
    let instrument = |s: &Series| s.name.split_once(' ').map(|(i, _)| i.to_owned());
    let mut groups: BTreeMap<String, Vec<&Series>> = BTreeMap::new();
    for s in all {
        groups.entry(instrument(s).unwrap_or_default()).or_default().push(s);
    }
    let mut chains = Vec::new();
    for (instrument, members) in groups {
        if members.len() < 2 {
            continue;
        }
        let key = |years: f64| month_number(years);
        let mut months: Vec<i64> =
            members.iter().flat_map(|s| s.points.iter().map(|p| key(p.years))).collect();
        months.sort_unstable();
        months.dedup();
        let at = |s: &Series, month: i64| {
            s.points.iter().find(|p| key(p.years) == month).map(|p| p.log)
        };
        let Some(&first) = months.first() else { continue };
        let now: Vec<f64> = members.iter().filter_map(|s| at(s, first)).collect();
        let mut log = now.iter().sum::<f64>() / count(now.len().max(1));
        let mut points = vec![Point { years: years(first), log }];
        for pair in months.windows(2) {
            let moved: Vec<f64> = members
                .iter()
                .filter_map(|s| Some(at(s, pair[1])? - at(s, pair[0])?))
                .collect();
            if !moved.is_empty() {
                log += moved.iter().sum::<f64>() / count(moved.len());
                points.push(Point { years: years(pair[1]), log });
            }
        }
        let name = format!("{instrument} {CHAIN}").trim().to_owned();
        let (step, start) = (series::step_of(&points), Some(series::calendar(first)));
        chains.push(Series { name, family, told: Told::ByOption, step, start, points });
    }
    chains
}

#[expect(clippy::cast_possible_truncation, reason = "months of a calendar are few")]
fn month_number(years: f64) -> i64 {
    (years * MONTHS_PER_YEAR).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn parsed(text: &str, keeps: bool) -> Result<Vec<Series>, Diagnostics> {
        read(Table::parse("a.csv", text).unwrap(), "a", None, keeps)
    }

    #[test]
    fn placeholders_are_refused_at_their_rows_unless_told() {
        let text = "date,value\n2024-01,2.5\n2024-02,700.0\n2024-03,0\n2024-04,2.4\n\
                    2024-04,2.4\n2024-05,2.3\n2024-06,2.35\n";
        let all = parsed(text, false).unwrap_err();
        let places: Vec<_> = all.iter().map(|d| (d.code, d.line_column().0)).collect();
        assert_eq!(places, [("E0605", 3), ("E0605", 4), ("E0605", 6)], "{all}");
        // Told, all but the zero stay.
        assert_eq!(parsed(text, true).unwrap()[0].points.len(), 5);
    }

    #[test]
    fn a_price_copied_on_for_long_is_refused() {
        let mut text = "date,value\n".to_owned();
        for month in 0..20_u32 {
            let value = if month < 14 { 2.49 } else { 2.4 };
            let _ = writeln!(text, "{}-{:02},{value}", 2024 + month / 12, month % 12 + 1);
        }
        let all = parsed(&text, false).unwrap_err();
        assert_eq!(all.len(), 1, "{all}");
        assert!(all.to_string().contains("without a change"), "{all}");
        assert_eq!(parsed(&text, true).unwrap()[0].points.len(), 20);
    }

    #[test]
    fn providers_are_kept_apart_and_the_index_follows_those_there_twice() {
        let text = "date,provider,instrument,value\n2024-01,a,H100,2\n2024-01,b,H100,8\n\
                    2024-02,a,H100,4\n2024-02,c,H100,100.5\n2024-03,c,H100,50.25\n\
                    2024-01,a,B200,5\n2024-02,a,B200,5\n";
        let all = parsed(text, false).unwrap();
        let names: Vec<&str> = all.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(
            names,
            ["H100 a", "H100 b", "H100 c", "B200 a", "H100 matched providers"]
        );
        let index = &all[4].points;
        let logs: Vec<f64> = index.iter().map(|p| p.log.exp()).collect();
        // √(2·8) = 4, doubled by a, halved by c.
        for (found, wanted) in logs.iter().zip([4.0, 8.0, 4.0]) {
            assert!((found - wanted).abs() < 1e-9, "{logs:?}");
        }
    }

    #[test]
    fn days_of_a_month_become_their_geometric_mean() {
        let text = "date,value\n2024-01-05,2\n2024-01-20,8\n2024-02-01,3\n";
        let all = parsed(text, false).unwrap();
        assert_eq!(all[0].points.len(), 2);
        assert!((all[0].points[0].log - 4.0_f64.ln()).abs() < 1e-12);
        assert_eq!(all[0].start, Some((2024, 1)));
    }

    #[test]
    fn columns_without_a_price_are_refused() {
        let error = parsed("date,cost\n2024-01,2\n", false).unwrap_err();
        assert_eq!(error.iter().next().unwrap().code, "E0601");
        let error = parsed("date,value\n", false).unwrap_err();
        assert_eq!(error.iter().next().unwrap().code, "E0606");
    }
}
