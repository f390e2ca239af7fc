//! How fast is a plan? Task T1, the speed comparison of Monte Carlo engines, as an
//! ordinary plan through the public library.
//!
//! Eight correlated factors, 120 months, three strategies, nine quantiles of five outputs
//! a month. The plan is `examples/t1/plan.toml`; nothing in the engine knows it.
//!
//! ```sh
//! cargo run --release --example t1 -- --paths 100000 --threads 2
//! ```
//!
//! prints what it found beside the known answers of the task, checks them, and one line
//! `RESULT {…}`: wall and processor time of the run, the largest memory of the process,
//! and `floor_cpu_s`, the time that the same count of normals and exponentials alone
//! takes on one core of this machine. `--fast-math` lets the processor fuse products and
//! sums (other last bits), `--exact` finds exact quantiles by a second look.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example answers on the terminal"
)]

use std::hint::black_box;
use std::time::Instant;

use rackcast::block::math::exp;
use rackcast::block::{LANES, Lane, level, splat};
use rackcast::engine::{Options, Outcome, play, played};
use rackcast::input::{Checker, read_str};
use rackcast::profile::Catalogue;
use rackcast::random::{Seed, Stream};
use rackcast::scenario::{Overrides, Plan, Scenario, resolve};

const FACTORS: u64 = 8;
const MONTHS: u64 = 120;

rackcast::kernel! {
    fn exps(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = exp(x[i]);
        }
    }
}

struct Arguments {
    paths: u64,
    threads: usize,
    exact: bool,
    fast: bool,
}

fn arguments() -> Result<Arguments, String> {
    let mut found = Arguments { paths: 100_000, threads: 2, exact: false, fast: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().ok_or(format!("{word} needs a number"))?;
            text.replace('_', "")
                .parse::<u64>()
                .map_err(|e| format!("{word} {text}: {e}"))
        };
        match word.as_str() {
            "--paths" => found.paths = number()?.max(1),
            "--threads" => found.threads = number()?.try_into().unwrap_or(1),
            "--exact" => found.exact = true,
            "--fast-math" => found.fast = true,
            _ => {
                return Err(format!(
                    "{word}? give --paths N, --threads N, --exact, --fast-math"
                ));
            }
        }
    }
    Ok(found)
}

fn scenario(paths: u64, fast: bool) -> Scenario {
    let read = read_str::<Plan>("t1.toml", include_str!("plan.toml"));
    let plan = read.value.expect("the plan reads");
    let mut at = Checker::new();
    let overrides =
        Overrides { paths: Some(paths), fast_math: Some(fast), ..Overrides::default() };
    let found = resolve(&plan, &Catalogue::shipped(), overrides, &mut at);
    assert!(at.is_empty(), "{:?}", at.into_problems());
    found.expect("a plan without problems resolves")
}

/// A line of `/proc/self/status` or a field of `/proc/self/stat`; 0 elsewhere.
fn peak_rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Processor time of all threads of this process, seconds (to 0.01 s, Linux alone).
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let field = |i: usize| rest.split_whitespace().nth(i)?.parse::<f64>().ok();
    (field(11).unwrap_or(0.0) + field(12).unwrap_or(0.0)) / 100.0
}

/// Processor time of this thread, seconds (to the nanosecond, Linux alone); elsewhere the
/// time since `began`.
fn thread_s(began: Instant) -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = stat.and_then(|s| s.split_whitespace().next()?.parse::<f64>().ok());
    ran.map_or_else(|| began.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// Seconds that the normals and exponentials of so many paths take alone, on this thread.
fn floor_s(paths: u64) -> f64 {
    let stream = Stream::new(Seed(1), "floor");
    let (mut rows, mut out) = ([splat(0.0); 4], splat(0.0));
    let groups = paths * FACTORS * MONTHS / (4 * LANES as u64);
    let began = Instant::now();
    let before = thread_s(began);
    for group in 0..groups {
        stream.normals(group * LANES as u64, 3, &mut rows);
        for row in black_box(&rows) {
            exps(&mut out, row);
            black_box(&mut out);
        }
    }
    thread_s(began) - before
}

/// What eight million paths of another program found, and closed forms (chips needed).
fn check(outcome: &Outcome, paths: u64) {
    // Means of the last month; tails are heavy: 3 % is four standard errors and more at
    // 100,000 paths, and shrinks with their root.
    let allowed = 0.03
        * (100_000.0 / rackcast::units::count(usize::try_from(paths).unwrap_or(1)))
            .sqrt()
            .max(0.05);
    let known = [
        ("rent", 1.026_644e8, 3.7889e8),
        ("build", 2.363_81e8, 1.431_08e9),
        ("hybrid", 1.652_56e8, 9.2834e8),
    ];
    for (name, mean, cvar) in known {
        let found =
            outcome.strategies.iter().find(|s| s.name == name).expect("it is played");
        let cost = &found.net_present_cost;
        let (m, c) =
            (cost.mean.unwrap_or_default().mean, cost.cvar95.unwrap_or(f64::NAN));
        println!(
            "{name:6}  mean {m:.5e} (known {mean:.5e})  CVaR95 {c:.4e} (known {cvar:.4e})"
        );
        assert!((m / mean - 1.0).abs() < 1.5 * allowed, "mean of {name}");
        assert!((c / cvar - 1.0).abs() < 3.0 * allowed, "CVaR of {name}");
    }
    let pair = outcome.pair(1, 0).expect("build against rent");
    let cheaper = 1.0 - pair.never;
    println!("P(build < rent) {cheaper:.4} (known 0.0881)");
    assert!((cheaper - 0.0881).abs() < 0.3 * allowed, "P(build < rent)");
    let chips =
        outcome.shown.iter().find(|fan| !fan.quantiles.is_empty()).expect("chips");
    let last = chips.quantiles.last().expect("120 months");
    let closed =
        [36.3133, 114.766, 211.947, 590.736, 1845.04, 5762.58, 16061.4, 29661.8, 93744.3];
    println!("chips needed in month 120, quantiles: {last:.1?}");
    for (found, closed) in last.iter().zip(closed) {
        assert!((found / closed - 1.0).abs() < 2.0 * allowed, "{found} for {closed}");
    }
}

fn main() {
    let given = match arguments() {
        Ok(given) => given,
        Err(wrong) => return eprintln!("{wrong}"),
    };
    let scenario = scenario(given.paths, given.fast);
    let options = Options { threads: Some(given.threads), ..Options::default() };
    let (cpu, began) = (cpu_s(), Instant::now());
    let mut found =
        play(&scenario, played::chunks(&scenario), &options).expect("threads");
    if given.exact {
        rackcast::engine::exact(&scenario, &mut found, &options).expect("threads");
    }
    let outcome = found.outcome(&scenario);
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu_s() - cpu);
    let rss = peak_rss_mib();
    let floor =
        (0..3).map(|_| floor_s(given.paths.min(100_000))).fold(f64::INFINITY, f64::min);
    let floor = floor
        * rackcast::units::count(usize::try_from(given.paths.max(100_000)).unwrap_or(1))
        / 100_000.0;
    check(&outcome, given.paths);
    let quantiles =
        if given.exact { "exact quantiles" } else { "sketch, 256 bins an octave" };
    println!(
        "RESULT {{\"tag\": \"rackcast\", \"n\": {}, \"wall_s\": {wall:.3}, \"cpu_s\": {cpu:.2}, \
         \"peak_rss_mib\": {rss:.0}, \"floor_cpu_s\": {floor:.3}, \"note\": \"examples/t1/plan.toml, \
         {} threads, {:?}, {} arithmetic, {quantiles}\"}}",
        given.paths,
        given.threads,
        level(),
        scenario.arithmetic.name()
    );
}
