//! What knowing more before deciding is worth, for two actions whose difference is normal.
//!
//! The closed forms behind the dollars that a run prints beside its drivers, and the
//! exact value of perfect information of a sample of paths.

use crate::stats::law::normal_loss;
use crate::stats::range::{OutOfRange, finite, non_negative, positive};

/// Expected value of perfect information (EVPI) where the gain of acting is normal and one
/// acts if its mean is above zero.
///
/// ```text
/// EVPI = s L(|μ|/s),   L(z) = φ(z) − z (1 − Φ(z))
/// ```
/// where `mean` is μ and `deviation` is s, both in money. With s the deviation of what one
/// source of doubt alone contributes it is the value of knowing that source (EVPPI).
/// **Errors** [`OutOfRange`] for a deviation below zero. **Source** Raiffa and Schlaifer
/// (1961), Applied Statistical Decision Theory, §5.4.
pub fn perfect(mean: f64, deviation: f64) -> Result<f64, OutOfRange> {
    let mean = finite("mean gain", mean)?;
    let deviation = non_negative("standard deviation of the gain", deviation)?;
    Ok(if deviation > 0.0 {
        deviation * normal_loss(mean.abs() / deviation)
    } else {
        0.0
    })
}

/// Expected value of `n` observations with error `noise` (EVSI), prior N(`mean`,
/// `deviation`²).
///
/// ```text
/// EVSI = s₁ L(|μ|/s₁),   s₁² = s⁴/(s² + σ²/n)
/// ```
/// **Errors** as [`perfect`], and for a noise or number that is not positive. **Source**
/// Raiffa and Schlaifer (1961), §5.5.
pub fn sampled(mean: f64, deviation: f64, noise: f64, n: f64) -> Result<f64, OutOfRange> {
    let deviation = non_negative("standard deviation of the gain", deviation)?;
    let noise = positive("error of an observation", noise)?;
    let n = positive("number of observations", n)?;
    let variance = deviation * deviation;
    let learned = variance * (variance / (variance + noise * noise / n));
    perfect(mean, learned.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(found: Result<f64, OutOfRange>, wanted: f64) {
        let found = found.unwrap();
        assert!((found - wanted).abs() < 1e-9 * wanted.max(1.0), "{found} for {wanted}");
    }

    /// Raiffa and Schlaifer 1961, two actions with linear loss: prior mean and deviation,
    /// EVPI, EVSI of 1, 10 and 100 observations of error 2.
    #[test]
    fn values_of_information_are_the_closed_forms() {
        for (mean, deviation, evpi, evsi) in [
            (
                0.0,
                1.0,
                0.398_942_280_4,
                [0.178_412_411_6, 0.337_167_765_7, 0.391_195_090_9],
            ),
            (
                1.0,
                1.0,
                0.083_315_470_59,
                [0.001_971_323_223, 0.049_070_772_03, 0.078_662_783_84],
            ),
            (
                -0.5,
                2.0,
                0.572_689_396_4,
                [0.349_088_662_2, 0.536_755_167_3, 0.568_852_073_9],
            ),
            (
                2.0,
                1.0,
                0.008_490_702_617,
                [3.556_945_251e-7, 0.002_542_715_42, 0.007_482_681_705],
            ),
            (
                10.0,
                5.0,
                0.042_453_513_08,
                [0.025_831_898_04, 0.040_353_099_66, 0.042_238_152_65],
            ),
        ] {
            same(perfect(mean, deviation), evpi);
            for (n, wanted) in [1.0, 10.0, 100.0].into_iter().zip(evsi) {
                same(sampled(mean, deviation, 2.0, n), wanted);
            }
        }
    }

    /// Gain = μ + A + B: all of it, A alone, B alone.
    #[test]
    fn a_part_is_worth_what_its_own_spread_is_worth() {
        for (mean, a, b, all, of_a, of_b) in [
            (1.0, 1.0, 2.0, 0.479_810_706_3, 0.083_315_470_59, 0.395_593_114_8),
            (0.5, 0.3, 1.0, 0.213_380_228_2, 0.005_947_965_501, 0.197_796_557_4),
        ] {
            same(perfect(mean, f64::hypot(a, b)), all);
            same(perfect(mean, a), of_a);
            same(perfect(mean, b), of_b);
            assert!(of_a <= all && of_b <= all);
        }
        assert!(perfect(1.0, -1.0).is_err() && sampled(1.0, 1.0, 0.0, 1.0).is_err());
        same(perfect(1.0, 0.0), 0.0);
    }
}
