//! The fastest plan that fits, or the arithmetic of the one that nearly does.
//!
//! A few thousand closed-form evaluations in a fixed order; the first of equals wins, so
//! the answer never depends on chance. Read next: [`super::plan`].

use super::plan::{Plan, Recompute, plans};
use super::step::Job;
use super::{Task, TrainCase, memory};
use crate::hardware::calibration::Calibration;
use crate::hardware::explain::Explain;
use crate::hardware::infeasible::Infeasible;
use crate::hardware::machine::Machine;
use crate::hardware::memory::Memory;
use crate::hardware::work::Work;

pub(super) struct Found {
    pub(super) plan: Plan,
    pub(super) memory: Memory,
    pub(super) step: Explain,
}

/// Share by which the memory of a job that is known to have run may be overdrawn: the
/// arithmetic is good to some per cent and offloading is not in it.
const RAN: f64 = 1.4;

/// [`best`] for a job that ran: its memory fitted, whatever the arithmetic says, unless
/// that is far off.
pub(super) fn of_a_job_that_ran(
    calibration: &Calibration,
    machine: &Machine,
    work: &Work,
    case: &TrainCase,
    task: Task,
) -> Result<Found, Infeasible> {
    let no = match best(calibration, machine, work, case, task) {
        Err(no) if no.memory.is_some() => no,
        done => return done,
    };
    let roomy = Machine { capacity: machine.capacity * RAN, ..machine.clone() };
    best(calibration, &roomy, work, case, task).map_err(|_| no)
}

/// The plan with no more layers computed again than its memory asks for.
///
/// What a chip holds is linear in their share, so two plans say where it is full.
fn least_recomputed(
    machine: &Machine,
    work: &Work,
    case: &TrainCase,
    plan: &Plan,
    task: Task,
) -> Plan {
    let used = |recomputed: f64| {
        let plan = Plan { recomputed, ..*plan };
        memory::arithmetic(machine, work, case, &plan, task)
    };
    let (all, none) = (used(1.0), used(0.0));
    let saved = none.used_gb() - all.used_gb();
    if saved <= 0.0 {
        return *plan;
    }
    let layers = plan.layers_per_stage(work);
    let spared = ((all.usable_gb - all.used_gb()) / saved * layers).floor();
    Plan { recomputed: 1.0 - (spared / layers).clamp(0.0, 1.0), ..*plan }
}

pub(super) fn best(
    calibration: &Calibration,
    machine: &Machine,
    work: &Work,
    case: &TrainCase,
    task: Task,
) -> Result<Found, Infeasible> {
    let job = Job { calibration, machine, work, case, task };
    let mut best: Option<(Plan, Explain)> = None;
    let mut nearest: Option<(f64, Memory)> = None;
    for plan in plans(work, machine.domain, case) {
        let needs = memory::arithmetic(machine, work, case, &plan, task);
        if !needs.fits() {
            let used = needs.used_gb();
            if nearest.as_ref().is_none_or(|(least, _)| used < *least) {
                nearest = Some((used, needs));
            }
            continue;
        }
        let plan = if case.recompute.is_none() && plan.recompute == Recompute::Full {
            least_recomputed(machine, work, case, &plan, task)
        } else {
            plan
        };
        let step = job.step(&plan);
        if best.as_ref().is_none_or(|(_, b)| step.total_s() < b.total_s()) {
            best = Some((plan, step));
        }
    }
    if let Some((plan, step)) = best {
        let memory = memory::arithmetic(machine, work, case, &plan, task);
        return Ok(Found { plan, memory, step });
    }
    Err(match nearest {
        None => Infeasible::new(
            format!(
                "no split of {} chips: tensor, context and pipeline degrees must divide \
                 them and pipeline stages not exceed {} layers",
                case.chips, work.layers
            ),
            "give degrees whose product divides the chips, or leave them out",
        ),
        Some((_, memory)) => Infeasible::new(
            format!(
                "{} on {} × {} does not fit, the nearest split needs per chip {memory}",
                work.name, case.chips, machine.name
            ),
            "use more chips, recompute activations in full, shard the weights, or \
             choose a chip with more memory",
        )
        .with_memory(memory),
    })
}
