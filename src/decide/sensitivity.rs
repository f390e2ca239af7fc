//! How much of the variance of a result is due to which input, exactly.
//!
//! Three readings of the same decomposition: what an input explains alone (first order),
//! with all it takes part in (total), and its fair share of everything (Shapley). With
//! dependent inputs only the last adds up to the whole.

use nalgebra::DMatrix;

use crate::stats::range::{OutOfRange, in_range, positive};
use crate::units::count;

/// Most inputs: subsets are enumerated.
const MOST: usize = 16;

/// Shares of one input in the variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Explained by the input alone.
    pub first: f64,
    /// Left when all others are known.
    pub total: f64,
    /// Its share of everything; the shares of all inputs add up to 1.
    pub shapley: f64,
}

/// Shares from what knowing each set of inputs explains.
///
/// `explained(u)` is the variance of the mean of the result given the inputs in the bit set
/// u.
///
/// ```text
/// φ_i = Σ_u |u|! (n − |u| − 1)!/n! · (c(u ∪ i) − c(u))/c(all), over u without i
/// ```
/// **Errors** [`OutOfRange`] for no or more than 16 inputs, or no variance. **Source** Owen
/// (2014), Sobol' Indices and Shapley Value, SIAM/ASA Journal on Uncertainty Quantification
/// 2; Owen and Prieur (2017) for dependent inputs.
pub fn shares(
    inputs: usize,
    explained: impl Fn(usize) -> f64,
) -> Result<Vec<Shares>, OutOfRange> {
    in_range("number of inputs", count(inputs), "1 to 16", |n| {
        (1.0..=count(MOST)).contains(&n)
    })?;
    let all = (1_usize << inputs) - 1;
    let worth: Vec<f64> = (0..=all).map(explained).collect();
    let variance = positive("variance of the result", worth[all])?;
    // Weight of a set of k others: k! (n − k − 1)!/n!.
    let mut weight = vec![1.0 / count(inputs)];
    for k in 1..inputs {
        weight.push(weight[k - 1] * count(k) / count(inputs - k));
    }
    Ok((0..inputs)
        .map(|i| {
            let bit = 1_usize << i;
            let shapley: f64 = (0..=all)
                .filter(|u| u & bit == 0)
                .map(|u| weight[u.count_ones() as usize] * (worth[u | bit] - worth[u]))
                .sum();
            Shares {
                first: worth[bit] / variance,
                total: (variance - worth[all & !bit]) / variance,
                shapley: shapley / variance,
            }
        })
        .collect())
}

/// Shares of independent inputs whose effects have these variances by set (bit sets).
///
/// **Errors** as [`shares`]. **Source** Sobol' (1993).
pub fn of_effects(
    inputs: usize,
    effects: &[(usize, f64)],
) -> Result<Vec<Shares>, OutOfRange> {
    shares(inputs, |u| {
        effects.iter().filter(|(set, _)| set & !u == 0).map(|(_, v)| v).sum()
    })
}

/// Shares of the factors of a product with mean 1 each and these variances.
///
/// **Errors** as [`shares`]. **Checked by** the g-function of Saltelli and Sobol' 1995.
pub fn of_product(variances: &[f64]) -> Result<Vec<Shares>, OutOfRange> {
    shares(variances.len(), |u| {
        let within = variances.iter().enumerate().filter(|(i, _)| u >> i & 1 == 1);
        within.map(|(_, v)| 1.0 + v).product::<f64>() - 1.0
    })
}

/// Shares of correlated normal inputs in their sum.
///
/// ```text
/// Var E(y | x_u) = b_uᵀ Σ_uu⁻¹ b_u,   b = Σ 1
/// ```
/// where `covariance` is Σ. **Errors** as [`shares`]; a set whose covariance is singular
/// counts what its pseudo-inverse says. **Source** Owen and Prieur (2017), On Shapley Value
/// for Measuring Importance of Dependent Inputs, §4.
pub fn of_normal_sum(covariance: &DMatrix<f64>) -> Result<Vec<Shares>, OutOfRange> {
    let n = covariance.nrows();
    let with_sum: Vec<f64> = covariance.row_iter().map(|row| row.iter().sum()).collect();
    shares(n, |u| {
        let set: Vec<usize> = (0..n).filter(|i| u >> i & 1 == 1).collect();
        if set.is_empty() {
            return 0.0;
        }
        let part =
            DMatrix::from_fn(set.len(), set.len(), |i, j| covariance[(set[i], set[j])]);
        let b = DMatrix::from_fn(set.len(), 1, |i, _| with_sum[set[i]]);
        let inverse = part.pseudo_inverse(1e-12).unwrap_or_else(|_| b.clone() * 0.0);
        (b.transpose() * inverse * &b)[(0, 0)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(found: &[Shares], wanted: &[[f64; 3]]) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            for (a, b) in [found.first, found.total, found.shapley].iter().zip(wanted) {
                assert!((a - b).abs() < 1e-9, "{found:?} for {wanted:?}");
            }
        }
        let sum: f64 = found.iter().map(|s| s.shapley).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    /// Ishigami and Homma 1990, a = 7 and b = 0.1: effects of x1, x2 and of x1 with x3.
    #[test]
    fn ishigamis_function() {
        let pi4 = std::f64::consts::PI.powi(4);
        let (a, b) = (7.0, 0.1);
        let effects = [
            (0b001, 0.5 * (1.0 + b * pi4 / 5.0) * (1.0 + b * pi4 / 5.0)),
            (0b010, a * a / 8.0),
            (0b101, b * b * pi4 * pi4 * (1.0 / 18.0 - 1.0 / 50.0)),
        ];
        let variance: f64 = effects.iter().map(|(_, v)| v).sum();
        assert!((variance - 13.844_587_94).abs() < 1e-8);
        same(
            &of_effects(3, &effects).unwrap(),
            &[
                [0.313_905_191_1, 0.557_588_855_2, 0.435_747_023_2],
                [0.442_411_144_8, 0.442_411_144_8, 0.442_411_144_8],
                [0.0, 0.243_683_664_1, 0.121_841_832],
            ],
        );
    }

    /// The g-function of Saltelli and Sobol' 1995: variance of a factor 1/(3 (1 + a)²).
    #[test]
    fn the_g_function() {
        let g = |a: &[f64]| {
            let v: Vec<f64> =
                a.iter().map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a))).collect();
            of_product(&v).unwrap()
        };
        let small = [7.161_921_689e-5, 0.000_104_949_051_9, 8.787_273_17e-5];
        let mut wanted = vec![
            [0.716_192_168_9, 0.787_144_126_7, 0.751_518_863_1],
            [0.179_048_042_2, 0.242_198_192_9, 0.210_477_293_7],
            [0.023_675_774_18, 0.034_316_910_15, 0.028_880_459_42],
            [0.007_161_921_689, 0.010_460_387_07, 0.008_771_892_882],
        ];
        wanted.extend([small; 4]);
        same(&g(&[0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0]), &wanted);
        let small = [5.867_811_898e-5, 9.200_838_536e-5, 7.472_757_791e-5];
        same(
            &g(&[0.0, 0.5, 3.0, 9.0, 99.0, 99.0]),
            &[
                [0.586_781_189_8, 0.690_085_892_3, 0.638_073_944_1],
                [0.260_791_639_9, 0.356_173_363_8, 0.308_126_765_8],
                [0.036_673_824_36, 0.056_333_542_23, 0.046_190_293_18],
                [0.005_867_811_898, 0.009_170_576_642, 0.007_459_541_757],
                small,
                small,
            ],
        );
        same(
            &g(&[0.0, 0.25, 0.5, 0.75]),
            &[
                [0.314_578_232_1, 0.485_933_674_1, 0.396_265_536],
                [0.201_330_068_6, 0.341_755_551, 0.267_856_746_6],
                [0.139_812_547_6, 0.250_804_477, 0.191_994_437_1],
                [0.102_719_422_7, 0.190_796_043_8, 0.143_883_280_3],
            ],
        );
    }

    /// Owen and Prieur 2017: first orders may exceed totals, Shapley still adds to 1.
    #[test]
    fn sums_of_correlated_normals() {
        for (rho, deviation, wanted) in [
            (0.0, 1.0, [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]),
            (
                0.5,
                2.0,
                [
                    [0.571_428_571_4, 0.107_142_857_1, 0.339_285_714_3],
                    [0.892_857_142_9, 0.428_571_428_6, 0.660_714_285_7],
                ],
            ),
            (
                0.9,
                2.0,
                [
                    [0.911_627_907, 0.022_093_023_26, 0.466_860_465_1],
                    [0.977_906_976_7, 0.088_372_093_02, 0.533_139_534_9],
                ],
            ),
            (-0.5, 2.0, [[0.0, 0.25, 0.125], [0.75, 1.0, 0.875]]),
        ] {
            let both = rho * deviation;
            let covariance =
                DMatrix::from_row_slice(2, 2, &[1.0, both, both, deviation * deviation]);
            same(&of_normal_sum(&covariance).unwrap(), &wanted);
        }
        assert!(of_product(&[]).is_err() && of_product(&[0.0]).is_err());
    }
}
