//! What people believe of later dates: 10, 50 and 90 % of each, joined to paths.
//!
//! Three numbers at a few dates are what a planner can get out of a colleague. Each date
//! keeps its three quantiles exactly; how long a path stays high or low has to be said
//! apart. Read next: [`super::elicited`], [`super::schedule`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elicited::two_piece;
use super::level::{LOG_BOUND, level_of};
use super::{Draws, Process, rows};
use crate::block::math::{exp, inverse_normal, ln};
use crate::block::{LANES, Lane};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const STANDING: u32 = 0;

/// A two-piece normal of the logarithm at every date, joined by a path's standing.
///
/// ```text
/// ln I(t) = m(t) + s(t) x(t),   s = a(t) where x < 0, b(t) where x ≥ 0
/// x(n) = ρ x(n − 1) + √(1 − ρ²) z,   x(0) ~ N(0, 1),   ρ = 2^(−1/(12 h))
/// ```
/// where `m`, `m − z₉₀ a` and `m + z₉₀ b` are the logarithms of `p50`, `p10` and `p90`,
/// linear between the dates and from 0 today to the first, and `h` is `half_life_years`:
/// how long a path that stands high stays high. After the last date all three stay.
///
/// **Shapes** one row: the standing `x`. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201, E0203).
/// **Source** the two-piece normal of the Bank of England's fan charts (Britton, Fisher
/// and Whitley 1998, Quarterly Bulletin 38:30), broken at the median.
/// **Checked by** `process::laws`, the quantiles below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// When the quantiles hold, in years from today, rising and above 0.
    pub years: Vec<f64>,
    /// One path in ten is below: the index, 1 is today's quote.
    pub p10: Vec<f64>,
    /// The median.
    pub p50: Vec<f64>,
    /// One path in ten is above.
    pub p90: Vec<f64>,
    /// Years in which half of a path's standing is forgotten. Default 5.
    #[serde(default = "five_years")]
    pub half_life_years: f64,
}

fn five_years() -> f64 {
    5.0
}

impl Check for Expected {
    fn check(&self, at: &mut Checker) {
        at.at("years", |at| {
            for (i, &t) in self.years.iter().enumerate() {
                at.positive(&i.to_string(), Uncertain::from(t));
            }
            if let Some(&[a, b]) = self.years.windows(2).find(|pair| pair[0] >= pair[1]) {
                at.push(
                    "E0203",
                    format!("`years` must rise, found {a} before {b}"),
                    None,
                );
            }
        });
        for (name, list) in [("p10", &self.p10), ("p50", &self.p50), ("p90", &self.p90)] {
            at.at(name, |at| {
                for (i, &x) in list.iter().enumerate() {
                    at.positive(&i.to_string(), Uncertain::from(x));
                }
                if list.len() != self.years.len() || list.is_empty() {
                    let (found, years) = (list.len(), self.years.len());
                    at.push(
                        "E0203",
                        format!("{found} values cannot stand at {years} dates"),
                        "write one for every entry of `years`, and at least one"
                            .to_owned(),
                    );
                }
            });
        }
        let crossed = self.p10.iter().zip(&self.p50).zip(&self.p90);
        for (i, ((low, middle), high)) in crossed.enumerate() {
            if low > middle || middle > high {
                at.at("p50", |at| {
                    at.at(i, |at| {
                        at.push(
                            "E0203",
                            format!("{low}, {middle} and {high} must not fall"),
                            "write p10, p50 and p90 of a date in rising order".to_owned(),
                        );
                    });
                });
            }
        }
        at.positive("half_life_years", Uncertain::from(self.half_life_years));
    }
}

impl Process for Expected {
    fn state_rows(&self) -> usize {
        1
    }

    fn uses_innovation(&self) -> bool {
        true
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [standing] = rows::<1>(state);
        draws.normal(STANDING, standing);
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        _: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let months = self.half_life_years * MONTHS_PER_YEAR;
        let kept = exp(-(std::f64::consts::LN_2 / months).min(LOG_BOUND));
        let new = (1.0 - kept * kept).max(0.0).sqrt();
        let law = self.law_at(f64::from(month) / MONTHS_PER_YEAR);
        let [standing] = rows::<1>(state);
        stand(kept, new, law, z, standing, level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        Some(level_of(self.law_at(years)[0]))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let [_, below, above] = self.law_at(years);
        let skew = above - below;
        let square = 0.5 * (below * below + above * above);
        Some(square - skew * skew / std::f64::consts::TAU)
    }
}

impl Expected {
    /// Median of the logarithm, and the standard deviations below and above it.
    fn law_at(&self, years: f64) -> [f64; 3] {
        let z90 = inverse_normal(0.9);
        let at = |i: usize| {
            let log =
                |list: &[f64]| ln(list.get(i).copied().unwrap_or(1.0).clamp(1e-99, 1e99));
            let (low, middle, high) = (log(&self.p10), log(&self.p50), log(&self.p90));
            [middle, (middle - low).max(0.0) / z90, (high - middle).max(0.0) / z90]
        };
        let (mut from, mut before) = (0.0, [0.0; 3]);
        for (i, &date) in self.years.iter().enumerate() {
            let here = at(i);
            if years < date {
                let way = (years - from) / (date - from);
                return std::array::from_fn(|k| before[k] + (here[k] - before[k]) * way);
            }
            (from, before) = (date, here);
        }
        before
    }
}

kernel! {
    fn stand(
        kept: f64,
        new: f64,
        law: [f64; 3],
        z: &Lane,
        standing: &mut Lane,
        level: &mut Lane,
    ) {
        let [middle, below, above] = law;
        for i in 0..LANES {
            standing[i] = kept * standing[i] + new * z[i];
            level[i] = level_of(two_piece(middle, below, above, standing[i]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    fn belief() -> Expected {
        Expected {
            years: vec![1.0, 3.0],
            p10: vec![0.7, 0.3],
            p50: vec![0.9, 0.6],
            p90: vec![1.0, 1.5],
            half_life_years: 2.0,
        }
    }

    #[test]
    fn every_date_has_its_three_quantiles() {
        for (month, sample) in laws::sample(&belief(), &[12, 36, 60]) {
            let i = usize::from(month > 12);
            let process = belief();
            let wanted = [process.p10[i], process.p50[i], process.p90[i]];
            let n = f64::from(u32::try_from(sample.len()).unwrap());
            for (p, limit) in [0.1_f64, 0.5, 0.9].into_iter().zip(wanted) {
                let share = laws::share_below(&sample, limit);
                // Nine comparisons at 4 standard errors: one false alarm in 1,700 seeds.
                let allowed = 4.0 * (p * (1.0 - p) / n).sqrt();
                assert!((share - p).abs() < allowed, "{month} {p}: {share}");
            }
        }
    }

    #[test]
    fn quantiles_that_cross_are_refused() {
        let mut at = Checker::new();
        Expected { p10: vec![0.95, 0.3], ..belief() }.check(&mut at);
        assert_eq!(at.into_problems().len(), 1);
    }
}
