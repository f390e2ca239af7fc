//! What a file holds as an answer, beside ours.
//!
//! Published files name a figure in their own way, and sometimes name in it the one input
//! that differs: `be_util_at_rent_1.99`, `be_util_sensitivity_life=3`,
//! `be_util_batch_vs_DeepInfra 0.10/0.32`. A figure agrees when it rounds to the digits
//! that are printed, or is within half a unit of the fourth. An erratum is shown, never
//! imitated.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::decide::Threshold;

use super::cases::{Case, Printed};
use super::{Answer, Figure, Form, Given};

/// Half a unit of the fourth digit of 1.0000.
const FOUR_DIGITS: f64 = 5e-5;

/// What published files call an answer, and its key.
const ALSO: [(&str, &str); 14] = [
    ("onprem_5y", "onprem_usd"),
    ("cloud_5y", "cloud_usd_on_demand"),
    ("cloud_5y", "cloud_usd"),
    ("savings", "savings_usd_on_demand"),
    ("savings", "savings_usd"),
    ("breakeven_hours", "breakeven_hours_on_demand"),
    ("breakeven_hours_per_day", "breakeven_hours_per_day_on_demand"),
    ("breakeven_months", "breakeven_months_on_demand"),
    ("total_dec2024usd_repro", "capex_energy_usd"),
    ("epoch_capex_energy_usd", "capex_energy_usd"),
    ("epoch_acquisition_usd", "acquisition_usd"),
    ("epoch_cloud_usd", "cloud_usd"),
    ("be_util", "be_util_batch"),
    ("usd_per_mtok", "usd_per_mtok"),
];

/// A published figure and ours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// As published.
    pub quantity: String,
    /// As printed.
    pub printed: String,
    /// Ours, in the unit of the print; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Figure>,
    /// True where ours is the printed figure.
    pub agrees: bool,
}

/// The base name of a figure and the inputs it names.
fn named_inputs(quantity: &str) -> (String, Vec<(String, String)>) {
    if let Some((base, rest)) = quantity.split_once("_sensitivity_")
        && let Some((key, value)) = rest.split_once('=')
    {
        return (base.to_owned(), vec![(key.to_owned(), value.to_owned())]);
    }
    if let Some((base, rest)) = quantity.split_once("_at_")
        && let Some((key, value)) = rest.rsplit_once('_')
    {
        return (base.to_owned(), vec![(key.to_owned(), value.to_owned())]);
    }
    // `…_vs_NAME in/out`, or `…_req_NAME in/out`: prices of an API.
    if let Some((name, prices)) = quantity.rsplit_once(' ')
        && let Some((price_in, price_out)) = prices.split_once('/')
    {
        let base = match name.split_once("_vs_") {
            Some((base, _)) => base,
            None => name.rsplit_once('_').map_or(name, |(base, _)| base),
        };
        let both = [
            ("api_usd_per_mtok_input", price_in),
            ("api_usd_per_mtok_output", price_out),
        ];
        let both = both.map(|(key, value)| (key.to_owned(), value.to_owned()));
        return (base.to_owned(), both.into());
    }
    (quantity.to_owned(), Vec::new())
}

/// Compares what a case publishes with what the forms answer.
pub(super) fn compare(
    case: &Case,
    forms: &[&'static Form],
    otherwise: &Given,
    answers: &BTreeMap<&'static str, Answer>,
) -> Vec<Compared> {
    let mut all = Vec::new();
    for Printed { quantity, text: printed, unit, is_expected } in &case.published {
        let (base, inputs) = named_inputs(quantity);
        let found = forms.iter().find_map(|form| {
            if inputs.is_empty() {
                // What is an input here is no answer to compare.
                if !is_expected && form.input(quantity).is_some() {
                    return None;
                }
                return figure(answers.get(form.name)?, &base);
            }
            let (mut given, _) = case.given(form, otherwise).ok()?;
            for (name, value) in &inputs {
                given.set(form.input(name)?.key, value.parse().ok()?);
            }
            figure(&form.answer(&given).ok()?, &base)
        });
        let text_is_answer = printed.parse::<f64>().is_ok()
            || matches!(printed.as_str(), "never" | "none" | "always");
        if !text_is_answer || (found.is_none() && inputs.is_empty() && !is_asked(&base)) {
            continue;
        }
        let scale = if unit == "%" { 100.0 } else { 1.0 };
        let found = found.map(|figure| scaled(figure, scale));
        let agrees = found.is_some_and(|figure| agrees(figure, printed));
        all.push(Compared {
            quantity: quantity.clone(),
            printed: printed.clone(),
            found,
            agrees,
        });
    }
    all
}

/// True for what some form would answer under this name.
fn is_asked(base: &str) -> bool {
    ALSO.iter().any(|(name, _)| *name == base)
}

fn figure(answer: &Answer, name: &str) -> Option<Figure> {
    answer.figure(name).or_else(|| {
        ALSO.iter()
            .filter(|(also, _)| *also == name)
            .find_map(|(_, key)| answer.figure(key))
    })
}

fn scaled(figure: Figure, by: f64) -> Figure {
    match figure {
        Figure::Number(x) => Figure::Number(by * x),
        Figure::Threshold(Threshold::At(x)) => Figure::Threshold(Threshold::At(by * x)),
        Figure::Threshold(Threshold::Never(x)) => {
            Figure::Threshold(Threshold::Never(x.map(|x| by * x)))
        }
        Figure::Threshold(Threshold::Always) => figure,
    }
}

/// True where a figure is what is printed.
pub fn agrees(figure: Figure, printed: &str) -> bool {
    match (figure, printed) {
        (Figure::Threshold(Threshold::Never(_)), "never" | "none")
        | (Figure::Threshold(Threshold::Always), "always") => true,
        (Figure::Number(x) | Figure::Threshold(Threshold::At(x)), text) => {
            let Ok(value) = text.parse::<f64>() else { return false };
            let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len().min(15));
            let decimals = i32::try_from(decimals).unwrap_or(0);
            let half = 0.5 * 10_f64.powi(-decimals);
            (x - value).abs() <= half * (1.0 + 1e-9)
                || (x - value).abs() < FOUR_DIGITS * value.abs()
        }
        _ => false,
    }
}
