//! What the answer rests on: what moves it, every figure with its source, how such
//! forecasts have held, and what it takes to get the same page again.

use crate::block::Arithmetic;
use crate::calibrate::shipped::RECORDS;
use crate::engine::outcome::QUANTILES;
use crate::hardware::correction::Fitted;
use crate::input::Uncertain;
use crate::report::format::{percent, usd, whole};
use crate::scenario::{AssumedValue, Scenario};

use super::Answer;
use super::markup::Markup;

/// What moves the saving of the first strategy over the next.
pub(super) fn drivers(page: &mut Markup, answer: &Answer<'_>) {
    let drivers = &answer.decision.drivers;
    if drivers.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"h-drivers\">\n");
    page.raw("<h2 id=\"h-drivers\">What drives the result</h2>\n");
    page.raw("<div class=\"scroll\"><table class=\"bars signed\"><caption>Correlation, over \
              futures, of each uncertain quantity with what the first strategy saves over \
              the next, as it stands and of ranks (Spearman); where the two differ, the \
              effect is no straight line. A ranking, not a split of the variance</caption><thead><tr>");
    page.raw("<th scope=\"col\">Quantity</th><th scope=\"col\">Correlation</th>");
    page.raw("<th scope=\"col\">of ranks</th>");
    page.raw("<th scope=\"col\">Saving at its 10 % point</th>");
    page.raw("<th scope=\"col\">at its 90 % point</th></tr></thead><tbody>\n");
    for d in drivers {
        page.within("<tr><th scope=\"row\">", &d.quantity.replace('_', " "), "</th>");
        let more = d.correlation >= 0.0;
        page.raw(if more {
            "<td class=\"bar more\">"
        } else {
            "<td class=\"bar less\">"
        });
        page.raw("<span style=\"width:").number(50.0 * d.correlation.abs(), 2);
        page.raw("%\"></span> ").text(&format!("{:+.2}", d.correlation));
        let ranks = d.rank_correlation;
        let ranks = ranks.map_or_else(|| "–".to_owned(), |rho| format!("{rho:+.2}"));
        page.within("</td><td>", &ranks, "</td>");
        page.within("<td>", &usd(d.saving_at_p10), "</td>");
        page.within("<td>", &usd(d.saving_at_p90), "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n</section>\n");
}

/// Every figure with its unit, source and date.
pub(super) fn assumptions(page: &mut Markup, scenario: &Scenario) {
    let all = scenario.assumptions.iter().count();
    let defaults = scenario.assumptions.defaults();
    page.raw("<section aria-labelledby=\"h-assumptions\">\n");
    page.raw("<h2 id=\"h-assumptions\">Assumptions</h2>\n<p>");
    page.text(&format!(
        "{defaults} of {all} figures are defaults of rackcast, marked so: the plan left them \
         out. Replace first those that drive the result."
    ));
    page.raw(
        "</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" \
              aria-label=\"Assumptions\"><table class=\"long\"><caption>A band is 10 % · \
              median · 90 %</caption><thead><tr>",
    );
    for head in ["Figure", "Value", "Unit", "Source", "As of"] {
        page.within("<th scope=\"col\">", head, "</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for a in scenario.assumptions.iter() {
        page.raw(if a.is_default { "<tr class=\"default\">" } else { "<tr>" });
        page.within("<th scope=\"row\">", &a.key, "</th><td>");
        match &a.value {
            AssumedValue::Number(x) => page.text(&band(*x)),
            AssumedValue::Text(text) => page.text(text),
        };
        page.within("</td><td class=\"words\">", &a.unit, "</td><td class=\"words\">");
        page.text(&a.source);
        if a.is_default {
            page.raw(" <em>default</em>");
        }
        page.within("</td><td>", a.as_of.as_deref().unwrap_or("–"), "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n</section>\n");
}

/// A figure or its band, with the digits it was given.
fn band(x: Uncertain) -> String {
    match x {
        Uncertain::Exactly(x) => plain(x),
        Uncertain::Between { p10, p50, p90 } => {
            format!("{} · {} · {}", plain(p10), plain(p50), plain(p90))
        }
    }
}

/// A number as people write it: no exponent where none is needed, six digits at most.
fn plain(x: f64) -> String {
    if x != 0.0 && !(1e-4..1e15).contains(&x.abs()) {
        return format!("{x:.3e}");
    }
    let digits = 5_i32.saturating_sub(exponent(x)).clamp(0, 9);
    let text = format!("{x:.*}", usize::try_from(digits).unwrap_or(0));
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    match text.parse::<u64>() {
        Ok(n) if n >= 10_000 => whole(n),
        _ => text,
    }
}

fn exponent(x: f64) -> i32 {
    let text = format!("{:e}", x.abs());
    text.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0)
}

/// How forecasts and estimates of these kinds have held.
pub(super) fn record(page: &mut Markup, scenario: &Scenario) {
    page.raw("<section aria-labelledby=\"h-record\">\n");
    page.raw("<h2 id=\"h-record\">How far to trust it: the model's own record</h2>\n");
    page.raw("<p>Each default forecast was played at every past date of its history, seeing \
              only what was known then. An 80 % band that is right holds 80 % of what came; \
              more is a band too wide, less one too narrow.</p>\n");
    page.raw(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Record\">",
    );
    page.raw(
        "<table><caption>Hindcasts</caption><thead><tr><th scope=\"col\">Family</th>",
    );
    page.raw("<th scope=\"col\">80 % band held</th><th scope=\"col\">Past cases</th>");
    page.raw("<th scope=\"col\">History</th></tr></thead><tbody>\n");
    for r in RECORDS {
        page.within("<tr><th scope=\"row\">", r.family.name(), "</th>");
        page.within("<td>", &percent(r.held.share), "</td>");
        page.within("<td>", &r.held.cases.to_string(), "</td>");
        page.within("<td class=\"words\">", r.source, "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    if !scenario.conversions.is_empty() {
        let fit = Fitted::shipped();
        page.raw("<p>Throughput and power are a closed form fitted to measurements of ");
        page.text(&fit.as_of).raw(" (").text(&fit.source);
        page.raw(
            "); <code>rackcast validate</code> scores it on cases of your own.</p>\n",
        );
    }
    page.raw("</section>\n");
}

/// What it takes to get the same page again.
pub(super) fn provenance(page: &mut Markup, answer: &Answer<'_>) {
    let Answer { scenario, outcome, plan_hash, .. } = *answer;
    page.raw("<section aria-labelledby=\"h-provenance\">\n");
    page.raw("<h2 id=\"h-provenance\">The same page again</h2>\n<p>");
    page.text(&format!(
        "rackcast {}, {} paths, seed {}, sampler {}, {} arithmetic. The same plan, profiles and seed give \
         these bytes on any machine{} and number of threads.{}",
        env!("CARGO_PKG_VERSION"),
        whole(outcome.paths),
        scenario.seed.0,
        scenario.world.sampler().name(),
        scenario.arithmetic.name(),
        match scenario.arithmetic {
            Arithmetic::Portable => "",
            Arithmetic::Fused => " with fused multiply-add",
        },
        if outcome.exact {
            ""
        } else {
            " Quantiles are exact to the width of a bin, 0.39 %."
        },
    ));
    page.raw("</p>\n<details><summary>Hashes of what was read (BLAKE3)</summary>\
              <div class=\"scroll\"><table class=\"long\"><thead><tr>\
              <th scope=\"col\">What</th><th scope=\"col\">Hash</th></tr></thead><tbody>\n");
    let plan = ("the plan".to_owned(), plan_hash.to_owned());
    let read = scenario.profiles.iter().chain(&scenario.files);
    let read = read.map(|(name, hash)| (name.clone(), hash.clone()));
    for (name, hash) in std::iter::once(plan).chain(read) {
        page.within("<tr><th scope=\"row\">", &name, "</th>");
        page.within("<td><code>", &hash, "</code></td></tr>\n");
    }
    page.raw("</tbody></table></div></details>\n");
    let levels: Vec<String> = QUANTILES.iter().map(|q| percent(*q)).collect();
    page.within(
        "<p class=\"caption\">Bands are pointwise: at each month on its own, a single \
         future may leave and re-enter them. Quantiles shown: ",
        &levels.join(", "),
        ".</p>\n",
    );
    page.raw("</section>\n");
}
