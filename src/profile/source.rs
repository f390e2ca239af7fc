//! Where a figure comes from: the `[sources]` table of a profile, and its checks.
//!
//! Every table of quantities names one of these by key; a key that is not there, or
//! that nothing uses, is a problem of the file.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Checker, When};

/// One source of figures.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title, with the page or table where that helps to find the figure.
    pub title: String,
    /// Address, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was read.
    pub read: When,
    /// How far to trust it: `weak` for second-hand or remembered figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
}

/// The sources of a profile by key.
pub type Sources = BTreeMap<String, Source>;

/// Checks that every key used is defined (E0204) and every key defined is used (E0205).
pub(super) fn check_sources<'a>(
    at: &mut Checker,
    sources: &Sources,
    used: impl IntoIterator<Item = (Vec<String>, &'a str)>,
) {
    let mut seen = BTreeSet::new();
    for (place, key) in used {
        seen.insert(key);
        if sources.contains_key(key) {
            continue;
        }
        let known: Vec<_> = sources.keys().map(|k| format!("`{k}`")).collect();
        let help = if known.is_empty() {
            format!("add a table [sources.{key}] with `title` and `read`")
        } else {
            format!("add a table [sources.{key}], or use {}", known.join(", "))
        };
        at.at_path(&place, |at| {
            at.push("E0204", format!("no source `{key}` in this file"), help.clone());
        });
    }
    for key in sources.keys().filter(|k| !seen.contains(k.as_str())) {
        at.at("sources", |at| {
            at.at(key, |at| {
                at.push(
                    "E0205",
                    format!("nothing in this file uses the source `{key}`"),
                    "name it in a `source = …` line, or take it out".to_owned(),
                );
            });
        });
    }
}
