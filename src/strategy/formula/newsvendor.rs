//! How much to reserve when the need is uncertain and the rest is bought on demand.
//!
//! What is reserved is paid used or not; the need above it costs the on-demand price.

use crate::stats::law::Law;
use crate::stats::range::{OutOfRange, non_negative, positive};

/// A reservation, and what knowing the need would be worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reservation {
    /// Probability with which the need stays within what is reserved.
    pub fractile: f64,
    /// Units to reserve.
    pub units: f64,
    /// Mean cost of it.
    pub cost: f64,
    /// Mean cost where the need were known before reserving (wait and see).
    pub cost_if_known: f64,
    /// Mean cost of reserving the mean need instead.
    pub cost_at_mean: f64,
}

impl Reservation {
    /// Expected value of perfect information (EVPI): what knowing the need would save.
    pub fn information(&self) -> f64 {
        self.cost - self.cost_if_known
    }

    /// Value of the stochastic solution (VSS): what reserving the mean need would lose.
    pub fn solution(&self) -> f64 {
        self.cost_at_mean - self.cost
    }
}

/// Share of the need's distribution to cover: 1 − c/p; 0 where reserving never pays.
///
/// `reserved` is the cost of a unit reserved, `on_demand` of a unit bought when needed, in
/// the same money and time. **Errors** [`OutOfRange`] for prices that are not positive
/// (`on_demand`) or below zero (`reserved`).
/// **Source** Arrow, Harris and Marschak (1951), Optimal Inventory Policy, Econometrica 19.
pub fn fractile(reserved: f64, on_demand: f64) -> Result<f64, OutOfRange> {
    non_negative("price of a reserved unit", reserved)?;
    positive("price of a unit on demand", on_demand)?;
    Ok((1.0 - reserved / on_demand).max(0.0))
}

/// Mean cost of reserving `units`.
///
/// ```text
/// C(Q) = c Q + p E max(D − Q, 0)
/// ```
pub fn cost(need: &Law, units: f64, reserved: f64, on_demand: f64) -> f64 {
    reserved * units + on_demand * need.excess(units)
}

/// The reservation of least mean cost.
///
/// ```text
/// Q* = F⁻¹(1 − c/p),   EVPI = C(Q*) − c E D,   VSS = C(E D) − C(Q*)
/// ```
/// Nothing is reserved where the quantile is below zero. **Errors** as [`fractile`], and
/// for a law whose parameters mean nothing.
/// **Source** as [`fractile`]; EVPI and VSS: Birge and Louveaux (2011), Introduction to
/// Stochastic Programming, §4.
pub fn reserve(
    need: Law,
    reserved: f64,
    on_demand: f64,
) -> Result<Reservation, OutOfRange> {
    let need = need.checked()?;
    let fractile = fractile(reserved, on_demand)?;
    let units = if fractile > 0.0 { need.quantile(fractile).max(0.0) } else { 0.0 };
    Ok(Reservation {
        fractile,
        units,
        cost: cost(&need, units, reserved, on_demand),
        cost_if_known: reserved.min(on_demand) * need.mean(),
        cost_at_mean: cost(&need, need.mean(), reserved, on_demand),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (Law, f64, f64, [f64; 6]);

    fn normal(mean: f64, deviation: f64) -> Law {
        Law::Normal { mean, deviation }
    }

    fn lognormal(sigma: f64) -> Law {
        Law::LogNormal { mu: 4.605_170_186, sigma }
    }

    /// Closed forms of Arrow, Harris and Marschak 1951: fractile, Q*, its cost, the cost
    /// with the need known, at the mean, and EVPI.
    #[test]
    fn reservations_are_the_closed_forms() {
        let rows: [Row; 11] = [
            (
                normal(100.0, 20.0),
                0.6,
                1.0,
                [0.4, 94.933_057_94, 67.726_850_67, 60.0, 67.978_845_61, 7.726_850_67],
            ),
            (
                normal(100.0, 20.0),
                0.4,
                1.0,
                [0.6, 105.066_942_1, 47.726_850_67, 40.0, 47.978_845_61, 7.726_850_67],
            ),
            (
                normal(100.0, 30.0),
                0.35,
                1.0,
                [0.65, 111.559_614, 46.111_970_13, 35.0, 46.968_268_41, 11.111_970_13],
            ),
            (
                normal(1000.0, 250.0),
                0.25,
                1.0,
                [0.75, 1_168.622_438, 329.444_143_2, 250.0, 349.735_570_1, 79.444_143_17],
            ),
            (
                normal(100.0, 20.0),
                0.5,
                1.0,
                [0.5, 100.0, 57.978_845_61, 50.0, 57.978_845_61, 7.978_845_608],
            ),
            (
                Law::Uniform { low: 0.0, high: 200.0 },
                0.6,
                1.0,
                [0.4, 80.0, 84.0, 60.0, 85.0, 24.0],
            ),
            (
                Law::Uniform { low: 0.0, high: 200.0 },
                0.4,
                1.0,
                [0.6, 120.0, 64.0, 40.0, 65.0, 24.0],
            ),
            (
                Law::Exponential { mean: 100.0 },
                0.6,
                1.0,
                [0.4, 51.082_562_38, 90.649_537_43, 60.0, 96.787_944_12, 30.649_537_43],
            ),
            (
                Law::Exponential { mean: 100.0 },
                0.4,
                1.0,
                [0.6, 91.629_073_19, 76.651_629_27, 40.0, 76.787_944_12, 36.651_629_27],
            ),
            (
                lognormal(0.5),
                0.6,
                1.0,
                [
                    0.4,
                    88.102_123_37,
                    87.748_672_82,
                    67.988_907_18,
                    90.358_691_24,
                    19.759_765_64,
                ],
            ),
            (
                lognormal(1.0),
                0.4,
                1.0,
                [
                    0.6,
                    128.833_038_3,
                    127.341_204_1,
                    65.948_850_83,
                    129.082_497_3,
                    61.392_353_27,
                ],
            ),
        ];
        for (law, reserved, on_demand, wanted) in rows {
            let r = reserve(law, reserved, on_demand).unwrap();
            let found = [
                r.fractile,
                r.units,
                r.cost,
                r.cost_if_known,
                r.cost_at_mean,
                r.information(),
            ];
            for (found, wanted) in found.into_iter().zip(wanted) {
                // Ten digits are printed.
                let close = (found - wanted).abs() <= 1e-9 * wanted.abs();
                assert!(close, "{law:?}: {found} for {wanted}");
            }
            assert!(r.solution() >= -1e-9);
        }
    }

    #[test]
    fn a_reservation_dearer_than_demand_is_never_made() {
        let r = reserve(normal(100.0, 20.0), 1.2, 1.0).unwrap();
        assert!(r.units.abs() < 1e-12 && r.fractile.abs() < 1e-12);
        let all_on_demand = normal(100.0, 20.0).excess(0.0);
        assert!((r.cost - all_on_demand).abs() < 1e-12);
        assert!(reserve(normal(100.0, 20.0), 0.5, 0.0).is_err());
        assert!(reserve(normal(100.0, -1.0), 0.5, 1.0).is_err());
    }

    #[test]
    fn no_other_quantity_costs_less() {
        let need = lognormal(0.5);
        let best = reserve(need, 0.6, 1.0).unwrap();
        for q in [0.0, 50.0, 80.0, 95.0, 120.0, 300.0] {
            assert!(cost(&need, q, 0.6, 1.0) >= best.cost - 1e-9);
        }
    }
}
