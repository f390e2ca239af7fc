//! What a checkpoint costs, how often to write one, what a job loses: Young, Daly, Kokolis.
//!
//! All times are in seconds: `C` the stall of a checkpoint, `M` the mean time to
//! interruption, `R` the restart, `τ` the compute between checkpoints. Young's interval is
//! the first order; Daly's holds until the checkpoint takes half of `M`; the exact
//! exponential form is what is reported. Read next: [`super::spares`].

/// Young's interval between checkpoints.
///
/// ```text
/// τ* = √(2 C M)
/// ```
/// **Units** s. **Errors** none; zero for negative arguments.
/// **Source** Young (1974), A first order approximation to the optimum checkpoint interval.
/// **Checked by** `young_and_daly_by_hand`.
pub fn young_interval_s(stall_s: f64, mtti_s: f64) -> f64 {
    (2.0 * stall_s * mtti_s).max(0.0).sqrt()
}

/// Daly's interval between checkpoints.
///
/// ```text
/// τ* = √(2CM) [1 + ⅓ √(C/2M) + ⅑ C/2M] − C   for C < 2M,   else M
/// ```
/// **Units** s. **Errors** none.
/// **Source** Daly (2006), A higher order estimate of the optimum checkpoint interval for
/// restart dumps, eq. 37.
/// **Checked by** `young_and_daly_by_hand`, `daly_is_near_the_best_of_the_exact_form`.
pub fn daly_interval_s(stall_s: f64, mtti_s: f64) -> f64 {
    if stall_s >= 2.0 * mtti_s {
        return mtti_s;
    }
    let x = (stall_s / (2.0 * mtti_s)).max(0.0);
    young_interval_s(stall_s, mtti_s) * (1.0 + x.sqrt() / 3.0 + x / 9.0) - stall_s
}

/// The interval between checkpoints with the most progress kept, exactly.
///
/// ```text
/// τ* = M (1 + W₀(−e^{−1−C/M})),   the maximum of τ / (e^{(τ+C)/M} − 1)
/// ```
/// found as the root of `x + ln(1 − x) + C/M`, `x = τ/M`, by halving.
///
/// **Units** s. **Errors** none; zero where a checkpoint costs nothing.
/// **Source** the derivative of Daly (2006), eq. 13. **Checked by**
/// `the_exact_optimum_beats_young_and_daly`.
pub fn optimal_interval_s(stall_s: f64, mtti_s: f64) -> f64 {
    let cost = stall_s / mtti_s;
    if !(cost > 0.0 && cost.is_finite()) {
        return 0.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..80 {
        let x = f64::midpoint(low, high);
        if x + (-x).ln_1p() + cost > 0.0 {
            low = x;
        } else {
            high = x;
        }
    }
    low * mtti_s
}

/// Bytes of a training state per parameter: bf16 weights, and weights, momentum and
/// variance in 32 bits.
///
/// **Source** Rajbhandari et al. (2020), `ZeRO`, §3.1: 2 + 12 without the gradients.
pub const STATE_BYTES_PER_PARAMETER: f64 = 14.0;

/// Time to write a checkpoint of `params` parameters at a rate of all nodes together, s.
///
/// The stall of a job that waits for the write; one that copies to memory and goes on
/// stalls for the copy only.
///
/// ```text
/// C = 14 P / rate
/// ```
/// **Units** parameters, 10⁹ bytes/s in, s out. **Errors** none; infinite without a rate.
/// **Source** [`STATE_BYTES_PER_PARAMETER`]. **Checked by** `a_405b_state_takes_its_time`.
pub fn write_s(params: f64, gb_per_s: f64) -> f64 {
    params * STATE_BYTES_PER_PARAMETER / (gb_per_s * 1e9)
}

/// Share of the wall time that is progress kept, exponential interruptions, exactly.
///
/// ```text
/// wall = M e^{R/M} (e^{(τ+C)/M} − 1) · work/τ,   goodput = work / wall
/// ```
/// **Units** s in, share out. **Errors** none; a job that never finishes gives zero.
/// **Source** Daly (2006), eq. 13.
/// **Checked by** `rare_failures_cost_what_the_first_order_says`.
pub fn goodput(interval_s: f64, stall_s: f64, restart_s: f64, mtti_s: f64) -> f64 {
    let per_interval =
        mtti_s * (restart_s / mtti_s).exp() * ((interval_s + stall_s) / mtti_s).exp_m1();
    let share = interval_s / per_interval;
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// Share of time lost, first order in everything over `M`.
///
/// ```text
/// C/τ + (τ/2 + R)/M
/// ```
/// **Source** the expansion of [`goodput`]. **Checked by**
/// `rare_failures_cost_what_the_first_order_says`.
pub fn first_order_loss(
    interval_s: f64,
    stall_s: f64,
    restart_s: f64,
    mtti_s: f64,
) -> f64 {
    stall_s / interval_s + (interval_s / 2.0 + restart_s) / mtti_s
}

/// Expected effective training time ratio of a job.
///
/// ```text
/// E[ETTR] ≈ (1 − N r_f (u₀ + Δ/2)) / (1 + w/Δ)
/// ```
/// for `N` nodes of failure rate `r_f`, restart `u₀`, interval `Δ` and write stall `w`;
/// time in the queue is not counted.
///
/// **Units** rate per s, times in s. **Errors** none; zero where failures outrun the job.
/// **Source** Kokolis et al. (2024), arXiv:2410.21680, §II-D and appendix A.
/// **Checked by** `kokolis_and_the_exact_form_agree_where_failures_are_rare`.
pub fn kokolis_ettr(
    nodes: f64,
    failures_per_node_s: f64,
    restart_s: f64,
    interval_s: f64,
    stall_s: f64,
) -> f64 {
    let lost = nodes * failures_per_node_s * (restart_s + interval_s / 2.0);
    ((1.0 - lost) / (1.0 + stall_s / interval_s)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3600.0;

    #[test]
    fn young_and_daly_by_hand() {
        // C = 5 min, M = 24 h: √(2·5·1440) = 120 min; Daly: 120 (1 + 0.013889 +
        // 0.000193) − 5 = 116.69 min.
        let (c, m) = (300.0, 24.0 * HOUR);
        assert!((young_interval_s(c, m) / 60.0 - 120.0).abs() < 1e-9);
        assert!((daly_interval_s(c, m) / 60.0 - 116.69).abs() < 0.01);
        assert!((daly_interval_s(3.0 * HOUR, HOUR) - HOUR).abs() < 1e-9);
    }

    #[test]
    fn daly_is_near_the_best_of_the_exact_form() {
        for (c, m) in [(15.0, 3.09 * HOUR), (300.0, 24.0 * HOUR), (600.0, HOUR)] {
            let daly = goodput(daly_interval_s(c, m), c, 480.0, m);
            let best = (1..4000)
                .map(|i| goodput(f64::from(i) * 5.0, c, 480.0, m))
                .fold(0.0, f64::max);
            assert!(best - daly < 1e-3, "{best} against {daly}");
        }
    }

    #[test]
    fn the_exact_optimum_beats_young_and_daly() {
        for (c, m) in
            [(15.0, 3.09 * HOUR), (300.0, 24.0 * HOUR), (600.0, HOUR), (9e3, HOUR)]
        {
            let best = optimal_interval_s(c, m);
            let at = |tau: f64| goodput(tau, c, 480.0, m);
            for other in
                [young_interval_s(c, m), daly_interval_s(c, m), best * 0.99, best * 1.01]
            {
                assert!(at(best) >= at(other), "{best} against {other}");
            }
        }
        assert!(optimal_interval_s(0.0, HOUR).abs() < f64::EPSILON);
    }

    #[test]
    fn a_405b_state_takes_its_time() {
        // 405·10⁹ · 14 B = 5.67 TB at 2 TB/s: 2.8 s.
        assert!((write_s(405e9, 2000.0) - 2.835).abs() < 1e-9);
    }

    #[test]
    fn rare_failures_cost_what_the_first_order_says() {
        let (tau, c, r, m) = (1200.0, 10.0, 300.0, 200.0 * HOUR);
        let loss = 1.0 - goodput(tau, c, r, m);
        let first = first_order_loss(tau, c, r, m);
        assert!((loss / first - 1.0).abs() < 0.02, "{loss} against {first}");
    }

    #[test]
    fn kokolis_and_the_exact_form_agree_where_failures_are_rare() {
        let rate = 6.5e-3 / 86_400.0;
        let ettr = kokolis_ettr(128.0, rate, 300.0, HOUR, 10.0);
        let exact = goodput(HOUR, 10.0, 300.0, 1.0 / (128.0 * rate));
        assert!((ettr - exact).abs() < 0.005, "{ettr} against {exact}");
    }

    #[test]
    fn a_job_that_never_finishes_keeps_nothing() {
        assert!(goodput(1e9, 10.0, 10.0, 1.0).abs() < f64::EPSILON);
        assert!(kokolis_ettr(1e9, 1.0, 1.0, 1.0, 1.0).abs() < f64::EPSILON);
    }
}
