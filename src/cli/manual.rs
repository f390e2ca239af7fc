//! Completions for shells and pages for `man`, made from the arguments themselves.
//!
//! Read next: `args`.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use crate::report::write;

use super::args::Arguments;
use super::{Failure, hand_over};

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Folder for the pages
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
}

/// `rackcast completions`.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "rackcast", &mut script);
    hand_over(&String::from_utf8_lossy(&script))
}

/// `rackcast man`: `rackcast.1` and a page for each subcommand.
pub(super) fn man(arguments: &ManArguments) -> Result<(), Failure> {
    write::folder(&arguments.out)?;
    let mut command = Arguments::command();
    command.build();
    for (name, page) in pages(&command, "rackcast")? {
        write::file(&arguments.out.join(format!("{name}.1")), &page)?;
    }
    Ok(())
}

/// The page of a command and those of all below it, by name.
fn pages(command: &Command, name: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    // clap wants a name that lives as long as the program; there are a few dozen.
    let titled = command.clone().name(name.to_owned().leak() as &'static str);
    let mut page = Vec::new();
    clap_mangen::Man::new(titled)
        .render(&mut page)
        .map_err(|e| Failure::Report(format!("a page cannot be written: {e}")))?;
    let mut all = vec![(name.to_owned(), page)];
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        all.extend(pages(below, &format!("{name}-{}", below.get_name()))?);
    }
    Ok(all)
}
