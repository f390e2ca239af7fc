//! `fans.csv`: every fan, one row per month.
//!
//! Columns: `fan`, `unit`, `month` (0 is the first), `date`, then the quantiles.

use crate::engine::Outcome;
use crate::engine::outcome::QUANTILES;
use crate::scenario::Scenario;

use super::fan::fans;

/// Every fan as CSV.
///
/// **Errors** none in practice: writing to memory does not fail.
pub fn csv(scenario: &Scenario, outcome: &Outcome) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> =
        ["fan", "unit", "month", "date"].map(str::to_owned).to_vec();
    header.extend(QUANTILES.iter().map(|p| format!("p{:02.0}", p * 100.0)));
    writer.write_record(&header)?;
    for fan in fans(scenario, outcome) {
        for (month, quantiles) in fan.data.quantiles.iter().enumerate() {
            let mut row = vec![
                fan.key.clone(),
                fan.unit.to_string(),
                month.to_string(),
                date(scenario.start, month),
            ];
            row.extend(quantiles.iter().map(f64::to_string));
            writer.write_record(&row)?;
        }
    }
    writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// Calendar month `month` months after `start`, as `2027-01`.
pub(super) fn date(start: (i32, u32), month: usize) -> String {
    let (year, first) = start;
    let months = i64::from(year) * 12 + i64::from(first) - 1
        + i64::try_from(month).unwrap_or(i64::MAX / 2);
    format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_count_over_the_end_of_a_year() {
        assert_eq!(date((2026, 11), 0), "2026-11");
        assert_eq!(date((2026, 11), 2), "2027-01");
        assert_eq!(date((2026, 11), 26), "2029-01");
    }
}
