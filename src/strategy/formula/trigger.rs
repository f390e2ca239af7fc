//! How much a purchase must be worth before it is made, when it can be put off for ever.
//!
//! A purchase that cannot be undone gives up the option to wait. So it pays not from
//! value = cost on, as break-even arithmetic has it, but from a multiple of it.

use crate::stats::range::{OutOfRange, in_range, non_negative, positive};

/// When to buy, and what the chance to do so is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trigger {
    /// Root β of the fundamental quadratic; above 1, infinite where waiting is worth
    /// nothing.
    pub beta: f64,
    /// Value over cost from which to buy.
    pub value_over_cost: f64,
    lag_factor: f64,
}

impl Trigger {
    /// What the chance to buy for `cost` something worth `value` today is worth.
    ///
    /// ```text
    /// F(V) = (e^(−δh) V* − I)(V/V*)^β below the trigger V*,  e^(−δh) V − I above
    /// ```
    pub fn option_value(&self, value: f64, cost: f64) -> f64 {
        let at = self.value_over_cost * cost;
        if value >= at {
            return self.lag_factor * value - cost;
        }
        if value <= 0.0 || self.beta.is_infinite() {
            return 0.0;
        }
        (self.lag_factor * at - cost) * (value / at).powf(self.beta)
    }

    /// The constant A of F(V) = A V^β for a cost of 1.
    pub fn constant(&self) -> f64 {
        self.option_value(1.0, 1.0)
    }
}

/// The trigger of an investment whose value moves as a geometric Brownian motion.
///
/// ```text
/// β = ½ − (r−δ)/σ² + √(((r−δ)/σ² − ½)² + 2r/σ²),   V*/I = β/(β − 1)
/// ```
/// where `rate` is r, `payout` is δ (what is lost a year by not owning), `volatility` is
/// σ per √year. At σ = 0 the value grows by r − δ and β = r/(r − δ): buy at V/I = r/δ.
/// **Errors** [`OutOfRange`] for a rate or payout that is not positive (without a payout
/// one would wait for ever) or a volatility below zero. **Source** Dixit and Pindyck
/// (1994), Investment under Uncertainty, ch. 5; r = δ = 4 %, σ = 20 %: β = 2, V* = 2 I.
pub fn trigger(rate: f64, payout: f64, volatility: f64) -> Result<Trigger, OutOfRange> {
    positive("discount rate per year", rate)?;
    positive("payout rate per year", payout)?;
    non_negative("volatility per √year", volatility)?;
    let variance = volatility * volatility;
    let drift = rate - payout;
    let beta = if variance > 0.0 {
        let half = drift / variance - 0.5;
        let root = (half * half + 2.0 * rate / variance).sqrt();
        // Of two equal forms the one that does not cancel.
        if half > 0.0 { 2.0 * rate / variance / (half + root) } else { root - half }
    } else if drift > 0.0 {
        rate / drift
    } else {
        f64::INFINITY
    };
    let value_over_cost = if beta.is_finite() { beta / (beta - 1.0) } else { 1.0 };
    Ok(Trigger { beta, value_over_cost, lag_factor: 1.0 })
}

/// What moves value and cost of [`trigger_of_two`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueAndCost {
    /// δ of the value, per year.
    pub value_payout: f64,
    /// δ of the cost, per year: r less its expected drift. A price that falls by g a year
    /// has r + g.
    pub cost_payout: f64,
    /// Volatility of the value per √year.
    pub value_volatility: f64,
    /// Volatility of the cost per √year.
    pub cost_volatility: f64,
    /// Correlation of their shocks, −1 to 1.
    pub correlation: f64,
}

/// The trigger where the cost moves, too.
///
/// [`trigger`] with the cost as the unit of account:
/// ```text
/// r → δ_F,  δ → δ_V,  σ² = σ_V² + σ_F² − 2 ρ σ_V σ_F
/// ```
/// **Errors** as [`trigger`], and for a correlation outside −1 to 1. **Source** McDonald
/// and Siegel (1986), The Value of Waiting to Invest, Quarterly Journal of Economics
/// 101(4); their base case is 1.86.
pub fn trigger_of_two(of: ValueAndCost) -> Result<Trigger, OutOfRange> {
    non_negative("volatility of the value", of.value_volatility)?;
    non_negative("volatility of the cost", of.cost_volatility)?;
    in_range("correlation", of.correlation, "between -1 and 1", |x| x.abs() <= 1.0)?;
    let (v, c) = (of.value_volatility, of.cost_volatility);
    let variance = v * v + c * c - 2.0 * of.correlation * v * c;
    trigger(of.cost_payout, of.value_payout, variance.max(0.0).sqrt())
}

/// The trigger where what is paid for today serves `lag_years` later.
///
/// ```text
/// V*/I = e^(δ h) β/(β − 1)
/// ```
/// The cost is paid at the order, and of the value what would have come in the meantime is
/// lost. **Errors** as [`trigger`], and for a lag below zero. **Source** Bar-Ilan and
/// Strange (1996), Investment Lags, American Economic Review 86(3), without the option to
/// abandon.
pub fn trigger_with_lag(
    rate: f64,
    payout: f64,
    volatility: f64,
    lag_years: f64,
) -> Result<Trigger, OutOfRange> {
    non_negative("lag in years", lag_years)?;
    let plain = trigger(rate, payout, volatility)?;
    let lag_factor = (-payout * lag_years).exp();
    Ok(Trigger {
        value_over_cost: plain.value_over_cost / lag_factor,
        lag_factor,
        ..plain
    })
}

/// A purchase now or after one year in which the price is settled for good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneYear {
    /// Net present value of buying now.
    pub now: f64,
    /// Net present value of waiting a year and then deciding.
    pub wait: f64,
    /// Cost at which waiting would be worth what buying now is.
    pub cost_as_good: f64,
}

/// Yearly income `price` now, then `up` or `down` for ever with probability `odds_up`.
///
/// ```text
/// now  = −I + P₀ + E P/r
/// wait = E max(−I/(1+r) + P/r, 0)
/// ```
/// **Errors** [`OutOfRange`] for a rate or cost that is not positive, or odds that are no
/// share. **Source** Dixit and Pindyck 1994, ch. 2: I = 1,600, 200, then 300 or 100,
/// r = 10 %: 600 now, 773 by waiting.
pub fn one_year(
    cost: f64,
    price: f64,
    up: f64,
    down: f64,
    odds_up: f64,
    rate: f64,
) -> Result<OneYear, OutOfRange> {
    positive("cost", cost)?;
    positive("discount rate per year", rate)?;
    crate::stats::range::share("probability of the higher price", odds_up)?;
    let mean = odds_up * up + (1.0 - odds_up) * down;
    let now = -cost + price + mean / rate;
    let each = [(odds_up, up), (1.0 - odds_up, down)];
    let later = |cost: f64| -> f64 {
        each.iter()
            .map(|(odds, price)| odds * (price / rate - cost / (1.0 + rate)).max(0.0))
            .sum()
    };
    // `later` falls with the cost to nothing; bisection needs no case by case.
    let (mut low, mut high) = (0.0, (1.0 + rate) * up.max(down).max(0.0) / rate);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if later(middle) > now.max(0.0) { low = middle } else { high = middle }
    }
    Ok(OneYear { now, wait: later(cost), cost_as_good: 0.5 * (low + high) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(trigger: Trigger, beta: f64, multiple: f64, constant: f64) {
        for (found, wanted) in [
            (trigger.beta, beta),
            (trigger.value_over_cost, multiple),
            (trigger.constant(), constant),
        ] {
            assert!((found - wanted).abs() < 1e-9 * wanted, "{found} for {wanted}");
        }
    }

    /// Dixit and Pindyck 1994, ch. 5 (p. 153 is the first row).
    #[test]
    fn triggers_are_dixit_and_pindycks() {
        for (r, delta, sigma, beta, multiple, constant) in [
            (0.04, 0.04, 0.2, 2.0, 2.0, 0.25),
            (0.04, 0.04, 0.1, 3.372_281_323, 1.421_535_165, 0.128_733_679_7),
            (0.04, 0.04, 0.4, 1.366_025_404, 3.732_050_808, 0.452_057_721_8),
            (0.04, 0.08, 0.2, 3.561_552_813, 1.390_388_203, 0.120_700_758),
            (0.08, 0.04, 0.2, 1.561_552_813, 2.780_776_406, 0.360_595_761),
            (0.1, 0.1, 0.3, 2.072_330_189, 1.932_548_585, 0.238_075_529),
            (0.05, 0.02, 0.3, 1.233_854_04, 5.276_171_589, 0.549_311_912_7),
            (0.04, 0.04, 0.8, 1.112_372_436, 9.898_979_486, 0.694_820_879_3),
        ] {
            same(trigger(r, delta, sigma).unwrap(), beta, multiple, constant);
        }
    }

    /// McDonald and Siegel 1986; the first row is their base case.
    #[test]
    fn triggers_of_value_and_cost_are_mcdonald_and_siegels() {
        for (value_payout, cost_payout, v, c, rho, beta, multiple, constant) in [
            (0.1, 0.1, 0.2, 0.2, 0.0, 2.158_312_395, 1.863_324_958, 0.225_323_795_5),
            (0.1, 0.1, 0.2, 0.2, 0.5, 2.791_287_847, 1.558_257_569, 0.161_853_850_7),
            (0.1, 0.1, 0.2, 0.2, -0.5, 1.884_437_31, 2.130_662_386, 0.271_811_421_5),
            (0.1, 0.1, 0.1, 0.1, 0.0, 3.701_562_119, 1.370_156_212, 0.115_377_753_9),
            (0.1, 0.1, 0.3, 0.3, 0.0, 1.666_666_667, 2.5, 0.325_730_114),
            (0.05, 0.1, 0.2, 0.2, 0.0, 1.461_072_193, 3.168_857_754, 0.402_138_818_9),
            (0.25, 0.1, 0.2, 0.2, 0.0, 5.228_178_053, 1.236_508_488, 0.077_951_390_56),
            (0.1, 0.3, 0.2, 0.0, 0.0, 1.437_171_044, 3.287_434_209, 0.413_558_162_5),
            (0.1, 0.3, 0.4, 0.1, 0.2, 1.330_624_336, 4.024_580_739, 0.474_252_005_4),
        ] {
            let of = ValueAndCost {
                value_payout,
                cost_payout,
                value_volatility: v,
                cost_volatility: c,
                correlation: rho,
            };
            same(trigger_of_two(of).unwrap(), beta, multiple, constant);
        }
    }

    #[test]
    fn what_serves_later_must_be_worth_more() {
        for (r, delta, sigma, lag, beta, multiple, constant) in [
            (0.04, 0.04, 0.2, 1.0, 2.0, 2.081_621_548, 0.230_779_086_6),
            (0.04, 0.04, 0.2, 0.5, 2.0, 2.040_402_68, 0.240_197_359_8),
            (0.1, 0.1, 0.3, 1.5, 2.072_330_189, 2.245_301_122, 0.174_467_494),
        ] {
            same(
                trigger_with_lag(r, delta, sigma, lag).unwrap(),
                beta,
                multiple,
                constant,
            );
        }
    }

    /// Dixit and Pindyck 1994, ch. 2: the factory of 1,600.
    #[test]
    fn the_widget_factory_waits_a_year() {
        let found = one_year(1600.0, 200.0, 300.0, 100.0, 0.5, 0.1).unwrap();
        assert!((found.now - 600.0).abs() < 1e-9);
        assert!((found.wait - 772.727_272_7).abs() < 1e-7);
        assert!((found.wait - found.now - 172.727_272_7).abs() < 1e-7);
        assert!((found.cost_as_good - 1980.0).abs() < 1e-6);
        assert!(one_year(1600.0, 200.0, 300.0, 100.0, 0.5, 0.0).is_err());
    }

    #[test]
    fn more_volatility_never_lowers_the_value_of_waiting() {
        let values: Vec<f64> = (0..40)
            .map(|i| trigger(0.06, 0.05, 0.02 * f64::from(i)).unwrap())
            .map(|t| t.option_value(1.0, 1.0))
            .collect();
        assert!(values.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{values:?}");
    }

    /// At σ → 0 the trigger is that of a price which falls for sure: (r + g)/(r − a).
    #[test]
    fn without_noise_the_trigger_is_that_of_sure_decline() {
        let of = ValueAndCost {
            value_payout: 0.1,
            cost_payout: 0.4,
            value_volatility: 0.0,
            cost_volatility: 0.0,
            correlation: 0.0,
        };
        assert!((trigger_of_two(of).unwrap().value_over_cost - 4.0).abs() < 1e-12);
        let low = trigger(0.04, 0.04, 0.0).unwrap();
        assert!(low.beta.is_infinite() && (low.value_over_cost - 1.0).abs() < 1e-12);
        assert!(trigger(0.04, 0.0, 0.2).is_err());
    }
}
