//! No text of any kind makes a reader of histories panic.

use proptest::prelude::*;

use super::demand::Demand;
use super::{demand, prices, record, series};
use crate::input::Table;

/// Headers that lead into every reader, and cells that may or may not fit.
fn text() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "date,value",
        "series,unit,t,ln_cost",
        "series,unit,t,value",
        "date,provider,instrument,value",
        "timestamp",
        "hour,requests",
        "\u{feff}# x\ndate,value",
        "",
    ]);
    let cell = prop_oneof![
        "[0-9]{4}(-[0-9]{2}){0,2}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}",
        "-?[0-9]{1,6}(\\.[0-9]{1,3})?",
        "1e[0-9]{1,3}",
        "(pcdb|rent|x):[ab]",
        "month|year|quarter",
        "[\"#,;é \\r\\n\u{feff}]{0,3}",
        any::<String>(),
    ];
    let row = prop::collection::vec(cell, 0..5).prop_map(|cells| cells.join(","));
    (header, prop::collection::vec(row, 0..40), any::<bool>()).prop_map(
        |(header, rows, windows)| {
            let end = if windows { "\r\n" } else { "\n" };
            format!("{header}{end}{}", rows.join(end))
        },
    )
}

proptest! {
    #[test]
    fn any_table_is_read_or_refused(text in text(), keeps in any::<bool>()) {
        let table = || Table::parse("a.csv", &text);
        if let Ok(table) = table() {
            match series::read(table, "a", None, false) {
                Ok(series) => { let _ = record::record(&series); }
                Err(problems) => { let _ = problems.to_string(); }
            }
        }
        if let Ok(table) = table() {
            match prices::read(table, "a", None, keeps) {
                Ok(series) => { let _ = record::record(&series); }
                Err(problems) => { let _ = problems.to_string(); }
            }
        }
        if let Ok(table) = table()
            && let Ok(history) = demand::read(table)
        {
            let _ = Demand::of(&history);
        }
    }

    /// Orderly histories of any values have a record, and its numbers make sense.
    #[test]
    fn any_orderly_history_has_a_record(
        logs in prop::collection::vec(-30.0..30.0_f64, 4..30),
        yearly in any::<bool>(),
    ) {
        use std::fmt::Write as _;
        let unit = if yearly { "year" } else { "month" };
        let mut text = "series,unit,t,ln_cost\n".to_owned();
        for (t, log) in logs.iter().enumerate() {
            let _ = writeln!(text, "rent:a,{unit},{t},{log}");
        }
        let series = series::read(Table::parse("a.csv", &text).unwrap(), "a", None, true).unwrap();
        for row in record::record(&series).unwrap() {
            let s = row.scores;
            for share in [s.coverage50, s.coverage80, s.coverage90, s.below5, s.above95] {
                prop_assert!((0.0..=1.0).contains(&share), "{row:?}");
            }
            prop_assert!(s.crps >= 0.0 && s.crps.is_finite(), "{row:?}");
        }
    }
}
