//! Moves that are extreme together: a Student t copula on correlated innovations.
//!
//! Correlated normals are as good as independent far out: in a month in which one rent
//! jumps, the others need not. Dividing all of a month's normals by one common chi-square
//! gives joint extremes; mapping each back to a normal leaves every quantity's own law as
//! it was. Read next: [`super::Future`].

use crate::block::math::ln;
use crate::block::{LANES, Lane, splat};
use crate::process::Draws;
use crate::random::Seed;
use crate::stats::normal_quantile;

/// Reach and step of the table: at a variable of 12 the probability is below 10⁻¹² for
/// any degrees.
const REACH: f64 = 12.0;
const CELLS: u16 = 2_400;

/// The common divisor and the way back to normals.
///
/// ```text
/// x_i = z_i √(ν/W),   W ~ χ²(ν) one a path and month,   z'_i = Φ⁻¹(T_ν(x_i))
/// ```
/// The map is tabulated in w = √(ν ln(1 + x²/ν)), in which it is nearly straight, and
/// interpolated: good to 10⁻⁵.
///
/// **Source** Demarta and `McNeil` (2005), The t Copula and Related Copulas, International
/// Statistical Review 73:111; the variable of the table is Wallace's (1959), Annals of
/// Mathematical Statistics 30:1124.
/// **Checked by** marginals, rank correlation and joint extremes, below.
#[derive(Debug, Clone)]
pub(super) struct Copula {
    degrees: u32,
    table: Vec<f64>,
    draws: Draws,
    stretch: Lane,
}

impl Copula {
    pub(super) fn new(seed: Seed, degrees: u32) -> Self {
        let nu = f64::from(degrees.max(1));
        let table = (0..=CELLS)
            .map(|cell| {
                let w = REACH * f64::from(cell) / f64::from(CELLS);
                let x = (nu * ((w * w / nu).exp() - 1.0)).sqrt();
                let tail = crate::stats::score::pit_student(nu, 0.0, 1.0, -x);
                -normal_quantile(tail.max(1e-300))
            })
            .collect();
        let draws = Draws::new(seed, "copula", 0);
        Self { degrees, table, draws, stretch: splat(1.0) }
    }

    pub(super) fn begin(&mut self, first_path: u64) {
        self.draws.move_to(first_path);
    }

    /// Draws the divisor of a month.
    pub(super) fn step(&mut self, month: u32) {
        // A slot a month: the stream is this copula's alone.
        self.draws.chi_squared(month, self.degrees, &mut self.stretch);
        let nu = f64::from(self.degrees);
        for x in &mut self.stretch {
            *x = (nu / x.max(1e-12)).sqrt();
        }
    }

    /// A correlated normal of the month, with the common divisor, as a normal again.
    pub(super) fn bend(&self, z: &Lane, out: &mut Lane) {
        let nu = f64::from(self.degrees);
        let scale = f64::from(CELLS) / REACH;
        for i in 0..LANES {
            let x = z[i] * self.stretch[i];
            let w = (nu * ln(1.0 + x * x / nu)).sqrt() * scale;
            let cell = whole(w).min(usize::from(CELLS) - 1);
            let way = (w - crate::units::count(cell)).min(1.0);
            let size = self.table[cell] + way * (self.table[cell + 1] - self.table[cell]);
            out[i] = if x < 0.0 { -size } else { size };
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a table; the cast saturates"
)]
fn whole(x: f64) -> usize {
    x as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Monthly;

    const PATHS: f64 = 102_400.0;

    /// Pairs with correlation 0.7 of one month.
    fn pairs(degrees: Option<u32>) -> Vec<[f64; 2]> {
        let mut copula = Copula::new(Seed(6), degrees.unwrap_or(4));
        let (mut one, mut two) =
            (Monthly::new(Seed(6), "one"), Monthly::new(Seed(6), "two"));
        let mut pairs = Vec::new();
        for block in 0..400_u64 {
            let first = block * LANES as u64;
            copula.begin(first);
            copula.step(3);
            let a = *one.normal_at(first, 3);
            let mut b = *two.normal_at(first, 3);
            for i in 0..LANES {
                b[i] = 0.7 * a[i] + 0.51_f64.sqrt() * b[i];
            }
            let (mut x, mut y) = (a, b);
            if degrees.is_some() {
                copula.bend(&a, &mut x);
                copula.bend(&b, &mut y);
            }
            pairs.extend(x.iter().zip(&y).map(|(x, y)| [*x, *y]));
        }
        pairs
    }

    #[test]
    fn each_quantity_keeps_its_own_law() {
        for degrees in [2, 4, 30] {
            let pairs = pairs(Some(degrees));
            for z in [-2.5, -1.0, 0.0, 0.5, 1.645] {
                for side in [0, 1] {
                    let below = pairs.iter().filter(|p| p[side] < z).count();
                    let share = crate::units::count(below) / PATHS;
                    let p = crate::stats::score::pit_normal(0.0, 1.0, z);
                    // Thirty comparisons at 4 standard errors: one alarm in 500 seeds.
                    let allowed = 4.0 * (p * (1.0 - p) / PATHS).sqrt();
                    assert!((share - p).abs() < allowed, "{degrees} {z}: {share}");
                }
            }
        }
    }

    #[test]
    fn extremes_come_together_more_often_and_the_middle_hardly_changes() {
        let joint = |pairs: &[[f64; 2]]| {
            let both = pairs.iter().filter(|p| p[0] > 2.326 && p[1] > 2.326).count();
            crate::units::count(both) / PATHS / 0.01
        };
        let (gauss, student) = (pairs(None), pairs(Some(3)));
        assert!(
            joint(&student) > 1.3 * joint(&gauss),
            "{} {}",
            joint(&student),
            joint(&gauss)
        );
        // Kendall's τ of an elliptical copula is 2/π asin ρ, whatever the degrees: by
        // pairs of neighbours, each an independent pair of draws.
        for pairs in [&gauss, &student] {
            let agree = pairs
                .chunks_exact(2)
                .map(|p| {
                    let same = (p[0][0] - p[1][0]) * (p[0][1] - p[1][1]) > 0.0;
                    if same { 1.0 } else { -1.0 }
                })
                .sum::<f64>();
            let tau = agree / (0.5 * PATHS);
            let wanted = 2.0 / std::f64::consts::PI * 0.7_f64.asin();
            // 4 standard errors.
            assert!((tau - wanted).abs() < 4.0 * (0.76 / (0.5 * PATHS)).sqrt(), "{tau}");
        }
    }
}
