//! The shape of the crate: order of the rooms, module heads, file sizes, top level.
//!
//! A room may use the rooms above it in [`ROOMS`], never below; this is what keeps a
//! single package layered.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order of their dependence, as `docs/architecture.md` lists them.
const ROOMS: [&str; 21] = [
    "units",
    "input",
    "block",
    "random",
    "stats",
    "process",
    "profile",
    "workload",
    "hardware",
    "trajectory",
    "finance",
    "supply",
    "strategy",
    "scenario",
    "engine",
    "decide",
    "calibrate",
    "import",
    "report",
    "gate",
    "cli",
];

/// Lines a file may have.
const LINES: usize = 600;

/// What may stand at the top of the repository.
const TOP: [&str; 13] = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "src",
    "hardware-profiles",
    "schemas",
    "benches",
    "tests",
    "examples",
    "docs",
];
/// What builds and runs leave there.
const TOOLS: [&str; 2] = ["target", "out"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the crate can be read") {
            let path = entry.expect("an entry of the crate can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    found
}

/// The room a file belongs to: the folder or file below `src`.
fn room(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).expect("a source lies below src");
    let first = below.components().next().expect("a source has a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Names that follow `crate::` in code, comments and docs left out.
fn used_rooms(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        for part in code.split("crate::").skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            used.insert(name);
        }
    }
    used
}

#[test]
fn rooms_use_only_the_rooms_above_them() {
    let mut wrong = Vec::new();
    for path in sources() {
        let room = room(&path);
        let Some(own) = ROOMS.iter().position(|r| *r == room) else { continue };
        let text = fs::read_to_string(&path).expect("a source is text");
        for used in used_rooms(&text) {
            if let Some(at) = ROOMS.iter().position(|r| *r == used)
                && at > own
            {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_is_in_the_list_and_in_the_library_in_that_order() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("the library is text");
    let declared: Vec<&str> = lib
        .lines()
        .filter_map(|l| l.trim().strip_prefix("pub mod "))
        .filter_map(|l| l.split([';', ' ']).next())
        .collect();
    assert_eq!(declared, ROOMS);
}

#[test]
fn every_file_begins_with_the_sentence_it_stands_for() {
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source is text");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! "), "{} has no module head", path.display());
        assert!(first.len() > 12, "{} says nothing: {first}", path.display());
    }
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<String> = sources()
        .iter()
        .map(|p| (p, fs::read_to_string(p).expect("a source is text").lines().count()))
        .filter(|(_, n)| *n > LINES)
        .map(|(p, n)| format!("{} has {n} lines", p.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_top_level_holds_what_it_should_and_nothing_else() {
    for entry in fs::read_dir(root()).expect("the root can be read") {
        let name = entry.expect("an entry can be read").file_name();
        let name = name.to_string_lossy();
        let known = TOP.contains(&name.as_ref()) || TOOLS.contains(&name.as_ref());
        assert!(
            known || name.starts_with('.'),
            "`{name}` does not belong at the top level"
        );
    }
    for name in TOP {
        assert!(root().join(name).exists(), "`{name}` is missing at the top level");
    }
}

#[test]
fn only_the_file_that_must_has_unsafe_code() {
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source is text");
        let has = text.lines().any(|l| {
            let code = l.split("//").next().unwrap_or_default();
            code.contains("unsafe {") || code.contains("unsafe fn")
        });
        let is_dispatch = path.ends_with("block/dispatch.rs");
        assert!(!has || is_dispatch, "{} has unsafe code", path.display());
    }
}
