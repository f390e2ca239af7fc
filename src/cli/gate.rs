//! `rackcast gate`: a reviewed baseline against a plan played again, or measurements.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::calibrate::hardware::Setup;
use crate::decide::Decision;
use crate::engine::{self, Options};
use crate::gate::output::{action, bencher, junit, text};
use crate::gate::{
    Apart, Baseline, Better, Comparison, Measured, Verdict, compare, output, predict,
    results,
};
use crate::hardware::Fitted;
use crate::input::Text;
use crate::random::Sampler;
use crate::report::{results as answer, write};
use crate::scenario::Overrides;

use super::args::{bounded_share, sampler};
use super::{Failure, hand_over, load, play, print, say};

/// Exit code of a regression.
const REGRESSED: u8 = 3;
/// Exit code of an inconclusive comparison under `--strict`.
const INCONCLUSIVE: u8 = 4;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct GateArguments {
    /// The reviewed baseline (JSON), or a results.json
    baseline: PathBuf,
    /// Play this plan and compare its answer
    #[arg(long, value_name = "PLAN.toml", required_unless_present = "measured")]
    plan: Option<PathBuf>,
    /// Compare these measurements: CSV, vLLM or SGLang benchmarks, criterion's folder
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "plan")]
    measured: Vec<PathBuf>,
    /// How much worse a metric may get that has no limit of its own in the baseline
    #[arg(long, value_name = "SHARE", value_parser = bounded_share, allow_negative_numbers = true)]
    max_regress: Option<f64>,
    /// End with 4 where it is inconclusive
    #[arg(long)]
    strict: bool,
    /// Rewrite the baseline with what is now, for review, and judge nothing
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    play: PlayArguments,
    #[command(flatten)]
    machine: MachineArguments,
    #[command(flatten)]
    files: FileArguments,
    /// Folder of your own profiles; wins over the shipped ones, id by id
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Print the comparison as JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Taken over from before the command.
    #[arg(skip)]
    pub(super) quiet: bool,
}

/// How a plan is played.
#[derive(Debug, Args)]
struct PlayArguments {
    /// Paths; left out: the baseline's
    #[arg(long, requires = "plan", value_parser = clap::value_parser!(u64).range(1..=crate::scenario::plan::PATHS_LIMIT))]
    paths: Option<u64>,
    /// Seed; left out: the baseline's, so that what differs is no chance
    #[arg(long, requires = "plan")]
    seed: Option<u64>,
    /// How paths are spread; left out: as the baseline's
    #[arg(long, requires = "plan", value_name = "NAME", value_parser = sampler)]
    sampler: Option<Sampler>,
    /// Threads; the result is the same for any number
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// The machine that was measured, for what its profile predicts.
#[derive(Debug, Args)]
struct MachineArguments {
    /// Accelerator of the machine measured, which serving benchmarks do not name
    #[arg(long, value_name = "NAME", requires = "measured")]
    accelerator: Option<String>,
    /// Chips of a replica (tensor parallelism)
    #[arg(long, value_name = "N", requires = "measured")]
    tensor: Option<u32>,
    /// Precision of the weights, such as fp8
    #[arg(long, value_name = "NAME", requires = "measured")]
    precision: Option<String>,
    /// Model, over the one the benchmark names
    #[arg(long, value_name = "NAME", requires = "measured")]
    model: Option<String>,
    /// A measurement worse than the profile's 80 % interval is a regression, too
    #[arg(long, requires = "measured")]
    hold_to_profile: bool,
}

/// Files for people and for other programs.
#[derive(Debug, Args)]
struct FileArguments {
    /// Write the table in Markdown, for a job's summary
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the comparison as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write metrics for github-action-benchmark's customBiggerIsBetter or
    /// customSmallerIsBetter: bigger=FILE, smaller=FILE
    #[arg(long, value_name = "DIRECTION=FILE", value_parser = directed)]
    action: Vec<(Direction, PathBuf)>,
    /// Write Bencher Metric Format
    #[arg(long, value_name = "FILE")]
    bencher: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Direction {
    Bigger,
    Smaller,
}

fn directed(text: &str) -> Result<(Direction, PathBuf), String> {
    let wanted = || format!("`{text}` must be bigger=FILE or smaller=FILE");
    let (direction, file) = text.split_once('=').ok_or_else(wanted)?;
    let direction = Direction::from_str(direction, true).map_err(|_| wanted())?;
    Ok((direction, PathBuf::from(file)))
}

/// `rackcast gate`.
pub(super) fn run(arguments: &GateArguments) -> Result<(), Failure> {
    let reviewed = reviewed(arguments)?;
    let (now, measured) = if let Some(plan) = &arguments.plan {
        (played(plan, arguments, reviewed.as_ref())?, None)
    } else {
        let machine = &arguments.machine;
        let setup = Setup {
            accelerator: machine.accelerator.clone(),
            tensor: machine.tensor,
            precision: machine.precision.clone(),
            model: machine.model.clone(),
        };
        let found =
            Measured::read(&arguments.measured, &setup).map_err(Failure::Wrong)?;
        (found.baseline(), Some(found))
    };
    if arguments.update {
        return update(arguments, reviewed.as_ref(), now);
    }
    let Some(reviewed) = reviewed else {
        return Err(Failure::Input(format!(
            "there is no baseline {}: write it with --update and review it",
            arguments.baseline.display()
        )));
    };
    let mut comparison = compare(&reviewed, &now, arguments.max_regress)
        .map_err(|apart| refused(arguments, apart))?;
    if let Some(measured) = measured {
        let catalogue = load::catalogue(arguments.profiles.as_deref())?;
        let (predictions, refused) = predict(&measured, &catalogue, Fitted::shipped());
        comparison.predictions = predictions;
        comparison.notes.extend(measured.notes);
        comparison.notes.extend(refused);
        let is_worse =
            comparison.predictions.iter().any(|p| p.verdict == Verdict::Regressed);
        if arguments.machine.hold_to_profile && is_worse {
            comparison.verdict = Verdict::Regressed;
        }
    }
    save(arguments, &comparison)?;
    match comparison.verdict {
        Verdict::Regressed => Err(Failure::Verdict(REGRESSED)),
        Verdict::Inconclusive if arguments.strict => Err(Failure::Verdict(INCONCLUSIVE)),
        Verdict::Inconclusive | Verdict::Pass | Verdict::Improved => Ok(()),
    }
}

/// The baseline; nothing where it is still to be written.
fn reviewed(arguments: &GateArguments) -> Result<Option<Baseline>, Failure> {
    if !arguments.baseline.exists() {
        return Ok(None);
    }
    let text = Text::read(&arguments.baseline).map_err(Failure::Wrong)?;
    let baseline = Baseline::read(&text).map_err(Failure::Wrong)?;
    if arguments.update && text.text().contains("\"strategies\"") {
        return Err(Failure::Input(format!(
            "{} is a results.json, which a run writes: name another file for the baseline",
            arguments.baseline.display()
        )));
    }
    Ok(Some(baseline))
}

/// Plays a plan as the baseline was played.
fn played(
    plan: &Path,
    arguments: &GateArguments,
    reviewed: Option<&Baseline>,
) -> Result<Baseline, Failure> {
    let before = reviewed.and_then(|b| b.plan.as_ref());
    let asked = &arguments.play;
    let overrides = Overrides {
        paths: asked.paths.or(before.map(|p| p.paths)),
        seed: asked.seed.or(before.map(|p| p.seed)),
        sampler: asked.sampler.or_else(|| sampler(&before?.sampler).ok()),
        fast_math: None,
    };
    let loaded = load::scenario(plan, arguments.profiles.as_deref(), overrides)?;
    let options =
        Options { threads: asked.threads.map(usize::from), ..Options::default() };
    let outcome = engine::run(&loaded.scenario, &options)?;
    play::refuse_overflow(&outcome)?;
    let decision = Decision::of(&loaded.scenario, &outcome);
    let json = answer::json(&loaded.scenario, &outcome, &decision, &loaded.plan_hash)
        .map_err(|e| Failure::Report(e.to_string()))?;
    let text = Text::of(&plan.display().to_string(), &json);
    let metrics = match reviewed.filter(|b| b.plan.is_some() && !arguments.update) {
        Some(reviewed) => results::now(&text, reviewed),
        None => results::baseline(&text),
    };
    metrics.map_err(Failure::Wrong)
}

fn refused(arguments: &GateArguments, apart: Apart) -> Failure {
    let text = Text::of(&arguments.baseline.display().to_string(), "");
    let (code, message, help) = match apart {
        Apart::Kinds => (
            "E0706",
            "the baseline is of the other kind, a plan's answer or measurements",
            "give --plan for the first and --measured for the second",
        ),
        Apart::Names => (
            "E0707",
            "the baseline has no metric in common with what is now",
            "review what is measured and write the baseline again with --update",
        ),
    };
    Failure::Wrong(text.refuse(code, 0..0, message, help.to_owned()))
}

fn update(
    arguments: &GateArguments,
    reviewed: Option<&Baseline>,
    now: Baseline,
) -> Result<(), Failure> {
    let now = match reviewed {
        Some(reviewed) if reviewed.plan.is_some() != now.plan.is_some() => {
            return Err(refused(arguments, Apart::Kinds));
        }
        Some(reviewed) => now.with_limits_of(reviewed),
        None => now,
    };
    let now = Baseline { max_regress: arguments.max_regress.or(now.max_regress), ..now };
    let text = now.to_json().map_err(|e| Failure::Report(e.to_string()))?;
    put(&arguments.baseline, &text)?;
    if !arguments.quiet {
        let metrics = now.metrics.len();
        let place = arguments.baseline.display();
        say(&format!("wrote {metrics} metrics to {place}: review what changed"));
    }
    Ok(())
}

/// Writes a file, and the folder above it where there is none.
fn put(path: &Path, text: &str) -> Result<(), write::WriteError> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        write::folder(folder)?;
    }
    write::file(path, text.as_bytes())
}

fn save(arguments: &GateArguments, comparison: &Comparison) -> Result<(), Failure> {
    let broken = |e: serde_json::Error| Failure::Report(e.to_string());
    let files = &arguments.files;
    let json = output::json(comparison).map_err(broken)?;
    for (path, text) in [
        (&files.report, json.clone()),
        (&files.markdown, text::markdown(comparison)),
        (&files.junit, junit::xml(comparison, arguments.strict)),
        (&files.bencher, bencher::json(comparison).map_err(broken)?),
    ] {
        if let Some(path) = path {
            put(path, &text)?;
        }
    }
    for (direction, path) in &files.action {
        let better = match direction {
            Direction::Bigger => Better::Higher,
            Direction::Smaller => Better::Lower,
        };
        let list = action::json(comparison, better).map_err(broken)?;
        put(path, &list)?;
    }
    if arguments.json {
        hand_over(&json)?;
    } else {
        print(&text::table(comparison))?;
    }
    Ok(())
}
