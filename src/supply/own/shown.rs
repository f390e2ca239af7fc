//! What owning costs, as whoever decides is shown it: a rule today, the yardstick ahead.
//!
//! One place for all of it, so that no rule orders what it does not see the bill of: the
//! machine with its network, the hall, fit-out and land that it needs more of, people,
//! insurance, interest on the balance, and taking it away. Costs that come in steps are
//! shown at the mean of a chip in a cluster of the size that the load needs.
//! Read next: [`super::Own`], [`crate::strategy`].

use crate::block::math::exp;
use crate::block::{LANES, Lane};
use crate::finance::discount_factor;
use crate::trajectory::Future;

use super::Own;
use super::arithmetic::{add_product, add_scaled, scale, times};

impl Own {
    /// Price of a chip ordered this month with its share of a network that steps up, US
    /// dollars, in a cluster of `needed` chips; after [`Self::quote`].
    pub fn machine_usd(&self, needed: &Lane, out: &mut Lane) {
        out.copy_from(&self.price);
        if let Some(network) = &self.terms.extras.network {
            for i in 0..LANES {
                let chips = needed[i].max(1.0);
                out[i] += network.cost(chips) / chips;
            }
        }
    }

    /// What an order of this month commits to per chip over its life, US dollars at
    /// present value: the machine, what it needs more of a hall less what is left of that
    /// after its life, and taking it away.
    pub fn commit_usd(
        &self,
        month: u32,
        discount_rate: f64,
        needed: &Lane,
        future: &Future<'_>,
        out: &mut Lane,
    ) {
        self.machine_usd(needed, out);
        let life = self.terms.life_months;
        let removal = self.removal_usd(month + life);
        if removal > 0.0 {
            let today = removal * discount_factor(discount_rate, life);
            out.iter_mut().for_each(|usd| *usd += today);
        }
        if self.builds() {
            let mut room = *out;
            self.room_usd(month, discount_rate, None, future, &mut room);
            add_product(out, &room, &self.halls.grows, 1.0);
        }
    }

    /// Months until an order serves for which the hall must grow; nothing without halls.
    pub fn room_months<'a>(&self, future: &'a Future<'_>) -> Option<&'a Lane> {
        self.terms.hall.as_ref().map(|hall| future.number(hall.build_months))
    }

    /// Hall, fit-out and land that a chip ordered this month needs, US dollars at present
    /// value, less what is left of them `end` months from now; left out: after the life of
    /// the chip. After [`Self::quote`].
    ///
    /// ```text
    /// kW · (h · (1 − v · max(0, 1 − a/N)) + f · Σ … + l · (1 − v · (1 + g)^(e/12)))
    /// ```
    /// where `a` is the age of the hall then, `N` its life, `v` the discount to `e` months;
    /// the fit-out is bought again every life of its own. Zero without a hall.
    pub fn room_usd(
        &self,
        month: u32,
        discount_rate: f64,
        end: Option<u32>,
        future: &Future<'_>,
        out: &mut Lane,
    ) {
        out.fill(0.0);
        let t = &self.terms;
        let Some(hall) = &t.hall else { return };
        let years = f64::from(month) / 12.0;
        let rise = (1.0 + t.inflation_per_year).powf(years);
        let discount = |months: f64| (1.0 + discount_rate).powf(-months / 12.0);
        let (hall_usd, build) =
            (future.number(hall.usd_per_kw), future.number(hall.build_months));
        let nameplate = future.number(t.nameplate_kw);
        let fitted = t.fit_out.as_ref().map(|f| (future.number(f.usd_per_kw), f));
        for i in 0..LANES {
            let ready = build[i].ceil();
            let end = end.map_or(ready + f64::from(t.life_months), f64::from);
            let age = (end - ready).max(0.0);
            // The last settlement falls into the last month.
            let v = discount((end - 1.0).max(0.0));
            let left = (1.0 - age / hall.life_months).max(0.0);
            let mut per_kw = rise * hall_usd[i] * (1.0 - v * left);
            if let Some((usd, fit_out)) = fitted {
                let life = f64::from(fit_out.life_months);
                let renewed = (1.0 + t.inflation_per_year).powf(life / 12.0);
                let (mut since, mut price) = (0.0, rise * usd[i]);
                per_kw += price;
                while since + life < age {
                    since += life;
                    price *= renewed;
                    per_kw += price * discount(ready + since);
                }
                per_kw -= v * price * (1.0 - (age - since) / life).max(0.0);
            }
            if let Some((usd, growth)) = t.extras.land {
                let grown = (1.0 + growth).powf(end / 12.0);
                per_kw += usd * (1.0 + growth).powf(years) * (1.0 - v * grown);
            }
            out[i] = per_kw * nameplate[i] * self.kw_scale[i];
        }
    }

    /// What a chip ordered this month costs to run all month in a cluster of `needed`,
    /// US dollars: energy under load, space, support, licences, people, insurance, interest
    /// on the balance.
    pub fn running(
        &self,
        month: u32,
        needed: &Lane,
        future: &Future<'_>,
        out: &mut Lane,
    ) {
        let t = &self.terms;
        let rise = (1.0 + t.inflation_per_year).powf(f64::from(month) / 12.0);
        times(out, &self.full_power_usd, future.level(t.energy_price));
        scale(out, future.level(t.pue_level));
        add_product(out, &self.price, future.number(t.operation_share), 1.0 / 12.0);
        add_scaled(out, future.number(t.other_usd_per_chip_month), rise);
        let (space, kw) =
            (future.number(t.space_usd_per_kw_month), future.number(t.nameplate_kw));
        add_product(out, space, kw, rise);
        if let Some(software) = t.extras.software_usd_per_chip_year {
            add_scaled(out, future.number(software), rise / 12.0);
        }
        if let Some(insurance) = t.extras.insurance_share_per_year {
            add_product(out, &self.price, future.number(insurance), 1.0 / 12.0);
        }
        if t.capital_charge_per_year != 0.0 {
            // Charged while it is written off, shown as the mean of its life.
            let written = t.depreciation_months.min(t.life_months);
            let share = f64::from(written) / f64::from(t.life_months);
            add_scaled(out, &self.price, t.capital_charge_per_year / 24.0 * share);
        }
        if let Some(staff) = &t.extras.staff {
            let usd = staff.usd_per_person_year / 12.0 * rise;
            for i in 0..LANES {
                let chips = needed[i].max(1.0);
                let people = (chips / staff.chips_per_person - 1e-9).ceil();
                out[i] += people.max(staff.fewest()) * usd / chips;
            }
        }
    }

    /// What a chip ordered with others fetches in a month at an age in months, less taking
    /// it away, US dollars; after [`Self::quote`].
    pub fn used_usd(
        &mut self,
        month: u32,
        age_months: u32,
        future: &Future<'_>,
        out: &mut Lane,
    ) {
        let years = f64::from(age_months) / 12.0;
        if let Some(by) = self.terms.resale_by.clone() {
            self.look_at_used_market(month, future);
            Self::used_worth(&by, &self.used, &self.price, years, None, out);
        } else {
            self.used_price(future, out);
            let wear = future.number(self.terms.wear_per_year);
            for i in 0..LANES {
                out[i] *= exp(-wear[i] * years);
            }
        }
        let removal = self.removal_usd(month);
        out.iter_mut().for_each(|usd| *usd -= removal);
    }

    /// What a used chip fetches this month that shows no wear; where what it earns does not
    /// say. After [`Self::quote`].
    pub(super) fn used_price(&self, future: &Future<'_>, out: &mut Lane) {
        times(out, &self.price, future.number(self.terms.resale_share));
        scale(out, future.level(self.terms.resale));
    }

    /// Taking a chip away in a month, US dollars.
    fn removal_usd(&self, month: u32) -> f64 {
        let rise = (1.0 + self.terms.inflation_per_year).powf(f64::from(month) / 12.0);
        self.terms.extras.decommissioning_usd_per_chip * rise
    }
}
