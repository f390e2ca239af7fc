//! What a plan says of a source of compute.
//!
//! Only the ids are needed; every other key overrides a default that the results list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain};

use super::fees::FeesSpec;
use super::network::NetworkSpec;
use super::own::ResaleBy;
use super::sell::SellSpec;

/// Machines of one's own.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnSpec {
    /// Id of an accelerator.
    pub accelerator: String,
    /// Id of a facility.
    pub facility: String,
    /// Price of a chip's share of a server, US dollars; left out: the newest quote.
    #[serde(default)]
    pub usd_per_chip: Option<Uncertain>,
    /// Network and storage as a share of the cluster's capex.
    #[serde(default)]
    pub network_share_of_capex: Option<Uncertain>,
    /// A network that steps up with the cluster, beside that share: then 0 by default.
    #[serde(default)]
    pub network: Option<NetworkSpec>,
    /// Storage bought with a chip, US dollars; moves with the price of chips. Default 0.
    #[serde(default)]
    pub storage_usd_per_chip: Option<Uncertain>,
    /// Installation of a chip, US dollars; moves with the price of chips. Default 0.
    #[serde(default)]
    pub install_usd_per_chip: Option<Uncertain>,
    /// Chips bought beyond those that serve, as a share of them.
    #[serde(default)]
    pub spares_share: Option<f64>,
    /// Months from order to service.
    #[serde(default)]
    pub lead_time_months: Option<Uncertain>,
    /// Smallest number of chips ordered at once, 0 for fractions of chips; left out: the
    /// profile's.
    #[serde(default)]
    pub lump_chips: Option<f64>,
    /// Share of the price paid with the order; the rest is paid on arrival.
    #[serde(default)]
    pub deposit_share: Option<f64>,
    /// Years a machine serves before it is sold.
    #[serde(default)]
    pub life_years: Option<f64>,
    /// Yearly fall of a used machine's value below a new one of the same speed (log).
    #[serde(default)]
    pub wear_per_year: Option<Uncertain>,
    /// What used machines are priced by: how they wear, or what they still earn. Left out:
    /// what they earn, or wear where `wear_per_year` is given.
    #[serde(default)]
    pub resale_by: Option<ResaleBy>,
    /// What a used machine fetches over that value: 0 for no resale at all.
    #[serde(default)]
    pub resale_share: Option<Uncertain>,
    /// Whether later orders buy the same part or what is best then.
    #[serde(default)]
    pub generation: Option<Generation>,
    /// Yearly gain in energy efficiency of what is bought later (log).
    #[serde(default)]
    pub efficiency_gain_per_year: Option<f64>,
    /// Most chips that may stand at once.
    #[serde(default)]
    pub chips_limit: Option<f64>,
    /// Most machine power the site provides, kW.
    #[serde(default)]
    pub power_limit_kw: Option<f64>,
    /// Most that may be ordered in a year, US dollars: chips, and the network, hall, fit-out
    /// and land that they ask for.
    #[serde(default)]
    pub budget_usd_per_year: Option<f64>,
    /// Power of a chip's share of a server under load, kW.
    #[serde(default)]
    pub power_kw_per_chip: Option<Uncertain>,
    /// Power to reserve for a chip's share of a server, kW.
    #[serde(default)]
    pub nameplate_kw_per_chip: Option<Uncertain>,
    /// Draw of an idle server over its draw under load.
    #[serde(default)]
    pub idle_power_share: Option<Uncertain>,
    /// Power usage effectiveness of the site.
    #[serde(default)]
    pub pue: Option<Uncertain>,
    /// Price of energy, US dollars per kWh.
    #[serde(default)]
    pub energy_usd_per_kwh: Option<Uncertain>,
    /// Rent of space, US dollars per kW and month.
    #[serde(default)]
    pub space_usd_per_kw_month: Option<Uncertain>,
    /// Support, spares, network care and staff, share of capex a year.
    #[serde(default)]
    pub operation_share_of_capex_per_year: Option<Uncertain>,
    /// Any other running cost of a chip, US dollars a month.
    #[serde(default)]
    pub other_usd_per_chip_month: Option<Uncertain>,
    /// People who run the machines, by the size of the fleet. Default none.
    #[serde(default)]
    pub staff: Option<StaffSpec>,
    /// Licences of a chip, US dollars a year. Default 0.
    #[serde(default)]
    pub software_usd_per_chip_year: Option<Uncertain>,
    /// Insurance, share of the price of what stands a year. Default 0.
    #[serde(default)]
    pub insurance_share_of_capex_per_year: Option<Uncertain>,
    /// Taking a chip away when it is sold or the plan ends, US dollars. Default 0.
    #[serde(default)]
    pub decommissioning_usd_per_chip: Option<f64>,
    /// Sells what has stood above need, before its life is over. Default never.
    #[serde(default)]
    pub sell_unneeded: Option<SellSpec>,
    /// Power and cooling fitted into a hall of one's own, beside its construction. Default
    /// none.
    #[serde(default)]
    pub fit_out: Option<FitOutSpec>,
    /// Years the shell of a hall of one's own serves; left out: the facility's.
    #[serde(default)]
    pub hall_life_years: Option<f64>,
    /// Land below a hall of one's own, US dollars per kW of it; sold again at the end,
    /// never written off. Default 0.
    #[serde(default)]
    pub land_usd_per_kw: Option<f64>,
    /// Yearly rise of the price of land. Default 0.
    #[serde(default)]
    pub land_growth_per_year: Option<f64>,
    /// Interest on the average balance, a year, as some calculators charge it; 0 where
    /// discounting and debt already carry the cost of capital.
    #[serde(default)]
    pub capital_charge_per_year: Option<f64>,
    /// Share of the time a machine is in working order.
    #[serde(default)]
    pub availability: Option<Uncertain>,
    /// Share of chips lost for good in a year.
    #[serde(default)]
    pub loss_per_year: Option<Uncertain>,
}

/// What is fitted into a hall, on a life of its own.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitOutSpec {
    /// Cost at the plan's start, US dollars per kW of machine power.
    pub usd_per_kw: Uncertain,
    /// Years until it is bought again.
    pub life_years: f64,
}

impl Check for FitOutSpec {
    fn check(&self, at: &mut Checker) {
        at.non_negative("usd_per_kw", self.usd_per_kw);
        at.ranged(
            "life_years",
            Uncertain::from(self.life_years),
            "above 0 and at most 60",
            |x| x > 0.0 && x <= 60.0,
        );
    }
}

/// People who run machines.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffSpec {
    /// What a person costs, US dollars a year.
    pub usd_per_person_year: f64,
    /// Chips that one person can look after.
    pub chips_per_person: f64,
    /// People that the first chip asks for. Default 1.
    #[serde(default)]
    pub fewest_persons: Option<f64>,
}

impl StaffSpec {
    /// People that the first chip asks for.
    pub fn fewest(&self) -> f64 {
        self.fewest_persons.unwrap_or(1.0)
    }
}

impl Check for StaffSpec {
    fn check(&self, at: &mut Checker) {
        at.non_negative("usd_per_person_year", Uncertain::from(self.usd_per_person_year));
        at.positive("chips_per_person", Uncertain::from(self.chips_per_person));
        at.non_negative("fewest_persons", self.fewest_persons.map(Uncertain::from));
    }
}

/// What later orders buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// The same part, at its price then.
    Same,
    /// What is best then: the price of the same speed falls with FLOP per dollar.
    Frontier,
}

/// Chips committed for a term.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveSpec {
    /// Id of an accelerator.
    pub accelerator: String,
    /// Id of an offer; left out: the cheapest of a neocloud in the catalogue.
    #[serde(default)]
    pub offer: Option<String>,
    /// Years committed: 1, 3 or 5.
    pub term_years: u32,
    /// Price at the plan's start, US dollars per chip-hour; left out: the offer's.
    #[serde(default)]
    pub usd_per_chip_hour: Option<Uncertain>,
    /// Share of the whole term's price that is paid when it begins; what is paid for
    /// months after the plan's end comes back. Default 0.
    #[serde(default)]
    pub upfront_share: Option<f64>,
    /// Months from commitment to service.
    #[serde(default)]
    pub lead_time_months: Option<u32>,
    /// Support and storage while chips are committed, a setup when they first are. Default
    /// none.
    #[serde(default)]
    pub fees: Option<FeesSpec>,
    /// Name of the trajectory its price follows; left out: `rent` and the accelerator's own.
    #[serde(default)]
    pub trajectory: Option<String>,
}

/// Chips by the hour.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnDemandSpec {
    /// Id of an accelerator.
    pub accelerator: String,
    /// Id of an offer; left out: the cheapest of a neocloud in the catalogue.
    #[serde(default)]
    pub offer: Option<String>,
    /// Price at the plan's start, US dollars per chip-hour; left out: the offer's.
    #[serde(default)]
    pub usd_per_chip_hour: Option<Uncertain>,
    /// Support, storage, egress, a promised spend. Default none.
    #[serde(default)]
    pub fees: Option<FeesSpec>,
    /// Most chips that can be had at once.
    #[serde(default)]
    pub quota_chips: Option<f64>,
    /// Name of the trajectory its price follows; left out: `rent` and the accelerator's own.
    #[serde(default)]
    pub trajectory: Option<String>,
}

/// Interruptible chips.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpotSpec {
    /// Id of an accelerator.
    pub accelerator: String,
    /// Id of an offer; left out: the cheapest in the catalogue.
    #[serde(default)]
    pub offer: Option<String>,
    /// Price at the plan's start, US dollars per chip-hour; left out: the offer's.
    #[serde(default)]
    pub usd_per_chip_hour: Option<Uncertain>,
    /// Chips in the pool when it is available.
    pub quota_chips: f64,
    /// Support, storage, egress, a promised spend. Default none.
    #[serde(default)]
    pub fees: Option<FeesSpec>,
    /// Share of the time the pool is available.
    #[serde(default)]
    pub availability: Option<Uncertain>,
    /// Share of the work lost to interruptions.
    #[serde(default)]
    pub lost_work_share: Option<Uncertain>,
    /// Name of the trajectory its price follows; left out: `rent` and the accelerator's own.
    #[serde(default)]
    pub trajectory: Option<String>,
}

/// Tokens from an API.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiSpec {
    /// Id of an offer; left out: the cheapest in the catalogue for the model.
    #[serde(default)]
    pub offer: Option<String>,
    /// The model bought, as the offer names it; left out: the workload's own.
    #[serde(default)]
    pub model: Option<String>,
    /// Which history the price follows.
    #[serde(default)]
    pub series: Option<PriceSeries>,
    /// Price of input at the plan's start, US dollars per Mtok; left out: the offer's.
    #[serde(default)]
    pub input_usd_per_mtok: Option<Uncertain>,
    /// Price of output at the plan's start, US dollars per Mtok; left out: the offer's.
    #[serde(default)]
    pub output_usd_per_mtok: Option<Uncertain>,
    /// Price of cached input at the plan's start, US dollars per Mtok; left out: the
    /// offer's, or that of input where it names none.
    #[serde(default)]
    pub cached_input_usd_per_mtok: Option<Uncertain>,
    /// Share of the requests that wait for the batch price. Default 0; work that can wait
    /// pays it for all.
    #[serde(default)]
    pub batch_share: Option<f64>,
    /// Batch price of input, US dollars per Mtok; left out: the offer's, or that of input.
    #[serde(default)]
    pub batch_input_usd_per_mtok: Option<Uncertain>,
    /// Batch price of output, US dollars per Mtok; left out: the offer's, or that of output.
    #[serde(default)]
    pub batch_output_usd_per_mtok: Option<Uncertain>,
    /// Share of the input that is written to the cache, at `cache_write_multiple`. Default 0.
    #[serde(default)]
    pub cache_write_share: Option<f64>,
    /// Price of input written to the cache over that of input. Default 1.25.
    #[serde(default)]
    pub cache_write_multiple: Option<f64>,
    /// Share of the tokens in requests long enough for the long-context prices. Default 0.
    #[serde(default)]
    pub long_context_share: Option<f64>,
    /// Long-context price of input over that of input. Default 2.
    #[serde(default)]
    pub long_context_input_multiple: Option<f64>,
    /// Long-context price of output over that of output. Default 1.5.
    #[serde(default)]
    pub long_context_output_multiple: Option<f64>,
    /// Rate limit, input and output together, Mtok a minute; left out: none.
    #[serde(default)]
    pub mtok_per_minute_limit: Option<f64>,
    /// Months from the plan's start until it is qualified and may serve. Default 0.
    #[serde(default)]
    pub qualification_months: Option<u32>,
    /// Cost of changing to it, paid when it begins to serve, US dollars. Default 0.
    #[serde(default)]
    pub switching_usd: Option<f64>,
    /// Cost of qualifying new models from then on, US dollars a year. Default 0.
    #[serde(default)]
    pub requalification_usd_per_year: Option<f64>,
    /// Support, storage, egress, a promised spend. Default none.
    #[serde(default)]
    pub fees: Option<FeesSpec>,
}

/// The three histories of API prices, which moved in three directions.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PriceSeries {
    /// The cheapest model of the same quality: falls fast, for buyers who re-qualify.
    #[default]
    FixedQuality,
    /// The same model of the same provider: flat, with rare moves.
    FixedSku,
    /// The provider's newest flagship: flat to rising.
    Frontier,
}

impl PriceSeries {
    /// Name of the quantity that carries the series.
    pub fn quantity(self) -> &'static str {
        match self {
            Self::FixedQuality => "api_fixed_quality",
            Self::FixedSku => "api_fixed_sku",
            Self::Frontier => "api_frontier",
        }
    }
}

impl Check for OwnSpec {
    fn check(&self, at: &mut Checker) {
        let known = |x: Option<f64>| x.map(Uncertain::from);
        at.positive("usd_per_chip", self.usd_per_chip);
        at.ranged(
            "network_share_of_capex",
            self.network_share_of_capex,
            "0 or more and below 1",
            |x| (0.0..1.0).contains(&x),
        );
        at.share("spares_share", known(self.spares_share));
        at.ranged("lead_time_months", self.lead_time_months, "between 0 and 120", |x| {
            (0.0..=120.0).contains(&x)
        });
        at.non_negative("lump_chips", known(self.lump_chips));
        at.share("deposit_share", known(self.deposit_share));
        at.ranged("life_years", known(self.life_years), "above 0 and at most 40", |x| {
            x > 0.0 && x <= 40.0
        });
        at.non_negative("wear_per_year", self.wear_per_year);
        if let Some(by) = &self.resale_by {
            at.at("resale_by", |at| by.check(at));
            if matches!(by, ResaleBy::Earnings(_)) && self.wear_per_year.is_some() {
                at.at("wear_per_year", |at| {
                    at.push(
                        "E0203",
                        "what is priced by what it earns does not wear".to_owned(),
                        "take the line out, or write `resale_by = { wear = {} }`"
                            .to_owned(),
                    );
                });
            }
        }
        at.non_negative("resale_share", self.resale_share);
        at.non_negative("efficiency_gain_per_year", known(self.efficiency_gain_per_year));
        at.positive("chips_limit", known(self.chips_limit));
        at.positive("power_limit_kw", known(self.power_limit_kw));
        at.positive("budget_usd_per_year", known(self.budget_usd_per_year));
        at.non_negative("power_kw_per_chip", self.power_kw_per_chip);
        at.non_negative("nameplate_kw_per_chip", self.nameplate_kw_per_chip);
        at.share("idle_power_share", self.idle_power_share);
        at.ranged("pue", self.pue, "1 or more", |x| x >= 1.0);
        at.non_negative("energy_usd_per_kwh", self.energy_usd_per_kwh);
        at.non_negative("space_usd_per_kw_month", self.space_usd_per_kw_month);
        at.non_negative(
            "operation_share_of_capex_per_year",
            self.operation_share_of_capex_per_year,
        );
        at.non_negative("other_usd_per_chip_month", self.other_usd_per_chip_month);
        if let Some(network) = &self.network {
            at.at("network", |at| network.check(at));
        }
        if let Some(staff) = &self.staff {
            at.at("staff", |at| staff.check(at));
        }
        if let Some(fit_out) = &self.fit_out {
            at.at("fit_out", |at| fit_out.check(at));
        }
        at.ranged(
            "hall_life_years",
            known(self.hall_life_years),
            "above 0 and at most 60",
            |x| x > 0.0 && x <= 60.0,
        );
        if let Some(sell) = &self.sell_unneeded {
            at.at("sell_unneeded", |at| sell.check(at));
        }
        at.non_negative("storage_usd_per_chip", self.storage_usd_per_chip);
        at.non_negative("install_usd_per_chip", self.install_usd_per_chip);
        at.non_negative("software_usd_per_chip_year", self.software_usd_per_chip_year);
        at.non_negative(
            "insurance_share_of_capex_per_year",
            self.insurance_share_of_capex_per_year,
        );
        at.non_negative(
            "decommissioning_usd_per_chip",
            known(self.decommissioning_usd_per_chip),
        );
        at.non_negative("land_usd_per_kw", known(self.land_usd_per_kw));
        at.ranged(
            "land_growth_per_year",
            known(self.land_growth_per_year),
            "above -1 and below 1",
            |x| x > -1.0 && x < 1.0,
        );
        at.share("capital_charge_per_year", known(self.capital_charge_per_year));
        self.check_idle(at);
        at.ranged("availability", self.availability, "above 0 and at most 1", |x| {
            x > 0.0 && x <= 1.0
        });
        at.ranged("loss_per_year", self.loss_per_year, "0 or more and below 1", |x| {
            (0.0..1.0).contains(&x)
        });
    }
}

impl Check for ReserveSpec {
    fn check(&self, at: &mut Checker) {
        check_fees(self.fees.as_ref(), at);
        if let Some(fees) = &self.fees {
            for (key, value, why) in [
                (
                    "egress_gb_per_unit",
                    fees.egress_gb_per_unit,
                    "write egress on the source that serves what is left, or as a fee a month",
                ),
                (
                    "committed_usd_per_month",
                    fees.committed_usd_per_month,
                    "a reservation is a promised spend already: leave it out",
                ),
                (
                    "committed_discount_share",
                    fees.committed_discount_share,
                    "write the discounted price in `usd_per_chip_hour`",
                ),
            ] {
                if value != 0.0 {
                    at.at("fees", |at| {
                        at.at(key, |at| {
                            let found = format!("`{key}` is no fee of a reservation");
                            at.push("E0324", found, why.to_owned());
                        });
                    });
                }
            }
        }
        at.share("upfront_share", self.upfront_share.map(Uncertain::from));
        at.positive("usd_per_chip_hour", self.usd_per_chip_hour);
        if ![1, 3, 5].contains(&self.term_years) {
            at.at("term_years", |at| {
                at.push(
                    "E0302",
                    format!("terms of {} years are not sold", self.term_years),
                    "write 1, 3 or 5".to_owned(),
                );
            });
        }
    }
}

/// The charges of a source, where it has any.
fn check_fees(fees: Option<&FeesSpec>, at: &mut Checker) {
    if let Some(fees) = fees {
        at.at("fees", |at| fees.check(at));
    }
}

impl Check for OnDemandSpec {
    fn check(&self, at: &mut Checker) {
        check_fees(self.fees.as_ref(), at);
        at.positive("usd_per_chip_hour", self.usd_per_chip_hour);
        at.positive("quota_chips", self.quota_chips.map(Uncertain::from));
    }
}

impl Check for SpotSpec {
    fn check(&self, at: &mut Checker) {
        check_fees(self.fees.as_ref(), at);
        at.positive("usd_per_chip_hour", self.usd_per_chip_hour);
        at.positive("quota_chips", Uncertain::from(self.quota_chips));
        at.share("availability", self.availability);
        at.ranged(
            "lost_work_share",
            self.lost_work_share,
            "0 or more and below 1",
            |x| (0.0..1.0).contains(&x),
        );
    }
}

impl Check for ApiSpec {
    fn check(&self, at: &mut Checker) {
        at.non_negative("input_usd_per_mtok", self.input_usd_per_mtok);
        at.non_negative("output_usd_per_mtok", self.output_usd_per_mtok);
        at.non_negative("cached_input_usd_per_mtok", self.cached_input_usd_per_mtok);
        at.non_negative("batch_input_usd_per_mtok", self.batch_input_usd_per_mtok);
        at.non_negative("batch_output_usd_per_mtok", self.batch_output_usd_per_mtok);
        let known = |x: Option<f64>| x.map(Uncertain::from);
        at.share("batch_share", known(self.batch_share));
        at.share("cache_write_share", known(self.cache_write_share));
        at.share("long_context_share", known(self.long_context_share));
        for (key, multiple) in [
            ("cache_write_multiple", self.cache_write_multiple),
            ("long_context_input_multiple", self.long_context_input_multiple),
            ("long_context_output_multiple", self.long_context_output_multiple),
            ("mtok_per_minute_limit", self.mtok_per_minute_limit),
        ] {
            at.positive(key, known(multiple));
        }
        at.non_negative("switching_usd", known(self.switching_usd));
        let yearly = known(self.requalification_usd_per_year);
        at.non_negative("requalification_usd_per_year", yearly);
        check_fees(self.fees.as_ref(), at);
    }
}
