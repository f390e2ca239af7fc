//! Holds moments to closed forms, also where a large common part hides the variance.

use super::{Compensated, Moments};
use crate::block::{at_level, levels};
use crate::units;

fn recorded(values: &[f64]) -> Moments {
    let mut moments = Moments::new();
    moments.record(values);
    moments
}

fn assert_close(found: f64, wanted: f64, relative: f64) {
    assert!((found / wanted - 1.0).abs() <= relative, "{found} is not {wanted}");
}

#[test]
fn the_moments_of_the_first_numbers_are_the_closed_form() {
    for n in [2_i32, 7, 8, 255, 256, 257, 10_000] {
        let moments = recorded(&(0..n).map(f64::from).collect::<Vec<_>>());
        let n = f64::from(n);
        assert_close(moments.mean(), (n - 1.0) / 2.0, 1e-14);
        assert_close(moments.variance(), n * (n + 1.0) / 12.0, 1e-13);
        assert_close(moments.standard_error(), ((n + 1.0) / 12.0).sqrt(), 1e-13);
    }
}

#[test]
fn a_large_common_part_costs_no_digits_of_the_variance() {
    // NIST StRD "NumAcc4"'s pattern: 10000000.2, then .1 and .3 in turn, 1000 times;
    // certified mean 10000000.2 and standard deviation 0.1. The digits that the decimal
    // input itself loses in f64 leave 8 of the deviation.
    let mut values = vec![10_000_000.2];
    for _ in 0..500 {
        values.extend([10_000_000.1, 10_000_000.3]);
    }
    let moments = recorded(&values);
    assert_close(moments.mean(), 10_000_000.2, 1e-15);
    assert_close(moments.standard_deviation(), 0.1, 1e-7);
    // Exactly representable: ±1 around 1e9, variance n / (n − 1).
    let values: Vec<f64> = (0..100_000).map(|i| 1e9 + f64::from(i % 2 * 2 - 1)).collect();
    let n = units::count(values.len());
    assert_close(recorded(&values).variance(), n / (n - 1.0), 1e-12);
}

#[test]
fn the_sum_keeps_what_each_addition_rounds_off() {
    let mut sum = Compensated::default();
    for x in [1.0, 1e100, 1.0, -1e100] {
        sum.add(x);
    }
    assert_eq!(sum.value().to_bits(), 2.0_f64.to_bits());
}

#[test]
fn merging_whole_blocks_in_order_is_recording_them() {
    let values: Vec<f64> = (0..2000).map(|i| f64::from(i * i % 97).sqrt()).collect();
    let mut merged = recorded(&values[..1024]);
    merged.merge(&Moments::new());
    for block in values[1024..].chunks(256) {
        merged.merge(&recorded(block));
    }
    assert_eq!(merged, recorded(&values));
}

#[test]
fn every_instruction_set_gives_the_same_moments() {
    let values: Vec<f64> = (0..5000).map(|i| f64::from(i * 7919 % 5003) / 7.0).collect();
    let all: Vec<_> =
        levels().into_iter().map(|level| at_level(level, || recorded(&values))).collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn without_samples_nothing_is_known_and_nan_shows() {
    let none = Moments::new();
    assert!(none.mean().is_nan() && none.variance().is_nan());
    assert!(none.standard_error().is_nan());
    assert!(recorded(&[3.0]).variance().is_nan());
    assert!(recorded(&[1.0, f64::NAN]).mean().is_nan());
    assert!(recorded(&[1.0, f64::INFINITY]).mean().is_infinite());
}
