//! What a wrong file looks like to the person who wrote it, letter by letter.
//!
//! One text per code of reading, shape and profile values; many problems in one run; and
//! files broken at random, which must end in a value or in a diagnostic, never in a panic.

mod choices;
mod random;
mod reading;
mod repairs;
mod slips;

use rackcast::input::{CODES, Diagnostics, Read};

/// A valid accelerator.
const CHIP: &str = include_str!("chip.toml");

fn said<T>(read: &Read<T>) -> String {
    read.diagnostics.to_string()
}

fn codes(diagnostics: &Diagnostics) -> Vec<(&str, String)> {
    diagnostics.iter().map(|d| (d.code, d.key_path.join("."))).collect()
}

#[test]
fn every_code_of_reading_and_of_profiles_is_shown() {
    let shown = [
        include_str!("choices.rs"),
        include_str!("reading.rs"),
        include_str!("slips.rs"),
    ]
    .concat();
    for code in CODES.iter().filter(|c| c.code < "E0300") {
        assert!(shown.contains(&format!("error[{}]", code.code)), "{}", code.code);
    }
}
