//! Files that a plan names: read from its own folder or below, never from elsewhere.
//!
//! A plan that is sent to somebody else may name what lies beside it and nothing more:
//! no path of another machine, and nothing that its author could not see. What was read
//! is kept as text, so that a part of a run holds all it was played with.
//! Read next: [`super::Table`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use super::MAX_BYTES;

/// Where the files beside a plan are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// In a folder, or in one below it.
    Folder(PathBuf),
    /// In memory: name and text, as an earlier run read them.
    Texts(BTreeMap<String, String>),
}

impl Beside {
    /// Beside the file of a plan.
    pub fn file(plan: &Path) -> Self {
        let folder = plan.parent().filter(|folder| *folder != Path::new(""));
        Self::Folder(folder.unwrap_or(Path::new(".")).to_owned())
    }

    /// The text of a file, as a plan names it.
    ///
    /// **Errors** in words, for the key that names it: an absolute path, one that leads
    /// up or through a link out of the folder, what is not there or no plain file, what
    /// is not UTF-8 or larger than [`MAX_BYTES`].
    pub fn text(&self, name: &str) -> Result<String, String> {
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Texts(texts) => {
                let text = texts.get(name).cloned();
                return text.ok_or_else(|| format!("there is no `{name}` in this part"));
            }
        };
        let inside = |part: Component<'_>| {
            matches!(part, Component::Normal(_) | Component::CurDir)
        };
        let path = Path::new(name);
        if name.is_empty() || !path.components().all(inside) {
            return Err(format!("`{name}` is not in the folder of the plan"));
        }
        let unread = |e: std::io::Error| format!("`{name}` cannot be read: {e}");
        let real = folder.join(path).canonicalize().map_err(unread)?;
        if !real.starts_with(folder.canonicalize().map_err(unread)?) {
            return Err(format!("`{name}` leads out of the folder of the plan"));
        }
        // Asked before it is opened: a pipe would wait for whoever writes to it.
        if !real.is_file() {
            return Err(format!("`{name}` is not a file"));
        }
        let mut bytes = Vec::new();
        File::open(&real)
            .and_then(|f| f.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(unread)?;
        if bytes.len() > MAX_BYTES {
            return Err(format!("`{name}` is larger than {} MiB", MAX_BYTES >> 20));
        }
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            format!("`{name}` is not UTF-8 from byte {at} on")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_beside_the_plan_is_read() {
        let all = tempfile::tempdir().unwrap();
        let folder = all.path().join("plans");
        std::fs::create_dir_all(folder.join("curves")).unwrap();
        std::fs::write(all.path().join("secret.csv"), "a").unwrap();
        std::fs::write(folder.join("curves/rent.csv"), "b").unwrap();
        std::fs::write(folder.join("odd.csv"), [0xff]).unwrap();
        let beside = Beside::file(&folder.join("plan.toml"));
        assert_eq!(beside.text("curves/rent.csv").as_deref(), Ok("b"));
        assert_eq!(beside.text("./curves/rent.csv").as_deref(), Ok("b"));
        let absolute = all.path().join("secret.csv");
        for (name, wanted) in [
            ("../secret.csv", "is not in the folder of the plan"),
            (absolute.to_str().unwrap(), "is not in the folder of the plan"),
            ("", "is not in the folder of the plan"),
            ("none.csv", "cannot be read"),
            ("curves", "is not a file"),
            ("odd.csv", "is not UTF-8 from byte 0 on"),
        ] {
            let error = beside.text(name).unwrap_err();
            assert!(error.contains(wanted), "{name}: {error}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&absolute, folder.join("link.csv")).unwrap();
            let error = beside.text("link.csv").unwrap_err();
            assert!(error.contains("leads out of the folder"), "{error}");
        }
    }

    #[test]
    fn what_was_read_before_needs_no_folder() {
        let texts = BTreeMap::from([("a.csv".to_owned(), "x".to_owned())]);
        let beside = Beside::Texts(texts);
        assert_eq!(beside.text("a.csv").as_deref(), Ok("x"));
        assert_eq!(beside.text("b.csv").unwrap_err(), "there is no `b.csv` in this part");
    }
}
