//! Choices by name, values that may be written in two ways, and what only serde refuses.

use std::collections::BTreeMap;

use rackcast::input::{Check, Checker, Uncertain, When, read_str};
use schemars::JsonSchema;
use serde::Deserialize;

use super::said;

/// Choices as plans write them, and a text that only serde understands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read to be refused")]
pub(crate) struct Plan {
    /// How demand grows.
    growth: Growth,
    #[serde(default)]
    by_region: BTreeMap<String, Option<Growth>>,
    #[serde(default)]
    letter: Option<char>,
    #[serde(default)]
    span: Option<[f64; 2]>,
    #[serde(default)]
    start: Option<When>,
    #[serde(default)]
    limit: Option<Limit>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "read to be refused")]
enum Growth {
    /// None.
    Nothing,
    /// A fixed rate.
    Constant(f64),
    /// A random rate.
    Geometric {
        drift_per_year: f64,
        #[serde(default)]
        volatility_per_sqrt_year: Option<f64>,
    },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read to be refused")]
enum Limit {
    Number(f64),
    Power { power_w: f64 },
    Space { racks: u32, rooms: u32 },
}

impl Check for Plan {
    fn check(&self, at: &mut Checker) {
        if let Growth::Geometric { drift_per_year, .. } = self.growth {
            at.at("growth", |at| {
                at.at("geometric", |at| {
                    at.positive("drift_per_year", Uncertain::from(drift_per_year));
                });
            });
        }
    }
}

/// A plan, and all that is said about it.
const PLANS: &[(&str, &str)] = &[
    ("growth = \"nothing\"", ""),
    ("growth.constant = 2", ""),
    ("[growth.geometric]\ndrift_per_year = 0.1", ""),
    (
        "growth.gometric = { drift_per_yaer = -1 }",
        "\
error[E0105]: unknown variant `gometric` of `growth`
 --> plan.toml:1:8
  |
1 | growth.gometric = { drift_per_yaer = -1 }
  |        ^^^^^^^^
  |
  = help: did you mean `geometric`? there are `nothing`, `constant` and `geometric`

error[E0101]: unknown key `drift_per_yaer` in `growth.geometric`
 --> plan.toml:1:21
  |
1 | growth.gometric = { drift_per_yaer = -1 }
  |                     ^^^^^^^^^^^^^^
  |
  = help: did you mean `drift_per_year`?

error[E0201]: `growth.geometric.drift_per_year` must be positive, found -1
 --> plan.toml:1:38
  |
1 | growth.gometric = { drift_per_yaer = -1 }
  |                                      ^^",
    ),
    (
        "growth = \"geometric\"",
        "\
error[E0105]: `growth` is `geometric`, which needs values
 --> plan.toml:1:10
  |
1 | growth = \"geometric\"
  |          ^^^^^^^^^^^
  |
  = help: write a table [growth.geometric]",
    ),
    (
        "growth.nothing = {}",
        "\
error[E0105]: `growth.nothing` takes no values
 --> plan.toml:1:8
  |
1 | growth.nothing = {}
  |        ^^^^^^^
  |
  = help: write the name alone, as text: \"nothing\"",
    ),
    (
        "growth = { constant = 1, geometric = {} }",
        "\
error[E0105]: `growth` takes one variant, found `constant` and `geometric`
 --> plan.toml:1:10
  |
1 | growth = { constant = 1, geometric = {} }
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write one of `nothing`, `constant` or `geometric`",
    ),
    (
        "growth = 3",
        "\
error[E0105]: `growth` must be one of `nothing`, `constant` or `geometric`, found 3
 --> plan.toml:1:10
  |
1 | growth = 3
  |          ^",
    ),
    (
        "growth = \"nothing\"\nby_region.eu = \"much\"",
        "\
error[E0105]: `by_region.eu` cannot be `much`
 --> plan.toml:2:16
  |
2 | by_region.eu = \"much\"
  |                ^^^^^^
  |
  = help: there are `nothing`, `constant` and `geometric`",
    ),
    (
        "growth = \"nothing\"\nspan = [1, 2, 3]",
        "\
error[E0104]: `span` must have 2 items, found 3
 --> plan.toml:2:8
  |
2 | span = [1, 2, 3]
  |        ^^^^^^^^^",
    ),
    (
        "growth = \"nothing\"\nletter = \"ab\"",
        "\
error[E0107]: `letter`: invalid value: string \"ab\", expected a character
 --> plan.toml:2:10
  |
2 | letter = \"ab\"
  |          ^^^^",
    ),
    ("growth = \"nothing\"\nlimit = 3", ""),
    ("growth = \"nothing\"\nlimit = { racks = 2, rooms = 1 }", ""),
    (
        "growth = \"nothing\"\nlimit = { power = 2 }",
        "\
error[E0102]: `limit.power` has no unit
 --> plan.toml:2:11
  |
2 | limit = { power = 2 }
  |           ^^^^^
  |
  = help: write `power_w`",
    ),
];

#[test]
fn choices_say_what_there_is_to_choose() {
    for (text, wanted) in PLANS {
        assert_eq!(&said(&read_str::<Plan>("plan.toml", text)), wanted, "{text}");
    }
}
