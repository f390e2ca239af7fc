//! The surface of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::calibrate::CalibrateArguments;
use super::hardware::HardwareArguments;
use super::validate::ValidateArguments;

/// Build, rent or call an API for AI compute: how much, when, and how sure.
#[derive(Debug, Parser)]
#[command(name = "rackcast", version, about, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Play the strategies of a plan over sampled futures
    Run(RunArguments),
    /// Check a plan: every problem at its place, nothing played
    Check(CheckArguments),
    /// List the profiles that plans can name
    Profiles(ProfilesArguments),
    /// Check a profile file: every problem at its place
    Profile(ProfileArguments),
    /// What a machine does with one case, and where the time goes
    Hardware(HardwareArguments),
    /// Compare measured cases with what this program says of them
    Validate(ValidateArguments),
    /// Fit what this program says on measurements
    Calibrate(CalibrateArguments),
    /// Explain a diagnostic code such as E0101
    Explain {
        /// The code
        code: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The plan (TOML)
    pub(super) plan: PathBuf,
    /// Folder for report files: results.json, fans.csv, charts/
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Paths to play, over the plan's
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=crate::scenario::plan::PATHS_LIMIT))]
    pub(super) paths: Option<u64>,
    /// Seed of all random numbers, over the plan's
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Threads; the result is the same for any number
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Folder of your own profiles; wins over the shipped ones, id by id
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
    /// Print results.json instead of the table
    #[arg(long)]
    pub(super) json: bool,
    /// Write no charts
    #[arg(long)]
    pub(super) no_charts: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// The plan (TOML)
    pub(super) plan: PathBuf,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ProfilesArguments {
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ProfileArguments {
    /// A profile file; its kind is read off its folder or its tables
    pub(super) file: PathBuf,
}
