//! The pages say what is so: their commands run, their plans check, their links lead
//! somewhere, and the program output they print is what the program prints.
//!
//! Blocks of the pages that are tested:
//!
//! - ```` ```sh ````: every line that starts with `rackcast` or
//!   `cargo run --release -- ` is run in the root of the repository, on few paths, with
//!   `out` in a folder of its own, and must exit with 0, or with what a comment
//!   `# exit 1` says. Other `cargo` lines must name a sub-command cargo has.
//! - ```` ```csv ```` and ```` ```json ````: a block whose first line is `# a file: my-NAME`
//!   is saved under that name without that line.
//! - ```` ```toml ```` that starts with `# a complete plan` must pass `rackcast check`;
//!   with `: my-NAME` after it, and for `# a profile: my-FOLDER/NAME`, the block is saved
//!   under that name for the commands of its page.
//! - ```` ```text checked: rackcast … ````: each line, other than `…`, is a line of what
//!   the command prints, in that order. `UPDATE_DOCS=1` rewrites them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Made from an example, so it need not be there before the first run.
const MADE: &str = "docs/assistant.png";
/// Paths of a run whose output is not compared.
const PATHS: &str = "256";
const CARGO: [&str; 6] = ["bench", "build", "doc", "fmt", "install", "test"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README, docs, and the pages of the examples, by path from the root.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    for entry in entries("docs") {
        if entry.extension().is_some_and(|e| e == "md") {
            pages.push(entry);
        }
    }
    for example in entries("examples") {
        let page = example.join("README.md");
        assert!(root().join(&page).is_file(), "{} is missing", page.display());
        pages.push(page);
    }
    pages
}

fn entries(folder: &str) -> Vec<PathBuf> {
    let read = fs::read_dir(root().join(folder)).expect("a folder of the repository");
    let mut found: Vec<PathBuf> = read
        .map(|entry| Path::new(folder).join(entry.expect("an entry").file_name()))
        .collect();
    found.sort();
    found
}

fn text(page: &Path) -> String {
    fs::read_to_string(root().join(page)).expect("a page can be read")
}

/// A fenced block: what stands after the fence, its lines without indentation, and where
/// they stand in the page.
struct Block {
    info: String,
    lines: Vec<String>,
    first: usize,
    indent: usize,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut indent = None;
    for (i, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        let by = line.len() - bare.len();
        match (bare.strip_prefix("```"), indent) {
            (Some(info), None) => {
                indent = Some(by);
                let info = info.trim().to_owned();
                found.push(Block { info, lines: Vec::new(), first: i + 1, indent: by });
            }
            (Some(_), Some(_)) => indent = None,
            (None, Some(by)) => {
                let block = found.last_mut().expect("a fence was opened");
                block.lines.push(line.get(by..).unwrap_or("").to_owned());
            }
            (None, None) => {}
        }
    }
    assert!(indent.is_none(), "a fence is not closed");
    found
}

/// Saves the named blocks of a page where its commands look for them.
fn save_named(blocks: &[Block], folder: &Path) {
    for block in blocks.iter().filter(|b| ["toml", "csv", "json"].contains(&&*b.info)) {
        let first = block.lines.first().map_or("", String::as_str);
        if let Some(name) = first.strip_prefix("# a file: ") {
            let lines = block.lines.get(1..).unwrap_or_default();
            fs::write(folder.join(name), lines.join("\n")).expect("a file can be saved");
            continue;
        }
        let named = ["# a complete plan: ", "# a profile: "];
        let Some(name) = named.iter().find_map(|n| first.strip_prefix(n)) else {
            continue;
        };
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a file has a folder"))
            .expect("a folder");
        fs::write(&file, block.lines.join("\n")).expect("a file can be saved");
    }
}

fn rackcast(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rackcast"))
        .args(arguments)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts")
}

/// The arguments of a line that runs the program; nothing for other lines.
fn arguments(line: &str) -> Option<Vec<String>> {
    let rest = line
        .strip_prefix("cargo run --release -- ")
        .or_else(|| line.strip_prefix("rackcast "))?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// The same arguments with files of the page and outputs in `folder`.
fn redirected(arguments: &[String], folder: &Path) -> Vec<String> {
    let place = |word: &String| {
        let moved = word == "out" || word.starts_with("out/") || word.starts_with("my-");
        if moved { folder.join(word).display().to_string() } else { word.clone() }
    };
    arguments.iter().map(place).collect()
}

#[test]
fn every_command_of_the_pages_runs() {
    let mut ran = 0;
    for page in pages() {
        let blocks = blocks(&text(&page));
        let folder = TempDir::new().expect("a folder for outputs");
        save_named(&blocks, folder.path());
        let lines = blocks.iter().filter(|b| b.info == "sh").flat_map(|b| &b.lines);
        for line in lines {
            let (command, comment) = line.split_once(" #").unwrap_or((line, ""));
            let command = command.trim();
            let Some(given) = arguments(command) else {
                if let Some(rest) = command.strip_prefix("cargo run --release --example ")
                {
                    let name = rest.split(' ').next().unwrap_or_default();
                    let main = root().join("examples").join(name).join("main.rs");
                    assert!(
                        main.is_file(),
                        "{}: no such example: {command}",
                        page.display()
                    );
                    continue;
                }
                let known = CARGO.iter().any(|c| {
                    command == format!("cargo {c}")
                        || command.starts_with(&format!("cargo {c} "))
                });
                assert!(known, "{}: not checked: {command}", page.display());
                continue;
            };
            let mut given = redirected(&given, folder.path());
            if given[0] == "run" && !given.iter().any(|a| a == "--until-error") {
                if let Some(paths) = given.iter().position(|a| a == "--paths") {
                    given.drain(paths..paths + 2);
                }
                // Points come in powers of two, and not in fewer.
                let even = given.iter().any(|a| a == "sobol");
                let paths = if even { "4096" } else { PATHS };
                given.extend(["--paths".to_owned(), paths.to_owned()]);
            }
            let wanted = comment.trim().strip_prefix("exit ").map_or(0, |code| {
                code.trim().parse().expect("a comment `# exit` holds a number")
            });
            let output = rackcast(&given);
            assert_eq!(
                output.status.code(),
                Some(wanted),
                "{}: {line}\n{}",
                page.display(),
                String::from_utf8_lossy(&output.stderr)
            );
            ran += 1;
        }
    }
    assert!(ran >= 15, "only {ran} commands found: were the pages read?");
}

#[test]
fn complete_plans_and_profiles_of_the_pages_have_no_problems() {
    let mut plans = 0;
    for page in pages() {
        let blocks = blocks(&text(&page));
        let folder = TempDir::new().expect("a folder for plans");
        save_named(&blocks, folder.path());
        for (i, block) in blocks.iter().enumerate() {
            let first = block.lines.first().map_or("", String::as_str);
            if block.info != "toml" || !first.starts_with("# a complete plan") {
                continue;
            }
            let file = folder.path().join(format!("plan-{i}.toml"));
            fs::write(&file, block.lines.join("\n")).expect("a plan can be saved");
            let mut given = vec!["check".to_owned(), file.display().to_string()];
            let profiles = folder.path().join("my-profiles");
            if profiles.is_dir() {
                given.extend(["--profiles".to_owned(), profiles.display().to_string()]);
            }
            let output = rackcast(&given);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", page.display());
            plans += 1;
        }
    }
    assert!(plans >= 3, "only {plans} complete plans found: were the pages read?");
}

#[test]
fn every_toml_block_of_the_pages_is_toml() {
    for page in pages() {
        for block in blocks(&text(&page)).iter().filter(|b| b.info == "toml") {
            let read: Result<toml::Table, _> = toml::from_str(&block.lines.join("\n"));
            assert!(read.is_ok(), "{}: {:?}", page.display(), read.err());
        }
    }
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut links = 0;
    for page in pages() {
        let here = page.parent().unwrap_or(Path::new(""));
        for target in text(&page).split("](").skip(1) {
            let target = target.split(')').next().unwrap_or("");
            if target.starts_with("http") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { page.clone() } else { here.join(file) };
            if file == Path::new(MADE) {
                continue;
            }
            let full = root().join(&file);
            assert!(full.exists(), "{}: {target} leads nowhere", page.display());
            if !heading.is_empty() {
                let found = headings(&fs::read_to_string(&full).expect("a page"));
                assert!(
                    found.iter().any(|h| h == heading),
                    "{}: no heading for {target}; there are {found:?}",
                    page.display()
                );
            }
            links += 1;
        }
    }
    assert!(links >= 40, "only {links} links found: were the pages read?");
}

/// Headings as the anchors that forges make of them.
fn headings(text: &str) -> Vec<String> {
    let anchor = |title: &str| {
        let kept = title.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    };
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

#[test]
fn every_diagnostic_code_of_the_pages_exists() {
    for page in pages() {
        let text = text(&page);
        for (i, _) in text.match_indices('E') {
            let digits: String =
                text[i + 1..].chars().take_while(char::is_ascii_digit).collect();
            let code = format!("E{digits}");
            if digits.len() == 4 && code != "E9999" {
                let output = rackcast(&["explain".to_owned(), code.clone()]);
                assert!(output.status.success(), "{}: {code}", page.display());
            }
        }
    }
}

#[test]
fn program_output_in_the_pages_is_what_the_program_prints() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut compared = 0;
    for page in pages() {
        let before = text(&page);
        let mut after: Vec<String> = before.lines().map(str::to_owned).collect();
        for block in blocks(&before) {
            let Some(command) = block.info.strip_prefix("text checked: ") else {
                continue;
            };
            let given = arguments(command).expect("a checked block names a command");
            let output = rackcast(&given);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", page.display());
            let printed =
                String::from_utf8(output.stdout).expect("the program prints text");
            let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
            let mut rest = printed.iter();
            for (i, line) in block.lines.iter().enumerate().filter(|(_, l)| *l != "…") {
                if update {
                    let label = label(line);
                    let new = printed.iter().find(|p| self::label(p) == label);
                    let new = new.unwrap_or_else(|| {
                        panic!("{}: no line is now like {line:?}", page.display())
                    });
                    after[block.first + i] = " ".repeat(block.indent) + new;
                } else {
                    assert!(
                        rest.any(|p| p == line),
                        "{}: `{command}` does not print {line:?} here; \
                         UPDATE_DOCS=1 rewrites the page",
                        page.display()
                    );
                }
            }
            compared += 1;
        }
        let after = after.join("\n") + "\n";
        if update && after != before {
            fs::write(root().join(&page), after).expect("a page can be written");
        }
    }
    assert!(compared >= 5, "only {compared} outputs found: were the pages read?");
}

/// What a line is about: of a row its text up to the first wide gap, of a sentence that up
/// to the first name or sum.
fn label(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    if indent > 8 {
        return "the names of the strategies".to_owned();
    }
    let rest = line.trim_start();
    let start = match rest.find("   ") {
        Some(end) => &rest[..end],
        None => rest.split(['`', '$']).next().unwrap_or(rest),
    };
    format!("{indent}{start}")
}
