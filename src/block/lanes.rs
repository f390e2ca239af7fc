//! The few operations on whole lanes that every room of the model needs.
//!
//! A stage that does more than one of these at a time is written as its own `kernel!`,
//! so that each lane is read once; these are for the steps that stand alone.

use std::array::from_fn;

use super::{LANES, Lane, kernel};

/// Weighs lanes and adds them up: `out = Σ wⱼ · lane(j)`, in the order of the terms.
///
/// Eight terms a pass, so that a sum of many reads `out` seldom.
pub fn weigh<'a>(
    out: &mut Lane,
    terms: &[(usize, f64)],
    lane: impl Fn(usize) -> &'a Lane,
) {
    if terms.is_empty() {
        out.fill(0.0);
    }
    for (k, eight) in terms.chunks(8).enumerate() {
        let onto = k > 0;
        let l = |at: usize| lane(eight[at].0);
        let w = |at: usize| eight[at].1;
        match eight.len() {
            1 => weigh_one(out, onto, from_fn(l), from_fn(w)),
            2 => weigh_two(out, onto, from_fn(l), from_fn(w)),
            3 => weigh_three(out, onto, from_fn(l), from_fn(w)),
            4 => weigh_four(out, onto, from_fn(l), from_fn(w)),
            5 => weigh_five(out, onto, from_fn(l), from_fn(w)),
            6 => weigh_six(out, onto, from_fn(l), from_fn(w)),
            7 => weigh_seven(out, onto, from_fn(l), from_fn(w)),
            _ => weigh_eight(out, onto, from_fn(l), from_fn(w)),
        }
    }
}

/// A pass over so many terms: they are written out, as an inner loop over them would keep
/// the outer one from being vectorised.
macro_rules! weighing {
    ($($name:ident: $n:literal terms $($j:literal)+;)+) => {
        kernel! {$(
            fn $name(out: &mut Lane, onto: bool, lanes: [&Lane; $n], weights: [f64; $n]) {
                for i in 0..LANES {
                    let mut sum = if onto { out[i] } else { 0.0 };
                    $(sum += weights[$j] * lanes[$j][i];)+
                    out[i] = sum;
                }
            }
        )+}
    };
}

weighing! {
    weigh_one: 1 terms 0;
    weigh_two: 2 terms 0 1;
    weigh_three: 3 terms 0 1 2;
    weigh_four: 4 terms 0 1 2 3;
    weigh_five: 5 terms 0 1 2 3 4;
    weigh_six: 6 terms 0 1 2 3 4 5;
    weigh_seven: 7 terms 0 1 2 3 4 5 6;
    weigh_eight: 8 terms 0 1 2 3 4 5 6 7;
}

/// True if every path is zero, of either sign.
pub fn is_zero(a: &Lane) -> bool {
    let mut bits = 0;
    bits_of_all(a, &mut bits);
    bits == 0
}

kernel! {
    /// The bits that any of the numbers has, signs left out.
    fn bits_of_all(a: &Lane, bits: &mut u64) {
        let mut all = 0;
        for i in 0..LANES {
            all |= a[i].to_bits() << 1;
        }
        *bits = all;
    }

    /// Adds `s · a` to `out`.
    pub fn add_scaled(out: &mut Lane, a: &Lane, s: f64) {
        for i in 0..LANES {
            out[i] += a[i] * s;
        }
    }

    /// Multiplies every path of `out` by `s`.
    pub fn scale(out: &mut Lane, s: f64) {
        for i in 0..LANES {
            out[i] *= s;
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
    use super::{add_scaled, is_zero, lower_to, multiply, raise_to, weigh};
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
    fn zero_is_zero_of_either_sign_and_on_every_path() {
        let mut lane = splat(0.0);
        lane[3] = -0.0;
        assert!(is_zero(&lane));
        for x in [f64::MIN_POSITIVE, -1.0, f64::NAN] {
            lane[255] = x;
            assert!(!is_zero(&lane), "{x}");
        }
    }

    #[test]
    fn any_number_of_terms_is_weighed_in_order() {
        let lanes: Vec<_> = (1..=20).map(|i| splat(f64::from(i) / 7.0)).collect();
        for n in 0..=20 {
            let terms: Vec<(usize, f64)> =
                (0..n).map(|j| (j, 1.0 / crate::units::count(j + 3))).collect();
            let mut out = splat(5.0);
            weigh(&mut out, &terms, |j| &lanes[j]);
            let wanted = terms.iter().fold(0.0, |sum, (j, w)| sum + w * lanes[*j][0]);
            assert_eq!(out.map(f64::to_bits), splat(wanted).map(f64::to_bits), "{n}");
        }
    }

    #[test]
    fn a_path_that_is_not_a_number_stays_so() {
        let mut out = splat(f64::NAN);
        raise_to(&mut out, &splat(0.0));
        lower_to(&mut out, &splat(0.0));
        assert!(out.iter().all(|x| x.is_nan()));
    }
}
