//! When to stop renting, knowing nothing of the future: ski rental and reservations.
//!
//! A rule that needs no forecast never pays more than a known multiple of what perfect
//! foresight would. It is the floor that a rule with a forecast has to beat.

use crate::stats::range::{OutOfRange, in_range, non_negative, positive, share};
use crate::units::count;

/// The worst multiple of the foresighted cost, renting until the rent paid equals the
/// price and then buying.
///
/// ```text
/// 2 − 1/B,   B = price / rent per period
/// ```
/// `price_in_rents` is B, whole periods, 1 or more. **Errors** [`OutOfRange`] below 1.
/// **Source** Karlin, Manasse, Rudolph and Sleator (1988), Competitive Snoopy Caching,
/// Algorithmica 3. **Checked by** all durations of use, one by one.
pub fn deterministic_ratio(price_in_rents: f64) -> Result<f64, OutOfRange> {
    Ok(2.0 - 1.0 / periods(price_in_rents)?)
}

/// The same with the period of purchase drawn from [`purchase_odds`], in expectation.
///
/// ```text
/// 1/(1 − (1 − 1/B)^B)  →  e/(e − 1)
/// ```
/// **Errors** as [`deterministic_ratio`]. **Source** Karlin, Manasse, McGeoch and Owicki
/// (1994), Competitive Randomized Algorithms for Nonuniform Problems, Algorithmica 11.
pub fn randomised_ratio(price_in_rents: f64) -> Result<f64, OutOfRange> {
    let b = periods(price_in_rents)?;
    Ok(1.0 / (1.0 - (1.0 - 1.0 / b).powf(b)))
}

/// Probability of buying at the start of period 1, 2, … B, for the ratio of
/// [`randomised_ratio`].
///
/// ```text
/// q(i) = ((B − 1)/B)^(B − i) / (B (1 − (1 − 1/B)^B))
/// ```
/// **Errors** [`OutOfRange`] for 0 periods. **Source** as [`randomised_ratio`].
pub fn purchase_odds(price_in_rents: usize) -> Result<Vec<f64>, OutOfRange> {
    let b = count(price_in_rents);
    let ratio = randomised_ratio(b)?;
    let step = (b - 1.0) / b;
    Ok((1..=price_in_rents)
        .map(|i| step.powf(count(price_in_rents - i)) * ratio / b)
        .collect())
}

fn periods(price_in_rents: f64) -> Result<f64, OutOfRange> {
    in_range("price in rents of a period", price_in_rents, "1 or more", |b| b >= 1.0)
}

/// A reservation: a fee once, then a lower rate for its term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reserving {
    /// Fee of a reservation, in money.
    pub fee: f64,
    /// On-demand rate, money per hour.
    pub on_demand: f64,
    /// Rate while reserved, as a share of the on-demand rate (α); 0 to 1.
    pub reserved_share: f64,
}

impl Reserving {
    /// Passes an offer on that means something.
    ///
    /// **Errors** [`OutOfRange`] for a fee or rate that is not positive or a share
    /// outside 0 to 1.
    pub fn checked(self) -> Result<Self, OutOfRange> {
        non_negative("fee of a reservation", self.fee)?;
        positive("on-demand rate", self.on_demand)?;
        share("reserved rate over on-demand rate", self.reserved_share)?;
        Ok(self)
    }

    /// On-demand cost within a term from which a reservation would have paid: reserve
    /// once the last term's on-demand cost exceeds it. Infinite at α = 1.
    ///
    /// ```text
    /// β = fee/(1 − α)
    /// ```
    /// **Source** Wang, Li and Liang (2013), To Reserve or Not to Reserve: Optimal Online
    /// Multi-Instance Acquisition in IaaS Clouds, ICAC 2013 (arXiv:1305.5608), §IV.
    pub fn break_even_cost(&self) -> f64 {
        self.fee / (1.0 - self.reserved_share)
    }

    /// The same in hours of use within a term.
    pub fn break_even_hours(&self) -> f64 {
        self.break_even_cost() / self.on_demand
    }
}

/// The worst multiple of the foresighted cost of reserving at
/// [`Reserving::break_even_cost`]; no deterministic rule has a lower one.
///
/// ```text
/// 2 − α
/// ```
/// **Errors** [`OutOfRange`] for `alpha` outside 0 to 1. **Source** Wang, Li and Liang
/// 2013, theorem 1.
pub fn reserving_ratio(alpha: f64) -> Result<f64, OutOfRange> {
    Ok(2.0 - share("reserved rate over on-demand rate", alpha)?)
}

/// The same with a threshold drawn at random, in expectation.
///
/// ```text
/// e/(e − 1 + α)
/// ```
/// **Errors** as [`reserving_ratio`]. **Source** Wang, Li and Liang 2013, theorem 3.
pub fn reserving_ratio_randomised(alpha: f64) -> Result<f64, OutOfRange> {
    let alpha = share("reserved rate over on-demand rate", alpha)?;
    let e = std::f64::consts::E;
    Ok(e / (e - 1.0 + alpha))
}

/// The threshold for a uniform draw `u` of 0 to 1, as a share of
/// [`Reserving::break_even_cost`], for the ratio of [`reserving_ratio_randomised`].
///
/// ```text
/// P(z ≤ x) = (e^x − 1)/(e − 1 + α) for x from 0 to 1, and never for the rest,
/// which has probability α/(e − 1 + α)
/// ```
/// Infinite means: not in this term. With it the ratio holds for every use of a term; with
/// the rest put at z = 1, as the paper writes it, a use just above break-even would cost
/// α (1 − α)/(e − 1 + α) more. **Errors** [`OutOfRange`] for `alpha` or `u` outside 0 to 1.
/// **Source** Wang, Li and Liang 2013, algorithm 2; the equation f = c − 1 + (1 − α) F
/// that makes all uses equally bad, solved.
pub fn threshold_draw(alpha: f64, u: f64) -> Result<f64, OutOfRange> {
    let alpha = share("reserved rate over on-demand rate", alpha)?;
    let u = share("draw", u)?;
    let scale = std::f64::consts::E - 1.0 + alpha;
    let z = (u * scale).ln_1p();
    Ok(if z < 1.0 { z } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Karlin and others 1988 and 1994.
    #[test]
    fn ski_rental_ratios_are_the_published_ones() {
        for (b, deterministic, randomised) in [
            (2.0, 1.5, 1.333_333_333),
            (5.0, 1.8, 1.487_386_959),
            (10.0, 1.9, 1.535_339_933),
            (100.0, 1.99, 1.577_367_53),
            (1000.0, 1.999, 1.581_516_312),
        ] {
            assert!((deterministic_ratio(b).unwrap() - deterministic).abs() < 1e-12);
            assert!((randomised_ratio(b).unwrap() - randomised).abs() < 1e-9);
        }
        assert!(deterministic_ratio(0.5).is_err() && randomised_ratio(f64::NAN).is_err());
    }

    /// Wang, Li and Liang 2013, theorems 1 and 3.
    #[test]
    fn reserving_ratios_are_the_published_ones() {
        for (alpha, deterministic, randomised) in [
            (0.0, 2.0, 1.581_976_707),
            (0.25, 1.75, 1.381_042_994),
            (0.4, 1.6, 1.283_248_429),
            (0.49, 1.51, 1.230_948_783),
            (0.5, 1.5, 1.225_399_674),
            (0.6, 1.4, 1.172_541_576),
            (0.75, 1.25, 1.101_285_03),
            (0.9, 1.1, 1.038_192_986),
        ] {
            assert!((reserving_ratio(alpha).unwrap() - deterministic).abs() < 1e-12);
            let found = reserving_ratio_randomised(alpha).unwrap();
            assert!((found - randomised).abs() < 1e-9, "{found}");
        }
        assert!(reserving_ratio(1.5).is_err());
    }

    /// Use of any length costs at most the ratio times the better of renting and buying.
    #[test]
    fn no_duration_is_worse_than_the_ratio() {
        for b in [1_u32, 2, 5, 10, 37] {
            let price = f64::from(b);
            let odds = purchase_odds(b as usize).unwrap();
            assert!((odds.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let (mut worst, mut worst_mean) = (0.0_f64, 0.0_f64);
            for used in 1..4 * b {
                let foresight = f64::from(used.min(b));
                let buying_in = |i: u32| {
                    if used < i { f64::from(used) } else { f64::from(i - 1) + price }
                };
                worst = worst.max(buying_in(b) / foresight);
                let mean: f64 = (1..=b).zip(&odds).map(|(i, q)| q * buying_in(i)).sum();
                worst_mean = worst_mean.max(mean / foresight);
            }
            assert!((worst - deterministic_ratio(price).unwrap()).abs() < 1e-12);
            assert!((worst_mean - randomised_ratio(price).unwrap()).abs() < 1e-9);
        }
    }

    /// One instance, one term, used `x` hours: the two rules of Wang and others, by
    /// enumeration of `x` and of the draw.
    #[test]
    fn no_use_of_a_term_is_worse_than_the_reserving_ratio() {
        for alpha in [0.0, 0.25, 0.49, 0.75] {
            let offer = Reserving { fee: 1.0, on_demand: 0.01, reserved_share: alpha }
                .checked()
                .unwrap();
            let (beta, p) = (offer.break_even_cost(), offer.on_demand);
            assert!((offer.break_even_hours() - beta / p).abs() < 1e-9);
            let cost = |threshold: f64, hours: f64| {
                let alone = p * hours;
                if alone <= threshold {
                    alone
                } else {
                    threshold + offer.fee + alpha * (alone - threshold)
                }
            };
            let draws = 4000;
            let (mut worst, mut worst_mean) = (0.0_f64, 0.0_f64);
            for step in 1..60 {
                let hours = f64::from(step) * beta / p / 20.0 + 1e-9;
                let foresight = (p * hours).min(offer.fee + alpha * p * hours);
                worst = worst.max(cost(beta, hours) / foresight);
                let mean: f64 = (0..draws)
                    .map(|i| (f64::from(i) + 0.5) / f64::from(draws))
                    .map(|u| cost(beta * threshold_draw(alpha, u).unwrap(), hours))
                    .sum::<f64>()
                    / f64::from(draws);
                worst_mean = worst_mean.max(mean / foresight);
            }
            assert!((worst - reserving_ratio(alpha).unwrap()).abs() < 1e-6, "{worst}");
            let ratio = reserving_ratio_randomised(alpha).unwrap();
            assert!((worst_mean - ratio).abs() < 1e-3, "{alpha}: {worst_mean} {ratio}");
        }
    }
}
