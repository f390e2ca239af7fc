//! The space between title and caption: months across, values up, labels at the edges.
//!
//! A plot is laid out once per chart: it takes the height that title, subtitle, events
//! and caption leave and the width that the labels at both sides leave, draws the grid,
//! and then maps months and values to points. Read next: `fan.rs`, which draws into it.

use std::cmp::Ordering;

use plotters::style::RGBColor;

use super::Frame;
use super::canvas::{Canvas, HEIGHT, Pen, Point, Side, Type, WIDTH};
use super::hue::{GREY, GRID, INK, LEADER, PAPER};
use super::label::spread;
use super::month::{Month, ticks};
use super::scale::Scale;
use crate::units::count;

const MARGIN: f64 = 34.0;
const TITLE: Type = Type::bold(20.0, INK);
const SUBTITLE: Type = Type::new(13.0, GREY);
const CAPTION: Type = Type::new(11.0, GREY);
const TICK: Type = Type::new(12.5, GREY);
/// From the right edge of the plot to its labels.
const LEADER_WIDTH: f64 = 20.0;
/// A label farther from its curve than this no longer says which curve it means.
const FARTHEST: f64 = 44.0;

/// A label at the right edge, beside the value it names.
pub(super) struct EdgeLabel {
    pub(super) value: f64,
    /// Labels of the highest rank go first when there is no room.
    pub(super) rank: u8,
    pub(super) lines: Vec<(String, Type)>,
}

/// The part of the plot that curves cover above one point of the month axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Covered {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Height of a line of text within the plot.
const LINE: f64 = 16.0;

/// Where a line of text stands.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
}

impl Area {
    fn touches(self, other: Self) -> bool {
        self.left < other.left + other.width
            && other.left < self.left + self.width
            && self.top < other.top + LINE
            && other.top < self.top + LINE
    }
}

/// A plot with its grid drawn.
pub(super) struct Plot<'a> {
    frame: &'a Frame,
    scale: Scale,
    months: usize,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl<'a> Plot<'a> {
    /// Draws everything that stands around the curves and under them.
    pub(super) fn lay_out(
        canvas: &mut Canvas<'_>,
        frame: &'a Frame,
        scale: Scale,
        months: usize,
        labels: &[EdgeLabel],
    ) -> Self {
        let lines = labels.iter().flat_map(|label| &label.lines);
        let label_width = lines.map(|(text, set)| set.width(text)).fold(0.0, f64::max);
        let names: Vec<String> =
            scale.ticks.iter().map(|tick| frame.unit.tick(*tick, scale.step)).collect();
        let tick_width = names.iter().map(|name| TICK.width(name)).fold(0.0, f64::max);
        let top = head(canvas, frame, scale.log);
        let bottom = foot(canvas, &frame.caption);
        let mut plot = Self {
            frame,
            scale,
            months: months.max(1),
            left: MARGIN + tick_width + 10.0,
            right: WIDTH - MARGIN - label_width - LEADER_WIDTH,
            top,
            bottom,
        };
        let rows = flags(frame, months, plot.left, plot.right).1;
        plot.top += ROW * count(rows) + if rows > 0 { 6.0 } else { 0.0 };
        plot.grid(canvas, &names);
        plot.calendar(canvas);
        plot.events(canvas);
        plot
    }

    /// The place of a month.
    pub(super) fn x(&self, month: usize) -> f64 {
        let last = count(self.months.saturating_sub(1)).max(1.0);
        self.left + (self.right - self.left) * (count(month) / last).min(1.0)
    }

    /// The place of a value.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * self.scale.height(value)
    }

    /// The points of a curve with one value per month; a single month is drawn across
    /// the whole width, for a point would not be seen.
    pub(super) fn points(&self, values: impl IntoIterator<Item = f64>) -> Vec<Point> {
        let values = values.into_iter().take(self.months).enumerate();
        let finite = values.filter(|(_, value)| value.is_finite());
        let mut points: Vec<Point> =
            finite.map(|(month, value)| (self.x(month), self.y(value))).collect();
        if let (1, [(_, y)]) = (self.months, points.as_slice()) {
            points = vec![(self.left, *y), (self.right, *y)];
        }
        points
    }

    /// The area between two curves.
    pub(super) fn between(
        &self,
        lower: impl IntoIterator<Item = f64>,
        upper: impl IntoIterator<Item = f64>,
    ) -> Vec<Point> {
        let mut points = self.points(upper);
        points.extend(self.points(lower).into_iter().rev());
        points
    }

    fn grid(&self, canvas: &mut Canvas<'_>, names: &[String]) {
        for (tick, name) in self.scale.ticks.iter().zip(names) {
            let y = self.y(*tick);
            canvas.line(&[(self.left, y), (self.right, y)], Pen::new(1.0, GRID));
            canvas.text(name, (self.left - 10.0, y), Side::Right, TICK);
        }
    }

    /// The line of zero, where the axis has one; drawn over the curves of a difference.
    pub(super) fn zero(&self, canvas: &mut Canvas<'_>) {
        if !self.scale.log && self.scale.ticks.contains(&0.0) {
            let y = self.y(0.0);
            let inside = self.bottom - y > 1.0 && y - self.top > 1.0;
            let pen = if inside { Pen::new(1.6, INK) } else { Pen::new(1.2, GREY) };
            canvas.line(&[(self.left, y), (self.right, y)], pen);
        }
    }

    fn calendar(&self, canvas: &mut Canvas<'_>) {
        let start = Month::new(self.frame.start);
        let y = self.bottom + 20.0;
        if self.months == 1 {
            let middle = 0.5 * (self.left + self.right);
            canvas.text(&start.name(), (middle, y), Side::Center, TICK);
            return;
        }
        let month_width = self.x(1) - self.left;
        let apart = (TICK.width("Mmm 2000") + 22.0) / month_width;
        for month in ticks(start, self.months, apart) {
            let x = self.x(month);
            let tick = [(x, self.bottom + 3.0), (x, self.bottom + 8.0)];
            canvas.line(&tick, Pen::new(1.0, LEADER));
            canvas.text(&start.after(month).name(), (x, y), Side::Center, TICK);
        }
    }

    fn events(&self, canvas: &mut Canvas<'_>) {
        let (events, _) = flags(self.frame, self.months, self.left, self.right);
        for event in events {
            let y = self.top - 15.0 - ROW * count(event.row);
            let pole = [(event.at, y - 7.0), (event.at, self.top + 8.0)];
            canvas.line(&pole, Pen::new(1.0, LEADER));
            let foot = [(event.at, self.bottom - 6.0), (event.at, self.bottom + 6.0)];
            canvas.line(&foot, Pen::new(1.4, GREY));
            canvas.text(&event.name, (event.at + 5.0, y), Side::Left, EVENT);
        }
    }

    /// Draws the labels at the right edge, moved apart, each tied to its value.
    pub(super) fn label(&self, canvas: &mut Canvas<'_>, mut labels: Vec<EdgeLabel>) {
        labels.sort_by(|a, b| b.value.total_cmp(&a.value));
        let tallest = labels.iter().map(|label| label.lines.len()).max().unwrap_or(0);
        let gap = 17.0 * count(tallest) + if tallest > 1 { 6.0 } else { 0.0 };
        let half = 0.5 * gap;
        let (low, high) = (self.top + half - 8.0, self.bottom - half + 8.0);
        let places = loop {
            let wanted: Vec<f64> =
                labels.iter().map(|label| self.y(label.value)).collect();
            let places = spread(&wanted, gap, low, high);
            let moved = |(a, b): (&f64, &f64)| (a - b).abs();
            let farthest = wanted.iter().zip(&places).map(moved).fold(0.0, f64::max);
            let full = count(labels.len()) * gap > high - low + gap;
            let highest = labels.iter().map(|label| label.rank).max().unwrap_or(0);
            if !full && (farthest <= FARTHEST || highest == 0) {
                break places;
            }
            let Some(least) = labels.iter().rposition(|label| label.rank == highest)
            else {
                break places;
            };
            labels.remove(least);
        };
        for (label, place) in labels.iter().zip(places) {
            let leader = [
                (self.right + 3.0, self.y(label.value)),
                (self.right + LEADER_WIDTH - 5.0, place),
            ];
            canvas.line(&leader, Pen::new(1.0, LEADER));
            let first = place - 8.5 * count(label.lines.len().saturating_sub(1));
            for (row, (text, set)) in label.lines.iter().enumerate() {
                let point = (self.right + LEADER_WIDTH, first + 17.0 * count(row));
                canvas.text(text, point, Side::Left, *set);
            }
        }
    }

    /// Draws the thresholds, each with its name where the curves do not cover it.
    pub(super) fn thresholds(
        &self,
        canvas: &mut Canvas<'_>,
        covered: &[Covered],
        colour: RGBColor,
    ) {
        let set = Type::new(12.5, colour);
        let mut taken: Vec<Area> = Vec::new();
        for (at, name) in &self.frame.thresholds {
            if !at.is_finite() {
                continue;
            }
            let mut text = format!("{name} · {}", self.frame.unit.value(*at, 3));
            match self.scale.side(*at) {
                Ordering::Greater => text = format!("↑ {text}, above the chart"),
                Ordering::Less => text = format!("↓ {text}, below the chart"),
                Ordering::Equal => {
                    let pen = Pen::new(1.8, colour);
                    canvas.dashes(self.left, self.right, self.y(*at), pen);
                }
            }
            let text = set.cut(text.trim(), self.right - self.left - 24.0);
            let (y, width) = (self.y(*at), set.width(&text));
            let tops =
                [y - LINE - 3.0, y + 4.0].into_iter().filter(|top| self.holds(*top));
            let room = (self.right - self.left - width - 20.0).max(0.0);
            let areas = tops.flat_map(|top| {
                let left = |n| self.left + 10.0 + room * f64::from(n) / 12.0;
                (0..=12).map(move |n| Area { left: left(n), top, width })
            });
            // `min_by_key` takes the first of equals: the left one, above the line.
            let hidden = |area: &Area| self.hidden(*area, covered, &taken);
            let Some(area) = areas.min_by_key(hidden) else { continue };
            canvas.block(
                (area.left - 3.0, area.top),
                (area.left + width + 3.0, area.top + LINE),
                PAPER,
                0.72,
            );
            let point = (area.left, area.top + 0.5 * LINE);
            canvas.text(&text, point, Side::Left, set);
            taken.push(area);
        }
    }

    /// Marks a point of a curve with a dot and says what it is, straight above or below
    /// it where the curves end; only the dot where there is no room.
    pub(super) fn call_out(
        &self,
        canvas: &mut Canvas<'_>,
        (month, value): (usize, f64),
        text: &str,
        covered: &[Covered],
        colour: RGBColor,
    ) {
        let set = Type::new(12.5, colour);
        let (x, y) = (self.x(month), self.y(value));
        let width = set.width(text);
        let left = (x - 0.5 * width).max(self.left + 6.0).min(self.right - width);
        let thresholds = self.frame.thresholds.iter().map(|(at, _)| Area {
            left: self.left,
            top: self.y(*at) - LINE,
            width: self.right - self.left,
        });
        let lines: Vec<Area> = thresholds.collect();
        let below = (1..120).map(|n| y + 6.0 * f64::from(n));
        let above = (1..120).map(|n| y - 6.0 * f64::from(n) - LINE);
        let tops = below.zip(above).flat_map(|(below, above)| [below, above]);
        let clear = |top: &f64| {
            let area = Area { left, top: *top, width };
            self.holds(*top)
                && self.hidden(area, covered, &lines) == 0
                && self.hidden(Area { top: top - 8.0, ..area }, covered, &[]) == 0
                && self.hidden(Area { top: top + 8.0, ..area }, covered, &[]) == 0
        };
        if let Some(top) = tops.filter(|top| (top - y).abs() > LINE).find(clear) {
            let end = if top > y { top } else { top + LINE };
            canvas.line(&[(x, y), (x, end)], Pen::new(1.2, colour));
            let point = (left + 0.5 * width, top + 0.5 * LINE);
            canvas.text(text, point, Side::Center, set);
        }
        canvas.dot((x, y), 5.0, colour, PAPER);
    }

    /// Whether a line of text with this top is within the plot.
    fn holds(&self, top: f64) -> bool {
        top >= self.top - 8.0 && top + LINE <= self.bottom
    }

    /// How much of an area is covered by curves, in sixteenths, or by other areas.
    fn hidden(&self, area: Area, covered: &[Covered], taken: &[Area]) -> usize {
        let others = taken.iter().filter(|other| area.touches(**other)).count();
        let samples = (0..=16).map(|n| area.left + area.width * f64::from(n) / 16.0);
        let under = |x: &f64| {
            self.covered_at(covered, *x).is_some_and(|covered| {
                self.y(covered.high) < area.top + LINE && self.y(covered.low) > area.top
            })
        };
        others * 100 + samples.filter(under).count()
    }

    fn covered_at(&self, covered: &[Covered], x: f64) -> Option<Covered> {
        let last = covered.len().checked_sub(1)?;
        let step = (self.right - self.left) / count(self.months.max(2) - 1);
        let place = ((x - self.left) / step).max(0.0);
        let month = (0..=last).rev().find(|month| count(*month) <= place)?;
        let (a, b) = (covered[month], covered[(month + 1).min(last)]);
        Some(Covered { low: a.low.min(b.low), high: a.high.max(b.high) })
    }
}

const EVENT: Type = Type::new(12.0, INK);
/// Height of a row of events.
const ROW: f64 = 19.0;

/// A named event on a pole above its month.
struct Event {
    at: f64,
    name: String,
    /// Rows are counted from the plot upwards.
    row: usize,
}

/// Events in rows such that no two names touch, and the number of rows. A name stands
/// to the right of its pole and a later event is never in a higher row than the ones
/// it would touch, so no pole runs through a name.
fn flags(frame: &Frame, months: usize, left: f64, right: f64) -> (Vec<Event>, usize) {
    const MOST: usize = 5;
    let last = count(months.saturating_sub(1)).max(1.0);
    let inside = |event: &&(u32, String)| f64::from(event.0) <= last;
    let mut events: Vec<&(u32, String)> = frame.events.iter().filter(inside).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.0));
    let mut starts = [f64::INFINITY; MOST];
    let mut placed: Vec<Event> = Vec::new();
    for (month, name) in events {
        let at = left + (right - left) * f64::from(*month) / last;
        let name = EVENT.cut(name, WIDTH - 12.0 - at);
        let end = at + EVENT.width(&name) + 14.0;
        if let Some(row) = starts.iter().position(|start| end <= *start) {
            starts[..=row].fill(at);
            placed.push(Event { at, name, row });
        }
    }
    let rows = placed.iter().map(|event| event.row + 1).max().unwrap_or(0);
    (placed, rows)
}

/// Title, subtitle and the head of the axis; the top of what is left.
fn head(canvas: &mut Canvas<'_>, frame: &Frame, log: bool) -> f64 {
    let width = WIDTH - 2.0 * MARGIN;
    let mut y = 16.0;
    for line in TITLE.wrap(&frame.title, width, 2) {
        y += 24.0;
        canvas.text(&line, (MARGIN, y), Side::Left, TITLE);
    }
    y += 6.0;
    for line in SUBTITLE.wrap(&frame.subtitle, width, 3) {
        y += 20.0;
        canvas.text(&line, (MARGIN, y), Side::Left, SUBTITLE);
    }
    y += 34.0;
    let scale = if log { ", log scale" } else { "" };
    let heading = format!("{}{scale}", frame.unit.heading());
    let heading = CAPTION.cut(heading.trim_start_matches(", "), width);
    canvas.text(&heading, (MARGIN, y), Side::Left, CAPTION);
    y + 18.0
}

/// The caption; the bottom of the plot above it and the months.
fn foot(canvas: &mut Canvas<'_>, caption: &str) -> f64 {
    let lines = CAPTION.wrap(caption, WIDTH - 2.0 * MARGIN, 3);
    let first = HEIGHT - 20.0 - 15.0 * count(lines.len().saturating_sub(1));
    for (row, line) in lines.iter().enumerate() {
        let point = (MARGIN, first + 15.0 * count(row));
        canvas.text(line, point, Side::Left, CAPTION);
    }
    first - if lines.is_empty() { 30.0 } else { 56.0 }
}
