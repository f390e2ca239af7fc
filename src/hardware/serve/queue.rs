//! The wait before a request's first token is computed, at a stated load.
//!
//! Two things are waited for: a free place in the batch (as many servers as places) and
//! the prompts ahead (one server, the replica's prefill). The two are taken as separate
//! queues, which they are not quite; a discrete-event simulation is the check. Read
//! next: [`super::search`].

/// Places beyond which the wait no longer changes a plan: the exact recursion stops here
/// and gives the wait of this many, an upper bound for more at the same load.
const MOST_PLACES: f64 = 1000.0;

/// Mean wait for one of `places` when each holds a request for `hold_s`.
///
/// ```text
/// W = C(c, ρ) · S / (c (1 − ρ)),   C = B / (1 − ρ (1 − B)),   B_i = a B / (i + a B)
/// ```
/// with Erlang's loss probability `B` by recursion and `a = ρ c`; holding times vary as
/// an exponential, which is near to how answers vary in length.
///
/// **Units** s. **Errors** none; infinite at a load of one or more.
/// **Source** Erlang (1917); Cooper (1981), Introduction to Queueing Theory, ch. 3.
/// **Checked by** `one_place_waits_as_the_exact_queue_does`, `ten_places_wait_as_erlang_says`.
pub(super) fn wait_for_place_s(places: f64, load: f64, hold_s: f64) -> f64 {
    if load >= 1.0 {
        return f64::INFINITY;
    }
    let c = places.clamp(1.0, MOST_PLACES).floor();
    let offered = load.max(0.0) * c;
    let (mut blocked, mut i) = (1.0, 1.0);
    while i <= c {
        blocked = offered * blocked / (i + offered * blocked);
        i += 1.0;
    }
    let waits = blocked / (1.0 - load * (1.0 - blocked));
    waits * hold_s / (c * (1.0 - load))
}

/// Mean wait behind other prompts, each `service_s` long, when they take the share
/// `busy` of the time (Pollaczek–Khinchine with exponential lengths).
pub(super) fn wait_for_prompts_s(busy: f64, service_s: f64) -> f64 {
    if busy >= 1.0 {
        return f64::INFINITY;
    }
    busy * service_s / (1.0 - busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_waits_as_the_exact_queue_does() {
        // M/M/1: W = ρ S / (1 − ρ).
        assert!((wait_for_place_s(1.0, 0.7, 2.0) - 0.7 * 2.0 / 0.3).abs() < 1e-12);
    }

    #[test]
    fn ten_places_wait_as_erlang_says() {
        // M/M/10 at ρ = 0.7: tables give C = 0.2217, so W/S = 0.2217/(10 · 0.3).
        let wait = wait_for_place_s(10.0, 0.7, 1.0);
        assert!((wait - 0.0739).abs() < 1e-4, "{wait}");
    }

    #[test]
    fn a_full_machine_waits_for_ever() {
        assert!(wait_for_place_s(8.0, 1.0, 1.0).is_infinite());
        assert!(wait_for_prompts_s(1.2, 1.0).is_infinite());
    }
}
