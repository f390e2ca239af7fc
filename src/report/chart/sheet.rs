//! What a chart is drawn on: a file of its own, a page, or a phone.
//!
//! Text has the same size in pixels on all three, so each is drawn anew and none is
//! scaled down until it cannot be read. On a page the words around the plot are the
//! page's: there a reader can select them and they break as the page does. Read next:
//! `canvas.rs`, `plot.rs`.

use super::scale::{Axis, Scale};

/// What a chart is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sheet {
    /// A file, with title, subtitle and caption.
    #[default]
    File,
    /// A page about 1,000 pixels wide; the plot alone.
    Page,
    /// A phone; the plot alone.
    Phone,
}

impl Sheet {
    /// Width in pixels.
    pub(super) const fn width(self) -> f64 {
        match self {
            Self::File => 1200.0,
            Self::Page => 1000.0,
            Self::Phone => 380.0,
        }
    }

    /// Height in pixels.
    pub(super) const fn height(self) -> f64 {
        match self {
            Self::File => 700.0,
            Self::Page => 430.0,
            Self::Phone => 340.0,
        }
    }

    /// Space at the left and right edge.
    pub(super) const fn margin(self) -> f64 {
        match self {
            Self::File => 34.0,
            Self::Page => 6.0,
            Self::Phone => 2.0,
        }
    }

    /// True where title, subtitle and caption are somebody else's.
    pub(super) const fn is_bare(self) -> bool {
        !matches!(self, Self::File)
    }
}

/// A chart on a sheet, and where its values lie.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawn {
    /// The picture.
    pub svg: String,
    /// Left and right end of the months, as shares of the width.
    pub across: (f64, f64),
    /// Top and bottom of the plot, as shares of the height.
    pub down: (f64, f64),
    /// True where equal heights are equal ratios.
    pub is_log: bool,
}

/// The other axis a reader may ask for; nothing where a logarithm says nothing.
pub(super) fn other_axis(scale: &Scale, share: bool) -> Option<Axis> {
    match (scale.log, share || !scale.positive) {
        (true, _) => Some(Axis::Zero),
        (false, false) => Some(Axis::Log),
        (false, true) => None,
    }
}
