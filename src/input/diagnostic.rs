//! What is wrong with a text, where, and what to do about it.
//!
//! Diagnostics of several documents stand together (a plan and the profiles it names),
//! in the order in which the documents were first spoken of and, within one, in the
//! order of its bytes; the same thing is never said twice. Read next: [`super::Read`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::Document;

/// Whether a problem refuses the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; something in it is probably not meant.
    Warning,
}

impl Severity {
    /// Codes say it with their first letter: `W` warns, everything else refuses.
    pub fn of(code: &str) -> Self {
        if code.starts_with('W') { Self::Warning } else { Self::Error }
    }
}

/// One problem at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `E0201`; [`super::explain`] describes it.
    pub code: &'static str,
    /// The document it is about.
    pub document: Arc<Document>,
    /// Keys from the root of the document; indices of arrays as numbers.
    pub key_path: Vec<String>,
    /// What was found and what was wanted, lower case.
    pub message: String,
    /// The next step, or nothing where the message says it.
    pub help: Option<String>,
    /// The bytes of the document's text.
    pub span: Range<usize>,
}

impl Diagnostic {
    /// Whether it refuses the file.
    pub fn severity(&self) -> Severity {
        Severity::of(self.code)
    }

    /// Line and column of the first byte, both from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let text = self.document.text();
        let before = &text[..text.floor_char_boundary(self.span.start)];
        let line = before.matches('\n').count() + 1;
        let head = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[head..].chars().count() + 1)
    }
}

/// Problems in the order of their places, to be written for programs.
#[derive(Debug, Serialize)]
pub struct Listed<'a> {
    problems: Vec<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct Problem<'a> {
    code: &'static str,
    severity: Severity,
    file: &'a str,
    line: usize,
    column: usize,
    /// Empty where it is not about a key.
    key: String,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> Problem<'a> {
    fn of(d: &'a Diagnostic) -> Self {
        let (line, column) = d.line_column();
        Self {
            code: d.code,
            severity: d.severity(),
            file: d.document.name(),
            line,
            column,
            key: d.key_path.join("."),
            message: &d.message,
            help: d.help.as_deref(),
        }
    }
}

/// Place first, so that the order of the map is the order of the files.
type Order = (usize, usize, usize, &'static str, String);

/// Every problem found, in order of place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    documents: Vec<Arc<Document>>,
    list: BTreeMap<Order, Diagnostic>,
}

impl Diagnostics {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem at its place, unless it has been said already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let document = &diagnostic.document;
        let known =
            self.documents.iter().position(|d| Arc::ptr_eq(d, document) || d == document);
        let index = known.unwrap_or_else(|| {
            self.documents.push(Arc::clone(document));
            self.documents.len() - 1
        });
        let Range { start, end } = diagnostic.span;
        let order = (index, start, end, diagnostic.code, diagnostic.message.clone());
        self.list.entry(order).or_insert(diagnostic);
    }

    /// True when nothing is wrong, not even slightly.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many problems there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All problems in order of place.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.values()
    }

    /// The problems that refuse a file, in order of place.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter().filter(|d| d.severity() == Severity::Error)
    }

    /// True when at least one problem refuses a file.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// All problems with their places in numbers, for programs.
    pub fn listed(&self) -> Listed<'_> {
        Listed { problems: self.iter().map(Problem::of).collect() }
    }

    /// Draws every problem under the line it is about.
    pub fn render(&self, color: bool) -> String {
        super::draw::draw(self, color)
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        more.into_iter().for_each(|d| self.push(d));
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::collections::btree_map::IntoValues<Order, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_values()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(
        document: &Arc<Document>,
        code: &'static str,
        span: Range<usize>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            document: Arc::clone(document),
            key_path: Vec::new(),
            message: format!("about {code}"),
            help: None,
            span,
        }
    }

    #[test]
    fn documents_keep_their_order_and_problems_follow_the_bytes() {
        let plan = Arc::new(Document::bare("plan.toml", "a = 1\nb = 2\n"));
        let profile = Arc::new(Document::bare("chip.toml", "c = 3\n"));
        let mut all = Diagnostics::new();
        for d in [
            at(&plan, "E0201", 10..11),
            at(&profile, "E0201", 4..5),
            at(&plan, "W0301", 4..5),
            at(&plan, "E0201", 10..11),
        ] {
            all.push(d);
        }
        let places: Vec<_> =
            all.iter().map(|d| (d.document.name(), d.line_column())).collect();
        assert_eq!(
            places,
            [("plan.toml", (1, 5)), ("plan.toml", (2, 5)), ("chip.toml", (1, 5))]
        );
        assert_eq!((all.len(), all.errors().count()), (3, 2));
    }

    #[test]
    fn a_warning_refuses_nothing() {
        let file = Arc::new(Document::bare("a.toml", "a = 1\n"));
        let mut all = Diagnostics::new();
        all.push(at(&file, "W0301", 0..1));
        assert!(!all.has_errors() && !all.is_empty());
    }
}
