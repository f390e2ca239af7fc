//! A sheet to draw on, in pixels with tenths, that becomes an SVG or a PDF.
//!
//! plotters keeps coordinates as whole numbers, so everything is drawn ten times too
//! large and the view box scales it back; a slow curve then has no stairs. Text is
//! measured with the font of the `dejavu` crate, which is the font the PNG is drawn
//! with, so that a label that fits here fits everywhere. Read next: `plot.rs`.

use std::sync::LazyLock;

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, register_font};

use super::hue::PAPER;
use super::pdf::Page;
use super::sheet::Sheet;
use super::surface::Surface;

/// Units of the drawing per pixel.
const FINE: f64 = 10.0;

/// What a viewer without the first font falls back to; all are of about its width.
const FAMILY: &str = "DejaVu Sans, Verdana, Bitstream Vera Sans, sans-serif";
/// plotters takes the height of a font as 1.24 times its size, and writes that size.
pub(super) const HEIGHT_PER_SIZE: f64 = 1.24;
/// Ascent plus descent per size of the embedded font, the height plotters measures by.
const MEASURED_PER_SIZE: f64 = 1.164;

static FONTS: LazyLock<()> = LazyLock::new(|| {
    let fonts = [
        (FontStyle::Normal, dejavu::sans::regular()),
        (FontStyle::Bold, dejavu::sans::bold()),
    ];
    for (style, bytes) in fonts {
        let registered = register_font(FAMILY, style, bytes).is_ok();
        debug_assert!(registered, "bug: the embedded font is a font");
    }
});

/// A point, x to the right and y down.
pub(super) type Point = (f64, f64);

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: RGBColor,
}

impl Type {
    pub(super) const fn new(size: f64, colour: RGBColor) -> Self {
        Self { size, bold: false, colour }
    }

    pub(super) const fn bold(size: f64, colour: RGBColor) -> Self {
        Self { size, bold: true, colour }
    }

    fn style(self) -> FontStyle {
        if self.bold { FontStyle::Bold } else { FontStyle::Normal }
    }

    /// The width of a line of text.
    pub(super) fn width(self, text: &str) -> f64 {
        LazyLock::force(&FONTS);
        let size = self.size * FINE * MEASURED_PER_SIZE;
        let font = FontDesc::new(FontFamily::Name(FAMILY), size, self.style());
        font.box_size(text).map_or(0.0, |(width, _)| f64::from(width) / FINE)
    }

    /// The text broken into lines no wider than `width`, at most `most` of them; what
    /// does not fit ends in an ellipsis.
    pub(super) fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            let full = lines.len() >= most;
            match (longer, lines.last_mut()) {
                (Some(longer), Some(line)) if self.width(&longer) <= width => {
                    *line = longer;
                }
                (Some(longer), Some(line)) if full => {
                    *line = self.cut(&format!("{longer} …"), width);
                    break;
                }
                _ => lines.push(self.cut(word, width)),
            }
        }
        lines
    }

    /// The text, or as much of it as fits and an ellipsis.
    pub(super) fn cut(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        let shorter = |n: usize| letters[..n].iter().collect::<String>() + "…";
        let (mut fits, mut too_long) = (0, letters.len());
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            if self.width(&shorter(middle)) <= width {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        shorter(fits)
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) width: f64,
    pub(super) colour: RGBColor,
    pub(super) opacity: f64,
}

impl Pen {
    pub(super) const fn new(width: f64, colour: RGBColor) -> Self {
        Self { width, colour, opacity: 1.0 }
    }
}

/// Where a text lies about its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    /// The text begins there.
    Left,
    /// Half of the text is on each side.
    Center,
    /// The text ends there.
    Right,
}

/// The sheet.
pub(super) struct Canvas<'a> {
    pub(super) sheet: Sheet,
    surface: Surface<'a>,
}

/// The SVG that `paint` draws; `title` and `description` are its text for people who do
/// not see it.
pub(super) fn picture(
    sheet: Sheet,
    title: &str,
    description: &str,
    paint: impl FnOnce(&mut Canvas<'_>),
) -> String {
    let mut drawn = String::new();
    let (width, height) = (sheet.width(), sheet.height());
    let size = (fine(width).unsigned_abs(), fine(height).unsigned_abs());
    let surface = Surface::Svg(SVGBackend::with_string(&mut drawn, size));
    let mut canvas = Canvas { sheet, surface };
    if !sheet.is_bare() {
        canvas.block((0.0, 0.0), (width, height), PAPER, 1.0);
    }
    paint(&mut canvas);
    drawn_in_memory(&canvas.surface.present());
    drop(canvas);

    // plotters sizes the image in its own units and puts every text on a line of its own,
    // where the line break would become part of what is copied.
    let body = drawn.split_once('>').map_or("", |(_, body)| body);
    let body = texts_on_one_line(body)
        .replace(" opacity=\"1\"", "")
        // The opacity of a whole element would make the painter open a layer for it.
        .replace("fill=\"none\" opacity=", "fill=\"none\" stroke-opacity=")
        .replace("<polygon opacity=", "<polygon fill-opacity=");
    let (title, description) = (escaped(title), escaped(description));
    if sheet.is_bare() {
        // Within a page: its style sets the size, and a title would pop up over what the
        // page shows at the pointer.
        let body = body.replace(&format!(" font-family=\"{FAMILY}\""), "");
        return format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" \
             stroke-linejoin=\"round\">\n{}",
            size.0,
            size.1,
            description.replace('"', "&quot;"),
            body.trim_start(),
        );
    }
    format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         stroke-linejoin=\"round\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title>{title}</title>\n<desc>{description}</desc>{body}",
        size.0, size.1,
    )
}

/// The same as the one page of a PDF; its text is set in the reader's Helvetica, which is
/// about a tenth narrower than what it was measured with.
pub(super) fn document(
    title: &str,
    description: &str,
    paint: impl FnOnce(&mut Canvas<'_>),
) -> Vec<u8> {
    let sheet = Sheet::File;
    let size = [sheet.width(), sheet.height()].map(|side| fine(side).unsigned_abs());
    let page = Box::new(Page::new((size[0], size[1]), FINE));
    let mut canvas = Canvas { sheet, surface: Surface::Pdf(page) };
    paint(&mut canvas);
    match canvas.surface {
        Surface::Pdf(page) => page.file(&printable(title), &printable(description)),
        Surface::Svg(_) => Vec::new(),
    }
}

impl Canvas<'_> {
    /// A rectangle between two corners.
    pub(super) fn block(
        &mut self,
        from: Point,
        to: Point,
        colour: RGBColor,
        opacity: f64,
    ) {
        let style = colour.mix(opacity).filled();
        drawn_in_memory(&self.surface.draw_rect(at(from), at(to), &style, true));
    }

    /// A filled shape.
    pub(super) fn area(&mut self, points: &[Point], colour: RGBColor, opacity: f64) {
        if points.len() < 3 {
            return;
        }
        let style = colour.mix(opacity).filled();
        let points = points.iter().copied().map(at);
        drawn_in_memory(&self.surface.fill_polygon(points, &style));
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: &[Point], pen: Pen) {
        if points.len() < 2 {
            return;
        }
        let width = fine(pen.width).unsigned_abs();
        let style = pen.colour.mix(pen.opacity).stroke_width(width);
        let points = points.iter().copied().map(at);
        drawn_in_memory(&self.surface.draw_path(points, &style));
    }

    /// A dashed line from left to right.
    pub(super) fn dashes(&mut self, from: f64, to: f64, y: f64, pen: Pen) {
        const DASH: f64 = 8.0;
        const GAP: f64 = 5.0;
        let mut x = from;
        while x < to {
            self.line(&[(x, y), ((x + DASH).min(to), y)], pen);
            x += DASH + GAP;
        }
    }

    /// A filled dot; `rim` is the colour of its edge.
    pub(super) fn dot(
        &mut self,
        centre: Point,
        radius: f64,
        fill: RGBColor,
        rim: RGBColor,
    ) {
        for (radius, colour) in [(radius + 1.6, rim), (radius, fill)] {
            let radius = fine(radius).unsigned_abs();
            let style = colour.filled();
            let drawn = self.surface.draw_circle(at(centre), radius, &style, true);
            drawn_in_memory(&drawn);
        }
    }

    /// A line of text, centred in height on its point.
    pub(super) fn text(&mut self, text: &str, point: Point, side: Side, set: Type) {
        let size = set.size * FINE * HEIGHT_PER_SIZE;
        let anchor = match side {
            Side::Left => HPos::Left,
            Side::Center => HPos::Center,
            Side::Right => HPos::Right,
        };
        let style = FontDesc::new(FontFamily::Name(FAMILY), size, set.style())
            .color(&set.colour)
            .pos(Pos::new(anchor, VPos::Center));
        drawn_in_memory(&self.surface.draw_text(&printable(text), &style, at(point)));
    }
}

fn texts_on_one_line(svg: &str) -> String {
    let mut joined = String::with_capacity(svg.len());
    let mut inside = false;
    for line in svg.lines() {
        joined.push_str(line);
        inside = (inside || line.starts_with("<text ")) && line != "</text>";
        if !inside {
            joined.push('\n');
        }
    }
    joined
}

/// Drawing into a string has no way to fail; a change of that is ours to notice.
fn drawn_in_memory<E>(drawn: &Result<(), E>) {
    debug_assert!(drawn.is_ok(), "bug: drawing into memory failed");
}

fn at((x, y): Point) -> (i32, i32) {
    (fine(x), fine(y))
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to far less than an i32")]
fn fine(pixels: f64) -> i32 {
    (pixels * FINE).round().clamp(-1e6, 1e6) as i32
}

/// The text without characters that XML cannot hold.
fn printable(text: &str) -> String {
    let forbidden = |c: &char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if forbidden(&c) { ' ' } else { c }).collect()
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::hue::INK;

    const PLAIN: Type = Type::new(13.0, INK);

    #[test]
    fn text_is_as_wide_as_the_font_says() {
        // Ten letters n of DejaVu Sans advance 1298 of 2048 units each.
        let expected = 10.0 * 13.0 * 1298.0 / 2048.0;
        assert!((PLAIN.width("nnnnnnnnnn") - expected).abs() < 0.5);
        assert!(Type::bold(13.0, INK).width("nnnnnnnnnn") > expected);
        assert!(PLAIN.width("").abs() < 1e-12);
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "Bands hold 50 %, 80 % and 90 % of 20,000 paths at each month.";
        let lines = PLAIN.wrap(text, 150.0, 9);
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|line| PLAIN.width(line) <= 150.0));
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn text_that_does_not_fit_ends_in_an_ellipsis() {
        let lines = PLAIN.wrap("one two three four five six seven", 90.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'));
        assert!(PLAIN.width(&PLAIN.cut(&"w".repeat(500), 90.0)) <= 90.0);
    }

    #[test]
    fn markup_and_control_characters_in_a_text_stay_text() {
        let svg = picture(Sheet::File, "a < b & c", "bell \u{7}", |canvas| {
            canvas.text("<b>\u{0}&", (10.0, 10.0), Side::Left, PLAIN);
        });
        assert!(svg.contains("<title>a &lt; b &amp; c</title>"));
        assert!(svg.contains("&lt;b&gt; &amp;</text>"));
        assert!(!svg.contains('\u{0}') && !svg.contains('\u{7}'));
    }
}
