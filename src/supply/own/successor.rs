//! What is bought later: the generation of hardware of that date.
//!
//! Machines are counted in chips of the part the plan names. A chip of a later generation
//! counts for as many as it does the work of, which its peaks decide one by one: decode
//! follows bandwidth, training FLOP/s ([`Gains`]). Its price and its watts are its own.
//! Read next: [`Own`].

use crate::block::math::{exp, ln};
use crate::block::{LANES, Lane, splat};
use crate::hardware::{Gains, PeakGains};
use crate::trajectory::{Future, LevelId};

use super::Own;
use super::arithmetic::{divide, scale};

/// Peaks, watts and price of what is sold new, over those of the named part.
#[derive(Debug, Clone)]
pub struct Successors {
    /// FLOP/s of a chip.
    pub flop_per_s: LevelId,
    /// Memory bandwidth of a chip.
    pub bandwidth: LevelId,
    /// Memory capacity of a chip.
    pub memory: LevelId,
    /// Watts of a chip, where no known gain in efficiency says them.
    pub power: Option<LevelId>,
    /// Price of a chip.
    pub price: LevelId,
    /// What the machines serve: the share of their time, and what it gains.
    pub work: Vec<(f64, Gains)>,
}

impl Successors {
    /// How much more work a chip of these gains does, in the logarithm.
    ///
    /// ```text
    /// exp(−g) = Σ s_w exp(−g_w)
    /// ```
    /// for work that takes the shares `s_w` of the named part's time.
    pub fn log_gain(&self, peaks: PeakGains) -> f64 {
        match self.work.as_slice() {
            [] => peaks.compute,
            [(_, only)] => only.log_gain(peaks),
            several => {
                let time =
                    |(share, gains): &(f64, Gains)| share * exp(-gains.log_gain(peaks));
                -ln(several.iter().map(time).sum())
            }
        }
    }
}

/// What a new chip does, by path, worked out when its peaks change.
#[derive(Debug)]
pub(super) struct NewParts {
    peaks: [Lane; 3],
    /// Work of a new chip over the named part's.
    pub(super) work: Lane,
}

impl NewParts {
    pub(super) fn none() -> Self {
        Self { peaks: [splat(1.0); 3], work: splat(1.0) }
    }

    fn look(&mut self, successors: &Successors, future: &Future<'_>) {
        let levels = [successors.flop_per_s, successors.bandwidth, successors.memory];
        let levels = levels.map(|id| future.level(id));
        for i in 0..LANES {
            let now = levels.map(|lane| lane[i]);
            let known = self.peaks.each_ref().map(|lane| lane[i]);
            if now.map(f64::to_bits) == known.map(f64::to_bits) {
                continue;
            }
            let [compute, bandwidth, capacity] = now.map(ln);
            let gain = successors.log_gain(PeakGains { compute, bandwidth, capacity });
            self.work[i] = exp(gain);
            for (lane, now) in self.peaks.iter_mut().zip(now) {
                lane[i] = now;
            }
        }
    }
}

impl Own {
    /// Turns the price of a named part into that of as much work of what is new.
    pub(super) fn price_of_new(&mut self, future: &Future<'_>) {
        let Some(successors) = &self.terms.successors else { return };
        self.new_parts.look(successors, future);
        scale(&mut self.price, future.level(successors.price));
        divide(&mut self.price, &self.new_parts.work);
    }

    /// Watts of what does the work of a named part and is ordered now, over that part's.
    pub(super) fn power_of_new(&mut self, years: f64, future: &Future<'_>) {
        let t = &self.terms;
        match (t.successors.as_ref().and_then(|s| s.power), t.energy_efficiency) {
            (Some(power), _) => {
                self.kw_scale.copy_from(future.level(power));
                divide(&mut self.kw_scale, &self.new_parts.work);
            }
            (None, Some(level)) => {
                self.kw_scale = splat(1.0);
                divide(&mut self.kw_scale, future.level(level));
            }
            (None, None) => {
                self.kw_scale.fill((-t.efficiency_gain_per_year * years).exp());
            }
        }
    }

    /// Months since the last generation of hardware, where orders follow generations.
    pub fn months_since_generation<'f>(
        &self,
        future: &'f Future<'_>,
    ) -> Option<&'f Lane> {
        let t = &self.terms;
        let level = t.successors.as_ref().map(|s| s.flop_per_s).or(t.flop_per_usd)?;
        future.months_since(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Constant, ProcessSpec};
    use crate::random::Seed;
    use crate::trajectory::{Quantity, World};

    #[test]
    fn several_kinds_of_work_gain_by_the_time_they_take() {
        let mut world = World::new(Seed(1));
        let level = world.level(Quantity {
            name: "flop_per_s".to_owned(),
            process: ProcessSpec::from(Constant::default()),
            lead_in_months: 0,
        });
        let shares = |bandwidth_share| Gains::Shares { bandwidth_share };
        let successors = |work| Successors {
            flop_per_s: level,
            bandwidth: level,
            memory: level,
            power: Some(level),
            price: level,
            work,
        };
        let peaks = PeakGains { compute: 1.0, bandwidth: 0.5, capacity: 0.0 };
        let one = successors(vec![(1.0, shares(0.0))]);
        assert!((one.log_gain(peaks) - 1.0).abs() < 1e-12);
        // A quarter of the time bound by bandwidth, said in either way.
        let two = successors(vec![(0.75, shares(0.0)), (0.25, shares(1.0))]);
        let mixed = successors(vec![(1.0, shares(0.25))]);
        assert!((two.log_gain(peaks) - mixed.log_gain(peaks)).abs() < 1e-12);
        assert!((successors(Vec::new()).log_gain(peaks) - 1.0).abs() < 1e-12);
    }
}
