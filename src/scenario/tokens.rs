//! Resolves what is sold by the token and by the seat.

use crate::input::{Checker, When};
use crate::supply::{ApiSpec, FeesSpec, SeatsSpec};
use crate::trajectory::{LevelId, Quantity};
use crate::workload::Kind;

use super::play::{Flexible, FlexiblePrice, TokenTerms};
use super::resolve::Builder;

/// What a source charges beside its price, with the costs of changing to it.
fn api_fees(spec: &ApiSpec) -> Option<FeesSpec> {
    let switching = spec.switching_usd.unwrap_or(0.0);
    let yearly = spec.requalification_usd_per_year.unwrap_or(0.0);
    if spec.fees.is_none() && switching == 0.0 && yearly == 0.0 {
        return None;
    }
    let mut fees = spec.fees.clone().unwrap_or_default();
    fees.once_usd += switching;
    fees.usd_per_month += yearly / 12.0;
    Some(fees)
}

impl Builder<'_> {
    /// Tokens of an API, for every workload it can serve.
    pub(super) fn api(&mut self, spec: &ApiSpec, at: &mut Checker) -> Option<Flexible> {
        let series = spec.series.unwrap_or_default();
        let mut per_workload = vec![None; self.workloads.len()];
        let mut newest: Option<When> = None;
        for (kind, place) in self.kinds.clone().iter().zip(&mut per_workload) {
            let Kind::Inference(work) = kind else { continue };
            let wanted = spec.model.clone().unwrap_or_else(|| work.model.clone());
            let Some((card, offer)) = self.token_price(spec, &wanted, at) else {
                continue;
            };
            let as_of = card.as_ref().map(|c| c.as_of.clone());
            let terms = self.token_terms(spec, work, &wanted, card.as_ref(), &offer);
            newest = newest.max(as_of);
            *place = terms;
        }
        if !at.is_empty() {
            return None;
        }
        self.note_api(spec);
        let level = self.standard_level(series.quantity(), newest.as_ref());
        self.show_tokens(&per_workload, level, series);
        let conversions = vec![None; self.workloads.len()];
        Some(Flexible {
            label: format!(
                "API, {}",
                series.quantity().trim_start_matches("api_").replace('_', " ")
            ),
            price: FlexiblePrice::Tokens {
                per_workload,
                series: level,
                mtok_per_hour_limit: spec.mtok_per_minute_limit.map(|m| 60.0 * m),
            },
            conversions,
            from_month: spec.qualification_months.unwrap_or(0),
            fees: api_fees(spec),
        })
    }

    /// Lists what the plan says of an API beside its prices.
    fn note_api(&mut self, spec: &ApiSpec) {
        for (key, value, unit) in [
            ("batch_share", spec.batch_share, "share of requests"),
            ("cache_write_share", spec.cache_write_share, "share of input"),
            ("cache_write_multiple", spec.cache_write_multiple, "× the price of input"),
            ("long_context_share", spec.long_context_share, "share of tokens"),
            ("mtok_per_minute_limit", spec.mtok_per_minute_limit, "Mtok per minute"),
            (
                "qualification_months",
                spec.qualification_months.map(f64::from),
                "months from the start",
            ),
            ("switching_usd", spec.switching_usd, "USD"),
            (
                "requalification_usd_per_year",
                spec.requalification_usd_per_year,
                "USD per year",
            ),
        ] {
            if let Some(value) = value {
                let key = format!("api.{key}");
                self.assumptions.note(key, value.into(), unit, "the plan", None, false);
            }
        }
    }

    /// Seats for the users of a workload, and requests beyond their allowance (E0322).
    pub(super) fn seats(&mut self, spec: &SeatsSpec, at: &mut Checker) -> Vec<Flexible> {
        let counted = self.workloads.iter().enumerate();
        let counted: Vec<usize> = counted
            .filter(|(_, play)| play.seats.is_some() && !play.deferrable)
            .filter(|(_, play)| spec.workload.as_ref().is_none_or(|w| *w == play.name))
            .map(|(w, _)| w)
            .collect();
        let [w] = counted[..] else {
            let (found, help) = if counted.is_empty() {
                ("no workload counts its users", "write `seats` in the workload")
            } else {
                ("several workloads count their users", "name one in `workload`")
            };
            at.push("E0322", found.to_owned(), help.to_owned());
            return Vec::new();
        };
        let Some(seats) = self.workloads[w].seats else { return Vec::new() };
        let Some(series) = self.seat_prices(spec, at) else { return Vec::new() };
        let name = self.workloads[w].name.clone();
        let mut price = |key: &str, value, unit: &str| {
            let full = format!("seats.{name}.{key}");
            self.assumptions.note(&full, value, unit, "the plan", None, false);
            let id = self.world.number(full, value);
            self.world.keep_within(id, 0.0, f64::INFINITY);
            id
        };
        let usd_per_seat_month = price(
            "usd_per_seat_month",
            spec.usd_per_seat_month,
            "USD per seat and month",
        );
        let beyond = spec
            .usd_per_request_beyond
            .map(|usd| price("usd_per_request_beyond", usd, "USD per request"));
        let flexible = |label: &str, price| Flexible {
            label: label.to_owned(),
            price,
            conversions: vec![None; self.workloads.len()],
            from_month: 0,
            fees: None,
        };
        let within = flexible(
            "seats",
            FlexiblePrice::Seats {
                workload: w,
                seats,
                usd_per_seat_month,
                series,
                units_per_seat_month: spec.requests_per_seat_month,
            },
        );
        let beyond = beyond.map(|usd| {
            let mut per_workload: Vec<Option<TokenTerms>> =
                vec![None; self.workloads.len()];
            per_workload[w] = Some(vec![(1.0, usd)]);
            let price =
                FlexiblePrice::Tokens { per_workload, series, mtok_per_hour_limit: None };
            flexible("seats, requests beyond", price)
        });
        std::iter::once(within).chain(beyond).collect()
    }

    /// What the prices of seats follow: a trajectory of the plan, or nothing (E0311).
    fn seat_prices(&mut self, spec: &SeatsSpec, at: &mut Checker) -> Option<LevelId> {
        if let Some(name) = spec.trajectory.as_deref() {
            return self.rents("", Some(name), None, at).map(|(level, _)| level);
        }
        Some(self.world.level(Quantity {
            name: "seat_price".to_owned(),
            process: crate::process::ProcessSpec::default(),
            lead_in_months: 0,
        }))
    }
}
