//! A χ² number from one standard normal: the same quantile of another law.
//!
//! Points of a Sobol sequence are worth what their coordinates are, so one number must
//! come from one coordinate, by its quantile. The logarithm of the quantile is smooth in
//! the normal: a table and cubics between its places are as good as exact.
//! Read next: [`ChiSquared`].

use crate::block::Lane;
use crate::block::math::{exp, ln};
use crate::kernel;

/// Beyond it no 32-bit uniform gets.
const REACH: f64 = 6.5;
/// Places a unit of the normal.
const PER_UNIT: f64 = 32.0;
const PLACES: usize = 417;

/// Quantiles of the χ² law.
///
/// ```text
/// t(z) = ln F⁻¹(Φ(z)),   dt/dz = φ(z) / (q f(q)),   q = e^t
/// ```
/// at places z = −6.5, −6.4375 … 6.5, and Hermite cubics between.
///
/// **Shapes** one number a path. **Units** none. **Errors** at most 10⁻⁶ of the quantile
/// within ±6 deviations. **Source** Wilson and Hilferty (1931), The distribution of
/// chi-square, PNAS 17:684, for the first guess of Newton's steps.
/// **Checked by** the distribution function of another library, below.
#[derive(Debug, Clone)]
pub(super) struct ChiSquared {
    degrees: u32,
    /// Logarithm of the quantile and its slope a place.
    places: Box<[(f64, f64); PLACES]>,
}

impl ChiSquared {
    pub(super) fn new(degrees: u32) -> Self {
        let mut places = Box::new([(0.0, 0.0); PLACES]);
        let mut z = -REACH;
        for place in places.iter_mut() {
            *place = log_quantile(degrees, z);
            place.1 /= PER_UNIT;
            z += 1.0 / PER_UNIT;
        }
        Self { degrees, places }
    }

    pub(super) fn degrees(&self) -> u32 {
        self.degrees
    }

    /// Turns standard normals into χ² numbers, in place.
    pub(super) fn turn_normals(&self, z: &mut Lane) {
        interpolate(&self.places, z);
    }
}

/// The logarithm of the quantile at `z` deviations of a normal, and its slope.
fn log_quantile(degrees: u32, z: f64) -> (f64, f64) {
    let half = 0.5 * f64::from(degrees);
    let norm = ln_gamma_of_half(degrees + 2);
    // What lies on the side of z: the normal's square is χ² with one degree.
    let tail = 0.5 * upper(0.5, ln_gamma_of_half(3), 0.5 * z * z);
    let below = if z < 0.0 { tail } else { 1.0 - tail };
    // Their quantile, then Newton's steps on the logarithm of the share.
    let k = f64::from(degrees);
    let cube_root = 1.0 - 2.0 / (9.0 * k) + z * (2.0 / (9.0 * k)).sqrt();
    let mut t = if cube_root > 0.1 {
        ln(k) + 3.0 * ln(cube_root)
    } else {
        (ln(below) + norm) / half + ln(2.0)
    };
    for _ in 0..60 {
        let x = 0.5 * exp(t);
        let slope = half * exp(half * ln(x) - x - norm);
        // Of the share on the side of z, which is the small one.
        let step = if z < 0.0 {
            let share = lower(half, norm, x);
            share / slope * (ln(share) - ln(tail))
        } else {
            let above = upper(half, norm, x);
            if above <= 0.0 { 1.0 } else { above / slope * (ln(tail) - ln(above)) }
        };
        t -= step.clamp(-1.0, 1.0);
        if step.abs() < 1e-14 {
            break;
        }
    }
    let x = 0.5 * exp(t);
    let slope = half * exp(half * ln(x) - x - norm);
    let density = exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
    (t, density / slope)
}

/// The regularised lower incomplete gamma function, by its series; `norm` is
/// `ln Γ(a + 1)`.
fn lower(a: f64, norm: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > 1e-17 * sum {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    (exp(a * ln(x) - x - norm) * sum).min(1.0)
}

/// The share above `x`, one less [`lower`], without the loss of figures of that
/// difference where it is small: by Lentz's continued fraction there.
fn upper(a: f64, norm: f64, x: f64) -> f64 {
    if x < a + 1.0 {
        return 1.0 - lower(a, norm, x);
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (f64::MAX, 1.0 / b);
    let mut value = d;
    for n in 1..1000 {
        let n = f64::from(n);
        let an = n * (a - n);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    // Γ(a) is Γ(a + 1) / a.
    a * exp(a * ln(x) - x - norm) * value
}

/// `ln Γ(n/2)`, by its recurrence from Γ(1) = 1 or Γ(½) = √π.
fn ln_gamma_of_half(n: u32) -> f64 {
    let (mut at, mut value) = if n.is_multiple_of(2) {
        (1.0, 0.0)
    } else {
        (0.5, 0.5 * ln(std::f64::consts::PI))
    };
    while at + 0.5 < 0.5 * f64::from(n) {
        value += ln(at);
        at += 1.0;
    }
    value
}

kernel! {
    fn interpolate(places: &[(f64, f64); PLACES], z: &mut Lane) {
        for z in z {
            let at = (z.clamp(-REACH, REACH) + REACH) * PER_UNIT;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 0 to the last place but one"
            )]
            let place = (at as usize).min(PLACES - 2);
            let ((a, up), (b, onto)) = (places[place], places[place + 1]);
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let u = at - place as f64;
            let v = 1.0 - u;
            let log = v * v * ((1.0 + 2.0 * u) * a + u * up)
                + u * u * ((1.0 + 2.0 * v) * b - v * onto);
            *z = exp(log);
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ChiSquared as Law, ContinuousCDF, Normal};

    use super::*;
    use crate::block::splat;

    #[test]
    fn shares_below_are_those_of_the_normal() {
        let normal = Normal::new(0.0, 1.0).expect("a law");
        for degrees in [1, 2, 3, 5, 9, 40, 399, 1000] {
            let (table, k) = (ChiSquared::new(degrees), f64::from(degrees));
            let law = Law::new(k).expect("a law");
            for i in -240..=240 {
                let z = f64::from(i) / 40.0 + 0.003;
                let mut lane = splat(z);
                table.turn_normals(&mut lane);
                let (found, wanted) = if z < 0.0 {
                    (law.cdf(lane[0]), normal.cdf(z))
                } else {
                    (law.sf(lane[0]), normal.sf(z))
                };
                // A share moves by as much of itself as the quantile, times the slope of
                // the one in the other: at most the square of z, or half the degrees.
                let slope = (z * z + 1.0).max(k) * 2.0;
                let off = (found / wanted - 1.0).abs() / slope;
                assert!(off < 1e-6, "{degrees} degrees, {z}: {found} for {wanted}");
            }
        }
    }

    #[test]
    fn it_rises_and_stays_finite_beyond_its_places() {
        for degrees in [1, 7, 1000] {
            let table = ChiSquared::new(degrees);
            let mut last = 0.0;
            for i in -800..=800 {
                let mut lane = splat(f64::from(i) / 100.0);
                table.turn_normals(&mut lane);
                assert!(lane[0].is_finite() && lane[0] >= last, "{degrees}, {i}");
                last = lane[0];
            }
        }
    }
}
