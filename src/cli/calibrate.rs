//! `rackcast calibrate`: what is fitted on histories and measurements.

use clap::{Args, Subcommand};

use super::calibrate_hardware::CalibrateHardwareArguments;
use super::{Failure, calibrate_hardware};

#[derive(Debug, Args)]
pub(super) struct CalibrateArguments {
    #[command(subcommand)]
    what: Calibrated,
}

#[derive(Debug, Subcommand)]
enum Calibrated {
    /// Fit the constants and effects of the hardware model on measured cases
    Hardware(CalibrateHardwareArguments),
}

pub(super) fn calibrate(arguments: &CalibrateArguments) -> Result<(), Failure> {
    match &arguments.what {
        Calibrated::Hardware(hardware) => calibrate_hardware::calibrate(hardware),
    }
}
