//! Early failures: a new cluster fails more often in its first weeks than ever after.
//!
//! The rate of a node is the settled one times a factor that falls as a power of age and
//! is one from a stated day on (a Weibull hazard of shape below one, joined to a constant).
//! Read next: [`super::job`].

use serde::Serialize;

/// How much more often new machines fail, and for how long.
///
/// ```text
/// h(t) = r (t/T)^(k−1)  for t < T,   r  from then on
/// ```
/// where `k` is `shape` (at most one), `T` is `days`.
///
/// **Source** the Weibull hazard; its shape below one is what "infant mortality" names.
/// **Checked by** `the_mean_rate_and_its_inverse_agree`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Early {
    /// Shape of the hazard: one for none, 0.5 for twice the settled number of failures
    /// over the early days.
    pub shape: f64,
    /// Days until the rate has settled.
    pub days: f64,
}

impl Early {
    /// Failures until `age` in units of the settled rate times a day.
    pub fn cumulative_days(&self, age_days: f64) -> f64 {
        let early = age_days.min(self.days).max(0.0) / self.days;
        let late = (age_days - self.days).max(0.0);
        self.days / self.shape * early.powf(self.shape) + late
    }

    /// The age at which [`Early::cumulative_days`] is `cumulative`.
    pub fn age_days(&self, cumulative: f64) -> f64 {
        let whole = self.days / self.shape;
        if cumulative >= whole {
            return self.days + (cumulative - whole);
        }
        self.days * (cumulative.max(0.0) / whole).powf(1.0 / self.shape)
    }

    /// Mean rate over the first `horizon_days`, over the settled rate.
    pub fn mean_factor(&self, horizon_days: f64) -> f64 {
        if horizon_days > 0.0 {
            self.cumulative_days(horizon_days) / horizon_days
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_rate_and_its_inverse_agree() {
        let early = Early { shape: 0.5, days: 30.0 };
        // Over the early days a shape of a half doubles the number of failures.
        assert!((early.mean_factor(30.0) - 2.0).abs() < 1e-12);
        assert!((early.mean_factor(60.0) - 1.5).abs() < 1e-12);
        for age in [0.0, 0.1, 7.0, 29.9, 30.0, 45.0, 400.0] {
            assert!((early.age_days(early.cumulative_days(age)) - age).abs() < 1e-9);
        }
    }

    #[test]
    fn a_shape_of_one_changes_nothing() {
        let early = Early { shape: 1.0, days: 10.0 };
        assert!((early.cumulative_days(25.0) - 25.0).abs() < 1e-12);
    }
}
