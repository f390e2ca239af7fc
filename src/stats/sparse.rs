//! The form in which sketches are written: only the bins that hold something.
//!
//! A shard's file and a cache hold this form. Floats are written as their bits, so that
//! what is read back is what was written, whatever the format does with decimals. What
//! is read is checked: a damaged file is an error, never a wrong answer.

use serde::{Deserialize, Serialize};

use super::{Sketch, TailSketch, bins};

/// Why a written sketch cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damaged {
    #[error("bin {0} is out of range, empty, or not above the one before")]
    Bin(i32),
    #[error("the smallest and largest sample do not belong to the bins")]
    Extremes,
    #[error("the sums of bin {0} do not belong to its count")]
    Sums(i32),
}

/// A [`Sketch`] as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SparseSketch {
    non_finite: u64,
    /// Bits of the smallest and of the largest sample; absent without samples.
    extremes: Option<(u64, u64)>,
    /// The number and the count of each bin, by rising value.
    bins: Vec<(i32, u32)>,
}

impl From<Sketch> for SparseSketch {
    fn from(sketch: Sketch) -> Self {
        Self {
            non_finite: sketch.non_finite,
            extremes: (sketch.count > 0)
                .then(|| (sketch.min.to_bits(), sketch.max.to_bits())),
            bins: sketch.used().map(|(bin, _, count)| (bin, count)).collect(),
        }
    }
}

impl TryFrom<SparseSketch> for Sketch {
    type Error = Damaged;

    fn try_from(sparse: SparseSketch) -> Result<Self, Damaged> {
        let mut sketch = Self { non_finite: sparse.non_finite, ..Self::default() };
        let mut before = i32::MIN;
        for &(bin, count) in &sparse.bins {
            if bin <= before || bin.saturating_abs() > bins::LAST || count == 0 {
                return Err(Damaged::Bin(bin));
            }
            before = bin;
            let position = sketch.open(bin);
            sketch.counts[position] = count;
            sketch.count += u64::from(count);
        }
        let extremes =
            sparse.extremes.map(|(a, b)| (f64::from_bits(a), f64::from_bits(b)));
        match (extremes, sparse.bins.first(), sparse.bins.last()) {
            (None, None, None) => {}
            (Some((min, max)), Some(&(first, _)), Some(&(last, _)))
                if min <= max && bins::of(min) == first && bins::of(max) == last =>
            {
                (sketch.min, sketch.max) = (min, max);
            }
            _ => return Err(Damaged::Extremes),
        }
        Ok(sketch)
    }
}

/// A [`TailSketch`] as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SparseTailSketch {
    sketch: SparseSketch,
    /// For each bin of `sketch`: the sum of offsets, and the bits of its smallest and
    /// its largest sample.
    sums: Vec<(u64, u64, u64)>,
}

impl From<TailSketch> for SparseTailSketch {
    fn from(tail: TailSketch) -> Self {
        let sums = tail.sketch.used().map(|(_, position, _)| {
            let inside = &tail.inside[position];
            (inside.offsets, inside.low.to_bits(), inside.high.to_bits())
        });
        Self { sums: sums.collect(), sketch: tail.sketch.into() }
    }
}

impl TryFrom<SparseTailSketch> for TailSketch {
    type Error = Damaged;

    fn try_from(sparse: SparseTailSketch) -> Result<Self, Damaged> {
        let sketch = Sketch::try_from(sparse.sketch)?;
        let used: Vec<_> = sketch.used().collect();
        if used.len() != sparse.sums.len() {
            return Err(Damaged::Extremes);
        }
        let mut tail = Self { sketch, ..Self::default() };
        tail.grow();
        for ((bin, position, count), (offsets, low, high)) in
            used.into_iter().zip(sparse.sums)
        {
            let (low, high) = (f64::from_bits(low), f64::from_bits(high));
            let belong = low <= high && bins::of(low) == bin && bins::of(high) == bin;
            if !belong || offsets > u64::from(count) << Self::OFFSET_BITS {
                return Err(Damaged::Sums(bin));
            }
            let inside = &mut tail.inside[position];
            (inside.offsets, inside.low, inside.high) = (offsets, low, high);
        }
        Ok(tail)
    }
}
