//! The bill of one path, month by month, and where the headline stands in `results.json`.

use std::fmt::Write as _;

use crate::decide::Decision;
use crate::decide::form::plain;
use crate::engine::{Bill, Outcome, WorkDone};
use crate::scenario::Scenario;

use super::format::{usd_full, whole};
use super::summary::wrapped;

/// A month of the calendar: `2027-01`.
fn date(scenario: &Scenario, month: u32) -> String {
    let (year, of_year) = scenario.start;
    let at = i64::from(year) * 12 + i64::from(of_year) - 1 + i64::from(month);
    format!("{:04}-{:02}", at.div_euclid(12), at.rem_euclid(12) + 1)
}

/// Dollars and cents, whatever the size.
fn cents(x: f64) -> String {
    let text = format!("{:.2}", x.abs());
    let (units, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let sign = if x < 0.0 && text != "0.00" { "-" } else { "" };
    let units = units.parse::<u64>().map_or_else(|_| units.to_owned(), whole);
    format!("{sign}{units}.{cents}")
}

/// Headline figures of the strategy with their place in `results.json`, then the bill.
pub fn text(
    scenario: &Scenario,
    outcome: &Outcome,
    decision: &Decision,
    bill: &Bill,
) -> String {
    let mut text = String::new();
    let found =
        outcome.strategies.iter().enumerate().find(|(_, s)| s.name == bill.strategy);
    // Writing to a string does not fail.
    if let Some((at, s)) = found {
        let _ = writeln!(text, "`{}`: where each figure stands in results.json", s.name);
        let mut line = |what: &str, value: String, place: &str| {
            let _ = writeln!(text, "  {what:<24}{value:>16}  strategies[{at}].{place}");
        };
        if let Some(mean) = s.net_present_cost.mean {
            line("Net present cost, mean", usd_full(mean.mean), "net_present_cost.mean");
        }
        line(
            "  median",
            usd_full(s.net_present_cost.median()),
            "net_present_cost.quantiles[4]",
        );
        for (i, part) in s.parts.iter().enumerate().filter(|(_, p)| p.mean.mean != 0.0) {
            let place = format!("parts[{i}].mean");
            line(
                &format!("  of the mean, {}", part.part),
                usd_full(part.mean.mean),
                &place,
            );
        }
        let sum: f64 = s.parts.iter().map(|p| p.mean.mean).sum();
        line("  sum of the parts", usd_full(sum), "parts, added up");
        if let Some(margin) = &decision.margin
            && (margin.first == s.name || margin.second == s.name)
        {
            let saving = usd_full(margin.saving);
            let _ = writeln!(
                text,
                "  {:<24}{saving:>16}  decision.margin.saving",
                "Saving of the first"
            );
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "Path {} is nearest to the median. Its bill, US dollars, receipts below zero:\n",
        bill.path
    );
    let width = bill.lines.iter().map(|l| l.source.chars().count()).max().unwrap_or(0);
    let width = width.max("source".len());
    let _ = writeln!(
        text,
        "{:<8} {:<10} {:<width$} {:>14} {:<15} {:>12} {:>16}",
        "month", "what", "source", "quantity", "unit", "unit price", "amount"
    );
    for line in &bill.lines {
        let quantity = line.quantity.map_or_else(String::new, |q| format!("{q:.3}"));
        let price = line.unit_price().map_or_else(String::new, |p| format!("{p:.4}"));
        let _ = writeln!(
            text,
            "{:<8} {:<10} {:<width$} {quantity:>14} {:<15} {price:>12} {:>16}",
            date(scenario, line.month),
            line.part,
            line.source,
            line.unit,
            cents(line.amount)
        );
    }
    let nominal: f64 = bill.lines.iter().map(|l| l.amount).sum();
    let present: f64 = bill.lines.iter().map(|l| l.present).sum();
    let wide = 63 + width;
    text.push('\n');
    for (what, usd) in [
        ("All lines, nominal", nominal),
        ("All lines, present value", present),
        ("Net present cost of the path", bill.net_present_cost),
    ] {
        let _ = writeln!(text, "{what:<wide$}{:>17}", cents(usd));
    }
    counts(bill, &mut text);
    let note = format!(
        "What flows in month t counts ×(1 + {})^(−t/12). A deposit is paid months before the \
         chips that it is for arrive, so the price of a chip is the sum over both.",
        scenario.discount_rate
    );
    let _ = writeln!(text, "{}", wrapped("Note: ", &note));
    text
}

/// Chips and work of the whole path: what came is what stands and what went, what was asked
/// for is what was served and what was not.
fn counts(bill: &Bill, text: &mut String) {
    text.push('\n');
    if let Some(last) = bill.chips.last().filter(|last| last.arrived > 0.0) {
        let _ = writeln!(
            text,
            "Chips: {:.1} arrived = {:.1} standing when the plan ends + {:.1} failed + {:.1} sold \
             or gone back before",
            last.arrived, last.standing, last.failed, last.sold
        );
    }
    let workloads = bill.work.first().map_or(0, Vec::len);
    for w in 0..workloads {
        let all = || bill.work.iter().filter_map(|month| month.get(w));
        let Some(first) = all().next() else { continue };
        let sum = |get: fn(&WorkDone) -> f64| all().map(get).sum::<f64>();
        let _ = writeln!(
            text,
            "Work of `{}`, {}: {} asked = {} by committed chips + {} bought + {} unserved",
            first.workload,
            first.unit,
            plain(sum(|d| d.demanded)),
            plain(sum(|d| d.by_chips)),
            plain(sum(|d| d.bought)),
            plain(sum(|d| d.unserved))
        );
    }
}

/// The bill as CSV: month, date, what, source, quantity, unit, unit price, amount, present value.
///
/// **Errors** none that writing to memory could have.
pub fn csv(scenario: &Scenario, bill: &Bill) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "month",
        "date",
        "what",
        "source",
        "quantity",
        "unit",
        "usd_per_unit",
        "amount_usd",
        "present_value_usd",
    ])?;
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
    for line in &bill.lines {
        out.write_record([
            line.month.to_string(),
            date(scenario, line.month),
            line.part.to_owned(),
            line.source.clone(),
            number(line.quantity),
            line.unit.to_owned(),
            number(line.unit_price()),
            line.amount.to_string(),
            line.present.to_string(),
        ])?;
    }
    out.flush()?;
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}
