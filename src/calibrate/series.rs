//! Histories as files write them: `series,unit,t,ln_cost` or `date,value`.
//!
//! A file may hold many series; each has a family, which its name or the person says, and
//! a step: a year, a quarter or a month. Read next: [`super::record`].

use crate::input::{Diagnostics, Table, When};
use crate::stats::quantile;
use crate::units::MONTHS_PER_YEAR;

use super::{Design, Family, Point};

/// Values on either side that a value is compared with.
const AROUND: usize = 3;
/// A value this many times above or below the median of those around it is a placeholder
/// or another unit: rents of one chip have stayed within a factor of 4 for years.
const FAR: f64 = 20.0;
/// A round number is suspect already this far away.
const FAR_AND_ROUND: f64 = 6.0;
/// Values that a series may have: fifty years of months. Every origin is forecast from, so
/// that the work grows faster than the square of their number.
const MOST_VALUES: usize = 600;

/// The time between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A year.
    Year,
    /// A quarter.
    Quarter,
    /// A month.
    Month,
}

impl Step {
    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
        }
    }

    /// Months in it.
    pub fn months(self) -> u32 {
        match self {
            Self::Year => 12,
            Self::Quarter => 3,
            Self::Month => 1,
        }
    }

    /// When to forecast from, and how far ahead.
    pub fn design(self) -> Design {
        match self {
            Self::Year => Design::yearly(),
            Self::Quarter => Design::quarterly(),
            Self::Month => Design::monthly(),
        }
    }
}

/// What says which family a series is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// What stands before the colon of its name.
    ByName,
    /// The person, for the whole file.
    ByOption,
    /// Only its step: years are hardware, anything shorter a rent.
    ByStep,
}

/// A history.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// What says so.
    pub told: Told,
    /// Time between two values.
    pub step: Step,
    /// Calendar year and month of the first value, where the file has one.
    pub start: Option<(i32, u32)>,
    /// The values, in order of time.
    pub points: Vec<Point>,
}

/// A value and the row that it stands in.
struct Found {
    name: String,
    step: Option<Step>,
    row: usize,
    months: Option<i64>,
    point: Point,
}

/// Every series of a table, in the order in which their names come up.
///
/// With `family`, series whose name says another are left out, and the rest are taken for
/// this one. `name` is what a series without a name is called.
///
/// **Errors** E0601 for columns that are not known, E0603 for cells, E0604 for times that
/// do not rise or are of several kinds, E0605 for values far from all around them unless
/// `keeps_suspect`, E0606 where a series has less than two values, E0607 for too many.
pub fn read(
    mut table: Table,
    name: &str,
    family: Option<Family>,
    keeps_suspect: bool,
) -> Result<Vec<Series>, Diagnostics> {
    let found = if several_sellers(&table) {
        let message = "the rows are of several providers or instruments".to_owned();
        let help = "`rackcast calibrate prices` keeps them apart; for a hindcast write \
                    `series,unit,t,value`, or one file each"
            .to_owned();
        table.header_problem("E0601", message, Some(help));
        return Err(table.diagnostics);
    } else if table.column("series").is_some() {
        named_rows(&mut table)
    } else if let (Some(date), Some(value)) = (table.column("date"), value_column(&table))
    {
        dated_rows(&mut table, name, date, value)
    } else {
        let message = format!(
            "the columns are `{}`, wanted `date,value` or `series,unit,t,ln_cost`",
            table.header.join(",")
        );
        let help = "name the columns in the first line of the file".to_owned();
        table.header_problem("E0601", message, Some(help));
        Vec::new()
    };
    let mut names: Vec<&str> = Vec::new();
    for f in &found {
        if !names.contains(&f.name.as_str()) {
            names.push(&f.name);
        }
    }
    let mut all = Vec::new();
    let mut others = 0_usize;
    for name in names {
        let own: Vec<&Found> = found.iter().filter(|f| f.name == name).collect();
        in_order(&mut table, &own);
        if !keeps_suspect {
            let logs: Vec<f64> = own.iter().map(|f| f.point.log).collect();
            far_values(&mut table, name, &logs, |i| own[i].row);
        }
        too_many(&mut table, name, own.len());
        let Some(series) = series(name, &own, family) else {
            others += 1;
            continue;
        };
        if series.points.len() < 2 {
            let message =
                format!("`{name}` has one value, and nothing to compare it with");
            table.problem(own[0].row, "E0606", message, None);
        }
        all.push(series);
    }
    if all.is_empty() && !table.diagnostics.has_errors() {
        let message = match family {
            Some(family) if others > 0 => {
                format!(
                    "none of the {others} series is of the family `{}`",
                    family.name()
                )
            }
            _ => "there is no value below the header".to_owned(),
        };
        table.header_problem("E0606", message, None);
    }
    if table.diagnostics.has_errors() { Err(table.diagnostics) } else { Ok(all) }
}

/// True where a column of sellers or of what is sold holds two of them.
fn several_sellers(table: &Table) -> bool {
    let names = ["provider", "vendor", "instrument", "gpu", "accelerator", "sku"];
    table.column("series").is_none()
        && names.iter().filter_map(|name| table.column(name)).any(|column| {
            let mut cells = table.rows.iter().map(|row| &row.cells[column]);
            let first = cells.next();
            cells.any(|cell| Some(cell) != first)
        })
}

/// Tells every value far from those around it, given as logarithms (E0605).
pub(super) fn far_values(
    table: &mut Table,
    name: &str,
    logs: &[f64],
    row: impl Fn(usize) -> usize,
) {
    for (i, log) in logs.iter().enumerate() {
        // Of the values around it: a cost may fall a thousandfold in time.
        let near = i.saturating_sub(AROUND)..(i + AROUND + 1).min(logs.len());
        let mut around: Vec<f64> = near.filter(|j| *j != i).map(|j| logs[j]).collect();
        if around.is_empty() {
            continue;
        }
        let factor = (log - quantile(&mut around, 0.5)).abs().exp();
        let value = log.exp();
        let is_round = (value - value.round()).abs() < 1e-9 * value;
        if factor > FAR || (factor > FAR_AND_ROUND && is_round) {
            let value = if is_round { value.round() } else { value };
            let message = format!(
                "{value} is {factor:.0} times away from the values of `{name}` around it"
            );
            let help = "leave it out, or say that it is real with --keep-suspect";
            table.problem(row(i), "E0605", message, Some(help.to_owned()));
        }
    }
}

/// Refuses a series of more values than a record is made of (E0607).
pub(super) fn too_many(table: &mut Table, name: &str, values: usize) {
    if values <= MOST_VALUES {
        return;
    }
    let message = format!("`{name}` has {values} values, at most {MOST_VALUES} are read");
    let help = "keep one value a month, or the years that are like those to come";
    table.header_problem("E0607", message, Some(help.to_owned()));
}

/// What a date says: a year, a quarter, a half year, or a month with or without its day.
fn kind_of(date: &str) -> &'static str {
    match date.split('-').nth(1) {
        None => "a year",
        Some(part) if part.starts_with('Q') => "a quarter",
        Some(part) if part.starts_with('H') => "a half year",
        Some(_) => "a month",
    }
}

/// Refuses a date of another kind than the first: a year among months is none of them
/// (E0604).
pub(super) fn same_kind(
    table: &mut Table,
    row: usize,
    date: &str,
    first: &mut Option<&'static str>,
) {
    let (kind, wanted) = (kind_of(date), *first.get_or_insert(kind_of(date)));
    if kind != wanted {
        let message = format!("`{date}` is {kind}, the rows before it {wanted} each");
        let help = "write dates of one kind, or the others into a file of their own";
        table.problem(row, "E0604", message, Some(help.to_owned()));
    }
}

fn value_column(table: &Table) -> Option<usize> {
    table.column("value").or_else(|| table.column("price"))
}

fn named_rows(table: &mut Table) -> Vec<Found> {
    let columns = ["series", "unit", "t"].map(|name| table.column(name));
    let log = table.column("ln_cost").or_else(|| table.column("ln_value"));
    let value = value_column(table);
    let ([Some(series), Some(unit), Some(t)], true) =
        (columns, log.is_some() || value.is_some())
    else {
        let message = format!(
            "the columns are `{}`, wanted `series,unit,t` and `ln_cost` or `value`",
            table.header.join(",")
        );
        table.header_problem("E0601", message, None);
        return Vec::new();
    };
    let mut found = Vec::new();
    for row in 0..table.rows.len() {
        let cells = table.rows[row].cells.clone();
        let step = match cells[unit].to_lowercase().as_str() {
            "year" | "years" => Some(Step::Year),
            "quarter" | "quarters" => Some(Step::Quarter),
            "month" | "months" => Some(Step::Month),
            other => {
                let message =
                    format!("`unit` must be year, quarter or month, found `{other}`");
                table.problem(row, "E0603", message, None);
                None
            }
        };
        let time = number(table, row, "t", &cells[t]);
        let log = match (log, value) {
            (Some(log), _) => number(table, row, "ln_cost", &cells[log]),
            (None, Some(value)) => positive_log(table, row, "value", &cells[value]),
            (None, None) => None,
        };
        if cells[series].is_empty() {
            table.problem(row, "E0603", "`series` must not be empty".to_owned(), None);
            continue;
        }
        let (Some(step), Some(time), Some(log)) = (step, time, log) else { continue };
        let years = time * f64::from(step.months()) / MONTHS_PER_YEAR;
        // A year of the calendar, if it can be one.
        let months = (step == Step::Year && (1900.0..2200.0).contains(&time))
            .then(|| whole_months(time));
        let name = cells[series].clone();
        let point = Point { years, log };
        found.push(Found { name, step: Some(step), row, months, point });
    }
    found
}

fn dated_rows(table: &mut Table, name: &str, date: usize, value: usize) -> Vec<Found> {
    let (mut found, mut kind) = (Vec::new(), None);
    for row in 0..table.rows.len() {
        let cells = table.rows[row].cells.clone();
        let when = match cells[date].parse::<When>() {
            Ok(when) => {
                same_kind(table, row, &cells[date], &mut kind);
                Some(when)
            }
            Err(message) => {
                table.problem(row, "E0603", message, None);
                None
            }
        };
        let log = positive_log(table, row, "value", &cells[value]);
        let (Some(when), Some(log)) = (when, log) else { continue };
        let months = when.months();
        let years = f64::from(i32::try_from(months).unwrap_or(0)) / MONTHS_PER_YEAR;
        let point = Point { years, log };
        let name = name.to_owned();
        found.push(Found { name, step: None, row, months: Some(months), point });
    }
    found
}

/// A finite number, or a problem at its row.
pub(super) fn number(
    table: &mut Table,
    row: usize,
    column: &str,
    cell: &str,
) -> Option<f64> {
    match cell.parse::<f64>() {
        Ok(x) if x.is_finite() => Some(x),
        _ => {
            let message = format!("`{column}` must be a finite number, found `{cell}`");
            table.problem(row, "E0603", message, None);
            None
        }
    }
}

/// The logarithm of a number above zero, or a problem at its row.
pub(super) fn positive_log(
    table: &mut Table,
    row: usize,
    column: &str,
    cell: &str,
) -> Option<f64> {
    let x = number(table, row, column, cell)?;
    if x > 0.0 {
        return Some(x.ln());
    }
    let message = format!("`{column}` must be above zero, found {cell}");
    let help = "leave out the rows of dates whose value is not known".to_owned();
    table.problem(row, "E0603", message, Some(help));
    None
}

fn in_order(table: &mut Table, own: &[&Found]) {
    for pair in own.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        if after.point.years > before.point.years {
            continue;
        }
        let cell = table.rows[after.row].cells.join(",");
        let is_same = after.point.years >= before.point.years;
        let (what, help) = match (is_same, after.months.is_some() && after.step.is_none())
        {
            (true, true) => (
                "is in the same month as the row before",
                "keep one value a month: forecasts are months ahead",
            ),
            (true, false) => {
                ("is at the same time as the row before", "keep one value a date")
            }
            (false, _) => ("is earlier than the row before", "sort the rows by time"),
        };
        table.problem(
            after.row,
            "E0604",
            format!("`{cell}` {what}"),
            Some(help.to_owned()),
        );
    }
}

/// Nothing where its name says another family.
fn series(name: &str, own: &[&Found], family: Option<Family>) -> Option<Series> {
    let points: Vec<Point> = own.iter().map(|f| f.point).collect();
    let step = own[0].step.unwrap_or_else(|| step_of(&points));
    let by_name = Family::of_series(name);
    let (family, told) = match (family, by_name) {
        (Some(family), Some(own)) if family != own => return None,
        (_, Some(own)) => (own, Told::ByName),
        (Some(family), None) => (family, Told::ByOption),
        (None, None) if step == Step::Year => (Family::Hardware, Told::ByStep),
        (None, None) => (Family::Rent, Told::ByStep),
    };
    let start = own[0].months.map(calendar);
    Some(Series { name: name.to_owned(), family, told, step, start, points })
}

/// Months since the year 0 of a year between 1900 and 2200.
#[expect(clippy::cast_possible_truncation, reason = "a year has four digits")]
fn whole_months(year: f64) -> i64 {
    (year * MONTHS_PER_YEAR).floor() as i64
}

/// Calendar year and month (1 to 12) of months since the year 0.
pub(super) fn calendar(months: i64) -> (i32, u32) {
    let year = i32::try_from(months.div_euclid(12)).unwrap_or(0);
    (year, u32::try_from(months.rem_euclid(12)).unwrap_or(0) + 1)
}

/// The step nearest to the median distance of dates.
pub(super) fn step_of(points: &[Point]) -> Step {
    let mut gaps: Vec<f64> =
        points.windows(2).map(|p| (p[1].years - p[0].years) * MONTHS_PER_YEAR).collect();
    let gap = quantile(&mut gaps, 0.5);
    if gap > 6.5 {
        Step::Year
    } else if gap > 2.0 {
        Step::Quarter
    } else {
        Step::Month
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn parsed(text: &str, family: Option<Family>) -> Result<Vec<Series>, Diagnostics> {
        read(Table::parse("a.csv", text).unwrap(), "a", family, false)
    }

    #[test]
    fn a_dated_history_has_a_step_and_a_start() {
        let series =
            parsed("date,value\n2024-01,2\n2024-02,4\n2024-03-15,8\n", None).unwrap();
        let [only] = series.as_slice() else { panic!("one series") };
        assert_eq!((only.step, only.start), (Step::Month, Some((2024, 1))));
        assert_eq!((only.family, only.told), (Family::Rent, Told::ByStep));
        let gap = only.points[2].years - only.points[0].years;
        assert!((gap - 2.0 / 12.0).abs() < 1e-9);
        assert!((only.points[1].log - 4.0_f64.ln()).abs() < 1e-15);
        let yearly = parsed("date,value\n2021,2\n2022,4\n2023,8\n", None).unwrap();
        assert_eq!((yearly[0].step, yearly[0].family), (Step::Year, Family::Hardware));
        let quarters =
            parsed("date,value\n2021-Q1,2\n2021-Q2,4\n", Some(Family::Api)).unwrap();
        assert_eq!((quarters[0].step, quarters[0].told), (Step::Quarter, Told::ByOption));
    }

    const MIXED: &str = "series,unit,t,ln_cost\n\
        pcdb:A,year,1990,0.5\nrent:B,month,0,1.5\npcdb:A,year,1991,0.25\nrent:B,month,1,1.25\n";

    #[test]
    fn series_of_a_file_keep_their_order_and_a_family_chooses_among_them() {
        let series = parsed(MIXED, None).unwrap();
        let told: Vec<_> = series.iter().map(|s| (s.name.as_str(), s.family)).collect();
        assert_eq!(told, [("pcdb:A", Family::Hardware), ("rent:B", Family::Rent)]);
        assert_eq!(series[0].start, Some((1990, 1)));
        assert!((series[1].points[1].years - 1.0 / 12.0).abs() < 1e-12);
        let rents = parsed(MIXED, Some(Family::Rent)).unwrap();
        assert_eq!(rents.len(), 1);
        let none = parsed(MIXED, Some(Family::Demand)).unwrap_err();
        assert!(none.to_string().contains("none of the 2 series"), "{none}");
    }

    #[test]
    fn what_would_be_a_wrong_answer_is_a_problem_at_its_place() {
        let told = |text: &str| -> Vec<(&'static str, usize)> {
            let all = parsed(text, None).unwrap_err();
            all.iter().map(|d| (d.code, d.line_column().0)).collect()
        };
        let placeholder =
            "date,value\n2024-01,2\n2024-02,2.1\n2024-03,700.0\n2024-04,2\n";
        assert_eq!(told(placeholder), [("E0605", 4)]);
        let table = Table::parse("a.csv", placeholder).unwrap();
        assert_eq!(read(table, "a", None, true).unwrap()[0].points.len(), 4);
        let kinds = "date,value\n2024-01,2\n2024-02-15,2.1\n2024-Q2,2.2\n2025,2\n";
        assert_eq!(told(kinds), [("E0604", 4), ("E0604", 5)]);
        let sellers = "date,provider,value\n2024-01,a,2\n2024-01,b,3\n";
        assert_eq!(told(sellers), [("E0601", 1)]);
        let mut long = "series,unit,t,value\n".to_owned();
        for month in 0..=MOST_VALUES {
            let _ = writeln!(long, "s,month,{month},1.5");
        }
        assert_eq!(told(&long), [("E0607", 1)]);
        // A cost that falls a hundredfold over the years is no placeholder.
        let mut falls = "series,unit,t,value\n".to_owned();
        for year in 1970..2000_i32 {
            let value = 1e6 * (-0.6 * f64::from(year - 1970)).exp();
            let _ = writeln!(falls, "tech,year,{year},{value}");
        }
        assert!(parsed(&falls, None).is_ok());
    }

    #[test]
    fn every_problem_is_shown_at_its_row() {
        let text = "date,value\n2024-01,2\nOct,3\n2024-02,-1\n2024-01,2\n2024-03,nan\n";
        let all = parsed(text, None).unwrap_err();
        let places: Vec<_> = all.iter().map(|d| (d.code, d.line_column().0)).collect();
        assert_eq!(
            places,
            [("E0603", 3), ("E0603", 4), ("E0604", 5), ("E0603", 6)],
            "{all}"
        );
        for text in ["when,price\n2024,1\n", "series,t,value\na,1,2\n"] {
            let error = parsed(text, None).unwrap_err();
            assert_eq!(error.iter().next().unwrap().code, "E0601");
        }
        let error = parsed("date,value\n", None).unwrap_err();
        assert_eq!(error.iter().next().unwrap().code, "E0606");
    }
}
