//! Words for what a schema wants and for what was found instead.
//!
//! Also the question under them: which kinds of TOML value a schema takes at all.

use serde_json::Value;
use toml::de::DeValue;

use super::scalar::DATE;
use super::{Walk, listed, shortened, words};

impl<'s> Walk<'s> {
    /// What the schema takes, with its article.
    pub(super) fn wanted(&self, schema: &'s Value) -> String {
        self.wanted_within(schema, 4, false)
    }

    fn wanted_within(&self, schema: &'s Value, depth: usize, is_way: bool) -> String {
        let schema = self.resolve(schema);
        for key in ["anyOf", "oneOf"] {
            let Some(branches) = schema.get(key).and_then(Value::as_array) else {
                continue;
            };
            if depth == 0 || key == "oneOf" {
                return "one of its variants".to_owned();
            }
            let open: Vec<&Value> = branches.iter().filter(|b| !is_null(b)).collect();
            let are_ways = is_way || open.len() > 1;
            let mut ways: Vec<String> = open
                .into_iter()
                .map(|b| self.wanted_within(b, depth - 1, are_ways))
                .collect();
            ways.dedup();
            return ways.join(" or ");
        }
        if let Some(words) = words(schema) {
            return format!("one of {}", listed(words, "or"));
        }
        let ways: Vec<String> = types(schema)
            .into_iter()
            .filter(|t| *t != "null")
            .map(|t| match t {
                "object" if is_way => table_words(schema),
                "object" => "a table".to_owned(),
                "array" => "a list".to_owned(),
                "integer" => "a whole number".to_owned(),
                "boolean" => "`true` or `false`".to_owned(),
                "string" if is_date(schema) => "a date".to_owned(),
                "string" => "a text".to_owned(),
                _ => "a number".to_owned(),
            })
            .collect();
        if ways.is_empty() { "any value".to_owned() } else { ways.join(" or ") }
    }

    /// The next step after a value of the wrong type, where one is likely.
    pub(super) fn type_help(
        &self,
        value: &DeValue<'_>,
        schema: &'s Value,
    ) -> Option<String> {
        let takes = |wanted: &[&str]| self.takes(schema, wanted, 4);
        let head = shortened(&self.path.join(".")).into_owned();
        match value {
            DeValue::String(text) if takes(&["number", "integer"]) => {
                let bare = text.trim();
                let percent = bare.strip_suffix('%').map(str::trim_end);
                let number =
                    |text: &str| text.parse::<f64>().ok().filter(|x| x.is_finite());
                match (percent.and_then(number), number(bare)) {
                    (Some(x), _) => Some(format!("write {}, without quotes", x / 100.0)),
                    (None, Some(_)) => {
                        Some(format!("take the quotes off: {}", shortened(bare)))
                    }
                    (None, None) => None,
                }
            }
            DeValue::String(text) if takes(&["boolean"]) => {
                matches!(&**text, "true" | "false")
                    .then(|| format!("take the quotes off: {text}"))
            }
            DeValue::Float(x) if takes(&["integer"]) => x
                .as_str()
                .parse::<f64>()
                .ok()
                .filter(|x| x.fract() == 0.0 && x.abs() < 1e15)
                .map(|x| format!("write {x:.0}")),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)
                if takes(&["string"]) =>
            {
                Some("write it in quotes".to_owned())
            }
            DeValue::Table(_) if takes(&["array"]) => {
                Some(format!("a table of a list has two brackets: [[{head}]]"))
            }
            DeValue::Array(items)
                if takes(&["object"])
                    && items.iter().next().is_some_and(|i| i.get_ref().is_table()) =>
            {
                Some(format!("there is only one, so one bracket: [{head}]"))
            }
            DeValue::Array(items) if takes(&["number"]) && items.len() == 3 => {
                Some("write a band as { p10 = …, p50 = …, p90 = … }".to_owned())
            }
            DeValue::String(_) if takes(&["array"]) => {
                Some("a list has brackets: […]".to_owned())
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        }
    }

    fn takes(&self, schema: &'s Value, wanted: &[&str], depth: usize) -> bool {
        let schema = self.resolve(schema);
        let branches = schema.get("anyOf").and_then(Value::as_array);
        types(schema).iter().any(|t| wanted.contains(t))
            || (depth > 0
                && branches
                    .is_some_and(|b| b.iter().any(|b| self.takes(b, wanted, depth - 1))))
    }
}

/// What was written, short enough for a message.
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", shortened(text)),
        DeValue::Integer(n) => shortened(&n.to_string()).into_owned(),
        DeValue::Float(x) => shortened(x.as_str()).into_owned(),
        DeValue::Boolean(b) => format!("`{b}`"),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The types a schema names; none means any.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// True for the branch by which a schema says that a value may be absent.
pub(super) fn is_null(schema: &Value) -> bool {
    types(schema) == ["null"]
}

/// True where the schema itself takes a value of this kind.
pub(super) fn accepts(schema: &Value, value: &DeValue<'_>) -> bool {
    let types = types(schema);
    if types.is_empty() {
        return schema != &Value::Bool(false);
    }
    let has = |t: &str| types.contains(&t);
    match value {
        DeValue::String(_) => has("string"),
        DeValue::Integer(_) => has("integer") || has("number"),
        DeValue::Float(_) => has("number"),
        DeValue::Boolean(_) => has("boolean"),
        DeValue::Datetime(_) => has("string") && is_date(schema),
        DeValue::Array(_) => has("array"),
        DeValue::Table(_) => has("object"),
    }
}

/// True where the schema or one of its branches takes a value of this kind.
pub(super) fn accepts_deep<'s>(
    schema: &'s Value,
    value: &DeValue<'_>,
    resolve: &impl Fn(&'s Value) -> &'s Value,
    depth: usize,
) -> bool {
    let schema = resolve(schema);
    let branches = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(*key).and_then(Value::as_array));
    match branches {
        Some(branches) if depth > 0 => {
            branches.iter().any(|b| accepts_deep(b, value, resolve, depth - 1))
        }
        Some(_) => false,
        None => accepts(schema, value),
    }
}

fn is_date(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some(DATE)
}

/// A small table with its keys, as one of several ways to write a value.
fn table_words(schema: &Value) -> String {
    let keys = schema.get("properties").and_then(Value::as_object);
    match keys {
        Some(keys) if (1..=3).contains(&keys.len()) => {
            let keys: Vec<String> = keys.keys().map(|k| format!("{k} = …")).collect();
            format!("{{ {} }}", keys.join(", "))
        }
        _ => "a table".to_owned(),
    }
}
