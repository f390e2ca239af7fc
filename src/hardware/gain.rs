//! What a later part does with the same work: gains of its peaks turned into a gain of its
//! throughput.
//!
//! Twice the FLOP/s is not twice the work. Training is bound by FLOP/s, decode by the bytes
//! it reads, and room in memory lets more sequences share a read. So the closed form itself
//! is asked, for parts whose peaks are so many times those of the part at hand, and what it
//! says between these parts is interpolated. Read next: [`Gains`].

use crate::profile::Accelerator;

/// Gains of FLOP/s at which the closed form is asked, in the logarithm.
const COMPUTE: [f64; 4] = [0.0, 1.0, 2.0, 4.0];
/// The same of bandwidth, and of capacity.
const BANDWIDTH: [f64; 4] = [0.0, 0.7, 1.4, 2.8];
const CAPACITY: [f64; 4] = [0.0, 0.7, 1.4, 2.8];
const NODES: usize = COMPUTE.len() * BANDWIDTH.len() * CAPACITY.len();

/// Gains of a later part over the part at hand, in the logarithm.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PeakGains {
    /// Of FLOP/s, in every format.
    pub compute: f64,
    /// Of memory bandwidth; links gain as much.
    pub bandwidth: f64,
    /// Of memory capacity.
    pub capacity: f64,
}

impl PeakGains {
    /// The part with these gains: its links gain as the bandwidth does, its watts as its
    /// FLOP/s, so that it reaches the shares of its peaks that the part at hand reaches.
    pub fn applied_to(self, chip: &Accelerator) -> Accelerator {
        let mut chip = chip.clone();
        let [compute, bandwidth, capacity] =
            [self.compute, self.bandwidth, self.capacity].map(f64::exp);
        let peaks = &mut chip.compute;
        peaks.bf16_tflops = peaks.bf16_tflops.scaled(compute);
        for peak in [
            &mut peaks.fp32_tflops,
            &mut peaks.tf32_tflops,
            &mut peaks.fp8_tflops,
            &mut peaks.fp4_tflops,
            &mut peaks.int8_tops,
        ] {
            *peak = peak.map(|x| x.scaled(compute));
        }
        chip.memory.capacity_gb = chip.memory.capacity_gb.scaled(capacity);
        chip.memory.bandwidth_gb_per_s = chip.memory.bandwidth_gb_per_s.scaled(bandwidth);
        if let Some(links) = &mut chip.scale_up {
            links.per_direction_gb_per_s = links.per_direction_gb_per_s.scaled(bandwidth);
        }
        if let Some(links) = &mut chip.scale_out {
            links.per_chip_gbit_per_s = links.per_chip_gbit_per_s.scaled(bandwidth);
        }
        if let Some(power) = &mut chip.power {
            power.tdp_w = power.tdp_w.map(|x| x.scaled(compute));
        }
        chip
    }
}

/// The gain of throughput by gains of the peaks.
#[derive(Debug, Clone, PartialEq)]
pub enum Gains {
    /// Work of which a share of the time is bound by bandwidth, the rest by FLOP/s.
    ///
    /// ```text
    /// exp(−g) = s exp(−bandwidth) + (1 − s) exp(−compute)
    /// ```
    Shares {
        /// Share of the time bound by bandwidth.
        bandwidth_share: f64,
    },
    /// Work of which the closed form was asked.
    Asked(Box<AskedGains>),
}

/// Gains of throughput, in the logarithm, on a grid of gains of the peaks.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedGains([f64; NODES]);

/// Position in the grid.
fn node(compute: usize, bandwidth: usize, capacity: usize) -> usize {
    (compute * BANDWIDTH.len() + bandwidth) * CAPACITY.len() + capacity
}

impl Gains {
    /// Asks a closed form for the throughput of a part with gains, any unit.
    ///
    /// Nothing where the part at hand cannot do the work. A search over splits is not
    /// quite monotone; what has more of everything is never slower here.
    ///
    /// **Checked by** the tests below: work bound by one peak gains what that peak does.
    pub fn asked(throughput: impl Fn(PeakGains) -> Option<f64>) -> Option<Self> {
        let base = throughput(PeakGains::default()).filter(|x| *x > 0.0)?.ln();
        let mut logs = [0.0; NODES];
        for (i, compute) in COMPUTE.into_iter().enumerate() {
            for (j, bandwidth) in BANDWIDTH.into_iter().enumerate() {
                for (k, capacity) in CAPACITY.into_iter().enumerate() {
                    let gains = PeakGains { compute, bandwidth, capacity };
                    let found = throughput(gains).filter(|x| *x > 0.0);
                    let mut log = found.map_or(0.0, |x| x.ln() - base).max(0.0);
                    for below in [
                        i.checked_sub(1).map(|i| node(i, j, k)),
                        j.checked_sub(1).map(|j| node(i, j, k)),
                        k.checked_sub(1).map(|k| node(i, j, k)),
                    ] {
                        log = log.max(below.map_or(0.0, |n| logs[n]));
                    }
                    logs[node(i, j, k)] = log;
                }
            }
        }
        Some(Self::Asked(Box::new(AskedGains(logs))))
    }

    /// The gain of throughput, in the logarithm.
    ///
    /// Linear in the logarithms between the parts that were asked, and beyond them below;
    /// above the highest gains it stays: a longer reach was not asked.
    pub fn log_gain(&self, gains: PeakGains) -> f64 {
        match self {
            Self::Shares { bandwidth_share } => {
                let time = bandwidth_share * (-gains.bandwidth).exp()
                    + (1.0 - bandwidth_share) * (-gains.compute).exp();
                -time.ln()
            }
            Self::Asked(asked) => asked.log_gain(gains),
        }
    }

    /// By how much the throughput grows with one per cent more of FLOP/s, bandwidth and
    /// capacity, in per cent, at these gains: what binds it.
    pub fn elasticities(&self, at: PeakGains) -> [f64; 3] {
        /// Step of the logarithm, well inside a cell of the grid.
        const STEP: f64 = 0.2;
        let base = self.log_gain(at);
        [
            PeakGains { compute: at.compute + STEP, ..at },
            PeakGains { bandwidth: at.bandwidth + STEP, ..at },
            PeakGains { capacity: at.capacity + STEP, ..at },
        ]
        .map(|more| (self.log_gain(more) - base) / STEP)
    }
}

impl AskedGains {
    fn log_gain(&self, gains: PeakGains) -> f64 {
        let (i, x) = place(&COMPUTE, gains.compute);
        let (j, y) = place(&BANDWIDTH, gains.bandwidth);
        let (k, z) = place(&CAPACITY, gains.capacity);
        let mut sum = 0.0;
        for (di, a) in [(0, 1.0 - x), (1, x)] {
            for (dj, b) in [(0, 1.0 - y), (1, y)] {
                for (dk, c) in [(0, 1.0 - z), (1, z)] {
                    sum += a * b * c * self.0[node(i + di, j + dj, k + dk)];
                }
            }
        }
        sum
    }
}

/// The cell that a gain lies in, and how far into it: below 0 before the first node, at
/// most 1 after the last.
fn place(nodes: &[f64; 4], gain: f64) -> (usize, f64) {
    let cell = nodes[1..3].iter().filter(|node| gain >= **node).count();
    let share = (gain - nodes[cell]) / (nodes[cell + 1] - nodes[cell]);
    (cell, share.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::{Mode, ServeCase, TrainCase, serve, train};
    use crate::profile::{Catalogue, Precision};

    fn gains(compute: f64, bandwidth: f64, capacity: f64) -> PeakGains {
        PeakGains { compute, bandwidth, capacity }
    }

    #[test]
    fn work_bound_by_one_peak_gains_what_that_peak_gains() {
        for (share, compute, bandwidth, wanted) in
            [(0.0, 0.9, 0.3, 0.9), (1.0, 0.9, 0.3, 0.3), (0.4, 0.5, 0.5, 0.5)]
        {
            let shares = Gains::Shares { bandwidth_share: share };
            let found = shares.log_gain(gains(compute, bandwidth, 2.0));
            assert!((found - wanted).abs() < 1e-12);
        }
        let flops = Gains::asked(|g| Some(5.0 * g.compute.exp())).unwrap();
        for x in [-0.4, 0.0, 0.3, 1.7, 3.9] {
            let found = flops.log_gain(gains(x, 0.2, 0.1));
            assert!((found - x).abs() < 1e-12, "{x} {found}");
        }
        assert!((flops.log_gain(gains(9.0, 0.0, 0.0)) - 4.0).abs() < 1e-12);
        assert!(Gains::asked(|_| None).is_none());
    }

    #[test]
    fn a_roofline_is_met_at_its_nodes_and_never_falls_with_a_better_part() {
        let time = |g: PeakGains| (-g.compute).exp().max(2.0 * (-g.bandwidth).exp());
        let roof = Gains::asked(|g| Some(1.0 / time(g))).unwrap();
        let base = time(PeakGains::default());
        for compute in COMPUTE {
            for bandwidth in BANDWIDTH {
                let g = gains(compute, bandwidth, 0.3);
                let wanted = (base / time(g)).ln();
                assert!((roof.log_gain(g) - wanted).abs() < 1e-12, "{g:?}");
            }
        }
        let mut before = 0.0;
        for i in 0..40 {
            let x = 0.1 * f64::from(i);
            let now = roof.log_gain(gains(x, 0.7 * x, 0.5 * x));
            assert!(now >= before - 1e-12);
            before = now;
        }
    }

    /// The two workloads that the whole distinction is about, on the shipped H100: decode
    /// of short prompts is bound by bandwidth, training of a dense model by FLOP/s.
    #[test]
    fn decode_gains_with_bandwidth_and_training_with_compute() {
        let catalogue = Catalogue::shipped();
        let chip = catalogue.accelerator("nvidia-h100-sxm").unwrap();
        let model = catalogue.model("llama-3.1-8b").unwrap();
        let mut case = ServeCase::new(100.0, 1_000.0, Precision::Bf16);
        case.mode = Mode::Interactive;
        case.tpot_target_ms = Some(15.0);
        let decode = |g: PeakGains| {
            let found = serve(&g.applied_to(chip), model, &case).ok()?;
            Some(found.requests_per_s_per_chip.uncertain().median())
        };
        let case = TrainCase::new(64, 4096.0, 256.0);
        let training = |g: PeakGains| {
            let found = train(&g.applied_to(chip), model, &case).ok()?;
            Some(found.flop_per_s_per_chip.uncertain().median())
        };
        let log = |x: Option<f64>| x.unwrap().ln();
        let more = [gains(0.3, 0.0, 0.0), gains(0.0, 0.3, 0.0)];
        let [c, b] =
            more.map(|g| (log(decode(g)) - log(decode(gains(0.0, 0.0, 0.0)))) / 0.3);
        assert!(b > 0.5 && c < 0.3, "decode: {c} of compute, {b} of bandwidth");
        let at = || log(training(gains(0.0, 0.0, 0.0)));
        let [c, b] = more.map(|g| (log(training(g)) - at()) / 0.3);
        assert!(c > 0.6 && b < 0.4, "training: {c} of compute, {b} of bandwidth");
    }
}
