//! What a file holds as an answer, beside ours.
//!
//! Published files name a figure in their own way, and sometimes name in it what it was
//! found at (`figure_name`). A figure agrees when it rounds to the digits that are
//! printed, or is within half a unit of the fourth. One that does not may still be what the
//! printed inputs allow, as they are rounded, or have been cut and not rounded; else it
//! differs, and where one changed input would explain every figure that does, it is said.
//! An erratum is shown, never imitated.

use schemars::JsonSchema;
use serde::Serialize;

use crate::decide::Threshold;

use super::cases::{Asked, Case, Cell, Printed};
use super::figure_name::{self, FigureName};
use super::{Figure, Given, Kind, linked, plain, spelling};

/// Half a unit of the fourth digit of 1.0000.
const FOUR_DIGITS: f64 = 5e-5;

/// A published figure and ours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// As published.
    pub quantity: String,
    /// As printed.
    pub printed: String,
    /// Ours, in the unit of the print; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Figure>,
    /// True where ours is the printed figure.
    pub agrees: bool,
    /// What came of it.
    pub verdict: Verdict,
    /// Why, where they are not the same, and what the file notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What came of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Ours is the printed figure.
    Agrees,
    /// The same, as far as printed digits tell.
    Rounding,
    /// Another.
    Differs,
    /// Too little is given to find it.
    NoAnswer,
}

/// A figure found, with what it takes to find it again from other inputs.
struct Found<'a> {
    asked: &'a Asked<'a>,
    given: Given,
    name: FigureName,
    scale: f64,
    figure: Figure,
    /// Half a unit of the last printed digit.
    half: f64,
}

impl Found<'_> {
    fn again(&self, given: &Given) -> Option<Figure> {
        let answer = self.asked.form.answer(given).ok()?;
        Some(scaled(self.name.find(&answer)?, self.scale))
    }

    /// How far the rounding of the inputs moves the figure, to first order.
    fn reach(&self) -> f64 {
        let mut reach = 0.0;
        for (key, half) in &self.asked.halves {
            let Some(x) = self.given.get(key) else { continue };
            let at = |x: f64| {
                self.again(&self.given.clone().with(key, x)).and_then(Figure::value)
            };
            if let (Some(low), Some(high)) = (at(x - half), at(x + half)) {
                reach += (high - low).abs() / 2.0;
            }
        }
        reach
    }

    /// The value of an input at which the figure is `printed`, by the secant method.
    fn solve(&self, key: &'static str, printed: f64) -> Option<f64> {
        let miss = |x: f64| {
            let found = self.again(&self.given.clone().with(key, x))?.value()?;
            Some(found - printed)
        };
        let start = self.given.get(key).filter(|x| *x > 0.0)?;
        let (mut a, mut b) = (start, start * 1.001);
        let (mut at_a, mut at_b) = (miss(a)?, miss(b)?);
        for _ in 0..20 {
            if (at_b - at_a).abs() <= f64::EPSILON * printed.abs() {
                return None;
            }
            let next = b - at_b * (b - a) / (at_b - at_a);
            (a, at_a, b) = (b, at_b, next);
            at_b = miss(b)?;
            if at_b.abs() <= 1e-10 * printed.abs() {
                return (0.5 * start..2.0 * start).contains(&b).then_some(b);
            }
        }
        None
    }
}

/// Compares what a case publishes with what the forms answer.
pub(super) fn compare(case: &Case, all: &[Asked<'_>]) -> Vec<Compared> {
    let mut compared = Vec::new();
    let mut differing: Vec<(usize, Found<'_>, f64)> = Vec::new();
    for printed in &case.published {
        let Printed { quantity, text, note, is_expected, .. } = printed;
        let is_word = ["never", "none", "always"].contains(&text.as_str());
        let found = find(case, printed, all);
        let is_known = is_word || spelling::number(text).is_some();
        if !is_expected && (!is_known || (found.is_none() && !is_asked(quantity))) {
            continue;
        }
        let mut one = Compared {
            quantity: quantity.clone(),
            printed: text.clone(),
            found: found.as_ref().map(|found| found.figure),
            agrees: false,
            verdict: Verdict::NoAnswer,
            why: None,
        };
        if let Some(found) = found {
            one.agrees = agrees(found.figure, text);
            (one.verdict, one.why) =
                if one.agrees { (Verdict::Agrees, None) } else { judge(printed, &found) };
            if one.verdict == Verdict::Differs
                && let Some(value) = spelling::number(text)
            {
                differing.push((compared.len(), found, value));
            }
        } else {
            one.why = Some(lacks(quantity, is_known));
        }
        if one.verdict == Verdict::Differs && !note.is_empty() {
            let said = format!("the file notes: {note}");
            one.why = Some(one.why.map_or(said.clone(), |why| format!("{why}; {said}")));
        }
        compared.push(one);
    }
    if let Some(said) = explained(&differing) {
        for (at, ..) in &differing {
            if let Some(one) = compared.get_mut(*at) {
                let before = one.why.take().map_or(String::new(), |why| why + "; ");
                one.why = Some(before + &said);
            }
        }
    }
    compared
}

/// Ours for a printed figure: the first that agrees, or else the first.
fn find<'a>(case: &Case, printed: &Printed, all: &'a [Asked<'a>]) -> Option<Found<'a>> {
    let Printed { quantity, text, unit, is_expected, .. } = printed;
    let names = figure_name::of(quantity);
    let scale = figure_name::scale(unit);
    let mut first: Option<Found<'a>> = None;
    for name in names {
        for asked in all {
            if let Some(provider) = &name.against
                && !asked.link.is_some_and(|link| link.is_against(provider))
            {
                continue;
            }
            let mut given = asked.given.clone();
            // What is an input here is no answer to compare, unless the file says that it
            // is made of others.
            if let Some(input) = asked.form.input(quantity) {
                let is_same = |c: &Cell| c.quantity == *quantity && c.text == *text;
                if case.cells.iter().any(is_same) {
                    given = given.without(input.key);
                }
                if !is_expected {
                    continue;
                }
            }
            if !set_named(&name, asked, case, &mut given) {
                continue;
            }
            let Ok(answer) = asked.form.answer(&given) else { continue };
            let Some(figure) = name.find(&answer) else { continue };
            let figure = scaled(figure, scale);
            let (name, half) = (name.clone(), half_unit(text));
            let found = Found { asked, given, name, scale, figure, half };
            if agrees(figure, text) {
                return Some(found);
            }
            first.get_or_insert(found);
        }
    }
    first
}

/// Sets the inputs that the name of a figure carries; false where it cannot.
fn set_named(
    name: &FigureName,
    asked: &Asked<'_>,
    case: &Case,
    given: &mut Given,
) -> bool {
    for (key, value) in &name.inputs {
        let (Some(input), Some(value)) = (asked.form.input(key), spelling::number(value))
        else {
            return false;
        };
        given.set(input.key, value);
    }
    let Some(model) = &name.model else { return true };
    let wanted = spelling::bare(model);
    let linked = asked.link.map_or(&[][..], |link| &link.cells);
    let speed = case.cells.iter().chain(linked).find_map(|cell| {
        let rest = spelling::key(&cell.quantity);
        let rest = rest.strip_prefix("throughput_").or(rest.strip_prefix("tok_s_"))?;
        let value = spelling::number(&cell.text)?;
        let by = spelling::factor("tokens_per_s", &cell.unit).ok()?;
        spelling::bare(rest).contains(&wanted).then_some(value * by)
    });
    let is_input = asked.form.input("tokens_per_s").is_some();
    match speed {
        Some(speed) if is_input => {
            given.set("tokens_per_s", speed);
            true
        }
        _ => false,
    }
}

/// Whether two figures that are not the same differ by rounding alone, and why.
fn judge(printed: &Printed, found: &Found<'_>) -> (Verdict, Option<String>) {
    let differs = |figure: Figure| match figure {
        Figure::Number(x) | Figure::Threshold(Threshold::At(x)) => Some(x),
        Figure::Threshold(_) => None,
    };
    let (Some(ours), Some(value)) =
        (differs(found.figure), spelling::number(&printed.text))
    else {
        return (Verdict::Differs, None);
    };
    let half = half_unit(&printed.text);
    let gap = (ours - value).abs();
    let parts = linked::parts(&printed.note);
    let sum: f64 = parts.iter().filter_map(|(_, part)| spelling::number(part)).sum();
    let count = crate::units::count(parts.len());
    if !parts.is_empty() && (sum - value).abs() <= half && gap <= 2.0 * half * count {
        let sum: Vec<&str> = parts.iter().map(|(_, part)| *part).collect();
        let why = format!("its parts are printed rounded or cut: {}", sum.join(" + "));
        return (Verdict::Rounding, Some(why));
    }
    let reach = found.reach();
    if gap <= half + reach {
        let why = format!("its inputs as printed leave ±{}", plain(two_digits(reach)));
        return (Verdict::Rounding, Some(why));
    }
    if ours.abs() > value.abs() && gap < 2.0 * half && value.abs() >= 200.0 * half {
        return (
            Verdict::Rounding,
            Some("cut, not rounded, at its last digit".to_owned()),
        );
    }
    let change = 100.0 * (value / ours - 1.0);
    let why = format!("printed is {change:+.2} % off what its formula gives");
    (Verdict::Differs, change.is_finite().then_some(why))
}

/// The one input that, changed, would make every differing figure what is printed.
fn explained(differing: &[(usize, Found<'_>, f64)]) -> Option<String> {
    // The figure printed to most digits says best what the input would be.
    let fineness = |(_, found, printed): &&(usize, Found<'_>, f64)| {
        (found.half / printed.abs(), found.figure.value().unwrap_or(0.0))
    };
    let finest = differing.iter().min_by(|a, b| {
        fineness(a).partial_cmp(&fineness(b)).unwrap_or(std::cmp::Ordering::Equal)
    })?;
    let (at, first, printed) = finest;
    let rest: Vec<_> = differing.iter().filter(|(other, ..)| other != at).collect();
    if rest.is_empty() {
        return None;
    }
    let found: Vec<String> = first
        .asked
        .form
        .inputs
        .iter()
        .filter(|input| input.kind == Kind::Number)
        .filter_map(|input| {
            let value = first.solve(input.key, *printed)?;
            let fits = rest.iter().all(|(_, other, printed)| {
                let at = other.given.clone().with(input.key, value);
                let near = |x: f64| {
                    let gap = (x - printed).abs();
                    gap <= other.half * (1.0 + 1e-9) || gap < FOUR_DIGITS * printed.abs()
                };
                let again = other.again(&at).and_then(Figure::value);
                other.given.has(input.key) && again.is_some_and(near)
            });
            let held = first.given.get(input.key)?;
            fits.then(|| {
                format!("`{}` {} in place of {}", input.key, plain(value), plain(held))
            })
        })
        .collect();
    if found.is_empty() {
        return None;
    }
    let count = rest.len() + 1;
    Some(format!("all {count} that differ would agree with {}", found.join(", or with ")))
}

/// True for what some form would answer under this name.
fn is_asked(quantity: &str) -> bool {
    figure_name::of(quantity)
        .iter()
        .any(|name| !name.inputs.is_empty() || name.is_other())
}

/// What a figure without an answer needs.
fn lacks(quantity: &str, is_known: bool) -> String {
    if !is_known {
        return "no single number".to_owned();
    }
    let needs = [
        ("cloud_usd", "needs `cloud_usd_per_chip_hour`"),
        ("acquisition", "needs `chips` and `server_usd_per_chip`"),
        ("per_system", "needs `systems`"),
        ("usd_per_mtok", "needs the tokens a second of its machine and model"),
    ];
    let found = needs.iter().find(|(part, _)| quantity.contains(part));
    found.map_or("too little is given to find it", |(_, need)| *need).to_owned()
}

fn scaled(figure: Figure, by: f64) -> Figure {
    match figure {
        Figure::Number(x) => Figure::Number(by * x),
        Figure::Threshold(Threshold::At(x)) => Figure::Threshold(Threshold::At(by * x)),
        Figure::Threshold(Threshold::Never(x)) => {
            Figure::Threshold(Threshold::Never(x.map(|x| by * x)))
        }
        Figure::Threshold(Threshold::Always) => figure,
    }
}

fn two_digits(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

/// Half a unit of the last printed digit.
fn half_unit(text: &str) -> f64 {
    let decimals = text.split_once('.').map_or(0, |(_, rest)| {
        rest.chars().take_while(char::is_ascii_digit).count().min(15)
    });
    0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap_or(0))
}

/// True where a figure is what is printed.
pub fn agrees(figure: Figure, printed: &str) -> bool {
    match (figure, printed) {
        (Figure::Threshold(Threshold::Never(_)), "never" | "none")
        | (Figure::Threshold(Threshold::Always), "always") => true,
        (Figure::Number(x) | Figure::Threshold(Threshold::At(x)), text) => {
            let Some(value) = spelling::number(text) else { return false };
            let half = half_unit(text);
            (x - value).abs() <= half * (1.0 + 1e-9)
                || (x - value).abs() < FOUR_DIGITS * value.abs()
        }
        _ => false,
    }
}
