//! What flexible sources charged on one path this month, line by line, and who served what.
//!
//! For the bill of a path; nothing here is on the way of a run. Read next:
//! [`mod@crate::engine::bill`].

use crate::finance::Part;
use crate::scenario::FlexiblePrice;

use super::{Market, Service, pool::price};

/// One amount of a flexible source.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct Item {
    pub(in crate::engine) part: Part,
    /// The source, in words.
    pub(in crate::engine) source: String,
    pub(in crate::engine) quantity: f64,
    pub(in crate::engine) unit: &'static str,
    pub(in crate::engine) amount: f64,
}

/// Work of a workload in a month on one path, in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::engine) struct Work {
    pub(in crate::engine) demanded: f64,
    /// By sources paid by use.
    pub(in crate::engine) bought: f64,
    pub(in crate::engine) unserved: f64,
}

impl Service<'_> {
    /// Everything that flexible sources charged this month; after [`Service::month`].
    pub(in crate::engine) fn itemise(
        &mut self,
        market: &Market<'_>,
        lane: usize,
    ) -> Vec<Item> {
        let mut items = Vec::new();
        let pools = self.pools.iter_mut().zip(&self.strategy.flexible);
        for (pool, flexible) in pools {
            let (mut paid, mut units) = (0.0, 0.0);
            let several = pool.quotes.iter().flatten().nth(1).is_some();
            let mut push = |source: String, quantity: f64, unit, amount: f64| {
                if amount != 0.0 {
                    let part = flexible.part();
                    items.push(Item { part, source, quantity, unit, amount });
                }
            };
            for (w, quote) in pool.quotes.iter_mut().enumerate() {
                let Some(quote) = quote else { continue };
                price(quote, flexible, w, market);
                let work = &self.scenario.workloads[w];
                let served = quote.served[lane];
                let amount = served * quote.price[lane];
                (paid, units) = (paid + amount, units + served);
                let (quantity, unit) = match &flexible.price {
                    FlexiblePrice::Chips { .. } => {
                        (served * quote.hours_per_unit[lane], "chip-hours")
                    }
                    FlexiblePrice::Tokens { per_workload, .. } => {
                        let terms = per_workload[w].iter().flatten();
                        let mtok: f64 = terms.map(|(mtok, _)| mtok).sum();
                        match work.mtok_per_unit {
                            // What is sold by the request counts one of them.
                            Some(whole) if (mtok - whole).abs() <= 1e-9 * whole => {
                                (served * whole, "Mtok")
                            }
                            _ => (served, work.unit),
                        }
                    }
                    FlexiblePrice::Seats { .. } => continue,
                };
                let name = if several {
                    format!("{}: {}", flexible.label, work.name)
                } else {
                    flexible.label.clone()
                };
                push(name, quantity, unit, amount);
            }
            let future = market.future;
            if let FlexiblePrice::Seats {
                workload,
                seats,
                usd_per_seat_month,
                series,
                ..
            } = &flexible.price
            {
                let growth = self.scenario.workloads[*workload].growth;
                let seats = future.number(*seats)[lane] * future.level(growth)[lane];
                let usd = future.number(*usd_per_seat_month)[lane]
                    * future.level(*series)[lane];
                push(flexible.label.clone(), seats, "seats", seats * usd);
            }
            if let Some(fees) = &flexible.fees
                && market.month >= flexible.from_month
            {
                let fixed = fees.fixed_usd(market.month == flexible.from_month);
                push(format!("{}, fees", flexible.label), 1.0, "month", fixed);
                let rest = fees.shortfall_usd(paid, units);
                push(format!("{}, promised, unused", flexible.label), 1.0, "month", rest);
            }
        }
        items
    }

    /// Who served the work of workload `w` this month on one path.
    pub(in crate::engine) fn work(
        &self,
        w: usize,
        market: &Market<'_>,
        lane: usize,
    ) -> Work {
        let quotes = self.pools.iter().filter_map(|pool| pool.quotes[w].as_ref());
        Work {
            demanded: market.demand[w][lane],
            bought: quotes.map(|quote| quote.served[lane]).sum(),
            unserved: if self.falls_short(w) { self.rest[w][lane] } else { 0.0 },
        }
    }
}
