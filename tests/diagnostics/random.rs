//! Files broken at random: a value or a diagnostic, never a panic.

use proptest::prelude::*;
use rackcast::input::{CODES, Check, read_str};
use rackcast::profile::Accelerator;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::CHIP;
use super::choices::Plan;

/// A value, or at least one diagnostic; and whatever is said can be drawn.
fn survives<T: DeserializeOwned + JsonSchema + Check>(
    text: &str,
) -> Result<(), TestCaseError> {
    let read = read_str::<T>("broken.toml", text);
    prop_assert!(read.value.is_some() || !read.diagnostics.is_empty());
    prop_assert_eq!(read.diagnostics.is_empty(), read.diagnostics.to_string().is_empty());
    let starts: Vec<_> = read.diagnostics.iter().map(|d| d.span.start).collect();
    prop_assert!(starts.is_sorted());
    for d in read.diagnostics.iter() {
        prop_assert!(CODES.iter().any(|c| c.code == d.code), "{}", d.code);
    }
    prop_assert_eq!(read.diagnostics.has_errors(), read.into_result().is_err());
    Ok(())
}

/// Text that breaks something.
fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("[".repeat(3_000)),
        Just("a.".repeat(90)),
        Just("{ a = ".repeat(40)),
        Just("9".repeat(400)),
        Just("\"\"\"".to_owned()),
        Just("= nan\n".to_owned()),
        Just("\n[memory.x.y]\n".to_owned()),
        Just("\n[[compute]]\n".to_owned()),
        "[a-z_]{1,12}( = [0-9]{1,4}\n)?",
        "\\PC{0,8}",
        any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_file_broken_at_random_is_a_value_or_a_diagnostic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..30, scrap()), 1..6)
    ) {
        let mut letters: Vec<char> = CHIP.chars().collect();
        for (place, gone, new) in edits {
            let start = place.index(letters.len() + 1);
            let end = (start + gone).min(letters.len());
            letters.splice(start..end, new.chars());
        }
        survives::<Accelerator>(&letters.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_file_with_lines_taken_doubled_or_exchanged_is_a_value_or_a_diagnostic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..3), 1..8)
    ) {
        let mut lines: Vec<&str> = CHIP.lines().collect();
        for (a, b, deed) in edits {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            match deed {
                0 if lines.len() > 1 => { lines.remove(a); }
                1 => lines.insert(b, lines[a]),
                _ => lines.swap(a, b),
            }
        }
        survives::<Accelerator>(&lines.join("\n"))?;
    }

    #[test]
    fn any_choice_is_a_value_or_a_diagnostic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "growth", "geometric", "constant", "nothing", "limit", "by_region", "span",
                "drift_per_year", "power_w", "racks", "letter", "start", "\"x\"", "'nothing'",
                "2026-10-05", "-1", "0.5", "inf", " = ", " = ", " = ", ".", "{", "}", "[",
                "]", ",", "\n", "\n",
            ]),
            0..24,
        )
    ) {
        survives::<Plan>(&words.concat())?;
    }

    #[test]
    fn any_text_is_a_value_or_a_diagnostic(text in "\\PC*") {
        survives::<Accelerator>(&text)?;
    }
}
