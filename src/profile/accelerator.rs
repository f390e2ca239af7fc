//! An accelerator as its maker and its measurements describe it.
//!
//! Peaks are dense. Link bandwidths are per direction. Memory is what a program can
//! use. What is not known is left out, and widens every estimate that needs it.
//! Read next: [`crate::hardware`], where these figures become time and power.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{Sources, check_sources};
use crate::input::{Check, Checker, Uncertain, When};

/// One accelerator at one power tier.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accelerator {
    /// Stable name in files: lower case, hyphens; the same as the file's.
    pub id: String,
    /// Name as people print it.
    pub name: String,
    /// Other names under which measurements know it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Maker.
    pub vendor: String,
    /// When buyers could first use it.
    #[serde(default)]
    pub released: Option<When>,
    /// What the sources disagree about, in words.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Sources by key.
    #[serde(default)]
    pub sources: Sources,
    /// Dense peaks.
    pub compute: Compute,
    /// Memory on the package.
    pub memory: Memory,
    /// How chips stand together in a server and a rack.
    pub node: Node,
    /// Fast links inside a domain (NVLink, ICI, Infinity Fabric, `NeuronLink`).
    #[serde(default)]
    pub scale_up: Option<ScaleUp>,
    /// Network between domains.
    #[serde(default)]
    pub scale_out: Option<ScaleOut>,
    /// Power.
    #[serde(default)]
    pub power: Option<Power>,
    /// Failures and repairs.
    #[serde(default)]
    pub reliability: Option<Reliability>,
    /// Dated purchase quotes; the newest one not after the plan's start is used.
    #[serde(default)]
    pub purchase: Vec<Quote>,
    /// Measured shares of the peaks; where absent, the pooled prior is used.
    #[serde(default)]
    pub efficiency: Option<Efficiency>,
}

/// Dense peaks per chip.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// Key in `[sources]`.
    pub source: String,
    /// FP32 vector peak, 10¹² FLOP/s.
    #[serde(default)]
    pub fp32_tflops: Option<Uncertain>,
    /// TF32 tensor peak, 10¹² FLOP/s, dense.
    #[serde(default)]
    pub tf32_tflops: Option<Uncertain>,
    /// BF16 tensor peak, 10¹² FLOP/s, dense.
    pub bf16_tflops: Uncertain,
    /// FP8 tensor peak, 10¹² FLOP/s, dense.
    #[serde(default)]
    pub fp8_tflops: Option<Uncertain>,
    /// FP4 tensor peak, 10¹² FLOP/s, dense.
    #[serde(default)]
    pub fp4_tflops: Option<Uncertain>,
    /// INT8 peak, 10¹² operations/s, dense.
    #[serde(default)]
    pub int8_tops: Option<Uncertain>,
    /// Share of the BF16 peak that the largest matrix products reach when they run alone.
    #[serde(default)]
    pub matmul_share: Option<Uncertain>,
    /// Key of the source of `matmul_share`, where it is not `source`.
    #[serde(default)]
    pub matmul_source: Option<String>,
    /// Why a narrower type is more than 2.05 times the next wider one, where it is.
    #[serde(default)]
    pub ratio_exception: Option<String>,
}

/// Memory a program can use, per chip.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Key in `[sources]`.
    pub source: String,
    /// Usable capacity, 10⁹ bytes.
    pub capacity_gb: Uncertain,
    /// Bandwidth, 10⁹ bytes/s.
    pub bandwidth_gb_per_s: Uncertain,
    /// Kind, such as `HBM3e`.
    #[serde(default)]
    pub kind: Option<String>,
}

/// How chips stand together.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Key in `[sources]`.
    pub source: String,
    /// Chips that share a host; what fails and is repaired together.
    pub chips_per_node: u32,
    /// Smallest number of chips sold at once (a server, a rack, a slice).
    pub chips_per_order: u32,
}

/// How the chips of a scale-up domain are wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topology {
    /// Every chip reaches every other at full bandwidth.
    Switch,
    /// Neighbours on a ring per axis.
    Torus,
    /// A direct link to every other chip.
    Mesh,
}

/// Fast links inside a domain.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleUp {
    /// Key in `[sources]`.
    pub source: String,
    /// Chips in one domain.
    pub domain_chips: u32,
    /// Bandwidth of a chip in one direction, all links together, 10⁹ bytes/s.
    pub per_direction_gb_per_s: Uncertain,
    /// Wiring.
    pub topology: Topology,
    /// Axes of a torus.
    #[serde(default)]
    pub axes: Option<u32>,
}

/// Network between domains.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleOut {
    /// Key in `[sources]`.
    pub source: String,
    /// Bandwidth of a chip in one direction, 10⁹ bits/s.
    pub per_chip_gbit_per_s: Uncertain,
}

/// Power per chip.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// Key in `[sources]`.
    pub source: String,
    /// Thermal design power of the chip at this tier, W; left out where unpublished.
    #[serde(default)]
    pub tdp_w: Option<Uncertain>,
    /// Measured draw of the server at the wall under load, per chip, over the TDP.
    #[serde(default)]
    pub wall_factor: Option<Uncertain>,
    /// Key of the source of `wall_factor`, where it is not `source`.
    #[serde(default)]
    pub wall_source: Option<String>,
    /// Draw of an idle powered server over its draw under load.
    #[serde(default)]
    pub idle_share: Option<Uncertain>,
    /// Key of the source of `idle_share`, where it is not `source`.
    #[serde(default)]
    pub idle_source: Option<String>,
    /// What the server may draw at most, per chip, W: the power a hall must provide.
    #[serde(default)]
    pub nameplate_w: Option<Uncertain>,
    /// Key of the source of `nameplate_w`, where it is not `source`.
    #[serde(default)]
    pub nameplate_source: Option<String>,
}

/// Failures and repairs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// Key in `[sources]`.
    pub source: String,
    /// Failures that stop a job, per 1,000 node-days.
    #[serde(default)]
    pub failures_per_1000_node_days: Option<Uncertain>,
    /// Failures of a running job that no node caused, per job and day.
    #[serde(default)]
    pub job_failures_per_day: Option<Uncertain>,
    /// Share of failures that need a part replaced rather than a reset.
    #[serde(default)]
    pub replacement_share: Option<Uncertain>,
    /// Time to reset a node, hours.
    #[serde(default)]
    pub reset_hours: Option<Uncertain>,
    /// Time until a replaced node serves again, hours.
    #[serde(default)]
    pub replacement_hours: Option<Uncertain>,
    /// Share of chips lost for good in a year (not repaired under warranty).
    #[serde(default)]
    pub loss_per_year: Option<Uncertain>,
    /// Nodes that share a tray, a rack or a power feed and go down together.
    #[serde(default)]
    pub domain_nodes: Option<u32>,
    /// Failures that take such a domain down, per 1,000 domain-days.
    #[serde(default)]
    pub domain_failures_per_1000_days: Option<Uncertain>,
    /// Time until the nodes of a failed domain serve again, hours.
    #[serde(default)]
    pub domain_repair_hours: Option<Uncertain>,
    /// Silent data corruptions that cost a job work, per 1,000 node-days.
    #[serde(default)]
    pub silent_corruptions_per_1000_node_days: Option<Uncertain>,
    /// Time until a silent corruption is noticed, hours.
    #[serde(default)]
    pub corruption_found_hours: Option<Uncertain>,
    /// Shape of the failure rate of new machines, above 0 and at most 1: 0.5 for twice
    /// the settled number over the early days.
    #[serde(default)]
    pub early_failure_shape: Option<f64>,
    /// Days until the failure rate of new machines has settled.
    #[serde(default)]
    pub early_failure_days: Option<f64>,
}

/// What a purchase quote covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The bare chip or module; the server around it costs extra.
    Chip,
    /// The chip's share of a complete server.
    Server,
    /// The chip's share of a complete rack with its scale-up switches.
    Rack,
}

/// A dated purchase quote.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// Key in `[sources]`.
    pub source: String,
    /// When the quote held.
    pub as_of: When,
    /// What it covers.
    pub basis: Basis,
    /// Price per chip, US dollars.
    pub usd_per_chip: Uncertain,
}

/// Measured shares of the peaks, dated: software moves them.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Efficiency {
    /// Key in `[sources]`.
    pub source: String,
    /// When it was measured.
    pub as_of: When,
    /// Model FLOP utilisation (MFU) of dense training in bf16.
    #[serde(default)]
    pub dense_training_mfu: Option<Uncertain>,
    /// Model FLOPs of dense training in fp8 over the fp8 peak.
    #[serde(default)]
    pub dense_training_mfu_fp8: Option<Uncertain>,
    /// Key of the source of `dense_training_mfu_fp8`, where it is not `source`.
    #[serde(default)]
    pub fp8_source: Option<String>,
    /// MFU of mixture-of-experts training in bf16.
    #[serde(default)]
    pub expert_training_mfu: Option<Uncertain>,
    /// Share of the compute peak reached in prefill.
    #[serde(default)]
    pub prefill_utilisation: Option<Uncertain>,
    /// Share of the memory bandwidth reached in decode.
    #[serde(default)]
    pub decode_bandwidth_utilisation: Option<Uncertain>,
    /// Time of a decode step that no operator explains, per layer, µs.
    #[serde(default)]
    pub decode_floor_us_per_layer: Option<Uncertain>,
}

impl Accelerator {
    /// The newest purchase quote of the given date or before, else the oldest.
    pub fn quote_at(&self, date: &When) -> Option<&Quote> {
        self.purchase
            .iter()
            .filter(|q| q.as_of.months() <= date.months())
            .max_by_key(|q| q.as_of.months())
            .or_else(|| self.purchase.iter().min_by_key(|q| q.as_of.months()))
    }
}

impl Check for Accelerator {
    fn check(&self, at: &mut Checker) {
        super::check_id(at, &self.id);
        self.check_compute(at);
        at.at("memory", |at| {
            at.positive("capacity_gb", self.memory.capacity_gb);
            at.positive("bandwidth_gb_per_s", self.memory.bandwidth_gb_per_s);
        });
        at.at("node", |at| {
            at.positive(
                "chips_per_node",
                Uncertain::from(f64::from(self.node.chips_per_node)),
            );
            at.positive(
                "chips_per_order",
                Uncertain::from(f64::from(self.node.chips_per_order)),
            );
        });
        if let Some(links) = &self.scale_up {
            at.at("scale_up", |at| {
                at.positive("per_direction_gb_per_s", links.per_direction_gb_per_s);
                at.positive(
                    "domain_chips",
                    Uncertain::from(f64::from(links.domain_chips)),
                );
                if links.axes.is_some() && links.topology != Topology::Torus {
                    at.at("axes", |at| {
                        at.push(
                            "E0203",
                            "only a torus has axes".to_owned(),
                            "take the line out, or write `topology = \"torus\"`"
                                .to_owned(),
                        );
                    });
                }
            });
        }
        if let Some(net) = &self.scale_out {
            at.at("scale_out", |at| {
                at.positive("per_chip_gbit_per_s", net.per_chip_gbit_per_s);
            });
        }
        self.check_power(at);
        if let Some(r) = &self.reliability {
            at.at("reliability", |at| {
                at.non_negative(
                    "failures_per_1000_node_days",
                    r.failures_per_1000_node_days,
                );
                at.non_negative("job_failures_per_day", r.job_failures_per_day);
                at.share("replacement_share", r.replacement_share);
                at.non_negative("reset_hours", r.reset_hours);
                at.non_negative("replacement_hours", r.replacement_hours);
                at.share("loss_per_year", r.loss_per_year);
                r.check_groups(at);
            });
        }
        for (i, quote) in self.purchase.iter().enumerate() {
            at.at("purchase", |at| {
                at.at(i, |at| at.positive("usd_per_chip", quote.usd_per_chip));
            });
        }
        if let Some(e) = &self.efficiency {
            at.at("efficiency", |at| {
                at.share("dense_training_mfu", e.dense_training_mfu);
                at.share("dense_training_mfu_fp8", e.dense_training_mfu_fp8);
                at.share("expert_training_mfu", e.expert_training_mfu);
                at.share("prefill_utilisation", e.prefill_utilisation);
                at.share("decode_bandwidth_utilisation", e.decode_bandwidth_utilisation);
                at.non_negative("decode_floor_us_per_layer", e.decode_floor_us_per_layer);
            });
        }
        check_sources(at, &self.sources, self.used_sources());
    }
}

impl Reliability {
    /// Domains, corruption and early failures; halves of a pair are worth nothing alone.
    fn check_groups(&self, at: &mut Checker) {
        let count = |n: u32| Uncertain::from(f64::from(n));
        at.positive("domain_nodes", self.domain_nodes.map(count));
        at.non_negative(
            "domain_failures_per_1000_days",
            self.domain_failures_per_1000_days,
        );
        at.non_negative("domain_repair_hours", self.domain_repair_hours);
        at.non_negative(
            "silent_corruptions_per_1000_node_days",
            self.silent_corruptions_per_1000_node_days,
        );
        at.non_negative("corruption_found_hours", self.corruption_found_hours);
        at.ranged(
            "early_failure_shape",
            self.early_failure_shape.map(Uncertain::from),
            "above 0 and at most 1",
            |x| x > 0.0 && x <= 1.0,
        );
        at.positive("early_failure_days", self.early_failure_days.map(Uncertain::from));
        let pairs = [
            ("domain_nodes", self.domain_nodes.is_some()),
            (
                "domain_failures_per_1000_days",
                self.domain_failures_per_1000_days.is_some(),
            ),
            ("early_failure_shape", self.early_failure_shape.is_some()),
            ("early_failure_days", self.early_failure_days.is_some()),
        ];
        for [(first, a), (second, b)] in [[pairs[0], pairs[1]], [pairs[2], pairs[3]]] {
            let (given, missing) = if a { (first, second) } else { (second, first) };
            if a != b {
                at.at(given, |at| {
                    at.push(
                        "E0203",
                        format!("`{given}` says nothing without `{missing}`"),
                        format!("add `{missing}`, or take the line out"),
                    );
                });
            }
        }
    }
}

impl Accelerator {
    fn check_compute(&self, at: &mut Checker) {
        let c = &self.compute;
        at.at("compute", |at| {
            at.positive("fp32_tflops", c.fp32_tflops);
            at.positive("tf32_tflops", c.tf32_tflops);
            at.positive("bf16_tflops", c.bf16_tflops);
            at.positive("fp8_tflops", c.fp8_tflops);
            at.positive("fp4_tflops", c.fp4_tflops);
            at.positive("int8_tops", c.int8_tops);
            at.share("matmul_share", c.matmul_share);
            if c.ratio_exception.is_some() {
                return;
            }
            let wide = [
                ("fp8_tflops", c.fp8_tflops, "bf16_tflops", Some(c.bf16_tflops)),
                ("fp4_tflops", c.fp4_tflops, "fp8_tflops", c.fp8_tflops),
            ];
            for (narrow_key, narrow, wide_key, wide) in wide {
                let (Some(narrow), Some(wide)) = (narrow, wide) else { continue };
                let ratio = narrow.median() / wide.median();
                if ratio.is_finite() && ratio > 2.05 {
                    at.at(narrow_key, |at| {
                        at.push(
                            "E0206",
                            format!(
                                "`{narrow_key}` is {ratio:.2} times `{wide_key}`, more than 2.05: \
                                 sparse peaks are often printed as dense"
                            ),
                            "write the dense peak (half of a sparse one), or say why in \
                                 `ratio_exception`".to_owned()
                        );
                    });
                }
            }
        });
    }

    fn check_power(&self, at: &mut Checker) {
        let Some(p) = &self.power else { return };
        at.at("power", |at| {
            at.positive("tdp_w", p.tdp_w);
            at.ranged("wall_factor", p.wall_factor, "between 0.5 and 4", |x| {
                (0.5..=4.0).contains(&x)
            });
            at.share("idle_share", p.idle_share);
            at.positive("nameplate_w", p.nameplate_w);
            if let (Some(tdp), Some(plate)) = (p.tdp_w, p.nameplate_w)
                && plate.median() < tdp.median()
            {
                at.at("nameplate_w", |at| {
                    at.push(
                        "E0203",
                        format!(
                            "a server share of {plate} W cannot feed a chip of {tdp} W"
                        ),
                        "the nameplate covers the server around the chip too".to_owned(),
                    );
                });
            }
        });
    }

    fn used_sources<'a>(&'a self) -> Vec<(Vec<String>, &'a str)> {
        let place = |table: &str| vec![table.to_owned(), "source".to_owned()];
        let mut used = vec![
            (place("compute"), self.compute.source.as_str()),
            (place("memory"), self.memory.source.as_str()),
            (place("node"), self.node.source.as_str()),
        ];
        used.extend(self.scale_up.iter().map(|t| (place("scale_up"), t.source.as_str())));
        used.extend(
            self.scale_out.iter().map(|t| (place("scale_out"), t.source.as_str())),
        );
        used.extend(self.power.iter().map(|t| (place("power"), t.source.as_str())));
        used.extend(
            self.reliability.iter().map(|t| (place("reliability"), t.source.as_str())),
        );
        used.extend(
            self.efficiency.iter().map(|t| (place("efficiency"), t.source.as_str())),
        );
        let mut other = |table: &str, key: &str, source: Option<&'a String>| {
            if let Some(source) = source {
                used.push((vec![table.to_owned(), key.to_owned()], source.as_str()));
            }
        };
        other("compute", "matmul_source", self.compute.matmul_source.as_ref());
        if let Some(power) = &self.power {
            other("power", "wall_source", power.wall_source.as_ref());
            other("power", "idle_source", power.idle_source.as_ref());
            other("power", "nameplate_source", power.nameplate_source.as_ref());
        }
        if let Some(efficiency) = &self.efficiency {
            other("efficiency", "fp8_source", efficiency.fp8_source.as_ref());
        }
        used.extend(self.purchase.iter().enumerate().map(|(i, t)| {
            (
                vec!["purchase".to_owned(), i.to_string(), "source".to_owned()],
                t.source.as_str(),
            )
        }));
        used
    }
}
