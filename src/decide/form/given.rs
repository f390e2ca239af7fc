//! What a form asks and what it was given.

use std::collections::BTreeMap;

use super::Refused;

/// What an input is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A day, `2024-02-24`.
    Day,
}

/// One input of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Key with its unit: the flag and the column of a file.
    pub key: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What published files call it.
    pub also: &'static [&'static str],
    /// How it is written.
    pub kind: Kind,
}

/// A number of this key.
pub(super) const fn input(
    key: &'static str,
    what: &'static str,
    also: &'static [&'static str],
) -> Input {
    Input { key, what, also, kind: Kind::Number }
}

/// A day of this key.
pub(super) const fn day(
    key: &'static str,
    what: &'static str,
    also: &'static [&'static str],
) -> Input {
    Input { key, what, also, kind: Kind::Day }
}

/// Inputs by key; days count from 1970-01-01.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given(BTreeMap<&'static str, f64>);

impl Given {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an input.
    pub fn set(&mut self, key: &'static str, value: f64) {
        self.0.insert(key, value);
    }

    /// The same with an input set.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: f64) -> Self {
        self.set(key, value);
        self
    }

    /// The same with an input left out.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(key);
        self
    }

    /// An input, where it is given.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.0.get(key).copied()
    }

    /// An input, or `otherwise`.
    pub fn or(&self, key: &str, otherwise: f64) -> f64 {
        self.get(key).unwrap_or(otherwise)
    }

    /// True if it is given.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// True if nothing is given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is given, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.0.iter().map(|(key, value)| (*key, *value))
    }

    /// All of these, or every one that is missing.
    pub(super) fn need<const N: usize>(
        &self,
        keys: [&'static str; N],
    ) -> Result<[f64; N], Refused> {
        let missing: Vec<String> = keys
            .iter()
            .filter(|key| !self.has(key))
            .map(|key| format!("`{key}`"))
            .collect();
        if missing.is_empty() {
            Ok(keys.map(|key| self.or(key, f64::NAN)))
        } else {
            Err(Refused::Missing(missing))
        }
    }
}
