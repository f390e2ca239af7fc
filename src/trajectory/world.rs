//! The list of what is random, by name.
//!
//! A number or a level is drawn from the stream of its name, so that adding one never
//! shifts another's draws.

use crate::input::Uncertain;
use crate::process::ProcessSpec;
use crate::random::Seed;

use super::correlation::{CorrelationError, Mixing, Pair};

/// A number drawn once a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberId(pub(super) usize);

/// A level that moves every month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LevelId(pub(super) usize);

impl NumberId {
    /// Position in the world's list of numbers.
    pub fn index(self) -> usize {
        self.0
    }
}

impl LevelId {
    /// Position in the world's list of quantities.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A level: its name, how it moves, and how old its quote is.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Name, such as `rent` or `demand.chat`; names its random streams.
    pub name: String,
    /// How it moves; an index of 1 at the date of the quote.
    pub process: ProcessSpec,
    /// Months between the quote and the plan's first month.
    pub lead_in_months: u32,
}

/// Everything that is random in a scenario.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) seed: Seed,
    pub(super) numbers: Vec<(String, Uncertain)>,
    pub(super) quantities: Vec<Quantity>,
    pub(super) mixing: Mixing,
    frozen: bool,
}

impl World {
    /// A world with nothing in it.
    pub fn new(seed: Seed) -> Self {
        Self {
            seed,
            numbers: Vec::new(),
            quantities: Vec::new(),
            mixing: Mixing::default(),
            frozen: false,
        }
    }

    /// The same world with every number at its median.
    #[must_use]
    pub fn frozen(self) -> Self {
        Self { frozen: true, ..self }
    }

    /// The number of that name and value; added when it is new.
    ///
    /// Two values under one name are drawn from the same random numbers: strategies
    /// that assume different bands for the same thing meet the same luck.
    pub fn number(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Uncertain>,
    ) -> NumberId {
        let value = value.into();
        let value = if self.frozen { Uncertain::Exactly(value.median()) } else { value };
        let entry = (name.into(), value);
        if let Some(i) = self.numbers.iter().position(|n| *n == entry) {
            return NumberId(i);
        }
        self.numbers.push(entry);
        NumberId(self.numbers.len() - 1)
    }

    /// The level of that name; added when it is new.
    ///
    /// Among several quotes of one level the newest decides from when it is uncertain.
    pub fn level(&mut self, quantity: Quantity) -> LevelId {
        if let Some(i) = self.quantities.iter().position(|q| q.name == quantity.name) {
            let known = &mut self.quantities[i];
            known.lead_in_months = known.lead_in_months.min(quantity.lead_in_months);
            return LevelId(i);
        }
        self.quantities.push(quantity);
        LevelId(self.quantities.len() - 1)
    }

    /// Correlates the monthly innovations of named levels.
    ///
    /// Names that are not in the world are left out: a default correlation may speak of
    /// a quantity this plan has no use for.
    ///
    /// **Errors** when the matrix is not positive semidefinite, with the pair to change.
    pub fn correlate(&mut self, pairs: &[Pair]) -> Result<(), CorrelationError> {
        let names: Vec<&str> = self.quantities.iter().map(|q| q.name.as_str()).collect();
        self.mixing = Mixing::of(&names, pairs)?;
        Ok(())
    }

    /// The number at a position of [`Self::numbers`].
    pub fn number_at(&self, position: usize) -> Option<NumberId> {
        (position < self.numbers.len()).then_some(NumberId(position))
    }

    /// The level at a position of [`Self::quantities`].
    pub fn level_at(&self, position: usize) -> Option<LevelId> {
        (position < self.quantities.len()).then_some(LevelId(position))
    }

    /// All levels.
    pub fn quantities(&self) -> &[Quantity] {
        &self.quantities
    }

    /// All numbers with their names.
    pub fn numbers(&self) -> &[(String, Uncertain)] {
        &self.numbers
    }

    /// What is known of a number before any path is drawn.
    pub fn value_of(&self, id: NumberId) -> Uncertain {
        self.numbers[id.0].1
    }

    /// Months between the oldest quote and the plan's first month.
    pub fn lead_in_months(&self) -> u32 {
        self.quantities.iter().map(|q| q.lead_in_months).max().unwrap_or(0)
    }

    /// Master seed.
    pub fn seed(&self) -> Seed {
        self.seed
    }
}
