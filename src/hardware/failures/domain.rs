//! Nodes that fail as one: a tray, a rack, the nodes behind one power feed or switch.
//!
//! Two questions: how many nodes are down at a moment where some failures take several
//! at once, and how many racks have enough nodes up (64 of 72 chips of an NVL72). Read
//! next: [`super::job`].

use serde::Serialize;
use statrs::distribution::{Binomial, Discrete, DiscreteCDF, Poisson};

/// Failures that take several nodes down together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Domain {
    /// Nodes that go down together.
    pub nodes: u32,
    /// Failures of a domain, per domain and day.
    pub failures_per_day: f64,
    /// Time until all its nodes serve again, hours.
    pub repair_hours: f64,
}

/// Chance that at most `spares` nodes are down, when nodes fail singly and in domains.
///
/// ```text
/// X = X₁ + d X₂,   X₁ ~ Poisson(a₁),   X₂ ~ Poisson(a₂),   P(X ≤ k) = Σ_j P(X₂ = j) P(X₁ ≤ k − d j)
/// ```
/// where `a₁` and `a₂` are the mean numbers of nodes and domains in repair.
///
/// **Units** counts. **Errors** none; a mean that makes no sense gives zero.
/// **Source** M/G/∞ queues side by side. **Checked by** `a_rack_down_takes_its_nodes`.
pub fn up_with_spares(
    mean_nodes_down: f64,
    mean_domains_down: f64,
    domain_nodes: u32,
    spares: u32,
) -> f64 {
    let at_most = |mean: f64, k: u32| {
        if mean == 0.0 {
            return 1.0;
        }
        Poisson::new(mean).map_or(0.0, |p| p.cdf(u64::from(k)))
    };
    if mean_domains_down == 0.0 {
        return at_most(mean_nodes_down, spares);
    }
    let Ok(domains) = Poisson::new(mean_domains_down) else { return 0.0 };
    let each = domain_nodes.max(1);
    let mut sum = 0.0;
    for down in 0..=spares / each {
        sum +=
            domains.pmf(u64::from(down)) * at_most(mean_nodes_down, spares - down * each);
    }
    sum.clamp(0.0, 1.0)
}

/// Chance that a rack of `nodes` has at least `needed` of them up.
///
/// ```text
/// P = a_r Σ_{i ≥ n} C(N, i) aⁱ (1 − a)^(N−i)
/// ```
/// where `a` is the availability of a node and `a_r` that of what the rack shares.
///
/// **Errors** none; shares outside 0 to 1 give zero. **Source** the binomial law.
/// **Checked by** `sixteen_of_eighteen_trays_by_hand`.
pub fn rack_availability(
    nodes: u32,
    needed: u32,
    node_availability: f64,
    shared_availability: f64,
) -> f64 {
    let shared = shared_availability.clamp(0.0, 1.0);
    let Ok(up) = Binomial::new(node_availability, u64::from(nodes)) else { return 0.0 };
    match needed {
        0 => shared,
        n if n > nodes => 0.0,
        n => shared * (1.0 - up.cdf(u64::from(n - 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rack_down_takes_its_nodes() {
        // One node and 0.1 racks of 18 down on average, 20 spares: no rack down and at
        // most 20 nodes, or one rack down and at most 2 nodes.
        let two = (1.0 + 1.0 + 0.5) * (-1.0_f64).exp();
        let want = (-0.1_f64).exp() * (1.0 + 0.1 * two);
        let got = up_with_spares(1.0, 0.1, 18, 20);
        assert!((got - want).abs() < 1e-9, "{got} against {want}");
        assert!(up_with_spares(1.0, 0.1, 18, 17) < got);
    }

    #[test]
    fn without_domains_the_count_is_poisson() {
        let got = up_with_spares(1.0, 0.0, 18, 3);
        assert!((got - 0.9810).abs() < 1e-4, "{got}");
        assert!((up_with_spares(0.0, 0.0, 18, 0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn sixteen_of_eighteen_trays_by_hand() {
        // A tray up 99 % of the time: P(≤ 2 of 18 down) =
        // 0.99¹⁸ + 18·0.01·0.99¹⁷ + 153·0.01²·0.99¹⁶ = 0.99927.
        let got = rack_availability(18, 16, 0.99, 1.0);
        assert!((got - 0.999_27).abs() < 1e-5, "{got}");
        assert!(
            (rack_availability(18, 18, 0.99, 0.5) - 0.5 * 0.99_f64.powi(18)).abs() < 1e-9
        );
        assert!(rack_availability(18, 19, 0.99, 1.0).abs() < f64::EPSILON);
        assert!(rack_availability(18, 9, f64::NAN, 1.0).abs() < f64::EPSILON);
    }
}
