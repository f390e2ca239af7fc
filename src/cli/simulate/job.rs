//! `rackcast simulate job`: a job through failures, repairs, spares and checkpoints.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::super::{Failure, hand_over, load, print, say};
use super::duration;
use crate::hardware::failures::{
    Capacity, Corruption, Domain, Early, Expected, Job, Reclaim, Slow, checkpoint, held,
};
use crate::hardware::simulate;
use crate::hardware::simulate::job::{JobOutcome, JobRun};
use crate::random::Seed;
use crate::report::format::whole;

#[derive(Debug, Args)]
pub(super) struct JobArguments {
    /// Accelerator, by id, name or alias
    #[arg(long, value_name = "NAME")]
    accelerator: String,
    /// Nodes of the job
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    nodes: u32,
    /// Further nodes that stand by (owned machines)
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    spares: u32,
    /// How the machines are held
    #[arg(long, value_enum, default_value_t = CapacityArgument::Owned)]
    capacity: CapacityArgument,
    /// Days of a path
    #[arg(long, default_value_t = 90.0)]
    days: f64,
    /// Independent paths
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    paths: u32,
    /// Seed of all random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Time a checkpoint keeps the job from computing, s; 60 where nothing says better
    #[arg(long, value_name = "S")]
    checkpoint_s: Option<f64>,
    /// Model whose training state a checkpoint writes, by id, name or alias
    #[arg(
        long,
        value_name = "NAME",
        requires = "write_gb_per_s",
        conflicts_with = "checkpoint_s"
    )]
    model: Option<String>,
    /// Rate at which all nodes together write, 10^9 bytes/s
    #[arg(long, value_name = "GB_PER_S", requires = "model")]
    write_gb_per_s: Option<f64>,
    /// Time from having the nodes until the job computes again, s
    #[arg(long, default_value_t = 600.0, value_name = "S")]
    restart_s: f64,
    /// Time computed between checkpoints, s; the optimum where left out
    #[arg(long, value_name = "S")]
    interval_s: Option<f64>,
    #[command(flatten)]
    rates: Rates,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

/// Rates over those of the profile.
#[derive(Debug, Args)]
struct Rates {
    /// Failures of nodes that stop the job, over the profile's
    #[arg(long, value_name = "PER_1000_NODE_DAYS")]
    node_failures: Option<f64>,
    /// Failures of the job that no node caused, over the profile's
    #[arg(long, value_name = "PER_DAY")]
    job_failures: Option<f64>,
    /// Share of node failures that need a part, over the profile's
    #[arg(long, value_name = "SHARE")]
    replacement_share: Option<f64>,
    /// Time of a reset, over the profile's
    #[arg(long, value_name = "HOURS")]
    reset_hours: Option<f64>,
    /// Time until a replaced node serves again, over the profile's
    #[arg(long, value_name = "HOURS")]
    replacement_hours: Option<f64>,
    /// Nodes that fail together (a tray, a rack)
    #[arg(long, value_name = "NODES", requires = "domain_failures")]
    domain_nodes: Option<u32>,
    /// Failures of such a domain
    #[arg(long, value_name = "PER_1000_DOMAIN_DAYS", requires = "domain_nodes")]
    domain_failures: Option<f64>,
    /// Time until its nodes serve again
    #[arg(long, value_name = "HOURS", default_value_t = 4.0)]
    domain_repair_hours: f64,
    /// Nodes that turn slow
    #[arg(long, value_name = "PER_1000_NODE_DAYS")]
    slow_nodes: Option<f64>,
    /// Share of the speed that slow nodes cost the job
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    slowdown: f64,
    /// Time until a slow node is found and swapped
    #[arg(long, value_name = "HOURS", default_value_t = 4.0)]
    slow_found_hours: f64,
    /// Silent corruptions
    #[arg(long, value_name = "PER_1000_NODE_DAYS")]
    corruptions: Option<f64>,
    /// Time until a corruption is noticed
    #[arg(long, value_name = "HOURS", default_value_t = 4.0)]
    corruption_found_hours: f64,
    /// Shape of early failures: 0.5 doubles their number over the early days
    #[arg(long, value_name = "SHAPE", requires = "early_days")]
    early_shape: Option<f64>,
    /// Days until failures have settled
    #[arg(long, value_name = "DAYS", requires = "early_shape")]
    early_days: Option<f64>,
    /// Times spot capacity is taken back
    #[arg(long, value_name = "PER_DAY")]
    reclaims: Option<f64>,
    /// Time until as much spot capacity is to be had again
    #[arg(long, value_name = "HOURS")]
    away_hours: Option<f64>,
    /// Warning before spot capacity goes
    #[arg(long, value_name = "S")]
    notice_s: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CapacityArgument {
    /// One's own: repaired, with spares
    Owned,
    /// The landlord swaps a failed node
    Rented,
    /// All of it may be taken back at once
    Spot,
}

impl From<CapacityArgument> for Capacity {
    fn from(given: CapacityArgument) -> Self {
        match given {
            CapacityArgument::Owned => Self::Owned,
            CapacityArgument::Rented => Self::Rented,
            CapacityArgument::Spot => Self::Spot,
        }
    }
}

impl Rates {
    fn lay_over(&self, job: &mut Job) {
        let per_1000 = |x: f64| x / 1000.0;
        let over = |value: &mut f64, given: Option<f64>| {
            if let Some(x) = given {
                *value = x;
            }
        };
        over(&mut job.node_failures_per_day, self.node_failures.map(per_1000));
        over(&mut job.job_failures_per_day, self.job_failures);
        over(&mut job.replacement_share, self.replacement_share);
        over(&mut job.reset_hours, self.reset_hours);
        over(&mut job.replacement_hours, self.replacement_hours);
        if let (Some(nodes), Some(failures)) = (self.domain_nodes, self.domain_failures) {
            job.domain = Some(Domain {
                nodes,
                failures_per_day: per_1000(failures),
                repair_hours: self.domain_repair_hours,
            });
        }
        if let Some(slow) = self.slow_nodes {
            job.slow = Some(Slow {
                per_node_day: per_1000(slow),
                slowdown: self.slowdown,
                found_hours: self.slow_found_hours,
            });
        }
        if let Some(corruptions) = self.corruptions {
            job.corruption = Some(Corruption {
                per_node_day: per_1000(corruptions),
                found_hours: self.corruption_found_hours,
            });
        }
        if let (Some(shape), Some(days)) = (self.early_shape, self.early_days) {
            job.early = Some(Early { shape, days });
        }
        let asked = self.reclaims.is_some() || self.away_hours.is_some();
        if asked && job.reclaim.is_none() {
            job.reclaim = Some(Reclaim { per_day: 0.0, away_hours: 0.0, notice_s: 0.0 });
        }
        if let Some(r) = &mut job.reclaim {
            over(&mut r.per_day, self.reclaims);
            over(&mut r.away_hours, self.away_hours);
            over(&mut r.notice_s, self.notice_s);
        }
    }
}

pub(super) fn run(arguments: &JobArguments) -> Result<(), Failure> {
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let chip = catalogue
        .accelerator(&arguments.accelerator)
        .map_err(|e| Failure::Input(e.to_string()))?;
    let checkpoint_s = match (&arguments.model, arguments.write_gb_per_s) {
        (Some(name), Some(rate)) => {
            let model =
                catalogue.model(name).map_err(|e| Failure::Input(e.to_string()))?;
            checkpoint::write_s(model.architecture.params_billion * 1e9, rate)
        }
        _ => arguments.checkpoint_s.unwrap_or(60.0),
    };
    let mut held = held(
        chip,
        arguments.capacity.into(),
        arguments.nodes,
        arguments.spares,
        checkpoint_s,
        arguments.restart_s,
    );
    for job in &mut held.jobs {
        job.interval_s = arguments.interval_s;
        arguments.rates.lay_over(job);
    }
    // The team sets its interval once, at the middle of what it knows.
    let interval = held.jobs[1].interval_s();
    let [best, middle, worst] = held.jobs.map(|mut job| {
        job.interval_s = Some(interval);
        job
    });
    let refused = |e: crate::hardware::Infeasible| Failure::Input(e.to_string());
    let expected = |job: &Job| job.expected(arguments.days).map_err(refused);
    let band = [expected(&worst)?, expected(&best)?];
    let closed = expected(&middle)?;
    let started = Instant::now();
    let played = simulate::job::job(
        &middle,
        &JobRun {
            days: arguments.days,
            paths: arguments.paths,
            seed: Seed(arguments.seed),
        },
    )
    .map_err(refused)?;
    let seconds = started.elapsed().as_secs_f64();
    if arguments.json {
        let all = json!({
            "accelerator": chip.id,
            "days": arguments.days,
            "paths": arguments.paths,
            "seed": arguments.seed,
            "job": middle,
            "simulated": played,
            "closed_form": closed,
            "closed_form_p10_p90": band,
            "notes": held.notes,
        });
        hand_over(&format!("{all:#}\n"))?;
    } else {
        print(&table(arguments, &chip.name, &played, &closed, &band, &held.notes))?;
    }
    say(&format!("Played {} events in {seconds:.2} s", whole(played.counts.events)));
    Ok(())
}

fn table(
    arguments: &JobArguments,
    chip: &str,
    played: &JobOutcome,
    closed: &Expected,
    [worst, best]: &[Expected; 2],
    notes: &[String],
) -> String {
    let mut text = String::new();
    let mut line = |l: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", l.trim_end());
    };
    let spares = match arguments.spares {
        0 => String::new(),
        n => format!(" and {}", load::counted(whole(u64::from(n)), "spare")),
    };
    line(format!(
        "{}{spares} of {chip}, {}; {} days, {} paths, seed {}",
        load::counted(whole(u64::from(arguments.nodes)), "node"),
        match arguments.capacity {
            CapacityArgument::Owned => "owned",
            CapacityArgument::Rented => "rented",
            CapacityArgument::Spot => "spot",
        },
        arguments.days,
        whole(u64::from(arguments.paths)),
        arguments.seed
    ));
    line(String::new());
    line(format!(
        "{:26}{:24}{:16}{}",
        "", "simulated", "closed form", "where rates are at 90 to 10 %"
    ));
    let row =
        |name: &str, a: String, b: String, c: String| format!("{name:26}{a:24}{b:16}{c}");
    let error = |e: f64| format!("± {:.2} %", e * 100.0);
    line(row(
        "goodput",
        format!(
            "{} {}",
            share(played.goodput.mean),
            error(played.goodput.standard_error)
        ),
        share(closed.goodput),
        format!("{} to {}", share(worst.goodput), share(best.goodput)),
    ));
    line(row(
        "nodes there",
        format!(
            "{} {}",
            share(played.availability.mean),
            error(played.availability.standard_error)
        ),
        share(closed.availability),
        format!("{} to {}", share(worst.availability), share(best.availability)),
    ));
    line(row(
        "time to interruption",
        duration(played.mtti_hours * 3600.0),
        duration(closed.mtti_hours * 3600.0),
        format!(
            "{} to {}",
            duration(worst.mtti_hours * 3600.0),
            duration(best.mtti_hours * 3600.0)
        ),
    ));
    let i = &played.interruptions;
    line(row(
        "interruptions of a path",
        format!("{:.1} ({:.0} to {:.0})", i.mean, i.p10, i.p90),
        format!("{:.1}", arguments.days * 24.0 * closed.availability / closed.mtti_hours),
        String::new(),
    ));
    line(row(
        "checkpoint after",
        duration(played.interval_s),
        String::new(),
        String::new(),
    ));
    line(String::new());
    line("where the time goes".to_owned());
    let (a, b) = (&played.shares, &closed.shares);
    for (name, simulated, expected) in [
        ("progress kept", a.progress, b.progress),
        ("waiting for nodes", a.waiting, b.waiting),
        ("taken back", a.away, b.away),
        ("checkpoints", a.checkpoints, b.checkpoints),
        ("restarts and lost work", a.failures, b.failures),
        ("slow nodes", a.slow, b.slow),
        ("corruption", a.corruption, b.corruption),
    ] {
        if simulated.abs() > 1e-9 || expected.abs() > 1e-9 {
            line(row(
                &format!("  {name}"),
                share(simulated.max(0.0)),
                share(expected),
                String::new(),
            ));
        }
    }
    for note in closed.notes.iter().chain(notes) {
        line(format!("note: {note}"));
    }
    text
}

/// A share with a decimal: what a plan loses is often a per cent or two.
fn share(x: f64) -> String {
    format!("{:.1} %", x * 100.0)
}
