//! Tables: keys that are unknown, lack their unit or are missing.
//!
//! A key that was probably meant for a known one is read as that one, so that what is
//! below it is checked too and the known key is not called missing. Tables are strict
//! even where serde is not: a key that is silently ignored is worse than a refusal.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Fit, Hidden, Repair, Walk, hidden, listed, quoted, shortened};
use crate::input::name;

/// Known keys a message lists where none is near the written one.
const MOST_LISTED: usize = 12;
/// `additionalProperties` of a table that takes no others.
const NO: Value = Value::Bool(false);

impl<'s> Walk<'s> {
    pub(super) fn table(
        &mut self,
        table: &mut DeTable<'_>,
        head: Range<usize>,
        schema: &'s Value,
    ) -> Fit {
        let known = schema.get("properties").and_then(Value::as_object);
        let entries = entry_schema(schema);
        let is_strict = entries.is_none()
            && (known.is_some() || schema.get("additionalProperties") == Some(&NO));
        let excused =
            if is_strict { self.unknown_keys(table, known) } else { BTreeSet::new() };
        let names = known.into_iter().flat_map(Map::keys).map(String::as_str);
        self.around.push((self.path.len(), names.collect()));
        let fit = self.below(table, &head, schema, &excused);
        self.around.pop();
        fit
    }

    /// Walks what is in a table, and tells what is missing from it.
    fn below(
        &mut self,
        table: &mut DeTable<'_>,
        head: &Range<usize>,
        schema: &'s Value,
        excused: &BTreeSet<&'s str>,
    ) -> Fit {
        let known = schema.get("properties").and_then(Value::as_object);
        let entries = entry_schema(schema);
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|r| r.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let written: Vec<String> =
            table.keys().map(|k| k.get_ref().to_string()).collect();
        for key in written {
            let property = known.and_then(|k| k.get(&key));
            let must_stay = property.is_none() || required.contains(&key.as_str());
            if let Some(below) = property.or(entries)
                && self.entry(table, &key, below, must_stay) == Fit::Unfit
            {
                return Fit::Unfit;
            }
        }
        for key in required {
            let Some(below) = known.and_then(|k| k.get(key)) else { continue };
            if !table.contains_key(key)
                && self.missing(table, key, head, below, excused.contains(key))
                    == Fit::Unfit
            {
                return Fit::Unfit;
            }
        }
        Fit::Fits
    }

    /// Walks one entry; an unfit one is filled where it must stay, else taken out.
    fn entry(
        &mut self,
        table: &mut DeTable<'_>,
        key: &str,
        schema: &'s Value,
        must_stay: bool,
    ) -> Fit {
        let Some(node) = table.get_mut(key) else { return Fit::Fits };
        self.path.push(key.to_owned());
        let mut is_kept = true;
        if self.value(node, schema) == Fit::Unfit {
            is_kept = self.replace(node, schema) && must_stay;
        }
        self.path.pop();
        if !is_kept {
            table.remove(key);
            if must_stay {
                return Fit::Unfit;
            }
        }
        Fit::Fits
    }

    fn missing(
        &mut self,
        table: &mut DeTable<'_>,
        key: &str,
        head: &Range<usize>,
        schema: &'s Value,
        is_excused: bool,
    ) -> Fit {
        if !is_excused {
            let message = format!("{} is missing", self.key(key));
            let help = self.missing_help(key, schema);
            self.path.push(key.to_owned());
            self.misfit("E0103", head.clone(), message, Some(help));
            self.path.pop();
        }
        self.path.push(key.to_owned());
        let key_path = self.path.clone();
        let filling = self.filling_for(schema, head);
        self.path.pop();
        let Some(filling) = filling else { return Fit::Unfit };
        let hidden = match hidden(filling.get_ref()) {
            Hidden::Text(_) => Hidden::Anything,
            other => other,
        };
        self.outcome.repairs.push(Repair { key_path, hidden });
        table.insert(Spanned::new(head.clone(), Cow::Owned(key.to_owned())), filling);
        Fit::Fits
    }

    fn missing_help(&self, key: &str, schema: &'s Value) -> String {
        let about = [schema, self.resolve(schema)]
            .iter()
            .find_map(|s| s.get("description").and_then(Value::as_str))
            .map(|d| d.split("\n\n").next().unwrap_or_default().replace('\n', " "));
        let wanted = self.wanted(schema);
        match about {
            Some(about) => {
                format!("add {}, {wanted}: {}", quoted(key), about.trim_end_matches('.'))
            }
            None => format!("add {}, {wanted}", quoted(key)),
        }
    }

    /// Reports every unknown key, and gives the missing ones it may stand for.
    fn unknown_keys(
        &mut self,
        table: &mut DeTable<'_>,
        known: Option<&'s Map<String, Value>>,
    ) -> BTreeSet<&'s str> {
        let known: Vec<&str> =
            known.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let mut excused = BTreeSet::new();
        let mut unknown: Vec<(String, Range<usize>)> = table
            .keys()
            .filter(|k| !known.contains(&k.get_ref().as_ref()))
            .map(|k| (k.get_ref().to_string(), k.span()))
            .collect();
        unknown.sort_by_key(|(_, span)| span.start);
        for (key, span) in unknown {
            let meant = name::with_unit(&key, known.iter().copied());
            if meant.is_empty() {
                self.unknown_key(table, &key, span, &known);
                continue;
            }
            let (_, unit) = name::split_unit(&key);
            let problem =
                if unit.is_empty() { "has no unit" } else { "has another unit" };
            let message = format!("{} {problem}", self.key(&key));
            let only = (meant.len() == 1).then(|| meant[0]);
            let help = match only {
                Some(given) if table.contains_key(given) => {
                    format!("{} is given already: take this line out", quoted(given))
                }
                _ => format!("write {}", listed(meant.iter().copied(), "or")),
            };
            self.at_key(&key, "E0102", span, message, help);
            // Its number is in a unit nobody knows: nothing else may be judged by it.
            self.take_out(table, &key);
            excused.extend(meant);
        }
        excused
    }

    fn unknown_key(
        &mut self,
        table: &mut DeTable<'_>,
        key: &str,
        span: Range<usize>,
        known: &[&str],
    ) {
        let free: Vec<&str> =
            known.iter().copied().filter(|k| !table.contains_key(*k)).collect();
        let right = name::close(key, free.iter().copied());
        let near = right
            .or_else(|| name::nearest(key, free.iter().copied()))
            .or_else(|| name::close(key, known.iter().copied()));
        let above = self.belongs_above(key).filter(|_| right.is_none());
        let help = match near {
            _ if above.is_some() => {
                let place = above.unwrap_or_default();
                let value = table.get(key).map(Spanned::get_ref);
                let is_table = matches!(value, Some(DeValue::Table(_)));
                let place = if is_table { format!("[{place}]") } else { place };
                format!("it belongs one table further up: write {}", quoted(&place))
            }
            Some(near) if table.contains_key(near) => {
                format!("{} is given already: take this line out", quoted(near))
            }
            Some(near) => format!("did you mean {}?", quoted(near)),
            None if free.is_empty() => "take this line out".to_owned(),
            None if free.len() > MOST_LISTED => format!(
                "keys that may stand here: {} and {} more",
                free[..MOST_LISTED]
                    .iter()
                    .map(|k| quoted(k))
                    .collect::<Vec<_>>()
                    .join(", "),
                free.len() - MOST_LISTED
            ),
            None => format!("keys that may stand here: {}", listed(free, "and")),
        };
        let message = match self.path.as_slice() {
            [] => format!("unknown key {}", quoted(key)),
            _ => format!("unknown key {} in {}", quoted(key), self.here()),
        };
        self.at_key(key, "E0101", span, message, help);
        match right {
            Some(right) => self.rename(table, key, right),
            None => self.take_out(table, key),
        }
    }

    /// The path of a key in the table around this one, where that has such a key.
    fn belongs_above(&self, key: &str) -> Option<String> {
        let (depth, keys) = self.around.last()?;
        let is_around = *depth + 1 == self.path.len() && keys.contains(&key);
        is_around.then(|| [&self.path[..*depth], &[key.to_owned()]].concat().join("."))
    }

    fn at_key(
        &mut self,
        key: &str,
        code: &'static str,
        span: Range<usize>,
        message: String,
        help: String,
    ) {
        self.path.push(shortened(key).into_owned());
        self.misfit(code, span, message, Some(help));
        self.path.pop();
    }

    /// Reads an entry as the one that was meant.
    pub(super) fn rename(&mut self, table: &mut DeTable<'_>, written: &str, right: &str) {
        if let Some((key, value)) = table.remove_entry(written) {
            table.insert(Spanned::new(key.span(), Cow::Owned(right.to_owned())), value);
            let mut key_path = self.path.clone();
            key_path.push(right.to_owned());
            self.outcome.renamed.insert(key_path, written.to_owned());
        }
    }

    fn take_out(&mut self, table: &mut DeTable<'_>, key: &str) {
        if let Some(value) = table.remove(key) {
            let mut key_path = self.path.clone();
            key_path.push(key.to_owned());
            let hidden = hidden(value.get_ref());
            self.outcome.repairs.push(Repair { key_path, hidden });
        }
    }
}

/// The schema of the entries of a map, if the schema is one of a map.
fn entry_schema(schema: &Value) -> Option<&Value> {
    schema
        .get("patternProperties")
        .and_then(Value::as_object)
        .and_then(|patterns| patterns.values().next())
        .or_else(|| schema.get("additionalProperties").filter(|a| !a.is_boolean()))
}
