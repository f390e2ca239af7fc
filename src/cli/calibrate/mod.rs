//! `rackcast calibrate`: from measurements to the figures of a plan.

mod demand;
mod hardware;
mod prices;

use clap::Subcommand;

use super::{Failure, hand_over, print, say, validate};

#[derive(Debug, Subcommand)]
pub(super) enum Calibrate {
    /// Fit the process of a price, and print the table for a plan
    Prices(prices::PricesArguments),
    /// Level, growth, shape and bursts of demand, and the load-duration curve for a plan
    Demand(demand::DemandArguments),
    /// Fit the constants and effects of the hardware model on measured cases
    Hardware(hardware::CalibrateHardwareArguments),
}

pub(super) fn run(command: &Calibrate) -> Result<(), Failure> {
    match command {
        Calibrate::Prices(arguments) => prices::run(arguments),
        Calibrate::Demand(arguments) => demand::run(arguments),
        Calibrate::Hardware(arguments) => hardware::calibrate(arguments),
    }
}
