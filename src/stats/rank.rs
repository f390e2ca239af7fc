//! Correlation of ranks: how far one quantity rises with another, whatever the curve.

/// Fewest pairs of which a rank correlation is told.
const FEWEST: usize = 30;

/// Spearman's rank correlation: Pearson's of the ranks, equal values sharing their mean rank.
///
/// ```text
/// ρ = cov(R(x), R(y)) / (sd R(x) · sd R(y))
/// ```
/// Nothing for fewer than 30 pairs, or where one of the two never moves. Under independence
/// its standard error is `1/√(n − 1)`. **Shapes** two of one length. **Source** Spearman
/// (1904), American Journal of Psychology 15; Kendall and Gibbons (1990), Rank Correlation
/// Methods, ch. 3. **Checked by** the formula without ties, a monotone map, and the arcsine
/// law of normal pairs.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.len() < FEWEST {
        return None;
    }
    let (x, y) = (ranks(x), ranks(y));
    let mean = crate::units::count(x.len() + 1) / 2.0;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(&y) {
        let (a, b) = (a - mean, b - mean);
        xy += a * b;
        xx += a * a;
        yy += b * b;
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

/// Ranks from 1, equal values sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let value = values[order[from]];
        let same = order[from..].iter().take_while(|i| values[**i] <= value).count();
        let mean = crate::units::count(2 * from + same + 1) / 2.0;
        for i in &order[from..from + same] {
            ranks[*i] = mean;
        }
        from += same.max(1);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize, seed: u64) -> Vec<f64> {
        // A congruential walk is random enough to shuffle ranks.
        let mut state = seed;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                crate::units::count(usize::try_from(state >> 40).expect("24 bits"))
                    / 16_777_216.0
            })
            .collect()
    }

    #[test]
    fn without_ties_it_is_the_formula_of_squared_rank_distances() {
        let (x, y) = (numbers(200, 3), numbers(200, 17));
        let distance: f64 =
            ranks(&x).iter().zip(ranks(&y)).map(|(a, b)| (a - b).powi(2)).sum();
        let wanted = 1.0 - 6.0 * distance / (200.0 * (200.0_f64.powi(2) - 1.0));
        assert!((spearman(&x, &y).expect("moves") - wanted).abs() < 1e-12);
    }

    #[test]
    fn a_rising_map_has_one_and_a_falling_one_minus_one() {
        let x = numbers(100, 5);
        let up: Vec<f64> = x.iter().map(|x| x.powi(5)).collect();
        let down: Vec<f64> = x.iter().map(|x| -x.exp()).collect();
        assert!((spearman(&x, &up).expect("moves") - 1.0).abs() < 1e-12);
        assert!((spearman(&x, &down).expect("moves") + 1.0).abs() < 1e-12);
        assert_eq!(spearman(&x, &[2.0; 100]), None);
        assert_eq!(spearman(&x[..10], &up[..10]), None);
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
    }

    /// Normal pairs of correlation r: ρ = 6/π · asin(r/2) (Kruskal 1958). 20,000 pairs, four
    /// standard errors: a false alarm once in 16,000.
    #[test]
    fn normal_pairs_follow_the_arcsine_law() {
        let n = 20_000;
        let normal = |seed| -> Vec<f64> {
            let draw = |u: f64| crate::stats::normal_quantile(u.clamp(1e-9, 1.0 - 1e-9));
            numbers(n, seed).into_iter().map(draw).collect()
        };
        let (x, e) = (normal(11), normal(1_000_003));
        for r in [-0.8, 0.3, 0.6] {
            let y: Vec<f64> = x
                .iter()
                .zip(&e)
                .map(|(x, e)| r * x + (1.0_f64 - r * r).sqrt() * e)
                .collect();
            let wanted = 6.0 / std::f64::consts::PI * (r / 2.0).asin();
            let found = spearman(&x, &y).expect("moves");
            let error = 4.0 / crate::units::count(n).sqrt();
            assert!((found - wanted).abs() < error, "{r}: {found} {wanted}");
        }
    }
}
