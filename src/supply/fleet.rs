//! A fleet month by month: what arrives, what is lost, what leaves, what it cost.
//!
//! Orders are kept by the month in which they arrive, which differs from path to path
//! because delivery times do. All machines of a fleet live equally long, so what leaves
//! in a month is what arrived a life ago and survived: a month costs the same however
//! many orders there were.

use crate::block::math::{exp, ln};
use crate::block::{LANES, Lane, splat};

/// The machines of one source on a block of paths.
#[derive(Debug)]
pub(super) struct Fleet {
    life: usize,
    /// By month of arrival: chips, their power in chips of the first order, their price.
    arriving: Vec<Lane>,
    arriving_kw: Vec<Lane>,
    arriving_capex: Vec<Lane>,
    /// Ordered and not arrived; what arrives after the plan stays here.
    pending: Lane,
    pending_kw: Lane,
    late_capex: Lane,
    /// Log of the share that survives a month.
    ln_keep: Lane,
    keep: Lane,
    keep_life: Lane,
    leaving: Lane,
    /// Chips standing.
    pub(super) chips: Lane,
    /// Their power, in chips of the first order.
    pub(super) kw: Lane,
    /// What the standing orders cost, US dollars.
    pub(super) standing_capex: Lane,
    /// What of it is still being written off.
    pub(super) writing_off: Lane,
    pub(super) total_arrived: Lane,
    pub(super) total_failed: Lane,
    pub(super) total_sold: Lane,
}

/// What is sold in a month.
pub(super) struct Sale<'a> {
    /// Chips.
    pub(super) chips: &'a Lane,
    /// What the orders they came from cost, US dollars.
    pub(super) capex: &'a Lane,
}

/// Nothing arrived before the plan began.
static NOTHING: Lane = splat(0.0);

impl Fleet {
    pub(super) fn new(months: usize, life: usize) -> Self {
        let zero = || splat(0.0);
        Self {
            life,
            arriving: vec![zero(); months],
            arriving_kw: vec![zero(); months],
            arriving_capex: vec![zero(); months],
            pending: zero(),
            pending_kw: zero(),
            late_capex: zero(),
            ln_keep: zero(),
            keep: zero(),
            keep_life: zero(),
            leaving: zero(),
            chips: zero(),
            kw: zero(),
            standing_capex: zero(),
            writing_off: zero(),
            total_arrived: zero(),
            total_failed: zero(),
            total_sold: zero(),
        }
    }

    /// Starts a block of paths with nothing.
    pub(super) fn begin(&mut self, loss_per_year: &Lane) {
        let rows = self.arriving.iter_mut();
        let rows = rows.chain(&mut self.arriving_kw).chain(&mut self.arriving_capex);
        for lane in rows {
            lane.fill(0.0);
        }
        for lane in [
            &mut self.pending,
            &mut self.pending_kw,
            &mut self.late_capex,
            &mut self.chips,
            &mut self.kw,
            &mut self.standing_capex,
            &mut self.writing_off,
            &mut self.total_arrived,
            &mut self.total_failed,
            &mut self.total_sold,
        ] {
            lane.fill(0.0);
        }
        survive(
            loss_per_year,
            crate::units::count(self.life),
            &mut self.ln_keep,
            &mut self.keep,
            &mut self.keep_life,
        );
    }

    /// Takes an order that arrives in month `arrival` of each path.
    pub(super) fn place(
        &mut self,
        arrival: &Lane,
        chips: &Lane,
        capex: &Lane,
        kw_scale: f64,
    ) {
        for i in 0..LANES {
            self.pending[i] += chips[i];
            self.pending_kw[i] += chips[i] * kw_scale;
            let month = whole(arrival[i]);
            if let Some(row) = self.arriving.get_mut(month) {
                row[i] += chips[i];
                self.arriving_kw[month][i] += chips[i] * kw_scale;
                self.arriving_capex[month][i] += capex[i];
            } else {
                self.late_capex[i] += capex[i];
            }
        }
    }

    /// Chips and power that will stand `lead` months after `month` began, counting what
    /// is on its way, what will leave by then, and expected losses.
    pub(super) fn look_ahead(
        &self,
        month: usize,
        lead: &Lane,
        standing: &mut Lane,
        standing_kw: &mut Lane,
    ) {
        expect(lead, &self.ln_keep, &self.chips, &self.pending, standing);
        expect(lead, &self.ln_keep, &self.kw, &self.pending_kw, standing_kw);
        let longest = lead.iter().copied().fold(0.0, f64::max);
        let first = month.saturating_sub(self.life);
        // Arrivals whose life ends from this month to the longest lead time from now.
        for arrived in first..month {
            let ends = arrived + self.life;
            if ends < month || ends > month + whole(longest) {
                continue;
            }
            let after = crate::units::count(ends - month);
            let (chips, kw) = (&self.arriving[arrived], &self.arriving_kw[arrived]);
            leave_by(lead, after, chips, &self.keep_life, standing);
            leave_by(lead, after, kw, &self.keep_life, standing_kw);
        }
    }

    /// One month: losses, departures, arrivals.
    pub(super) fn age(&mut self, month: usize, write_off: usize) {
        let gone = month.checked_sub(self.life);
        let row = |rows: &[Lane], index: Option<usize>| -> Lane {
            index.map_or(NOTHING, |i| rows[i])
        };
        let (old, old_kw) = (row(&self.arriving, gone), row(&self.arriving_kw, gone));
        multiply(&mut self.leaving, &old, &self.keep_life);
        live(
            &self.keep,
            &self.leaving,
            &self.arriving[month],
            &mut self.chips,
            &mut self.total_arrived,
            &mut self.total_failed,
            &mut self.total_sold,
        );
        live_kw(
            &self.keep,
            &self.keep_life,
            &old_kw,
            &self.arriving_kw[month],
            &self.chips,
            &mut self.kw,
        );
        let old_capex = row(&self.arriving_capex, gone);
        let written = month.checked_sub(self.life.min(write_off));
        let written = row(&self.arriving_capex, written);
        let new = &self.arriving_capex[month];
        roll(&mut self.standing_capex, new, &old_capex);
        roll(&mut self.writing_off, new, &written);
        take_off(&mut self.pending, &self.arriving[month]);
        take_off(&mut self.pending_kw, &self.arriving_kw[month]);
    }

    /// What the orders that arrived in a month cost, US dollars.
    pub(super) fn arrived_capex(&self, month: usize) -> &Lane {
        &self.arriving_capex[month]
    }

    /// What left in the month just aged, where anything could.
    pub(super) fn sale(&self, month: usize) -> Option<Sale<'_>> {
        let arrived = month.checked_sub(self.life)?;
        Some(Sale { chips: &self.leaving, capex: &self.arriving_capex[arrived] })
    }

    /// Orders whose loan payments begin this month, and those whose have ended.
    pub(super) fn payments(&self, month: usize, payments: f64) -> (&Lane, &Lane) {
        let row = |index: Option<usize>| {
            index.and_then(|i| self.arriving_capex.get(i)).unwrap_or(&NOTHING)
        };
        let begins = month.checked_sub(1);
        let ends = begins.and_then(|m| m.checked_sub(whole(payments)));
        (row(begins), row(ends))
    }

    /// What orders that do not arrive within the plan cost, US dollars.
    pub(super) fn late_capex(&self) -> &Lane {
        &self.late_capex
    }

    /// Sells what stands at the end of month `end − 1`: adds receipts and gains.
    #[expect(clippy::too_many_arguments, reason = "what a used machine is worth")]
    pub(super) fn salvage(
        &self,
        end: usize,
        write_off: f64,
        price: &Lane,
        wear: &Lane,
        share: &Lane,
        level: &Lane,
        resale: &mut Lane,
        gain: &mut Lane,
    ) {
        for arrived in (end.saturating_sub(self.life))..end.min(self.arriving.len()) {
            let age = crate::units::count(end - arrived);
            sell_standing(
                age,
                (1.0 - age / write_off).max(0.0),
                &self.ln_keep,
                &self.arriving[arrived],
                &self.arriving_capex[arrived],
                price,
                wear,
                share,
                level,
                resale,
                gain,
            );
        }
    }
}

/// A month as an index; anything beyond all plans where it is not one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what an index can hold"
)]
fn whole(month: f64) -> usize {
    if month.is_finite() { month.clamp(0.0, 1e9) as usize } else { usize::MAX }
}

crate::kernel! {
    fn survive(
        loss_per_year: &Lane, life: f64, ln_keep: &mut Lane, keep: &mut Lane,
        keep_life: &mut Lane,
    ) {
        for i in 0..LANES {
            ln_keep[i] = ln(1.0 - loss_per_year[i]) / 12.0;
            keep[i] = exp(ln_keep[i]);
            keep_life[i] = exp(ln_keep[i] * life);
        }
    }

    fn expect(
        lead: &Lane, ln_keep: &Lane, now: &Lane, pending: &Lane, standing: &mut Lane,
    ) {
        for i in 0..LANES {
            // This month's losses are still to come when orders are placed.
            let survives = exp(ln_keep[i] * (lead[i] + 1.0));
            standing[i] = now[i] * survives + pending[i];
        }
    }

    fn leave_by(
        lead: &Lane, after: f64, arrived: &Lane, keep_life: &Lane, standing: &mut Lane,
    ) {
        for i in 0..LANES {
            let leaves = if after <= lead[i] { arrived[i] * keep_life[i] } else { 0.0 };
            standing[i] = (standing[i] - leaves).max(0.0);
        }
    }

    fn live(
        keep: &Lane, leaving: &Lane, arriving: &Lane, chips: &mut Lane,
        arrived: &mut Lane, failed: &mut Lane, sold: &mut Lane,
    ) {
        for i in 0..LANES {
            let kept = chips[i] * keep[i];
            let stays = kept - leaving[i];
            failed[i] += chips[i] - kept;
            // What is left of a fleet that has gone is rounding, not chips.
            let stays = if stays > 1e-9 * kept { stays } else { 0.0 };
            sold[i] += kept - stays;
            arrived[i] += arriving[i];
            chips[i] = stays + arriving[i];
        }
    }

    fn live_kw(
        keep: &Lane, keep_life: &Lane, old: &Lane, arriving: &Lane, chips: &Lane,
        kw: &mut Lane,
    ) {
        for i in 0..LANES {
            let stays = (kw[i] * keep[i] - old[i] * keep_life[i]).max(0.0);
            kw[i] = if chips[i] > 0.0 { stays + arriving[i] } else { 0.0 };
        }
    }

    fn multiply(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] * b[i];
        }
    }

    fn roll(sum: &mut Lane, new: &Lane, old: &Lane) {
        for i in 0..LANES {
            let rest = sum[i] - old[i];
            sum[i] = (if rest > 1e-9 * sum[i] { rest } else { 0.0 }) + new[i];
        }
    }

    fn take_off(pending: &mut Lane, arrived: &Lane) {
        for i in 0..LANES {
            pending[i] = (pending[i] - arrived[i]).max(0.0);
        }
    }

    fn sell_standing(
        age: f64, book_share: f64, ln_keep: &Lane, arrived: &Lane, capex: &Lane,
        price: &Lane, wear: &Lane, share: &Lane, level: &Lane, resale: &mut Lane,
        gain: &mut Lane,
    ) {
        for i in 0..LANES {
            let left = arrived[i] * exp(ln_keep[i] * (age - 1.0));
            let worth = price[i] * exp(-wear[i] * age / 12.0) * share[i] * level[i];
            let proceeds = left * worth;
            resale[i] -= proceeds;
            gain[i] += proceeds - capex[i] * book_share;
        }
    }
}
