//! Fine-tuning: training a few nodes long, in full or through low-rank adapters (`LoRA`).
//!
//! Adapters leave the weights frozen, so the weight gradient, a third of the matrix work,
//! is not computed, and there is almost no optimizer state to hold. The activation
//! gradient must still pass through every layer: `LoRA` saves memory before it saves time.
//! Read next: [`mod@super::train`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::estimate::Estimate;
use super::infeasible::{Infeasible, positive, share};
use super::train::{Recompute, Task, TrainCase, TrainEstimate, run};
use crate::profile::Precision;
use crate::profile::{Accelerator, Model};

/// What learns.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every weight.
    Full,
    /// Low-rank adapters beside frozen weights.
    #[default]
    Lora,
}

/// What is fine-tuned and on how many chips.
#[derive(Debug, Clone, PartialEq)]
pub struct FinetuneCase {
    /// What learns.
    pub method: Method,
    /// Chips of the job.
    pub chips: u32,
    /// Tokens of a (packed) sequence.
    pub sequence_tokens: f64,
    /// Share of the positions that hold tokens of examples: one where they are packed.
    pub filled_share: f64,
    /// Sequences of a step.
    pub global_batch_sequences: f64,
    /// Training framework, as records of measurements name it; widens where left out.
    pub framework: Option<String>,
    /// Format of the products, and of the frozen weights.
    pub precision: Precision,
    /// What is computed again; searched where left out.
    pub recompute: Option<Recompute>,
}

impl FinetuneCase {
    /// A bf16 case with packed sequences.
    pub fn new(
        method: Method,
        chips: u32,
        sequence_tokens: f64,
        global_batch_sequences: f64,
    ) -> Self {
        Self {
            method,
            chips,
            sequence_tokens,
            filled_share: 1.0,
            global_batch_sequences,
            framework: None,
            precision: Precision::Bf16,
            recompute: None,
        }
    }
}

/// What a fine-tuning job delivers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FinetuneEstimate {
    /// Tokens of examples per second and chip, padding not counted.
    pub tokens_per_s_per_chip: Estimate,
    /// The step in full: plan, memory, split of the time.
    pub training: TrainEstimate,
}

/// Throughput of a fine-tuning job, or why it cannot run.
///
/// ```text
/// full  6 P + attention      LoRA  2 P + 2 P + ~0 = 4 P + attention     (FLOPs/token)
/// ```
/// **Units** as named in [`FinetuneEstimate`]. **Errors** as [`super::train()`].
/// **Source** the backward pass of a frozen linear layer computes the activation gradient
/// only; Hu et al. (2021), `LoRA`.
/// **Checked by** `adapters_save_the_weight_gradient_and_the_optimizer`.
pub fn finetune(
    chip: &Accelerator,
    model: &Model,
    case: &FinetuneCase,
) -> Result<FinetuneEstimate, Infeasible> {
    finetune_with(Calibration::published(), chip, model, case)
}

/// [`finetune`] under a calibration of one's own.
pub fn finetune_with(
    calibration: &Calibration,
    chip: &Accelerator,
    model: &Model,
    case: &FinetuneCase,
) -> Result<FinetuneEstimate, Infeasible> {
    positive("filled_share", case.filled_share)?;
    share("filled_share", case.filled_share)?;
    let mut job =
        TrainCase::new(case.chips, case.sequence_tokens, case.global_batch_sequences);
    job.precision = case.precision;
    job.recompute = case.recompute;
    job.framework.clone_from(&case.framework);
    let task = match case.method {
        Method::Full => Task::Every,
        Method::Lora => Task::Adapters,
    };
    let mut training = run(calibration, chip, model, &job, task)?;
    if case.filled_share < 1.0 {
        training.notes.push(format!(
            "{:.0} % of the positions are padding: packing sequences wins them back",
            (1.0 - case.filled_share) * 100.0
        ));
    }
    let tokens_per_s_per_chip = training.tokens_per_s_per_chip.scaled(case.filled_share);
    Ok(FinetuneEstimate { tokens_per_s_per_chip, training })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn adapters_save_the_weight_gradient_and_the_optimizer() {
        let (chip, model) = (fixture::h100(), fixture::llama3_70b());
        let of = |method| {
            finetune(&chip, &model, &FinetuneCase::new(method, 64, 4096.0, 64.0)).unwrap()
        };
        let (full, lora) = (of(Method::Full), of(Method::Lora));
        let ratio = lora.training.flop_per_token / full.training.flop_per_token;
        assert!((0.66..0.70).contains(&ratio), "{ratio}");
        assert!(lora.tokens_per_s_per_chip.p50 > full.tokens_per_s_per_chip.p50);
        assert!(lora.training.memory.used_gb() > 0.0);
    }

    #[test]
    fn a_70b_model_learns_adapters_on_a_node_where_full_training_does_not_fit() {
        let (chip, model) = (fixture::h100(), fixture::llama3_70b());
        let of =
            |method| finetune(&chip, &model, &FinetuneCase::new(method, 8, 8192.0, 8.0));
        assert!(of(Method::Lora).is_ok());
        let why = of(Method::Full).unwrap_err();
        assert!(why.reason.contains("does not fit"), "{why}");
    }

    #[test]
    fn padding_costs_its_share() {
        let (chip, model) = (fixture::b200(), fixture::llama3_70b());
        let packed = FinetuneCase::new(Method::Lora, 8, 8192.0, 8.0);
        let loose = FinetuneCase { filled_share: 0.5, ..packed.clone() };
        let packed = finetune(&chip, &model, &packed).unwrap();
        let loose = finetune(&chip, &model, &loose).unwrap();
        let ratio = loose.tokens_per_s_per_chip.p50 / packed.tokens_per_s_per_chip.p50;
        assert!((ratio - 0.5).abs() < 1e-12);
    }
}
