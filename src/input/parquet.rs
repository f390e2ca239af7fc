//! Parquet files as tables of text, where the program is built with them.
//!
//! Bills are exported in Parquet as often as in CSV. A file becomes the CSV that would say
//! the same, so that one reader, with its diagnostics, serves both. Read next:
//! [`super::Table`].

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::table::MAX_TABLE_BYTES;

/// The table of a Parquet file as CSV: names of columns, then a line a row.
///
/// Times are written as RFC 3339 in UTC, dates as year-month-day, what is missing as
/// nothing.
///
/// **Errors** in words: a file that is damaged, compressed in a way that is not read
/// (Snappy and gzip are), or larger as text than a table may be.
pub(super) fn as_csv(path: &Path) -> Result<String, String> {
    // The reader panics at some damages (60.1: a page count that does not fit), which is
    // its way to say so and no bug of ours to report: hushed and caught.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let read = std::panic::catch_unwind(|| converted(path));
    std::panic::set_hook(hook);
    read.unwrap_or_else(|_| Err("it is damaged".to_owned()))
}

fn converted(path: &Path) -> Result<String, String> {
    let said = |e: parquet::errors::ParquetError| e.to_string();
    let file = File::open(path).map_err(|e| e.to_string())?;
    let reader = SerializedFileReader::new(file).map_err(said)?;
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
    let mut lines = csv::Writer::from_writer(Vec::new());
    let written = |e: csv::Error| e.to_string();
    lines.write_record(&names).map_err(written)?;
    for row in reader.get_row_iter(None).map_err(said)? {
        let row = row.map_err(said)?;
        lines
            .write_record(row.get_column_iter().map(|(_, field)| text(field)))
            .map_err(written)?;
        if lines.get_ref().len() as u64 > MAX_TABLE_BYTES {
            return Err(format!(
                "it has more than {} MiB as text",
                MAX_TABLE_BYTES >> 20
            ));
        }
    }
    let bytes = lines.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

/// A cell as CSV has it.
fn text(field: &Field) -> String {
    let time = |found: Result<jiff::Timestamp, jiff::Error>, raw: i64| {
        found.map_or_else(|_| raw.to_string(), |time| time.to_string())
    };
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Float(x) => x.to_string(),
        Field::Double(x) => x.to_string(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::TimestampMillis(ms) => time(jiff::Timestamp::from_millisecond(*ms), *ms),
        Field::TimestampMicros(us) => time(jiff::Timestamp::from_microsecond(*us), *us),
        Field::Date(days) => {
            time(jiff::Timestamp::from_second(i64::from(*days) * 86_400), (*days).into())
                .chars()
                .take_while(|c| *c != 'T')
                .collect()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::data_type::{
        ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type,
    };
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::super::Table;

    const SCHEMA: &str = "message bill { REQUIRED BYTE_ARRAY SkuId (UTF8); \
        OPTIONAL DOUBLE EffectiveCost; REQUIRED INT64 At (TIMESTAMP_MILLIS); \
        REQUIRED INT32 Day (DATE); }";

    /// Two rows, the second without a cost.
    fn file(compression: Compression) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(SCHEMA).expect("a schema"));
        let properties = WriterProperties::builder().set_compression(compression).build();
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))
                .expect("a writer");
        let mut group = writer.next_row_group().expect("a group");
        let skus = [ByteArray::from("gpu, 8"), ByteArray::from("disk")];
        let mut column = group.next_column().expect("a column").expect("the first");
        column.typed::<ByteArrayType>().write_batch(&skus, None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("the second");
        let costs = column.typed::<DoubleType>();
        costs.write_batch(&[12.5], Some(&[1, 0]), None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("the third");
        let times = [1_767_225_600_000, 1_767_229_200_500];
        column.typed::<Int64Type>().write_batch(&times, None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("the fourth");
        column.typed::<Int32Type>().write_batch(&[20_454, 0], None, None).expect("ok");
        column.close().expect("closed");
        group.close().expect("closed");
        writer.close().expect("closed");
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Table, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bill.parquet");
        std::fs::write(&path, bytes).expect("a file");
        Table::read(&path).map_err(|found| found.to_string())
    }

    #[test]
    fn a_bill_in_parquet_reads_as_its_csv() {
        let gzip = Compression::GZIP(parquet::basic::GzipLevel::default());
        for how in [Compression::UNCOMPRESSED, Compression::SNAPPY, gzip] {
            let table = read(&file(how)).expect("it can be read");
            assert_eq!(table.header, ["skuid", "effectivecost", "at", "day"]);
            let cells: Vec<&[String]> =
                table.rows.iter().map(|row| &row.cells[..]).collect();
            assert_eq!(
                cells[0],
                ["gpu, 8", "12.5", "2026-01-01T00:00:00Z", "2026-01-01"]
            );
            assert_eq!(cells[1], ["disk", "", "2026-01-01T01:00:00.5Z", "1970-01-01"]);
        }
    }

    /// Whatever byte is wrong: an answer or a message, and never the end of the program.
    #[test]
    fn a_damaged_file_is_refused_in_words() {
        let whole = file(Compression::SNAPPY);
        for length in (4..whole.len()).step_by(7) {
            let said = read(&whole[..length]).expect_err("half of a file is refused");
            assert!(said.contains("error[E0804]"), "{said}");
        }
        for at in 4..whole.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                let _ = read(&bytes);
            }
        }
    }
}
