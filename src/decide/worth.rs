//! What a crystal ball and what freedom to wait are worth, read off the played paths.
//!
//! Both come from strategies that met the same paths, so they need no further run. They
//! speak of the strategies of the plan: a better rule than all of them is not in it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::Outcome;
use crate::scenario::{Committed, Scenario};
use crate::strategy::Sizing;

use super::mean_cost;

/// What knowing the path, and what deciding later, would save.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Worth {
    /// Value of perfect information over the strategies of the plan: mean cost of the one
    /// that is cheapest on average, less the mean over paths of the cheapest on each.
    pub perfect_information: f64,
    /// Its standard error.
    pub perfect_information_error: f64,
    /// Build now, staged and never; nothing where the plan has not all that is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flexibility: Option<Flexibility>,
}

/// Deciding in stages against deciding once.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Flexibility {
    /// Cheapest of the strategies that decide again later, when they see more.
    pub staged: String,
    /// Cheapest of those that decide at the start: orders placed then, or on a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Cheapest of those that never commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub never: Option<String>,
    /// Mean saving of `staged` against the better of the other two; below zero it costs.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// When a strategy decides what it commits to: a schedule is decided before its first
/// month, whenever its orders are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commits {
    Never,
    Now,
    Staged,
}

fn commits(scenario: &Scenario, strategy: usize) -> Commits {
    let Some(play) = scenario.strategies.get(strategy) else { return Commits::Never };
    let reviews = |c: &Committed, month: u32| c.sizing.rule().reviews(month);
    let sees = |c: &Committed| !matches!(c.sizing, Sizing::Schedule(_));
    let later =
        |c: &Committed| sees(c) && (1..scenario.months).any(|month| reviews(c, month));
    let ever = |c: &Committed| (0..scenario.months).any(|month| reviews(c, month));
    if play.committed.iter().any(later) {
        Commits::Staged
    } else if play.committed.iter().any(ever) {
        Commits::Now
    } else {
        Commits::Never
    }
}

impl Worth {
    /// Reads both off an outcome; `ranking` is by mean cost.
    ///
    /// ```text
    /// EVPI = min_s E C_s − E min_s C_s = E (C_first − min_s C_s),
    /// ```
    /// the expected regret of the first. Nothing where nothing was played.
    pub(super) fn of(
        scenario: &Scenario,
        outcome: &Outcome,
        ranking: &[usize],
    ) -> Option<Self> {
        let first = outcome.strategies.get(*ranking.first()?)?;
        let regret = first.regret;
        let cheapest = |kind: Commits| {
            ranking.iter().copied().find(|s| commits(scenario, *s) == kind)
        };
        let flexibility = cheapest(Commits::Staged).and_then(|staged| {
            let (now, never) = (cheapest(Commits::Now), cheapest(Commits::Never));
            let cost = |s: usize| mean_cost(&outcome.strategies[s]);
            let other = [now, never]
                .into_iter()
                .flatten()
                .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
            let gap = outcome.pair(staged, other)?.difference.mean?;
            let name = |s: usize| outcome.strategies[s].name.clone();
            Some(Flexibility {
                staged: name(staged),
                now: now.map(name),
                never: never.map(name),
                value: -gap.mean,
                standard_error: gap.standard_error,
            })
        });
        Some(Self {
            perfect_information: regret.mean,
            perfect_information_error: regret.standard_error,
            flexibility,
        })
    }
}
