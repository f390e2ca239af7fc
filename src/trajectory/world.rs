//! The list of what is random, by name.
//!
//! A number or a level is drawn from the stream of its name, so that adding one never
//! shifts another's draws.

use crate::input::Uncertain;
use crate::process::ProcessSpec;
use crate::random::{Sampler, Seed};

use super::correlation::{CorrelationError, Mixing, Pair};
use super::shock::Shock;

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
    /// What each number lies within on every path.
    pub(super) limits: Vec<(f64, f64)>,
    pub(super) quantities: Vec<Quantity>,
    /// Positions of quantities that are looked at and that nobody has quoted yet.
    watched: Vec<usize>,
    pub(super) mixing: Mixing,
    /// Names of the normals that are mixed, by the rows of `mixing`; empty: none are.
    pub(super) innovations: Vec<String>,
    /// Names that a correlation speaks of.
    correlated: Vec<String>,
    /// Degrees of the Student t copula of the correlated quantities; a normal one without.
    pub(super) tail_degrees: Option<u32>,
    /// Events that move several levels at once.
    pub(super) shocks: Vec<Shock>,
    /// How paths are spread, over so many months of the plan.
    pub(super) sampler: Sampler,
    pub(super) months: u32,
    frozen: bool,
    /// Growth a year laid over levels, from the plan's first month on.
    pub(super) tilts: Vec<(LevelId, f64)>,
}

impl World {
    /// A world with nothing in it.
    pub fn new(seed: Seed) -> Self {
        Self {
            seed,
            numbers: Vec::new(),
            limits: Vec::new(),
            quantities: Vec::new(),
            watched: Vec::new(),
            mixing: Mixing::default(),
            innovations: Vec::new(),
            correlated: Vec::new(),
            tail_degrees: None,
            shocks: Vec::new(),
            sampler: Sampler::Plain,
            months: 0,
            frozen: false,
            tilts: Vec::new(),
        }
    }

    /// The same world with every number at its median.
    #[must_use]
    pub fn frozen(self) -> Self {
        Self { frozen: true, ..self }
    }

    /// The same world with its paths spread otherwise, over a plan of so many months.
    #[must_use]
    pub fn sampled(self, sampler: Sampler, months: u32) -> Self {
        Self { sampler, months, ..self }
    }

    /// How paths are spread.
    pub fn sampler(&self) -> Sampler {
        self.sampler
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
        self.limits.push((f64::NEG_INFINITY, f64::INFINITY));
        NumberId(self.numbers.len() - 1)
    }

    /// Keeps a number within `low..=high` on every path.
    ///
    /// The tails of a band are the shape's, not the user's: a share of at most 0.999 in
    /// nine cases of ten must not become one of 1.02 in the tenth.
    pub fn keep_within(&mut self, id: NumberId, low: f64, high: f64) {
        let (l, h) = &mut self.limits[id.0];
        (*l, *h) = (l.max(low), h.min(high));
    }

    /// The level of that name; added when it is new.
    ///
    /// Among several quotes of one level the newest decides from when it is uncertain.
    pub fn level(&mut self, quantity: Quantity) -> LevelId {
        if let Some(i) = self.quantities.iter().position(|q| q.name == quantity.name) {
            let known = &mut self.quantities[i];
            if self.watched.contains(&i) {
                self.watched.retain(|watched| *watched != i);
                known.lead_in_months = quantity.lead_in_months;
            }
            known.lead_in_months = known.lead_in_months.min(quantity.lead_in_months);
            return LevelId(i);
        }
        self.quantities.push(quantity);
        LevelId(self.quantities.len() - 1)
    }

    /// The level of that name, for who looks at it and quotes nothing: when it is uncertain
    /// from is for those to say who do, or else the plan's start.
    pub fn watch(&mut self, quantity: Quantity) -> LevelId {
        if let Some(i) = self.quantities.iter().position(|q| q.name == quantity.name) {
            return LevelId(i);
        }
        self.watched.push(self.quantities.len());
        self.quantities.push(Quantity { lead_in_months: 0, ..quantity });
        LevelId(self.quantities.len() - 1)
    }

    /// Correlates the monthly innovations of named levels.
    ///
    /// A default correlation may speak of a quantity this plan has no use for: its normals
    /// are then drawn where another's depend on them, and it has no level.
    ///
    /// **Errors** when the matrix is not positive semidefinite, with the pair to change.
    pub fn correlate(&mut self, pairs: &[Pair]) -> Result<(), CorrelationError> {
        // The factor of a matrix depends on the order of its rows, and each row on those
        // above it alone. So correlated names come first, in the order of the pairs, used
        // or not: then no quantity's draws depend on what else the plan has.
        let mut names: Vec<&str> = Vec::new();
        let correlated = pairs.iter().flat_map(|p| [p.a.as_str(), p.b.as_str()]);
        let used = self.quantities.iter().map(|q| q.name.as_str());
        for name in correlated.chain(used) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.mixing = Mixing::of(&names, pairs)?;
        let moved = pairs.iter().filter(|p| p.rho.abs() > 0.0);
        self.correlated = moved.flat_map(|p| [p.a.clone(), p.b.clone()]).collect();
        self.innovations = names.into_iter().map(ToOwned::to_owned).collect();
        Ok(())
    }

    /// Makes correlated quantities extreme together, as Student's t with so many degrees.
    pub fn tail_degrees(&mut self, degrees: u32) {
        self.tail_degrees = (!self.frozen).then_some(degrees);
    }

    /// Adds an event that moves several levels at once; a frozen world has none.
    pub fn shock(&mut self, shock: Shock) {
        if !self.frozen {
            self.shocks.push(shock);
        }
    }

    /// Lays a growth a year over a level, whatever else moves it, from the plan's first
    /// month on; of several for one level the last counts.
    pub fn tilt(&mut self, id: LevelId, per_year: f64) {
        self.tilts.retain(|(known, _)| *known != id);
        if per_year != 0.0 {
            self.tilts.push((id, per_year));
        }
    }

    /// Multiplies a number and its band.
    pub fn scale(&mut self, id: NumberId, factor: f64) {
        if let Some((_, value)) = self.numbers.get_mut(id.0) {
            *value = value.scaled(factor);
        }
    }

    /// True where a level of this name moves with others.
    pub(super) fn is_correlated(&self, name: &str) -> bool {
        self.correlated.iter().any(|known| known == name)
    }

    /// Names of the normals of a month: the mixed ones, then those of all other levels.
    pub(super) fn innovation_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.innovations.iter().map(String::as_str).collect();
        for quantity in &self.quantities {
            if !names.contains(&quantity.name.as_str()) {
                names.push(&quantity.name);
            }
        }
        names
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
