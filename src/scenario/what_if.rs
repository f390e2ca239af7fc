//! What if: a resolved plan with a few of its figures moved.
//!
//! For people who turn a knob and look, not for plans: a plan says what it believes and
//! this says "and if not". The random numbers stay the same, so what changes in the answer
//! is the knob's doing and not the draw's. Read next: `play.rs`.

use std::collections::BTreeSet;

use crate::strategy::Sizing;
use crate::trajectory::{LevelId, NumberId};
use crate::units::whole_months;

use super::play::{CommittedKind, FlexiblePrice, Scenario};

/// How far each figure is moved; the default moves none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WhatIf {
    /// Growth of all demand on top of the plan's, a year: 0.1 is 10 % more each year.
    pub growth_per_year: f64,
    /// Change of all prices of compute on top of the plan's, a year: rents, tokens,
    /// machines alike.
    pub price_change_per_year: f64,
    /// Use of committed chips over the plan's: 2 commits half of the chips.
    pub utilisation: f64,
    /// Discount rate, a year; left out: the plan's.
    pub discount_rate_per_year: Option<f64>,
    /// Price of power over the plan's.
    pub power_price: f64,
    /// Lead time of machines, halls and reservations over the plan's.
    pub lead_time: f64,
}

impl Default for WhatIf {
    fn default() -> Self {
        Self {
            growth_per_year: 0.0,
            price_change_per_year: 0.0,
            utilisation: 1.0,
            discount_rate_per_year: None,
            power_price: 1.0,
            lead_time: 1.0,
        }
    }
}

impl WhatIf {
    /// Every figure that cannot be, in words: what it must be and what it is.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut within = |name: &str, x: f64, low: f64, high: f64| {
            if !(low..=high).contains(&x) {
                found.push(format!("`{name}` must be from {low} to {high}, found {x}"));
            }
        };
        within("growth_per_year", self.growth_per_year, -0.9, 9.0);
        within("price_change_per_year", self.price_change_per_year, -0.9, 9.0);
        within("utilisation", self.utilisation, 0.1, 10.0);
        if let Some(rate) = self.discount_rate_per_year {
            within("discount_rate_per_year", rate, 0.0, 1.0);
        }
        within("power_price", self.power_price, 0.0, 100.0);
        within("lead_time", self.lead_time, 0.0, 20.0);
        found
    }

    /// Moves the figures of a scenario. What a strategy expects of the future is the
    /// plan's still: it is surprised, as its planner would be.
    pub fn apply(&self, scenario: &mut Scenario) {
        let demand: BTreeSet<LevelId> =
            scenario.workloads.iter().map(|w| w.growth).collect();
        let (mut prices, mut lead, mut power) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::<NumberId>::new());
        for strategy in &mut scenario.strategies {
            for committed in &mut strategy.committed {
                committed.size_factor = 1.0 / self.utilisation;
                if let Sizing::Schedule(schedule) = &mut committed.sizing {
                    for order in &mut schedule.orders {
                        order.chips /= self.utilisation;
                    }
                }
                match &mut committed.kind {
                    CommittedKind::Own(own) => {
                        prices.insert(own.hardware_price);
                        lead.insert(own.lead_time_months);
                        lead.extend(own.hall.as_ref().map(|hall| hall.build_months));
                        power.insert(own.energy_usd_per_kwh);
                    }
                    CommittedKind::Reserve(reserve) => {
                        prices.insert(reserve.rent);
                        let months = f64::from(reserve.lead_months) * self.lead_time;
                        reserve.lead_months = whole_months(months);
                    }
                }
            }
            for flexible in &strategy.flexible {
                prices.insert(match flexible.price {
                    FlexiblePrice::Chips { rent, .. } => rent,
                    FlexiblePrice::Tokens { series, .. }
                    | FlexiblePrice::Seats { series, .. } => series,
                });
            }
        }
        for id in demand {
            scenario.world.tilt(id, self.growth_per_year);
        }
        for id in prices {
            scenario.world.tilt(id, self.price_change_per_year);
        }
        for id in power {
            scenario.world.scale(id, self.power_price);
        }
        for id in lead {
            scenario.world.scale(id, self.lead_time);
        }
        if let Some(rate) = self.discount_rate_per_year {
            scenario.discount_rate = rate;
        }
    }
}
