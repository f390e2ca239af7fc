//! The few operations on whole lanes that every room of the model needs.
//!
//! A stage that does more than one of these at a time is written as its own `kernel!`,
//! so that each lane is read once; these are for the steps that stand alone.

use super::{LANES, Lane, kernel};

/// Weighs lanes and adds them up: `out = Σ wⱼ · lane(j)`, in the order of the terms.
///
/// Four terms a pass, so that a sum of many reads `out` seldom.
pub fn weigh<'a>(
    out: &mut Lane,
    terms: &[(usize, f64)],
    lane: impl Fn(usize) -> &'a Lane,
) {
    if terms.is_empty() {
        out.fill(0.0);
    }
    for (k, four) in terms.chunks(4).enumerate() {
        let onto = k > 0;
        match *four {
            [(a, wa)] => weigh_one(out, onto, lane(a), wa),
            [(a, wa), (b, wb)] => weigh_two(out, onto, lane(a), wa, lane(b), wb),
            [(a, wa), (b, wb), (c, wc)] => {
                weigh_three(out, onto, lane(a), wa, lane(b), wb, lane(c), wc);
            }
            [(a, wa), (b, wb), (c, wc), (d, wd)] => {
                weigh_four(out, onto, lane(a), wa, lane(b), wb, lane(c), wc, lane(d), wd);
            }
            _ => unreachable!("bug: chunks hold one to four"),
        }
    }
}

kernel! {
    fn weigh_one(out: &mut Lane, onto: bool, a: &Lane, wa: f64) {
        for i in 0..LANES {
            out[i] = (if onto { out[i] } else { 0.0 }) + wa * a[i];
        }
    }

    fn weigh_two(out: &mut Lane, onto: bool, a: &Lane, wa: f64, b: &Lane, wb: f64) {
        for i in 0..LANES {
            out[i] = ((if onto { out[i] } else { 0.0 }) + wa * a[i]) + wb * b[i];
        }
    }

    fn weigh_three(
        out: &mut Lane, onto: bool, a: &Lane, wa: f64, b: &Lane, wb: f64, c: &Lane,
        wc: f64,
    ) {
        for i in 0..LANES {
            let two = ((if onto { out[i] } else { 0.0 }) + wa * a[i]) + wb * b[i];
            out[i] = two + wc * c[i];
        }
    }

    fn weigh_four(
        out: &mut Lane, onto: bool, a: &Lane, wa: f64, b: &Lane, wb: f64, c: &Lane,
        wc: f64, d: &Lane, wd: f64,
    ) {
        for i in 0..LANES {
            let two = ((if onto { out[i] } else { 0.0 }) + wa * a[i]) + wb * b[i];
            out[i] = (two + wc * c[i]) + wd * d[i];
        }
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
    use super::{add_scaled, lower_to, multiply, raise_to, weigh};
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
    fn any_number_of_terms_is_weighed_in_order() {
        let lanes: Vec<_> = (1..=9).map(|i| splat(f64::from(i) / 7.0)).collect();
        for n in 0..=9 {
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
