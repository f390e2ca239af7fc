//! Where the money goes: capex and opex by year, and the parts of the cost.

use crate::engine::outcome::{Distribution, StrategyOutcome, Year};
use crate::report::format::usd;
use crate::report::summary;

use super::Answer;
use super::answer::hue;
use super::markup::Markup;

/// Capex and opex of every strategy by year: the mean and, where years differ from path
/// to path, what nine futures in ten lie between.
pub(super) fn years(page: &mut Markup, answer: &Answer<'_>) {
    let strategies = &answer.outcome.strategies;
    let years: Vec<i32> = strategies
        .iter()
        .map(|s| &s.years)
        .max_by_key(|y| y.len())
        .map_or_else(Vec::new, |years| years.iter().map(|y| y.year).collect());
    page.raw("<section aria-labelledby=\"h-years\">\n");
    page.raw("<h2 id=\"h-years\">Capex and opex by year</h2>\n");
    page.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Cash by year\">");
    let said = summary::years(answer.scenario)
        .unwrap_or_else(|| "Years are those of the calendar.".to_owned());
    let caption = format!(
        "Nominal, before tax: mean, and in small the 5 % and 95 % quantiles. {said}"
    );
    page.raw("<table>").within("<caption>", &caption, "</caption>");
    page.raw("<thead><tr><th scope=\"col\">Strategy</th><th scope=\"col\">Cash</th>");
    for year in &years {
        page.within("<th scope=\"col\">", &year.to_string(), "</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for &place in &answer.decision.ranking {
        let Some(s) = strategies.get(place) else { continue };
        row(page, s, place, "capex", &years, |year| &year.capex);
        row(page, s, place, "opex", &years, |year| &year.opex);
    }
    page.raw("</tbody></table></div>\n</section>\n");
}

fn row(
    page: &mut Markup,
    strategy: &StrategyOutcome,
    place: usize,
    what: &str,
    years: &[i32],
    pick: impl Fn(&Year) -> &Distribution,
) {
    page.raw("<tr><th scope=\"row\" class=\"name ").raw(hue(place)).raw("\">");
    page.text(&strategy.name).raw("</th>").within("<td class=\"words\">", what, "</td>");
    for (n, _) in years.iter().enumerate() {
        page.raw("<td>");
        if let Some(d) = strategy.years.get(n).map(&pick) {
            page.text(&d.mean.map_or_else(|| usd(d.median()), |m| usd(m.mean)));
            let (low, high) = (usd(d.quantiles[1]), usd(d.quantiles[7]));
            if low != high {
                page.raw("<small>").text(&low).raw(" to ").text(&high).raw("</small>");
            }
        }
        page.raw("</td>");
    }
    page.raw("</tr>\n");
}

/// Present value by part, mean over futures.
pub(super) fn parts(page: &mut Markup, answer: &Answer<'_>) {
    let strategies = &answer.outcome.strategies;
    let ranked: Vec<(usize, &StrategyOutcome)> = answer
        .decision
        .ranking
        .iter()
        .filter_map(|i| strategies.get(*i).map(|s| (*i, s)))
        .collect();
    let Some((_, first)) = ranked.first() else { return };
    page.raw("<section aria-labelledby=\"h-parts\">\n");
    page.raw("<h2 id=\"h-parts\">What the cost is made of</h2>\n");
    page.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Parts\">");
    page.raw(
        "<table><caption>Present value, mean over futures; below zero is income or \
              tax saved</caption><thead><tr><th scope=\"col\">Part</th>",
    );
    for (place, s) in &ranked {
        page.raw("<th scope=\"col\" class=\"name ").raw(hue(*place)).raw("\">");
        page.text(&s.name).raw("</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for (n, part) in first.parts.iter().enumerate() {
        let mean = |s: &StrategyOutcome| s.parts.get(n).map_or(0.0, |p| p.mean.mean);
        let largest = ranked.iter().map(|(_, s)| mean(s).abs()).fold(0.0, f64::max);
        if largest < 0.005 {
            continue;
        }
        page.within("<tr><th scope=\"row\">", &part.part.replace('_', " "), "</th>");
        for (_, s) in &ranked {
            page.within("<td>", &usd(mean(s)), "</td>");
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n</section>\n");
}
