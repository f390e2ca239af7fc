//! `rackcast run --show-path`: one future, month by month.
//!
//! Every number is a function of the seed and the number of the path, so any path of any
//! run can be looked at alone. Read next: [`crate::engine::one_path`].

use std::fmt::Write as _;

use crate::engine::{self, Outcome};
use crate::report::fan::{Fan, fans};
use crate::scenario::{FanChoice, Scenario};

use super::{Failure, print};

/// Prints a path.
pub(super) fn show(mut scenario: Scenario, path: u64) -> Result<(), Failure> {
    if path >= scenario.paths {
        return Err(Failure::Input(format!(
            "there is no path {path}: this run has paths 0 to {}",
            scenario.paths - 1
        )));
    }
    scenario.fans = FanChoice::default();
    let outcome = engine::one_path(&scenario, path);
    print(&table(&scenario, &outcome, path))?;
    Ok(())
}

/// Tab-separated: a row a month, a column a quantity, units in the head.
fn table(scenario: &Scenario, outcome: &Outcome, path: u64) -> String {
    let all = fans(scenario, outcome);
    let columns: Vec<&Fan<'_>> =
        all.iter().filter(|fan| fan.data.samples.len() == 1).collect();
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}, path {path}, seed {}", scenario.title, scenario.seed.0);
    let heads = columns.iter().map(|fan| format!("{} [{}]", fan.key, fan.unit));
    let _ = writeln!(text, "month\t{}", heads.collect::<Vec<_>>().join("\t"));
    for month in 0..scenario.months as usize {
        let (year, of_year) = scenario.start;
        let at = i64::from(year) * 12 + i64::from(of_year) - 1
            + i64::try_from(month).unwrap_or(i64::MAX);
        let _ = write!(text, "{:04}-{:02}", at.div_euclid(12), at.rem_euclid(12) + 1);
        for fan in &columns {
            match fan.data.samples[0].get(month) {
                Some(x) => _ = write!(text, "\t{x}"),
                None => text.push('\t'),
            }
        }
        text.push('\n');
    }
    text
}
