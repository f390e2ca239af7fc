//! What a thread notes of the paths it plays: counts, which may come in any order.
//!
//! Everything here is a mergeable histogram of integers or a handful of whole paths, so
//! that the threads' records merge to the same bytes whoever played what. Sums of
//! numbers, whose order matters, live in [`super::sums`].

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;
use crate::stats::{Queues, Sketch, TailSketch, Wanted};

use super::curves::Depth;
use super::outcome::{MEDIAN, QUANTILES};
use super::ranked::Ranked;

/// Whole paths kept for the thin lines of a chart.
pub(crate) const SAMPLE_PATHS: usize = 12;

/// Which whole paths are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sampled {
    /// The first few, for the thin lines of a chart.
    #[default]
    First,
    /// One, by its number.
    Path(u64),
}

/// A quantity month by month (or once): its distribution, and a few of its paths.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) months: Vec<Sketch>,
    /// What waits to be counted in `months`.
    #[serde(skip)]
    waiting: Queues,
    #[serde(with = "crate::stats::bits::rows")]
    pub(crate) samples: Vec<Vec<f64>>,
    sampled: Sampled,
    /// In a second look: what is kept for exact quantiles, instead of being counted.
    #[serde(skip)]
    wanted: Vec<Wanted>,
    /// In a second look, and after it: how deep whole paths lie.
    #[serde(skip)]
    depth: Option<Box<Depth>>,
}

impl Series {
    /// A series by month; of none where the plan does not keep it.
    fn new(scenario: &Scenario, key: &str) -> Self {
        let kept = scenario.fans.keeps(key);
        Self::of(if kept { scenario.months as usize } else { 0 })
    }

    /// A series of so many months or years.
    fn of(months: usize) -> Self {
        Self {
            months: vec![Sketch::default(); months],
            waiting: Queues::new(months),
            ..Self::default()
        }
    }

    /// True if the plan keeps it.
    pub(crate) fn is_kept(&self) -> bool {
        !self.months.is_empty()
    }

    /// Notes a month, where it is kept.
    pub(crate) fn note(&mut self, month: usize, first_path: u64, values: &[f64]) {
        if !self.is_kept() {
            return;
        }
        if let Some(depth) = &mut self.depth {
            depth.note(month, values);
            return;
        }
        if let Some(wanted) = self.wanted.get_mut(month) {
            wanted.record(values);
            return;
        }
        self.waiting.record(values, month, &mut self.months);
        match self.sampled {
            Sampled::First if first_path == 0 => {
                self.samples.resize(values.len().min(SAMPLE_PATHS), Vec::new());
                for (path, value) in self.samples.iter_mut().zip(values) {
                    path.push(*value);
                }
            }
            Sampled::Path(path) => {
                let lane = path.checked_sub(first_path).map(usize::try_from);
                if let Some(value) = lane.and_then(|lane| values.get(lane.ok()?)) {
                    self.samples.resize(1, Vec::new());
                    self.samples[0].push(*value);
                }
            }
            Sampled::First => {}
        }
    }

    /// Adds another, with what waits there; nothing waits here.
    fn merge(&mut self, other: Self) {
        // What waits is counted here at once, as a sketch of each thread's own would be
        // made to be added and thrown away.
        other.waiting.count(&mut self.months);
        for (a, b) in self.months.iter_mut().zip(&other.months) {
            a.merge(b);
        }
        for (a, b) in self.wanted.iter_mut().zip(other.wanted) {
            a.merge(b);
        }
        if self.samples.is_empty() {
            self.samples = other.samples;
        }
    }

    /// Asks a second look for exact quantiles.
    fn want(&mut self) {
        let wanted = self.months.iter().map(|m| Wanted::of(m, &QUANTILES));
        self.wanted = wanted.collect();
        self.waiting = Queues::new(self.months.len());
    }

    /// The quantiles of a month: exact after a second look.
    pub(crate) fn quantiles(&self, month: usize) -> [f64; QUANTILES.len()] {
        let found = match (self.wanted.get(month), self.months.get(month)) {
            (Some(wanted), _) => wanted.quantiles(&QUANTILES),
            (None, Some(sketch)) => sketch.quantiles(&QUANTILES),
            (None, None) => vec![f64::NAN; QUANTILES.len()],
        };
        std::array::from_fn(|i| found[i])
    }

    /// The bands that hold whole paths, where a second look has found them.
    pub(crate) fn curvewise(&self) -> Option<Vec<[f64; QUANTILES.len()]>> {
        let months = 0..self.months.len();
        let medians: Vec<f64> = months.map(|m| self.quantiles(m)[MEDIAN]).collect();
        self.depth.as_ref().map(|depth| depth.bands(&medians))
    }

    /// True after a second look.
    pub(crate) fn is_exact(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Samples of the first month: of what is noted once, all there are.
    pub(crate) fn count(&self) -> u64 {
        self.months.first().map_or(0, Sketch::count)
    }
}

/// A cost of which the dear tail is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tail {
    pub(crate) sketch: TailSketch,
    /// True in a second look, in which it has been counted already.
    #[serde(skip)]
    counted: bool,
}

impl Tail {
    pub(crate) fn note(&mut self, values: &[f64]) {
        if !self.counted {
            self.sketch.record(values);
        }
    }
}

/// What is noted of one strategy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StrategyRecord {
    pub(crate) monthly_cost: Series,
    pub(crate) cost_to_date: Series,
    pub(crate) chips: Series,
    pub(crate) utilisation: Series,
    pub(crate) net_present_cost: Tail,
    /// The same for exact quantiles and whole paths.
    pub(crate) total: Series,
    pub(crate) usd_per_chip_hour: Series,
    pub(crate) usd_per_mtok: Series,
    pub(crate) capex_by_year: Series,
    pub(crate) opex_by_year: Series,
}

/// What is noted of an ordered pair of strategies.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PairRecord {
    /// Cost to date of the first less that of the second; only for first < second.
    pub(crate) gap: Option<Series>,
    /// Difference of net present costs; only for first < second.
    pub(crate) total_gap: Series,
    /// Months to break even, where it does.
    pub(crate) break_even: Series,
    /// Paths on which it never does.
    pub(crate) never: u64,
}

/// What a thread notes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) shown: Vec<Series>,
    pub(crate) strategies: Vec<StrategyRecord>,
    /// Ordered pairs, first × second, diagonal unused.
    pub(crate) pairs: Vec<Vec<PairRecord>>,
    /// The first paths, for rank correlations.
    #[serde(default)]
    pub(crate) ranked: Ranked,
}

impl Record {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let years = scenario.years();
        let series =
            |what: &str, of: &str| Series::new(scenario, &format!("{what}.{of}"));
        let name = |i: usize| &scenario.strategies[i].name;
        let strategies = scenario
            .strategies
            .iter()
            .map(|s| StrategyRecord {
                monthly_cost: series("monthly_cost", &s.name),
                cost_to_date: series("cost_to_date", &s.name),
                chips: series("chips", &s.name),
                utilisation: series("utilisation", &s.name),
                net_present_cost: Tail::default(),
                total: Series::of(1),
                usd_per_chip_hour: Series::of(1),
                usd_per_mtok: Series::of(1),
                capex_by_year: Series::of(years),
                opex_by_year: Series::of(years),
            })
            .collect();
        let n = scenario.strategies.len();
        let pairs = (0..n)
            .map(|a| {
                (0..n)
                    .map(|b| PairRecord {
                        gap: (a < b).then(|| {
                            series("difference", &format!("{}.{}", name(a), name(b)))
                        }),
                        total_gap: Series::of(usize::from(a < b)),
                        break_even: Series::of(1),
                        never: 0,
                    })
                    .collect()
            })
            .collect();
        Self {
            shown: scenario
                .shown
                .iter()
                .map(|shown| Series::new(scenario, &shown.key))
                .collect(),
            strategies,
            pairs,
            ranked: Ranked::default(),
        }
    }

    fn series(&mut self) -> impl Iterator<Item = &mut Series> {
        let strategies = self.strategies.iter_mut().flat_map(|s| {
            [
                &mut s.monthly_cost,
                &mut s.cost_to_date,
                &mut s.chips,
                &mut s.utilisation,
                &mut s.total,
                &mut s.usd_per_chip_hour,
                &mut s.usd_per_mtok,
                &mut s.capex_by_year,
                &mut s.opex_by_year,
            ]
        });
        let pairs = self.pairs.iter_mut().flatten().flat_map(|pair| {
            pair.gap.iter_mut().chain([&mut pair.total_gap, &mut pair.break_even])
        });
        self.shown.iter_mut().chain(strategies).chain(pairs)
    }

    /// What is drawn month by month.
    fn fans(&mut self) -> impl Iterator<Item = &mut Series> {
        let strategies = self.strategies.iter_mut().flat_map(|s| {
            [&mut s.monthly_cost, &mut s.cost_to_date, &mut s.chips, &mut s.utilisation]
        });
        let pairs = self.pairs.iter_mut().flatten().flat_map(|pair| pair.gap.iter_mut());
        self.shown.iter_mut().chain(strategies).chain(pairs)
    }

    /// Asks a second look at the same paths for bands that hold whole paths.
    pub(crate) fn want_curves(&mut self) {
        for fan in self.fans().filter(|fan| fan.is_kept()) {
            fan.depth = Some(Box::new(Depth::of(&fan.months)));
        }
    }

    /// Takes over what such a look found.
    pub(crate) fn found_curves(&mut self, look: Self) {
        let mut look = look;
        for (ours, theirs) in self.fans().zip(look.fans()) {
            if let (Some(a), Some(b)) = (&mut ours.depth, &theirs.depth) {
                a.merge(b);
            }
        }
    }

    /// The same without a path, to note whole paths of a choice.
    pub(crate) fn sampling(mut self, sampled: Sampled) -> Self {
        self.series().for_each(|series| series.sampled = sampled);
        self
    }

    /// Asks a second look at the same paths for exact quantiles.
    pub(crate) fn want_exact(&mut self) {
        self.series().for_each(Series::want);
        for strategy in &mut self.strategies {
            strategy.net_present_cost.counted = true;
        }
    }

    /// What a thread of a second look notes: no counts, nothing found yet.
    pub(crate) fn emptied(&self) -> Self {
        let mut empty = self.clone();
        for series in empty.series() {
            let months = series.months.len();
            series.samples.clear();
            series.months = vec![Sketch::default(); months];
        }
        for pair in empty.pairs.iter_mut().flatten() {
            pair.never = 0;
        }
        empty
    }

    /// Takes over what a second look at all paths found.
    pub(crate) fn found(&mut self, look: Self) {
        let mut look = look;
        for (ours, theirs) in self.series().zip(look.series()) {
            for (a, b) in ours.wanted.iter_mut().zip(std::mem::take(&mut theirs.wanted)) {
                a.merge(b);
            }
        }
    }

    /// Adds a record, with what waits to be counted there; nothing waits here.
    pub(crate) fn merge(&mut self, other: Self) {
        self.gather(vec![other]);
    }

    /// Adds records, each series on a thread of its own.
    pub(crate) fn gather(&mut self, others: Vec<Self>) {
        let mut others = others;
        for other in &mut others {
            self.ranked.merge(std::mem::take(&mut other.ranked));
            for (a, b) in self.strategies.iter_mut().zip(&other.strategies) {
                a.net_present_cost.sketch.merge(&b.net_present_cost.sketch);
            }
            let pairs = self.pairs.iter_mut().flatten();
            for (a, b) in pairs.zip(other.pairs.iter().flatten()) {
                a.never += b.never;
            }
        }
        let mut ours: Vec<(&mut Series, Vec<Series>)> =
            self.series().map(|series| (series, Vec::new())).collect();
        for other in &mut others {
            for ((_, theirs), series) in ours.iter_mut().zip(other.series()) {
                theirs.push(std::mem::take(series));
            }
        }
        ours.into_par_iter()
            .for_each(|(a, theirs)| theirs.into_iter().for_each(|b| a.merge(b)));
    }
}
