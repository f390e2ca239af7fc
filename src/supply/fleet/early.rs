//! Machines sold before their life is over: taken out of the months they arrived in.
//!
//! What stays of an order is a smaller order of the same age, so all that looks at the
//! past of a fleet (departures, write-offs, the sale at the end) needs nothing else.

use crate::block::lanes::is_zero;
use crate::block::math::exp;
use crate::block::{LANES, Lane, splat};
use crate::units::count;

use super::Fleet;

/// What an early sale is worth.
pub(in crate::supply) struct Terms<'a> {
    /// Wear that the worth of a chip does not say, log a year.
    pub(in crate::supply) wear: &'a Lane,
    /// What the seller keeps of the proceeds.
    pub(in crate::supply) kept: f64,
    /// Chips are sold in whole multiples of it; 0: in any number.
    pub(in crate::supply) lump: f64,
    /// Months over which the books write off.
    pub(in crate::supply) line: usize,
}

/// What an early sale brought.
pub(in crate::supply) struct Proceeds<'a> {
    /// Receipts, negative.
    pub(in crate::supply) resale: &'a mut Lane,
    /// Receipts over what was not yet written off for tax.
    pub(in crate::supply) gain: &'a mut Lane,
    /// What was left of it in the books, which write off in a straight line.
    pub(in crate::supply) book: &'a mut Lane,
    /// Chips sold.
    pub(in crate::supply) sold: &'a mut Lane,
}

impl Fleet {
    /// Sells at the start of a month what would stand above `keep`, oldest first, in whole
    /// lumps. What is due to leave this month goes anyway and what arrives is new: neither
    /// is sold. `book_share`: not yet written off for tax, by month of arrival and age.
    /// `worth`: what a chip of an age in years fetches, given what it draws, US dollars.
    pub(in crate::supply) fn sell_early(
        &mut self,
        month: usize,
        keep: &Lane,
        book_share: impl Fn(usize, u32, &mut Lane),
        worth: impl Fn(f64, Option<(&Lane, &Lane)>, &mut Lane),
        terms: &Terms<'_>,
        to: &mut Proceeds<'_>,
    ) {
        let leaving = month.checked_sub(self.life).map(|gone| &self.arriving[gone]);
        let leaving = leaving.unwrap_or(&super::NOTHING);
        let left = &mut self.scratch;
        excess(left, &self.chips, &self.keep, leaving, &self.keep_life, keep, terms.lump);
        if is_zero(left) {
            return;
        }
        to.sold.clone_from(left);
        let first = (month + 1).saturating_sub(self.life);
        let (mut tax_share, mut used) = (splat(0.0), splat(0.0));
        for arrived in first..month {
            let age = count(month - arrived);
            let months = u32::try_from(month - arrived).unwrap_or(u32::MAX);
            let line = count(self.life.min(terms.line));
            let mut none = splat(0.0);
            book_share(arrived, months, &mut tax_share);
            let drawn = self.arriving_kw.get(arrived).zip(self.arriving.get(arrived));
            worth(age / 12.0, drawn, &mut used);
            let kw = self.arriving_kw.get_mut(arrived);
            take(
                age,
                &tax_share,
                (1.0 - age / count(terms.line)).max(0.0),
                if age < line { 1.0 } else { 0.0 },
                terms.kept,
                &self.ln_keep,
                &used,
                terms.wear,
                left,
                &mut self.arriving[arrived],
                &mut self.arriving_capex[arrived],
                kw.unwrap_or(&mut none),
                &mut self.chips,
                &mut self.kw,
                &mut self.standing_capex,
                &mut self.writing_off,
                to.resale,
                to.gain,
                to.book,
            );
        }
        // What the oldest months could not give was never there.
        less(to.sold, left);
        if let Some(counts) = &mut self.counts {
            super::add_scaled(&mut counts.sold, to.sold, 1.0);
        }
    }
}

crate::kernel! {
    fn excess(
        out: &mut Lane, chips: &Lane, keep_month: &Lane, leaving: &Lane, keep_life: &Lane,
        keep: &Lane, lump: f64,
    ) {
        let per_lump = if lump > 0.0 { 1.0 / lump } else { 1.0 };
        for i in 0..LANES {
            // Chips that will stand when this month's losses and departures are over, and
            // what must be sold now for that.
            let stays = chips[i] * keep_month[i] - leaving[i] * keep_life[i];
            let over = ((stays - keep[i]) / keep_month[i]).max(0.0);
            let whole = (over * per_lump + 1e-9).floor() / per_lump;
            let sold = if lump > 0.0 { whole } else { over };
            out[i] = if sold > 1e-9 * chips[i] { sold } else { 0.0 };
        }
    }

    fn take(
        age: f64, tax_share: &Lane, book_share: f64, writing: f64, kept: f64, ln_keep: &Lane,
        worth: &Lane, wear: &Lane, left: &mut Lane, arrived: &mut Lane, capex: &mut Lane,
        arrived_kw: &mut Lane, chips: &mut Lane, kw: &mut Lane, standing_capex: &mut Lane,
        writing_off: &mut Lane, resale: &mut Lane, gain: &mut Lane, book: &mut Lane,
    ) {
        for i in 0..LANES {
            let survives = exp(ln_keep[i] * (age - 1.0));
            let alive = arrived[i] * survives;
            let sold = if left[i] < alive { left[i] } else { alive };
            let share = if alive > 0.0 { sold / alive } else { 0.0 };
            let cost = capex[i] * share;
            let proceeds = sold * worth[i] * exp(-wear[i] * age / 12.0) * kept;
            left[i] -= sold;
            chips[i] = (chips[i] - sold).max(0.0);
            kw[i] = (kw[i] - arrived_kw[i] * survives * share).max(0.0);
            arrived[i] -= arrived[i] * share;
            arrived_kw[i] -= arrived_kw[i] * share;
            capex[i] -= cost;
            standing_capex[i] = (standing_capex[i] - cost).max(0.0);
            writing_off[i] = (writing_off[i] - writing * cost).max(0.0);
            resale[i] -= proceeds;
            gain[i] += proceeds - cost * tax_share[i];
            book[i] += cost * book_share;
        }
    }

    fn less(sold: &mut Lane, left: &Lane) {
        for i in 0..LANES {
            sold[i] = (sold[i] - left[i]).max(0.0);
        }
    }
}
