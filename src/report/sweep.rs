//! A plan at several values of its keys, in one table.

use std::fmt::Write as _;

use serde::Serialize;

use crate::decide::Decision;
use crate::decide::form::plain;
use crate::engine::Outcome;

use super::format::{percent, usd};

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Values of the keys.
    pub values: Vec<f64>,
    /// Cheapest by mean.
    pub cheapest: String,
    /// What it saves against the next, US dollars; nothing where there is no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saving: Option<f64>,
    /// Standard error of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// True where the two cannot be told apart.
    pub is_tie: bool,
    /// Mean net present cost and probability of being the cheapest, by strategy, in the
    /// order of the plan.
    pub strategies: Vec<Cost>,
}

/// One strategy of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// Name.
    pub name: String,
    /// Mean net present cost, US dollars.
    pub mean: f64,
    /// Probability of being the cheapest.
    pub best: f64,
}

impl Row {
    /// What a run found.
    pub fn of(values: Vec<f64>, outcome: &Outcome, decision: &Decision) -> Self {
        let margin = decision.margin.as_ref();
        let strategies = outcome
            .strategies
            .iter()
            .map(|s| Cost {
                name: s.name.clone(),
                mean: s.net_present_cost.mean.unwrap_or_default().mean,
                best: s.best.mean,
            })
            .collect();
        Self {
            values,
            cheapest: decision.order.first().cloned().unwrap_or_default(),
            saving: margin.map(|m| m.saving),
            standard_error: margin.map(|m| m.standard_error),
            is_tie: margin.is_some_and(|m| m.is_tie),
            strategies,
        }
    }
}

/// The table: a row a run, mean net present cost by strategy, the cheapest and its margin.
pub fn text(title: &str, keys: &[&str], rows: &[Row]) -> String {
    let mut cells: Vec<Vec<String>> = Vec::new();
    let mut head: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    if let Some(first) = rows.first() {
        head.extend(first.strategies.iter().map(|s| s.name.clone()));
    }
    head.extend(["cheapest", "saves", "P(cheapest)"].map(str::to_owned));
    cells.push(head);
    for row in rows {
        let mut line: Vec<String> = row.values.iter().map(|v| plain(*v)).collect();
        line.extend(row.strategies.iter().map(|s| usd(s.mean)));
        let best = row.strategies.iter().find(|s| s.name == row.cheapest);
        line.push(row.cheapest.clone());
        line.push(if row.is_tie {
            "tie".to_owned()
        } else {
            row.saving.map_or_else(|| "–".to_owned(), usd)
        });
        line.push(best.map_or_else(|| "–".to_owned(), |s| percent(s.best)));
        cells.push(line);
    }
    let columns = cells.first().map_or(0, Vec::len);
    let width = |c: usize| {
        cells
            .iter()
            .filter_map(|l| l.get(c))
            .map(|t| t.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = format!("{title}\nMean net present cost by value\n\n");
    for line in &cells {
        let shown: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| {
                format!("{}{cell}", " ".repeat(width - cell.chars().count()))
            })
            .collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", shown.join("  "));
    }
    text
}

/// The same for machines: a row a run and strategy.
///
/// **Errors** none that writing to memory could have.
pub fn csv(keys: &[&str], rows: &[Row]) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<&str> = keys.to_vec();
    head.extend([
        "strategy",
        "mean_usd",
        "p_cheapest",
        "cheapest",
        "saving_usd",
        "is_tie",
    ]);
    out.write_record(&head)?;
    for row in rows {
        for s in &row.strategies {
            let mut line: Vec<String> =
                row.values.iter().map(ToString::to_string).collect();
            line.extend([
                s.name.clone(),
                s.mean.to_string(),
                s.best.to_string(),
                row.cheapest.clone(),
                row.saving.map_or_else(String::new, |x| x.to_string()),
                row.is_tie.to_string(),
            ]);
            out.write_record(&line)?;
        }
    }
    out.flush()?;
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}
