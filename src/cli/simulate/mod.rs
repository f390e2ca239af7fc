//! `rackcast simulate`: a job or a serving replica, event by event.
//!
//! Read next: `job`, `serve`.

mod job;
mod serve;

use clap::{Args, Subcommand};

use super::Failure;
use crate::profile::Precision;

#[derive(Debug, Args)]
pub(super) struct SimulateArguments {
    #[command(subcommand)]
    what: Simulated,
}

#[derive(Debug, Subcommand)]
enum Simulated {
    /// A job on nodes that fail: goodput, interruptions, where the time goes
    #[command(allow_negative_numbers = true)]
    Job(Box<job::JobArguments>),
    /// Requests on replicas that batch: latency distribution, throughput, KV memory
    #[command(allow_negative_numbers = true)]
    Serve(Box<serve::ServeArguments>),
}

pub(super) fn run(arguments: &SimulateArguments) -> Result<(), Failure> {
    match &arguments.what {
        Simulated::Job(arguments) => job::run(arguments),
        Simulated::Serve(arguments) => serve::run(arguments),
    }
}

/// A number format by the name it has in files.
fn precision(name: &str) -> Result<Precision, String> {
    let all = [
        Precision::Bf16,
        Precision::Fp8,
        Precision::Fp4,
        Precision::Int8,
        Precision::Int4,
    ];
    let names: Vec<&str> = all.iter().map(|p| p.name()).collect();
    all.into_iter()
        .find(|p| p.name().eq_ignore_ascii_case(name))
        .ok_or_else(|| format!("one of {}", names.join(", ")))
}

/// A duration as people read it: `9.6 min`, `3.1 h`.
fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "never".to_owned(),
        s if s < 0.1 => format!("{:.3} ms", s * 1e3),
        s if s < 10.0 => format!("{s:.3} s"),
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.2} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}
