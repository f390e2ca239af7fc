//! What a hindcast's cases add up to: do the bands hold, and how sharp are they.
//!
//! Cases of several series may be pooled; each series is one list, so that origins are
//! counted. Read next: [`super::hindcast()`].

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use crate::units;

/// Scores of many cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Cases.
    pub cases: usize,
    /// Dates they were forecast from: cases of one date are not independent, and nor
    /// are those of neighbouring dates.
    pub origins: usize,
    /// Share inside the 50 % band.
    pub coverage50: f64,
    /// Share inside the 80 % band.
    pub coverage80: f64,
    /// Share inside the 90 % band.
    pub coverage90: f64,
    /// Share below the 5 % quantile.
    pub below5: f64,
    /// Share above the 95 % quantile.
    pub above95: f64,
    /// Mean CRPS.
    pub crps: f64,
    /// Mean interval score of the 80 % band.
    pub interval_score80: f64,
    /// Mean absolute error of the median.
    pub mean_absolute_error: f64,
}

impl Scores {
    /// Of all cases of some series; nothing where there are none.
    pub fn of<C: AsRef<[Case]>>(series: &[C]) -> Option<Self> {
        Self::at(series, |_| true)
    }

    /// Of those cases that `keeps` wants.
    fn at<C: AsRef<[Case]>>(series: &[C], keeps: impl Fn(&Case) -> bool) -> Option<Self> {
        let kept = |list: &'_ C| -> Vec<Case> {
            list.as_ref().iter().copied().filter(&keeps).collect()
        };
        let lists: Vec<Vec<Case>> = series.iter().map(kept).collect();
        let origins = |list: &Vec<Case>| {
            list.iter().map(|case| case.origin).collect::<BTreeSet<_>>().len()
        };
        let all = lists.concat();
        if all.is_empty() {
            return None;
        }
        let count = units::count(all.len());
        let mean = |of: &dyn Fn(&Case) -> f64| all.iter().map(of).sum::<f64>() / count;
        let share = |is: &dyn Fn(f64) -> bool| mean(&|c| f64::from(u8::from(is(c.pit))));
        let covered = |low: f64, high: f64| share(&|u| (low..=high).contains(&u));
        Some(Self {
            cases: all.len(),
            origins: lists.iter().map(origins).sum(),
            coverage50: covered(0.25, 0.75),
            coverage80: covered(0.1, 0.9),
            coverage90: covered(0.05, 0.95),
            below5: share(&|u| u < 0.05),
            above95: share(&|u| u > 0.95),
            crps: mean(&|c| c.crps),
            interval_score80: mean(&|c| c.interval_score),
            mean_absolute_error: mean(&|c| c.error.abs()),
        })
    }
}

/// Scores of some series by horizon, in steps.
pub fn by_horizon<C: AsRef<[Case]>>(series: &[C]) -> BTreeMap<usize, Scores> {
    let horizons: BTreeSet<usize> =
        series.iter().flat_map(|list| list.as_ref().iter().map(|c| c.horizon)).collect();
    let scores = |h: usize| Some((h, Scores::at(series, |case| case.horizon == h)?));
    horizons.into_iter().filter_map(scores).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(origin: usize, horizon: usize, pit: f64, error: f64) -> Case {
        Case { origin, horizon, pit, crps: 0.5, interval_score: 2.0, error }
    }

    #[test]
    fn bands_count_what_falls_inside_and_errors_lose_their_sign() {
        let pits = [0.01, 0.07, 0.2, 0.5, 0.75, 0.9, 0.94, 0.99];
        let cases: Vec<Case> = pits
            .iter()
            .map(|u| case(6, 1, *u, if *u < 0.5 { -1.0 } else { 3.0 }))
            .collect();
        let scores = Scores::of(&[cases]).unwrap();
        let found = [
            scores.coverage50,
            scores.coverage80,
            scores.coverage90,
            scores.below5,
            scores.above95,
            scores.mean_absolute_error,
        ];
        // Of eight; both ends of a band belong to it.
        for (found, eighths) in found.iter().zip([2.0, 4.0, 6.0, 1.0, 1.0, 18.0]) {
            assert!((found - eighths / 8.0).abs() < 1e-15, "{scores:?}");
        }
    }

    #[test]
    fn origins_are_counted_in_each_series() {
        let first =
            vec![case(6, 1, 0.5, 0.0), case(6, 2, 0.5, 0.0), case(7, 1, 0.5, 0.0)];
        let second = vec![case(6, 1, 0.5, 0.0)];
        let both = [first, second];
        let scores = Scores::of(&both).unwrap();
        assert_eq!((scores.cases, scores.origins), (4, 3));
        let horizons = by_horizon(&both);
        assert_eq!(horizons.keys().copied().collect::<Vec<_>>(), [1, 2]);
        assert_eq!((horizons[&1].cases, horizons[&1].origins), (3, 3));
        assert_eq!(horizons[&2].cases, 1);
    }

    #[test]
    fn no_cases_have_no_scores() {
        assert_eq!(Scores::of::<Vec<Case>>(&[]), None);
        assert_eq!(Scores::of(&[Vec::new()]), None);
        assert!(by_horizon(&[Vec::new()]).is_empty());
    }
}
