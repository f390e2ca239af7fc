//! Resolves machines of one's own: price, power, place, life.

use crate::finance::{Convention, Method, WriteOff};
use crate::hardware;
use crate::input::{Checker, Uncertain, When};
use crate::profile::{Accelerator, Facility};
use crate::supply::dispatch::NO_LIMIT;
use crate::supply::own::{
    EarningTerms, Earnings, FitOutTerms, HallTerms, ResaleBy, Successors, TaxTerms,
};
use crate::supply::spec::Generation;
use crate::supply::{OwnSpec, OwnTerms};
use crate::trajectory::{LevelId, NumberId};
use crate::units::whole_months;

use super::default::{
    DEPOSIT_SHARE, DEPRECIATION_YEARS, EFFICIENCY_GAIN, IDLE_SHARE, INFLATION,
    LEAD_TIME_MONTHS, LIFE_YEARS, LOSS_PER_YEAR, OPERATION_SHARE, RESALE_SHARE,
    SPARES_SHARE, Standard, WEAR,
};
use super::money::Debt;
use super::resolve::Builder;
use super::throughput::unknown;

impl Builder<'_> {
    /// What owning costs and allows in strategy `strategy`.
    pub(super) fn own(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        at: &mut Checker,
    ) -> Option<OwnTerms> {
        let chip = self.chip(&spec.accelerator, at);
        let facility = self.catalogue.facility(&spec.facility).cloned().ok();
        if facility.is_none() {
            let known: Vec<&str> =
                self.catalogue.facilities.keys().map(String::as_str).collect();
            unknown(at, &["facility"], "facility", &spec.facility, &known);
        }
        let (chip, facility) = (chip?, facility?);
        self.note_profile("facilities", &facility.id);
        let (usd_per_chip, _, as_of) = self.server_price(&chip, spec.usd_per_chip, at)?;
        let power = self.power(strategy, spec, &chip, at)?;
        let as_of_energy = match spec.energy_usd_per_kwh {
            Some(_) => self.plan.time.as_of.as_ref(),
            None => Some(&facility.power.as_of),
        };
        let later = self.later_orders(spec, &chip, as_of.as_ref());
        if later.successors.is_some() {
            self.warn_of_superseded(&chip, at);
        }
        let Later { successors, flop_per_usd, energy_efficiency } = later;
        let hardware_price = self.standard_level("hardware_price", as_of.as_ref());
        let watts_move = energy_efficiency.is_some()
            || successors.as_ref().is_some_and(|s| s.power.is_some());
        let life = self.life(strategy, spec, watts_move);
        let number =
            |b: &mut Self, key: &str, given: Option<Uncertain>, standard: &Standard| {
                let key = format!("own.{key}");
                b.number_or(&key, &format!("{strategy}.{key}"), given, standard)
            };
        let network_share = self.network_share(strategy, spec);
        let lead_time_months =
            number(self, "lead_time_months", spec.lead_time_months, &LEAD_TIME_MONTHS);
        let resale_share = number(self, "resale_share", spec.resale_share, &RESALE_SHARE);
        let resale_by = self.resale_by(strategy, spec, &chip, resale_share);
        let wear_per_year = match resale_by {
            Some(_) => self.world.number("own.no_wear", 0.0),
            None => number(self, "wear_per_year", spec.wear_per_year, &WEAR),
        };
        let loss_per_year = self.loss_per_year(strategy, spec, &chip);
        let availability = self.availability(strategy, spec, &chip);
        let mut site = self.site(strategy, spec, &chip, &facility);
        let fit_out = self.fit_out(strategy, spec, site.hall.as_mut(), at);
        let debt = self.plan.money.debt.as_ref().map(Debt::terms);
        match &successors {
            Some(new) => self.show_generations(&chip, usd_per_chip, hardware_price, new),
            None => self.show_price(&chip, usd_per_chip, hardware_price, flop_per_usd),
        }
        let terms = OwnTerms {
            usd_per_chip,
            network_share,
            spares_share: life.spares_share,
            lead_time_months,
            deposit_share: life.deposit_share,
            life_months: months(life.years),
            depreciation_months: months(life.depreciation_years),
            tax: self.tax_terms(&life, site.hall.as_ref(), fit_out.as_ref()),
            wear_per_year,
            resale_share,
            resale_by,
            efficiency_gain_per_year: life.efficiency_gain_per_year,
            energy_efficiency,
            successors,
            lump_chips: spec
                .lump_chips
                .unwrap_or_else(|| f64::from(chip.node.chips_per_order)),
            chips_limit: spec.chips_limit.unwrap_or(NO_LIMIT),
            power_limit_kw: spec.power_limit_kw.unwrap_or(NO_LIMIT),
            budget_usd_per_year: spec.budget_usd_per_year.unwrap_or(NO_LIMIT),
            power_kw: power.load,
            nameplate_kw: power.nameplate,
            idle_share: power.idle_share,
            pue: site.pue,
            pue_level: self.standard_level("pue", self.plan.time.as_of.as_ref()),
            energy_usd_per_kwh: site.energy,
            space_usd_per_kw_month: site.space,
            operation_share: site.operation,
            other_usd_per_chip_month: site.other,
            capital_charge_per_year: spec.capital_charge_per_year.unwrap_or(0.0),
            availability,
            loss_per_year,
            hall: site.hall,
            fit_out,
            sell: spec.sell_unneeded.clone(),
            extras: self.extras(strategy, spec),
            lease: None,
            debt,
            inflation_per_year: life.inflation_per_year,
            hardware_price,
            flop_per_usd,
            resale: self.standard_level("resale", None),
            lead_time: self.standard_level("lead_time", None),
            energy_price: self.standard_level("energy_price", as_of_energy),
        };
        self.keep_in_range(&terms);
        Some(terms)
    }

    /// Share of machines that fail for good in a year: the plan's, the profile's, or usual.
    fn loss_per_year(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        chip: &Accelerator,
    ) -> NumberId {
        let loss = chip.reliability.as_ref().and_then(|r| {
            r.loss_per_year.map(|loss| (loss, source_title(chip, &r.source)))
        });
        self.number_of_profile(
            "own.loss_per_year",
            &format!("{strategy}.own.loss_per_year"),
            spec.loss_per_year,
            loss,
            &LOSS_PER_YEAR,
        )
    }

    /// What used machines are priced by, where that is what they earn.
    fn resale_by(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        chip: &Accelerator,
        resale_share: NumberId,
    ) -> Option<EarningTerms> {
        let share = self.world.value_of(resale_share);
        if !share.is_uncertain() && share.median() == 0.0 {
            return None;
        }
        // Who says how it wears means that.
        let standard = match spec.wear_per_year {
            Some(_) => ResaleBy::Wear {},
            None => ResaleBy::Earnings(Earnings::default()),
        };
        let given = spec.resale_by.unwrap_or(standard);
        self.assumptions.choose(
            format!("{strategy}.own.resale_by"),
            super::world::describe(&given),
            "what it still earns: book lives of MSFT, GOOG and CoreWeave (10-K 2022-24), rate \
             of CoreWeave's debt (10-Q June 2025); nearer to published used prices than wear",
            spec.resale_by.is_none(),
        );
        let ResaleBy::Earnings(earnings) = given else { return None };
        let [rent, own_rent] = self.watched_rents(&chip.id);
        Some(EarningTerms { earnings, rent, own_rent })
    }

    /// How what is ordered later differs from the named part.
    fn later_orders(
        &mut self,
        spec: &OwnSpec,
        chip: &Accelerator,
        as_of: Option<&When>,
    ) -> Later {
        let generation = spec.generation.unwrap_or(Generation::Frontier);
        let is_frontier = generation == Generation::Frontier;
        // The key of a source wins over the trajectory of the plan.
        let moves = is_frontier && spec.efficiency_gain_per_year.is_none();
        let successors = if is_frontier { self.successors(chip, moves) } else { None };
        let flop_per_usd = (is_frontier && successors.is_none())
            .then(|| self.standard_level("flop_per_usd", as_of));
        // Quoted with the price, so that generations with the same dates come in the same
        // months.
        let moves = moves && self.plan.trajectories.contains_key("energy_efficiency");
        let energy_efficiency =
            moves.then(|| self.standard_level("energy_efficiency", as_of));
        Later { successors, flop_per_usd, energy_efficiency }
    }

    /// How machines and halls are written off for tax, where not the same every month.
    fn tax_terms(
        &mut self,
        life: &Life,
        hall: Option<&HallTerms>,
        fit_out: Option<&FitOutTerms>,
    ) -> Option<TaxTerms> {
        let given = self.plan.money.depreciation.clone()?;
        self.assumptions.choose(
            "money.depreciation",
            super::world::describe(&given),
            "the plan",
            false,
        );
        let line = Method::StraightLine;
        let methods = [given.method, given.hall_method, given.fit_out_method];
        if methods == [line; 3] && given.bonus_share == 0.0 {
            return None;
        }
        let (_, month) = self.plan.time.start.month();
        let first = self.plan.money.fiscal_year_start_month.unwrap_or(1);
        let hall_months = hall.map_or(1.0, |hall| hall.life_months);
        let machines = months(life.depreciation_years);
        Some(TaxTerms {
            machines: match given.convention {
                Convention::ByRule => {
                    WriteOff::of(given.method, given.bonus_share, machines)
                }
                Convention::HalfYear => {
                    WriteOff::of(given.method, given.bonus_share, machines).half_year()
                }
            },
            halls: WriteOff::of(given.hall_method, 0.0, months(hall_months / 12.0)),
            fit_outs: WriteOff::of(
                given.fit_out_method,
                0.0,
                fit_out.map_or(1, |f| f.life_months),
            ),
            first_position: (month + 12 - first) % 12,
        })
    }

    /// Figures of a machine's life that are known, not drawn.
    ///
    /// `moves`: energy efficiency is a trajectory, not a known gain.
    fn life(&mut self, strategy: &str, spec: &OwnSpec, moves: bool) -> Life {
        let known = |b: &mut Self, key: &str, given: Option<f64>, standard: &Standard| {
            b.assumptions
                .take(
                    format!("{strategy}.own.{key}"),
                    given.map(Uncertain::from),
                    standard,
                )
                .median()
        };
        let spares_share = known(self, "spares_share", spec.spares_share, &SPARES_SHARE);
        let deposit_share =
            known(self, "deposit_share", spec.deposit_share, &DEPOSIT_SHARE);
        let years = known(self, "life_years", spec.life_years, &LIFE_YEARS);
        let efficiency_gain_per_year = if moves {
            0.0
        } else {
            let given = spec.efficiency_gain_per_year;
            known(self, "efficiency_gain_per_year", given, &EFFICIENCY_GAIN)
        };
        let money = &self.plan.money;
        let (depreciation, inflation) =
            (money.depreciation_years, money.inflation_per_year);
        let depreciation_years = self
            .assumptions
            .take(
                "money.depreciation_years",
                depreciation.map(Uncertain::from),
                &DEPRECIATION_YEARS,
            )
            .median();
        let inflation_per_year = self
            .assumptions
            .take("money.inflation_per_year", inflation.map(Uncertain::from), &INFLATION)
            .median();
        Life {
            spares_share,
            deposit_share,
            years,
            efficiency_gain_per_year,
            depreciation_years,
            inflation_per_year,
        }
    }

    /// The ranges in which the plan's keys are checked: tails keep to them, too.
    fn keep_in_range(&mut self, terms: &OwnTerms) {
        for (id, low, high) in [
            (terms.network_share, 0.0, 0.95),
            (terms.lead_time_months, 0.0, 120.0),
            (terms.wear_per_year, 0.0, f64::INFINITY),
            (terms.resale_share, 0.0, f64::INFINITY),
            (terms.power_kw, 0.0, f64::INFINITY),
            (terms.nameplate_kw, 0.0, f64::INFINITY),
            (terms.idle_share, 0.0, 1.0),
            (terms.pue, 1.0, f64::INFINITY),
            (terms.energy_usd_per_kwh, 0.0, f64::INFINITY),
            (terms.space_usd_per_kw_month, 0.0, f64::INFINITY),
            (terms.operation_share, 0.0, f64::INFINITY),
            (terms.other_usd_per_chip_month, 0.0, f64::INFINITY),
            (terms.availability, 0.0, 1.0),
            (terms.loss_per_year, 0.0, 0.999),
        ] {
            self.world.keep_within(id, low, high);
        }
    }

    fn power(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        chip: &Accelerator,
        at: &mut Checker,
    ) -> Option<PowerNumbers> {
        let estimate = hardware::power(chip, 1.0);
        let (load, nameplate) = match (&estimate, spec.power_kw_per_chip) {
            (_, Some(kw)) => (kw, spec.nameplate_kw_per_chip.unwrap_or(kw)),
            (Ok(e), None) => {
                let kw = e.load_w.uncertain().scaled(1e-3);
                let plate = e.nameplate_w.uncertain().scaled(1e-3);
                (kw, spec.nameplate_kw_per_chip.unwrap_or(plate))
            }
            (Err(no), None) => {
                at.push(
                    "E0407",
                    format!("the power of `{}` is not known: {}", chip.id, no.reason),
                    "give it in `power_kw_per_chip`".to_owned(),
                );
                return None;
            }
        };
        let source = "closed-form estimate: TDP × measured wall factor";
        let mut note = |key: &str, value: Uncertain, given: bool| {
            let name = format!("power.{}.{key}", chip.id);
            let from = if given { "the plan" } else { source };
            let full = format!("{strategy}.own.{key}_kw_per_chip");
            self.assumptions.note(full, value, "kW per chip", from, None, !given);
            self.world.number(name, value)
        };
        let load = note("power", load, spec.power_kw_per_chip.is_some());
        let nameplate =
            note("nameplate", nameplate, spec.nameplate_kw_per_chip.is_some());
        let idle = chip.power.as_ref().and_then(|p| {
            let source = p.idle_source.as_ref().unwrap_or(&p.source);
            p.idle_share.map(|share| (share, source_title(chip, source)))
        });
        let idle_share = self.number_of_profile(
            "own.idle_power_share",
            &format!("{strategy}.own.idle_power_share"),
            spec.idle_power_share,
            idle,
            &IDLE_SHARE,
        );
        Some(PowerNumbers { load, nameplate, idle_share })
    }

    fn availability(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        chip: &Accelerator,
    ) -> NumberId {
        let value = spec.availability.unwrap_or_else(|| {
            let rates = hardware::FailureRates::of(chip);
            let repair = hardware::failures::spares::Repair::of(chip);
            let [p10, p50, p90] =
                hardware::failures::spares::node_availability(&rates, &repair);
            Uncertain::Between { p10, p50, p90 }
        });
        let given = spec.availability.is_some();
        self.assumptions.note(
            format!("{strategy}.own.availability"),
            value,
            "share of time in working order",
            if given { "the plan" } else { "failure and repair rates of the profile" },
            None,
            !given,
        );
        self.world.number("own.availability", value)
    }

    /// Prices of the place, from the facility where the plan gives none.
    fn site(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        chip: &Accelerator,
        facility: &Facility,
    ) -> Site {
        let title = |key: &str| {
            facility
                .sources
                .get(key)
                .map_or_else(|| facility.name.clone(), |s| s.title.clone())
        };
        let mut note = |key: &str,
                        given: Option<Uncertain>,
                        here: Option<(Uncertain, String)>,
                        unit: &str| {
            let (value, source, is_default) = match (given, here) {
                (Some(value), _) => (value, "the plan".to_owned(), false),
                (None, Some((value, source))) => (value, source, true),
                (None, None) => (0.0.into(), "none at this facility".to_owned(), true),
            };
            let full = format!("{strategy}.own.{key}");
            self.assumptions.note(full, value, unit, &source, None, is_default);
            self.world.number(format!("site.{key}"), value)
        };
        let power = &facility.power;
        let from_power = |x: Uncertain| Some((x, title(&power.source)));
        let pue =
            note("pue", spec.pue, from_power(power.pue), "site power over machine power");
        let energy = note(
            "energy_usd_per_kwh",
            spec.energy_usd_per_kwh,
            Some((
                power.energy_usd_per_kwh,
                title(power.energy_source.as_ref().unwrap_or(&power.source)),
            )),
            "USD per kWh",
        );
        let rented =
            facility.space.as_ref().map(|s| (s.usd_per_kw_month, title(&s.source)));
        let space = note(
            "space_usd_per_kw_month",
            spec.space_usd_per_kw_month,
            rented,
            "USD per kW and month",
        );
        let share = facility.operation.as_ref().and_then(|o| {
            o.share_of_capex_per_year.map(|share| (share, title(&o.source)))
        });
        let share = share
            .or_else(|| Some((OPERATION_SHARE.value, OPERATION_SHARE.source.to_owned())));
        let operation = note(
            "operation_share_of_capex_per_year",
            spec.operation_share_of_capex_per_year,
            share,
            "share of capex per year",
        );
        let staff = facility.operation.as_ref().and_then(|o| {
            let months = 12.0 * f64::from(chip.node.chips_per_node.max(1));
            o.staff_usd_per_node_year
                .map(|staff| (staff.scaled(1.0 / months), title(&o.source)))
        });
        let other = note(
            "other_usd_per_chip_month",
            spec.other_usd_per_chip_month,
            staff,
            "USD per chip and month",
        );
        let hall = facility.construction.as_ref().map(|c| {
            let source = title(&c.source);
            let cost = note(
                "construction_usd_per_kw",
                None,
                Some((c.usd_per_kw, source.clone())),
                "USD per kW of machine power",
            );
            let build =
                note("build_months", None, Some((c.build_months, source)), "months");
            HallTerms {
                usd_per_kw: cost,
                build_months: build,
                life_months: (c.life_years * 12.0).max(1.0),
            }
        });
        Site { pue, energy, space, operation, other, hall }
    }
}

/// What is ordered later.
struct Later {
    successors: Option<Successors>,
    flop_per_usd: Option<LevelId>,
    energy_efficiency: Option<LevelId>,
}

struct Life {
    spares_share: f64,
    deposit_share: f64,
    years: f64,
    efficiency_gain_per_year: f64,
    depreciation_years: f64,
    inflation_per_year: f64,
}

struct PowerNumbers {
    load: NumberId,
    nameplate: NumberId,
    idle_share: NumberId,
}

struct Site {
    pue: NumberId,
    energy: NumberId,
    space: NumberId,
    operation: NumberId,
    other: NumberId,
    hall: Option<HallTerms>,
}

/// What a profile calls one of its sources.
fn source_title(chip: &Accelerator, key: &str) -> String {
    chip.sources.get(key).map_or_else(|| chip.name.clone(), |s| s.title.clone())
}

/// Whole months of a span in years, at least one.
pub(super) fn months(years: f64) -> u32 {
    whole_months(years * 12.0).clamp(1, 600)
}
