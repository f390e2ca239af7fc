//! Tokens a month from which an owned machine costs no more than an API.

use crate::decide::Threshold;
use crate::stats::range::{non_negative, positive};
use crate::units::{HOURS_PER_MONTH, SECONDS_PER_HOUR, TOKENS_PER_MTOK};

use super::given::input;
use super::machine::{self, Fleet, fleet};
use super::{Answer, Figure, Form, Given, Input, Refused, plain};

/// The form.
pub const FORM: Form = Form {
    name: "tokens",
    question: "from how many tokens a month does a machine cost no more than an API",
    inputs: INPUTS,
    source: "mansi-shiroya1, gpu-tco-model (223578e)",
    answer,
};

/// Speeds a case may give.
const SPEEDS: [(&str, &str, &str); 3] = [
    ("tokens_per_s", "", "at this speed"),
    ("tokens_per_s_batch", "_batch", "in batches"),
    ("tokens_per_s_interactive", "_interactive", "interactive"),
];

const INPUTS: &[Input] = &[
    input("tokens_per_s", "output tokens a second of all machines", &["tok_s"]),
    input("tokens_per_s_batch", "the same in batches", &["tok_s_batch"]),
    input("tokens_per_s_interactive", "the same interactive", &["tok_s_interactive"]),
    input("input_tokens", "tokens in of a request; 0 where left out", &["tokens_in"]),
    input(
        "output_tokens",
        "tokens out of a request; with none given, tokens are counted alone",
        &["tokens_out"],
    ),
    input("api_usd_per_mtok_input", "API, tokens in", &["api_in"]),
    input("api_usd_per_mtok_output", "API, tokens out", &["api_out", "api_usd_per_mtok"]),
    machine::RENT,
    input(
        "usd_per_month",
        "cost of the machines, in place of all below",
        &["own_monthly"],
    ),
    machine::CHIPS,
    machine::CAPEX,
    machine::USD_PER_SERVER,
    machine::CHIPS_PER_SERVER_,
    machine::USD_PER_CHIP,
    machine::CHASSIS,
    machine::LIFE,
    machine::POWER,
    machine::SERVER_POWER,
    machine::PUE,
    machine::ENERGY,
    machine::IDLE,
    machine::SPACE,
    machine::OPERATION,
    machine::INTEREST,
    machine::ANNUITY,
    machine::OTHER,
];

/// Price of a thousand requests at an API, USD.
///
/// ```text
/// (in · p_in + out · p_out)/10⁶ · 1000
/// ```
pub fn api_usd_per_thousand(
    input_tokens: f64,
    output_tokens: f64,
    usd_per_mtok_input: f64,
    usd_per_mtok_output: f64,
) -> f64 {
    (input_tokens * usd_per_mtok_input + output_tokens * usd_per_mtok_output) / 1000.0
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let speeds: Vec<_> = SPEEDS
        .iter()
        .filter_map(|(key, tail, name)| given.get(key).map(|x| (x, *tail, *name)))
        .collect();
    let mut missing = Vec::new();
    if speeds.is_empty() {
        missing.push("`tokens_per_s`".to_owned());
    }
    let has_api = given.has("api_usd_per_mtok_output");
    let rent = given.get("rent_usd_per_chip_hour");
    if !has_api && rent.is_none() {
        missing.push("`api_usd_per_mtok_output`".to_owned());
    }
    if given.has("api_usd_per_mtok_input") && !given.has("input_tokens") {
        missing.push("`input_tokens`".to_owned());
    }
    let by_month = given.get("usd_per_month");
    let mut quiet = Answer::default();
    let machines = match by_month {
        Some(month) => Ok(flat(month)?),
        None => fleet(given, &mut quiet),
    };
    let machines = match machines {
        Err(Refused::Missing(more)) => {
            missing.extend(more);
            return Err(Refused::Missing(missing));
        }
        other => other?,
    };
    if !missing.is_empty() {
        return Err(Refused::Missing(missing));
    }
    let output = given.get("output_tokens");
    let output = output.map(|x| positive("tokens out of a request", x)).transpose()?;
    let ask = Request {
        input: non_negative("tokens in of a request", given.or("input_tokens", 0.0))?,
        output: output.unwrap_or(1000.0),
        counted: output.is_some(),
    };
    let api = if has_api {
        let [p_out] = given.need(["api_usd_per_mtok_output"])?;
        let p_out = non_negative("API price of tokens out", p_out)?;
        let p_in = non_negative(
            "API price of tokens in",
            given.or("api_usd_per_mtok_input", 0.0),
        )?;
        Some(to.number(
            "api_usd_per_1k_req",
            "API, a thousand requests",
            api_usd_per_thousand(ask.input, ask.output, p_in, p_out),
            "USD",
            (
                "(in · p_in + out · p_out)/1000",
                format!(
                    "({} · {} + {} · {})/1000",
                    plain(ask.input),
                    plain(p_in),
                    plain(ask.output),
                    plain(p_out)
                ),
            ),
        ))
    } else {
        None
    };
    if by_month.is_none() {
        to.number(
            "annual_owned",
            "owning at full use, a year",
            12.0 * machines.monthly(1.0),
            "USD/year",
            ("12 · month", format!("12 · {}", plain(machines.monthly(1.0)))),
        );
    }
    for (speed, tail, name) in speeds {
        let speed = positive("output tokens a second", speed)?;
        at_speed((speed, tail, name), &ask, &machines, (api, rent), &mut to)?;
    }
    if !ask.counted {
        to.note(
            "Without `output_tokens` a request is taken to be a thousand tokens out.",
        );
    }
    Ok(to)
}

struct Request {
    input: f64,
    output: f64,
    /// True if it is given how long a request is.
    counted: bool,
}

/// Machines that cost the same whatever they do.
fn flat(month: f64) -> Result<Fleet, Refused> {
    let other = non_negative("cost of the machines, USD a month", month)?;
    Ok(Fleet {
        chips: 1.0,
        capex_usd: 0.0,
        life_years: 1.0,
        depreciation: 0.0,
        interest: 0.0,
        space: 0.0,
        operation: 0.0,
        other,
        energy_full: 0.0,
        idle_share: 1.0,
    })
}

fn at_speed(
    (speed, tail, name): (f64, &str, &str),
    ask: &Request,
    machines: &Fleet,
    (api, rent): (Option<f64>, Option<f64>),
    to: &mut Answer,
) -> Result<(), Refused> {
    let month = speed / ask.output * SECONDS_PER_HOUR * HOURS_PER_MONTH;
    let thousands = month / 1000.0;
    to.number(
        format!("requests_per_month{tail}"),
        format!("{name}: requests of a month of full use"),
        month,
        "requests/month",
        (
            "tokens/s/out · 3600 · 730",
            format!("{}/{} · 3600 · 730", plain(speed), plain(ask.output)),
        ),
    );
    to.number(
        format!("own_usd_per_1k_req_100pct{tail}"),
        format!("{name}: owning at full use, a thousand requests"),
        machines.monthly(1.0) / thousands,
        "USD",
        (
            "own · 1000/requests",
            format!("{} · 1000/{}", plain(machines.monthly(1.0)), plain(month)),
        ),
    );
    if let Some(rent) = rent {
        let rent = positive("rent, USD per chip-hour", rent)?;
        let paid = rent * machines.chips * HOURS_PER_MONTH;
        to.number(
            format!("rent_usd_per_1k_req{tail}"),
            format!("{name}: renting at full use, a thousand requests"),
            paid / thousands,
            "USD",
            (
                "r G 730 · 1000/requests",
                format!(
                    "{} · {} · 730 · 1000/{}",
                    plain(rent),
                    plain(machines.chips),
                    plain(month)
                ),
            ),
        );
    }
    let Some(api) = api else { return Ok(()) };
    let full = api * thousands;
    let share = machines.break_even_utilisation(full);
    let said = (
        "u* = (fixed + e i)/(API of a full month − e (1 − i))",
        machines.break_even_numbers(full),
    );
    let volume = |by: f64| match share {
        Threshold::At(u) => Threshold::At(u * by),
        Threshold::Never(u) => Threshold::Never(u.map(|u| u * by)),
        Threshold::Always => Threshold::Always,
    };
    let mtok = (ask.input + ask.output) * month / TOKENS_PER_MTOK;
    if ask.counted {
        let numbers = format!("u* · {}", plain(month));
        to.push(
            format!("be_requests_per_month{tail}"),
            format!("{name}: break-even requests a month"),
            Figure::Threshold(volume(month)),
            "requests/month",
            ("u* · requests of a full month", numbers),
        );
    }
    to.push(
        format!("be_mtok_per_month{tail}"),
        format!("{name}: break-even volume, in and out"),
        Figure::Threshold(volume(mtok)),
        "Mtok/month",
        ("u* · tokens of a full month", format!("u* · {}", plain(mtok))),
    );
    to.push(
        format!("be_util{tail}"),
        format!("{name}: break-even utilisation against the API"),
        Figure::Threshold(share),
        "share",
        said,
    );
    if let Threshold::Never(Some(u)) = share {
        to.note(format!(
            "{}: the machine would have to do {:.1} % of what it can, so it never pays.",
            if tail.is_empty() { "At this speed" } else { name },
            100.0 * u
        ));
    }
    Ok(())
}
