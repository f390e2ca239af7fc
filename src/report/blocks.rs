//! A small fan in characters, for a terminal.
//!
//! Shades of a block stand for bands: dark for the half of the paths in the middle, light
//! for nine in ten, full for the median. It shows the shape; numbers are in the table and
//! the charts. Read next: [`super::summary`].

use super::fan::{Fan, FanUnit};
use super::format::{count, percent, si, usd};

/// Rows of the plot.
const ROWS: usize = 7;
/// Columns of the plot.
const COLUMNS: usize = 60;
/// Columns before it.
const LABEL: usize = 9;

/// The fan in lines of at most 72 columns, with the highest and lowest value at the left
/// and months since the start below; nothing where there is nothing to draw.
pub fn fan(fan: &Fan<'_>) -> Vec<String> {
    let months = fan.data.quantiles.len();
    let all = || fan.data.quantiles.iter().flat_map(|q| [q[1], q[7]]);
    if months < 2 || all().any(|x| !x.is_finite()) {
        return Vec::new();
    }
    let (low, high) = all().fold((0.0_f64, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
    if high - low <= 0.0 {
        return Vec::new();
    }
    let height = (high - low) / crate::units::count(ROWS);
    let width = months.min(COLUMNS);
    let zero = row_of(0.0, high, height);
    let mut lines = Vec::new();
    for row in 0..ROWS {
        let top = high - height * crate::units::count(row);
        let bottom = top - height;
        let label = match row {
            0 => value(&fan.unit, high),
            _ if row == zero && row + 1 < ROWS => value(&fan.unit, 0.0),
            _ if row + 1 == ROWS => value(&fan.unit, low),
            _ => String::new(),
        };
        let cells: String = (0..width)
            .map(|column| {
                let q = &fan.data.quantiles[column * (months - 1) / (width - 1)];
                let touches = |from: f64, to: f64| from < top && to >= bottom;
                if row_of(q[4], high, height) == row {
                    '█'
                } else if touches(q[3], q[5]) {
                    '▓'
                } else if touches(q[1], q[7]) {
                    '░'
                } else if row == zero {
                    '·'
                } else {
                    ' '
                }
            })
            .collect();
        let line = format!("{label:>LABEL$} {cells}");
        lines.push(line.trim_end().to_owned());
    }
    let last = format!("month {months}");
    lines.push(format!(
        "{:>LABEL$} 1{last:>right$}",
        "",
        right = width.saturating_sub(1)
    ));
    lines
}

/// The row a value lies in, the first or last where it is outside.
fn row_of(x: f64, high: f64, height: f64) -> usize {
    (0..ROWS)
        .find(|row| x >= high - height * crate::units::count(row + 1))
        .unwrap_or(ROWS - 1)
}

fn value(unit: &FanUnit, x: f64) -> String {
    match unit {
        FanUnit::Usd | FanUnit::PresentUsd | FanUnit::UsdPer(_) => usd(x),
        FanUnit::Share => percent(x),
        FanUnit::Count(_) => count(x),
        FanUnit::FlopPerSecondPerUsd => si(x, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::outcome::FanData;
    use crate::report::fan::Owner;

    fn drawn(quantiles: Vec<[f64; 9]>) -> Vec<String> {
        let data = FanData { quantiles, samples: Vec::new(), curvewise: None };
        fan(&Fan {
            key: String::new(),
            title: String::new(),
            unit: FanUnit::PresentUsd,
            note: String::new(),
            owner: Owner::Pair,
            data: &data,
        })
    }

    #[test]
    fn bands_are_nested_around_the_median() {
        let spread = [-9.0, -6.0, -5.0, -2.0, 0.5, 3.0, 5.0, 8.0, 9.0];
        let lines = drawn((0..48).map(|m| spread.map(|x| x * f64::from(m))).collect());
        assert_eq!(lines.len(), ROWS + 1);
        assert!(lines.iter().all(|l| l.chars().count() <= 72), "{lines:#?}");
        let last: String =
            lines[..ROWS].iter().filter_map(|l| l.chars().nth(57)).collect();
        assert_eq!(last, "░░▓█▓░░", "{lines:#?}");
        assert!(lines[0].trim_start().starts_with("$376"), "{}", lines[0]);
        assert!(lines[ROWS].ends_with("month 48"));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(drawn(Vec::new()).is_empty());
        assert!(drawn(vec![[0.0; 9]; 12]).is_empty());
        assert!(drawn(vec![[f64::NAN; 9]; 12]).is_empty());
    }
}
