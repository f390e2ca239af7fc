//! Holds the sketch to sorted samples, to order-free merging, and to odd inputs.

use proptest::prelude::*;

use super::Sketch;
use crate::block::math::{exp, inverse_normal};
use crate::block::{at_level, levels};
use crate::stats::quantile_of_sorted;
use crate::units;

fn recorded(values: &[f64]) -> Sketch {
    let mut sketch = Sketch::new();
    sketch.record(values);
    sketch
}

/// `n` lognormal samples (sigma 0.9) without pattern, by inversion of a Weyl sequence
/// with a mixing step.
fn lognormal(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    (0..n)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bits = 0x3FF0_0000_0000_0000 | ((mixed ^ (mixed >> 31)) >> 12);
            exp(0.9 * inverse_normal(f64::from_bits(bits) - 1.0 + f64::EPSILON / 2.0))
        })
        .collect()
}

#[test]
fn the_rank_error_is_below_0_15_monte_carlo_errors_at_100_000_samples() {
    for seed in [1, 2, 3] {
        let mut values = lognormal(100_000, seed);
        let sketch = recorded(&values);
        values.sort_by(f64::total_cmp);
        let n = units::count(values.len());
        for percent in 1..=99 {
            let p = f64::from(percent) / 100.0;
            let found = sketch.quantile(p);
            // The rank of the answer among the samples, between its two neighbours.
            let above = values.partition_point(|&x| x <= found);
            let (a, b) = (values[above - 1], values[above]);
            let rank = units::count(above - 1) + (found - a) / (b - a);
            let error = (rank - (n - 1.0) * p).abs() / (n * p * (1.0 - p)).sqrt();
            assert!(error < 0.15, "{error} at p{percent}, seed {seed}");
        }
    }
}

#[test]
fn a_sketch_of_prices_is_small() {
    let sketch = recorded(&lognormal(100_000, 4));
    assert!(sketch.counts.len() * 4 <= 16 * 1024);
}

#[test]
fn a_constant_sample_gives_the_exact_constant() {
    for x in [0.1, -3.3, 1e300, 1e-300, 0.0, f64::MAX, -f64::MAX, 1e-15] {
        let sketch = recorded(&[x; 1000]);
        for p in [0.0, 0.013, 0.5, 0.999, 1.0] {
            assert_eq!(sketch.quantile(p).to_bits(), x.to_bits(), "{x} at {p}");
        }
        assert_eq!(sketch.share_below(x).to_bits(), 0.0_f64.to_bits());
        assert_eq!(sketch.share_below(f64::INFINITY).to_bits(), 1.0_f64.to_bits());
    }
}

#[test]
fn the_ends_are_exact_and_the_middle_is_within_a_bin() {
    let mut values: Vec<f64> =
        lognormal(5000, 5).iter().map(|x| (x - 1.0) * 1e7).collect();
    let sketch = recorded(&values);
    values.sort_by(f64::total_cmp);
    assert_eq!(sketch.min().to_bits(), values[0].to_bits());
    assert_eq!(sketch.max().to_bits(), values[4999].to_bits());
    for i in 0..=1000 {
        let p = f64::from(i) / 1000.0;
        let (found, wanted) = (sketch.quantile(p), quantile_of_sorted(&values, p));
        // Both neighbours in rank are within their bins, 2⁻⁸ of them at most.
        let neighbours = [p - 2e-4, p + 2e-4]
            .map(|p| quantile_of_sorted(&values, p.clamp(0.0, 1.0)).abs() / 256.0);
        let allowed = neighbours[0].max(neighbours[1]).max(1e-12);
        assert!((found - wanted).abs() <= allowed, "{found} is not {wanted} at {p}");
    }
}

#[test]
fn the_share_below_zero_is_exact_and_elsewhere_within_a_bin() {
    let values: Vec<f64> = lognormal(20_000, 6).iter().map(|x| x - 1.5).collect();
    let n = units::count(values.len());
    let sketch = recorded(&values);
    let below = |x: f64| units::count(values.iter().filter(|&&v| v < x).count());
    assert_eq!((sketch.share_below(0.0) * n).round().to_bits(), below(0.0).to_bits());
    for x in [-1.2_f64, -0.5, 0.3, 1.0, 7.7] {
        let slack = x.abs() / 256.0;
        let share = sketch.share_below(x) * n;
        assert!(below(x - slack) <= share + 1e-6 && share <= below(x + slack) + 1e-6);
    }
    assert!(sketch.share_below(f64::NAN).is_nan());
    let mixed = recorded(&[-1.0, 0.0, -0.0, 0.0, 2.0]);
    assert!((mixed.share_below(0.0) - 0.2).abs() < 1e-15, "zeros are not below zero");
}

#[test]
fn no_value_is_dropped_silently() {
    let odd = [f64::NAN, 1.0, f64::INFINITY, -2.0, f64::NEG_INFINITY, -f64::NAN];
    let sketch = recorded(&odd);
    assert_eq!((sketch.count(), sketch.non_finite()), (2, 4));
    assert_eq!(sketch.min().to_bits(), (-2.0_f64).to_bits());
    assert_eq!(sketch.max().to_bits(), 1.0_f64.to_bits());
    let nothing = recorded(&[f64::NAN]);
    assert!(nothing.quantile(0.5).is_nan() && nothing.min().is_nan());
    assert!(nothing.share_below(0.0).is_nan());
    assert!(recorded(&[1.0]).quantile(1.5).is_nan());
}

#[test]
fn values_near_the_ends_of_the_format_work() {
    let sketch = recorded(&[-1e300, 1e300, f64::MAX, f64::MIN, 5e-324]);
    assert_eq!(sketch.count(), 5);
    assert!(sketch.quantile(0.5).abs() < 1e-12);
    assert!((sketch.quantile(0.75) / 1e300 - 1.0).abs() < 4e-3);
    assert_eq!(sketch.counts.len(), 5 * 256);
}

#[test]
fn every_instruction_set_gives_the_same_sketch() {
    let mut values = lognormal(3001, 7);
    values.extend([f64::NAN, -1.0, 0.0, -0.0, f64::INFINITY]);
    let all: Vec<_> =
        levels().into_iter().map(|level| at_level(level, || recorded(&values))).collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_written_sketch_reads_back_equal_and_a_damaged_one_does_not() {
    for values in [vec![], vec![f64::NAN], lognormal(1000, 8), vec![-1e300, 0.0, 0.1]] {
        let sketch = recorded(&values);
        let text = serde_json::to_string(&sketch).unwrap();
        assert_eq!(serde_json::from_str::<Sketch>(&text).unwrap(), sketch);
    }
    let one = 1.0_f64.to_bits();
    let bin = super::bins::of(1.0);
    for bins in [
        "[]".to_owned(),
        format!("[[{bin},0]]"),
        format!("[[{bin},1],[{bin},1]]"),
        format!("[[{},1]]", bin + 1),
        format!("[[{},1]]", i32::MIN),
    ] {
        let text =
            format!(r#"{{"non_finite":0,"extremes":[{one},{one}],"bins":{bins}}}"#);
        assert!(serde_json::from_str::<Sketch>(&text).is_err(), "{text}");
    }
}

/// Any float at all, often of ordinary size, sometimes zero or no number.
fn any_values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        6 => -1e4..1e4,
        2 => any::<u64>().prop_map(f64::from_bits),
        1 => Just(0.0),
    ];
    prop::collection::vec(value, 0..600)
}

proptest! {
    #[test]
    fn merging_in_any_order_is_recording_everything(
        a in any_values(), b in any_values(), c in any_values()
    ) {
        let whole = recorded(&[a.clone(), b.clone(), c.clone()].concat());
        let [a, b, c] = [a, b, c].map(|values| recorded(&values));
        let merged = |order: [&Sketch; 3]| {
            let mut all = Sketch::new();
            for part in order {
                all.merge(part);
            }
            all
        };
        prop_assert_eq!(&merged([&a, &b, &c]), &whole);
        prop_assert_eq!(&merged([&c, &a, &b]), &whole);
        let mut right = b.clone();
        right.merge(&c);
        prop_assert_eq!(&merged([&a, &right, &Sketch::new()]), &whole);
        let bits = |sketch: &Sketch| sketch.quantile(0.37).to_bits();
        prop_assert_eq!(bits(&merged([&c, &b, &a])), bits(&whole));
    }

    #[test]
    fn quantiles_rise_with_p_and_stay_within_the_samples(values in any_values()) {
        let sketch = recorded(&values);
        prop_assume!(sketch.count() > 0);
        let ps: Vec<f64> = (0..=200).map(|i| f64::from(i) / 200.0).collect();
        let found = sketch.quantiles(&ps);
        prop_assert!(found.is_sorted());
        prop_assert!(sketch.min() <= found[0] && found[200] <= sketch.max());
    }

    #[test]
    fn any_sketch_is_written_and_read_back(values in any_values()) {
        let sketch = recorded(&values);
        let text = serde_json::to_string(&sketch).unwrap();
        prop_assert_eq!(serde_json::from_str::<Sketch>(&text).unwrap(), sketch);
    }
}
