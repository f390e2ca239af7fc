//! Months after which what is saved has repaid the price, discounted or not.

use crate::decide::Threshold;
use crate::finance::monthly_rate;
use crate::stats::range::{OutOfRange, finite, in_range, non_negative, positive};
use crate::units::HOURS_PER_MONTH;

use super::given::input;
use super::machine::{self, Fleet, fleet};
use super::{Answer, Figure, Form, Given, Input, Refused, plain};

/// The form.
pub const FORM: Form = Form {
    name: "payback",
    question: "after how many months has what a machine saves repaid its price",
    inputs: INPUTS,
    source: "Brealey, Myers and Allen (2020), Principles of Corporate Finance, §5.2",
    answer,
};

const INPUTS: &[Input] = &[
    machine::CAPEX,
    input(
        "saving_usd_per_month",
        "rent saved less running cost, in place of all below",
        &["saving_monthly"],
    ),
    input(
        "discount_rate_per_year",
        "discount rate; 0 where left out",
        &["discount_rate"],
    ),
    input("horizon_months", "no later than; the years of use where left out", &[]),
    machine::USD_PER_SERVER,
    machine::USD_PER_CHIP,
    machine::CHASSIS,
    machine::CHIPS,
    machine::CHIPS_PER_SERVER_,
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
    machine::RENT,
];

/// Months until the present value of a monthly saving reaches the price.
///
/// ```text
/// n = C/s,   with a monthly rate i: n = −ln(1 − C i/s)/ln(1 + i)
/// ```
/// where `capex_usd` is C, `saving_usd_per_month` is s, paid at the end of each month, and
/// i = (1 + `discount_rate_per_year`)^(1/12) − 1. Never where nothing is saved, or where the
/// saving for ever is worth less than the price. **Units** months. **Errors** [`OutOfRange`]
/// for a price or rate below zero. **Source** Brealey, Myers and Allen (2020), §2.2 and §5.2.
pub fn payback_months(
    capex_usd: f64,
    saving_usd_per_month: f64,
    discount_rate_per_year: f64,
) -> Result<Threshold, OutOfRange> {
    let capex = non_negative("price of the machines, USD", capex_usd)?;
    let saving = finite("saving, USD a month", saving_usd_per_month)?;
    let i = monthly_rate(non_negative("discount rate per year", discount_rate_per_year)?);
    if capex <= 0.0 {
        return Ok(if saving >= 0.0 {
            Threshold::Always
        } else {
            Threshold::Never(None)
        });
    }
    if saving <= 0.0 {
        return Ok(Threshold::Never(None));
    }
    if i <= 0.0 {
        return Ok(Threshold::At(capex / saving));
    }
    let left = 1.0 - capex * i / saving;
    Ok(if left > 0.0 {
        Threshold::At(-left.ln() / i.ln_1p())
    } else {
        Threshold::Never(None)
    })
}

/// What a fleet saves a month: rent of the hours used, less what it costs to run.
pub(super) fn saving(fleet: &Fleet, utilisation: f64, rent: f64) -> f64 {
    let rented = rent * fleet.chips * HOURS_PER_MONTH * utilisation;
    rented - (fleet.monthly(utilisation) - fleet.depreciation)
}

/// The first whole month that has repaid the price, within `horizon` months.
pub(super) fn within(
    capex: f64,
    saving: f64,
    rate: f64,
    horizon: f64,
) -> Result<Threshold, OutOfRange> {
    Ok(match payback_months(capex, saving, rate)? {
        // A month that ends on the day counts; rounding must not add one.
        Threshold::At(x) if (x - 1e-9).ceil() <= horizon => {
            Threshold::At((x - 1e-9).ceil())
        }
        Threshold::At(x) => Threshold::Never(Some((x - 1e-9).ceil())),
        other => other,
    })
}

fn answer(given: &Given) -> Result<Answer, Refused> {
    let mut to = Answer::default();
    let rate = given.or("discount_rate_per_year", 0.0);
    let (capex, saving, life) = if let Some(saving) = given.get("saving_usd_per_month") {
        let [capex] = given.need(["capex_usd"])?;
        (capex, saving, given.get("life_years"))
    } else {
        let mut missing = Vec::new();
        let found = fleet(given, &mut to);
        if let Err(Refused::Missing(more)) = &found {
            missing.extend(more.clone());
        }
        for key in ["rent_usd_per_chip_hour", "utilisation"] {
            if !given.has(key) {
                missing.push(format!("`{key}`"));
            }
        }
        if !missing.is_empty() {
            missing.push("or `saving_usd_per_month` in place of all of these".to_owned());
            return Err(Refused::Missing(missing));
        }
        let fleet = found?;
        let rent = positive(
            "rent, USD per chip-hour",
            given.or("rent_usd_per_chip_hour", f64::NAN),
        )?;
        let u = used(given)?;
        let saving = saving(&fleet, u, rent);
        to.number(
            "saving_usd_per_month",
            "saved a month",
            saving,
            "USD/month",
            (
                "r G 730 u − (own − depreciation)",
                format!(
                    "{} · {} · 730 · {} − ({} − {})",
                    plain(rent),
                    plain(fleet.chips),
                    plain(u),
                    plain(fleet.monthly(u)),
                    plain(fleet.depreciation)
                ),
            ),
        );
        (fleet.capex_usd, saving, Some(fleet.life_years))
    };
    let horizon = given.get("horizon_months").or(life.map(|years| years * 12.0));
    let horizon = positive("horizon, months", horizon.unwrap_or(1e9))?;
    let found = payback_months(capex, saving, rate)?;
    let said = if rate > 0.0 {
        (
            "n = −ln(1 − C i/s)/ln(1 + i)",
            format!(
                "C = {}, s = {}, i = (1 + {})^(1/12) − 1",
                plain(capex),
                plain(saving),
                plain(rate)
            ),
        )
    } else {
        ("n = C/s", format!("{}/{}", plain(capex), plain(saving)))
    };
    let figure = match found {
        Threshold::At(x) if x > horizon => Threshold::Never(Some(x)),
        other => other,
    };
    to.push(
        "payback_months",
        "payback",
        Figure::Threshold(figure),
        "months",
        (said.0, said.1.clone()),
    );
    to.push(
        "payback_month",
        "first whole month that has repaid it",
        Figure::Threshold(within(capex, saving, rate, horizon)?),
        "month",
        said,
    );
    if let Threshold::Never(None) = found {
        to.note("What is saved never repays the price.");
    }
    Ok(to)
}

/// The utilisation that is given: a share above 0.
pub(super) fn used(given: &Given) -> Result<f64, Refused> {
    let [u] = given.need(["utilisation"])?;
    Ok(in_range("utilisation", u, "above 0 and at most 1", |u| 0.0 < u && u <= 1.0)?)
}
