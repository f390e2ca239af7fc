//! Choices: enums with names, and values that may be written in more than one way.
//!
//! A named choice (`oneOf`) is a text, or a table with the name as its only key. Of a
//! value that may be a number or a table (`anyOf`), the branch is chosen by what was
//! written, so that the message is about what the person tried.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::wanted::{accepts_deep, found, is_null};
use super::{Fit, Node, Walk, listed, quoted, shortened, words};
use crate::input::name;

/// The names of a choice: those that are a text, and those that are a table.
#[derive(Default)]
struct Names<'s> {
    words: Vec<&'s str>,
    tags: BTreeMap<&'s str, &'s Value>,
    other: Vec<&'s Value>,
}

impl<'s> Names<'s> {
    fn of(branches: &[&'s Value]) -> Self {
        let mut names = Self::default();
        for branch in branches {
            match (words(branch), tag(branch)) {
                (Some(words), _) => names.words.extend(words),
                (None, Some((tag, below))) => {
                    names.tags.insert(tag, below);
                }
                (None, None) => names.other.push(branch),
            }
        }
        names
    }

    fn all(&self) -> Vec<&'s str> {
        self.words.iter().copied().chain(self.tags.keys().copied()).collect()
    }
}

/// The name and the content of a variant that is written as a table.
fn tag(branch: &Value) -> Option<(&str, &Value)> {
    let properties = branch.get("properties")?.as_object()?;
    let required = branch.get("required")?.as_array()?;
    match (properties.iter().next(), required.as_slice()) {
        (Some((tag, below)), [only]) if properties.len() == 1 && only == tag => {
            Some((tag, below))
        }
        _ => None,
    }
}

impl<'s> Walk<'s> {
    /// A choice by name.
    pub(super) fn variant(&mut self, node: &mut Node<'_>, list: &'s [Value]) -> Fit {
        let branches: Vec<&Value> =
            list.iter().map(|b| self.resolve(b)).filter(|b| !is_null(b)).collect();
        let names = Names::of(&branches);
        if let Some(other) = names.other.iter().find(|b| self.accepts(b, node.get_ref()))
        {
            return self.value(node, other);
        }
        let span = node.span();
        match node.get_mut() {
            DeValue::String(written) => {
                let written = written.to_string();
                match names.tags.get(written.as_str()) {
                    Some(_) => {
                        let message = format!(
                            "{} is {}, which needs values",
                            self.here(),
                            quoted(&written)
                        );
                        let mut path = self.path.clone();
                        path.push(written);
                        let help = format!("write a table [{}]", path.join("."));
                        self.misfit("E0105", span, message, Some(help))
                    }
                    None => self.name(node, &names.words, &names.all()),
                }
            }
            DeValue::Table(table) => self.tagged(table, span, &names),
            _ => self.name(node, &names.words, &names.all()),
        }
    }

    fn tagged(
        &mut self,
        table: &mut DeTable<'_>,
        span: Range<usize>,
        names: &Names<'s>,
    ) -> Fit {
        let mut written: Vec<_> = table
            .keys()
            .map(|k| (k.span().start, k.get_ref().to_string(), k.span()))
            .collect();
        written.sort_by_key(|(start, ..)| *start);
        let all = listed(names.all(), "or");
        let [(_, tag, key_span)] = written.as_slice() else {
            let found = written.iter().map(|(_, key, _)| key.as_str());
            let message = match written.len() {
                0 => format!("{} names no variant", self.here()),
                _ => format!(
                    "{} takes one variant, found {}",
                    self.here(),
                    listed(found.take(8), "and")
                ),
            };
            return self.misfit(
                "E0105",
                span,
                message,
                Some(format!("write one of {all}")),
            );
        };
        let mut right = tag.as_str();
        if !names.tags.contains_key(right) {
            let near = name::close(right, names.tags.keys().copied());
            let (message, help) = if names.words.contains(&right) {
                (
                    format!("{} takes no values", self.key(right)),
                    format!("write the name alone, as text: \"{right}\""),
                )
            } else {
                (
                    format!("unknown variant {} of {}", quoted(right), self.here()),
                    meant(right, &names.all()),
                )
            };
            self.path.push(shortened(tag).into_owned());
            self.misfit("E0105", key_span.clone(), message, Some(help));
            self.path.pop();
            let Some(near) = near.filter(|_| !names.words.contains(&right)) else {
                return Fit::Unfit;
            };
            self.rename(table, right, near);
            right = near;
        }
        let (Some(below), Some(node)) = (names.tags.get(right), table.get_mut(right))
        else {
            return Fit::Unfit;
        };
        self.path.push(right.to_owned());
        let is_kept = self.value(node, below) == Fit::Fits || self.replace(node, below);
        self.path.pop();
        if is_kept { Fit::Fits } else { Fit::Unfit }
    }

    /// A text that must be one of a list; a near one is read as the one it is near.
    pub(super) fn word(&mut self, node: &mut Node<'_>, words: &[&str]) -> Fit {
        self.name(node, words, words)
    }

    fn name(&mut self, node: &mut Node<'_>, words: &[&str], all: &[&str]) -> Fit {
        let DeValue::String(text) = node.get_ref() else {
            let message = format!(
                "{} must be one of {}, found {}",
                self.here(),
                listed(all.iter().copied(), "or"),
                found(node.get_ref())
            );
            return self.misfit("E0105", node.span(), message, None);
        };
        if words.contains(&text.as_ref()) {
            return Fit::Fits;
        }
        let message = format!("{} cannot be {}", self.here(), quoted(text));
        let help = meant(text, all);
        let near = name::close(text, words.iter().copied()).map(str::to_owned);
        self.misfit("E0105", node.span(), message, Some(help));
        let Some(near) = near else { return Fit::Unfit };
        *node.get_mut() = DeValue::String(Cow::Owned(near));
        Fit::Fits
    }

    /// A value that may be written in more than one way: where several are open, the
    /// one with the fewest problems was meant.
    pub(super) fn branch(
        &mut self,
        node: &mut Node<'_>,
        schema: &'s Value,
        list: &'s [Value],
    ) -> Fit {
        let branches: Vec<&Value> = list.iter().filter(|b| !is_null(b)).collect();
        if let [only] = branches.as_slice() {
            return self.value(node, only);
        }
        let open: Vec<&Value> =
            branches.into_iter().filter(|b| self.accepts(b, node.get_ref())).collect();
        match open.as_slice() {
            [] => self.wrong_type(node, schema),
            [only] => self.value(node, only),
            [first, ..] => {
                let nearest = open.iter().min_by_key(|b| {
                    let mut trial = Walk::new(self.root, self.filling);
                    trial.value(&mut node.clone(), b);
                    trial.outcome.misfits.len()
                });
                self.value(node, nearest.unwrap_or(first))
            }
        }
    }

    fn accepts(&self, schema: &'s Value, value: &DeValue<'_>) -> bool {
        accepts_deep(schema, value, &|s| self.resolve(s), 8)
    }
}

fn meant(written: &str, all: &[&str]) -> String {
    let known = listed(all.iter().copied(), "and");
    match name::nearest(written, all.iter().copied()) {
        Some(near) if all.len() > 1 => {
            format!("did you mean {}? there are {known}", quoted(near))
        }
        Some(near) => format!("did you mean {}?", quoted(near)),
        None if all.len() > 1 => format!("there are {known}"),
        None => format!("there is only {known}"),
    }
}
