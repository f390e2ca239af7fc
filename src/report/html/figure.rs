//! A chart of the page: drawn for a wide page and for a phone, on both axes where both
//! say something, with its numbers for the pointer and for people who read tables.
//!
//! Style alone chooses among the drawings by the width of the page, so a page without its
//! script still shows every chart. Read next: `script.js`.

use serde_json::json;

use crate::report::chart::{Drawn, Sheet, month_name};
use crate::report::gallery::Drawing;

use super::Sheets;
use super::markup::Markup;

/// Names of the quantiles from the top, as a fan is read.
const LEVELS: [&str; 9] =
    ["99 %", "95 %", "90 %", "75 %", "median", "25 %", "10 %", "5 %", "1 %"];

/// A chart ready to be put on a page.
pub(super) struct Figure<'a> {
    pub(super) key: &'a str,
    note: &'a str,
    drawing: &'a Drawing,
    drawn: Vec<(&'static str, Drawn)>,
}

impl<'a> Figure<'a> {
    /// Draws it.
    pub(super) fn new(
        title: &str,
        key: &'a str,
        drawing: &'a Drawing,
        sheets: Sheets,
    ) -> Self {
        // Title, seed and version stand once on the page.
        let caption = drawing.frame().caption.as_str();
        let note = caption.strip_prefix(title.trim_end_matches('.')).unwrap_or(caption);
        let note = note.rsplit_once(" · rackcast ").map_or(note, |(note, _)| note);
        let note = note.trim_start_matches(" · ");
        let own = drawing.frame().axis;
        let other = drawing.other_axis();
        let mut drawn = Vec::new();
        for (sheet, wanted, [first, second]) in [
            (
                Sheet::Page,
                sheets != Sheets::Phone,
                ["<div class=\"page own\">", "<div class=\"page other\">"],
            ),
            (
                Sheet::Phone,
                sheets != Sheets::Page,
                ["<div class=\"phone own\">", "<div class=\"phone other\">"],
            ),
        ] {
            if wanted {
                drawn.push((first, drawing.on(sheet, own)));
                drawn.extend(other.map(|axis| (second, drawing.on(sheet, axis))));
            }
        }
        Self { key, note, drawing, drawn }
    }

    /// Puts it on the page.
    pub(super) fn write(&self, page: &mut Markup) {
        let frame = self.drawing.frame();
        page.raw("<figure class=\"chart\" data-key=\"").text(self.key).raw("\">\n");
        page.raw("<figcaption><h3>").text(&frame.title).raw("</h3>");
        page.within("<p>", &frame.subtitle, "</p></figcaption>\n");
        self.tools(page);
        page.raw("<div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"");
        page.text(&frame.title);
        page.raw(": values by month, left and right arrow keys\">");
        for (open, drawn) in &self.drawn {
            page.raw(open).chart(drawn);
            page.raw("<i class=\"rule\" data-from=\"").number(drawn.across.0, 5);
            page.raw("\" data-to=\"").number(drawn.across.1, 5);
            page.raw("\" style=\"top:").number(100.0 * drawn.down.0, 3);
            page.raw("%;height:").number(100.0 * (drawn.down.1 - drawn.down.0), 3);
            page.raw("%\"></i></div>\n");
        }
        page.raw("<div class=\"values\" role=\"status\" hidden></div></div>\n");
        page.within("<p class=\"caption\">", self.note, "</p>\n");
        self.numbers(page);
        page.raw("</figure>\n");
    }

    fn tools(&self, page: &mut Markup) {
        page.raw(
            "<div class=\"tools\" role=\"group\" aria-label=\"Show in this chart\">",
        );
        if let Drawing::Fan(fan) = self.drawing {
            for band in ["98", "90", "80", "50"] {
                page.raw("<button type=\"button\" aria-pressed=\"true\" data-part=\"");
                page.text(band).raw("\">").text(band).raw(" % band</button>");
            }
            if !fan.sample_paths.is_empty() {
                page.raw(
                    "<button type=\"button\" aria-pressed=\"true\" \
                     data-part=\"paths\">single paths</button>",
                );
            }
        }
        if self.drawing.other_axis().is_some() {
            let is_log = self.drawn.first().is_some_and(|(_, drawn)| drawn.is_log);
            page.raw(if is_log {
                "<button type=\"button\" aria-pressed=\"true\" data-axis=\"log\">\
                 log axis</button>"
            } else {
                "<button type=\"button\" aria-pressed=\"false\" data-axis=\"linear\">\
                 log axis</button>"
            });
        }
        page.raw("</div>\n");
    }

    /// The table under the chart, a row a year, and every month for the script.
    fn numbers(&self, page: &mut Markup) {
        let frame = self.drawing.frame();
        let columns = self.columns();
        let months = columns.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        page.raw("<details><summary>Numbers of this chart</summary>");
        page.raw(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Numbers\">",
        );
        page.raw("<table><caption>");
        page.text(&frame.title).raw("</caption><thead><tr><th scope=\"col\">Month</th>");
        for (name, _) in &columns {
            page.within("<th scope=\"col\">", name, "</th>");
        }
        page.raw("</tr></thead><tbody>");
        for month in (0..months).filter(|m| m % 12 == 0 || m + 1 == months) {
            let name = month_name(frame.start, month);
            page.within("<tr><th scope=\"row\">", &name, "</th>");
            for (_, values) in &columns {
                page.within(
                    "<td>",
                    values.get(month).map_or("", String::as_str),
                    "</td>",
                );
            }
            page.raw("</tr>");
        }
        page.raw("</tbody></table></div></details>\n");
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<&[String]> =
            columns.iter().map(|(_, values)| values.as_slice()).collect();
        page.raw("<script type=\"application/json\" class=\"data\">");
        page.json(&json!({ "names": names, "values": values }));
        page.raw("</script>\n");
    }

    /// What is shown month by month: names and values as words.
    fn columns(&self) -> Vec<(String, Vec<String>)> {
        let unit = &self.drawing.frame().unit;
        match self.drawing {
            Drawing::Fan(fan) => LEVELS
                .iter()
                .enumerate()
                .map(|(place, name)| {
                    let value = |q: &[f64; 9]| unit.value(q[8 - place], 3);
                    ((*name).to_owned(), fan.quantiles.iter().map(value).collect())
                })
                .collect(),
            Drawing::Comparison(comparison) => comparison
                .series
                .iter()
                .map(|series| {
                    let value = |q: &[f64; 9]| {
                        let [low, middle, high] = [2, 4, 6].map(|i| unit.value(q[i], 3));
                        if low == high {
                            middle
                        } else {
                            format!("{middle} ({low} to {high})")
                        }
                    };
                    (series.name.clone(), series.quantiles.iter().map(value).collect())
                })
                .collect(),
        }
    }
}
