//! What a provider asks for chips by the hour and for models by the token.
//!
//! List prices with their dates. An instrument that is not offered is left out; it is
//! never guessed from another. Read next: [`super::accelerator`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{Sources, check_sources};
use crate::input::{Check, Checker, Uncertain, When};

/// Kind of provider: the spread between kinds is wider than years of price change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// A general cloud (AWS, Azure, Google Cloud, Oracle).
    Hyperscaler,
    /// A cloud for accelerators.
    Neocloud,
    /// A market of other people's machines.
    Marketplace,
    /// Sells tokens, not machines.
    Api,
}

/// The price list of one provider.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Stable name in files: lower case, hyphens; the same as the file's.
    pub id: String,
    /// Name as people print it.
    pub name: String,
    /// Kind of provider.
    pub segment: Segment,
    /// What the sources disagree about, in words.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Sources by key.
    #[serde(default)]
    pub sources: Sources,
    /// Chips by the hour.
    #[serde(default)]
    pub chips: Vec<ChipPrice>,
    /// Models by the token.
    #[serde(default)]
    pub api: Vec<TokenPrice>,
}

/// List prices of an accelerator, US dollars per chip and hour.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChipPrice {
    /// Id of an accelerator.
    pub accelerator: String,
    /// The provider's own name of the machine.
    #[serde(default)]
    pub sku: Option<String>,
    /// Where it is offered.
    #[serde(default)]
    pub region: Option<String>,
    /// Key in `[sources]`.
    pub source: String,
    /// When the prices held.
    pub as_of: When,
    /// By the hour, nothing committed.
    #[serde(default)]
    pub on_demand_usd_per_chip_hour: Option<Uncertain>,
    /// Committed for 1 year, nothing upfront.
    #[serde(default)]
    pub reserved_1y_usd_per_chip_hour: Option<Uncertain>,
    /// Committed for 3 years, nothing upfront.
    #[serde(default)]
    pub reserved_3y_usd_per_chip_hour: Option<Uncertain>,
    /// Committed for 5 years, nothing upfront.
    #[serde(default)]
    pub reserved_5y_usd_per_chip_hour: Option<Uncertain>,
    /// Interruptible.
    #[serde(default)]
    pub spot_usd_per_chip_hour: Option<Uncertain>,
}

/// List prices of a model, US dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenPrice {
    /// Id of a model of the catalogue, or the provider's own name of a closed one.
    pub model: String,
    /// The provider's own name of the endpoint.
    #[serde(default)]
    pub sku: Option<String>,
    /// Key in `[sources]`.
    pub source: String,
    /// When the prices held.
    pub as_of: When,
    /// Input.
    pub input_usd_per_mtok: Uncertain,
    /// Output.
    pub output_usd_per_mtok: Uncertain,
    /// Input read from the provider's prefix cache.
    #[serde(default)]
    pub cached_input_usd_per_mtok: Option<Uncertain>,
    /// Input of batch requests (answered within a day).
    #[serde(default)]
    pub batch_input_usd_per_mtok: Option<Uncertain>,
    /// Output of batch requests.
    #[serde(default)]
    pub batch_output_usd_per_mtok: Option<Uncertain>,
}

impl Check for Offer {
    fn check(&self, at: &mut Checker) {
        super::check_id(at, &self.id);
        for (i, c) in self.chips.iter().enumerate() {
            at.at("chips", |at| {
                at.at(i, |at| {
                    at.positive(
                        "on_demand_usd_per_chip_hour",
                        c.on_demand_usd_per_chip_hour,
                    );
                    at.positive(
                        "reserved_1y_usd_per_chip_hour",
                        c.reserved_1y_usd_per_chip_hour,
                    );
                    at.positive(
                        "reserved_3y_usd_per_chip_hour",
                        c.reserved_3y_usd_per_chip_hour,
                    );
                    at.positive(
                        "reserved_5y_usd_per_chip_hour",
                        c.reserved_5y_usd_per_chip_hour,
                    );
                    at.positive("spot_usd_per_chip_hour", c.spot_usd_per_chip_hour);
                    c.check_sentinels(at);
                });
            });
        }
        for (i, t) in self.api.iter().enumerate() {
            at.at("api", |at| {
                at.at(i, |at| {
                    at.positive("input_usd_per_mtok", t.input_usd_per_mtok);
                    at.positive("output_usd_per_mtok", t.output_usd_per_mtok);
                    at.positive("cached_input_usd_per_mtok", t.cached_input_usd_per_mtok);
                    at.positive("batch_input_usd_per_mtok", t.batch_input_usd_per_mtok);
                    at.positive("batch_output_usd_per_mtok", t.batch_output_usd_per_mtok);
                });
            });
        }
        let place = |table: &str, i: usize| {
            vec![table.to_owned(), i.to_string(), "source".to_owned()]
        };
        let chips = self
            .chips
            .iter()
            .enumerate()
            .map(|(i, c)| (place("chips", i), c.source.as_str()));
        let api = self
            .api
            .iter()
            .enumerate()
            .map(|(i, t)| (place("api", i), t.source.as_str()));
        check_sources(at, &self.sources, chips.chain(api));
    }
}

impl ChipPrice {
    /// Price lists mark a missing price with 700; nobody rents a chip at that.
    fn check_sentinels(&self, at: &mut Checker) {
        for (key, price) in [
            ("on_demand_usd_per_chip_hour", self.on_demand_usd_per_chip_hour),
            ("spot_usd_per_chip_hour", self.spot_usd_per_chip_hour),
        ] {
            if price.is_some_and(|p| (p.median() - 700.0).abs() < 1e-9) {
                at.at(key, |at| {
                    at.push(
                        "E0207",
                        "700 marks a missing price in some price lists".to_owned(),
                        "leave the key out where the instrument is not offered"
                            .to_owned(),
                    );
                });
            }
        }
    }
}
