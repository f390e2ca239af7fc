//! Which choice stands up best when nobody will say how likely each scenario is.
//!
//! Payoffs are better when higher; rows are choices, columns scenarios. Of equal choices
//! the first.

use crate::stats::range::{OutOfRange, in_range, positive, share};
use crate::units::count;

/// A rule for choosing without probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// The best worst payoff (Wald).
    Maximin,
    /// The least worst regret (Savage); its value is a regret, lower is better.
    MinimaxRegret,
    /// The best mean payoff (Laplace).
    Laplace,
    /// The best best payoff.
    Maximax,
    /// The best mix of a row's best (weight `optimism`) and worst (Hurwicz).
    Hurwicz {
        /// Weight of the best, 0 to 1.
        optimism: f64,
    },
    /// The largest share of scenarios that reach `level` (Starr's domain criterion).
    Satisficing {
        /// Payoff to reach.
        level: f64,
    },
}

/// The choice of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chosen {
    /// Position of the choice.
    pub row: usize,
    /// What the rule gives it.
    pub value: f64,
}

/// The choice that a rule makes of payoffs.
///
/// **Errors** [`OutOfRange`] without choices or scenarios, for rows of different length,
/// payoffs that are not finite, or an optimism outside 0 to 1. **Source** McPhail and others
/// (2018), Robustness Metrics, Earth's Future 6(2), for all of them.
pub fn choose(rule: Rule, payoffs: &[Vec<f64>]) -> Result<Chosen, OutOfRange> {
    positive("number of choices", count(payoffs.len()))?;
    let scenarios = payoffs.first().map_or(0, Vec::len);
    positive("number of scenarios", count(scenarios))?;
    for row in payoffs {
        let off = count(row.len()) - count(scenarios);
        in_range("payoffs missing from a row", off, "none", |x| x.abs() < 0.5)?;
        for payoff in row {
            crate::stats::range::finite("payoff", *payoff)?;
        }
    }
    if let Rule::Hurwicz { optimism } = rule {
        share("optimism", optimism)?;
    }
    let best_of: Vec<f64> = (0..scenarios)
        .map(|s| most(payoffs.iter().filter_map(|row| row.get(s)).copied()))
        .collect();
    let value = |row: &Vec<f64>| {
        let (worst, best) = (-most(row.iter().map(|x| -x)), most(row.iter().copied()));
        match rule {
            Rule::Maximin => worst,
            Rule::Maximax => best,
            Rule::Laplace => row.iter().sum::<f64>() / count(scenarios),
            Rule::MinimaxRegret => most(best_of.iter().zip(row).map(|(b, x)| b - x)),
            Rule::Hurwicz { optimism } => optimism * best + (1.0 - optimism) * worst,
            Rule::Satisficing { level } => {
                count(row.iter().filter(|x| **x >= level).count()) / count(scenarios)
            }
        }
    };
    let sign = if rule == Rule::MinimaxRegret { -1.0 } else { 1.0 };
    let mut chosen = Chosen { row: 0, value: f64::NAN };
    for (row, payoff) in payoffs.iter().map(value).enumerate() {
        if row == 0 || sign * payoff > sign * chosen.value {
            chosen = Chosen { row, value: payoff };
        }
    }
    Ok(chosen)
}

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Build, rent and API in three scenarios; definitions of McPhail and others 2018.
    #[test]
    fn each_rule_makes_its_choice() {
        let payoffs =
            [vec![100.0, 60.0, 20.0], vec![70.0, 75.0, 50.0], vec![40.0, 55.0, 60.0]];
        for (rule, row, value) in [
            (Rule::Maximin, 1, 50.0),
            (Rule::MinimaxRegret, 1, 30.0),
            (Rule::Laplace, 1, 65.0),
            (Rule::Maximax, 0, 100.0),
            (Rule::Hurwicz { optimism: 0.5 }, 1, 62.5),
            (Rule::Satisficing { level: 55.0 }, 0, 2.0 / 3.0),
        ] {
            let found = choose(rule, &payoffs).unwrap();
            assert_eq!(found.row, row, "{rule:?}");
            assert!((found.value - value).abs() < 1e-12, "{rule:?}: {}", found.value);
        }
    }

    #[test]
    fn a_choice_of_nothing_is_refused() {
        assert!(choose(Rule::Maximin, &[]).is_err());
        assert!(choose(Rule::Maximin, &[vec![]]).is_err());
        assert!(choose(Rule::Maximin, &[vec![1.0], vec![1.0, 2.0]]).is_err());
        assert!(choose(Rule::Hurwicz { optimism: 2.0 }, &[vec![1.0]]).is_err());
        assert!(choose(Rule::Laplace, &[vec![f64::NAN]]).is_err());
    }
}
