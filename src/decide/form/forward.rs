//! What a ladder of commitments says about the rent of later years.
//!
//! Paying for three years at once at a lower rate than for one implies a rent for the two
//! years in between. It is the market's own forecast, without a risk premium.

use crate::stats::range::{OutOfRange, in_range, non_negative, positive};

use super::given::input;
use super::{Answer, Form, Given, Input, Refused, plain};

/// The form.
pub const FORM: Form = Form {
    name: "forward",
    question: "what rent of later years does a ladder of commitments imply",
    inputs: INPUTS,
    source: "the identity of forward and spot rates: Hull (2021), Options, Futures and Other \
             Derivatives, §4.8, without compounding",
    answer,
};

/// Rungs a case may give.
const RUNGS: [(&str, f64); 5] = [
    ("reserved_1y_usd_per_hour", 1.0),
    ("reserved_2y_usd_per_hour", 2.0),
    ("reserved_3y_usd_per_hour", 3.0),
    ("reserved_4y_usd_per_hour", 4.0),
    ("reserved_5y_usd_per_hour", 5.0),
];

const INPUTS: &[Input] = &[
    input("reserved_1y_usd_per_hour", "rate for 1 year", &["rate_reserved_1y", "p1"]),
    input("reserved_2y_usd_per_hour", "rate for 2 years", &["rate_reserved_2y", "p2"]),
    input("reserved_3y_usd_per_hour", "rate for 3 years", &["rate_reserved_3y", "p3"]),
    input("reserved_4y_usd_per_hour", "rate for 4 years", &["rate_reserved_4y", "p4"]),
    input("reserved_5y_usd_per_hour", "rate for 5 years", &["rate_reserved_5y", "p5"]),
    input("chips", "chips of the instance, for the rent of one", &["gpu_count", "gpus"]),
];

/// Rent from year `from` to year `until`, in the money of the two rates.
///
/// ```text
/// f(s→t) = (t p(t) − s p(s))/(t − s)
/// ```
/// **Errors** [`OutOfRange`] for years that do not rise, a rate below zero, or rates that
/// imply a rent below zero: the longer commitment would cost less than the shorter alone.
/// **Checked by** Azure ND96isr H100 v5, 62.92/43.16/39.32 for 8 chips: 4.16 and 4.20 a
/// chip-hour.
pub fn forward_rent(
    from: f64,
    rate_to_from: f64,
    until: f64,
    rate_to_until: f64,
) -> Result<f64, OutOfRange> {
    let from = non_negative("years of the shorter commitment", from)?;
    let shorter = non_negative("rate of the shorter commitment", rate_to_from)?;
    let longer = non_negative("rate of the longer commitment", rate_to_until)?;
    let span = positive("years between the commitments", until - from)?;
    let implied = (until * longer - from * shorter) / span;
    in_range("the implied rent, USD/h", implied, "zero or more", |x| x >= 0.0)
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let chips = positive("chips of the instance", given.or("chips", 1.0))?;
    let rungs: Vec<(f64, f64)> = RUNGS
        .iter()
        .filter_map(|(key, years)| given.get(key).map(|rate| (*years, rate)))
        .collect();
    if rungs.len() < 2 {
        let missing: Vec<String> = RUNGS
            .iter()
            .filter(|(key, _)| !given.has(key))
            .map(|(key, _)| format!("`{key}`"))
            .collect();
        return Err(Refused::Missing(vec![format!(
            "two rungs, such as {}",
            missing[..2].join(" and ")
        )]));
    }
    let unit = if given.has("chips") { "USD/chip-hour" } else { "USD/h" };
    for ((s, short), (t, long)) in rungs.iter().zip(rungs.iter().skip(1)) {
        to.number(
            format!("forward_{}_{}y", plain(*s), plain(*t)),
            format!("implied rent, year {} to {}", plain(s + 1.0), plain(*t)),
            forward_rent(*s, *short, *t, *long)? / chips,
            unit,
            (
                "f = (t p(t) − s p(s))/(t − s)/G",
                format!(
                    "({} · {} − {} · {})/{}/{}",
                    plain(*t),
                    plain(*long),
                    plain(*s),
                    plain(*short),
                    plain(t - s),
                    plain(chips)
                ),
            ),
        );
    }
    to.note(
        "Without compounding and without a premium for risk, as the rates are quoted.",
    );
    Ok(to)
}
