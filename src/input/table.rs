//! A table of text (CSV): its header and rows, each at its line.
//!
//! Cells stay text: what they must be is for the room that asks, which reports a bad one
//! with [`Table::problem`] so that every problem of a file is shown at its place and all
//! at once. Lines that begin with `#` are remarks. Read next: [`super::Diagnostics`].

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::{Diagnostic, Diagnostics, Document};

/// Larger files are not read: a request trace of a month is below this.
pub const MAX_TABLE_BYTES: u64 = 512 << 20;

/// What every Parquet file begins with.
const PARQUET: &[u8] = b"PAR1";

/// One line of a table below its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cells, without blanks around them.
    pub cells: Vec<String>,
    span: Range<usize>,
}

/// A header and the rows below it.
#[derive(Debug, Clone)]
pub struct Table {
    document: Arc<Document>,
    /// Names of the columns, lower case, without blanks around them.
    pub header: Vec<String>,
    /// What stands below, in order.
    pub rows: Vec<Row>,
    /// Every problem found so far.
    pub diagnostics: Diagnostics,
    header_span: Range<usize>,
}

/// A Parquet file as CSV, or what is wrong with it and the next step.
#[cfg(feature = "parquet")]
fn parquet_as_csv(path: &Path) -> Result<String, (String, Option<&'static str>)> {
    super::parquet::as_csv(path).map_err(|said| {
        (format!("it cannot be read: {said}"), Some("export it again, or as CSV"))
    })
}

/// The same of a program that is built without it.
#[cfg(not(feature = "parquet"))]
fn parquet_as_csv(_: &Path) -> Result<String, (String, Option<&'static str>)> {
    let help = "export it as CSV, or build with `cargo install --features parquet`";
    Err(("this rackcast is built without it".to_owned(), Some(help)))
}

impl Table {
    /// Reads a file: CSV, or Parquet where the program is built with it.
    ///
    /// **Errors** E0804 for Parquet that cannot be read; E0002 where it cannot be read, E0003 where it is not UTF-8, E0004 where
    /// it is too large, E0601 without a header; rows of another length than the header
    /// are E0602 and stay in the table's own diagnostics.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let name = path.display().to_string();
        let refuse = |code, message: String, help: Option<&str>| {
            let document = Arc::new(Document::bare(&name, ""));
            Err(one(document, code, message, help.map(str::to_owned), 0..0))
        };
        let bytes = match std::fs::metadata(path) {
            Ok(meta) if meta.len() > MAX_TABLE_BYTES => {
                let found = meta.len() >> 20;
                let limit = MAX_TABLE_BYTES >> 20;
                let message =
                    format!("the file has {found} MiB, at most {limit} are read");
                return refuse(
                    "E0004",
                    message,
                    Some("count requests by the hour first"),
                );
            }
            _ => std::fs::read(path),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(e) => {
                return refuse("E0002", format!("the file cannot be read: {e}"), None);
            }
        };
        if bytes.starts_with(PARQUET) {
            return match parquet_as_csv(path) {
                Ok(text) => Self::parse(&name, &text),
                Err((said, help)) => {
                    refuse("E0804", format!("the file is Parquet, and {said}"), help)
                }
            };
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&name, &text),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                refuse("E0003", format!("the file is not UTF-8 from byte {at} on"), None)
            }
        }
    }

    /// Reads a text; `name` is what to print as the file.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = Arc::new(Document::bare(name, body));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(body.as_bytes());
        let mut lines = Vec::new();
        for record in reader.records() {
            let Ok(record) = record else { continue };
            let start = record.position().map_or(0, csv::Position::byte);
            let start = usize::try_from(start).unwrap_or(0);
            let start = start + body[start..].len() - body[start..].trim_start().len();
            let end = body[start..].find('\n').map_or(body.len(), |at| start + at);
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if cells.iter().any(|c| !c.is_empty()) {
                let end = start + body[start..end].trim_end().len();
                lines.push(Row { cells, span: start..end });
            }
        }
        let mut lines = lines.into_iter();
        let Some(first) = lines.next() else {
            let message = "the file holds no table".to_owned();
            let help = "the first line names the columns, such as `date,value`";
            return Err(one(document, "E0601", message, Some(help.to_owned()), 0..0));
        };
        let header: Vec<String> =
            first.cells.iter().map(|name| name.to_lowercase()).collect();
        let mut table = Self {
            document,
            header,
            rows: Vec::new(),
            diagnostics: Diagnostics::new(),
            header_span: first.span,
        };
        if let [only] = table.header.as_slice()
            && let Some(found) = [';', '\t'].into_iter().find(|c| only.contains(*c))
        {
            let found = if found == ';' { "semicolons" } else { "tabs" };
            let message = format!("the cells are parted by {found}, wanted commas");
            let help = "write commas between cells, and points in numbers".to_owned();
            table.header_problem("E0601", message, Some(help));
            return Err(table.diagnostics);
        }
        let columns = table.header.len();
        for row in lines {
            if row.cells.len() != columns {
                let found = row.cells.len();
                let message =
                    format!("the header names {columns} columns, found {found} cells");
                let span = row.span.clone();
                table.push("E0602", message, None, span);
            }
            table.rows.push(row);
        }
        table.rows.retain(|row| row.cells.len() == columns);
        Ok(table)
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    /// Notes a problem of a row.
    pub fn problem(
        &mut self,
        row: usize,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        let span = self.rows.get(row).map_or(0..0, |row| row.span.clone());
        self.push(code, message, help, span);
    }

    /// Notes a problem of the header.
    pub fn header_problem(
        &mut self,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        let span = self.header_span.clone();
        self.push(code, message, help, span);
    }

    fn push(
        &mut self,
        code: &'static str,
        message: String,
        help: Option<String>,
        span: Range<usize>,
    ) {
        let document = Arc::clone(&self.document);
        let key_path = Vec::new();
        self.diagnostics.push(Diagnostic {
            code,
            document,
            key_path,
            message,
            help,
            span,
        });
    }
}

fn one(
    document: Arc<Document>,
    code: &'static str,
    message: String,
    help: Option<String>,
    span: Range<usize>,
) -> Diagnostics {
    let mut all = Diagnostics::new();
    all.push(Diagnostic { code, document, key_path: Vec::new(), message, help, span });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_trimmed_and_remarks_are_passed_over() {
        let text =
            "\u{feff}# list prices\r\nDate, Value\r\n2024-01 , 3.5\r\n\r\n\"a,b\",2\n";
        let table = Table::parse("a.csv", text).unwrap();
        assert_eq!(table.header, ["date", "value"]);
        assert_eq!(table.rows[0].cells, ["2024-01", "3.5"]);
        assert_eq!(table.rows[1].cells, ["a,b", "2"]);
        assert!(table.diagnostics.is_empty());
        assert_eq!((table.column("value"), table.column("price")), (Some(1), None));
    }

    #[test]
    fn a_row_of_another_length_is_shown_at_its_line_and_left_out() {
        let text = "date,value\n2024-01,3.5\n2024-02\n2024-03,1,2\n";
        let mut table = Table::parse("a.csv", text).unwrap();
        table.problem(0, "E0603", "odd".to_owned(), None);
        let places: Vec<_> =
            table.diagnostics.iter().map(|d| (d.code, d.line_column().0)).collect();
        assert_eq!(places, [("E0603", 2), ("E0602", 3), ("E0602", 4)]);
        assert_eq!(table.rows.len(), 1);
    }

    #[test]
    fn a_file_that_holds_no_table_is_refused() {
        for text in ["", "# nothing\n", "\n\n"] {
            let error = Table::parse("a.csv", text).unwrap_err();
            assert_eq!(error.iter().next().unwrap().code, "E0601");
        }
        let error = Table::read(Path::new("/no/such/table.csv")).unwrap_err();
        assert_eq!(error.iter().next().unwrap().code, "E0002");
    }
}
