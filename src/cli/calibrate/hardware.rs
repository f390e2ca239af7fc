//! `rackcast calibrate hardware`: measured cases → constants and effects, dated.

use std::path::PathBuf;

use clap::Args;

use crate::calibrate::hardware::{Observation, fit};
use crate::report::write;

use super::{Failure, hand_over, say, validate};

#[derive(Debug, Args)]
pub(in crate::cli) struct CalibrateHardwareArguments {
    /// Measured cases (CSV), as `rackcast validate` reads them
    file: PathBuf,
    /// Where the fit is written; printed where left out
    #[arg(long, value_name = "FIT.toml")]
    out: Option<PathBuf>,
    /// Date of the fit, such as 2026-11
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// What was measured and by whom, as readers of the fit should see it
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

pub(super) fn calibrate(arguments: &CalibrateHardwareArguments) -> Result<(), Failure> {
    arguments
        .as_of
        .parse::<crate::input::When>()
        .map_err(|e| Failure::Input(format!("`--as-of {}`: {e}", arguments.as_of)))?;
    let resolved = validate::cases(&arguments.file, arguments.profiles.as_deref())?;
    if resolved.observations.is_empty() {
        let why = resolved.refused.first().map_or("", |r| r.reason.as_str());
        return Err(Failure::Input(format!(
            "{}: no row can be used; the first says: {why}",
            arguments.file.display()
        )));
    }
    let rows: Vec<&Observation> = resolved.observations.iter().collect();
    let fitted = fit(&rows, &arguments.as_of, &arguments.source);
    let text = fitted.write();
    match &arguments.out {
        Some(path) => {
            write::file(path, text.as_bytes())?;
            say(&format!(
                "{}: {} figures of {} rows; {} rows refused",
                path.display(),
                rows.len(),
                rows.iter()
                    .map(|o| o.line)
                    .collect::<std::collections::BTreeSet<_>>()
                    .len(),
                resolved.refused.len()
            ));
        }
        None => hand_over(&text)?,
    }
    Ok(())
}
