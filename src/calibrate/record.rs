//! The record of every model on some series: scores by series, group and horizon.
//!
//! Each row is one model on one series, on the series whose names begin alike (a group),
//! or on all series of a family. How far a row can be trusted is resampled: by origins,
//! for the forecasts made at one date share what came after. Read next: [`super::Scores`].

use rand::RngExt;
use rayon::prelude::*;

use crate::random::{PathRng, Seed, Stream};
use crate::stats::quantile_of_sorted;

use super::series::Series;
use super::{Case, Family, FitError, Model, Scores, hindcast, hindcast_stack};

/// The name of a family's pool in tables.
pub const DEFAULT: &str = "stack";
/// Draws of the bootstrap.
const DRAWS: u64 = 400;
/// The level of its intervals.
pub const LEVEL: f64 = 0.9;
const SEED: Seed = Seed(1);

/// One model's record on some series.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The family.
    pub family: Family,
    /// The series, the group or `all`.
    pub series: String,
    /// The model.
    pub model: &'static str,
    /// Steps ahead; nothing for all of them.
    pub horizon: Option<usize>,
    /// Its scores.
    pub scores: Scores,
    /// How far they can be trusted.
    pub bounds: Bounds,
    /// How many values fell in each tenth of their forecast.
    pub pit: [usize; 10],
    /// True for the family's default.
    pub is_default: bool,
}

/// 90 % intervals of a row, by resampling its origins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Of the share inside the 80 % band.
    pub coverage80: [f64; 2],
    /// Of the mean CRPS.
    pub crps: [f64; 2],
    /// The mean CRPS less the naive model's on the same cases.
    pub less_naive: f64,
    /// Its interval.
    pub less_naive_bounds: [f64; 2],
}

/// Cases of one series by every model, the pool last.
struct Played<'a> {
    series: &'a Series,
    by_model: Vec<(&'static str, Vec<Case>)>,
}

/// Every row, families in their order, then series, groups and all.
///
/// Series too short for one case have no row. **Errors** [`FitError`] and the position of
/// the series that has it.
pub fn record(series: &[Series]) -> Result<Vec<Row>, (usize, FitError)> {
    // Collected in the order of the list, whichever thread plays what.
    let played: Vec<Result<Played<'_>, FitError>> = series.par_iter().map(play).collect();
    let mut good = Vec::new();
    for (place, played) in played.into_iter().enumerate() {
        good.push(played.map_err(|error| (place, error))?);
    }
    let mut subjects: Vec<(Family, String, Vec<&Played<'_>>)> = Vec::new();
    for family in Family::ALL {
        let own: Vec<&Played<'_>> =
            good.iter().filter(|p| p.series.family == family).collect();
        if own.is_empty() {
            continue;
        }
        for p in &own {
            subjects.push((family, p.series.name.clone(), vec![p]));
        }
        let mut groups: Vec<&str> = Vec::new();
        for p in &own {
            let group = group_of(&p.series.name);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        if groups.len() > 1 {
            for group in &groups {
                let members: Vec<&Played<'_>> = own
                    .iter()
                    .copied()
                    .filter(|p| group_of(&p.series.name) == *group)
                    .collect();
                // One series alone that is called as its group is there already.
                if members.len() > 1 || members[0].series.name != *group {
                    subjects.push((family, (*group).to_owned(), members));
                }
            }
        }
        subjects.push((family, "all".to_owned(), own));
    }
    let rows: Vec<Vec<Row>> = subjects
        .par_iter()
        .map(|(family, name, members)| rows(*family, name, members))
        .collect();
    Ok(rows.concat())
}

/// What stands before the first colon of a name.
fn group_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(group, _)| group)
}

fn play(series: &Series) -> Result<Played<'_>, FitError> {
    let design = series.step.design();
    let mut by_model = Vec::new();
    for model in Model::ALL {
        by_model.push((model.name(), hindcast(&series.points, model, &design)?));
    }
    by_model.push((DEFAULT, hindcast_stack(&series.points, series.family, &design)?));
    Ok(Played { series, by_model })
}

fn rows(family: Family, name: &str, members: &[&Played<'_>]) -> Vec<Row> {
    let mut rows = Vec::new();
    let Some(first) = members.first() else { return rows };
    let mut horizons: Vec<Option<usize>> = vec![None];
    let mut steps: Vec<usize> = members
        .iter()
        .flat_map(|p| p.by_model[0].1.iter().map(|case| case.horizon))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    horizons.extend(steps.into_iter().map(Some));
    for (place, (model, _)) in first.by_model.iter().enumerate() {
        for horizon in &horizons {
            let keep = |cases: &[Case]| -> Vec<Case> {
                let wanted = |case: &&Case| horizon.is_none_or(|h| h == case.horizon);
                cases.iter().filter(wanted).copied().collect()
            };
            let own: Vec<Vec<Case>> =
                members.iter().map(|p| keep(&p.by_model[place].1)).collect();
            let naive: Vec<Vec<Case>> =
                members.iter().map(|p| keep(&p.by_model[0].1)).collect();
            let Some(scores) = Scores::of(&own) else { continue };
            let places: Vec<f64> = own.iter().flatten().map(|case| case.pit).collect();
            rows.push(Row {
                family,
                series: name.to_owned(),
                model,
                horizon: *horizon,
                scores,
                bounds: bounds(&own, &naive),
                pit: crate::stats::score::pit_histogram(&places),
                is_default: *model == DEFAULT,
            });
        }
    }
    rows
}

/// Sums over the cases of one origin: cases, covered, CRPS, CRPS less naive.
type Cluster = [f64; 4];

/// Intervals by drawing origins with replacement.
///
/// **Source** Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 8 and 13
/// (percentile intervals of clusters). **Checked by** the tests below.
fn bounds(own: &[Vec<Case>], naive: &[Vec<Case>]) -> Bounds {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (own, naive) in own.iter().zip(naive) {
        let mut last = None;
        for case in own {
            if last != Some(case.origin) {
                clusters.push([0.0; 4]);
                last = Some(case.origin);
            }
            let same = |n: &&Case| n.origin == case.origin && n.horizon == case.horizon;
            let plain = naive.iter().find(same).map_or(f64::NAN, |n| n.crps);
            let covered = f64::from(u8::from((0.1..=0.9).contains(&case.pit)));
            if let Some(sums) = clusters.last_mut() {
                let add = [1.0, covered, case.crps, case.crps - plain];
                for (sum, x) in sums.iter_mut().zip(add) {
                    *sum += x;
                }
            }
        }
    }
    let mean = |sums: Cluster| [1, 2, 3].map(|i| sums[i] / sums[0]);
    let total = clusters.iter().fold([0.0; 4], add);
    let stream = Stream::new(SEED, "calibrate/bootstrap");
    let mut draws: [Vec<f64>; 3] = Default::default();
    for draw in 0..DRAWS {
        let mut rng = PathRng::new(stream, draw, 0);
        let sums = (0..clusters.len())
            .map(|_| clusters[rng.random_range(0..clusters.len())])
            .fold([0.0; 4], |a, b| add(a, &b));
        for (list, x) in draws.iter_mut().zip(mean(sums)) {
            list.push(x);
        }
    }
    let [coverage80, crps, less_naive_bounds] = draws.map(|mut list| {
        list.sort_by(f64::total_cmp);
        let tail = 0.5 * (1.0 - LEVEL);
        [quantile_of_sorted(&list, tail), quantile_of_sorted(&list, 1.0 - tail)]
    });
    Bounds { coverage80, crps, less_naive: mean(total)[2], less_naive_bounds }
}

fn add(a: Cluster, b: &Cluster) -> Cluster {
    std::array::from_fn(|i| a[i] + b[i])
}

/// How many of how many values lay in the 80 % band of a family's default: what a chart
/// of a calibrated quantity says under its fan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// Share inside the 80 % band.
    pub share: f64,
    /// Past cases.
    pub cases: usize,
    /// Dates they were forecast from.
    pub origins: usize,
}

impl Held {
    /// Of the rows of one subject.
    pub fn of(rows: &[Row], family: Family, series: &str) -> Option<Self> {
        let row = rows.iter().find(|r| {
            r.is_default
                && r.horizon.is_none()
                && r.family == family
                && r.series == series
        })?;
        let Scores { coverage80: share, cases, origins, .. } = row.scores;
        Some(Self { share, cases, origins })
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = 100.0 * self.share;
        write!(
            f,
            "80 % band held {percent:.0} % of {} past cases from {} dates",
            self.cases, self.origins
        )
    }
}

#[cfg(test)]
mod tests;
