//! Generations of hardware that later orders buy, as a plan says them.
//!
//! A part is sold for two years and then a better one is, at a date and by gains that
//! nobody knows for sure, and it gains more in some of its peaks than in others. So each
//! has its own gain, drawn anew for each generation, and what an order buys is what its
//! work is bound by. Read next: [`crate::process::generations`], [`crate::hardware::Gains`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hardware::PeakGains;
use crate::input::{Check, Checker, Uncertain};
use crate::process::{Generations, ProcessSpec, elicited};
use crate::profile::Accelerator;
use crate::strategy::{NextGeneration, Progress};
use crate::supply::OwnTerms;
use crate::supply::own::Successors;
use crate::supply::spec::Generation;
use crate::trajectory::{LevelId, Quantity};

use super::default::Standard;
use super::plan::Plan;
use super::resolve::Builder;

/// Generations of hardware: their dates and what each gains.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerationsSpec {
    /// Years from one generation to the next.
    #[serde(default)]
    pub years_between: Option<Uncertain>,
    /// Years since the last one came, at the plan's start; left out: since the newest
    /// release of the makers whose parts the plan buys.
    #[serde(default)]
    pub years_since_last: Option<f64>,
    /// Gain of a chip's dense FLOP/s with a generation, natural logarithm.
    #[serde(default)]
    pub flop_per_s_log_gain: Option<Uncertain>,
    /// Gain of a chip's memory bandwidth, natural logarithm.
    #[serde(default)]
    pub bandwidth_log_gain: Option<Uncertain>,
    /// Gain of a chip's memory capacity, natural logarithm.
    #[serde(default)]
    pub memory_log_gain: Option<Uncertain>,
    /// Gain of a chip's watts, natural logarithm.
    #[serde(default)]
    pub power_log_gain: Option<Uncertain>,
    /// Gain of a chip's price, natural logarithm.
    #[serde(default)]
    pub price_log_gain: Option<Uncertain>,
    /// Correlation of these gains within a generation, 0 to 1.
    #[serde(default)]
    pub gain_correlation: Option<f64>,
}

/// The successions of the shipped catalogue: a part of a new architecture after one of the
/// old by the same maker, both sold to whoever buys. Parts that only rent (TPU, Trainium)
/// and refreshes of one architecture (H200, B300, MI325X) are no generations here.
pub const SUCCESSIONS: [[&str; 2]; 4] = [
    ["nvidia-a100-40g-sxm", "nvidia-h100-sxm"],
    ["nvidia-h100-sxm", "nvidia-b200-hgx"],
    ["amd-mi300x", "amd-mi355x"],
    ["intel-gaudi2", "intel-gaudi3"],
];

const DERIVED: &str = "release dates and peaks of the shipped profiles: A100 to H100, H100 to \
                       B200, MI300X to MI355X, Gaudi 2 to Gaudi 3; 10, 50 and 90 % of the next \
                       one, Student t with 3 degrees";

const fn derived(p10: f64, p50: f64, p90: f64, unit: &'static str) -> Standard {
    Standard { value: Uncertain::Between { p10, p50, p90 }, unit, source: DERIVED }
}

/// Years from one generation to the next.
pub const YEARS_BETWEEN: Standard = derived(1.35, 2.125, 2.90, "years");
/// Gain of FLOP/s, dense bf16.
pub const FLOP_PER_S: Standard = derived(0.37, 1.02, 1.66, "log per generation");
/// Gain of memory bandwidth.
pub const BANDWIDTH: Standard = derived(0.19, 0.61, 1.02, "log per generation");
/// Gain of memory capacity.
pub const MEMORY: Standard = derived(0.10, 0.55, 1.00, "log per generation");
/// Gain of design power.
pub const POWER: Standard = derived(0.26, 0.49, 0.72, "log per generation");
/// Gain of the price of a chip.
pub const PRICE: Standard = Standard {
    value: Uncertain::Between { p10: -0.1, p50: 0.25, p90: 0.6 },
    unit: "log per generation",
    source: "launch prices with a share of the server: A100 to H100 +0.44, H100 to B200 +0.06 \
             (profiles); the band is a prior",
};
/// Correlation of the gains.
pub const CORRELATION: Standard = Standard {
    value: Uncertain::Exactly(0.5),
    unit: "correlation of the gains of a generation",
    source: "prior: one process and one package carry them all",
};

impl GenerationsSpec {
    /// Checks it within its plan: two answers to how hardware gets better are one too many
    /// (E0326).
    pub(super) fn check_in(&self, plan: &Plan, at: &mut Checker) {
        self.check(at);
        for name in ["flop_per_usd", "energy_efficiency"] {
            if plan.trajectories.contains_key(name) {
                at.push(
                    "E0326",
                    format!(
                        "both [generations] and `trajectories.{name}` say what later orders buy"
                    ),
                    format!(
                        "take one of the two out: `trajectories.{name}` for one gain of all \
                         work, [generations] for gains by what binds it"
                    ),
                );
            }
        }
    }
}

impl Check for GenerationsSpec {
    fn check(&self, at: &mut Checker) {
        at.positive("years_between", self.years_between);
        at.non_negative("years_since_last", self.years_since_last.map(Uncertain::from));
        for (key, gain) in [
            ("flop_per_s_log_gain", self.flop_per_s_log_gain),
            ("bandwidth_log_gain", self.bandwidth_log_gain),
            ("memory_log_gain", self.memory_log_gain),
            ("power_log_gain", self.power_log_gain),
            ("price_log_gain", self.price_log_gain),
        ] {
            at.ranged(key, gain, "between -3 and 5", |x| (-3.0..=5.0).contains(&x));
        }
        at.share("gain_correlation", self.gain_correlation.map(Uncertain::from));
    }
}

impl Builder<'_> {
    /// What later orders of machines of that part buy, where the plan has generations;
    /// nothing where it has none or is frozen. `moves_power`: no key of the source says
    /// how their watts change.
    pub(super) fn successors(
        &mut self,
        chip: &Accelerator,
        moves_power: bool,
    ) -> Option<Successors> {
        let spec = self.plan.generations.clone()?;
        if self.plan.simulation.frozen {
            return None;
        }
        let between =
            self.generations("years_between", spec.years_between, &YEARS_BETWEEN);
        let since = self.years_since_last(&spec);
        let rho = spec.gain_correlation.map(Uncertain::from);
        let rho = self.generations("gain_correlation", rho, &CORRELATION).median();
        let mut level = |key: &str, given: Option<Uncertain>, standard: &Standard| {
            let gain = self.generations(&format!("{key}_log_gain"), given, standard);
            let process = Generations {
                years_between: between,
                years_since_last: since,
                log_gain: gain,
                dates: Some("generations".to_owned()),
                gain_correlation: rho,
                ..Generations::default()
            };
            let level = self.world.level(Quantity {
                name: format!("generations.{key}"),
                process: ProcessSpec::from(process),
                lead_in_months: 0,
            });
            (level, gain.median())
        };
        let (flop_per_s, compute) =
            level("flop_per_s", spec.flop_per_s_log_gain, &FLOP_PER_S);
        let (bandwidth, bytes) = level("bandwidth", spec.bandwidth_log_gain, &BANDWIDTH);
        let (memory, capacity) = level("memory", spec.memory_log_gain, &MEMORY);
        let (power, _) = level("power", spec.power_log_gain, &POWER);
        let (price, _) = level("price", spec.price_log_gain, &PRICE);
        let work =
            self.work_of_new(chip, PeakGains { compute, bandwidth: bytes, capacity });
        Some(Successors {
            flop_per_s,
            bandwidth,
            memory,
            power: moves_power.then_some(power),
            price,
            work,
        })
    }

    fn generations(
        &mut self,
        key: &str,
        given: Option<Uncertain>,
        standard: &Standard,
    ) -> Uncertain {
        self.assumptions.take(format!("generations.{key}"), given, standard)
    }

    /// Each workload that the part serves: its share of the part's time, and what it gains;
    /// the gain with a generation of the middle is listed.
    fn work_of_new(
        &mut self,
        chip: &Accelerator,
        middle: PeakGains,
    ) -> Vec<(f64, crate::hardware::Gains)> {
        let mut work = Vec::new();
        for w in 0..self.workloads.len() {
            let Some(conversion) = self.conversion(w, &chip.id) else { continue };
            let Some(gains) = self.gains(w, &chip.id) else { continue };
            let name = &self.workloads[w].name;
            let [compute, bandwidth, capacity] = gains.elasticities(middle);
            self.assumptions.note(
                format!("generations.work.{name}.{}", chip.id),
                gains.log_gain(middle).into(),
                "log gain of work per chip with a generation of the middle",
                &format!(
                    "closed-form estimate on a part with these gains; 1 % more of FLOP/s, \
                     bandwidth, memory is {compute:.2}, {bandwidth:.2}, {capacity:.2} % more work"
                ),
                None,
                true,
            );
            work.push((self.median_chips(conversion), gains));
        }
        let total: f64 = work.iter().map(|(chips, _)| chips).sum();
        for (share, _) in &mut work {
            *share = if total > 0.0 { *share / total } else { 0.0 };
        }
        work
    }

    /// Years since the newest release of the makers whose parts the plan buys.
    fn years_since_last(&mut self, spec: &GenerationsSpec) -> f64 {
        let found = if spec.years_since_last.is_some() {
            0.0
        } else {
            let newest = self.newest_of(&self.makers_bought());
            f64::from(newest.map_or(0, |(_, months)| months)) / 12.0
        };
        let standard = Standard {
            value: found.into(),
            unit: "years, at the plan's start",
            source: "newest architecture of the makers bought, release dates of the profiles",
        };
        let given = spec.years_since_last.map(Uncertain::from);
        self.generations("years_since_last", given, &standard).median()
    }

    /// The newest architecture of these makers that is there when the plan starts, and for
    /// how many months.
    fn newest_of(&self, makers: &[String]) -> Option<(&Accelerator, u32)> {
        let start = &self.plan.time.start;
        SUCCESSIONS
            .iter()
            .filter_map(|[_, new]| self.catalogue.accelerator(new).ok())
            .filter(|part| makers.contains(&part.vendor))
            .filter_map(|part| {
                let months = part.released.as_ref()?.months_until(start);
                Some((part, u32::try_from(months).ok()?))
            })
            .min_by_key(|(_, months)| *months)
    }

    /// Warns of a part that was superseded before the plan starts (W0305): gains count from
    /// it, dates from its successor.
    pub(super) fn warn_of_superseded(&self, chip: &Accelerator, at: &mut Checker) {
        let spec = self.plan.generations.as_ref();
        if spec.is_none_or(|spec| spec.years_since_last.is_some()) {
            return;
        }
        let newest = self.newest_of(std::slice::from_ref(&chip.vendor));
        let Some((newest, _)) = newest else { return };
        let (Some(then), Some(new)) = (&chip.released, &newest.released) else { return };
        if then.months_until(new) <= 0 {
            return;
        }
        at.at("accelerator", |at| {
            at.push(
                "W0305",
                format!(
                    "`{}` was superseded by `{}` in {}, before the plan starts",
                    chip.id,
                    newest.id,
                    new.as_str()
                ),
                format!(
                    "name `{}`, or say in `generations.years_since_last` how long ago the \
                     generation of `{}` came",
                    newest.id, chip.id
                ),
            );
        });
    }

    /// How machines of these terms get cheaper for the same work.
    pub(super) fn progress(&self, terms: &OwnTerms) -> Progress {
        if let Some(new) = &terms.successors {
            let gain = |level| self.generations_of(level).map(|g| g.log_gain.median());
            let peaks = [new.flop_per_s, new.bandwidth, new.memory].map(gain);
            let [Some(compute), Some(bandwidth), Some(capacity)] = peaks else {
                return Progress::default();
            };
            let work = new.log_gain(PeakGains { compute, bandwidth, capacity });
            let price = gain(new.price).unwrap_or(0.0);
            let next = self.generations_of(new.price).map(|g| NextGeneration {
                years_between: g.years_between,
                cost_factor: (price - work).exp(),
            });
            return Progress { cost_decline_per_year: 0.0, next };
        }
        let Some(level) = terms.flop_per_usd else { return Progress::default() };
        if let Some(g) = self.generations_of(level) {
            let next = NextGeneration {
                years_between: g.years_between,
                cost_factor: mean_of_inverse(g.log_gain),
            };
            return Progress {
                cost_decline_per_year: g.drift_per_year,
                next: Some(next),
            };
        }
        let year = self.median_level(level, 12) / self.median_level(level, 0);
        Progress { cost_decline_per_year: year.ln(), next: None }
    }

    /// The generations that a level moves with, if it does.
    fn generations_of(&self, level: LevelId) -> Option<&Generations> {
        match &self.world.quantities()[level.index()].process {
            ProcessSpec::Generations(found) => Some(found),
            _ => None,
        }
    }

    /// Makers of the parts that strategies which are played buy or lease, where a later
    /// order may be of another part.
    fn makers_bought(&self) -> Vec<String> {
        let mut makers: Vec<String> = Vec::new();
        for name in self.names_played() {
            let own = self.plan.strategies.get(&name).cloned();
            let Some(strategy) = own.or_else(|| self.ready_made(&name)) else { continue };
            for entry in &strategy.stack {
                let leased = entry.lease.as_ref().map(|lease| &lease.machines);
                let Some(machines) = entry.own.as_ref().or(leased) else { continue };
                let found = self.catalogue.accelerator(&machines.accelerator);
                let Ok(chip) = found else { continue };
                let is_same = machines.generation == Some(Generation::Same);
                if !is_same && !makers.contains(&chip.vendor) {
                    makers.push(chip.vendor.clone());
                }
            }
        }
        makers
    }
}

/// The mean of exp(−G) over equally likely gains.
fn mean_of_inverse(gain: Uncertain) -> f64 {
    const GAINS: u32 = 64;
    let quantile = |i: u32| {
        let p = (f64::from(i) + 0.5) / f64::from(GAINS);
        elicited::quantile(gain, p)
    };
    (0..GAINS).map(|i| (-quantile(i)).exp()).sum::<f64>() / f64::from(GAINS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Catalogue;

    /// 10, 50 and 90 % of the next of these, as if they were normal: mean and spread both
    /// estimated, Student t with n − 1 degrees.
    fn next_of(values: &[f64]) -> [f64; 3] {
        let n = crate::units::count(values.len());
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let reach = crate::stats::student_quantile(0.9, n - 1.0)
            * (variance * (1.0 + 1.0 / n)).sqrt();
        [mean - reach, mean, mean + reach]
    }

    #[test]
    fn the_defaults_are_what_the_shipped_profiles_say() {
        let catalogue = Catalogue::shipped();
        let gain = |of: fn(&Accelerator) -> Option<f64>| -> Vec<f64> {
            SUCCESSIONS
                .iter()
                .filter_map(|pair| {
                    let [old, new] = pair.map(|id| catalogue.accelerator(id).unwrap());
                    Some((of(new)? / of(old)?).ln())
                })
                .collect()
        };
        let years: Vec<f64> = SUCCESSIONS
            .iter()
            .map(|pair| {
                let [old, new] = pair.map(|id| {
                    catalogue.accelerator(id).unwrap().released.clone().unwrap()
                });
                f64::from(i32::try_from(old.months_until(&new)).unwrap()) / 12.0
            })
            .collect();
        for (standard, values) in [
            (YEARS_BETWEEN, years),
            (FLOP_PER_S, gain(|c| Some(c.compute.bf16_tflops.median()))),
            (BANDWIDTH, gain(|c| Some(c.memory.bandwidth_gb_per_s.median()))),
            (MEMORY, gain(|c| Some(c.memory.capacity_gb.median()))),
            (POWER, gain(|c| Some(c.power.as_ref()?.tdp_w?.median()))),
        ] {
            assert_eq!(values.len(), 4);
            let found = next_of(&values);
            for (found, standard) in found.iter().zip(standard.value.quantiles()) {
                assert!(
                    (found - standard).abs() < 0.005,
                    "{values:?}: {found} {standard}"
                );
            }
        }
    }

    #[test]
    fn two_answers_to_what_later_orders_buy_are_refused() {
        let text = "title = \"two\"\ntime = { start = \"2027-01\", months = 12 }\nworkloads = {}\n\
                    [generations]\nyears_between = -1\n\
                    [trajectories.flop_per_usd.constant]\n";
        let plan: Plan = toml::from_str(text).unwrap();
        let mut at = Checker::new();
        at.at("generations", |at| {
            plan.generations.as_ref().unwrap().check_in(&plan, at);
        });
        let found: Vec<(&str, String)> =
            at.into_problems().iter().map(|p| (p.code, p.key_path.join("."))).collect();
        let wanted = [
            ("E0201", "generations.years_between".to_owned()),
            ("E0326", "generations".to_owned()),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn launch_prices_rose_from_generation_to_generation() {
        let trend = |id: &str| {
            let catalogue = Catalogue::shipped();
            let chip = catalogue.accelerator(id).unwrap();
            let first = chip.purchase.iter().min_by_key(|q| q.as_of.months()).unwrap();
            let bare = first.basis == crate::profile::accelerator::Basis::Chip;
            let overhead = super::super::default::SERVER_OVERHEAD.value.median();
            first.usd_per_chip.median() * if bare { overhead } else { 1.0 }
        };
        let [a100, h100, b200] =
            ["nvidia-a100-80g-sxm", "nvidia-h100-sxm", "nvidia-b200-hgx"].map(trend);
        for (gain, wanted) in [((h100 / a100).ln(), 0.44), ((b200 / h100).ln(), 0.06)] {
            assert!((gain - wanted).abs() < 0.005, "{gain}");
        }
    }
}
