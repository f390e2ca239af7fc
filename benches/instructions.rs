//! Counts the instructions of the hot kernels and holds them to a reviewed baseline.
//!
//! Wall time on a shared machine cries wolf; instructions counted by valgrind do not vary.
//! A loop that stops vectorising shows as two to eight times as many.
//!
//! ```sh
//! cargo bench --bench instructions -- --gate     # compare with benches/instructions.json
//! cargo bench --bench instructions -- --update   # rewrite it, for review
//! ```
//!
//! Each kernel runs under `valgrind --tool=callgrind` a few times and twice as often; the
//! difference is the kernel alone. Valgrind knows no AVX-512, so this is the AVX2 path;
//! that the AVX-512 kernels are vectors too, and call no mathematical library, is read
//! off the disassembly. The verdicts are those of `rackcast gate`: exits with 3 where a
//! kernel got worse by more than 2 %.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench answers on the terminal"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use rackcast::block::lanes::weigh;
use rackcast::block::math::{exp, inverse_normal, ln};
use rackcast::block::{LANES, Lane, splat};
use rackcast::engine::{Options, play};
use rackcast::gate::output::text::table;
use rackcast::gate::{Baseline, Better, Entry, Verdict, compare};
use rackcast::input::{Checker, read_str};
use rackcast::profile::Catalogue;
use rackcast::random::{Seed, Stream};
use rackcast::scenario::{Overrides, Plan, Scenario, resolve};
use rackcast::stats::{Queues, Sketch};
use serde::{Deserialize, Serialize};

/// Growth that is a regression: counts repeat exactly, so this is for review's sake.
const LIMIT: f64 = 0.02;

rackcast::kernel! {
    fn exps(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = exp(x[i]);
        }
    }

    fn lns(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = ln(x[i]);
        }
    }

    fn inverse_normals(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = inverse_normal(x[i]);
        }
    }
}

/// A kernel, and what it counts: its name says how many of what one call does.
type Kernel = (&'static str, fn(u64));

const KERNELS: [Kernel; 8] = [
    ("1024 normals", |times| {
        let stream = Stream::new(Seed(1), "rent");
        let mut rows = [splat(0.0); 4];
        for i in 0..times {
            stream.normals(i * 256, 3, black_box(&mut rows));
        }
    }),
    ("256 exp", |times| on_lane(times, exps)),
    ("256 ln", |times| on_lane(times, lns)),
    ("256 inverse normals", |times| on_lane(times, inverse_normals)),
    ("256 sums of 8 weighed lanes", |times| {
        let lanes = [splat(0.5); 8];
        let terms: Vec<(usize, f64)> = (0..8).map(|i| (i, 0.3)).collect();
        let mut out = splat(0.0);
        for _ in 0..times {
            weigh(black_box(&mut out), &terms, |i| &lanes[i]);
        }
    }),
    ("256 samples counted", |times| {
        let mut sketches = vec![Sketch::new()];
        let mut queues = Queues::new(1);
        let values = uniforms();
        for _ in 0..times * 8 {
            queues.record(black_box(&*values), 0, &mut sketches);
        }
        queues.count(&mut sketches);
        black_box(sketches);
    }),
    ("9 quantiles of a sketch", |times| {
        let mut sketch = Sketch::new();
        sketch.record(&*uniforms());
        for _ in 0..times {
            black_box(
                sketch.quantiles(&[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]),
            );
        }
    }),
    ("1024 paths of T1", |times| {
        let scenario = t1();
        let options = Options { threads: Some(1), ..Options::default() };
        black_box(play(&scenario, 0..times, &options).expect("a thread"));
    }),
];

fn on_lane(times: u64, kernel: fn(&mut Lane, &Lane)) {
    let (values, mut out) = (uniforms(), splat(0.0));
    for _ in 0..times {
        kernel(black_box(&mut out), black_box(&values));
    }
}

/// Numbers in (0, 1).
fn uniforms() -> Lane {
    let mut row = splat(0.0);
    Stream::new(Seed(2), "bench").uniform(0, 0, &mut row);
    row
}

fn t1() -> Scenario {
    let read = read_str::<Plan>("t1.toml", include_str!("../examples/t1/plan.toml"));
    let plan = read.value.expect("the plan reads");
    let overrides = Overrides { paths: Some(1 << 20), ..Overrides::default() };
    resolve(&plan, &Catalogue::shipped(), overrides, &mut Checker::new())
        .expect("it resolves")
}

/// Instructions a call, by kernel, and the compiler that made them.
#[derive(Debug, Serialize, Deserialize)]
struct Counts {
    compiler: String,
    avx2_instructions: BTreeMap<String, u64>,
}

impl Counts {
    /// The counts as metrics that have no noise, so that the limit alone decides.
    fn metrics(&self) -> Baseline {
        let metric = |(name, count): (&String, &u64)| {
            let (name, unit) = (name.clone(), "instructions");
            Entry::known(name, unit, Better::Lower, as_f64(*count), 0.0)
        };
        Baseline::of(None, self.avx2_instructions.iter().map(metric).collect())
    }
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.json")
}

fn compiler() -> String {
    let out = Command::new("rustc").arg("--version").output();
    out.map_or_else(
        |_| "unknown".to_owned(),
        |o| String::from_utf8_lossy(&o.stdout).trim().to_owned(),
    )
}

/// Instructions of a process that calls a kernel so many times.
fn counted(kernel: &str, times: u64) -> Result<u64, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(me)
        .args(["--kernel", kernel, "--times", &times.to_string()])
        .output()
        .map_err(|e| format!("valgrind does not start: {e}"))?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let line = said.lines().find(|l| l.contains("Collected :"));
    let number = line.and_then(|l| l.rsplit(':').next()?.trim().parse().ok());
    number.ok_or_else(|| format!("valgrind counted nothing for {kernel}:\n{said}"))
}

fn count_all() -> Result<Counts, String> {
    let mut found = BTreeMap::new();
    for (name, _) in KERNELS {
        let times = if name.contains("T1") { 1 } else { 200 };
        let (once, twice) = (counted(name, times)?, counted(name, 2 * times)?);
        found.insert(name.to_owned(), twice.saturating_sub(once) / times);
    }
    Ok(Counts { compiler: compiler(), avx2_instructions: found })
}

/// What the disassembly of the wide kernels shows: how many there are, how many of them
/// hold wide registers, and calls of a mathematical library.
fn wide_kernels(
    level: &str,
    register: &str,
) -> Result<(usize, usize, Vec<String>), String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let out = Command::new("objdump")
        .args(["-d", "--no-show-raw-insn"])
        .arg(me)
        .output()
        .map_err(|e| format!("objdump does not start: {e}"))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let (mut all, mut wide, mut calls) = (0, 0, Vec::new());
    for function in text
        .split("\n\n")
        .filter(|f| f.lines().next().is_some_and(|head| head.contains(level)))
    {
        all += 1;
        wide += usize::from(function.contains(register));
        let library = ["<exp", "<log", "<sin", "<cos", "<pow", "<tan"];
        let calls_library =
            |l: &&str| l.contains("call") && library.iter().any(|name| l.contains(name));
        calls.extend(function.lines().filter(calls_library).map(str::to_owned));
    }
    Ok((all, wide, calls))
}

fn gate() -> Result<bool, String> {
    let text = std::fs::read_to_string(baseline()).map_err(|e| e.to_string())?;
    let known: Counts = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let now = count_all()?;
    let comparison = compare(&known.metrics(), &now.metrics(), Some(LIMIT))
        .map_err(|apart| format!("the baseline cannot be compared: {apart:?}"))?;
    print!("{}", table(&comparison));
    let mut worse = matches!(comparison.verdict, Verdict::Regressed);
    for (level, register) in [("on_avx512", "%zmm"), ("on_avx2", "%ymm")] {
        if cfg!(not(target_arch = "x86_64")) {
            break;
        }
        let (all, wide, calls) = wide_kernels(level, register)?;
        println!(
            "{level}: {all} kernels, {wide} with {register}, {} library calls",
            calls.len()
        );
        for call in &calls {
            println!("  {call}");
        }
        // What is narrow by nature (counts, directories) is at most a quarter of them.
        if all == 0 || 4 * wide < 3 * all || !calls.is_empty() {
            worse = true;
            println!("regressed: kernels that are no vectors, or call a library");
        }
    }
    if known.compiler != now.compiler {
        println!(
            "inconclusive: the baseline is of {}, this is {}; review and --update",
            known.compiler, now.compiler
        );
        return Ok(true);
    }
    Ok(!worse)
}

/// A count as a number to divide.
fn as_f64(count: u64) -> f64 {
    rackcast::units::count(usize::try_from(count).unwrap_or(usize::MAX))
}

fn update() -> Result<bool, String> {
    let text = serde_json::to_string_pretty(&count_all()?).map_err(|e| e.to_string())?;
    std::fs::write(baseline(), text + "\n").map_err(|e| e.to_string())?;
    Ok(true)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| {
        let at = words.iter().position(|w| w == flag)?;
        words.get(at + 1).cloned()
    };
    if let Some(name) = after("--kernel") {
        let times = after("--times").and_then(|t| t.parse().ok()).unwrap_or(1);
        return match KERNELS.iter().find(|(known, _)| *known == name) {
            Some((_, run)) => {
                run(times);
                ExitCode::SUCCESS
            }
            None => ExitCode::FAILURE,
        };
    }
    let done = if words.iter().any(|w| w == "--gate") {
        gate()
    } else if words.iter().any(|w| w == "--update") {
        update()
    } else {
        println!("give --gate or --update; see the head of benches/instructions.rs");
        Ok(true)
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}
