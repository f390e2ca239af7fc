//! `rackcast profile show ID|FILE`: what a profile says, and what follows from it.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::super::{Failure, hand_over, load, print};
use super::implied::Implied;
use super::{Found, find, said};

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// Id, name or alias of a profile, or a file
    profile: String,
    /// Print JSON instead of the page
    #[arg(long)]
    json: bool,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

pub(super) fn run(arguments: &ShowArguments) -> Result<(), Failure> {
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let found = find(&arguments.profile, &catalogue)?;
    let contents = said::contents(&found.profile);
    let implied = found.profile.implied(&catalogue);
    if arguments.json {
        let all = json!({
            "id": found.profile.id(),
            "name": found.profile.name(),
            "kind": found.profile.kind().name(),
            "file": found.origin,
            "aliases": contents.aliases,
            "says": contents.said,
            "unknown": contents.unknown,
            "implies": implied,
            "doubts": contents.doubts,
            "sources": contents.sources,
        });
        hand_over(&format!("{all:#}\n"))?;
    } else {
        print(&page(&found, &contents, &implied))?;
    }
    Ok(())
}

fn page(found: &Found, contents: &said::Contents, implied: &[Implied]) -> String {
    let mut text = String::new();
    let mut line = |l: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", l.trim_end());
    };
    let p = &found.profile;
    line(format!("{} ({} `{}`)", p.name(), p.kind().name(), p.id()));
    line(found.origin.clone());
    if !contents.aliases.is_empty() {
        line(format!("also: {}", contents.aliases.join(", ")));
    }
    line(String::new());
    line("it says".to_owned());
    let width = contents.said.iter().map(|s| s.key.len()).max().unwrap_or(0);
    for said in &contents.said {
        let source = said.source.as_ref().map_or_else(String::new, |s| format!("[{s}]"));
        line(format!("  {:width$}  {:28} {source}", said.key, said.value));
    }
    if !contents.unknown.is_empty() {
        line(format!("  not said: {}", contents.unknown.join(", ")));
    }
    if !implied.is_empty() {
        line(String::new());
        line("from which follows, in the median (and 10 to 90 %)".to_owned());
        let width = implied.iter().map(|i| i.what.chars().count()).max().unwrap_or(0);
        for figure in implied {
            line(format!("  {:width$}  {}", figure.what, cell(figure, true)));
        }
    }
    if !contents.doubts.is_empty() {
        line(String::new());
        line("doubts".to_owned());
        for doubt in &contents.doubts {
            line(format!("  - {doubt}"));
        }
    }
    if !contents.sources.is_empty() {
        line(String::new());
        line("sources".to_owned());
        for (key, source) in &contents.sources {
            let grade =
                source.grade.as_ref().map_or_else(String::new, |g| format!(", {g}"));
            line(format!("  [{key}] {} (read {}{grade})", source.title, source.read));
            if let Some(url) = &source.url {
                line(format!("      {url}"));
            }
        }
    }
    text
}

/// A figure as text, with its unit where asked.
pub(super) fn cell(figure: &Implied, unit: bool) -> String {
    let Some([p10, p50, p90]) = figure.quantiles else {
        let why = figure.why.as_deref().unwrap_or("unknown");
        let first = why.split([':', ';']).next().unwrap_or(why);
        return if unit { format!("none: {first}") } else { "none".to_owned() };
    };
    let unit = if unit { format!(" {}", figure.unit) } else { String::new() };
    if (p90 - p10).abs() <= 1e-9 * p50.abs() {
        return format!("{}{unit}", number(p50));
    }
    format!("{}{unit} ({} to {})", number(p50), number(p10), number(p90))
}

/// Three to four digits of any size of number.
fn number(x: f64) -> String {
    let size = x.abs();
    if size == 0.0 || !size.is_finite() {
        return format!("{x}");
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{x:.2e}");
    }
    let decimals = match size {
        s if s >= 1000.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 0.1 => 3,
        _ => 5,
    };
    let text = format!("{x:.decimals$}");
    match text.split_once('.') {
        Some((_, _)) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_a_reader_needs() {
        for (x, text) in [
            (0.0, "0"),
            (1234.6, "1235"),
            (123.46, "123.5"),
            (12.0, "12"),
            (0.25, "0.25"),
            (0.001_25, "0.00125"),
            (3.2e7, "3.20e7"),
            (100.0, "100"),
        ] {
            assert_eq!(number(x), text);
        }
    }
}
