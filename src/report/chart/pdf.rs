//! A page of a PDF to draw on: vectors, text that stays text, and no font carried along.
//!
//! What plotters asks to be drawn becomes the operators of a page, in the coordinates
//! that the SVG has, so that both show the same chart. There is no date and no random
//! number in the file: the same chart gives the same bytes. Read next: `helvetica.rs` for
//! its letters, `canvas.rs` for what is drawn.

use std::collections::BTreeSet;
use std::io;

use pdf_writer::types::LineJoinStyle;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend,
    DrawingErrorKind, FontStyle,
};

use super::helvetica::{Font, RISE, runs, width};

/// Points of a page per pixel of a sheet, which are 1/72 and 1/96 of an inch.
const POINTS: f64 = 0.75;
/// Half of the height of a small letter, per size: as far a line's middle is above its
/// foot. **Source** `XHeight` 523 of Helvetica's metrics, see `helvetica.rs`.
const MIDDLE: f64 = 0.2615;
/// Handles of a quarter of a circle, as a share of its radius.
const HANDLE: f32 = 0.552_285;
/// zlib's own choice between small and soon.
const EFFORT: u8 = 6;

type Done = Result<(), DrawingErrorKind<io::Error>>;

/// What the operators so far have set; asked for once more, it is not said again.
#[derive(Debug, Default, PartialEq)]
struct Ink {
    fill: Option<(u8, u8, u8)>,
    stroke: Option<(u8, u8, u8)>,
    width: Option<u32>,
    /// Thousandths.
    alpha: Option<u16>,
}

/// A page.
pub(super) struct Page {
    /// Units across and down.
    size: (u32, u32),
    /// Units per pixel.
    fine: f64,
    content: Content,
    ink: Ink,
    alphas: BTreeSet<u16>,
}

impl Page {
    /// A page of so many units, `fine` of them a pixel.
    pub(super) fn new(size: (u32, u32), fine: f64) -> Self {
        let mut page = Self {
            size,
            fine,
            content: Content::new(),
            ink: Ink::default(),
            alphas: BTreeSet::new(),
        };
        // Down is down, as on a screen.
        let (_, height) = page.points();
        let scale = narrow(POINTS / fine);
        page.content.transform([scale, 0.0, 0.0, -scale, 0.0, height]);
        page.content.set_line_join(LineJoinStyle::RoundJoin);
        page
    }

    fn points(&self) -> (f32, f32) {
        let points = |units: u32| narrow(f64::from(units) * POINTS / self.fine);
        (points(self.size.0), points(self.size.1))
    }

    /// The file; title and description are for people who do not see the page.
    pub(super) fn file(self, title: &str, description: &str) -> Vec<u8> {
        let [catalog, pages, page, content, info, regular, bold, symbol] =
            [1, 2, 3, 4, 5, 6, 7, 8].map(Ref::new);
        let (width, height) = self.points();
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(pages).lang(TextStr("en"));
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        pdf.pages(pages).kids([page]).count(1);
        let mut sheet = pdf.page(page);
        sheet.parent(pages).contents(content);
        sheet.media_box(Rect::new(0.0, 0.0, width, height));
        let mut resources = sheet.resources();
        let fonts = [
            (Font::Regular, regular, &b"Helvetica"[..]),
            (Font::Bold, bold, b"Helvetica-Bold"),
            (Font::Symbol, symbol, b"Symbol"),
        ];
        let mut named = resources.fonts();
        for (font, at, _) in fonts {
            named.pair(name_of(font), at);
        }
        named.finish();
        let mut states = resources.ext_g_states();
        for alpha in &self.alphas {
            let share = narrow(f64::from(*alpha) / 1000.0);
            let name = format!("A{alpha}");
            let mut state = states
                .insert(Name(name.as_bytes()))
                .start::<pdf_writer::writers::ExtGraphicsState<'_>>();
            state.non_stroking_alpha(share).stroking_alpha(share);
        }
        states.finish();
        resources.finish();
        sheet.finish();
        for (font, at, name) in fonts {
            let mut written = pdf.type1_font(at);
            written.base_font(Name(name));
            if font != Font::Symbol {
                written.encoding_predefined(Name(b"WinAnsiEncoding"));
            }
        }
        let drawn = self.content.finish();
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&drawn, EFFORT);
        pdf.stream(content, &packed).filter(Filter::FlateDecode);
        pdf.document_info(info)
            .title(TextStr(title))
            .subject(TextStr(description))
            .creator(TextStr("rackcast"));
        pdf.finish()
    }

    fn opacity(&mut self, colour: BackendColor) {
        let alpha = thousandths(colour.alpha);
        if self.ink.alpha != Some(alpha) {
            self.alphas.insert(alpha);
            self.content.set_parameters(Name(format!("A{alpha}").as_bytes()));
            self.ink.alpha = Some(alpha);
        }
    }

    fn fill(&mut self, colour: BackendColor) {
        self.opacity(colour);
        if self.ink.fill != Some(colour.rgb) {
            let [r, g, b] = shares(colour.rgb);
            self.content.set_fill_rgb(r, g, b);
            self.ink.fill = Some(colour.rgb);
        }
    }

    fn stroke(&mut self, style: &impl BackendStyle) {
        let (colour, width) = (style.color(), style.stroke_width());
        self.opacity(colour);
        if self.ink.stroke != Some(colour.rgb) {
            let [r, g, b] = shares(colour.rgb);
            self.content.set_stroke_rgb(r, g, b);
            self.ink.stroke = Some(colour.rgb);
        }
        if self.ink.width != Some(width) {
            self.content.set_line_width(narrow(f64::from(width)));
            self.ink.width = Some(width);
        }
    }

    /// Lays a path; false where it has fewer than two points.
    fn lay(&mut self, points: impl IntoIterator<Item = BackendCoord>) -> bool {
        let mut laid = 0_usize;
        for (x, y) in points {
            let (x, y) = (whole(x), whole(y));
            if laid == 0 {
                self.content.move_to(x, y);
            } else {
                self.content.line_to(x, y);
            }
            laid += 1;
        }
        if laid == 1 {
            self.content.end_path();
        }
        laid > 1
    }
}

impl DrawingBackend for Page {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Done {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if fill {
            return self.fill_polygon(corners, style);
        }
        self.stroke(style);
        if self.lay(corners) {
            self.content.close_and_stroke();
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        self.stroke(style);
        if self.lay(path) {
            self.content.stroke();
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        if fill {
            self.fill(style.color());
        } else {
            self.stroke(style);
        }
        let (x, y, r) = (whole(x), whole(y), narrow(f64::from(radius)));
        let h = HANDLE * r;
        let content = &mut self.content;
        content
            .move_to(x + r, y)
            .cubic_to(x + r, y + h, x + h, y + r, x, y + r)
            .cubic_to(x - h, y + r, x - r, y + h, x - r, y)
            .cubic_to(x - r, y - h, x - h, y - r, x, y - r)
            .cubic_to(x + h, y - r, x + r, y - h, x + r, y)
            .close_path();
        if fill {
            content.fill_nonzero();
        } else {
            content.stroke();
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Done {
        self.fill(style.color());
        if self.lay(corners) {
            self.content.close_path().fill_nonzero();
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        (x, y): BackendCoord,
    ) -> Done {
        // plotters takes the height of a font as 1.24 times its size.
        let size = style.size() / super::canvas::HEIGHT_PER_SIZE;
        let runs = runs(text, matches!(style.style(), FontStyle::Bold));
        let anchor = style.anchor();
        let left = f64::from(x)
            - match anchor.h_pos {
                HPos::Left => 0.0,
                HPos::Center => 0.5 * size * width(&runs),
                HPos::Right => size * width(&runs),
            };
        let foot = f64::from(y)
            + match anchor.v_pos {
                VPos::Top => 3.0 * MIDDLE * size,
                VPos::Center => MIDDLE * size,
                VPos::Bottom => 0.0,
            };
        self.fill(style.color());
        let content = &mut self.content;
        content.begin_text();
        // Letters stand upright on a page that is turned upside down.
        content.set_text_matrix([1.0, 0.0, 0.0, -1.0, tenths(left), tenths(foot)]);
        let mut raised = false;
        for run in &runs {
            if raised != run.is_raised() {
                raised = run.is_raised();
                let rise = if raised { RISE * size } else { 0.0 };
                content.set_rise(tenths(rise));
            }
            content.set_font(name_of(run.font), tenths(size * run.size));
            content.show(Str(&run.codes));
        }
        if raised {
            // The rise outlives the text.
            content.set_rise(0.0);
        }
        content.end_text();
        Ok(())
    }
}

fn name_of(font: Font) -> Name<'static> {
    match font {
        Font::Regular => Name(b"R"),
        Font::Bold => Name(b"B"),
        Font::Symbol => Name(b"S"),
    }
}

fn shares((r, g, b): (u8, u8, u8)) -> [f32; 3] {
    [r, g, b].map(|part| narrow((f64::from(part) / 255.0 * 1e4).round() / 1e4))
}

/// A tenth of a unit is a hundredth of a pixel.
fn tenths(units: f64) -> f32 {
    narrow((units * 10.0).round() / 10.0)
}

fn whole(units: i32) -> f32 {
    narrow(f64::from(units))
}

#[expect(clippy::cast_possible_truncation, reason = "a PDF has no longer numbers")]
fn narrow(x: f64) -> f32 {
    x as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 1000"
)]
fn thousandths(share: f64) -> u16 {
    (share * 1000.0).round().clamp(0.0, 1000.0) as u16
}
