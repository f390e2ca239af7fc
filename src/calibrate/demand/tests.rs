//! Streams made by hand: what went in comes out.

use std::fmt::Write as _;

use super::*;
use crate::workload::shape::LoadCurve;

fn parsed(text: &str) -> Result<Counts, Diagnostics> {
    read(Table::parse("a.csv", text).unwrap())
}

/// Six weeks of hours from Monday, 2026-01-05: 100 by day, 20 by night, half on weekends,
/// 1 % more every week.
fn six_weeks() -> Counts {
    let hour = |i: usize| {
        let day = i / 24 % 7;
        let by_day = if (8..20).contains(&(i % 24)) { 100.0 } else { 20.0 };
        let week = 1.01_f64.powi(i32::try_from(i / WEEK).unwrap());
        by_day * week * if day < 5 { 1.0 } else { 0.5 }
    };
    Counts {
        span_seconds: HOUR,
        counts: (0..6 * WEEK).map(hour).collect(),
        first_hour: Some(0),
        tokens: None,
    }
}

#[test]
fn level_growth_and_the_week_come_out_as_they_went_in() {
    let demand = Demand::of(&six_weeks()).unwrap();
    let (growth, [low, high]) = demand.growth_per_year.unwrap();
    assert!((growth - 1.01_f64.ln() * 365.0 / 7.0).abs() < 1e-9, "{growth}");
    assert!(low <= growth && growth <= high);
    let week = demand.week.unwrap();
    assert!((week.iter().sum::<f64>() / 168.0 - 1.0).abs() < 1e-12);
    assert!((week[10] / week[2] - 5.0).abs() < 1e-9);
    assert!((demand.weekend_share.unwrap() - 0.5).abs() < 1e-9);
    assert!((demand.per_month / demand.per_day - 730.0 / 24.0).abs() < 1e-9);
}

#[test]
fn the_printed_curve_is_that_of_all_hours() {
    let history = six_weeks();
    let demand = Demand::of(&history).unwrap();
    assert_eq!(demand.curve.len(), CURVE);
    let mean = demand.curve.iter().sum::<f64>() / count(CURVE);
    assert!((mean - 1.0).abs() < 1e-9, "{mean}");
    let (short, long) =
        (LoadCurve::of_loads(&demand.curve), LoadCurve::of_loads(&history.counts));
    for (a, b) in short.multipliers.iter().zip(long.multipliers) {
        assert!((a - b).abs() < 1e-9, "{a} and {b}");
    }
}

#[test]
fn independent_requests_have_no_bursts() {
    // Alternately 90 and 110: variance 100 at a mean of 100, as Poisson's.
    let counts: Vec<f64> =
        (0..400_u32).map(|i| if i % 2 == 0 { 90.0 } else { 110.0 }).collect();
    let history = Counts { span_seconds: MINUTE, counts, first_hour: None, tokens: None };
    let demand = Demand::of(&history).unwrap();
    assert!((demand.dispersion - 1.0).abs() < 0.01, "{}", demand.dispersion);
    assert!(demand.burst_variation < 0.01);
    assert!(demand.week.is_none() && demand.growth_per_year.is_none());
    // Four times as far: a variation of √(1600 − 100)/100.
    let counts = (0..400_u32).map(|i| if i % 2 == 0 { 60.0 } else { 140.0 }).collect();
    let demand = Demand::of(&Counts { counts, ..history }).unwrap();
    assert!((demand.burst_variation - 0.15_f64.sqrt()).abs() < 0.01);
}

#[test]
fn a_trace_is_counted_by_the_minute_and_its_tokens_are_averaged() {
    let mut text = "TIMESTAMP,ContextTokens,GeneratedTokens\n".to_owned();
    for second in 0..601_u32 {
        let (minute, rest) = (second / 60, second % 60);
        let _ = writeln!(
            text,
            "2023-11-16 18:{minute:02}:{rest:02}.9799600,100,{}",
            second % 3
        );
    }
    let history = parsed(&text).unwrap();
    assert!((history.span_seconds - 60.0).abs() < 1e-12);
    assert_eq!(history.counts, vec![60.0; 10]);
    let (input, output) = history.tokens.unwrap();
    assert!((input - 100.0).abs() < 1e-12 && (output - 1.0).abs() < 0.01);
    // A Thursday, 18 h.
    assert_eq!(history.first_hour, Some(3 * 24 + 18));
}

#[test]
fn hourly_counts_fill_hours_without_a_row_with_none() {
    let mut text = "hour,requests\n".to_owned();
    for hour in (0..60_u32).filter(|h| *h != 30) {
        let _ = writeln!(text, "2026-01-{:02} {:02}:00,{hour}", 5 + hour / 24, hour % 24);
    }
    let history = parsed(&text).unwrap();
    assert_eq!(history.counts.len(), 60);
    assert!(
        history.counts[30].abs() < 1e-12 && (history.counts[59] - 59.0).abs() < 1e-12
    );
    assert_eq!(history.first_hour, Some(0));
}

#[test]
fn what_is_no_time_is_shown_at_its_row() {
    let error = parsed("timestamp\n1\nnoon\n2\n").unwrap_err();
    let places: Vec<_> = error.iter().map(|d| (d.code, d.line_column().0)).collect();
    assert_eq!(places, [("E0603", 3)]);
    assert_eq!(parsed("a,b\n1,2\n").unwrap_err().iter().next().unwrap().code, "E0601");
    assert_eq!(
        parsed("timestamp\n1\n2\n").unwrap_err().iter().next().unwrap().code,
        "E0606"
    );
    assert_eq!(Demand::of(&Counts { counts: vec![0.0; 40], ..six_weeks() }), None);
}
