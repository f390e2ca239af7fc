//! Each format of one comparison, whole.

use snapbox::str;

use super::*;
use crate::gate::baseline::{Baseline, Entry};
use crate::gate::compare;
use crate::gate::verdict::Better;

fn comparison() -> Comparison {
    let metrics = |time: f64, rate: [f64; 3]| {
        Baseline::of(
            None,
            vec![
                Entry::known("a <b>: step_s".to_owned(), "s", Better::Lower, time, 0.01),
                Entry::repeated(
                    "rate".to_owned(),
                    "tokens/s",
                    Better::Higher,
                    rate.to_vec(),
                ),
                Entry::repeated(format!("run at {time}"), "", Better::Higher, vec![1.0]),
            ],
        )
    };
    let (before, after) =
        (metrics(1.0, [900.0, 1000.0, 1100.0]), metrics(1.2, [950.0, 1000.0, 1000.0]));
    compare(&before, &after, None).unwrap()
}

#[test]
fn the_table_has_what_matters_most_first() {
    snapbox::assert_data_eq!(
        text::table(&comparison()),
        str![[r"
regressed: 1 regressed, 1 inconclusive, 1 missing

metric              baseline             now  worse by     90 % interval  verdict
a <b>: step_s        1.000 s         1.200 s   +20.0 %  +17.5 to +22.6 %  regressed
rate           1000 tokens/s  983.3 tokens/s    +1.4 %  -15.7 to +15.9 %  inconclusive

no longer there: `run at 1`
not in the baseline: `run at 1.2`

"]]
    );
}

#[test]
fn markdown_is_the_same_table() {
    snapbox::assert_data_eq!(
        text::markdown(&comparison()),
        str![[r"
### Gate: regressed: 1 regressed, 1 inconclusive, 1 missing

| metric | baseline | now | worse by | 90 % interval | verdict |
| --- | --: | --: | --: | --: | --- |
| a &lt;b>: step_s | 1.000 s | 1.200 s | +20.0 % | +17.5 to +22.6 % | regressed |
| rate | 1000 tokens/s | 983.3 tokens/s | +1.4 % | -15.7 to +15.9 % | inconclusive |

- no longer there: `run at 1`
- not in the baseline: `run at 1.2`

"]]
    );
}

#[test]
fn odd_names_stay_on_their_line_and_in_their_cell() {
    let named = |value: f64, unit: &str| {
        let name = "a|b\n<i>\u{1b}[31mred_s".to_owned();
        let tiny = Entry::known("tiny_s".to_owned(), "s", Better::Lower, 3e-6, 2e-7);
        let gone = format!("{name} {value}");
        Baseline::of(
            None,
            vec![
                Entry::known(name, unit, Better::Lower, value, 0.01),
                Entry::known(gone, "s", Better::Lower, value, 0.01),
                tiny,
            ],
        )
    };
    let c = compare(&named(1.0, "s"), &named(1.1, "s"), None).unwrap();
    for text in [text::table(&c), text::markdown(&c), junit::xml(&c, true)] {
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(!text.contains("b\n<i>"), "{text}");
    }
    assert!(text::markdown(&c).contains("| a\\|b &lt;i> [31mred_s | 1.000 s |"));
    assert!(!text::markdown(&c).contains("<i>"));
    assert!(action::json(&c, Better::Lower).unwrap().contains("± 3.920e-7"));
    // Another unit is another metric, however much better it looks.
    let c = compare(&named(1000.0, "ms"), &named(1.0, "s"), None).unwrap();
    assert!(c.missing.len() == 2 && c.notes[0].contains("not compared"), "{c:?}");
}

#[test]
fn junit_fails_what_regressed_and_escapes_names() {
    snapbox::assert_data_eq!(
        junit::xml(&comparison(), false),
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="rackcast gate" tests="3" failures="1" skipped="2">
    <testcase classname="rackcast.gate" name="a &lt;b&gt;: step_s">
      <failure message="regressed: 1.000 s to 1.200 s, worse by +20.0 % (+17.5 to +22.6 %)"/>
    </testcase>
    <testcase classname="rackcast.gate" name="rate">
      <skipped message="inconclusive: 1000 tokens/s to 983.3 tokens/s, worse by +1.4 % (-15.7 to +15.9 %)"/>
    </testcase>
    <testcase classname="rackcast.gate" name="run at 1">
      <skipped message="no longer there"/>
    </testcase>
  </testsuite>
</testsuites>

"#]]
    );
    assert!(junit::xml(&comparison(), true).contains("failures=\"3\" skipped=\"0\""));
}

#[test]
fn other_programs_get_values_with_their_ranges() {
    let c = comparison();
    let lower = action::json(&c, Better::Lower).unwrap();
    snapbox::assert_data_eq!(
        lower,
        str![[r#"
[
  {
    "extra": "verdict: regressed",
    "name": "a <b>: step_s",
    "range": "± 0.0196",
    "unit": "s",
    "value": 1.2
  }
]

"#]]
    );
    assert!(action::json(&c, Better::Higher).unwrap().contains("\"name\": \"rate\""));
    snapbox::assert_data_eq!(
        bencher::json(&c).unwrap(),
        str![[r#"
{
  "a <b>": {
    "step_s": {
      "lower_value": 1.1804,
      "upper_value": 1.2196,
      "value": 1.2
    }
  },
  "rate": {
    "tokens/s": {
      "lower_value": 950.6666666666667,
      "upper_value": 1016.0,
      "value": 983.3333333333334
    }
  }
}

"#]]
    );
}

#[test]
fn the_own_json_has_the_verdicts() {
    let value: serde_json::Value =
        serde_json::from_str(&json(&comparison()).unwrap()).unwrap();
    assert_eq!(value["verdict"], "regressed");
    assert_eq!(value["metrics"][0]["verdict"], "regressed");
    assert_eq!(value["missing"][0], "run at 1");
}

#[test]
fn numbers_keep_four_digits() {
    for (x, wanted) in [
        (0.0, "0"),
        (0.012_345, "0.0123"),
        (1.234_56, "1.235"),
        (98.765, "98.77"),
        (123.456, "123.5"),
        (12_345.6, "12346"),
        (1.5e-7, "1.500e-7"),
        (-2e12, "-2.000e12"),
    ] {
        assert_eq!(four(x), wanted);
    }
}
