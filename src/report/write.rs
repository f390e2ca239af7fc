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

/// Name of the list of charts in their folder: the hash and the name of each that a run
/// has written, so that the next one knows its own.
const LIST: &str = ".written-by-rackcast";
/// The folder of charts in that of a run.
pub const CHARTS: &str = "charts";

/// The files of a run, all of them or none: written aside, then put in their places one
/// by one.
///
/// A disk that is full leaves what was there. Charts of the run before that this one does
/// not have are taken away, where they are still as that run wrote them; no other file is.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    aside: PathBuf,
    /// Below the folder, in order.
    names: Vec<PathBuf>,
    /// Hash and name of each chart.
    charts: Vec<(String, String)>,
}

impl Files {
    /// Begins to write for a folder, which is made where it is not there.
    ///
    /// **Errors** when a folder cannot be made.
    pub fn begin(place: &Path) -> Result<Self, WriteError> {
        let aside = place.join(format!(".rackcast.{}.part", std::process::id()));
        folder(&aside.join(CHARTS))?;
        let (names, charts) = (Vec::new(), Vec::new());
        Ok(Self { folder: place.to_owned(), aside, names, charts })
    }

    /// Writes a file aside.
    ///
    /// **Errors** when it cannot be written.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        file(&self.aside.join(name), bytes)?;
        self.names.push(PathBuf::from(name));
        Ok(())
    }

    /// Writes a chart aside.
    ///
    /// **Errors** when it cannot be written.
    pub fn chart(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let place = Path::new(CHARTS).join(name);
        file(&self.aside.join(&place), bytes)?;
        self.names.push(place);
        self.charts.push((hash(bytes), name.to_owned()));
        Ok(())
    }

    /// Puts every file in its place, and takes charts of the run before away.
    ///
    /// **Errors** when a file cannot be put in its place; files before it have been.
    pub fn finish(mut self) -> Result<(), WriteError> {
        let charts = self.folder.join(CHARTS);
        let stale = self.stale(&charts);
        if !self.charts.is_empty() {
            folder(&charts)?;
            let lines: Vec<String> = self
                .charts
                .iter()
                .map(|(hash, name)| format!("{hash} {name}\n"))
                .collect();
            let list = Path::new(CHARTS).join(LIST);
            file(&self.aside.join(&list), lines.concat().as_bytes())?;
            self.names.push(list);
        }
        for name in &self.names {
            let to = self.folder.join(name);
            fs::rename(self.aside.join(name), &to)
                .map_err(|source| WriteError::File { path: to, source })?;
        }
        // What cannot be taken away stays: the files of this run are in their places.
        for path in stale {
            let _ = fs::remove_file(path);
        }
        if self.charts.is_empty() {
            // The folder goes where it was a run's and nothing is left in it.
            if fs::remove_file(charts.join(LIST)).is_ok() {
                let _ = fs::remove_dir(charts);
            }
        }
        Ok(())
    }

    /// Charts of the run before that this one has not, still as they were written.
    fn stale(&self, charts: &Path) -> Vec<PathBuf> {
        let list = fs::read_to_string(charts.join(LIST)).unwrap_or_default();
        let is_kept = |name: &str| self.charts.iter().any(|(_, kept)| kept == name);
        list.lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(_, name)| !name.contains(['/', '\\']) && !is_kept(name))
            .map(|(written, name)| (written, charts.join(name)))
            .filter(|(written, path)| {
                fs::read(path).is_ok_and(|bytes| hash(&bytes) == *written)
            })
            .map(|(_, path)| path)
            .collect()
    }
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
    fn charts_of_the_run_before_go_and_files_of_others_stay() {
        let place = tempfile::tempdir().unwrap();
        let charts = place.path().join(CHARTS);
        let mut first = Files::begin(place.path()).unwrap();
        for name in ["a.svg", "b.svg", "mended.svg"] {
            first.chart(name, b"first").unwrap();
        }
        first.add("results.json", b"first").unwrap();
        assert!(!place.path().join("results.json").exists(), "nothing before the end");
        first.finish().unwrap();
        fs::write(charts.join("mine.svg"), "mine").unwrap();
        fs::write(charts.join("mended.svg"), "mended by hand").unwrap();
        let mut second = Files::begin(place.path()).unwrap();
        second.chart("b.svg", b"second").unwrap();
        second.add("results.json", b"second").unwrap();
        second.finish().unwrap();
        assert_eq!(names(&charts), ["b.svg", "mended.svg", "mine.svg"]);
        assert_eq!(fs::read(charts.join("b.svg")).unwrap(), b"second");
        // Without charts, those of the run before would be stale, too.
        Files::begin(place.path()).unwrap().finish().unwrap();
        assert_eq!(names(&charts), ["mended.svg", "mine.svg"]);
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
