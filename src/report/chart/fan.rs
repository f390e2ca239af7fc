//! One quantity of one strategy, with nested bands around its median.
//!
//! Drawn from the back to the front: grid, bands from the widest to the narrowest, whole
//! paths, median, thresholds, labels. The bands are opaque tints of one hue, so their
//! order can be read without a legend and in greyscale. Read next: `plot.rs`.

use super::canvas::{Canvas, Pen, Type, document, picture};
use super::hue::{GREY, Hue, INK, PAPER};
use super::mark::Covered;
use super::month::Month;
use super::plot::{EdgeLabel, Plot};
use super::scale::{Axis, Extent, Scale};
use super::sheet::{Drawn, Sheet, other_axis};
use super::{Frame, LEVELS};

const MEDIAN: usize = 4;
const NAMES: [&str; 9] =
    ["1 %", "5 %", "10 %", "25 %", "median", "75 %", "90 %", "95 %", "99 %"];
/// What goes first when labels do not fit: first the tails, last the median.
const RANKS: [u8; 9] = [4, 1, 3, 2, 0, 2, 3, 1, 4];

/// What a fan chart shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fan {
    /// Title, unit, start, thresholds and what else stands around the curves.
    pub frame: Frame,
    /// Per month, the quantiles at [`LEVELS`], ascending.
    pub quantiles: Vec<[f64; 9]>,
    /// A few whole paths, drawn as thin lines; may be empty.
    pub sample_paths: Vec<Vec<f64>>,
    /// What happened, as (month index, value): open dots, for a forecast of the past.
    pub actuals: Vec<(u32, f64)>,
    /// The colour of the strategy.
    pub hue: Hue,
}

impl Fan {
    /// The chart as SVG; the same fan gives the same bytes.
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

    /// What the chart says, for people who do not see it: the start and, at the end, the
    /// median and the quantiles at 5 %, 25 %, 75 % and 95 %.
    pub fn alt_text(&self) -> String {
        let title = &self.frame.title;
        let (Some(first), Some(last)) = (self.quantiles.first(), self.quantiles.last())
        else {
            return format!("Fan chart: {title}. It has no values.");
        };
        let start = Month::new(self.frame.start);
        let unit = &self.frame.unit;
        let value = |x: f64| unit.value(x, 3);
        format!(
            "Fan chart: {title}, in {}. The median starts at {} in {}. In {} it is {}; \
             half of the paths lie between {} and {}, 90 % between {} and {}.",
            unit.heading(),
            value(first[MEDIAN]),
            start.name(),
            start.after(self.quantiles.len() - 1).name(),
            value(last[MEDIAN]),
            value(last[3]),
            value(last[5]),
            value(last[1]),
            value(last[7]),
        )
    }

    fn level(&self, level: usize) -> impl Iterator<Item = f64> {
        self.quantiles.iter().map(move |quantiles| quantiles[level])
    }

    fn scale(&self, axis: Axis) -> Scale {
        let paths = self.sample_paths.iter().flatten().copied();
        let actuals = self.actuals.iter().map(|(_, value)| *value);
        let all = self.quantiles.iter().flatten().copied().chain(paths).chain(actuals);
        let marks: Vec<f64> = self.frame.thresholds.iter().map(|(at, _)| *at).collect();
        let share = self.frame.unit.is_share();
        let bulk = Extent::of(self.level(1).chain(self.level(7)));
        Scale::fit(axis, share, Extent::of(all), bulk, &marks)
    }

    fn paint(&self, canvas: &mut Canvas<'_>, axis: Axis) -> Plot<'_> {
        let labels = self.labels();
        let months = self.quantiles.len();
        let plot = Plot::lay_out(canvas, &self.frame, self.scale(axis), months, &labels);
        if self.quantiles.is_empty() {
            plot.says_it_is_empty(canvas);
        }
        for (band, tint) in self.hue.tints().into_iter().enumerate() {
            let area = plot.between(self.level(band), self.level(8 - band));
            canvas.area(&area, tint, 1.0);
        }
        plot.zero(canvas);
        let thin = Pen { width: 0.8, colour: INK, opacity: 0.38 };
        for path in &self.sample_paths {
            canvas.line(&plot.points(path.iter().copied()), thin);
        }
        canvas.line(&plot.points(self.level(MEDIAN)), Pen::new(3.0, self.hue.ink()));
        for (month, value) in &self.actuals {
            if let (Ok(month), true) = (usize::try_from(*month), value.is_finite()) {
                canvas.dot((plot.x(month), plot.y(*value)), 3.0, PAPER, INK);
            }
        }
        self.paint_thresholds(canvas, &plot);
        plot.label(canvas, labels);
        plot
    }

    fn paint_thresholds(&self, canvas: &mut Canvas<'_>, plot: &Plot<'_>) {
        let accent =
            if self.hue == Hue::Vermillion { Hue::Blue } else { Hue::Vermillion };
        let covered: Vec<Covered> =
            self.quantiles.iter().map(|q| Covered { low: q[0], high: q[8] }).collect();
        let start = Month::new(self.frame.start);
        plot.thresholds(canvas, &covered, accent.ink());
        for (at, _) in &self.frame.thresholds {
            if let Some(month) = self.crossing(*at) {
                let point = (month, self.quantiles[month][MEDIAN]);
                let text = format!("median crosses in {}", start.after(month).name());
                plot.call_out(canvas, point, &text, &covered, accent.ink());
            }
        }
    }

    /// The first month whose median is on the other side of a value than the start.
    fn crossing(&self, at: f64) -> Option<usize> {
        let above = self.quantiles.first()?[MEDIAN] >= at;
        self.level(MEDIAN).position(|median| (median >= at) != above)
    }

    /// One label per level of the last month; levels of the same value share one.
    fn labels(&self) -> Vec<EdgeLabel> {
        let Some(last) = self.quantiles.last() else { return Vec::new() };
        let digits = self.digits(last);
        let mut labels = Vec::new();
        let mut level = 0;
        while level < LEVELS.len() {
            let value = last[level];
            let same = |other: &&f64| (**other - value).abs() <= 1e-9 * value.abs();
            let end = level + last[level..].iter().take_while(same).count().max(1) - 1;
            if value.is_finite() {
                let median = (level..=end).contains(&MEDIAN);
                let rank = RANKS[level..=end].iter().copied().min().unwrap_or(0);
                let set = match rank {
                    _ if median => Type::bold(13.5, self.hue.ink()),
                    2 => Type::new(12.5, INK),
                    _ => Type::new(12.5, GREY),
                };
                let text = self.frame.unit.value(value, digits);
                let lines = vec![(format!("{} · {text}", name(level, end)), set)];
                let value = if median { last[MEDIAN] } else { value };
                labels.push(EdgeLabel { value, rank, lines });
            }
            level = end + 1;
        }
        labels
    }

    /// Enough significant digits to tell the 90 % band from the median, if six do.
    fn digits(&self, last: &[f64; 9]) -> usize {
        let distinct = |digits: &usize| {
            let [low, middle, high] =
                [1, MEDIAN, 7].map(|level| self.frame.unit.value(last[level], *digits));
            low != middle && middle != high
        };
        (3..=6).find(distinct).unwrap_or(3)
    }
}

/// The name of the levels `from..=to`, which have the same value.
fn name(from: usize, to: usize) -> String {
    match (from, to) {
        (0, 8) => "every path".to_owned(),
        _ if from == to => NAMES[from].to_owned(),
        _ if from == MEDIAN || to == MEDIAN => {
            format!("{} to {}", NAMES[from], NAMES[to])
        }
        _ => format!("{} to {}", LEVELS[from], NAMES[to]),
    }
}
