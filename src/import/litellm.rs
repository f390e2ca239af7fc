//! LiteLLM's `model_prices_and_context_window.json` → a provider's price list.
//!
//! Prices are dollars a token; a price that is null or missing is not 0, and one of 0 is a
//! preview or a free tier. Only models that answer with text are taken. Dearer tiers of
//! long contexts are named among the doubts and not written, as a price list has no place
//! for them. **Source** BerriAI/litellm. Read next: [`super::focus`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Dropped, Imported, Origin, offer_file, tidy};
use crate::calibrate::hardware::model;
use crate::input::{Diagnostics, Text, Uncertain};
use crate::profile::offer::{Segment, TokenPrice};
use crate::profile::{Catalogue, Offer};

/// Modes whose tokens are text.
const MODES: [&str; 3] = ["chat", "completion", "responses"];

/// Reads the prices of one `litellm_provider`.
///
/// **Errors** E0701 where it is no such JSON, E0802 where nothing is left.
/// **Checked by** entries of each trap, below.
pub fn import(
    text: &Text,
    catalogue: &Catalogue,
    origin: &Origin,
    provider: &str,
) -> Result<Imported, Diagnostics> {
    let entries: Map<String, Value> = text.json()?;
    let (mut dropped, mut providers) = (Dropped::default(), BTreeSet::new());
    let mut api: Vec<TokenPrice> = Vec::new();
    let mut tiers = BTreeSet::new();
    for (name, entry) in entries.iter().filter(|(name, _)| *name != "sample_spec") {
        let word = |key: &str| entry.get(key).and_then(Value::as_str);
        let of = word("litellm_provider").unwrap_or_default();
        providers.insert(of.to_owned());
        if of != provider {
            continue;
        }
        let mode = word("mode").unwrap_or_default();
        if !MODES.contains(&mode) {
            dropped
                .note("models of another mode than chat, completion or responses", name);
            continue;
        }
        if let Some(end) = word("deprecation_date")
            && end <= origin.as_of.as_str()
        {
            dropped.note("models that were retired before that date", name);
            continue;
        }
        match price(name, entry, provider, catalogue, origin) {
            Err(reason) => dropped.note(reason, name),
            Ok(price) if api.iter().any(|p| is_same(p, &price)) => {
                dropped.note("the same model at the same price under another name", name);
            }
            Ok(price) => {
                if entry.as_object().is_some_and(has_tiers) {
                    tiers.insert(name.clone());
                }
                api.push(price);
            }
        }
    }
    let kept = api.len();
    if api.is_empty() {
        let known: Vec<&str> = providers.iter().map(String::as_str).collect();
        let message =
            format!("no price of `{provider}` is left; {}", dropped.lines().join("; "));
        let help = format!("its providers are {}", known.join(", "));
        return Err(text.refuse("E0802", 0..0, message, help));
    }
    let mut doubts = Vec::new();
    if !tiers.is_empty() {
        let names: Vec<&str> = tiers.iter().map(String::as_str).collect();
        doubts.push(format!(
            "dearer for long contexts, which is not written: {}",
            names.join(", ")
        ));
    }
    let offer = Offer {
        id: origin.id.clone(),
        name: origin.provider.clone(),
        segment: Segment::Api,
        doubts,
        sources: origin.sources("litellm"),
        chips: Vec::new(),
        api,
    };
    let file = offer_file(&offer, &dropped).map_err(|e| {
        text.refuse("E0802", 0..0, format!("the price list cannot be written: {e}"), None)
    })?;
    Ok(Imported { text: file, kept, dropped })
}

/// Prices beyond a number of tokens, such as `input_cost_per_token_above_200k_tokens`.
fn has_tiers(entry: &Map<String, Value>) -> bool {
    entry.iter().any(|(key, value)| key.contains("_above_") && value.is_number())
}

/// Everything but the provider's own name.
fn is_same(a: &TokenPrice, b: &TokenPrice) -> bool {
    let figures = |p: &TokenPrice| {
        (
            p.input_usd_per_mtok,
            p.output_usd_per_mtok,
            p.cached_input_usd_per_mtok,
            p.batch_input_usd_per_mtok,
            p.batch_output_usd_per_mtok,
        )
    };
    a.model == b.model && figures(a) == figures(b)
}

fn price(
    name: &str,
    entry: &Value,
    provider: &str,
    catalogue: &Catalogue,
    origin: &Origin,
) -> Result<TokenPrice, &'static str> {
    let usd = |key: &str| entry.get(key).and_then(Value::as_f64);
    let (input, output) = (usd("input_cost_per_token"), usd("output_cost_per_token"));
    let (Some(input), Some(output)) = (input, output) else {
        return Err("no price a token");
    };
    if input <= 0.0 || output <= 0.0 {
        return Err("a price of 0, which is a preview or a free tier");
    }
    let per_mtok = |x: f64| Uncertain::from(tidy(1e6 * x));
    let above_zero = |key: &str| usd(key).filter(|x| *x > 0.0).map(per_mtok);
    let bare = name.strip_prefix(provider).and_then(|rest| rest.strip_prefix('/'));
    let bare = bare.unwrap_or(name);
    let known = model(catalogue, bare).map(|m| m.id.clone());
    Ok(TokenPrice {
        model: known.unwrap_or_else(|| bare.to_owned()),
        sku: Some(name.to_owned()),
        source: "litellm".to_owned(),
        as_of: origin.as_of.clone(),
        input_usd_per_mtok: per_mtok(input),
        output_usd_per_mtok: per_mtok(output),
        cached_input_usd_per_mtok: above_zero("cache_read_input_token_cost"),
        batch_input_usd_per_mtok: above_zero("input_cost_per_token_batches"),
        batch_output_usd_per_mtok: above_zero("output_cost_per_token_batches"),
    })
}

/// Entries by provider, for whoever has to name one.
pub fn providers(text: &Text) -> Result<BTreeMap<String, usize>, Diagnostics> {
    let entries: Map<String, Value> = text.json()?;
    let mut found = BTreeMap::new();
    for entry in entries.values() {
        if let Some(name) = entry.get("litellm_provider").and_then(Value::as_str) {
            *found.entry(name.to_owned()).or_default() += 1;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::read_str;
    use serde_json::json;

    fn imported(entries: &Value) -> Result<Imported, Diagnostics> {
        let origin = Origin {
            id: "acme".to_owned(),
            provider: "Acme".to_owned(),
            as_of: "2026-11-23".parse().unwrap(),
            title: "LiteLLM prices".to_owned(),
            url: None,
        };
        let text = Text::of("prices.json", &entries.to_string());
        import(&text, &Catalogue::shipped(), &origin, "acme")
    }

    fn entry(input: f64, output: f64) -> Value {
        json!({ "litellm_provider": "acme", "mode": "chat",
            "input_cost_per_token": input, "output_cost_per_token": output })
    }

    #[test]
    fn prices_are_a_million_times_those_of_a_token() {
        let mut one = entry(1.5e-7, 6e-7);
        one["cache_read_input_token_cost"] = json!(7.5e-8);
        one["output_cost_per_token_batches"] = json!(3e-7);
        let found = imported(&json!({ "acme/llama-3.3-70b-instruct": one })).unwrap();
        let offer = read_str::<Offer>("acme.toml", &found.text).into_result().unwrap();
        let price = &offer.api[0];
        assert_eq!(price.model, "llama-3.3-70b");
        assert_eq!(price.sku.as_deref(), Some("acme/llama-3.3-70b-instruct"));
        assert_eq!(price.input_usd_per_mtok, Uncertain::from(0.15));
        assert_eq!(price.output_usd_per_mtok, Uncertain::from(0.6));
        assert_eq!(price.cached_input_usd_per_mtok, Some(Uncertain::from(0.075)));
        assert_eq!(price.batch_output_usd_per_mtok, Some(Uncertain::from(0.3)));
        assert_eq!(price.batch_input_usd_per_mtok, None);
    }

    #[test]
    fn what_is_no_price_of_text_is_dropped_with_its_reason() {
        let mut image = entry(1e-6, 1e-6);
        image["mode"] = json!("image_generation");
        let mut unpriced = entry(1e-6, 1e-6);
        unpriced["output_cost_per_token"] = Value::Null;
        let mut old = entry(1e-6, 1e-6);
        old["deprecation_date"] = json!("2025-01-01");
        let mut long = entry(2e-6, 4e-6);
        long["input_cost_per_token_above_200k_tokens"] = json!(4e-6);
        let other = json!({ "litellm_provider": "other", "mode": "chat" });
        let found = imported(&json!({
            "sample_spec": entry(1.0, 1.0), "image": image, "unpriced": unpriced, "old": old,
            "free": entry(0.0, 0.0), "good": entry(1e-6, 2e-6),
            "acme/good": entry(1e-6, 2e-6), "long": long, "other": other,
        }))
        .unwrap();
        assert_eq!(found.kept, 2);
        let lines = found.dropped.lines().join("\n");
        for reason in
            ["another mode", "no price a token", "retired", "free tier", "another name"]
        {
            assert!(lines.contains(reason), "{reason}: {lines}");
        }
        assert!(found.text.contains("dearer for long contexts"), "{}", found.text);
    }

    #[test]
    fn a_provider_that_is_not_there_is_told_which_are() {
        let other = json!({ "litellm_provider": "other", "mode": "chat" });
        let wrong = imported(&json!({ "a": other })).unwrap_err();
        let wrong = wrong.iter().next().unwrap();
        assert_eq!(wrong.code, "E0802");
        assert!(wrong.help.as_deref().unwrap().contains("other"));
        let text = Text::of("a", "[]");
        assert!(providers(&text).is_err());
    }
}
