//! Holds tail means to sorted samples, to published closed forms, and to atoms.

use proptest::prelude::*;

use super::TailSketch;
use crate::block::LANES;
use crate::block::math::{exp, inverse_normal, ln};
use crate::random::{Monthly, Seed};
use crate::stats::Moments;
use crate::units;

fn recorded(values: &[f64]) -> TailSketch {
    let mut tail = TailSketch::new();
    tail.record(values);
    tail
}

/// Rockafellar and Uryasev's definition on the sorted samples.
fn exact_mean_above(values: &[f64], level: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let whole = units::count(values.len()) * (1.0 - level);
    let (mut left, mut sum) = (whole, 0.0);
    for x in sorted {
        sum += x * left.clamp(0.0, 1.0);
        left -= 1.0;
    }
    sum / whole
}

/// Samples at the middles of `n` equal shares of a distribution.
fn stratified(n: u32, quantile: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..n).map(|i| quantile((f64::from(i) + 0.5) / f64::from(n))).collect()
}

#[test]
fn tail_means_of_closed_form_are_met() {
    // Rockafellar and Uryasev's upper-tail convention; closed forms as tabulated by
    // Norton, Khokhlov and Uryasev (2021), Calculating CVaR and bPOE for common
    // probability distributions, Annals of Operations Research 299. 400,000 middles of
    // equal shares stand for the distribution. Worst for that is the Pareto's last share:
    // (1/4000)^(2/3) of the tail at 0.99, its middle 16 % below its mean, so 6.3e-4; the
    // cut bin adds less than 1e-4.
    const N: u32 = 400_000;
    type Case = (fn(f64) -> f64, [(f64, f64); 2], f64);
    let cases: [Case; 5] = [
        (inverse_normal, [(0.9, 1.754_983_319), (0.99, 2.665_214_22)], 1e-4),
        (|p| -ln(1.0 - p), [(0.9, 3.302_585_093), (0.99, 5.605_170_186)], 2e-4),
        (|p| p, [(0.9, 0.95), (0.99, 0.995)], 1e-5),
        (
            |p| exp(0.5 * inverse_normal(p)),
            [(0.9, 2.461_641_279), (0.99, 3.841_253_043)],
            2e-4,
        ),
        (|p| exp(-ln(1.0 - p) / 3.0), [(0.9, 3.231_652_035), (0.99, 6.962_383_25)], 2e-3),
    ];
    for (quantile, wanted, relative) in cases {
        let tail = recorded(&stratified(N, quantile));
        for (level, wanted) in wanted {
            let found = tail.mean_above(level);
            assert!((found / wanted - 1.0).abs() < relative, "{found} is not {wanted}");
        }
    }
}

#[test]
fn errors_of_tail_means_are_those_of_closed_form() {
    // Var[(X − q)⁺] / (1 − α)² with s = 1 − α: exponential 2/s − 1, uniform s/3 − s²/4,
    // normal ((1 + q²)s − qφ − (φ − qs)²) / s², from the moments of the excess over q.
    const N: u32 = 400_000;
    type Case = (fn(f64) -> f64, fn(f64) -> f64);
    let normal = |s: f64| {
        let q = inverse_normal(1.0 - s);
        let density = exp(-0.5 * q * q) / (2.0 * std::f64::consts::PI).sqrt();
        let mean = density - q * s;
        ((1.0 + q * q) * s - q * density - mean * mean) / (s * s)
    };
    let cases: [Case; 2] =
        [(|p| -ln(1.0 - p), |s| 2.0 / s - 1.0), (|p| p, |s| s / 3.0 - s * s / 4.0)];
    let held = |quantile: fn(f64) -> f64, s: f64, variance: f64| {
        let found = recorded(&stratified(N, quantile)).mean_above_standard_error(1.0 - s);
        let wanted = (variance / f64::from(N)).sqrt();
        // The strata's own error: the last share's square, under 0.2 % of the tail's.
        assert!((found / wanted - 1.0).abs() < 4e-3, "{found} is not {wanted} at {s}");
    };
    for s in [0.5, 0.1, 0.05] {
        for (quantile, variance) in cases {
            held(quantile, s, variance(s));
        }
        held(inverse_normal, s, normal(s));
    }
}

#[test]
fn errors_of_tail_means_are_the_spread_of_repeated_samples() {
    // 400 samples of 2,048 lognormals: the spread itself is known to 1/√800 = 3.5 %, and
    // four of those are rarer than 1 in 10,000.
    const SAMPLES: u64 = 400;
    let mut stream = Monthly::new(Seed(11), "tails");
    let (mut tails, mut errors) = (Moments::default(), Moments::default());
    let (mut over, mut all) = (Vec::new(), TailSketch::new());
    for sample in 0..SAMPLES {
        let values: Vec<f64> = (1..=4)
            .flat_map(|i| stream.normal_at(sample * LANES as u64, i).to_vec())
            .map(|z| 1e6 * exp(0.4 * z))
            .collect();
        let tail = recorded(&values);
        tails.record(&[tail.mean_above(0.95)]);
        errors.record(&[tail.mean_above_standard_error(0.95)]);
        all.merge(&tail);
        over.push(tail);
    }
    let spread = tails.standard_deviation();
    assert!((errors.mean() / spread - 1.0).abs() < 0.14, "{} {spread}", errors.mean());
    // As replicates of one large sample they tell the error of its tail mean.
    let alone = all.mean_above_standard_error(0.95);
    let together = all.replicated_standard_error(0.95, over.iter());
    assert!((together / alone - 1.0).abs() < 0.14, "{together} {alone}");
}

#[test]
fn a_tail_without_spread_has_no_error_and_an_unknown_one_is_unknown() {
    let flat = recorded(&[7.3; 500]);
    assert!(flat.mean_above_standard_error(0.95).abs() < 1e-12);
    assert!(TailSketch::new().mean_above_standard_error(0.95).is_nan());
    for level in [-0.1, 1.0, f64::NAN] {
        assert!(flat.mean_above_standard_error(level).is_nan());
    }
    let nothing = TailSketch::new();
    assert!(flat.replicated_standard_error(0.95, [&flat, &nothing].into_iter()).is_nan());
}

#[test]
fn an_atom_at_the_level_is_split() {
    // Ten equal chances of 1 … 10, Rockafellar and Uryasev (2002): at 0.85 the tail is
    // all of 10 and half of 9, (0.05 · 9 + 0.1 · 10) / 0.15, not the worst 10 or 20 %.
    let ten: Vec<f64> = (1..=10).map(f64::from).collect();
    for scale in [1.0, 0.137, 1e9, 1e300] {
        for copies in [1, 1000] {
            let values: Vec<f64> =
                ten.iter().flat_map(|x| vec![x * scale; copies]).collect();
            let tail = recorded(&values);
            for (level, wanted) in
                [(0.85, 9.666_666_666_666_666), (0.9, 10.0), (0.5, 8.0), (0.0, 5.5)]
            {
                let found = tail.mean_above(level) / scale;
                assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
                let mirrored = tail.mean_below(1.0 - level) / scale;
                assert!((mirrored - (11.0 - wanted)).abs() < 1e-9, "at {level}");
            }
            assert_eq!(tail.mean_above(1.0).to_bits(), (10.0 * scale).to_bits());
        }
    }
}

#[test]
fn tail_means_are_those_of_the_sorted_samples() {
    let values: Vec<f64> = stratified(9973, |p| exp(0.9 * inverse_normal(p)) * 1e8 - 2e8);
    let tail = recorded(&values);
    let scale = 1e8;
    for level in [0.0, 0.1, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] {
        let wanted = exact_mean_above(&values, level);
        let found = tail.mean_above(level);
        // Two bins' width (2 · 2⁻⁸) of the cut bin's weight, itself under 2 % of the
        // tail at these sizes: 1.6e-4 is the most; the mean (level 0) cuts none.
        let allowed = if level > 0.0 { 1.6e-4 * wanted.abs().max(scale) } else { 1e-2 };
        assert!((found - wanted).abs() <= allowed, "{found} is not {wanted} at {level}");
    }
}

#[test]
fn quantiles_at_atoms_are_exact() {
    let mut values = vec![0.3; 500];
    values.extend([-7.7; 300]);
    values.extend([12.34; 200]);
    let tail = recorded(&values);
    for (p, wanted) in [(0.1, -7.7), (0.29, -7.7), (0.5, 0.3), (0.9, 12.34)] {
        assert_eq!(tail.quantile(p).to_bits(), f64::to_bits(wanted), "at {p}");
    }
    assert!((tail.share_below(0.3) - 0.3).abs() < 1e-15);
    assert!((tail.share_below(12.34) - 0.8).abs() < 1e-15);
}

#[test]
fn tails_of_nothing_and_of_no_level_are_unknown() {
    assert!(TailSketch::new().mean_above(0.9).is_nan());
    let tail = recorded(&[1.0, f64::NAN]);
    assert_eq!(tail.sketch().non_finite(), 1);
    for level in [-0.1, 1.1, f64::NAN] {
        assert!(tail.mean_above(level).is_nan() && tail.mean_below(level).is_nan());
    }
    assert_eq!(tail.mean().to_bits(), 1.0_f64.to_bits());
}

#[test]
fn a_written_tail_reads_back_equal_and_a_damaged_one_does_not() {
    for values in [vec![], vec![0.0, -3.3, 1e300], stratified(1000, inverse_normal)] {
        let tail = recorded(&values);
        let text = serde_json::to_string(&tail).unwrap();
        assert_eq!(serde_json::from_str::<TailSketch>(&text).unwrap(), tail);
    }
    let text = serde_json::to_string(&recorded(&[1.0])).unwrap();
    let damaged = text.replace("\"sums\":[[0,", "\"sums\":[[9999999999,");
    assert_ne!(damaged, text);
    assert!(serde_json::from_str::<TailSketch>(&damaged).is_err());
}

proptest! {
    #[test]
    fn merging_tails_in_any_order_gives_the_same_bits(
        a in prop::collection::vec(-1e6..1e6, 0..400),
        b in prop::collection::vec(-1e-3..1e3, 0..400),
        c in prop::collection::vec(-1e300..1e300, 0..400),
    ) {
        let whole = recorded(&[a.clone(), b.clone(), c.clone()].concat());
        let mut merged = recorded(&c);
        merged.merge(&recorded(&a));
        merged.merge(&recorded(&b));
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(merged.mean_above(0.7).to_bits(), whole.mean_above(0.7).to_bits());
    }

    #[test]
    fn a_tail_mean_is_no_less_than_its_quantile_and_rises_with_the_level(
        values in prop::collection::vec(-100.0..100.0, 1..500),
    ) {
        let tail = recorded(&values);
        let means: Vec<f64> =
            (0..=20).map(|i| tail.mean_above(f64::from(i) / 20.0)).collect();
        prop_assert!(means.windows(2).all(|m| m[1] >= m[0] - 1e-9 * m[0].abs().max(1.0)));
        prop_assert!(means[20] <= tail.sketch().max());
    }
}
