//! Numbers and texts: finite, whole where they must be, in their bounds, a date.
//!
//! A text that must be a date is read by the same function that later makes the date of
//! it. Read next: `crate::input::When`.

use serde_json::Value;
use toml::de::DeValue;

use super::wanted::{found, types};
use super::{Fit, Node, Walk};
use crate::input::When;

/// The format of [`When`] in a schema.
pub(super) const DATE: &str = "date-or-period";

impl<'s> Walk<'s> {
    pub(super) fn number(&mut self, node: &Node<'_>, schema: &'s Value) -> Fit {
        let x = match node.get_ref() {
            DeValue::Integer(n) => i128::from_str_radix(n.as_str(), n.radix())
                .ok()
                .and_then(|n| i64::try_from(n).ok())
                .map(as_f64),
            DeValue::Float(x) => {
                let text = x.as_str();
                let value = text.parse::<f64>().ok();
                value.filter(|v| v.is_finite() || text.contains(['i', 'n']))
            }
            _ => None,
        };
        let Some(x) = x else {
            let message =
                format!("{} is too large: {}", self.here(), found(node.get_ref()));
            return self.misfit("E0106", node.span(), message, None);
        };
        if !x.is_finite() {
            let message = format!("{} must be a finite number, found {x}", self.here());
            let help = "leave the key out where the value is unknown".to_owned();
            return self.misfit("E0106", node.span(), message, Some(help));
        }
        match broken_bound(schema, x) {
            Some(wanted) => {
                let message = format!("{} must be {wanted}, found {x}", self.here());
                self.misfit("E0201", node.span(), message, None)
            }
            None => Fit::Fits,
        }
    }

    pub(super) fn text(&mut self, node: &Node<'_>, schema: &'s Value) -> Fit {
        if schema.get("format").and_then(Value::as_str) != Some(DATE) {
            return Fit::Fits;
        }
        let text = match node.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            _ => return Fit::Fits,
        };
        if text.parse::<When>().is_ok() {
            return Fit::Fits;
        }
        let message =
            format!("{} must be a date, found {}", self.here(), found(node.get_ref()));
        let help = "write 2026-10-05, \"2026-10\", \"2026-Q4\", \"2026-H2\" or \"2026\"";
        self.misfit("E0104", node.span(), message, Some(help.to_owned()))
    }
}

/// The bound a number breaks, in words.
pub(super) fn broken_bound(schema: &Value, x: f64) -> Option<String> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let (width_least, width_most) = width(schema);
    let least = bound("minimum").or(width_least);
    let most = bound("maximum").or(width_most);
    if let Some(low) = least.filter(|low| x < *low) {
        return Some(match low {
            0.0 => "zero or more".to_owned(),
            _ => format!("at least {low}"),
        });
    }
    if let Some(low) = bound("exclusiveMinimum").filter(|low| x <= *low) {
        return Some(match low {
            0.0 => "positive".to_owned(),
            _ => format!("more than {low}"),
        });
    }
    if let Some(high) = most.filter(|high| x > *high) {
        return Some(format!("at most {high}"));
    }
    bound("exclusiveMaximum")
        .filter(|high| x >= *high)
        .map(|high| format!("less than {high}"))
}

/// What the integer type of the schema holds.
fn width(schema: &Value) -> (Option<f64>, Option<f64>) {
    if !types(schema).contains(&"integer") {
        return (None, None);
    }
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("uint8") => (0.0, u8::MAX.into()),
        Some("uint16") => (0.0, u16::MAX.into()),
        Some("uint32") => (0.0, u32::MAX.into()),
        _ => return (None, None),
    };
    (Some(least), Some(most))
}

#[expect(clippy::cast_precision_loss, reason = "compared with bounds, never stored")]
fn as_f64(n: i64) -> f64 {
    n as f64
}
