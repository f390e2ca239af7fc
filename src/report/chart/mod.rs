//! Fan charts and comparisons of strategies, as SVG, PNG and PDF.
//!
//! A [`Fan`] shows one quantity of one strategy with nested bands; a [`Comparison`] shows
//! the medians and 80 % bands of several. Both draw SVG (text stays text, so it can be
//! searched and copied) and PDF, by the same code, and a [`Painter`] turns SVG into PNG. One build gives
//! the same bytes for the same chart: text is measured with the font in the binary, and
//! no font of the system is ever read. Bands are pointwise, month by month: a single
//! path may leave and re-enter them, which is why a fan can also show a few whole paths.
//!
//! What it does not do: compute a quantile, choose what to show, or write a file.
//! Read next: `fan.rs` for the order of drawing, `plot.rs` for the space between title
//! and caption, `scale.rs` for when an axis is logarithmic.

mod canvas;
mod comparison;
mod event;
mod fan;
mod helvetica;
mod hue;
mod label;
mod map;
mod mark;
mod month;
mod painter;
mod pdf;
mod plot;
mod scale;
mod sheet;
mod style;
mod surface;
mod unit;

pub use comparison::{Comparison, Series};
pub use fan::Fan;
pub use hue::Hue;
pub use map::Map;
pub use month::month_name;
pub use painter::{ChartError, Painter};
pub use scale::Axis;
pub use sheet::{Drawn, Sheet};
pub use style::page_style;
pub use unit::Unit;

/// The levels, in percent, of the quantiles of a month.
pub const LEVELS: [u8; 9] = [1, 5, 10, 25, 50, 75, 90, 95, 99];

/// What stands around the curves of a chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// What is shown, bold: `Cumulative cost, build`.
    pub title: String,
    /// What the bands hold and of how many paths; wrapped to fit.
    pub subtitle: String,
    /// Model, paths, seed and source, small at the bottom; wrapped to fit.
    pub caption: String,
    /// What the values are counted in; formats every number of the chart.
    pub unit: Unit,
    /// Calendar year and month (1 to 12) of the first value.
    pub start: (i32, u32),
    /// How values map to height.
    pub axis: Axis,
    /// Things that happen at a month (index of the value), named above the plot;
    /// one with no room for its name keeps a tick on the month axis.
    pub events: Vec<(u32, String)>,
    /// Values that a decision hangs on, dashed and named; the value itself is added to
    /// the name. One that is far outside the values is named at the edge instead.
    pub thresholds: Vec<(f64, String)>,
}

#[cfg(test)]
mod tests;
