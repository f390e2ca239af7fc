//! Costs and drivers of the first paths, kept to be ranked against each other.
//!
//! Ranks need all values at once, so only the first [`RANKED_PATHS`] paths are kept: memory
//! does not grow with the paths of a run. Blocks may come in any order. Read next:
//! [`crate::stats::rank`].

use serde::{Deserialize, Serialize};

/// Paths that are ranked: a rank correlation of 0 then has a standard error of 0.022.
pub(crate) const RANKED_PATHS: u64 = 2048;

/// What is kept of a block of paths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Block {
    first: u64,
    /// Costs by strategy, then drivers, path by path.
    #[serde(with = "crate::stats::bits::rows")]
    rows: Vec<Vec<f64>>,
}

/// The first paths of a run, by path whoever played them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ranked {
    blocks: Vec<Block>,
}

impl Ranked {
    /// Keeps a block, where it is one of the first.
    pub(crate) fn note<'a>(&mut self, first: u64, rows: impl Iterator<Item = &'a [f64]>) {
        if first < RANKED_PATHS {
            self.keep(Block { first, rows: rows.map(<[f64]>::to_vec).collect() });
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for block in other.blocks {
            self.keep(block);
        }
    }

    /// Keeps a block in its place; one that is known already stays.
    fn keep(&mut self, block: Block) {
        let at = self.blocks.binary_search_by_key(&block.first, |known| known.first);
        if let Err(at) = at {
            self.blocks.insert(at, block);
        }
    }

    /// A row over all paths that are kept, in their order: the cost of a strategy by its
    /// place, or a driver by its place after all strategies.
    pub(crate) fn row(&self, row: usize) -> Vec<f64> {
        let rows = self.blocks.iter().filter_map(|block| block.rows.get(row));
        rows.flatten().copied().collect()
    }
}
