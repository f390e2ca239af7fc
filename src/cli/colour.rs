//! Colour on a terminal, and nowhere else.
//!
//! Colour repeats what the words say and adds nothing: without it nothing is lost. It is
//! left out where the output is no terminal, where `NO_COLOR` is set to anything
//! (no-color.org), and on a terminal that says it is `dumb`.

use std::ffi::OsStr;
use std::io::IsTerminal;

const BOLD: &str = "\u{1b}[1m";
const ANSWER: &str = "\u{1b}[1;32m";
const NOTE: &str = "\u{1b}[33m";
const PLAIN: &str = "\u{1b}[0m";

/// The summary of a run as this terminal takes it.
pub(super) fn summary(text: &str) -> String {
    if is_wanted(std::io::stdout().is_terminal()) {
        painted(text)
    } else {
        text.to_owned()
    }
}

/// True where an output that may be a terminal takes colour.
pub(super) fn is_wanted(terminal: bool) -> bool {
    let no_color = std::env::var_os("NO_COLOR");
    let term = std::env::var_os("TERM");
    wanted(terminal, no_color.as_deref(), term.as_deref())
}

fn wanted(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    terminal
        && no_color.is_none_or(OsStr::is_empty)
        && term.is_none_or(|term| term != "dumb")
}

/// The title bold, the answer below it in green, notes in yellow.
fn painted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let (mut answer, mut note) = (true, false);
    for (n, line) in text.lines().enumerate() {
        answer &= !line.is_empty();
        note = line.starts_with("Note: ") || (note && line.starts_with("  "));
        let paint = match n {
            0 => BOLD,
            _ if answer => ANSWER,
            _ if note => NOTE,
            _ => "",
        };
        out.push_str(paint);
        out.push_str(line);
        out.push_str(if paint.is_empty() { "\n" } else { PLAIN });
        if !paint.is_empty() {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let set = |text| Some(OsStr::new(text));
        assert!(wanted(true, None, set("xterm")));
        assert!(wanted(true, set(""), None));
        assert!(!wanted(false, None, set("xterm")));
        assert!(!wanted(true, set("1"), set("xterm")));
        assert!(!wanted(true, None, set("dumb")));
    }

    #[test]
    fn only_colour_is_added() {
        let text = "Title\nCheapest: a\n  b\n\nrow\nNote: x\n  y\nlast\n";
        let painted = painted(text);
        let plain = [BOLD, ANSWER, NOTE, PLAIN]
            .iter()
            .fold(painted.clone(), |t, c| t.replace(c, ""));
        assert_eq!(plain, text);
        assert_eq!(painted.matches(PLAIN).count(), 5);
    }
}
