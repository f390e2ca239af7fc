//! Why a case cannot run, with the arithmetic and the next step.
//!
//! Not an error of the program: a machine that cannot hold a model is an answer, and
//! the reader must be able to check it by hand. Read next: [`super::memory`].

use serde::Serialize;
use thiserror::Error;

use super::memory::Memory;

/// A case that cannot run as asked.
#[derive(Debug, Clone, PartialEq, Serialize, Error)]
#[error("{reason}; {next_step}")]
pub struct Infeasible {
    /// What does not work, with its numbers.
    pub reason: String,
    /// What to change.
    pub next_step: String,
    /// The memory arithmetic of the nearest attempt, where memory is the reason.
    pub memory: Option<Memory>,
}

impl Infeasible {
    pub(super) fn new(reason: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { reason: reason.into(), next_step: next_step.into(), memory: None }
    }

    pub(super) fn with_memory(mut self, memory: Memory) -> Self {
        self.memory = Some(memory);
        self
    }
}

/// A finite number above zero, or why not.
pub(super) fn positive(name: &str, x: f64) -> Result<f64, Infeasible> {
    if x.is_finite() && x > 0.0 {
        return Ok(x);
    }
    Err(Infeasible::new(
        format!("`{name}` must be a finite number above zero, found {x}"),
        format!("give a positive `{name}`"),
    ))
}

/// A share between zero and one, or why not.
pub(super) fn share(name: &str, x: f64) -> Result<f64, Infeasible> {
    if (0.0..=1.0).contains(&x) {
        return Ok(x);
    }
    Err(Infeasible::new(
        format!("`{name}` must be between 0 and 1, found {x}"),
        format!("give `{name}` as a share"),
    ))
}
