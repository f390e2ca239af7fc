//! What a profile says, key by key with the source of each, whatever its kind.
//!
//! Profiles are walked as the values they serialise to, so that a key added to a schema is
//! shown without a line here.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Profile;
use crate::profile::Source;

/// One figure or word of a profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Said {
    /// Dotted key.
    pub(super) key: String,
    /// As it is read.
    pub(super) value: String,
    /// Key of its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
}

/// Everything a profile says, and the keys it could say and does not.
pub(super) struct Contents {
    pub(super) said: Vec<Said>,
    pub(super) unknown: Vec<String>,
    pub(super) aliases: Vec<String>,
    pub(super) doubts: Vec<String>,
    pub(super) sources: BTreeMap<String, Source>,
}

/// Keys that head a profile and are shown elsewhere.
const HEAD: [&str; 5] = ["id", "name", "aliases", "doubts", "sources"];

pub(super) fn contents(profile: &Profile) -> Contents {
    let none = Vec::new();
    let (value, aliases, doubts, sources) = match profile {
        Profile::Accelerator(p) => {
            (serde_json::to_value(p), &p.aliases, &p.doubts, &p.sources)
        }
        Profile::Model(p) => (serde_json::to_value(p), &p.aliases, &p.doubts, &p.sources),
        Profile::Offer(p) => (serde_json::to_value(p), &none, &p.doubts, &p.sources),
        Profile::Facility(p) => (serde_json::to_value(p), &none, &p.doubts, &p.sources),
    };
    let mut found = Contents {
        said: Vec::new(),
        unknown: Vec::new(),
        aliases: aliases.clone(),
        doubts: doubts.clone(),
        sources: sources.clone(),
    };
    if let Ok(Value::Object(map)) = value {
        for (key, value) in map.iter().filter(|(k, _)| !HEAD.contains(&k.as_str())) {
            walk(key, value, None, &mut found);
        }
    }
    found
}

fn walk(key: &str, value: &Value, source: Option<&str>, into: &mut Contents) {
    match value {
        Value::Null => into.unknown.push(key.to_owned()),
        Value::Array(list) => {
            for (i, each) in list.iter().enumerate() {
                walk(&format!("{key}[{}]", i + 1), each, source, into);
            }
        }
        Value::Object(map) if !map.contains_key("p10") => {
            let own = map.get("source").and_then(Value::as_str).or(source);
            for (name, value) in map {
                if name == "source" || name.ends_with("_source") {
                    continue;
                }
                let other = of_its_own(name, map).or(own);
                walk(&format!("{key}.{name}"), value, other, into);
            }
        }
        _ => into.said.push(Said {
            key: key.to_owned(),
            value: text(value),
            source: source.map(str::to_owned),
        }),
    }
}

/// The source of a key that names one of its own: `wall_source` of `wall_factor`.
fn of_its_own<'a>(
    name: &str,
    map: &'a serde_json::Map<String, Value>,
) -> Option<&'a str> {
    map.iter().find_map(|(key, value)| {
        let stem = key.strip_suffix("_source")?;
        let is_of = name.starts_with(stem) || name.ends_with(&format!("_{stem}"));
        is_of.then(|| value.as_str()).flatten()
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Object(band) => {
            let of = |p: &str| band.get(p).map_or_else(String::new, ToString::to_string);
            format!("{} ({} to {})", of("p50"), of("p10"), of("p90"))
        }
        other => other.to_string(),
    }
}
