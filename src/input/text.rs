//! A text in somebody else's form, and the places in it that problems are about.
//!
//! Benchmarks, price lists and bills come as JSON or CSV of other programs. They are read
//! once and checked by the room that knows them; what is wrong is shown in the text, as it
//! is for plans. Read next: [`super::Table`] for CSV, [`super::Diagnostics`].

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Diagnostic, Diagnostics, Document};

/// Larger files are not read.
const MAX_TEXT_BYTES: u64 = 512 << 20;

/// A text under its name.
#[derive(Debug, Clone)]
pub struct Text {
    document: Arc<Document>,
}

impl Text {
    /// Reads a file.
    ///
    /// **Errors** E0002 where it cannot be read, E0003 where it is not UTF-8, E0004 where
    /// it is too large.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let name = path.display().to_string();
        let refused = |code, message: String| {
            Self::of(&name, "").refuse(code, 0..0, message, None::<String>)
        };
        let bytes = match std::fs::metadata(path) {
            Ok(meta) if meta.len() > MAX_TEXT_BYTES => {
                let limit = MAX_TEXT_BYTES >> 20;
                return Err(refused(
                    "E0004",
                    format!("the file is larger than {limit} MiB"),
                ));
            }
            _ => std::fs::read(path)
                .map_err(|e| refused("E0002", format!("cannot read the file: {e}")))?,
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::of(&name, &text)),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                Err(refused("E0003", format!("the file is not UTF-8 from byte {at} on")))
            }
        }
    }

    /// A text that is there already; `name` is what to print as the file.
    pub fn of(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { document: Arc::new(Document::bare(name, text)) }
    }

    /// What to print as the file.
    pub fn name(&self) -> &str {
        self.document.name()
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.document.text()
    }

    /// The value that the JSON of the text stands for.
    ///
    /// **Errors** E0701 at the place where it stops making sense.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Diagnostics> {
        self.json_of(0..self.text().len())
    }

    /// The value of every line that is not empty, as in JSON Lines.
    ///
    /// **Errors** E0701 for each line that makes no sense.
    pub fn json_lines<T: DeserializeOwned>(&self) -> Result<Vec<T>, Diagnostics> {
        let (mut values, mut wrong, mut start) = (Vec::new(), Diagnostics::new(), 0);
        for line in self.text().split_inclusive('\n') {
            let range = start..start + line.len();
            start = range.end;
            if line.trim().is_empty() {
                continue;
            }
            match self.json_of(range) {
                Ok(value) => values.push(value),
                Err(diagnostics) => wrong.extend(diagnostics),
            }
        }
        if wrong.has_errors() { Err(wrong) } else { Ok(values) }
    }

    fn json_of<T: DeserializeOwned>(
        &self,
        range: Range<usize>,
    ) -> Result<T, Diagnostics> {
        let part = self.text().get(range.clone()).unwrap_or_default().trim_end();
        serde_json::from_str(part).map_err(|e| {
            let at = range.start + byte_of(part, e.line(), e.column());
            let said = e.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            self.refuse(
                "E0701",
                at..at,
                format!("not the JSON wanted: {said}"),
                None::<String>,
            )
        })
    }

    /// Where these words stand first; the beginning where they do not.
    pub fn place(&self, words: &str) -> Range<usize> {
        let at = self.text().find(words);
        at.map_or(0..0, |at| at..at + words.len())
    }

    /// One problem, by itself.
    pub fn refuse(
        &self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> Diagnostics {
        let mut all = Diagnostics::new();
        all.push(Diagnostic {
            code,
            document: Arc::clone(&self.document),
            key_path: Vec::new(),
            message: message.into(),
            help: help.into(),
            span,
        });
        all
    }
}

/// The byte of a place that counts lines and columns from 1, within the text.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize =
        text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_json_is_shown_where_it_is() {
        let text = Text::of("a.json", "{\n  \"a\": [1, 2,\n}\n");
        let wrong = text.json::<serde_json::Value>().unwrap_err();
        let found = wrong.iter().next().unwrap();
        assert_eq!((found.code, found.line_column().0), ("E0701", 3));
        assert!(!found.message.contains("line"), "{}", found.message);
    }

    #[test]
    fn every_bad_line_is_told() {
        let text = Text::of("a.jsonl", "{\"a\": 1}\n\n{]\n[1]\n{\n");
        let wrong = text.json_lines::<serde_json::Value>().unwrap_err();
        let lines: Vec<usize> = wrong.iter().map(|d| d.line_column().0).collect();
        assert_eq!(lines, [3, 5]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,80}") {
            let _ = Text::of("a", &text).json::<Vec<u8>>();
            let _ = Text::of("a", &text).json_lines::<Vec<u8>>();
        }
    }
}
