//! Resolves the sources of a stack: profiles found, prices dated, defaults noted.

use crate::input::{Checker, Uncertain, When};
use crate::profile::accelerator::{Basis, Quote};
use crate::profile::offer::{ChipPrice, Segment, TokenPrice};
use crate::profile::{Accelerator, Offer};
use crate::strategy::{Belief, DemandQuantile, ReserveQuantile, Sizing};
use crate::supply::{
    ApiSpec, OnDemandSpec, PriceSeries, ReserveSpec, ReserveTerms, SpotSpec,
};
use crate::trajectory::NumberId;
use crate::workload::{Kind, LoadCurve};

use super::default::{SERVER_OVERHEAD, SPOT_AVAILABILITY, SPOT_LOST_WORK, Standard};
use super::plan::{Entry, Strategy};
use super::play::{
    Committed, CommittedKind, Flexible, FlexiblePrice, Shown, ShownUnit, StrategyPlay,
    TokenTerms,
};
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
        let before = at.len();
        if strategy.stack.len() > STACK_LIMIT {
            let n = strategy.stack.len();
            descend(at, place, &mut |at| {
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
            self.entry(name, entry, &mut play, &mut problems);
            for problem in problems.into_problems() {
                // A ready-made stack has no keys of its own: its problems are the name's.
                let inner = if is_own { problem.key_path } else { Vec::new() };
                let full: Vec<String> =
                    entry_place.iter().cloned().chain(inner).collect();
                descend(at, &full, &mut |at| {
                    at.push(problem.code, problem.message.clone(), problem.help.clone());
                });
            }
        }
        if at.len() > before {
            return None;
        }
        for w in 0..self.workloads.len() {
            let committed = play.committed.iter().any(|c| c.conversions[w].is_some());
            if committed || play.flexible.iter().any(|f| f.serves(w)) {
                continue;
            }
            let message = format!(
                "strategy `{name}` has no way to serve workload `{}`",
                self.workloads[w].name
            );
            let help = self.why_not(w, &strategy.stack);
            descend(at, place, &mut |at| at.push("E0403", message.clone(), help.clone()));
        }
        (at.len() == before).then_some(play)
    }

    /// Why no source of a stack serves a workload.
    fn why_not(&self, w: usize, stack: &[Entry]) -> String {
        let mut reasons: Vec<String> = Vec::new();
        for entry in stack {
            let chip = entry
                .own
                .as_ref()
                .map(|x| &x.accelerator)
                .or_else(|| entry.reserve.as_ref().map(|x| &x.accelerator))
                .or_else(|| entry.on_demand.as_ref().map(|x| &x.accelerator))
                .or_else(|| entry.spot.as_ref().map(|x| &x.accelerator));
            let reason = match chip {
                Some(chip) => self
                    .refusals
                    .get(&(w, chip.clone()))
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
        format!(
            "{}; add a source that can, such as on_demand with an accelerator that fits",
            reasons.join("; ")
        )
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
        let belief = self.belief(&conversions);
        Committed { kind, sizing, conversions, belief }
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
        Some(ReserveTerms {
            usd_per_chip_hour,
            rent: self.standard_level("rent", as_of.as_ref()),
            own_rent: self.own_rent_level(&spec.accelerator, as_of.as_ref()),
            term_months: spec.term_years * 12,
            lead_months: spec.lead_time_months.unwrap_or(0),
            lump_chips: f64::from(chip.node.chips_per_node),
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
        let price = FlexiblePrice::Chips {
            usd_per_chip_hour,
            rent: self.standard_level("rent", as_of.as_ref()),
            own_rent: self.own_rent_level(&spec.accelerator, as_of.as_ref()),
            quota_chips: spec.quota_chips.unwrap_or(crate::supply::dispatch::NO_LIMIT),
            availability: None,
            lost_work: None,
        };
        self.show_rent(&spec.accelerator, "on demand", usd_per_chip_hour, as_of.as_ref());
        Some(self.flexible("on demand", &spec.accelerator, price))
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
        let price = FlexiblePrice::Chips {
            usd_per_chip_hour,
            rent: self.standard_level("rent", as_of.as_ref()),
            own_rent: self.own_rent_level(&spec.accelerator, as_of.as_ref()),
            quota_chips: spec.quota_chips,
            availability: Some(availability),
            lost_work: Some(lost_work),
        };
        Some(self.flexible("spot", &spec.accelerator, price))
    }

    fn flexible(
        &mut self,
        how: &str,
        accelerator: &str,
        price: FlexiblePrice,
    ) -> Flexible {
        let conversions =
            (0..self.workloads.len()).map(|w| self.conversion(w, accelerator)).collect();
        Flexible { label: format!("{accelerator} {how}"), price, conversions }
    }

    fn api(&mut self, spec: &ApiSpec, at: &mut Checker) -> Option<Flexible> {
        let series = spec.series.unwrap_or_default();
        let mut per_workload = vec![None; self.workloads.len()];
        let mut newest: Option<When> = None;
        for w in 0..self.workloads.len() {
            let Kind::Inference(work) = self.kinds[w].clone() else { continue };
            let wanted = spec.model.clone().unwrap_or_else(|| work.model.clone());
            let Some((card, offer)) = self.token_price(spec, &wanted, at) else {
                continue;
            };
            let as_of = card.as_ref().map(|c| c.as_of.clone());
            let terms = self.token_terms(spec, &work, &wanted, card.as_ref(), &offer, w);
            newest = newest.max(as_of);
            per_workload[w] = terms;
        }
        if !at.is_empty() {
            return None;
        }
        let level = self.standard_level(series.quantity(), newest.as_ref());
        self.show_tokens(&per_workload, level, series);
        let conversions = vec![None; self.workloads.len()];
        Some(Flexible {
            label: format!(
                "API, {}",
                series.quantity().trim_start_matches("api_").replace('_', " ")
            ),
            price: FlexiblePrice::Tokens { per_workload, series: level },
            conversions,
        })
    }

    /// The price card for a model: of the offer the plan names, or the cheapest.
    ///
    /// `Some((None, _))` where the plan gives both prices itself.
    fn token_price(
        &mut self,
        spec: &ApiSpec,
        model: &str,
        at: &mut Checker,
    ) -> Option<(Option<TokenPrice>, String)> {
        if let Some(id) = &spec.offer {
            let Ok(offer) = self.catalogue.offer(id) else {
                unknown(at, &["offer"], "offer", id, &self.offer_ids());
                return None;
            };
            let card = offer.api.iter().find(|t| self.same_model(&t.model, model));
            let Some(card) = card.cloned() else {
                let sold: Vec<&str> =
                    offer.api.iter().map(|t| t.model.as_str()).collect();
                let help = format!("it sells {}", sold.join(", "));
                at.at("offer", |at| {
                    at.push(
                        "E0404",
                        format!("offer `{id}` does not sell `{model}`"),
                        help,
                    );
                });
                return None;
            };
            let name = offer.name.clone();
            let id = offer.id.clone();
            self.note_profile("offers", &id);
            return Some((Some(card), name));
        }
        if spec.input_usd_per_mtok.is_some() && spec.output_usd_per_mtok.is_some() {
            return Some((None, "the plan".to_owned()));
        }
        let cost = |t: &TokenPrice| {
            t.input_usd_per_mtok.median() * 3.0 + t.output_usd_per_mtok.median()
        };
        let cards = self
            .catalogue
            .offers
            .values()
            .flat_map(|o| o.api.iter().map(move |t| (o, t)));
        let (offer, card) = cards
            .filter(|(_, t)| self.same_model(&t.model, model))
            .min_by(|(_, a), (_, b)| cost(a).total_cmp(&cost(b)))?;
        let (id, name, card) = (offer.id.clone(), offer.name.clone(), card.clone());
        self.note_profile("offers", &id);
        Some((Some(card), name))
    }

    fn token_terms(
        &mut self,
        spec: &ApiSpec,
        work: &crate::workload::Inference,
        model: &str,
        card: Option<&TokenPrice>,
        offer: &str,
        w: usize,
    ) -> Option<TokenTerms> {
        let mut price =
            |key: &str, given: Option<Uncertain>, listed: Option<Uncertain>| {
                let value = given.or(listed)?;
                let (source, as_of) = match (given, card) {
                    (None, Some(card)) => (offer, Some(card.as_of.as_str().to_owned())),
                    _ => ("the plan", None),
                };
                let name = format!("api.{model}.{key}");
                self.assumptions.note(
                    format!("{name}.{offer}"),
                    value,
                    "USD per Mtok",
                    source,
                    as_of.as_deref(),
                    given.is_none() && spec.offer.is_none(),
                );
                Some(self.world.number(name, value))
            };
        let input =
            price("input", spec.input_usd_per_mtok, card.map(|c| c.input_usd_per_mtok))?;
        let output = price(
            "output",
            spec.output_usd_per_mtok,
            card.map(|c| c.output_usd_per_mtok),
        )?;
        let listed = card.and_then(|c| c.cached_input_usd_per_mtok);
        let cached = price("cached_input", spec.cached_input_usd_per_mtok, listed)
            .unwrap_or(input);
        debug_assert!(w < self.workloads.len());
        let (fresh, again) = (1.0 - work.cached_input_share, work.cached_input_share);
        Some(vec![
            (work.input_tokens * fresh / 1e6, input),
            (work.input_tokens * again / 1e6, cached),
            (work.output_tokens / 1e6, output),
        ])
    }

    /// A price by the hour: the plan's, the named offer's, or the cheapest neocloud's.
    fn hourly(
        &mut self,
        accelerator: &str,
        offer: Option<&str>,
        given: Option<Uncertain>,
        instrument: &str,
        get: fn(&ChipPrice) -> Option<Uncertain>,
        at: &mut Checker,
    ) -> Option<(NumberId, Option<When>)> {
        let name = format!("rent.{accelerator}.{instrument}");
        let unit = "USD per chip-hour";
        if let Some(value) = given {
            self.assumptions.note(&name, value, unit, "the plan", None, false);
            return Some((self.world.number(name, value), None));
        }
        // An offer has rows of several dates: the newest with the instrument holds.
        let sells = |o: &&Offer| {
            o.chips
                .iter()
                .filter(|c| self.same_chip(&c.accelerator, accelerator))
                .filter_map(|c| get(c).map(|p| (c.clone(), p)))
                .max_by(|(a, p), (b, q)| {
                    let newer = a.as_of.months().cmp(&b.as_of.months());
                    newer.then(q.median().total_cmp(&p.median()))
                })
        };
        let found = if let Some(id) = offer {
            let Ok(offer) = self.catalogue.offer(id) else {
                unknown(at, &["offer"], "offer", id, &self.offer_ids());
                return None;
            };
            let found = sells(&offer);
            if found.is_none() {
                let who: Vec<String> = self
                    .catalogue
                    .offers
                    .values()
                    .filter(|o| sells(o).is_some())
                    .map(|o| format!("`{}`", o.id))
                    .collect();
                let help = if who.is_empty() {
                    "give a price in `usd_per_chip_hour`".to_owned()
                } else {
                    format!(
                        "use {}, or give a price in `usd_per_chip_hour`",
                        who.join(", ")
                    )
                };
                at.at("offer", |at| {
                    at.push(
                        "E0404",
                        format!(
                            "offer `{id}` has no {} price for `{accelerator}`",
                            words(instrument)
                        ),
                        help,
                    );
                });
            }
            found.map(|(c, p)| (offer.id.clone(), offer.name.clone(), c, p))
        } else {
            let rank = |o: &Offer| match o.segment {
                Segment::Neocloud => 0,
                Segment::Hyperscaler => 1,
                Segment::Marketplace | Segment::Api => 2,
            };
            let best = self
                .catalogue
                .offers
                .values()
                .filter_map(|o| sells(&o).map(|(c, p)| (o, c, p)))
                .min_by(|a, b| {
                    rank(a.0).cmp(&rank(b.0)).then(a.2.median().total_cmp(&b.2.median()))
                });
            if best.is_none() {
                at.push(
                    "E0405",
                    format!(
                        "no offer of the catalogue has a {} price for `{accelerator}`",
                        words(instrument)
                    ),
                    "give a price in `usd_per_chip_hour`".to_owned(),
                );
            }
            best.map(|(o, c, p)| (o.id.clone(), o.name.clone(), c, p))
        };
        let (id, provider, card, value) = found?;
        self.note_profile("offers", &id);
        self.note_spread(accelerator, instrument, get);
        self.assumptions.note(
            format!("{name}.{id}"),
            value,
            unit,
            &provider,
            Some(card.as_of.as_str()),
            offer.is_none(),
        );
        Some((self.world.number(name, value), Some(card.as_of)))
    }

    /// The rate chosen moves the answer more than years of price change: say so.
    fn note_spread(
        &mut self,
        accelerator: &str,
        instrument: &str,
        get: fn(&ChipPrice) -> Option<Uncertain>,
    ) {
        let prices: Vec<f64> = self
            .catalogue
            .offers
            .values()
            .flat_map(|o| &o.chips)
            .filter(|c| self.same_chip(&c.accelerator, accelerator))
            .filter_map(|c| get(c).map(Uncertain::median))
            .collect();
        let low = prices.iter().copied().fold(f64::INFINITY, f64::min);
        let high = prices.iter().copied().fold(0.0, f64::max);
        if high > 1.5 * low {
            let warning = format!(
                "{} prices of {accelerator} in the catalogue run from {low:.2} to {high:.2} USD \
                 per chip-hour: the offer chosen moves the answer",
                words(instrument)
            );
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    /// Catalogue price of a chip-hour, for penalties; 0 where there is none.
    pub(super) fn list_price(&self, accelerator: &str) -> f64 {
        self.catalogue
            .offers
            .values()
            .flat_map(|o| &o.chips)
            .filter(|c| self.same_chip(&c.accelerator, accelerator))
            .filter_map(|c| c.on_demand_usd_per_chip_hour.map(Uncertain::median))
            .fold(f64::INFINITY, f64::min)
            .clamp(0.0, 1e3)
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

    /// Price of a chip's share of a server today, and the date of the quote.
    pub(super) fn server_price(
        &mut self,
        chip: &Accelerator,
        given: Option<Uncertain>,
        at: &mut Checker,
    ) -> Option<(NumberId, Uncertain, Option<When>)> {
        let name = format!("price.{}", chip.id);
        let unit = "USD per chip, server included";
        if let Some(value) = given {
            self.assumptions.note(&name, value, unit, "the plan", None, false);
            return Some((self.world.number(name, value), value, None));
        }
        let Some(quote) = chip.quote_at(&self.plan.time.start).cloned() else {
            at.push(
                "E0406",
                format!("no purchase price of `{}` is known", chip.id),
                "give one in `usd_per_chip`".to_owned(),
            );
            return None;
        };
        let value = server_share(&quote);
        let source = chip.sources.get(&quote.source).map_or("", |s| s.title.as_str());
        let as_of = Some(quote.as_of.as_str());
        self.assumptions.note(&name, value, unit, source, as_of, true);
        if quote.basis == Basis::Chip {
            let source = SERVER_OVERHEAD.source;
            self.assumptions.note(
                format!("{name}.server_overhead"),
                SERVER_OVERHEAD.value,
                SERVER_OVERHEAD.unit,
                source,
                None,
                true,
            );
        }
        Some((self.world.number(name, value), value, Some(quote.as_of)))
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

    /// True when two names mean the same model; closed models go by their own name.
    fn same_model(&self, a: &str, b: &str) -> bool {
        match (self.catalogue.model(a), self.catalogue.model(b)) {
            (Ok(a), Ok(b)) => a.id == b.id,
            _ => a == b,
        }
    }

    fn offer_ids(&self) -> Vec<&str> {
        self.catalogue.offers.keys().map(String::as_str).collect()
    }

    fn show_rent(
        &mut self,
        accelerator: &str,
        how: &str,
        price: NumberId,
        as_of: Option<&When>,
    ) {
        let times = vec![
            self.standard_level("rent", as_of),
            self.own_rent_level(accelerator, as_of),
        ];
        self.show(Shown {
            key: format!("rent.{accelerator}"),
            title: format!("Rent of {accelerator}, {how}"),
            unit: ShownUnit::UsdPer("chip-hour".to_owned()),
            source: "market factor and the chip's own, no drift by default".to_owned(),
            workload: None,
            base: 1.0,
            numbers: vec![price],
            times,
            over_numbers: Vec::new(),
            over: Vec::new(),
        });
    }

    fn show_tokens(
        &mut self,
        per_workload: &[Option<TokenTerms>],
        level: crate::trajectory::LevelId,
        series: PriceSeries,
    ) {
        let Some((w, terms)) =
            per_workload.iter().enumerate().find_map(|(w, t)| t.as_ref().map(|t| (w, t)))
        else {
            return;
        };
        let Some(mtok) = self.workloads[w].mtok_per_unit else { return };
        let blended: f64 = terms
            .iter()
            .map(|(m, id)| m * self.world.value_of(*id).median())
            .sum::<f64>()
            / mtok;
        self.show(Shown {
            key: series.quantity().to_owned(),
            title: format!(
                "API price, {}, input and output of `{}` together",
                series.quantity().trim_start_matches("api_").replace('_', " "),
                self.workloads[w].name
            ),
            unit: ShownUnit::UsdPer("Mtok".to_owned()),
            source: "price card and its series".to_owned(),
            workload: None,
            base: blended,
            numbers: Vec::new(),
            times: vec![level],
            over_numbers: Vec::new(),
            over: Vec::new(),
        });
    }

    /// Adds a chart, once.
    pub(super) fn show(&mut self, shown: Shown) {
        if !self.shown.iter().any(|s| s.key == shown.key) {
            self.shown.push(shown);
        }
    }
}

/// A quote as the share of a server: a bare chip gets the server around it.
fn server_share(quote: &Quote) -> Uncertain {
    match quote.basis {
        Basis::Server | Basis::Rack => quote.usd_per_chip,
        Basis::Chip => {
            let [o10, o50, o90] = SERVER_OVERHEAD.value.quantiles();
            let [p10, p50, p90] = quote.usd_per_chip.quantiles();
            Uncertain::Between { p10: p10 * o10, p50: p50 * o50, p90: p90 * o90 }
        }
    }
}

fn words(instrument: &str) -> String {
    instrument
        .replace("_1y", " 1-year")
        .replace("_3y", " 3-year")
        .replace("_5y", " 5-year")
        .replace('_', " ")
}

fn descend(at: &mut Checker, place: &[String], body: &mut dyn FnMut(&mut Checker)) {
    match place.split_first() {
        None => body(at),
        Some((first, rest)) => at.at(first, |at| descend(at, rest, body)),
    }
}
