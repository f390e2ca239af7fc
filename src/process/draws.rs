//! The random numbers a process draws for itself, named by what they are for.
//!
//! The correlated innovation comes from outside; everything else (a parameter once a
//! path, whether a price moves) is drawn here, from streams of the quantity's own. A
//! *slot* tells a process's draws apart: slots number from 0 within one process, and
//! every kind of draw has its own streams, so a normal and a uniform of one slot are
//! independent. Read next: [`super::Process`].

use std::cell::OnceCell;

use crate::block::math::ln;
use crate::block::{LANES, Lane, splat};
use crate::kernel;
use crate::random::{Dimension, Seed, Stream};

use super::chi_squared::ChiSquared;

/// Degrees of freedom one Philox call pays for: two for each of its four uniforms.
const DEGREES_PER_GROUP: u32 = 8;
/// The group of the odd normal of a χ²: its pairs never get so far.
const ODD_GROUP_STEP: u32 = u32::MAX;

#[derive(Clone, Copy)]
enum Kind {
    Normal,
    Uniform,
    FourUniforms,
    ChiSquared,
}

/// What a quantity draws for the paths of one block.
#[derive(Debug, Clone)]
pub struct Draws {
    seed: Seed,
    stream: Stream,
    first_path: u64,
    /// What is drawn once a path comes from these, by slot, where there are any.
    points: Vec<Dimension>,
    /// Quantiles of the χ² law last drawn from a point.
    chi_squared: OnceCell<ChiSquared>,
}

impl Draws {
    /// The own draws of a quantity, for the block that begins with `first_path`.
    pub fn new(seed: Seed, quantity: &str, first_path: u64) -> Self {
        // The bare name belongs to the quantity's innovations.
        Self {
            seed,
            stream: Stream::new(seed, &format!("{quantity}/own")),
            first_path,
            points: Vec::new(),
            chi_squared: OnceCell::new(),
        }
    }

    /// Draws that quantities have in common which give them the same name.
    #[must_use]
    pub fn shared(&self, name: &str) -> Self {
        Self {
            stream: Stream::new(self.seed, &format!("{name}/shared")),
            points: Vec::new(),
            chi_squared: OnceCell::new(),
            ..*self
        }
    }

    /// The same with what is drawn once a path from `points`, by slot.
    #[must_use]
    pub fn from_points(self, points: Vec<Dimension>) -> Self {
        Self { points, ..self }
    }

    /// Goes to another block; hashes no name.
    pub fn move_to(&mut self, first_path: u64) {
        self.first_path = first_path;
    }

    /// A standard normal number a path.
    pub fn normal(&self, slot: u32, out: &mut Lane) {
        match self.point(slot) {
            Some(point) => point.normals(self.first_path, out),
            None => self.normal_at(0, slot, out),
        }
    }

    /// A uniform number a path, strictly between 0 and 1.
    pub fn uniform(&self, slot: u32, out: &mut Lane) {
        match self.point(slot) {
            Some(point) => point.uniforms(self.first_path, out),
            None => self.uniform_at(0, slot, out),
        }
    }

    /// A standard normal number a path and month; month 0 is [`Draws::normal`].
    pub fn normal_at(&self, month: u32, slot: u32, out: &mut Lane) {
        self.part(slot, Kind::Normal).normal(self.first_path, month, out);
    }

    /// A uniform number a path and month; month 0 is [`Draws::uniform`].
    pub fn uniform_at(&self, month: u32, slot: u32, out: &mut Lane) {
        self.part(slot, Kind::Uniform).uniform(self.first_path, month, out);
    }

    /// Four independent uniform numbers a path and month, for the price of one.
    pub fn four_uniforms_at(&self, month: u32, slot: u32, out: &mut [Lane; 4]) {
        self.part(slot, Kind::FourUniforms).uniforms(self.first_path, month, out);
    }

    /// A χ² number a path, always with the same number of draws.
    ///
    /// ```text
    /// χ²(2k) = −2 ln(u₁ u₂ … u_k),   χ²(2k + 1) = χ²(2k) + z²
    /// ```
    /// Each `−2 ln u` is the sum of the squares of one Box–Muller pair. From a point, which
    /// is one number, it is a quantile instead.
    ///
    /// **Shapes** one number a path. **Units** none. **Errors** none; 0 for 0 degrees.
    /// **Source** the χ² law with 2 degrees is exponential with mean 2; sums of
    /// independent χ² numbers add their degrees.
    /// **Checked by** mean, variance and independence of blocks, below.
    pub fn chi_squared(&self, slot: u32, degrees: u32, out: &mut Lane) {
        if let Some(point) = self.point(slot).filter(|_| degrees > 0) {
            let law = self.chi_squared.get_or_init(|| ChiSquared::new(degrees));
            point.normals(self.first_path, out);
            if law.degrees() == degrees {
                law.turn_normals(out);
            } else {
                ChiSquared::new(degrees).turn_normals(out);
            }
            return;
        }
        let part = self.part(slot, Kind::ChiSquared);
        *out = splat(0.0);
        let mut rows = [splat(1.0); 4];
        for group in 0..degrees.div_ceil(DEGREES_PER_GROUP) {
            let pairs = (degrees - group * DEGREES_PER_GROUP) / 2;
            part.uniforms(self.first_path, group, &mut rows);
            for row in rows.iter_mut().skip(pairs as usize) {
                *row = splat(1.0);
            }
            add_minus_two_ln(&rows, out);
        }
        if degrees % 2 == 1 {
            let mut z = splat(0.0);
            part.normal(self.first_path, ODD_GROUP_STEP, &mut z);
            add_square(&z, out);
        }
    }

    fn point(&self, slot: u32) -> Option<&Dimension> {
        self.points.get(usize::try_from(slot).ok()?)
    }

    fn part(&self, slot: u32, kind: Kind) -> Stream {
        self.stream.part(slot << 2 | kind as u32)
    }
}

kernel! {
    /// One logarithm for four uniforms: their product is 2⁻¹³² at the least.
    fn add_minus_two_ln(u: &[Lane; 4], out: &mut Lane) {
        let [a, b, c, d] = u;
        for i in 0..LANES {
            out[i] -= 2.0 * ln(a[i] * b[i] * (c[i] * d[i]));
        }
    }

    fn add_square(z: &Lane, out: &mut Lane) {
        for i in 0..LANES {
            out[i] += z[i] * z[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: u64 = 100;
    const PATHS: f64 = 25_600.0;

    fn many(draw: impl Fn(&Draws, &mut Lane)) -> Vec<f64> {
        let mut lane = splat(0.0);
        let mut all = Vec::new();
        for block in 0..BLOCKS {
            draw(&Draws::new(Seed(4), "rent", block * 256), &mut lane);
            all.extend(lane);
        }
        all
    }

    #[test]
    fn chi_squared_numbers_have_the_mean_and_variance_of_their_degrees() {
        for degrees in [1, 2, 3, 7, 8, 9, 24, 31] {
            let numbers = many(|d, out| d.chi_squared(0, degrees, out));
            let k = f64::from(degrees);
            let mean = numbers.iter().sum::<f64>() / PATHS;
            let variance = numbers.iter().map(|x| (x - k).powi(2)).sum::<f64>() / PATHS;
            // Variance 2k, fourth central moment 12k² + 48k. Sixteen comparisons at 4
            // standard errors: one false alarm in 1,000 seeds.
            assert!(
                (mean - k).abs() < 4.0 * (2.0 * k / PATHS).sqrt(),
                "{degrees}: {mean}"
            );
            let allowed = 4.0 * ((8.0 * k * k + 48.0 * k) / PATHS).sqrt();
            assert!((variance - 2.0 * k).abs() < allowed, "{degrees}: {variance}");
        }
    }

    #[test]
    fn no_degrees_are_no_spread() {
        assert!(
            many(|d, out| d.chi_squared(0, 0, out)).iter().all(|&x| x.abs() < 1e-300)
        );
    }

    #[test]
    fn slots_months_and_kinds_are_independent() {
        let first = many(|d, out| d.normal(0, out));
        let others = [
            many(|d, out| d.normal(1, out)),
            many(|d, out| d.normal_at(1, 0, out)),
            many(|d, out| {
                d.uniform(0, out);
                out.0 = out.map(|u| (u - 0.5) * 12.0_f64.sqrt());
            }),
            many(|d, out| {
                d.chi_squared(0, 2, out);
                out.0 = out.map(|x| (x - 2.0) / 2.0);
            }),
        ];
        for (i, other) in others.iter().enumerate() {
            let correlation =
                first.iter().zip(other).map(|(a, b)| a * b).sum::<f64>() / PATHS;
            // Four comparisons at 4 standard errors: one false alarm in 4,000 seeds.
            assert!(correlation.abs() < 4.0 / PATHS.sqrt(), "{i}: {correlation}");
        }
    }

    #[test]
    fn another_block_of_the_same_quantity_needs_no_name() {
        let (mut a, mut b) = (splat(0.0), splat(0.0));
        Draws::new(Seed(1), "rent", 512).uniform(3, &mut a);
        let mut draws = Draws::new(Seed(1), "rent", 0);
        draws.move_to(512);
        draws.uniform(3, &mut b);
        assert_eq!(a.map(f64::to_bits), b.map(f64::to_bits));
    }
}
