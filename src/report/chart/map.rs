//! Who is cheaper where, on two axes: a map of coloured cells with its border.
//!
//! A cell has the hue of the cheaper strategy, deeper where the difference is larger; the
//! line between them is the break-even, the dot is the plan. Read next: `canvas.rs`.

use crate::decide::map::BreakEvenMap;
use crate::report::format::{percent, usd};
use crate::units::count;

use super::canvas::{Canvas, Pen, Point, Side, Type, document, picture};
use super::hue::{GREY, Hue, INK, PAPER};
use super::sheet::Sheet;

const WIDTH: f64 = Sheet::File.width();
const HEIGHT: f64 = Sheet::File.height();
const LEFT: f64 = 120.0;
const RIGHT: f64 = WIDTH - 230.0;
const TOP: f64 = 110.0;
const BOTTOM: f64 = HEIGHT - 110.0;
/// Ticks on each axis.
const TICKS: usize = 10;

/// What a map shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// What the plan asks.
    pub title: String,
    /// Model, paths, seed, small at the bottom.
    pub caption: String,
    /// The numbers.
    pub map: BreakEvenMap,
    /// Colours of the first and the second strategy.
    pub hues: (Hue, Hue),
}

impl Map {
    /// The chart as SVG; the same map gives the same bytes.
    pub fn svg(&self) -> String {
        let (title, said) = (self.heading(), self.alt_text());
        picture(Sheet::File, &title, &said, |canvas| self.paint(canvas))
    }

    /// The chart as a PDF of one page; likewise.
    pub fn pdf(&self) -> Vec<u8> {
        document(&self.heading(), &self.alt_text(), |canvas| self.paint(canvas))
    }

    /// What the chart says, for people who do not see it.
    pub fn alt_text(&self) -> String {
        let here = self.border_here().map_or_else(
            || format!("{} is cheaper at no utilisation", self.map.first),
            |u| format!("{} is cheaper from {} utilisation", self.map.first, percent(u)),
        );
        format!(
            "Map of utilisation and price: {}. At the plan's prices {here}; the plan stands at {}.",
            self.heading(),
            percent(self.map.utilisation_here)
        )
    }

    fn heading(&self) -> String {
        format!("{} or {}: who is cheaper", self.map.first, self.map.second)
    }

    fn border_here(&self) -> Option<f64> {
        let here = self.map.price_change.iter().position(|p| p.abs() < 1e-9)?;
        self.map.break_even.get(here).copied().flatten()
    }

    fn at(&self, utilisation: f64, change: f64) -> Point {
        let (low, high) = self.changes();
        let share = (change - low) / (high - low);
        (LEFT + (RIGHT - LEFT) * utilisation, BOTTOM - (BOTTOM - TOP) * share)
    }

    fn changes(&self) -> (f64, f64) {
        let first = self.map.price_change.first().copied().unwrap_or(-1.0);
        (first, self.map.price_change.last().copied().unwrap_or(1.0))
    }

    fn paint(&self, canvas: &mut Canvas<'_>) {
        canvas.text(&self.heading(), (LEFT, 36.0), Side::Left, Type::bold(22.0, INK));
        let subtitle = format!(
            "Mean saving of {}, present value. Right: more of its chips in use. Up: what {} pays by \
             use is dearer.",
            self.map.first, self.map.second
        );
        let small = Type::new(13.5, GREY);
        let lines = small.wrap(&subtitle, WIDTH - 2.0 * LEFT, 2);
        for (i, line) in lines.iter().enumerate() {
            let y = 64.0 + 18.0 * count(i);
            canvas.text(line, (LEFT, y), Side::Left, small);
        }
        self.cells(canvas);
        self.axes(canvas);
        self.border(canvas);
        self.legend(canvas);
        let caption = small.wrap(&self.caption, WIDTH - 2.0 * 30.0, 2);
        for (i, line) in caption.iter().enumerate() {
            let y = HEIGHT - 40.0 + 16.0 * count(i);
            canvas.text(line, (30.0, y), Side::Left, Type::new(11.5, GREY));
        }
    }

    /// Each cell by the saving at its middle.
    fn cells(&self, canvas: &mut Canvas<'_>) {
        let most = self.most();
        let map = &self.map;
        let rows = map.price_change.windows(2).zip(map.saving.windows(2));
        for (changes, savings) in rows {
            let ([low, high], [below, above]) = (changes, savings) else { continue };
            let columns = map.utilisation.windows(2).zip(below.windows(2));
            for ((us, a), b) in columns.zip(above.windows(2)) {
                let ([left, right], [a0, a1], [b0, b1]) = (us, a, b) else { continue };
                let saving = 0.25 * (a0 + a1 + b0 + b1);
                let hue = if saving >= 0.0 { self.hues.0 } else { self.hues.1 };
                // Four tints, the deepest from three quarters of the most.
                let deep = (4.0 * saving.abs() / most).min(3.0);
                let tints = hue.tints();
                let tint = tints
                    .iter()
                    .enumerate()
                    .rev()
                    .find(|(i, _)| count(*i) <= deep)
                    .map_or(PAPER, |(_, tint)| *tint);
                let (from, to) = (self.at(*left, *high), self.at(*right, *low));
                // Neighbours overlap by a hair, or the paper would show between them.
                let to = ((to.0 + 0.6).min(RIGHT), (to.1 + 0.6).min(BOTTOM));
                canvas.block(from, to, tint, 1.0);
            }
        }
    }

    fn most(&self) -> f64 {
        let all = self.map.saving.iter().flatten();
        all.fold(0.0_f64, |most, x| most.max(x.abs())).max(f64::MIN_POSITIVE)
    }

    fn axes(&self, canvas: &mut Canvas<'_>) {
        let set = Type::new(12.5, INK);
        let (low, high) = self.changes();
        for i in 0..=TICKS {
            let share = count(i) / count(TICKS);
            let (x, y) = self.at(share, low);
            canvas.line(&[(x, y), (x, y + 6.0)], Pen::new(1.0, GREY));
            canvas.text(&percent(share), (x, y + 18.0), Side::Center, set);
        }
        let mut change = (low * 5.0).round() / 5.0;
        while change <= high + 1e-9 {
            let (x, y) = self.at(0.0, change);
            canvas.line(&[(x - 6.0, y), (x, y)], Pen::new(1.0, GREY));
            let tick = if change.abs() < 1e-9 {
                "0 %".to_owned()
            } else {
                format!("{:+.0} %", 100.0 * change)
            };
            canvas.text(&tick, (x - 12.0, y), Side::Right, set);
            change += 0.2;
        }
        let (x, y) = self.at(0.5, low);
        let across = format!("Utilisation of the committed chips of {}", self.map.first);
        canvas.text(&across, (x, y + 42.0), Side::Center, Type::bold(13.5, INK));
        let up = format!("Price change of {}", self.map.second);
        canvas.text(&up, (20.0, TOP - 14.0), Side::Left, Type::bold(13.5, INK));
    }

    fn border(&self, canvas: &mut Canvas<'_>) {
        let pairs = self.map.price_change.iter().zip(&self.map.break_even);
        let mut points: Vec<Point> =
            self.leaves().map(|p| self.at(1.0, p)).into_iter().collect();
        points.extend(pairs.filter_map(|(p, u)| u.map(|u| self.at(u, *p))));
        canvas.line(&points, Pen::new(3.0, INK));
        let here = self.at(self.map.utilisation_here.min(1.0), 0.0);
        canvas.dot(here, 6.0, INK, PAPER);
        let name = format!("this plan, {}", percent(self.map.utilisation_here));
        let right = here.0 < 0.5 * (LEFT + RIGHT);
        let (x, side) = if right {
            (here.0 + 12.0, Side::Left)
        } else {
            (here.0 - 12.0, Side::Right)
        };
        canvas.text(&name, (x, here.1 - 14.0), side, Type::bold(13.0, INK));
    }

    /// Change of price at which the border leaves the map on the right: the saving of a
    /// column is linear in it.
    fn leaves(&self) -> Option<f64> {
        let last = |row: &Vec<f64>| row.last().copied();
        let mut rows = self.map.price_change.windows(2).zip(self.map.saving.windows(2));
        rows.find_map(|(changes, savings)| {
            let ([low, high], [below, above]) = (changes, savings) else { return None };
            let (below, above) = (last(below)?, last(above)?);
            (below < 0.0 && above >= 0.0)
                .then(|| low + (high - low) * below / (below - above))
        })
    }

    fn legend(&self, canvas: &mut Canvas<'_>) {
        let x = RIGHT + 24.0;
        let most = self.most();
        let mut y = TOP + 10.0;
        for (hue, name) in
            [(self.hues.0, &self.map.first), (self.hues.1, &self.map.second)]
        {
            let set = Type::bold(13.0, hue.ink());
            for line in set.wrap(&format!("{name} cheaper"), 190.0, 2) {
                canvas.text(&line, (x, y), Side::Left, set);
                y += 17.0;
            }
            for (i, tint) in hue.tints().into_iter().enumerate() {
                canvas.block((x, y), (x + 26.0, y + 18.0), tint, 1.0);
                let from = usd(most * count(i) / 4.0);
                let said = format!("by {from} or more");
                let set = Type::new(12.0, INK);
                canvas.text(&said, (x + 34.0, y + 9.0), Side::Left, set);
                y += 22.0;
            }
            y += 16.0;
        }
        canvas.line(&[(x, y), (x + 26.0, y)], Pen::new(3.0, INK));
        canvas.text("break-even", (x + 34.0, y), Side::Left, Type::new(12.0, INK));
    }
}
