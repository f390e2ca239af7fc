//! A stream read month by month: every number of a draw of four is used.
//!
//! Months are asked for in order, so three calls of four find their numbers drawn
//! already; in any other order the answers are the same and only the time differs.
//! Normals and uniforms come from two streams, `name` and `name/uniform`.
//! Read next: [`super::Stream`].

use super::stream::row_of;
use super::{Seed, Stream};
use crate::block::{Lane, splat};

/// The monthly numbers of one name.
#[derive(Debug, Clone)]
pub struct Monthly {
    normals: Cached,
    uniforms: Cached,
}

impl Monthly {
    /// The monthly numbers called `name` of a run.
    pub fn new(seed: Seed, name: &str) -> Self {
        Self {
            normals: Cached::new(Stream::new(seed, name)),
            uniforms: Cached::new(Stream::new(seed, &format!("{name}/uniform"))),
        }
    }

    /// Standard normal numbers of a block at a month.
    pub fn normal_at(&mut self, first_path: u64, month: u32) -> &Lane {
        self.draw_normals(first_path, month);
        self.normal(month)
    }

    /// Draws the normals of a block at a month, for [`Self::normal`].
    pub fn draw_normals(&mut self, first_path: u64, month: u32) {
        self.normals.draw(first_path, month, Stream::normals);
    }

    /// The normals drawn for a month by [`Self::draw_normals`].
    pub fn normal(&self, month: u32) -> &Lane {
        &self.normals.rows[row_of(month)]
    }

    /// Uniform numbers of a block at a month, strictly between 0 and 1.
    pub fn uniform_at(&mut self, first_path: u64, month: u32) -> &Lane {
        self.uniforms.draw(first_path, month, Stream::uniforms);
        &self.uniforms.rows[row_of(month)]
    }
}

/// The last group drawn of a stream.
#[derive(Debug, Clone)]
struct Cached {
    stream: Stream,
    holds: Option<(u64, u32)>,
    rows: Box<[Lane; 4]>,
}

impl Cached {
    fn new(stream: Stream) -> Self {
        Self { stream, holds: None, rows: Box::new([splat(0.0); 4]) }
    }

    fn draw(
        &mut self,
        first_path: u64,
        month: u32,
        draw: impl Fn(&Stream, u64, u32, &mut [Lane; 4]),
    ) {
        let wanted = (first_path, month / 4);
        if self.holds != Some(wanted) {
            draw(&self.stream, wanted.0, wanted.1, &mut self.rows);
            self.holds = Some(wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(lane: &Lane) -> Vec<u64> {
        lane.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn months_in_any_order_have_the_same_numbers() {
        let mut forward = Monthly::new(Seed(5), "rent");
        let mut backward = Monthly::new(Seed(5), "rent");
        let months: Vec<u32> = (0..10).collect();
        let there: Vec<_> =
            months.iter().map(|&m| bits(forward.normal_at(512, m))).collect();
        let mut back: Vec<_> =
            months.iter().rev().map(|&m| bits(backward.normal_at(512, m))).collect();
        back.reverse();
        assert!(there == back);
    }

    #[test]
    fn another_block_is_not_served_from_the_last_ones_numbers() {
        let mut monthly = Monthly::new(Seed(5), "rent");
        let first = bits(monthly.normal_at(0, 3));
        let second = bits(monthly.normal_at(256, 3));
        assert!(first != second);
        assert!(first == bits(monthly.normal_at(0, 3)));
    }

    #[test]
    fn uniforms_are_not_the_words_behind_the_normals() {
        let mut monthly = Monthly::new(Seed(5), "rent");
        let uniform = bits(monthly.uniform_at(0, 1));
        let mut own = splat(0.0);
        Stream::new(Seed(5), "rent").uniform(0, 1, &mut own);
        assert!(uniform != bits(&own));
        Stream::new(Seed(5), "rent/uniform").uniform(0, 1, &mut own);
        assert!(uniform == bits(&own));
    }
}
