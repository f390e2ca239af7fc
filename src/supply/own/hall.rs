//! Halls: built where machines need more power, in service once they are built.
//!
//! A hall is paid when it is ordered; it ages and is written off from the month in which it
//! is ready, month by month of that. What an order is shown to cost and to take depends on
//! whether the hall has to grow for it. Read next: [`super::Own`], `fit_out`.

use crate::block::{LANES, Lane, splat};
use crate::finance::{Ledger, Part};
use crate::supply::fleet::whole;
use crate::trajectory::Future;

use super::Own;
use super::arithmetic::{add_scaled, build_hall};
use super::extras::buy_land;

/// Halls on a block of paths.
#[derive(Debug)]
pub(super) struct Halls {
    /// Machine power built or being built, kW.
    pub(super) kw: Lane,
    /// By month in which they are ready: what they cost, US dollars.
    pub(super) ready: Vec<Lane>,
    /// What those cost that are not ready when the plan ends.
    late: Lane,
    /// Cost of what this month's order builds, and the month in which it is ready.
    cost_now: Lane,
    pub(super) ready_now: Lane,
    /// 1 on paths where an order of this month is taken to need more of a hall.
    pub(super) grows: Lane,
    /// Months until such an order serves.
    pub(super) lead: Lane,
    /// Written off in a month of all halls together.
    rate: Lane,
}

impl Halls {
    /// Memory for a plan of so many months; none where nothing is built.
    pub(super) fn new(months: usize) -> Self {
        let zero = || splat(0.0);
        Self {
            kw: zero(),
            ready: vec![zero(); months],
            late: zero(),
            cost_now: zero(),
            ready_now: zero(),
            grows: zero(),
            lead: zero(),
            rate: zero(),
        }
    }

    pub(super) fn begin(&mut self) {
        for lane in [&mut self.kw, &mut self.late, &mut self.rate]
            .into_iter()
            .chain(&mut self.ready)
        {
            lane.fill(0.0);
        }
    }
}

impl Own {
    /// True where an order may need a hall to be built.
    pub fn builds(&self) -> bool {
        self.terms.hall.is_some()
    }

    /// Takes every order of this month to need more of a hall, until
    /// [`Self::spares_a_hall`] knows better.
    pub(super) fn expect_to_build(&mut self, future: &Future<'_>) {
        let Some(hall) = &self.terms.hall else { return };
        self.halls.grows.fill(1.0);
        later_of(&mut self.halls.lead, &self.lead, future.number(hall.build_months));
    }

    /// Given what a rule wants that takes every order to need more of a hall, says where
    /// it does not: there an order waits for the machines alone and pays for no hall. True
    /// if there is such a path; the rule is then asked again, and [`Self::fit_in`] keeps
    /// what it says within the hall.
    pub fn spares_a_hall(&mut self, target: &Lane, future: &Future<'_>) -> bool {
        let nameplate = future.number(self.terms.nameplate_kw);
        let same = self.features.same_power;
        let standing_kw = if same { &self.standing } else { &self.standing_kw };
        needs_more(
            &mut self.halls.grows,
            target,
            &self.standing,
            standing_kw,
            &self.kw_scale,
            nameplate,
            &self.halls.kw,
        );
        shorter_where_spared(&mut self.halls.lead, &self.lead, &self.halls.grows);
        self.halls.grows.contains(&0.0)
    }

    /// Where an order was taken to need no more of a hall, keeps it within what there is.
    pub fn fit_in(&self, target: &mut Lane, future: &Future<'_>) {
        let same = self.features.same_power;
        let standing_kw = if same { &self.standing } else { &self.standing_kw };
        keep_in_hall(
            target,
            &self.halls.grows,
            &self.standing,
            standing_kw,
            &self.kw_scale,
            future.number(self.terms.nameplate_kw),
            &self.halls.kw,
        );
    }

    /// Builds what the order of this month needs beyond the hall there is, and buys the
    /// land below it and the fit-out in it; the order waits for it.
    pub(super) fn build(&mut self, month: u32, future: &Future<'_>, ledger: &mut Ledger) {
        let t = &self.terms;
        let Some(hall) = &t.hall else { return };
        let years = f64::from(month) / 12.0;
        let same = self.features.same_power;
        let standing_kw = if same { &self.standing } else { &self.standing_kw };
        let before_kw = self.halls.kw;
        build_hall(
            f64::from(month),
            (1.0 + t.inflation_per_year).powf(years),
            &self.kw_scale,
            future.number(hall.usd_per_kw),
            future.number(hall.build_months),
            future.number(t.nameplate_kw),
            &self.order,
            standing_kw,
            &mut self.arrival,
            &mut self.halls.kw,
            &mut self.halls.cost_now,
            &mut self.halls.ready_now,
        );
        let halls = &mut self.halls;
        add_scaled(ledger.part_mut(Part::Capex), &halls.cost_now, 1.0);
        put(&mut halls.ready, &mut halls.late, &halls.ready_now, &halls.cost_now);
        if let Some((usd_per_kw, growth)) = t.extras.land {
            buy_land(
                usd_per_kw,
                (1.0 + growth).powf(years),
                &self.halls.kw,
                &before_kw,
                &mut self.land_cost,
                &mut self.land_worth,
                ledger.part_mut(Part::Capex),
            );
        }
        self.fit_out(month, &before_kw, future, ledger);
    }

    /// Writes off a month of every hall for tax.
    pub(super) fn write_off_halls(&mut self, month: usize) {
        let Some(hall) = &self.terms.hall else { return };
        let tax = self.terms.tax.as_ref();
        let share = |ready: usize, age: u32| match tax {
            Some(tax) => tax.halls.in_month(tax.position(ready), age),
            // The last month of a life may be a part of one.
            None => {
                (hall.life_months - f64::from(age)).clamp(0.0, 1.0) / hall.life_months
            }
        };
        let begins = tax.map_or(month.is_multiple_of(12), |tax| tax.position(month) == 0);
        let life = whole(hall.life_months.floor());
        let (rate, ready) = (&mut self.halls.rate, &self.halls.ready);
        roll(rate, ready, month, begins, life, share);
        add_scaled(&mut self.depreciation, rate, 1.0);
    }

    /// Sells every hall for what is left of its life at the end of month `end − 1`, one
    /// that is not ready for what it cost.
    pub(super) fn close_halls(&mut self, end: usize, ledger: &mut Ledger) {
        let Some(hall) = &self.terms.hall else { return };
        let resale = ledger.part_mut(Part::Resale);
        add_scaled(resale, &self.halls.late, -1.0);
        for (ready, cost) in self.halls.ready.iter().take(end).enumerate() {
            let age = u32::try_from(end - ready).unwrap_or(u32::MAX);
            let left = (1.0 - f64::from(age) / hall.life_months).max(0.0);
            add_scaled(resale, cost, -left);
            if let Some(tax) = &self.terms.tax {
                let book = 1.0 - tax.halls.written(tax.position(ready), age);
                add_scaled(&mut self.gain, cost, left - book);
            }
        }
    }
}

/// Brings what a month writes off of all that was bought up to date: in the first month of a
/// tax year from every row; within it shares change of what is new, and where a straight line
/// of `life` months ends, which may be within a month. `share` is that of a row at an age.
pub(super) fn roll(
    rate: &mut Lane,
    rows: &[Lane],
    month: usize,
    year_begins: bool,
    life: usize,
    share: impl Fn(usize, u32) -> f64,
) {
    let share = |bought, age| share(bought, u32::try_from(age).unwrap_or(u32::MAX));
    if year_begins {
        rate.fill(0.0);
        for (bought, cost) in rows.iter().take(month + 1).enumerate() {
            let share = share(bought, month - bought);
            if share != 0.0 {
                add_scaled(rate, cost, share);
            }
        }
        return;
    }
    for age in [0, life, life + 1] {
        let bought = month.checked_sub(age);
        let Some((bought, cost)) = bought.and_then(|at| Some((at, rows.get(at)?))) else {
            continue;
        };
        let before = if age > 0 { share(bought, age - 1) } else { 0.0 };
        add_scaled(rate, cost, share(bought, age) - before);
    }
}

/// Puts a cost into the row of the month in which it begins to serve on each path, or into
/// `late` after the plan.
pub(super) fn put(rows: &mut [Lane], late: &mut Lane, month: &Lane, cost: &Lane) {
    for i in 0..LANES {
        // Most months most paths build nothing.
        if cost[i] == 0.0 {
            continue;
        }
        match rows.get_mut(whole(month[i])) {
            Some(row) => row[i] += cost[i],
            None => late[i] += cost[i],
        }
    }
}

crate::kernel! {
    fn later_of(out: &mut Lane, lead: &Lane, build_months: &Lane) {
        for i in 0..LANES {
            out[i] = lead[i].max(build_months[i].ceil());
        }
    }

    fn needs_more(
        grows: &mut Lane, target: &Lane, standing: &Lane, standing_kw: &Lane,
        kw_scale: &Lane, nameplate: &Lane, hall_kw: &Lane,
    ) {
        for i in 0..LANES {
            let order = (target[i] - standing[i]).max(0.0);
            let needed = (standing_kw[i] + order * kw_scale[i]) * nameplate[i];
            let more = needed > hall_kw[i] * (1.0 + 1e-9) && order > 0.0;
            grows[i] = if more { 1.0 } else { 0.0 };
        }
    }

    fn shorter_where_spared(seen: &mut Lane, lead: &Lane, grows: &Lane) {
        for i in 0..LANES {
            seen[i] = if grows[i] > 0.0 { seen[i] } else { lead[i] };
        }
    }

    fn keep_in_hall(
        target: &mut Lane, grows: &Lane, standing: &Lane, standing_kw: &Lane,
        kw_scale: &Lane, nameplate: &Lane, hall_kw: &Lane,
    ) {
        for i in 0..LANES {
            let free_kw = (hall_kw[i] - standing_kw[i] * nameplate[i]).max(0.0);
            let most = standing[i] + free_kw / (nameplate[i] * kw_scale[i]).max(1e-12);
            target[i] = if grows[i] > 0.0 { target[i] } else { target[i].min(most) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finance::{Method, WriteOff};
    use crate::units::count;

    /// Month by month the same as every row written off by itself.
    #[test]
    fn what_is_rolled_on_is_the_sum_of_all_rows() {
        const MONTHS: usize = 600;
        let cost = |month: usize| if month % 7 < 3 { count(month % 11) } else { 0.0 };
        let rows: Vec<Lane> = (0..MONTHS).map(|month| splat(cost(month))).collect();
        for first in [0, 5] {
            let position = |month: usize| (first + month) % 12;
            for (method, life) in [
                (Method::StraightLine, 30_u32),
                (Method::StraightLine, 1),
                (Method::Macrs5, 60),
                (Method::Macrs15, 180),
                (Method::Macrs39, 240),
            ] {
                let write_off = WriteOff::of(method, 0.0, life);
                let share = |bought: usize, age: u32| {
                    write_off.in_month(u32::try_from(position(bought)).unwrap(), age)
                };
                check(&rows, |month| position(month) == 0, life as usize, share);
            }
        }
        let share = |_: usize, age: u32| (30.4 - f64::from(age)).clamp(0.0, 1.0) / 30.4;
        check(&rows, |month| month.is_multiple_of(12), 30, share);
    }

    fn check(
        rows: &[Lane],
        begins: impl Fn(usize) -> bool,
        life: usize,
        share: impl Fn(usize, u32) -> f64,
    ) {
        let mut rate = splat(0.0);
        for month in 0..rows.len() {
            roll(&mut rate, rows, month, begins(month), life, &share);
            let all: f64 = (0..=month)
                .map(|at| rows[at][0] * share(at, u32::try_from(month - at).unwrap()))
                .sum();
            assert!((rate[0] - all).abs() < 1e-9, "{month}: {} {all}", rate[0]);
        }
    }
}
