//! JUnit XML: a test case a metric, for the test tab of a CI server.
//!
//! Regressed is a failure, inconclusive is skipped with its reason (a failure where the
//! gate is strict), a metric that is no longer there likewise.
//!
//! **Source** the form that Jenkins and GitLab read: `testsuites`, `testsuite` with counts,
//! `testcase` with `failure` or `skipped`.

use std::fmt::Write as _;

use super::{change, interval, value};
use crate::gate::comparison::Comparison;
use crate::gate::verdict::Verdict;

/// The file; `strict` makes what is inconclusive fail.
pub fn xml(comparison: &Comparison, strict: bool) -> String {
    let outcome = |verdict: Verdict| match verdict {
        Verdict::Regressed => Some("failure"),
        Verdict::Inconclusive if strict => Some("failure"),
        Verdict::Inconclusive => Some("skipped"),
        Verdict::Pass | Verdict::Improved => None,
    };
    let mut cases = String::new();
    let (mut failures, mut skipped) = (0, 0);
    let mut case = |name: &str, verdict: Verdict, message: &str| {
        let (name, message) = (escaped(name), escaped(message));
        let head = format!("    <testcase classname=\"rackcast.gate\" name=\"{name}\"");
        let tag = outcome(verdict);
        match tag {
            Some("failure") => failures += 1,
            Some(_) => skipped += 1,
            None => {}
        }
        // Writing to a string does not fail.
        let _ = match tag {
            Some(tag) => {
                writeln!(
                    cases,
                    "{head}>\n      <{tag} message=\"{message}\"/>\n    </testcase>"
                )
            }
            None => writeln!(cases, "{head}/>"),
        };
    };
    for j in &comparison.metrics {
        let message = format!(
            "{}: {} to {}, worse by {} ({})",
            j.verdict.word(),
            value(j.baseline, &j.unit),
            value(j.now, &j.unit),
            change(j.worsening),
            interval(j),
        );
        case(&j.name, j.verdict, &message);
    }
    for name in &comparison.missing {
        case(name, Verdict::Inconclusive, "no longer there");
    }
    let tests = comparison.metrics.len() + comparison.missing.len();
    let counts =
        format!("tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite \
         name=\"rackcast gate\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// A text as an attribute of XML 1.0, which has no control characters.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
