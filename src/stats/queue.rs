//! A sketch that lets its samples wait and counts many blocks of them at a time.
//!
//! A run keeps thousands of sketches, far more than the processor's caches hold, and
//! each gets one block a turn. Counting 256 samples in a sketch that has left the cache
//! waits for memory at almost every one (9 ns a sample, measured; 2 ns with this). So
//! the bins wait, two bytes a sample, and are counted when there are enough of them to
//! pay for fetching the sketch. Read next: [`Sketch`].

use super::narrow::{self, Narrow};
use super::{Sketch, bins};
use crate::block::LANES;

/// Samples that wait at most: eight blocks, 4 KiB. Twice as many gained nothing.
const MOST: usize = 8 * LANES;

/// Samples that wait to be counted, each in one of a row of sketches.
#[derive(Debug, Clone, Default)]
pub struct Queues {
    /// [`MOST`] bins a sketch, in one piece: taken with the first, as it is written.
    waiting: Vec<i16>,
    counted: Narrow,
    rows: Vec<Queue>,
}

/// How many wait for one sketch or to be poured into it, the least and the largest.
#[derive(Debug, Clone, Copy)]
struct Queue {
    waiting: usize,
    counted: usize,
    low: f64,
    high: f64,
    /// The bins of those two.
    least: i32,
    last: i32,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            waiting: 0,
            counted: 0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            least: i32::MAX,
            last: i32::MIN,
        }
    }
}

impl Queues {
    /// Queues for `n` sketches.
    pub fn new(n: usize) -> Self {
        Self {
            waiting: Vec::new(),
            counted: Narrow::new(n),
            rows: vec![Queue::default(); n],
        }
    }

    /// Counts every value of a lane, or of a part of one, in `sketches[i]`, now or later.
    ///
    /// The row of sketches is always the same.
    pub fn record(&mut self, values: &[f64], i: usize, sketches: &mut [Sketch]) {
        if self.waiting.is_empty() {
            self.waiting = vec![0; self.rows.len() * MOST];
        }
        for part in values.chunks(LANES) {
            if self.rows[i].waiting + part.len() > MOST {
                self.count_waiting(i, &mut sketches[i]);
            }
            let queue = &mut self.rows[i];
            let bins = &mut self.waiting[i * MOST + queue.waiting..][..part.len()];
            let mut ends = [0; 2];
            bins::index_short(part, bins, &mut ends);
            let [least, last] = ends;
            if least < -bins::LAST_SHORT || last > bins::LAST_SHORT {
                sketches[i].record(part);
                continue;
            }
            // Between the bins of the extremes so far nothing can lie beyond these.
            if least == last || least <= queue.least || last >= queue.last {
                let (mut lows, mut highs) = ([0.0; 8], [0.0; 8]);
                bins::extremes(part, &mut lows, &mut highs);
                let low = lows.into_iter().fold(f64::INFINITY, f64::min);
                let high = highs.into_iter().fold(f64::NEG_INFINITY, f64::max);
                if low >= high {
                    // One value for all paths: what nobody owns yet, what is known.
                    sketches[i].count_equal(low, part.len());
                    continue;
                }
                queue.low = queue.low.min(low);
                queue.high = queue.high.max(high);
                queue.least = queue.least.min(least);
                queue.last = queue.last.max(last);
            }
            queue.waiting += part.len();
        }
    }

    /// Counts what waits for sketch `i`.
    fn count_waiting(&mut self, i: usize, sketch: &mut Sketch) {
        let queue = &mut self.rows[i];
        if queue.counted + queue.waiting > narrow::MOST {
            self.counted.pour(i, sketch);
            sketch.note_range(queue.counted, queue.low, queue.high);
            queue.counted = 0;
        }
        if queue.waiting > 0 {
            self.counted.count(i, &self.waiting[i * MOST..][..queue.waiting]);
        }
        queue.counted += queue.waiting;
        queue.waiting = 0;
    }

    /// Counts all that wait, in `sketches` that may be others than those of
    /// [`Self::record`], and gives the memory back.
    pub fn count(mut self, sketches: &mut [Sketch]) {
        for (i, sketch) in sketches.iter_mut().enumerate().take(self.rows.len()) {
            self.count_waiting(i, sketch);
        }
        self.waiting = Vec::new();
        for (i, (queue, sketch)) in self.rows.iter().zip(sketches).enumerate() {
            self.counted.pour(i, sketch);
            sketch.note_range(queue.counted, queue.low, queue.high);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Queues;
    use crate::stats::Sketch;

    fn same(values: &[f64]) {
        let mut now = Sketch::new();
        let mut later = [Sketch::new(), Sketch::new()];
        let mut queues = Queues::new(2);
        for part in values.chunks(300) {
            now.record(part);
            queues.record(part, 1, &mut later);
        }
        queues.count(&mut later);
        assert_eq!(later, [Sketch::new(), now]);
    }

    #[test]
    fn what_waits_is_counted_as_if_at_once() {
        same(&[]);
        same(&[3.0]);
        let mut x = 0.5_f64;
        let mut values = Vec::new();
        for i in 0..10_000 {
            x = (x * 3.99) * (1.0 - x);
            let sign = if i % 3 == 0 { -1.0 } else { 1.0 };
            values.push(sign * (30.0 * (x - 0.5)).exp());
        }
        same(&values);
        values.extend([0.0; 700]);
        values.extend([-7.5; 700]);
        same(&values);
    }

    #[test]
    fn more_samples_than_a_short_count_holds_are_poured_in_time() {
        let mut values = vec![2.0; 300];
        values.push(3.0);
        let values: Vec<f64> = values.into_iter().cycle().take(200_000).collect();
        same(&values);
    }

    #[test]
    fn what_has_no_short_bin_is_counted_too() {
        let mut values = vec![1.0, 2.0, -3.0];
        values.extend([1e25, 1.5e26, 1.6e26, -1e300, f64::INFINITY, f64::NAN]);
        values.extend([0.0, -0.0, 1e-300, f64::MAX]);
        same(&values);
        for value in values {
            same(&[value; 5]);
        }
    }
}
