//! When to stop waiting, learned from paths by regression (Longstaff and Schwartz).
//!
//! Going backwards, what waiting is worth is regressed on the state, on the paths on which
//! stopping pays at all; where stopping is worth more than the regression says, one stops.
//! A value on the paths it was learned from is biased upwards: use fresh paths for a value
//! that a decision rests on.

use nalgebra::{DMatrix, DVector};

use crate::stats::range::{OutOfRange, finite, in_range, positive};
use crate::units::count;

/// A rule for stopping, and what it is worth on the paths it was learned from.
#[derive(Debug, Clone, PartialEq)]
pub struct Stopping {
    /// Mean value today.
    pub value: f64,
    /// By path, the date of stopping; nothing where it never does.
    pub stops: Vec<Option<usize>>,
    /// By date from 1 to the last but one: coefficients of 1, x, x² …; empty where no path
    /// is worth stopping on, or too few to fit.
    pub coefficients: Vec<Vec<f64>>,
}

/// Learns when to stop from paths of a state at dates 0, 1, 2 …
///
/// `payoff` is what stopping at a state is worth, `discount` the worth today of a dollar one
/// date later, `degree` the highest power of the state. Stopping today is not considered.
/// **Errors** [`OutOfRange`] without paths, for paths of different length or of fewer than
/// two dates, or states that are not finite. **Source** Longstaff and Schwartz (2001),
/// Valuing American Options by Simulation, Review of Financial Studies 14(1). **Checked by**
/// the worked example of its section 1.
pub fn learn(
    paths: &[Vec<f64>],
    payoff: impl Fn(f64) -> f64,
    discount: f64,
    degree: usize,
) -> Result<Stopping, OutOfRange> {
    positive("number of paths", count(paths.len()))?;
    positive("discount factor", discount)?;
    let dates = paths.first().map_or(0, Vec::len);
    in_range("dates of a path", count(dates), "2 or more", |x| x >= 2.0)?;
    for path in paths {
        let off = count(path.len()) - count(dates);
        in_range("dates missing from a path", off, "none", |x| x.abs() < 0.5)?;
        for state in path {
            finite("state", *state)?;
        }
    }
    let state = |path: usize, date: usize| paths[path][date];
    let last = dates - 1;
    let mut stops: Vec<Option<usize>> = (0..paths.len())
        .map(|path| (payoff(state(path, last)) > 0.0).then_some(last))
        .collect();
    let mut coefficients = vec![Vec::new(); dates.saturating_sub(2)];
    let worth = |path: usize, stop: Option<usize>, from: usize| {
        stop.map_or(0.0, |at| payoff(state(path, at)) * discount.powf(count(at - from)))
    };
    for date in (1..last).rev() {
        let inside: Vec<usize> =
            (0..paths.len()).filter(|path| payoff(state(*path, date)) > 0.0).collect();
        if inside.len() <= degree {
            continue;
        }
        let powers = |x: f64| (0..=degree).map(move |k| x.powf(count(k)));
        let rows = inside.iter().flat_map(|path| powers(state(*path, date)));
        let basis = DMatrix::from_row_iterator(inside.len(), degree + 1, rows);
        let waited = DVector::from_iterator(
            inside.len(),
            inside.iter().map(|path| worth(*path, stops[*path], date)),
        );
        let Ok(fitted) = basis.svd(true, true).solve(&waited, 1e-12) else { continue };
        for path in inside {
            let x = state(path, date);
            let waiting: f64 = powers(x).zip(fitted.iter()).map(|(p, c)| p * c).sum();
            if payoff(x) > waiting {
                stops[path] = Some(date);
            }
        }
        coefficients[date - 1] = fitted.iter().copied().collect();
    }
    let total: f64 =
        stops.iter().enumerate().map(|(path, stop)| worth(path, *stop, 0)).sum();
    Ok(Stopping { value: total / count(paths.len()), stops, coefficients })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longstaff and Schwartz 2001, section 1: K = 1.10, 6 % a year, three dates.
    fn paths() -> Vec<Vec<f64>> {
        [
            [1.0, 1.09, 1.08, 1.34],
            [1.0, 1.16, 1.26, 1.54],
            [1.0, 1.22, 1.07, 1.03],
            [1.0, 0.93, 0.97, 0.92],
            [1.0, 1.11, 1.56, 1.52],
            [1.0, 0.76, 0.77, 0.90],
            [1.0, 0.92, 0.84, 1.01],
            [1.0, 0.88, 1.22, 1.34],
        ]
        .map(Vec::from)
        .into()
    }

    fn put(x: f64) -> f64 {
        (1.10 - x).max(0.0)
    }

    #[test]
    fn eight_paths_stop_where_longstaff_and_schwartz_stop() {
        let found = learn(&paths(), put, (-0.06_f64).exp(), 2).unwrap();
        assert!((found.value - 0.114_434_33).abs() < 1e-8, "{}", found.value);
        let wanted = [None, None, Some(3), Some(1), None, Some(1), Some(1), Some(1)];
        assert_eq!(found.stops, wanted);
        let printed = [
            [2.037_512_342, -3.335_443_403, 1.356_456_588],
            [-1.069_987_655, 2.983_410_626, -1.813_576_183],
        ];
        for (found, wanted) in found.coefficients.iter().zip(printed) {
            for (a, b) in found.iter().zip(wanted) {
                assert!((a - b).abs() < 1e-7, "{a} for {b}");
            }
        }
    }

    #[test]
    fn waiting_to_the_end_is_worth_the_european_put() {
        let end: Vec<Vec<f64>> =
            paths().iter().map(|path| vec![path[0], path[3]]).collect();
        let found = learn(&end, put, (-0.18_f64).exp(), 2).unwrap();
        assert!((found.value - 0.056_380_739_27).abs() < 1e-10, "{}", found.value);
        assert!(learn(&[], put, 1.0, 2).is_err());
        assert!(learn(&[vec![1.0]], put, 1.0, 2).is_err());
        assert!(learn(&[vec![1.0, 1.0], vec![1.0]], put, 1.0, 2).is_err());
    }
}
