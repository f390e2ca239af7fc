//! Rows of a mixed file, and what the bootstrap says where it is known.

use super::*;
use crate::calibrate::series::{self, Series};
use crate::input::Table;

fn mixed() -> Vec<Series> {
    use std::fmt::Write as _;
    let mut text = "series,unit,t,ln_cost\n".to_owned();
    for (name, slope) in [("pcdb:A", -0.3), ("pcdb:B", -0.2), ("gpu:C", -0.1)] {
        for year in 0..14_i32 {
            let log = slope * f64::from(year) + 0.1 * f64::from(year * year % 7);
            let _ = writeln!(text, "{name},year,{},{log}", 1990 + year);
        }
    }
    for month in 0..20_i32 {
        let log = 1.0 + 0.05 * f64::from(month * month % 5);
        let _ = writeln!(text, "rent:D,month,{month},{log}");
    }
    series::read(Table::parse("mixed.csv", &text).unwrap(), "mixed", None, true).unwrap()
}

fn all_of<'a>(rows: &'a [Row], series: &str, model: &str) -> Vec<&'a Row> {
    rows.iter().filter(|r| r.series == series && r.model == model).collect()
}

#[test]
fn series_groups_and_families_have_their_rows() {
    let rows = record(&mixed()).unwrap();
    let mut subjects: Vec<(&str, &str)> = Vec::new();
    for row in &rows {
        let subject = (row.family.name(), row.series.as_str());
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    assert_eq!(
        subjects,
        [
            ("hardware", "pcdb:A"),
            ("hardware", "pcdb:B"),
            ("hardware", "gpu:C"),
            ("hardware", "pcdb"),
            ("hardware", "gpu"),
            ("hardware", "all"),
            ("rent", "rent:D"),
            ("rent", "all"),
        ]
    );
    // All, and five horizons; cases of a group are those of its series together.
    let stack = all_of(&rows, "pcdb", DEFAULT);
    assert_eq!(stack.len(), 6);
    assert!(stack.iter().all(|r| r.is_default));
    let cases: usize = ["pcdb:A", "pcdb:B"]
        .iter()
        .map(|s| all_of(&rows, s, DEFAULT)[0].scores.cases)
        .sum();
    assert_eq!(stack[0].scores.cases, cases);
    assert!(rows.iter().filter(|r| r.model != DEFAULT).all(|r| !r.is_default));
    assert_eq!(stack[0].pit.iter().sum::<usize>(), cases);
}

#[test]
fn intervals_hold_the_score_and_the_naive_model_is_no_better_than_itself() {
    let rows = record(&mixed()).unwrap();
    for row in &rows {
        let (s, b) = (&row.scores, &row.bounds);
        assert!(b.crps[0] <= s.crps + 1e-12 && s.crps <= b.crps[1] + 1e-12, "{row:?}");
        assert!(b.coverage80[0] <= s.coverage80 && s.coverage80 <= b.coverage80[1]);
        if row.model == "naive" {
            assert!(b.less_naive.abs() < 1e-12 && b.less_naive_bounds[1].abs() < 1e-12);
        }
    }
    assert_eq!(record(&mixed()).unwrap(), rows, "the same every time");
}

/// The mean of n independent numbers: an interval of 90 % is 2 · 1.645 σ/√n wide.
#[test]
fn the_interval_of_a_mean_has_its_known_width() {
    let n = 200_u32;
    let case = |i: u32| Case {
        origin: usize::try_from(i).unwrap(),
        horizon: 1,
        pit: 0.5,
        crps: f64::from(i % 2),
        interval_score: 1.0,
        error: 0.0,
    };
    let cases: Vec<Case> = (0..n).map(case).collect();
    let found = bounds(std::slice::from_ref(&cases), std::slice::from_ref(&cases));
    let wanted = 2.0 * 1.645 * 0.5 / f64::from(n).sqrt();
    let width = found.crps[1] - found.crps[0];
    // 400 draws: the ends of the interval are good to some 8 % of its width.
    assert!((width / wanted - 1.0).abs() < 0.25, "{width}, not {wanted}");
    // Twice the cases of an origin say nothing new.
    let twice: Vec<Case> =
        (0..n).flat_map(|i| [case(i), Case { horizon: 2, ..case(i) }]).collect();
    let again = bounds(std::slice::from_ref(&twice), std::slice::from_ref(&twice));
    let same = again.crps[1] - again.crps[0];
    assert!((same / width - 1.0).abs() < 1e-9, "{same}, not {width}");
}

#[test]
fn what_a_band_held_is_said_in_words() {
    let rows = record(&mixed()).unwrap();
    let held = Held::of(&rows, Family::Rent, "rent:D").unwrap();
    let text = held.to_string();
    assert!(text.starts_with("80 % band held "), "{text}");
    assert!(text.ends_with(" % of 14 past cases from 7 dates"), "{text}");
    assert_eq!(Held::of(&rows, Family::Api, "rent:D"), None);
}
