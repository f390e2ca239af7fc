//! Repair, availability, and how many spare nodes a job needs.
//!
//! Repairs come in two classes, a reset of hours and a replacement of days, so their mean
//! says little about either; the share of time down needs only the mean. Nodes are taken
//! as failing independently: a rack that fails as one is one node here. Read next:
//! [`crate::hardware`].

use statrs::distribution::{DiscreteCDF, Poisson};

use super::FailureRates;
use crate::input::Uncertain;
use crate::profile::Accelerator;

/// Share of failures that need a part replaced.
///
/// **Source** Crusoe (2025), 1,600 H200: 41.5 % of faults ended in the replacement of a
/// GPU host; the range is ours.
pub const REPLACEMENT_SHARE: Uncertain =
    Uncertain::Between { p10: 0.15, p50: 0.3, p90: 0.45 };
/// Hours until a node that only needs a reset or a re-image serves again: an assumption.
pub const RESET_HOURS: Uncertain = Uncertain::Between { p10: 0.5, p50: 2.0, p90: 8.0 };
/// Hours until a node with a replaced part serves again: an assumption, from next-day
/// parts to the weeks of a return to the maker.
pub const REPLACEMENT_HOURS: Uncertain =
    Uncertain::Between { p10: 48.0, p50: 120.0, p90: 336.0 };

/// Two classes of repair.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// Share of failures that need a part replaced.
    pub replacement_share: Uncertain,
    /// Hours of a reset.
    pub reset_hours: Uncertain,
    /// Hours of a replacement.
    pub replacement_hours: Uncertain,
    /// Which of them the profile does not give.
    pub notes: Vec<String>,
}

impl Repair {
    /// The profile's classes, or stated ranges with a note.
    pub fn of(chip: &Accelerator) -> Self {
        let mut notes = Vec::new();
        let known = chip.reliability.as_ref();
        let mut pick = |given: Option<Uncertain>, prior: Uncertain, name: &str| {
            given.unwrap_or_else(|| {
                notes.push(format!("{name} unknown: {prior} assumed"));
                prior
            })
        };
        Self {
            replacement_share: pick(
                known.and_then(|r| r.replacement_share),
                REPLACEMENT_SHARE,
                "share of failures that need a part",
            ),
            reset_hours: pick(
                known.and_then(|r| r.reset_hours),
                RESET_HOURS,
                "hours of a reset",
            ),
            replacement_hours: pick(
                known.and_then(|r| r.replacement_hours),
                REPLACEMENT_HOURS,
                "hours of a replacement",
            ),
            notes,
        }
    }

    /// Mean hours of a repair at 10, 50 and 90 %: the mixture of the two classes.
    pub fn mean_hours(&self) -> [f64; 3] {
        let (share, reset, replaced) = (
            self.replacement_share.quantiles(),
            self.reset_hours.quantiles(),
            self.replacement_hours.quantiles(),
        );
        std::array::from_fn(|i| share[i] * replaced[i] + (1.0 - share[i]) * reset[i])
    }
}

/// Share of time a node serves, at 10, 50 and 90 %.
///
/// ```text
/// A = MTBF / (MTBF + MTTR)
/// ```
/// **Errors** none. **Source** renewal theory, alternating up and down.
/// **Checked by** `a_node_is_up_for_its_share_of_the_cycle`.
pub fn node_availability(rates: &FailureRates, repair: &Repair) -> [f64; 3] {
    let fails = rates.per_node_day.quantiles();
    let hours = repair.mean_hours();
    let up = |i: usize| 1.0 / (1.0 + fails[i] / 24.0 * hours[i]);
    [up(2), up(1), up(0)]
}

/// Mean number of nodes down beyond which a count of spares has no meaning.
const MOST_DOWN: f64 = 1e9;

/// Mean number of nodes down out of `nodes`.
fn mean_down(nodes: f64, failures_per_node_day: f64, repair_hours: f64) -> f64 {
    nodes * failures_per_node_day / 24.0 * repair_hours
}

/// Chance that at most `spares` of the nodes are down at a moment.
///
/// ```text
/// X ~ Poisson(N · MTTR/MTBF),   A = P(X ≤ k)
/// ```
/// **Errors** none; rates that make no sense give zero. **Source** the M/G/∞ queue: the
/// number in repair is Poisson whatever the distribution of repair times.
/// **Checked by** `spares_by_hand`.
pub fn job_availability(
    nodes: f64,
    spares: u64,
    failures_per_node_day: f64,
    repair_hours: f64,
) -> f64 {
    let mean = mean_down(nodes, failures_per_node_day, repair_hours);
    if mean == 0.0 {
        return 1.0;
    }
    if !(mean > 0.0 && mean < MOST_DOWN) {
        return 0.0;
    }
    Poisson::new(mean).map_or(0.0, |down| down.cdf(spares))
}

/// Fewest spare nodes with which a job of `nodes` finds them all up with probability
/// `availability`; nothing where no count does (an availability of one, or nonsense).
pub fn spares_for(
    nodes: f64,
    availability: f64,
    failures_per_node_day: f64,
    repair_hours: f64,
) -> Option<u64> {
    let mean = mean_down(nodes, failures_per_node_day, repair_hours);
    if !(0.0..1.0).contains(&availability) || !(0.0..MOST_DOWN).contains(&mean) {
        return None;
    }
    if mean == 0.0 {
        return Some(0);
    }
    Poisson::new(mean).ok().map(|down| down.inverse_cdf(availability))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn spares_by_hand() {
        // 125 nodes, 4 failures per 1,000 node-days, 48 h: one node down on average.
        // P(X ≤ 3) = e⁻¹ (1 + 1 + 1/2 + 1/6) = 0.9810; P(X ≤ 4) = 0.9963.
        let at = |k| job_availability(125.0, k, 4e-3, 48.0);
        assert!((at(3) - 0.9810).abs() < 1e-4 && (at(4) - 0.9963).abs() < 1e-4);
        assert_eq!(spares_for(125.0, 0.99, 4e-3, 48.0), Some(4));
        assert_eq!(spares_for(125.0, 0.98, 4e-3, 48.0), Some(3));
    }

    #[test]
    fn a_node_is_up_for_its_share_of_the_cycle() {
        let rates = FailureRates {
            per_node_day: 0.01.into(),
            per_job_day: 0.0.into(),
            notes: Vec::new(),
        };
        let repair = Repair {
            replacement_share: 0.25.into(),
            reset_hours: 4.0.into(),
            replacement_hours: 84.0.into(),
            notes: Vec::new(),
        };
        // Mean repair 24 h, one failure in 100 days: 100/101.
        let [_, up, _] = node_availability(&rates, &repair);
        assert!((up - 100.0 / 101.0).abs() < 1e-12);
    }

    #[test]
    fn nodes_that_never_fail_need_no_spares() {
        assert_eq!(spares_for(1000.0, 0.999, 0.0, 48.0), Some(0));
        assert!((job_availability(1000.0, 0, 0.0, 48.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn nonsense_is_no_answer_rather_than_a_panic() {
        assert_eq!(spares_for(f64::NAN, 0.99, 4e-3, 48.0), None);
        assert_eq!(spares_for(100.0, 1.0, 4e-3, 48.0), None);
        assert!(job_availability(f64::INFINITY, 3, 4e-3, 48.0).abs() < f64::EPSILON);
        assert!(job_availability(-5.0, 3, 4e-3, 48.0).abs() < f64::EPSILON);
    }

    #[test]
    fn unknown_repair_times_are_ranges_and_are_said() {
        let repair = Repair::of(&fixture::h100());
        assert_eq!(repair.notes.len(), 3);
        let [low, mid, high] = repair.mean_hours();
        assert!(low < mid && mid < high);
        let rates = FailureRates::of(&fixture::h100());
        let [worst, middle, best] = node_availability(&rates, &repair);
        assert!(0.0 < worst && worst < middle && middle < best && best < 1.0);
    }
}
