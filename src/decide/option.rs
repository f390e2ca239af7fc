//! Values of options in closed form and on a lattice: the truths for rules that wait.
//!
//! A right to buy later, to swap one source for another, or to sell is an option; where its
//! value is known exactly, a rule found by simulation can be held to it.

use crate::stats::law::normal_probability;
use crate::stats::range::{OutOfRange, finite, in_range, non_negative, positive};
use crate::units::count;

/// A call and the put of the same terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallAndPut {
    /// Right to buy.
    pub call: f64,
    /// Right to sell.
    pub put: f64,
}

/// Terms of an option on something that follows a geometric Brownian motion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Price today.
    pub spot: f64,
    /// Price at which it may be bought or sold.
    pub strike: f64,
    /// Interest, continuous, per year.
    pub rate: f64,
    /// What holding it yields, continuous, per year.
    pub payout: f64,
    /// Volatility per √year.
    pub volatility: f64,
    /// Years until it ends.
    pub years: f64,
}

impl Terms {
    /// Passes terms on that mean something.
    ///
    /// **Errors** [`OutOfRange`] for prices that are not positive or a volatility or time
    /// below zero.
    pub fn checked(self) -> Result<Self, OutOfRange> {
        positive("price today", self.spot)?;
        positive("strike", self.strike)?;
        finite("rate per year", self.rate)?;
        finite("payout per year", self.payout)?;
        non_negative("volatility per √year", self.volatility)?;
        non_negative("years", self.years)?;
        Ok(self)
    }
}

/// A European option.
///
/// ```text
/// call = S e^(−qT) Φ(d₁) − K e^(−rT) Φ(d₂),  d₁,₂ = (ln(S/K) + (r − q ± σ²/2) T)/(σ √T)
/// put  = call − S e^(−qT) + K e^(−rT)
/// ```
/// **Errors** as [`Terms::checked`]. **Source** Black and Scholes (1973), The Pricing of
/// Options and Corporate Liabilities, Journal of Political Economy 81(3); Merton (1973).
pub fn black_scholes(terms: Terms) -> Result<CallAndPut, OutOfRange> {
    Ok(european(terms.checked()?))
}

fn european(t: Terms) -> CallAndPut {
    let held = t.spot * (-t.payout * t.years).exp();
    let paid = t.strike * (-t.rate * t.years).exp();
    let spread = t.volatility * t.years.sqrt();
    if spread <= 0.0 {
        return CallAndPut { call: (held - paid).max(0.0), put: (paid - held).max(0.0) };
    }
    let high = (held / paid).ln() / spread + 0.5 * spread;
    let low = high - spread;
    CallAndPut {
        call: held * normal_probability(high) - paid * normal_probability(low),
        put: paid * normal_probability(-low) - held * normal_probability(-high),
    }
}

/// The right to swap one thing for another, both ways.
///
/// Black and Scholes with the second as the unit of account:
/// `σ² = σ₁² + σ₂² − 2 ρ σ₁ σ₂`, no interest. `call` receives the first and gives the
/// second, `put` the other way round. **Errors** as [`black_scholes`], and for a correlation
/// outside −1 to 1. **Source** Margrabe (1978), The Value of an Option to Exchange One Asset
/// for Another, Journal of Finance 33(1).
pub fn exchange(
    prices: (f64, f64),
    volatilities: (f64, f64),
    correlation: f64,
    years: f64,
) -> Result<CallAndPut, OutOfRange> {
    in_range("correlation", correlation, "between -1 and 1", |x| x.abs() <= 1.0)?;
    let (a, b) = volatilities;
    let variance = a * a + b * b - 2.0 * correlation * a * b;
    black_scholes(Terms {
        spot: prices.0,
        strike: prices.1,
        rate: 0.0,
        payout: 0.0,
        volatility: variance.max(0.0).sqrt(),
        years,
    })
}

/// A put that never ends: the price at which to sell, and its value today.
///
/// ```text
/// γ = 2r/σ²,   L = K γ/(1 + γ),   value = (K − L)(S/L)^(−γ) above L, K − S below
/// ```
/// **Errors** [`OutOfRange`] for numbers that are not positive. **Source** Merton (1973),
/// Theory of Rational Option Pricing, Bell Journal of Economics 4(1).
pub fn perpetual_put(
    spot: f64,
    strike: f64,
    rate: f64,
    volatility: f64,
) -> Result<(f64, f64), OutOfRange> {
    let spot = positive("price today", spot)?;
    let strike = positive("strike", strike)?;
    let rate = positive("rate per year", rate)?;
    let volatility = positive("volatility per √year", volatility)?;
    let power = 2.0 * rate / (volatility * volatility);
    let level = strike * power / (1.0 + power);
    let value = if spot > level {
        (strike - level) * (spot / level).powf(-power)
    } else {
        strike - spot
    };
    Ok((level, value))
}

/// A put that may be exercised at `dates` equal intervals: on a binomial lattice of `steps`
/// an interval, the last interval in closed form, extrapolated from half the steps.
///
/// Many dates stand for any time. **Errors** as [`Terms::checked`], and for no dates, no
/// steps or no volatility. **Source** Cox, Ross and Rubinstein (1979), Option Pricing: A
/// Simplified Approach; Broadie and Detemple (1996), American Option Valuation, Review of
/// Financial Studies 9(4), for the last interval and the extrapolation. **Checked by** tables
/// of Longstaff and Schwartz 2001 and Rogers 2002.
pub fn bermudan_put(terms: Terms, dates: usize, steps: usize) -> Result<f64, OutOfRange> {
    let terms = terms.checked()?;
    positive("volatility per √year", terms.volatility)?;
    positive("years", terms.years)?;
    positive("dates of exercise", count(dates))?;
    in_range("steps an interval", count(steps), "2 or more", |x| x >= 2.0)?;
    let coarse = lattice(terms, dates, steps / 2);
    let fine = lattice(terms, dates, 2 * (steps / 2));
    Ok(2.0 * fine - coarse)
}

fn lattice(t: Terms, dates: usize, steps: usize) -> f64 {
    let total = (dates - 1) * steps;
    let last = t.years / count(dates);
    let dt = last / count(steps);
    let up = (t.volatility * dt.sqrt()).exp();
    let p = (((t.rate - t.payout) * dt).exp() - 1.0 / up) / (up - 1.0 / up);
    let discount = (-t.rate * dt).exp();
    let (rise, fall) = (discount * p, discount * (1.0 - p));
    let price =
        |step: usize, node: usize| t.spot * up.powf(2.0 * count(node) - count(step));
    let mut values: Vec<f64> = (0..=total)
        .map(|node| {
            let spot = price(total, node);
            let held = european(Terms { spot, years: last, ..t }).put;
            if dates > 1 { held.max(t.strike - spot) } else { held }
        })
        .collect();
    for step in (0..total).rev() {
        for node in 0..=step {
            values[node] = fall * values[node] + rise * values[node + 1];
        }
        if step > 0 && step.is_multiple_of(steps) {
            for (node, value) in values.iter_mut().take(step + 1).enumerate() {
                *value = value.max(t.strike - price(step, node));
            }
        }
    }
    values.first().copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(
        spot: f64,
        strike: f64,
        rate: f64,
        payout: f64,
        volatility: f64,
        years: f64,
    ) -> Terms {
        Terms { spot, strike, rate, payout, volatility, years }
    }

    fn same(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-9 * wanted.max(1.0), "{found} for {wanted}");
    }

    /// Black and Scholes 1973; the second row is Hull's example (4.76 and 0.81), the last
    /// Haug's (2.1334).
    #[test]
    fn european_options_are_black_and_scholes() {
        for (of, call, put) in [
            (terms(100.0, 100.0, 0.05, 0.0, 0.2, 1.0), 10.450_583_57, 5.573_526_022),
            (terms(42.0, 40.0, 0.1, 0.0, 0.2, 0.5), 4.759_422_393, 0.808_599_372_9),
            (terms(100.0, 95.0, 0.1, 0.0, 0.5, 0.25), 13.695_272_74, 6.349_714_381),
            (terms(100.0, 100.0, 0.0, 0.0, 0.2, 1.0), 7.965_567_455, 7.965_567_455),
            (terms(60.0, 65.0, 0.08, 0.0, 0.3, 0.25), 2.133_368_445, 5.846_282_21),
        ] {
            let found = black_scholes(of).unwrap();
            same(found.call, call);
            same(found.put, put);
        }
        assert!(black_scholes(terms(0.0, 1.0, 0.0, 0.0, 0.2, 1.0)).is_err());
        let sure = black_scholes(terms(10.0, 8.0, 0.0, 0.0, 0.0, 1.0)).unwrap();
        assert_eq!(sure, CallAndPut { call: 2.0, put: 0.0 });
    }

    /// Margrabe 1978.
    #[test]
    fn exchanges_are_margrabes() {
        for (prices, volatilities, rho, years, first, second) in [
            ((100.0, 100.0), (0.2, 0.3), 0.5, 1.0, 10.524_315_78, 10.524_315_78),
            ((100.0, 110.0), (0.4, 0.2), 0.0, 2.0, 21.343_234_39, 31.343_234_39),
            ((100.0, 90.0), (0.25, 0.25), -0.5, 0.5, 17.230_764_72, 7.230_764_72),
        ] {
            let found = exchange(prices, volatilities, rho, years).unwrap();
            same(found.call, first);
            assert!((found.put - second).abs() < 1e-8, "{found:?}");
        }
    }

    /// Merton 1973.
    #[test]
    fn perpetual_puts_are_mertons() {
        for (spot, strike, rate, sigma, level, value) in [
            (100.0, 100.0, 0.05, 0.3, 52.631_578_95, 23.214_679_13),
            (36.0, 40.0, 0.06, 0.2, 30.0, 5.787_037_037),
            (40.0, 40.0, 0.06, 0.4, 17.142_857_14, 12.107_078_37),
        ] {
            let (l, v) = perpetual_put(spot, strike, rate, sigma).unwrap();
            same(l, level);
            same(v, value);
        }
    }

    /// Longstaff and Schwartz 2001, table 1: 50 dates a year, K = 40, r = 6 %. European put
    /// and finite differences as printed, and the 50-date value to more digits.
    #[test]
    fn puts_with_fifty_dates_are_longstaff_and_schwartzs() {
        for (spot, sigma, years, european, printed, wanted) in [
            (36.0, 0.2, 1.0, 3.844, 4.478, 4.477_924_37),
            (36.0, 0.4, 1.0, 6.711, 7.101, 7.101_558_012),
            (40.0, 0.2, 1.0, 2.066, 2.314, 2.314_017_008),
            (40.0, 0.4, 1.0, 5.060, 5.312, 5.311_803_756),
            (44.0, 0.2, 1.0, 1.017, 1.110, 1.109_874_513),
            (44.0, 0.4, 1.0, 3.783, 3.948, 3.948_032_804),
        ] {
            let of = terms(spot, 40.0, 0.06, 0.0, sigma, years);
            let put = black_scholes(of).unwrap().put;
            assert!((put - european).abs() <= 5.1e-4, "{put} for {european}");
            let put = bermudan_put(of, 50, 40).unwrap();
            assert!((put - wanted).abs() < 1e-3, "{put} for {wanted}");
            assert!((put - printed).abs() < 2e-3, "{put} for {printed}");
        }
    }

    /// Rogers 2002, table 1: K = 100, r = 6 %, σ = 40 %, half a year. His true values are up
    /// to 0.0013 above converged ones.
    #[test]
    fn american_puts_are_rogerss() {
        for (spot, printed, european) in [
            (80.0, 21.6059, 20.689_320_02),
            (85.0, 18.0374, 17.353_014_11),
            (90.0, 14.9187, 14.408_515_54),
            (95.0, 12.2314, 11.851_604_47),
            (100.0, 9.9458, 9.664_226_611),
            (105.0, 8.0281, 7.818_323_98),
            (110.0, 6.4352, 6.279_673_689),
            (115.0, 5.1265, 5.011_251_534),
            (120.0, 4.0611, 3.975_886_556),
        ] {
            let of = terms(spot, 100.0, 0.06, 0.0, 0.4, 0.5);
            assert!((black_scholes(of).unwrap().put - european).abs() < 1e-7);
            let put = bermudan_put(of, 500, 4).unwrap();
            assert!((put - printed).abs() < 4e-3, "{put} for {printed}");
        }
    }

    #[test]
    fn more_dates_and_more_volatility_never_lower_a_put() {
        let at = |dates, sigma| {
            bermudan_put(terms(40.0, 40.0, 0.06, 0.0, sigma, 1.0), dates, 8).unwrap()
        };
        assert!(at(1, 0.2) < at(4, 0.2) && at(4, 0.2) < at(20, 0.2));
        assert!(at(10, 0.2) < at(10, 0.3) && at(10, 0.3) < at(10, 0.5));
    }
}
