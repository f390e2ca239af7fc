//! Diagnostics drawn under the lines they are about, as compilers do it.
//!
//! Only the one line is handed to the renderer, so a large file costs no more than a
//! small one, and a span that covers a whole table is drawn at its head. A line too long
//! to read is named by its number alone.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Diagnostics, Severity};

/// A terminal holds no more; the rest is counted.
const SHOWN: usize = 200;
/// Longer lines are not drawn.
const LONGEST_LINE: usize = 2_000;

/// Every problem as text, an empty line between two.
pub(super) fn draw(diagnostics: &Diagnostics, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut parts: Vec<String> = diagnostics
        .iter()
        .take(SHOWN)
        .map(|d| trimmed(&renderer.render(&[group(d)])))
        .collect();
    if diagnostics.len() > SHOWN {
        parts.push(format!("… and {} more problems", diagnostics.len() - SHOWN));
    }
    parts.join("\n\n")
}

/// Renderers pad empty source lines; text that is compared must not end in spaces.
fn trimmed(drawn: &str) -> String {
    drawn.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn group(d: &Diagnostic) -> Group<'_> {
    let level = match d.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(d.message.as_str()).id(d.code);
    let name = d.document.name();
    let text = d.document.text();
    let drawn = if text.is_empty() {
        title.element(Origin::path(name))
    } else {
        let (line_range, span) = line_around(text, &d.span);
        let line = &text[line_range];
        let (number, column) = d.line_column();
        if line.len() > LONGEST_LINE {
            title.element(Origin::path(name).line(number).char_column(column))
        } else {
            let mark = AnnotationKind::Primary.span(span);
            title.element(
                Snippet::source(line).line_start(number).path(name).annotation(mark),
            )
        }
    };
    match &d.help {
        Some(help) => drawn.element(Level::HELP.message(help.as_str())),
        None => drawn,
    }
}

/// The line on which the span begins, and the span within it, cut at its end.
fn line_around(text: &str, span: &Range<usize>) -> (Range<usize>, Range<usize>) {
    let start = text.floor_char_boundary(span.start);
    let head = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let tail = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let tail = head + text[head..tail].trim_end_matches('\r').len();
    let start = start.min(tail);
    let end = text.ceil_char_boundary(span.end).clamp(start, tail);
    (head..tail, start - head..end - head)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::input::Document;

    fn drawn(text: &str, span: Range<usize>, help: Option<&str>) -> String {
        let mut all = Diagnostics::new();
        all.push(Diagnostic {
            code: "E0201",
            document: Arc::new(Document::bare("a.toml", text)),
            key_path: Vec::new(),
            message: "`price_usd` must be positive, found -5".to_owned(),
            help: help.map(str::to_owned),
            span,
        });
        all.render(false)
    }

    #[test]
    fn a_problem_is_drawn_under_its_bytes() {
        assert_eq!(
            drawn("# first\r\nprice_usd = -5\r\n", 21..23, Some("a price is paid")),
            "error[E0201]: `price_usd` must be positive, found -5\n \
             --> a.toml:2:13\n  \
               |\n\
             2 | price_usd = -5\n  \
               |             ^^\n  \
               |\n  \
               = help: a price is paid"
        );
    }

    #[test]
    fn no_span_of_any_text_panics() {
        let text = "é = \"\u{200b}漢字\"\r\n\n\t\u{7}x\n";
        for start in 0..text.len() + 3 {
            for end in 0..text.len() + 3 {
                assert!(drawn(text, start..end, None).contains("E0201"));
            }
        }
        assert!(drawn("", 3..9, None).contains("a.toml"));
    }

    #[test]
    fn a_line_too_long_to_read_is_named_by_its_number() {
        let text = format!("\nx = \"{}\"\n", "y".repeat(LONGEST_LINE));
        let out = drawn(&text, 5..9, None);
        assert!(out.ends_with("--> a.toml:2:5"), "{out}");
    }
}
