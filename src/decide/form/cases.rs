//! Cases from a table: one a row, or one quantity a row; each answered or refused.
//!
//! A column, or a quantity, is an input of a form by its key or by what published files
//! call it (`also` of its inputs). What a form answers and the file holds, too, is compared. A
//! row without enough inputs is refused with all that is missing; no row stops another.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::input::{Diagnostics, Table};

use super::published::{self, Compared};
use super::{Answer, FORMS, Form, Given, Kind, Refused};

/// One case as its file writes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// What may be an input: name and text.
    pub cells: Vec<(String, String)>,
    /// What may be an answer.
    pub published: Vec<Printed>,
}

/// A figure of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Printed {
    /// What it is called.
    pub quantity: String,
    /// As printed.
    pub text: String,
    /// Its unit, where the file says it.
    pub unit: String,
    /// True where the file says that it is a result.
    pub is_expected: bool,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Result {
    /// What it is called.
    pub case: String,
    /// What each form that could be answered says, by its name.
    pub answers: BTreeMap<&'static str, Answer>,
    /// Why the nearest form could not, where none could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// What the file holds as an answer, beside ours.
    pub published: Vec<Compared>,
}

/// Why a case has no answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The form that came nearest.
    pub form: &'static str,
    /// What is missing or cannot be.
    pub why: String,
}

/// Names of a column that names the case.
const NAMES: [&str; 4] = ["case", "name", "model", "accelerator"];

/// Reads the cases of a table.
///
/// A table with the columns `quantity` and `value` holds a quantity a row, and a case by
/// `case`; any other holds a case a row. **Errors** the table's own diagnostics.
pub fn read(table: Table) -> std::result::Result<Vec<Case>, Diagnostics> {
    if table.diagnostics.has_errors() {
        return Err(table.diagnostics);
    }
    let named = NAMES.iter().find_map(|name| table.column(name));
    let cases = match (table.column("quantity"), table.column("value")) {
        (Some(quantity), Some(value)) => by_quantity(&table, named, quantity, value),
        _ => by_row(&table, named),
    };
    Ok(cases)
}

fn by_row(table: &Table, named: Option<usize>) -> Vec<Case> {
    (1..)
        .zip(&table.rows)
        .map(|(number, row)| {
            let name = named.and_then(|at| row.cells.get(at)).cloned();
            let mut case = Case {
                name: name.unwrap_or_else(|| format!("row {number}")),
                ..Case::default()
            };
            for (key, text) in table.header.iter().zip(&row.cells) {
                if !text.is_empty() {
                    case.cells.push((key.clone(), text.clone()));
                    let (quantity, text) = (key.clone(), text.clone());
                    case.published.push(Printed { quantity, text, ..Printed::default() });
                }
            }
            case
        })
        .collect()
}

fn by_quantity(
    table: &Table,
    named: Option<usize>,
    quantity: usize,
    value: usize,
) -> Vec<Case> {
    let (unit, role) = (table.column("unit"), table.column("role"));
    let mut cases: Vec<Case> = Vec::new();
    for row in &table.rows {
        let cell = |at: Option<usize>| {
            at.and_then(|at| row.cells.get(at)).cloned().unwrap_or_default()
        };
        let name = cell(named);
        let at = cases.iter().position(|case| case.name == name).unwrap_or_else(|| {
            cases.push(Case { name, ..Case::default() });
            cases.len() - 1
        });
        let (key, text) = (cell(Some(quantity)), cell(Some(value)));
        let Some(case) = cases.get_mut(at) else { continue };
        if text.is_empty() {
            continue;
        }
        let role = cell(role);
        if role != "expected" {
            case.cells.push((key.clone(), text.clone()));
        }
        if role != "input" {
            let (unit, is_expected) = (cell(unit), role == "expected");
            case.published.push(Printed { quantity: key, text, unit, is_expected });
        }
    }
    cases
}

impl Case {
    /// The inputs of a form among its cells, over what is given for all cases, and how many
    /// it found.
    ///
    /// **Errors** [`Refused::Missing`] for cells that are not what their input wants.
    pub fn given(
        &self,
        form: &Form,
        otherwise: &Given,
    ) -> std::result::Result<(Given, usize), Refused> {
        let mut given = otherwise.clone();
        let (mut wrong, mut found) = (Vec::new(), 0);
        for (name, text) in &self.cells {
            let Some(input) = form.input(name) else { continue };
            match parse(input.kind, text) {
                Some(value) => {
                    found += 1;
                    given.set(input.key, value);
                }
                None if input.kind == Kind::Day => {
                    wrong.push(format!(
                        "`{name}` as a day such as 2024-02-24, not `{text}`"
                    ));
                }
                None => wrong.push(format!("`{name}` as a number, not `{text}`")),
            }
        }
        if wrong.is_empty() { Ok((given, found)) } else { Err(Refused::Missing(wrong)) }
    }

    /// Answers with one form, or with every form that can.
    pub fn answer(&self, form: Option<&'static Form>, otherwise: &Given) -> Result {
        let mut answers = BTreeMap::new();
        let mut nearest: Option<(usize, Refusal)> = None;
        let tried: Vec<&'static Form> =
            form.map_or_else(|| FORMS.iter().collect(), |form| vec![form]);
        for form in &tried {
            let (given, found) = match self.given(form, otherwise) {
                Ok(found) => found,
                Err(refused) => {
                    let found = self.cells.len();
                    note(&mut nearest, found, form, &refused);
                    continue;
                }
            };
            match form.answer(&given) {
                Ok(answer) => _ = answers.insert(form.name, answer),
                Err(refused) => note(&mut nearest, found, form, &refused),
            }
        }
        let published = published::compare(self, &tried, otherwise, &answers);
        // A figure of its own inputs (`…_vs_NAME 0.10/0.32`) may be answered alone.
        let answered = !answers.is_empty() || published.iter().any(|c| c.found.is_some());
        let refused = nearest.filter(|_| !answered).map(|(_, refusal)| refusal);
        Result { case: self.name.clone(), answers, refused, published }
    }
}

fn note(
    nearest: &mut Option<(usize, Refusal)>,
    found: usize,
    form: &Form,
    refused: &Refused,
) {
    if nearest.as_ref().is_none_or(|(most, _)| found > *most) {
        *nearest = Some((found, Refusal { form: form.name, why: refused.to_string() }));
    }
}

/// A number, or a day as days from 1970-01-01.
pub fn parse(kind: Kind, text: &str) -> Option<f64> {
    match kind {
        Kind::Number => text.parse().ok().filter(|x: &f64| x.is_finite()),
        Kind::Day => {
            let day: jiff::civil::Date = text.parse().ok()?;
            let epoch = jiff::civil::date(1970, 1, 1);
            Some(f64::from(epoch.until(day).ok()?.get_days()))
        }
    }
}
