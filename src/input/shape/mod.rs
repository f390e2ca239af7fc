//! One walk over a document against the JSON Schema of the type it must become.
//!
//! serde stops at the first problem and cannot say what was meant. This walk reports
//! every problem, and repairs the tree as it goes: what is wrong is set aside, what is
//! missing is filled, so that the value can still be built and its ranges checked in the
//! same run. It reads the part of JSON Schema that `schemars` writes: references,
//! objects, maps, lists, scalars with bounds, and choices. Read next: `table`, `choice`.

mod choice;
mod filling;
mod scalar;
mod table;
mod wanted;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

pub(super) use filling::Filling;
use wanted::found;

/// A value of a document, with its place.
pub(super) type Node<'d> = Spanned<DeValue<'d>>;

/// A problem of the shape, at its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) code: &'static str,
    pub(super) key_path: Vec<String>,
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// What a repair took out of sight, so that nobody complains of its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hidden {
    /// A number, a date, a truth value.
    Nothing,
    /// A text.
    Text(String),
    /// A table or list, or something that was never written.
    Anything,
}

/// A key whose value is not the one that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repair {
    pub(super) key_path: Vec<String>,
    pub(super) hidden: Hidden,
}

/// What the walk found and did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) misfits: Vec<Misfit>,
    pub(super) repairs: Vec<Repair>,
    /// Right key path → the key as written, where a slip was put right.
    pub(super) renamed: BTreeMap<Vec<String>, String>,
    /// How many fillings show every choice that was filled.
    pub(super) fillings: usize,
    /// False where the root itself could not be repaired.
    pub(super) is_buildable: bool,
}

/// Walks the tree, repairs it in place and reports every misfit.
pub(super) fn shape(root: &mut Node<'_>, schema: &Value, filling: Filling) -> Outcome {
    let mut walk = Walk::new(schema, filling);
    let fit = walk.value(root, schema);
    Outcome { is_buildable: fit == Fit::Fits, ..walk.outcome }
}

/// Whether a value may stay. One that may not has been reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Fits,
    Unfit,
}

/// The walk and the key path it stands at.
struct Walk<'s> {
    root: &'s Value,
    filling: Filling,
    path: Vec<String>,
    /// Keys of the tables around this one, from the root, by the length of their paths.
    around: Vec<(usize, Vec<&'s str>)>,
    outcome: Outcome,
}

impl<'s> Walk<'s> {
    fn new(root: &'s Value, filling: Filling) -> Self {
        Self {
            root,
            filling,
            path: Vec::new(),
            around: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    /// Follows references; a chain longer than any real one ends where it is.
    fn resolve(&self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..32 {
            let target = schema
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|r| self.root.pointer(r.strip_prefix('#')?));
            match target {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn value(&mut self, node: &mut Node<'_>, schema: &'s Value) -> Fit {
        let schema = self.resolve(schema);
        if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
            return self.variant(node, branches);
        }
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
            return self.branch(node, schema, branches);
        }
        if !wanted::accepts(schema, node.get_ref()) {
            return self.wrong_type(node, schema);
        }
        if let Some(words) = words(schema) {
            return self.word(node, &words);
        }
        let span = node.span();
        match node.get_mut() {
            DeValue::Table(table) => self.table(table, span, schema),
            DeValue::Array(_) => self.list(node, schema),
            DeValue::Integer(_) | DeValue::Float(_) => self.number(node, schema),
            DeValue::String(_) | DeValue::Datetime(_) => self.text(node, schema),
            DeValue::Boolean(_) => Fit::Fits,
        }
    }

    fn list(&mut self, node: &mut Node<'_>, schema: &'s Value) -> Fit {
        let span = node.span();
        let DeValue::Array(items) = node.get_mut() else { return Fit::Fits };
        let bound = |key: &str| {
            schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let (least, most) = (bound("minItems"), bound("maxItems"));
        if least.is_some_and(|n| items.len() < n) || most.is_some_and(|n| items.len() > n)
        {
            let wanted = match (least, most) {
                (Some(a), Some(b)) if a == b => format!("{a} items"),
                (Some(a), Some(b)) => format!("{a} to {b} items"),
                (Some(a), None) => format!("at least {a} items"),
                (None, b) => format!("at most {} items", b.unwrap_or_default()),
            };
            let message =
                format!("{} must have {wanted}, found {}", self.here(), items.len());
            return self.misfit("E0104", span, message, None);
        }
        let places = schema.get("prefixItems").and_then(Value::as_array);
        for (i, item) in items.iter_mut().enumerate() {
            let place = places.and_then(|p| p.get(i)).or_else(|| schema.get("items"));
            let Some(place) = place else { continue };
            self.path.push(i.to_string());
            let fit = self.value(item, place);
            let is_kept = fit == Fit::Fits || self.replace(item, place);
            self.path.pop();
            if !is_kept {
                return Fit::Unfit;
            }
        }
        Fit::Fits
    }

    /// Puts a filling in place of an unfit value; false where none can be made.
    fn replace<'d>(&mut self, node: &mut Node<'d>, schema: &'s Value) -> bool {
        let hidden = hidden(node.get_ref());
        self.outcome.repairs.push(Repair { key_path: self.path.clone(), hidden });
        let filling = self.filling_for(schema, &node.span());
        let can_fill = filling.is_some();
        if let Some(filling) = filling {
            *node = filling;
        }
        can_fill
    }

    fn misfit(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Fit {
        let key_path = self.path.clone();
        self.outcome.misfits.push(Misfit { code, key_path, span, message, help });
        Fit::Unfit
    }

    /// The current key path for messages.
    fn here(&self) -> String {
        if self.path.is_empty() {
            return "the file".to_owned();
        }
        quoted(&self.path.join("."))
    }

    /// A key of the table the walk stands at, for messages.
    fn key(&self, key: &str) -> String {
        let parts: Vec<&str> =
            self.path.iter().map(String::as_str).chain(Some(key)).collect();
        quoted(&parts.join("."))
    }

    fn wrong_type(&mut self, node: &Node<'_>, schema: &'s Value) -> Fit {
        let wanted = self.wanted(schema);
        let message =
            format!("{} must be {wanted}, found {}", self.here(), found(node.get_ref()));
        let help = self.type_help(node.get_ref(), schema);
        self.misfit("E0104", node.span(), message, help)
    }
}

/// The words a schema lists, if it lists any.
fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(word) = schema.get("const") {
        return word.as_str().map(|w| vec![w]);
    }
    let list = schema.get("enum")?.as_array()?;
    let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    (!words.is_empty()).then_some(words)
}

fn hidden(value: &DeValue<'_>) -> Hidden {
    match value {
        DeValue::String(text) => Hidden::Text(text.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => Hidden::Anything,
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => Hidden::Nothing,
    }
}

/// A name in back quotes, without control characters and not longer than a line.
fn quoted(name: &str) -> String {
    format!("`{}`", shortened(name))
}

/// At most sixty characters, control characters escaped.
fn shortened(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST && !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut short: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    Cow::Owned(short)
}

/// `a`, `b` or `c`.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    match names.split_last() {
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}
