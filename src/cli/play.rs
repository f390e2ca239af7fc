//! `rackcast run`: from a plan to an answer and its files.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::decide::Decision;
use crate::engine::{self, Options, Outcome, StrategyOutcome};
use crate::report::{gallery, results, summary, table, write};
use crate::scenario::{Overrides, Scenario};

use super::args::RunArguments;
use super::{Failure, load, print, say};

pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let started = Instant::now();
    let overrides = Overrides { paths: arguments.paths, seed: arguments.seed };
    let loaded =
        load::scenario(&arguments.plan, arguments.profiles.as_deref(), overrides)?;
    if let Some(folder) = &arguments.out {
        // A folder that cannot be made is told before the paths are played, not after.
        write::folder(folder)?;
    }
    let outcome = play(&loaded.scenario, arguments)?;
    refuse_overflow(&outcome)?;
    let decision = Decision::of(&loaded.scenario, &outcome);
    let json = results::json(&loaded.scenario, &outcome, &decision, &loaded.plan_hash)
        .map_err(|e| {
            Failure::Report(format!("results cannot be written as JSON: {e}"))
        })?;
    if let Some(folder) = &arguments.out {
        save(folder, &json, &loaded.scenario, &outcome, !arguments.no_charts)?;
    }
    if arguments.quiet {
        return Ok(());
    }
    if arguments.json {
        print(&json);
    } else {
        print(&summary::summary(&loaded.scenario, &outcome, &decision));
    }
    let seconds = started.elapsed().as_secs_f64();
    let place = arguments
        .out
        .as_ref()
        .map_or_else(String::new, |folder| format!(", files in {}", folder.display()));
    say(&format!("Played {} paths in {seconds:.2} s{place}", outcome.paths));
    Ok(())
}

/// JSON has no way to write what is not a number, and nobody can act on it.
fn refuse_overflow(outcome: &Outcome) -> Result<(), Failure> {
    let is_finite = |s: &&StrategyOutcome| {
        let mean = s.net_present_cost.mean.unwrap_or_default();
        mean.mean.is_finite() && mean.standard_error.is_finite()
    };
    match outcome.strategies.iter().find(|s| !is_finite(s)) {
        None => Ok(()),
        Some(s) => Err(Failure::Report(format!(
            "the cost of `{}` is not a finite number: a figure of the plan is too large, \
             or rackcast has a bug worth reporting",
            s.name
        ))),
    }
}

fn play(scenario: &Scenario, arguments: &RunArguments) -> Result<Outcome, Failure> {
    let threads = arguments.threads.map(usize::from);
    let shows = std::io::stderr().is_terminal() && !arguments.quiet;
    if !shows {
        return Ok(engine::run(scenario, &Options { threads, progress: None })?);
    }
    let bar = ProgressBar::new(scenario.paths);
    let style = "{bar:40} {human_pos} of {human_len} paths, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let progress = |done: u64| bar.set_position(done);
    let outcome = engine::run(scenario, &Options { threads, progress: Some(&progress) });
    bar.finish_and_clear();
    Ok(outcome?)
}

fn save(
    folder: &Path,
    json: &str,
    scenario: &Scenario,
    outcome: &Outcome,
    charts: bool,
) -> Result<(), Failure> {
    write::file(&folder.join("results.json"), json.as_bytes())?;
    let rows = table::csv(scenario, outcome)
        .map_err(|e| Failure::Report(format!("fans cannot be written as CSV: {e}")))?;
    write::file(&folder.join("fans.csv"), &rows)?;
    if charts {
        let folder = folder.join("charts");
        write::folder(&folder)?;
        for (name, bytes) in gallery::draw(scenario, outcome)
            .map_err(|e| Failure::Report(e.to_string()))?
        {
            write::file(&folder.join(name), &bytes)?;
        }
    }
    Ok(())
}
