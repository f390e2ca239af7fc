//! Where owned machines stand: space, power, cooling, and what a hall costs to build.
//!
//! Read next: [`super::accelerator`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{Sources, check_sources};
use crate::input::{Check, Checker, Uncertain, When};

/// One way to house machines.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facility {
    /// Stable name in files: lower case, hyphens; the same as the file's.
    pub id: String,
    /// Name as people print it.
    pub name: String,
    /// What the sources disagree about, in words.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Sources by key.
    #[serde(default)]
    pub sources: Sources,
    /// Power and cooling.
    pub power: FacilityPower,
    /// Rented space; left out where the hall is one's own.
    #[serde(default)]
    pub space: Option<Space>,
    /// A hall built for the machines; left out where space is rented.
    #[serde(default)]
    pub construction: Option<Construction>,
    /// People and contracts.
    #[serde(default)]
    pub operation: Option<Operation>,
}

/// Power and cooling.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityPower {
    /// Key in `[sources]`.
    pub source: String,
    /// When the price held.
    pub as_of: When,
    /// Power usage effectiveness: power of the site over power of the machines.
    pub pue: Uncertain,
    /// Price of energy, US dollars per kWh.
    pub energy_usd_per_kwh: Uncertain,
    /// Key of the source of the price of energy, where it is not `source`.
    #[serde(default)]
    pub energy_source: Option<String>,
}

/// Rented space.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// Key in `[sources]`.
    pub source: String,
    /// When the price held.
    pub as_of: When,
    /// Rent per kW of machine power reserved, US dollars per month.
    pub usd_per_kw_month: Uncertain,
}

/// A hall of one's own.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Construction {
    /// Key in `[sources]`.
    pub source: String,
    /// Cost per kW of machine power, US dollars: shell, power, cooling.
    pub usd_per_kw: Uncertain,
    /// Months from decision to power.
    pub build_months: Uncertain,
    /// Years over which the hall serves.
    pub life_years: f64,
}

/// People and contracts.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Key in `[sources]`.
    pub source: String,
    /// Support, spares, network care and staff, share of machine capex a year.
    #[serde(default)]
    pub share_of_capex_per_year: Option<Uncertain>,
    /// Staff, US dollars per node and year.
    #[serde(default)]
    pub staff_usd_per_node_year: Option<Uncertain>,
}

impl Check for Facility {
    fn check(&self, at: &mut Checker) {
        super::check_id(at, &self.id);
        at.at("power", |at| {
            at.ranged("pue", self.power.pue, "1 or more", |x| x >= 1.0);
            at.non_negative("energy_usd_per_kwh", self.power.energy_usd_per_kwh);
        });
        if let Some(space) = &self.space {
            at.at("space", |at| {
                at.non_negative("usd_per_kw_month", space.usd_per_kw_month);
            });
        }
        if let Some(hall) = &self.construction {
            at.at("construction", |at| {
                at.non_negative("usd_per_kw", hall.usd_per_kw);
                at.non_negative("build_months", hall.build_months);
                at.positive("life_years", Uncertain::from(hall.life_years));
            });
        }
        if let Some(operation) = &self.operation {
            at.at("operation", |at| {
                at.non_negative(
                    "share_of_capex_per_year",
                    operation.share_of_capex_per_year,
                );
                at.non_negative(
                    "staff_usd_per_node_year",
                    operation.staff_usd_per_node_year,
                );
            });
        }
        let place = |table: &str| vec![table.to_owned(), "source".to_owned()];
        let mut used = vec![(place("power"), self.power.source.as_str())];
        used.extend(self.power.energy_source.iter().map(|key| {
            (vec!["power".to_owned(), "energy_source".to_owned()], key.as_str())
        }));
        used.extend(self.space.iter().map(|t| (place("space"), t.source.as_str())));
        used.extend(
            self.construction.iter().map(|t| (place("construction"), t.source.as_str())),
        );
        used.extend(
            self.operation.iter().map(|t| (place("operation"), t.source.as_str())),
        );
        check_sources(at, &self.sources, used);
    }
}
