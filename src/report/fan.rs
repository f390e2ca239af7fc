//! The list of fans of a run: what is drawn, written to CSV and to JSON.
//!
//! One list serves all formats, so that a chart always has its numbers.

use std::fmt;

use crate::calibrate::shipped;
use crate::engine::Outcome;
use crate::engine::outcome::FanData;
use crate::scenario::{Scenario, ShownUnit};

/// Unit of a fan's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FanUnit {
    /// US dollars, nominal.
    Usd,
    /// US dollars, present value.
    PresentUsd,
    /// US dollars per something.
    UsdPer(String),
    /// A share of 1.
    Share,
    /// A count of something.
    Count(String),
    /// FLOP/s per US dollar.
    FlopPerSecondPerUsd,
}

impl fmt::Display for FanUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usd => f.write_str("US dollars"),
            Self::PresentUsd => f.write_str("US dollars, present value"),
            Self::UsdPer(what) => write!(f, "US dollars per {what}"),
            Self::Share => f.write_str("share"),
            Self::Count(what) => f.write_str(what),
            Self::FlopPerSecondPerUsd => f.write_str("FLOP/s per US dollar"),
        }
    }
}

/// Whose fan it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The world's: the same for every strategy.
    World,
    /// A strategy's, by position.
    Strategy(usize),
    /// A pair's.
    Pair,
}

/// A fan of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Fan<'a> {
    /// Name in files, such as `cost_to_date.build`.
    pub key: String,
    /// Title.
    pub title: String,
    /// Unit of its values.
    pub unit: FanUnit,
    /// What it rests on, for the caption.
    pub note: String,
    /// Whose it is.
    pub owner: Owner,
    /// Quantiles and paths.
    pub data: &'a FanData,
}

/// All fans that a run kept, in the order in which a reader wants them.
pub fn fans<'a>(scenario: &'a Scenario, outcome: &'a Outcome) -> Vec<Fan<'a>> {
    let mut fans = Vec::new();
    for (i, s) in outcome.strategies.iter().enumerate() {
        let owner = Owner::Strategy(i);
        let mut add = |what: &str, title: String, unit, note: &str, data| {
            fans.push(Fan {
                key: format!("{what}.{}", s.name),
                title,
                unit,
                note: note.to_owned(),
                owner,
                data,
            });
        };
        let rate = scenario.discount_rate * 100.0;
        let present =
            format!("discounted at {rate:.1} % a year; resale in the last month");
        add(
            "cost_to_date",
            format!("Cost to date, {}", s.name),
            FanUnit::PresentUsd,
            &present,
            &s.cost_to_date,
        );
        add(
            "monthly_cost",
            format!("Cash of each month, {}", s.name),
            FanUnit::Usd,
            "nominal, after tax; purchases, running costs, resale",
            &s.monthly_cost,
        );
        if let Some(chips) = &s.chips {
            let title = format!("Chips committed, {}", s.name);
            let unit = FanUnit::Count("chips".to_owned());
            add("chips", title, unit, "owned or reserved, in working order", chips);
        }
        if let Some(share) = &s.utilisation_by_month {
            let title = format!("Utilisation of committed chips, {}", s.name);
            add(
                "utilisation",
                title,
                FanUnit::Share,
                "hours used over hours there",
                share,
            );
        }
    }
    for pair in &outcome.pairs {
        if let Some(gap) = &pair.gap {
            fans.push(Fan {
                key: format!("difference.{}.{}", pair.first, pair.second),
                title: format!("Cost to date, {} less {}", pair.first, pair.second),
                unit: FanUnit::PresentUsd,
                note: format!(
                    "below zero {} is cheaper; same paths for both",
                    pair.first
                ),
                owner: Owner::Pair,
                data: gap,
            });
        }
    }
    for (shown, data) in scenario.shown.iter().zip(&outcome.shown) {
        fans.push(Fan {
            key: shown.key.clone(),
            title: shown.title.clone(),
            unit: match &shown.unit {
                ShownUnit::UsdPer(what) => FanUnit::UsdPer(what.clone()),
                ShownUnit::Count(what) => FanUnit::Count(what.clone()),
                ShownUnit::FlopPerSecondPerUsd => FanUnit::FlopPerSecondPerUsd,
            },
            note: note(scenario, &shown.key, &shown.source),
            owner: Owner::World,
            data,
        });
    }
    fans.retain(|fan| !fan.data.quantiles.is_empty());
    fans
}

/// What a quantity rests on and, where its trajectory is a default, how forecasts of its
/// family have held.
fn note(scenario: &Scenario, key: &str, source: &str) -> String {
    let head = key.split('.').next().unwrap_or_default();
    // The price of new compute falls as FLOP per dollar rises.
    let quantity = if head == "price" { "flop_per_usd" } else { head };
    let trajectory = format!("trajectories.{quantity}");
    let is_default =
        scenario.assumptions.iter().any(|a| a.key == trajectory && a.is_default);
    match shipped::caption(quantity).filter(|_| is_default) {
        Some(record) => format!("{source} · {record}"),
        None => source.to_owned(),
    }
}
