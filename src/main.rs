//! The `rackcast` command.

fn main() -> std::process::ExitCode {
    rackcast::cli::run()
}
