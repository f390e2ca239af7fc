//! A generator for the rare draw: one path, one step, as many numbers as it takes.
//!
//! Distributions that draw a number of times not known before (a gamma, a binomial)
//! cannot run block-wise; they take this generator through the traits of `rand`, and
//! stay a function of (seed, name, path, step). It shares no word with the block-wise
//! numbers of its stream. Read next: [`super::Stream`].

use std::convert::Infallible;

use rand::TryRng;

use super::Stream;

/// The words of a path at a step, in order; implements [`rand::Rng`].
#[derive(Debug, Clone)]
pub struct PathRng {
    stream: Stream,
    path: u64,
    step: u32,
    block: u32,
    words: [u32; 4],
    used: usize,
}

impl PathRng {
    /// Starts at the first word of (stream, path, step).
    pub fn new(stream: Stream, path: u64, step: u32) -> Self {
        Self { stream, path, step, block: 0, words: [0; 4], used: 4 }
    }

    fn next_word(&mut self) -> u32 {
        if let Some(&word) = self.words.get(self.used) {
            self.used += 1;
            return word;
        }
        // Wraps after 2³⁴ words; no distribution takes so many for one draw.
        self.block = self.block.wrapping_add(1);
        self.words = self.stream.words(self.path, self.step, self.block);
        self.used = 1;
        self.words[0]
    }
}

impl TryRng for PathRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.next_word());
        let high = u64::from(self.next_word());
        Ok(high << 32 | low)
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(4) {
            let bytes = self.next_word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, RngExt};

    use super::super::Seed;
    use super::*;

    fn rng(path: u64, step: u32) -> PathRng {
        PathRng::new(Stream::new(Seed(1), "repair"), path, step)
    }

    #[test]
    fn the_same_path_and_step_replay_the_same_words() {
        let first: Vec<u64> = (0..9).map(|_| 0).scan(rng(3, 7), next).collect();
        let again: Vec<u64> = (0..9).map(|_| 0).scan(rng(3, 7), next).collect();
        let other_step: Vec<u64> = (0..9).map(|_| 0).scan(rng(3, 8), next).collect();
        let other_path: Vec<u64> = (0..9).map(|_| 0).scan(rng(4, 7), next).collect();
        assert_eq!(first, again);
        assert_ne!(first, other_step);
        assert_ne!(first, other_path);
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape `scan` asks for")]
    fn next(rng: &mut PathRng, _: u64) -> Option<u64> {
        Some(rng.next_u64())
    }

    #[test]
    fn bytes_words_and_pairs_of_words_read_the_same_sequence() {
        let mut bytes = [0_u8; 10];
        rng(0, 0).fill_bytes(&mut bytes);
        let mut by_word = rng(0, 0);
        let words = [by_word.next_u32(), by_word.next_u32(), by_word.next_u32()];
        let pair = rng(0, 0).next_u64();
        assert_eq!(pair, u64::from(words[1]) << 32 | u64::from(words[0]));
        assert_eq!(bytes[..4], words[0].to_le_bytes());
        assert_eq!(bytes[8..], words[2].to_le_bytes()[..2]);
    }

    #[test]
    fn it_serves_the_distributions_of_rand() {
        let mut rng = rng(11, 0);
        let draws: Vec<f64> = (0..4000).map(|_| rng.random::<f64>()).collect();
        let mean = draws.iter().sum::<f64>() / 4000.0;
        // 4 standard errors of a uniform mean: one false alarm in 16,000 seeds.
        assert!((mean - 0.5).abs() < 4.0 / (12.0_f64 * 4000.0).sqrt());
    }
}
