//! A value with what is known of its error: a standard error, repeats, or neither.
//!
//! A Monte Carlo mean knows its standard error; a benchmark has repeats, or a single run
//! of which nothing is known but the value. Read next: [`super::verdict`].

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

use crate::units;

/// A measured value and what is known of its error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Reading {
    value: f64,
    /// Left out for a single run.
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    /// Left out where the standard error is known and not estimated on repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<u32>,
    /// Of repeats that are all above 0.
    #[serde(skip)]
    logarithms: Option<Logarithms>,
}

/// What is known of the logarithms of repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Logarithms {
    /// Their mean.
    pub(super) mean: f64,
    /// Its standard error; nothing for a single run.
    pub(super) standard_error: Option<f64>,
}

/// Why numbers are no reading.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ReadingError {
    /// The value is no finite number.
    #[error("a value must be finite, found {0}")]
    Value(f64),
    /// The standard error is negative or no finite number.
    #[error("a standard error must be finite and not negative, found {0}")]
    StandardError(f64),
    /// No value at all.
    #[error("a reading needs at least one value, found none")]
    Empty,
}

impl Reading {
    /// A value whose standard error rests on so much that it is as good as known.
    pub fn new(value: f64, standard_error: f64) -> Result<Self, ReadingError> {
        if !value.is_finite() {
            return Err(ReadingError::Value(value));
        }
        if !(standard_error.is_finite() && standard_error >= 0.0) {
            return Err(ReadingError::StandardError(standard_error));
        }
        Ok(Self {
            value,
            standard_error: Some(standard_error),
            repeats: None,
            logarithms: None,
        })
    }

    /// The mean of some repeats; that its standard error is estimated on few is counted.
    /// Of a single one nothing but the value is known.
    pub fn of_repeats(values: &[f64]) -> Result<Self, ReadingError> {
        if values.is_empty() {
            return Err(ReadingError::Empty);
        }
        let (mean, error) = mean_and_error(values);
        let reading = Self::new(mean, error)?;
        let known = |error: f64| (values.len() > 1).then_some(error);
        let repeats = u32::try_from(values.len()).ok();
        let logarithms = values.iter().all(|x| *x > 0.0).then(|| {
            let logs: Vec<f64> = values.iter().map(|x| x.ln()).collect();
            let (mean, error) = mean_and_error(&logs);
            Logarithms { mean, standard_error: known(error) }
        });
        Ok(Self { standard_error: known(error), repeats, logarithms, ..reading })
    }

    /// The value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Its standard error; nothing for a single run.
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_error
    }

    /// How many repeats it is the mean of; nothing where the error is known otherwise.
    pub fn repeats(&self) -> Option<u32> {
        self.repeats
    }

    /// The same value as if it had no error.
    pub(super) fn exact(self) -> Self {
        Self { standard_error: Some(0.0), repeats: None, logarithms: None, ..self }
    }

    /// What is known of the logarithms of its repeats, where all are above 0.
    pub(super) fn logarithms(&self) -> Option<Logarithms> {
        self.logarithms
    }
}

/// The mean and its standard error, 0 for a single value.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = units::count(values.len());
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    let degrees = (count - 1.0).max(1.0);
    (mean, (squares / degrees / count).sqrt())
}
