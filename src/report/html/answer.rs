//! The head of the page: the question, the answer in words, how sure it is, what to know
//! first; then the strategies side by side.

use crate::report::format::{percent, usd, whole};
use crate::report::{summary, words};

use super::Answer;
use super::markup::Markup;

/// Strategies that have a hue of their own; past them hues repeat.
const HUES: [&str; 7] = ["hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6"];

/// The class that colours what belongs to a strategy.
pub(super) fn hue(place: usize) -> &'static str {
    HUES[place % HUES.len()]
}

/// The question and the answer.
pub(super) fn header(page: &mut Markup, answer: &Answer<'_>) {
    let Answer { scenario, outcome, decision, .. } = *answer;
    page.raw("<header>\n").within("<h1>", &scenario.title, "</h1>\n");
    page.raw("<p class=\"headline\">").sentence(&words::headline(decision)).raw("</p>\n");
    page.raw("<ul class=\"certainty\">\n");
    let mut said = words::certainty(scenario, outcome, decision);
    let first = decision.order.first();
    let pays = words::break_even(scenario, outcome, decision).into_iter();
    // The first against the others, or the others against it; not every pair.
    said.extend(
        pays.filter(|line| first.is_some_and(|f| line.contains(&format!("`{f}`")))),
    );
    said.extend(words::worth(decision));
    for line in said {
        page.raw("<li>").sentence(&line).raw("</li>\n");
    }
    page.raw("</ul>\n<p class=\"facts\">");
    let (year, month) = scenario.start;
    page.text(&format!(
        "{} futures · {} months from {year:04}-{month:02} · {:.1} % discount a year · tax {} · \
         nominal US dollars, present value · seed {}",
        whole(outcome.paths),
        scenario.months,
        scenario.discount_rate * 100.0,
        percent(scenario.tax_rate),
        scenario.seed.0,
    ));
    page.raw("</p>\n</header>\n");
}

/// What a reader must know before using the answer.
pub(super) fn warnings(page: &mut Markup, answer: &Answer<'_>) {
    let warnings = words::warnings(answer.scenario, answer.outcome);
    if warnings.is_empty() {
        return;
    }
    page.raw("<section class=\"warnings\" aria-labelledby=\"h-warnings\">\n");
    page.raw("<h2 id=\"h-warnings\">Know before you use this</h2>\n<ul>\n");
    for warning in &warnings {
        page.raw("<li>").sentence(warning).raw("</li>\n");
    }
    page.raw("</ul>\n</section>\n");
}

/// How often each strategy is the cheapest.
pub(super) fn chances(page: &mut Markup, answer: &Answer<'_>) {
    let Answer { outcome, decision, .. } = *answer;
    if outcome.strategies.len() < 2 {
        return;
    }
    page.raw("<div class=\"scroll\"><table class=\"bars\">");
    page.raw(
        "<caption>Share of futures in which each is the cheapest</caption><thead><tr>",
    );
    page.raw("<th scope=\"col\">Strategy</th><th scope=\"col\">Cheapest in</th>");
    page.raw("<th scope=\"col\">What it is</th></tr></thead><tbody>\n");
    for &place in &decision.ranking {
        let Some(s) = outcome.strategies.get(place) else { continue };
        page.raw("<tr class=\"").raw(hue(place)).raw("\"><th scope=\"row\">");
        page.text(&s.name).raw("</th><td class=\"bar\"><span style=\"width:");
        page.number(50.0 * s.best.mean.clamp(0.0, 1.0), 2).raw("%\"></span> ");
        page.text(&percent(s.best.mean)).raw("</td><td class=\"words\">");
        page.text(&s.label).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

/// Yardsticks that know the future: apart from the strategies, and named as what they are.
pub(super) fn yardsticks(page: &mut Markup, answer: &Answer<'_>) {
    let yardsticks = &answer.decision.yardsticks;
    if yardsticks.is_empty() {
        return;
    }
    page.raw(
        "<div class=\"scroll\"><table><caption>Yardsticks: no strategy, for they know ",
    );
    page.raw("the whole of every future; not ranked, and never the cheapest</caption>");
    page.raw("<thead><tr><th scope=\"col\">Yardstick</th>");
    page.raw("<th scope=\"col\">Net present cost, mean</th>");
    page.raw(
        "<th scope=\"col\">Less than the cheapest strategy</th></tr></thead><tbody>\n",
    );
    for yardstick in yardsticks {
        let saving = yardstick.saving.map_or_else(
            || "–".to_owned(),
            |saving| match yardstick.standard_error {
                Some(error) => format!("{} ± {}", usd(saving), usd(error)),
                None => usd(saving),
            },
        );
        page.within("<tr><th scope=\"row\">", &yardstick.name, " (yardstick)</th>");
        page.within("<td>", &usd(yardstick.net_present_cost), "</td>");
        page.within("<td>", &saving, "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

/// The table of the terminal, every strategy in one.
pub(super) fn strategies(page: &mut Markup, answer: &Answer<'_>) {
    let Answer { scenario, outcome, decision, .. } = *answer;
    let rows = summary::rows(scenario, outcome, decision, &decision.ranking, 0);
    let mut rows = rows.into_iter();
    page.raw(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Strategies\">",
    );
    page.raw(
        "<table><caption>Cheapest first; costs are net present costs over the whole \
              plan, lower is better</caption><thead><tr><td></td>",
    );
    for (name, place) in rows.next().iter().flatten().skip(1).zip(&decision.ranking) {
        page.raw("<th scope=\"col\" class=\"name ").raw(hue(*place)).raw("\">");
        page.text(name).raw("</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for row in rows {
        let mut cells = row.iter();
        let label = cells.next().map_or("", String::as_str);
        let inner = label.starts_with(' ');
        page.raw(if inner { "<tr class=\"inner\">" } else { "<tr>" });
        page.within("<th scope=\"row\">", label.trim(), "</th>");
        for cell in cells {
            page.within("<td>", cell, "</td>");
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}
