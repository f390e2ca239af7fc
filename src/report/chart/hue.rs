//! Colours that stay apart in greyscale and for colour-blind readers.
//!
//! The hues are those of Okabe and Ito (2008), *Color Universal Design*. A fan uses one
//! hue in four tints; the tints are found by their luminance, not by eye, so that the
//! contrast between neighbours is the same for every hue. Read next: `fan.rs`.

use plotters::style::RGBColor;

/// Text that matters.
pub(super) const INK: RGBColor = RGBColor(17, 24, 39);
/// Text and lines that explain.
pub(super) const GREY: RGBColor = RGBColor(91, 98, 112);
/// Lines that tie a label to its curve.
pub(super) const LEADER: RGBColor = RGBColor(190, 195, 204);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(229, 231, 235);
/// The paper.
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);

/// Relative luminance of the tints, lightest first: each step, and the first one from
/// white, is a contrast of about 1.25:1 or more (1.2:1 is the least one can read).
const TINTS: [f64; 4] = [0.80, 0.60, 0.435, 0.30];
/// Luminance at which text on white has a contrast of 6:1.
const TEXT: f64 = 0.125;
/// Luminance at which a thick line on white has a contrast of 3:1.
const LINE: f64 = 0.30;

/// The colour of a strategy; the same strategy keeps its hue in every chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Hue {
    /// Blue, the first choice.
    #[default]
    Blue,
    /// Vermillion, a red orange.
    Vermillion,
    /// Bluish green.
    Green,
    /// Reddish purple.
    Purple,
    /// Orange.
    Amber,
    /// Sky blue.
    Sky,
    /// No hue: for a baseline or a history.
    Grey,
}

impl Hue {
    /// Every hue, in the order in which strategies take them.
    pub const ALL: [Self; 7] = [
        Self::Blue,
        Self::Vermillion,
        Self::Green,
        Self::Purple,
        Self::Amber,
        Self::Sky,
        Self::Grey,
    ];

    /// The hue of the strategy at `place` in the plan; past the last one they repeat.
    pub fn of(place: usize) -> Self {
        Self::ALL[place % Self::ALL.len()]
    }

    fn base(self) -> RGBColor {
        match self {
            Self::Blue => RGBColor(0, 114, 178),
            Self::Vermillion => RGBColor(213, 94, 0),
            Self::Green => RGBColor(0, 158, 115),
            Self::Purple => RGBColor(204, 121, 167),
            Self::Amber => RGBColor(230, 159, 0),
            Self::Sky => RGBColor(86, 180, 233),
            Self::Grey => RGBColor(107, 114, 128),
        }
    }

    /// The tints of nested bands, lightest (outermost) first.
    pub(super) fn tints(self) -> [RGBColor; 4] {
        TINTS.map(|luminance| self.at(luminance))
    }

    /// Dark enough for text and for the median of a fan.
    pub(super) fn ink(self) -> RGBColor {
        self.at(TEXT.min(luminance(self.base())))
    }

    /// Dark enough for a line on white, and as bright as that allows.
    pub(super) fn line(self) -> RGBColor {
        self.at(LINE.min(luminance(self.base())))
    }

    /// The colour of this hue at a luminance on a dark page.
    pub(super) fn dark(self, wanted: f64) -> RGBColor {
        self.at(wanted)
    }

    /// The colour of this hue at a luminance, between white, the hue itself and black.
    fn at(self, wanted: f64) -> RGBColor {
        let base = self.base();
        let lighter = wanted >= luminance(base);
        let (from, to) = if lighter { (PAPER, base) } else { (base, RGBColor(0, 0, 0)) };
        let (mut near, mut far) = (0.0, 1.0);
        for _ in 0..20 {
            let middle = 0.5 * (near + far);
            if luminance(mix(from, to, middle)) > wanted {
                near = middle;
            } else {
                far = middle;
            }
        }
        mix(from, to, far)
    }
}

fn mix(a: RGBColor, b: RGBColor, share: f64) -> RGBColor {
    let channel =
        |a: u8, b: u8| byte(f64::from(a) + share * (f64::from(b) - f64::from(a)));
    RGBColor(channel(a.0, b.0), channel(a.1, b.1), channel(a.2, b.2))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a byte"
)]
fn byte(x: f64) -> u8 {
    x.round().clamp(0.0, 255.0) as u8
}

/// Relative luminance of an sRGB colour, black 0 and white 1.
///
/// **Source** W3C, Web Content Accessibility Guidelines 2.1, "relative luminance".
fn luminance(colour: RGBColor) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
}

#[cfg(test)]
pub(super) fn contrast(light: RGBColor, dark: RGBColor) -> f64 {
    (luminance(light) + 0.05) / (luminance(dark) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_tints_are_told_apart_in_greyscale() {
        for hue in Hue::ALL {
            let mut lighter = PAPER;
            for tint in hue.tints() {
                assert!(contrast(lighter, tint) >= 1.2, "{hue:?} {tint:?}");
                lighter = tint;
            }
            assert!(contrast(lighter, hue.ink()) >= 1.6, "{hue:?} median");
        }
    }

    #[test]
    fn text_and_lines_stand_out_from_the_paper() {
        for hue in Hue::ALL {
            assert!(contrast(PAPER, hue.ink()) >= 4.5, "{hue:?} text");
            assert!(contrast(PAPER, hue.line()) >= 2.9, "{hue:?} line");
        }
        assert!(contrast(PAPER, GREY) >= 4.5);
    }

    #[test]
    fn hues_repeat_past_the_last_one() {
        assert_eq!(Hue::of(1), Hue::Vermillion);
        assert_eq!(Hue::of(7), Hue::Blue);
    }
}
