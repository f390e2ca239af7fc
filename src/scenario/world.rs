//! Enters quantities and their correlations in the world of a scenario.

use crate::input::{Checker, Uncertain, When, nearest};
use crate::process::ProcessSpec;
use crate::profile::Catalogue;
use crate::trajectory::{LevelId, NumberId, Pair, Quantity, repaired};

use super::default::{
    CORRELATIONS, GROWTH, OWN_RENT, Standard, StandardTrajectory, TRAJECTORIES,
};
use super::plan::Plan;
use super::resolve::Builder;
use super::throughput::unknown;

/// Oldest quote that is carried forward, months; older ones count as this old.
const OLDEST_LEAD_IN_MONTHS: i64 = 36;

impl Builder<'_> {
    /// The level of a standard quantity quoted at `as_of`, or at the plan's start.
    pub(super) fn standard_level(&mut self, name: &str, as_of: Option<&When>) -> LevelId {
        let standard = TRAJECTORIES
            .iter()
            .find(|t| t.name == name)
            .expect("bug: a quantity that is not in the list of defaults");
        self.named_level(name, standard, as_of)
    }

    /// What a rent moves with: the market and the accelerator's own, or the one
    /// trajectory that the plan names (E0311).
    pub(super) fn rents(
        &mut self,
        accelerator: &str,
        trajectory: Option<&str>,
        as_of: Option<&When>,
        at: &mut Checker,
    ) -> Option<(LevelId, Option<LevelId>)> {
        let Some(name) = trajectory else {
            let own = self.own_rent_level(accelerator, as_of);
            return Some((self.standard_level("rent", as_of), Some(own)));
        };
        if TRAJECTORIES.iter().any(|t| t.name == name) {
            return Some((self.standard_level(name, as_of), None));
        }
        let Some(process) = self.plan.trajectories.get(name).cloned() else {
            let known = TRAJECTORIES.iter().map(|t| t.name);
            let known = known.chain(self.plan.trajectories.keys().map(String::as_str));
            let help = nearest(name, known).map_or_else(
                || format!("write a table [trajectories.{name}.geometric]"),
                |n| format!("write `{n}`, or a table [trajectories.{name}.geometric]"),
            );
            at.at("trajectory", |at| {
                at.push("E0311", format!("no quantity is called `{name}`"), help);
            });
            return None;
        };
        let key = format!("trajectories.{name}");
        let level = self.level_or(name, &key, Some(process), &GROWTH, as_of);
        Some((level, None))
    }

    /// Rent of one accelerator over the market's.
    pub(super) fn own_rent_level(
        &mut self,
        accelerator: &str,
        as_of: Option<&When>,
    ) -> LevelId {
        self.named_level(&format!("rent.{accelerator}"), &OWN_RENT, as_of)
    }

    /// A standard quantity of one accelerator's own, moving as the plan lets that of all
    /// move.
    pub(super) fn own_level(
        &mut self,
        name: &str,
        accelerator: &str,
        as_of: &When,
    ) -> LevelId {
        let standard = TRAJECTORIES
            .iter()
            .find(|t| t.name == name)
            .expect("bug: a quantity that is not in the list of defaults");
        let given = self.plan.trajectories.get(name).cloned();
        let full = format!("{name}.{accelerator}");
        let key = format!("trajectories.{full}");
        self.level_or(&full, &key, given, standard, Some(as_of))
    }

    fn named_level(
        &mut self,
        name: &str,
        standard: &StandardTrajectory,
        as_of: Option<&When>,
    ) -> LevelId {
        let key = format!("trajectories.{name}");
        let given = self.plan.trajectories.get(name).cloned();
        self.level_or(name, &key, given, standard, as_of)
    }

    /// The process the plan gives at `key`, or the standard one, noted.
    fn process_or(
        &mut self,
        key: &str,
        given: Option<ProcessSpec>,
        standard: &StandardTrajectory,
    ) -> ProcessSpec {
        if self.plan.simulation.frozen {
            self.assumptions.choose(key, "constant = {}", "the plan is frozen", false);
            ProcessSpec::default()
        } else if let Some(process) = given {
            self.assumptions.choose(key, describe(&process), "the plan", false);
            process
        } else {
            self.assumptions.choose(key, standard.toml, standard.source, true);
            standard.process()
        }
    }

    /// The level of the process the plan gives at `key`, or of the standard one.
    pub(super) fn level_or(
        &mut self,
        name: &str,
        key: &str,
        given: Option<ProcessSpec>,
        standard: &StandardTrajectory,
        as_of: Option<&When>,
    ) -> LevelId {
        let process = self.process_or(key, given, standard);
        let months = as_of.map_or(0, |date| date.months_until(&self.plan.time.start));
        let lead_in = u32::try_from(months.clamp(0, OLDEST_LEAD_IN_MONTHS)).unwrap_or(0);
        self.world.level(Quantity {
            name: name.to_owned(),
            process,
            lead_in_months: lead_in,
        })
    }

    /// The rents of an accelerator for who only looks at them: the market's and its own.
    pub(super) fn watched_rents(&mut self, accelerator: &str) -> [LevelId; 2] {
        let market = TRAJECTORIES.iter().find(|t| t.name == "rent");
        let market = market.expect("bug: a quantity that is not in the list of defaults");
        [("rent".to_owned(), market), (format!("rent.{accelerator}"), &OWN_RENT)].map(
            |(name, standard)| {
                let key = format!("trajectories.{name}");
                let given = self.plan.trajectories.get(&name).cloned();
                let process = self.process_or(&key, given, standard);
                self.world.watch(Quantity { name, process, lead_in_months: 0 })
            },
        )
    }

    /// A number the plan gives, or the standard one; `name` names its random stream.
    pub(super) fn number_or(
        &mut self,
        name: &str,
        key: &str,
        given: Option<Uncertain>,
        standard: &Standard,
    ) -> NumberId {
        let value = self.assumptions.take(key, given, standard);
        self.world.number(name, value)
    }

    /// A number the plan gives, the one of a profile with its source, or the standard.
    pub(super) fn number_of_profile(
        &mut self,
        name: &str,
        key: &str,
        given: Option<Uncertain>,
        profile: Option<(Uncertain, String)>,
        standard: &Standard,
    ) -> NumberId {
        match (given, profile) {
            (None, Some((value, source))) => {
                self.assumptions.note(key, value, standard.unit, &source, None, true);
                self.world.number(name, value)
            }
            (given, _) => self.number_or(name, key, given, standard),
        }
    }

    /// Correlates what moves, as the plan says and as the defaults do (E0309, E0310).
    pub(super) fn correlate(&mut self, at: &mut Checker) {
        let names: Vec<String> =
            self.world.quantities().iter().map(|q| q.name.clone()).collect();
        let mut pairs: Vec<Pair> = Vec::new();
        for (i, c) in self.plan.correlations.iter().enumerate() {
            check_names(i, &c.between, &names, at);
            let [a, b] = c.between.clone();
            let pair = Pair { a, b, rho: c.rho };
            // One of itself or named before has been refused (E0312).
            if pair.a != pair.b && !pairs.iter().any(|p| p.is_of_same(&pair)) {
                pairs.push(pair);
            }
        }
        let given = pairs.len();
        for (a, b, rho) in CORRELATIONS {
            let same = |p: &Pair| (p.a == *a && p.b == *b) || (p.a == *b && p.b == *a);
            let is_given = pairs[..given].iter().any(same);
            // What has no monthly noise has nothing to correlate.
            let moves = |name: &str| {
                let found = self.world.quantities().iter().find(|q| q.name == name);
                found.is_some_and(|q| q.process.as_process().uses_innovation())
            };
            let both = moves(a) && moves(b);
            // A pair of which this plan uses one half or none is told to the world all
            // the same: whoever joins the plan later must not change the draws of the
            // others. Not beside pairs of the plan's own, which it might contradict.
            if is_given || (!both && given > 0) {
                continue;
            }
            pairs.push(Pair { a: (*a).to_owned(), b: (*b).to_owned(), rho: *rho });
            if !both {
                continue;
            }
            self.assumptions.note(
                format!("correlations.{a}~{b}"),
                (*rho).into(),
                "correlation of monthly moves",
                "prior: a shortage moves rents, prices, resale and delivery together",
                None,
                true,
            );
        }
        let mut found = self.world.correlate(&pairs);
        if found.is_err() && self.plan.dependence.repair_correlations {
            let possible = repaired(&pairs);
            found = self.world.correlate(&possible);
            self.note_repairs(&pairs, &possible);
        }
        if let Some(degrees) = self.plan.dependence.tail_degrees {
            self.world.tail_degrees(degrees);
        }
        if let Err(error) = found {
            // A default alone never fails: blame the plan's pair, or the last of them.
            let place = error.position.min(given.saturating_sub(1));
            at.at("correlations", |at| {
                at.at(place, |at| {
                    at.at("rho", |at| {
                        let help =
                            "change it, or another pair of the same quantities; pairs \
                                    you do not name keep their defaults"
                                .to_owned();
                        at.push("E0309", error.to_string(), help);
                    });
                });
            });
        }
    }
}

impl Builder<'_> {
    /// Says what a repair has changed: a reader must see it.
    fn note_repairs(&mut self, given: &[Pair], possible: &[Pair]) {
        for pair in possible {
            let before = given.iter().find(|p| p.a == pair.a && p.b == pair.b);
            let before = before.map_or(0.0, |p| p.rho);
            if (before - pair.rho).abs() < 0.005 {
                continue;
            }
            self.warnings.push(format!(
                "correlations contradict each other: {before:.2} between `{}` and `{}` is \
                 taken as {:.2}",
                pair.a, pair.b, pair.rho
            ));
        }
    }

    /// Adds the shocks of the plan (E0310 for quantities it does not have).
    pub(super) fn add_shocks(&mut self, at: &mut Checker) {
        let names: Vec<String> =
            self.world.quantities().iter().map(|q| q.name.clone()).collect();
        for (name, spec) in &self.plan.shocks {
            for quantity in spec.log_moves.keys().filter(|q| !names.contains(q)) {
                let known = names.iter().map(String::as_str);
                let help = nearest(quantity, known).map_or_else(
                    || format!("quantities of this plan: {}", names.join(", ")),
                    |near| format!("write `{near}`"),
                );
                at.at("shocks", |at| {
                    at.at(name, |at| {
                        at.at("log_moves", |at| {
                            at.at(quantity, |at| {
                                let found = format!(
                                    "no quantity `{quantity}` moves in this plan"
                                );
                                at.push("E0310", found, help);
                            });
                        });
                    });
                });
            }
            let Some((shock, source)) = spec.resolve(name) else { continue };
            let is_default = source != "the plan";
            let key = format!("shocks.{name}");
            let moves: Vec<String> = shock
                .moves
                .iter()
                .filter(|(quantity, _)| names.contains(quantity))
                .map(|(quantity, size)| format!("{quantity} {size:+.2}"))
                .collect();
            let text = format!("log {}", moves.join(", "));
            self.assumptions.choose(format!("{key}.log_moves"), text, source, is_default);
            self.assumptions.note(
                format!("{key}.chance_per_year"),
                shock.chance_per_year.into(),
                "a year",
                source,
                None,
                is_default,
            );
            self.assumptions.note(
                format!("{key}.months"),
                shock.months,
                "months",
                source,
                None,
                is_default,
            );
            self.world.shock(shock);
        }
    }
}

fn check_names(i: usize, between: &[String; 2], names: &[String], at: &mut Checker) {
    for (j, name) in between.iter().enumerate() {
        if names.contains(name) {
            continue;
        }
        let known = names.iter().map(String::as_str);
        let help = nearest(name, known).map_or_else(
            || format!("quantities of this plan: {}", names.join(", ")),
            |n| format!("write `{n}`"),
        );
        at.at("correlations", |at| {
            at.at(i, |at| {
                at.at("between", |at| {
                    at.at(j, |at| {
                        at.push(
                            "E0310",
                            format!("no quantity `{name}` moves in this plan"),
                            help,
                        );
                    });
                });
            });
        });
    }
}

/// Refuses trajectories of quantities that no plan has (E0311), and rents of accelerators
/// that the catalogue has not (E0401).
pub(super) fn check_trajectory_names(
    plan: &Plan,
    catalogue: &Catalogue,
    at: &mut Checker,
) {
    for name in plan.trajectories.keys() {
        let known = TRAJECTORIES.iter().any(|t| t.name == name);
        if known || plan.names_trajectory(name) {
            continue;
        }
        if let Some(chip) = name.strip_prefix("rent.") {
            if catalogue.accelerator(chip).is_err() {
                let ids: Vec<&str> =
                    catalogue.accelerators.keys().map(String::as_str).collect();
                unknown(at, &["trajectories", name], "accelerator", chip, &ids);
            }
            continue;
        }
        let all: Vec<&str> = TRAJECTORIES.iter().map(|t| t.name).collect();
        let help = nearest(name, all.iter().copied()).map_or_else(
            || format!("quantities: {}, rent.<accelerator>", all.join(", ")),
            |n| format!("write `{n}`"),
        );
        at.at("trajectories", |at| {
            at.at(name, |at| {
                at.push("E0311", format!("no quantity is called `{name}`"), help);
            });
        });
    }
}

/// A tagged choice as a plan writes it, on one line.
pub(super) fn describe(choice: &impl serde::Serialize) -> String {
    let table = toml::Table::try_from(choice).unwrap_or_default();
    let entries: Vec<String> = table.iter().map(|(k, v)| format!("{k} = {v}")).collect();
    entries.join(", ")
}
