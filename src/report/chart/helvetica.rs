//! Helvetica as every PDF reader has it: which letters there are, and how wide.
//!
//! A PDF that names one of the standard fonts carries none, and its text can be searched
//! and copied. Letters are those of Windows' Latin code page; a few signs come from
//! Symbol, small raised digits are digits set smaller. What neither font has is shown as
//! a question mark: a plan titled in another script is legible in SVG and PNG only.
//!
//! **Source** widths: Adobe (1997), Adobe Font Metrics of the PDF core 14 fonts, version
//! 3.1, `WX` of Helvetica, Helvetica-Bold and Symbol. Encoding: ISO 32000-1:2008, annex D.
//! Read next: `pdf.rs`.

/// Size of a raised digit, relative to its line.
const RAISED_SIZE: f64 = 0.62;
/// How far it is raised, relative to its line.
pub(super) const RISE: f64 = 0.33;

/// A font that no PDF has to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    Regular,
    Bold,
    Symbol,
}

/// A piece of a line in one font and at one height.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub(super) font: Font,
    /// Codes of the font's encoding.
    pub(super) codes: Vec<u8>,
    /// Relative to the line's size.
    pub(super) size: f64,
}

impl Run {
    /// True for digits above the line.
    pub(super) fn is_raised(&self) -> bool {
        self.size < 1.0
    }

    /// The width at a size of 1.
    fn width(&self) -> f64 {
        let wide = self.codes.iter().map(|code| f64::from(self.font.width(*code)));
        wide.sum::<f64>() / 1000.0 * self.size
    }
}

impl Font {
    /// Thousandths of the size.
    fn width(self, code: u8) -> u16 {
        let table = match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
            Self::Symbol => {
                return if matches!(code, UP | DOWN) { 603 } else { 549 };
            }
        };
        let place = usize::from(code).checked_sub(FIRST);
        place.and_then(|place| table.get(place)).copied().unwrap_or(0)
    }
}

/// The runs of a line of text.
pub(super) fn runs(text: &str, bold: bool) -> Vec<Run> {
    let letters = if bold { Font::Bold } else { Font::Regular };
    let mut runs: Vec<Run> = Vec::new();
    for c in text.chars() {
        let (font, code, size) = glyph(c, letters);
        match runs.last_mut() {
            Some(run) if run.font == font && run.size.to_bits() == size.to_bits() => {
                run.codes.push(code);
            }
            _ => runs.push(Run { font, codes: vec![code], size }),
        }
    }
    runs
}

/// The width of a line at a size of 1.
pub(super) fn width(runs: &[Run]) -> f64 {
    runs.iter().map(Run::width).sum()
}

fn glyph(c: char, letters: Font) -> (Font, u8, f64) {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = (b'0'..=b'9').zip(RAISED).find(|(_, raised)| *raised == c);
    if let Some((digit, _)) = digit {
        return (letters, digit, RAISED_SIZE);
    }
    match c {
        '⁻' => (letters, b'-', RAISED_SIZE),
        '↑' => (Font::Symbol, UP, 1.0),
        '↓' => (Font::Symbol, DOWN, 1.0),
        '≤' => (Font::Symbol, 0xA3, 1.0),
        '≥' => (Font::Symbol, 0xB3, 1.0),
        '−' => (letters, 0x96, 1.0),
        '\u{2009}' | '\u{202f}' => (letters, b' ', 1.0),
        c => (letters, code(c).unwrap_or(b'?'), 1.0),
    }
}

/// The place of a letter in the code page; nothing where it is not in it.
fn code(c: char) -> Option<u8> {
    let number = u8::try_from(u32::from(c)).ok();
    if let Some(number) = number.filter(|n| matches!(n, 0x20..=0x7E | 0xA0..=0xFF)) {
        return Some(number);
    }
    let place = HIGH.iter().position(|high| *high == c && c != '\u{0}')?;
    u8::try_from(0x80 + place).ok()
}

const UP: u8 = 0xAD;
const DOWN: u8 = 0xAF;
/// The first code of the tables of widths.
const FIRST: usize = 0x20;

/// What the code page has from 0x80 to 0x9F; nothing at five places.
const HIGH: [char; 32] = [
    '€', '\u{0}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{0}', 'Ž',
    '\u{0}', '\u{0}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ',
    '\u{0}', 'ž', 'Ÿ',
];

/// Widths of Helvetica, 16 codes a row.
#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350,
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 578, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// Widths of Helvetica-Bold, likewise.
#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 350,
    556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, bold: bool) -> f64 {
        (1000.0 * width(&runs(text, bold))).round()
    }

    #[test]
    fn widths_are_the_published_ones() {
        // Helvetica.afm: H 722, a 556, m 833, space 278; Helvetica-Bold.afm: H 722, a 556,
        // m 889; endash 556 in both, ellipsis 1000, percent 889.
        assert!((wide("Ham ", false) - 2389.0).abs() < 0.5);
        assert!((wide("Ham ", true) - 2445.0).abs() < 0.5);
        assert!((wide("–…%", false) - 2445.0).abs() < 0.5);
        assert!(wide("", false).abs() < 0.5);
    }

    #[test]
    fn letters_have_the_codes_of_the_page_and_others_a_question_mark() {
        let codes = |text: &str| -> Vec<u8> {
            runs(text, false).into_iter().flat_map(|run| run.codes).collect()
        };
        assert_eq!(codes("Aé€…·"), [0x41, 0xE9, 0x80, 0x85, 0xB7]);
        assert_eq!(codes("漢\u{7}\u{0}\u{81}"), [b'?'; 4]);
        let raised = runs("10⁶ ↑", false);
        assert_eq!(raised.len(), 4);
        assert!(raised[1].is_raised() && raised[1].codes == [b'6']);
        assert_eq!((raised[3].font, raised[3].codes[0]), (Font::Symbol, UP));
    }
}
