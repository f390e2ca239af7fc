//! What an owned fleet costs a month: the sheet behind utilisation, tokens and payback.
//!
//! Straight-line depreciation, interest on half of the price (an approximation that
//! published sheets use; an exact annuity can be asked for), space by nameplate, energy
//! with an idle share, operation as a share of the price.

use crate::finance::{annuity_payment, monthly_rate};
use crate::stats::range::{in_range, non_negative, positive, share};
use crate::units::{HOURS_PER_MONTH, MONTHS_PER_YEAR};

use super::given::input;
use super::{Answer, Given, Input, Refused, plain};

/// Chips of a server, where it is not said.
const CHIPS_PER_SERVER: f64 = 8.0;

/// What an owned fleet asks, shared by the forms that need one.
pub(super) const CAPEX: Input = input("capex_usd", "price of all machines", &["capex"]);
pub(super) const USD_PER_SERVER: Input = input(
    "usd_per_server",
    "or price of a server, as many as the chips need",
    &["capex_per_8gpu_server", "capex_per_server"],
);
pub(super) const USD_PER_CHIP: Input =
    input("usd_per_chip", "or price of a chip", &["gpu_price", "chip_price", "gpu"]);
pub(super) const CHASSIS: Input =
    input("chassis_usd", "what stands around the chips", &["chassis"]);
pub(super) const CHIPS: Input = input("chips", "chips", &["gpu_count", "gpus"]);
pub(super) const CHIPS_PER_SERVER_: Input = input(
    "chips_per_server",
    "chips of a server; 8 where left out",
    &["gpus_per_server"],
);
pub(super) const LIFE: Input =
    input("life_years", "years of use", &["depreciation_years", "life", "years"]);
pub(super) const POWER: Input = input("power_kw", "power of all machines", &["it_kw"]);
pub(super) const SERVER_POWER: Input =
    input("server_kw", "or power of a server", &["kw_per_server"]);
pub(super) const PUE: Input =
    input("pue", "power usage effectiveness; 1 where left out", &[]);
pub(super) const ENERGY: Input =
    input("usd_per_kwh", "electricity", &["power_price", "electricity", "power"]);
pub(super) const IDLE: Input = input(
    "idle_share",
    "power when idle, of full power; 1 where left out",
    &["idle_power_fraction"],
);
pub(super) const SPACE: Input =
    input("space_usd_per_kw_month", "colocation", &["colo", "colo_usd_per_kw_month"]);
pub(super) const OPERATION: Input = input(
    "operation_share_per_year",
    "operation, of the price a year",
    &["ops_pct_of_capex", "maintenance"],
);
pub(super) const INTEREST: Input = input(
    "cost_of_capital_per_year",
    "interest on half of the price",
    &["cost_of_capital", "wacc"],
);
pub(super) const ANNUITY: Input =
    input("annuity_rate_per_year", "or an exact annuity at this rate", &["annuity_rate"]);
pub(super) const OTHER: Input =
    input("other_usd_per_month", "anything else", &["other_monthly"]);
pub(super) const UTILISATION: Input =
    input("utilisation", "share of the hours in use", &["utilization"]);
pub(super) const RENT: Input = input(
    "rent_usd_per_chip_hour",
    "rent of a chip by the hour",
    &["rent", "rent_usd_per_gpu_hour"],
);

/// An owned fleet, by the month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fleet {
    /// Chips.
    pub chips: f64,
    /// Price of all.
    pub capex_usd: f64,
    /// Years of use.
    pub life_years: f64,
    /// Depreciation.
    pub depreciation: f64,
    /// Interest.
    pub interest: f64,
    /// Space.
    pub space: f64,
    /// Operation.
    pub operation: f64,
    /// Anything else.
    pub other: f64,
    /// Energy where every hour is used.
    pub energy_full: f64,
    /// Share of it drawn when idle.
    pub idle_share: f64,
}

impl Fleet {
    /// What is paid a month whatever is used, energy left out.
    pub fn fixed(&self) -> f64 {
        self.depreciation + self.interest + self.space + self.operation + self.other
    }

    /// Energy of a month at a utilisation.
    pub fn energy(&self, utilisation: f64) -> f64 {
        self.energy_full * (self.idle_share + (1.0 - self.idle_share) * utilisation)
    }

    /// All of a month.
    pub fn monthly(&self, utilisation: f64) -> f64 {
        self.fixed() + self.energy(utilisation)
    }

    /// Utilisation from which owning costs no more than paying `per_full_month` for a month
    /// of full use, or the like share of it for less.
    ///
    /// ```text
    /// u* = (fixed + e i)/(p − e (1 − i))
    /// ```
    /// where e is the energy of a month of full use and i the idle share. Above 1 it is
    /// never, with its value; never, too, where a used hour saves nothing.
    /// **Source** ewyluda, gpu-price-index, `tco.py` (a3b9e64).
    pub fn break_even_utilisation(
        &self,
        per_full_month: f64,
    ) -> crate::decide::Threshold {
        use crate::decide::Threshold;
        let sunk = self.fixed() + self.energy_full * self.idle_share;
        let saved = per_full_month - self.energy_full * (1.0 - self.idle_share);
        if saved <= 0.0 {
            Threshold::Never(None)
        } else if sunk <= 0.0 {
            Threshold::Always
        } else if sunk > saved {
            Threshold::Never(Some(sunk / saved))
        } else {
            Threshold::At(sunk / saved)
        }
    }

    /// The formula of [`Fleet::break_even_utilisation`] with its numbers.
    pub(super) fn break_even_numbers(&self, per_full_month: f64) -> String {
        let (e, i) = (plain(self.energy_full), plain(self.idle_share));
        format!(
            "({} + {e} · {i})/({} − {e} · (1 − {i}))",
            plain(self.fixed()),
            plain(per_full_month)
        )
    }
}

/// True if what is given describes a machine at all.
pub(super) fn is_described(given: &Given) -> bool {
    ["capex_usd", "usd_per_server", "usd_per_chip"].iter().any(|key| given.has(key))
}

/// The fleet that is given, its parts noted as lines.
pub(super) fn fleet(given: &Given, to: &mut Answer) -> Result<Fleet, Refused> {
    let mut missing: Vec<String> = Vec::new();
    if !is_described(given) {
        missing.push("`capex_usd` (or `usd_per_server`, or `usd_per_chip`)".to_owned());
    }
    for key in ["chips", "life_years"] {
        if !given.has(key) {
            missing.push(format!("`{key}`"));
        }
    }
    let has_power = given.has("power_kw") || given.has("server_kw");
    if has_power && !given.has("usd_per_kwh") {
        missing.push("`usd_per_kwh`".to_owned());
    }
    let spends = given.has("usd_per_kwh") || given.has("space_usd_per_kw_month");
    if spends && !has_power {
        missing.push("`power_kw` (or `server_kw`)".to_owned());
    }
    if !missing.is_empty() {
        return Err(Refused::Missing(missing));
    }
    let [chips, life_years] = given.need(["chips", "life_years"])?;
    let chips = positive("chips", chips)?;
    let life_years = positive("years of use", life_years)?;
    let per_server = given.or("chips_per_server", CHIPS_PER_SERVER);
    let servers = (chips / positive("chips of a server", per_server)?).ceil();
    let capex_usd = capex(given, chips, servers, to)?;
    let months = life_years * MONTHS_PER_YEAR;
    let annuity = given.get("annuity_rate_per_year");
    if let Some(rate) = annuity {
        non_negative("annuity rate per year", rate)?;
    }
    let depreciation = to.number(
        "dep",
        "depreciation",
        capex_usd / months,
        "USD/month",
        ("C/(12 y)", format!("{}/{}", plain(capex_usd), plain(months))),
    );
    let interest = match annuity {
        Some(rate) => to.number(
            "capital",
            "interest, in the mean month of an annuity",
            capex_usd * annuity_payment(monthly_rate(rate), months) - depreciation,
            "USD/month",
            (
                "C i/(1 − (1+i)^(−12y)) − C/(12 y)",
                format!("i = (1 + {})^(1/12) − 1", plain(rate)),
            ),
        ),
        None => interest(given, capex_usd, to)?,
    };
    let kw = given.get("power_kw").or(given.get("server_kw").map(|kw| kw * servers));
    let kw = non_negative("power, kW", kw.unwrap_or(0.0))?;
    let pue = in_range("PUE", given.or("pue", 1.0), "1 or more", |x| x >= 1.0)?;
    let price = non_negative("electricity, USD/kWh", given.or("usd_per_kwh", 0.0))?;
    let idle_share = share("idle share", given.or("idle_share", 1.0))?;
    let rate = non_negative(
        "space, USD per kW and month",
        given.or("space_usd_per_kw_month", 0.0),
    )?;
    let space = to.number(
        "colo",
        "space",
        kw * rate,
        "USD/month",
        ("kW · rate", format!("{} · {}", plain(kw), plain(rate))),
    );
    let part =
        non_negative("operation share", given.or("operation_share_per_year", 0.0))?;
    let operation = to.number(
        "ops",
        "operation",
        part * capex_usd / MONTHS_PER_YEAR,
        "USD/month",
        ("C · share/12", format!("{} · {}/12", plain(capex_usd), plain(part))),
    );
    let energy_full = kw * pue * HOURS_PER_MONTH * price;
    let other = non_negative("other cost a month", given.or("other_usd_per_month", 0.0))?;
    Ok(Fleet {
        chips,
        capex_usd,
        life_years,
        depreciation,
        interest,
        space,
        operation,
        other,
        energy_full,
        idle_share,
    })
}

fn capex(
    given: &Given,
    chips: f64,
    servers: f64,
    to: &mut Answer,
) -> Result<f64, Refused> {
    if let Some(all) = given.get("capex_usd") {
        return Ok(non_negative("price of the machines, USD", all)?);
    }
    let chassis = given.or("chassis_usd", 0.0);
    let (value, formula) = if let Some(server) = given.get("usd_per_server") {
        (
            non_negative("price of a server, USD", server)? * servers,
            ("servers · price", format!("{} · {}", plain(servers), plain(server))),
        )
    } else {
        let [chip] = given.need(["usd_per_chip"])?;
        let chip = non_negative("price of a chip, USD", chip)?;
        (
            chips * chip + chassis,
            (
                "chips · price + chassis",
                format!("{} · {} + {}", plain(chips), plain(chip), plain(chassis)),
            ),
        )
    };
    Ok(to.number("capex", "price of all machines", value, "USD", formula))
}

fn interest(given: &Given, capex: f64, to: &mut Answer) -> Result<f64, Refused> {
    let rate = non_negative(
        "cost of capital per year",
        given.or("cost_of_capital_per_year", 0.0),
    )?;
    Ok(to.number(
        "capital",
        "interest on half of the price",
        capex * rate / 2.0 / MONTHS_PER_YEAR,
        "USD/month",
        ("C w/2/12", format!("{} · {}/2/12", plain(capex), plain(rate))),
    ))
}
