//! The colours of charts within a page, in light and in dark.
//!
//! A chart names its colours in its attributes; a page restyles them with selectors on
//! those attributes, so that the picture in a page and the file of its own are drawn by
//! the same code. In the dark the outermost band is the darkest: what stands out is still
//! the middle. The same selectors hide a band. Read next: `hue.rs`.

use std::fmt::Write as _;

use plotters::style::RGBColor;

use super::hue::{GREY, GRID, Hue, INK, LEADER, PAPER};

/// What the light colours of words and lines become in the dark.
const NEUTRALS: [(RGBColor, RGBColor, &str); 5] = [
    (INK, RGBColor(232, 234, 238), "ink"),
    (GREY, RGBColor(172, 179, 191), "grey"),
    (LEADER, RGBColor(96, 104, 118), "leader"),
    (GRID, RGBColor(46, 52, 62), "grid"),
    (PAPER, RGBColor(20, 23, 28), "paper"),
];
/// Luminance of the tints in the dark, outermost first.
const TINTS: [f64; 4] = [0.035, 0.072, 0.13, 0.22];
/// Luminance of names and medians in the dark.
const TEXT: f64 = 0.55;
/// Luminance of the lines of a comparison in the dark.
const LINE: f64 = 0.36;
/// Percent of the paths that a band holds, outermost first.
const BANDS: [u8; 4] = [98, 90, 80, 50];

/// The rules of a page that shows charts: variables `--ink`, `--grey`, `--leader`,
/// `--grid`, `--paper`, classes `hue-0` to `hue-6` that set `--hue`, `hide-98` to
/// `hide-50` and `hide-paths` that hide a part of a chart.
pub fn page_style() -> String {
    let mut style = String::from(":root{color-scheme:light dark;");
    for (light, _, name) in NEUTRALS {
        add(&mut style, format_args!("--{name}:{};", hex(light)));
    }
    style.push_str("}\n");
    for (place, hue) in Hue::ALL.into_iter().enumerate() {
        let (line, text) = (hex(hue.line()), hex(hue.ink()));
        add(&mut style, format_args!(".hue-{place}{{--hue:{line};--hue-text:{text}}}\n"));
    }
    for (level, band) in BANDS.into_iter().enumerate() {
        let tints = Hue::ALL.map(|hue| {
            let tint = hex(hue.tints()[level]);
            format!(".hide-{band} polygon[fill=\"{tint}\"]:not([fill-opacity])")
        });
        add(&mut style, format_args!("{}{{display:none}}\n", tints.join(",")));
    }
    style.push_str(".hide-paths polyline[stroke-opacity=\"0.38\"]{display:none}\n");
    style.push_str("@media screen and (prefers-color-scheme:dark){\n:root{");
    for (_, dark, name) in NEUTRALS {
        add(&mut style, format_args!("--{name}:{};", hex(dark)));
    }
    style.push_str("}\n");
    for (light, _, name) in NEUTRALS {
        let light = hex(light);
        add(
            &mut style,
            format_args!(
                ".chart [fill=\"{light}\"]{{fill:var(--{name})}}\
                 .chart [stroke=\"{light}\"]{{stroke:var(--{name})}}\n"
            ),
        );
    }
    for (place, hue) in Hue::ALL.into_iter().enumerate() {
        dark(&mut style, place, hue);
    }
    style.push_str("}\n");
    style
}

fn dark(style: &mut String, place: usize, hue: Hue) {
    let (line, text) = (hex(hue.dark(LINE)), hex(hue.dark(TEXT)));
    let (light_line, light_text) = (hex(hue.line()), hex(hue.ink()));
    add(style, format_args!(".hue-{place}{{--hue:{line};--hue-text:{text}}}\n"));
    for (tint, luminance) in hue.tints().into_iter().zip(TINTS) {
        let (light, dark) = (hex(tint), hex(hue.dark(luminance)));
        let band = format!(".chart polygon[fill=\"{light}\"]:not([fill-opacity])");
        add(style, format_args!("{band}{{fill:{dark}}}\n"));
    }
    add(
        style,
        format_args!(
            ".chart [fill=\"{light_line}\"][fill-opacity]{{fill:{line}}}\
             .chart [stroke=\"{light_line}\"]{{stroke:{line}}}\
             .chart [stroke=\"{light_text}\"]{{stroke:{text}}}\
             .chart :is(text,circle)[fill=\"{light_text}\"]{{fill:{text}}}\n"
        ),
    );
}

fn add(style: &mut String, rule: std::fmt::Arguments<'_>) {
    let written = style.write_fmt(rule);
    debug_assert!(written.is_ok(), "bug: writing into memory failed");
}

/// A colour as plotters writes it.
fn hex(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use super::super::hue::contrast;
    use super::*;

    const NIGHT: RGBColor = NEUTRALS[4].1;

    #[test]
    fn words_can_be_read_in_the_dark() {
        for dark in [NEUTRALS[0].1, NEUTRALS[1].1] {
            assert!(contrast(dark, NIGHT) >= 7.0, "{dark:?}");
        }
        for hue in Hue::ALL {
            assert!(contrast(hue.dark(TEXT), NIGHT) >= 7.0, "{hue:?} text");
            assert!(contrast(hue.dark(LINE), NIGHT) >= 4.5, "{hue:?} line");
        }
    }

    #[test]
    fn bands_are_told_apart_in_the_dark() {
        for hue in Hue::ALL {
            let mut darker = NIGHT;
            for luminance in TINTS {
                let tint = hue.dark(luminance);
                assert!(contrast(tint, darker) >= 1.2, "{hue:?} {tint:?}");
                darker = tint;
            }
            assert!(contrast(hue.dark(TEXT), darker) >= 1.6, "{hue:?} median");
        }
    }

    #[test]
    fn every_colour_a_chart_uses_has_one_in_the_dark() {
        let style = page_style();
        let (_, dark) = style.split_once("prefers-color-scheme").expect("a dark part");
        for hue in Hue::ALL {
            for colour in hue.tints().into_iter().chain([hue.line(), hue.ink()]) {
                assert!(dark.contains(&hex(colour)), "{hue:?} {colour:?}");
            }
        }
    }
}
