//! What a form answers: figures, each with its formula and the numbers put in.

use serde::{Serialize, Serializer};

use crate::decide::Threshold;

/// A figure of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// A number.
    Number(f64),
    /// Where one side overtakes the other.
    Threshold(Threshold),
}

impl Figure {
    /// The number: of *never* its formula's value where it has one; nothing for *always*.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Number(x) | Self::Threshold(Threshold::At(x)) => Some(x),
            Self::Threshold(Threshold::Never(x)) => x,
            Self::Threshold(Threshold::Always) => None,
        }
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(x) => x.serialize(to),
            Self::Threshold(threshold) => threshold.serialize(to),
        }
    }
}

/// One figure with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Key with its unit.
    pub key: String,
    /// What it is.
    pub what: String,
    /// The figure.
    pub figure: Figure,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// Formula in symbols.
    pub formula: String,
    /// The same with numbers.
    pub numbers: String,
}

/// The answer of a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Answer {
    /// Figures, the one that was asked for last.
    pub lines: Vec<Line>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl Answer {
    /// Adds a number and gives it back.
    pub(super) fn number(
        &mut self,
        key: impl Into<String>,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
        formula: (&str, String),
    ) -> f64 {
        self.push(key, what, Figure::Number(value), unit, formula);
        value
    }

    /// Adds a figure.
    pub(super) fn push(
        &mut self,
        key: impl Into<String>,
        what: impl Into<String>,
        figure: Figure,
        unit: &'static str,
        (formula, numbers): (&str, String),
    ) {
        let (key, what) = (key.into(), what.into());
        let formula = formula.to_owned();
        self.lines.push(Line { key, what, figure, unit, formula, numbers });
    }

    /// Adds a note.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The figure of this key.
    pub fn figure(&self, key: &str) -> Option<Figure> {
        self.lines.iter().find(|line| line.key == key).map(|line| line.figure)
    }

    /// The number of this key.
    pub fn value(&self, key: &str) -> Option<f64> {
        self.figure(key).and_then(Figure::value)
    }
}

/// A number as formulas show it: seven significant digits, no commas, no zeros at the
/// end.
pub fn plain(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { "0".to_owned() } else { x.to_string() };
    }
    let size = x.abs();
    if !(1e-4..1e15).contains(&size) {
        let text = format!("{x:.6e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e{power}");
    }
    // Digits before the point, at least one; the rest of the seven stand behind it.
    let before = format!("{:.0}", size.floor()).len();
    let decimals = if size >= 1.0 { 7_usize.saturating_sub(before) } else { 7 };
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
