//! How machines are held, and what that makes of a failure: owned, rented, spot.
//!
//! An owner repairs, and keeps spares for the time being; a landlord swaps the node; on a
//! spot market the whole allocation may go at once, whatever its nodes do. Each becomes
//! the plain numbers of a [`Job`], taken from a profile or from ranges that are said. Read
//! next: [`super::job`].

use serde::Serialize;

use super::domain::Domain;
use super::early::Early;
use super::job::{Corruption, Job, Reclaim};
use super::spares::Repair;
use super::{FailureRates, poisson_interval};
use crate::input::Uncertain;
use crate::profile::Accelerator;

/// Hours until a landlord has put another node in the place of a failed one.
///
/// **Source** an assumption: minutes where spare nodes stand by, hours where not.
pub const SWAP_HOURS: Uncertain = Uncertain::Between { p10: 0.1, p50: 0.25, p90: 2.0 };

/// Times a spot allocation of several nodes or of a node of eight chips is taken back, per
/// day held, and hours until as much is to be had again.
///
/// **Source** the availability traces of Wu et al. (2024), Can't Be Late, NSDI '24 (AWS,
/// 2022 and 2023, V100 and K80): quantiles over the ten zones with 4 nodes, 16 nodes, or
/// nodes of eight chips.
pub const SPOT_RECLAIMS_PER_DAY: Uncertain =
    Uncertain::Between { p10: 6.0, p50: 14.3, p90: 23.2 };
/// See [`SPOT_RECLAIMS_PER_DAY`].
pub const SPOT_AWAY_HOURS: Uncertain =
    Uncertain::Between { p10: 1.0, p50: 2.2, p90: 3.5 };
/// Warning before spot capacity goes, s.
///
/// **Source** the documentation of AWS EC2 Spot: two minutes. Others give 30 s.
pub const SPOT_NOTICE_S: f64 = 120.0;

/// Silent corruptions that stopped a job, per node and day.
///
/// **Source** Llama 3 (2024), arXiv:2407.21783, table 5: 6 in 54 days on 2,048 nodes; the
/// band is the Poisson interval of the count.
pub fn silent_corruptions_per_node_day() -> Uncertain {
    let node_days = 2048.0 * 54.0;
    let (low, high) = poisson_interval(6, 0.8);
    Uncertain::Between {
        p10: low / node_days,
        p50: 6.0 / node_days,
        p90: high / node_days,
    }
}

/// How machines are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// One's own: repaired, with spares that stand by.
    Owned,
    /// Rented: the landlord swaps a failed node.
    Rented,
    /// Rented until somebody pays more: nodes are swapped, and all of it may go at once.
    Spot,
}

/// A job on a profile's machines at each of three quantiles of what is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The job at 10, 50 and 90 % of every rate and repair time.
    pub jobs: [Job; 3],
    /// What the profile does not say and was taken from ranges.
    pub notes: Vec<String>,
}

/// The job of `nodes` nodes on machines of `chip`, held as `capacity`.
///
/// Quantiles are taken together: where failures are frequent, repairs are slow. Spares
/// count for owned machines only.
///
/// **Errors** none; senseless counts are refused by [`Job::check`].
/// **Checked by** `a_landlord_swaps_and_an_owner_repairs`.
pub fn held(
    chip: &Accelerator,
    capacity: Capacity,
    nodes: u32,
    spares: u32,
    checkpoint_s: f64,
    restart_s: f64,
) -> Held {
    let rates = FailureRates::of(chip);
    let mut notes = rates.notes.clone();
    let node = rates.per_node_day.quantiles();
    let job = rates.per_job_day.quantiles();
    let repair = Repair::of(chip);
    let (share, reset, replaced) = if capacity == Capacity::Owned {
        notes.extend(repair.notes.iter().cloned());
        (
            repair.replacement_share.quantiles(),
            repair.reset_hours.quantiles(),
            repair.replacement_hours.quantiles(),
        )
    } else {
        notes
            .push(format!("hours until a node is swapped unknown: {SWAP_HOURS} assumed"));
        ([0.0; 3], SWAP_HOURS.quantiles(), [0.0; 3])
    };
    if capacity == Capacity::Spot {
        notes.push(format!(
            "spot capacity: taken back {SPOT_RECLAIMS_PER_DAY} times a day, away \
             {SPOT_AWAY_HOURS} h, as on AWS in 2022 and 2023"
        ));
    }
    let spares = if capacity == Capacity::Owned { spares } else { 0 };
    let jobs = std::array::from_fn(|i| Job {
        spares,
        job_failures_per_day: job[i],
        replacement_share: share[i],
        reset_hours: reset[i],
        replacement_hours: replaced[i],
        domain: domain_of(chip, i),
        early: early_of(chip),
        corruption: corruption_of(chip, i),
        reclaim: (capacity == Capacity::Spot).then(|| Reclaim {
            per_day: SPOT_RECLAIMS_PER_DAY.quantiles()[i],
            away_hours: SPOT_AWAY_HOURS.quantiles()[i],
            notice_s: SPOT_NOTICE_S,
        }),
        ..Job::plain(nodes, node[i], checkpoint_s, restart_s)
    });
    Held { jobs, notes }
}

fn domain_of(chip: &Accelerator, quantile: usize) -> Option<Domain> {
    let r = chip.reliability.as_ref()?;
    let failures = r.domain_failures_per_1000_days?;
    let hours = r.domain_repair_hours.map_or([1.0, 4.0, 24.0], Uncertain::quantiles);
    Some(Domain {
        nodes: r.domain_nodes?,
        failures_per_day: failures.quantiles()[quantile] / 1000.0,
        repair_hours: hours[quantile],
    })
}

fn early_of(chip: &Accelerator) -> Option<Early> {
    let r = chip.reliability.as_ref()?;
    Some(Early { shape: r.early_failure_shape?, days: r.early_failure_days? })
}

fn corruption_of(chip: &Accelerator, quantile: usize) -> Option<Corruption> {
    let r = chip.reliability.as_ref()?;
    let rate = r.silent_corruptions_per_1000_node_days?;
    let hours = r.corruption_found_hours.map_or([0.5, 4.0, 24.0], Uncertain::quantiles);
    Some(Corruption {
        per_node_day: rate.quantiles()[quantile] / 1000.0,
        found_hours: hours[quantile],
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    fn goodputs(capacity: Capacity) -> [f64; 3] {
        let held = held(&fixture::h100(), capacity, 16, 1, 30.0, 300.0);
        held.jobs.map(|j| j.expected(30.0).unwrap().goodput)
    }

    #[test]
    fn a_landlord_swaps_and_an_owner_repairs() {
        let owned = goodputs(Capacity::Owned);
        let rented = goodputs(Capacity::Rented);
        let spot = goodputs(Capacity::Spot);
        assert!(owned[0] > owned[1] && owned[1] > owned[2], "{owned:?}");
        assert!(spot[1] < rented[1], "{spot:?} {rented:?}");
        let held = held(&fixture::h100(), Capacity::Spot, 16, 5, 30.0, 300.0);
        assert_eq!(held.jobs[1].spares, 0);
        assert!(held.notes.iter().any(|n| n.contains("AWS")));
    }

    #[test]
    fn what_a_profile_says_of_domains_and_corruption_is_used() {
        let mut chip = fixture::with_rsc1_failures(fixture::h100());
        if let Some(r) = &mut chip.reliability {
            r.domain_nodes = Some(4);
            r.domain_failures_per_1000_days = Some(2.0.into());
            r.silent_corruptions_per_1000_node_days = Some(0.05.into());
            r.early_failure_shape = Some(0.7);
            r.early_failure_days = Some(30.0);
        }
        let job = &held(&chip, Capacity::Owned, 64, 4, 30.0, 300.0).jobs[1];
        assert_eq!(job.domain.map(|d| d.nodes), Some(4));
        assert!(job.corruption.is_some() && job.early.is_some());
    }

    #[test]
    fn six_corruptions_of_llama_3_are_a_band() {
        let [low, mid, high] = silent_corruptions_per_node_day().quantiles();
        assert!((mid * 1000.0 - 0.0543).abs() < 1e-3, "{mid}");
        assert!(low < mid && mid < high);
    }
}
