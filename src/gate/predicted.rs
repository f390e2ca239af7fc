//! What the hardware profiles say of what was measured.
//!
//! The closed form is off by its calibrated spread, so its 80 % interval misses one
//! measurement in five by its own account: a gate fails on it only where it is told to.
//! Read next: [`crate::calibrate::hardware`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::measured::{Measured, better_of};
use super::verdict::{Better, Verdict};
use crate::calibrate::hardware::{judge, resolve};
use crate::hardware::Fitted;
use crate::profile::Catalogue;
use crate::units;

/// Normal quantile of 90 %: half of an 80 % interval in standard deviations.
const Z90: f64 = 1.281_551_565_544_600_4;

/// A measurement beside the estimate from the profile.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Prediction {
    /// Name of the metric.
    pub name: String,
    /// Mean of what was measured.
    pub measured: f64,
    /// A tenth of what the estimate allows is below.
    pub p10: f64,
    /// The estimate.
    pub p50: f64,
    /// A tenth of what the estimate allows is above.
    pub p90: f64,
    /// Inside the 80 % interval: pass. Worse than that: regressed. Better: improved.
    pub verdict: Verdict,
}

/// The estimate for every case that was measured, and why some have none.
pub fn predict(
    measured: &Measured,
    catalogue: &Catalogue,
    fitted: &Fitted,
) -> (Vec<Prediction>, Vec<String>) {
    let resolved = resolve(&measured.cases, catalogue);
    let name_of = |line: u64| {
        let at = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
        at.and_then(|at| measured.names.get(at)).map_or("", String::as_str)
    };
    let mut found: BTreeMap<String, (Prediction, Vec<f64>)> = BTreeMap::new();
    for judged in judge(&resolved.observations, fitted) {
        let row = judged.row;
        let metric = row.metric.trim_start_matches("measured_");
        let name = format!("{}: {metric}", name_of(row.line));
        let reach = Z90 * judged.sigma;
        let (a, b) = (row.figure(judged.log - reach), row.figure(judged.log + reach));
        let (_, values) = found.entry(name.clone()).or_insert_with(|| {
            let prediction = Prediction {
                name,
                measured: row.measured,
                p10: a.min(b),
                p50: row.figure(judged.log),
                p90: a.max(b),
                verdict: Verdict::Pass,
            };
            (prediction, Vec::new())
        });
        values.push(row.measured);
    }
    let mut refused: Vec<String> = resolved
        .refused
        .iter()
        .map(|r| format!("no estimate for `{}`: {}", name_of(r.line), r.reason))
        .collect();
    refused.dedup();
    let predictions = found.into_values().map(|(prediction, values)| {
        let measured = values.iter().sum::<f64>() / units::count(values.len());
        let (low, high) = (measured < prediction.p10, measured > prediction.p90);
        let verdict = match (better_of(&prediction.name), low, high) {
            (_, false, false) | (None, _, _) => Verdict::Pass,
            (Some(Better::Higher), true, _) | (Some(Better::Lower), _, true) => {
                Verdict::Regressed
            }
            (Some(_), _, _) => Verdict::Improved,
        };
        Prediction { measured, verdict, ..prediction }
    });
    (predictions.collect(), refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::hardware::Setup;

    #[test]
    fn a_measurement_is_inside_the_interval_or_on_its_better_or_worse_side() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.csv");
        let told = |tpot: f64| {
            let head = "kind,accelerator,engine,model,precision,tensor,input_tokens,\
                        output_tokens,concurrency,measured_tpot_ms";
            let case = "serve,h100,vllm,llama-3.1-8b,fp8,1,1024,256,8";
            std::fs::write(&path, format!("{head}\n{case},{tpot}\n{case},{tpot}\n"))
                .unwrap();
            let measured =
                Measured::read(std::slice::from_ref(&path), &Setup::default()).unwrap();
            predict(&measured, &Catalogue::shipped(), Fitted::shipped()).0.remove(0)
        };
        let first = told(1.0);
        assert!(first.p10 < first.p50 && first.p50 < first.p90, "{first:?}");
        assert_eq!(told(first.p50).verdict, Verdict::Pass);
        assert_eq!(told(1.01 * first.p90).verdict, Verdict::Regressed);
        assert_eq!(told(0.99 * first.p10).verdict, Verdict::Improved);
        assert!((told(first.p50).measured - first.p50).abs() < 1e-9);
    }
}
