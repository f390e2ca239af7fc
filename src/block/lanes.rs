//! The few operations on whole lanes that every room of the model needs.
//!
//! A stage that does more than one of these at a time is written as its own `kernel!`,
//! so that each lane is read once; these are for the steps that stand alone.

use super::{LANES, Lane, kernel};

kernel! {
    /// Adds `s · a` to `out`.
    pub fn add_scaled(out: &mut Lane, a: &Lane, s: f64) {
        for i in 0..LANES {
            out[i] += a[i] * s;
        }
    }

    /// Multiplies `out` by `a`, path by path.
    pub fn multiply(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] *= a[i];
        }
    }

    /// Lowers every path of `out` to `a` where it is above; NaN stays NaN.
    pub fn lower_to(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] = if out[i] > a[i] { a[i] } else { out[i] };
        }
    }

    /// Raises every path of `out` to `a` where it is below; NaN stays NaN.
    pub fn raise_to(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] = if out[i] < a[i] { a[i] } else { out[i] };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{add_scaled, lower_to, multiply, raise_to};
    use crate::block::splat;

    #[test]
    fn whole_lane_operations_do_what_their_names_say() {
        let mut out = splat(3.0);
        add_scaled(&mut out, &splat(2.0), 0.5);
        assert_eq!(out.map(f64::to_bits), splat(4.0).map(f64::to_bits));
        multiply(&mut out, &splat(-2.0));
        assert_eq!(out.map(f64::to_bits), splat(-8.0).map(f64::to_bits));
        raise_to(&mut out, &splat(-1.0));
        assert_eq!(out.map(f64::to_bits), splat(-1.0).map(f64::to_bits));
        lower_to(&mut out, &splat(-5.0));
        assert_eq!(out.map(f64::to_bits), splat(-5.0).map(f64::to_bits));
    }

    #[test]
    fn a_path_that_is_not_a_number_stays_so() {
        let mut out = splat(f64::NAN);
        raise_to(&mut out, &splat(0.0));
        lower_to(&mut out, &splat(0.0));
        assert!(out.iter().all(|x| x.is_nan()));
    }
}
