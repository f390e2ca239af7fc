//! A number as people know it: one value, or what it is with 10, 50 and 90 %.
//!
//! Anywhere a number may be uncertain, a file may say `{ p10 = 2, p50 = 3, p90 = 5 }`
//! in its place. The engine samples it once a path. This file holds the value and how
//! it is written; sampling belongs to [`crate::process`].

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A number, or its 10, 50 and 90 % quantiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Uncertain {
    /// Known.
    Exactly(f64),
    /// Known to a band.
    Between {
        /// One in ten lies below.
        p10: f64,
        /// Half lie below.
        p50: f64,
        /// One in ten lies above.
        p90: f64,
    },
}

impl Uncertain {
    /// The middle of what is known.
    pub fn median(self) -> f64 {
        match self {
            Self::Exactly(x) => x,
            Self::Between { p50, .. } => p50,
        }
    }

    /// True when there is a band.
    pub fn is_uncertain(self) -> bool {
        matches!(self, Self::Between { .. })
    }

    /// The three quantiles; all equal for a known number.
    pub fn quantiles(self) -> [f64; 3] {
        match self {
            Self::Exactly(x) => [x, x, x],
            Self::Between { p10, p50, p90 } => [p10, p50, p90],
        }
    }

    /// Every quantile times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Exactly(x) => Self::Exactly(x * factor),
            Self::Between { p10, p50, p90 } => {
                Self::Between { p10: p10 * factor, p50: p50 * factor, p90: p90 * factor }
            }
        }
    }

    pub(super) fn parts(self) -> Vec<(Option<&'static str>, f64)> {
        match self {
            Self::Exactly(x) => vec![(None, x)],
            Self::Between { p10, p50, p90 } => {
                vec![(Some("p10"), p10), (Some("p50"), p50), (Some("p90"), p90)]
            }
        }
    }

    pub(super) fn disorder(self) -> Option<String> {
        let [p10, p50, p90] = self.quantiles();
        (p10 > p50 || p50 > p90).then(|| {
            format!(
                "the quantiles must rise, found p10 = {p10}, p50 = {p50}, p90 = {p90}"
            )
        })
    }
}

impl From<f64> for Uncertain {
    fn from(x: f64) -> Self {
        Self::Exactly(x)
    }
}

impl From<Uncertain> for Option<f64> {
    fn from(x: Uncertain) -> Self {
        Some(x.median())
    }
}

impl fmt::Display for Uncertain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(x) => write!(f, "{x}"),
            Self::Between { p10, p50, p90 } => write!(f, "{p50} ({p10} to {p90})"),
        }
    }
}

impl<'de> Deserialize<'de> for Uncertain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Uncertain;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or { p10 = …, p50 = …, p90 = … }")
            }
            fn visit_f64<E: Error>(self, x: f64) -> Result<Uncertain, E> {
                Ok(Uncertain::Exactly(x))
            }
            #[expect(clippy::cast_precision_loss, reason = "written numbers fit")]
            fn visit_i64<E: Error>(self, x: i64) -> Result<Uncertain, E> {
                Ok(Uncertain::Exactly(x as f64))
            }
            #[expect(clippy::cast_precision_loss, reason = "written numbers fit")]
            fn visit_u64<E: Error>(self, x: u64) -> Result<Uncertain, E> {
                Ok(Uncertain::Exactly(x as f64))
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Uncertain, A::Error> {
                let (mut p10, mut p50, mut p90) = (None, None, None);
                while let Some(key) = map.next_key::<String>()? {
                    let place = match key.as_str() {
                        "p10" => &mut p10,
                        "p50" => &mut p50,
                        "p90" => &mut p90,
                        _ => {
                            return Err(A::Error::unknown_field(
                                &key,
                                &["p10", "p50", "p90"],
                            ));
                        }
                    };
                    *place = Some(map.next_value::<f64>()?);
                }
                Ok(Uncertain::Between {
                    p10: p10.ok_or_else(|| A::Error::missing_field("p10"))?,
                    p50: p50.ok_or_else(|| A::Error::missing_field("p50"))?,
                    p90: p90.ok_or_else(|| A::Error::missing_field("p90"))?,
                })
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

impl Serialize for Uncertain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exactly(x) => serializer.serialize_f64(*x),
            Self::Between { p10, p50, p90 } => {
                let mut triple = serializer.serialize_struct("Uncertain", 3)?;
                triple.serialize_field("p10", p10)?;
                triple.serialize_field("p50", p50)?;
                triple.serialize_field("p90", p90)?;
                triple.end()
            }
        }
    }
}

impl JsonSchema for Uncertain {
    fn schema_name() -> Cow<'static, str> {
        "Uncertain".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or its 10, 50 and 90 % quantiles.",
            "anyOf": [
                { "type": "number" },
                {
                    "type": "object",
                    "properties": {
                        "p10": { "type": "number" },
                        "p50": { "type": "number" },
                        "p90": { "type": "number" }
                    },
                    "required": ["p10", "p50", "p90"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
