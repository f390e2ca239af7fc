//! How quantities move together beyond pairs: joint extremes and shocks.
//!
//! Nothing here is on unless the plan says so. Two shocks are ready-made: name them, and
//! change what you know better. Read next: [`crate::trajectory::Shock`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain, nearest};
use crate::trajectory::Shock;

/// How quantities move together.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dependence {
    /// Degrees of freedom of a Student t copula on the correlated quantities, 2 or more:
    /// the fewer, the more often they are extreme together. Left out, a normal copula.
    #[serde(default)]
    pub tail_degrees: Option<u32>,
    /// True to take the nearest possible correlations where the given ones contradict each
    /// other; else they are refused.
    #[serde(default)]
    pub repair_correlations: bool,
}

/// An event that moves several quantities at once.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShockSpec {
    /// Events a year where none is on.
    #[serde(default)]
    pub chance_per_year: Option<f64>,
    /// How long one lasts, months.
    #[serde(default)]
    pub months: Option<Uncertain>,
    /// How strong one is, relative to `log_moves`.
    #[serde(default)]
    pub strength: Option<Uncertain>,
    /// What it adds to the logarithm of a quantity, by name.
    #[serde(default)]
    pub log_moves: BTreeMap<String, f64>,
}

/// A shock that need only be named.
struct Ready {
    name: &'static str,
    chance_per_year: f64,
    months: [f64; 3],
    strength: [f64; 3],
    log_moves: &'static [(&'static str, f64)],
    source: &'static str,
}

const READY: [Ready; 2] = [
    Ready {
        name: "supply_crunch",
        chance_per_year: 0.2,
        months: [6.0, 11.0, 18.0],
        strength: [0.5, 1.0, 1.6],
        log_moves: &[
            ("rent", 0.33),
            ("hardware_price", 0.15),
            ("resale", 0.33),
            ("lead_time", 0.69),
        ],
        source: "prior: H100 list rents rose by a third in 11 months to September 2026 (archived rate cards), delivery of B200 servers from 4 to 10 months, 10 to 14 in the ramp (2026 market reports); once in five years is a judgement",
    },
    Ready {
        name: "demand_winter",
        chance_per_year: 0.1,
        months: [12.0, 20.0, 30.0],
        strength: [0.5, 1.0, 1.6],
        log_moves: &[
            ("rent", -0.45),
            ("hardware_price", -0.15),
            ("resale", -0.7),
            ("lead_time", -0.35),
        ],
        source: "prior: H100 list rents fell by 2.9 % a month for 20 months to October 2025 (archived rate cards); that demand falls with them is the plan's to say; once in ten years is a judgement",
    },
];

impl ShockSpec {
    /// The shock, with what a ready-made one of this name has where the plan says nothing;
    /// and its source, where all of it is ready-made. Nothing where something is missing.
    pub fn resolve(&self, name: &str) -> Option<(Shock, &'static str)> {
        let ready = READY.iter().find(|r| r.name == name);
        let band = |[p10, p50, p90]: [f64; 3]| Uncertain::Between { p10, p50, p90 };
        let moves = |ready: &Ready| {
            ready.log_moves.iter().map(|(n, m)| ((*n).to_owned(), *m)).collect()
        };
        let mut all: BTreeMap<String, f64> = ready.map(moves).unwrap_or_default();
        all.extend(self.log_moves.iter().map(|(name, size)| (name.clone(), *size)));
        let shock = Shock {
            name: name.to_owned(),
            chance_per_year: self.chance_per_year.or(ready.map(|r| r.chance_per_year))?,
            months: self.months.or(ready.map(|r| band(r.months)))?,
            strength: self
                .strength
                .or(ready.map(|r| band(r.strength)))
                .unwrap_or(Uncertain::Exactly(1.0)),
            moves: all.into_iter().collect(),
        };
        let source = match ready {
            Some(ready) if *self == Self::default() => ready.source,
            _ => "the plan",
        };
        (!shock.moves.is_empty()).then_some((shock, source))
    }

    /// Checks one shock of the plan.
    pub(super) fn check_named(&self, name: &str, at: &mut Checker) {
        let chance = self.chance_per_year.map(Uncertain::from);
        at.ranged("chance_per_year", chance, "between 0 and 12", |x| {
            (0.0..=12.0).contains(&x)
        });
        at.ranged("months", self.months, "at least 1", |x| x >= 1.0);
        at.non_negative("strength", self.strength);
        for (quantity, size) in &self.log_moves {
            at.at("log_moves", |at| {
                let size = Uncertain::from(*size);
                at.ranged(quantity, size, "between -5 and 5", |x| x.abs() <= 5.0);
            });
        }
        if self.resolve(name).is_none() {
            let names: Vec<&str> = READY.iter().map(|r| r.name).collect();
            let near = nearest(name, names.iter().copied());
            let help = near.map_or_else(
                || {
                    format!(
                        "give chance_per_year, months and log_moves, or name one that is \
                         ready-made: {}",
                        names.join(", ")
                    )
                },
                |near| format!("did you mean `{near}`?"),
            );
            at.push("E0319", format!("the shock `{name}` is not complete"), help);
        }
    }
}

impl Check for Dependence {
    fn check(&self, at: &mut Checker) {
        let degrees = self.tail_degrees.map(|n| Uncertain::from(f64::from(n)));
        at.ranged("tail_degrees", degrees, "between 2 and 200", |x| {
            (2.0..=200.0).contains(&x)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_made_shock_need_only_be_named_and_may_be_changed() {
        let (shock, source) = ShockSpec::default().resolve("supply_crunch").unwrap();
        assert!(source.starts_with("prior"));
        assert_eq!(shock.moves.len(), 4);
        let own = ShockSpec {
            chance_per_year: Some(0.5),
            log_moves: BTreeMap::from([("rent".to_owned(), 1.0)]),
            ..ShockSpec::default()
        };
        let (shock, source) = own.resolve("supply_crunch").unwrap();
        assert_eq!(source, "the plan");
        assert!((shock.chance_per_year - 0.5).abs() < 1e-15 && shock.moves.len() == 4);
        let rent = shock.moves.iter().find(|m| m.0 == "rent").unwrap();
        assert!((rent.1 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_shock_of_ones_own_says_all_of_it() {
        let mut at = Checker::new();
        ShockSpec::default().check_named("suply_crunch", &mut at);
        let problems = at.into_problems();
        assert_eq!(problems[0].code, "E0319");
        assert!(problems[0].help.as_deref().unwrap().contains("supply_crunch"));
        let own = ShockSpec {
            chance_per_year: Some(0.1),
            months: Some(6.0.into()),
            strength: None,
            log_moves: BTreeMap::from([("energy_price".to_owned(), 0.5)]),
        };
        assert!(own.resolve("gas").is_some());
    }
}
