//! The command as a person meets it: exact texts, exit codes, files.
//!
//! Commands run in the folder of the fixtures or in an empty one, with relative paths,
//! so that every text is the same on every machine.

mod breakeven;
mod commands;
mod curves;
mod decisions;
mod gate;
mod histories;
mod import;
mod measured;
mod mistakes;
mod parts;
mod plan;
mod profile;
mod random;
mod simulate;
mod slips;

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The folder of the fixtures.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli")
}

/// The command with its arguments, in the folder of the fixtures.
fn rackcast(arguments: &[&str]) -> Command {
    rackcast_in(&fixtures(), arguments)
}

/// The command with its arguments, in a folder.
fn rackcast_in(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rackcast"));
    command.current_dir(folder).env_remove("RACKCAST_SIMD").args(arguments);
    command
}

/// Exit code, standard output and standard error.
fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the command starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("texts are UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}
