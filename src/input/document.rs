//! A TOML text and the place of every key and value in it.
//!
//! Values are plain numbers and strings once read; what is said about them later must
//! still point at the bytes a person wrote. A document keeps the text and, for any key
//! path, where it stands. Read next: [`super::Diagnostics`], which draws these places.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Tables and arrays within each other; deeper ones are refused, so that no walk over
/// a document can exhaust the stack. People write five.
const DEEPEST: usize = 64;

/// A text with the places of its keys and values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    name: String,
    text: String,
    root: Place,
}

/// Where a key and its value stand, and what is below.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    key: Range<usize>,
    value: Range<usize>,
    below: Below,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Below {
    Nothing,
    Keys(BTreeMap<String, Place>),
    Items(Vec<Place>),
}

impl Document {
    /// A text of which nothing is known but its name.
    pub(super) fn bare(name: &str, text: &str) -> Self {
        let root = Place { key: 0..0, value: 0..0, below: Below::Nothing };
        Self { name: name.to_owned(), text: text.to_owned(), root }
    }

    /// The places of a parsed text; on failure, the place that lies too deep.
    pub(super) fn of(
        name: &str,
        text: &str,
        table: &DeTable<'_>,
    ) -> Result<Self, Range<usize>> {
        let below = keys(table, 1)?;
        let root = Place { key: 0..0, value: 0..0, below };
        Ok(Self { name: name.to_owned(), text: text.to_owned(), root })
    }

    /// What to print as the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the value at a key path (the head of a table that has one). A key
    /// that is not there is at the head of its table; the root is at the first byte.
    pub fn span_of<S: AsRef<str>>(&self, path: &[S]) -> Range<usize> {
        let mut place = &self.root;
        for key in path {
            match place.child(key.as_ref()) {
                Some(child) => place = child,
                None => break,
            }
        }
        place.value.clone()
    }

    /// The bytes of the key at a key path; an item of an array has no key of its own
    /// and is at its value.
    pub fn key_span_of<S: AsRef<str>>(&self, path: &[S]) -> Option<Range<usize>> {
        let mut place = &self.root;
        for key in path {
            place = place.child(key.as_ref())?;
        }
        Some(place.key.clone())
    }

    /// The key path of the narrowest value around a byte; empty for the root.
    pub fn path_at(&self, byte: usize) -> Vec<String> {
        let mut best: Option<(usize, Vec<String>)> = None;
        self.root.search(byte, &mut Vec::new(), &mut best);
        best.map(|(_, path)| path).unwrap_or_default()
    }
}

impl Place {
    fn child(&self, key: &str) -> Option<&Self> {
        match &self.below {
            Below::Nothing => None,
            Below::Keys(keys) => keys.get(key),
            Below::Items(items) => items.get(key.parse::<usize>().ok()?),
        }
    }

    fn search(
        &self,
        byte: usize,
        path: &mut Vec<String>,
        best: &mut Option<(usize, Vec<String>)>,
    ) {
        let width = self.value.len();
        let is_better = best.as_ref().is_none_or(|(b, _)| width <= *b);
        if self.value.contains(&byte) && is_better {
            *best = Some((width, path.clone()));
        }
        let mut enter = |key: String, place: &Self| {
            path.push(key);
            place.search(byte, path, best);
            path.pop();
        };
        match &self.below {
            Below::Nothing => {}
            Below::Keys(keys) => keys.iter().for_each(|(k, p)| enter(k.clone(), p)),
            Below::Items(items) => {
                items.iter().enumerate().for_each(|(i, p)| enter(i.to_string(), p));
            }
        }
    }
}

fn keys(table: &DeTable<'_>, depth: usize) -> Result<Below, Range<usize>> {
    let mut places = BTreeMap::new();
    for (key, value) in table {
        places.insert(key.get_ref().to_string(), place(key.span(), value, depth)?);
    }
    Ok(Below::Keys(places))
}

fn place(
    key: Range<usize>,
    value: &Spanned<DeValue<'_>>,
    depth: usize,
) -> Result<Place, Range<usize>> {
    if depth > DEEPEST {
        return Err(key);
    }
    let below = match value.get_ref() {
        DeValue::Table(table) => keys(table, depth + 1)?,
        DeValue::Array(items) => {
            let items = items.iter().map(|i| place(i.span(), i, depth + 1));
            Below::Items(items.collect::<Result<_, _>>()?)
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => Below::Nothing,
    };
    Ok(Place { key, value: value.span(), below })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "id = \"a\"\n[memory]\ncapacity_gb = { p10 = 1, p50 = 2 }\n\
                        [[quote]]\nusd = 3\n[[quote]]\nusd = 4\n[x.y]\nz = 5\n";

    fn document() -> Document {
        let table = DeTable::parse(TEXT).expect("valid");
        Document::of("a.toml", TEXT, table.get_ref()).expect("shallow")
    }

    #[test]
    fn a_key_path_finds_its_bytes() {
        for (path, bytes) in [
            (vec!["id"], "\"a\""),
            (vec!["memory"], "[memory]"),
            (vec!["memory", "capacity_gb", "p50"], "2"),
            (vec!["memory", "bandwidth_gb_per_s"], "[memory]"),
            (vec!["quote", "1", "usd"], "4"),
            (vec!["x", "y"], "[x.y]"),
            (vec!["nothing", "here"], ""),
        ] {
            assert_eq!(&TEXT[document().span_of(&path)], bytes, "{path:?}");
        }
        let key = document().key_span_of(&["memory", "capacity_gb"]).unwrap();
        assert_eq!(&TEXT[key], "capacity_gb");
        assert_eq!(document().key_span_of(&["memory", "kind"]), None);
    }

    #[test]
    fn a_byte_finds_its_key_path() {
        let at = |text: &str| document().path_at(TEXT.find(text).unwrap());
        assert_eq!(at("\"a\""), ["id"]);
        assert_eq!(at("2 }"), ["memory", "capacity_gb", "p50"]);
        assert_eq!(at("4\n"), ["quote", "1", "usd"]);
        assert!(document().path_at(TEXT.len() + 9).is_empty());
    }

    #[test]
    fn what_lies_too_deep_is_refused_where_it_begins() {
        let text = format!("{}b = 1", "a.".repeat(DEEPEST));
        let (table, _) = DeTable::parse_recoverable(&text);
        let refused = Document::of("deep.toml", &text, table.get_ref()).err();
        assert_eq!(refused, Some(2 * DEEPEST..2 * DEEPEST + 1));
    }
}
