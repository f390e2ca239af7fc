//! Whether an outlay pays: internal rate of return, payback, equivalent annual cost.
//!
//! Flows stand at the starts of months 0, 1, 2, …; receipts are positive here, costs
//! negative. An answer that does not exist is said to be none, never or always.

use schemars::JsonSchema;
use serde::Serialize;

use super::present_value;

/// The rate at which a flow is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Irr {
    /// The flow never changes its sign, or more than once so that several rates may fit, or
    /// it begins with receipts.
    None,
    /// The rate, a year.
    At(f64),
}

/// When what was laid out has come back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payback {
    /// Nothing is ever laid out.
    Always,
    /// Not within the flow.
    Never,
    /// After so many months, for good.
    At(f64),
}

/// Highest yearly rate that is looked for: a flow that returns more is none.
const HIGHEST_RATE: f64 = 1e6;
/// Lowest.
const LOWEST_RATE: f64 = -0.999;

/// The internal rate of return of monthly flows, a year.
///
/// ```text
/// Σ f(t) · (1 + r)^(−t/12) = 0
/// ```
/// Given only where the flow begins with an outlay and it, or its running sum, changes its sign once: then there is
/// one such rate above zero (Norstrøm), or one at all (Descartes).
///
/// **Units** per year, compounded. **Errors** none: [`Irr::None`] where there is none.
/// **Source** Brealey, Myers, Allen (2020), Principles of Corporate Finance, §5.3;
/// Norstrøm (1972), Journal of Financial and Quantitative Analysis 7(3).
/// **Checked by** closed forms, below.
pub fn irr(flows: &[f64]) -> Irr {
    let mut sum = 0.0;
    let sums: Vec<f64> = flows
        .iter()
        .map(|flow| {
            sum += flow;
            sum
        })
        .collect();
    let (low, high) = match (sign_changes(flows), sign_changes(&sums)) {
        (0, _) => return Irr::None,
        // What begins with receipts earns nothing on anything: its root is what a loan costs.
        _ if flows.iter().find(|x| **x != 0.0).is_some_and(|x| *x > 0.0) => {
            return Irr::None;
        }
        (1, _) => (LOWEST_RATE, HIGHEST_RATE),
        (_, 1) => (0.0, HIGHEST_RATE),
        _ => return Irr::None,
    };
    // In ln(1 + r) the value is smooth and the bracket short.
    let value = |x: f64| present_value(x.exp_m1(), flows);
    let (mut low, mut high) = (f64::ln_1p(low), f64::ln_1p(high));
    let (at_low, at_high) = (value(low), value(high));
    if !at_low.is_finite() || !at_high.is_finite() || (at_low > 0.0) == (at_high > 0.0) {
        return Irr::None;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if (value(middle) > 0.0) == (at_low > 0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Irr::At(f64::midpoint(low, high).exp_m1())
}

/// How often a row of numbers changes its sign; zeros count for nothing.
fn sign_changes(numbers: &[f64]) -> usize {
    let signs: Vec<bool> =
        numbers.iter().filter(|x| **x != 0.0).map(|x| *x > 0.0).collect();
    signs.windows(2).filter(|pair| pair.first() != pair.last()).count()
}

/// Months after which the running sum of flows stays at or above zero.
///
/// Within a month outlays come at its start and receipts evenly through it.
pub fn payback(flows: &[f64]) -> Payback {
    let mut sum: f64 = 0.0;
    let size: f64 = flows.iter().map(|x| x.abs()).sum();
    let hair = 1e-12 * size;
    let mut back = Payback::Always;
    for (month, flow) in flows.iter().enumerate() {
        let before = sum;
        sum += flow;
        if sum < -hair {
            back = Payback::Never;
        } else if before < -hair {
            back = Payback::At(crate::units::count(month) + (-before / flow).min(1.0));
        }
    }
    back
}

/// The same cost every year: the annuity of a present cost.
///
/// ```text
/// A = PV · r / (1 − (1 + r)^(−n)),   PV/n where r = 0
/// ```
/// over `years` n at the yearly rate r, paid at the ends of years.
///
/// **Source** Koomey and others (2007), A Simple Model for Determining True Total Cost of
/// Ownership for Data Centers: capital recovery factor.
pub fn equivalent_annual_cost(present_cost: f64, per_year: f64, years: f64) -> f64 {
    present_cost * super::annuity_payment(per_year, years)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(flows: &[f64]) -> f64 {
        match irr(flows) {
            Irr::At(rate) => rate,
            Irr::None => panic!("no rate"),
        }
    }

    #[test]
    fn an_annuity_has_the_rate_it_was_made_with() {
        for monthly in [0.001, 0.01, 0.03] {
            let payment = super::super::annuity_payment(monthly, 36.0);
            let mut flows = vec![payment; 37];
            flows[0] = -1.0;
            let wanted = (1.0_f64 + monthly).powi(12) - 1.0;
            assert!((rate(&flows) / wanted - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_hundred_that_become_a_hundred_and_ten_in_a_year_earn_ten_percent() {
        let mut flows = [0.0; 13];
        (flows[0], flows[12]) = (-100.0, 110.0);
        assert!((rate(&flows) - 0.1).abs() < 1e-12);
        flows[12] = 80.0;
        assert!((rate(&flows) + 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_flow_of_one_sign_has_no_rate_and_neither_has_one_of_many() {
        assert_eq!(irr(&[-1.0, -2.0, 0.0]), Irr::None);
        assert_eq!(irr(&[3.0, 2.0]), Irr::None);
        assert_eq!(irr(&[]), Irr::None);
        // Receipts first: a loan, not an investment.
        assert_eq!(irr(&[100.0, -110.0]), Irr::None);
        // The pump of Lorie and Savage (1955): two rates, 25 % and 400 %.
        let mut pump = [0.0; 25];
        (pump[0], pump[12], pump[24]) = (-1600.0, 10_000.0, -10_000.0);
        assert_eq!(irr(&pump), Irr::None);
    }

    #[test]
    fn payback_is_a_number_never_or_always() {
        // 100 down and 40 a month: two and a half months after the first payment back.
        assert_eq!(payback(&[-100.0, 40.0, 40.0, 40.0]), Payback::At(3.5));
        assert_eq!(payback(&[-60.0, 40.0, 40.0]), Payback::At(2.5));
        assert_eq!(payback(&[-100.0, 40.0]), Payback::Never);
        assert_eq!(payback(&[1.0, 2.0, -3.0]), Payback::Always);
        // Paid back and laid out again: the last time counts.
        assert_eq!(payback(&[-1.0, 2.0, -5.0, 8.0]), Payback::At(3.5));
    }

    #[test]
    fn a_present_cost_is_worth_its_annuity() {
        // Standard tables: 8 %, 5 years: 0.250456.
        let yearly = equivalent_annual_cost(1000.0, 0.08, 5.0);
        assert!((yearly - 250.456_454_6).abs() < 1e-6, "{yearly}");
        assert!((equivalent_annual_cost(1000.0, 0.0, 5.0) - 200.0).abs() < 1e-12);
    }
}
