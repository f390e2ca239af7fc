//! What a step takes and what memory holds: the one interface to the closed form.
//!
//! [`StepTimes`] is all the simulator knows of hardware. [`ClosedForm`] asks
//! [`mod@crate::hardware::serve`] once on a grid of batches and contexts and answers from the
//! grid, because a step must cost nanoseconds. Read next: [`super::serve`].

use crate::hardware::infeasible::Infeasible;
use crate::hardware::serve::{Mode, ServeCase, ServeEstimate};
use crate::hardware::work::Work;
use crate::hardware::{self, Calibration};
use crate::profile::{Accelerator, Model};

/// Time and memory of a replica's steps.
pub trait StepTimes {
    /// A decode step of `batch` requests with `context` tokens each in the mean, s.
    fn decode_s(&self, batch: f64, context: f64) -> f64;
    /// What computing `tokens` prompt tokens behind `before` that are in the cache adds
    /// to a step, s.
    fn prompt_s(&self, before: f64, tokens: f64) -> f64;
    /// What the first token of a prompt takes beyond the steps it is computed in, s: the
    /// way through the stages of a pipeline, which work on other prompts meanwhile.
    fn fill_s(&self, tokens: f64) -> f64 {
        let _ = tokens;
        0.0
    }
    /// KV memory of a request with `context` tokens, in units of its own.
    fn kv_of(&self, context: f64) -> f64;
    /// KV memory of a replica, in the same units.
    fn kv_capacity(&self) -> f64;
    /// Longest context, tokens.
    fn longest(&self) -> f64;
}

/// Contexts of the grid: from 32 tokens by this factor.
const CONTEXT_STEP: f64 = 1.5;
/// Batches of the grid: each next one at least this much larger.
const BATCH_STEP: f64 = 1.25;

/// The closed form of a named machine, tabulated.
#[derive(Debug, Clone)]
pub struct ClosedForm {
    /// Chips of a replica.
    pub chips: u32,
    /// Tensor-parallel degree.
    pub tensor: u32,
    /// Pipeline stages.
    pub stages: u32,
    batches: Vec<f64>,
    contexts: Vec<f64>,
    /// Decode steps by batch, then context, s.
    decode: Vec<Vec<f64>>,
    /// Whole prompts by context, s.
    prompt: Vec<f64>,
    work: Work,
    kv_precision: crate::profile::Precision,
    capacity: f64,
    longest: f64,
}

impl ClosedForm {
    /// Tabulates the replica that `case` names, for contexts up to `longest` tokens.
    ///
    /// Where `case` gives no tensor-parallel degree, the one with the most tokens a second
    /// per chip at its lengths and targets is taken. `most_running` bounds the batches.
    ///
    /// **Errors** those of the closed form: the model does not fit, no degree meets the
    /// targets. **Checked by** `the_grid_answers_as_the_closed_form_does`.
    pub fn tabulate(
        chip: &Accelerator,
        model: &Model,
        case: &ServeCase,
        longest: f64,
        most_running: u32,
    ) -> Result<Self, Infeasible> {
        let calibration = Calibration::for_serving(chip);
        let ask =
            |case: &ServeCase| hardware::serve_with(&calibration, chip, model, case);
        let best = ask(case)?;
        let asked =
            Asked { case, tensor: best.tensor, chips: best.chips_per_replica, ask };
        let work = Work::of(model);
        let longest = longest.max(2.0).min(work.max_context.unwrap_or(f64::INFINITY));
        let contexts = contexts(longest);
        let capacity = f64::from(asked.largest_batch(64.0)?)
            * work.kv_bytes(65.0, case.kv_precision);
        let prompt =
            contexts.iter().map(|&c| asked.prompt_s(c)).collect::<Result<Vec<_>, _>>()?;
        let (mut batches, mut decode) = (Vec::new(), Vec::new());
        let mut batch = 1.0_f64;
        while let Some(row) = asked.decode_row(batch, &contexts) {
            batches.push(batch);
            decode.push(row);
            if batch >= f64::from(most_running) {
                break;
            }
            batch = (batch * BATCH_STEP).ceil().min(f64::from(most_running));
        }
        if batches.is_empty() {
            return Err(Infeasible::new(
                "not even one request fits the replica",
                "use a wider replica or fewer bits",
            ));
        }
        Ok(Self {
            chips: best.chips_per_replica,
            tensor: best.tensor,
            stages: best.pipeline.max(1),
            batches,
            contexts,
            decode,
            prompt,
            work,
            kv_precision: case.kv_precision,
            capacity,
            longest,
        })
    }
}

fn contexts(longest: f64) -> Vec<f64> {
    let mut all = vec![1.0];
    let mut c = 32.0;
    while c < longest - 1.0 {
        all.push(c);
        c = (c * CONTEXT_STEP).ceil();
    }
    // One token is left for the answer the closed form must be asked about.
    all.push((longest - 1.0).max(2.0));
    all.dedup();
    all
}

/// The closed form, asked about one replica.
struct Asked<'a, F> {
    case: &'a ServeCase,
    tensor: u32,
    chips: u32,
    ask: F,
}

impl<F: Fn(&ServeCase) -> Result<ServeEstimate, Infeasible>> Asked<'_, F> {
    /// `batch` requests of `context` tokens that answer one token, `cached` of each prompt
    /// in the cache; only the replica that was chosen may answer.
    fn of(
        &self,
        batch: u32,
        context: f64,
        cached: f64,
    ) -> Result<ServeEstimate, Infeasible> {
        let case = ServeCase {
            input_tokens: context,
            output_tokens: 1.0,
            cached_input_share: cached,
            ttft_target_s: None,
            tpot_target_ms: None,
            mode: Mode::Batch,
            tensor: Some(self.tensor),
            batch: Some(batch),
            ..self.case.clone()
        };
        let got = (self.ask)(&case)?;
        if got.chips_per_replica == self.chips {
            return Ok(got);
        }
        Err(Infeasible::new(
            format!("{batch} requests of {context} tokens do not fit the replica"),
            "use a wider replica",
        ))
    }

    /// Time of a whole prompt: first token with it, less first token with all of it cached.
    fn prompt_s(&self, context: f64) -> Result<f64, Infeasible> {
        let all = self.of(1, context, 0.0)?.ttft_s.p50;
        Ok((all - self.of(1, context, 1.0)?.ttft_s.p50).max(0.0))
    }

    /// Decode steps of a batch over the contexts; beyond what fits, along the last slope.
    fn decode_row(&self, batch: f64, contexts: &[f64]) -> Option<Vec<f64>> {
        let n = whole(batch);
        let mut row: Vec<f64> = Vec::with_capacity(contexts.len());
        for (i, &context) in contexts.iter().enumerate() {
            let asked = self.of(n, context, 1.0).ok().map(|e| e.tpot_ms.p50 / 1e3);
            let value = asked.or_else(|| {
                let last = *row.last()?;
                let slope = match row.len() {
                    1 => 0.0,
                    len => (last - row[len - 2]) / (contexts[i - 1] - contexts[i - 2]),
                };
                Some(last + slope * (context - contexts[i - 1]))
            })?;
            row.push(value);
        }
        Some(row)
    }

    /// Most requests of `context` tokens that fit, by halving.
    fn largest_batch(&self, context: f64) -> Result<u32, Infeasible> {
        self.of(1, context, 1.0)?;
        let (mut fits, mut too_many) = (1_u32, 1_u32 << 30);
        while too_many - fits > 1 {
            let middle = fits + (too_many - fits) / 2;
            if self.of(middle, context, 1.0).is_ok() {
                fits = middle;
            } else {
                too_many = middle;
            }
        }
        Ok(fits)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a batch of the grid is a whole number inside u32"
)]
fn whole(batch: f64) -> u32 {
    batch as u32
}

/// The cell of a rising grid that holds `x` and the share of the way through it; beyond
/// the ends, the outermost cell goes on.
fn cell(grid: &[f64], x: f64) -> (usize, f64) {
    if grid.len() < 2 {
        return (0, 0.0);
    }
    let above = grid.partition_point(|g| *g <= x).clamp(1, grid.len() - 1);
    let (low, high) = (grid[above - 1], grid[above]);
    (above - 1, (x - low) / (high - low))
}

fn along(values: &[f64], at: usize, way: f64) -> f64 {
    match values.get(at + 1) {
        Some(next) => values[at] + (next - values[at]) * way,
        None => values[at],
    }
}

impl ClosedForm {
    /// Time of a prompt of so many tokens through all stages, s.
    fn prompt_upto(&self, tokens: f64) -> f64 {
        if tokens <= 0.0 {
            return 0.0;
        }
        let (c, way) = cell(&self.contexts, tokens);
        along(&self.prompt, c, way)
    }
}

impl StepTimes for ClosedForm {
    fn decode_s(&self, batch: f64, context: f64) -> f64 {
        let (b, b_way) = cell(&self.batches, batch);
        let (c, c_way) = cell(&self.contexts, context);
        let low = along(&self.decode[b], c, c_way);
        match self.decode.get(b + 1) {
            Some(next) => low + (along(next, c, c_way) - low) * b_way,
            None => low,
        }
    }

    fn prompt_s(&self, before: f64, tokens: f64) -> f64 {
        let whole = self.prompt_upto(before + tokens) - self.prompt_upto(before);
        whole.max(0.0) / f64::from(self.stages)
    }

    fn fill_s(&self, tokens: f64) -> f64 {
        self.prompt_upto(tokens) * (1.0 - 1.0 / f64::from(self.stages))
    }

    fn kv_of(&self, context: f64) -> f64 {
        self.work.kv_bytes(context, self.kv_precision)
    }

    fn kv_capacity(&self) -> f64 {
        self.capacity
    }

    fn longest(&self) -> f64 {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::fixture;
    use crate::profile::Precision;

    #[test]
    fn the_grid_answers_as_the_closed_form_does() {
        for model in [fixture::llama3_70b(), fixture::deepseek_v3()] {
            let chip = fixture::b200();
            let case = ServeCase {
                tensor: Some(8),
                ..ServeCase::new(2000.0, 300.0, Precision::Fp8)
            };
            let table =
                ClosedForm::tabulate(&chip, &model, &case, 16_000.0, 256).unwrap();
            for (batch, context) in [(1, 100.0), (7, 700.0), (37, 3000.0), (90, 5000.0)] {
                let asked = ServeCase {
                    input_tokens: context - 0.5,
                    output_tokens: 1.0,
                    cached_input_share: 1.0,
                    batch: Some(batch),
                    mode: Mode::Batch,
                    ..case.clone()
                };
                let want =
                    hardware::serve(&chip, &model, &asked).unwrap().tpot_ms.p50 / 1e3;
                let got = table.decode_s(f64::from(batch), context - 0.5);
                assert!(
                    (got / want - 1.0).abs() < 0.01,
                    "{batch} {context}: {got} {want}"
                );
            }
        }
    }

    #[test]
    fn chunks_of_a_prompt_add_up_to_the_whole() {
        let case = ServeCase {
            tensor: Some(4),
            ..ServeCase::new(2000.0, 300.0, Precision::Fp8)
        };
        let table = ClosedForm::tabulate(
            &fixture::h100(),
            &fixture::llama3_70b(),
            &case,
            9000.0,
            64,
        )
        .unwrap();
        let whole = table.prompt_s(0.0, 6000.0);
        let parts = table.prompt_s(0.0, 2048.0)
            + table.prompt_s(2048.0, 2048.0)
            + table.prompt_s(4096.0, 1904.0);
        assert!(whole > 0.0 && (parts / whole - 1.0).abs() < 1e-9);
    }
}
