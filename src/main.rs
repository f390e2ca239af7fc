//! The `rackcast` command.
fn main() {}
