//! `rackcast shard` and `rackcast merge`: one run on many machines.
//!
//! A shard plays its share of the paths and writes them; merging gives what a single run
//! would have given, to the last byte, in whatever order parts come. Which share may
//! come from the environment of a scheduler. Read next: [`crate::engine::played`].

use std::path::Path;

use crate::block::Arithmetic;
use crate::engine::{Played, played};
use crate::report::part::{Inputs, Part};
use crate::report::write;
use crate::scenario::{Overrides, Scenario};

use super::args::{MergeArguments, ShardArguments};
use super::paths::{self, How};
use super::{Failure, load, play, print};

/// `rackcast shard`.
pub(super) fn shard(arguments: &ShardArguments) -> Result<(), Failure> {
    let (index, of) = place(arguments, |name| std::env::var(name).ok())?;
    let what = &arguments.what;
    let profiles = what.profiles.as_deref();
    let loaded = load::scenario(&what.plan, profiles, what.overrides())?;
    let folder = arguments.out.as_deref().unwrap_or(Path::new("."));
    write::folder(folder)?;
    paths::listen();
    let wanted = played::share(&loaded.scenario, index, of);
    let how = How {
        threads: what.threads(),
        quiet: arguments.quiet,
        timed: false,
        checkpoint: None,
    };
    let none = Played::none(&loaded.scenario);
    let played = paths::play(&loaded.scenario, &loaded.inputs, wanted, none, &how)?;
    let file = folder.join(format!("part-{index}-of-{of}.json"));
    paths::save(&file, &loaded.inputs, &played)?;
    if !arguments.quiet {
        let n = played.paths(&loaded.scenario);
        print(&format!("{}: {n} of {} paths\n", file.display(), loaded.scenario.paths))?;
    }
    Ok(())
}

/// Which share to play: from the arguments, else from a Slurm array or an indexed job of
/// Kubernetes.
fn place(
    arguments: &ShardArguments,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(u64, u64), Failure> {
    let number = |name: &str| -> Result<Option<u64>, Failure> {
        let Some(text) = variable(name) else { return Ok(None) };
        let parsed = text.trim().parse().map(Some);
        parsed.map_err(|_| {
            Failure::Input(format!("{name} must be a whole number, found `{text}`"))
        })
    };
    let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
    let index = match arguments.index {
        Some(index) => Some(index),
        None => match number("SLURM_ARRAY_TASK_ID")? {
            Some(id) => Some(id.saturating_sub(first)),
            None => number("JOB_COMPLETION_INDEX")?,
        },
    };
    let of = match arguments.of {
        Some(of) => Some(of),
        None => number("SLURM_ARRAY_TASK_COUNT")?,
    };
    let (Some(index), Some(of)) = (index, of) else {
        return Err(Failure::Input(
            "which share to play is not said: give --index and --of, or run it as a Slurm \
             array (SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_COUNT) or as an indexed job of \
             Kubernetes (JOB_COMPLETION_INDEX) with --of"
                .to_owned(),
        ));
    };
    if index >= of {
        return Err(Failure::Input(format!(
            "there is no share {index} of {of}: shares are numbered from 0 to {}",
            of.saturating_sub(1)
        )));
    }
    Ok((index, of))
}

/// `rackcast merge`.
pub(super) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let parts: Vec<(String, Part)> = arguments
        .parts
        .iter()
        .map(|file| Ok((file.display().to_string(), paths::read(file)?)))
        .collect::<Result<_, Failure>>()?;
    let (first_name, first) = parts.first().ok_or_else(|| {
        Failure::Input("no parts are named: rackcast merge part-*.json".to_owned())
    })?;
    let inputs = first.inputs.clone();
    for (name, part) in &parts {
        if let Some(difference) = inputs.difference(&part.inputs) {
            return Err(Failure::Input(format!(
                "{name} is no part of the run that {first_name} is of: {difference}"
            )));
        }
    }
    let overrides = Overrides {
        paths: Some(inputs.paths),
        seed: Some(inputs.seed),
        sampler: Some(inputs.sampler),
        fast_math: Some(inputs.arithmetic == Arithmetic::Fused),
    };
    let profiles = arguments.profiles.as_deref();
    let Inputs { plan_name: name, plan_text: text, files, .. } = &inputs;
    let loaded = load::from_text(name, text, files, profiles, overrides)?;
    if let Some(difference) = inputs.difference(&loaded.inputs) {
        return Err(Failure::Input(format!(
            "{first_name} was played with {difference}: name the folder it was played \
             with in --profiles"
        )));
    }
    let played = joined(&loaded.scenario, parts)?;
    play::finish(&loaded, &played.outcome(&loaded.scenario), &arguments.output)
}

/// All parts together; refuses paths that are there twice or not at all.
fn joined(scenario: &Scenario, parts: Vec<(String, Part)>) -> Result<Played, Failure> {
    let mut problems: Vec<String> = Vec::new();
    for (i, (name, part)) in parts.iter().enumerate() {
        for (other, earlier) in &parts[..i] {
            if part.played.overlaps(&earlier.played) {
                problems.push(format!("{name} and {other} have paths in common"));
            }
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Input(problems.join("\n")));
    }
    let mut all = Played::none(scenario);
    for (_, part) in parts {
        all.join(part.played);
    }
    let wanted = played::chunks(scenario);
    let mut next = wanted.start;
    let mut ranges = all.chunks();
    ranges.push(wanted.end..wanted.end);
    for range in ranges {
        if range.start > next {
            let end = (range.start * crate::engine::PATHS_PER_CHUNK).min(scenario.paths);
            let start = next * crate::engine::PATHS_PER_CHUNK;
            problems.push(format!("paths {start} to {} are in no part", end - 1));
        }
        next = next.max(range.end);
    }
    if problems.is_empty() { Ok(all) } else { Err(Failure::Input(problems.join("\n"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(index: Option<u64>, of: Option<u64>) -> ShardArguments {
        ShardArguments { index, of, ..ShardArguments::default() }
    }

    fn found(
        pairs: &[(&str, &str)],
        given: &ShardArguments,
    ) -> Result<(u64, u64), String> {
        let variable = |name: &str| {
            pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
        };
        place(given, variable).map_err(|e| e.to_string())
    }

    #[test]
    fn a_share_comes_from_the_arguments_or_from_a_scheduler() {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_COUNT", "7"),
        ];
        assert_eq!(found(&slurm, &arguments(None, None)), Ok((2, 7)));
        assert_eq!(found(&slurm, &arguments(Some(0), Some(2))), Ok((0, 2)));
        let kubernetes = [("JOB_COMPLETION_INDEX", "4")];
        assert_eq!(found(&kubernetes, &arguments(None, Some(5))), Ok((4, 5)));
    }

    #[test]
    fn a_share_that_is_not_said_or_not_there_is_refused() {
        assert!(found(&[], &arguments(None, Some(3))).unwrap_err().contains("--index"));
        assert!(found(&[], &arguments(Some(3), Some(3))).unwrap_err().contains("0 to 2"));
        let odd = [("JOB_COMPLETION_INDEX", "x")];
        assert!(found(&odd, &arguments(None, Some(3))).unwrap_err().contains("whole"));
    }
}
