//! Verdicts by hand, on simulated metrics, and on numbers of all kinds.

use proptest::prelude::*;

use super::*;
use crate::gate::ReadingError;

fn reading(value: f64, standard_error: f64) -> Reading {
    Reading::new(value, standard_error).unwrap()
}

fn metric(better: Better, baseline: Reading, now: Reading) -> Metric {
    Metric::new("metric", better, 0.05, baseline, now).unwrap()
}

fn alone(better: Better, baseline: Reading, now: Reading) -> Judgement {
    judge(&[metric(better, baseline, now)]).remove(0)
}

#[test]
fn a_verdict_takes_a_change_and_evidence() {
    let base = reading(100.0, 1.0);
    for (now, wanted) in [
        // Beyond the limit and beyond the noise.
        (reading(110.0, 1.0), Verdict::Regressed),
        (reading(90.0, 1.0), Verdict::Improved),
        // Beyond the limit, within the noise.
        (reading(110.0, 9.0), Verdict::Inconclusive),
        (reading(90.0, 20.0), Verdict::Inconclusive),
        // Beyond the noise, within the limit.
        (reading(104.0, 0.001), Verdict::Inconclusive),
        (reading(102.0, 0.001), Verdict::Pass),
        (reading(96.0, 0.001), Verdict::Pass),
        // No change, little noise and much.
        (reading(100.0, 0.5), Verdict::Pass),
        (reading(100.0, 9.0), Verdict::Inconclusive),
    ] {
        let found = alone(Better::Lower, base, now);
        assert_eq!(found.verdict, wanted, "{found:?}");
    }
}

#[test]
fn higher_is_better_turns_the_verdict_round() {
    let base = reading(100.0, 1.0);
    let worse = alone(Better::Higher, base, reading(90.0, 1.0));
    assert_eq!(worse.verdict, Verdict::Regressed);
    assert!((worse.worsening - 0.1).abs() < 1e-12);
    assert!(worse.worsening_at_most > 0.1);
    let better = alone(Better::Higher, base, reading(110.0, 1.0));
    assert_eq!(better.verdict, Verdict::Improved);
    assert!((better.worsening + 0.1).abs() < 1e-12);
}

#[test]
fn the_bound_and_the_odds_are_those_of_the_z_test() {
    // ln(110/100) over √(0.01² + 0.02²) is 4.2624 standard errors.
    let found = alone(Better::Lower, reading(100.0, 1.0), reading(110.0, 2.2));
    let error = 5e-4_f64.sqrt();
    let z = 1.1_f64.ln() / error;
    let odds = crate::stats::score::pit_normal(0.0, 1.0, -z);
    assert!((found.odds_if_no_worse / odds - 1.0).abs() < 1e-9);
    assert!((found.odds_if_no_better - (1.0 - odds)).abs() < 1e-9);
    let at_most = (1.1_f64.ln() + 1.644_853_626_951 * error).exp() - 1.0;
    assert!((found.worsening_at_most - at_most).abs() < 1e-9);
}

#[test]
fn values_about_zero_are_compared_as_they_are() {
    // A saving that turned into a loss: −10 to 5, relative to 10.
    let found = alone(Better::Lower, reading(-10.0, 1.0), reading(5.0, 1.0));
    assert!((found.worsening - 1.5).abs() < 1e-12);
    assert_eq!(found.verdict, Verdict::Regressed);
    // Nothing of nothing.
    let found = alone(Better::Higher, reading(0.0, 0.0), reading(0.0, 0.01));
    assert!(found.worsening.abs() < 1e-12);
    assert_eq!(found.verdict, Verdict::Inconclusive);
    let found = alone(Better::Higher, reading(0.0, 0.0), reading(0.5, 0.01));
    assert_eq!(found.verdict, Verdict::Improved);
}

#[test]
fn without_noise_the_limit_alone_decides() {
    let base = reading(100.0, 0.0);
    for (now, wanted) in [
        (105.1, Verdict::Regressed),
        (104.9, Verdict::Pass),
        (100.0, Verdict::Pass),
        (95.1, Verdict::Pass),
        (94.9, Verdict::Improved),
    ] {
        assert_eq!(
            alone(Better::Lower, base, reading(now, 0.0)).verdict,
            wanted,
            "{now}"
        );
    }
}

#[test]
fn the_same_bits_pass_however_noisy() {
    let noisy = reading(100.0, 60.0);
    assert_eq!(alone(Better::Lower, noisy, noisy).verdict, Verdict::Pass);
}

#[test]
fn repeats_are_averaged_and_their_number_counts() {
    let found = Reading::of_repeats(&[1.0, 2.0, 3.0, 6.0]).unwrap();
    assert!((found.value() - 3.0).abs() < 1e-15);
    // Squares 4 + 1 + 0 + 9 over 3, over 4.
    let error = found.standard_error().unwrap();
    assert!((error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-15);
    // Equal errors, 4 repeats each: 6 degrees of freedom; one error known: 4 · 3.
    for (other, wanted) in [(Some(3.0), 6.0), (None, 12.0)] {
        let freedom = welch([(2.0, Some(3.0)), (2.0, other)]).unwrap();
        assert!((freedom - wanted).abs() < 1e-12);
    }
    assert_eq!(welch([(2.0, None), (2.0, None)]), None);
    assert_eq!(welch([(0.0, Some(3.0)), (0.0, Some(3.0))]), None);
}

/// Of repeats that are all above 0 the means of logarithms are compared: a late one now and
/// then counts as it is, not by its square.
#[test]
fn repeats_above_zero_are_compared_by_their_logarithms() {
    let (before, now) = ([1.0, 2.0, 4.0, 8.0], [2.0, 4.0, 8.0, 16.0]);
    let of = |values: &[f64]| Reading::of_repeats(values).unwrap();
    let found = alone(Better::Lower, of(&before), of(&now));
    assert!((found.worsening - 1.0).abs() < 1e-12, "{found:?}");
    // Logarithms 0 to 3 of 2: variance 5/3 each side, 6 degrees.
    let error = 2.0_f64.ln() * (2.0 * 5.0 / 3.0 / 4.0_f64).sqrt();
    let t = Forecast { location: 0.0, scale: error, freedom: Some(6.0) };
    assert!((found.odds_if_no_worse - t.pit(-2.0_f64.ln())).abs() < 1e-12);
    // A repeat of 0, or an error that is known, has no such logarithms.
    let zero = of(&[0.0, 1.0, 1.0, 1.0]);
    let found = alone(Better::Lower, zero, of(&[1.0, 1.0, 1.0, 1.0]));
    assert!((found.worsening - 1.0 / 3.0).abs() < 1e-12, "{found:?}");
    let known = reading(3.75, 0.1);
    let found = alone(Better::Lower, known, of(&[3.0, 3.75, 4.5]));
    assert!(found.worsening.abs() < 1e-12, "{found:?}");
}

#[test]
fn a_single_run_is_judged_by_the_noise_of_the_other_side_or_not_at_all() {
    let seven = [98.0, 99.0, 100.0, 100.0, 100.0, 101.0, 102.0];
    let many = Reading::of_repeats(&seven).unwrap();
    let one = |value: f64| Reading::of_repeats(&[value]).unwrap();
    assert_eq!(alone(Better::Lower, many, one(120.0)).verdict, Verdict::Regressed);
    assert_eq!(alone(Better::Lower, many, one(100.5)).verdict, Verdict::Pass);
    // Two numbers are no evidence, not even when they are far apart or the same.
    for now in [100.0, 200.0] {
        let found = alone(Better::Lower, one(100.0), one(now));
        assert_eq!(found.verdict, Verdict::Inconclusive, "{found:?}");
        assert!(found.worsening_at_most.is_infinite());
    }
}

#[test]
fn the_worst_verdict_is_the_one_on_all() {
    let base = reading(100.0, 1.0);
    let judgement = |now| alone(Better::Lower, base, now);
    let (pass, worse) = (judgement(base), judgement(reading(120.0, 1.0)));
    let (better, noisy) =
        (judgement(reading(80.0, 1.0)), judgement(reading(100.0, 20.0)));
    assert_eq!(overall(&[]), Verdict::Pass);
    assert_eq!(overall(std::slice::from_ref(&pass)), Verdict::Pass);
    assert_eq!(overall(&[pass.clone(), better.clone()]), Verdict::Improved);
    assert_eq!(overall(&[better.clone(), noisy.clone()]), Verdict::Inconclusive);
    assert_eq!(overall(&[noisy, worse, better, pass]), Verdict::Regressed);
}

#[test]
fn no_sense_is_refused_at_the_door() {
    assert!(Reading::new(f64::NAN, 1.0).is_err());
    assert!(Reading::new(1.0, -1.0).is_err());
    assert!(Reading::new(1.0, f64::INFINITY).is_err());
    assert_eq!(Reading::of_repeats(&[]), Err(ReadingError::Empty));
    assert!(Reading::of_repeats(&[f64::MAX, f64::MAX]).is_err());
    let one = reading(1.0, 0.1);
    for limit in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(Metric::new("metric", Better::Lower, limit, one, one).is_err());
    }
}

proptest! {
    #[test]
    fn any_numbers_are_judged_or_refused(
        rows in prop::collection::vec((any::<[f64; 5]>(), any::<bool>()), 0..6),
    ) {
        let metrics: Vec<Metric> = rows
            .iter()
            .filter_map(|([a, b, c, d, limit], is_cost)| {
                let better = if *is_cost { Better::Lower } else { Better::Higher };
                let baseline = Reading::new(*a, b.abs()).ok()?;
                let now = Reading::new(*c, d.abs()).ok()?;
                Metric::new("metric", better, limit.abs(), baseline, now).ok()
            })
            .collect();
        for judgement in judge(&metrics) {
            prop_assert!((0.0..=1.0).contains(&judgement.odds_if_no_worse));
            prop_assert!((0.0..=1.0).contains(&judgement.odds_if_no_better));
        }
    }

    #[test]
    fn any_repeats_are_averaged_or_refused(values in prop::collection::vec(any::<f64>(), 0..5)) {
        let _ = Reading::of_repeats(&values);
    }

    #[test]
    fn the_unit_does_not_matter(a in 1.0..9.0, b in 1.0..9.0, scale in 1e-6..1e6) {
        let by = |scale: f64| {
            let (base, now) = (reading(a * scale, 0.1 * scale), reading(b * scale, 0.2 * scale));
            alone(Better::Lower, base, now)
        };
        let (one, other) = (by(1.0), by(scale));
        prop_assert!((one.worsening - other.worsening).abs() < 1e-9);
        prop_assert!((one.odds_if_no_worse - other.odds_if_no_worse).abs() < 1e-9);
    }
}
