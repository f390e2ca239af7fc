//! Collectives on two levels: fast links inside a domain, a network between domains.
//!
//! α-β costs of hierarchical rings: what can stay inside a domain does, and each chip
//! carries its own shard across. Latency counts the logarithm of the group, as tree
//! algorithms give; below a few kilobytes the collective is latency and floor, and those
//! were fitted. Read next: [`super::calibration`].

use super::calibration::Calibration;
use super::machine::Machine;
use crate::profile::accelerator::Topology;

/// The chips of a collective: how many, and how many of them share a domain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Group {
    pub(super) chips: f64,
    pub(super) per_domain: f64,
}

impl Group {
    /// A group of `chips` placed with `stride`: neighbours in the group are that many
    /// chips apart, because faster groups took the places between.
    pub(super) fn strided(chips: u32, stride: u32, machine: &Machine) -> Self {
        let per_domain = (machine.domain / stride.max(1)).clamp(1, chips.max(1));
        Self { chips: f64::from(chips.max(1)), per_domain: f64::from(per_domain) }
    }

    fn domains(self) -> f64 {
        (self.chips / self.per_domain).ceil().max(1.0)
    }
}

impl Machine {
    /// Bandwidth a chip has to its group inside the domain, bytes/s.
    ///
    /// A switch gives all of it to any peer. In a mesh a chip reaches `n − 1` peers over
    /// as many of its `domain − 1` links: MI300X has 448 GB/s in all but 64 to one peer.
    /// On a torus a group that fits one axis uses that axis.
    fn group_link(&self, chips: f64) -> f64 {
        let domain = f64::from(self.domain);
        match self.topology {
            Topology::Switch => self.link,
            Topology::Mesh => {
                let peers = (chips - 1.0).max(1.0) / (domain - 1.0).max(1.0);
                self.link * peers.min(1.0)
            }
            Topology::Torus => {
                let axis = domain.powf(1.0 / self.axes);
                let used = (chips.ln() / axis.max(1.5).ln()).ceil().clamp(1.0, self.axes);
                self.link * used / self.axes
            }
        }
    }

    /// Seconds of an all-gather or a reduce-scatter of `bytes` (the gathered size).
    ///
    /// ```text
    /// (i−1)/i · bytes/(link e) + (o−1)/o · (bytes/i)/(network e) + α log₂
    /// ```
    /// for `i` chips inside each of `o` domains.
    ///
    /// **Source** Thakur, Rabenseifner and Gropp (2005) for the ring; shares `e` in
    /// [`Calibration`].
    pub(super) fn gather_s(&self, bytes: f64, group: Group, c: &Calibration) -> f64 {
        if group.chips <= 1.0 {
            return 0.0;
        }
        let (inner, outer) = (group.per_domain, group.domains());
        let mut seconds = 0.0;
        if inner > 1.0 {
            seconds += bytes * (inner - 1.0)
                / (inner * self.group_link(inner) * c.link_share)
                + c.link_latency_s * inner.log2();
        }
        if outer > 1.0 {
            seconds += bytes / inner * (outer - 1.0)
                / (outer * self.network * c.network_share)
                + c.network_latency_s * outer.log2();
        }
        seconds
    }

    /// Seconds of an all-reduce: a reduce-scatter and an all-gather.
    pub(super) fn all_reduce_s(&self, bytes: f64, group: Group, c: &Calibration) -> f64 {
        2.0 * self.gather_s(bytes, group, c)
    }

    /// Seconds of an all-to-all in which every chip sends `bytes` in all.
    ///
    /// What stays in the domain and what crosses go over different wires one after the
    /// other: the share that crosses is `(n − i)/n`.
    pub(super) fn all_to_all_s(&self, bytes: f64, group: Group, c: &Calibration) -> f64 {
        if group.chips <= 1.0 {
            return 0.0;
        }
        let inside = (group.per_domain - 1.0) / group.chips;
        let across = (group.chips - group.per_domain).max(0.0) / group.chips;
        let link = self.group_link(group.per_domain) * c.link_share;
        let crossing = if across > 0.0 { c.network_latency_s } else { 0.0 };
        bytes * inside / link
            + bytes * across / (self.network * c.network_share)
            + c.link_latency_s
            + crossing
    }

    /// Seconds to send every token's `copies` of `bytes` each to as many random experts of
    /// the group.
    ///
    /// ```text
    /// k (i−1)/i · bytes/(link e) + (o−1)(1 − (1−1/o)^k) · bytes/(network e)
    /// ```
    /// for `i` chips inside each of `o` domains and `k` copies: a token crosses to a domain
    /// once, however many of its experts are there, and is handed on inside.
    ///
    /// **Source** DeepSeek-AI (2024), DeepSeek-V3 (arXiv:2412.19437), §3.2.2.
    /// **Checked by** `a_token_crosses_to_a_domain_once`.
    pub(super) fn dispatch_s(
        &self,
        bytes: f64,
        copies: f64,
        group: Group,
        c: &Calibration,
    ) -> f64 {
        if group.chips <= 1.0 {
            return 0.0;
        }
        let (inner, outer) = (group.per_domain, group.domains());
        let link = self.group_link(inner) * c.link_share;
        let mut seconds =
            bytes * copies * (inner - 1.0) / (inner * link) + c.link_latency_s;
        if outer > 1.0 {
            let met = (outer - 1.0) * (1.0 - (1.0 - 1.0 / outer).powf(copies));
            seconds +=
                bytes * met / (self.network * c.network_share) + c.network_latency_s;
        }
        seconds
    }

    /// Seconds to hand `bytes` to the next stage of a pipeline.
    pub(super) fn send_s(&self, bytes: f64, crosses: bool, c: &Calibration) -> f64 {
        if crosses {
            bytes / (self.network * c.network_share) + c.network_latency_s
        } else {
            bytes / (self.group_link(2.0) * c.link_share) + c.link_latency_s
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::profile::Precision;

    fn ideal() -> Calibration {
        Calibration {
            link_share: 1.0,
            network_share: 1.0,
            link_latency_s: 0.0,
            network_latency_s: 0.0,
            ..Calibration::PRIOR
        }
    }

    #[test]
    fn a_ring_all_reduce_moves_two_n_minus_one_over_n_of_the_bytes() {
        let m = Machine::of(&fixture::h100(), Precision::Bf16);
        let group = Group::strided(8, 1, &m);
        let seconds = m.all_reduce_s(450e9, group, &ideal());
        assert!((seconds - 2.0 * 7.0 / 8.0).abs() < 1e-12);
    }

    #[test]
    fn a_group_that_leaves_the_domain_pays_for_its_shard_on_the_network() {
        let m = Machine::of(&fixture::h100(), Precision::Bf16);
        let group = Group::strided(16, 1, &m);
        let seconds = m.gather_s(400e9, group, &ideal());
        let inside = 400e9 * 7.0 / 8.0 / 450e9;
        let across = 400e9 / 8.0 * 0.5 / 50e9;
        assert!((seconds - inside - across).abs() < 1e-12);
    }

    #[test]
    fn two_chips_of_a_mesh_share_one_link() {
        let mut chip = fixture::h100();
        if let Some(up) = &mut chip.scale_up {
            up.topology = Topology::Mesh;
            up.per_direction_gb_per_s = 448.0.into();
        }
        let m = Machine::of(&chip, Precision::Bf16);
        assert!((m.group_link(2.0) - 64e9).abs() < 1.0);
        assert!((m.group_link(8.0) - 448e9).abs() < 1.0);
    }

    #[test]
    fn a_token_crosses_to_a_domain_once() {
        let m = Machine::of(&fixture::h100(), Precision::Bf16);
        let group = Group::strided(16, 1, &m);
        let seconds = m.dispatch_s(50e9, 8.0, group, &ideal());
        // One other domain, met by all but 2⁻⁸ of the tokens; eight copies handed on inside.
        let across = 1.0 - 0.5_f64.powi(8);
        let inside = 50e9 * 8.0 * 7.0 / 8.0 / 450e9;
        assert!((seconds - inside - across).abs() < 1e-12);
        // One copy is an exchange in which every chip sends half across.
        let one = m.dispatch_s(50e9, 1.0, group, &ideal());
        assert!((one - 0.5 - 50e9 * 7.0 / 8.0 / 450e9).abs() < 1e-12);
    }

    #[test]
    fn a_group_of_one_costs_nothing() {
        let m = Machine::of(&fixture::h100(), Precision::Bf16);
        let alone = Group::strided(1, 8, &m);
        let c = *Calibration::published();
        let all = [
            m.gather_s(1e9, alone, &c),
            m.all_reduce_s(1e9, alone, &c),
            m.all_to_all_s(1e9, alone, &c),
            m.dispatch_s(1e9, 8.0, alone, &c),
        ];
        assert!(all.iter().all(|s| s.abs() < f64::EPSILON));
    }
}
