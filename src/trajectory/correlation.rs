//! Which quantities move together: pairs, the matrix they make, and its Cholesky factor.
//!
//! A set of pairwise correlations need not be possible: if A moves with B and B with C,
//! A cannot move against C. An impossible set is refused with the pair to change and
//! the range it may have; it is never repaired silently.

use nalgebra::DMatrix;
use thiserror::Error;

use crate::units::count;

/// Correlation of the monthly innovations of two quantities.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// One quantity.
    pub a: String,
    /// The other.
    pub b: String,
    /// Correlation, between −1 and 1.
    pub rho: f64,
}

impl Pair {
    /// True where both speak of the same two quantities, in either order.
    pub fn is_of_same(&self, other: &Self) -> bool {
        (self.a == other.a && self.b == other.b)
            || (self.a == other.b && self.b == other.a)
    }
}

/// A set of correlations that no quantities can have.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", self.sentence())]
pub struct CorrelationError {
    /// The pair that is wrong: impossible given the others, said before, or of one quantity.
    pub pair: Pair,
    /// Position of that pair in the list.
    pub position: usize,
    /// Why it cannot be.
    pub why: WhyNot,
}

/// Why a pair cannot be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WhyNot {
    /// A quantity moves with itself, by 1.
    Itself,
    /// The pair has been named before.
    Twice,
    /// The others leave it this range; nothing where they alone are impossible.
    Contradiction(Option<(f64, f64)>),
}

/// The first pair of one quantity or of two that have been named (not a range: that is
/// for [`Mixing::of`] to find).
pub(crate) fn misnamed(pairs: &[Pair]) -> Option<CorrelationError> {
    pairs.iter().enumerate().find_map(|(position, pair)| {
        let why = if pair.a == pair.b {
            WhyNot::Itself
        } else if pairs[..position].iter().any(|p| p.is_of_same(pair)) {
            WhyNot::Twice
        } else {
            return None;
        };
        Some(CorrelationError { pair: pair.clone(), position, why })
    })
}

impl CorrelationError {
    fn sentence(&self) -> String {
        let Pair { a, b, rho } = &self.pair;
        let first = format!(
            "the correlations contradict each other: {rho} between `{a}` and `{b}` is \
             impossible with the others"
        );
        match self.why {
            WhyNot::Itself => format!("`{a}` is paired with itself: that moves by 1"),
            WhyNot::Twice => format!("`{a}` and `{b}` are there twice"),
            WhyNot::Contradiction(Some((low, high))) => {
                format!("{first}; it may be between {low:.2} and {high:.2}")
            }
            WhyNot::Contradiction(None) => first,
        }
    }
}

/// How independent normals become correlated ones: the rows of the Cholesky factor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Mixing {
    /// For each quantity, the weights of the normals of quantities 0..=itself; zeros
    /// are left out.
    pub(super) rows: Vec<Vec<(usize, f64)>>,
}

/// Pivots below this are taken as zero: a perfectly determined quantity.
const TINY: f64 = 1e-10;

impl Mixing {
    pub(super) fn of(names: &[&str], pairs: &[Pair]) -> Result<Self, CorrelationError> {
        if let Some(error) = misnamed(pairs) {
            return Err(error);
        }
        let n = names.len();
        let mut matrix = DMatrix::<f64>::identity(n, n);
        let mut origin = vec![vec![None; n]; n];
        for (position, pair) in pairs.iter().enumerate() {
            let find = |name: &str| names.iter().position(|x| *x == name);
            if let (Some(i), Some(j)) = (find(&pair.a), find(&pair.b)) {
                matrix[(i, j)] = pair.rho;
                matrix[(j, i)] = pair.rho;
                origin[i][j] = Some(position);
                origin[j][i] = Some(position);
            }
        }
        let mut factor = DMatrix::<f64>::zeros(n, n);
        for i in 0..n {
            for j in 0..=i {
                let inner: f64 = (0..j).map(|k| factor[(i, k)] * factor[(j, k)]).sum();
                let rest = matrix[(i, j)] - inner;
                if i == j {
                    if rest < -TINY {
                        return Err(blame(&matrix, &origin, pairs, i));
                    }
                    factor[(i, i)] = rest.max(0.0).sqrt();
                } else if factor[(j, j)] > TINY.sqrt() {
                    factor[(i, j)] = rest / factor[(j, j)];
                } else if rest.abs() > 1e-7 {
                    return Err(blame(&matrix, &origin, pairs, i));
                }
            }
        }
        let rows = (0..n)
            .map(|i| {
                (0..=i)
                    .filter(|j| factor[(i, *j)] != 0.0)
                    .map(|j| (j, factor[(i, j)]))
                    .collect()
            })
            .collect();
        Ok(Self { rows })
    }
}

/// Finds the pair of quantity `i` (with an earlier one) that lies furthest outside what
/// the others allow.
fn blame(
    matrix: &DMatrix<f64>,
    origin: &[Vec<Option<usize>>],
    pairs: &[Pair],
    i: usize,
) -> CorrelationError {
    /// How far outside, which pair, what it may be.
    type Worst = Option<(f64, usize, Option<(f64, f64)>)>;
    let mut worst: Worst = None;
    for j in 0..i {
        let Some(position) = origin[i][j] else { continue };
        let allowed = allowed_range(matrix, i, j);
        let outside = allowed.map_or(0.0, |(low, high)| {
            (low - matrix[(i, j)]).max(matrix[(i, j)] - high).max(0.0)
        });
        if worst.is_none_or(|(most, ..)| outside > most) {
            worst = Some((outside, position, allowed));
        }
    }
    // A row fails only where it has a pair; the first pair stands in for the rest.
    let (_, position, allowed) = worst.unwrap_or((0.0, 0, None));
    let why = WhyNot::Contradiction(allowed);
    CorrelationError { pair: pairs[position].clone(), position, why }
}

/// What the correlation of `i` and `j` may be, given those of both with 0..i.
///
/// ```text
/// ρ ∈ c_i' R⁻¹ c_j ± √((1 − c_i' R⁻¹ c_i)(1 − c_j' R⁻¹ c_j))
/// ```
/// where `R` is the matrix of the other quantities and `c` the correlations with them.
fn allowed_range(matrix: &DMatrix<f64>, i: usize, j: usize) -> Option<(f64, f64)> {
    let others: Vec<usize> = (0..i).filter(|k| *k != j).collect();
    let n = others.len();
    if n == 0 {
        return Some((-1.0, 1.0));
    }
    let inner = DMatrix::from_fn(n, n, |a, b| matrix[(others[a], others[b])]);
    let ci = DMatrix::from_fn(n, 1, |a, _| matrix[(others[a], i)]);
    let cj = DMatrix::from_fn(n, 1, |a, _| matrix[(others[a], j)]);
    let solved = inner.cholesky()?;
    let (ri, rj) = (solved.solve(&ci), solved.solve(&cj));
    let dot = |a: &DMatrix<f64>, b: &DMatrix<f64>| a.dot(b);
    let (left_i, left_j) = (1.0 - dot(&ci, &ri), 1.0 - dot(&cj, &rj));
    if left_i < -TINY * count(n) || left_j < -TINY * count(n) {
        return None;
    }
    let half = (left_i.max(0.0) * left_j.max(0.0)).sqrt();
    let middle = dot(&ci, &rj);
    Some(((middle - half).max(-1.0), (middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: &str, b: &str, rho: f64) -> Pair {
        Pair { a: a.into(), b: b.into(), rho }
    }

    #[test]
    fn three_quantities_mix_to_their_correlations() {
        let pairs = [pair("a", "b", 0.7), pair("b", "c", -0.4), pair("a", "c", 0.1)];
        let mixing = Mixing::of(&["a", "b", "c"], &pairs).unwrap();
        let dense = |i: usize| {
            let mut row = [0.0; 3];
            for (j, w) in &mixing.rows[i] {
                row[*j] = *w;
            }
            row
        };
        let dot = |i: usize, j: usize| -> f64 {
            dense(i).iter().zip(dense(j)).map(|(x, y)| x * y).sum()
        };
        for i in 0..3 {
            assert!((dot(i, i) - 1.0).abs() < 1e-12);
        }
        assert!((dot(0, 1) - 0.7).abs() < 1e-12);
        assert!((dot(1, 2) + 0.4).abs() < 1e-12);
        assert!((dot(0, 2) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn an_impossible_set_names_the_pair_and_its_range() {
        let pairs = [pair("a", "b", 0.9), pair("b", "c", 0.9), pair("a", "c", -0.5)];
        let error = Mixing::of(&["a", "b", "c"], &pairs).unwrap_err();
        // 0.9·0.9 ± √(0.19·0.19) = 0.81 ± 0.19.
        let WhyNot::Contradiction(Some((low, high))) = error.why else {
            panic!("{error}")
        };
        assert_eq!(error.position, 2);
        assert!((low - 0.62).abs() < 1e-9 && (high - 1.0).abs() < 1e-9);
        assert!(error.to_string().contains("between 0.62 and 1.00"), "{error}");
    }

    /// Taken as they stand they would overwrite the diagonal, or each other.
    #[test]
    fn a_quantity_with_itself_and_a_pair_named_twice_are_refused() {
        let itself = [pair("a", "b", 0.2), pair("a", "a", 0.1)];
        let error = Mixing::of(&["a", "b"], &itself).unwrap_err();
        assert_eq!((error.position, error.why), (1, WhyNot::Itself));
        let twice = [pair("a", "b", 0.2), pair("b", "a", 0.3)];
        let error = Mixing::of(&["a", "b"], &twice).unwrap_err();
        assert_eq!((error.position, error.why), (1, WhyNot::Twice));
        assert!(error.to_string().contains("twice"), "{error}");
    }

    #[test]
    fn perfect_correlation_is_possible() {
        let pairs = [pair("a", "b", 1.0), pair("b", "c", 0.3), pair("a", "c", 0.3)];
        assert!(Mixing::of(&["a", "b", "c"], &pairs).is_ok());
        let against = [pair("a", "b", 1.0), pair("b", "c", 0.3), pair("a", "c", 0.2)];
        assert!(Mixing::of(&["a", "b", "c"], &against).is_err());
    }

    #[test]
    fn quantities_that_are_not_there_are_left_out() {
        let mixing = Mixing::of(&["a"], &[pair("a", "zz", 0.9)]).unwrap();
        assert_eq!(mixing.rows, vec![vec![(0, 1.0)]]);
    }
}
