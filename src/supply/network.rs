//! A network that steps up as a cluster grows: switch layers, cables, optics.
//!
//! A share of capex is right for one size of cluster. Switches have so many ports: up to
//! that many chips one layer joins them all, beyond that a second and a third are
//! needed, and every layer costs a link a chip. Read next: [`super::own`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::block::{LANES, Lane};
use crate::input::{Check, Checker, Uncertain};

/// A fat tree of equal switches without oversubscription.
///
/// ```text
/// L(n) = least L with 2 (k/2)^L ≥ n
/// cost(n) = ⌈n/k⌉ s + (L − 1) ⌈2n/k⌉ s + L n c
/// ```
/// for `n` ports of chips, `k` ports a switch, `s` dollars a switch, `c` dollars a link
/// (cable and both optics).
///
/// **Law** a larger network never costs less.
/// **Source** Al-Fares, Loukissas, Vahdat (2008), A Scalable, Commodity Data Center
/// Network Architecture, SIGCOMM: k³/4 hosts and 5k²/4 switches in three layers.
/// **Checked by** `three_layers_of_48_ports_are_those_of_the_paper`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// Ports of a switch, at the speed of a chip's link.
    pub switch_ports: u32,
    /// Price of a switch, US dollars.
    pub usd_per_switch: f64,
    /// Price of a link, cable and optics of both ends, US dollars.
    pub usd_per_link: f64,
    /// Ports of the network that a chip takes. Default 1.
    #[serde(default)]
    pub ports_per_chip: Option<f64>,
}

impl NetworkSpec {
    /// What a network costs that joins so many chips, US dollars.
    pub fn cost(&self, chips: f64) -> f64 {
        let ports = f64::from(self.switch_ports);
        let n = (chips * self.ports_per_chip.unwrap_or(1.0)).max(0.0);
        // A hair is taken off so that rounding does not add a switch.
        let up = |x: f64| (x - 1e-9).ceil().max(0.0);
        if n <= 0.0 {
            return 0.0;
        }
        let (mut layers, mut joins) = (1.0, ports);
        while joins < n * (1.0 - 1e-12) {
            layers += 1.0;
            joins *= ports / 2.0;
        }
        let switches = up(n / ports) + (layers - 1.0) * up(2.0 * n / ports);
        switches * self.usd_per_switch + layers * n * self.usd_per_link
    }

    /// Adds to `capex` what more it costs to join `order` chips to `standing` ones.
    pub fn add_growth(&self, standing: &Lane, order: &Lane, capex: &mut Lane) {
        for i in 0..LANES {
            if order[i] > 0.0 {
                let more = self.cost(standing[i] + order[i]) - self.cost(standing[i]);
                capex[i] += more.max(0.0);
            }
        }
    }
}

impl Check for NetworkSpec {
    fn check(&self, at: &mut Checker) {
        at.ranged(
            "switch_ports",
            Uncertain::from(f64::from(self.switch_ports)),
            "4 or more",
            |x| x >= 4.0,
        );
        at.non_negative("usd_per_switch", Uncertain::from(self.usd_per_switch));
        at.non_negative("usd_per_link", Uncertain::from(self.usd_per_link));
        at.positive("ports_per_chip", self.ports_per_chip.map(Uncertain::from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(switch_ports: u32, usd_per_switch: f64, usd_per_link: f64) -> NetworkSpec {
        NetworkSpec { switch_ports, usd_per_switch, usd_per_link, ports_per_chip: None }
    }

    #[test]
    fn three_layers_of_48_ports_are_those_of_the_paper() {
        // 27,648 hosts on 2,880 switches (Al-Fares and others 2008, §3.2).
        let switches = network(48, 1.0, 0.0).cost(27_648.0);
        assert!((switches - 2_880.0).abs() < 1e-9, "{switches}");
        let links = network(48, 0.0, 1.0).cost(27_648.0);
        assert!((links - 3.0 * 27_648.0).abs() < 1e-9, "{links}");
    }

    #[test]
    fn a_layer_is_added_where_the_ports_are_used_up() {
        let tree = network(64, 10_000.0, 0.0);
        assert!((tree.cost(64.0) - 10_000.0).abs() < 1e-9);
        // 65 chips: three leaves, two spines.
        assert!((tree.cost(65.0) - 50_000.0).abs() < 1e-9);
        assert!(tree.cost(0.0).abs() < 1e-12);
    }

    #[test]
    fn a_larger_network_never_costs_less() {
        let tree = network(16, 3_000.0, 700.0);
        let mut last = 0.0;
        for chips in 0..5_000_u32 {
            let cost = tree.cost(f64::from(chips));
            assert!(cost >= last, "{chips}: {cost} after {last}");
            last = cost;
        }
    }
}
