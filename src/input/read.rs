//! From a name or a path to a checked value, or to every diagnostic.
//!
//! Reading goes on as long as anything can still be found: a file whose shape is wrong
//! is repaired and its values are checked too, and other rooms may push what only they
//! can see. Nothing about repaired places is reported twice. Read next: [`Diagnostics`].

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::depth::too_deep;
use super::shape::{Filling, Hidden, Misfit, Node, Outcome, shape};
use super::{Check, Checker, Diagnostic, Diagnostics, Document, Problem};

/// Larger files are no plans and no profiles, and are not read.
pub const MAX_BYTES: usize = 16 << 20;

/// Problems of absence: no one can tell them in a file of which a part is set aside.
const OF_ABSENCE: &str = "E0205";

/// What came of reading one file.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// The value, if it could be built, perhaps from a repaired file: only
    /// [`Read::into_result`] says whether it may be used.
    pub value: Option<T>,
    /// The text and its places.
    pub document: Arc<Document>,
    /// Every problem found so far.
    pub diagnostics: Diagnostics,
    repairs: Repairs,
}

/// What was set aside or read under another key.
#[derive(Debug, Clone, Default)]
struct Repairs {
    set_aside: Vec<(Vec<String>, Hidden)>,
    renamed: Vec<(Vec<String>, String)>,
}

impl<T> Read<T> {
    /// The value, where nothing refuses the file; warnings do not.
    pub fn into_result(self) -> Result<T, Diagnostics> {
        match self.value {
            Some(value) if !self.diagnostics.has_errors() => Ok(value),
            _ => Err(self.diagnostics),
        }
    }

    /// Adds a problem that a later room found, unless it is about a repaired place. A key
    /// path that begins with `--` is an argument of the command: it has no place in the file.
    pub fn push(&mut self, problem: Problem) {
        let argument = problem.key_path.first().filter(|k| k.starts_with("--"));
        let (document, span) = if let Some(argument) = argument {
            (Arc::new(Document::bare(argument, "")), 0..0)
        } else if self.repairs.touch(&problem) {
            return;
        } else {
            let path = self.repairs.as_written(&problem.key_path);
            (Arc::clone(&self.document), self.document.span_of(&path))
        };
        self.diagnostics.push(Diagnostic {
            code: problem.code,
            document,
            key_path: problem.key_path,
            message: problem.message,
            help: problem.help,
            span,
        });
    }

    /// Runs a later room's checks on the value, where there is one.
    pub fn check(&mut self, body: impl FnOnce(&T, &mut Checker)) {
        let Some(value) = &self.value else { return };
        let mut at = Checker::new();
        body(value, &mut at);
        at.into_problems().into_iter().for_each(|p| self.push(p));
    }

    fn unread(document: Arc<Document>) -> Self {
        let diagnostics = Diagnostics::new();
        Self { value: None, document, diagnostics, repairs: Repairs::default() }
    }

    fn refuse(
        mut self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Self {
        let (document, key_path) = (Arc::clone(&self.document), Vec::new());
        self.diagnostics.push(Diagnostic {
            code,
            document,
            key_path,
            message,
            help,
            span,
        });
        self
    }

    fn report(&mut self, misfit: Misfit) {
        self.diagnostics.push(Diagnostic {
            code: misfit.code,
            document: Arc::clone(&self.document),
            key_path: misfit.key_path,
            message: misfit.message,
            help: misfit.help,
            span: misfit.span,
        });
    }
}

impl Repairs {
    /// True where a problem is about a repaired place, one within, or one around it.
    fn touch(&self, problem: &Problem) -> bool {
        let path = &problem.key_path;
        self.set_aside.iter().any(|(repaired, hidden)| {
            let is_related = path.starts_with(repaired) || repaired.starts_with(path);
            let is_hidden = match hidden {
                Hidden::Nothing => false,
                Hidden::Text(text) => path.last() == Some(text),
                Hidden::Anything => true,
            };
            is_related || (problem.code == OF_ABSENCE && is_hidden)
        })
    }

    /// The key path under which the document has it.
    fn as_written(&self, path: &[String]) -> Vec<String> {
        let mut written = path.to_vec();
        for (right, key) in &self.renamed {
            if path.starts_with(right)
                && let Some(last) = right.len().checked_sub(1)
            {
                written[last].clone_from(key);
            }
        }
        written
    }
}

/// Reads a value from a text; `name` is what to print as the file.
pub fn read_str<T: DeserializeOwned + JsonSchema + Check>(
    name: &str,
    text: &str,
) -> Read<T> {
    if text.len() > MAX_BYTES {
        return too_large(name);
    }
    if let Some(byte) = too_deep(text) {
        return too_nested(name, text, byte..byte + 1);
    }
    let (tree, errors) = DeTable::parse_recoverable(text);
    let document = match Document::of(name, text, tree.get_ref()) {
        Ok(document) => document,
        Err(span) => return too_nested(name, text, span),
    };
    let mut read = Read::unread(Arc::new(document));
    let is_readable = errors.iter().all(|e| e.message().starts_with("duplicate key"));
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let said = error.message().trim_end_matches(", expected nothing");
        let message = format!("not valid TOML: {said}");
        read = read.refuse("E0001", span, message, None);
    }
    if is_readable {
        let root = Spanned::new(0..0, DeValue::Table(tree.into_inner()));
        build(&mut read, &root, schemars::schema_for!(T).as_value());
    }
    read
}

/// Reads a value from a file. One that cannot be read is a diagnostic, too.
pub fn read_file<T: DeserializeOwned + JsonSchema + Check>(path: &Path) -> Read<T> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    let outcome = File::open(path).and_then(|f| f.take(limit).read_to_end(&mut bytes));
    if let Err(error) = outcome {
        let message = format!("cannot read the file: {error}");
        let read = Read::unread(Arc::new(Document::bare(&name, "")));
        return read.refuse("E0002", 0..0, message, None);
    }
    if bytes.len() > MAX_BYTES {
        return too_large(&name);
    }
    match String::from_utf8(bytes) {
        Ok(text) => read_str(&name, &text),
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let read = Read::unread(Arc::new(Document::bare(&name, &text)));
            let message = format!("the file is not UTF-8: byte {start} begins no letter");
            let help = "save it as UTF-8".to_owned();
            read.refuse("E0003", start..start + 1, message, Some(help))
        }
    }
}

fn too_nested<T>(name: &str, text: &str, span: Range<usize>) -> Read<T> {
    let message = "tables lie too deep within each other".to_owned();
    let read = Read::unread(Arc::new(Document::bare(name, text)));
    read.refuse("E0005", span, message, None)
}

fn too_large<T>(name: &str) -> Read<T> {
    let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
    Read::unread(Arc::new(Document::bare(name, ""))).refuse("E0004", 0..0, message, None)
}

/// Shape, value, checks. A repaired file is built once more for every other filling:
/// only what is wrong with all of them is wrong with what was written.
fn build<T: DeserializeOwned + Check>(
    read: &mut Read<T>,
    root: &Node<'_>,
    schema: &Value,
) {
    let mut tree = root.clone();
    let outcome = shape(&mut tree, schema, Filling::FIRST);
    let fillings = if outcome.repairs.is_empty() { 1 } else { outcome.fillings };
    let is_buildable = outcome.is_buildable;
    note(read, outcome);
    if !is_buildable {
        return;
    }
    let Some((value, mut problems)) = checked(read, tree) else { return };
    for filling in Filling::others(fillings) {
        let mut tree = root.clone();
        shape(&mut tree, schema, filling);
        if let Ok(other) = T::deserialize(ValueDeserializer::from(tree)) {
            let confirmed = problems_of(&other);
            problems.retain(|p| {
                confirmed.iter().any(|c| c.code == p.code && c.key_path == p.key_path)
            });
        }
    }
    read.value = Some(value);
    for problem in problems {
        read.push(problem);
    }
}

fn note<T>(read: &mut Read<T>, outcome: Outcome) {
    outcome.misfits.into_iter().for_each(|m| read.report(m));
    read.repairs = Repairs {
        set_aside: outcome.repairs.into_iter().map(|r| (r.key_path, r.hidden)).collect(),
        renamed: outcome.renamed.into_iter().collect(),
    };
}

/// The value and its problems; where serde refuses, what it says, at its place.
fn checked<T: DeserializeOwned + Check>(
    read: &mut Read<T>,
    root: Node<'_>,
) -> Option<(T, Vec<Problem>)> {
    match T::deserialize(ValueDeserializer::from(root)) {
        Ok(value) => {
            let problems = problems_of(&value);
            Some((value, problems))
        }
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let key_path = read.document.path_at(span.start);
            let said = error.message().lines().next().unwrap_or_default();
            let message = match key_path.as_slice() {
                [] => said.to_owned(),
                path => format!("`{}`: {said}", path.join(".")),
            };
            let code = "E0107";
            let problem =
                Problem { key_path: key_path.clone(), code, message, help: None };
            if !(read.repairs.touch(&problem) && read.diagnostics.has_errors()) {
                let Problem { message, help, .. } = problem;
                read.report(Misfit { code, key_path, span, message, help });
            }
            None
        }
    }
}

fn problems_of<T: Check>(value: &T) -> Vec<Problem> {
    let mut at = Checker::new();
    value.check(&mut at);
    at.into_problems()
}
