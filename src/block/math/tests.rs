//! Holds the elementary functions to their stated errors, and to the same bits on every
//! instruction set.
//!
//! The platform's functions serve as the reference (glibc states under one unit in the
//! last place). The bounds are those of the functions' documentation.

use super::{
    exp, exp_inside, exp_of, inverse_normal, ln, ln_of, sin_cos_of, sin_cos_turn,
};
use crate::block::{at_level, dispatch, levels};
use crate::units;

const POINTS: usize = 2_000_000;

/// `n` values from `low` to `high`, both included.
fn grid(low: f64, high: f64, n: usize) -> impl Iterator<Item = f64> {
    let step = (high - low) / units::count(n - 1);
    (0..n).map(move |i| (low + step * units::count(i)).min(high))
}

fn relative_error(found: f64, wanted: f64) -> f64 {
    ((found - wanted) / wanted).abs()
}

/// Distance in units of the last place of `wanted`.
fn ulps(found: f64, wanted: f64) -> f64 {
    (found - wanted).abs() / (wanted.abs().next_up() - wanted.abs())
}

fn worst(points: impl Iterator<Item = f64>, error: impl Fn(f64) -> f64) -> f64 {
    points
        .map(error)
        .fold(0.0, |worst, e| if e > worst || e.is_nan() { e } else { worst })
}

#[test]
fn exp_keeps_its_stated_error_over_its_range() {
    for (low, high) in [(-708.0, 709.78), (-1.0, 1.0), (-1e-9, 1e-9), (-40.0, 40.0)] {
        let found = worst(grid(low, high, POINTS), |x| relative_error(exp(x), x.exp()));
        assert!(found <= 4.5e-16, "{found:e} from {low} to {high}");
    }
}

#[test]
fn exp_inside_gives_the_bits_of_exp() {
    let places = [(-700.0, 700.0), (-230.0, 230.0), (-1.0, 1.0), (-1e-12, 1e-12)];
    for x in places.into_iter().flat_map(|(low, high)| grid(low, high, POINTS)) {
        assert_eq!(exp_inside::<false>(x).to_bits(), exp_of::<false>(x).to_bits(), "{x}");
        assert_eq!(exp_inside::<true>(x).to_bits(), exp_of::<true>(x).to_bits(), "{x}");
    }
}

#[test]
fn exp_answers_at_the_ends_and_beyond() {
    assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
    assert_eq!(exp(-0.0).to_bits(), 1.0_f64.to_bits());
    for x in [709.783, 711.0, 1e300, f64::INFINITY] {
        assert_eq!(exp(x).to_bits(), f64::INFINITY.to_bits(), "{x}");
    }
    for x in [-708.06, -745.0, -1e300, f64::NEG_INFINITY] {
        assert_eq!(exp(x).to_bits(), 0.0_f64.to_bits(), "{x}");
    }
    assert!(exp(f64::NAN).is_nan());
    assert!(exp(-f64::NAN).is_nan());
}

#[test]
fn ln_keeps_its_stated_error_over_all_normal_numbers() {
    let near_one = worst(grid(0.5, 2.0, POINTS), |x| {
        if x.to_bits() == 1.0_f64.to_bits() { ln(x).abs() } else { ulps(ln(x), x.ln()) }
    });
    assert!(near_one <= 2.0, "{near_one} from 0.5 to 2");
    // Every power of two, and 900 mantissas in between.
    let step = (1_u64 << 52) / 901;
    let bits = f64::MIN_POSITIVE.to_bits()..=f64::MAX.to_bits();
    let all = bits.step_by(usize::try_from(step).unwrap()).map(f64::from_bits);
    let everywhere = worst(all, |x| ulps(ln(x), x.ln()));
    assert!(everywhere <= 2.0, "{everywhere} over all numbers");
    for x in [f64::MIN_POSITIVE, f64::MAX, 1.0_f64.next_up(), 1.0_f64.next_down()] {
        assert!(ulps(ln(x), x.ln()) <= 2.0, "{x}");
    }
}

#[test]
fn ln_answers_outside_the_normal_positive_numbers() {
    assert_eq!(ln(1.0).to_bits(), 0.0_f64.to_bits());
    for x in [0.0, -0.0, 5e-324, f64::MIN_POSITIVE.next_down()] {
        assert_eq!(ln(x).to_bits(), f64::NEG_INFINITY.to_bits(), "{x}");
    }
    assert_eq!(ln(f64::INFINITY).to_bits(), f64::INFINITY.to_bits());
    for x in [-5e-324, -1.0, f64::NEG_INFINITY, f64::NAN, -f64::NAN] {
        assert!(ln(x).is_nan(), "{x}");
    }
}

#[test]
fn sine_and_cosine_keep_their_stated_error_in_the_first_eighth() {
    // 2πu rounds before the platform sees it: in the first eighth that moves the
    // reference by at most half a unit of 2πu, an absolute 5.6e-17 here.
    let found = worst(grid(0.0, 0.125, POINTS), |u| {
        let (sin, cos) = sin_cos_turn(u);
        let (wanted_sin, wanted_cos) = (std::f64::consts::TAU * u).sin_cos();
        (sin - wanted_sin).abs().max((cos - wanted_cos).abs())
    });
    assert!(found <= 2.3e-16 + 5.6e-17, "{found:e}");
    for (u, sin) in [(1.0 / 12.0, 0.5), (0.125, std::f64::consts::FRAC_1_SQRT_2)] {
        assert!(relative_error(sin_cos_turn(u).0, sin) <= 4.5e-16);
    }
    // A tiny angle is its own sine.
    assert!(
        relative_error(sin_cos_turn(1e-200).0, std::f64::consts::TAU * 1e-200) < 4.5e-16
    );
}

#[test]
fn every_quarter_turn_repeats_the_first_with_its_signs() {
    for i in 0..=16_384_i32 {
        let u = f64::from(i) / 65_536.0;
        let (s, c) = sin_cos_turn(u);
        for whole in [0.0, 1.0, -1.0, 1024.0] {
            let turned = [(0.25, c, -s), (0.5, -s, -c), (0.75, -c, s), (0.0, s, c)];
            for (by, sin, cos) in turned {
                let found = sin_cos_turn(u + by + whole);
                // An eighth may be reached from either side: equal to rounding.
                assert!((found.0 - sin).abs() <= 2.3e-16, "sin at {u} + {by}");
                assert!((found.1 - cos).abs() <= 2.3e-16, "cos at {u} + {by}");
            }
        }
    }
}

#[test]
fn sine_and_cosine_of_no_number_are_no_numbers() {
    for u in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (sin, cos) = sin_cos_turn(u);
        assert!(sin.is_nan() && cos.is_nan(), "{u}");
    }
}

/// Quantiles solved from `erfc` with 60 digits (mpmath 1.3), p as the `f64` it is.
const NORMAL_QUANTILES: [(f64, f64); 28] = [
    (1e-300, -37.0470962993612),
    (1e-200, -30.20559417957964),
    (1e-100, -21.273453560965326),
    (1e-50, -14.933337534788489),
    (1e-20, -9.262340089798407),
    (1e-15, -7.941345326170997),
    (1.4e-11, -6.656723091518184),
    (1.3e-11, -6.667611456510741),
    (1e-10, -6.361340902404057),
    (1e-06, -4.753424308822899),
    (2.3283064365386963e-10, -6.230260137989043),
    (0.001, -3.0902323061678136),
    (0.01, -2.326347874040841),
    (0.025, -1.9599639845400543),
    (0.0749, -1.4402382675279637),
    (0.0751, -1.43882539275254),
    (0.1, -1.2815515655446004),
    (0.25, -0.6744897501960817),
    (0.4, -0.2533471031357997),
    (0.499999, -2.5066282745665593e-06),
    (0.5000001, 2.506628273311648e-07),
    (0.75, 0.6744897501960817),
    (0.9249, 1.4388253927525403),
    (0.9251, 1.440238267527964),
    (0.975, 1.9599639845400538),
    (0.99, 2.3263478740408408),
    (0.999999, 4.753424308817087),
    (0.9999999997671694, 6.230260137989043),
];

#[test]
fn normal_quantiles_keep_their_stated_error() {
    for (p, wanted) in NORMAL_QUANTILES {
        let found = relative_error(inverse_normal(p), wanted);
        assert!(found <= 2e-15, "{found:e} at {p}");
    }
}

#[test]
fn normal_quantiles_rise_with_the_probability() {
    // Across the seams too: a step of the grid moves z by far more than the error.
    for (low, high) in [(1e-6, 1.0 - 1e-6), (0.0749, 0.0751), (1e-12, 1e-10)] {
        let z: Vec<f64> = grid(low, high, 200_000).map(inverse_normal).collect();
        assert!(z.is_sorted(), "from {low} to {high}");
    }
}

#[test]
fn what_is_no_probability_has_no_quantile() {
    assert_eq!(inverse_normal(0.0).to_bits(), f64::NEG_INFINITY.to_bits());
    assert_eq!(inverse_normal(1.0).to_bits(), f64::INFINITY.to_bits());
    assert_eq!(inverse_normal(0.5).abs().to_bits(), 0.0_f64.to_bits());
    for p in [-1e-300, 1.0_f64.next_up(), f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        assert!(inverse_normal(p).is_nan(), "{p}");
    }
}

/// `n` numbers in [0, 1) without pattern: a Weyl sequence through a mixing step.
fn uniforms(n: usize) -> Vec<f64> {
    let mut state = 0_u64;
    (0..n)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            f64::from_bits(0x3FF0_0000_0000_0000 | (mixed >> 12)) - 1.0
        })
        .collect()
}

/// Hash of one function's million results, on each instruction set of the machine.
fn assert_golden(wanted: &str, kernel: impl Fn(&[f64], &mut [f64]) + Copy) {
    let inputs = uniforms(1_000_000);
    for level in levels() {
        let mut results = vec![0.0; inputs.len()];
        at_level(level, || kernel(&inputs, &mut results));
        let mut hash = blake3::Hasher::new();
        for x in results {
            hash.update(&x.to_bits().to_le_bytes());
        }
        assert_eq!(&hash.finalize().to_hex()[..16], wanted, "on {level:?}");
    }
}

/// A golden test of `f`, inlined into a loop of its own so that it is vectorised.
macro_rules! golden {
    ($($name:ident $wanted:literal |$u:ident| $f:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_golden($wanted, |inputs, results| dispatch(#[inline(always)] || {
                for (result, &$u) in results.iter_mut().zip(inputs) {
                    *result = $f;
                }
            }));
        }
    )*};
}

golden! {
    exp_gives_the_same_bits_on_every_instruction_set
        "820c5e44c4ccc474" |u| exp((u - 0.5) * 1440.0);
    ln_gives_the_same_bits_on_every_instruction_set
        "41ba91edf3d4e9d1" |u| ln(u * u * u * 1e9);
    sine_gives_the_same_bits_on_every_instruction_set
        "a6ce42684ca1ebcd" |u| sin_cos_turn(u).0;
    cosine_gives_the_same_bits_on_every_instruction_set
        "bee49bcbc02a63d8" |u| sin_cos_turn(u).1;
    the_normal_quantile_gives_the_same_bits_on_every_instruction_set
        "9b0ec2590b0e3832" |u| inverse_normal(u * u * u * u);
}

#[test]
fn fused_functions_keep_the_stated_errors_too() {
    let found =
        worst(grid(-40.0, 40.0, POINTS), |x| relative_error(exp_of::<true>(x), x.exp()));
    assert!(found <= 4.5e-16, "{found:e}");
    let found = worst(grid(1e-10, 1e3, POINTS), |x| ulps(ln_of::<true>(x), x.ln()));
    assert!(found <= 2.0, "{found}");
    let found = worst(grid(0.0, 0.125, POINTS), |u| {
        let (sine, cosine) = sin_cos_of::<true>(u);
        let (s, c) = (std::f64::consts::TAU * u).sin_cos();
        (sine - s).abs().max((cosine - c).abs())
    });
    // The platform's argument is itself rounded: 1.1e-16 of at most 0.79.
    assert!(found <= 2.3e-16 + 1.2e-16, "{found:e}");
}
