//! Closed forms as people read them: the figure, its formula, the numbers put in.
//!
//! Read next: [`crate::decide::form`].

use std::fmt::Write as _;

use crate::decide::Threshold;
use crate::decide::form::cases::Result;
use crate::decide::form::published::Verdict;
use crate::decide::form::{Answer, Figure, Form, Line, plain};

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
        one(result, &mut text);
    }
    let serving = |r: &&Result| !r.used_by.is_empty();
    let served = results.iter().filter(serving).count();
    let refused = results.iter().filter(|r| r.refused.is_some()).count();
    let published = || results.iter().flat_map(|r| &r.published);
    let of = |verdict| published().filter(|c| c.verdict == verdict).count();
    let serving = if served > 0 {
        format!(", {served} of figures for others")
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "\n{} cases: {} answered{serving}, {refused} refused.",
        results.len(),
        results.len() - refused - served
    );
    let _ = writeln!(
        text,
        "{} published figures: {} agree, {} within rounding, {} differ, {} have too few inputs.",
        published().count(),
        of(Verdict::Agrees),
        of(Verdict::Rounding),
        of(Verdict::Differs),
        of(Verdict::NoAnswer)
    );
    text
}

fn one(result: &Result, text: &mut String) {
    let _ = writeln!(text, "{}", result.case);
    if !result.with.is_empty() {
        let _ = writeln!(text, "{}", wrapped("  with: ", &result.with.join(", ")));
    }
    for (form, answer) in &result.answers {
        // The figure that was asked for, and its like at other rents or years.
        let Some(last) = answer.lines.last() else { continue };
        let alike = |l: &&Line| l.unit == last.unit && l.formula == last.formula;
        for line in answer.lines.iter().filter(alike) {
            let shown = figure(line.figure, line.unit);
            let _ = writeln!(text, "  {form}: {} {shown}", line.what);
        }
    }
    for note in errata(result) {
        let _ = writeln!(text, "{}", wrapped("  ", note));
    }
    if !result.used_by.is_empty() {
        let line = format!("states figures for {}", result.used_by.join(", "));
        let _ = writeln!(text, "{}", wrapped("  ", &line));
    }
    if let Some(refused) = &result.refused {
        let form = refused.form.map_or_else(String::new, |form| format!(" ({form})"));
        let line = format!("refused{form}: {}", refused.why);
        let _ = writeln!(text, "{}", wrapped("  ", &line));
    }
    for compared in &result.published {
        let (quantity, printed) = (&compared.quantity, &compared.printed);
        let why =
            compared.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        let line = match compared.found {
            None => format!("no answer: {quantity} {printed}{why}"),
            Some(found) => {
                let says = match compared.verdict {
                    Verdict::Agrees => "agrees",
                    Verdict::Rounding => "rounding",
                    Verdict::Differs | Verdict::NoAnswer => "DIFFERS",
                };
                format!("{says}: {quantity} {printed}, here {}{why}", figure(found, ""))
            }
        };
        let _ = writeln!(text, "{}", wrapped("  ", &line));
    }
}

/// What the answers of a case doubt in their source, each doubt once: what it makes of the
/// first rent stands for the others.
fn errata(result: &Result) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    let doubt = |note: &str| note.split(": at that").next().map(str::to_owned);
    for note in result.answers.values().flat_map(|answer| &answer.notes) {
        let is_known = all.iter().any(|known| doubt(known) == doubt(note));
        if note.starts_with("Erratum") && !is_known {
            all.push(note);
        }
    }
    all
}

/// A row for each figure: case, form, key, value, unit, what is published, whether it agrees,
/// and why not; a row for each refusal and each doubt.
///
/// **Errors** none that writing to memory could have.
pub fn csv(results: &[Result]) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "case",
        "form",
        "key",
        "value",
        "unit",
        "published",
        "agrees",
        "why",
    ])?;
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
                    form,
                    &line.key,
                    &figure,
                    line.unit,
                    "",
                    "",
                    "",
                ])?;
            }
        }
        for compared in &result.published {
            let found = compared.found.map_or_else(String::new, value);
            let agrees = match compared.verdict {
                Verdict::Agrees => "yes",
                Verdict::Rounding => "within rounding",
                Verdict::Differs => "no",
                Verdict::NoAnswer => "no answer",
            };
            out.write_record([
                &result.case,
                "published",
                &compared.quantity,
                &found,
                "",
                &compared.printed,
                agrees,
                compared.why.as_deref().unwrap_or_default(),
            ])?;
        }
        for note in errata(result) {
            out.write_record([&result.case, "", "erratum", "", "", "", "", note])?;
        }
        if let Some(refused) = &result.refused {
            let form = refused.form.unwrap_or_default();
            out.write_record([
                &result.case,
                form,
                "refused",
                "",
                "",
                "",
                "",
                &refused.why,
            ])?;
        }
    }
    out.flush()?;
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}
