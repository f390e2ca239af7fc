//! Finds prices: what the plan gives, what an offer lists, what the catalogue has.
//!
//! Every price is noted with its provider and date, and where the catalogue's prices lie
//! far apart the reader is told: the offer chosen moves the answer more than years do.

use crate::input::{Checker, Uncertain, When};
use crate::profile::accelerator::{Basis, Quote};
use crate::profile::offer::{ChipPrice, Segment, TokenPrice};
use crate::profile::{Accelerator, Offer};
use crate::supply::ApiSpec;
use crate::trajectory::NumberId;

use super::default::SERVER_OVERHEAD;
use super::play::TokenTerms;
use super::resolve::Builder;
use super::throughput::unknown;

impl Builder<'_> {
    /// The price card for a model: of the offer the plan names, or the cheapest.
    ///
    /// `Some((None, _))` where the plan gives both prices itself.
    pub(super) fn token_price(
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
            let card = self.newest_card(offer, model);
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
            let (id, name) = (offer.id.clone(), offer.name.clone());
            self.note_profile("offers", &id);
            self.note_token_spread(model);
            return Some((Some(card), name));
        }
        if spec.input_usd_per_mtok.is_none() || spec.output_usd_per_mtok.is_none() {
            self.note_token_spread(model);
        }
        if spec.input_usd_per_mtok.is_some() && spec.output_usd_per_mtok.is_some() {
            return Some((None, "the plan".to_owned()));
        }
        let cards = self.catalogue.offers.values();
        let cards =
            cards.filter_map(|o| self.newest_card(o, model).map(|card| (o, card)));
        let (offer, card) =
            cards.min_by(|(_, a), (_, b)| blended(a).total_cmp(&blended(b)))?;
        let (id, name, card) = (offer.id.clone(), offer.name.clone(), card.clone());
        self.note_profile("offers", &id);
        Some((Some(card), name))
    }

    /// The newest price of a model in an offer.
    fn newest_card<'o>(&self, offer: &'o Offer, model: &str) -> Option<&'o TokenPrice> {
        let wanted = self.catalogue.known_model(model);
        let is_it = |name: &str| match wanted {
            Some(wanted) => self.catalogue.is_named(name, wanted),
            // Closed models go by their own name.
            None => name == model,
        };
        let cards = offer.api.iter().filter(|t| is_it(&t.model));
        cards.max_by_key(|t| t.as_of.months())
    }

    /// Prices of one model differ by vendor, too.
    fn note_token_spread(&mut self, model: &str) {
        let prices: Vec<f64> = self
            .catalogue
            .offers
            .values()
            .filter_map(|o| self.newest_card(o, model))
            .map(blended)
            .collect();
        let low = prices.iter().copied().fold(f64::INFINITY, f64::min);
        let high = prices.iter().copied().fold(0.0, f64::max);
        if high > 1.5 * low {
            self.warn(format!(
                "API prices of {model} in the catalogue run from {low:.2} to {high:.2} USD per \
                 Mtok (3 of input to 1 of output): the offer chosen moves the answer"
            ));
        }
    }

    /// Tells the reader, once.
    fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn token_terms(
        &mut self,
        spec: &ApiSpec,
        work: &crate::workload::Inference,
        model: &str,
        card: Option<&TokenPrice>,
        offer: &str,
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
        let batch = |standard: fn(&TokenPrice) -> Uncertain,
                     batch: fn(&TokenPrice) -> Option<Uncertain>| {
            let listed = if work.deferrable { card.and_then(batch) } else { None };
            listed.or(card.map(standard))
        };
        let listed = batch(|c| c.input_usd_per_mtok, |c| c.batch_input_usd_per_mtok);
        let input = price("input", spec.input_usd_per_mtok, listed)?;
        let listed = batch(|c| c.output_usd_per_mtok, |c| c.batch_output_usd_per_mtok);
        let output = price("output", spec.output_usd_per_mtok, listed)?;
        let listed = card.and_then(|c| c.cached_input_usd_per_mtok);
        let cached = price("cached_input", spec.cached_input_usd_per_mtok, listed)
            .unwrap_or(input);
        let waits = spec.batch_share.unwrap_or(0.0);
        let (batch_input, batch_output) = if waits > 0.0 {
            let listed = card.and_then(|c| c.batch_input_usd_per_mtok);
            let input = price("batch_input", spec.batch_input_usd_per_mtok, listed);
            let listed = card.and_then(|c| c.batch_output_usd_per_mtok);
            (input, price("batch_output", spec.batch_output_usd_per_mtok, listed))
        } else {
            (None, None)
        };
        let long = spec.long_context_share.unwrap_or(0.0);
        let longer = |multiple: f64| 1.0 + long * (multiple - 1.0);
        let written = spec.cache_write_share.unwrap_or(0.0);
        let write = 1.0 + written * (spec.cache_write_multiple.unwrap_or(1.25) - 1.0);
        let more_input = longer(spec.long_context_input_multiple.unwrap_or(2.0));
        let more_output = longer(spec.long_context_output_multiple.unwrap_or(1.5));
        let (fresh, again) = (1.0 - work.cached_input_share, work.cached_input_share);
        let mtok = |tokens: f64, share: f64| tokens * share / 1e6;
        let mut terms = vec![
            (mtok(work.input_tokens, fresh) * write * more_input, input),
            (mtok(work.input_tokens, again) * more_input, cached),
            (mtok(work.output_tokens, 1.0) * more_output, output),
        ];
        if waits > 0.0 {
            for (mtok, _) in &mut terms {
                *mtok *= 1.0 - waits;
            }
            let tokens = mtok(work.input_tokens, waits) * more_input;
            terms.push((tokens, batch_input.unwrap_or(input)));
            let tokens = mtok(work.output_tokens, waits) * more_output;
            terms.push((tokens, batch_output.unwrap_or(output)));
        }
        Some(terms)
    }

    /// A price by the hour: the plan's, the named offer's, or the cheapest neocloud's.
    pub(super) fn hourly(
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
            let as_of = self.plan.time.as_of.clone();
            return Some((self.world.number(name, value), as_of));
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
                            "offer `{id}` has no {} price of `{accelerator}`",
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
                        "no {} price of `{accelerator}` in any offer of the catalogue",
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
    pub(super) fn note_spread(
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
            self.warn(warning);
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
            let as_of = self.plan.time.as_of.clone();
            return Some((self.world.number(name, value), value, as_of));
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
}

/// Price of 10⁶ tokens, three of input to one of output, to rank price cards by.
fn blended(card: &TokenPrice) -> f64 {
    0.75 * card.input_usd_per_mtok.median() + 0.25 * card.output_usd_per_mtok.median()
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
    match instrument.strip_prefix("reserved_") {
        Some(term) => format!("{}-year reserved", term.trim_end_matches('y')),
        None => instrument.replace('_', "-"),
    }
}
