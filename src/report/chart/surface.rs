//! What a canvas draws on: an SVG, or a page of a PDF.
//!
//! plotters' backends are told apart when the program is built, a canvas when it runs: one
//! of either, so that the charts are drawn by the same code. Read next: `canvas.rs`.

use std::io;

use plotters::backend::SVGBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend,
    DrawingErrorKind,
};

use super::pdf::Page;

type Done = Result<(), DrawingErrorKind<io::Error>>;

/// One of the two.
pub(super) enum Surface<'a> {
    Svg(SVGBackend<'a>),
    Pdf(Box<Page>),
}

/// Hands a call to the one there is.
macro_rules! either {
    ($self:ident, $on:ident => $call:expr) => {
        match $self {
            Self::Svg($on) => $call,
            Self::Pdf($on) => $call,
        }
    };
}

impl DrawingBackend for Surface<'_> {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        either!(self, on => on.get_size())
    }

    fn ensure_prepared(&mut self) -> Done {
        either!(self, on => on.ensure_prepared())
    }

    fn present(&mut self) -> Done {
        either!(self, on => on.present())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Done {
        either!(self, on => on.draw_pixel(point, colour))
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Done {
        either!(self, on => on.draw_line(from, to, style))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        either!(self, on => on.draw_rect(from, to, style, fill))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        either!(self, on => on.draw_path(path, style))
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        either!(self, on => on.draw_circle(centre, radius, style, fill))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Done {
        either!(self, on => on.fill_polygon(corners, style))
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        point: BackendCoord,
    ) -> Done {
        either!(self, on => on.draw_text(text, style, point))
    }
}
