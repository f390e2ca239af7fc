//! The table a person acts on, in 80 columns.
//!
//! Strategies are columns, cheapest first; what cannot be said is said to be so.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use crate::decide::Decision;
use crate::engine::Outcome;
use crate::engine::outcome::{Mean, StrategyOutcome};
use crate::scenario::Scenario;

use super::format::{percent, usd, whole};
use super::words::{self, month};
use super::{blocks, fan};

/// Most strategies beside each other; more go into a second table.
const COLUMNS: usize = 4;
/// Years of cash printed.
const YEARS: usize = 2;
/// Drivers printed.
const DRIVERS: usize = 3;

/// The whole summary.
pub fn summary(scenario: &Scenario, outcome: &Outcome, decision: &Decision) -> String {
    let mut text = String::new();
    push(&mut text, &scenario.title);
    push(&mut text, &wrapped("", &words::headline(decision)));
    push(&mut text, "");
    for group in decision.ranking.chunks(COLUMNS) {
        push(&mut text, &table(scenario, outcome, decision, group));
        push(&mut text, "");
    }
    // One screen: the pairs of the cheapest strategy that commits; the files have all.
    let said = words::break_even(scenario, outcome, decision);
    let starts = |name: &String| format!("`{name}` against ");
    let lead = decision
        .order
        .iter()
        .map(starts)
        .find(|start| said.iter().any(|line| line.starts_with(start)));
    for line in said.iter().filter(|l| lead.as_ref().is_some_and(|s| l.starts_with(s))) {
        push(&mut text, &wrapped("", line));
    }
    for line in small_fan(scenario, outcome, decision) {
        push(&mut text, &line);
    }
    for line in drivers(decision) {
        push(&mut text, &line);
    }
    for yardstick in &decision.yardsticks {
        let saved = yardstick.saving.map_or_else(String::new, |saving| {
            let word = if saving < 0.0 { "dearer" } else { "less" };
            format!(", {} {word} than the cheapest strategy", usd(saving.abs()))
        });
        let cost = usd(yardstick.net_present_cost);
        let line = format!(
            "Yardstick `{}`, which knows the future: {cost} in mean net present cost{saved}.",
            yardstick.name
        );
        push(&mut text, &wrapped("", &line));
    }
    if let Some(line) = words::worth(decision) {
        push(&mut text, &wrapped("", &line));
    }
    for warning in words::warnings(scenario, outcome) {
        push(&mut text, &wrapped("Note: ", &warning));
    }
    if let Some(line) = years(scenario) {
        push(&mut text, &wrapped("", &line));
    }
    let defaults = scenario.assumptions.defaults();
    let all = scenario.assumptions.iter().count();
    push(
        &mut text,
        &wrapped(
            "",
            &format!(
                "{} paths, seed {}, {} months from {:04}-{:02}, {:.1} % discount, nominal US \
                 dollars. {defaults} of {all} figures are defaults: results.json lists all with \
                 their sources.",
                whole(outcome.paths),
                scenario.seed.0,
                scenario.months,
                scenario.start.0,
                scenario.start.1,
                scenario.discount_rate * 100.0,
            ),
        ),
    );
    text
}

/// What a year of the table is, where it does not begin in January.
pub(super) fn years(scenario: &Scenario) -> Option<String> {
    let (_, month) = scenario.start;
    // The month after the first year's last.
    let begins = (month - 1 + scenario.first_year_months) % 12 + 1;
    let first = scenario.year_name(0);
    (begins != 1).then(|| {
        let last = (begins + 10) % 12 + 1;
        format!(
            "Years begin in month {begins}: {first} is {first}-{begins:02} to {}-{last:02}.",
            first + 1
        )
    })
}

/// Rows of the table: what is said, then a cell for each strategy of the group; the head
/// of the table is the first row.
pub(super) fn rows(
    scenario: &Scenario,
    outcome: &Outcome,
    decision: &Decision,
    group: &[usize],
    most_years: usize,
) -> Vec<Vec<String>> {
    let strategies: Vec<&StrategyOutcome> =
        group.iter().map(|i| &outcome.strategies[*i]).collect();
    let mut header = vec![String::new()];
    header.extend(strategies.iter().map(|s| s.name.clone()));
    let mut rows = vec![header];
    let mut row = |label: &str, cell: &dyn Fn(&StrategyOutcome) -> String| {
        let mut cells = vec![label.to_owned()];
        cells.extend(strategies.iter().map(|s| cell(s)));
        rows.push(cells);
    };
    row("Net present cost, mean", &|s| {
        s.net_present_cost.mean.map_or_else(dash, |m| usd(m.mean))
    });
    row("  median", &|s| usd(s.net_present_cost.median()));
    row("  5 %", &|s| usd(s.net_present_cost.quantiles[1]));
    row("  95 %", &|s| usd(s.net_present_cost.quantiles[7]));
    row("  CVaR95 (dearest 5 %)", &|s| s.net_present_cost.cvar95.map_or_else(dash, usd));
    row("  standard error", &|s| {
        s.net_present_cost.mean.map_or_else(dash, |m| usd(m.standard_error))
    });
    row("P(cheapest)", &|s| percent(s.best.mean));
    row("Expected regret", &|s| usd(s.regret.mean));
    row("Break-even vs first", &|s| {
        decision.order.first().filter(|first| **first != s.name).map_or_else(
            dash,
            |first| {
                decision
                    .break_even_of(&s.name, first)
                    .map_or_else(dash, |b| month(b.months, scenario.months))
            },
        )
    });
    row("$ per chip-hour, median", &|s| {
        s.usd_per_chip_hour.as_ref().map_or_else(dash, |d| usd(d.median()))
    });
    row("$ per Mtok, median", &|s| {
        s.usd_per_mtok.as_ref().map_or_else(dash, |d| usd(d.median()))
    });
    row("Utilisation of committed", &|s| s.utilisation.map_or_else(dash, percent));
    row("Unserved work", &|s| share(s.unserved_share));
    let years = strategies.iter().map(|s| s.years.len()).max().unwrap_or(0);
    for year in 0..years.min(most_years) {
        let label = |what: &str| format!("{what} {}, mean", scenario.year_name(year));
        row(&label("Capex"), &|s| {
            s.years
                .get(year)
                .and_then(|y| y.capex.mean)
                .map_or_else(dash, |m| usd(m.mean))
        });
        row(&label("Opex"), &|s| {
            s.years.get(year).and_then(|y| y.opex.mean).map_or_else(dash, |m| usd(m.mean))
        });
    }
    rows
}

fn table(
    scenario: &Scenario,
    outcome: &Outcome,
    decision: &Decision,
    group: &[usize],
) -> String {
    let mut rows = rows(scenario, outcome, decision, group, YEARS).into_iter();
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(rows.next().unwrap_or_default());
    table.add_rows(rows);
    for i in 1..=group.len() {
        if let Some(column) = table.column_mut(i) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    let lines: Vec<String> =
        table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// What moves the saving, and who is cheaper where it stands low and high.
fn drivers(decision: &Decision) -> Vec<String> {
    let Some(margin) = &decision.margin else { return Vec::new() };
    if decision.drivers.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "What `{}` saves where one quantity stands at its 10 % and 90 % point:",
        margin.first
    )];
    for driver in decision.drivers.iter().take(DRIVERS) {
        let winner =
            |saving: f64| if saving >= 0.0 { &margin.first } else { &margin.second };
        let (low, high) = (winner(driver.saving_at_p10), winner(driver.saving_at_p90));
        let who = if low == high {
            format!("`{low}` at both")
        } else {
            format!("`{low}`, then `{high}`")
        };
        let ends =
            format!("{} to {}", usd(driver.saving_at_p10), usd(driver.saving_at_p90));
        lines.extend(driver_lines(&driver.quantity, &ends, &who));
    }
    lines
}

/// A quantity, what is saved at its ends and by whom, in columns; what is too long for its
/// column has a line of its own.
fn driver_lines(name: &str, ends: &str, who: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = format!("  {name:<38} {ends:>18}");
    if line.chars().count() > 59 {
        lines.push(format!("  {name}"));
        line = format!("  {:<38} {ends:>18}", "");
    }
    if line.chars().count() + 2 + who.chars().count() > 80 {
        lines.push(line);
        line = String::from("   ");
    }
    lines.push(line + "  " + who);
    lines
}

/// What the choice hangs on, in characters: the first strategy's cost to date less that of
/// the next, or the other way round where the run kept it so.
fn small_fan(scenario: &Scenario, outcome: &Outcome, decision: &Decision) -> Vec<String> {
    let &[first, second, ..] = decision.ranking.as_slice() else { return Vec::new() };
    let name = |place: usize| outcome.strategies[place].name.as_str();
    let (a, b) = (name(first.min(second)), name(first.max(second)));
    let key = format!("difference.{a}.{b}");
    let fans = fan::fans(scenario, outcome);
    let Some(fan) = fans.iter().find(|f| f.key == key) else { return Vec::new() };
    let drawn = blocks::fan(fan);
    if drawn.is_empty() {
        return drawn;
    }
    let head = format!(
        "Cost to date, `{a}` less `{b}`: below zero `{a}` is cheaper. Full blocks are the \
         median, dark ones half of the paths, light ones 90 %."
    );
    let mut lines = vec![wrapped("", &head)];
    lines.extend(drawn);
    lines
}

fn share(m: Mean) -> String {
    if m.mean > 0.0 && m.mean < 0.001 { "< 0.1 %".to_owned() } else { percent(m.mean) }
}

fn dash() -> String {
    "–".to_owned()
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Breaks a line at spaces so that it fits 80 columns; continuations are indented.
pub(super) fn wrapped(start: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = start.to_owned();
    for word in text.split_whitespace() {
        let is_first = line.trim().is_empty() || line == start;
        if !is_first && line.chars().count() + 1 + word.chars().count() > 80 {
            lines.push_str(&line);
            lines.push('\n');
            line = format!("  {word}");
        } else {
            if !is_first {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines + &line
}

#[cfg(test)]
mod tests {
    use super::{driver_lines, wrapped};

    #[test]
    fn a_driver_that_is_too_long_for_a_line_has_two_and_nothing_is_cut() {
        let short = driver_lines("rent", "$1.0M to $2.0M", "`build` at both");
        assert_eq!(short.len(), 1);
        let who = "`build`, then `reserve-and-rent`";
        let name = "trajectories.api_fixed_quality.claude-opus-4.7";
        let long = driver_lines(name, "$1.0M to $2.0M", who);
        assert!(long.iter().all(|l| l.chars().count() <= 80), "{long:?}");
        let text = long.join("\n");
        assert!(text.contains(name) && text.contains(who), "{text}");
    }

    #[test]
    fn long_lines_break_at_spaces_within_80_columns() {
        let text = wrapped("Note: ", &"word ".repeat(60));
        assert!(text.lines().all(|l| l.chars().count() <= 80));
        assert!(text.starts_with("Note: word word"));
        assert_eq!(text.split_whitespace().count(), 61);
    }
}
