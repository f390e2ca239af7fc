//! What a training run costs by its FLOP.

use crate::stats::range::{OutOfRange, in_range, positive};

use super::given::input;
use super::training::flop_per_hour;
use super::{Answer, Form, Given, Input, Refused, plain};

/// The form.
pub const FORM: Form = Form {
    name: "compute",
    question: "what does a training run of so many FLOP cost",
    inputs: INPUTS,
    source: "FLOP of a dense transformer: Kaplan and others (2020), arXiv:2001.08361, §2.1",
    answer,
};

const INPUTS: &[Input] = &[
    input("flop", "FLOP of the run", &["training_flop"]),
    input("params_billion", "or parameters a token meets", &["active_params_billion"]),
    input("tokens_billion", "and tokens", &[]),
    input("peak_tflops", "dense peak of a chip", &["tflops"]),
    input("mfu", "share of the peak reached (model FLOP utilisation)", &[]),
    input(
        "usd_per_chip_hour",
        "cost of a chip-hour",
        &["rent_usd_per_chip_hour", "rent"],
    ),
    input("chips", "chips, for the days it takes", &[]),
    input(
        "goodput_share",
        "share of the time that counts; 1 where left out",
        &["goodput"],
    ),
];

/// Chip-hours of a run.
///
/// ```text
/// H = FLOP/(peak · MFU · goodput · 3600)
/// ```
/// where `peak_tflops` is in 10¹² FLOP/s. **Errors** [`OutOfRange`] for what is not positive,
/// or a share above 1.
pub fn chip_hours(
    flop: f64,
    peak_tflops: f64,
    mfu: f64,
    goodput_share: f64,
) -> Result<f64, OutOfRange> {
    let is_share = |x: f64| 0.0 < x && x <= 1.0;
    let flop = positive("FLOP of the run", flop)?;
    let peak = positive("dense peak, TFLOP/s", peak_tflops)?;
    let mfu = in_range("MFU", mfu, "above 0 and at most 1", is_share)?;
    let goodput =
        in_range("goodput share", goodput_share, "above 0 and at most 1", is_share)?;
    Ok(flop / (flop_per_hour(peak) * mfu * goodput))
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let by_size = given.has("params_billion") && given.has("tokens_billion");
    let mut missing = Vec::new();
    if !given.has("flop") && !by_size {
        missing.push("`flop` (or `params_billion` and `tokens_billion`)".to_owned());
    }
    for key in ["peak_tflops", "mfu", "usd_per_chip_hour"] {
        if !given.has(key) {
            missing.push(format!("`{key}`"));
        }
    }
    if !missing.is_empty() {
        return Err(Refused::Missing(missing));
    }
    let flop = if let Some(flop) = given.get("flop") {
        flop
    } else {
        let [n, d] = given.need(["params_billion", "tokens_billion"])?;
        to.number(
            "flop",
            "FLOP of the run",
            6.0 * n * d * 1e18,
            "FLOP",
            ("6 N D", format!("6 · {}e9 · {}e9", plain(n), plain(d))),
        )
    };
    let [peak, mfu, rate] = given.need(["peak_tflops", "mfu", "usd_per_chip_hour"])?;
    let goodput = given.or("goodput_share", 1.0);
    let hours = to.number(
        "chip_hours",
        "chip-hours",
        chip_hours(flop, peak, mfu, goodput)?,
        "chip-hours",
        (
            "FLOP/(peak · MFU · goodput · 3600)",
            format!(
                "{}/({}e12 · {} · {} · 3600)",
                plain(flop),
                plain(peak),
                plain(mfu),
                plain(goodput)
            ),
        ),
    );
    if let Some(chips) = given.get("chips") {
        let chips = positive("chips", chips)?;
        to.number(
            "days",
            "days",
            hours / chips / 24.0,
            "days",
            ("H/(24 G)", format!("{}/(24 · {})", plain(hours), plain(chips))),
        );
    }
    let rate = positive("cost of a chip-hour, USD", rate)?;
    let numbers = format!("{} · {}", plain(hours), plain(rate));
    to.number("run_usd", "the run", hours * rate, "USD", ("H · rate", numbers));
    Ok(to)
}
