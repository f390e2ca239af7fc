//! A loan repaid in equal monthly payments.
//!
//! Exact annuity, not interest on the average balance: published calculators that use
//! the latter are reproduced by a capital charge instead (see `docs/model.md`).

/// Monthly payment per dollar borrowed, over `months` at `monthly_rate`.
///
/// ```text
/// a = i / (1 − (1 + i)^(−n)),   1/n where i = 0
/// ```
/// **Source** Brealey, Myers, Allen (2020), Principles of Corporate Finance, §2.2.
/// **Checked by** `payments_repay_exactly_what_was_borrowed`.
pub fn annuity_payment(monthly_rate: f64, months: f64) -> f64 {
    if monthly_rate.abs() < 1e-12 {
        1.0 / months
    } else {
        monthly_rate / (1.0 - (1.0 + monthly_rate).powf(-months))
    }
}

/// Share of the loan still owed after `paid` of `months` payments.
///
/// ```text
/// b(k) = ((1 + i)^n − (1 + i)^k) / ((1 + i)^n − 1),   1 − k/n where i = 0
/// ```
pub fn balance_factor(monthly_rate: f64, months: f64, paid: f64) -> f64 {
    let paid = paid.clamp(0.0, months);
    if monthly_rate.abs() < 1e-12 {
        1.0 - paid / months
    } else {
        let grown = (1.0 + monthly_rate).powf(months);
        (grown - (1.0 + monthly_rate).powf(paid)) / (grown - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_repay_exactly_what_was_borrowed() {
        for (rate, months) in [(0.0, 36.0), (0.005, 60.0), (0.012, 84.0)] {
            let payment = annuity_payment(rate, months);
            let mut balance = 1.0;
            let mut k = 0.0;
            while k < months {
                assert!((balance - balance_factor(rate, months, k)).abs() < 1e-12);
                balance = balance * (1.0 + rate) - payment;
                k += 1.0;
            }
            assert!(balance.abs() < 1e-12, "{rate} {months}");
        }
    }

    #[test]
    fn a_five_year_loan_at_one_percent_a_month_costs_2_22_percent_a_month() {
        // Standard annuity tables: 1 % per period, 60 periods, 0.022244.
        assert!((annuity_payment(0.01, 60.0) - 0.022_244_4).abs() < 1e-7);
    }
}
