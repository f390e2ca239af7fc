//! Machines and models for the tests of this room, with their published figures.
//!
//! NVIDIA A100, H100 and B200 data sheets (dense peaks, links per direction); model
//! dimensions from their published configurations. The catalogue is not used here, so
//! that a correction there cannot move a known answer. Read next: [`super`].

use crate::input::Uncertain;
use crate::profile::accelerator::{
    Compute, Memory, Node, Power, Reliability, ScaleOut, ScaleUp, Topology,
};
use crate::profile::model::{Architecture, Experts};
use crate::profile::{Accelerator, Model};

fn source() -> String {
    "data sheet".to_owned()
}

/// Figures of a data sheet, in the order people quote them.
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) bf16: f64,
    pub(super) fp8: Option<f64>,
    pub(super) fp4: Option<f64>,
    pub(super) gb: f64,
    pub(super) gb_per_s: f64,
    pub(super) link: f64,
    pub(super) domain: u32,
    pub(super) gbit: f64,
    pub(super) tdp: f64,
}

pub(super) fn chip(s: &Sheet) -> Accelerator {
    Accelerator {
        id: s.name.to_lowercase().replace(' ', "-"),
        name: s.name.to_owned(),
        aliases: Vec::new(),
        vendor: "vendor".to_owned(),
        released: None,
        doubts: Vec::new(),
        sources: std::collections::BTreeMap::new(),
        compute: Compute {
            source: source(),
            fp32_tflops: None,
            tf32_tflops: None,
            bf16_tflops: s.bf16.into(),
            fp8_tflops: s.fp8.map(Uncertain::from),
            fp4_tflops: s.fp4.map(Uncertain::from),
            int8_tops: s.fp8.map(Uncertain::from),
            matmul_share: None,
            matmul_source: None,
            ratio_exception: None,
        },
        memory: Memory {
            source: source(),
            capacity_gb: s.gb.into(),
            bandwidth_gb_per_s: s.gb_per_s.into(),
            kind: None,
        },
        node: Node { source: source(), chips_per_node: 8, chips_per_order: 8 },
        scale_up: Some(ScaleUp {
            source: source(),
            domain_chips: s.domain,
            per_direction_gb_per_s: s.link.into(),
            topology: Topology::Switch,
            axes: None,
        }),
        scale_out: Some(ScaleOut {
            source: source(),
            per_chip_gbit_per_s: s.gbit.into(),
        }),
        power: Some(Power {
            source: source(),
            tdp_w: Some(s.tdp.into()),
            wall_factor: None,
            idle_share: None,
            nameplate_w: None,
            wall_source: None,
            idle_source: None,
            nameplate_source: None,
        }),
        reliability: None,
        purchase: Vec::new(),
        efficiency: None,
    }
}

pub(super) fn a100() -> Accelerator {
    chip(&Sheet {
        name: "A100 SXM 80 GB",
        bf16: 312.0,
        fp8: None,
        fp4: None,
        gb: 80.0,
        gb_per_s: 2039.0,
        link: 300.0,
        domain: 8,
        gbit: 200.0,
        tdp: 400.0,
    })
}

pub(super) fn h100() -> Accelerator {
    chip(&Sheet {
        name: "H100 SXM",
        bf16: 989.5,
        fp8: Some(1979.0),
        fp4: None,
        gb: 80.0,
        gb_per_s: 3350.0,
        link: 450.0,
        domain: 8,
        gbit: 400.0,
        tdp: 700.0,
    })
}

pub(super) fn b200() -> Accelerator {
    chip(&Sheet {
        name: "B200",
        bf16: 2250.0,
        fp8: Some(4500.0),
        fp4: Some(9000.0),
        gb: 180.0,
        gb_per_s: 7700.0,
        link: 900.0,
        domain: 8,
        gbit: 400.0,
        tdp: 1000.0,
    })
}

/// The node failure rate Meta measured on RSC-1 and its two repair classes unknown.
pub(super) fn with_rsc1_failures(mut chip: Accelerator) -> Accelerator {
    chip.reliability = Some(Reliability {
        source: source(),
        failures_per_1000_node_days: Some(6.5.into()),
        ..Reliability::default()
    });
    chip
}

/// Dimensions in the order of a published configuration.
pub(super) struct Shape {
    pub(super) params: f64,
    pub(super) active: Option<f64>,
    pub(super) layers: u32,
    pub(super) hidden: u32,
    pub(super) heads: u32,
    pub(super) kv_heads: u32,
    pub(super) head_dim: u32,
    pub(super) ffn: u32,
    pub(super) vocab: u32,
}

pub(super) fn model(name: &str, s: &Shape) -> Model {
    Model {
        id: name.to_lowercase().replace(' ', "-"),
        name: name.to_owned(),
        aliases: Vec::new(),
        released: None,
        doubts: Vec::new(),
        sources: std::collections::BTreeMap::new(),
        architecture: Architecture {
            source: source(),
            params_billion: s.params,
            active_params_billion: s.active,
            layers: s.layers,
            hidden: s.hidden,
            heads: s.heads,
            kv_heads: s.kv_heads,
            head_dim: s.head_dim,
            ffn: s.ffn,
            ffn_matrices: 3,
            tied_embeddings: false,
            latent_query_dim: None,
            rope_head_dim: None,
            vocab: s.vocab,
            max_context_tokens: None,
            latent_kv_dim: None,
            sliding_window_tokens: None,
            sliding_window_share: None,
            experts: None,
        },
    }
}

pub(super) fn llama3_70b() -> Model {
    model(
        "Llama 3.1 70B",
        &Shape {
            params: 70.55,
            active: None,
            layers: 80,
            hidden: 8192,
            heads: 64,
            kv_heads: 8,
            head_dim: 128,
            ffn: 28672,
            vocab: 128_256,
        },
    )
}

pub(super) fn llama3_405b() -> Model {
    model(
        "Llama 3.1 405B",
        &Shape {
            params: 405.85,
            active: None,
            layers: 126,
            hidden: 16384,
            heads: 128,
            kv_heads: 8,
            head_dim: 128,
            ffn: 53248,
            vocab: 128_256,
        },
    )
}

pub(super) fn deepseek_v3() -> Model {
    let mut m = model(
        "DeepSeek V3",
        &Shape {
            params: 671.0,
            active: Some(37.0),
            layers: 61,
            hidden: 7168,
            heads: 128,
            kv_heads: 128,
            head_dim: 128,
            ffn: 18432,
            vocab: 129_280,
        },
    );
    m.architecture.latent_kv_dim = Some(576);
    m.architecture.experts =
        Some(Experts { count: 256, per_token: 8, shared: 1, ffn: 2048, dense_layers: 3 });
    m
}

/// A Megatron GPT: four-fold GELU feed-forward, tied embeddings, vocabulary 51,200.
pub(super) fn megatron(params: f64, layers: u32, hidden: u32, heads: u32) -> Model {
    model(
        "GPT",
        &Shape {
            params,
            active: None,
            layers,
            hidden,
            heads,
            kv_heads: heads,
            head_dim: hidden / heads,
            ffn: 4 * hidden,
            vocab: 51_200,
        },
    )
}
