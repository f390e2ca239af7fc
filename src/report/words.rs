//! The answer in sentences, the same on a terminal, on a page and in a browser.
//!
//! Names of strategies stand between backticks; a format that can set them otherwise
//! does. No sentence is broken into lines here. Read next: `summary`, [`crate::decide`].

use crate::decide::{Decision, Threshold};
use crate::engine::Outcome;
use crate::scenario::Scenario;

use super::format::{percent, usd, whole};

/// The answer in a sentence or two.
pub fn headline(decision: &Decision) -> String {
    let Some(margin) = &decision.margin else {
        return decision
            .order
            .first()
            .map_or_else(String::new, |only| format!("Only `{only}` was played."));
    };
    if let Some(within) = margin.no_difference_within {
        return format!(
            "A tie: no difference between `{}` and `{}` larger than {} in mean net present \
             cost.",
            margin.first,
            margin.second,
            usd(within)
        );
    }
    format!(
        "Cheapest: `{}`, {} less than `{}` in mean net present cost (standard error {}).",
        margin.first,
        usd(margin.saving),
        margin.second,
        usd(margin.standard_error)
    )
}

/// What the reader must know first: slips and doubts of the plan, then strategies that
/// never committed what they could.
pub fn warnings(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let idle = scenario.strategies.iter().filter_map(|strategy| {
        let played = outcome.strategies.iter().find(|s| s.name == strategy.name)?;
        let has_none = !strategy.committed.is_empty() && played.utilisation.is_none();
        has_none.then(|| {
            format!(
                "`{}` never has a chip of its own or reserved on any path: its sizing, limits \
                 or budget allow none, or none comes in time",
                strategy.name
            )
        })
    });
    scenario.warnings.iter().cloned().chain(idle).collect()
}

/// How sure the answer is and what it would cost to be wrong, a sentence each.
pub fn certainty(
    scenario: &Scenario,
    outcome: &Outcome,
    decision: &Decision,
) -> Vec<String> {
    let mut said = Vec::new();
    let Some(&first) = decision.ranking.first() else { return said };
    let best = &outcome.strategies[first];
    let q = &best.net_present_cost.quantiles;
    let years = f64::from(scenario.months) / crate::units::MONTHS_PER_YEAR;
    let tail = best.net_present_cost.cvar95.map_or_else(String::new, |dearest| {
        format!(" In the dearest 5 % of futures it is {} on average.", usd(dearest))
    });
    said.push(format!(
        "`{}` costs {} over {} years in the middle of {} futures, today's money; nine futures \
         in ten lie between {} and {}.{tail}",
        best.name,
        usd(q[4]),
        trimmed(years),
        whole(outcome.paths),
        usd(q[1]),
        usd(q[7])
    ));
    if outcome.strategies.len() > 1 {
        said.push(format!(
            "It is the cheapest of {} strategies in {} of them. Where another is cheaper, \
             that is not known today: choosing `{}` costs {} more than foresight would, on \
             average (expected regret).",
            outcome.strategies.len(),
            percent(best.best.mean),
            best.name,
            usd(best.regret.mean)
        ));
    }
    if let Some(pair) = decision.ranking.get(1).and_then(|s| outcome.pair(first, *s)) {
        let q = &pair.difference.quantiles;
        said.push(format!(
            "Against `{}`, the next, nine futures in ten lie between {} and {} (middle: {}).",
            pair.second,
            difference(q[1]),
            difference(q[7]),
            difference(q[4])
        ));
    }
    said
}

fn difference(x: f64) -> String {
    let word = if x < 0.0 { "less" } else { "more" };
    format!("{} {word}", usd(x.abs()))
}

fn trimmed(years: f64) -> String {
    let text = format!("{years:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// When committed sources pay against the others, a sentence for each pair.
pub fn break_even(
    scenario: &Scenario,
    outcome: &Outcome,
    decision: &Decision,
) -> Vec<String> {
    decision
        .break_even
        .iter()
        .filter_map(|b| {
            let utilisation = b.utilisation?;
            let from = match utilisation {
                Threshold::Always => "pays at any utilisation".to_owned(),
                Threshold::Never(None) => "pays at no utilisation".to_owned(),
                Threshold::Never(Some(x)) => {
                    format!("would pay from {} utilisation, that is never", percent(x))
                }
                Threshold::At(x) => format!("pays from {} utilisation", percent(x)),
            };
            let has = outcome.strategies.iter().find(|s| s.name == b.first);
            let here = has
                .and_then(|s| s.utilisation)
                .map_or_else(String::new, |u| format!(" ({} in this plan)", percent(u)));
            let ever = 1.0 - b.never_probability;
            let when = match b.months {
                _ if ever <= 0.0 => "it breaks even on no path".to_owned(),
                Threshold::Never(_) => {
                    format!("it breaks even on {} of paths", percent(ever))
                }
                months => format!(
                    "it breaks even on {} of paths, the median one {}",
                    percent(ever),
                    month(months, scenario.months)
                ),
            };
            Some(format!("`{}` against `{}` {from}{here}; {when}.", b.first, b.second))
        })
        .collect()
}

/// What knowing the path and what deciding in stages are worth, where several were played.
pub fn worth(decision: &Decision) -> Option<String> {
    let worth = decision.worth.as_ref().filter(|_| decision.order.len() > 1)?;
    let mut text = format!(
        "Knowing the path before choosing would save {}",
        usd(worth.perfect_information)
    );
    if let Some(staged) = &worth.flexibility {
        let best = staged.now.iter().chain(&staged.never).cloned().collect::<Vec<_>>();
        let (verb, value) = if staged.value >= 0.0 {
            ("saves", staged.value)
        } else {
            ("costs", -staged.value)
        };
        let against = if best.len() > 1 { "the better of " } else { "" };
        let more = format!(
            "; committing in stages (`{}`) {verb} {} against {against}`{}`",
            staged.staged,
            usd(value),
            best.join("` and `")
        );
        text += &more;
    }
    Some(text + ".")
}

/// A month of break-even in words.
///
/// A crossing in the last month is mostly the sale of what still stands.
pub fn month(threshold: Threshold, months: u32) -> String {
    match threshold {
        Threshold::Always => "from the start".to_owned(),
        Threshold::Never(_) => "never".to_owned(),
        Threshold::At(m) if m > f64::from(months) - 1.0 => "at final sale".to_owned(),
        Threshold::At(m) => format!("month {m:.1}"),
    }
}
