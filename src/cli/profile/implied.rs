//! What follows from a profile: times, memory, power, failures and prices of reference cases.
//!
//! Nothing here is an estimate of its own: every figure is asked of [`crate::hardware`] for
//! stated cases, so that a figure of the profile that moves none of them would be a figure
//! that nothing uses; a test holds that there is none. Read next: [`crate::hardware`].

use serde::Serialize;

use crate::hardware::failures::domain::rack_availability;
use crate::hardware::failures::spares::{Repair, node_availability};
use crate::hardware::failures::{Capacity, held};
use crate::hardware::{
    self, AttentionWork, Estimate, FailureRates, FinetuneCase, Infeasible, Method,
    ServeCase, TrainCase, Work,
};
use crate::input::Uncertain;
use crate::profile::{Accelerator, Catalogue, Model, Precision};
use crate::units::HOURS_PER_YEAR;

/// One figure that follows from a profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Implied {
    /// What it is, with its case.
    pub(super) what: String,
    /// Its unit.
    pub(super) unit: &'static str,
    /// At 10, 50 and 90 %; none where the profile does not say enough or nothing fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quantiles: Option<[f64; 3]>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

pub(super) fn figure(
    what: impl Into<String>,
    unit: &'static str,
    value: impl Into<Uncertain>,
) -> Implied {
    let quantiles = Some(value.into().quantiles());
    Implied { what: what.into(), unit, quantiles, why: None }
}

fn estimate(
    what: impl Into<String>,
    unit: &'static str,
    value: Result<Estimate, Infeasible>,
) -> Implied {
    match value {
        Ok(e) => figure(what, unit, e.uncertain()),
        Err(why) => {
            Implied { what: what.into(), unit, quantiles: None, why: Some(why.reason) }
        }
    }
}

pub(super) fn missing(what: impl Into<String>, unit: &'static str, why: &str) -> Implied {
    Implied { what: what.into(), unit, quantiles: None, why: Some(why.to_owned()) }
}

/// Formats whose peaks a profile may give.
const FORMATS: [Precision; 4] =
    [Precision::Bf16, Precision::Fp8, Precision::Fp4, Precision::Int8];

/// What follows from an accelerator.
pub(super) fn accelerator(chip: &Accelerator, catalogue: &Catalogue) -> Vec<Implied> {
    let mut all = Vec::new();
    peaks(chip, &mut all);
    work(chip, catalogue, &mut all);
    power(chip, &mut all);
    failures(chip, &mut all);
    prices(chip, &mut all);
    all
}

/// A quotient at matching ends: the lowest over the highest, and so on.
pub(super) fn over(a: Uncertain, b: Uncertain) -> Uncertain {
    let (a, b) = (a.quantiles(), b.quantiles());
    Uncertain::Between { p10: a[0] / b[2], p50: a[1] / b[1], p90: a[2] / b[0] }
}

fn peaks(chip: &Accelerator, all: &mut Vec<Implied>) {
    let c = &chip.compute;
    let bandwidth = chip.memory.bandwidth_gb_per_s.scaled(1e-3);
    for (name, peak) in [
        ("fp32", c.fp32_tflops),
        ("tf32", c.tf32_tflops),
        ("bf16", Some(c.bf16_tflops)),
        ("fp8", c.fp8_tflops),
        ("fp4", c.fp4_tflops),
        ("int8", c.int8_tops),
    ] {
        if let Some(peak) = peak {
            let what = format!("ridge of the roofline, {name}");
            all.push(figure(what, "FLOP/byte", over(peak, bandwidth)));
        }
    }
}

fn work(chip: &Accelerator, catalogue: &Catalogue, all: &mut Vec<Implied>) {
    for (name, chips, precision) in [
        ("llama-3.1-8b", 64, Precision::Bf16),
        ("llama-3.1-8b", 64, Precision::Fp8),
        ("mixtral-8x7b", 64, Precision::Bf16),
        ("llama-3.3-70b", 512, Precision::Bf16),
    ] {
        let Ok(model) = catalogue.model(name) else { continue };
        let case = TrainCase { precision, ..TrainCase::new(chips, 8192.0, 512.0) };
        let got = hardware::train(chip, model, &case).map(|t| t.tokens_per_s_per_chip);
        let what =
            format!("training {}, {chips} chips, {}", model.name, precision.name());
        all.push(estimate(what, "tokens/s/chip", got));
    }
    if let Ok(model) = catalogue.model("llama-2-70b") {
        let case = FinetuneCase::new(Method::Lora, 8, 4096.0, 8.0);
        let got = hardware::finetune(chip, model, &case).map(|f| f.tokens_per_s_per_chip);
        let what = format!("LoRA of {}, 8 chips, bf16", model.name);
        all.push(estimate(what, "tokens/s/chip", got));
    }
    for (name, input, output) in
        [("llama-3.1-8b", 1000.0, 250.0), ("llama-3.3-70b", 1000.0, 250.0)]
    {
        let Ok(model) = catalogue.model(name) else { continue };
        for precision in FORMATS {
            let case = ServeCase::new(input, output, precision);
            let got = hardware::serve(chip, model, &case);
            let what = format!(
                "serving {}, {}, {input:.0} in and {output:.0} out, full",
                model.name,
                precision.name()
            );
            let rate = got.clone().map(|s| s.output_tokens_per_s_per_chip);
            all.push(estimate(what.clone(), "output tokens/s/chip", rate));
            if precision == Precision::Bf16 {
                let first = got.clone().map(|s| s.ttft_s.scaled(1e3));
                all.push(estimate(format!("{what}: first token"), "ms", first));
                let each = got.map(|s| s.tpot_ms);
                all.push(estimate(format!("{what}: each token"), "ms", each));
            }
        }
    }
    if let Ok(model) = catalogue.model("deepseek-v3") {
        let case = ServeCase::new(1000.0, 250.0, Precision::Fp8);
        let got =
            hardware::serve(chip, model, &case).map(|s| s.output_tokens_per_s_per_chip);
        let what = format!("serving {}, fp8, 1000 in and 250 out, full", model.name);
        all.push(estimate(what, "output tokens/s/chip", got));
    }
}

fn power(chip: &Accelerator, all: &mut Vec<Implied>) {
    let at = |share| hardware::power(chip, share);
    all.push(estimate("at the wall, training", "W/chip", at(1.0).map(|p| p.load_w)));
    all.push(estimate("at the wall, half the time", "W/chip", at(0.5).map(|p| p.load_w)));
    all.push(estimate("at the wall, idle", "W/chip", at(1.0).map(|p| p.idle_w)));
    all.push(estimate("to provide in a hall", "W/chip", at(1.0).map(|p| p.nameplate_w)));
    let per_w = at(1.0).map(|p| {
        let peak = chip.compute.bf16_tflops.quantiles();
        let w = &p.load_w;
        Estimate {
            p10: peak[0] / w.p90,
            p50: peak[1] / w.p50,
            p90: peak[2] / w.p10,
            reasons: w.reasons.clone(),
        }
    });
    all.push(estimate("bf16 peak per watt at the wall", "TFLOP/s/W", per_w));
}

fn failures(chip: &Accelerator, all: &mut Vec<Implied>) {
    let rates = FailureRates::of(chip);
    let nodes = 1024_u32.div_ceil(chip.node.chips_per_node.max(1));
    let per_node = f64::from(chip.node.chips_per_node);
    all.push(estimate(
        "time to interruption, 1,024 chips",
        "h",
        Ok(rates.mtti_hours(1024.0 / per_node)),
    ));
    let up = node_availability(&rates, &Repair::of(chip));
    let [p10, p50, p90] = up.map(|a| a * 100.0);
    all.push(figure("a node is up", "%", Uncertain::Between { p10, p50, p90 }));
    for (name, capacity) in [
        ("owned", Capacity::Owned),
        ("rented", Capacity::Rented),
        ("spot", Capacity::Spot),
    ] {
        let job = held(chip, capacity, nodes, nodes.div_ceil(50), 60.0, 600.0);
        let got: Result<Vec<f64>, Infeasible> = job
            .jobs
            .iter()
            .map(|j| j.expected(90.0).map(|e| e.goodput * 100.0))
            .collect();
        let what = format!("goodput of a job on 1,024 chips, {name}, 2 % spares");
        all.push(match got.as_deref() {
            Ok([best, mid, worst]) => figure(
                what,
                "%",
                Uncertain::Between { p10: *worst, p50: *mid, p90: *best },
            ),
            Ok(_) => missing(what, "%", "no answer"),
            Err(why) => missing(what, "%", &why.reason),
        });
    }
    racks(chip, up, all);
    if let Some(loss) = chip.reliability.as_ref().and_then(|r| r.loss_per_year) {
        let left = loss.quantiles().map(|l| (1.0 - l).powi(4) * 100.0);
        all.push(figure(
            "chips left after four years",
            "%",
            Uncertain::Between { p10: left[2], p50: left[1], p90: left[0] },
        ));
    }
}

/// Domains of several nodes that have eight of nine of them up: 64 of the 72 chips of an
/// NVL72, which is how such racks are planned.
fn racks(chip: &Accelerator, node_up: [f64; 3], all: &mut Vec<Implied>) {
    let domain = chip.scale_up.as_ref().map_or(1, |s| s.domain_chips);
    let nodes = domain / chip.node.chips_per_node.max(1);
    if !(2..=1000).contains(&nodes) {
        return;
    }
    let needed = nodes * 8 / 9;
    let [p10, p50, p90] =
        node_up.map(|up| rack_availability(nodes, needed, up, 1.0) * 100.0);
    let what = format!("a domain has {needed} of its {nodes} nodes");
    all.push(figure(what, "%", Uncertain::Between { p10, p50, p90 }));
}

/// Years over which a price is spread here, at full use.
const YEARS: f64 = 4.0;

fn prices(chip: &Accelerator, all: &mut Vec<Implied>) {
    let Some(quote) = chip.purchase.iter().max_by_key(|q| q.as_of.months()) else {
        all.push(missing("price of the newest quote", "$/chip", "no purchase quote"));
        return;
    };
    let basis = match quote.basis {
        crate::profile::accelerator::Basis::Chip => "bare chip",
        crate::profile::accelerator::Basis::Server => "with its server",
        crate::profile::accelerator::Basis::Rack => "with its rack",
    };
    let price = quote.usd_per_chip;
    all.push(figure(format!("newest quote ({}), {basis}", quote.as_of), "$/chip", price));
    let order = price.scaled(f64::from(chip.node.chips_per_order));
    all.push(figure("smallest order", "$", order));
    let c = &chip.compute;
    for (name, peak) in
        [("bf16", Some(c.bf16_tflops)), ("fp8", c.fp8_tflops), ("fp4", c.fp4_tflops)]
    {
        if let Some(peak) = peak {
            let per = over(price, peak.scaled(1e-3));
            all.push(figure(format!("price of {name} peak"), "$ per PFLOP/s", per));
        }
    }
    let hours = YEARS * HOURS_PER_YEAR;
    all.push(figure(
        format!("price over {YEARS} years, no energy or interest"),
        "$/chip-hour",
        price.scaled(1.0 / hours),
    ));
    // 10¹⁸ FLOP are 1000 PFLOP: at the peak, all the time.
    let flop = over(price, c.bf16_tflops.scaled(hours * 3600.0 / 1e6));
    all.push(figure("price of 10^18 bf16 FLOP at the peak", "$", flop));
}

/// Machines a model is shown on.
const MACHINES: [&str; 3] = ["nvidia-h100-sxm", "nvidia-b200-hgx", "google-tpu-v6e"];

/// What follows from a model.
pub(super) fn model(model: &Model, catalogue: &Catalogue) -> Vec<Implied> {
    let work = Work::of(model);
    let mut all = Vec::new();
    for precision in [Precision::Bf16, Precision::Fp8, Precision::Fp4] {
        let (routed, dense, tables) = work.weight_bytes(precision);
        let what = format!("weights in {}", precision.name());
        all.push(figure(what, "GB", (routed + dense + tables) / 1e9));
    }
    let (counted, met) = model.architecture.counted_billion();
    all.push(figure("parameters its dimensions explain", "10^9", counted));
    all.push(figure("parameters a token meets, of these", "10^9", met));
    let kv = |context: f64| work.kv_bytes(context, Precision::Bf16);
    all.push(figure("KV cache of a token, bf16", "kB", kv(1.0) / 1e3));
    all.push(figure("KV cache of 8,192 tokens, bf16", "GB", kv(8192.0) / 1e9));
    match work.max_context {
        Some(most) => all.push(figure(
            format!("KV cache of the longest context ({most} tokens), bf16"),
            "GB",
            kv(most) / 1e9,
        )),
        None => all.push(missing("KV cache of the longest context", "GB", "not given")),
    }
    all.push(figure(
        "training, 8,192 tokens, causal",
        "GFLOP/token",
        work.training_flops(8192.0, AttentionWork::Causal) / 1e9,
    ));
    for name in MACHINES {
        let Ok(chip) = catalogue.accelerator(name) else { continue };
        for precision in [Precision::Bf16, Precision::Fp8] {
            let case = ServeCase::new(1000.0, 250.0, precision);
            let got = hardware::serve(chip, model, &case);
            let what = format!(
                "serving on {}, {}, 1000 in and 250 out, full",
                chip.name,
                precision.name()
            );
            let rate = got.map(|s| s.output_tokens_per_s_per_chip);
            all.push(estimate(what, "output tokens/s/chip", rate));
        }
        let got = hardware::train(chip, model, &TrainCase::new(512, 4096.0, 512.0));
        let what = format!("training on 512 {}, bf16", chip.name);
        all.push(estimate(what, "tokens/s/chip", got.map(|t| t.tokens_per_s_per_chip)));
    }
    all
}

#[cfg(test)]
#[path = "implied_tests.rs"]
mod tests;
