//! What is drawn of the world: demand, prices, rents, FLOP per dollar.

use crate::profile::Accelerator;
use crate::supply::PriceSeries;
use crate::supply::own::Successors;
use crate::trajectory::{LevelId, NumberId};

use super::play::{Drawn, Product, Shown, ShownUnit, TokenTerms};
use super::resolve::Builder;

impl Builder<'_> {
    /// Demand of each workload, and the chips it needs of each kind that can serve it.
    pub(super) fn show_demand(&mut self) {
        let demand = self.workloads.iter().enumerate().map(|(w, play)| Shown {
            key: format!("demand.{}", play.name),
            title: format!("Demand, {}", play.name),
            unit: ShownUnit::Count(format!("{} a month", play.unit)),
            source: "the plan's growth and intensity".to_owned(),
            drawn: Drawn::Demand(w),
        });
        let chips = self.conversions.iter().enumerate().map(|(i, c)| {
            let name = &self.workloads[c.workload].name;
            Shown {
                key: format!("chips_needed.{name}.{}", c.accelerator),
                title: format!("{} needed by the mean load of {name}", c.accelerator),
                unit: ShownUnit::Count("chips".to_owned()),
                source: "demand, throughput and its band, software".to_owned(),
                drawn: Drawn::ChipsNeeded(i),
            }
        });
        let shown: Vec<Shown> = demand.chain(chips).collect();
        self.shown.splice(0..0, shown);
    }

    pub(super) fn show_price(
        &mut self,
        chip: &Accelerator,
        usd_per_chip: NumberId,
        street: LevelId,
        progress: Option<LevelId>,
    ) {
        self.show(Shown {
            key: format!("price.{}", chip.id),
            title: match progress {
                Some(_) => format!("Price of new compute equal to one {}", chip.name),
                None => format!("Price of one {}, new", chip.name),
            },
            unit: ShownUnit::UsdPer("chip, server included".to_owned()),
            source: "newest quote, street price, FLOP per dollar".to_owned(),
            drawn: Drawn::Product(Product {
                base: 1.0,
                numbers: vec![usd_per_chip],
                times: vec![street],
                over_numbers: Vec::new(),
                over: progress.into_iter().collect(),
            }),
        });
        let Some(progress) = progress else { return };
        self.show(Shown {
            key: format!("flop_per_usd.{}", chip.id),
            title: "Dense bf16 FLOP/s per dollar of server, new hardware".to_owned(),
            unit: ShownUnit::FlopPerSecondPerUsd,
            source: "drifting walk with parameter uncertainty".to_owned(),
            drawn: Drawn::Product(Product {
                base: chip.compute.bf16_tflops.median() * 1e12,
                numbers: Vec::new(),
                times: vec![progress],
                over_numbers: vec![usd_per_chip],
                over: vec![street],
            }),
        });
    }

    /// What a new chip is and costs, generation after generation.
    pub(super) fn show_generations(
        &mut self,
        chip: &Accelerator,
        usd_per_chip: NumberId,
        street: LevelId,
        new: &Successors,
    ) {
        let source = "the generations of the plan, dates and gains";
        let later = format!("bought then, {} today", chip.name);
        let mut show = |key: &str, title: String, unit, base, level: LevelId| {
            self.show(Shown {
                key: format!("{key}.{}", chip.id),
                title,
                unit,
                source: source.to_owned(),
                drawn: Drawn::Product(Product {
                    base,
                    numbers: Vec::new(),
                    times: vec![level],
                    over_numbers: Vec::new(),
                    over: Vec::new(),
                }),
            });
        };
        show(
            "flop_per_s",
            format!("Dense bf16 FLOP/s of a chip {later}"),
            ShownUnit::Count("TFLOP/s".to_owned()),
            chip.compute.bf16_tflops.median(),
            new.flop_per_s,
        );
        show(
            "bandwidth",
            format!("Memory bandwidth of a chip {later}"),
            ShownUnit::Count("GB/s".to_owned()),
            chip.memory.bandwidth_gb_per_s.median(),
            new.bandwidth,
        );
        show(
            "memory",
            format!("Memory of a chip {later}"),
            ShownUnit::Count("GB".to_owned()),
            chip.memory.capacity_gb.median(),
            new.memory,
        );
        self.show(Shown {
            key: format!("price.{}", chip.id),
            title: format!("Price of a chip {later}"),
            unit: ShownUnit::UsdPer("chip, server included".to_owned()),
            source: "newest quote, street price, the generations of the plan".to_owned(),
            drawn: Drawn::Product(Product {
                base: 1.0,
                numbers: vec![usd_per_chip],
                times: vec![street, new.price],
                over_numbers: Vec::new(),
                over: Vec::new(),
            }),
        });
        self.show(Shown {
            key: format!("flop_per_usd.{}", chip.id),
            title: "Dense bf16 FLOP/s per dollar of server, new hardware".to_owned(),
            unit: ShownUnit::FlopPerSecondPerUsd,
            source: source.to_owned(),
            drawn: Drawn::Product(Product {
                base: chip.compute.bf16_tflops.median() * 1e12,
                numbers: Vec::new(),
                times: vec![new.flop_per_s],
                over_numbers: vec![usd_per_chip],
                over: vec![street, new.price],
            }),
        });
    }

    pub(super) fn show_rent(
        &mut self,
        accelerator: &str,
        trajectory: Option<&str>,
        price: NumberId,
        rent: LevelId,
        own_rent: Option<LevelId>,
    ) {
        let times = std::iter::once(rent).chain(own_rent).collect();
        let market = trajectory.map_or_else(String::new, |name| format!(".{name}"));
        self.show(Shown {
            key: format!("rent.{accelerator}{market}"),
            title: format!("Rent of {accelerator}, on demand"),
            unit: ShownUnit::UsdPer("chip-hour".to_owned()),
            source: trajectory.map_or_else(
                || "market factor and the chip's own, no drift by default".to_owned(),
                |name| format!("the plan's trajectory {name}"),
            ),
            drawn: Drawn::Product(Product {
                base: 1.0,
                numbers: vec![price],
                times,
                over_numbers: Vec::new(),
                over: Vec::new(),
            }),
        });
    }

    pub(super) fn show_tokens(
        &mut self,
        per_workload: &[Option<TokenTerms>],
        level: LevelId,
        series: PriceSeries,
    ) {
        let Some((w, terms)) =
            per_workload.iter().enumerate().find_map(|(w, t)| t.as_ref().map(|t| (w, t)))
        else {
            return;
        };
        let Some(mtok) = self.workloads[w].mtok_per_unit else { return };
        let blended: f64 = terms
            .iter()
            .map(|(m, id)| m * self.world.value_of(*id).median())
            .sum::<f64>()
            / mtok;
        self.show(Shown {
            key: series.quantity().to_owned(),
            title: format!(
                "API price, {}, input and output of `{}` together",
                series.quantity().trim_start_matches("api_").replace('_', " "),
                self.workloads[w].name
            ),
            unit: ShownUnit::UsdPer("Mtok".to_owned()),
            source: "price card and its series".to_owned(),
            drawn: Drawn::Product(Product {
                base: blended,
                numbers: Vec::new(),
                times: vec![level],
                over_numbers: Vec::new(),
                over: Vec::new(),
            }),
        });
    }

    /// Adds a chart, once.
    pub(super) fn show(&mut self, shown: Shown) {
        if !self.shown.iter().any(|s| s.key == shown.key) {
            self.shown.push(shown);
        }
    }
}
