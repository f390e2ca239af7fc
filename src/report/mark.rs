//! What a chart of a run is held against: contract ends, and values that a decision hangs
//! on with the share of futures above them, year by year.
//!
//! Read next: [`super::gallery`].

use crate::engine::Outcome;
use crate::engine::outcome::{Distribution, MEDIAN, QUANTILES, StrategyOutcome};
use crate::scenario::{CommittedKind, Scenario, StrategyPlay};

use super::chart::month_name;
use super::fan::{Fan, Owner};
use super::format::{percent, usd};

/// Most contract ends named in a chart.
const ENDS: usize = 6;

/// When contracts of a strategy end that are ordered in the first month and come after the
/// median lead time.
pub(super) fn events(scenario: &Scenario, fan: &Fan<'_>) -> Vec<(u32, String)> {
    let Owner::Strategy(place) = fan.owner else { return Vec::new() };
    let Some(strategy) = scenario.strategies.get(place) else { return Vec::new() };
    let mut ends: Vec<(u32, String)> = Vec::new();
    for committed in &strategy.committed {
        let (months, name) = match &committed.kind {
            CommittedKind::Reserve(terms) => {
                (terms.lead_months + terms.term_months, "first commitment ends")
            }
            CommittedKind::Own(terms) => {
                let lead = scenario.world.value_of(terms.lead_time_months).median();
                let (life, name) = match terms.lease {
                    Some(lease) => (lease.months, "first lease ends"),
                    None => (terms.life_months, "first machines worn out"),
                };
                (whole_months(lead) + life, name)
            }
        };
        let inside = months > 0 && months < scenario.months;
        if inside && !ends.iter().any(|(at, _)| *at == months) {
            ends.push((months, name.to_owned()));
        }
    }
    ends.truncate(ENDS);
    ends
}

/// A lead time to the nearest month.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the months a lead time may have"
)]
fn whole_months(months: f64) -> u32 {
    months.round().clamp(0.0, 120.0) as u32
}

/// The value a decision hangs on in a chart of the world, and its name: what a rival's
/// unit costs where this is the price of one.
pub(super) fn threshold(
    scenario: &Scenario,
    outcome: &Outcome,
    fan: &Fan<'_>,
) -> Option<(f64, String)> {
    let head = fan.key.split('.').next().unwrap_or_default();
    let chip = fan.key.split('.').nth(1).unwrap_or_default();
    let owns = |place: usize| {
        let strategy = scenario.strategies.get(place);
        let served = strategy.into_iter().flat_map(|s| &s.committed);
        let own = served.filter(|c| matches!(c.kind, CommittedKind::Own(_)));
        own.flat_map(|c| c.conversions.iter().flatten())
            .any(|i| scenario.conversions.get(*i).is_some_and(|c| c.accelerator == chip))
    };
    let cheapest = |unit: &dyn Fn(usize, &StrategyOutcome) -> Option<f64>| {
        outcome
            .strategies
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((unit(i, s)?, s.name.as_str())))
            .filter(|(x, _)| x.is_finite() && *x > 0.0)
            .min_by(|a, b| a.0.total_cmp(&b.0))
    };
    match head {
        "rent" => {
            let (x, name) = cheapest(&|i, s| {
                s.usd_per_chip_hour.as_ref().filter(|_| owns(i)).map(Distribution::median)
            })?;
            Some((x, format!("a chip-hour of {name}")))
        }
        "api_fixed_quality" | "api_fixed_sku" | "api_frontier" => {
            let (x, name) = cheapest(&|i, s| {
                let calls =
                    scenario.strategies.get(i).is_some_and(StrategyPlay::buys_tokens);
                s.usd_per_mtok.as_ref().filter(|_| !calls).map(Distribution::median)
            })?;
            Some((x, format!("10⁶ tokens of {name}")))
        }
        _ => None,
    }
}

/// The share of futures above a value at the end of each year, in words.
pub(super) fn above(scenario: &Scenario, fan: &Fan<'_>, value: f64) -> String {
    let months = fan.data.quantiles.len();
    let ends = (11..months)
        .step_by(12)
        .chain((!months.is_multiple_of(12)).then(|| months.max(1) - 1));
    let said: Vec<String> = ends
        .filter_map(|month| {
            let share = share_above(fan.data.quantiles.get(month)?, value);
            Some(format!("{} {share}", month_name(scenario.start, month)))
        })
        .collect();
    said.join(", ")
}

/// What stands under a chart of its marks: nothing where it has none.
pub(super) fn words(
    scenario: &Scenario,
    outcome: &Outcome,
    fan: &Fan<'_>,
) -> Option<String> {
    if fan.owner == Owner::Pair {
        return Some(format!("Futures above zero: {}.", above(scenario, fan, 0.0)));
    }
    let (value, name) = threshold(scenario, outcome, fan)?;
    let said = above(scenario, fan, value);
    Some(format!("Futures above {name}, {}: {said}.", usd(value)))
}

/// The share of paths above a value, between the quantiles by a straight line; beyond the
/// outermost it is only known that it is less than they leave.
fn share_above(quantiles: &[f64; 9], value: f64) -> String {
    let [low, .., high] = *quantiles;
    if high - low <= 0.0 {
        return percent(if low > value { 1.0 } else { 0.0 });
    }
    if value >= high {
        return "< 1 %".to_owned();
    }
    if value < low {
        return "> 99 %".to_owned();
    }
    let above = quantiles.iter().position(|q| *q > value).unwrap_or(MEDIAN).max(1);
    let (a, b) = (quantiles[above - 1], quantiles[above]);
    let (p, q) = (QUANTILES[above - 1], QUANTILES[above]);
    let below = p + (q - p) * ((value - a) / (b - a)).clamp(0.0, 1.0);
    percent(((1.0 - below) * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::share_above;

    #[test]
    fn the_share_above_is_read_off_the_quantiles() {
        let q = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        assert_eq!(share_above(&q, 5.0), "50 %");
        assert_eq!(share_above(&q, 4.4), "65 %");
        assert_eq!(share_above(&q, 8.0), "5 %");
        assert_eq!(share_above(&q, 9.0), "< 1 %");
        assert_eq!(share_above(&q, 0.5), "> 99 %");
        assert_eq!(share_above(&[2.0; 9], 1.0), "100 %");
        assert_eq!(share_above(&[2.0; 9], 2.0), "0 %");
    }
}
