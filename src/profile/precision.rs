//! Number formats: bytes of a weight, and the peak a chip reaches when it computes in one.
//!
//! A chip that lacks a format can still store weights in it and compute in bf16 (the
//! weight-only kernels every engine has); that fall-back is taken and said in a note,
//! because it halves the traffic and not the time of a compute-bound phase. Read next:
//! [`crate::hardware::machine`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::Uncertain;
use crate::profile::Accelerator;

/// A format of weights, and of the matrix products where the chip has it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Deserialize,
    Serialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 16-bit brain float.
    #[default]
    Bf16,
    /// 8-bit float (e4m3 with scales).
    Fp8,
    /// 4-bit float with block scales (NVFP4, MXFP4).
    Fp4,
    /// 8-bit integer.
    Int8,
    /// 4-bit integer weights; no chip computes in it, so products run in bf16.
    Int4,
}

/// The dense peak a format gets on a chip.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// 10¹² FLOP/s per chip, dense.
    pub tflops: Uncertain,
    /// The format the products are computed in.
    pub computed_in: Precision,
    /// What to tell the reader when that is not the format asked for.
    pub note: Option<String>,
}

impl Precision {
    /// Name as people print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "bf16",
            Self::Fp8 => "fp8",
            Self::Fp4 => "fp4",
            Self::Int8 => "int8",
            Self::Int4 => "int4",
        }
    }

    /// Bytes of a stored weight, scales included.
    ///
    /// Four-bit formats carry an 8-bit scale for every 16 values (NVFP4), which makes
    /// 4.5 bits; integer groups of 32 with a 16-bit scale come to the same.
    ///
    /// **Source** NVIDIA, NVFP4 block format: 16 values share an fp8 scale.
    pub fn bytes_per_weight(self) -> f64 {
        match self {
            Self::Bf16 => 2.0,
            Self::Fp8 | Self::Int8 => 1.0,
            Self::Fp4 | Self::Int4 => 0.5625,
        }
    }

    /// Bytes of an activation on the wire between chips and in the KV cache.
    pub fn bytes_per_activation(self) -> f64 {
        match self {
            Self::Bf16 | Self::Int4 => 2.0,
            Self::Fp8 | Self::Int8 => 1.0,
            Self::Fp4 => 0.5625,
        }
    }

    /// The peak products in this format reach on `chip`, and in which format they run.
    ///
    /// A narrower peak that is below the bf16 one is not used (Blackwell Ultra kept only
    /// a token int8 unit), and neither is one the profile does not give.
    pub fn peak_on(self, chip: &Accelerator) -> Peak {
        let own = match self {
            Self::Bf16 => Some(chip.compute.bf16_tflops),
            Self::Fp8 => chip.compute.fp8_tflops,
            Self::Fp4 => chip.compute.fp4_tflops,
            Self::Int8 => chip.compute.int8_tops,
            Self::Int4 => None,
        };
        match own.filter(|p| p.median() >= chip.compute.bf16_tflops.median()) {
            Some(tflops) => Peak { tflops, computed_in: self, note: None },
            None => Peak {
                tflops: chip.compute.bf16_tflops,
                computed_in: Self::Bf16,
                note: Some(format!(
                    "{} has no {name} peak above its bf16 one: weights are stored in \
                     {name}, products run at the bf16 peak",
                    chip.name,
                    name = self.name()
                )),
            },
        }
    }
}
