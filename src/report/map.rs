//! Break-even maps of a run: pictures and the numbers behind them.

use crate::decide::Decision;
use crate::decide::map::BreakEvenMap;
use crate::engine::Outcome;
use crate::scenario::Scenario;

use super::chart::{ChartError, Hue, Map, Painter};
use super::gallery::{Picture, caption};

/// Most maps of a run.
const MOST: usize = 6;

/// The maps of a run: of each strategy with committed chips against each without, the first
/// strategy of the ranking first.
pub fn maps(outcome: &Outcome, decision: &Decision) -> Vec<BreakEvenMap> {
    let mut found = Vec::new();
    for first in &decision.order {
        for second in &decision.order {
            found.extend(BreakEvenMap::of(outcome, first, second));
        }
    }
    found.truncate(MOST);
    found
}

/// Every map as a chart: `break_even.<first>.<second>`.
fn charts(
    scenario: &Scenario,
    outcome: &Outcome,
    maps: &[BreakEvenMap],
) -> Vec<(String, Map)> {
    let hue = |name: &str| {
        Hue::of(outcome.strategies.iter().position(|s| s.name == name).unwrap_or(0))
    };
    let note = "means; what moves with the work scales with it, all else as in the plan";
    let chart = |map: &BreakEvenMap| Map {
        title: scenario.title.clone(),
        caption: caption(scenario, outcome, note),
        hues: (hue(&map.first), hue(&map.second)),
        map: map.clone(),
    };
    let key = |map: &BreakEvenMap| format!("break_even.{}.{}", map.first, map.second);
    maps.iter().map(|map| (key(map), chart(map))).collect()
}

/// Every map as PDF.
pub fn pdfs(
    scenario: &Scenario,
    outcome: &Outcome,
    maps: &[BreakEvenMap],
) -> Vec<Picture> {
    let charts = charts(scenario, outcome, maps).into_iter();
    charts.map(|(key, map)| (format!("{key}.pdf"), map.pdf())).collect()
}

/// Every map as SVG and PNG.
///
/// **Errors** when a chart cannot be turned into a PNG.
pub fn draw(
    scenario: &Scenario,
    outcome: &Outcome,
    maps: &[BreakEvenMap],
) -> Result<Vec<Picture>, ChartError> {
    let painter = Painter::new();
    let mut files = Vec::new();
    for (key, map) in charts(scenario, outcome, maps) {
        let svg = map.svg();
        let png = painter.png(&svg)?;
        files.push((format!("{key}.svg"), svg.into_bytes()));
        files.push((format!("{key}.png"), png));
    }
    Ok(files)
}

/// The numbers: first, second, utilisation, change of price, saving.
///
/// **Errors** none that writing to memory could have.
pub fn csv(maps: &[BreakEvenMap]) -> csv::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["first", "second", "utilisation", "price_change", "saving_usd"])?;
    for map in maps {
        for (change, savings) in map.price_change.iter().zip(&map.saving) {
            for (utilisation, saving) in map.utilisation.iter().zip(savings) {
                out.write_record([
                    map.first.clone(),
                    map.second.clone(),
                    utilisation.to_string(),
                    change.to_string(),
                    saving.to_string(),
                ])?;
            }
        }
    }
    out.flush()?;
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}
