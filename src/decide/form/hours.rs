//! Hours of use after which owning has cost less than renting by the hour.
//!
//! Lenovo's method: no discounting, no resale, the machine runs every hour it is compared
//! for. The rent chosen moves the answer more than anything else, so several can be given
//! and the spread is said.

use crate::decide::Threshold;
use crate::stats::range::{OutOfRange, non_negative, positive};
use crate::units::{HOURS_PER_MONTH, HOURS_PER_YEAR};

use super::given::input;
use super::{Answer, Figure, Form, Given, Input, Refused, plain};

/// Hours of a month by which a monthly rack price is spread in Lenovo's sheet: 30 days.
const RACK_HOURS: f64 = 720.0;

/// Rents a case may give, and what each is called.
const RENTS: [(&str, &str, &str); 5] = [
    ("rent_usd_per_hour", "", "the rent"),
    ("rent_on_demand_usd_per_hour", "_on_demand", "on demand"),
    ("rent_reserved_1y_usd_per_hour", "_reserved_1y", "reserved for 1 year"),
    ("rent_reserved_3y_usd_per_hour", "_reserved_3y", "reserved for 3 years"),
    ("rent_reserved_5y_usd_per_hour", "_reserved_5y", "reserved for 5 years"),
];

/// The form.
pub const FORM: Form = Form {
    name: "hours",
    question: "after how many hours has owning a machine cost less than renting one",
    inputs: INPUTS,
    source: "Lenovo Press LP2368 (2026), On-Premise vs Cloud: Generative AI Total Cost of \
             Ownership",
    answer,
};

const INPUTS: &[Input] = &[
    input("capex_usd", "price of the machine", &["capex", "upfront"]),
    input(
        "rent_usd_per_hour",
        "rent of an equal machine",
        &["rate", "rent", "cloud_rate"],
    ),
    input("rent_on_demand_usd_per_hour", "rent on demand", &["rate_on_demand"]),
    input("rent_reserved_1y_usd_per_hour", "rent for 1 year", &["rate_reserved_1y"]),
    input("rent_reserved_3y_usd_per_hour", "rent for 3 years", &["rate_reserved_3y"]),
    input("rent_reserved_5y_usd_per_hour", "rent for 5 years", &["rate_reserved_5y"]),
    input(
        "running_usd_per_hour",
        "running cost, in place of its parts",
        &["opex_hourly", "opex_usd_per_hour"],
    ),
    input(
        "maintenance_share_per_year",
        "maintenance, of the price a year",
        &["maintenance"],
    ),
    input(
        "power_usd_per_hour",
        "power and cooling, in place of the next three",
        &["power_hourly"],
    ),
    input("power_kw", "power drawn", &["kw", "server_kw"]),
    input("usd_per_kwh", "electricity", &["electricity", "power_price"]),
    input(
        "cooling_usd_per_kwh",
        "cooling, on the same kWh",
        &["cooling", "cooling_air", "cooling_liquid"],
    ),
    input(
        "rack_usd_per_month",
        "colocation, spread over 720 h",
        &["colocation", "colocation_high_density", "colocation_std_density"],
    ),
    input("years", "years compared; 5 where left out", &["life_years", "life"]),
    input(
        "nameplate_kw",
        "most that the machine draws, to check the power against",
        &["max_kw"],
    ),
    input("tokens_per_s", "output tokens a second, for $/Mtok", &["throughput"]),
];

/// Hours of use from which owning costs less: `capex/(rent − running)`.
///
/// ```text
/// x = C/(r − o)
/// ```
/// where `capex_usd` is C, `rent_usd_per_hour` is r and `running_usd_per_hour` is o. Always
/// where nothing is paid up front and running costs no more than the rent; never where
/// running alone costs as much as the rent or more. **Units** hours. **Errors** [`OutOfRange`]
/// for numbers below zero. **Source** Lenovo Press LP2368 (2026). **Checked by** its case 1.
pub fn break_even_hours(
    capex_usd: f64,
    rent_usd_per_hour: f64,
    running_usd_per_hour: f64,
) -> Result<Threshold, OutOfRange> {
    let capex = non_negative("price of the machine, USD", capex_usd)?;
    let rent = non_negative("rent, USD/h", rent_usd_per_hour)?;
    let running = non_negative("running cost, USD/h", running_usd_per_hour)?;
    let margin = rent - running;
    Ok(if margin > 0.0 {
        if capex > 0.0 { Threshold::At(capex / margin) } else { Threshold::Always }
    } else if capex <= 0.0 && margin >= 0.0 {
        Threshold::Always
    } else {
        Threshold::Never(None)
    })
}

/// Hours of use a day from which owning costs less, over `years`.
///
/// ```text
/// h = (C + o · 8760 y)/(r · 365 y)
/// ```
/// Running costs every hour, rent the hours of use, as published. Never above 24, with its
/// value. **Units** hours a day. **Errors** as [`break_even_hours`], and for a rent or years
/// that are not positive. **Source** Lenovo Press LP2368 (2026), case 3.
pub fn break_even_hours_per_day(
    capex_usd: f64,
    rent_usd_per_hour: f64,
    running_usd_per_hour: f64,
    years: f64,
) -> Result<Threshold, OutOfRange> {
    let capex = non_negative("price of the machine, USD", capex_usd)?;
    let rent = positive("rent, USD/h", rent_usd_per_hour)?;
    let running = non_negative("running cost, USD/h", running_usd_per_hour)?;
    let years = positive("years compared", years)?;
    let hours = (capex + running * HOURS_PER_YEAR * years) / (rent * 365.0 * years);
    Ok(if hours > 24.0 { Threshold::Never(Some(hours)) } else { Threshold::At(hours) })
}

/// Running cost of the machine, USD an hour.
///
/// ```text
/// o = m C/8760 + kW (electricity + cooling) + rack/720
/// ```
fn running(given: &Given, capex: f64, to: &mut Answer) -> Result<f64, Refused> {
    if let Some(running) = given.get("running_usd_per_hour") {
        return Ok(non_negative("running cost, USD/h", running)?);
    }
    let parts = [
        "maintenance_share_per_year",
        "power_usd_per_hour",
        "power_kw",
        "rack_usd_per_month",
    ];
    if !parts.iter().any(|key| given.has(key)) {
        return Err(Refused::Missing(vec![
            "`running_usd_per_hour` (or its parts: `maintenance_share_per_year`, \
             `power_kw` with `usd_per_kwh`, `rack_usd_per_month`)"
                .to_owned(),
        ]));
    }
    let share =
        non_negative("maintenance share", given.or("maintenance_share_per_year", 0.0))?;
    let maintenance = share * capex / HOURS_PER_YEAR;
    let rack = non_negative("rack, USD a month", given.or("rack_usd_per_month", 0.0))?;
    let (power, said) = power(given)?;
    Ok(to.number(
        "opex_hourly",
        "running cost",
        maintenance + power + rack / RACK_HOURS,
        "USD/h",
        (
            "o = m C/8760 + power and cooling + rack/720",
            format!(
                "{} · {}/8760 + {said} + {}/720",
                plain(share),
                plain(capex),
                plain(rack)
            ),
        ),
    ))
}

/// Power and cooling, USD an hour, and how it is made up.
fn power(given: &Given) -> Result<(f64, String), Refused> {
    if let Some(power) = given.get("power_usd_per_hour") {
        let power = non_negative("power and cooling, USD/h", power)?;
        return Ok((power, plain(power)));
    }
    let Some(kw) = given.get("power_kw") else {
        // A price of energy without the energy is no cost of nothing.
        let has_price = given.has("usd_per_kwh") || given.has("cooling_usd_per_kwh");
        return if has_price {
            Err(Refused::Missing(vec![
                "`power_kw` (or `power_usd_per_hour`, or `running_usd_per_hour`)"
                    .to_owned(),
            ]))
        } else {
            Ok((0.0, "0".to_owned()))
        };
    };
    let kw = non_negative("power, kW", kw)?;
    let [electricity] = given.need(["usd_per_kwh"])?;
    let electricity = non_negative("electricity, USD/kWh", electricity)?;
    let cooling = non_negative("cooling, USD/kWh", given.or("cooling_usd_per_kwh", 0.0))?;
    let said = format!("{} · ({} + {})", plain(kw), plain(electricity), plain(cooling));
    Ok((kw * (electricity + cooling), said))
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let mut missing = Vec::new();
    let capex = given.get("capex_usd").unwrap_or_else(|| {
        missing.push("`capex_usd`".to_owned());
        0.0
    });
    let rents: Vec<_> = RENTS
        .iter()
        .filter_map(|(key, tail, name)| given.get(key).map(|rent| (rent, *tail, *name)))
        .collect();
    if rents.is_empty() && !given.has("tokens_per_s") {
        missing.push("`rent_usd_per_hour`".to_owned());
    }
    let running = match running(given, capex, &mut to) {
        Err(Refused::Missing(more)) => {
            missing.extend(more);
            0.0
        }
        other => other?,
    };
    if !missing.is_empty() {
        return Err(Refused::Missing(missing));
    }
    let years = positive("years compared", given.or("years", 5.0))?;
    amortised(given, (capex, running, years), &mut to)?;
    let mut found = Vec::new();
    for (rent, tail, name) in rents {
        found.extend(against(rent, tail, name, (capex, running, years), &mut to)?);
    }
    spread(&found, &mut to);
    doubts(given, capex, &found, &mut to)?;
    to.note(
        "Not discounted, without resale. Break-even hours are hours in use; hours of use a day \
         charge running costs around the clock, as published.",
    );
    Ok(to)
}

/// Cost of an hour and of tokens over the years.
fn amortised(
    given: &Given,
    (capex, running, years): (f64, f64, f64),
    to: &mut Answer,
) -> Result<(), Refused> {
    let hours = years * HOURS_PER_YEAR;
    let hourly = to.number(
        "hourly_amortised",
        "owning, each hour",
        capex / hours + running,
        "USD/h",
        (
            "C/(8760 y) + o",
            format!("{}/{} + {}", plain(capex), plain(hours), plain(running)),
        ),
    );
    let own = to.number(
        "onprem_usd",
        format!("owning, {} years", plain(years)),
        capex + running * hours,
        "USD",
        (
            "C + o · 8760 y",
            format!("{} + {} · {}", plain(capex), plain(running), plain(hours)),
        ),
    );
    debug_assert!((own - hourly * hours).abs() <= 1e-6 * own.abs().max(1.0));
    if let Some(speed) = given.get("tokens_per_s") {
        let speed = positive("output tokens a second", speed)?;
        to.number(
            "usd_per_mtok",
            "owning, a million tokens",
            hourly * 1e6 / (3600.0 * speed),
            "USD/Mtok",
            (
                "hourly · 10⁶/(3600 tokens/s)",
                format!("{} · 1e6/(3600 · {})", plain(hourly), plain(speed)),
            ),
        );
        for (key, tail, name) in RENTS {
            if let Some(rent) = given.get(key) {
                to.number(
                    format!("usd_per_mtok{tail}_rent"),
                    format!("renting ({name}), a million tokens"),
                    rent * 1e6 / (3600.0 * speed),
                    "USD/Mtok",
                    (
                        "r · 10⁶/(3600 tokens/s)",
                        format!("{} · 1e6/(3600 · {})", plain(rent), plain(speed)),
                    ),
                );
            }
        }
    }
    Ok(())
}

/// The break-even against one rent.
fn against(
    rent: f64,
    tail: &str,
    name: &str,
    (capex, running, years): (f64, f64, f64),
    to: &mut Answer,
) -> Result<Option<(f64, f64)>, Refused> {
    let hours = years * HOURS_PER_YEAR;
    let per_day = break_even_hours_per_day(capex, rent, running, years)?;
    to.push(
        format!("breakeven_hours_per_day{tail}"),
        format!("against {name}: hours of use a day"),
        Figure::Threshold(per_day),
        "h/day",
        (
            "(C + o · 8760 y)/(r · 365 y)",
            format!(
                "({} + {} · {})/({} · {})",
                plain(capex),
                plain(running),
                plain(hours),
                plain(rent),
                plain(365.0 * years)
            ),
        ),
    );
    let share = match per_day {
        Threshold::At(hours) => Threshold::At(hours / 24.0),
        Threshold::Never(hours) => Threshold::Never(hours.map(|hours| hours / 24.0)),
        Threshold::Always => Threshold::Always,
    };
    to.push(
        format!("be_util{tail}"),
        format!("against {name}: share of all hours"),
        Figure::Threshold(share),
        "share",
        ("hours a day/24", format!("{}/24", said_hours(per_day))),
    );
    let cloud = to.number(
        format!("cloud_usd{tail}"),
        format!("against {name}: renting, {} years", plain(years)),
        rent * hours,
        "USD",
        ("r · 8760 y", format!("{} · {}", plain(rent), plain(hours))),
    );
    to.number(
        format!("savings_usd{tail}"),
        format!("against {name}: saved by owning"),
        cloud - capex - running * hours,
        "USD",
        (
            "renting − owning",
            format!("{} − {}", plain(cloud), plain(capex + running * hours)),
        ),
    );
    let threshold = break_even_hours(capex, rent, running)?;
    let said = (
        "x = C/(r − o)",
        format!("{}/({} − {})", plain(capex), plain(rent), plain(running)),
    );
    let months = match threshold {
        Threshold::At(x) => Threshold::At(x / HOURS_PER_MONTH),
        other => other,
    };
    to.push(
        format!("breakeven_months{tail}"),
        format!("against {name}: break-even in months"),
        Figure::Threshold(months),
        "months of 730 h",
        ("x/730", said.1.clone() + "/730"),
    );
    to.push(
        format!("breakeven_hours{tail}"),
        format!("against {name}: break-even"),
        Figure::Threshold(threshold),
        "h",
        said,
    );
    if threshold == Threshold::Never(None) {
        to.note(format!(
            "Against {name}: running the machine costs {} USD/h, the rent is {}: no margin \
             ever repays the price.",
            plain(running),
            plain(rent)
        ));
    }
    Ok(match threshold {
        Threshold::At(x) => Some((rent, x)),
        Threshold::Always | Threshold::Never(_) => None,
    })
}

/// Hours a day as a formula shows them.
fn said_hours(per_day: Threshold) -> String {
    Figure::Threshold(per_day).value().map_or_else(|| "0".to_owned(), plain)
}

/// How far the choice of the rent moves the answer.
fn spread(found: &[(f64, f64)], to: &mut Answer) {
    let least = found.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = found.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
    if let (Some((dear, few)), Some((cheap, many))) = (least, most)
        && many > 1.05 * few
    {
        to.note(format!(
            "The rent chosen moves the answer {:.1} times: {} h at {} USD/h, {} h at {} USD/h.",
            many / few,
            plain(few.round()),
            plain(dear),
            plain(many.round()),
            plain(cheap)
        ));
    }
}

/// Says what cannot be right in what is given.
fn doubts(
    given: &Given,
    capex: f64,
    found: &[(f64, f64)],
    to: &mut Answer,
) -> Result<(), Refused> {
    let (Some(power), Some(price), Some(nameplate)) = (
        given.get("power_usd_per_hour"),
        given.get("usd_per_kwh"),
        given.get("nameplate_kw"),
    ) else {
        return Ok(());
    };
    let price = positive("electricity and cooling, USD/kWh", price)?
        + given.or("cooling_usd_per_kwh", 0.0);
    let implied = power / price;
    if implied >= 0.5 * nameplate {
        return Ok(());
    }
    let mut note = format!(
        "Erratum of the source? {} USD/h at {} USD/kWh is {} kW, and the machine draws up to {}: \
         at that, power and cooling cost {} USD/h",
        plain(power),
        plain(price),
        plain((implied * 100.0).round() / 100.0),
        plain(nameplate),
        plain(nameplate * price)
    );
    if let Some((rent, x)) = found.first() {
        let running = rent - capex / x + nameplate * price - power;
        if let Threshold::At(at) = break_even_hours(capex, *rent, running)? {
            let later = format!(
                " and the break-even is {} h ({:+.1} %)",
                plain(at.round()),
                100.0 * (at / x - 1.0)
            );
            note += &later;
        }
    }
    to.note(note + ".");
    Ok(())
}
