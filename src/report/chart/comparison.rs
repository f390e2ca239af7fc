//! Several strategies in one chart: their medians and 80 % bands.
//!
//! Bands overlap, so they are translucent and thin; a name at the right edge stands
//! beside each median in its hue, with the numbers at the end. What separates two
//! strategies on the same paths is better seen in a fan of their difference: bands that
//! overlap do not mean that the order is unsure. Read next: `fan.rs`.

use super::Frame;
use super::canvas::{Canvas, Pen, Type, document, picture};
use super::hue::{GREY, Hue, INK};
use super::mark::Covered;
use super::month::Month;
use super::plot::{EdgeLabel, Plot};
use super::scale::{Axis, Extent, Scale};
use super::sheet::{Drawn, Sheet, other_axis};

const LOW: usize = 2;
const MEDIAN: usize = 4;
const HIGH: usize = 6;
/// Pixels across a name before it is broken into two lines.
const NAME_WIDTH: f64 = 185.0;

/// One strategy of a comparison.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// What the strategy is called.
    pub name: String,
    /// Its colour.
    pub hue: Hue,
    /// Per month, the quantiles at [`super::LEVELS`], ascending.
    pub quantiles: Vec<[f64; 9]>,
}

impl Series {
    fn level(&self, level: usize) -> impl Iterator<Item = f64> {
        self.quantiles.iter().map(move |quantiles| quantiles[level])
    }
}

/// What a comparison shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Title, unit, start, thresholds and what else stands around the curves.
    pub frame: Frame,
    /// The strategies; more than five or six can no longer be told apart.
    pub series: Vec<Series>,
}

impl Comparison {
    /// The chart as SVG; the same comparison gives the same bytes.
    pub fn svg(&self) -> String {
        self.on(Sheet::File, self.frame.axis).svg
    }

    /// The chart as a PDF of one page; likewise.
    pub fn pdf(&self) -> Vec<u8> {
        document(&self.frame.title, &self.alt_text(), |canvas| {
            self.paint(canvas, self.frame.axis);
        })
    }

    /// The chart on a sheet of its size, with an axis.
    pub fn on(&self, sheet: Sheet, axis: Axis) -> Drawn {
        let mut place = None;
        let svg = picture(sheet, &self.frame.title, &self.alt_text(), |canvas| {
            place = Some(self.paint(canvas, axis));
        });
        place.map_or_else(Drawn::default, |plot| plot.drawn(sheet, svg))
    }

    /// The axis it has not, where both say something.
    pub fn other_axis(&self) -> Option<Axis> {
        other_axis(&self.scale(self.frame.axis), self.frame.unit.is_share())
    }

    /// What the chart says, for people who do not see it: for each strategy the median at
    /// the end and the band that holds 80 % of the paths.
    pub fn alt_text(&self) -> String {
        let value = |x: f64| self.frame.unit.value(x, 3);
        let sentence = |series: &Series| {
            let last = series.quantiles.last()?;
            let end = Month::new(self.frame.start).after(series.quantiles.len() - 1);
            Some(format!(
                " {}: median {} in {}, 80 % of the paths between {} and {}.",
                series.name,
                value(last[MEDIAN]),
                end.name(),
                value(last[LOW]),
                value(last[HIGH]),
            ))
        };
        let sentences: String = self.series.iter().filter_map(sentence).collect();
        let unit = self.frame.unit.heading();
        format!("Comparison: {}, in {unit}.{sentences}", self.frame.title)
    }

    fn scale(&self, axis: Axis) -> Scale {
        let levels = |low, high| {
            let ends = move |s: &'_ Series| -> Vec<f64> {
                s.level(low).chain(s.level(MEDIAN)).chain(s.level(high)).collect()
            };
            Extent::of(self.series.iter().flat_map(ends))
        };
        let marks: Vec<f64> = self.frame.thresholds.iter().map(|(at, _)| *at).collect();
        let share = self.frame.unit.is_share();
        let drawn = levels(LOW, HIGH);
        Scale::fit(axis, share, drawn, drawn, &marks)
    }

    fn paint(&self, canvas: &mut Canvas<'_>, axis: Axis) -> Plot<'_> {
        let labels = self.labels(canvas.sheet);
        let months = self.months();
        let plot = Plot::lay_out(canvas, &self.frame, self.scale(axis), months, &labels);
        if months == 0 {
            plot.says_it_is_empty(canvas);
        }
        for series in &self.series {
            let area = plot.between(series.level(LOW), series.level(HIGH));
            canvas.area(&area, series.hue.line(), 0.14);
        }
        plot.zero(canvas);
        for series in &self.series {
            let pen = Pen { width: 1.0, colour: series.hue.line(), opacity: 0.55 };
            canvas.line(&plot.points(series.level(LOW)), pen);
            canvas.line(&plot.points(series.level(HIGH)), pen);
        }
        for series in &self.series {
            let pen = Pen::new(3.0, series.hue.line());
            canvas.line(&plot.points(series.level(MEDIAN)), pen);
        }
        plot.thresholds(canvas, &self.covered(), INK);
        plot.label(canvas, labels);
        plot
    }

    fn months(&self) -> usize {
        self.series.iter().map(|series| series.quantiles.len()).max().unwrap_or(0)
    }

    fn covered(&self) -> Vec<Covered> {
        let at = |month: usize| {
            let here = self.series.iter().filter_map(move |s| s.quantiles.get(month));
            let extent = Extent::of(here.flat_map(|q| [q[LOW], q[HIGH]]))?;
            Some(Covered { low: extent.low, high: extent.high })
        };
        (0..self.months()).map_while(at).collect()
    }

    fn labels(&self, sheet: Sheet) -> Vec<EdgeLabel> {
        // A phone has room for a name or a band, not for both.
        let phone = sheet == Sheet::Phone;
        let name_width = if phone { 0.45 * NAME_WIDTH } else { NAME_WIDTH };
        let value = |x: f64| self.frame.unit.value(x, 3);
        let label = |series: &Series| {
            let last = series.quantiles.last().filter(|last| last[MEDIAN].is_finite())?;
            let bold = Type::bold(13.5, series.hue.ink());
            let names = bold.wrap(&series.name, name_width, 2);
            let mut lines: Vec<(String, Type)> =
                names.into_iter().map(|line| (line, bold)).collect();
            let [low, median, high] = [LOW, MEDIAN, HIGH].map(|level| value(last[level]));
            let band = format!("{median} ({low} to {high})");
            let numbers = if low == high || phone { median } else { band };
            lines.push((numbers, Type::new(12.0, GREY)));
            Some(EdgeLabel { value: last[MEDIAN], rank: 0, lines })
        };
        self.series.iter().filter_map(label).collect()
    }
}
