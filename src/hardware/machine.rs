//! An accelerator's figures as the equations need them: resolved, in base units.
//!
//! A profile may leave out what nobody published. Here each gap is filled by a stated
//! rule, with a note and a spread that says so, or the case is refused where no rule
//! would be honest. Read next: `network`.

use super::calibration::Calibration;
use super::estimate::Spread;
use crate::input::Uncertain;
use crate::profile::Accelerator;
use crate::profile::Precision;
use crate::profile::accelerator::Topology;

/// A `PCIe` 4.0 ×16 slot in one direction, bytes/s: chips without fast links of their own.
const PCIE_BYTES_PER_S: f64 = 32e9;
/// A 200 Gbit/s adapter for each chip, bytes/s: the commonest scale-out fabric of the
/// profiles in the catalogue, for chips whose own is not published.
const DEFAULT_NETWORK_BYTES_PER_S: f64 = 25e9;
/// How far a link taken from such a rule may be off, on the log scale: a factor of two
/// either way in four cases of five.
const LINK_RULE_SIGMA: f64 = 0.54;

/// An A100's 400 W over its 312 TFLOP/s in bf16.
const A100_W_PER_TFLOPS: f64 = 400.0 / 312.0;
/// Share of the bf16 peak that an A100's largest matrix products reach alone: 271.2 of 312
/// TFLOP/s. Bekman, Machine Learning Engineering, maximum achievable matmul FLOPS.
const A100_MATMUL_SHARE: f64 = 0.869;
/// The same where a profile has none: about the middle of the ten chips measured there
/// whose makers' own libraries are mature.
const USUAL_MATMUL_SHARE: f64 = 0.85;
/// An A100's bf16 peak, FLOP/s.
const A100_BF16_FLOP_PER_S: f64 = 312e12;

/// Resolved figures of one chip and its surroundings.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Name, for messages.
    pub name: String,
    /// Dense peak of the format asked for, FLOP/s.
    pub peak: f64,
    /// Dense bf16 peak, FLOP/s.
    pub bf16_peak: f64,
    /// Format the products run in.
    pub computed_in: Precision,
    /// Design power per FLOP/s in bf16, over an A100's: a product of half the bits takes
    /// about half the energy, so that clocks fall alike in every format.
    pub power_ratio: f64,
    /// Share of the peak that the largest products reach alone, over an A100's.
    pub matmul_ratio: f64,
    /// FLOP/s in bf16 over an A100's.
    pub speed_ratio: f64,
    /// Memory bandwidth, bytes/s.
    pub bandwidth: f64,
    /// Memory a program can use, bytes.
    pub capacity: f64,
    /// Chips in a scale-up domain.
    pub domain: u32,
    /// Scale-up bandwidth of a chip in one direction, all links, bytes/s.
    pub link: f64,
    /// Wiring of the domain.
    pub topology: Topology,
    /// Axes of a torus, one otherwise.
    pub axes: f64,
    /// Bandwidth of a chip between domains in one direction, bytes/s.
    pub network: f64,
    /// What was filled in and what fell back.
    pub notes: Vec<String>,
    /// Doubt about the compute peak.
    pub compute_doubt: Spread,
    /// Doubt about the memory bandwidth.
    pub memory_doubt: Spread,
    /// Doubt about links and network.
    pub link_doubt: Spread,
}

impl Machine {
    /// Resolves a profile for work in the given format.
    pub fn of(chip: &Accelerator, precision: Precision) -> Self {
        let peak = precision.peak_on(chip);
        let mut notes: Vec<String> = peak.note.into_iter().collect();
        let mut compute_doubt = Spread::default();
        compute_doubt.widen_by("the compute peak", peak.tflops, 1.0);
        let mut memory_doubt = Spread::default();
        memory_doubt.widen_by("memory bandwidth", chip.memory.bandwidth_gb_per_s, 1.0);
        let mut link_doubt = Spread::default();

        let (domain, link, topology, axes) = if let Some(up) = &chip.scale_up {
            link_doubt.widen_by("scale-up bandwidth", up.per_direction_gb_per_s, 1.0);
            let axes = f64::from(up.axes.unwrap_or(1).max(1));
            let link = up.per_direction_gb_per_s.median() * 1e9;
            (up.domain_chips.max(1), link, up.topology, axes)
        } else {
            let why = format!(
                "{} has no fast links in its profile: chips of a host talk over \
                     PCIe 4.0 ×16, {:.0} GB/s",
                chip.name,
                PCIE_BYTES_PER_S / 1e9
            );
            link_doubt.widen(LINK_RULE_SIGMA, why.clone());
            notes.push(why);
            let host = chip.node.chips_per_node.max(1);
            (host, PCIE_BYTES_PER_S, Topology::Switch, 1.0)
        };
        let network = if let Some(out) = &chip.scale_out {
            link_doubt.widen_by("scale-out bandwidth", out.per_chip_gbit_per_s, 1.0);
            out.per_chip_gbit_per_s.median() * 1e9 / 8.0
        } else {
            let why = format!(
                "the network between domains is unknown: {:.0} Gbit/s a chip assumed",
                DEFAULT_NETWORK_BYTES_PER_S * 8.0 / 1e9
            );
            link_doubt.widen(LINK_RULE_SIGMA, why.clone());
            notes.push(why);
            DEFAULT_NETWORK_BYTES_PER_S
        };
        Self {
            name: chip.name.clone(),
            peak: peak.tflops.median() * 1e12,
            bf16_peak: chip.compute.bf16_tflops.median() * 1e12,
            computed_in: peak.computed_in,
            power_ratio: super::power::design_power_w(chip)
                / (chip.compute.bf16_tflops.median() * A100_W_PER_TFLOPS),
            matmul_ratio: chip
                .compute
                .matmul_share
                .map(Uncertain::median)
                .filter(|share| *share > 0.0)
                .unwrap_or(USUAL_MATMUL_SHARE)
                / A100_MATMUL_SHARE,
            speed_ratio: chip.compute.bf16_tflops.median() * 1e12 / A100_BF16_FLOP_PER_S,
            bandwidth: chip.memory.bandwidth_gb_per_s.median() * 1e9,
            capacity: chip.memory.capacity_gb.median() * 1e9,
            domain,
            link,
            topology,
            axes,
            network,
            notes,
            compute_doubt,
            memory_doubt,
            link_doubt,
        }
    }

    /// The spread of inputs, each weighted by the share of time that depends on it.
    pub fn doubt(&self, compute: f64, memory: f64, communication: f64) -> Spread {
        let mut spread = Spread::default();
        for (doubt, share, name) in [
            (&self.compute_doubt, compute, "compute peak"),
            (&self.memory_doubt, memory, "memory bandwidth"),
            (&self.link_doubt, communication, "links"),
        ] {
            let sigma = doubt.sigma() * share;
            if sigma > 0.005 {
                let why = doubt.reasons().join("; ");
                let percent = share * 100.0;
                spread
                    .widen(sigma, format!("{name} ({percent:.0} % of the time): {why}"));
            }
        }
        spread
    }

    /// Seconds to move bytes through memory.
    pub(super) fn memory_s(&self, bytes: f64, c: &Calibration) -> f64 {
        bytes / (self.bandwidth * c.memory_share)
    }
}

/// The measured value where the profile has one.
pub(super) fn measured(
    chip: &Accelerator,
    pick: impl Fn(&crate::profile::accelerator::Efficiency) -> Option<Uncertain>,
) -> Option<Uncertain> {
    chip.efficiency.as_ref().and_then(pick).filter(|u| u.median() > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn unknown_links_are_filled_by_a_stated_rule_and_widen() {
        let mut chip = fixture::h100();
        chip.scale_up = None;
        chip.scale_out = None;
        let m = Machine::of(&chip, Precision::Bf16);
        assert_eq!(m.notes.len(), 2);
        assert!(m.doubt(0.5, 0.2, 0.3).sigma() > 0.2);
        assert_eq!(m.domain, 8);
    }

    #[test]
    fn a_known_machine_adds_no_doubt() {
        let m = Machine::of(&fixture::h100(), Precision::Fp8);
        assert!(m.doubt(0.5, 0.3, 0.2).sigma().abs() < f64::EPSILON);
        assert!((m.peak - 1979e12).abs() < 1.0 && m.notes.is_empty());
    }

    #[test]
    fn a_chip_without_fp8_computes_fp8_weights_in_bf16_and_says_so() {
        let peak = Precision::Fp8.peak_on(&fixture::a100());
        assert_eq!(peak.computed_in, Precision::Bf16);
        assert_eq!(peak.tflops, 312.0.into());
        assert!(peak.note.unwrap().contains("stored in fp8"));
    }

    #[test]
    fn a_format_the_chip_has_is_used_without_a_note() {
        let peak = Precision::Fp8.peak_on(&fixture::h100());
        assert_eq!((peak.computed_in, peak.note), (Precision::Fp8, None));
    }

    #[test]
    fn a_gutted_int8_unit_is_not_used() {
        let mut chip = fixture::h100();
        chip.compute.int8_tops = Some(150.0.into());
        assert_eq!(Precision::Int8.peak_on(&chip).computed_in, Precision::Bf16);
    }
}
