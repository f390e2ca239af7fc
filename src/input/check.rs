//! The contract of a checkable type: push every problem, never stop at the first.
//!
//! A type read from a file implements [`Check`] for what its shape cannot say: ranges,
//! relations between fields, sources that must exist. Read next: [`super::Uncertain`].

use super::Uncertain;

/// One problem of a file, at a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Keys from the root of the document; indices of arrays as numbers.
    pub key_path: Vec<String>,
    /// Stable code such as `E0201`.
    pub code: &'static str,
    /// What was found and what was wanted, lower case.
    pub message: String,
    /// The next step, or nothing where the message says it.
    pub help: Option<String>,
}

/// A value that can say everything that is wrong with it.
pub trait Check {
    /// Pushes every problem found; an empty checker afterwards means valid.
    fn check(&self, at: &mut Checker);
}

/// Collects problems and knows the key path it stands at.
#[derive(Debug, Default)]
pub struct Checker {
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl Checker {
    /// An empty collection at the root of a document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `body` one key deeper.
    #[expect(clippy::needless_pass_by_value, reason = "reads `at(\"memory\", …)`")]
    pub fn at(&mut self, key: impl ToString, body: impl FnOnce(&mut Self)) {
        self.path.push(key.to_string());
        body(self);
        self.path.pop();
    }

    /// Runs `body` at a key path below the current place.
    pub fn at_path(&mut self, path: &[String], body: impl FnOnce(&mut Self)) {
        let depth = self.path.len();
        self.path.extend_from_slice(path);
        body(self);
        self.path.truncate(depth);
    }

    /// Pushes a problem with the value at the current key.
    pub fn push(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.problems.push(Problem {
            key_path: self.path.clone(),
            code,
            message: message.into(),
            help: help.into(),
        });
    }

    /// The dotted name of `key` below the current place, for messages.
    pub fn name(&self, key: &str) -> String {
        let mut parts = self.path.clone();
        parts.push(key.to_owned());
        parts.join(".")
    }

    /// How many problems were found so far.
    pub fn len(&self) -> usize {
        self.problems.len()
    }

    /// How many of them refuse the file: warnings do not.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|p| p.code.starts_with('E')).count()
    }

    /// True while nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// All problems found so far.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// A finite number above zero (E0201), where given.
    pub fn positive(&mut self, key: &str, value: impl Into<Option<Uncertain>>) {
        self.ranged(key, value, "positive", |x| x > 0.0);
    }

    /// A finite number of zero or more (E0201), where given.
    pub fn non_negative(&mut self, key: &str, value: impl Into<Option<Uncertain>>) {
        self.ranged(key, value, "zero or more", |x| x >= 0.0);
    }

    /// A share between 0 and 1 (E0201), where given.
    pub fn share(&mut self, key: &str, value: impl Into<Option<Uncertain>>) {
        self.ranged(key, value, "between 0 and 1", |x| (0.0..=1.0).contains(&x));
    }

    /// Warns that a key changes nothing (W0304): `because` says beside what, `help` how to
    /// make it count.
    pub fn idle(&mut self, key: &str, because: &str, help: &str) {
        self.at(key, |at| {
            let message = format!("`{key}` changes nothing: {because}");
            at.push("W0304", message, help.to_owned());
        });
    }

    /// A finite number for which `is_fine` holds, described by `wanted` (E0201).
    pub fn ranged(
        &mut self,
        key: &str,
        value: impl Into<Option<Uncertain>>,
        wanted: &str,
        is_fine: impl Fn(f64) -> bool,
    ) {
        let Some(value) = value.into() else { return };
        let name = self.name(key);
        let parts = value.parts();
        self.at(key, |at| {
            for (part, x) in parts {
                let full = part.map_or_else(|| name.clone(), |p| format!("{name}.{p}"));
                let complain = |at: &mut Self| {
                    if x.is_finite() && is_fine(x) {
                        return;
                    }
                    let wanted = if x.is_finite() { wanted } else { "a finite number" };
                    // Per cent where a share is wanted.
                    let is_percent = x > 1.0
                        && x <= 100.0
                        && (wanted.ends_with("below 1") || wanted.ends_with("0 and 1"))
                        && is_fine(x / 100.0);
                    let help = is_percent.then(|| {
                        format!("a share, not per cent: write {} for {x} %", x / 100.0)
                    });
                    at.push(
                        "E0201",
                        format!("`{full}` must be {wanted}, found {x}"),
                        help,
                    );
                };
                match part {
                    Some(p) => at.at(p, complain),
                    None => complain(at),
                }
            }
            if let Some(order) = value.disorder() {
                at.push("E0202", format!("`{name}`: {order}"), None);
            }
        });
    }
}
