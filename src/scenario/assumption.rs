//! What a scenario rests on: every figure used, with unit, source and date.
//!
//! Filled while names are resolved, printed with the results: a planner must be able to
//! trace a headline to the figures under it, and see which of them are defaults.

use schemars::JsonSchema;
use serde::Serialize;

use super::default::Standard;
use crate::input::Uncertain;

/// One figure a scenario rests on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assumption {
    /// Where it is used: a dotted key of the plan, or of what stands in for one.
    pub key: String,
    /// The figure.
    pub value: AssumedValue,
    /// Its unit.
    pub unit: String,
    /// Where it comes from.
    pub source: String,
    /// When it held, where the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// True where the plan left it out.
    pub is_default: bool,
}

/// A figure or a choice.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AssumedValue {
    /// A number or a band.
    Number(Uncertain),
    /// A choice, in words.
    Text(String),
}

/// All figures a scenario rests on, in the order in which they were needed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Assumptions(Vec<Assumption>);

impl Assumptions {
    /// The figure the plan gives, or the standard one; noted either way.
    pub fn take(
        &mut self,
        key: impl Into<String>,
        given: Option<Uncertain>,
        standard: &Standard,
    ) -> Uncertain {
        let value = given.unwrap_or(standard.value);
        let source = if given.is_some() { "the plan" } else { standard.source };
        self.note(key, value, standard.unit, source, None, given.is_none());
        value
    }

    /// Notes a figure.
    pub fn note(
        &mut self,
        key: impl Into<String>,
        value: Uncertain,
        unit: &str,
        source: &str,
        as_of: Option<&str>,
        is_default: bool,
    ) {
        self.push(Assumption {
            key: key.into(),
            value: AssumedValue::Number(value),
            unit: unit.to_owned(),
            source: source.to_owned(),
            as_of: as_of.map(ToOwned::to_owned),
            is_default,
        });
    }

    /// Notes a choice.
    pub fn choose(
        &mut self,
        key: impl Into<String>,
        choice: impl Into<String>,
        source: &str,
        is_default: bool,
    ) {
        self.push(Assumption {
            key: key.into(),
            value: AssumedValue::Text(choice.into()),
            unit: String::new(),
            source: source.to_owned(),
            as_of: None,
            is_default,
        });
    }

    fn push(&mut self, assumption: Assumption) {
        if !self.0.contains(&assumption) {
            self.0.push(assumption);
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Assumption> {
        self.0.iter()
    }

    /// How many are defaults.
    pub fn defaults(&self) -> usize {
        self.0.iter().filter(|a| a.is_default).count()
    }
}
