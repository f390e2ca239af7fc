//! What a fit says of one later date, in closed form: a normal or a Student t.
//!
//! Of the logarithm of a quantity. The processes of [`crate::process`] sample the same
//! law path by path; here it is exact, and can be scored. Read next: [`super::Model`].

use crate::stats::score::{
    NEARLY_NORMAL, crps_normal, crps_student, half_distance_normal,
    half_distance_student, pit_normal, pit_student,
};
use crate::stats::{normal_quantile, student_quantile};

/// A distribution of a later logarithm.
///
/// ```text
/// (y − location) / scale ~ t(freedom),   N(0, 1) without a freedom
/// ```
/// From 10⁵ degrees on it is taken for normal. A scale of 0 is a point forecast; one
/// that is no number makes every answer NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The median.
    pub location: f64,
    /// What a standard value is stretched by.
    pub scale: f64,
    /// Degrees of freedom; nothing for the normal distribution.
    pub freedom: Option<f64>,
}

impl Forecast {
    /// The `p`-quantile; NaN for `p` outside 0 to 1.
    pub fn quantile(&self, p: f64) -> f64 {
        let standard = match self.freedom {
            Some(freedom) if freedom < NEARLY_NORMAL => student_quantile(p, freedom),
            _ => normal_quantile(p),
        };
        if self.scale == 0.0 && standard.is_infinite() {
            return self.location;
        }
        self.location + self.scale * standard
    }

    /// The central interval that holds with probability `level`.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        (self.quantile(0.5 * (1.0 - level)), self.quantile(0.5 * (1.0 + level)))
    }

    /// The probability of no more than `y`.
    pub fn pit(&self, y: f64) -> f64 {
        match self.freedom {
            None => pit_normal(self.location, self.scale, y),
            Some(freedom) => pit_student(freedom, self.location, self.scale, y),
        }
    }

    /// Half the mean distance of two draws.
    pub(super) fn half_distance(&self) -> f64 {
        match self.freedom {
            None => half_distance_normal(self.scale),
            Some(freedom) => half_distance_student(freedom, self.scale),
        }
    }

    /// The CRPS once `y` is known.
    pub fn crps(&self, y: f64) -> f64 {
        match self.freedom {
            None => crps_normal(self.location, self.scale, y),
            Some(freedom) => crps_student(freedom, self.location, self.scale, y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_quantile_is_its_probability() {
        for freedom in [None, Some(2.0), Some(9.0), Some(1e9)] {
            let forecast = Forecast { location: -1.0, scale: 0.3, freedom };
            for p in [0.01, 0.1, 0.25, 0.5, 0.75, 0.95] {
                let found = forecast.pit(forecast.quantile(p));
                assert!((found - p).abs() < 1e-9, "{freedom:?}: {found} for {p}");
            }
        }
    }

    #[test]
    fn an_interval_is_central() {
        let forecast = Forecast { location: 2.0, scale: 0.3, freedom: Some(5.0) };
        let (low, high) = forecast.interval(0.8);
        assert!((low + high - 4.0).abs() < 1e-9);
        assert!((forecast.pit(high) - forecast.pit(low) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn a_point_forecast_has_one_value() {
        let point = Forecast { location: 2.0, scale: 0.0, freedom: None };
        for p in [0.0, 0.1, 0.5, 1.0] {
            assert_eq!(point.quantile(p).to_bits(), 2.0_f64.to_bits());
        }
    }
}
