//! Elementary functions as polynomials, the same bits on every instruction set.
//!
//! The platform's `ln` and `exp` differ in their last bits from one system to the next
//! and do not vectorise. These are branch-free (a select, never a jump), inlined into
//! the loop that calls them, and use no fused multiply-add, so SSE2, AVX2, AVX-512 and
//! NEON give the same bits. Those with `FUSED` true do, for runs that ask for it: their
//! bits are other ones, the same wherever they run. Every input has an answer; none panics.
//!
//! The coefficients of `exp`, `ln` and `sin_cos_turn` interpolate the function at the
//! Chebyshev nodes of its reduced range, solved with 60 digits and rounded to `f64`;
//! the approximation error stated beside each includes that rounding.
#![expect(
    clippy::inline_always,
    reason = "a function left out of line is compiled for the baseline alone"
)]
#![expect(
    clippy::unreadable_literal,
    reason = "coefficients are compared digit by digit with their source"
)]

use std::f64::consts::LOG2_E;

/// 1.5 · 2⁵²: adding it rounds to the nearest integer, which is then in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The first 32 bits of ln 2, so that a multiple by an exponent is exact; then the rest.
const LN_2_HIGH: f64 = 0.6931471803691238;
const LN_2_LOW: f64 = 1.9082149292705877e-10;

/// Bits of the mantissa, and where the exponent starts.
const MANTISSA: u64 = (1 << EXPONENT_AT) - 1;
const EXPONENT_AT: u32 = 52;

/// `a·b + c`, rounded once where `FUSED`, else twice.
#[inline(always)]
pub fn mul_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// `c[0] + c[1] x + c[2] x² + …`, by Horner's rule.
#[inline(always)]
fn polynomial<const FUSED: bool, const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let mut sum = c[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = mul_add::<FUSED>(sum, x, c[i]);
    }
    sum
}

/// Natural exponential, `eˣ`.
///
/// ```text
/// n = round(x / ln 2),  r = x − n ln 2,  eˣ = 2ⁿ (1 + r + r² p(r))
/// ```
/// Relative error at most 4.5e-16 from x = -708 to 709.78. Beyond, `+∞` above 709.783
/// (as the largest number demands) and 0 below -708.05: results under 1.6e-308 are not
/// kept. NaN gives NaN.
///
/// **Checked by** the tests below, against the platform's.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Written so that NaN fails both comparisons and passes through.
    let x = if x > EXP_RANGE.1 { EXP_RANGE.1 } else { x };
    let x = if x < EXP_RANGE.0 { EXP_RANGE.0 } else { x };
    exp_within(x)
}

/// [`exp`] of a number from -708.25 to 710; of any other an answer without meaning.
#[inline(always)]
pub fn exp_within(x: f64) -> f64 {
    exp_of::<false>(x)
}

/// [`exp_within`], fused or not.
#[inline(always)]
pub fn exp_of<const FUSED: bool>(x: f64) -> f64 {
    let [shifted, mantissa] = exp_parts::<FUSED>(x);
    // 2ⁿ⁻¹ then times 2, as 2¹⁰²⁴ has no bits; n = -1022 makes the exponent field 0.
    let half_scale = (shifted.to_bits() << EXPONENT_AT).wrapping_add(1022 << EXPONENT_AT);
    mantissa * f64::from_bits(half_scale) * 2.0
}

/// [`exp_of`] of a number from -700 to 700, the same bits; of any other an answer without
/// meaning.
#[inline(always)]
pub fn exp_inside<const FUSED: bool>(x: f64) -> f64 {
    let [shifted, mantissa] = exp_parts::<FUSED>(x);
    // Far from both ends of the exponents: n is added to that of the mantissa.
    let scale = shifted.to_bits() << EXPONENT_AT;
    f64::from_bits(mantissa.to_bits().wrapping_add(scale))
}

/// `n` in the low bits of the first, `eʳ` in the second.
#[inline(always)]
fn exp_parts<const FUSED: bool>(x: f64) -> [f64; 2] {
    let shifted = mul_add::<FUSED>(x, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let high = mul_add::<FUSED>(-n, LN_2_HIGH, x);
    let r = mul_add::<FUSED>(-n, LN_2_LOW, high);
    // Even and odd powers apart: two chains half as long keep the processor busier.
    let square = r * r;
    let even = polynomial::<FUSED, 5>(square, &EXP_EVEN);
    let p = mul_add::<FUSED>(r, polynomial::<FUSED, 5>(square, &EXP_ODD), even);
    [shifted, 1.0 + mul_add::<FUSED>(square, p, r)]
}

/// Where the result is already 0 or `+∞` and the exponent still fits its field.
const EXP_RANGE: (f64, f64) = (-708.25, 710.0);

/// Even coefficients of `(eʳ − 1 − r) / r²` for |r| ≤ ln 2 / 2; with [`EXP_ODD`] the
/// relative error in eʳ is 1.6e-17.
const EXP_EVEN: [f64; 5] = [
    0.5000000000000001,
    0.04166666666662399,
    0.0013888888917281794,
    2.480152119021773e-05,
    2.7620138719733994e-07,
];

/// Its odd coefficients.
const EXP_ODD: [f64; 5] = [
    0.16666666666666669,
    0.008333333333330051,
    0.00019841269863105968,
    2.7557268378684192e-06,
    2.5100424157005067e-08,
];

/// Natural logarithm.
///
/// ```text
/// x = 2ᵏ (1 + f),  √½ ≤ 1 + f < √2,  s = f / (2 + f)
/// ln x = k ln 2 + f − (f²/2 − s (f²/2 + R(s²)))
/// ```
/// Error at most 2 units in the last place for normal positive x. 0 and the subnormal
/// numbers (below 2.2e-308) give `−∞`, negative numbers NaN, `+∞` and NaN themselves.
///
/// **Source** the arrangement is fdlibm's `e_log.c` (Sun Microsystems, 1993).
/// **Checked by** the tests below, against the platform's.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let finite = ln_positive(x);
    let low = if x >= 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    let finite = if x >= f64::MIN_POSITIVE { finite } else { low };
    if x < f64::INFINITY { finite } else { x }
}

/// [`ln`] of a normal positive number; of any other an answer without meaning.
#[inline(always)]
pub fn ln_positive(x: f64) -> f64 {
    ln_of::<false>(x)
}

/// [`ln_positive`], fused or not.
#[inline(always)]
pub fn ln_of<const FUSED: bool>(x: f64) -> f64 {
    ln_of_parts::<FUSED>(ln_parts(x))
}

/// A number taken apart for its logarithm: `k`, `f` and `s` of [`ln`].
///
/// Its division and the polynomial of [`ln_of_parts`] wait for one another less when a
/// loop does many of the one, then many of the other.
#[inline(always)]
pub fn ln_parts(x: f64) -> [f64; 3] {
    let moved = x.to_bits().wrapping_add(ONE_BITS - ROOT_HALF_BITS);
    // 2⁵² + the exponent field, made from bits: AVX2 cannot convert 64-bit integers.
    let k = f64::from_bits((moved >> EXPONENT_AT) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let f = f64::from_bits((moved & MANTISSA).wrapping_add(ROOT_HALF_BITS)) - 1.0;
    [k, f, f / (2.0 + f)]
}

/// The logarithm of a number from its [`ln_parts`].
#[inline(always)]
pub fn ln_of_parts<const FUSED: bool>([k, f, s]: [f64; 3]) -> f64 {
    let z = s * s;
    let half_square = 0.5 * f * f;
    let series = mul_add::<FUSED>(z, polynomial::<FUSED, 7>(z, &LN), half_square);
    let tail = mul_add::<FUSED>(s, series, k * LN_2_LOW);
    mul_add::<FUSED>(k, LN_2_HIGH, f - (half_square - tail))
}

const TWO_52: f64 = 4_503_599_627_370_496.0;
const ONE_BITS: u64 = 1.0_f64.to_bits();
const ROOT_HALF_BITS: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();

/// `(2 artanh(s) / s − 2) / s²` as a polynomial of s² for |s| ≤ 0.1716; error in
/// `ln(1 + f) / f` 4.7e-18.
const LN: [f64; 7] = [
    0.666666666666667,
    0.399999999998992,
    0.2857142862611452,
    0.22222211112104948,
    0.1818289077802613,
    0.15331666676597175,
    0.146171283998073,
];

/// Sine and cosine of `u` turns: `(sin 2πu, cos 2πu)`.
///
/// ```text
/// k = round(4u),  r = u − k/4 (exact),  sin 2πr = r P(r²),  cos 2πr = Q(r²)
/// ```
/// and the quarter `k` swaps the two and sets their signs. Absolute error at most
/// 2.3e-16, relative at most 4.5e-16 except where the result is 0. Meant for u in
/// [0, 1); holds for |u| < 2⁴⁹. NaN and ±∞ give NaN.
///
/// **Checked by** the tests below, against the platform's in the first eighth and by
/// symmetry elsewhere.
#[inline(always)]
pub fn sin_cos_turn(u: f64) -> (f64, f64) {
    sin_cos_of::<false>(u)
}

/// [`sin_cos_turn`], fused or not.
#[inline(always)]
pub fn sin_cos_of<const FUSED: bool>(u: f64) -> (f64, f64) {
    let shifted = 4.0 * u + ROUND;
    let r = u - 0.25 * (shifted - ROUND);
    let z = r * r;
    let sin = (r * polynomial::<FUSED, 7>(z, &SIN)).to_bits();
    let cos = polynomial::<FUSED, 8>(z, &COS).to_bits();
    let quarter = shifted.to_bits();
    let swap = 0_u64.wrapping_sub(quarter & 1);
    let sin_sign = (quarter & 2) << 62;
    let cos_sign = (quarter.wrapping_add(1) & 2) << 62;
    (
        f64::from_bits(((sin & !swap) | (cos & swap)) ^ sin_sign),
        f64::from_bits(((cos & !swap) | (sin & swap)) ^ cos_sign),
    )
}

/// `sin(2πr) / r` as a polynomial of r² for |r| ≤ 1/8; relative error 3.9e-17.
const SIN: [f64; 7] = [
    std::f64::consts::TAU,
    -41.341702240399634,
    81.60524927594771,
    -76.70585970417709,
    42.05868500679902,
    -15.09380337409141,
    3.7808495115954104,
];

/// `cos(2πr)` as a polynomial of r² for |r| ≤ 1/8; relative error 2.2e-17.
const COS: [f64; 8] = [
    1.0,
    -19.739208802178716,
    64.93939402266795,
    -85.45681720652229,
    60.24464132878137,
    -26.42625089982654,
    7.903091244371459,
    -1.6968407416328735,
];

/// The standard normal quantile: the z with `P(Z ≤ z) = p`.
///
/// Three rational functions of degree 7 by how far `p` is into a tail; the coefficients
/// are selected, then one rational function is evaluated. Relative error at most 2e-15,
/// for p down to 2.2e-308. 0 and the subnormal numbers give `−∞`, 1 gives `+∞`, what is no
/// probability (NaN included) gives NaN.
///
/// **Source** Wichura (1988), Algorithm AS 241, Applied Statistics 37(3), `PPND16`.
/// **Checked by** the tests below, against quantiles of 60 digits.
#[inline(always)]
pub fn inverse_normal(p: f64) -> f64 {
    let q = p - 0.5;
    let tail_share = if q < 0.0 { p } else { 1.0 - p };
    let depth = (-ln(tail_share)).sqrt();
    let (central, near) = (q.abs() <= 0.425, depth <= 5.0);
    let tail_x = if near { depth - 1.6 } else { depth - 5.0 };
    let x = if central { 0.180625 - q * q } else { tail_x };
    // Selected by mask: from `if` the compiler makes three evaluations, then a select.
    let in_centre = 0_u64.wrapping_sub(u64::from(central));
    let in_near_tail = 0_u64.wrapping_sub(u64::from(near)) & !in_centre;
    let [mut above, mut below] = [0.0, 0.0];
    let mut i = 8;
    while i > 0 {
        i -= 1;
        above = above * x + pick(&ABOVE[i], in_near_tail, in_centre);
        below = below * x + pick(&BELOW[i], in_near_tail, in_centre);
    }
    let signed_one = if q < 0.0 { -1.0 } else { 1.0 };
    let ratio = above / below * if central { q } else { signed_one };
    if depth < f64::INFINITY { ratio } else { depth * signed_one }
}

/// A coefficient of the far tail, and what turns it into those of the near tail and of
/// the centre.
struct Choice {
    far: u64,
    to_near: u64,
    to_centre: u64,
}

const fn choice(centre: f64, near: f64, far: f64) -> Choice {
    let (centre, near, far) = (centre.to_bits(), near.to_bits(), far.to_bits());
    Choice { far, to_near: far ^ near, to_centre: far ^ centre }
}

#[inline(always)]
fn pick(of: &Choice, in_near_tail: u64, in_centre: u64) -> f64 {
    f64::from_bits(of.far ^ (of.to_near & in_near_tail) ^ (of.to_centre & in_centre))
}

/// AS 241's numerators: a for |p − ½| ≤ 0.425, c for a tail share down to e⁻²⁵, e beyond.
const ABOVE: [Choice; 8] = [
    choice(3.3871328727963665, 1.4234371107496835, 6.657904643501103),
    choice(133.14166789178438, 4.630337846156546, 5.463784911164114),
    choice(1971.5909503065513, 5.769497221460691, 1.7848265399172913),
    choice(13731.69376550946, 3.6478483247632045, 0.29656057182850487),
    choice(45921.95393154987, 1.2704582524523684, 0.026532189526576124),
    choice(67265.7709270087, 0.2417807251774506, 0.0012426609473880784),
    choice(33430.57558358813, 0.022723844989269184, 2.7115555687434876e-05),
    choice(2509.0809287301227, 0.0007745450142783414, 2.0103343992922881e-07),
];

/// AS 241's denominators b, d and f.
const BELOW: [Choice; 8] = [
    choice(1.0, 1.0, 1.0),
    choice(42.31333070160091, 2.053191626637759, 0.599832206555888),
    choice(687.1870074920579, 1.6763848301838038, 0.1369298809227358),
    choice(5394.196021424751, 0.6897673349851, 0.014875361290850615),
    choice(21213.794301586597, 0.14810397642748008, 0.0007868691311456133),
    choice(39307.89580009271, 0.015198666563616457, 1.8463183175100548e-05),
    choice(28729.085735721943, 0.0005475938084995345, 1.421511758316446e-07),
    choice(5226.495278852854, 1.0507500716444169e-09, 2.0442631033899397e-15),
];

#[cfg(test)]
mod tests;
