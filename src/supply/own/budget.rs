//! What the budget of a year pays for: chips, and all that an order of them asks for.
//!
//! An order may need more of a network, a hall, its fit-out and the land below. All of it is
//! ordered with the chips, so all of it counts. Read next: [`super::Own`].

use crate::block::{LANES, Lane, splat};
use crate::supply::dispatch::NO_LIMIT;
use crate::supply::network::NetworkSpec;
use crate::trajectory::Future;

use super::Own;

/// What an order costs beside its chips.
struct Beside<'a> {
    network: Option<&'a NetworkSpec>,
    /// Chips that stand when it arrives.
    standing: &'a Lane,
    /// Power of those over a chip of the named part.
    standing_kw: &'a Lane,
    kw_scale: &'a Lane,
    nameplate_kw: &'a Lane,
    hall_kw: &'a Lane,
    /// Of a hall with its fit-out and land.
    usd_per_kw: Lane,
}

impl Beside<'_> {
    /// Network and hall that an order of so many chips asks for, US dollars.
    fn usd(&self, path: usize, chips: f64) -> f64 {
        let standing = self.standing[path];
        let network = self.network.map_or(0.0, |network| {
            (network.cost(standing + chips) - network.cost(standing)).max(0.0)
        });
        let kw = (self.standing_kw[path] + chips * self.kw_scale[path])
            * self.nameplate_kw[path];
        network + (kw - self.hall_kw[path]).max(0.0) * self.usd_per_kw[path]
    }
}

impl Own {
    /// True where a budget has more to pay for than chips.
    fn is_budget_shared(&self) -> bool {
        let t = &self.terms;
        let builds = t.hall.is_some() || t.extras.network.is_some();
        t.budget_usd_per_year < NO_LIMIT && builds
    }

    fn beside<'a>(&'a self, month: u32, future: &'a Future<'_>) -> Beside<'a> {
        let t = &self.terms;
        let years = f64::from(month) / 12.0;
        let rise = (1.0 + t.inflation_per_year).powf(years);
        let mut usd_per_kw = splat(0.0);
        if let Some(hall) = &t.hall {
            let land = t
                .extras
                .land
                .map_or(0.0, |(usd, growth)| usd * (1.0 + growth).powf(years));
            let hall = future.number(hall.usd_per_kw);
            let fit_out = t.fit_out.as_ref().map(|f| future.number(f.usd_per_kw));
            for i in 0..LANES {
                let fitted = fit_out.map_or(0.0, |usd| usd[i]);
                usd_per_kw[i] = (hall[i] + fitted) * rise + land;
            }
        }
        let same = self.features.same_power;
        Beside {
            network: t.extras.network.as_ref(),
            standing: &self.standing,
            standing_kw: if same { &self.standing } else { &self.standing_kw },
            kw_scale: &self.kw_scale,
            nameplate_kw: future.number(t.nameplate_kw),
            hall_kw: &self.halls.kw,
            usd_per_kw,
        }
    }

    /// Takes what the budget of this year does not pay for off the room for chips; true
    /// where that has been done and the price of chips alone is no limit any more.
    pub(super) fn keep_in_budget(
        &self,
        month: u32,
        target: &Lane,
        future: &Future<'_>,
        room: &mut Lane,
    ) -> bool {
        if !self.is_budget_shared() {
            return false;
        }
        let beside = self.beside(month, future);
        let lump = self.terms.lump_chips;
        for i in 0..LANES {
            let left = self.terms.budget_usd_per_year - self.ordered_this_year[i];
            let missing = (target[i] - self.standing[i]).max(0.0);
            let usd = |chips: f64| chips * self.price[i] + beside.usd(i, chips);
            // A hair is added so that rounding keeps no chip away.
            let is_paid = |chips: f64| usd(chips) <= left * (1.0 + 1e-12);
            room[i] = most_paid(missing.min(room[i] + lump), lump, is_paid).min(room[i]);
        }
        true
    }

    /// Counts what the order of this month costs beside its chips.
    pub(super) fn count_in_budget(&mut self, month: u32, future: &Future<'_>) {
        if !self.is_budget_shared() {
            return;
        }
        let beside = self.beside(month, future);
        let mut spent = self.ordered_this_year;
        for (i, spent) in spent.iter_mut().enumerate() {
            if self.order[i] > 0.0 {
                *spent += beside.usd(i, self.order[i]);
            }
        }
        self.ordered_this_year = spent;
    }
}

/// The most chips, in whole lumps where there are any, of which `is_paid` holds, up to the
/// lump that covers `wanted`; fewer are paid for where more are.
fn most_paid(wanted: f64, lump: f64, is_paid: impl Fn(f64) -> bool) -> f64 {
    let (unit, steps) = if lump > 0.0 {
        (lump, (wanted / lump - 1e-9).ceil().max(0.0))
    } else {
        // Finer than any price of a chip: 2 to the 40th.
        const PARTS: f64 = 1_099_511_627_776.0;
        (wanted / PARTS, PARTS)
    };
    if is_paid(steps * unit) {
        return steps * unit;
    }
    let (mut low, mut high) = (0.0, steps);
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        if is_paid(middle * unit) { low = middle } else { high = middle }
    }
    low * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_is_paid_is_whole_lumps_and_no_more_than_is_wanted() {
        for (wanted, lump, budget, most) in [
            (60.0, 8.0, 1e9, 64.0),
            (60.0, 8.0, 40.0, 40.0),
            (60.0, 8.0, 39.9, 32.0),
            (60.0, 8.0, 7.0, 0.0),
            (60.0, 0.0, 1e9, 60.0),
            (60.0, 0.0, 12.5, 12.5),
            (0.0, 8.0, 1e9, 0.0),
            (1e6, 1.0, 123_456.0, 123_456.0),
        ] {
            let found = most_paid(wanted, lump, |chips| chips <= budget);
            assert!((found - most).abs() < 1e-9, "{wanted} {lump} {budget}: {found}");
        }
    }
}
