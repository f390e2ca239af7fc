//! Values that a decision hangs on, across the plot, and the point where they are met.
//!
//! A name is set where the curves do not cover it, or where they cover it least, on a
//! plate of paper that lets them shine through. Read next: `plot.rs`.

use std::cmp::Ordering;

use plotters::style::RGBColor;

use super::canvas::{Canvas, Pen, Side, Type};
use super::hue::PAPER;
use super::plot::Plot;
use crate::units::count;

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

/// The part of the plot that curves cover above one point of the month axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Covered {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Plot<'_> {
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
        let across = self.right - self.left;
        let names = self.frame.thresholds.iter().flat_map(|(at, _)| {
            [self.y(*at) - LINE - 3.0, self.y(*at) + 4.0].map(|top| Area {
                left: self.left,
                top,
                width: across,
            })
        });
        let names: Vec<Area> = names.collect();
        let below = (1..120).map(|n| y + 6.0 * f64::from(n));
        let above = (1..120).map(|n| y - 6.0 * f64::from(n) - LINE);
        let tops = below.zip(above).flat_map(|(below, above)| [below, above]);
        let clear = |top: &f64| {
            let area = Area { left, top: *top, width };
            self.holds(*top)
                && self.hidden(area, covered, &names) == 0
                && self.hidden(Area { top: top - 8.0, ..area }, covered, &[]) == 0
                && self.hidden(Area { top: top + 8.0, ..area }, covered, &[]) == 0
        };
        if let Some(top) = tops.filter(|top| (top - y).abs() > LINE).find(clear) {
            let end = if top > y { top } else { top + LINE };
            canvas.line(&[(x, y), (x, end)], Pen::new(1.2, colour));
            canvas.block(
                (left - 3.0, top),
                (left + width + 3.0, top + LINE),
                PAPER,
                0.85,
            );
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
