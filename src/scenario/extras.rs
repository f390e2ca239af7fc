//! Resolves what owning costs beside machines, power and space.

use crate::finance::monthly_rate;
use crate::input::{Checker, Uncertain};
use crate::supply::lease::lease_payment;
use crate::supply::own::{DebtTerms, Extras, FitOutTerms, HallTerms};
use crate::supply::{LeaseKind, LeaseSpec, LeaseTerms, OwnSpec, OwnTerms};
use crate::trajectory::NumberId;

use super::default::{NETWORK_SHARE, Standard};
use super::own::months;
use super::resolve::Builder;

impl Builder<'_> {
    /// What else owning costs in a strategy; nothing where the plan does not say.
    pub(super) fn extras(&mut self, strategy: &str, spec: &OwnSpec) -> Extras {
        let mut number = |key: &str, given: Option<Uncertain>, unit: &str| {
            let value = given?;
            let full = format!("{strategy}.own.{key}");
            self.assumptions.note(full, value, unit, "the plan", None, false);
            let id = self.world.number(format!("own.{key}"), value);
            self.world.keep_within(id, 0.0, f64::INFINITY);
            Some(id)
        };
        let chip = "USD per chip";
        let usd_per_chip = [
            number("storage_usd_per_chip", spec.storage_usd_per_chip, chip),
            number("install_usd_per_chip", spec.install_usd_per_chip, chip),
        ];
        let software_usd_per_chip_year = number(
            "software_usd_per_chip_year",
            spec.software_usd_per_chip_year,
            "USD per chip and year",
        );
        let insurance_share_per_year = number(
            "insurance_share_of_capex_per_year",
            spec.insurance_share_of_capex_per_year,
            "share of capex per year",
        );
        let mut known = |key: &str, given: Option<f64>, unit: &str| {
            if let Some(value) = given {
                let full = format!("{strategy}.own.{key}");
                self.assumptions.note(full, value.into(), unit, "the plan", None, false);
            }
            given.unwrap_or(0.0)
        };
        let growth =
            known("land_growth_per_year", spec.land_growth_per_year, "share per year");
        let land = known("land_usd_per_kw", spec.land_usd_per_kw, "USD per kW");
        let decommissioning_usd_per_chip = known(
            "decommissioning_usd_per_chip",
            spec.decommissioning_usd_per_chip,
            chip,
        );
        if let Some(network) = &spec.network {
            let text = super::world::describe(network);
            let key = format!("{strategy}.own.network");
            self.assumptions.choose(key, text, "the plan", false);
        }
        if let Some(sell) = &spec.sell_unneeded {
            let text = super::world::describe(sell);
            let key = format!("{strategy}.own.sell_unneeded");
            self.assumptions.choose(key, text, "the plan", false);
        }
        if let Some(staff) = &spec.staff {
            let text = super::world::describe(staff);
            let key = format!("{strategy}.own.staff");
            self.assumptions.choose(key, text, "the plan", false);
        }
        Extras {
            usd_per_chip: usd_per_chip.into_iter().flatten().collect(),
            network: spec.network.clone(),
            staff: spec.staff.clone(),
            software_usd_per_chip_year,
            insurance_share_per_year,
            decommissioning_usd_per_chip,
            land: spec.land_usd_per_kw.map(|_| (land, growth)),
        }
    }

    /// What is fitted into a hall in a strategy, and the life of its shell; neither, nor land,
    /// where there is no hall (E0325).
    pub(super) fn fit_out(
        &mut self,
        strategy: &str,
        spec: &OwnSpec,
        hall: Option<&mut HallTerms>,
        at: &mut Checker,
    ) -> Option<FitOutTerms> {
        let Some(hall) = hall else {
            for (key, is_given) in [
                ("fit_out", spec.fit_out.is_some()),
                ("hall_life_years", spec.hall_life_years.is_some()),
                ("land_usd_per_kw", spec.land_usd_per_kw.is_some()),
            ] {
                if is_given {
                    at.at(key, |at| {
                        at.push(
                            "E0325",
                            format!("`{}` is no hall of one's own", spec.facility),
                            "name a facility with `[construction]`, such as `own-hall-us`, \
                             or leave it out"
                                .to_owned(),
                        );
                    });
                }
            }
            return None;
        };
        if let Some(years) = spec.hall_life_years {
            let key = format!("{strategy}.own.hall_life_years");
            self.assumptions.note(key, years.into(), "years", "the plan", None, false);
            hall.life_months = (years * 12.0).max(1.0);
        }
        let given = spec.fit_out.as_ref()?;
        let key = format!("{strategy}.own.fit_out.usd_per_kw");
        let unit = "USD per kW of machine power";
        self.assumptions.note(key, given.usd_per_kw, unit, "the plan", None, false);
        let usd_per_kw = self.world.number("own.fit_out_usd_per_kw", given.usd_per_kw);
        self.world.keep_within(usd_per_kw, 0.0, f64::INFINITY);
        let key = format!("{strategy}.own.fit_out.life_years");
        let years = given.life_years;
        self.assumptions.note(key, years.into(), "years", "the plan", None, false);
        Some(FitOutTerms { usd_per_kw, life_months: months(years) })
    }

    /// What leased machines cost in a strategy: as one's own, but for who pays the price.
    pub(super) fn lease(
        &mut self,
        strategy: &str,
        spec: &LeaseSpec,
        at: &mut Checker,
    ) -> Option<OwnTerms> {
        let mut owned = None;
        at.at("machines", |at| owned = self.own(strategy, &spec.machines, at));
        let mut terms = owned?;
        let said = format!(
            "{} years at {} a year, residual {}",
            spec.term_years,
            spec.rate_per_year,
            spec.residual_share.unwrap_or(0.0)
        );
        self.assumptions.choose(format!("{strategy}.lease"), said, "the plan", false);
        let months = months(spec.term_years);
        terms.deposit_share = 0.0;
        terms.debt = None;
        match spec.kind {
            LeaseKind::Operating => {
                let residual = spec.residual_share.unwrap_or(0.0);
                let payment = lease_payment(spec.rate_per_year, months, residual);
                terms.lease = Some(LeaseTerms { months, payment });
                terms.life_months = months;
                terms.resale_share = self.world.number("lease.resale_share", 0.0);
                terms.resale_by = None;
            }
            LeaseKind::Finance => {
                terms.debt = Some(DebtTerms {
                    share: 1.0,
                    monthly_rate: monthly_rate(spec.rate_per_year),
                    months: f64::from(months),
                    grace_months: 0.0,
                });
            }
        }
        Some(terms)
    }

    /// Network and storage as a share of cluster capex: the standard one, or none beside a
    /// network that is counted switch by switch.
    pub(super) fn network_share(&mut self, strategy: &str, spec: &OwnSpec) -> NumberId {
        let none = Standard {
            value: Uncertain::Exactly(0.0),
            unit: NETWORK_SHARE.unit,
            source: "the network is counted switch by switch",
        };
        let standard = if spec.network.is_some() { &none } else { &NETWORK_SHARE };
        let key = "own.network_share_of_capex";
        let given = spec.network_share_of_capex;
        self.number_or(key, &format!("{strategy}.{key}"), given, standard)
    }
}
