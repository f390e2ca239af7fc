//! What a training run cost: hardware written off while it ran, its network, its energy.
//!
//! Epoch AI's method: a chip loses value along the trend of new hardware, the run is charged
//! what its chips lost in its hours, the network is a share on top, and the whole is put
//! into the money of another month.

use crate::stats::range::{OutOfRange, in_range, non_negative, positive, share};
use crate::units::SECONDS_PER_HOUR;

use super::given::{day, input};
use super::{Answer, Form, Given, Input, Refused, plain};

/// Hours of a year of 365.25 days, as the method counts them.
const HOURS_PER_JULIAN_YEAR: f64 = 8766.0;
/// Hours of a day.
const HOURS_PER_DAY: f64 = 24.0;
/// Days from the end of a run to the day its model came out, as the method takes them.
const DAYS_TO_PUBLISH: f64 = 60.0;
/// Orders of magnitude a year by which hardware of the same price gets better.
const DECAY_OOM_PER_YEAR: f64 = 0.14;
/// Share of network in the price of a cluster.
const INTERCONNECT_SHARE: f64 = 0.19;

/// The form.
pub const FORM: Form = Form {
    name: "training",
    question: "what did a training run cost: hardware written off, network, energy",
    inputs: INPUTS,
    source: "Cottier, Rahman, Fattorini, Maslej, Besiroglu and Owen (2024), The rising costs of \
             training frontier AI models, arXiv:2405.21015",
    answer,
};

const INPUTS: &[Input] = &[
    input("chip_hours", "chip-hours of the run", &[]),
    input("chips", "or chips", &[]),
    input("hours", "and hours", &[]),
    input(
        "server_usd_per_chip",
        "price of a chip with its share of the server",
        &["server_usd_per_chip_at_acquisition"],
    ),
    day("acquired", "when it was bought", &["acquisition_date"]),
    day("started", "when the run began", &["training_start"]),
    day(
        "published",
        "or when its model came out: the run ended 60 days before",
        &["publication_date"],
    ),
    input(
        "server_usd_per_chip_at_start",
        "value when the run began, in place of the last three",
        &[],
    ),
    input("kw_per_chip", "power at the meter", &["facility_kw_per_chip"]),
    input("tdp_w", "or design power of the chip", &[]),
    input("server_power_factor", "and server power over chip power", &["server_factor"]),
    input("power_share", "and mean power over peak (0.75 GPU, 0.43 TPU)", &[]),
    input("pue", "and power usage effectiveness", &[]),
    input("usd_per_kwh", "electricity", &["power_price"]),
    input(
        "price_index_factor",
        "producer prices of the month of account over those of the run; 1 where left out",
        &["ppi_factor_to_2024_12", "ppi_factor"],
    ),
    input(
        "interconnect_share",
        "network, of the price of the cluster; 0.19 where left out",
        &[],
    ),
    input(
        "decay_oom_per_year",
        "orders of magnitude of value lost a year; 0.14 where left out",
        &[],
    ),
    input(
        "cloud_usd_per_chip_hour",
        "rent, for the cost in a cloud",
        &["rent_usd_per_chip_hour"],
    ),
];

/// Value of a chip `years` after it was bought, in the money of `price`.
///
/// ```text
/// V = P · 10^(−0.14 y)
/// ```
/// where `decay` is in orders of magnitude a year. **Source** arXiv:2405.21015, §2.2.
pub fn value_after(price: f64, years: f64, decay: f64) -> f64 {
    price * (-decay * years * std::f64::consts::LN_10).exp()
}

/// Value lost by a chip of value `value` in an hour of use, USD.
///
/// ```text
/// V · 0.14 ln 10/8766
/// ```
/// **Source** arXiv:2405.21015, §2.2.
pub fn lost_per_hour(value: f64, decay: f64) -> f64 {
    value * decay * std::f64::consts::LN_10 / HOURS_PER_JULIAN_YEAR
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let missing = missing(given);
    if !missing.is_empty() {
        return Err(Refused::Missing(missing));
    }
    let chip_hours = hours(given)?;
    let decay = non_negative(
        "decay, orders of magnitude a year",
        given.or("decay_oom_per_year", DECAY_OOM_PER_YEAR),
    )?;
    let network = in_range(
        "network share",
        given.or("interconnect_share", INTERCONNECT_SHARE),
        "from 0 to below 1",
        |x| (0.0..1.0).contains(&x),
    )?;
    let index = positive("price index factor", given.or("price_index_factor", 1.0))?;
    let value = value(given, decay, &mut to)?;
    let hardware = to.number(
        "amortised_hw_nominal",
        "hardware written off",
        chip_hours * lost_per_hour(value, decay),
        "USD",
        (
            "H · V d ln 10/8766",
            format!(
                "{} · {} · {} · 2.302585/8766",
                plain(chip_hours),
                plain(value),
                plain(decay)
            ),
        ),
    );
    let wires = to.number(
        "interconnect_nominal",
        "network",
        hardware * network / (1.0 - network),
        "USD",
        (
            "hardware · n/(1 − n)",
            format!("{} · {}/{}", plain(hardware), plain(network), plain(1.0 - network)),
        ),
    );
    let kw = power(given, &mut to)?;
    let price = non_negative("electricity, USD/kWh", given.or("usd_per_kwh", f64::NAN))?;
    let energy = to.number(
        "energy_nominal",
        "energy",
        chip_hours * kw * price,
        "USD",
        (
            "H · kW · price",
            format!("{} · {} · {}", plain(chip_hours), plain(kw), plain(price)),
        ),
    );
    let total = to.number(
        "total_nominal_repro",
        "the run, in the money of its time",
        hardware + wires + energy,
        "USD",
        (
            "hardware + network + energy",
            format!("{} + {} + {}", plain(hardware), plain(wires), plain(energy)),
        ),
    );
    let scaled = |x: f64| format!("{} · {}", plain(x), plain(index));
    alternatives(given, (chip_hours, network, index), &mut to)?;
    to.number(
        "capex_energy_usd",
        "the run, in the money of the month of account",
        total * index,
        "USD",
        ("total · index", scaled(total)),
    );
    to.note("Staff, failed runs and experiments are not in it.");
    Ok(to)
}

/// What buying the cluster, or renting the hours, would have cost.
fn alternatives(
    given: &Given,
    (chip_hours, network, index): (f64, f64, f64),
    to: &mut Answer,
) -> Result<(), OutOfRange> {
    if let (Some(chips), Some(price)) =
        (given.get("chips"), given.get("server_usd_per_chip"))
    {
        let all = chips * price / (1.0 - network);
        to.number(
            "acquisition_usd",
            "buying the cluster",
            all * index,
            "USD",
            (
                "G · P/(1 − n) · index",
                format!(
                    "{} · {}/{} · {}",
                    plain(chips),
                    plain(price),
                    plain(1.0 - network),
                    plain(index)
                ),
            ),
        );
    }
    if let Some(rent) = given.get("cloud_usd_per_chip_hour") {
        let rent = positive("rent, USD per chip-hour", rent)?;
        let numbers = format!("{} · {}", plain(chip_hours), plain(rent));
        to.number(
            "cloud_usd",
            "the same hours rented",
            chip_hours * rent,
            "USD",
            ("H · r", numbers),
        );
    }
    Ok(())
}

/// Everything that is missing, said at once.
fn missing(given: &Given) -> Vec<String> {
    let mut missing = Vec::new();
    let has_both = given.has("chips") && given.has("hours");
    if !given.has("chip_hours") && !has_both {
        missing.push("`chip_hours` (or `chips` and `hours`)".to_owned());
    }
    if !given.has("server_usd_per_chip_at_start") {
        for key in ["server_usd_per_chip", "acquired"] {
            if !given.has(key) {
                missing.push(format!("`{key}`"));
            }
        }
        if started(given).is_none() {
            missing.push("`started` (or `published` and `hours`)".to_owned());
        }
    }
    let parts = ["tdp_w", "server_power_factor", "power_share"];
    if !given.has("kw_per_chip") && !parts.iter().all(|key| given.has(key)) {
        missing.push(
            "`kw_per_chip` (or `tdp_w`, `server_power_factor` and `power_share`)"
                .to_owned(),
        );
    }
    if !given.has("usd_per_kwh") {
        missing.push("`usd_per_kwh`".to_owned());
    }
    missing
}

fn hours(given: &Given) -> Result<f64, OutOfRange> {
    match given.get("chip_hours") {
        Some(hours) => positive("chip-hours", hours),
        None => Ok(positive("chips", given.or("chips", f64::NAN))?
            * positive("hours", given.or("hours", f64::NAN))?),
    }
}

/// The day on which a run began: as given, or its hours and 60 days before its model came
/// out. **Source** arXiv:2405.21015, appendix A.
fn started(given: &Given) -> Option<f64> {
    given.get("started").or_else(|| {
        let days = given.get("hours")? / HOURS_PER_DAY;
        Some(given.get("published")? - DAYS_TO_PUBLISH - days)
    })
}

fn value(given: &Given, decay: f64, to: &mut Answer) -> Result<f64, OutOfRange> {
    if let Some(value) = given.get("server_usd_per_chip_at_start") {
        return positive("value of a chip when the run began, USD", value);
    }
    let price =
        positive("price of a chip, USD", given.or("server_usd_per_chip", f64::NAN))?;
    let days = started(given).unwrap_or(f64::NAN) - given.or("acquired", f64::NAN);
    let years = non_negative("years from purchase to the run", days / 365.25)?;
    Ok(to.number(
        "server_usd_per_chip_at_start",
        "value of a chip when the run began",
        value_after(price, years, decay),
        "USD",
        (
            "V = P · 10^(−d y)",
            format!("{} · 10^(−{} · {})", plain(price), plain(decay), plain(years)),
        ),
    ))
}

fn power(given: &Given, to: &mut Answer) -> Result<f64, OutOfRange> {
    if let Some(kw) = given.get("kw_per_chip") {
        return non_negative("power at the meter, kW", kw);
    }
    let tdp = positive("design power, W", given.or("tdp_w", f64::NAN))?;
    let server = positive(
        "server power over chip power",
        given.or("server_power_factor", f64::NAN),
    )?;
    let used = share("mean power over peak", given.or("power_share", f64::NAN))?;
    let pue = in_range("PUE", given.or("pue", 1.0), "1 or more", |x| x >= 1.0)?;
    Ok(to.number(
        "kw_per_chip",
        "power at the meter",
        tdp / 1000.0 * server * used * pue,
        "kW",
        (
            "TDP · server · mean · PUE",
            format!(
                "{}/1000 · {} · {} · {}",
                plain(tdp),
                plain(server),
                plain(used),
                plain(pue)
            ),
        ),
    ))
}

/// FLOP/s of so many teraFLOP/s, over an hour.
pub(super) fn flop_per_hour(tflops: f64) -> f64 {
    tflops * 1e12 * SECONDS_PER_HOUR
}
