//! `report.html`: the whole answer on one page that opens from disk.
//!
//! Nothing is loaded from anywhere: style, script, charts and numbers are in the file. The
//! words are those of the terminal ([`super::words`], [`super::summary`]), the charts those
//! of `charts/` ([`super::gallery`]). The same run gives the same bytes. It reads without
//! its script; the script adds values at the pointer, bands that can be taken away and the
//! other axis. Read next: `answer.rs`, `figure.rs`, `markup.rs` for why a plan's title can
//! be no tag.

mod answer;
mod basis;
mod controls;
mod figure;
mod markup;
mod money;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::decide::Decision;
use crate::engine::Outcome;
use crate::scenario::Scenario;

use super::chart::{month_name, page_style};
use super::gallery::{Drawing, drawings};

use figure::Figure;
use markup::Markup;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const SERVE_SCRIPT: &str = include_str!("serve.js");

/// What a page shows.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// What was asked.
    pub scenario: &'a Scenario,
    /// What was found.
    pub outcome: &'a Outcome,
    /// What follows.
    pub decision: &'a Decision,
    /// BLAKE3 of the plan's text.
    pub plan_hash: &'a str,
}

/// The widths that charts are drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sheets {
    /// Both: the page chooses.
    #[default]
    Both,
    /// A page about 1,000 pixels wide.
    Page,
    /// A phone.
    Phone,
}

/// The page, whole: what is written to disk.
pub fn report(answer: &Answer<'_>) -> String {
    whole_page(answer, false)
}

/// The page with sliders, for a program that answers them with [`fragment`].
pub fn served(answer: &Answer<'_>) -> String {
    whole_page(answer, true)
}

/// What a page with sliders swaps in.
pub fn fragment(answer: &Answer<'_>, sheets: Sheets) -> String {
    body(answer, sheets).into_string()
}

/// A page that says only what is wrong.
pub fn trouble(title: &str, message: &str) -> String {
    let mut page = Markup::default();
    head(&mut page, title);
    page.raw("<main><h1>").text(title).raw("</h1>\n<pre role=\"alert\">");
    page.text(message).raw("</pre></main>\n</body>\n</html>\n");
    page.into_string()
}

fn whole_page(answer: &Answer<'_>, sliders: bool) -> String {
    let mut page = Markup::default();
    head(&mut page, &answer.scenario.title);
    page.raw("<a class=\"skip\" href=\"#compare\">Skip to the comparison</a>\n");
    if sliders {
        controls::form(&mut page, answer.scenario);
    }
    page.raw("<div id=\"answer\">\n").part(&body(answer, Sheets::Both)).raw("</div>\n");
    page.raw("<script>\n").raw(SCRIPT);
    if sliders {
        page.raw(SERVE_SCRIPT);
    }
    page.raw("</script>\n</body>\n</html>\n");
    page.into_string()
}

fn head(page: &mut Markup, title: &str) {
    page.raw(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"rackcast\">\n<title>",
    );
    page.text(title).raw(" · rackcast</title>\n<style>\n");
    // Ours, from constants alone.
    page.part(&Markup::ours(page_style())).raw(STYLE).raw("</style>\n</head>\n<body>\n");
}

/// What changes when the figures of a plan do: everything between the page's two ends.
fn body(answer: &Answer<'_>, sheets: Sheets) -> Markup {
    let Answer { scenario, outcome, .. } = *answer;
    let charts = drawings(scenario, outcome);
    // Collected in the order of the list, whichever thread draws what.
    let figures: Vec<Figure<'_>> = charts
        .par_iter()
        .map(|(key, drawing): &(String, Drawing)| {
            Figure::new(&scenario.title, key, drawing, sheets)
        })
        .collect();
    let by_key: BTreeMap<&str, &Figure<'_>> =
        figures.iter().map(|f| (f.key, f)).collect();
    let mut shown = Vec::new();
    let mut page = Markup::default();
    answer::header(&mut page, answer);
    page.raw("<main>\n");
    answer::warnings(&mut page, answer);
    page.raw("<section id=\"compare\" aria-labelledby=\"h-compare\">\n");
    page.raw("<h2 id=\"h-compare\">The strategies</h2>\n");
    let mut put = |page: &mut Markup, key: &str| {
        if let Some(figure) = by_key.get(key) {
            figure.write(page);
            shown.push(key.to_owned());
        }
    };
    answer::chances(&mut page, answer);
    put(&mut page, "compare.cost_to_date");
    answer::strategies(&mut page, answer);
    answer::yardsticks(&mut page, answer);
    page.raw("</section>\n");
    if let Some(key) = difference(answer) {
        page.raw("<section aria-labelledby=\"h-difference\">\n");
        page.raw("<h2 id=\"h-difference\">The difference between the first two</h2>\n");
        page.raw(
            "<p>Both strategies meet the same futures, so the band of their difference is \
             what the choice hangs on; bands of their costs overlap even where one is \
             cheaper in every future.</p>\n",
        );
        put(&mut page, &key);
        page.raw("</section>\n");
    }
    basis::drivers(&mut page, answer);
    money::years(&mut page, answer);
    money::parts(&mut page, answer);
    page.raw("<section aria-labelledby=\"h-charts\">\n");
    page.raw("<h2 id=\"h-charts\">Every chart</h2>\n");
    for figure in figures.iter().filter(|f| !shown.iter().any(|s| s == f.key)) {
        figure.write(&mut page);
    }
    page.raw("</section>\n");
    basis::assumptions(&mut page, scenario);
    basis::record(&mut page, scenario);
    basis::provenance(&mut page, answer);
    page.raw("</main>\n");
    let names: Vec<String> = (0..usize::try_from(scenario.months).unwrap_or(0))
        .map(|month| month_name(scenario.start, month))
        .collect();
    page.raw("<script type=\"application/json\" id=\"months\">");
    page.json(&serde_json::json!(names)).raw("</script>\n");
    page
}

/// The chart of the difference of the first two, whichever way round the run kept it.
fn difference(answer: &Answer<'_>) -> Option<String> {
    let &[first, second, ..] = answer.decision.ranking.as_slice() else { return None };
    let (a, b) = (first.min(second), first.max(second));
    let name = |place: usize| answer.outcome.strategies.get(place).map(|s| &s.name);
    Some(format!("difference.{}.{}", name(a)?, name(b)?))
}
