//! What a chip draws at the wall: idle, under load, and what a hall must reserve.
//!
//! Neither the thermal design power nor the nameplate is what a node draws: eight H100 in
//! training take 1.23 times their design power and two thirds of the server's nameplate.
//! All watts are on the IT side; cooling and losses of the hall are the facility's. Where
//! the design power is unpublished it is taken from chips of a like peak, by a stated
//! rule with a wide interval. Read next: [`super::failures`].

use serde::Serialize;

use super::estimate::{Estimate, Spread};
use super::infeasible::{Infeasible, share};
use crate::input::Uncertain;
use crate::profile::Accelerator;

/// Draw at the wall under training load over design power.
///
/// **Source** `MLPerf` Training v4.0 power measurements of 8 × H100 nodes (Sustainable
/// Metal Cloud, SMC-H100-SXM): 6.85 to 6.95 kW AC against 5.6 kW.
pub const WALL_FACTOR: f64 = 1.23;
/// Spread of the factor for other servers, on the log scale: the same measurements range
/// from 0.90 (bound by communication over 64 nodes) to 1.24, and a design-power-bound
/// server with its own fans and drives can reach 1.4.
const WALL_FACTOR_SIGMA: f64 = 0.10;
/// Draw of an idle powered server over its draw under load: an assumption of ours, not a
/// measurement; fans, hosts and memory stay on.
const IDLE_SHARE: f64 = 0.3;
const IDLE_SHARE_SIGMA: f64 = 0.35;
/// Nameplate over design power: 10.2 kW of a DGX H100 (8 × 700 W) is 1.82, 6.5 kW of a
/// DGX A100 (8 × 400 W) is 2.03, 14.3 kW of a DGX B200 (8 × 1000 W) is 1.79.
const NAMEPLATE_FACTOR: f64 = 1.85;
const NAMEPLATE_FACTOR_SIGMA: f64 = 0.10;

/// Design power from the bf16 peak: `RULE_W · (TFLOP/s / 1000)^RULE_POWER`, fitted by least
/// squares on the logarithms of 13 accelerators of 2020 to 2025 whose design power is
/// published or measured (A100 to GB300, MI300X to MI355X, TPU v4, Trainium2, Gaudi 3,
/// L40S); the residual standard deviation is 0.18, widened for a chip of another maker.
const RULE_W: f64 = 668.0;
const RULE_POWER: f64 = 0.691;
const RULE_SIGMA: f64 = 0.30;

/// Watts of a chip with its share of the server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PowerEstimate {
    /// Mean draw at the given utilisation, W per chip.
    pub load_w: Estimate,
    /// Draw of an idle powered server, W per chip.
    pub idle_w: Estimate,
    /// What the hall must provide, W per chip.
    pub nameplate_w: Estimate,
    /// What was assumed.
    pub notes: Vec<String>,
}

/// Draw of a chip at the wall, its server's share included.
///
/// ```text
/// W(u) = W_idle + u (W_full − W_idle),   W_full = TDP · wall factor
/// ```
/// where `u` is the share of time under load.
///
/// **Units** W per chip, IT side. **Errors** when `utilisation` is not a share.
/// **Source** constants above.
/// **Checked by** `an_h100_node_draws_what_mlperf_measured`.
pub fn power(chip: &Accelerator, utilisation: f64) -> Result<PowerEstimate, Infeasible> {
    share("utilisation", utilisation)?;
    let mut notes = Vec::new();
    let known = chip.power.as_ref();
    let (tdp_w, tdp_spread) = design_power(chip, &mut notes);

    let mut full_spread = tdp_spread.clone();
    let wall = or_default(
        known.and_then(|p| p.wall_factor),
        WALL_FACTOR,
        (WALL_FACTOR_SIGMA, "wall factor"),
        &mut full_spread,
        &mut notes,
    );
    let full_w = tdp_w * wall;

    let mut idle_spread = full_spread.clone();
    let idle = or_default(
        known.and_then(|p| p.idle_share),
        IDLE_SHARE,
        (IDLE_SHARE_SIGMA, "idle share"),
        &mut idle_spread,
        &mut notes,
    );
    let idle_w = full_w * idle;

    let mut plate_spread = Spread::default();
    let nameplate_w = if let Some(plate) = known.and_then(|p| p.nameplate_w) {
        plate_spread.widen_by("the nameplate", plate, 1.0);
        plate.median()
    } else {
        plate_spread.join(&tdp_spread);
        plate_spread.widen(NAMEPLATE_FACTOR_SIGMA, "nameplate over design power differs");
        notes.push(format!("nameplate taken as {NAMEPLATE_FACTOR} × design power"));
        tdp_w * NAMEPLATE_FACTOR
    };

    let load_w = idle_w + utilisation * (full_w - idle_w);
    // The idle share matters in proportion to what of the draw it makes.
    let idle_weight = idle_w * (1.0 - utilisation) / load_w.max(f64::MIN_POSITIVE);
    let mut load_spread = full_spread;
    if known.and_then(|p| p.idle_share).is_none() {
        load_spread.widen(IDLE_SHARE_SIGMA * idle_weight, "idle draw is assumed");
    }
    Ok(PowerEstimate {
        load_w: Estimate::around(load_w, &load_spread),
        idle_w: Estimate::around(idle_w, &idle_spread),
        nameplate_w: Estimate::around(nameplate_w, &plate_spread),
        notes,
    })
}

/// Design power, W: the profile's, or what chips of a like peak have.
pub(super) fn design_power_w(chip: &Accelerator) -> f64 {
    chip.power
        .as_ref()
        .and_then(|p| p.tdp_w)
        .map_or_else(|| rule_w(chip), Uncertain::median)
}

fn rule_w(chip: &Accelerator) -> f64 {
    let peak = chip.compute.bf16_tflops.median();
    RULE_W * (peak / 1000.0).max(1e-6).powf(RULE_POWER)
}

fn design_power(chip: &Accelerator, notes: &mut Vec<String>) -> (f64, Spread) {
    let mut spread = Spread::default();
    if let Some(tdp) = chip.power.as_ref().and_then(|p| p.tdp_w) {
        spread.widen_by("design power", tdp, 1.0);
        return (tdp.median(), spread);
    }
    let watts = rule_w(chip);
    let why = format!(
        "design power unpublished: {watts:.0} W from chips of a like bf16 peak \
         ({RULE_W} W × (TFLOP/s / 1000)^{RULE_POWER})"
    );
    notes.push(why.clone());
    spread.widen(RULE_SIGMA, why);
    (watts, spread)
}

/// The profile's figure, or a default that is noted and widens.
fn or_default(
    given: Option<Uncertain>,
    default: f64,
    (sigma, name): (f64, &str),
    spread: &mut Spread,
    notes: &mut Vec<String>,
) -> f64 {
    if let Some(x) = given {
        spread.widen_by(name, x, 1.0);
        x.median()
    } else {
        spread.widen(sigma, format!("{name} not measured on this server"));
        notes.push(format!("{name} taken as {default}"));
        default
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn an_h100_node_draws_what_mlperf_measured() {
        // MLPerf Training v4.0, SMC-H100-SXM: 6,951 W and 6,848 W AC a node of eight.
        let p = power(&fixture::h100(), 1.0).unwrap();
        for node_w in [6951.0, 6848.0] {
            assert!((p.load_w.p50 * 8.0 / node_w - 1.0).abs() < 0.01);
        }
        // 5,063 W: the same node in a job of 64 nodes bound by communication.
        assert!(p.load_w.p50 > 5063.0 / 8.0);
    }

    #[test]
    fn an_unpublished_design_power_is_wide_and_said() {
        let mut chip = fixture::h100();
        chip.power = None;
        let p = power(&chip, 1.0).unwrap();
        assert!(p.load_w.p90 / p.load_w.p10 > 2.0);
        assert!(p.notes[0].contains("unpublished"));
        assert!(p.load_w.holds(700.0 * WALL_FACTOR), "{:?}", p.load_w);
    }

    #[test]
    fn draw_rises_from_idle_to_full() {
        let chip = fixture::h100();
        let at = |u| power(&chip, u).unwrap();
        assert!((at(0.0).load_w.p50 - at(0.0).idle_w.p50).abs() < 1e-9);
        assert!(at(0.0).load_w.p50 < at(0.5).load_w.p50);
        assert!(at(1.0).load_w.p50 < at(1.0).nameplate_w.p50);
        assert!(power(&chip, 1.5).is_err() && power(&chip, f64::NAN).is_err());
    }
}
