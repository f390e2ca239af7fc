//! criterion's `estimates.json`: nanoseconds an iteration with their standard error.
//!
//! The slope over sample sizes where criterion took one, else the mean, as criterion
//! itself reports. Its standard error is a bootstrap within one run: it does not know how
//! much runs differ among themselves, so several runs as repeats tell more.
//!
//! **Source** criterion 0.8, `estimates.json` of a benchmark's `new` folder.

use std::path::Path;

use serde_json::{Map, Value};

use crate::gate::baseline::Entry;
use crate::gate::verdict::Better;

/// The metric of a file; nothing where it is none of criterion's. Its name is its path
/// below `root`, or below the folder `criterion`.
pub(super) fn entry(
    object: &Map<String, Value>,
    path: &Path,
    root: &Path,
) -> Option<Entry> {
    let estimate = |key: &str| {
        let found = object.get(key)?;
        let number = |key: &str| found.get(key).and_then(Value::as_f64);
        number("point_estimate").zip(number("standard_error"))
    };
    estimate("median")?;
    let (value, error) = estimate("slope").or_else(|| estimate("mean"))?;
    Some(Entry::known(name(path, root), "ns", Better::Lower, value, error))
}

/// `…/criterion/group/bench/new/estimates.json` is `group/bench`.
fn name(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let below = if below.as_os_str().is_empty() { path } else { below };
    let words: Vec<String> = below
        .parent()
        .into_iter()
        .flat_map(Path::components)
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    let after = words.iter().position(|w| w == "criterion").map_or(0, |at| at + 1);
    let mut words = words.get(after..).unwrap_or_default();
    if let [rest @ .., last] = words
        && (last == "new" || last == "base")
    {
        words = rest;
    }
    if words.is_empty() { "criterion".to_owned() } else { words.join("/") }
}
