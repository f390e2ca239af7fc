//! Skip today's generation of hardware when the next is near.
//!
//! A planner who knows how long the present generation has been there, and how long
//! generations last, holds an order back when what the next one saves is worth more than
//! the rent paid until it comes. In the literature of technology adoption this is to
//! leapfrog, against buying at once (compulsive) and late (laggard).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formula::arrival::{Rates, threshold};
use super::observed::{NextGeneration, Progress};
use super::trigger::{annuity_years, used_share};
use super::{Asks, Observed, SizingRule};
use crate::block::Lane;
use crate::block::math::{exp, ln};
use crate::input::{Check, Checker, Uncertain};
use crate::process::elicited;
use crate::units::{MONTHS_PER_YEAR, count};

/// Skip today's generation when the next is near.
///
/// ```text
/// target = N_½(t + L) · ℓ(h)  where V ≥ θ(s) I e^(δ L) and S ≥ I e^(δ L);  else what stands
/// θ(s) = max(1, (r + g)/(r − α), (1 − f D_I)/(1 − D_V))
/// S = y (1 − e^(−δ T))/δ,   V = y/δ − I x/(1 − x),   x = e^(−(r + G) T)
/// ```
/// where a chip of price `I` saves `y` a year (the rent of the hours it is used, less its
/// running cost) for its life `T`: it must pay for itself, `S`; and having one from now on
/// for good, replaced at prices that fall by `G` a year in the long run, is worth `V`, which
/// a wait puts off. `s` are the months since the last generation, `D_V` and `D_I` the
/// discounts of value and cost over the years to the next ([`threshold`]), which costs `f`
/// times as much for the same work, `g` the decline of prices in between, `L` the months to
/// delivery and `δ = r − α`. Where no generation is to come and prices do not fall, it buys
/// what pays for itself.
///
/// **Source** Balcer and Lippman (1984), Journal of Economic Theory 34:292; Grenadier and
/// Weiss (1997), Investment in Technological Innovations: An Option Pricing Approach,
/// Journal of Financial Economics 44:397, for the names.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Leapfrog {
    /// Discount rate `r`, log a year. Default 0.08.
    pub discount_rate_per_year: f64,
    /// Drift of value (rent saved), log a year. Default 0.
    pub value_drift_per_year: f64,
    /// Drift of the price of the same speed between generations, log a year; left out: the
    /// plan's.
    pub price_drift_per_year: Option<f64>,
    /// Share of the hours in which no other source should be needed. Default 0.95.
    pub hours_covered: f64,
    /// Months between reviews. Default 1: a generation is bought when it comes.
    pub review_months: u32,
}

impl Default for Leapfrog {
    fn default() -> Self {
        Self {
            discount_rate_per_year: 0.08,
            value_drift_per_year: 0.0,
            price_drift_per_year: None,
            hours_covered: 0.95,
            review_months: 1,
        }
    }
}

/// Equally likely dates of the next generation that stand for its law.
const DATES: usize = 32;

/// Years until the next generation where the last came so many months ago.
fn arrivals(next: &NextGeneration, months_ago: f64) -> [f64; DATES] {
    let gone = months_ago / MONTHS_PER_YEAR;
    let over = elicited::probability_below(next.years_between, gone).min(1.0 - 1e-9);
    let mut place = 0.5;
    [(); DATES].map(|()| {
        let p = over + (1.0 - over) * place / count(DATES);
        place += 1.0;
        let years = elicited::quantile(next.years_between, p) - gone;
        // It comes next month at the soonest, as it does on the paths.
        years.max(1.0 / MONTHS_PER_YEAR)
    })
}

impl Leapfrog {
    fn rates(&self, progress: &Progress) -> Rates {
        let decline =
            self.price_drift_per_year.map_or(progress.cost_decline_per_year, |d| -d);
        Rates {
            rate: self.discount_rate_per_year,
            value_growth: self.value_drift_per_year,
            // Prices that rise as fast as money are never waited for.
            cost_decline: decline.max(1e-9 - self.discount_rate_per_year),
        }
    }

    /// Value of the replacements of a chip, over its price, at its purchase.
    fn replacements(&self, progress: &Progress, life_years: f64) -> f64 {
        let rates = self.rates(progress);
        let step = progress
            .next
            .as_ref()
            .map_or(0.0, |next| -ln(next.cost_factor) / next.years_between.median());
        let falls = (rates.rate + rates.cost_decline + step).max(1e-3);
        1.0 / f64::exp_m1(falls * life_years)
    }

    /// What value over price must pass where the last generation came so long ago.
    fn threshold(&self, progress: &Progress, months_ago: Option<f64>) -> f64 {
        let rates = self.rates(progress);
        let found = match (&progress.next, months_ago) {
            (Some(next), Some(months)) => {
                threshold(rates, &arrivals(next, months), next.cost_factor)
            }
            _ => threshold(rates, &[], 1.0),
        };
        // The plan's check leaves nothing out of range.
        found.unwrap_or(f64::INFINITY)
    }
}

impl SizingRule for Leapfrog {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn asks(&self) -> Asks {
        Asks { prices: true, generations: true, ..Asks::default() }
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        let curve = &seen.belief().curve;
        let level = curve.level_covering(self.hours_covered);
        seen.forecast(level, out);
        let Some(prices) = seen.prices() else { return };
        let used = used_share(curve, level);
        let delta = self.discount_rate_per_year - self.value_drift_per_year;
        let life = prices.term_months / MONTHS_PER_YEAR;
        let worth = annuity_years(delta, life);
        let progress = &seen.belief().progress;
        let replacements = self.replacements(progress, life);
        let ages = seen.months_since_generation();
        let mut known: Vec<(f64, f64)> = Vec::new();
        let standing = seen.standing_at_arrival();
        for (i, out) in out.iter_mut().enumerate() {
            let age = ages.map_or(-1.0, |ages| ages[i]);
            let of_age = known.iter().find(|(a, _)| a.to_bits() == age.to_bits());
            let threshold = of_age.map_or_else(
                || self.threshold(progress, ages.map(|_| age)),
                |(_, threshold)| *threshold,
            );
            if of_age.is_none() {
                known.push((age, threshold));
            }
            let lead = seen.lead_months().map_or(0.0, |lead| lead[i]);
            let saved = used * prices.rent_usd_per_month[i] - prices.run_usd_per_month[i];
            let yearly = MONTHS_PER_YEAR * saved;
            let price = exp(delta * lead / MONTHS_PER_YEAR) * prices.commit_usd[i];
            let for_good = yearly / delta - replacements * prices.commit_usd[i];
            let buys = yearly * worth >= price && for_good >= threshold * price;
            *out = if buys { *out } else { standing[i] };
        }
    }
}

impl Check for Leapfrog {
    fn check(&self, at: &mut Checker) {
        let rate = Uncertain::from(self.discount_rate_per_year);
        at.ranged("discount_rate_per_year", rate, "above 0 and below 1", |x| {
            x > 0.0 && x < 1.0
        });
        let drift = Uncertain::from(self.value_drift_per_year);
        let most = self.discount_rate_per_year;
        at.ranged(
            "value_drift_per_year",
            drift,
            "-1 or more and below `discount_rate_per_year`",
            |x| x >= -1.0 && x < most,
        );
        let price = self.price_drift_per_year.map(Uncertain::from);
        at.ranged("price_drift_per_year", price, "between -1 and 1", |x| {
            (-1.0..=1.0).contains(&x)
        });
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(years_between: impl Into<Uncertain>) -> Progress {
        let next =
            NextGeneration { years_between: years_between.into(), cost_factor: 0.6 };
        Progress { cost_decline_per_year: 0.0, next: Some(next) }
    }

    #[test]
    fn a_sure_date_asks_for_its_closed_form() {
        let rule = Leapfrog { discount_rate_per_year: 0.1, ..Leapfrog::default() };
        let found = rule.threshold(&next(2.0), Some(6.0));
        let d = (-0.1_f64 * 1.5).exp();
        assert!((found - (1.0 - 0.6 * d) / (1.0 - d)).abs() < 1e-9, "{found}");
    }

    /// Dixit and Pindyck's price that falls 30 % a year for sure: at four times its cost.
    #[test]
    fn a_price_that_falls_smoothly_asks_for_its_closed_form() {
        let rule = Leapfrog { discount_rate_per_year: 0.1, ..Leapfrog::default() };
        let smooth = Progress { cost_decline_per_year: 0.3, next: None };
        assert!((rule.threshold(&smooth, None) - 4.0).abs() < 1e-9);
        let given = Leapfrog { price_drift_per_year: Some(-0.3), ..rule };
        assert!((given.threshold(&Progress::default(), None) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn the_longer_the_last_one_is_there_the_longer_it_waits_and_never_without_one() {
        let rule = Leapfrog::default();
        let known = next(2.4);
        let open = next(Uncertain::Between { p10: 2.0, p50: 2.4, p90: 3.0 });
        for progress in [&known, &open] {
            let all: Vec<f64> = (0..=27)
                .map(|months| rule.threshold(progress, Some(f64::from(months))))
                .collect();
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        }
        assert!((rule.threshold(&Progress::default(), None) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn dates_are_those_of_what_lasts_longer() {
        let open = Uncertain::Between { p10: 2.0, p50: 2.4, p90: 3.0 };
        let next = NextGeneration { years_between: open, cost_factor: 0.6 };
        let fresh = arrivals(&next, 0.0);
        assert!((f64::midpoint(fresh[15], fresh[16]) - 2.4).abs() < 0.01);
        let late = arrivals(&next, 28.8);
        assert!(late.is_sorted() && late[0] >= 1.0 / 12.0);
        // Half of all last longer than 2.4 years; the middle of these is the 75 % of all.
        let middle = elicited::quantile(open, 0.75) - 2.4;
        assert!((f64::midpoint(late[15], late[16]) - middle).abs() < 0.01);
    }
}
