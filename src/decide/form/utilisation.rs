//! Share of the hours that must be used for owning to cost no more than renting them.

use crate::decide::Threshold;
use crate::stats::range::{OutOfRange, non_negative, positive};
use crate::units::{HOURS_PER_MONTH, HOURS_PER_YEAR, MONTHS_PER_YEAR};

use super::given::input;
use super::machine::{self, Fleet, fleet};
use super::payback::{saving, used, within};
use super::{Answer, Figure, Form, Given, Input, Refused, plain};

/// The form.
pub const FORM: Form = Form {
    name: "utilisation",
    question: "from which share of hours used does owning cost no more than renting them",
    inputs: INPUTS,
    source: "ewyluda, gpu-price-index (a3b9e64), and mansi-shiroya1, gpu-tco-model (223578e)",
    answer,
};

const INPUTS: &[Input] = &[
    machine::RENT,
    input(
        "own_usd_per_chip_hour",
        "cost of an owned chip-hour at full use, in place of all below",
        &["own_usd_gpu_h_full", "own_hyperscaler_usd_gpu_h"],
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
    machine::UTILISATION,
];

/// Utilisation from which owning costs no more: own cost of an hour over its rent.
///
/// ```text
/// u* = own/rent
/// ```
/// where both are USD per chip-hour, the owned one where every hour is used. Never above 1,
/// with its value: 1.139 is *never*, not 100 %. The same says from which use a reservation
/// beats renting on demand. **Errors** [`OutOfRange`] for a rent that is not positive or an
/// own cost below zero. **Source** as the form.
pub fn break_even_utilisation(
    own_usd_per_chip_hour: f64,
    rent_usd_per_chip_hour: f64,
) -> Result<Threshold, OutOfRange> {
    let own = non_negative("own cost, USD per chip-hour", own_usd_per_chip_hour)?;
    let rent = positive("rent, USD per chip-hour", rent_usd_per_chip_hour)?;
    let found = own / rent;
    Ok(if own <= 0.0 {
        Threshold::Always
    } else if found > 1.0 {
        Threshold::Never(Some(found))
    } else {
        Threshold::At(found)
    })
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    if let Some(own) = given.get("own_usd_per_chip_hour") {
        let [rent] = given.need(["rent_usd_per_chip_hour"])?;
        let figure = Figure::Threshold(break_even_utilisation(own, rent)?);
        let said = ("u* = own/rent", format!("{}/{}", plain(own), plain(rent)));
        to.push("be_util", "break-even utilisation", figure, "share", said);
        return Ok(to);
    }
    let found = fleet(given, &mut to);
    let has_rent = given.has("rent_usd_per_chip_hour");
    let fleet = match found {
        Err(Refused::Missing(mut missing)) => {
            if !has_rent {
                missing.insert(0, "`rent_usd_per_chip_hour`".to_owned());
            }
            return Err(Refused::Missing(missing));
        }
        other => other?,
    };
    years(&fleet, &mut to);
    let rent = given
        .get("rent_usd_per_chip_hour")
        .map(|rent| positive("rent, USD per chip-hour", rent))
        .transpose()?;
    if given.has("utilisation") {
        at_use(&fleet, used(given)?, rent, &mut to)?;
    }
    let Some(rent) = rent else {
        if given.has("utilisation") {
            return Ok(to);
        }
        return Err(Refused::Missing(vec!["`rent_usd_per_chip_hour`".to_owned()]));
    };
    let full = rent * fleet.chips * HOURS_PER_MONTH;
    to.push(
        "be_util",
        "break-even utilisation",
        Figure::Threshold(fleet.break_even_utilisation(full)),
        "share",
        ("u* = (fixed + e i)/(r G 730 − e (1 − i))", fleet.break_even_numbers(full)),
    );
    Ok(to)
}

/// What owning costs a year where every hour is used.
fn years(fleet: &Fleet, to: &mut Answer) {
    let year = |month: f64| month * MONTHS_PER_YEAR;
    let each = [
        ("annual_depreciation", "depreciation, a year", fleet.depreciation),
        ("annual_colo", "space, a year", fleet.space),
        ("annual_energy", "energy at full use, a year", fleet.energy_full),
        ("annual_owned", "owning at full use, a year", fleet.monthly(1.0)),
    ];
    for (key, what, month) in each {
        let numbers = format!("12 · {}", plain(month));
        to.number(key, what, year(month), "USD/year", ("12 · month", numbers));
    }
    to.number(
        "own_usd_per_chip_hour_full",
        "a chip-hour where every hour is used",
        year(fleet.monthly(1.0)) / (fleet.chips * HOURS_PER_YEAR),
        "USD/chip-hour",
        (
            "year/(G · 8760)",
            format!(
                "{}/({} · 8760)",
                plain(year(fleet.monthly(1.0))),
                plain(fleet.chips)
            ),
        ),
    );
}

/// What both cost at the utilisation that is given.
fn at_use(
    fleet: &Fleet,
    u: f64,
    rent: Option<f64>,
    to: &mut Answer,
) -> Result<(), Refused> {
    let energy = fleet.energy(u);
    to.number(
        "energy",
        "energy",
        energy,
        "USD/month",
        (
            "e (i + (1 − i) u)",
            format!(
                "{} · ({} + {} · {})",
                plain(fleet.energy_full),
                plain(fleet.idle_share),
                plain(1.0 - fleet.idle_share),
                plain(u)
            ),
        ),
    );
    let own = to.number(
        "own_monthly",
        "owning, a month",
        fleet.monthly(u),
        "USD/month",
        ("fixed + energy", format!("{} + {}", plain(fleet.fixed()), plain(energy))),
    );
    let hours = fleet.chips * HOURS_PER_MONTH * u;
    to.number(
        "own_usd_gpu_h",
        "owning, a chip-hour in use",
        own / hours,
        "USD/chip-hour",
        (
            "own/(G 730 u)",
            format!("{}/({} · 730 · {})", plain(own), plain(fleet.chips), plain(u)),
        ),
    );
    let Some(rent) = rent else { return Ok(()) };
    let rented = to.number(
        "rent_monthly",
        "renting the same hours, a month",
        rent * hours,
        "USD/month",
        (
            "r G 730 u",
            format!("{} · {} · 730 · {}", plain(rent), plain(fleet.chips), plain(u)),
        ),
    );
    let months = fleet.life_years * MONTHS_PER_YEAR;
    to.number(
        "savings",
        "saved by owning, over the years of use",
        (rented - own) * months,
        "USD",
        (
            "(rent − own) · 12 y",
            format!("({} − {}) · {}", plain(rented), plain(own), plain(months)),
        ),
    );
    let saving = saving(fleet, u, rent);
    to.push(
        "payback_month",
        "first month that has repaid the price",
        Figure::Threshold(within(fleet.capex_usd, saving, 0.0, months)?),
        "month",
        (
            "⌈C/(rent − (own − depreciation))⌉",
            format!("⌈{}/{}⌉", plain(fleet.capex_usd), plain(saving)),
        ),
    );
    Ok(())
}
