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

    #[test]
    fn a_folder_in_the_way_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = file(folder.path(), b"x").unwrap_err().to_string();
        assert!(error.contains("could not write"), "{error}");
    }
}
