//! Values that stand in for missing and unfit ones, so that the rest can be checked.
//!
//! A filling is never used for anything but finding further problems. There are several,
//! with low and high numbers and every variant of a choice: a problem that appears with
//! all of them is not about the filling.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::scalar::{DATE, broken_bound};
use super::wanted::{is_null, types};
use super::{Node, Walk, words};

/// What to fill with: small numbers, early dates and the first variant, then large
/// numbers, late dates and each other variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) struct Filling(usize);

impl Filling {
    pub(in crate::input) const FIRST: Self = Self(0);

    /// Those after the first, of `count`; of long lists of variants not all.
    pub(in crate::input) fn others(count: usize) -> impl Iterator<Item = Self> {
        (1..count.min(MOST)).map(Self)
    }

    fn is_low(self) -> bool {
        self == Self::FIRST
    }
}

/// A file with an error is built this often at most.
const MOST: usize = 12;

/// Tables within a filling; a type that requires itself has none.
const DEEPEST: usize = 16;

/// Numbers to try in order until one is within the bounds of the schema.
const LOW: [&str; 6] = ["0", "1", "2", "10", "-1", "100"];
const HIGH: [&str; 6] = ["1000000000", "60000", "200", "100", "1", "0"];

impl<'s> Walk<'s> {
    /// A value the schema takes, at the given bytes; none where none can be made.
    pub(super) fn filling_for<'d>(
        &mut self,
        schema: &'s Value,
        span: &Range<usize>,
    ) -> Option<Node<'d>> {
        self.filling_within(schema, span, DEEPEST)
    }

    fn filling_within<'d>(
        &mut self,
        schema: &'s Value,
        span: &Range<usize>,
        depth: usize,
    ) -> Option<Node<'d>> {
        let depth = depth.checked_sub(1)?;
        let schema = self.resolve(schema);
        if let Some(branches) = ["oneOf", "anyOf"]
            .iter()
            .find_map(|key| schema.get(*key).and_then(Value::as_array))
        {
            let open: Vec<&Value> = branches.iter().filter(|b| !is_null(b)).collect();
            let branch = self.turn(&open)?;
            return self.filling_within(branch, span, depth);
        }
        let value = if let Some(words) = words(schema) {
            text(self.turn(&words)?)
        } else {
            match types(schema).into_iter().find(|t| *t != "null").unwrap_or("string") {
                "object" => self.table_filling(schema, span, depth)?,
                "array" => self.list_filling(schema, span, depth)?,
                "boolean" => DeValue::Boolean(self.pick(false, true)),
                "integer" | "number" => self.number_filling(schema)?,
                _ => text(self.text_filling(schema)),
            }
        };
        Some(Spanned::new(span.clone(), value))
    }

    fn pick<T>(&mut self, low: T, high: T) -> T {
        self.outcome.fillings = self.outcome.fillings.max(2);
        if self.filling.is_low() { low } else { high }
    }

    /// The choice whose turn it is.
    fn turn<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        self.outcome.fillings = self.outcome.fillings.max(choices.len());
        choices.get(self.filling.0 % choices.len().max(1)).copied()
    }

    fn text_filling(&mut self, schema: &'s Value) -> &'s str {
        let examples = schema.get("examples").and_then(Value::as_array);
        let examples: Vec<&str> =
            examples.into_iter().flatten().filter_map(Value::as_str).collect();
        if let Some(example) = self.turn(&examples) {
            return example;
        }
        if schema.get("format").and_then(Value::as_str) == Some(DATE) {
            return self.pick("1900", "2200");
        }
        let is_short = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0) == 0;
        if is_short { "" } else { "-" }
    }

    fn number_filling<'d>(&mut self, schema: &'s Value) -> Option<DeValue<'d>> {
        let fitting = self
            .pick(LOW, HIGH)
            .into_iter()
            .find(|text| text.parse().is_ok_and(|x| broken_bound(schema, x).is_none()))?;
        DeValue::parse(fitting).ok().map(Spanned::into_inner)
    }

    fn list_filling<'d>(
        &mut self,
        schema: &'s Value,
        span: &Range<usize>,
        depth: usize,
    ) -> Option<DeValue<'d>> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let places = schema.get("prefixItems").and_then(Value::as_array);
        let mut items = DeArray::default();
        for i in 0..usize::try_from(least).ok()?.min(64) {
            let place = places.and_then(|p| p.get(i)).or_else(|| schema.get("items"))?;
            items.push(self.filling_within(place, span, depth)?);
        }
        Some(DeValue::Array(items))
    }

    fn table_filling<'d>(
        &mut self,
        schema: &'s Value,
        span: &Range<usize>,
        depth: usize,
    ) -> Option<DeValue<'d>> {
        let mut table = DeTable::new();
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            let below = schema.get("properties")?.get(key)?;
            table.insert(
                Spanned::new(span.clone(), Cow::Owned(key.to_owned())),
                self.filling_within(below, span, depth)?,
            );
        }
        Some(DeValue::Table(table))
    }
}

fn text<'d>(text: &str) -> DeValue<'d> {
    DeValue::String(Cow::Owned(text.to_owned()))
}
