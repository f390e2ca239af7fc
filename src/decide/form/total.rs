//! Total cost of ownership: what is paid at once and what is paid every year.

use crate::stats::range::{non_negative, positive};

use super::given::input;
use super::{Answer, Form, Given, Input, Refused, plain};

/// The form.
pub const FORM: Form = Form {
    name: "total",
    question: "what does owning cost after one, three and five years",
    inputs: INPUTS,
    source: "Lambda, Hyperplane-16 InfiniBand Cluster Total Cost of Ownership (2020)",
    answer,
};

const INPUTS: &[Input] = &[
    input("upfront_usd", "paid at once", &["upfront"]),
    input("staff_usd_per_year", "staff", &["sysadmin_per_year"]),
    input("space_usd_per_year", "space and power", &["colo_per_year"]),
    input("other_usd_per_year", "anything else", &[]),
    input("systems", "systems, for the cost of each", &["servers"]),
];

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let yearly = ["staff_usd_per_year", "space_usd_per_year", "other_usd_per_year"];
    let mut missing = Vec::new();
    if !given.has("upfront_usd") {
        missing.push("`upfront_usd`".to_owned());
    }
    if !yearly.iter().any(|key| given.has(key)) {
        missing.push("`staff_usd_per_year` or `space_usd_per_year`".to_owned());
    }
    if !missing.is_empty() {
        return Err(Refused::Missing(missing));
    }
    let upfront = non_negative("paid at once, USD", given.or("upfront_usd", f64::NAN))?;
    let mut each = 0.0;
    for key in yearly {
        each += non_negative("cost a year, USD", given.or(key, 0.0))?;
    }
    let mut five = 0.0;
    for years in [1.0, 3.0, 5.0] {
        five = to.number(
            format!("total_y{}", plain(years)),
            format!("after {} years", plain(years)),
            upfront + years * each,
            "USD",
            (
                "upfront + y · yearly",
                format!("{} + {} · {}", plain(upfront), plain(years), plain(each)),
            ),
        );
    }
    if let Some(systems) = given.get("systems") {
        let systems = positive("systems", systems)?;
        let numbers = format!("{}/5/{}", plain(five), plain(systems));
        to.number(
            "amortised_per_system_year_5y",
            "a system a year, over five years",
            five / 5.0 / systems,
            "USD",
            ("total/5/systems", numbers),
        );
    }
    Ok(to)
}
