//! Every field of an accelerator and of a model moves something that follows from it.
//!
//! A figure nothing uses is the worst a profile can hold: its reader believes it matters.
//! Fields are taken from the schema, so a new one without a use fails here.

use std::collections::BTreeSet;

use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::super::priced;
use super::*;
use crate::profile::Offer;

/// Words that name, date or source a figure: they move the page, not a number.
const WORDS: [&str; 27] = [
    "id",
    "name",
    "accelerator",
    "model",
    "sku",
    "region",
    "segment",
    "energy_source",
    "aliases",
    "vendor",
    "released",
    "doubts",
    "sources",
    "source",
    "matmul_source",
    "as_of",
    "kind",
    "wall_source",
    "idle_source",
    "nameplate_source",
    "fp8_source",
    "ratio_exception",
    "basis",
    "max_context_tokens",
    "tied_embeddings",
    "topology",
    "axes",
];

/// Leaf fields of a schema, dotted; the first entry of an array stands for all.
fn fields(schema: &Value) -> BTreeSet<String> {
    fn walk(schema: &Value, root: &Value, at: &str, into: &mut BTreeSet<String>) {
        let mut node = schema;
        if let Some(name) = node.get("$ref").and_then(Value::as_str) {
            node = root.pointer(name.trim_start_matches('#')).expect("a definition");
        }
        if let Some(any) = node.get("anyOf").and_then(Value::as_array) {
            for one in any.iter().filter(|o| o.get("type") != Some(&json!("null"))) {
                let is_table = one.get("$ref").is_some();
                if is_table {
                    return walk(one, root, at, into);
                }
            }
        }
        if let Some(items) = node.get("items").filter(|i| i.get("$ref").is_some()) {
            return walk(items, root, &format!("{at}.0"), into);
        }
        let is_band = node.pointer("/properties/p10").is_some();
        match node.get("properties").and_then(Value::as_object) {
            Some(properties) if !is_band => {
                for (key, value) in properties {
                    let dot = if at.is_empty() { "" } else { "." };
                    walk(value, root, &format!("{at}{dot}{key}"), into);
                }
            }
            _ => {
                into.insert(at.to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(schema, schema, "", &mut found);
    found
}

/// The value with a number put at a dotted place, tables made where there are none.
fn with(value: &Value, place: &str, number: Value) -> Value {
    let mut changed = value.clone();
    let mut node = &mut changed;
    for key in place.split('.') {
        if let Ok(index) = key.parse::<usize>() {
            node = node.get_mut(index).expect("an entry");
            continue;
        }
        if node.is_null() {
            *node = Value::Object(Map::new());
        }
        let map = node.as_object_mut().expect("a table");
        node = map.entry(key).or_insert(Value::Null);
    }
    *node = number;
    changed
}

fn number_at(value: &Value, place: &str) -> Option<f64> {
    let found = value.pointer(&format!("/{}", place.replace('.', "/")))?;
    found.as_f64().or_else(|| found.get("p50").and_then(Value::as_f64))
}

/// Fields whose change leaves everything that follows as it was.
fn idle<T: Serialize + DeserializeOwned + JsonSchema>(
    full: &T,
    implied: impl Fn(&T) -> Vec<Implied>,
) -> BTreeSet<String> {
    let base = serde_json::to_value(full).expect("a profile serialises");
    let before = implied(full);
    let schema = serde_json::to_value(schema_for!(T)).expect("a schema");
    let fields = fields(&schema);
    assert!(fields.len() > 12, "{fields:?}");
    let is_idle = |field: &String| {
        let last = field.rsplit('.').next().expect("a key");
        if WORDS.contains(&last) || field.starts_with("sources") {
            return false;
        }
        // Several sizes of change: a count may only matter past a threshold, and a share
        // has an end.
        let tries: Vec<Value> = match number_at(&base, field) {
            None => vec![json!(0.3), json!(2), json!(0.9)],
            Some(x) if x.fract() == 0.0 && x < 1e6 => {
                let n: u64 = format!("{x:.0}").parse().expect("a whole number");
                vec![json!(n * 2), json!((n / 2).max(1)), json!(x * 0.7)]
            }
            Some(x) => vec![json!(x * 0.8), json!(x * 1.1)],
        };
        !tries.into_iter().any(|number| {
            let changed = with(&base, field, number);
            serde_json::from_value::<T>(changed).is_ok_and(|t| implied(&t) != before)
        })
    };
    fields.into_iter().filter(is_idle).collect()
}

/// A chip with every figure that a profile can hold.
fn full_chip() -> Accelerator {
    let mut chip = Catalogue::shipped().accelerators["nvidia-b200-hgx"].clone();
    let reliability = chip.reliability.get_or_insert_with(Default::default);
    reliability.failures_per_1000_node_days = Some(4.0.into());
    reliability.job_failures_per_day = Some(0.5.into());
    reliability.replacement_share = Some(0.3.into());
    reliability.reset_hours = Some(2.0.into());
    reliability.replacement_hours = Some(100.0.into());
    reliability.loss_per_year = Some(0.01.into());
    reliability.domain_nodes = Some(4);
    reliability.domain_failures_per_1000_days = Some(1.0.into());
    reliability.domain_repair_hours = Some(6.0.into());
    reliability.silent_corruptions_per_1000_node_days = Some(0.05.into());
    reliability.corruption_found_hours = Some(5.0.into());
    reliability.early_failure_shape = Some(0.6);
    reliability.early_failure_days = Some(30.0);
    let efficient =
        Catalogue::shipped().accelerators["nvidia-h100-sxm"].efficiency.clone();
    chip.efficiency = chip.efficiency.or(efficient);
    // Of several quotes only the newest counts.
    chip.purchase.truncate(1);
    chip
}

#[test]
fn every_field_of_an_accelerator_moves_something() {
    let catalogue = Catalogue::shipped();
    let idle = idle(&full_chip(), |chip: &Accelerator| accelerator(chip, &catalogue));
    assert!(idle.is_empty(), "fields that move nothing: {idle:?}");
}

#[test]
fn every_field_of_a_model_moves_something() {
    let catalogue = Catalogue::shipped();
    let mut dense = catalogue.models["llama-3.1-8b"].clone();
    dense.architecture.sliding_window_tokens = Some(2048);
    dense.architecture.sliding_window_share = Some(0.5);
    let implied = |m: &Model| model(m, &catalogue);
    // Latent attention and windows exclude each other: a field must move one of the two.
    let in_dense = idle(&dense, implied);
    let in_mixture = idle(&catalogue.models["deepseek-v3"], implied);
    let in_neither: Vec<_> = in_dense.intersection(&in_mixture).collect();
    assert!(in_neither.is_empty(), "fields that move nothing: {in_neither:?}");
}

#[test]
fn every_field_of_a_price_list_moves_something() {
    let catalogue = Catalogue::shipped();
    let mut offer = catalogue.offers["aws"].clone();
    offer.chips.truncate(1);
    let price = &mut offer.chips[0];
    for field in [
        &mut price.reserved_1y_usd_per_chip_hour,
        &mut price.reserved_3y_usd_per_chip_hour,
        &mut price.reserved_5y_usd_per_chip_hour,
        &mut price.spot_usd_per_chip_hour,
    ] {
        *field = Some(3.0.into());
    }
    let mut token = catalogue.offers["together-ai"].api[0].clone();
    token.cached_input_usd_per_mtok = Some(0.2.into());
    token.batch_input_usd_per_mtok = Some(0.3.into());
    token.batch_output_usd_per_mtok = Some(0.4.into());
    offer.api = vec![token];
    let idle = idle(&offer, |o: &Offer| priced::offer(o, &catalogue));
    assert!(idle.is_empty(), "fields that move nothing: {idle:?}");
}

#[test]
fn every_field_of_a_facility_moves_something() {
    let catalogue = Catalogue::shipped();
    let mut facility = catalogue.facilities["colocation-us"].clone();
    facility.construction = catalogue.facilities["own-hall-us"].construction.clone();
    if let Some(operation) = &mut facility.operation {
        operation.share_of_capex_per_year = Some(0.05.into());
        operation.staff_usd_per_node_year = Some(2000.0.into());
    }
    let idle = idle(&facility, priced::facility);
    assert!(idle.is_empty(), "fields that move nothing: {idle:?}");
}

#[test]
fn topology_axes_and_ties_move_something_too() {
    let catalogue = Catalogue::shipped();
    let chip = catalogue.accelerators["google-tpu-v5e"].clone();
    let before = accelerator(&chip, &catalogue);
    let mut changed = chip.clone();
    if let Some(up) = &mut changed.scale_up {
        up.topology = crate::profile::accelerator::Topology::Switch;
        up.axes = None;
    }
    assert_ne!(before, accelerator(&changed, &catalogue), "topology");
    let mut changed = chip;
    if let Some(up) = &mut changed.scale_up {
        up.axes = Some(3);
    }
    assert_ne!(before, accelerator(&changed, &catalogue), "axes");
    let tied = catalogue.models["llama-3.2-1b"].clone();
    let before = model(&tied, &catalogue);
    let mut changed = tied.clone();
    changed.architecture.max_context_tokens = Some(4096);
    assert_ne!(before, model(&changed, &catalogue), "max_context_tokens");
    let mut changed = tied;
    changed.architecture.tied_embeddings = false;
    assert_ne!(before, model(&changed, &catalogue), "tied_embeddings");
}

#[test]
fn what_cannot_be_said_says_why() {
    let catalogue = Catalogue::shipped();
    let mut chip = full_chip();
    chip.purchase.clear();
    chip.memory.capacity_gb = 4.0.into();
    let all = accelerator(&chip, &catalogue);
    assert!(all.iter().any(|i| i.quantiles.is_none() && i.why.is_some()));
    for figure in all.iter().filter_map(|i| i.quantiles) {
        assert!(figure.iter().all(|x| x.is_finite()), "{figure:?}");
    }
}
