//! What a planner has seen by a month, and what the plan itself believes.
//!
//! The history is a slice that ends now. A rule cannot name a later month: there is no
//! value to name.

use crate::block::math::{exp, ln};
use crate::block::{LANES, Lane};
use crate::input::Uncertain;
use crate::workload::LoadCurve;

/// What the plan says of the future before any of it is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    /// Median demand of month `t` over today's, for every month of the plan.
    pub median_index: Vec<f64>,
    /// Standard deviation of log demand after a year.
    pub spread_per_sqrt_year: f64,
    /// How the load of the month is spread over its hours.
    pub curve: LoadCurve,
    /// How what a source sells gets cheaper.
    pub progress: Progress,
}

/// How what a source sells gets cheaper for the same work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Median decline of its price, log a year, between generations where there are any.
    pub cost_decline_per_year: f64,
    /// The next generation, where prices step down with them.
    pub next: Option<NextGeneration>,
}

/// What is known of the next generation of hardware before it comes.
#[derive(Debug, Clone, PartialEq)]
pub struct NextGeneration {
    /// Years from one to the next.
    pub years_between: Uncertain,
    /// Price of the same work over that of the last.
    pub cost_factor: f64,
}

impl Belief {
    /// Log growth a month that the plan expects from `month` on, over a year.
    pub(super) fn growth_from(&self, month: usize) -> f64 {
        let last = self.median_index.len().saturating_sub(1);
        let (from, to) = (month.min(last), (month + 12).min(last));
        if from == to {
            return 0.0;
        }
        let steps = crate::units::count(to - from);
        (self.median_index[to] / self.median_index[from]).ln() / steps
    }
}

/// Months of history that weigh as much as the plan's own belief (judgement).
const BELIEF_WEIGHT_MONTHS: f64 = 12.0;

/// Months up to now, the pipeline, and the plan's belief.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    needed: &'a [Lane],
    lead_months: Option<&'a Lane>,
    standing: &'a Lane,
    belief: &'a Belief,
    prices: Option<Prices<'a>>,
    ordered: &'a [Lane],
    luck: Option<&'a Lane>,
    hindsight: Option<&'a Lane>,
    months_since_generation: Option<&'a Lane>,
}

/// What a chip costs today, committed and not.
#[derive(Debug, Clone, Copy)]
pub struct Prices<'a> {
    /// Price of a chip for its whole term or life, US dollars.
    pub commit_usd: &'a Lane,
    /// Months of it.
    pub term_months: f64,
    /// What it costs to run, US dollars a month.
    pub run_usd_per_month: &'a Lane,
    /// What the same work costs from the next source of the stack, US dollars a month.
    pub rent_usd_per_month: &'a Lane,
}

/// What a rule asks to see beside demand; nothing by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Asks {
    /// Prices of the day.
    pub prices: bool,
    /// Its own orders.
    pub orders: bool,
    /// A uniform number, drawn once a path.
    pub luck: bool,
    /// What hindsight orders: a yardstick's alone.
    pub hindsight: bool,
    /// How long the last generation of hardware is there.
    pub generations: bool,
}

impl<'a> Observed<'a> {
    /// `needed`: chips that the mean load of each month needed, the last one now.
    ///
    /// # Panics
    /// Never: an empty history reads as a demand of zero.
    pub fn new(
        needed: &'a [Lane],
        lead_months: Option<&'a Lane>,
        standing: &'a Lane,
        belief: &'a Belief,
    ) -> Self {
        Self {
            needed,
            lead_months,
            standing,
            belief,
            prices: None,
            ordered: &[],
            luck: None,
            hindsight: None,
            months_since_generation: None,
        }
    }

    /// The same with prices of the day.
    #[must_use]
    pub fn with_prices(self, prices: Prices<'a>) -> Self {
        Self { prices: Some(prices), ..self }
    }

    /// The same with what was ordered month by month, up to the last month.
    #[must_use]
    pub fn with_orders(self, ordered: &'a [Lane]) -> Self {
        Self { ordered, ..self }
    }

    /// The same with a uniform number of each path.
    #[must_use]
    pub fn with_luck(self, luck: &'a Lane) -> Self {
        Self { luck: Some(luck), ..self }
    }

    /// The same with what hindsight orders this month.
    #[must_use]
    pub fn with_hindsight(self, hindsight: &'a Lane) -> Self {
        Self { hindsight: Some(hindsight), ..self }
    }

    /// The same with the months since the last generation of hardware.
    #[must_use]
    pub fn with_months_since_generation(self, months: &'a Lane) -> Self {
        Self { months_since_generation: Some(months), ..self }
    }

    /// Months since the last generation of hardware, where the rule asks for it and what
    /// its source sells comes in generations.
    pub fn months_since_generation(&self) -> Option<&'a Lane> {
        self.months_since_generation
    }

    /// What hindsight orders this month, where the rule is a yardstick.
    pub fn hindsight(&self) -> Option<&'a Lane> {
        self.hindsight
    }

    /// Prices of the day, where the rule asks for them and there are any.
    pub fn prices(&self) -> Option<Prices<'a>> {
        self.prices
    }

    /// What was ordered month by month, where the rule asks for it.
    pub fn ordered(&self) -> &'a [Lane] {
        self.ordered
    }

    /// A uniform number of each path, where the rule asks for it.
    pub fn luck(&self) -> Option<&'a Lane> {
        self.luck
    }

    /// Months until an order of today serves, mean of the paths.
    pub fn mean_lead_months(&self) -> f64 {
        let paths = crate::units::count(LANES);
        self.lead_months.map_or(0.0, |lead| lead.iter().sum::<f64>() / paths)
    }

    /// This month; 0 is the plan's first.
    pub fn now(&self) -> usize {
        self.needed.len().saturating_sub(1)
    }

    /// Chips needed `ago` months before now.
    pub fn needed(&self, ago: usize) -> Option<&'a Lane> {
        let index = self.needed.len().checked_sub(1)?.checked_sub(ago)?;
        self.needed.get(index)
    }

    /// Months until an order of today serves; nothing where it serves at once.
    pub fn lead_months(&self) -> Option<&'a Lane> {
        self.lead_months
    }

    /// Chips that will stand when an order of today arrives.
    pub fn standing_at_arrival(&self) -> &'a Lane {
        self.standing
    }

    /// What the plan believes.
    pub fn belief(&self) -> &'a Belief {
        self.belief
    }

    /// `times` the chips that the mean load will need at arrival.
    ///
    /// ```text
    /// ln N(t+L) = ln N(t) + L·(w·g_seen + (1−w)·g_believed),  w = n/(n+12)
    /// ```
    /// where `g_seen` is the log growth a month over the `n ≤ 12` months seen.
    pub fn forecast(&self, times: f64, out: &mut Lane) {
        self.forecast_beyond(0.0, times, out);
    }

    /// [`Self::forecast`] with `z` standard deviations of what may happen until the next
    /// review's order arrives on top.
    ///
    /// ```text
    /// N_z = N(t+L) · exp(z·σ·√((L + R)/12))
    /// ```
    /// where `R` are the months between reviews.
    pub fn forecast_with(&self, z: f64, review_months: u32, times: f64, out: &mut Lane) {
        self.forecast(times, out);
        if z == 0.0 {
            return;
        }
        let none = crate::block::splat(0.0);
        let lead = self.lead_months.unwrap_or(&none);
        let spread = z * self.belief.spread_per_sqrt_year;
        widen(out, lead, f64::from(review_months), spread);
    }

    /// [`Self::forecast`] so many months after the arrival.
    pub fn forecast_beyond(&self, beyond: f64, times: f64, out: &mut Lane) {
        let Some(now) = self.needed(0) else {
            out.fill(0.0);
            return;
        };
        let later: Lane;
        let lead_months = match self.lead_months {
            // What serves at once is sized to what is seen.
            None if beyond == 0.0 => {
                scaled(out, now, times);
                return;
            }
            Some(lead) if beyond == 0.0 => lead,
            lead => {
                later =
                    Lane(std::array::from_fn(|i| lead.map_or(0.0, |l| l[i]) + beyond));
                &later
            }
        };
        let months = self.now().min(12);
        let before = self.needed(months).unwrap_or(now);
        let n = crate::units::count(months);
        let weight = n / (n + BELIEF_WEIGHT_MONTHS);
        let believed = self.belief.growth_from(self.now());
        project(
            out,
            now,
            before,
            lead_months,
            if months == 0 { 0.0 } else { weight / n },
            (1.0 - weight) * believed,
            times,
        );
    }
}

crate::kernel! {
    fn scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] = by * a[i];
        }
    }

    fn project(
        out: &mut Lane, now: &Lane, before: &Lane, lead: &Lane, seen_weight: f64,
        believed: f64, times: f64,
    ) {
        for i in 0..LANES {
            let seen = if before[i] > 0.0 && now[i] > 0.0 {
                ln(now[i].max(1e-300) / before[i].max(1e-300))
            } else {
                0.0
            };
            let growth = lead[i] * (seen_weight * seen + believed);
            out[i] = times * now[i] * exp(growth);
        }
    }

    fn widen(out: &mut Lane, lead: &Lane, review_months: f64, spread: f64) {
        for i in 0..LANES {
            out[i] *= exp(spread * ((lead[i] + review_months) / 12.0).sqrt());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::splat;

    /// What is not known is what happens until the order of the next review arrives, so
    /// that a quantile says something where orders serve at once, too.
    #[test]
    fn a_quantile_looks_over_the_lead_and_the_review() {
        let belief = Belief {
            median_index: vec![1.0; 25],
            spread_per_sqrt_year: 0.3,
            curve: LoadCurve::FLAT,
            progress: Progress::default(),
        };
        let (needed, standing, lead) = ([splat(100.0)], splat(0.0), splat(9.0));
        for (lead, months) in [(None, 3.0_f64), (Some(&lead), 12.0)] {
            let seen = Observed::new(&needed, lead, &standing, &belief);
            for z in [-1.0, 0.0, 1.281_551_565_5] {
                let mut out = splat(0.0);
                seen.forecast_with(z, 3, 2.0, &mut out);
                let wanted = 200.0 * f64::exp(z * 0.3 * (months / 12.0).sqrt());
                assert!((out[0] / wanted - 1.0).abs() < 1e-12, "{} {wanted}", out[0]);
            }
        }
    }
}
