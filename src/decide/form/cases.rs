//! Cases from a table: one a row, or one quantity a row; each answered or refused.
//!
//! A column, or a quantity, is an input of a form by its key or by what published files
//! call it (`also` of its inputs). A case that names a machine or a cloud of its document
//! takes their figures ([`super::linked`]). What a form answers and the file holds, too, is
//! compared ([`super::published`]). A row without enough inputs is refused with all that is
//! missing; no row stops another.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::input::{Diagnostics, Table};

use super::linked::{self, Link};
use super::published::{self, Compared};
use super::spelling;
use super::{Answer, FORMS, Form, Given, Kind, Refused};

/// A figure of a file that may be an input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// What it is called.
    pub quantity: String,
    /// As printed.
    pub text: String,
    /// Its unit, where the file says it.
    pub unit: String,
    /// What the file notes beside it.
    pub note: String,
}

/// One case as its file writes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// What may be an input.
    pub cells: Vec<Cell>,
    /// What may be an answer.
    pub published: Vec<Printed>,
    /// What it takes from other cases of its document, for each way to take it.
    pub links: Vec<Link>,
    /// Cases that take its figures, where it asks nothing itself.
    pub used_by: Vec<String>,
    /// Where its columns say so: its document, its machine, its cloud.
    pub(super) columns: [String; 3],
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
    /// What the file notes beside it.
    pub note: String,
    /// True where the file says that it is a result.
    pub is_expected: bool,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Result {
    /// What it is called.
    pub case: String,
    /// What each form that could be answered says: by the form's name, and against what,
    /// where the file offers more than one.
    pub answers: BTreeMap<String, Answer>,
    /// Cases of the file whose figures it takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Cases that take its figures, where it asks nothing itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// Why the nearest form could not, where none could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// What the file holds as an answer, beside ours.
    pub published: Vec<Compared>,
}

/// Why a case has no answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The form that came nearest; nothing where no figure of the case is an input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<&'static str>,
    /// What is missing or cannot be.
    pub why: String,
}

/// A form with what a case gives it.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    pub form: &'static Form,
    pub given: Given,
    /// Half a unit of the last printed digit of each input that is a rounded number.
    pub halves: Vec<(&'static str, f64)>,
    pub link: Option<&'a Link>,
    /// How many inputs the case itself gives, and with what it is linked to.
    found: [usize; 2],
}

/// Names of a column that names the case.
const NAMES: [&str; 4] = ["case", "name", "model", "accelerator"];
/// Names of columns that name the document, the machine and the cloud of a case.
const LINKS: [&[&str]; 3] = [
    &["document", "publication"],
    &["machine", "configuration", "config", "system"],
    &["cloud", "instance", "against"],
];

/// Reads the cases of a table and links those that name one another.
///
/// A table with the columns `quantity` and `value` holds a quantity a row, and a case by
/// `case`; any other holds a case a row. **Errors** the table's own diagnostics, and E0903
/// for a column `quantity` without `value` or `value` without `quantity`.
pub fn read(mut table: Table) -> std::result::Result<Vec<Case>, Diagnostics> {
    if table.diagnostics.has_errors() {
        return Err(table.diagnostics);
    }
    let named = NAMES.iter().find_map(|name| table.column(name));
    let cases = match (table.column("quantity"), table.column("value")) {
        (Some(quantity), Some(value)) => {
            let mut cases = by_quantity(&table, named, quantity, value);
            linked::link(&mut cases);
            for case in &mut cases {
                case.count_systems();
            }
            cases
        }
        (None, None) => by_row(&table, named),
        (quantity, _) => {
            let (there, lacks) = if quantity.is_some() {
                ("quantity", "value")
            } else {
                ("value", "quantity")
            };
            let message = format!("a table with a column `{there}` needs `{lacks}`, too");
            let help = "name the columns `case,quantity,value`, or write one case a row \
                        with a column for each input";
            table.header_problem("E0903", message, Some(help.to_owned()));
            return Err(table.diagnostics);
        }
    };
    Ok(cases)
}

fn by_row(table: &Table, named: Option<usize>) -> Vec<Case> {
    (1..)
        .zip(&table.rows)
        .map(|(number, row)| {
            let name = named.and_then(|at| row.cells.get(at)).cloned();
            let mut case = Case {
                name: name
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| format!("row {number}")),
                ..Case::default()
            };
            for (title, text) in table.header.iter().zip(&row.cells) {
                if is_blank(text) {
                    continue;
                }
                let (quantity, unit) = spelling::name_and_unit(title);
                let note = String::new();
                let printed = Printed {
                    quantity: quantity.clone(),
                    text: text.clone(),
                    unit: unit.clone(),
                    ..Printed::default()
                };
                case.cells.push(Cell { quantity, text: text.clone(), unit, note });
                case.published.push(printed);
            }
            case
        })
        .collect()
}

/// True for what says that nothing is known.
fn is_blank(text: &str) -> bool {
    let text = text.to_lowercase();
    ["", "-", "–", "—", "?", "n/a", "na", "nan", "unknown"].contains(&text.as_str())
}

fn by_quantity(
    table: &Table,
    named: Option<usize>,
    quantity: usize,
    value: usize,
) -> Vec<Case> {
    let [unit, role, formula, note] =
        ["unit", "role", "formula", "note"].map(|name| table.column(name));
    let links = LINKS.map(|names| names.iter().find_map(|name| table.column(name)));
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
        let Some(case) = cases.get_mut(at) else { continue };
        for (known, at) in case.columns.iter_mut().zip(links) {
            if known.is_empty() {
                *known = cell(at);
            }
        }
        let (key, text) = (cell(Some(quantity)), cell(Some(value)));
        if is_blank(&text) {
            continue;
        }
        // A column `formula` says `input`, or how a result is made.
        let (role, formula) = (cell(role).to_lowercase(), cell(formula).to_lowercase());
        let is_input = role == "input" || (role.is_empty() && formula == "input");
        let is_result = role == "expected" || role == "output" || role == "result";
        if !is_result {
            let (quantity, text) = (key.clone(), text.clone());
            case.cells.push(Cell { quantity, text, unit: cell(unit), note: cell(note) });
        }
        if !is_input {
            let is_expected = is_result || !formula.is_empty();
            let (unit, note) = (cell(unit), cell(note));
            case.published.push(Printed { quantity: key, text, unit, note, is_expected });
        }
    }
    cases
}

impl Case {
    /// Where the name ends in a count (`cluster-x8`), that many systems.
    fn count_systems(&mut self) {
        let last = self.name.rsplit(['-', ' ', '_']).next().unwrap_or_default();
        let count = last.strip_prefix(['x', '×']).unwrap_or_default();
        if !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) {
            let (quantity, text) = ("systems".to_owned(), count.to_owned());
            self.cells.insert(0, Cell { quantity, text, ..Cell::default() });
        }
    }

    /// The inputs of a form among its cells, over those of what it is linked to, over what
    /// is given for all cases.
    ///
    /// **Errors** [`Refused::Missing`] for cells that are not what their input wants, or
    /// that give one input two values.
    pub(super) fn ask<'a>(
        &'a self,
        form: &'static Form,
        link: Option<&'a Link>,
        otherwise: &Given,
    ) -> std::result::Result<Asked<'a>, Refused> {
        let mut asked = Asked {
            form,
            given: otherwise.clone(),
            halves: Vec::new(),
            link,
            found: [0; 2],
        };
        let mut wrong = Vec::new();
        let linked = link.map_or(&[][..], |link| &link.cells);
        asked.take(linked, 1, &mut wrong);
        asked.take(&self.cells, 0, &mut wrong);
        if wrong.is_empty() { Ok(asked) } else { Err(Refused::Missing(wrong)) }
    }

    /// Answers with one form, or with every form that can.
    pub fn answer(&self, form: Option<&'static Form>, otherwise: &Given) -> Result {
        let mut answers = BTreeMap::new();
        let mut nearest: Option<([usize; 2], Refusal)> = None;
        let tried: Vec<&'static Form> =
            form.map_or_else(|| FORMS.iter().collect(), |form| vec![form]);
        let mut all = Vec::new();
        for form in &tried {
            let ways: Vec<Option<&Link>> =
                if linked::helps(form) && !self.links.is_empty() {
                    self.links.iter().map(Some).collect()
                } else {
                    vec![None]
                };
            for link in &ways {
                let asked = match self.ask(form, *link, otherwise) {
                    Ok(asked) => asked,
                    Err(refused) => {
                        note(&mut nearest, [self.cells.len(), 0], form, &refused);
                        continue;
                    }
                };
                // What is linked stands in where the case asks; a price asks no ladder.
                let is_asked = asked.found[0] > 0 || linked::asks(form, self);
                match form.answer(&asked.given) {
                    Ok(answer) if is_asked => {
                        let against = link.and_then(|link| link.against.as_ref());
                        let key = match against {
                            Some(name) if ways.len() > 1 => {
                                format!("{} against {name}", form.name)
                            }
                            _ => form.name.to_owned(),
                        };
                        answers.insert(key, answer);
                    }
                    Ok(_) => {}
                    Err(refused) => note(&mut nearest, asked.found, form, &refused),
                }
                all.push(asked);
            }
        }
        let published = published::compare(self, &all);
        // A figure of its own inputs (`…_vs_NAME 0.10/0.32`) may be answered alone.
        let answered = !answers.is_empty() || published.iter().any(|c| c.found.is_some());
        let serves = !self.used_by.is_empty();
        let refused = (!answered && !serves).then(|| match nearest {
            Some(([own, linked], refusal)) if own + linked > 0 || form.is_some() => {
                refusal
            }
            _ => Refusal {
                form: None,
                why: "holds results only, and no input of any form".to_owned(),
            },
        });
        let refused = refused.map(|mut refusal| {
            for link in &self.links {
                if let Some(lacks) = &link.lacks {
                    refusal.why += "; ";
                    refusal.why += lacks;
                }
            }
            refusal
        });
        let mut with: Vec<String> =
            self.links.iter().flat_map(|link| link.with.clone()).collect();
        with.sort();
        with.dedup();
        let used_by = if answered { Vec::new() } else { self.used_by.clone() };
        Result { case: self.name.clone(), answers, with, used_by, refused, published }
    }
}

impl Asked<'_> {
    /// Takes what is an input; `from` is 0 for the case's own cells.
    fn take(&mut self, cells: &[Cell], from: usize, wrong: &mut Vec<String>) {
        // An input and the name it had, to tell two values of one name from two names.
        let mut names: BTreeMap<&'static str, (usize, &str, f64)> = BTreeMap::new();
        for Cell { quantity, text, unit, .. } in cells {
            let Some(input) = self.form.input(quantity) else { continue };
            let (key, name) = (input.key, spelling::key(quantity));
            let value = match parse(input.kind, text) {
                Some(value) => value,
                None if input.kind == Kind::Day => {
                    wrong.push(format!(
                        "`{quantity}` as a day such as 2024-02-24, not `{text}`"
                    ));
                    continue;
                }
                None => {
                    wrong.push(format!("`{quantity}` as a number, not `{text}`"));
                    continue;
                }
            };
            let by = match spelling::factor(key, unit) {
                Ok(by) => by,
                Err(said) => {
                    wrong.push(said);
                    continue;
                }
            };
            let value = value * by;
            // Of two names for one input the one that the form lists first is taken,
            // whatever the order of the rows.
            let rank =
                input.also.iter().position(|also| *also == name).map_or(0, |i| i + 1);
            if let Some((held, other, before)) = names.get(key) {
                if held == &rank && !same(value, *before) {
                    wrong.push(format!(
                        "one value for `{quantity}`, not {} and {}",
                        super::plain(*before),
                        super::plain(value)
                    ));
                }
                debug_assert!(held != &rank || spelling::key(other) == name);
                if held <= &rank {
                    continue;
                }
            } else {
                self.found[from] += 1;
            }
            names.insert(key, (rank, quantity, value));
            self.given.set(key, value);
            self.halves.retain(|(k, _)| *k != key);
            if let Some(half) = half_of(key, text) {
                self.halves.push((key, by * half));
            }
        }
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// Half a unit of the last digit of a number that was rounded: one with decimals and three
/// digits or more. Money is known to the cent at least; a whole number is exact.
fn half_of(key: &str, text: &str) -> Option<f64> {
    let (_, rest) = text.split_once('.')?;
    let decimals = rest.chars().take_while(char::is_ascii_digit).count();
    let digits = text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits.trim_start_matches('0').len() < 3 || rest.contains(['e', 'E']) {
        return None;
    }
    let decimals = if key.contains("usd") { decimals.max(2) } else { decimals };
    let decimals = i32::try_from(decimals.min(15)).ok()?;
    Some(0.5 * 10_f64.powi(-decimals))
}

fn note(
    nearest: &mut Option<([usize; 2], Refusal)>,
    found: [usize; 2],
    form: &Form,
    refused: &Refused,
) {
    if nearest.as_ref().is_none_or(|(most, _)| found > *most) {
        let why = refused.to_string();
        *nearest = Some((found, Refusal { form: Some(form.name), why }));
    }
}

/// A number, or a day as days from 1970-01-01.
pub fn parse(kind: Kind, text: &str) -> Option<f64> {
    match kind {
        Kind::Number => spelling::number(text),
        Kind::Day => {
            let day: jiff::civil::Date = text.parse().ok()?;
            let epoch = jiff::civil::date(1970, 1, 1);
            Some(f64::from(epoch.until(day).ok()?.get_days()))
        }
    }
}

#[cfg(test)]
mod tests;
