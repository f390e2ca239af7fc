//! How many years of growth to buy at once, when larger plants are cheaper by the unit.
//!
//! A plant that covers `x` years of growth costs `k x^a` with a below 1: buying more at
//! once is cheaper by the year and ties up money earlier.

use crate::stats::range::{OutOfRange, in_range, non_negative, positive};

/// The discount rate that stands for uncertain growth: lower than the rate itself, so
/// uncertainty makes increments larger.
///
/// ```text
/// λ = (μ/σ²)(√(1 + 2 r σ²/μ²) − 1),   r/μ where σ = 0
/// ```
/// where `rate` is r, continuous, per year; `growth` is μ, units of demand a year;
/// `variance` is σ², units² a year. **Errors** [`OutOfRange`] for a rate or growth that is
/// not positive or a variance below zero. **Source** Manne (1961), Capacity Expansion and
/// Probabilistic Growth, Econometrica 29(4); Bean, Higle and Smith (1992), Operations
/// Research 40.
pub fn equivalent_rate(rate: f64, growth: f64, variance: f64) -> Result<f64, OutOfRange> {
    positive("discount rate per year", rate)?;
    positive("growth, units a year", growth)?;
    non_negative("variance of growth, units² a year", variance)?;
    // The same value, arranged so that it does not cancel for a small variance.
    let root = (1.0 + 2.0 * rate * variance / (growth * growth)).sqrt();
    Ok(2.0 * rate / (growth * (1.0 + root)))
}

/// Years of growth to buy at once: the increment of least present cost.
///
/// ```text
/// a = λ x/(e^(λ x) − 1)
/// ```
/// where `scale_exponent` is a, strictly between 0 and 1, and `rate` is λ of
/// [`equivalent_rate`] with demand in years of growth (μ = 1). At a = 1 nothing is gained
/// by buying ahead and the increment is nothing. **Errors** [`OutOfRange`] for an exponent
/// outside 0 to 1 or a rate that is not positive. **Source** Manne 1961; at a = 0.7 and
/// r = 10 % it is 6.75 years.
pub fn increment_years(scale_exponent: f64, rate: f64) -> Result<f64, OutOfRange> {
    in_range("scale exponent", scale_exponent, "above 0 and at most 1", |a| {
        0.0 < a && a <= 1.0
    })?;
    positive("rate per year", rate)?;
    // y/(e^y − 1) falls from 1 at 0; halving the range 64 times leaves no digit open.
    let (mut low, mut high) = (0.0_f64, 800.0_f64);
    for _ in 0..200 {
        let y = 0.5 * (low + high);
        let share = if y > 0.0 { y / y.exp_m1() } else { 1.0 };
        if share > scale_exponent {
            low = y;
        } else {
            high = y;
        }
    }
    Ok(0.5 * (low + high) / rate)
}

/// Present cost of buying `years` of growth again and again, in units of k.
///
/// ```text
/// C(x)/k = x^a/(1 − e^(−λ x))
/// ```
/// **Errors** [`OutOfRange`] for years or a rate that are not positive.
pub fn present_cost(
    scale_exponent: f64,
    rate: f64,
    years: f64,
) -> Result<f64, OutOfRange> {
    positive("years of growth", years)?;
    positive("rate per year", rate)?;
    Ok(years.powf(scale_exponent) / -(-rate * years).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Manne 1961: exponent, rate, variance; equivalent rate, years, cost over k.
    #[test]
    fn increments_are_mannes() {
        for (a, r, variance, lambda, years, cost) in [
            (0.5, 0.05, 0.0, 0.05, 25.128_624_17, 7.007_720_717),
            (0.5, 0.10, 0.0, 0.1, 12.564_312_09, 4.955_206_84),
            (0.5, 0.15, 0.0, 0.15, 8.376_208_058, 4.045_909_442),
            (0.5, 0.20, 0.0, 0.2, 6.282_156_043, 3.503_860_358),
            (0.6, 0.05, 0.0, 0.05, 18.948_097_63, 9.541_303_548),
            (0.6, 0.10, 0.0, 0.1, 9.474_048_816, 6.294_912_755),
            (0.6, 0.15, 0.0, 0.15, 6.316_032_544, 4.935_543_227),
            (0.6, 0.20, 0.0, 0.2, 4.737_024_408, 4.153_093_589),
            (0.7, 0.05, 0.0, 0.05, 13.509_431_86, 12.597_677_77),
            (0.7, 0.10, 0.0, 0.1, 6.754_715_929, 7.754_780_306),
            (0.7, 0.15, 0.0, 0.15, 4.503_143_953, 5.838_558_249),
            (0.7, 0.20, 0.0, 0.2, 3.377_357_965, 4.773_627_225),
            (0.8, 0.05, 0.0, 0.05, 8.616_844_196, 16.001_574_91),
            (0.8, 0.10, 0.0, 0.1, 4.308_422_098, 9.190_491_386),
            (0.8, 0.15, 0.0, 0.15, 2.872_281_399, 6.644_552_314),
            (0.8, 0.20, 0.0, 0.2, 2.154_211_049, 5.278_551_168),
            (0.9, 0.05, 0.0, 0.05, 4.142_930_059, 19.208_981_05),
            (0.9, 0.10, 0.0, 0.1, 2.071_465_029, 10.293_838_07),
            (0.9, 0.15, 0.0, 0.15, 1.380_976_686, 7.146_529_633),
            (0.9, 0.20, 0.0, 0.2, 1.035_732_515, 5.516_331_234),
            (0.7, 0.10, 0.5, 0.097_617_696_34, 6.919_560_881, 7.886_776_078),
            (0.7, 0.10, 1.0, 0.095_445_115_01, 7.077_068_249, 8.012_017_787),
            (0.7, 0.10, 2.0, 0.091_607_978_31, 7.373_501_8, 8.245_484_687),
            (0.7, 0.10, 4.0, 0.085_410_196_62, 7.908_559_161, 8.659_896_34),
        ] {
            let rate = equivalent_rate(r, 1.0, variance).unwrap();
            assert!((rate - lambda).abs() < 1e-10, "{rate} {lambda}");
            let found = increment_years(a, rate).unwrap();
            assert!((found - years).abs() < 2e-9 * years, "{found} {years}");
            let found = present_cost(a, rate, found).unwrap();
            assert!((found - cost).abs() < 1e-9 * cost, "{found} {cost}");
        }
    }

    #[test]
    fn no_other_increment_costs_less() {
        let best = increment_years(0.7, 0.1).unwrap();
        let least = present_cost(0.7, 0.1, best).unwrap();
        for factor in [0.5, 0.9, 0.99, 1.01, 1.1, 2.0] {
            assert!(present_cost(0.7, 0.1, factor * best).unwrap() > least);
        }
    }

    #[test]
    fn without_gain_of_scale_nothing_is_bought_ahead() {
        assert!(increment_years(1.0, 0.1).unwrap() < 1e-9);
        assert!(increment_years(0.0, 0.1).is_err());
        assert!(increment_years(0.7, 0.0).is_err());
        assert!(equivalent_rate(0.1, 1.0, -1.0).is_err());
    }
}
