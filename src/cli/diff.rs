//! `rackcast diff`: what changed between two results.

use std::path::PathBuf;

use clap::Args;

use crate::gate::difference;
use crate::input::Text;

use super::{Failure, hand_over, print};

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// A results.json
    before: PathBuf,
    /// Another one
    after: PathBuf,
    /// Print the difference as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &DiffArguments) -> Result<(), Failure> {
    let read = |path: &PathBuf| Text::read(path).map_err(Failure::Wrong);
    let (before, after) = (read(&arguments.before)?, read(&arguments.after)?);
    let found = difference(&before, &after).map_err(Failure::Wrong)?;
    if arguments.json {
        let text = serde_json::to_string_pretty(&found)
            .map_err(|e| Failure::Report(e.to_string()))?;
        hand_over(&format!("{text}\n"))?;
    } else {
        print(&found.text())?;
    }
    Ok(())
}
