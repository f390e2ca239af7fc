//! The nearest possible set to an impossible set of correlations, on request.
//!
//! Silent repair hides a contradiction in what somebody believes, so nothing here runs
//! unasked. Read next: [`super::correlation`].

use nalgebra::{DMatrix, SymmetricEigen};

use super::Pair;

/// Eigenvalues are raised to this: a matrix on the edge would fail by rounding.
const FLOOR: f64 = 1e-7;

/// A possible set close to `pairs`, of all pairs of their names.
///
/// ```text
/// R = V diag(max(λ, ε)) V',   ρ_ij = R_ij / √(R_ii R_jj)
/// ```
/// with λ, V the eigenvalues and vectors of the given matrix, pairs not named being 0. Not
/// the nearest in any norm, but within a factor of 2 of it, and the same every time.
///
/// **Errors** none: a set that is possible comes back as it was, to rounding.
/// **Source** Rebonato and Jäckel (1999), The most general methodology to create a valid
/// correlation matrix, Journal of Risk 2(2), spectral decomposition.
/// **Checked by** an impossible triangle, below.
pub fn repaired(pairs: &[Pair]) -> Vec<Pair> {
    let mut names: Vec<&str> = Vec::new();
    for name in pairs.iter().flat_map(|p| [p.a.as_str(), p.b.as_str()]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let place = |name: &str| names.iter().position(|x| *x == name).unwrap_or(0);
    let mut matrix = DMatrix::<f64>::identity(names.len(), names.len());
    for pair in pairs {
        let (i, j) = (place(&pair.a), place(&pair.b));
        if i != j {
            matrix[(i, j)] = pair.rho;
            matrix[(j, i)] = pair.rho;
        }
    }
    let eigen = SymmetricEigen::new(matrix);
    let raised = DMatrix::from_diagonal(&eigen.eigenvalues.map(|x| x.max(FLOOR)));
    let valid = &eigen.eigenvectors * raised * eigen.eigenvectors.transpose();
    let rho = |i: usize, j: usize| {
        (valid[(i, j)] / (valid[(i, i)] * valid[(j, j)]).sqrt()).clamp(-1.0, 1.0)
    };
    let mut all: Vec<Pair> = pairs
        .iter()
        .map(|p| Pair { rho: rho(place(&p.a), place(&p.b)), ..p.clone() })
        .collect();
    for i in 0..names.len() {
        for j in 0..i {
            let known = pairs.iter().any(|p| {
                let (a, b) = (place(&p.a), place(&p.b));
                (a, b) == (i, j) || (a, b) == (j, i)
            });
            if !known {
                let (a, b) = (names[j].to_owned(), names[i].to_owned());
                all.push(Pair { a, b, rho: rho(i, j) });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::correlation::Mixing;
    use super::*;

    fn pair(a: &str, b: &str, rho: f64) -> Pair {
        Pair { a: a.into(), b: b.into(), rho }
    }

    #[test]
    fn an_impossible_set_becomes_possible_and_stays_near() {
        let pairs = [pair("a", "b", 0.9), pair("b", "c", 0.9), pair("a", "c", -0.5)];
        let names = ["a", "b", "c"];
        assert!(Mixing::of(&names, &pairs).is_err());
        let found = repaired(&pairs);
        assert!(Mixing::of(&names, &found).is_ok(), "{found:?}");
        assert_eq!(found.len(), 3);
        // Signs of the large ones stay; the small one gives way.
        assert!(
            found[0].rho > 0.5 && found[1].rho > 0.5 && found[2].rho < 0.4,
            "{found:?}"
        );
    }

    #[test]
    fn a_possible_set_stays_as_it_was() {
        let pairs = [pair("a", "b", 0.6), pair("c", "b", -0.3)];
        let found = repaired(&pairs);
        assert_eq!(found.len(), 3);
        for (before, after) in pairs.iter().zip(&found) {
            assert!((before.rho - after.rho).abs() < 1e-12);
        }
        assert!(found[2].rho.abs() < 1e-12, "a pair not named stays at 0");
    }
}
