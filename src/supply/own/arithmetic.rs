//! The arithmetic of owned machines, a block of paths at a time.
//!
//! Read next: [`Own`](super::Own), which says when each of these is needed.

use crate::block::math::exp;
use crate::block::{LANES, Lane};
use crate::units::HOURS_PER_MONTH;

crate::kernel! {
    /// The price of a chip with its share of network and spares.
    pub(super) fn quote_price(price: &mut Lane, base: &Lane, network: &Lane, spares: f64) {
        for i in 0..LANES {
            price[i] = base[i] * spares / (1.0 - network[i]);
        }
    }

    /// What a chip costs that is powered all month.
    pub(super) fn full_power_cost(
        usd: &mut Lane, power_kw: &Lane, pue: &Lane, usd_per_kwh: &Lane,
    ) {
        for i in 0..LANES {
            usd[i] = power_kw[i] * HOURS_PER_MONTH * pue[i] * usd_per_kwh[i];
        }
    }

    /// Orders without limits that serve at once: what is missing, and what it costs.
    pub(super) fn order_at_once(
        chips: &mut Lane, capex: &mut Lane, target: &Lane, standing: &Lane, price: &Lane,
    ) {
        for i in 0..LANES {
            let missing = target[i] - standing[i];
            let order = if missing > 0.0 { missing } else { 0.0 };
            chips[i] = order;
            capex[i] = order * price[i];
        }
    }

    /// Energy of machines that draw the same, busy or idle.
    pub(super) fn same_idle_cost(
        onto: bool, fleet_kw: &Lane, full: &Lane, level: &Lane, pue_level: &Lane,
        energy: &mut Lane,
    ) {
        for i in 0..LANES {
            let usd = fleet_kw[i] * full[i] * level[i] * pue_level[i];
            energy[i] = (if onto { energy[i] } else { 0.0 }) + usd;
        }
    }

    /// Chips to keep: the working ones that are needed, over the share that works.
    pub(super) fn keep_above(out: &mut Lane, need: &Lane, up: &Lane, slack: f64) {
        for i in 0..LANES {
            out[i] = need[i] * slack / up[i].max(1e-9);
        }
    }

    pub(super) fn divide(a: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            a[i] /= b[i];
        }
    }

    pub(super) fn scale(a: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            a[i] *= b[i];
        }
    }

    pub(super) fn times(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] * b[i];
        }
    }

    pub(super) fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    pub(super) fn add_product(out: &mut Lane, a: &Lane, b: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i] * b[i];
        }
    }

    /// Rent of what is leased: begun this month, or over.
    pub(super) fn lease_due(due: &mut Lane, payment: f64, starts: &Lane, ends: &Lane) {
        for i in 0..LANES {
            due[i] += payment * (starts[i] - ends[i]);
        }
    }

    pub(super) fn whole_months(out: &mut Lane, base: &Lane, level: &Lane) {
        for i in 0..LANES {
            out[i] = (base[i] * level[i]).ceil();
        }
    }

    pub(super) fn arrive_after(arrival: &mut Lane, month: f64, lead: &Lane) {
        for i in 0..LANES {
            arrival[i] = month + lead[i];
        }
    }

    pub(super) fn room_for_orders(
        room: &mut Lane, standing: &Lane, standing_kw: &Lane, nameplate: &Lane,
        chips_limit: f64, power_limit_kw: f64, kw_scale: &Lane,
    ) {
        for i in 0..LANES {
            let by_count = chips_limit - standing[i];
            let free_kw = power_limit_kw - standing_kw[i] * nameplate[i];
            // No power drawn means no limit by power: a tiny divisor stands for none.
            let by_power = free_kw / (nameplate[i] * kw_scale[i]).max(1e-12);
            room[i] = by_count.min(by_power).max(0.0);
        }
    }

    pub(super) fn size_order(
        chips: &mut Lane, target: &Lane, standing: &Lane, room: &Lane, price: &Lane,
        ordered_this_year: &mut Lane, lump: f64, budget: f64,
    ) {
        let per_lump = if lump > 0.0 { 1.0 / lump } else { 1.0 };
        for i in 0..LANES {
            let missing = (target[i] - standing[i]).max(0.0);
            let money = ((budget - ordered_this_year[i]) / price[i]).max(0.0);
            let most = room[i].min(money);
            // A hair is taken off so that 64.000000001 chips are not nine servers.
            let up = (missing * per_lump - 1e-9).ceil().max(0.0);
            let down = (most * per_lump + 1e-9).floor();
            let whole = up.min(down) / per_lump;
            chips[i] = if lump > 0.0 { whole } else { missing.min(most) };
            ordered_this_year[i] += chips[i] * price[i];
        }
    }

    pub(super) fn build_hall(
        month: f64, rise: f64, kw_scale: &Lane, usd_per_kw: &Lane, build_months: &Lane,
        nameplate: &Lane, chips: &Lane, standing_kw: &Lane, arrival: &mut Lane,
        hall_kw: &mut Lane, hall_cost: &mut Lane, hall_ready: &mut Lane,
    ) {
        for i in 0..LANES {
            let needed = (standing_kw[i] + chips[i] * kw_scale[i]) * nameplate[i];
            let more = (needed - hall_kw[i]).max(0.0);
            let more = if chips[i] > 0.0 { more } else { 0.0 };
            let cost = more * usd_per_kw[i] * rise;
            let ready = month + build_months[i].ceil();
            arrival[i] = if more > 1e-9 { arrival[i].max(ready) } else { arrival[i] };
            hall_kw[i] += more;
            hall_cost[i] = cost;
            hall_ready[i] = ready;
        }
    }

    pub(super) fn running_costs(
        operation: &mut Lane, standing_capex: &Lane, fleet: &Lane, fleet_kw: &Lane,
        share: &Lane, other: &Lane, space: &Lane, nameplate: &Lane, rise: f64,
    ) {
        for i in 0..LANES {
            operation[i] += standing_capex[i] * share[i] / 12.0
                + (fleet[i] * other[i] + fleet_kw[i] * nameplate[i] * space[i]) * rise;
        }
    }

    pub(super) fn energy_cost(
        variable: &mut Lane, used_hours: &Lane, fleet: &Lane, fleet_kw: &Lane,
        full: &Lane, idle_share: &Lane, level: &Lane, pue_level: &Lane, energy: &mut Lane,
    ) {
        for i in 0..LANES {
            let powered = fleet[i] * HOURS_PER_MONTH;
            let load = if powered > 0.0 { used_hours[i] / powered } else { 0.0 };
            let usd = fleet_kw[i] * full[i] * level[i] * pue_level[i];
            variable[i] = usd * (1.0 - idle_share[i]) * load;
            energy[i] += usd * idle_share[i] + variable[i];
        }
    }

    pub(super) fn sell(
        life_years: f64, book_share: f64, sold: &Lane, capex: &Lane, price: &Lane,
        wear: &Lane, share: &Lane, level: &Lane, resale: &mut Lane, gain: &mut Lane,
    ) {
        for i in 0..LANES {
            let worth = price[i] * exp(-wear[i] * life_years) * share[i] * level[i];
            let proceeds = sold[i] * worth;
            resale[i] -= proceeds;
            gain[i] = proceeds - capex[i] * book_share;
        }
    }

    pub(super) fn serve_debt(
        share: f64, rate: f64, payment: f64, arrived: &Lane, begins: &Lane, ends: &Lane,
        loan: &mut Lane, due: &mut Lane, in_grace: &Lane, interest: &mut Lane,
        service: &mut Lane, debt: &mut Lane,
    ) {
        for i in 0..LANES {
            due[i] += share * payment * (begins[i] - ends[i]);
            interest[i] = loan[i] * rate;
            let drawn = share * arrived[i];
            let paid = due[i] + share * rate * in_grace[i];
            loan[i] = loan[i] + interest[i] - paid + drawn;
            service[i] = paid;
            debt[i] += paid - drawn;
        }
    }
}
