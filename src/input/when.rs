//! A date as sources print it: a day, a month, a quarter, a half year or a year.
//!
//! `2026-10-05` may be written bare, as TOML dates are; `"2026-10"`, `"2024-Q2"`,
//! `"2025-H2"` and `"2023"` as text. Plans count in months, so all that is asked of a
//! date is the month it lies in (the middle one, where only a longer span is known).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A date of the precision at which it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct When {
    year: i32,
    month: u32,
    text: String,
}

impl When {
    /// The calendar month, as `(year, month 1..=12)`.
    pub fn month(&self) -> (i32, u32) {
        (self.year, self.month)
    }

    /// Months since the year 0, for differences.
    pub fn months(&self) -> i64 {
        i64::from(self.year) * 12 + i64::from(self.month) - 1
    }

    /// Whole months from this date to `later`; negative when `later` is earlier.
    pub fn months_until(&self, later: &Self) -> i64 {
        later.months() - self.months()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for When {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not a date: write 2026-10-05, \"2026-10\", \"2026-Q4\" or \"2026\""
            )
        };
        let mut parts = text.split('-');
        let year_text = parts.next().unwrap_or_default();
        let year: i32 = year_text.parse().map_err(|_| wrong())?;
        if year_text.len() != 4 || !(1900..=2200).contains(&year) {
            return Err(wrong());
        }
        let month = match parts.next() {
            None => 7,
            Some("Q1") => 2,
            Some("Q2") => 5,
            Some("Q3") => 8,
            Some("Q4") => 11,
            Some("H1") => 4,
            Some("H2") => 10,
            Some(m) if m.len() == 2 => m.parse().map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
        };
        if let Some(day) = parts.next() {
            jiff::civil::Date::from_str(text).map_err(|_| wrong())?;
            if day.len() != 2 {
                return Err(wrong());
            }
        }
        if !(1..=12).contains(&month) || parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self { year, month, text: text.to_owned() })
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Datetime(date) => date.to_string(),
            other => {
                return Err(D::Error::custom(format!(
                    "expected a date such as 2026-10-05 or \"2026-10\", found {}",
                    other.type_str()
                )));
            }
        };
        text.parse().map_err(D::Error::custom)
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl JsonSchema for When {
    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A date: 2026-10-05 (bare or quoted), \"2026-10\", \"2026-Q4\", \"2026-H2\" or \"2026\".",
            "type": "string",
            "format": "date-or-period"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_is_a_month() {
        for (text, month) in [
            ("2026-10-05", (2026, 10)),
            ("2026-10", (2026, 10)),
            ("2024-Q2", (2024, 5)),
            ("2025-H2", (2025, 10)),
            ("2023", (2023, 7)),
        ] {
            assert_eq!(text.parse::<When>().unwrap().month(), month, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "26-10",
            "2026-13",
            "2026-1",
            "2026-02-30",
            "soon",
            "2026-Q5",
            "2026-10-5",
        ] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_between_dates_count_over_years() {
        let a: When = "2026-10".parse().unwrap();
        let b: When = "2027-01".parse().unwrap();
        assert_eq!(a.months_until(&b), 3);
    }
}
