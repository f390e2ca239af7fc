//! A training job with everything worked out that does not change with the constants.
//!
//! Fits and Monte Carlos ask for the same job again and again: chip, model and plan are
//! resolved once, and a step then costs a fraction of a microsecond. Read next:
//! `step`.

use super::plan::Plan;
use super::step::Job;
use super::{Task, TrainCase, search, traits};
use crate::hardware::calibration::Calibration;
use crate::hardware::correction::Traits;
use crate::hardware::explain::Explain;
use crate::hardware::infeasible::Infeasible;
use crate::hardware::machine::Machine;
use crate::hardware::work::{AttentionWork, Work};
use crate::profile::{Accelerator, Model};

/// A job with its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    machine: Machine,
    work: Work,
    case: TrainCase,
    task: Task,
    /// How the job is split.
    pub plan: Plan,
    /// What measurements of it are kept by; no framework.
    pub traits: Traits,
}

impl Prepared {
    /// Resolves a job that is known to have run, and searches what of its plan is open.
    ///
    /// **Errors** [`Infeasible`] where no split exists or memory is far too small.
    pub fn of_a_job_that_ran(
        chip: &Accelerator,
        model: &Model,
        case: &TrainCase,
        task: Task,
    ) -> Result<Self, Infeasible> {
        case.check()?;
        let machine = Machine::of(chip, case.precision);
        let work = Work::of(model);
        // Not the fitted constants: the plan must not move when they are fitted.
        let c = &Calibration::PRIOR;
        let found = search::of_a_job_that_ran(c, &machine, &work, case, task)?;
        let traits = traits(chip, model, &work, case, &found.plan, task);
        Ok(Self { machine, work, case: case.clone(), task, plan: found.plan, traits })
    }

    /// Seconds of a step by cause.
    pub fn step(&self, c: &Calibration) -> Explain {
        let job = Job {
            calibration: c,
            machine: &self.machine,
            work: &self.work,
            case: &self.case,
            task: self.task,
        };
        job.step(&self.plan)
    }

    /// Tokens of a step over chips: tokens/s per chip are these over the step.
    pub fn tokens_per_chip(&self) -> f64 {
        self.case.sequence_tokens * self.case.global_batch_sequences
            / f64::from(self.case.chips)
    }

    /// Model FLOPs of a token under a convention; of all that is computed, where
    /// recomputed FLOPs count as well.
    pub fn flop_per_token(&self, attention: AttentionWork, recomputed: bool) -> f64 {
        let sequence = self.case.sequence_tokens;
        let forward =
            self.work.matmul_flops() + self.work.attention_flops(sequence, attention);
        let every = match self.task {
            Task::Every => 3.0 * forward,
            Task::Adapters => 3.0 * forward - self.work.matmul_flops(),
        };
        let again = match self.plan.recompute {
            super::Recompute::Full => self.plan.recomputed * forward,
            super::Recompute::Selective => self.work.attention_flops(sequence, attention),
            super::Recompute::None => 0.0,
        };
        every + if recomputed { again } else { 0.0 }
    }

    /// Dense peak of the format computed in, FLOP/s.
    pub fn peak(&self) -> f64 {
        self.machine.peak
    }

    /// Assumptions about the model, each with the relative error it may bring.
    pub fn assumptions(&self) -> &[(f64, String)] {
        &self.work.assumptions
    }
}
