//! How two quantities of the same paths move together.
//!
//! For what drives a result (the correlation of an input with the answer) and for the
//! error of a paired difference: two strategies played over the same futures differ far
//! less than each varies. As in `moments`, merge in block order.

use serde::{Deserialize, Serialize};

use super::moments::{Moments, products};
use super::number;
use crate::block::LANES;

/// Count, means, variances and covariance of pairs of samples.
///
/// **Source** the joining formula of Chan et al. (1983), for a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct PairMoments {
    x: Moments,
    y: Moments,
    /// Sum of the products of distances from the two means.
    #[serde(with = "super::bits")]
    products: f64,
}

impl PairMoments {
    /// The moments of no pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the pairs of two lanes, or of parts of them, path by path.
    ///
    /// The two are of one length; of a longer one the rest is not read.
    pub fn record(&mut self, x: &[f64], y: &[f64]) {
        debug_assert_eq!(x.len(), y.len(), "bug: pairs are of one length");
        let pairs = x.len().min(y.len());
        for (x, y) in x[..pairs].chunks(LANES).zip(y[..pairs].chunks(LANES)) {
            let mut block =
                Self { x: Moments::of_block(x), y: Moments::of_block(y), products: 0.0 };
            let (x_mean, y_mean) = (block.x.mean(), block.y.mean());
            products(x, y, x_mean, y_mean, &mut block.products);
            self.merge(&block);
        }
    }

    /// Adds the pairs of `other`, which come after these; merge in block order.
    pub fn merge(&mut self, other: &Self) {
        if other.count() == 0 {
            return;
        }
        if self.count() > 0 {
            let x_distance = other.x.mean() - self.x.mean();
            let y_distance = other.y.mean() - self.y.mean();
            self.products += x_distance * y_distance * self.x.weight_with(other.count());
        }
        self.products += other.products;
        self.x.merge(&other.x);
        self.y.merge(&other.y);
    }

    /// Pairs added.
    pub fn count(&self) -> u64 {
        self.x.count()
    }

    /// The moments of the first of each pair.
    pub fn x(&self) -> &Moments {
        &self.x
    }

    /// The moments of the second of each pair.
    pub fn y(&self) -> &Moments {
        &self.y
    }

    /// The sample covariance, with `n − 1`; NaN with fewer than two pairs.
    pub fn covariance(&self) -> f64 {
        if self.count() < 2 {
            return f64::NAN;
        }
        self.products / number(self.count() - 1)
    }

    /// Pearson's correlation, from -1 to 1; NaN where either does not vary.
    pub fn correlation(&self) -> f64 {
        let spread = self.x.standard_deviation() * self.y.standard_deviation();
        (self.covariance() / spread).clamp(-1.0, 1.0)
    }

    /// The standard error of the mean of `x − y`.
    ///
    /// Where the two are nearly equal path by path, [`Moments`] of the differences
    /// themselves keep more digits.
    pub fn difference_standard_error(&self) -> f64 {
        let variance = self.x.variance() + self.y.variance() - 2.0 * self.covariance();
        (variance.max(0.0) / number(self.count())).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::PairMoments;

    fn recorded(x: &[f64], y: &[f64]) -> PairMoments {
        let mut pairs = PairMoments::new();
        pairs.record(x, y);
        pairs
    }

    #[test]
    fn covariance_and_correlation_are_those_of_the_definition() {
        // Anscombe (1973), Graphs in Statistical Analysis, data set I: r = 0.816421.
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
        let pairs = recorded(&x, &y);
        assert!((pairs.covariance() - 5.501).abs() < 1e-12);
        assert!((pairs.correlation() - 0.816_420_516_344_84).abs() < 1e-12);
    }

    #[test]
    fn blocks_join_to_the_closed_form() {
        // x = 0 … n − 1 and y = −3 x + 1e9: variance (n² + n) / 12 with n − 1.
        let n = 10_000_i32;
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| 1e9 - 3.0 * x).collect();
        let pairs = recorded(&x, &y);
        let variance = f64::from(n) * f64::from(n + 1) / 12.0;
        assert!((pairs.covariance() / (-3.0 * variance) - 1.0).abs() < 1e-12);
        assert!((pairs.correlation() + 1.0).abs() < 1e-12);
        let error = (16.0 * variance / f64::from(n)).sqrt();
        assert!((pairs.difference_standard_error() / error - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert!(recorded(&[1.0, 1.0], &[1.0, 2.0]).correlation().is_nan());
        assert!(recorded(&[1.0], &[2.0]).covariance().is_nan());
        assert!(PairMoments::new().difference_standard_error().is_nan());
    }
}
