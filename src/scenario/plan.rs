//! The plan file: what a planner writes.
//!
//! Fifteen lines are a complete plan; every further key adds one idea and replaces a
//! default that the results list.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain, When};
use crate::process::{Generations, ProcessSpec};
use crate::random::Sampler;
use crate::strategy::Sizing;
use crate::supply::{
    ApiSpec, LeaseSpec, OnDemandSpec, OwnSpec, ReserveSpec, SeatsSpec, SpotSpec,
};
use crate::workload::{ChipHours, FineTuning, Inference, Kind, Shape, Training};

use super::dependence::{Dependence, ShockSpec};
use super::event::{self, EventSpec};
use super::generations::GenerationsSpec;
use super::money::Money;

/// A plan file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What is asked, in a line.
    pub title: String,
    /// Horizon.
    pub time: Time,
    /// Rates.
    #[serde(default)]
    pub money: Money,
    /// Paths and seed.
    #[serde(default)]
    pub simulation: Simulation,
    /// What a run keeps.
    #[serde(default)]
    pub results: Results,
    /// Accelerator for strategies that name none.
    #[serde(default)]
    pub accelerator: Option<String>,
    /// Facility for strategies that name none.
    #[serde(default)]
    pub facility: Option<String>,
    /// Work to be served, by name.
    pub workloads: BTreeMap<String, Workload>,
    /// Strategies to play: names of the ready-made ones, or of `[strategies]`.
    #[serde(default)]
    pub compare: Vec<String>,
    /// Strategies of one's own, by name.
    #[serde(default)]
    pub strategies: BTreeMap<String, Strategy>,
    /// How quantities move, by name; replaces the default of that name.
    #[serde(default)]
    pub trajectories: BTreeMap<String, ProcessSpec>,
    /// Generations of hardware that later orders buy: when they come, and what each gains
    /// in FLOP/s, bandwidth, memory, watts and price.
    #[serde(default)]
    pub generations: Option<GenerationsSpec>,
    /// Which quantities move together; replaces the default of that pair.
    #[serde(default)]
    pub correlations: Vec<Correlation>,
    /// Joint extremes, and what to do with impossible correlations.
    #[serde(default)]
    pub dependence: Dependence,
    /// Events that move several quantities at once, by name.
    #[serde(default)]
    pub shocks: BTreeMap<String, ShockSpec>,
    /// What happens when, to be marked on the charts; moves nothing.
    #[serde(default)]
    pub events: Vec<EventSpec>,
    /// Texts of the files it names beside it, once they are read.
    #[serde(skip)]
    pub files: BTreeMap<String, String>,
}

/// Horizon.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// First month, such as "2027-01".
    pub start: When,
    /// Months played.
    pub months: u32,
    /// Date at which the plan's own figures hold, such as "2026-11"; left out: its start.
    /// Demand and prices move from there.
    #[serde(default)]
    pub as_of: Option<When>,
}

/// Paths and seed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulation {
    /// Paths played.
    #[serde(default)]
    pub paths: Option<u64>,
    /// Seed of all random numbers.
    #[serde(default)]
    pub seed: Option<u64>,
    /// How paths are spread: `plain`, or `sobol` for a smaller error of the means.
    #[serde(default)]
    pub sampler: Option<Sampler>,
    /// True to let processors that can round a product and a sum once: a little faster,
    /// with other last bits than elsewhere.
    #[serde(default)]
    pub fast_math: bool,
    /// True for a plan without uncertainty, as calculators work: every band at its
    /// median, every trajectory at today's level.
    #[serde(default)]
    pub frozen: bool,
}

/// What a run keeps.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Fans to keep, by name or its first parts, such as `cost_to_date` or
    /// `cost_to_date.build`; left out: all of them.
    #[serde(default)]
    pub fans: Option<Vec<String>>,
    /// What the bands of fan charts hold: `pointwise`, or `curvewise`, which takes a second
    /// look at the paths.
    #[serde(default)]
    pub bands: Bands,
    /// True for the accounts of every strategy: cash and books by fiscal year, internal
    /// rate of return and payback of every pair, levelised costs, coverage of debt.
    #[serde(default)]
    pub accounts: bool,
}

/// What the bands of a fan chart hold their share of.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Bands {
    /// The paths of each month.
    #[default]
    Pointwise,
    /// Whole paths, from the first month to the last.
    Curvewise,
}

/// Work to be served: one kind, its shape and its growth.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Requests answered by a model.
    #[serde(default)]
    pub inference: Option<Inference>,
    /// Adapting a model to data.
    #[serde(default)]
    pub fine_tuning: Option<FineTuning>,
    /// Pretraining a foundation model.
    #[serde(default)]
    pub training: Option<Training>,
    /// Hours of a named chip.
    #[serde(default)]
    pub chip_hours: Option<ChipHours>,
    /// How the load moves through the week.
    #[serde(default)]
    pub shape: Option<Shape>,
    /// How the number of users or runs grows.
    #[serde(default)]
    pub growth: Option<ProcessSpec>,
    /// How the use per user or run moves on top.
    #[serde(default)]
    pub intensity: Option<ProcessSpec>,
}

impl Workload {
    /// The kinds that are given.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        kinds.extend(self.inference.clone().map(Kind::Inference));
        kinds.extend(self.fine_tuning.clone().map(Kind::FineTuning));
        kinds.extend(self.training.clone().map(Kind::Training));
        kinds.extend(self.chip_hours.clone().map(Kind::ChipHours));
        kinds
    }
}

/// A strategy: a stack of sources.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// Name as people print it.
    #[serde(default)]
    pub label: Option<String>,
    /// Sources, committed ones first.
    pub stack: Vec<Entry>,
}

/// One source of a stack: exactly one of the kinds, and how much of it to commit.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Machines of one's own.
    #[serde(default)]
    pub own: Option<OwnSpec>,
    /// Machines leased for a term, run like one's own.
    #[serde(default)]
    pub lease: Option<LeaseSpec>,
    /// Chips committed for a term.
    #[serde(default)]
    pub reserve: Option<ReserveSpec>,
    /// Chips by the hour.
    #[serde(default)]
    pub on_demand: Option<OnDemandSpec>,
    /// Interruptible chips.
    #[serde(default)]
    pub spot: Option<SpotSpec>,
    /// Tokens from an API.
    #[serde(default)]
    pub api: Option<ApiSpec>,
    /// Seats of a service, by the user.
    #[serde(default)]
    pub seats: Option<SeatsSpec>,
    /// How much to commit, for `own`, `lease` and `reserve`.
    #[serde(default)]
    pub sizing: Option<Sizing>,
}

impl Entry {
    /// The accelerator of a source that has one.
    pub(super) fn accelerator(&self) -> Option<&str> {
        let own = self.own.as_ref().map(|x| &x.accelerator);
        own.or_else(|| self.lease.as_ref().map(|x| &x.machines.accelerator))
            .or_else(|| self.reserve.as_ref().map(|x| &x.accelerator))
            .or_else(|| self.on_demand.as_ref().map(|x| &x.accelerator))
            .or_else(|| self.spot.as_ref().map(|x| &x.accelerator))
            .map(String::as_str)
    }
}

/// Correlation of the monthly moves of two quantities.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    /// The two quantities.
    pub between: [String; 2],
    /// Correlation, −1 to 1.
    pub rho: f64,
}

impl Plan {
    /// Generations with the same dates must be as far apart (E0203).
    fn check_dates(&self, at: &mut Checker) {
        let mut first: BTreeMap<&str, (&str, &Generations)> = BTreeMap::new();
        for (name, process) in &self.trajectories {
            let ProcessSpec::Generations(own) = process else { continue };
            let Some(dates) = &own.dates else { continue };
            let (other, theirs) = *first.entry(dates).or_insert((name, own));
            let same = own.years_between == theirs.years_between
                && own.years_since_last.to_bits() == theirs.years_since_last.to_bits();
            if same {
                continue;
            }
            let path = ["trajectories", name, "generations", "dates"].map(str::to_owned);
            at.at_path(&path, |at| {
                at.push(
                    "E0203",
                    format!(
                        "the dates `{dates}` are those of `{other}`, which has other \
                         `years_between` or `years_since_last`"
                    ),
                    "write the same in both, or give the dates another name".to_owned(),
                );
            });
        }
    }

    /// A pair is of two quantities and is named once (E0312).
    fn check_pair(&self, i: usize, at: &mut Checker) {
        let sorted = |c: &Correlation| {
            let mut both = c.between.clone();
            both.sort();
            both
        };
        let Some(both) = self.correlations.get(i).map(sorted) else { return };
        let [a, b] = &both;
        let is_repeated = self.correlations.iter().take(i).any(|c| sorted(c) == both);
        at.at("between", |at| {
            if a == b {
                let help = "name two quantities, or take the pair out".to_owned();
                let message = format!("`{a}` is there twice: it moves with itself by 1");
                at.push("E0312", message, help);
            } else if is_repeated {
                let help = "take one of the two pairs out".to_owned();
                at.push("E0312", format!("`{a}` and `{b}` are there twice"), help);
            }
        });
    }

    /// True if a source of some strategy moves with the trajectory of that name.
    pub(super) fn names_trajectory(&self, name: &str) -> bool {
        let entries = self.strategies.values().flat_map(|s| &s.stack);
        let names = entries.flat_map(|e| {
            let reserve = e.reserve.as_ref().map(|x| &x.trajectory);
            let on_demand = e.on_demand.as_ref().map(|x| &x.trajectory);
            let spot = e.spot.as_ref().map(|x| &x.trajectory);
            let seats = e.seats.as_ref().map(|x| &x.trajectory);
            [reserve, on_demand, spot, seats]
        });
        names.flatten().flatten().any(|n| n == name)
    }
}

/// Most months a plan may play.
pub const MONTHS_LIMIT: u32 = 600;
/// Most paths a run may play.
pub const PATHS_LIMIT: u64 = 1_000_000_000;

impl Check for Plan {
    fn check(&self, at: &mut Checker) {
        at.at("time", |at| {
            at.ranged(
                "months",
                Uncertain::from(f64::from(self.time.months)),
                "1 to 600",
                |x| (1.0..=f64::from(MONTHS_LIMIT)).contains(&x),
            );
            if let Some(as_of) = &self.time.as_of
                && as_of.months_until(&self.time.start) < 0
            {
                at.at("as_of", |at| {
                    at.push(
                        "E0317",
                        format!(
                            "the plan's figures are of {}, after its start in {}",
                            as_of.as_str(),
                            self.time.start.as_str()
                        ),
                        "write the month in which you read them, or leave it out"
                            .to_owned(),
                    );
                });
            }
        });
        at.at("money", |at| self.money.check(at));
        super::idle::of_plan(self, at);
        at.at("simulation", |at| {
            if let Some(paths) = self.simulation.paths
                && !(1..=PATHS_LIMIT).contains(&paths)
            {
                at.at("paths", |at| {
                    at.push(
                        "E0201",
                        format!(
                            "`simulation.paths` must be 1 to {PATHS_LIMIT}, found {paths}"
                        ),
                        None,
                    );
                });
            }
        });
        if self.workloads.is_empty() {
            at.at("workloads", |at| {
                at.push(
                    "E0303",
                    "the plan has no workload".to_owned(),
                    "add a table such as [workloads.chat.inference]".to_owned(),
                );
            });
        }
        for (name, workload) in &self.workloads {
            check_name(at, "workloads", name);
            at.at("workloads", |at| at.at(name, |at| workload.check(at)));
        }
        for (name, strategy) in &self.strategies {
            check_name(at, "strategies", name);
            at.at("strategies", |at| at.at(name, |at| strategy.check(at)));
        }
        for (name, process) in &self.trajectories {
            at.at("trajectories", |at| at.at(name, |at| process.check(at)));
        }
        self.check_dates(at);
        super::slip::slips(self, at);
        if let Some(generations) = &self.generations {
            at.at("generations", |at| generations.check_in(self, at));
        }
        at.at("dependence", |at| self.dependence.check(at));
        for (name, shock) in &self.shocks {
            check_name(at, "shocks", name);
            at.at("shocks", |at| at.at(name, |at| shock.check_named(name, at)));
        }
        at.at("events", |at| event::check(&self.events, &self.time, at));
        for (i, pair) in self.correlations.iter().enumerate() {
            at.at("correlations", |at| {
                at.at(i, |at| {
                    self.check_pair(i, at);
                    at.ranged(
                        "rho",
                        Uncertain::from(pair.rho),
                        "between -1 and 1",
                        |x| (-1.0..=1.0).contains(&x),
                    );
                });
            });
        }
    }
}

/// Names become names of files: letters, digits, hyphens and underscores (E0314).
fn check_name(at: &mut Checker, table: &str, name: &str) {
    let fine = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if !fine {
        at.at(table, |at| {
            at.at(name, |at| {
                at.push(
                    "E0314",
                    format!("`{name}` is not a name"),
                    "use up to 64 letters, digits, hyphens and underscores".to_owned(),
                );
            });
        });
    }
}

impl Check for Workload {
    fn check(&self, at: &mut Checker) {
        let kinds = self.kinds();
        if kinds.len() != 1 {
            at.push(
                "E0304",
                format!("a workload is of one kind, found {}", kinds.len()),
                "write exactly one of the tables inference, fine_tuning, training, chip_hours"
                    .to_owned(),
            );
        }
        if let Some(x) = &self.inference {
            at.at("inference", |at| x.check(at));
        }
        if let Some(x) = &self.fine_tuning {
            at.at("fine_tuning", |at| x.check(at));
        }
        if let Some(x) = &self.training {
            at.at("training", |at| x.check(at));
        }
        if let Some(x) = &self.chip_hours {
            at.at("chip_hours", |at| x.check(at));
        }
        if let Some(x) = &self.shape {
            at.at("shape", |at| x.check(at));
        }
        if let Some(x) = &self.growth {
            at.at("growth", |at| x.check(at));
        }
        if let Some(x) = &self.intensity {
            at.at("intensity", |at| x.check(at));
        }
    }
}

impl Check for Strategy {
    fn check(&self, at: &mut Checker) {
        if self.stack.is_empty() {
            at.push(
                "E0305",
                "a strategy needs at least one source".to_owned(),
                "write stack = [{ on_demand = { accelerator = \"…\" } }]".to_owned(),
            );
        }
        for (i, entry) in self.stack.iter().enumerate() {
            at.at("stack", |at| at.at(i, |at| entry.check(at)));
        }
    }
}

impl Check for Entry {
    fn check(&self, at: &mut Checker) {
        let given = [
            self.own.is_some(),
            self.lease.is_some(),
            self.reserve.is_some(),
            self.on_demand.is_some(),
            self.spot.is_some(),
            self.api.is_some(),
            self.seats.is_some(),
        ];
        let kinds = given.iter().filter(|x| **x).count();
        if kinds != 1 {
            at.push(
                "E0306",
                format!("a source is of one kind, found {kinds}"),
                "write exactly one of own, lease, reserve, on_demand, spot, api, seats"
                    .to_owned(),
            );
        }
        if let Some(x) = &self.own {
            at.at("own", |at| x.check(at));
        }
        if let Some(x) = &self.lease {
            at.at("lease", |at| x.check(at));
        }
        if let Some(x) = &self.reserve {
            at.at("reserve", |at| x.check(at));
        }
        if let Some(x) = &self.on_demand {
            at.at("on_demand", |at| x.check(at));
        }
        if let Some(x) = &self.spot {
            at.at("spot", |at| x.check(at));
        }
        if let Some(x) = &self.api {
            at.at("api", |at| x.check(at));
        }
        if let Some(x) = &self.seats {
            at.at("seats", |at| x.check(at));
        }
        if let Some(x) = &self.sizing {
            at.at("sizing", |at| x.check(at));
            let committed =
                self.own.is_some() || self.lease.is_some() || self.reserve.is_some();
            if !committed {
                at.at("sizing", |at| {
                    at.push(
                        "E0307",
                        "only what is committed has a size".to_owned(),
                        "take `sizing` out: other sources serve what is left".to_owned(),
                    );
                });
            }
        }
    }
}
