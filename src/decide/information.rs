//! What knowing more before deciding is worth, for two actions whose difference is normal.
//!
//! The closed forms behind the dollars that a run prints beside its drivers, and the
//! exact value of perfect information of a sample of paths.

use crate::stats::law::normal_loss;
use crate::stats::range::{OutOfRange, finite, in_range, non_negative, positive, share};
use crate::units::count;

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

/// What deciding now, later and on the middle alone would cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Staged {
    /// Expected cost of the best choice made now (RP, the recourse problem).
    pub here_and_now: f64,
    /// Expected cost of the best choice in each scenario (WS, wait and see).
    pub wait_and_see: f64,
    /// What knowing the scenario first would save (EVPI).
    pub perfect_information: f64,
    /// Expected cost of the choice that is best in the middle scenario (EEV).
    pub of_the_middle: f64,
    /// What it costs to plan on the middle alone (VSS, value of the stochastic solution).
    pub stochastic_solution: f64,
}

/// Compares choices over scenarios of known chances.
///
/// ```text
/// RP = min_i Σ_s p_s c_is,   WS = Σ_s p_s min_i c_is,   EVPI = RP − WS
/// EEV = Σ_s p_s c_ms,        VSS = EEV − RP
/// ```
/// where `costs` holds a choice a row and a scenario a column, what can still be done in a
/// scenario done, and `middle` is the row of m, the choice that planning on the middle
/// would make. **Shapes** as many chances as columns. **Units** money, costs positive.
/// **Errors** [`OutOfRange`] for rows of another length, chances below 0 or that do not add
/// up to 1, costs that are not finite, or a middle that is no row. **Source** Birge and
/// Louveaux (2011), Introduction to Stochastic Programming, ch. 4. **Checked by** their
/// farmer and Louveaux and Smeers's power stations, `tests/stochastic.rs`.
pub fn staged(
    costs: &[Vec<f64>],
    chances: &[f64],
    middle: usize,
) -> Result<Staged, OutOfRange> {
    let mut sum = 0.0;
    for chance in chances {
        sum += share("chance of a scenario", *chance)?;
    }
    in_range("sum of the chances", sum, "1", |x| (x - 1.0).abs() < 1e-9)?;
    in_range("row of the middle", count(middle), "one of the rows", |_| {
        middle < costs.len()
    })?;
    for row in costs {
        let off = count(row.len()) - count(chances.len());
        in_range("costs missing from a row", off, "none", |x| x.abs() < 0.5)?;
        for cost in row {
            finite("cost", *cost)?;
        }
    }
    let expected =
        |row: &[f64]| -> f64 { row.iter().zip(chances).map(|(c, p)| c * p).sum() };
    let here_and_now =
        costs.iter().map(|row| expected(row)).fold(f64::INFINITY, f64::min);
    let least: Vec<f64> = (0..chances.len())
        .map(|s| costs.iter().map(|row| row[s]).fold(f64::INFINITY, f64::min))
        .collect();
    let wait_and_see = expected(&least);
    let of_the_middle = expected(&costs[middle]);
    Ok(Staged {
        here_and_now,
        wait_and_see,
        perfect_information: here_and_now - wait_and_see,
        of_the_middle,
        stochastic_solution: of_the_middle - here_and_now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_add_up_is_refused() {
        let costs = [vec![1.0, 2.0], vec![2.0, 0.5]];
        let found = staged(&costs, &[0.5, 0.5], 0).unwrap();
        assert_eq!((found.here_and_now, found.wait_and_see), (1.25, 0.75));
        assert_eq!((found.perfect_information, found.stochastic_solution), (0.5, 0.25));
        assert!(staged(&costs, &[0.5, 0.4], 0).is_err());
        assert!(staged(&costs, &[0.5, 0.5], 2).is_err());
        assert!(staged(&costs, &[1.0], 0).is_err());
        assert!(staged(&[vec![f64::NAN, 1.0]], &[0.5, 0.5], 0).is_err());
        assert!(staged(&[], &[1.0], 0).is_err());
    }

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
