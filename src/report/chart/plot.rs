//! The space between title and caption: months across, values up, labels at the edges.
//!
//! A plot is laid out once per chart: it takes the height that title, subtitle, events
//! and caption leave and the width that the labels at both sides leave, draws the grid,
//! and then maps months and values to points. Read next: `fan.rs`, which draws into it.

use super::Frame;
use super::canvas::{Canvas, Pen, Point, Side, Type};
use super::event::room_for_events;
use super::hue::{GREY, GRID, INK, LEADER, PAPER};
use super::label::spread;
use super::month::{Month, ticks};
use super::scale::Scale;
use super::sheet::{Drawn, Sheet};
use crate::units::count;

const TITLE: Type = Type::bold(20.0, INK);
const SUBTITLE: Type = Type::new(13.0, GREY);
const CAPTION: Type = Type::new(11.0, GREY);
const TICK: Type = Type::new(12.5, GREY);
/// From the right edge of the plot to its labels.
const LEADER_WIDTH: f64 = 20.0;
/// Height of a line of a label.
const LABEL: f64 = 17.0;
/// A label farther from its curve than this no longer says which curve it means.
const FARTHEST: f64 = 44.0;

/// A label at the right edge, beside the value it names.
pub(super) struct EdgeLabel {
    pub(super) value: f64,
    /// Labels of the highest rank go first when there is no room.
    pub(super) rank: u8,
    pub(super) lines: Vec<(String, Type)>,
}

/// A plot with its grid drawn.
pub(super) struct Plot<'a> {
    pub(super) frame: &'a Frame,
    pub(super) scale: Scale,
    pub(super) months: usize,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
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
        let sheet = canvas.sheet;
        let mut plot = Self {
            frame,
            scale,
            months: months.max(1),
            left: sheet.margin() + tick_width + 10.0,
            right: sheet.width() - sheet.margin() - label_width - LEADER_WIDTH,
            top,
            bottom,
        };
        plot.top += room_for_events(sheet, frame, months, plot.left, plot.right);
        plot.grid(canvas, &names);
        plot.calendar(canvas);
        plot.events(canvas);
        plot
    }

    /// The picture with the place of its values.
    pub(super) fn drawn(&self, sheet: Sheet, svg: String) -> Drawn {
        let (width, height) = (sheet.width(), sheet.height());
        Drawn {
            svg,
            across: (self.left / width, self.right / width),
            down: (self.top / height, self.bottom / height),
            is_log: self.scale.log,
        }
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

    /// Says in the middle of an empty plot that it is empty.
    pub(super) fn says_it_is_empty(&self, canvas: &mut Canvas<'_>) {
        let middle = (0.5 * (self.left + self.right), 0.5 * (self.top + self.bottom));
        canvas.block(
            (middle.0 - 60.0, middle.1 - 14.0),
            (middle.0 + 60.0, middle.1 + 14.0),
            PAPER,
            1.0,
        );
        canvas.text("no values", middle, Side::Center, SUBTITLE);
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

    /// Draws the labels at the right edge, moved apart, each tied to its value.
    pub(super) fn label(&self, canvas: &mut Canvas<'_>, mut labels: Vec<EdgeLabel>) {
        labels.sort_by(|a, b| b.value.total_cmp(&a.value));
        let height = |label: &EdgeLabel| {
            LABEL * count(label.lines.len())
                + if label.lines.len() > 1 { 6.0 } else { 0.0 }
        };
        let (low, high) = (self.top - 8.0, self.bottom + 8.0);
        let places = loop {
            let wanted: Vec<(f64, f64)> =
                labels.iter().map(|label| (self.y(label.value), height(label))).collect();
            let places = spread(&wanted, low, high);
            let moved = |(wanted, place): (&(f64, f64), &f64)| (wanted.0 - place).abs();
            let farthest = wanted.iter().zip(&places).map(moved).fold(0.0, f64::max);
            let fits = labels.iter().map(height).sum::<f64>() <= high - low;
            let highest = labels.iter().map(|label| label.rank).max().unwrap_or(0);
            if fits && (farthest <= FARTHEST || highest == 0) {
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
            let rows = count(label.lines.len().saturating_sub(1));
            let first = place - 0.5 * LABEL * rows;
            for (row, (text, set)) in label.lines.iter().enumerate() {
                let point = (self.right + LEADER_WIDTH, first + LABEL * count(row));
                canvas.text(text, point, Side::Left, *set);
            }
        }
    }
}

/// Title, subtitle and the head of the axis; the top of what is left.
fn head(canvas: &mut Canvas<'_>, frame: &Frame, log: bool) -> f64 {
    let (sheet, margin) = (canvas.sheet, canvas.sheet.margin());
    let width = sheet.width() - 2.0 * margin;
    let mut y = -6.0;
    if !sheet.is_bare() {
        y = 16.0;
        for line in TITLE.wrap(&frame.title, width, 2) {
            y += 24.0;
            canvas.text(&line, (margin, y), Side::Left, TITLE);
        }
        y += 6.0;
        for line in SUBTITLE.wrap(&frame.subtitle, width, 3) {
            y += 20.0;
            canvas.text(&line, (margin, y), Side::Left, SUBTITLE);
        }
        y += 18.0;
    }
    y += 16.0;
    let scale = if log { ", log scale" } else { "" };
    let heading = format!("{}{scale}", frame.unit.heading());
    let heading = CAPTION.cut(heading.trim_start_matches(", "), width);
    canvas.text(&heading, (margin, y), Side::Left, CAPTION);
    y + 18.0
}

/// The caption; the bottom of the plot above it and the months.
fn foot(canvas: &mut Canvas<'_>, caption: &str) -> f64 {
    let (sheet, margin) = (canvas.sheet, canvas.sheet.margin());
    if sheet.is_bare() {
        return sheet.height() - 30.0;
    }
    let lines = CAPTION.wrap(caption, sheet.width() - 2.0 * margin, 3);
    let first = sheet.height() - 20.0 - 15.0 * count(lines.len().saturating_sub(1));
    for (row, line) in lines.iter().enumerate() {
        let point = (margin, first + 15.0 * count(row));
        canvas.text(line, point, Side::Left, CAPTION);
    }
    first - if lines.is_empty() { 30.0 } else { 56.0 }
}
