//! Resolves the sources of a stack: profiles found, prices dated, defaults noted.

use crate::input::{Checker, Uncertain};
use crate::profile::Accelerator;
use crate::profile::offer::ChipPrice;
use crate::strategy::{Belief, DemandQuantile, Progress, ReserveQuantile, Sizing};
use crate::supply::{FeesSpec, OnDemandSpec, ReserveSpec, ReserveTerms, SpotSpec};
use crate::workload::{Kind, LoadCurve};

use super::default::{SPOT_AVAILABILITY, SPOT_LOST_WORK, Standard};
use super::plan::{Entry, Strategy};
use super::play::{Committed, CommittedKind, Flexible, FlexiblePrice, StrategyPlay};
use super::resolve::Builder;
use super::throughput::unknown;

/// Most sources a stack may have.
const STACK_LIMIT: usize = 8;

impl Builder<'_> {
    /// Resolves a strategy; problems go to `place`.
    pub(super) fn strategy(
        &mut self,
        name: &str,
        strategy: &Strategy,
        place: &[String],
        at: &mut Checker,
    ) -> Option<StrategyPlay> {
        let before = at.errors();
        if strategy.stack.len() > STACK_LIMIT {
            let n = strategy.stack.len();
            at.at_path(place, |at| {
                at.push(
                    "E0313",
                    format!("a stack holds at most {STACK_LIMIT} sources, found {n}"),
                    None,
                );
            });
            return None;
        }
        let mut play = StrategyPlay {
            name: name.to_owned(),
            label: strategy.label.clone().unwrap_or_else(|| name.to_owned()),
            committed: Vec::new(),
            flexible: Vec::new(),
        };
        let is_own = self.plan.strategies.contains_key(name);
        for (i, entry) in strategy.stack.iter().enumerate() {
            let mut entry_place = place.to_vec();
            if is_own {
                entry_place.extend(["stack".to_owned(), i.to_string()]);
            }
            let mut problems = Checker::new();
            self.entry(name, &self.canonical(entry), &mut play, &mut problems);
            for problem in problems.into_problems() {
                // A ready-made stack has no keys of its own: its problems are the name's.
                let inner = if is_own { problem.key_path } else { Vec::new() };
                let full: Vec<String> =
                    entry_place.iter().cloned().chain(inner).collect();
                at.at_path(&full, |at| {
                    at.push(problem.code, problem.message.clone(), problem.help.clone());
                });
            }
        }
        if at.errors() > before {
            return None;
        }
        for w in 0..self.workloads.len() {
            let committed = play.committed.iter().any(|c| c.conversions[w].is_some());
            if committed || play.flexible.iter().any(|f| f.serves(w)) {
                continue;
            }
            let model = self.kinds[w].model();
            if model.is_some_and(|id| self.catalogue.model(id).is_err()) {
                // That the model is unknown has been said (E0401).
                continue;
            }
            let message = format!(
                "strategy `{name}` has no way to serve workload `{}`",
                self.workloads[w].name
            );
            let has_chips =
                strategy.stack.iter().any(|entry| entry.accelerator().is_some());
            let next = if is_own {
                "add a source that can, such as on_demand with an accelerator that fits"
            } else if has_chips {
                "name an accelerator that can in `accelerator`, or write your own strategy \
                 below [strategies]"
            } else {
                "name a ready-made one that can, such as `rent` or `build`, or write your \
                 own below [strategies]"
            };
            let help = format!("{}; {next}", self.why_not(w, &strategy.stack));
            at.at_path(place, |at| at.push("E0403", message.clone(), help.clone()));
        }
        if play.is_yardstick() {
            play.label = format!("{} (yardstick: knows the future)", play.label);
            self.warnings.push(format!(
                "`{name}` knows every path's future: a yardstick, no strategy; it is not ranked"
            ));
        }
        (at.errors() == before).then_some(play)
    }

    /// Why no source of a stack serves a workload.
    fn why_not(&self, w: usize, stack: &[Entry]) -> String {
        let mut reasons: Vec<String> = Vec::new();
        for entry in stack.iter().map(|entry| self.canonical(entry)) {
            let reason = match entry.accelerator() {
                Some(chip) => self
                    .refusals
                    .get(&(w, chip.to_owned()))
                    .map(|why| format!("`{chip}`: {why}")),
                None => Some(match self.kinds[w] {
                    Kind::Inference(_) => {
                        "no offer of the catalogue sells tokens of its model".to_owned()
                    }
                    _ => format!("an API sells tokens, not {}", self.workloads[w].unit),
                }),
            };
            if let Some(reason) = reason
                && !reasons.contains(&reason)
            {
                reasons.push(reason);
            }
        }
        reasons.join("; ")
    }

    fn entry(
        &mut self,
        name: &str,
        entry: &Entry,
        play: &mut StrategyPlay,
        at: &mut Checker,
    ) {
        if let Some(spec) = &entry.own {
            let sizing = entry.sizing.clone();
            let sizing =
                sizing.unwrap_or(Sizing::DemandQuantile(DemandQuantile::default()));
            at.at("own", |at| {
                if let Some(terms) = self.own(name, spec, at) {
                    let kind = CommittedKind::Own(Box::new(terms));
                    play.committed.push(self.committed(kind, sizing, &spec.accelerator));
                }
            });
        }
        if let Some(spec) = &entry.lease {
            let sizing = entry.sizing.clone();
            let sizing =
                sizing.unwrap_or(Sizing::DemandQuantile(DemandQuantile::default()));
            at.at("lease", |at| {
                if let Some(terms) = self.lease(name, spec, at) {
                    let kind = CommittedKind::Own(Box::new(terms));
                    let chip = &spec.machines.accelerator;
                    play.committed.push(self.committed(kind, sizing, chip));
                }
            });
        }
        if let Some(spec) = &entry.reserve {
            let sizing = entry.sizing.clone();
            let sizing =
                sizing.unwrap_or(Sizing::ReserveQuantile(ReserveQuantile::default()));
            at.at("reserve", |at| {
                if let Some(terms) = self.reserve(spec, at) {
                    let kind = CommittedKind::Reserve(terms);
                    play.committed.push(self.committed(kind, sizing, &spec.accelerator));
                }
            });
        }
        if let Some(spec) = &entry.on_demand {
            at.at("on_demand", |at| play.flexible.extend(self.on_demand(spec, at)));
        }
        if let Some(spec) = &entry.spot {
            at.at("spot", |at| play.flexible.extend(self.spot(spec, at)));
        }
        if let Some(spec) = &entry.api {
            at.at("api", |at| play.flexible.extend(self.api(spec, at)));
        }
        if let Some(spec) = &entry.seats {
            at.at("seats", |at| play.flexible.extend(self.seats(spec, at)));
        }
    }

    /// The entry with accelerators by their ids, where the plan names them otherwise.
    fn canonical(&self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        let names = [
            entry.own.as_mut().map(|x| &mut x.accelerator),
            entry.lease.as_mut().map(|x| &mut x.machines.accelerator),
            entry.reserve.as_mut().map(|x| &mut x.accelerator),
            entry.on_demand.as_mut().map(|x| &mut x.accelerator),
            entry.spot.as_mut().map(|x| &mut x.accelerator),
        ];
        for name in names.into_iter().flatten() {
            if let Ok(chip) = self.catalogue.accelerator(name) {
                name.clone_from(&chip.id);
            }
        }
        entry
    }

    /// A committed source with what the plan expects of the work it serves.
    fn committed(
        &mut self,
        kind: CommittedKind,
        sizing: Sizing,
        accelerator: &str,
    ) -> Committed {
        let conversions: Vec<Option<usize>> =
            (0..self.workloads.len()).map(|w| self.conversion(w, accelerator)).collect();
        let mut belief = self.belief(&conversions);
        if let CommittedKind::Own(terms) = &kind {
            belief.progress = self.progress(terms);
        }
        Committed { kind, sizing, conversions, belief, size_factor: 1.0 }
    }

    /// Mixes the workloads a source serves by the chips each needs today.
    fn belief(&self, conversions: &[Option<usize>]) -> Belief {
        let served: Vec<(usize, f64)> = conversions
            .iter()
            .enumerate()
            .filter_map(|(w, c)| c.map(|c| (w, self.median_chips(c))))
            .collect();
        let total: f64 = served.iter().map(|(_, chips)| chips).sum();
        let share = |chips: f64| if total > 0.0 { chips / total } else { 0.0 };
        let months = self.plan.time.months;
        let index = |w: usize, month: u32| {
            let play = &self.workloads[w];
            let conversion = conversions[w].map(|c| &self.conversions[c]);
            let software =
                conversion.map_or(1.0, |c| self.median_level(c.software, month));
            self.median_level(play.growth, month)
                * self.median_level(play.intensity, month)
                / software
        };
        let median_index = (0..=months)
            .map(|t| {
                served.iter().map(|(w, chips)| share(*chips) * index(*w, t)).sum::<f64>()
            })
            .map(|x| if x > 0.0 { x } else { 1.0 })
            .collect();
        let variance: f64 = served
            .iter()
            .map(|(w, chips)| {
                let play = &self.workloads[*w];
                let sum = self.yearly_variance(play.growth)
                    + self.yearly_variance(play.intensity);
                share(*chips) * sum
            })
            .sum();
        let mut multipliers = [0.0; crate::workload::shape::BLOCKS];
        for (w, chips) in &served {
            let play = &self.workloads[*w];
            let curve = if play.deferrable { &LoadCurve::FLAT } else { &play.curve };
            for (sum, m) in multipliers.iter_mut().zip(curve.multipliers) {
                *sum += share(*chips) * m;
            }
        }
        Belief {
            median_index,
            spread_per_sqrt_year: variance.sqrt(),
            curve: if total > 0.0 { LoadCurve { multipliers } } else { LoadCurve::FLAT },
            progress: Progress::default(),
        }
    }

    fn reserve(&mut self, spec: &ReserveSpec, at: &mut Checker) -> Option<ReserveTerms> {
        let chip = self.chip(&spec.accelerator, at)?;
        let (instrument, get): (&str, fn(&ChipPrice) -> Option<Uncertain>) =
            match spec.term_years {
                1 => ("reserved_1y", |c| c.reserved_1y_usd_per_chip_hour),
                3 => ("reserved_3y", |c| c.reserved_3y_usd_per_chip_hour),
                _ => ("reserved_5y", |c| c.reserved_5y_usd_per_chip_hour),
            };
        let (usd_per_chip_hour, as_of) = self.hourly(
            &spec.accelerator,
            spec.offer.as_deref(),
            spec.usd_per_chip_hour,
            instrument,
            get,
            at,
        )?;
        let (rent, own_rent) = self.rents(
            &spec.accelerator,
            spec.trajectory.as_deref(),
            as_of.as_ref(),
            at,
        )?;
        Some(ReserveTerms {
            usd_per_chip_hour,
            rent,
            own_rent,
            term_months: spec.term_years * 12,
            upfront_share: spec.upfront_share.unwrap_or(0.0),
            lead_months: spec.lead_time_months.unwrap_or(0),
            lump_chips: f64::from(chip.node.chips_per_node),
            fees: spec.fees.clone(),
        })
    }

    fn on_demand(&mut self, spec: &OnDemandSpec, at: &mut Checker) -> Option<Flexible> {
        self.chip(&spec.accelerator, at)?;
        let (usd_per_chip_hour, as_of) = self.hourly(
            &spec.accelerator,
            spec.offer.as_deref(),
            spec.usd_per_chip_hour,
            "on_demand",
            |c| c.on_demand_usd_per_chip_hour,
            at,
        )?;
        let (rent, own_rent) = self.rents(
            &spec.accelerator,
            spec.trajectory.as_deref(),
            as_of.as_ref(),
            at,
        )?;
        let price = FlexiblePrice::Chips {
            usd_per_chip_hour,
            rent,
            own_rent,
            quota_chips: spec.quota_chips.unwrap_or(crate::supply::dispatch::NO_LIMIT),
            availability: None,
            lost_work: None,
        };
        self.show_rent(
            &spec.accelerator,
            spec.trajectory.as_deref(),
            usd_per_chip_hour,
            rent,
            own_rent,
        );
        let fees = spec.fees.clone();
        Some(self.flexible("on demand", &spec.accelerator, price, fees))
    }

    fn spot(&mut self, spec: &SpotSpec, at: &mut Checker) -> Option<Flexible> {
        self.chip(&spec.accelerator, at)?;
        let (usd_per_chip_hour, as_of) = self.hourly(
            &spec.accelerator,
            spec.offer.as_deref(),
            spec.usd_per_chip_hour,
            "spot",
            |c| c.spot_usd_per_chip_hour,
            at,
        )?;
        let take = |b: &mut Self, key: &str, given, standard: &Standard| {
            let name = format!("spot.{}.{key}", spec.accelerator);
            b.number_or(&name, &name, given, standard)
        };
        let availability =
            take(self, "availability", spec.availability, &SPOT_AVAILABILITY);
        let lost_work =
            take(self, "lost_work_share", spec.lost_work_share, &SPOT_LOST_WORK);
        self.world.keep_within(availability, 0.0, 1.0);
        self.world.keep_within(lost_work, 0.0, 0.95);
        let (rent, own_rent) = self.rents(
            &spec.accelerator,
            spec.trajectory.as_deref(),
            as_of.as_ref(),
            at,
        )?;
        let price = FlexiblePrice::Chips {
            usd_per_chip_hour,
            rent,
            own_rent,
            quota_chips: spec.quota_chips,
            availability: Some(availability),
            lost_work: Some(lost_work),
        };
        let fees = spec.fees.clone();
        Some(self.flexible("spot", &spec.accelerator, price, fees))
    }

    fn flexible(
        &mut self,
        how: &str,
        accelerator: &str,
        price: FlexiblePrice,
        fees: Option<FeesSpec>,
    ) -> Flexible {
        let conversions =
            (0..self.workloads.len()).map(|w| self.conversion(w, accelerator)).collect();
        let label = format!("{accelerator} {how}");
        Flexible { label, price, conversions, from_month: 0, fees }
    }

    /// An accelerator by id (E0401).
    pub(super) fn chip(&mut self, id: &str, at: &mut Checker) -> Option<Accelerator> {
        let Ok(chip) = self.catalogue.accelerator(id).cloned() else {
            let known: Vec<&str> =
                self.catalogue.accelerators.keys().map(String::as_str).collect();
            unknown(at, &["accelerator"], "accelerator", id, &known);
            return None;
        };
        self.note_profile("accelerators", &chip.id);
        Some(chip)
    }

    /// Notes that a profile is used, with the hash of its text.
    pub(super) fn note_profile(&mut self, folder: &str, id: &str) {
        if let Some(origin) = self.catalogue.origin(folder, id) {
            self.profiles.insert(format!("{folder}/{id}"), origin.blake3.clone());
        }
    }

    /// True when two names mean the same accelerator.
    pub(super) fn same_chip(&self, a: &str, b: &str) -> bool {
        match (self.catalogue.accelerator(a), self.catalogue.accelerator(b)) {
            (Ok(a), Ok(b)) => a.id == b.id,
            _ => a == b,
        }
    }

    pub(super) fn offer_ids(&self) -> Vec<&str> {
        self.catalogue.offers.keys().map(String::as_str).collect()
    }
}
