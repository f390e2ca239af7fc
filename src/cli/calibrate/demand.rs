//! `rackcast calibrate demand`: a request trace or hourly counts.

use std::path::PathBuf;

use clap::Args;

use crate::calibrate::demand::{self, Demand};
use crate::input::Table;
use crate::report::calibration;

use super::{Failure, print};

#[derive(Debug, Args)]
pub(in crate::cli) struct DemandArguments {
    /// Requests (CSV): one row each with a `timestamp`, or `hour,requests`
    file: PathBuf,
}

pub(super) fn run(arguments: &DemandArguments) -> Result<(), Failure> {
    let path = &arguments.file;
    let table = Table::read(path).map_err(Failure::Wrong)?;
    let history = demand::read(table).map_err(Failure::Wrong)?;
    let Some(found) = Demand::of(&history) else {
        return Err(Failure::Input(format!("{} holds no request", path.display())));
    };
    print(&calibration::demand(&history, &found))?;
    Ok(())
}
