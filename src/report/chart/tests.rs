//! What every chart must keep: valid, deterministic, readable, whatever the numbers.
//!
//! The SVG is read back as XML and every text in it as a box on the sheet. Read next:
//! `canvas.rs`, which writes it.

use proptest::prelude::*;
use resvg::usvg::roxmltree::{Document, Node};

use super::canvas::Type;
use super::hue::INK;
use super::*;

/// A text of the chart and the box it covers: left, right, middle, half a line.
struct Text {
    words: String,
    left: f64,
    right: f64,
    middle: f64,
    half: f64,
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|text| text.parse().ok()).expect("a number")
}

fn texts(svg: &str) -> Vec<Text> {
    let document = Document::parse(svg).expect("valid XML");
    let read = |node: Node<'_, '_>| {
        let size = number(node, "font-size") / 10.0;
        let bold = node.attribute("font-weight") == Some("bold");
        let words = node.text().unwrap_or("").to_owned();
        let set = if bold { Type::bold(size, INK) } else { Type::new(size, INK) };
        let (x, width) = (number(node, "x") / 10.0, set.width(&words));
        let left = match node.attribute("text-anchor") {
            Some("end") => x - width,
            Some("middle") => x - 0.5 * width,
            _ => x,
        };
        let middle = number(node, "y") / 10.0;
        // Digits and capitals; what hangs below the line is not counted.
        Text { words, left, right: left + width, middle, half: 0.4 * size }
    };
    document.descendants().filter(|n| n.has_tag_name("text")).map(read).collect()
}

fn overlaps(texts: &[Text]) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (place, a) in texts.iter().enumerate() {
        for b in &texts[place + 1..] {
            let across = a.left < b.right && b.left < a.right;
            if across && (a.middle - b.middle).abs() < a.half + b.half {
                found.push((a.words.as_str(), b.words.as_str()));
            }
        }
    }
    found
}

/// Valid, finite, on the sheet, and with no two texts over each other.
fn check(svg: &str) {
    let texts = texts(svg);
    assert_eq!(overlaps(&texts), [], "texts overlap");
    for text in &texts {
        let fits = text.left >= 0.0
            && text.right <= Sheet::File.width() + 1.0
            && (0.0..=Sheet::File.height()).contains(&text.middle);
        assert!(fits, "off the sheet: {} {} {}", text.words, text.left, text.right);
    }
    assert!(!svg.contains("NaN") && !svg.contains(">inf"));
    assert!(texts.iter().all(|text| !text.words.contains("n/a")));
}

/// A fan that widens: level `l` of month `m` is `start · growth^m · spread^(z √m)`.
fn widening(months: u32, start: f64, growth: f64, spread: f64) -> Vec<[f64; 9]> {
    let z = [-2.33, -1.64, -1.28, -0.67, 0.0, 0.67, 1.28, 1.64, 2.33];
    let month = |m: u32| {
        let middle = start * growth.powf(f64::from(m));
        z.map(|z| middle * spread.powf(z * f64::from(m).sqrt()))
    };
    (0..months).map(month).collect()
}

fn frame(unit: Unit) -> Frame {
    Frame {
        title: "Cumulative cost, build".into(),
        subtitle: "Bands hold 50 %, 80 %, 90 % and 98 % of 20,000 paths.".into(),
        caption: "20,000 paths, seed 7".into(),
        unit,
        start: (2027, 1),
        ..Frame::default()
    }
}

fn fan(quantiles: Vec<[f64; 9]>) -> Fan {
    Fan { frame: frame(Unit::Usd), quantiles, ..Fan::default() }
}

#[test]
fn a_full_chart_has_no_text_over_another() {
    for months in [2, 12, 48, 120, 600] {
        let mut chart = fan(widening(months, 1e5, 1.02, 1.08));
        chart.frame.events = vec![
            (0, "contract starts".into()),
            (1, "first order arrives".into()),
            (months / 2, "new generation".into()),
            (months - 1, "end of lease".into()),
        ];
        chart.frame.thresholds = vec![(3e5, "approved budget".into())];
        check(&chart.svg());
    }
}

#[test]
fn a_comparison_of_close_strategies_stays_readable() {
    let names = ["Build", "Rent", "API", "Hybrid: own the base, rent the peak", "Wait"];
    let series = names.iter().enumerate().map(|(place, name)| Series {
        name: (*name).to_owned(),
        hue: Hue::of(place),
        quantiles: widening(48, 1e5, 1.02, 1.02),
    });
    let mut chart = Comparison { frame: frame(Unit::Usd), series: series.collect() };
    check(&chart.svg());
    chart.frame.axis = Axis::Zero;
    check(&chart.svg());
    chart.series.truncate(0);
    check(&chart.svg());
    assert!(chart.svg().contains("no values"));
}

#[test]
fn the_same_chart_gives_the_same_bytes() {
    let chart = fan(widening(48, 9e4, 1.03, 1.05));
    assert_eq!(chart.svg(), chart.svg());
    let painter = Painter::new();
    let first = painter.png(&chart.svg()).unwrap();
    assert_eq!(first, Painter::new().png(&chart.svg()).unwrap());
}

/// The operators of the page of a PDF.
fn operators(pdf: &[u8]) -> String {
    let find = |what: &[u8]| pdf.windows(what.len()).position(|w| w == what);
    let begin = find(b"stream\n").expect("a stream") + 7;
    let packed = &pdf[begin..find(b"\nendstream").expect("its end")];
    let drawn = miniz_oxide::inflate::decompress_to_vec_zlib(packed).expect("zlib");
    String::from_utf8_lossy(&drawn).into_owned()
}

#[test]
fn a_pdf_has_the_texts_and_curves_of_the_svg_and_the_same_bytes() {
    let mut chart = fan(widening(48, 9e4, 1.03, 1.05));
    chart.frame.title = "Cost (build) \\ 10⁶ – \u{7}".into();
    chart.frame.thresholds = vec![(1e15, "everything".into())];
    chart.sample_paths = vec![vec![1e5; 48]; 3];
    let (pdf, svg) = (chart.pdf(), chart.svg());
    assert_eq!(pdf, chart.pdf());
    assert!(pdf.starts_with(b"%PDF-1."));
    let whole = String::from_utf8_lossy(&pdf).into_owned();
    for key in ["/CreationDate", "/ModDate", "/ID", "/FontFile"] {
        assert!(!whole.contains(key), "{key}");
    }
    let drawn = operators(&pdf);
    let count = |what: &str| drawn.lines().filter(|line| *line == what).count();
    assert_eq!(count("BT"), texts(&svg).len());
    assert_eq!(count("S"), svg.matches("<polyline").count());
    let filled = svg.matches("<polygon").count() + svg.matches("<rect").count();
    // Paper is white without being painted.
    assert_eq!(count("f"), filled - 1 + svg.matches("<circle").count());
    // Bands are opaque tints, whole paths shine through.
    assert!(whole.contains("/A380") && whole.contains("/A1000"), "{whole}");
    assert!(drawn.contains("(20,000 paths, seed 7) Tj"), "{drawn}");
}

#[test]
fn text_stays_text_in_a_named_font() {
    let svg = fan(widening(48, 9e4, 1.03, 1.05)).svg();
    assert!(svg.contains(">Cumulative cost, build</text>"));
    assert!(svg.contains("font-family=\"DejaVu Sans, "));
    assert!(svg.contains("<title>Cumulative cost, build</title>"));
}

#[test]
fn the_alternative_text_carries_the_numbers() {
    let mut last = [1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6, 8e6, 9e6];
    let text = fan(vec![[90e3; 9], last]).alt_text();
    for number in ["$90.0k", "$5.00M", "$4.00M", "$6.00M", "$2.00M", "$8.00M"] {
        assert!(text.contains(number), "{number} in {text}");
    }
    assert!(text.contains("Jan 2027") && text.contains("Feb 2027"));
    last.fill(f64::NAN);
    assert!(fan(Vec::new()).alt_text().contains("no values"));
}

#[test]
fn a_fan_without_uncertainty_is_a_line_with_one_label() {
    let svg = fan((0..24).map(|m| [2e6 + 3e4 * f64::from(m); 9]).collect()).svg();
    check(&svg);
    assert!(svg.contains("every path · $2.69M"));
    assert!(texts(&svg).iter().all(|text| !text.words.contains("median")));
}

#[test]
fn levels_of_the_same_value_share_a_label() {
    let month = [0.2, 0.3, 0.4, 0.5, 0.9, 1.0, 1.0, 1.0, 1.0];
    let mut chart = fan(vec![month; 12]);
    chart.frame.unit = Unit::Share("of the month".into());
    assert!(chart.svg().contains("75 to 99 % · 100 %"));
}

#[test]
fn the_median_says_when_it_crosses_a_threshold() {
    let mut chart = fan(widening(48, 1e5, 1.02, 1.03));
    chart.frame.thresholds = vec![
        (1.5e5, "budget".into()),
        (1e15, "everything".into()),
        (f64::NAN, String::new()),
    ];
    let svg = chart.svg();
    assert!(svg.contains("budget · $150k"));
    assert!(svg.contains("median crosses in Oct 2028"));
    assert!(svg.contains("↑ everything · $1,000T, above the chart"));
}

#[test]
fn nasty_numbers_make_a_valid_chart() {
    let rising: [f64; 9] = [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0];
    let months: Vec<Vec<[f64; 9]>> = vec![
        vec![],
        vec![rising],
        vec![[0.0; 9]; 5],
        vec![[-7.5; 9]; 5],
        vec![[1e15; 9]; 600],
        vec![rising.map(|x| 1e15 * x); 600],
        vec![rising.map(|x| 1e15 + x); 2],
        vec![rising.map(|x| 10_f64.powf(3.0 * x)); 48],
        vec![rising.map(|x| 1e-12 * x); 3],
        vec![rising.map(|x| 1e300 * x); 3],
        vec![rising.map(|x| 0.5 + 1e-9 * x); 48],
    ];
    let units = [
        Unit::Usd,
        Unit::UsdPer("Mtok".into()),
        Unit::Share(String::new()),
        Unit::Count("chips".into()),
        Unit::Quantity("FLOP/s per $".into()),
    ];
    for quantiles in &months {
        for unit in &units {
            for axis in [Axis::Auto, Axis::Log, Axis::Zero, Axis::Linear] {
                let mut chart = fan(quantiles.clone());
                chart.frame.unit = unit.clone();
                chart.frame.axis = axis;
                check(&chart.svg());
            }
        }
    }
}

#[test]
fn values_that_are_not_finite_are_left_out() {
    let mut quantiles = widening(12, 1e5, 1.02, 1.05);
    quantiles[3] = [f64::NAN; 9];
    quantiles[5][8] = f64::INFINITY;
    let mut chart = fan(quantiles);
    chart.sample_paths = vec![vec![f64::NAN; 12], vec![1e5; 700], Vec::new()];
    chart.actuals = vec![(2, f64::NAN), (u32::MAX, 1e5)];
    check(&chart.svg());
}

#[test]
fn events_leave_a_phone_its_plot_and_are_named_or_only_ticked() {
    let mut chart = fan(widening(60, 1e5, 1.02, 1.05));
    let names =
        ["generation +1, median", "the lease of the hall ends", "series C closes"];
    let named = |n: u32| (12 * n + 3, names[n as usize % 3].to_owned());
    chart.frame.events = (0..5).map(named).collect();
    chart.frame.events.push((59, "a name that has no room at all".into()));
    for sheet in [Sheet::File, Sheet::Page, Sheet::Phone] {
        let drawn = chart.on(sheet, Axis::Auto);
        let texts = texts(&drawn.svg);
        assert_eq!(overlaps(&texts), [], "{sheet:?}");
        let (top, bottom) = drawn.down;
        assert!(bottom - top > 0.5, "{sheet:?}: {top} to {bottom}");
        for text in texts.iter().filter(|t| t.words.ends_with('…')) {
            assert!(text.words.chars().count() > 10, "{sheet:?}: {}", text.words);
        }
    }
    assert!(chart.svg().contains("generation +1, median"));
}

#[test]
fn long_words_and_many_events_stay_on_the_sheet() {
    let mut chart = fan(widening(48, 1e5, 1.02, 1.05));
    chart.frame.title = "a very long title ".repeat(30);
    chart.frame.subtitle = "unbroken".repeat(90);
    chart.frame.caption = "source and more ".repeat(90);
    chart.frame.events = (0..48).map(|month| (month, format!("event {month}"))).collect();
    chart.frame.start = (i32::MAX, u32::MAX);
    check(&chart.svg());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn edge_labels_never_overlap(
        mut values in proptest::array::uniform9(-1e9_f64..1e9),
        power in -6..6_i32,
    ) {
        values.sort_by(f64::total_cmp);
        let scaled = values.map(|x| x * 10_f64.powi(power));
        check(&fan(vec![scaled; 6]).svg());
        check(&fan(vec![scaled.map(f64::exp_m1).map(|x| x.clamp(-1e30, 1e30)); 6]).svg());
    }
}
