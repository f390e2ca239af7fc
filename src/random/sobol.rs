//! Points that fill the unit cube more evenly than chance: Sobol's, scrambled by Owen.
//!
//! Every replicate is a set of points of its own scramble: within one the points are
//! even, between two they are independent, so that their means tell the error of the
//! mean. A number is a function of (seed, name, level, path), as a plain one is: block
//! `b` of paths is block `b / 16` of the points of replicate `b mod 16`, however many
//! paths the run has. Read next: [`Dimension`], then [`super::Bridge`].

use super::stream::{PER_WORD, Stream};
use crate::block::math::inverse_normal;
use crate::block::{LANES, Lane};
use crate::kernel;

/// Replicates of a run.
pub const REPLICATES: u64 = REPLICATE_COUNT as u64;
const REPLICATE_COUNT: usize = 16;
/// Dimensions there are.
pub const DIMENSIONS: u32 = sobol_burley::NUM_DIMENSION_SETS_4D * 4;
/// Bits of the number of a point: a replicate has at most 65,536 of them.
const INDEX_BITS: usize = 16;
/// The fewest paths: a block of every replicate.
pub const FEWEST_PATHS: u64 = REPLICATES * LANES as u64;
/// The most paths.
pub const MOST_PATHS: u64 = REPLICATES << INDEX_BITS;

/// The replicate that a block of paths belongs to.
pub fn replicate_of(first_path: u64) -> u64 {
    first_path / LANES as u64 % REPLICATES
}

/// The numbers of paths nearest to `paths` that points come in: one below or at it, one
/// above or at it, the same where `paths` is one.
pub fn nearest_paths(paths: u64) -> (u64, u64) {
    let paths = paths.clamp(FEWEST_PATHS, MOST_PATHS);
    let above = paths.next_power_of_two();
    (if above == paths { above } else { above / 2 }, above)
}

/// One coordinate of the points of all replicates.
///
/// ```text
/// x(i) = ⊕ V_k over the bits k of i,   u = (scramble(x) + ½) / 2³²
/// ```
/// with the direction numbers `V` of the dimension. A scramble flips each bit by a
/// function of the bits above it, which keeps the points a net: of 2^m of them each of
/// 2^m equal cells has exactly one.
///
/// **Shapes** one number a path. **Units** none; strictly between 0 and 1.
/// **Errors** none; beyond [`MOST_PATHS`] points come again.
/// **Source** Joe and Kuo (2008), Constructing Sobol sequences with better
/// two-dimensional projections, SIAM J. Sci. Comput. 30:2635, for the direction numbers;
/// Owen (1995), Randomly permuted (t,m,s)-nets and (t,s)-sequences, for the scramble;
/// Burley (2020), Practical hash-based Owen scrambling, JCGT 9(4):1, for scrambling by a
/// hash; Vegdahl (2021), Building a better LK hash, for its constants.
/// **Checked by** the first points of the authors' tables, nets, and uniformity, below.
#[derive(Debug, Clone)]
pub struct Dimension {
    /// Direction numbers, their bits reversed: the hash works from the lowest bit up.
    columns: [u32; INDEX_BITS],
    /// What scrambles each replicate.
    keys: [u32; REPLICATE_COUNT],
}

impl Dimension {
    /// The `dimension`-th coordinate, scrambled for step `step` of a stream; nothing from
    /// [`DIMENSIONS`] on.
    pub fn new(dimension: u32, stream: Stream, step: u32) -> Option<Self> {
        if dimension >= DIMENSIONS {
            return None;
        }
        let mut bit = 1_u32.reverse_bits();
        let columns = std::array::from_fn(|_| {
            let column = sobol_burley::parts::sobol_rev(bit, dimension);
            bit >>= 1;
            column
        });
        let mut replicate = 0;
        let keys = std::array::from_fn(|_| {
            let [key, ..] = stream.words(replicate, step, OF_KEYS);
            replicate += 1;
            key
        });
        Some(Self { columns, keys })
    }

    /// Uniform numbers of a block.
    pub fn uniforms(&self, first_path: u64, out: &mut Lane) {
        let (base, key) = self.block(first_path);
        fill_uniforms(base, &self.columns, key, out);
    }

    /// Standard normal numbers of a block.
    pub fn normals(&self, first_path: u64, out: &mut Lane) {
        let (base, key) = self.block(first_path);
        fill_normals(base, &self.columns, key, out);
    }

    /// The first word of a block, not scrambled, and the key of its replicate.
    fn block(&self, first_path: u64) -> (u32, u32) {
        let block = first_path / LANES as u64;
        let first = block / REPLICATES * LANES as u64;
        let word = self.columns.iter().enumerate().fold(0, |word, (k, column)| {
            if first >> k & 1 == 1 { word ^ column } else { word }
        });
        let replicate = usize::try_from(replicate_of(first_path)).unwrap_or(0);
        (word, self.keys[replicate])
    }
}

/// The fourth counter word of keys; blocks of numbers have 0.
const OF_KEYS: u32 = 1;

/// A hash in which each bit depends on those below it alone: of reversed words.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn scramble(mut x: u32, key: u32) -> u32 {
    x ^= x.wrapping_mul(0x3d20_adea);
    x = x.wrapping_add(key);
    x = x.wrapping_mul((key >> 16) | 1);
    x ^= x.wrapping_mul(0x0552_6c56);
    x ^ x.wrapping_mul(0x53a2_2864)
}

/// The words of a block: the first of its points, then twice as many each time.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn words(base: u32, columns: &[u32; INDEX_BITS], key: u32) -> [u32; LANES] {
    let mut words = [base; LANES];
    let mut column = 0;
    while 1 << column < LANES {
        let (known, rest) = words.split_at_mut(1 << column);
        for (word, next) in known.iter().zip(rest) {
            *next = word ^ columns[column];
        }
        column += 1;
    }
    words.map(|word| scramble(word, key).reverse_bits())
}

kernel! {
    fn fill_uniforms(base: u32, columns: &[u32; INDEX_BITS], key: u32, out: &mut Lane) {
        let words = words(base, columns, key);
        for i in 0..LANES {
            out[i] = (f64::from(words[i]) + 0.5) * PER_WORD;
        }
    }

    fn fill_normals(base: u32, columns: &[u32; INDEX_BITS], key: u32, out: &mut Lane) {
        let words = words(base, columns, key);
        for i in 0..LANES {
            out[i] = inverse_normal((f64::from(words[i]) + 0.5) * PER_WORD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seed;
    use super::*;
    use crate::block::splat;

    fn dimension(d: u32, seed: u64) -> Dimension {
        Dimension::new(d, Stream::new(Seed(seed), "rent/sobol"), 3).expect("there is one")
    }

    /// The points of a replicate.
    fn points(dimension: &Dimension, replicate: u64, blocks: u64) -> Vec<f64> {
        let mut lane = splat(0.0);
        let mut all = Vec::new();
        for block in 0..blocks {
            let first = (block * REPLICATES + replicate) * LANES as u64;
            dimension.uniforms(first, &mut lane);
            all.extend(lane);
        }
        all
    }

    #[test]
    fn unscrambled_points_are_those_of_the_authors_tables() {
        // Worked out by hand from the recurrence and the first rows of Joe and Kuo's table
        // new-joe-kuo-6 (s, a, m: 1 0 1; 2 1 1,3; 3 1 1,3,1; 3 2 1,1,1), in the plain
        // binary order: points 1 to 4 of the first five dimensions.
        let wanted: [[f64; 4]; 5] = [
            [0.5, 0.25, 0.75, 0.125],
            [0.5, 0.75, 0.25, 0.625],
            [0.5, 0.75, 0.25, 0.375],
            [0.5, 0.75, 0.25, 0.125],
            [0.5, 0.25, 0.75, 0.125],
        ];
        for (d, wanted) in (0..).zip(wanted) {
            let columns = dimension(d, 1).columns;
            for (i, wanted) in (1_u32..).zip(wanted) {
                let word = (0..3)
                    .filter(|k| i >> k & 1 == 1)
                    .fold(0, |w, k| w ^ columns[usize::try_from(k).expect("small")]);
                let found = f64::from(word.reverse_bits()) * PER_WORD;
                assert!((found - wanted).abs() < 1e-15, "{d}, {i}: {found}");
            }
        }
    }

    #[test]
    fn of_as_many_points_as_cells_each_cell_has_one() {
        for d in [0, 1, 2, 17, 100, DIMENSIONS - 1] {
            let dimension = dimension(d, 9);
            for (replicate, blocks) in [(0, 1), (7, 2), (15, 8)] {
                let points = points(&dimension, replicate, blocks);
                let mut seen = vec![false; points.len()];
                let cells = crate::units::count(points.len());
                for u in points {
                    assert!(u > 0.0 && u < 1.0);
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a cell of a number in 0 to 1"
                    )]
                    let cell = (u * cells) as usize;
                    assert!(!std::mem::replace(&mut seen[cell], true), "{d}: {cell}");
                }
            }
        }
    }

    #[test]
    fn every_bit_of_a_scramble_depends_on_higher_bits_alone() {
        for bit in 0..32 {
            for key in [0, 1, 0x1234_5678, u32::MAX] {
                let (a, b) = (scramble(0x9e37_79b9, key), 0x9e37_79b9 ^ (1 << bit));
                let changed = a ^ scramble(b, key);
                assert_eq!(changed.trailing_zeros(), bit, "reversed words");
            }
        }
    }

    #[test]
    fn over_scrambles_a_point_is_uniform_and_replicates_are_uncorrelated() {
        // Means of 4,000 scrambles at 4 standard errors; 9 comparisons.
        let (mut sum, mut square, mut product) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        let mut lane = splat(0.0);
        for seed in 0..4000 {
            let dimension = dimension(3, seed);
            dimension.uniforms(0, &mut lane);
            let mine = [lane[0], lane[1], lane[200]];
            dimension.uniforms(256, &mut lane);
            for (k, u) in mine.into_iter().enumerate() {
                let other = [lane[0], lane[1], lane[200]][k];
                sum[k] += u - 0.5;
                square[k] += u * u - 1.0 / 3.0;
                product[k] += (u - 0.5) * (other - 0.5);
            }
        }
        let root = 4000.0_f64.sqrt();
        for k in 0..3 {
            assert!((sum[k] / root).abs() < 4.0 * (1.0 / 12.0_f64).sqrt());
            assert!((square[k] / root).abs() < 4.0 * (4.0 / 45.0_f64).sqrt());
            assert!((product[k] / root).abs() < 4.0 / 12.0);
        }
    }

    #[test]
    fn paths_come_in_powers_of_two_of_a_block_of_every_replicate() {
        assert_eq!(nearest_paths(8192), (8192, 8192));
        assert_eq!(nearest_paths(10_000), (8192, 16_384));
        assert_eq!(nearest_paths(1), (FEWEST_PATHS, FEWEST_PATHS));
        assert_eq!(nearest_paths(u64::MAX), (MOST_PATHS, MOST_PATHS));
    }
}
