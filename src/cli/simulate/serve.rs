//! `rackcast simulate serve`: requests through replicas that batch and run out of memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::super::{Failure, hand_over, load, print, say};
use super::{duration, precision};
use crate::hardware::simulate::serve::{
    Admission, Arrivals, ClosedForm, Latency, Lengths, Request, Scheduler, ServeOutcome,
    generate, read_trace, serve,
};
use crate::hardware::{self, Infeasible, ServeCase};
use crate::import::trace;
use crate::input::Text;
use crate::profile::{Accelerator, Model, Precision};
use crate::random::Seed;
use crate::report::format::{count, percent, whole};
use crate::report::write;

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Accelerator, by id, name or alias
    #[arg(long, value_name = "NAME")]
    accelerator: String,
    /// Model, by id, name or alias
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Format of weights and products: bf16, fp8, fp4, int8, int4
    #[arg(long, default_value = "bf16", value_parser = precision)]
    precision: Precision,
    /// Format of the KV cache
    #[arg(long, default_value = "bf16", value_parser = precision)]
    kv_precision: Precision,
    /// Chips of a replica that share every layer; the best where left out
    #[arg(long, value_name = "CHIPS", value_parser = clap::value_parser!(u32).range(1..))]
    tensor: Option<u32>,
    /// Replicas
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replicas: u32,
    /// Requests a replica runs at once at most
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    most_running: u32,
    /// Tokens of a step at most; 0 computes whole prompts while decodes wait
    #[arg(long, default_value_t = 8192)]
    chunk_tokens: u32,
    /// When a request may join: reserve its whole length, or preempt when memory runs out
    #[arg(long, value_enum, default_value_t = AdmissionArgument::Reserve)]
    admission: AdmissionArgument,
    /// Share of every prompt found in a prefix cache
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    cached_share: f64,
    #[command(flatten)]
    load: Load,
    /// Share of the requests, the first, that latencies leave out
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    warm_up_share: f64,
    /// Seed of generated requests
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Write every request with its latencies as CSV
    #[arg(long, value_name = "FILE")]
    requests_out: Option<PathBuf>,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

/// What arrives.
#[derive(Debug, Args)]
struct Load {
    /// Trace (CSV) with a time, input tokens and output tokens by header
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rate", "requests"])]
    trace: Option<PathBuf>,
    /// Arrivals of the trace this many times as fast
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, requires = "trace")]
    speed_up: f64,
    /// Leave requests of the trace without tokens in or out away
    #[arg(long, requires = "trace")]
    skip_empty: bool,
    /// Leave requests of the trace out that are longer than the model's context
    #[arg(long, requires = "trace")]
    skip_long: bool,
    /// Generated requests a second
    #[arg(long, value_name = "PER_S")]
    rate: Option<f64>,
    /// Coefficient of variation of the time between arrivals: 1 Poisson, 0 a metronome
    #[arg(long, value_name = "CV", default_value_t = 1.0)]
    arrival_spread: f64,
    /// Generated requests
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=50_000_000))]
    requests: u32,
    /// Requests in the system at once: the next comes when one is answered
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "rate")]
    concurrency: Option<u32>,
    /// Mean tokens of a generated prompt
    #[arg(long, default_value_t = 1000.0, value_name = "TOKENS")]
    input_tokens: f64,
    /// Coefficient of variation of its length
    #[arg(long, default_value_t = 0.0, value_name = "CV")]
    input_spread: f64,
    /// Mean tokens of a generated answer
    #[arg(long, default_value_t = 250.0, value_name = "TOKENS")]
    output_tokens: f64,
    /// Coefficient of variation of its length
    #[arg(long, default_value_t = 0.0, value_name = "CV")]
    output_spread: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AdmissionArgument {
    /// Its whole length fits
    Reserve,
    /// Its prompt fits; the latest is put out when memory runs out
    Preempt,
}

fn refused(e: &Infeasible) -> Failure {
    Failure::Input(e.to_string())
}

pub(super) fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let unknown = |e: crate::profile::catalogue::Unknown| Failure::Input(e.to_string());
    let chip = catalogue.accelerator(&arguments.accelerator).map_err(unknown)?;
    let model = catalogue.model(&arguments.model).map_err(unknown)?;
    let requests = requests(arguments, model)?;
    let case = case(arguments, &requests);
    let longest = requests
        .iter()
        .map(|r| f64::from(r.input) + f64::from(r.output))
        .fold(0.0, f64::max);
    let started = Instant::now();
    let times =
        ClosedForm::tabulate(chip, model, &case, longest + 1.0, arguments.most_running)
            .map_err(|e| refused(&e))?;
    let tabulated = started.elapsed().as_secs_f64();
    let scheduler = Scheduler {
        replicas: arguments.replicas,
        most_running: arguments.most_running,
        chunk_tokens: (arguments.chunk_tokens > 0).then_some(arguments.chunk_tokens),
        admission: match arguments.admission {
            AdmissionArgument::Reserve => Admission::Reserve,
            AdmissionArgument::Preempt => Admission::Preempt,
        },
        cached_share: arguments.cached_share,
        concurrency: arguments.load.concurrency,
        warm_up_share: arguments.warm_up_share,
    };
    let started = Instant::now();
    let played = serve(&times, &requests, &scheduler).map_err(|e| refused(&e))?;
    let seconds = started.elapsed().as_secs_f64();
    if let Some(file) = &arguments.requests_out {
        write::file(file, &rows(&played)?)?;
    }
    let closed = closed_form(chip, model, &case, &times, arguments, &requests);
    if arguments.json {
        let all = json!({
            "accelerator": chip.id,
            "model": model.id,
            "precision": arguments.precision,
            "kv_precision": arguments.kv_precision,
            "tensor": times.tensor,
            "chips": times.chips * arguments.replicas,
            "scheduler": scheduler,
            "seed": arguments.seed,
            "input_tokens_mean": case.input_tokens,
            "output_tokens_mean": case.output_tokens,
            "simulated": played,
            "closed_form_full_replica": closed.as_ref().map(|c| json!({
                "batch": c.batch,
                "output_tokens_per_s": c.output_tokens_per_s,
                "tpot_s": c.tpot_s,
                "load": c.load,
            })),
        });
        hand_over(&format!("{all:#}\n"))?;
    } else {
        print(&table(arguments, chip, model, &times, &case, &played, closed.as_ref()))?;
    }
    say(&format!(
        "Played {} events in {seconds:.2} s, after {tabulated:.2} s for the step times",
        whole(played.events)
    ));
    Ok(())
}

fn requests(arguments: &ServeArguments, model: &Model) -> Result<Vec<Request>, Failure> {
    let load = &arguments.load;
    if let Some(path) = &load.trace {
        let unreadable =
            |e: std::io::Error| Failure::Input(format!("{}: {e}", path.display()));
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        let start = file.fill_buf().map_err(unreadable)?.trim_ascii_start();
        let read = if start.starts_with(b"{") {
            let text = Text::read(path).map_err(Failure::Wrong)?;
            let csv = trace::csv_of_lines(&text).map_err(Failure::Wrong)?;
            read_trace(csv.as_bytes(), load.skip_empty)
        } else {
            read_trace(file, load.skip_empty)
        };
        let mut all =
            read.map_err(|e| Failure::Input(format!("{}:\n{e}", path.display())))?;
        if !(load.speed_up.is_finite() && load.speed_up > 0.0) {
            return Err(Failure::Input("--speed-up must be above zero".to_owned()));
        }
        for request in &mut all {
            request.at_s /= load.speed_up;
        }
        if let (true, Some(most)) =
            (load.skip_long, model.architecture.max_context_tokens)
        {
            let before = all.len();
            all.retain(|r| u64::from(r.input) + u64::from(r.output) <= u64::from(most));
            let left_out = before - all.len();
            say(&format!("Left out {left_out} of {before} requests above {most} tokens"));
        }
        return Ok(all);
    }
    // With a given concurrency times do not matter; any rate will do.
    let per_s = match (load.rate, load.concurrency) {
        (Some(rate), _) => rate,
        (None, Some(_)) => 1.0,
        (None, None) => {
            return Err(Failure::Input(
                "nothing arrives: give --trace FILE, --rate PER_S or --concurrency N"
                    .to_owned(),
            ));
        }
    };
    let context = model.architecture.max_context_tokens.unwrap_or(u32::MAX);
    let half = context / 2;
    let lengths = |mean: f64, spread: f64| Lengths { mean, spread, most: half.max(1) };
    generate(
        load.requests,
        &Arrivals { per_s, spread: load.arrival_spread },
        &lengths(load.input_tokens, load.input_spread),
        &lengths(load.output_tokens, load.output_spread),
        Seed(arguments.seed),
    )
    .map_err(|e| refused(&e))
}

/// The closed form's case at the mean lengths.
fn case(arguments: &ServeArguments, requests: &[Request]) -> ServeCase {
    let n = crate::units::count(requests.len());
    let mean = |get: fn(&Request) -> u32| {
        requests.iter().fold(0.0, |sum, r| sum + f64::from(get(r))) / n
    };
    ServeCase {
        kv_precision: arguments.kv_precision,
        cached_input_share: arguments.cached_share.clamp(0.0, 1.0),
        tensor: arguments.tensor,
        ..ServeCase::new(mean(|r| r.input), mean(|r| r.output), arguments.precision)
    }
}

/// What the closed form says of a full replica at the mean lengths.
struct Full {
    batch: u32,
    output_tokens_per_s: f64,
    tpot_s: f64,
    /// Tokens asked for over what all replicas can give; none where load is closed.
    load: Option<f64>,
}

fn closed_form(
    chip: &Accelerator,
    model: &Model,
    case: &ServeCase,
    times: &ClosedForm,
    arguments: &ServeArguments,
    requests: &[Request],
) -> Option<Full> {
    let free = ServeCase { tensor: Some(times.tensor), ..case.clone() };
    let most = hardware::serve(chip, model, &free).ok()?.batch;
    let batch = most.min(arguments.most_running);
    let full = ServeCase { batch: Some(batch), ..free };
    let got = hardware::serve(chip, model, &full).ok()?;
    let rate = got.output_tokens_per_s_per_chip.p50 * f64::from(got.chips_per_replica);
    let span = requests.last().map_or(0.0, |r| r.at_s);
    let asked = crate::units::count(requests.len()) * case.output_tokens / span;
    let load = asked / (rate * f64::from(arguments.replicas));
    Some(Full {
        batch,
        output_tokens_per_s: rate,
        tpot_s: got.tpot_ms.p50 / 1e3,
        load: (arguments.load.concurrency.is_none() && load.is_finite()).then_some(load),
    })
}

fn table(
    arguments: &ServeArguments,
    chip: &Accelerator,
    model: &Model,
    times: &ClosedForm,
    case: &ServeCase,
    played: &ServeOutcome,
    closed: Option<&Full>,
) -> String {
    let mut text = String::new();
    let mut line = |l: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", l.trim_end());
    };
    line(format!(
        "{} on {}, {}: {} replica{} of {}",
        model.name,
        chip.name,
        arguments.precision.name(),
        whole(u64::from(arguments.replicas)),
        if arguments.replicas == 1 { "" } else { "s" },
        load::counted(times.chips, "chip")
    ));
    let source = match (&arguments.load.trace, arguments.load.concurrency) {
        (Some(path), _) => format!("of {}", path.display()),
        (None, Some(n)) => format!("generated, {n} at once, seed {}", arguments.seed),
        (None, None) => format!("generated, seed {}", arguments.seed),
    };
    line(format!(
        "{} requests {source}: {:.0} tokens in and {:.0} out in the mean",
        whole(played.requests as u64),
        case.input_tokens,
        case.output_tokens
    ));
    line(String::new());
    line(format!(
        "{:24}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "", "mean", "p50", "p90", "p99", "most"
    ));
    let mut latency = |name: &str, l: &Latency| {
        let mut cells = String::new();
        for x in [l.mean, l.p50, l.p90, l.p99, l.most] {
            let _ = write!(cells, "{:>12}", duration(x));
        }
        line(format!("{name:24}{cells}"));
    };
    latency("time to first token", &played.ttft_s);
    if let Some(tpot) = &played.tpot_s {
        latency("time per output token", tpot);
    }
    latency("end to end", &played.end_to_end_s);
    line(String::new());
    for (name, value) in [
        ("output tokens/s", count(played.output_tokens_per_s)),
        ("prompt tokens/s", count(played.prompt_tokens_per_s)),
        ("requests/s", format!("{:.3}", played.requests_per_s)),
        ("replicas at work", percent(played.utilisation)),
        (
            "running in a replica",
            format!("{:.1} (most {})", played.running_mean, played.running_most),
        ),
        (
            "KV memory",
            format!("{} (most {})", percent(played.kv_mean), percent(played.kv_most)),
        ),
        ("in the system", format!("{:.1}", played.in_system_mean)),
        ("put out", whole(played.preempted)),
        ("makespan", duration(played.makespan_s)),
    ] {
        line(format!("{name:24}{value}"));
    }
    if let Some(full) = closed {
        let load = full
            .load
            .map_or_else(String::new, |l| format!("; the load is {}", percent(l)));
        line(format!(
            "closed form: a full replica, {} requests at once, gives {} output tokens/s \
             at {} each{load}",
            full.batch,
            count(full.output_tokens_per_s),
            duration(full.tpot_s)
        ));
    }
    text
}

fn rows(played: &ServeOutcome) -> Result<Vec<u8>, Failure> {
    let bad = |e: &dyn std::fmt::Display| {
        Failure::Report(format!("requests cannot be written as CSV: {e}"))
    };
    let mut csv = csv::Writer::from_writer(Vec::new());
    for request in &played.served {
        csv.serialize(request).map_err(|e| bad(&e))?;
    }
    csv.into_inner().map_err(|e| bad(&e))
}
