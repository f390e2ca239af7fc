//! Draws of the simulators: exponential, gamma and lognormal numbers of one path.
//!
//! On the crate's own logarithm and exponential, so that the bits are the same on every
//! machine. Read next: [`crate::random::PathRng`].

use rand::RngExt;

use crate::block::math::{exp, inverse_normal, ln};
use crate::random::PathRng;

/// The numbers of one path of a simulation.
#[derive(Debug, Clone)]
pub(super) struct Draws {
    rng: PathRng,
}

impl Draws {
    pub(super) fn new(rng: PathRng) -> Self {
        Self { rng }
    }

    /// Uniform, strictly between 0 and 1.
    pub(super) fn uniform(&mut self) -> f64 {
        let word: u32 = self.rng.random();
        (f64::from(word) + 0.5) / 4_294_967_296.0
    }

    /// Exponential of mean one.
    pub(super) fn exponential(&mut self) -> f64 {
        -ln(self.uniform())
    }

    /// Standard normal.
    pub(super) fn normal(&mut self) -> f64 {
        inverse_normal(self.uniform())
    }

    /// Time to the next event of a Poisson process; infinite where nothing happens.
    pub(super) fn after(&mut self, rate: f64) -> f64 {
        if rate > 0.0 { self.exponential() / rate } else { f64::INFINITY }
    }

    /// Lognormal of the given mean and coefficient of variation.
    pub(super) fn lognormal(&mut self, mean: f64, cv: f64) -> f64 {
        let variance = ln(1.0 + cv * cv);
        mean * exp(variance.sqrt() * self.normal() - variance / 2.0)
    }

    /// Gamma of mean one and the given coefficient of variation, above zero.
    ///
    /// **Source** Marsaglia and Tsang (2000), ACM Transactions on Mathematical Software
    /// 26:363, with their boost for shapes below one.
    pub(super) fn gamma(&mut self, cv: f64) -> f64 {
        let shape = 1.0 / (cv * cv);
        let (used, boost) = if shape < 1.0 {
            (shape + 1.0, exp(ln(self.uniform()) / shape))
        } else {
            (shape, 1.0)
        };
        let d = used - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let cube = (1.0 + c * x).powi(3);
            if cube > 0.0 {
                let u = self.uniform();
                if ln(u) < 0.5 * x * x + d - d * cube + d * ln(cube) {
                    return boost * d * cube / shape;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, Stream};

    fn moments(mut draw: impl FnMut(&mut Draws) -> f64) -> (f64, f64) {
        let mut draws = Draws::new(PathRng::new(Stream::new(Seed(5), "draws"), 0, 0));
        let n = 40_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = draw(&mut draws);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        (mean, (squares / f64::from(n) - mean * mean).sqrt())
    }

    #[test]
    fn every_law_has_its_mean_and_spread() {
        // Means of 40,000: 4 standard errors are 0.02 cv; spreads of skewed laws get 5 %.
        for cv in [0.5, 1.0, 2.0] {
            let (mean, sd) = moments(|d| d.gamma(cv));
            assert!((mean - 1.0).abs() < 0.02 * cv, "gamma {cv}: {mean}");
            assert!((sd / cv - 1.0).abs() < 0.05, "gamma {cv}: {sd}");
        }
        let (mean, sd) = moments(|d| d.lognormal(300.0, 0.8));
        assert!((mean / 300.0 - 1.0).abs() < 0.016, "{mean}");
        assert!((sd / 240.0 - 1.0).abs() < 0.05, "{sd}");
        let (mean, sd) = moments(Draws::exponential);
        assert!((mean - 1.0).abs() < 0.02 && (sd - 1.0).abs() < 0.05);
    }
}
