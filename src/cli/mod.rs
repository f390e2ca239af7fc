//! Arguments; the only room that prints or exits.
//!
//! [`run`] reads as the story of the program: arguments, files, scenario, paths,
//! answer, files. Read next: `args`.

mod args;
mod calibrate;
mod calibrate_hardware;
mod catalogue;
mod hardware;
mod load;
mod play;
mod validate;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// What went wrong, as the person sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Their files need a change.
    #[error("{0}")]
    Input(String),
    /// The machine could not do it.
    #[error("{0}")]
    Engine(#[from] crate::engine::EngineError),
    /// A result could not be written.
    #[error("{0}")]
    Write(#[from] crate::report::write::WriteError),
    /// A result could not be drawn or laid out.
    #[error("{0}")]
    Report(String),
}

/// Runs the command line and says how it went: 0 fine, 1 the input or the run failed,
/// 2 usage.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Run(run) => play::run(&run),
        Command::Check(check) => load::check(&check),
        Command::Profiles(list) => catalogue::list(&list),
        Command::Profile(show) => catalogue::profile(&show),
        Command::Hardware(case) => hardware::hardware(&case),
        Command::Validate(cases) => validate::validate(&cases),
        Command::Calibrate(what) => calibrate::calibrate(&what),
        Command::Explain { code } => catalogue::explain(&code),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Prints a result. A reader who has closed the pipe has seen enough.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Tells the person something that is not a result.
fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(out, "{text}{newline}");
}
