//! A number that a closed form has no answer for, said the same way everywhere.

/// An input outside the range in which a formula holds.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{what} must be {wanted}, found {found}")]
pub struct OutOfRange {
    /// What the number is, with its unit.
    pub what: &'static str,
    /// What it has to be.
    pub wanted: &'static str,
    /// What it is.
    pub found: f64,
}

/// Passes a finite number on for which `fine` holds.
///
/// **Errors** [`OutOfRange`] with `what` and `wanted` otherwise.
pub fn in_range(
    what: &'static str,
    found: f64,
    wanted: &'static str,
    fine: impl Fn(f64) -> bool,
) -> Result<f64, OutOfRange> {
    let is_fine = found.is_finite() && fine(found);
    is_fine.then_some(found).ok_or(OutOfRange { what, wanted, found })
}

/// A finite number above zero.
pub fn positive(what: &'static str, found: f64) -> Result<f64, OutOfRange> {
    in_range(what, found, "positive", |x| x > 0.0)
}

/// A finite number of zero or more.
pub fn non_negative(what: &'static str, found: f64) -> Result<f64, OutOfRange> {
    in_range(what, found, "zero or more", |x| x >= 0.0)
}

/// A number from 0 to 1.
pub fn share(what: &'static str, found: f64) -> Result<f64, OutOfRange> {
    in_range(what, found, "between 0 and 1", |x| (0.0..=1.0).contains(&x))
}

/// Any finite number.
pub fn finite(what: &'static str, found: f64) -> Result<f64, OutOfRange> {
    in_range(what, found, "a finite number", |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outside_names_itself_and_what_is_wanted() {
        let error = positive("rent, USD/h", 0.0).unwrap_err();
        assert_eq!(error.to_string(), "rent, USD/h must be positive, found 0");
        assert!(positive("x", f64::NAN).is_err() && finite("x", f64::INFINITY).is_err());
        assert_eq!((share("x", 1.0), non_negative("x", 0.0)), (Ok(1.0), Ok(0.0)));
    }
}
