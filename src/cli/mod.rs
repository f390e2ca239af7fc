//! Arguments; the only room that prints or exits.
//!
//! [`run`] reads as the story of the program: arguments, files, scenario, paths,
//! answer, files. Read next: `args`.

mod args;
mod breakeven;
mod calibrate;
mod catalogue;
mod colour;
mod diff;
mod gate;
mod hardware;
mod hindcast;
mod import;
mod load;
mod manual;
mod one_path;
mod paths;
mod plan;
mod play;
mod profile;
mod schema;
#[cfg(feature = "serve")]
mod serve;
mod shard;
mod simulate;
mod sweep;
mod validate;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;

use args::{Arguments, Command};

/// What went wrong, as the person sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Their files need a change.
    #[error("{0}")]
    Input(String),
    /// The same, with every problem at its place.
    #[error("{}", .0.render(load::in_colour()))]
    Wrong(crate::input::Diagnostics),
    /// The machine could not do it.
    #[error("{0}")]
    Engine(#[from] crate::engine::EngineError),
    /// Standard output takes nothing more.
    #[error("could not print the result: {0}")]
    Print(std::io::Error),
    /// A result could not be written.
    #[error("{0}")]
    Write(#[from] crate::report::write::WriteError),
    /// A file could not be read.
    #[error("could not read {path}: {source}")]
    Read {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It was told to stop.
    #[error("{0}")]
    Stopped(String),
    /// A result could not be drawn or laid out.
    #[error("{0}")]
    Report(String),
    /// All went well, and the verdict is not: it has been told already.
    #[error("")]
    Verdict(u8),
}

/// What a scheduler may try again: `EX_TEMPFAIL` of sysexits.
const TRY_AGAIN: u8 = 75;

impl Failure {
    /// 1 where the same again would fail again. [`TRY_AGAIN`] where the run was told to
    /// stop, the disk was full or the output could not be printed and, for parts of a run,
    /// which schedulers start, where a file could not be written or was not there yet.
    fn exit_code(&self, in_parts: bool) -> ExitCode {
        match self {
            Self::Stopped(_) | Self::Print(_) => ExitCode::from(TRY_AGAIN),
            Self::Write(error) if error.is_full() => ExitCode::from(TRY_AGAIN),
            Self::Verdict(code) => ExitCode::from(*code),
            Self::Engine(_) | Self::Write(_) | Self::Read { .. } if in_parts => {
                ExitCode::from(TRY_AGAIN)
            }
            Self::Engine(_)
            | Self::Write(_)
            | Self::Read { .. }
            | Self::Input(_)
            | Self::Wrong(_)
            | Self::Report(_) => ExitCode::FAILURE,
        }
    }
}

/// Runs the command line and says how it went: 0 fine, 1 the input or the run failed,
/// 2 usage, 3 a regression, 4 an inconclusive gate that is strict, 75 what may go well when it is tried again.
pub fn run() -> ExitCode {
    let mut arguments = Arguments::parse();
    QUIET.store(arguments.quiet, Ordering::Relaxed);
    say_of_simd();
    arguments.command.hush(arguments.quiet);
    let in_parts = matches!(arguments.command, Command::Shard(_) | Command::Merge(_));
    let done = match arguments.command {
        Command::Run(run) => play::run(&run),
        #[cfg(feature = "serve")]
        Command::Serve(serve) => serve::serve(serve),
        Command::Shard(shard) => shard::shard(&shard),
        Command::Merge(merge) => shard::merge(&merge),
        Command::Breakeven(asked) => breakeven::run(&asked),
        Command::Check(check) => load::check(&check),
        Command::Profiles(list) => catalogue::list(&list),
        Command::Profile(what) => profile::run(&what),
        Command::Simulate(what) => simulate::run(&what),
        Command::Calibrate(command) => calibrate::run(&command),
        Command::Hindcast(hindcast) => hindcast::run(&hindcast),
        Command::Hardware(case) => hardware::hardware(&case),
        Command::Validate(cases) => validate::validate(&cases),
        Command::Gate(what) => gate::run(&what),
        Command::Schema(what) => schema::run(&what),
        Command::Import(what) => import::run(&what),
        Command::Diff(what) => diff::run(&what),
        Command::Plan(what) => plan::run(&what),
        Command::Explain { code } => catalogue::explain(&code),
        Command::Completions(shell) => manual::completions(&shell),
        Command::Man(man) => manual::man(&man),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                complain(&text);
            }
            failure.exit_code(in_parts)
        }
    }
}

/// Tells that `RACKCAST_SIMD` names nothing: it is then as if it were not set.
fn say_of_simd() {
    let Some(wanted) = std::env::var_os("RACKCAST_SIMD").filter(|v| !v.is_empty()) else {
        return;
    };
    if !["baseline", "avx2", "avx512"].iter().any(|known| wanted == *known) {
        let wanted = wanted.to_string_lossy();
        say(&format!(
            "RACKCAST_SIMD is `{wanted}`: baseline, avx2 and avx512 mean something"
        ));
    }
}

/// True where nothing but errors is to be printed.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Prints a result, unless it is to be quiet.
///
/// **Errors** as [`hand_over`].
fn print(text: &str) -> Result<(), Failure> {
    if QUIET.load(Ordering::Relaxed) { Ok(()) } else { hand_over(text) }
}

/// Prints what was asked for by a flag of its own, such as JSON, or is a file to be: quiet
/// or not.
///
/// **Errors** when the output takes no more, such as a full disk. A reader who has closed
/// the pipe has seen enough, and is none.
fn hand_over(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Print(error)),
        _ => Ok(()),
    }
}

/// Tells the person something that is not a result, unless it is to be quiet.
fn say(text: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        complain(text);
    }
}

/// Tells the person what went wrong.
fn complain(text: &str) {
    let mut out = std::io::stderr().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(out, "{text}{newline}");
}
