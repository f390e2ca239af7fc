//! A fleet month by month: what arrives, what is lost, what leaves, what it cost.
//!
//! Orders are kept by the month in which they arrive, which differs from path to path
//! because delivery times do. All machines of a fleet live equally long, so what leaves
//! in a month is what arrived a life ago and survived: a month costs the same however
//! many orders there were.

mod early;

pub(super) use early::{Proceeds, Terms as EarlyTerms};

use crate::block::math::{exp, ln};
use crate::block::{LANES, Lane, splat};

use super::own::resale::sell_standing_at;

/// What somebody asks of a fleet; the rest is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Asked {
    /// What is ordered arrives in the same month.
    pub(super) instant: bool,
    /// When machines came and what they cost is asked later.
    pub(super) past: bool,
    /// A chip of any month draws as much as one of the first.
    pub(super) same_power: bool,
    /// What the standing orders cost is asked.
    pub(super) standing_capex: bool,
    /// What of it is being written off is asked.
    pub(super) writing_off: bool,
    /// What a loan was taken for is asked of machines that may be sold before it ends.
    pub(super) financed: bool,
}

/// The machines of one source on a block of paths.
#[derive(Debug)]
pub(super) struct Fleet {
    life: usize,
    asked: Asked,
    /// By month of arrival (one row for this month, where the past is not asked): chips,
    /// their power in chips of the first order, their price.
    arriving: Vec<Lane>,
    arriving_kw: Vec<Lane>,
    arriving_capex: Vec<Lane>,
    /// What arrived was bought for, whatever of it is sold early; kept where asked.
    financed: Vec<Lane>,
    /// The month in which an order at once was last placed.
    placed: Option<usize>,
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
    /// Their power, in chips of the first order, where it differs.
    kw: Lane,
    /// What the standing orders cost, US dollars.
    pub(super) standing_capex: Lane,
    /// What of it is still being written off.
    pub(super) writing_off: Lane,
    counts: Option<Box<Counts>>,
    scratch: Lane,
}

/// Chips that ever arrived, failed for good, and were sold.
#[derive(Debug)]
struct Counts {
    arrived: Lane,
    failed: Lane,
    sold: Lane,
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
    pub(super) fn new(months: usize, life: usize, asked: Asked) -> Self {
        let zero = || splat(0.0);
        let rows = if asked.past { months } else { 1 };
        Self {
            life,
            asked,
            arriving: vec![zero(); rows],
            arriving_kw: vec![zero(); if asked.same_power { 0 } else { rows }],
            arriving_capex: vec![zero(); rows],
            financed: vec![zero(); if asked.financed { rows } else { 0 }],
            placed: None,
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
            counts: None,
            scratch: zero(),
        }
    }

    /// Counts what [`Self::totals`] tells from now on.
    pub(super) fn count_all(&mut self) {
        let zero = || splat(0.0);
        let counts = Counts { arrived: zero(), failed: zero(), sold: zero() };
        self.counts = Some(Box::new(counts));
    }

    /// Chips that ever arrived, that failed for good, and that were sold.
    pub(super) fn totals(&self) -> Option<[&Lane; 3]> {
        self.counts.as_ref().map(|c| [&c.arrived, &c.failed, &c.sold])
    }

    /// Power of what stands, in chips of the first order.
    pub(super) fn kw(&self) -> &Lane {
        if self.asked.same_power { &self.chips } else { &self.kw }
    }

    /// Starts a block of paths with nothing.
    pub(super) fn begin(&mut self, loss_per_year: &Lane) {
        self.placed = None;
        if !self.asked.instant {
            let rows = self.arriving.iter_mut();
            let rows = rows.chain(&mut self.arriving_kw).chain(&mut self.arriving_capex);
            for lane in rows {
                lane.fill(0.0);
            }
        }
        for lane in [
            &mut self.pending,
            &mut self.pending_kw,
            &mut self.late_capex,
            &mut self.chips,
            &mut self.kw,
            &mut self.standing_capex,
            &mut self.writing_off,
        ] {
            lane.fill(0.0);
        }
        if let Some(counts) = &mut self.counts {
            for lane in [&mut counts.arrived, &mut counts.failed, &mut counts.sold] {
                lane.fill(0.0);
            }
        }
        survive(
            loss_per_year,
            crate::units::count(self.life),
            &mut self.ln_keep,
            &mut self.keep,
            &mut self.keep_life,
        );
    }

    /// The row of a month of arrival.
    fn row(&self, month: usize) -> usize {
        if self.asked.past { month } else { 0 }
    }

    /// Chips that arrive this month and what they cost, to be set by an order that is
    /// delivered at once.
    pub(super) fn arrivals(&mut self, month: usize) -> (&mut Lane, &mut Lane) {
        self.placed = Some(month);
        let row = self.row(month);
        (&mut self.arriving[row], &mut self.arriving_capex[row])
    }

    /// Takes an order that arrives in the same month.
    pub(super) fn place_at_once(
        &mut self,
        month: usize,
        chips: &Lane,
        capex: &Lane,
        kw_scale: &Lane,
    ) {
        let (arriving, cost) = self.arrivals(month);
        arriving.copy_from(chips);
        cost.copy_from(capex);
        let row = self.row(month);
        if let Some(kw) = self.arriving_kw.get_mut(row) {
            times(kw, chips, kw_scale);
        }
    }

    /// Takes an order that arrives in month `arrival` of each path.
    pub(super) fn place(
        &mut self,
        arrival: &Lane,
        chips: &Lane,
        capex: &Lane,
        kw_scale: &Lane,
    ) {
        add_scaled(&mut self.pending, chips, 1.0);
        if !self.asked.same_power {
            add_product(&mut self.pending_kw, chips, kw_scale);
        }
        for i in 0..LANES {
            // Most months most paths order nothing.
            if chips[i] == 0.0 {
                continue;
            }
            let month = whole(arrival[i]);
            if let Some(row) = self.arriving.get_mut(month) {
                row[i] += chips[i];
                self.arriving_capex[month][i] += capex[i];
                if let Some(row) = self.arriving_kw.get_mut(month) {
                    row[i] += chips[i] * kw_scale[i];
                }
            } else {
                self.late_capex[i] += capex[i];
            }
        }
    }

    /// Chips and power that will stand `lead` months after `month` began, counting what
    /// is on its way, what will leave by then, and expected losses. Power is left alone
    /// where it is that of the chips.
    pub(super) fn look_ahead(
        &mut self,
        month: usize,
        lead: &Lane,
        standing: &mut Lane,
        standing_kw: &mut Lane,
    ) {
        let same_power = self.asked.same_power;
        let longest = if self.asked.instant {
            times(standing, &self.chips, &self.keep);
            if !same_power {
                times(standing_kw, &self.kw, &self.keep);
            }
            0
        } else {
            survive_until(lead, &self.ln_keep, &mut self.scratch);
            expect(&self.scratch, &self.chips, &self.pending, standing);
            if !same_power {
                expect(&self.scratch, &self.kw, &self.pending_kw, standing_kw);
            }
            whole(lead.iter().copied().fold(0.0, f64::max))
        };
        if !self.asked.past {
            return;
        }
        // Arrivals whose life ends from this month to the longest lead time from now.
        for arrived in month.saturating_sub(self.life)..month {
            let ends = arrived + self.life;
            if ends < month || ends > month + longest {
                continue;
            }
            let after = crate::units::count(ends - month);
            leave_by(lead, after, &self.arriving[arrived], &self.keep_life, standing);
            if let Some(kw) = self.arriving_kw.get(arrived) {
                leave_by(lead, after, kw, &self.keep_life, standing_kw);
            }
        }
    }

    /// One month: losses, departures, arrivals.
    pub(super) fn age(&mut self, month: usize, write_off: usize) {
        let now = self.row(month);
        if self.asked.instant && self.placed != Some(month) {
            self.arriving[now].fill(0.0);
            self.arriving_capex[now].fill(0.0);
            if let Some(kw) = self.arriving_kw.get_mut(now) {
                kw.fill(0.0);
            }
        }
        let gone = month.checked_sub(self.life).filter(|_| self.asked.past);
        if let Some(counts) = &mut self.counts {
            count_failed(&self.keep, &self.chips, &mut counts.failed);
            add_scaled(&mut counts.arrived, &self.arriving[now], 1.0);
        }
        if let Some(gone) = gone {
            times(&mut self.leaving, &self.arriving[gone], &self.keep_life);
            let sold = self.counts.as_mut().map(|c| &mut c.sold);
            let new = &self.arriving[now];
            if let Some(sold) = sold {
                count_sold(&self.keep, &self.leaving, &self.chips, sold);
            }
            live(&self.keep, &self.leaving, new, &mut self.chips);
        } else {
            live_young(&self.keep, &self.arriving[now], &mut self.chips);
        }
        if !self.asked.same_power {
            live_kw(
                &self.keep,
                &self.keep_life,
                gone.map_or(&NOTHING, |i| &self.arriving_kw[i]),
                &self.arriving_kw[now],
                &self.chips,
                &mut self.kw,
            );
        }
        let rows = &self.arriving_capex;
        let old_row =
            |index: Option<usize>| index.and_then(|i| rows.get(i)).unwrap_or(&NOTHING);
        if let Some(row) = self.financed.get_mut(month) {
            row.clone_from(&rows[now]);
        }
        if self.asked.standing_capex {
            roll(&mut self.standing_capex, &rows[now], old_row(gone));
        }
        if self.asked.writing_off {
            let written = month.checked_sub(self.life.min(write_off));
            roll(&mut self.writing_off, &rows[now], old_row(written));
        }
        if !self.asked.instant {
            take_off(&mut self.pending, &self.arriving[now]);
            if !self.asked.same_power {
                take_off(&mut self.pending_kw, &self.arriving_kw[now]);
            }
        }
    }

    /// What the orders that arrived in a month cost, US dollars.
    pub(super) fn arrived_capex(&self, month: usize) -> &Lane {
        &self.arriving_capex[self.row(month)]
    }

    /// What left in the month just aged, where anything could.
    pub(super) fn sale(&self, month: usize) -> Option<Sale<'_>> {
        let arrived = month.checked_sub(self.life)?;
        Some(Sale { chips: &self.leaving, capex: &self.arriving_capex[arrived] })
    }

    /// Orders whose loan payments begin this month, `grace` months after the month that
    /// follows their arrival, and those whose last of `payments` is over.
    pub(super) fn payments(
        &self,
        month: usize,
        grace: f64,
        payments: f64,
    ) -> (&Lane, &Lane) {
        let rows =
            if self.asked.financed { &self.financed } else { &self.arriving_capex };
        let row =
            |index: Option<usize>| index.and_then(|i| rows.get(i)).unwrap_or(&NOTHING);
        let first = month.checked_sub(1);
        let begins = first.and_then(|m| m.checked_sub(whole(grace)));
        let ends = first.and_then(|m| m.checked_sub(whole(payments)));
        (row(begins), row(ends))
    }

    /// Orders that arrive this month, and those that did a term ago.
    pub(super) fn leased(&self, month: usize, term: u32) -> (&Lane, &Lane) {
        let ended = month.checked_sub(term as usize);
        let ended = ended.and_then(|m| self.arriving_capex.get(m));
        (self.arrived_capex(month), ended.unwrap_or(&NOTHING))
    }

    /// Adds what is written off in a month of orders by the month of their arrival and
    /// their age, as shares of their cost.
    pub(super) fn write_off(
        &self,
        month: usize,
        share: impl Fn(usize, u32) -> f64,
        out: &mut Lane,
    ) {
        let oldest = (month + 1).saturating_sub(self.life);
        for (arrived, capex) in
            self.arriving_capex.iter().enumerate().take(month + 1).skip(oldest)
        {
            let age = u32::try_from(month - arrived).unwrap_or(u32::MAX);
            add_scaled(out, capex, share(arrived, age));
        }
    }

    /// What orders that do not arrive within the plan cost, US dollars.
    pub(super) fn late_capex(&self) -> &Lane {
        &self.late_capex
    }

    /// Power and number of the chips that arrived in a month, where power is not that of
    /// the chips.
    pub(super) fn drawn(&self, arrived: usize) -> Option<(&Lane, &Lane)> {
        Some((self.arriving_kw.get(arrived)?, self.arriving.get(arrived)?))
    }

    /// Sells what stands at the end of month `end − 1` at what `worth` says of a chip of
    /// an age in years, given what it draws: adds receipts and gains.
    pub(super) fn salvage_at(
        &self,
        end: usize,
        book_share: impl Fn(usize, u32) -> f64,
        worth: impl Fn(f64, Option<(&Lane, &Lane)>, &mut Lane),
        resale: &mut Lane,
        gain: &mut Lane,
    ) {
        let mut each = splat(0.0);
        for arrived in (end.saturating_sub(self.life))..end.min(self.arriving.len()) {
            let age = crate::units::count(end - arrived);
            let months = u32::try_from(end - arrived).unwrap_or(u32::MAX);
            worth(age / 12.0, self.drawn(arrived), &mut each);
            sell_standing_at(
                age,
                &self.ln_keep,
                &self.arriving[arrived],
                &each,
                &self.arriving_capex[arrived],
                book_share(arrived, months),
                resale,
                gain,
            );
        }
    }

    /// Sells what stands at the end of month `end − 1`: adds receipts and gains.
    #[expect(clippy::too_many_arguments, reason = "what a used machine is worth")]
    pub(super) fn salvage(
        &self,
        end: usize,
        book_share: impl Fn(usize, u32) -> f64,
        price: &Lane,
        wear: &Lane,
        share: &Lane,
        level: &Lane,
        resale: &mut Lane,
        gain: &mut Lane,
    ) {
        let mut worth = splat(0.0);
        price_used(&mut worth, price, share, level);
        for arrived in (end.saturating_sub(self.life))..end.min(self.arriving.len()) {
            let age = crate::units::count(end - arrived);
            let months = u32::try_from(end - arrived).unwrap_or(u32::MAX);
            sell_standing(
                age,
                book_share(arrived, months),
                &self.ln_keep,
                &self.arriving[arrived],
                &self.arriving_capex[arrived],
                &worth,
                wear,
                resale,
                gain,
            );
        }
    }
}

/// What stays of a fleet when some of it leaves: what is left of one that has gone is
/// rounding, not chips.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn stay(kept: f64, leaving: f64) -> f64 {
    let stays = kept - leaving;
    if stays > 1e-9 * kept { stays } else { 0.0 }
}

/// A month as an index; anything beyond all plans where it is not one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what an index can hold"
)]
pub(super) fn whole(month: f64) -> usize {
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

    /// The share that survives until an order of this month arrives.
    fn survive_until(lead: &Lane, ln_keep: &Lane, share: &mut Lane) {
        for i in 0..LANES {
            // This month's losses are still to come when orders are placed.
            share[i] = exp(ln_keep[i] * (lead[i] + 1.0));
        }
    }

    fn expect(share: &Lane, now: &Lane, pending: &Lane, standing: &mut Lane) {
        for i in 0..LANES {
            standing[i] = now[i] * share[i] + pending[i];
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

    fn live_young(keep: &Lane, arriving: &Lane, chips: &mut Lane) {
        for i in 0..LANES {
            chips[i] = chips[i] * keep[i] + arriving[i];
        }
    }

    fn live(keep: &Lane, leaving: &Lane, arriving: &Lane, chips: &mut Lane) {
        for i in 0..LANES {
            chips[i] = stay(chips[i] * keep[i], leaving[i]) + arriving[i];
        }
    }

    fn count_failed(keep: &Lane, chips: &Lane, failed: &mut Lane) {
        for i in 0..LANES {
            failed[i] += chips[i] - chips[i] * keep[i];
        }
    }

    fn count_sold(keep: &Lane, leaving: &Lane, chips: &Lane, sold: &mut Lane) {
        for i in 0..LANES {
            let kept = chips[i] * keep[i];
            sold[i] += kept - stay(kept, leaving[i]);
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

    fn times(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] = a[i] * b[i];
        }
    }

    fn add_product(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] += a[i] * b[i];
        }
    }

    fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
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

    fn price_used(worth: &mut Lane, price: &Lane, share: &Lane, level: &Lane) {
        for i in 0..LANES {
            worth[i] = price[i] * share[i] * level[i];
        }
    }

    fn sell_standing(
        age: f64, book_share: f64, ln_keep: &Lane, arrived: &Lane, capex: &Lane,
        worth: &Lane, wear: &Lane, resale: &mut Lane, gain: &mut Lane,
    ) {
        for i in 0..LANES {
            let left = exp(ln_keep[i] * (age - 1.0) - wear[i] * age / 12.0);
            let proceeds = arrived[i] * left * worth[i];
            resale[i] -= proceeds;
            gain[i] += proceeds - capex[i] * book_share;
        }
    }
}
