//! Counts of 16 bits, for a row of sketches that one thread fills.
//!
//! Half as wide as the counts of a sketch, so that half as much memory travels to the
//! processor and back while many blocks are counted; they are poured into the sketch
//! before one of them could overflow. Those of a row lie in one piece, which grows without
//! leaving holes. Read next: [`super::Queues`].

use super::Sketch;
use super::pages::{ABSENT, PAGE};

/// Samples that a sketch of the row can hold until it is poured.
pub(super) const MOST: usize = u16::MAX as usize;

/// Counts of a row of sketches by their bins of 16 bits.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    sketches: usize,
    counts: Vec<u16>,
    /// By sketch, where the page of every bin starts, by the bin's high byte; made with
    /// the first count.
    starts: Vec<[u32; PAGE]>,
    /// By sketch, where its pages start, in the order of their making.
    pages: Vec<Vec<u32>>,
}

impl Narrow {
    /// Counts of `n` sketches without a sample.
    pub(super) fn new(n: usize) -> Self {
        Self { sketches: n, ..Self::default() }
    }

    /// Counts samples of sketch `i`, at most [`MOST`] until it is poured.
    pub(super) fn count(&mut self, i: usize, bins: &[i16]) {
        self.starts.resize(self.sketches, [ABSENT; PAGE]);
        self.pages.resize(self.sketches, Vec::new());
        self.fetch(i);
        let (mut fours, rest) = bins.as_chunks::<4>();
        while !fours.is_empty() {
            let done = count_fours(fours, &self.starts[i], &mut self.counts);
            fours = &fours[done..];
            if let Some(four) = fours.first() {
                self.open(i, four);
            }
        }
        self.open(i, rest);
        for bin in rest {
            let bin = bin.cast_unsigned();
            let start = self.starts[i][usize::from(bin >> 8)] as usize;
            self.counts[start | usize::from(bin & 255)] += 1;
        }
    }

    /// Reads a number of every cache line of sketch `i`, so that they travel together: an
    /// increment waits for its line, and few are under way at a time.
    fn fetch(&self, i: usize) {
        const NUMBERS_A_LINE: usize = 32;
        let mut all = 0;
        for &start in &self.pages[i] {
            let start = start as usize;
            for line in self.counts[start..start + PAGE].chunks_exact(NUMBERS_A_LINE) {
                all |= line[0];
            }
        }
        std::hint::black_box(all);
    }

    /// Makes the pages of all `bins` that have none.
    fn open(&mut self, i: usize, bins: &[i16]) {
        for bin in bins {
            let start = &mut self.starts[i][usize::from(bin.cast_unsigned() >> 8)];
            if *start == ABSENT {
                *start = u32::try_from(self.counts.len()).unwrap_or(ABSENT);
                self.pages[i].push(*start);
                self.counts.resize(self.counts.len() + PAGE, 0);
            }
        }
    }

    /// Moves all that sketch `i` holds into `sketch`; its pages stay.
    pub(super) fn pour(&mut self, i: usize, sketch: &mut Sketch) {
        let first_bins = (i8::MIN..=i8::MAX).map(|page| i32::from(page) * 256);
        let Some(starts) = self.starts.get(i) else { return };
        let pages = first_bins
            .map(|bin| (bin, starts[usize::from((bin >> 8).to_le_bytes()[0])] as usize))
            .filter(|&(_, start)| start < self.counts.len());
        sketch.open_pages(pages.clone().map(|(bin, _)| bin));
        for (first_bin, start) in pages.collect::<Vec<_>>() {
            let page = &mut self.counts[start..start + PAGE];
            sketch.add_page(first_bin, page);
            page.fill(0);
        }
    }
}

/// Counts bins up to the first four of which one has no page, and says how many fours.
/// By fours, as the processor then guesses better which increment waits for which: 1.0
/// instead of 1.7 ns a sample.
fn count_fours(fours: &[[i16; 4]], starts: &[u32; PAGE], counts: &mut [u16]) -> usize {
    for (done, four) in fours.iter().enumerate() {
        let positions = four.map(|bin| {
            let bin = bin.cast_unsigned();
            starts[usize::from(bin >> 8)] as usize | usize::from(bin & 255)
        });
        if positions.iter().any(|&position| position >= counts.len()) {
            return done;
        }
        for position in positions {
            counts[position] = counts[position].wrapping_add(1);
        }
    }
    fours.len()
}
