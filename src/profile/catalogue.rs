//! The shipped catalogue, and a user's folder over it.
//!
//! The files of `hardware-profiles` are inside the binary, so that a plan runs from any
//! directory. A folder of the same shape may add to them or replace them, id by id.
//! Every profile remembers the file it came from and the hash of its text.
//! Read next: [`super::accelerator`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{Accelerator, Facility, Model, Offer};
use crate::input::{self, Check, Diagnostics, Problem, Read, read_file};

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/hardware-profiles");

const FOLDERS: [&str; 4] = ["accelerators", "offers", "models", "facilities"];

/// Everything that is known by name, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// Accelerators.
    pub accelerators: BTreeMap<String, Accelerator>,
    /// Price lists of providers.
    pub offers: BTreeMap<String, Offer>,
    /// Model architectures.
    pub models: BTreeMap<String, Model>,
    /// Ways to house machines.
    pub facilities: BTreeMap<String, Facility>,
    origins: BTreeMap<String, Origin>,
}

/// Where a profile comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Path of the file; of a shipped one from the root of the repository.
    pub file: String,
    /// BLAKE3 of its text, hexadecimal.
    pub blake3: String,
}

/// Why a catalogue could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A folder or file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder of profiles has none, or has some under a name that is not read.
    #[error("no profiles in `{}`: {help}", path.display())]
    NoProfiles {
        /// The folder.
        path: PathBuf,
        /// What to do.
        help: String,
    },
    /// Files are not what they should be; every problem of every file, in their order.
    #[error("{0}")]
    Wrong(Diagnostics),
}

/// No profile answers to a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} `{name}` in the catalogue{}", suggestion(nearest))]
pub struct Unknown {
    /// What was looked for: accelerator, offer, model or facility.
    pub kind: &'static str,
    /// The name as it was given.
    pub name: String,
    /// Ids that are like it, the nearest first.
    pub nearest: Vec<String>,
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let ids: Vec<_> = nearest.iter().map(|id| format!("`{id}`")).collect();
    format!("; perhaps {}", ids.join(", "))
}

impl Catalogue {
    /// The catalogue inside the binary.
    ///
    /// # Panics
    ///
    /// Never: a test reads every shipped file.
    pub fn shipped() -> Self {
        let mut catalogue = Self::default();
        for folder in FOLDERS {
            let files = SHIPPED.get_dir(folder).into_iter().flat_map(Dir::files);
            for file in files {
                let name = format!("hardware-profiles/{}", file.path().display());
                let text = file.contents_utf8().unwrap_or_default();
                match folder {
                    "accelerators" => keep(&mut catalogue.accelerators, text),
                    "offers" => keep(&mut catalogue.offers, text),
                    "models" => keep(&mut catalogue.models, text),
                    _ => keep(&mut catalogue.facilities, text),
                }
                catalogue.remember(folder, &name, text);
            }
        }
        catalogue
    }

    /// Lays a user's folder over the catalogue: of the same id, the user's profile wins.
    ///
    /// The folder has the shape of the shipped one: `accelerators`, `offers`, `models`
    /// and `facilities`, any of which may be missing.
    pub fn with_folder(mut self, path: impl AsRef<Path>) -> Result<Self, CatalogueError> {
        let mut wrong = Diagnostics::new();
        let mut found = 0;
        for entry in list(path.as_ref())? {
            let name = file_name(&entry);
            if !entry.is_dir() {
                continue;
            }
            let Some(folder) = FOLDERS.into_iter().find(|f| *f == name) else {
                if let Some(meant) = input::nearest(&name, FOLDERS) {
                    let help = format!("name the folder `{meant}`");
                    return Err(CatalogueError::NoProfiles { path: entry, help });
                }
                continue;
            };
            for file in list(&entry)?.into_iter().filter(|f| is_toml(f)) {
                let text = match folder {
                    "accelerators" => lay(&mut self.accelerators, &file, &mut wrong),
                    "offers" => self.lay_offer(&file, &mut wrong),
                    "models" => lay(&mut self.models, &file, &mut wrong),
                    _ => lay(&mut self.facilities, &file, &mut wrong),
                };
                self.remember(folder, &file.display().to_string(), &text);
                found += 1;
            }
        }
        if found == 0 {
            let help = format!("they are TOML files in {}", FOLDERS.join(", "));
            let path = path.as_ref().to_owned();
            return Err(CatalogueError::NoProfiles { path, help });
        }
        if wrong.has_errors() { Err(CatalogueError::Wrong(wrong)) } else { Ok(self) }
    }

    /// The accelerator of this id, name or alias, in any case.
    pub fn accelerator(&self, name: &str) -> Result<&Accelerator, Unknown> {
        find("accelerator", &self.accelerators, name)
    }

    /// The offer of this id or name, in any case.
    pub fn offer(&self, name: &str) -> Result<&Offer, Unknown> {
        find("offer", &self.offers, name)
    }

    /// The model of this id, name or alias, in any case.
    pub fn model(&self, name: &str) -> Result<&Model, Unknown> {
        find("model", &self.models, name)
    }

    /// As [`Self::model`], without a search for what may have been meant.
    pub fn known_model(&self, name: &str) -> Option<&Model> {
        find_known(&self.models, name)
    }

    /// True where a name, as the catalogue of a seller has it, means a model.
    pub fn is_named(&self, name: &str, model: &Model) -> bool {
        // Most names are another's: those are told without looking at every model.
        let written = bare(name);
        let names = [model.id(), model.name()].into_iter();
        let mut names = names.chain(model.aliases().iter().map(String::as_str));
        names.any(|known| bare(known) == written)
            && self.known_model(name).is_some_and(|known| known.id == model.id)
    }

    /// The facility of this id or name, in any case.
    pub fn facility(&self, name: &str) -> Result<&Facility, Unknown> {
        find("facility", &self.facilities, name)
    }

    /// Where a profile comes from; `folder` is one of the four of the catalogue.
    pub fn origin(&self, folder: &str, id: &str) -> Option<&Origin> {
        self.origins.get(&format!("{folder}/{id}"))
    }

    /// An offer of a user, whose accelerators must be there; folders are read in the
    /// order of their names, so accelerators come first.
    fn lay_offer(&mut self, file: &Path, wrong: &mut Diagnostics) -> String {
        let mut read = read_file::<Offer>(file);
        let chips = read.value.iter().flat_map(|offer| offer.chips.iter().enumerate());
        let unknown: Vec<Problem> = chips
            .filter_map(|(i, chip)| {
                let missing = self.accelerator(&chip.accelerator).err()?;
                let place = ["chips".to_owned(), i.to_string(), "accelerator".to_owned()];
                Some(Problem {
                    key_path: place.to_vec(),
                    code: "E0401",
                    message: format!(
                        "no accelerator `{}` in the catalogue",
                        missing.name
                    ),
                    help: missing.nearest.first().map(|id| format!("write `{id}`")),
                })
            })
            .collect();
        for problem in unknown {
            read.push(problem);
        }
        settle(&mut self.offers, read, file, wrong)
    }

    fn remember(&mut self, folder: &str, file: &str, text: &str) {
        let stem =
            Path::new(file).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let origin = Origin { file: file.to_owned(), blake3: hash };
        self.origins.insert(format!("{folder}/{stem}"), origin);
    }
}

/// What a profile can be found by.
trait Named {
    fn id(&self) -> &str;
    fn name(&self) -> &str;
    fn aliases(&self) -> &[String];
}

macro_rules! named {
    ($($kind:ty: $aliases:expr;)+) => {$(
        impl Named for $kind {
            fn id(&self) -> &str {
                &self.id
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn aliases(&self) -> &[String] {
                let aliases: fn(&Self) -> &[String] = $aliases;
                aliases(self)
            }
        }
    )+};
}

named! {
    Accelerator: |a| &a.aliases;
    Offer: |_| &[];
    Model: |m| &m.aliases;
    Facility: |_| &[];
}

/// Puts a shipped profile on its shelf; a test holds every one of them to its checks.
fn keep<T: DeserializeOwned + Named>(shelf: &mut BTreeMap<String, T>, text: &str) {
    let read = toml::from_str::<T>(text);
    debug_assert!(read.is_ok(), "bug: {:?}", read.err());
    if let Ok(profile) = read {
        shelf.insert(profile.id().to_owned(), profile);
    }
}

/// Reads a user's profile and lays it over the shelf; gives back its text.
fn lay<T: DeserializeOwned + JsonSchema + Check + Named>(
    shelf: &mut BTreeMap<String, T>,
    file: &Path,
    wrong: &mut Diagnostics,
) -> String {
    settle(shelf, read_file::<T>(file), file, wrong)
}

fn settle<T: Named>(
    shelf: &mut BTreeMap<String, T>,
    mut read: Read<T>,
    file: &Path,
    wrong: &mut Diagnostics,
) -> String {
    let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    let id = read.value.as_ref().map(|profile| profile.id().to_owned());
    if let Some(id) = id
        && id != stem
    {
        read.push(Problem {
            key_path: vec!["id".to_owned()],
            code: "E0209",
            message: format!("`id` must be the name of the file, `{stem}`, found `{id}`"),
            help: Some(format!("write `{stem}`, or rename the file to `{id}.toml`")),
        });
    }
    let text = read.document.text().to_owned();
    let is_fine = !read.diagnostics.has_errors();
    wrong.extend(read.diagnostics);
    if let (true, Some(profile)) = (is_fine, read.value) {
        shelf.insert(profile.id().to_owned(), profile);
    }
    text
}

/// By id first, then by name, then by alias, so that an alias never hides an id; last by
/// the bare name of a repository or a datasheet, where only one profile has it.
fn find<'a, T: Named>(
    kind: &'static str,
    shelf: &'a BTreeMap<String, T>,
    name: &str,
) -> Result<&'a T, Unknown> {
    find_known(shelf, name).ok_or_else(|| Unknown {
        kind,
        name: name.to_owned(),
        nearest: nearest(shelf, name.trim()),
    })
}

fn find_known<'a, T: Named>(shelf: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    let wanted = name.trim().to_lowercase();
    let is = |other: &str| other.to_lowercase() == wanted;
    shelf
        .get(&wanted)
        .or_else(|| shelf.values().find(|p| is(p.name())))
        .or_else(|| shelf.values().find(|p| p.aliases().iter().any(|a| is(a))))
        .or_else(|| find_bare(shelf, &wanted))
}

/// The only profile one of whose names is the same once both are [`bare`].
fn find_bare<'a, T: Named>(shelf: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    let wanted = bare(name);
    let is_it = |p: &&T| {
        let names = [p.id(), p.name()].into_iter();
        names.chain(p.aliases().iter().map(String::as_str)).any(|n| bare(n) == wanted)
    };
    let mut found = shelf.values().filter(is_it);
    let first = found.next().filter(|_| !wanted.is_empty())?;
    found.next().is_none().then_some(first)
}

/// Words that say who made a thing or how it is packed, not which one it is.
const PACKING: [&str; 32] = [
    "accelerator",
    "accelerators",
    "ai",
    "amd",
    "awq",
    "aws",
    "base",
    "bf16",
    "chat",
    "cloud",
    "core",
    "fp16",
    "fp4",
    "fp8",
    "google",
    "gpu",
    "gptq",
    "hf",
    "instinct",
    "instruct",
    "int4",
    "int8",
    "intel",
    "it",
    "meta",
    "mxfp4",
    "nvfp4",
    "nvidia",
    "quantized",
    "tensor",
    "tm",
    "w4a16",
];

/// A name without its owner (`owner/name`), punctuation, case and words of packing:
/// `nvidia/Qwen3-32B-NVFP4` and `Qwen3 32B` are both `qwen332b`.
fn bare(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name.rsplit('/').next().unwrap_or_default();
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !PACKING.contains(word))
        .collect()
}

/// Up to three ids that are like `name`, by the fewest edits to an id, name or alias.
fn nearest<T: Named>(shelf: &BTreeMap<String, T>, name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let mut scored: Vec<(isize, &str)> = shelf
        .values()
        .filter_map(|profile| {
            let names = [profile.id(), profile.name()].into_iter();
            let (edits, unlike) = names
                .chain(profile.aliases().iter().map(String::as_str))
                .map(|other| likeness(&name, &other.to_lowercase()))
                .min_by_key(|(_, unlike)| *unlike)?;
            (edits <= 2.max(name.len() / 3)).then_some((unlike, profile.id()))
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(3).map(|(_, id)| id.to_owned()).collect()
}

/// Edits from `a` to `b`, none where the one holds the other, and how unlike they are: a
/// common beginning counts as in [`input::nearest`].
fn likeness(a: &str, b: &str) -> (usize, isize) {
    let contained = a.len().min(b.len()) >= 3 && (a.contains(b) || b.contains(a));
    let edits = if contained { 0 } else { strsim::damerau_levenshtein(a, b) };
    (edits, input::unlikeness(edits, a, b))
}

/// What is in a folder, in the order of names.
fn list(path: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let unreadable =
        |source| CatalogueError::Unreadable { path: path.to_owned(), source };
    let entries = fs::read_dir(path).map_err(unreadable)?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "toml")
}

#[cfg(test)]
mod tests;
