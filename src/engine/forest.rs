//! Sums over paths that add up to the same bits whoever adds them, and in whatever order.
//!
//! Addition of floating-point numbers depends on its order, so the order is fixed by the
//! numbers of the paths: chunks are the leaves of a binary tree, two neighbours that
//! begin at an even place join, and so do the sums of two such pairs. Threads, shards and
//! resumed runs only differ in when a join happens. What has no neighbour yet waits: a
//! handful of sums for any number of paths. Read next: [`super::sums`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sums::Replicates;

/// Sums of chunks, joined as far as they can be.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Forest {
    /// By first chunk: 2^level chunks from there on.
    trees: BTreeMap<u64, Tree>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Tree {
    level: u32,
    sums: Replicates,
}

impl Forest {
    /// Adds the sums of a chunk.
    pub(super) fn add(&mut self, chunk: u64, sums: Replicates) {
        self.plant(chunk, Tree { level: 0, sums });
    }

    /// Adds all of another forest; the two have no chunk in common.
    pub(super) fn merge(&mut self, other: Self) {
        for (first, tree) in other.trees {
            self.plant(first, tree);
        }
    }

    fn plant(&mut self, mut first: u64, mut tree: Tree) {
        loop {
            let size = 1_u64 << tree.level;
            let is_left = (first >> tree.level).is_multiple_of(2);
            let neighbour = if is_left { first + size } else { first - size };
            if self.trees.get(&neighbour).is_none_or(|other| other.level != tree.level) {
                self.trees.insert(first, tree);
                return;
            }
            let Some(other) = self.trees.remove(&neighbour) else { return };
            let (mut left, right) = if is_left { (tree, other) } else { (other, tree) };
            left.sums.add(&right.sums);
            left.level += 1;
            first = first.min(neighbour);
            tree = left;
        }
    }

    /// The sum of all trees, by rising path; nothing without a chunk.
    pub(super) fn total(&self) -> Option<Replicates> {
        let mut trees = self.trees.values().map(|tree| &tree.sums);
        let mut total = trees.next()?.clone();
        trees.for_each(|sums| total.add(sums));
        Some(total)
    }

    /// Chunks in it, as ranges of neighbours.
    pub(super) fn ranges(&self) -> Vec<std::ops::Range<u64>> {
        let mut ranges: Vec<std::ops::Range<u64>> = Vec::new();
        for (&first, tree) in &self.trees {
            let end = first + (1 << tree.level);
            match ranges.last_mut() {
                Some(last) if last.end == first => last.end = end,
                _ => ranges.push(first..end),
            }
        }
        ranges
    }
}
