//! Puts a file in its place whole: written beside it under another name, then renamed.
//!
//! A run that is killed leaves the old file or the new one, never half of one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A result could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A folder could not be made.
    #[error("could not make the folder {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("could not write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl WriteError {
    /// True where there was no room: it may go well once there is.
    pub fn is_full(&self) -> bool {
        let (Self::Folder { source, .. } | Self::File { source, .. }) = self;
        matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}

/// Makes a folder and those above it.
pub fn folder(path: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(path)
        .map_err(|source| WriteError::Folder { path: path.to_owned(), source })
}

/// Writes `bytes` to `path`, replacing what was there in one step.
pub fn file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let wrong = |source| WriteError::File { path: path.to_owned(), source };
    let name =
        path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = fs::File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The half-written file is of no use; that it may not go is no second error.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(wrong)
}

/// Name of the list of what a run has written in its folder: the hash and the name of each
/// file, so that the next one knows its own.
const LIST: &str = ".written-by-rackcast";
/// The folder of charts in that of a run.
pub const CHARTS: &str = "charts";

/// The files of a run, all of them or none: written aside, then put in their places one
/// by one.
///
/// A disk that is full leaves what was there. Files of the run before that this one does
/// not have are taken away, where they are still as that run wrote them; no other file is.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    aside: PathBuf,
    /// Hash and name below the folder, in order.
    written: Vec<(String, String)>,
}

impl Files {
    /// Begins to write for a folder, which is made where it is not there.
    ///
    /// **Errors** when a folder cannot be made.
    pub fn begin(place: &Path) -> Result<Self, WriteError> {
        let aside = place.join(format!(".rackcast.{}.part", std::process::id()));
        folder(&aside.join(CHARTS))?;
        Ok(Self { folder: place.to_owned(), aside, written: Vec::new() })
    }

    /// Writes a file aside.
    ///
    /// **Errors** when it cannot be written.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        file(&self.aside.join(name), bytes)?;
        self.written.push((hash(bytes), name.to_owned()));
        Ok(())
    }

    /// Writes a chart aside.
    ///
    /// **Errors** when it cannot be written.
    pub fn chart(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        self.add(&format!("{CHARTS}/{name}"), bytes)
    }

    /// Puts every file in its place, and takes what is left of the run before away.
    ///
    /// **Errors** when a file cannot be put in its place; files before it have been.
    pub fn finish(mut self) -> Result<(), WriteError> {
        let list = fs::read_to_string(self.folder.join(LIST)).unwrap_or_default();
        let stale = self.stale(&list);
        if self.has_charts() {
            folder(&self.folder.join(CHARTS))?;
        }
        let lines: Vec<String> =
            self.written.iter().map(|(hash, name)| format!("{hash} {name}\n")).collect();
        self.add(LIST, lines.concat().as_bytes())?;
        for (_, name) in &self.written {
            let to = self.folder.join(name);
            fs::rename(self.aside.join(name), &to)
                .map_err(|source| WriteError::File { path: to, source })?;
        }
        // What cannot be taken away stays: the files of this run are in their places.
        let charts = self.folder.join(CHARTS);
        let had_charts = stale.iter().any(|path| path.starts_with(&charts));
        for path in stale {
            let _ = fs::remove_file(path);
        }
        if had_charts && !self.has_charts() {
            // It goes where nothing of anybody else is left in it.
            let _ = fs::remove_dir(charts);
        }
        Ok(())
    }

    fn has_charts(&self) -> bool {
        self.written.iter().any(|(_, name)| name.starts_with(CHARTS))
    }

    /// Files of the run before that this one has not, still as they were written.
    fn stale(&self, list: &str) -> Vec<PathBuf> {
        let is_kept = |name: &str| self.written.iter().any(|(_, kept)| kept == name);
        list.lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(_, name)| is_own(name) && !is_kept(name))
            .map(|(written, name)| (written, self.folder.join(name)))
            .filter(|(written, path)| {
                fs::read(path).is_ok_and(|bytes| hash(&bytes) == *written)
            })
            .map(|(_, path)| path)
            .collect()
    }
}

/// True of a name that a run may have written: in its folder, or in that of its charts.
fn is_own(name: &str) -> bool {
    let in_charts = name.strip_prefix(CHARTS).and_then(|rest| rest.strip_prefix('/'));
    let last = in_charts.unwrap_or(name);
    !last.is_empty() && last != ".." && !last.contains(['/', '\\'])
}

impl Drop for Files {
    /// What lies aside is of no more use; that it may not go is no error.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.aside);
    }
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        file(&path, b"old").unwrap();
        file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// Names of a folder, hidden ones left out.
    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_of_the_run_before_go_and_those_of_others_stay() {
        let place = tempfile::tempdir().unwrap();
        let charts = place.path().join(CHARTS);
        let mut first = Files::begin(place.path()).unwrap();
        for name in ["a.svg", "b.svg", "mended.svg"] {
            first.chart(name, b"first").unwrap();
        }
        first.add("results.json", b"first").unwrap();
        first.add("bill.csv", b"first").unwrap();
        first.add("map.csv", b"first").unwrap();
        assert!(!place.path().join("results.json").exists(), "nothing before the end");
        first.finish().unwrap();
        fs::write(charts.join("mine.svg"), "mine").unwrap();
        fs::write(place.path().join("notes.csv"), "mine").unwrap();
        fs::write(place.path().join("map.csv"), "mended by hand").unwrap();
        fs::write(charts.join("mended.svg"), "mended by hand").unwrap();
        let mut second = Files::begin(place.path()).unwrap();
        second.chart("b.svg", b"second").unwrap();
        second.add("results.json", b"second").unwrap();
        second.finish().unwrap();
        assert_eq!(names(&charts), ["b.svg", "mended.svg", "mine.svg"]);
        assert_eq!(
            names(place.path()),
            ["charts", "map.csv", "notes.csv", "results.json"]
        );
        assert_eq!(fs::read(charts.join("b.svg")).unwrap(), b"second");
        // A list that somebody has written to names nothing outside the folder.
        let list = place.path().join(LIST);
        let mut lines = fs::read_to_string(&list).unwrap();
        let beside = place.path().with_extension("beside");
        fs::write(&beside, "first").unwrap();
        let name = beside.file_name().unwrap().to_string_lossy().into_owned();
        lines = format!("{lines}{} ../{name}\n", hash(b"first"));
        fs::write(&list, lines).unwrap();
        // Without charts, those of the run before would be stale, too.
        Files::begin(place.path()).unwrap().finish().unwrap();
        assert_eq!(names(&charts), ["mended.svg", "mine.svg"]);
        assert!(beside.exists());
        fs::remove_file(beside).unwrap();
    }

    #[test]
    fn what_is_not_finished_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("results.json"), "old").unwrap();
        let mut files = Files::begin(place.path()).unwrap();
        files.add("results.json", b"new").unwrap();
        files.chart("a.svg", b"new").unwrap();
        drop(files);
        assert_eq!(fs::read(place.path().join("results.json")).unwrap(), b"old");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_the_way_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = file(folder.path(), b"x").unwrap_err().to_string();
        assert!(error.contains("could not write"), "{error}");
    }
}
