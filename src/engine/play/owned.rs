//! What a rule and a yardstick are shown of machines of one's own.
//!
//! Read next: [`Own`], which works it out.

use crate::block::Lane;
use crate::scenario::{Committed, Scenario};
use crate::strategy::Observed;
use crate::supply::Own;

use super::{Foresight, Market, Shown};

/// What a rule wants of machines of one's own this month.
pub(super) fn want(
    own: &mut Own,
    shown: &mut Shown,
    committed: &Committed,
    needed: &[Lane],
    market: &Market<'_>,
    discount_rate: f64,
    target: &mut Lane,
) {
    let (month, future) = (market.month, market.future);
    own.look_ahead(month);
    if let Some(now) = needed.last().filter(|_| shown.asks.prices) {
        own.commit_usd(month, discount_rate, now, future, &mut shown.commit_usd);
        own.running(month, now, future, &mut shown.run_usd);
    }
    let belief = &committed.belief;
    let seen = Observed::new(needed, own.lead_months(), own.standing(), belief);
    let mut seen = shown.to(seen, month, own.term_months());
    let age = own.months_since_generation(future);
    if let Some(age) = age.filter(|_| shown.asks.generations) {
        seen = seen.with_months_since_generation(age);
    }
    committed.sizing.rule().target(&seen, target);
}

/// Notes a month of machines of one's own for a yardstick.
pub(super) fn foresee_own(
    own: &mut Own,
    market: &Market<'_>,
    scenario: &Scenario,
    foresight: &mut Foresight,
) {
    let (month, future) = (market.month, market.future);
    let Some(known) = foresight.known.get_mut(month as usize) else { return };
    own.quote(month, future);
    own.machine_usd(&known.needed, &mut known.commit_usd);
    own.running(month, &known.needed, future, &mut known.run_usd);
    let life = u32::try_from(own.life_months()).unwrap_or(u32::MAX);
    own.used_usd(month, life, future, &mut known.used_usd);
    match own.server_months() {
        Some(lead) => known.lead_months.copy_from(lead),
        None => known.lead_months.fill(0.0),
    }
    if let Some(build) = own.room_months(future) {
        known.room_months.copy_from(build);
        let (rate, end) = (scenario.discount_rate, Some(scenario.months - month));
        own.room_usd(month, rate, end, future, &mut known.room_usd);
    }
    if month + 1 == scenario.months {
        for (age, closing) in (0..).zip(&mut foresight.closing) {
            own.used_usd(month, age, future, closing);
        }
    }
}
