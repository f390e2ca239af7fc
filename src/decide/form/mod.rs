//! Break-even in closed form: the back-of-the-envelope answers, with their formulas.
//!
//! Each form is a file: what it asks, its equations, its answers. The list below is what
//! `rackcast breakeven` offers and what a file of cases is tried against. A threshold may
//! be *never* or *always*; what has no answer is refused with its reason. No uncertainty
//! and no discounting, unless the form says so: `rackcast run` is for that.
//! Read next: [`hours`], [`cases`].

pub mod cases;
pub mod compute;
mod figure_name;
pub mod forward;
mod given;
pub mod hours;
mod line;
pub mod linked;
pub mod machine;
pub mod payback;
pub mod published;
mod spelling;
pub mod tokens;
pub mod total;
pub mod training;
pub mod utilisation;

pub use given::{Given, Input, Kind};
pub use line::{Answer, Figure, Line, plain};

use crate::stats::range::OutOfRange;

/// One closed form.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Name, as the command writes it.
    pub name: &'static str,
    /// The question it answers.
    pub question: &'static str,
    /// What it asks.
    pub inputs: &'static [Input],
    /// Where the method comes from.
    pub source: &'static str,
    answer: fn(&Given) -> Result<Answer, Refused>,
}

/// Every form, in the order in which a case is tried.
pub const FORMS: &[Form] = &[
    hours::FORM,
    utilisation::FORM,
    tokens::FORM,
    payback::FORM,
    forward::FORM,
    training::FORM,
    compute::FORM,
    total::FORM,
];

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Something is not given.
    #[error("needs {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Something cannot be.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl Form {
    /// The form of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.name == name)
    }

    /// Answers from what is given.
    ///
    /// **Errors** [`Refused`] with every input that is missing, or the first that is out
    /// of range.
    pub fn answer(&self, given: &Given) -> Result<Answer, Refused> {
        (self.answer)(given)
    }

    /// The input of this name: its key, or what published files call it. Capitals, blanks
    /// and hyphens do not matter.
    pub fn input(&self, name: &str) -> Option<&'static Input> {
        let inputs: &'static [Input] = self.inputs;
        let name = spelling::key(name);
        inputs.iter().find(|i| i.key == name || i.also.contains(&name.as_str()))
    }
}

#[cfg(test)]
mod tests;
