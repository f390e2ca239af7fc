//! Closed forms as people read them: the figure, its formula, the numbers put in.
//!
//! Read next: [`crate::decide::form`].

use std::fmt::Write as _;

use crate::decide::Threshold;
use crate::decide::form::cases::Result;
use crate::decide::form::{Answer, Figure, Form, plain};

use super::format::percent_to;
use super::summary::wrapped;

/// A figure with its unit.
pub fn figure(figure: Figure, unit: &str) -> String {
    let number = |x: f64| match unit {
        "share" => percent_to(x, 4),
        "" => plain(x),
        _ => format!("{} {unit}", plain(x)),
    };
    match figure {
        Figure::Number(x) | Figure::Threshold(Threshold::At(x)) => number(x),
        Figure::Threshold(Threshold::Always) => "always".to_owned(),
        Figure::Threshold(Threshold::Never(None)) => "never".to_owned(),
        Figure::Threshold(Threshold::Never(Some(x))) => format!("never ({})", number(x)),
    }
}

/// A whole answer.
pub fn text(form: &Form, answer: &Answer) -> String {
    let mut text = format!("{}: {}?\n\n", form.name, form.question);
    let width = answer.lines.iter().map(|l| l.what.chars().count()).max().unwrap_or(0);
    for line in &answer.lines {
        let pad = " ".repeat(width - line.what.chars().count());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}{pad}  {}", line.what, figure(line.figure, line.unit));
        let _ = writeln!(text, "  {} = {}", line.formula, line.numbers);
    }
    text.push('\n');
    for note in &answer.notes {
        let _ = writeln!(text, "{}", wrapped("Note: ", note));
    }
    let _ = writeln!(text, "{}", wrapped("Source: ", form.source));
    text
}

/// Every case of a file: the figure that was asked for, what is published beside it, and
/// why there is none.
pub fn cases(results: &[Result]) -> String {
    let mut text = String::new();
    for result in results {
        let _ = writeln!(text, "{}", result.case);
        for (form, answer) in &result.answers {
            if let Some(line) = answer.lines.last() {
                let shown = figure(line.figure, line.unit);
                let _ = writeln!(text, "  {form}: {} {shown}", line.what);
            }
        }
        if let Some(refused) = &result.refused {
            let line = format!("refused ({}): {}", refused.form, refused.why);
            let _ = writeln!(text, "{}", wrapped("  ", &line));
        }
        for compared in &result.published {
            let (quantity, printed) = (&compared.quantity, &compared.printed);
            let Some(found) = compared.found else {
                let _ = writeln!(text, "  no answer: {quantity} {printed}");
                continue;
            };
            let says = if compared.agrees { "agrees" } else { "DIFFERS" };
            let ours = figure(found, "");
            let _ = writeln!(text, "  {says}: {quantity} {printed}, here {ours}");
        }
    }
    let answered = results.iter().filter(|r| r.refused.is_none()).count();
    let published = || results.iter().flat_map(|r| &r.published);
    let _ = writeln!(
        text,
        "\n{} cases: {answered} answered, {} refused. Published figures: {}, of which {} agree.",
        results.len(),
        results.len() - answered,
        published().count(),
        published().filter(|c| c.agrees).count()
    );
    text
}

/// A row for each figure: case, form, key, value, unit, what is published, and whether it
/// agrees; a row for each refusal.
///
/// **Errors** none that writing to memory could have.
pub fn csv(results: &[Result]) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["case", "form", "key", "value", "unit", "published", "agrees"])?;
    let value = |figure: Figure| match figure {
        Figure::Threshold(Threshold::Never(_)) => "never".to_owned(),
        Figure::Threshold(Threshold::Always) => "always".to_owned(),
        Figure::Number(x) | Figure::Threshold(Threshold::At(x)) => x.to_string(),
    };
    for result in results {
        for (form, answer) in &result.answers {
            for line in &answer.lines {
                let figure = value(line.figure);
                out.write_record([
                    &result.case,
                    *form,
                    &line.key,
                    &figure,
                    line.unit,
                    "",
                    "",
                ])?;
            }
        }
        for compared in &result.published {
            let found = compared.found.map_or_else(String::new, value);
            let agrees = if compared.agrees { "yes" } else { "no" };
            out.write_record([
                &result.case,
                "published",
                &compared.quantity,
                &found,
                "",
                &compared.printed,
                agrees,
            ])?;
        }
        if let Some(refused) = &result.refused {
            out.write_record([
                &result.case,
                refused.form,
                "refused",
                &refused.why,
                "",
                "",
                "",
            ])?;
        }
    }
    out.flush()?;
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}
