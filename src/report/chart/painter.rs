//! From SVG to PNG, with the fonts in the binary and no others.
//!
//! A painter holds the fonts, so that many charts read them once. The PNG does not
//! depend on what is installed: no font of the system is read.
//! Read next: `canvas.rs`, which measures text with the same fonts.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
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
    Png(#[from] png::EncodingError),
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

    /// The SVG as a PNG of 1600 pixels across.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, ChartError> {
        let tree = Tree::from_str(svg, &self.options)?;
        let size = tree.size().to_int_size();
        let size = size.scale_to_width(WIDTH).unwrap_or(size);
        let (width, height) = (size.width(), size.height());
        let fits = height <= MOST_HEIGHT;
        let held = fits.then(|| Pixmap::new(width, height)).flatten();
        let mut picture = held.ok_or(ChartError::Size { width, height })?;
        // Paper under everything: without it a chart is unreadable on a dark page, and
        // with it no pixel is transparent.
        picture.fill(Color::WHITE);
        let scale = size.to_size().width() / tree.size().width();
        let scale = Transform::from_scale(scale, scale);
        resvg::render(&tree, scale, &mut picture.as_mut());
        encode(&picture)
    }
}

/// A PNG without transparency. Rows are not filtered: flat areas and repeated rows are
/// found by the compression itself, which makes the file a quarter smaller and is
/// written in half the time of adaptive filters (measured on the charts of this room).
fn encode(picture: &Pixmap) -> Result<Vec<u8>, ChartError> {
    let opaque: Vec<u8> = picture
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&opaque)?;
    writer.finish()?;
    Ok(bytes)
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_painter_gives_a_png_of_the_promised_width() {
        let svg = "<svg width=\"120\" height=\"70\" xmlns=\"http://www.w3.org/2000/svg\">\
                   <text x=\"9\" y=\"40\">text</text></svg>";
        let bytes = Painter::new().png(svg).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        assert_eq!(reader.info().size(), (1600, 934));
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        let painter = Painter::new();
        assert!(matches!(painter.png("no svg"), Err(ChartError::Svg(_))));
        let tall =
            "<svg width=\"1\" height=\"90000\" xmlns=\"http://www.w3.org/2000/svg\"/>";
        assert!(matches!(painter.png(tall), Err(ChartError::Size { .. })));
    }

    #[test]
    fn one_painter_serves_many_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Painter>();
    }
}
