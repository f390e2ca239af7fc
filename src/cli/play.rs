//! `rackcast run`: from a plan to an answer and its files.

use std::time::{Duration, Instant};

use crate::decide::Decision;
use crate::engine::{self, Options, Outcome, Played, StrategyOutcome, played};
use crate::report::gallery::Picture;
use crate::report::write::Files;
use crate::report::{bill, gallery, html, map, results, summary, table, write};
use crate::scenario::Scenario;
use crate::scenario::plan::Bands;

use super::args::{OutputArguments, RunArguments};
use super::load::Loaded;
use super::paths::{self, How};
use super::{Failure, colour, hand_over, load, one_path, print, say, sweep};

/// Name of the checkpoint in the folder of a run.
const CHECKPOINT: &str = "checkpoint.json";

/// `rackcast run`.
pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let started = Instant::now();
    let what = &arguments.what;
    let profiles = what.profiles.as_deref();
    if !arguments.sweep.is_empty() {
        return sweep::run(arguments);
    }
    let mut loaded = load::scenario(&what.plan, profiles, what.overrides())?;
    if let Some(path) = arguments.show_path {
        return one_path::show(loaded.scenario, path);
    }
    let explained = arguments.explain_cost.as_deref();
    let explained = explained.map(|name| strategy(&loaded.scenario, name)).transpose()?;
    if let Some(folder) = &arguments.output.out {
        // A folder that cannot be made is told before the paths are played, not after.
        write::folder(folder)?;
    }
    let read = started.elapsed();
    let mut played = play(&mut loaded, arguments)?;
    let threads = arguments.what.threads();
    let timed = arguments.profile_time;
    let options = Options { threads, timed, ..Options::default() };
    if arguments.exact {
        engine::exact(&loaded.scenario, &mut played, &options)?;
    }
    if arguments.curvewise || loaded.scenario.bands == Bands::Curvewise {
        engine::curvewise(&loaded.scenario, &mut played, &options)?;
    }
    let done = started.elapsed();
    let outcome = played.outcome(&loaded.scenario);
    let map = if arguments.map {
        maps(&loaded.scenario, &outcome, arguments.output.pdf)?
    } else {
        Extra::default()
    };
    if let Some(strategy) = explained {
        let (text, rows) = explain(&loaded.scenario, &outcome, strategy)?;
        let extra =
            Extra { files: vec![("bill.csv".to_owned(), rows)], ..Extra::default() };
        let quiet = OutputArguments { quiet: true, ..arguments.output.clone() };
        finish_with(&loaded, &outcome, &quiet, &[map, extra])?;
        print(&text)?;
    } else {
        finish_with(&loaded, &outcome, &arguments.output, &[map])?;
    }
    if let Some(folder) = &arguments.output.out {
        // Of no more use; that it may not go is no error.
        let _ = std::fs::remove_file(folder.join(CHECKPOINT));
    }
    if !arguments.output.quiet {
        let all = started.elapsed();
        if arguments.profile_time {
            let (playing, rest) = (done.saturating_sub(read), all.saturating_sub(done));
            say(&times(&played, read, playing, rest));
        }
        let place = arguments.output.out.as_ref().map_or_else(String::new, |folder| {
            format!(", files in {}", folder.display())
        });
        let seconds = all.as_secs_f64();
        say(&format!("Played {} paths in {seconds:.2} s{place}", outcome.paths));
    }
    Ok(())
}

/// The place of a strategy of a plan.
fn strategy(scenario: &Scenario, name: &str) -> Result<usize, Failure> {
    let names = || scenario.strategies.iter().map(|s| s.name.as_str());
    names().position(|n| n == name).ok_or_else(|| {
        let all: Vec<&str> = names().collect();
        Failure::Input(format!(
            "the plan plays no strategy `{name}`: it has {}",
            all.join(", ")
        ))
    })
}

/// Files beside those of every run, by name.
#[derive(Default)]
struct Extra {
    files: Vec<Picture>,
    charts: Vec<Picture>,
}

/// The break-even maps of a run.
fn maps(scenario: &Scenario, outcome: &Outcome, pdf: bool) -> Result<Extra, Failure> {
    let maps = map::maps(outcome, &Decision::of(scenario, outcome));
    let rows = map::csv(&maps).map_err(|e| Failure::Report(e.to_string()))?;
    let mut charts = map::draw(scenario, outcome, &maps)
        .map_err(|e| Failure::Report(e.to_string()))?;
    if pdf {
        charts.extend(map::pdfs(scenario, outcome, &maps));
    }
    if maps.is_empty() {
        say(
            "no strategy with committed chips stands against one without: there is no map",
        );
    }
    Ok(Extra { files: vec![("break-even-map.csv".to_owned(), rows)], charts })
}

/// The bill of a strategy on its median path, as text and as a table.
fn explain(
    scenario: &Scenario,
    outcome: &Outcome,
    strategy: usize,
) -> Result<(String, Vec<u8>), Failure> {
    let median = outcome.strategies[strategy].net_present_cost.median();
    let path = engine::nearest_path(scenario, strategy, median);
    let found = engine::bill(scenario, strategy, path);
    let rows = bill::csv(scenario, &found).map_err(|e| Failure::Report(e.to_string()))?;
    let decision = Decision::of(scenario, outcome);
    Ok((bill::text(scenario, outcome, &decision, &found), rows))
}

/// The paths of a run.
fn play(loaded: &mut Loaded, arguments: &RunArguments) -> Result<Played, Failure> {
    paths::listen();
    let every = Duration::from_secs_f64(arguments.checkpoint_every);
    let file = arguments.output.out.as_ref().map(|folder| folder.join(CHECKPOINT));
    let how = How {
        threads: arguments.what.threads(),
        quiet: arguments.output.quiet,
        timed: arguments.profile_time,
        checkpoint: file.clone().map(|file| (file, every)),
    };
    if let Some(share) = arguments.until_error {
        let how = How { checkpoint: None, ..how };
        return paths::play_until(&mut loaded.scenario, &loaded.inputs, share, &how);
    }
    let (scenario, inputs) = (&loaded.scenario, &loaded.inputs);
    let so_far = match file.filter(|_| arguments.resume) {
        Some(file) => paths::resume(&file, inputs, scenario)?,
        None => Played::none(scenario),
    };
    paths::play(scenario, inputs, played::chunks(scenario), so_far, &how)
}

/// Decides, writes the files and prints the answer.
pub(super) fn finish(
    loaded: &Loaded,
    outcome: &Outcome,
    output: &OutputArguments,
) -> Result<(), Failure> {
    finish_with(loaded, outcome, output, &[])
}

/// The same with more files.
fn finish_with(
    loaded: &Loaded,
    outcome: &Outcome,
    output: &OutputArguments,
    more: &[Extra],
) -> Result<(), Failure> {
    let scenario = &loaded.scenario;
    refuse_overflow(outcome)?;
    let decision = Decision::of(scenario, outcome);
    let json =
        results::json(scenario, outcome, &decision, &loaded.plan_hash).map_err(|e| {
            Failure::Report(format!("results cannot be written as JSON: {e}"))
        })?;
    if let Some(folder) = &output.out {
        let mut files = Files::begin(folder)?;
        add_all(&mut files, scenario, outcome, output)?;
        for extra in more {
            extra.charts.iter().try_for_each(|(name, bytes)| files.chart(name, bytes))?;
            extra.files.iter().try_for_each(|(name, bytes)| files.add(name, bytes))?;
        }
        let answer = html::Answer {
            scenario,
            outcome,
            decision: &decision,
            plan_hash: &loaded.plan_hash,
        };
        files.add("report.html", html::report(&answer).as_bytes())?;
        // What other programs wait for comes last.
        files.add("results.json", json.as_bytes())?;
        files.finish()?;
    }
    if output.json {
        hand_over(&json)
    } else if output.quiet {
        Ok(())
    } else {
        print(&colour::summary(&summary::summary(scenario, outcome, &decision)))
    }
}

/// Where the time went, by room.
fn times(played: &Played, read: Duration, playing: Duration, rest: Duration) -> String {
    let ms = |time: Duration| format!("{:>9.1} ms", 1e3 * time.as_secs_f64());
    let stages = played.time_by_stage();
    let all: Duration = stages.iter().map(|(_, time)| *time).sum();
    let share = |time: Duration| 100.0 * time.as_secs_f64() / all.as_secs_f64().max(1e-9);
    let mut lines = vec![
        format!("{}  input, profile, scenario: reading and resolving the plan", ms(read)),
        format!("{}  engine: playing, of which over all threads", ms(playing)),
    ];
    for (name, time) in stages {
        lines.push(format!("  {}  {:>4.1} %  {name}", ms(time), share(time)));
    }
    lines.push(format!("{}  decide, report: the answer and its files", ms(rest)));
    lines.join("\n")
}

/// JSON has no way to write what is not a number, and nobody can act on it.
pub(super) fn refuse_overflow(outcome: &Outcome) -> Result<(), Failure> {
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

/// Tables and charts of fans.
fn add_all(
    files: &mut Files,
    scenario: &Scenario,
    outcome: &Outcome,
    output: &OutputArguments,
) -> Result<(), Failure> {
    if !output.no_charts {
        let mut drawn = gallery::draw(scenario, outcome)
            .map_err(|e| Failure::Report(e.to_string()))?;
        if output.pdf {
            drawn.extend(gallery::pdfs(scenario, outcome));
        }
        for (name, bytes) in drawn {
            files.chart(&name, &bytes)?;
        }
    }
    let rows = table::csv(scenario, outcome)
        .map_err(|e| Failure::Report(format!("fans cannot be written as CSV: {e}")))?;
    files.add("fans.csv", &rows)?;
    #[cfg(feature = "parquet")]
    {
        let rows = table::parquet(scenario, outcome).map_err(|e| {
            Failure::Report(format!("fans cannot be written as Parquet: {e}"))
        })?;
        files.add("fans.parquet", &rows)?;
    }
    Ok(())
}
