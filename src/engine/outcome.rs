//! What a run found: distributions, means with their errors, pairs, drivers.
//!
//! Plain numbers for [`crate::decide`] and [`crate::report`]. Means carry the standard
//! error of the sample, or of its replicates; quantiles come from histograms whose rank error is below 0.15
//! of theirs (see [`crate::stats`]).

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use schemars::JsonSchema;
use serde::Serialize;

use crate::finance::Part;
use crate::scenario::Scenario;
use crate::stats::Moments;
use crate::units::{HOURS_PER_MONTH, count};

use super::accounts::{Accounts, Appraisal};
use super::ranked::Ranked;
use super::record::{Record, Series, StrategyRecord};
use super::sums::{Replicates, StrategySums};

/// Quantiles of every fan and distribution.
pub const QUANTILES: [f64; 9] = [0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99];
/// Position of the median in [`QUANTILES`].
pub const MEDIAN: usize = 4;

/// A quantity month by month.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FanData {
    /// Per month, at [`QUANTILES`].
    pub quantiles: Vec<[f64; 9]>,
    /// A few whole paths.
    #[serde(skip)]
    pub samples: Vec<Vec<f64>>,
    /// Per month, the ends of bands that hold 98, 90, 80 and 50 % of whole paths, in the
    /// places of the quantiles with as much between them; where a second look found them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curvewise: Option<Vec<[f64; 9]>>,
}

/// A mean over paths with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
}

/// A distribution over paths.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Distribution {
    /// Mean and its error; left out where only some paths have a value.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Mean>,
    /// At [`QUANTILES`].
    pub quantiles: [f64; 9],
    /// Mean of the highest 5 % (CVaR, conditional value at risk).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cvar95: Option<f64>,
}

impl Distribution {
    /// The middle.
    pub fn median(&self) -> f64 {
        self.quantiles[MEDIAN]
    }
}

/// Cash of a year, nominal.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Year {
    /// Calendar year.
    pub year: i32,
    /// Bought.
    pub capex: Distribution,
    /// Run.
    pub opex: Distribution,
}

/// Present value of a part of the cost, mean over paths.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PartMean {
    /// Name of the part.
    pub part: &'static str,
    /// Mean.
    #[serde(flatten)]
    pub mean: Mean,
}

/// One strategy.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StrategyOutcome {
    /// Name in the plan.
    pub name: String,
    /// What it is, in words.
    pub label: String,
    /// True for a yardstick that knows the future: no strategy, and not ranked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub yardstick: bool,
    /// Net present cost, US dollars.
    pub net_present_cost: Distribution,
    /// Probability of being the cheapest.
    pub best: Mean,
    /// Expected regret: dearer than the cheapest of the same path by so much.
    pub regret: Mean,
    /// Present value of what does not move with the work served.
    pub fixed: Mean,
    /// Present value of what does.
    pub variable: Mean,
    /// Present value by part.
    pub parts: Vec<PartMean>,
    /// Cost of a chip-hour delivered; nothing where no chips deliver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_chip_hour: Option<Distribution>,
    /// Cost of 10⁶ tokens; nothing where no tokens are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_mtok: Option<Distribution>,
    /// Hours used over hours there, of committed chips.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<f64>,
    /// Share of the work nobody served.
    pub unserved_share: Mean,
    /// Capex and opex by year.
    pub years: Vec<Year>,
    /// Cash and books, where the plan asks for accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Accounts>,
    /// Cash of each month.
    #[serde(skip)]
    pub monthly_cost: FanData,
    /// Present value of the cost to date.
    #[serde(skip)]
    pub cost_to_date: FanData,
    /// Committed chips.
    #[serde(skip)]
    pub chips: Option<FanData>,
    /// Their utilisation.
    #[serde(skip)]
    pub utilisation_by_month: Option<FanData>,
    /// Covariance of the cost with each driver, and the driver's variance.
    #[serde(skip)]
    pub(crate) drivers: Vec<(f64, f64)>,
}

/// An ordered pair of strategies: the first against the second.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PairOutcome {
    /// First strategy.
    pub first: String,
    /// Second strategy.
    pub second: String,
    /// Net present cost of the first less that of the second, same paths.
    pub difference: Distribution,
    /// Probability that the first never becomes the cheaper one to date for good.
    pub never: f64,
    /// Months after which it is, where it does; 0 from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_even_months: Option<Distribution>,
    /// The first as an investment against the second, where the plan asks for accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appraisal: Option<Appraisal>,
    /// Cost to date of the first less that of the second, for one order of each pair.
    #[serde(skip)]
    pub gap: Option<FanData>,
    #[serde(skip)]
    pub(crate) variance: f64,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Paths played.
    pub paths: u64,
    /// True if quantiles are those of a full sort.
    pub exact: bool,
    /// Strategies, in the plan's order.
    pub strategies: Vec<StrategyOutcome>,
    /// Ordered pairs, first strategy by first.
    pub pairs: Vec<PairOutcome>,
    /// Fans of the world, in the order of the scenario's charts.
    pub shown: Vec<FanData>,
    /// Costs and drivers of the first paths.
    pub(crate) ranked: Ranked,
}

impl Outcome {
    pub(super) fn new(
        scenario: &Scenario,
        record: &Record,
        replicates: &Replicates,
        paths: u64,
    ) -> Self {
        let Record { shown, strategies, pairs, ranked } = record;
        let sums = &replicates.total();
        let outcomes: Vec<StrategyOutcome> = scenario
            .strategies
            .iter()
            .zip(strategies)
            .zip(&sums.strategies)
            .enumerate()
            .map(|(i, ((play, note), sum))| {
                let means = Means { all: sum, replicates, strategy: i };
                let committed = !play.committed.is_empty();
                let used = sum.used_hours.value();
                let there = sum.capacity_chips.value() * HOURS_PER_MONTH;
                StrategyOutcome {
                    name: play.name.clone(),
                    label: play.label.clone(),
                    yardstick: play.is_yardstick(),
                    net_present_cost: Distribution {
                        mean: Some(means.of(|s| &s.cost)),
                        quantiles: cost_quantiles(note),
                        cvar95: Some(note.net_present_cost.sketch.mean_above(0.95)),
                    },
                    best: means.of(|s| &s.best),
                    regret: means.of(|s| &s.regret),
                    fixed: means.of(|s| &s.fixed),
                    variable: means.of(|s| &s.variable),
                    parts: parts(&means),
                    usd_per_chip_hour: spread(&note.usd_per_chip_hour),
                    usd_per_mtok: spread(&note.usd_per_mtok),
                    utilisation: (there > 0.0).then(|| used / there),
                    unserved_share: means.of(|s| &s.unserved),
                    years: years(scenario, note, &means),
                    accounts: sum.flows.means(paths).map(|flows| {
                        Accounts::of(scenario, play, &flows, sum.mtok.mean())
                    }),
                    monthly_cost: fan(&note.monthly_cost),
                    cost_to_date: fan(&note.cost_to_date),
                    chips: committed.then(|| fan(&note.chips)),
                    utilisation_by_month: committed.then(|| fan(&note.utilisation)),
                    drivers: sum
                        .drivers
                        .iter()
                        .map(|d| (d.covariance(), d.x().variance()))
                        .collect(),
                }
            })
            .collect();
        let name = |i: usize| scenario.strategies[i].name.clone();
        let mut pair_outcomes = Vec::new();
        for (a, notes) in pairs.iter().enumerate() {
            for (b, note) in notes.iter().enumerate().filter(|(b, _)| *b != a) {
                let (low, high) = (a.min(b), a.max(b));
                let moments = &sums.gaps[low][high];
                let mut gap = mean(moments, replicates.means(|s| &s.gaps[low][high]));
                if a > b {
                    gap.mean = -gap.mean;
                }
                let quantiles = if a < b {
                    note.total_gap.quantiles(0)
                } else {
                    // The same paths the other way round.
                    let mut turned = pairs[b][a].total_gap.quantiles(0).map(|x| -x);
                    turned.reverse();
                    turned
                };
                let accounts = |i: usize| -> Option<&Accounts> {
                    outcomes.get(i).and_then(|s| s.accounts.as_ref())
                };
                pair_outcomes.push(PairOutcome {
                    first: name(a),
                    second: name(b),
                    difference: Distribution { mean: Some(gap), quantiles, cvar95: None },
                    never: share(note.never, paths),
                    break_even_months: spread(&note.break_even),
                    appraisal: accounts(a)
                        .zip(accounts(b))
                        .map(|(a, b)| a.against(b, scenario)),
                    gap: note.gap.as_ref().map(fan),
                    variance: moments.variance(),
                });
            }
        }
        Self {
            paths,
            exact: strategies.iter().any(|note| note.total.is_exact()),
            strategies: outcomes,
            pairs: pair_outcomes,
            shown: shown.iter().map(fan).collect(),
            ranked: ranked.clone(),
        }
    }

    /// The pair of two strategies by position.
    pub fn pair(&self, first: usize, second: usize) -> Option<&PairOutcome> {
        let (a, b) = (self.strategies.get(first)?, self.strategies.get(second)?);
        self.pairs.iter().find(|p| p.first == a.name && p.second == b.name)
    }
}

/// The means of a strategy.
struct Means<'a> {
    all: &'a StrategySums,
    replicates: &'a Replicates,
    strategy: usize,
}

impl Means<'_> {
    fn of(&self, pick: impl Fn(&StrategySums) -> &Moments) -> Mean {
        let by_replicate = self.replicates.means(|s| pick(&s.strategies[self.strategy]));
        mean(pick(self.all), by_replicate)
    }
}

/// A mean with its error: from the spread of the paths, or of the replicates' means
/// where paths within one are not independent.
///
/// One path has no spread to judge its error by: 0, and a frozen plan needs no more.
fn mean(moments: &Moments, by_replicate: Option<Vec<f64>>) -> Mean {
    let several = moments.count() > 1;
    let standard_error = match by_replicate {
        _ if !several => 0.0,
        None => moments.standard_error(),
        Some(means) => {
            let n = count(means.len());
            let centre = means.iter().sum::<f64>() / n;
            let squares: f64 = means.iter().map(|m| (m - centre).powi(2)).sum();
            let error = (squares / (n - 1.0) / n).sqrt();
            // A path played alone leaves the other replicates empty.
            if error.is_nan() && moments.standard_error().is_finite() {
                0.0
            } else {
                error
            }
        }
    };
    Mean { mean: moments.mean(), standard_error }
}

/// Quantiles of a net present cost: of its own bins, where the tail sketch knows more
/// than a plain one, or exact.
fn cost_quantiles(note: &StrategyRecord) -> [f64; QUANTILES.len()] {
    if note.total.is_exact() {
        return note.total.quantiles(0);
    }
    let found = note.net_present_cost.sketch.quantiles(&QUANTILES);
    std::array::from_fn(|i| found[i])
}

fn spread(series: &Series) -> Option<Distribution> {
    (series.count() > 0).then(|| Distribution {
        mean: None,
        quantiles: series.quantiles(0),
        cvar95: None,
    })
}

fn fan(series: &Series) -> FanData {
    FanData {
        quantiles: (0..series.months.len())
            .into_par_iter()
            .map(|m| series.quantiles(m))
            .collect(),
        samples: series.samples.clone(),
        curvewise: series.curvewise(),
    }
}

fn parts(means: &Means<'_>) -> Vec<PartMean> {
    Part::ALL
        .into_iter()
        .enumerate()
        .map(|(i, part)| PartMean { part: part.name(), mean: means.of(|s| &s.parts[i]) })
        .collect()
}

fn years(scenario: &Scenario, note: &StrategyRecord, means: &Means<'_>) -> Vec<Year> {
    // Named by the calendar year in which they begin.
    let one = |series: &Series, i: usize, mean: Mean| Distribution {
        mean: Some(mean),
        quantiles: series.quantiles(i),
        cvar95: None,
    };
    (0..means.all.capex_by_year.len())
        .map(|i| Year {
            year: scenario.year_name(i),
            capex: one(&note.capex_by_year, i, means.of(|s| &s.capex_by_year[i])),
            opex: one(&note.opex_by_year, i, means.of(|s| &s.opex_by_year[i])),
        })
        .collect()
}

fn share(part: u64, whole: u64) -> f64 {
    let n = |x: u64| usize::try_from(x).map_or(f64::INFINITY, count);
    if whole == 0 { 0.0 } else { n(part) / n(whole) }
}
