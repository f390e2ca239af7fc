//! What stands in for what a plan leaves out, each with its source.
//!
//! Figures marked "prior" are judgements: wide, editable, and listed with the results.

use crate::input::Uncertain;
use crate::process::ProcessSpec;

/// A figure with its unit and source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    /// The figure.
    pub value: Uncertain,
    /// Its unit.
    pub unit: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

const fn exactly(x: f64, unit: &'static str, source: &'static str) -> Standard {
    Standard { value: Uncertain::Exactly(x), unit, source }
}

const fn band(
    p10: f64,
    p50: f64,
    p90: f64,
    unit: &'static str,
    source: &'static str,
) -> Standard {
    Standard { value: Uncertain::Between { p10, p50, p90 }, unit, source }
}

/// Accelerator of strategies that name none.
pub const ACCELERATOR: &str = "nvidia-b200-hgx";
/// Facility of strategies that name none.
pub const FACILITY: &str = "colocation-us";
/// Paths of a run.
pub const PATHS: u64 = 20_000;
/// Paths of a run with Sobol points.
pub const SOBOL_PATHS: u64 = 8192;
/// Seed of a run.
pub const SEED: u64 = 1;

/// Discount rate.
pub const DISCOUNT_RATE: Standard = exactly(
    0.08,
    "per year",
    "cost of capital in gpu-price-index (ewyluda, tco.py, 2026)",
);
/// Tax on profit.
pub const TAX_RATE: Standard =
    exactly(0.21, "share of profit", "US federal corporate rate, 26 U.S.C. § 11(b)");
/// Rise of wages, space and construction.
pub const INFLATION: Standard = exactly(
    0.03,
    "per year",
    "escalator of wholesale colocation leases (Rittenhouse Research, CoreWeave unit economics, 2026)",
);
/// Write-off of machines.
pub const DEPRECIATION_YEARS: Standard =
    exactly(5.0, "years", "useful life of servers, Amazon 10-K 2025");
/// Penalty for work nobody serves.
pub const UNSERVED_MULTIPLE: Standard =
    exactly(2.0, "× the cost of the same work on demand today", "prior");
/// Network and storage.
pub const NETWORK_SHARE: Standard = exactly(
    0.19,
    "share of cluster capex",
    "Cottier et al. (2024), training-cost-trends: cluster interconnect cost fraction",
);
/// Server around a bare chip.
pub const SERVER_OVERHEAD: Standard = band(
    1.54,
    1.64,
    1.69,
    "× the chip's price",
    "Cottier et al. (2024), training-cost-trends: server cost overhead (P100, mean, V100)",
);
/// Spare chips.
pub const SPARES_SHARE: Standard = exactly(0.02, "share of chips that serve", "prior");
/// Delivery of servers.
pub const LEAD_TIME_MONTHS: Standard = band(
    3.0,
    6.0,
    10.0,
    "months",
    "B200 servers 4 to 10 months from order, 2026 market reports (weak)",
);
/// Deposit.
pub const DEPOSIT_SHARE: Standard = exactly(
    0.3,
    "share of price",
    "30 to 50 % with the order (infra-economics.com, 2026)",
);
/// Years a machine serves.
pub const LIFE_YEARS: Standard =
    exactly(5.0, "years", "useful life of servers, Amazon 10-K 2025");
/// Loss of value of used machines beyond what progress takes.
pub const WEAR: Standard = band(
    0.10,
    0.21,
    0.35,
    "log per year",
    "H100 resale curve 62/42/30/17/12 % of list (vendor index, January 2026, weak) less FLOP per dollar",
);
/// What used machines fetch over that curve.
pub const RESALE_SHARE: Standard = band(
    0.5,
    0.8,
    1.0,
    "share",
    "prior: used H100 quoted at 15,000 to 28,000 USD in 2026",
);
/// Energy efficiency of later generations.
pub const EFFICIENCY_GAIN: Standard = exactly(
    0.231,
    "log per year",
    "doubling in 3 years (Epoch AI, Trends in machine learning hardware, 2023)",
);
/// Idle draw.
pub const IDLE_SHARE: Standard =
    exactly(0.35, "share of load power", "gpu-price-index (ewyluda, tco.py, 2026)");
/// Chips lost for good.
pub const LOSS_PER_YEAR: Standard = band(
    0.003,
    0.01,
    0.03,
    "share of chips per year",
    "1 % a year assumed by Databricks (aiexpert.news summary); band is a prior",
);
/// Support and staff.
pub const OPERATION_SHARE: Standard = band(
    0.06,
    0.08,
    0.12,
    "share of capex per year",
    "8 % (gpu-price-index tco.py, 2026), 12 % support contract (Lenovo LP2368, 2026)",
);
/// Availability of a spot pool.
pub const SPOT_AVAILABILITY: Standard = band(
    0.45,
    0.70,
    0.90,
    "share of time",
    "V100 zones of the SkyPilot spot traces 2022-23 (NSDI 2024): 0.17 to 0.91",
);
/// Work lost to interruptions.
pub const SPOT_LOST_WORK: Standard = band(0.01, 0.03, 0.10, "share of work", "prior");
/// Time of fine-tuning jobs outside training steps.
pub const FINE_TUNING_OVERHEAD: Standard = exactly(0.15, "share of chip time", "prior");

/// A trajectory that stands in where a plan names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardTrajectory {
    /// Name of the quantity.
    pub name: &'static str,
    /// What it is, for charts and tables.
    pub title: &'static str,
    /// The process, as a plan would write it.
    pub toml: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// All quantities a plan may name under `[trajectories]`, with their defaults.
pub const TRAJECTORIES: &[StandardTrajectory] = &[
    StandardTrajectory {
        name: "flop_per_usd",
        title: "FLOP/s per dollar of new hardware",
        toml: "geometric = { drift_per_year = 0.22, volatility_per_sqrt_year = 0.25, observations = 10 }",
        source: "prior: Epoch AI 2023-25 (doubling 2.1 to 3.4 years), Farmer and Lafond (2016) bands",
    },
    StandardTrajectory {
        name: "energy_efficiency",
        title: "FLOP/s per watt of new hardware",
        toml: "constant = { growth_per_year = 0.231 }",
        source: "doubling in 3 years (Epoch AI, Trends in machine learning hardware, 2023)",
    },
    StandardTrajectory {
        name: "hardware_price",
        title: "street price of hardware over its trend",
        toml: "mean_reverting = { half_life_years = 1.0, long_run_log_sd = 0.15 }",
        source: "prior: 8-chip H100 servers 31,000 to 44,000 USD a chip 2022-26 (Epoch AI, Lenovo)",
    },
    StandardTrajectory {
        name: "rent",
        title: "rent of accelerators, market factor",
        toml: "geometric = { drift_per_year = 0.0, volatility_per_sqrt_year = 0.17, observations = 36, observation_step_years = 0.08333333333333333 }",
        source: "zero drift beat trends in every rolling test of H100 and A100 list rents 2023-26; monthly sd 0.05 in 36 changes, from which a drift is known to 0.10 a year: list rents fell 2.9 % a month for 20 months and rose 3.0 % a month for 11",
    },
    StandardTrajectory {
        name: "resale",
        title: "resale value over its trend",
        toml: "mean_reverting = { half_life_years = 1.5, long_run_log_sd = 0.30 }",
        source: "prior: used H100 15,000 to 28,000 USD, used A100 4,000 to 18,000 USD in 2026",
    },
    StandardTrajectory {
        name: "lead_time",
        title: "delivery time over today's",
        toml: "mean_reverting = { half_life_years = 1.0, long_run_log_sd = 0.30 }",
        source: "prior: 4 to 10 months, 10 to 14 in the B200 ramp (2026 market reports)",
    },
    StandardTrajectory {
        name: "energy_price",
        title: "price of energy",
        toml: "geometric = { drift_per_year = 0.02, volatility_per_sqrt_year = 0.08 }",
        source: "US industrial price 2019-25, EIA: 0.068 to 0.083 USD/kWh",
    },
    StandardTrajectory {
        name: "pue",
        title: "power usage effectiveness over today's",
        toml: "constant = {}",
        source: "none: a site stays as it is",
    },
    StandardTrajectory {
        name: "software_efficiency",
        title: "work per chip-hour, software and models",
        toml: "yearly_factor = { factor_per_year = { p10 = 1.0, p50 = 1.25, p90 = 2.0 }, fade_half_life_years = 2.0 }",
        source: "prior: about 3× a year of the fall in API prices is algorithmic (MIT, Price of Progress), part of it open to own fleets",
    },
    StandardTrajectory {
        name: "api_fixed_quality",
        title: "API price at fixed quality",
        toml: "yearly_factor = { factor_per_year = { p10 = 0.025, p50 = 0.10, p90 = 0.333 }, fade_half_life_years = 1.0, volatility_per_sqrt_year = 0.2 }",
        source: "prior: 10× a year (a16z 2024), 280× in 23 months (AI Index 2025), 9 to 900× (Epoch AI 2025); fades, since cost bounds price",
    },
    StandardTrajectory {
        name: "api_fixed_sku",
        title: "API price of one model of one provider",
        toml: "stepwise = { move_probability_per_month = 0.0054, up_share = 0.39 }",
        source: "131 list changes in 24,255 model-months, 73 down and 46 up (LiteLLM price file 2025-26)",
    },
    StandardTrajectory {
        name: "api_frontier",
        title: "API price of the newest flagship",
        toml: "geometric = { drift_per_year = 0.10, volatility_per_sqrt_year = 0.35 }",
        source: "prior: OpenAI flagship output 10 (2025-08), 14, 15, 30 (2026-05) USD/Mtok after falls before 2025",
    },
];

/// Volatility of one accelerator's rent around the market factor.
pub const OWN_RENT: StandardTrajectory = StandardTrajectory {
    name: "rent.<accelerator>",
    title: "rent of one accelerator over the market's",
    toml: "geometric = { drift_per_year = 0.0, volatility_per_sqrt_year = 0.11 }",
    source: "H100 and A100 list rents moved with correlation 0.70 (matched providers 2023-26)",
};

/// Growth of demand where a workload names none.
pub const GROWTH: StandardTrajectory = StandardTrajectory {
    name: "demand",
    title: "demand",
    toml: "constant = {}",
    source: "none: today's demand stays",
};

/// Use per user where a workload names none.
pub const INTENSITY: StandardTrajectory = StandardTrajectory {
    name: "intensity",
    title: "use per user",
    toml: "geometric = { drift_per_year = 0.0, volatility_per_sqrt_year = 0.25 }",
    source: "prior: 20 % of firms forecast AI spend within 10 % (State of FinOps 2026)",
};

impl StandardTrajectory {
    /// The process.
    ///
    /// # Panics
    /// Never: a test parses every default.
    pub fn process(&self) -> ProcessSpec {
        toml::from_str(self.toml).expect("bug: a default trajectory does not parse")
    }
}

/// Correlations of monthly moves: a shortage raises rents, street prices, resale values
/// and delivery times together, which is what makes owning a hedge. Priors.
pub const CORRELATIONS: &[(&str, &str, f64)] = &[
    ("rent", "hardware_price", 0.6),
    ("rent", "resale", 0.6),
    ("rent", "lead_time", 0.5),
    ("hardware_price", "resale", 0.6),
    ("hardware_price", "lead_time", 0.5),
    ("resale", "lead_time", 0.4),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{LANES, splat};
    use crate::input::{Check, Checker};
    use crate::process::Draws;
    use crate::random::{Monthly, Seed};

    /// List rents of one accelerator were at their lowest in October 2025 (2.73 USD) and
    /// 39 % higher in September 2026 (3.79 USD, archived rate cards): a plan made at the
    /// bottom has to give a rise of 30 % within a year one chance in ten.
    #[test]
    fn rents_a_third_higher_within_a_year_are_on_the_fan() {
        let market = TRAJECTORIES.iter().find(|t| t.name == "rent").unwrap();
        let sampled =
            [(market.name, market.process()), (OWN_RENT.name, OWN_RENT.process())];
        let (mut above, mut paths) = (0_u32, 0_u32);
        for block in 0..80_u64 {
            let first_path = block * LANES as u64;
            let mut rent = splat(1.0);
            for (name, spec) in &sampled {
                let process = spec.as_process();
                let draws = Draws::new(Seed(1), name, first_path);
                let mut innovations = Monthly::new(Seed(1), name);
                let mut state = vec![splat(0.0); process.state_rows()];
                process.begin(&draws, &mut state);
                let mut level = splat(1.0);
                for month in 1..=12 {
                    let z = *innovations.normal_at(first_path, month);
                    process.step(month, &z, &draws, &mut state, &mut level);
                }
                rent.iter_mut().zip(level).for_each(|(rent, level)| *rent *= level);
            }
            above += rent.iter().map(|x| u32::from(*x >= 1.3)).sum::<u32>();
            paths += 256;
        }
        let share = f64::from(above) / f64::from(paths);
        // The standard error is 0.0024.
        assert!(share > 0.10, "{share} of {paths} paths");
    }

    #[test]
    fn every_default_trajectory_parses_and_is_valid() {
        for t in TRAJECTORIES.iter().chain([&OWN_RENT, &GROWTH, &INTENSITY]) {
            let mut at = Checker::new();
            t.process().check(&mut at);
            assert_eq!(at.into_problems(), [], "{}", t.name);
        }
    }
}
