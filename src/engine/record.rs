//! What a thread notes of the paths it plays: counts, which may come in any order.
//!
//! Everything here is a mergeable histogram of integers or a handful of whole paths, so
//! that the threads' records merge to the same bytes whoever played what. Sums of
//! numbers, whose order matters, live in [`super::sums`].

use crate::scenario::Scenario;
use crate::stats::{Queues, Sketch, TailSketch};

/// Whole paths kept for the thin lines of a chart.
pub(crate) const SAMPLE_PATHS: usize = 12;

/// A quantity month by month: its distribution, and a few of its paths.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) months: Vec<Sketch>,
    /// What waits to be counted in `months`.
    waiting: Queues,
    pub(crate) samples: Vec<Vec<f64>>,
}

impl Series {
    fn new(months: usize) -> Self {
        Self {
            months: vec![Sketch::default(); months],
            waiting: Queues::new(months),
            samples: Vec::new(),
        }
    }

    /// Notes a month; the first block also gives the sample paths.
    pub(crate) fn note(&mut self, month: usize, first_path: u64, values: &[f64]) {
        self.waiting.record(values, month, &mut self.months);
        if first_path == 0 {
            self.samples.resize(values.len().min(SAMPLE_PATHS), Vec::new());
            for (path, value) in self.samples.iter_mut().zip(values) {
                path.push(*value);
            }
        }
    }

    /// Counts what waits; nothing is noted after.
    fn settle(&mut self) {
        std::mem::take(&mut self.waiting).count(&mut self.months);
    }

    fn merge(&mut self, other: Self) {
        for (a, b) in self.months.iter_mut().zip(&other.months) {
            a.merge(b);
        }
        if self.samples.is_empty() {
            self.samples = other.samples;
        }
    }
}

/// What is noted of one strategy.
#[derive(Debug, Clone)]
pub(crate) struct StrategyRecord {
    pub(crate) monthly_cost: Series,
    pub(crate) cost_to_date: Series,
    pub(crate) chips: Series,
    pub(crate) utilisation: Series,
    pub(crate) net_present_cost: TailSketch,
    pub(crate) usd_per_chip_hour: Sketch,
    pub(crate) usd_per_mtok: Sketch,
    pub(crate) capex_by_year: Vec<Sketch>,
    pub(crate) opex_by_year: Vec<Sketch>,
}

/// What is noted of an ordered pair of strategies.
#[derive(Debug, Clone, Default)]
pub(crate) struct PairRecord {
    /// Cost to date of the first less that of the second; only for first < second.
    pub(crate) gap: Option<Series>,
    /// Difference of net present costs.
    pub(crate) total_gap: Sketch,
    /// Months to break even, where it does.
    pub(crate) break_even: Sketch,
    /// Paths on which it never does.
    pub(crate) never: u64,
}

/// What a thread notes.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) shown: Vec<Series>,
    pub(crate) strategies: Vec<StrategyRecord>,
    /// Ordered pairs, first × second, diagonal unused.
    pub(crate) pairs: Vec<Vec<PairRecord>>,
}

impl Record {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let months = scenario.months as usize;
        let years = months.div_ceil(12);
        let strategies = scenario
            .strategies
            .iter()
            .map(|_| StrategyRecord {
                monthly_cost: Series::new(months),
                cost_to_date: Series::new(months),
                chips: Series::new(months),
                utilisation: Series::new(months),
                net_present_cost: TailSketch::default(),
                usd_per_chip_hour: Sketch::default(),
                usd_per_mtok: Sketch::default(),
                capex_by_year: vec![Sketch::default(); years],
                opex_by_year: vec![Sketch::default(); years],
            })
            .collect();
        let n = scenario.strategies.len();
        let pairs = (0..n)
            .map(|a| {
                (0..n)
                    .map(|b| PairRecord {
                        gap: (a < b).then(|| Series::new(months)),
                        ..PairRecord::default()
                    })
                    .collect()
            })
            .collect();
        Self {
            shown: scenario.shown.iter().map(|_| Series::new(months)).collect(),
            strategies,
            pairs,
        }
    }

    /// Counts all that waits; nothing is noted after.
    pub(crate) fn settle(&mut self) {
        let strategies = self.strategies.iter_mut().flat_map(|s| {
            [&mut s.monthly_cost, &mut s.cost_to_date, &mut s.chips, &mut s.utilisation]
        });
        let gaps = self.pairs.iter_mut().flatten().filter_map(|pair| pair.gap.as_mut());
        self.shown.iter_mut().chain(strategies).chain(gaps).for_each(Series::settle);
    }

    /// Adds a record; both are settled.
    pub(crate) fn merge(&mut self, other: Self) {
        for (a, b) in self.shown.iter_mut().zip(other.shown) {
            a.merge(b);
        }
        for (a, b) in self.strategies.iter_mut().zip(other.strategies) {
            a.monthly_cost.merge(b.monthly_cost);
            a.cost_to_date.merge(b.cost_to_date);
            a.chips.merge(b.chips);
            a.utilisation.merge(b.utilisation);
            a.net_present_cost.merge(&b.net_present_cost);
            a.usd_per_chip_hour.merge(&b.usd_per_chip_hour);
            a.usd_per_mtok.merge(&b.usd_per_mtok);
            merge_all(&mut a.capex_by_year, &b.capex_by_year);
            merge_all(&mut a.opex_by_year, &b.opex_by_year);
        }
        for (a, b) in
            self.pairs.iter_mut().flatten().zip(other.pairs.into_iter().flatten())
        {
            if let (Some(x), Some(y)) = (&mut a.gap, b.gap) {
                x.merge(y);
            }
            a.total_gap.merge(&b.total_gap);
            a.break_even.merge(&b.break_even);
            a.never += b.never;
        }
    }
}

fn merge_all(a: &mut [Sketch], b: &[Sketch]) {
    for (x, y) in a.iter_mut().zip(b) {
        x.merge(y);
    }
}
