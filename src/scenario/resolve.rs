//! From a plan and a catalogue to a scenario, or to every problem at its key.
//!
//! Reading order: workloads, strategies, what serves what, correlations, charts.

use std::collections::BTreeMap;

use crate::block::Arithmetic;
use crate::input::{Checker, Uncertain, nearest};
use crate::profile::Catalogue;
use crate::random::{Sampler, Seed, sobol};
use crate::trajectory::{LevelId, World};
use crate::units::{HOURS_PER_MONTH, count};
use crate::workload::{Kind, LoadCurve, Shape};

use super::assumption::Assumptions;
use super::default::{
    ACCELERATOR, DISCOUNT_RATE, FACILITY, GROWTH, INTENSITY, PATHS, SEED, SOBOL_PATHS,
    TAX_RATE, UNSERVED_MULTIPLE,
};
use super::files::check_read;
use super::plan::{Plan, Strategy, Workload};
use super::play::{
    Conversion, Driver, FanChoice, FlexiblePrice, Scenario, Shown, StrategyPlay,
    WorkloadPlay, names_fan,
};
use super::preset;
use super::world::check_trajectory_names;

/// What the command line puts over the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Paths.
    pub paths: Option<u64>,
    /// Seed.
    pub seed: Option<u64>,
    /// How paths are spread.
    pub sampler: Option<Sampler>,
    /// Fast arithmetic, or not.
    pub fast_math: Option<bool>,
}

/// Collects a scenario while names are resolved.
pub(super) struct Builder<'p> {
    pub(super) plan: &'p Plan,
    pub(super) catalogue: &'p Catalogue,
    pub(super) world: World,
    pub(super) assumptions: Assumptions,
    pub(super) warnings: Vec<String>,
    pub(super) kinds: Vec<Kind>,
    pub(super) workloads: Vec<WorkloadPlay>,
    pub(super) conversions: Vec<Conversion>,
    pub(super) shown: Vec<Shown>,
    pub(super) profiles: BTreeMap<String, String>,
    /// Why an accelerator cannot serve a workload, found once.
    pub(super) refusals: BTreeMap<(usize, String), String>,
}

/// Resolves every name of a plan and fills in every default.
///
/// Problems are pushed to `at`, all of them; nothing comes back when there is any that is
/// not a warning.
pub fn resolve(
    plan: &Plan,
    catalogue: &Catalogue,
    overrides: Overrides,
    at: &mut Checker,
) -> Option<Scenario> {
    let before = at.errors();
    let seed = Seed(overrides.seed.or(plan.simulation.seed).unwrap_or(SEED));
    let sampler = overrides.sampler.or(plan.simulation.sampler).unwrap_or_default();
    let paths = paths_of(plan, overrides, sampler, at);
    let world = World::new(seed).sampled(sampler, plan.time.months);
    let mut builder = Builder {
        plan,
        catalogue,
        world: if plan.simulation.frozen { world.frozen() } else { world },
        assumptions: Assumptions::default(),
        warnings: Vec::new(),
        kinds: Vec::new(),
        workloads: Vec::new(),
        conversions: Vec::new(),
        shown: Vec::new(),
        profiles: BTreeMap::new(),
        refusals: BTreeMap::new(),
    };
    check_trajectory_names(plan, catalogue, at);
    check_read(plan, at);
    builder.add_workloads(at);
    let strategies = builder.add_strategies(at);
    builder.correlate(at);
    builder.add_shocks(at);
    if at.errors() > before {
        return None;
    }
    builder.warn_of_idle(&strategies, at);
    builder.price_unserved(&strategies);
    builder.show_demand();
    let rate = |b: &mut Builder<'_>, key: &str, given: Option<f64>, standard| {
        b.assumptions
            .take(format!("money.{key}"), given.map(Uncertain::from), standard)
            .median()
    };
    let discount_rate = rate(
        &mut builder,
        "discount_rate_per_year",
        plan.money.discount_rate_per_year,
        &DISCOUNT_RATE,
    );
    let tax_rate = rate(&mut builder, "tax_rate", plan.money.tax_rate, &TAX_RATE);
    let drivers = builder.drivers();
    let fast = overrides.fast_math.unwrap_or(plan.simulation.fast_math);
    let scenario = Scenario {
        arithmetic: Arithmetic::of(fast),
        title: plan.title.clone(),
        start: plan.time.start.month(),
        months: plan.time.months,
        paths,
        seed,
        discount_rate,
        tax_rate,
        first_year_months: first_year_months(plan),
        bands: plan.results.bands,
        accounts: plan.results.accounts,
        covenant_dscr: plan.money.debt.as_ref().and_then(|d| d.covenant_dscr),
        events: plan
            .events
            .iter()
            .filter_map(|e| Some((e.month(&plan.time)?, e.name.trim().to_owned())))
            .collect(),
        world: builder.world,
        workloads: builder.workloads,
        conversions: builder.conversions,
        strategies,
        shown: builder.shown,
        fans: FanChoice(plan.results.fans.clone()),
        drivers,
        assumptions: builder.assumptions,
        warnings: builder.warnings,
        profiles: builder.profiles,
        files: hashes(&plan.files),
    };
    check_fans(plan, &scenario, at);
    (at.errors() == before).then_some(scenario)
}

/// Paths to play; with Sobol points as many as the points come in (E0316).
fn paths_of(
    plan: &Plan,
    overrides: Overrides,
    sampler: Sampler,
    at: &mut Checker,
) -> u64 {
    let given = overrides.paths.or(plan.simulation.paths);
    if sampler == Sampler::Plain {
        return given.unwrap_or(PATHS);
    }
    let (below, above) = sobol::nearest_paths(given.unwrap_or(SOBOL_PATHS));
    if let Some(paths) = given
        && paths != above
    {
        let nearest = if below == above {
            format!("{above}")
        } else {
            format!("{below} or {above}")
        };
        let (fewest, most) = (sobol::FEWEST_PATHS, sobol::MOST_PATHS);
        // An argument stands in no line of the plan.
        let place: &[&str] = match (overrides.paths, plan.simulation.paths) {
            (Some(_), _) => &["--paths"],
            (None, _) => &["simulation", "paths"],
        };
        let place: Vec<String> = place.iter().map(ToString::to_string).collect();
        at.at_path(&place, |at| {
            at.push(
                "E0316",
                format!(
                    "sampler `sobol` plays a power of two of paths from {fewest} to {most}, \
                     found {paths}"
                ),
                format!("play {nearest} paths, or take the sampler `plain`"),
            );
        });
    }
    above
}

/// Months from the plan's start to the end of its first fiscal year; twelve where the plan
/// names no month in which one begins.
fn first_year_months(plan: &Plan) -> u32 {
    let (_, month) = plan.time.start.month();
    match plan.money.fiscal_year_start_month {
        Some(first) if first != month => (first + 12 - month) % 12,
        _ => 12,
    }
}

/// BLAKE3 of each text.
fn hashes(texts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let hash = |text: &String| blake3::hash(text.as_bytes()).to_hex().to_string();
    texts.iter().map(|(name, text)| (name.clone(), hash(text))).collect()
}

/// Refuses names of fans that the run does not have (E0315).
fn check_fans(plan: &Plan, scenario: &Scenario, at: &mut Checker) {
    let keys = scenario.fan_keys();
    for (i, name) in plan.results.fans.iter().flatten().enumerate() {
        if keys.iter().any(|key| names_fan(name, key)) {
            continue;
        }
        let help = nearest(name, keys.iter().map(String::as_str)).map_or_else(
            || format!("fans: {}", keys.join(", ")),
            |n| format!("write `{n}`"),
        );
        at.at("results", |at| {
            at.at("fans", |at| {
                at.at(i, |at| {
                    at.push("E0315", format!("no fan is called `{name}`"), help);
                });
            });
        });
    }
}

impl Builder<'_> {
    fn add_workloads(&mut self, at: &mut Checker) {
        let weight = 1.0 / count(self.plan.workloads.len().max(1));
        for (name, workload) in &self.plan.workloads {
            let mut kinds = workload.kinds();
            if kinds.len() != 1 {
                // The plan's own check has said so (E0304).
                continue;
            }
            let kind = kinds.remove(0);
            let parts = kind.parts();
            let split = parts.len() > 1;
            for (part, share) in parts {
                let part_name = if split && part.is_deferrable() {
                    format!("{name}-deferred")
                } else {
                    name.clone()
                };
                let mut play = self.workload(name, workload, &part, at);
                play.name = part_name;
                play.base_units_per_month *= share;
                play.weight = weight * share;
                self.workloads.push(play);
                self.kinds.push(part);
            }
        }
    }

    /// A workload of a kind; parts of one share its numbers and move as one.
    fn workload(
        &mut self,
        name: &str,
        workload: &Workload,
        kind: &Kind,
        at: &mut Checker,
    ) -> WorkloadPlay {
        let flop_per_token = self.flop_per_token(name, kind, at);
        self.check_served_by(name, kind, at);
        let (base, factors) = kind.monthly_factors(flop_per_token);
        check_size(name, kind, &factors, at);
        let (mut run, mut seats) = (None, None);
        let factors = factors
            .into_iter()
            .map(|(key, value)| {
                let unit = key.replace('_', " ");
                let full = format!("workloads.{name}.{key}");
                self.assumptions.note(&full, value, &unit, "the plan", None, false);
                let high = if key == "utilisation" { 1.0 } else { f64::INFINITY };
                let id = self.world.number(full, value);
                self.world.keep_within(id, 0.0, high);
                if key == "tokens_trillion" {
                    run = Some((12.0 * base, id));
                }
                if key == "seats" {
                    seats = Some(id);
                }
                id
            })
            .collect();
        let growth = self.level_or(
            &format!("demand.{name}"),
            &format!("workloads.{name}.growth"),
            workload.growth.clone(),
            &GROWTH,
            self.plan.time.as_of.as_ref(),
        );
        let intensity = self.level_or(
            &format!("intensity.{name}"),
            &format!("workloads.{name}.intensity"),
            workload.intensity.clone(),
            &INTENSITY,
            self.plan.time.as_of.as_ref(),
        );
        let shape = workload.shape.clone().unwrap_or_else(|| standard_shape(kind));
        self.assumptions.choose(
            format!("workloads.{name}.shape"),
            super::world::describe(&shape),
            "office hours or flat by kind of work",
            workload.shape.is_none(),
        );
        let unserved = self.world.number(format!("unserved.{name}"), 0.0);
        WorkloadPlay {
            name: name.to_owned(),
            unit: kind.unit(),
            deferrable: kind.is_deferrable(),
            curve: LoadCurve::of(&shape),
            base_units_per_month: base,
            factors,
            growth,
            intensity,
            seats,
            run,
            mtok_per_unit: kind.mtok_per_unit(),
            unserved_usd_per_unit: unserved,
            weight: 1.0,
        }
    }

    /// The accelerators that may stand in for that of a workload exist (E0401).
    fn check_served_by(&self, name: &str, kind: &Kind, at: &mut Checker) {
        let Kind::ChipHours(work) = kind else { return };
        let known: Vec<&str> =
            self.catalogue.accelerators.keys().map(String::as_str).collect();
        for id in work.served_by.keys() {
            if self.catalogue.accelerator(id).is_err() {
                let place = ["workloads", name, "chip_hours", "served_by", id];
                super::throughput::unknown(at, &place, "accelerator", id, &known);
            }
        }
    }

    fn add_strategies(&mut self, at: &mut Checker) -> Vec<StrategyPlay> {
        let names = self.names_played();
        self.check_defaults(at);
        if names.is_empty() {
            at.push(
                "E0308",
                "the plan compares no strategies".to_owned(),
                "add a line such as compare = [\"api\", \"rent\", \"build\"]".to_owned(),
            );
        }
        for idle in self.plan.strategies.keys().filter(|s| !names.contains(s)) {
            let warning =
                format!("strategy `{idle}` is not in `compare` and was not played");
            self.warnings.push(warning);
        }
        let mut plays = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let own = self.plan.strategies.get(name).cloned();
            let place: Vec<String> = match &own {
                Some(_) => vec!["strategies".into(), name.clone()],
                None => vec!["compare".into(), i.to_string()],
            };
            let Some(strategy) = own.or_else(|| self.ready_made(name)) else {
                at.at("compare", |at| at.at(i, |at| self.unknown_strategy(name, at)));
                continue;
            };
            if names[..i].contains(name) {
                at.at("compare", |at| {
                    at.at(i, |at| {
                        let help = "take one of the two out".to_owned();
                        at.push("E0312", format!("`{name}` is there twice"), help);
                    });
                });
                continue;
            }
            if let Some(play) = self.strategy(name, &strategy, &place, at) {
                plays.push(play);
            }
        }
        plays
    }

    /// The accelerator and the facility of ready-made strategies, at their own keys.
    fn check_defaults(&self, at: &mut Checker) {
        let known = |ids: Vec<&str>, key: &str, id: &str, at: &mut Checker| {
            super::throughput::unknown(at, &[key], key, id, &ids);
        };
        if let Some(id) = &self.plan.accelerator
            && self.catalogue.accelerator(id).is_err()
        {
            let ids = self.catalogue.accelerators.keys().map(String::as_str).collect();
            known(ids, "accelerator", id, at);
        }
        if let Some(id) = &self.plan.facility
            && self.catalogue.facility(id).is_err()
        {
            let ids = self.catalogue.facilities.keys().map(String::as_str).collect();
            known(ids, "facility", id, at);
        }
    }

    /// Names of the strategies that are played.
    pub(super) fn names_played(&self) -> Vec<String> {
        if self.plan.compare.is_empty() {
            self.plan.strategies.keys().cloned().collect()
        } else {
            self.plan.compare.clone()
        }
    }

    pub(super) fn ready_made(&self, name: &str) -> Option<Strategy> {
        // A wrong id has been said at its own key: the default stands in, so that the
        // strategies do not all say it again.
        let chip = self.plan.accelerator.as_deref();
        let chip = chip.filter(|id| self.catalogue.accelerator(id).is_ok());
        let place = self.plan.facility.as_deref();
        let place = place.filter(|id| self.catalogue.facility(id).is_ok());
        preset::strategy(name, chip.unwrap_or(ACCELERATOR), place.unwrap_or(FACILITY))
    }

    fn unknown_strategy(&self, name: &str, at: &mut Checker) {
        let known = preset::NAMES
            .iter()
            .map(|(n, _)| *n)
            .chain(self.plan.strategies.keys().map(String::as_str));
        let all: Vec<&str> = known.clone().collect();
        let help = nearest(name, known).map_or_else(
            || format!("ready-made strategies: {}", all.join(", ")),
            |n| format!("write `{n}`"),
        );
        at.push("E0402", format!("no strategy is called `{name}`"), help);
    }

    /// Work nobody serves costs a multiple of the same work at the dearest list price
    /// among the flexible sources of the plan, or of the machines themselves.
    fn price_unserved(&mut self, strategies: &[StrategyPlay]) {
        let given = self.plan.money.unserved_cost_multiple.map(Uncertain::from);
        let multiple = self
            .assumptions
            .take("money.unserved_cost_multiple", given, &UNSERVED_MULTIPLE)
            .median();
        for w in 0..self.workloads.len() {
            let mut dearest: f64 = 0.0;
            for flexible in strategies.iter().flat_map(|s| &s.flexible) {
                let price = match &flexible.price {
                    FlexiblePrice::Chips { usd_per_chip_hour, .. } => {
                        flexible.conversion(w).map(|c| {
                            let hours = self.conversions[c].hours_per_unit;
                            self.world.value_of(*usd_per_chip_hour).median()
                                * self.world.value_of(hours).median()
                        })
                    }
                    FlexiblePrice::Tokens { per_workload, .. } => {
                        per_workload[w].as_ref().map(|terms| {
                            terms
                                .iter()
                                .map(|(mtok, id)| {
                                    mtok * self.world.value_of(*id).median()
                                })
                                .sum()
                        })
                    }
                    // What a seat costs says nothing of one more request.
                    FlexiblePrice::Seats { .. } => None,
                };
                dearest = dearest.max(price.unwrap_or(0.0));
            }
            if dearest <= 0.0 {
                dearest = self.reference_cost(w);
            }
            let name = self.workloads[w].name.clone();
            let price = multiple * dearest;
            self.workloads[w].unserved_usd_per_unit =
                self.world.number(format!("unserved.{name}"), price);
            self.assumptions.note(
                format!("workloads.{name}.unserved_usd_per_unit"),
                price.into(),
                &format!("USD per {}", self.workloads[w].unit.trim_end_matches('s')),
                "the multiple above × the dearest price of the same work in this plan",
                None,
                true,
            );
        }
    }

    /// Cost of a unit on rented chips of the kind that serves it, at catalogue prices.
    fn reference_cost(&self, w: usize) -> f64 {
        self.conversions
            .iter()
            .filter(|c| c.workload == w)
            .map(|c| {
                let hours = self.world.value_of(c.hours_per_unit).median();
                hours * self.list_price(&c.accelerator)
            })
            .fold(0.0, f64::max)
    }

    /// Everything uncertain, by name.
    fn drivers(&self) -> Vec<Driver> {
        let numbers = self.world.numbers().iter().enumerate();
        let numbers = numbers.filter(|(_, (_, value))| value.is_uncertain());
        let numbers = numbers.filter_map(|(i, (name, _))| {
            self.world.number_at(i).map(|id| Driver::Number(id, name.clone()))
        });
        let levels = self.world.quantities().iter().enumerate();
        let levels = levels.filter(|(_, q)| {
            let process = q.process.as_process();
            process.log_variance_at(1.0) != Some(0.0)
        });
        let levels = levels.filter_map(|(i, q)| {
            self.world.level_at(i).map(|id| Driver::Level(id, q.name.clone()))
        });
        numbers.chain(levels).collect()
    }

    /// Chips of a conversion that the median load of the first month needs.
    pub(super) fn median_chips(&self, conversion: usize) -> f64 {
        let c = &self.conversions[conversion];
        let play = &self.workloads[c.workload];
        let units = play
            .factors
            .iter()
            .fold(play.base_units_per_month, |u, f| u * self.world.value_of(*f).median());
        units * self.world.value_of(c.hours_per_unit).median() / HOURS_PER_MONTH
    }

    /// Median of a level after `months`, 1 where its process has no closed form.
    pub(super) fn median_level(&self, level: LevelId, months: u32) -> f64 {
        let quantity = &self.world.quantities()[level.index()];
        let lead_in = quantity.lead_in_months;
        let years = f64::from(months + lead_in) / 12.0;
        quantity.process.as_process().median_at(years).unwrap_or(1.0)
    }

    /// Log variance of a level after a year; a guess where there is no closed form.
    pub(super) fn yearly_variance(&self, level: LevelId) -> f64 {
        /// Spread of demand that nothing is said of, after a year (prior).
        const UNKNOWN: f64 = 0.3 * 0.3;
        let quantity = &self.world.quantities()[level.index()];
        quantity.process.as_process().log_variance_at(1.0).unwrap_or(UNKNOWN)
    }
}

/// Amounts beyond this are slips: a million times the tokens all the world is said to
/// generate in a month, and what is multiplied by them is not a finite cost any more.
const MOST: f64 = 1e24;

/// Refuses amounts of work that nothing can be said of (E0201).
fn check_size(
    name: &str,
    kind: &Kind,
    factors: &[(&'static str, Uncertain)],
    at: &mut Checker,
) {
    for (key, value) in factors {
        let place = ["workloads", name, kind.table()].map(str::to_owned);
        at.at_path(&place, |at| {
            at.ranged(key, *value, "at most 10^24", |x| x <= MOST);
        });
    }
}

/// People work in office hours; machines and batches do not care.
fn standard_shape(kind: &Kind) -> Shape {
    match kind {
        Kind::Inference(i) if !i.deferrable => {
            Shape::OfficeHours(crate::workload::shape::Bursts::default())
        }
        _ => Shape::Flat {},
    }
}
