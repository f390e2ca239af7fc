//! From SVG to PNG, with the fonts in the binary and no others.
//!
//! A painter holds the fonts, so that many charts read them once. The PNG is the same
//! on every machine: no font of the system is read, and drawing runs on the processor.
//! Read next: `canvas.rs`, which measures text with the same fonts.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Pixels across a PNG: a chart of 1200 at four thirds, sharp on a screen and in print.
const WIDTH: u32 = 1600;
/// Pixels down a PNG at most, for an SVG that is not one of ours.
const MOST_HEIGHT: u32 = 16_000;

/// Why a picture could not be painted.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The text is no SVG.
    #[error("the text is not a valid SVG")]
    Svg(#[from] resvg::usvg::Error),
    /// The picture is too small or too large to hold.
    #[error("a picture of {width} × {height} pixels cannot be held in memory")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The PNG could not be written.
    #[error("the PNG could not be encoded")]
    Png(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Paints SVG as PNG.
#[derive(Debug)]
pub struct Painter {
    options: Options<'static>,
}

impl Painter {
    /// A painter with the embedded fonts.
    pub fn new() -> Self {
        let mut fonts = fontdb::Database::new();
        for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
            fonts.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        fonts.set_sans_serif_family("DejaVu Sans");
        let options = Options {
            fontdb: Arc::new(fonts),
            font_family: "DejaVu Sans".to_owned(),
            ..Options::default()
        };
        Self { options }
    }

    /// SCRATCH
    pub fn options(&self) -> &Options<'static> {
        &self.options
    }
    /// The SVG as a PNG of 1600 pixels across.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, ChartError> {
        let tree = Tree::from_str(svg, &self.options)?;
        let size = tree.size().to_int_size();
        let size = size.scale_to_width(WIDTH).unwrap_or(size);
        let (width, height) = (size.width(), size.height());
        let fits = height <= MOST_HEIGHT;
        let held = fits.then(|| Pixmap::new(width, height)).flatten();
        let mut picture = held.ok_or(ChartError::Size { width, height })?;
        let scale = Transform::from_scale(
            width as f32 / tree.size().width(),
            height as f32 / tree.size().height(),
        );
        resvg::render(&tree, scale, &mut picture.as_mut());
        picture.encode_png().map_err(|error| ChartError::Png(error.into()))
    }
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}
