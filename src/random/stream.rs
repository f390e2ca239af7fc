//! The numbers of one name: uniform or standard normal, four steps of a block at once.
//!
//! A step is whatever the caller counts: a month, a draw. One Philox call yields the
//! numbers of steps 4g … 4g+3 of a path, its group g, so nothing is thrown away when
//! steps are asked for in order ([`super::Monthly`] does). A stream's uniforms and its
//! normals come from the same words: use one kind of a stream, and [`Stream::part`] or
//! another name for the other. Read next: [`super::Monthly`].

use super::Seed;
use super::philox::{LOW_WORD, philox4x32_10, wide_philox4x32_10};
use crate::block::math::{ln_of_parts, ln_parts, ln_positive, sin_cos_of, sin_cos_turn};
use crate::block::{LANES, Lane, splat};
use crate::{fusable_kernel, kernel};

/// The fourth counter word of block-wise draws; [`super::PathRng`] counts from 1.
const OF_BLOCKS: u32 = 0;
/// The fourth counter word that only the derivation of a part's key uses.
const OF_PARTS: u32 = u32::MAX;
/// 2⁻³².
pub(super) const PER_WORD: f64 = 1.0 / 4_294_967_296.0;

/// A family of numbers named by (seed, name), one for each path and step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
}

impl Stream {
    /// The stream called `name` of a run.
    ///
    /// ```text
    /// key = first 8 bytes of BLAKE3(seed as 8 little-endian bytes ‖ name)
    /// ```
    /// Two names share a key with odds 2⁻⁶⁴, whatever else the run draws.
    pub fn new(seed: Seed, name: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.0.to_le_bytes());
        hasher.update(name.as_bytes());
        let hash = hasher.finalize();
        let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
        Self { key: [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])] }
    }

    /// A stream of its own inside this one, without hashing a name.
    ///
    /// Its key is this stream's answer to a counter no draw uses.
    #[must_use]
    pub fn part(self, index: u32) -> Self {
        let [k0, k1, _, _] = philox4x32_10([index, 0, 0, OF_PARTS], self.key);
        Self { key: [k0, k1] }
    }

    /// Uniform numbers of the paths of a block at the four steps of a group.
    ///
    /// ```text
    /// u = (x + ½) / 2³²,   x the step's word of Philox(path, group)
    /// ```
    ///
    /// **Shapes** `out[s][i]` belongs to path `first_path + i` and step `4 group + s`.
    /// **Units** none; strictly between 0 and 1. **Errors** none.
    /// **Source** midpoints of 2³² equal cells, so that neither 0 nor 1 can occur.
    /// **Checked by** the tests below.
    pub fn uniforms(&self, first_path: u64, group: u32, out: &mut [Lane; 4]) {
        fill_uniforms(self.key, first_path, group, out);
    }

    /// Standard normal numbers of the paths of a block at the four steps of a group.
    ///
    /// Steps 0 and 1 of a group are one [`box_muller`] pair, steps 2 and 3 another.
    /// With 32-bit words none is beyond ±6.76, where one in 7·10¹⁰ belongs.
    ///
    /// **Shapes, errors** those of [`Stream::uniforms`]. **Units** standard deviations.
    /// **Source** Box and Muller (1958), Annals of Mathematical Statistics 29:610.
    /// **Checked by** moments, correlations and the transform itself, below.
    pub fn normals(&self, first_path: u64, group: u32, out: &mut [Lane; 4]) {
        fill_normals(self.key, first_path, group, out);
    }

    /// Uniform numbers of a block at one step; draws the whole group for it.
    pub fn uniform(&self, first_path: u64, step: u32, out: &mut Lane) {
        let mut rows = [splat(0.0); 4];
        self.uniforms(first_path, step / 4, &mut rows);
        *out = rows[row_of(step)];
    }

    /// Standard normal numbers of a block at one step; draws the whole group for it.
    pub fn normal(&self, first_path: u64, step: u32, out: &mut Lane) {
        let mut rows = [splat(0.0); 4];
        self.normals(first_path, step / 4, &mut rows);
        *out = rows[row_of(step)];
    }

    /// Four words of a path at a step, the `block`-th such (1 or more).
    pub(super) fn words(self, path: u64, step: u32, block: u32) -> [u32; 4] {
        philox4x32_10([low(path), high(path), step, block], self.key)
    }
}

/// The place of a step's number in its group of four.
pub(super) fn row_of(step: u32) -> usize {
    (step % 4) as usize
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
#[expect(clippy::cast_possible_truncation, reason = "the low word is what is meant")]
fn low(path: u64) -> u32 {
    path as u32
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn high(path: u64) -> u32 {
    low(path >> 32)
}

/// Two independent standard normal numbers from two uniform ones.
///
/// ```text
/// z₀ = √(−2 ln u) cos 2πv,   z₁ = √(−2 ln u) sin 2πv
/// ```
/// `u` must be above 0; `v` is in turns.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
pub fn box_muller(u: f64, v: f64) -> (f64, f64) {
    let radius = (-2.0 * ln_positive(u)).sqrt();
    let (sine, cosine) = sin_cos_turn(v);
    (radius * cosine, radius * sine)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "shared by two kernels")]
fn draw(key: [u32; 2], first_path: u64, group: u32, out: &mut [Lane; 4]) {
    let [a, b, c, d] = out;
    let mut path = first_path;
    for i in 0..LANES {
        let counter = [path, path >> 32, u64::from(group), u64::from(OF_BLOCKS)];
        let words = wide_philox4x32_10(counter, key);
        a[i] = uniform_of(words[0]);
        b[i] = uniform_of(words[1]);
        c[i] = uniform_of(words[2]);
        d[i] = uniform_of(words[3]);
        path = path.wrapping_add(1);
    }
}

/// `(x + ½) / 2³²` of a low word: put into the mantissa of a number in 2⁵² … 2⁵³, as not
/// every instruction set converts 64-bit integers.
#[inline(always)]
fn uniform_of(word: u64) -> f64 {
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let moved = f64::from_bits((word & LOW_WORD) | TWO_52.to_bits());
    (moved - (TWO_52 - 0.5)) * PER_WORD
}

/// Paths whose halves of a transform are done one after the other: as many as fit the
/// nearest memory (of 32 to 256, 128 was the fastest).
const AT_A_TIME: usize = 128;

/// Turns two lanes of uniforms into two of normals, in place: [`box_muller`] in two loops.
///
/// The unit that divides also takes the root, and each takes as long as the polynomials
/// of a whole normal. In one loop the processor sees too few paths ahead to do one while
/// the other waits; with the division beside sine and cosine and the root beside the
/// logarithm a normal takes 8 % less.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn transform<const FUSED: bool>(u: &mut Lane, v: &mut Lane) {
    let [mut k, mut s, mut sine] = [[0.0; AT_A_TIME]; 3];
    let (us, vs) = (u.as_chunks_mut::<AT_A_TIME>().0, v.as_chunks_mut::<AT_A_TIME>().0);
    for (u, v) in us.iter_mut().zip(vs) {
        for i in 0..AT_A_TIME {
            [k[i], u[i], s[i]] = ln_parts(u[i]);
            (sine[i], v[i]) = sin_cos_of::<FUSED>(v[i]);
        }
        for i in 0..AT_A_TIME {
            let radius = (-2.0 * ln_of_parts::<FUSED>([k[i], u[i], s[i]])).sqrt();
            u[i] = radius * v[i];
            v[i] = radius * sine[i];
        }
    }
}

kernel! {
    fn fill_uniforms(key: [u32; 2], first_path: u64, group: u32, out: &mut [Lane; 4]) {
        draw(key, first_path, group, out);
    }
}

fusable_kernel! {
    fn fill_normals(key: [u32; 2], first_path: u64, group: u32, out: &mut [Lane; 4]) {
        draw(key, first_path, group, out);
        let [a, b, c, d] = out;
        transform::<FUSED>(a, b);
        transform::<FUSED>(c, d);
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
