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

/// Every fan as Parquet, with the columns of [`csv`]: `fan`, `unit` and `date` as texts,
/// `month` as a whole number, quantiles as numbers; compressed with Snappy.
///
/// **Errors** none in practice: writing to memory does not fail.
#[cfg(feature = "parquet")]
pub fn parquet(
    scenario: &Scenario,
    outcome: &Outcome,
) -> Result<Vec<u8>, parquet::errors::ParquetError> {
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let fans = fans(scenario, outcome);
    let rows = || {
        fans.iter().flat_map(|fan| {
            let months = fan.data.quantiles.iter().enumerate();
            months.map(move |(month, quantiles)| (fan, month, quantiles))
        })
    };
    let text = |name: &str| format!("REQUIRED BYTE_ARRAY {name} (UTF8);");
    let quantiles = QUANTILES.map(|p| format!("REQUIRED DOUBLE p{:02.0};", p * 100.0));
    let schema = format!(
        "message fans {{ {} {} REQUIRED INT32 month; {} {} }}",
        text("fan"),
        text("unit"),
        text("date"),
        quantiles.concat()
    );
    let schema = Arc::new(parse_message_type(&schema)?);
    let compressed =
        WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(compressed))?;
    let mut group = writer.next_row_group()?;
    let texts: [Vec<ByteArray>; 3] = [
        rows().map(|(fan, ..)| fan.key.as_str().into()).collect(),
        rows().map(|(fan, ..)| fan.unit.to_string().as_str().into()).collect(),
        rows().map(|(_, month, _)| date(scenario.start, month).as_str().into()).collect(),
    ];
    let months: Vec<i32> =
        rows().map(|(_, month, _)| i32::try_from(month).unwrap_or(i32::MAX)).collect();
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        match place {
            0 | 1 | 3 => {
                let texts = &texts[if place == 3 { 2 } else { place }];
                column.typed::<ByteArrayType>().write_batch(texts, None, None)?;
            }
            2 => {
                column.typed::<Int32Type>().write_batch(&months, None, None)?;
            }
            _ => {
                let quantile: Vec<f64> = rows().map(|(_, _, q)| q[place - 4]).collect();
                column.typed::<DoubleType>().write_batch(&quantile, None, None)?;
            }
        }
        column.close()?;
        place += 1;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
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
