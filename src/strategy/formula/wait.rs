//! When to buy what gets cheaper by itself, without any noise.
//!
//! The limit of [`super::trigger`] at no volatility, with the date. Break-even arithmetic
//! says buy at value = cost; a price that falls 30 % a year says wait until 4 times.

use crate::stats::range::{OutOfRange, finite, in_range, positive};

/// The best date of a purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait {
    /// Years from now; 0 is at once, nothing is never.
    pub years: Option<f64>,
    /// Net present value of buying then; 0 for never.
    pub value: f64,
    /// Net present value of buying now.
    pub value_now: f64,
    /// Value over cost from which to buy.
    pub value_over_cost: f64,
}

/// The date of the most net present value.
///
/// ```text
/// max over t of (V₀ e^(a t) − I₀ e^(−g t)) e^(−r t)
/// t* = ln((r+g) I₀/((r−a) V₀))/(a+g),  at V/I = (r+g)/(r−a)
/// ```
/// where `value` is V₀, `cost` is I₀, `rate` is r, `value_growth` is a and `cost_decline`
/// is g, all continuous, per year. **Errors** [`OutOfRange`] for a value, cost or rate that
/// is not positive, a growth at or above the rate (one would wait for ever), or a decline
/// at or below −r. **Source** Dixit and Pindyck (1994), ch. 5, §1A.
pub fn wait(
    value: f64,
    cost: f64,
    rate: f64,
    value_growth: f64,
    cost_decline: f64,
) -> Result<Wait, OutOfRange> {
    positive("value", value)?;
    positive("cost", cost)?;
    positive("discount rate per year", rate)?;
    finite("growth of the value per year", value_growth)?;
    in_range("rate less growth of the value", rate - value_growth, "positive", |x| {
        x > 0.0
    })?;
    in_range("rate plus decline of the cost", rate + cost_decline, "positive", |x| {
        x > 0.0
    })?;
    let value_over_cost = (rate + cost_decline) / (rate - value_growth);
    let speed = value_growth + cost_decline;
    let now = value - cost;
    let ratio = value_over_cost * cost / value;
    let years = if speed > 0.0 {
        Some((ratio.ln() / speed).max(0.0))
    } else {
        // Value over cost does not rise: now or never.
        (now >= 0.0).then_some(0.0)
    };
    let at = |t: f64| {
        (value * (value_growth * t).exp() - cost * (-cost_decline * t).exp())
            * (-rate * t).exp()
    };
    Ok(Wait { years, value: years.map_or(0.0, at), value_now: now, value_over_cost })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed form above, at r = 10 % and a cost that falls 30 % a year.
    #[test]
    fn what_falls_thirty_percent_a_year_is_waited_for() {
        for (value, growth, years, later, now) in [
            (1.0, 0.0, 4.620_981_204, 0.472_470_393_7, 0.0),
            (1.5, 0.0, 3.269_430_843, 0.811_265_383_3, 0.5),
            (1.0, 0.05, 5.941_261_548, 0.650_122_501_5, 0.0),
            (4.0, 0.0, 0.0, 3.0, 3.0),
            (5.0, 0.0, 0.0, 4.0, 4.0),
        ] {
            let found = wait(value, 1.0, 0.1, growth, 0.3).unwrap();
            let then = found.years.unwrap();
            assert!((then - years).abs() < 1e-9, "{then}");
            assert!((found.value - later).abs() < 1e-9);
            assert!((found.value_now - now).abs() < 1e-12);
        }
        assert!(
            (wait(1.0, 1.0, 0.1, 0.0, 0.3).unwrap().value_over_cost - 4.0).abs() < 1e-12
        );
    }

    #[test]
    fn what_gets_dearer_is_bought_now_or_never() {
        assert_eq!(wait(1.2, 1.0, 0.1, 0.0, -0.05).unwrap().years, Some(0.0));
        let never = wait(0.9, 1.0, 0.1, -0.05, 0.02).unwrap();
        assert_eq!((never.years, never.value), (None, 0.0));
        assert!(wait(1.0, 1.0, 0.1, 0.2, 0.0).is_err());
        assert!(wait(0.0, 1.0, 0.1, 0.0, 0.3).is_err());
    }
}
