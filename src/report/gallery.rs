//! The charts of a run: every fan, and the strategies side by side.
//!
//! Colours follow the strategies through all charts; what belongs to the world is grey.
//! Read next: [`crate::report::chart`].

use rayon::prelude::*;

use crate::engine::Outcome;
use crate::scenario::Scenario;

use super::chart::{
    Axis, ChartError, Comparison, Drawn, Fan as Chart, Frame, Hue, Painter, Series,
    Sheet, Unit,
};
use super::fan::{Fan, FanUnit, Owner, fans};
use super::format::whole;
use super::mark;

/// Most strategies a comparison can tell apart.
const COMPARED: usize = 6;

/// Every chart of a run: file names and bytes, SVG and PNG.
///
/// **Errors** when a chart cannot be turned into a PNG.
pub fn draw(scenario: &Scenario, outcome: &Outcome) -> Result<Vec<Picture>, ChartError> {
    let charts = drawings(scenario, outcome);
    let painter = Painter::new();
    // Collected in the order of the list, whichever thread draws what.
    let drawn: Vec<Result<[Picture; 2], ChartError>> = charts
        .par_iter()
        .map(|(key, drawing)| {
            let svg = drawing.svg();
            let png = painter.png(&svg)?;
            Ok([(format!("{key}.svg"), svg.into_bytes()), (format!("{key}.png"), png)])
        })
        .collect();
    let mut files = Vec::new();
    for pair in drawn {
        files.extend(pair?);
    }
    Ok(files)
}

/// Every chart of a run as PDF: vectors and text, in the letters of the reader.
pub fn pdfs(scenario: &Scenario, outcome: &Outcome) -> Vec<Picture> {
    let charts = drawings(scenario, outcome);
    charts
        .par_iter()
        .map(|(key, drawing)| (format!("{key}.pdf"), drawing.pdf()))
        .collect()
}

/// What a run has to draw, by name, in the order in which a reader wants it.
pub(super) fn drawings(scenario: &Scenario, outcome: &Outcome) -> Vec<(String, Drawing)> {
    let fans = fans(scenario, outcome);
    let mut charts: Vec<(String, Drawing)> = comparisons(scenario, &fans, outcome);
    charts.extend(
        fans.iter().map(|f| (f.key.clone(), Drawing::Fan(chart(scenario, outcome, f)))),
    );
    charts
}

/// A file's name and its bytes.
pub type Picture = (String, Vec<u8>);

/// A chart of either kind.
pub(super) enum Drawing {
    /// One quantity.
    Fan(Chart),
    /// Several strategies.
    Comparison(Comparison),
}

impl Drawing {
    /// What stands around the curves.
    pub(super) fn frame(&self) -> &Frame {
        match self {
            Self::Fan(fan) => &fan.frame,
            Self::Comparison(comparison) => &comparison.frame,
        }
    }

    /// The chart on a sheet of its size.
    pub(super) fn on(&self, sheet: Sheet, axis: Axis) -> Drawn {
        match self {
            Self::Fan(fan) => fan.on(sheet, axis),
            Self::Comparison(comparison) => comparison.on(sheet, axis),
        }
    }

    /// The axis it has not, where both say something.
    pub(super) fn other_axis(&self) -> Option<Axis> {
        match self {
            Self::Fan(fan) => fan.other_axis(),
            Self::Comparison(comparison) => comparison.other_axis(),
        }
    }

    fn pdf(&self) -> Vec<u8> {
        match self {
            Self::Fan(fan) => fan.pdf(),
            Self::Comparison(comparison) => comparison.pdf(),
        }
    }

    fn svg(&self) -> String {
        match self {
            Self::Fan(fan) => fan.svg(),
            Self::Comparison(comparison) => comparison.svg(),
        }
    }
}

fn chart(scenario: &Scenario, outcome: &Outcome, fan: &Fan<'_>) -> Chart {
    let hue = match fan.owner {
        Owner::Strategy(place) => Hue::of(place),
        Owner::World => Hue::Grey,
        Owner::Pair => Hue::Purple,
    };
    let axis = match (&fan.owner, &fan.unit) {
        (Owner::Pair, _) | (_, FanUnit::Usd) => Axis::Linear,
        (_, FanUnit::Share | FanUnit::Count(_)) if fan.owner != Owner::World => {
            Axis::Zero
        }
        _ => Axis::Auto,
    };
    let held = mark::words(scenario, outcome, fan);
    let held = held.map_or_else(String::new, |words| format!(" {words}"));
    Chart {
        frame: Frame {
            title: fan.title.clone(),
            subtitle: format!(
                "{}. Bands hold 50, 80, 90 and 98 % of {} {}.",
                heading(&fan.unit),
                paths(outcome),
                match fan.data.curvewise {
                    Some(_) => "whole paths, in every month (curvewise)",
                    None => "paths, month by month",
                }
            ) + &held,
            caption: caption(scenario, outcome, &fan.note),
            unit: unit(&fan.unit),
            start: scenario.start,
            axis,
            events: mark::events(scenario, fan),
            thresholds: mark::threshold(scenario, outcome, fan).into_iter().collect(),
        },
        quantiles: fan.data.curvewise.as_ref().unwrap_or(&fan.data.quantiles).clone(),
        sample_paths: fan.data.samples.clone(),
        actuals: Vec::new(),
        hue,
    }
}

/// Strategies side by side: cost to date and the cash of each month.
fn comparisons(
    scenario: &Scenario,
    fans: &[Fan<'_>],
    outcome: &Outcome,
) -> Vec<(String, Drawing)> {
    let mut drawn = Vec::new();
    for (what, title) in [
        ("cost_to_date", "Cost to date of each strategy"),
        ("utilisation", "Utilisation of committed chips"),
    ] {
        let prefix = format!("{what}.");
        let chosen: Vec<&Fan<'_>> =
            fans.iter().filter(|f| f.key.starts_with(&prefix)).take(COMPARED).collect();
        let Some(first) = chosen.first() else { continue };
        if chosen.len() < 2 {
            continue;
        }
        let series = chosen
            .iter()
            .filter_map(|f| match f.owner {
                Owner::Strategy(place) => Some(Series {
                    name: outcome.strategies[place].name.clone(),
                    hue: Hue::of(place),
                    quantiles: f.data.quantiles.clone(),
                }),
                Owner::World | Owner::Pair => None,
            })
            .collect();
        let frame = Frame {
            title: title.to_owned(),
            subtitle: format!(
                "{}. Lines are medians, bands hold 80 % of {} paths, month by month.",
                heading(&first.unit),
                paths(outcome)
            ),
            caption: caption(scenario, outcome, &first.note),
            unit: unit(&first.unit),
            start: scenario.start,
            axis: if what == "utilisation" { Axis::Zero } else { Axis::Auto },
            events: mark::shared(scenario),
            thresholds: Vec::new(),
        };
        drawn.push((
            format!("compare.{what}"),
            Drawing::Comparison(Comparison { frame, series }),
        ));
    }
    drawn
}

fn unit(unit: &FanUnit) -> Unit {
    match unit {
        FanUnit::Usd | FanUnit::PresentUsd => Unit::Usd,
        FanUnit::UsdPer(what) => Unit::UsdPer(what.clone()),
        FanUnit::Share => Unit::Share(String::new()),
        FanUnit::Count(what) => Unit::Count(what.clone()),
        FanUnit::FlopPerSecondPerUsd => Unit::Quantity("FLOP/s per US dollar".to_owned()),
    }
}

fn heading(unit: &FanUnit) -> String {
    match unit {
        FanUnit::Share => "Percent".to_owned(),
        FanUnit::Count(what) => {
            let mut letters = what.chars();
            let first = letters.next().map(|c| c.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
        other => other.to_string(),
    }
}

pub(super) fn caption(scenario: &Scenario, outcome: &Outcome, note: &str) -> String {
    format!(
        "{} · {note} · rackcast {}, {} paths, seed {}",
        scenario.title.trim_end_matches('.'),
        env!("CARGO_PKG_VERSION"),
        paths(outcome),
        scenario.seed.0
    )
}

fn paths(outcome: &Outcome) -> String {
    whole(outcome.paths)
}
