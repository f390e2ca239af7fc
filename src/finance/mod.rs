//! Cash flow → present value, tax, depreciation, debt.
//!
//! Closed forms on plain numbers here; the engine applies them to blocks of paths.
//! Money is nominal US dollars; rates are annual and come down to months only through
//! [`monthly_rate`]. Read next: [`annuity`], [`depreciation`], [`appraisal`], [`ledger`].

pub mod annuity;
pub mod appraisal;
pub mod depreciation;
pub mod ledger;

pub use annuity::{annuity_payment, balance_factor};
pub use appraisal::{Irr, Payback, equivalent_annual_cost, irr, payback};
pub use depreciation::{Convention, Depreciation, Method, WriteOff};
pub use ledger::{Ledger, Part};

use crate::units::MONTHS_PER_YEAR;

/// The monthly rate that compounds to `per_year`.
///
/// ```text
/// i = (1 + r)^(1/12) − 1
/// ```
pub fn monthly_rate(per_year: f64) -> f64 {
    (1.0 + per_year).powf(1.0 / MONTHS_PER_YEAR) - 1.0
}

/// Present value of a dollar paid at the start of month `month` (0 is today).
///
/// ```text
/// df(t) = (1 + r)^(−t/12)
/// ```
pub fn discount_factor(per_year: f64, month: u32) -> f64 {
    (1.0 + per_year).powf(-f64::from(month) / MONTHS_PER_YEAR)
}

/// Present value of cash flows at the starts of months 0, 1, 2, …
pub fn present_value(per_year: f64, flows: &[f64]) -> f64 {
    let months = 0_u32..;
    months.zip(flows).map(|(t, flow)| flow * discount_factor(per_year, t)).sum()
}

/// Levelised price: what each unit would have to cost for the same present value.
///
/// ```text
/// p = Σ df(t) cost(t) / Σ df(t) units(t)
/// ```
/// Nothing where no unit is delivered.
pub fn levelised(present_cost: f64, present_units: f64) -> Option<f64> {
    (present_units > 0.0).then(|| present_cost / present_units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_monthly_rates_make_a_year() {
        let i = monthly_rate(0.08);
        assert!(((1.0 + i).powi(12) - 1.08).abs() < 1e-12);
    }

    #[test]
    fn a_perpetuity_of_twelve_months_has_its_closed_form() {
        let r = 0.10;
        let flows = [100.0; 12];
        let v = discount_factor(r, 1);
        let closed = 100.0 * (1.0 - v.powi(12)) / (1.0 - v);
        assert!((present_value(r, &flows) - closed).abs() < 1e-9);
    }

    #[test]
    fn nothing_delivered_has_no_price() {
        assert_eq!(levelised(10.0, 0.0), None);
        assert_eq!(levelised(10.0, 4.0), Some(2.5));
    }
}
