//! Things that happen at a month, named on poles above the plot.
//!
//! The poles end where the plot begins: a line through a fan would be read as part of
//! it. A tick on the month axis below repeats the place. Read next: `plot.rs`.

use super::Frame;
use super::canvas::{Canvas, Pen, Side, Type};
use super::hue::{GREY, INK, LEADER};
use super::plot::Plot;
use super::sheet::Sheet;
use crate::units::count;

const EVENT: Type = Type::new(12.0, INK);
/// Height of a row of events.
const ROW: f64 = 19.0;

/// A named event on a pole above its month.
struct Event {
    at: f64,
    name: String,
    /// Rows are counted from the plot upwards; an event with no room has none and keeps
    /// only its tick.
    row: Option<usize>,
}

/// Events in rows such that no two names touch, and the number of rows. A name stands
/// to the right of its pole and a later event is never in a higher row than the ones
/// it would touch, so no pole runs through a name.
fn flags(
    sheet: Sheet,
    frame: &Frame,
    months: usize,
    left: f64,
    right: f64,
) -> (Vec<Event>, usize) {
    const MOST: usize = 5;
    // A phone has no room for many names above its plot.
    let most = if sheet == Sheet::Phone { 3 } else { MOST };
    let last = count(months.saturating_sub(1)).max(1.0);
    let inside = |event: &&(u32, String)| f64::from(event.0) <= last;
    let mut events: Vec<&(u32, String)> = frame.events.iter().filter(inside).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.0));
    let mut starts = [f64::INFINITY; MOST];
    let mut placed: Vec<Event> = Vec::new();
    for (month, name) in events {
        let at = left + (right - left) * f64::from(*month) / last;
        let cut = EVENT.cut(name, sheet.width() - 12.0 - at);
        // Less than half of a name names nothing.
        let names = cut == *name || 2 * cut.chars().count() > name.chars().count();
        let name = cut;
        let end = at + EVENT.width(&name) + 14.0;
        let row = starts.iter().take(most).position(|start| names && end <= *start);
        if let Some(row) = row {
            starts[..=row].fill(at);
        }
        placed.push(Event { at, name, row });
    }
    let rows = placed.iter().filter_map(|event| event.row).max().map_or(0, |row| row + 1);
    (placed, rows)
}

/// The height that the events of a plot take above it.
pub(super) fn room_for_events(
    sheet: Sheet,
    frame: &Frame,
    months: usize,
    left: f64,
    right: f64,
) -> f64 {
    match flags(sheet, frame, months, left, right).1 {
        0 => 0.0,
        rows => ROW * count(rows) + 11.0,
    }
}

impl Plot<'_> {
    /// Draws the events.
    pub(super) fn events(&self, canvas: &mut Canvas<'_>) {
        let (events, _) =
            flags(canvas.sheet, self.frame, self.months, self.left, self.right);
        for event in events {
            let foot = [(event.at, self.bottom - 6.0), (event.at, self.bottom + 6.0)];
            canvas.line(&foot, Pen::new(1.4, GREY));
            let Some(row) = event.row else { continue };
            let y = self.top - 20.0 - ROW * count(row);
            let pole = [(event.at, y - 7.0), (event.at, self.top + 8.0)];
            canvas.line(&pole, Pen::new(1.0, LEADER));
            canvas.text(&event.name, (event.at + 5.0, y), Side::Left, EVENT);
        }
    }
}
