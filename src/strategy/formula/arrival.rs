//! When to buy what gets cheaper with the next generation, at a date that is known or not.
//!
//! [`super::wait`](mod@super::wait) is for a price that falls a little every day. Hardware
//! stands between generations and steps down when one comes, so the question is another:
//! buy today's, or leapfrog it and buy the next. Read next: [`threshold`].

use super::wait::Wait;
use crate::stats::range::{OutOfRange, finite, in_range, non_negative, positive};

/// Rates that are known, continuous, per year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Discount rate `r`.
    pub rate: f64,
    /// Growth of the value `a`, below the rate.
    pub value_growth: f64,
    /// Decline of the cost between generations `g`, above −r.
    pub cost_decline: f64,
}

impl Rates {
    fn checked(self) -> Result<Self, OutOfRange> {
        positive("discount rate per year", self.rate)?;
        finite("growth of the value per year", self.value_growth)?;
        let net = self.rate - self.value_growth;
        in_range("rate less growth of the value", net, "positive", |x| x > 0.0)?;
        let falls = self.rate + self.cost_decline;
        in_range("rate plus decline of the cost", falls, "positive", |x| x > 0.0)?;
        Ok(self)
    }
}

/// The date of the most net present value where the next generation comes in `years` for
/// sure and costs `cost_factor` times as much for the same work.
///
/// ```text
/// max over t of (V₀ e^(a t) − I₀ c(t) e^(−g t)) e^(−r t),   c(t) = 1 before the date, f from then
/// ```
/// The optimum is at the date, or where the derivative is zero on either side of it.
/// `years` may be infinite: no generation, and the answer is that of
/// [`wait`](super::wait::wait).
/// **Errors** [`OutOfRange`] as [`wait`](super::wait::wait), and for a date before now or a
/// factor that is not positive. **Source** Balcer and Lippman (1984), Technological
/// Expectations and Adoption of Improved Technology, Journal of Economic Theory 34:292, for
/// one step; Dixit and Pindyck (1994), ch. 5, §1A between steps.
pub fn wait_for(
    value: f64,
    cost: f64,
    rates: Rates,
    years: f64,
    cost_factor: f64,
) -> Result<Wait, OutOfRange> {
    let Rates { rate, value_growth, cost_decline } = rates.checked()?;
    if years < 0.0 || years.is_nan() {
        non_negative("years to the next generation", years)?;
    }
    positive("cost factor of the next generation", cost_factor)?;
    let before = super::wait::wait(value, cost, rate, value_growth, cost_decline)?;
    let after =
        super::wait::wait(value, cost * cost_factor, rate, value_growth, cost_decline)?;
    let at = |t: f64, factor: f64| {
        (value * (value_growth * t).exp() - cost * factor * (-cost_decline * t).exp())
            * (-rate * t).exp()
    };
    // The last day of the old generation counts where the new one is dearer.
    let smooth = before.years.map(|t| (t.min(years), 1.0));
    let step = Some((years, cost_factor)).filter(|_| years.is_finite());
    let later = after.years.filter(|t| *t > years).map(|t| (t, cost_factor));
    let mut best: (Option<f64>, f64) = (None, 0.0);
    for (t, factor) in [smooth, step, later].into_iter().flatten() {
        let worth = at(t, factor);
        if worth > best.1 || (best.0.is_none() && worth >= 0.0) {
            best = (Some(t), worth);
        }
    }
    Ok(Wait {
        years: best.0,
        value: best.1,
        value_now: value - cost,
        value_over_cost: threshold(rates, &[years], cost_factor)?,
    })
}

/// Value over cost from which buying now beats waiting, for the next generation or at all.
///
/// ```text
/// θ = max(1, (r + g)/(r − a), (1 − f D_I)/(1 − D_V))
/// D_V = E e^(−(r − a) τ),   D_I = E e^(−(r + g) τ)
/// ```
/// over the years τ until the next generation, each of `arrivals` as likely as the others,
/// which costs `f` times as much for the same work. Buying now is worth V − I; buying at
/// the date `V D_V − I f D_I`; they are equal at θ. The middle term is the price that falls
/// smoothly in between. Nothing in `arrivals`, or years without end: no generation comes.
/// The generation after the next never asks for more: its θ lies between that of the next
/// and that of one which has just come. Where a date is the likelier the longer it has not
/// come, who waits now waits until it does, so there is no giving up to reckon with.
///
/// **Errors** [`OutOfRange`] as [`wait_for`]. **Checked by** a search over dates, below.
pub fn threshold(
    rates: Rates,
    arrivals: &[f64],
    cost_factor: f64,
) -> Result<f64, OutOfRange> {
    let Rates { rate, value_growth, cost_decline } = rates.checked()?;
    positive("cost factor of the next generation", cost_factor)?;
    let smooth = (rate + cost_decline) / (rate - value_growth);
    let n = crate::units::count(arrivals.len().max(1));
    let discount =
        |by: f64| arrivals.iter().map(|years| (-by * years).exp()).sum::<f64>() / n;
    let (value, cost) = (discount(rate - value_growth), discount(rate + cost_decline));
    let kept = 1.0 - cost_factor * cost;
    let step = if value < 1.0 {
        kept / (1.0 - value)
    } else if kept > 0.0 {
        f64::INFINITY
    } else {
        1.0
    };
    Ok(smooth.max(step).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates { rate: 0.1, value_growth: 0.0, cost_decline: 0.0 };

    /// The closed form of [`super::super::wait`]: a cost that falls 30 % a year, no
    /// generation, or one that is none, at whatever date.
    #[test]
    fn without_a_generation_it_is_the_wait_for_what_falls_smoothly() {
        for (value, growth, years, later) in [
            (1.0, 0.0, 4.620_981_204, 0.472_470_393_7),
            (1.5, 0.0, 3.269_430_843, 0.811_265_383_3),
            (1.0, 0.05, 5.941_261_548, 0.650_122_501_5),
            (4.0, 0.0, 0.0, 3.0),
            (5.0, 0.0, 0.0, 4.0),
        ] {
            let rates = Rates { rate: 0.1, value_growth: growth, cost_decline: 0.3 };
            for date in [f64::INFINITY, 0.5, 7.0] {
                let found = wait_for(value, 1.0, rates, date, 1.0).unwrap();
                assert!((found.years.unwrap() - years).abs() < 1e-9, "{found:?}");
                assert!((found.value - later).abs() < 1e-9, "{found:?}");
            }
            let never = wait_for(value, 1.0, rates, f64::INFINITY, 0.5).unwrap();
            let wanted = 0.4 / (0.1 - growth);
            assert!((never.value_over_cost - wanted).abs() < 1e-12);
        }
    }

    /// Nothing but a step: now, at the date, or never; the arithmetic of one line.
    #[test]
    fn a_sure_step_is_waited_for_below_its_threshold() {
        let (years, factor) = (1.5_f64, 0.6_f64);
        let d = (-0.1 * years).exp();
        let theta = (1.0 - factor * d) / (1.0 - d);
        assert!((threshold(RATES, &[years], factor).unwrap() - theta).abs() < 1e-12);
        for (value, when) in [(theta - 0.01, years), (theta + 0.01, 0.0), (0.7, years)] {
            let found = wait_for(value, 1.0, RATES, years, factor).unwrap();
            assert!((found.years.unwrap() - when).abs() < 1e-12, "{value} {found:?}");
        }
        assert_eq!(wait_for(0.5, 1.0, RATES, years, factor).unwrap().years, None);
    }

    /// Every date on a fine grid, steps and slopes together.
    #[test]
    fn no_date_of_a_search_is_better() {
        for value in [0.8, 1.3, 2.0, 3.5, 6.0] {
            for (growth, decline) in [(0.0, 0.0), (0.03, 0.1), (-0.05, 0.25)] {
                for (years, factor) in [(0.3, 0.5), (2.0, 0.7), (4.0, 0.9), (1.0, 1.2)] {
                    let rates =
                        Rates { rate: 0.1, value_growth: growth, cost_decline: decline };
                    let found = wait_for(value, 1.0, rates, years, factor).unwrap();
                    let at = |t: f64| {
                        // On the date itself either part can be had.
                        let cost = match (t - years).abs() < 1e-9 {
                            true => factor.min(1.0),
                            false if t < years => 1.0,
                            false => factor,
                        };
                        let worth = value * (growth * t).exp();
                        (worth - cost * (-decline * t).exp()) * (-0.1 * t).exp()
                    };
                    let most =
                        (0..=40_000).map(|i| at(1e-3 * f64::from(i))).fold(0.0, f64::max);
                    assert!(found.value >= most - 1e-9, "{value} {rates:?} {years}");
                    assert!(found.value <= most + 1e-5, "{value} {rates:?} {years}");
                }
            }
        }
    }

    #[test]
    fn the_nearer_the_next_generation_the_more_must_be_gained_now() {
        let at = |years: f64| threshold(RATES, &[years], 0.6).unwrap();
        let all: Vec<f64> = (0..80).map(|i| at(0.1 * f64::from(i))).collect();
        assert!(all[0].is_infinite());
        assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "{all:?}");
        for none in [&[][..], &[f64::INFINITY]] {
            assert!((threshold(RATES, none, 0.6).unwrap() - 1.0).abs() < 1e-12);
        }
        // One that costs more for the same work is not waited for.
        assert!((threshold(RATES, &[0.5], 1.1).unwrap() - 1.0).abs() < 1e-12);
    }

    /// The generation after the next: waiting for both is never asked of who need not
    /// wait for the next.
    #[test]
    fn the_one_after_the_next_never_asks_for_more() {
        let between = 2.4;
        for years in [0.1, 0.7, 1.5, 2.4] {
            let next = threshold(RATES, &[years], 0.6).unwrap();
            let after = threshold(RATES, &[years + between], 0.36).unwrap();
            assert!(after <= next + 1e-12, "{years}: {after} {next}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let fast = Rates { value_growth: 0.2, ..RATES };
        assert!(threshold(fast, &[1.0], 0.5).is_err());
        assert!(threshold(RATES, &[1.0], 0.0).is_err());
        assert!(wait_for(1.0, 1.0, RATES, -1.0, 0.5).is_err());
    }
}
