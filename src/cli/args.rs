//! The surface of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::calibrate::Calibrate;
use super::hardware::HardwareArguments;
use super::validate::ValidateArguments;
use crate::random::Sampler;
use crate::scenario::Overrides;

/// Build, rent or call an API for AI compute: how much, when, and how sure.
#[derive(Debug, Parser)]
#[command(name = "rackcast", version, about, arg_required_else_help = true)]
pub(super) struct Arguments {
    /// Print nothing but errors, and what --json or a file to be is asked for
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Play the strategies of a plan over sampled futures
    Run(RunArguments),
    /// Open the report with sliders on this machine
    #[cfg(feature = "serve")]
    Serve(super::serve::ServeArguments),
    /// Play one share of a run's paths, for `merge`
    Shard(ShardArguments),
    /// Put the parts of a run together: what a single run would have given
    Merge(MergeArguments),
    /// Break-even in closed form, with its formula: one question, or a table of cases
    Breakeven(super::breakeven::Breakeven),
    /// Check a plan: every problem at its place, nothing played
    Check(CheckArguments),
    /// Begin a plan from five answers, or check one
    Plan(super::plan::PlanArguments),
    /// List the profiles that plans can name
    Profiles(ProfilesArguments),
    /// Begin, check, show or compare profiles
    Profile(super::profile::ProfileArguments),
    /// Play a job or a serving replica event by event
    Simulate(super::simulate::SimulateArguments),
    /// Play every forecast at every past date of a history, and score it
    Hindcast(HindcastArguments),
    /// What a machine does with one case, and where the time goes
    Hardware(HardwareArguments),
    /// Compare measured cases with what this program says of them
    Validate(ValidateArguments),
    /// From measurements to the figures of a plan
    #[command(subcommand)]
    Calibrate(Calibrate),
    /// Compare a plan's answer or measurements with a reviewed baseline: 3 for a
    /// regression
    Gate(super::gate::GateArguments),
    /// What changed between two results: inputs first, then outputs with their errors
    Diff(super::diff::DiffArguments),
    /// Print the JSON Schema of a kind of file, for editors and other programs
    Schema(super::schema::SchemaArguments),
    /// Price lists, bills, traces and benchmarks of others into files of rackcast
    Import(super::import::ImportArguments),
    /// Explain a diagnostic code such as E0101
    Explain {
        /// The code
        code: String,
    },
    /// Print what completes commands in a shell
    Completions(super::manual::CompletionsArguments),
    /// Write pages for man
    Man(super::manual::ManArguments),
}

impl Command {
    /// Tells those that draw progress or write much to be quiet.
    pub(super) fn hush(&mut self, quiet: bool) {
        match self {
            Self::Run(run) => run.output.quiet = quiet,
            Self::Shard(shard) => shard.quiet = quiet,
            Self::Merge(merge) => merge.output.quiet = quiet,
            Self::Gate(gate) => gate.quiet = quiet,
            _ => {}
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) what: WhatArguments,
    /// Play until the standard error of the cheapest strategy's mean cost is this small,
    /// such as 0.5%
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with_all = ["paths", "resume"])]
    pub(super) until_error: Option<f64>,
    /// Exact quantiles, by a second look at the same paths
    #[arg(long)]
    pub(super) exact: bool,
    /// Bands of fan charts that hold whole paths, not those of each month, by a second look
    #[arg(long)]
    pub(super) curvewise: bool,
    /// Print one path month by month instead of an answer
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["until_error", "exact", "json"])]
    pub(super) show_path: Option<u64>,
    /// Print the bill of one strategy on its median path, month by month; bill.csv in the
    /// folder of --out
    #[arg(long, value_name = "STRATEGY", conflicts_with_all = ["json", "show_path"])]
    pub(super) explain_cost: Option<String>,
    /// Draw who is cheaper at which utilisation and price: charts and break-even-map.csv in
    /// the folder of --out
    #[arg(long, requires = "out")]
    pub(super) map: bool,
    /// Play the plan at several values of one of its keys, such as
    /// `money.discount_rate_per_year=0.05,0.08,0.12`; given twice: every combination
    #[arg(long, value_name = "KEY=A,B,C", value_parser = super::sweep::parse,
          conflicts_with_all = ["until_error", "exact", "show_path", "explain_cost", "resume"])]
    pub(super) sweep: Vec<super::sweep::Sweep>,
    /// Say where the time went
    #[arg(long)]
    pub(super) profile_time: bool,
    /// Go on from the last checkpoint in the folder of --out, where there is one
    #[arg(long, requires = "out")]
    pub(super) resume: bool,
    /// Seconds between checkpoints of a run with --out
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds, requires = "out")]
    pub(super) checkpoint_every: f64,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// A number, or a percentage.
fn percentage(text: &str) -> Option<f64> {
    let (number, unit) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent, 0.01),
        None => (text, 1.0),
    };
    number.trim().parse::<f64>().ok().map(|x| x * unit)
}

/// A share from 0 on, written 0.05 or 5%.
pub(super) fn bounded_share(text: &str) -> Result<f64, String> {
    let share = percentage(text).filter(|x| (0.0..10.0).contains(x));
    share.ok_or_else(|| {
        format!("`{text}` is no share from 0 to below 10: write 5% or 0.05")
    })
}

/// A share, written 0.005 or 0.5%.
fn share(text: &str) -> Result<f64, String> {
    percentage(text).filter(|x| *x > 0.0 && *x < 1.0).ok_or_else(|| {
        format!("`{text}` is no share above 0 and below 1: write 0.5% or 0.005")
    })
}

/// A sampler by its name.
pub(super) fn sampler(text: &str) -> Result<Sampler, String> {
    let all = [Sampler::Plain, Sampler::Sobol];
    let found = all.into_iter().find(|sampler| sampler.name() == text);
    found.ok_or_else(|| format!("`{text}` is no sampler: write plain or sobol"))
}

/// Seconds, 0 or more.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|x| (0.0..=1e6).contains(x));
    seconds.ok_or_else(|| format!("`{text}` is no number of seconds from 0 to 1000000"))
}

#[derive(Debug, Default, Args)]
pub(super) struct ShardArguments {
    #[command(flatten)]
    pub(super) what: WhatArguments,
    /// Which share, from 0; left out: `SLURM_ARRAY_TASK_ID` or `JOB_COMPLETION_INDEX`
    #[arg(long)]
    pub(super) index: Option<u64>,
    /// How many shares there are; left out: `SLURM_ARRAY_TASK_COUNT`
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) of: Option<u64>,
    /// Folder for the part; left out: the current one
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Taken over from before the command.
    #[arg(skip)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// The parts, in any order
    #[arg(required = true)]
    pub(super) parts: Vec<PathBuf>,
    /// Folder of your own profiles, the same that the parts were played with
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// What is played.
#[derive(Debug, Default, Args)]
pub(super) struct WhatArguments {
    /// The plan (TOML)
    pub(super) plan: PathBuf,
    /// Paths of the whole run, over the plan's
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=crate::scenario::plan::PATHS_LIMIT))]
    pub(super) paths: Option<u64>,
    /// Seed of all random numbers, over the plan's
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// How paths are spread, over the plan's: plain, or sobol for a smaller error
    #[arg(long, value_name = "NAME", value_parser = sampler)]
    pub(super) sampler: Option<Sampler>,
    /// Round a product and a sum once where the processor can: faster, but the last bits
    /// are not those of `portable` arithmetic; results.json says which it was
    #[arg(long)]
    pub(super) fast_math: bool,
    /// Threads; the result is the same for any number
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Folder of your own profiles; wins over the shipped ones, id by id
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
}

impl WhatArguments {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            paths: self.paths,
            seed: self.seed,
            sampler: self.sampler,
            fast_math: self.fast_math.then_some(true),
        }
    }

    pub(super) fn threads(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }
}

/// Where an answer goes.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct OutputArguments {
    /// Folder for report files: report.html, results.json, fans.csv, charts/
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print results.json instead of the table
    #[arg(long)]
    pub(super) json: bool,
    /// Write no charts
    #[arg(long)]
    pub(super) no_charts: bool,
    /// Write each chart as PDF, too
    #[arg(long, requires = "out", conflicts_with = "no_charts")]
    pub(super) pdf: bool,
    /// Taken over from before the command.
    #[arg(skip)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// The plan (TOML)
    pub(super) plan: PathBuf,
    /// Print the problems as JSON
    #[arg(long)]
    pub(super) json: bool,
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
pub(super) struct HindcastArguments {
    /// The history (CSV): `date,value` or `series,unit,t,ln_cost`
    pub(super) file: PathBuf,
    /// What the series are; of a mixed file, only those
    #[arg(long, value_parser = ["hardware", "rent", "api", "demand"])]
    pub(super) family: Option<String>,
    /// Take values far from all around them for real
    #[arg(long)]
    pub(super) keep_suspect: bool,
    /// Folder for report files: hindcast.json, charts/
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print hindcast.json instead of the table
    #[arg(long)]
    pub(super) json: bool,
}
