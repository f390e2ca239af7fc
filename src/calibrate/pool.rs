//! Several forecasts as one: a weighted mixture of their distributions.
//!
//! A linear pool says each forecast with its weight. It is wider than its members where
//! they disagree, which is what one wants of several models none of which is known to be
//! right. Read next: [`super::Stack`], which sets the weights.

use super::Forecast;

/// Narrower forecasts are widened to this: 10⁻⁶ of a value is nothing.
const LEAST_SCALE: f64 = 1e-6;
/// Members of a smaller weight are left out.
const LEAST_WEIGHT: f64 = 1e-6;
/// Half the points of the quadrature, and the reach of its variable: beyond a spread
/// times sinh 16 even the tails of t(2) add less than 10⁻⁶.
const HALF_POINTS: i32 = 160;
const REACH: f64 = 16.0;
/// A height of the quadrature from which on the rest is nothing; a member that counts has
/// [`LEAST_WEIGHT`] until it is passed.
const NOTHING: f64 = 1e-13;

/// A mixture of forecasts.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    members: Vec<(f64, Forecast)>,
}

impl Pool {
    /// A mixture of `members`, each with its weight; weights are scaled to add up to 1.
    ///
    /// Members without a weight to speak of, or of no finite place and scale, are left
    /// out; nothing where none is left.
    pub fn new(members: impl IntoIterator<Item = (f64, Forecast)>) -> Option<Self> {
        let mut members: Vec<(f64, Forecast)> = members
            .into_iter()
            .filter(|(weight, f)| {
                *weight > LEAST_WEIGHT && f.location.is_finite() && f.scale.is_finite()
            })
            .map(|(weight, f)| {
                (weight, Forecast { scale: f.scale.max(LEAST_SCALE), ..f })
            })
            .collect();
        let total: f64 = members.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut members {
            *weight /= total;
        }
        (!members.is_empty() && total.is_finite()).then_some(Self { members })
    }

    /// The members and their weights.
    pub fn members(&self) -> &[(f64, Forecast)] {
        &self.members
    }

    /// The probability of no more than `y`.
    pub fn pit(&self, y: f64) -> f64 {
        self.members.iter().map(|(weight, f)| weight * f.pit(y)).sum()
    }

    /// The `p`-quantile, between those of the members; NaN for `p` outside 0 to 1.
    ///
    /// **Checked by** its place, below.
    pub fn quantile(&self, p: f64) -> f64 {
        let each = self.members.iter().map(|(_, f)| f.quantile(p));
        let (mut low, mut high) = each
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), q| (a.min(q), b.max(q)));
        if !(low.is_finite() && high.is_finite()) {
            return if p.is_nan() || self.members.is_empty() { f64::NAN } else { low };
        }
        // Regula falsi, Illinois: halving where one end stays twice.
        let (mut below, mut above) = (self.pit(low) - p, self.pit(high) - p);
        let mut stayed = 0_i8;
        for _ in 0..80 {
            let width = high - low;
            if width <= 1e-12 * (1.0 + low.abs().max(high.abs())) || above <= below {
                break;
            }
            let cut = (low * above - high * below) / (above - below);
            let at = if cut > low && cut < high { cut } else { 0.5 * (low + high) };
            let error = self.pit(at) - p;
            if error.abs() < 1e-13 {
                return at;
            }
            if error < 0.0 {
                (low, below) = (at, error);
                if stayed < 0 {
                    above *= 0.5;
                }
                stayed = -1;
            } else {
                (high, above) = (at, error);
                if stayed > 0 {
                    below *= 0.5;
                }
                stayed = 1;
            }
        }
        0.5 * (low + high)
    }

    /// The central interval that holds with probability `level`.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        (self.quantile(0.5 * (1.0 - level)), self.quantile(0.5 * (1.0 + level)))
    }

    /// The CRPS once `y` is known.
    ///
    /// ```text
    /// Σ wᵢ E|Xᵢ − y| − ∫ F (1 − F) dx
    /// ```
    /// The members' distances are in closed form; the integral, half the mean distance of
    /// two draws of the mixture, is taken by the trapezoidal rule in u with
    /// x = c + s sinh u, whose error falls exponentially with the points.
    ///
    /// **Units** those of the value. **Errors** NaN where a member's score is.
    /// **Source** Gneiting and Raftery (2007), Journal of the American Statistical
    /// Association 102:359, eq. 21, for the form by distances.
    /// **Checked by** single members in closed form, and an ensemble, below.
    pub fn crps(&self, y: f64) -> f64 {
        // CRPS = E|X − y| − ½E|X − X'|, and of one member both are known: its CRPS at y
        // and at its own place give the distance without the spread.
        let distance: f64 = self
            .members
            .iter()
            .map(|(weight, f)| weight * (f.crps(y) + f.half_distance()))
            .sum();
        distance - self.half_distance()
    }

    fn half_distance(&self) -> f64 {
        if let [(_, only)] = self.members.as_slice() {
            return only.half_distance();
        }
        let centre: f64 = self.members.iter().map(|(w, f)| w * f.location).sum();
        let spread = self
            .members
            .iter()
            .map(|(w, f)| w * (f.scale + (f.location - centre).abs()))
            .sum::<f64>();
        let step = REACH / f64::from(HALF_POINTS);
        let height = |k: i32| {
            let u = step * f64::from(k);
            let below = self.pit(centre + spread * u.sinh());
            below * (1.0 - below) * u.cosh()
        };
        // From the middle out: what is left beyond a point of nothing is as little, for no
        // member has a tail that falls more slowly than its distance, or hides behind one.
        let side = |sign: i32| {
            let mut sum = 0.0;
            for k in 1..=HALF_POINTS {
                let found = height(sign * k);
                sum += found;
                if found < NOTHING {
                    break;
                }
            }
            sum
        };
        (height(0) + side(1) + side(-1)) * step * spread
    }
}

#[cfg(test)]
mod tests;
