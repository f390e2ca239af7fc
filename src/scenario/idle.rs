//! What a plan says that nothing in it reads: warnings that refuse nothing.
//!
//! A key that is accepted and never used lets its writer believe that it counts. Types warn
//! of keys beside keys of their own; here is what takes the whole plan to see, and the
//! catalogue. Read next: `slip.rs`, for what is used and probably not meant.

use crate::finance::Method;
use crate::input::Checker;
use crate::trajectory::Quantity;

use super::plan::Plan;
use super::play::{CommittedKind, StrategyPlay};
use super::resolve::Builder;

/// Warns of what the plan alone shows to be idle (W0304).
pub(super) fn of_plan(plan: &Plan, at: &mut Checker) {
    let covenant = plan.money.debt.as_ref().and_then(|debt| debt.covenant_dscr);
    if covenant.is_some() && !plan.results.accounts {
        at.at_path(&["money", "debt"].map(str::to_owned), |at| {
            at.idle(
                "covenant_dscr",
                "coverage is counted with the accounts, and nobody asks for them",
                "write `results.accounts = true`, or leave it out",
            );
        });
    }
}

impl Builder<'_> {
    /// Warns of what these strategies leave idle (W0303, W0304).
    pub(super) fn warn_of_idle(&self, strategies: &[StrategyPlay], at: &mut Checker) {
        self.warn_of_idle_trajectories(at);
        self.warn_of_idle_generations(at);
        self.warn_of_idle_correlations(at);
        self.warn_of_idle_methods(strategies, at);
    }

    /// Generations nobody buys.
    fn warn_of_idle_generations(&self, at: &mut Checker) {
        let bought = |q: &Quantity| q.name.starts_with("generations.");
        let frozen = self.plan.simulation.frozen;
        if self.plan.generations.is_none()
            || frozen
            || self.world.quantities().iter().any(bought)
        {
            return;
        }
        at.idle(
            "generations",
            "no strategy that is played orders what comes later",
            "write `generation = \"frontier\"` in a source `own` or `lease`, or take the table out",
        );
    }

    /// Correlations of what does not move. What a frozen plan says of moves is for when it
    /// is thawed.
    fn warn_of_idle_correlations(&self, at: &mut Checker) {
        if self.plan.simulation.frozen {
            return;
        }
        for (i, pair) in self.plan.correlations.iter().enumerate() {
            for (j, name) in pair.between.iter().enumerate() {
                let found = self.world.quantities().iter().find(|q| q.name == *name);
                let Some(quantity) = found else { continue };
                if quantity.process.as_process().uses_innovation() {
                    continue;
                }
                let place = ["correlations", &i.to_string(), "between", &j.to_string()];
                at.at_path(&place.map(str::to_owned), |at| {
                    at.push(
                        "W0304",
                        format!(
                            "`{name}` changes nothing here: it has no monthly noise that could \
                             be correlated"
                        ),
                        "take the pair out, or name a quantity that moves month by month"
                            .to_owned(),
                    );
                });
            }
        }
    }

    /// Methods of writing off what no strategy builds.
    fn warn_of_idle_methods(&self, strategies: &[StrategyPlay], at: &mut Checker) {
        let Some(given) = &self.plan.money.depreciation else { return };
        let mut owned = strategies.iter().flat_map(|s| &s.committed).filter_map(|c| {
            let CommittedKind::Own(terms) = &c.kind else { return None };
            Some(terms)
        });
        let halls = owned.clone().any(|terms| terms.hall.is_some());
        let fit_outs = owned.any(|terms| terms.fit_out.is_some());
        let place = ["money", "depreciation"].map(str::to_owned);
        for (key, method, is_built, because, help) in [
            (
                "hall_method",
                given.hall_method,
                halls,
                "no strategy that is played builds a hall",
                "name a facility with `[construction]`, such as `own-hall-us`, or leave it out",
            ),
            (
                "fit_out_method",
                given.fit_out_method,
                fit_outs,
                "no strategy that is played fits a hall out",
                "write a `fit_out` beside a hall of one's own, or leave it out",
            ),
        ] {
            if method != Method::StraightLine && !is_built {
                at.at_path(&place, |at| at.idle(key, because, help));
            }
        }
    }

    /// Trajectories that nothing in the plan uses (W0303).
    fn warn_of_idle_trajectories(&self, at: &mut Checker) {
        for name in self.plan.trajectories.keys() {
            let own = format!("{name}.");
            let moves = |q: &Quantity| q.name == *name || q.name.starts_with(&own);
            if !self.world.quantities().iter().any(moves) {
                let chip = name.strip_prefix("rent.");
                let chip = chip.and_then(|id| self.catalogue.accelerator(id).ok());
                let help = match chip {
                    Some(chip) if !name.ends_with(&chip.id) => {
                        format!("write [trajectories.\"rent.{}\"]", chip.id)
                    }
                    Some(_) => "take it out, or add a source of this chip".to_owned(),
                    None => "take it out, or name what it is to move".to_owned(),
                };
                let message =
                    format!("nothing in this plan moves with `trajectories.{name}`");
                let place = ["trajectories".to_owned(), name.clone()];
                at.at_path(&place, |at| at.push("W0303", message, help));
            }
        }
    }
}
