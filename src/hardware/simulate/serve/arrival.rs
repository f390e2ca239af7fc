//! Generated requests: how they come, and how long they are.
//!
//! Times between arrivals are gamma, of which the Poisson process is the case of spread
//! one and the metronome that of spread zero; lengths are lognormal, as traces of chat
//! and of code are nearly. Read next: [`super::trace`] for measured ones.

use serde::Serialize;

use super::Request;
use crate::hardware::infeasible::{Infeasible, positive};
use crate::hardware::simulate::draw::Draws;
use crate::random::{PathRng, Seed, Stream};

/// How requests come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Arrivals {
    /// Requests a second, mean.
    pub per_s: f64,
    /// Coefficient of variation of the time between two: one for Poisson, zero for a
    /// metronome, above one for bursts.
    pub spread: f64,
}

/// How long requests are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lengths {
    /// Mean tokens.
    pub mean: f64,
    /// Coefficient of variation; zero for all the same.
    pub spread: f64,
    /// Tokens at most.
    pub most: u32,
}

/// `count` requests, in the order in which they come.
///
/// **Units** s and tokens. **Errors** when a rate or a mean is not above zero, or a
/// spread below zero. **Source** gamma arrivals: the traffic generator of vLLM's benchmark
/// (`--burstiness` is the inverse square of the spread).
/// **Checked by** `arrivals_and_lengths_have_their_means`.
pub fn generate(
    count: u32,
    arrivals: &Arrivals,
    input: &Lengths,
    output: &Lengths,
    seed: Seed,
) -> Result<Vec<Request>, Infeasible> {
    positive("requests", f64::from(count))?;
    positive("rate", arrivals.per_s)?;
    for (name, spread) in [
        ("spread of arrivals", arrivals.spread),
        ("spread of input", input.spread),
        ("spread of output", output.spread),
    ] {
        if !(spread.is_finite() && spread >= 0.0) {
            return Err(Infeasible::new(
                format!("the {name} must be zero or more, found {spread}"),
                "give a coefficient of variation, such as 1",
            ));
        }
    }
    for (name, lengths) in [("input", input), ("output", output)] {
        positive(name, lengths.mean)?;
        positive(name, f64::from(lengths.most))?;
    }
    let stream = Stream::new(seed, "simulate.serve.arrivals");
    let mut times = Draws::new(PathRng::new(stream, 0, 0));
    let mut lengths = Draws::new(PathRng::new(stream, 1, 0));
    let mut at_s = 0.0;
    let requests = (0..count).map(|_| {
        at_s += match arrivals.spread {
            0.0 => 1.0,
            1.0 => times.exponential(),
            cv => times.gamma(cv),
        } / arrivals.per_s;
        Request {
            at_s,
            input: tokens(input, &mut lengths),
            output: tokens(output, &mut lengths),
        }
    });
    Ok(requests.collect())
}

fn tokens(lengths: &Lengths, draws: &mut Draws) -> u32 {
    let drawn = if lengths.spread == 0.0 {
        lengths.mean
    } else {
        draws.lognormal(lengths.mean, lengths.spread)
    };
    let most = f64::from(lengths.most);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between one and a u32"
    )]
    let whole = drawn.round().clamp(1.0, most) as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_and_lengths_have_their_means() {
        let input = Lengths { mean: 1000.0, spread: 1.0, most: 100_000 };
        let output = Lengths { mean: 200.0, spread: 0.0, most: 100_000 };
        for spread in [0.0, 0.5, 1.0, 2.0] {
            let arrivals = Arrivals { per_s: 4.0, spread };
            let all = generate(20_000, &arrivals, &input, &output, Seed(2)).unwrap();
            let rate = 20_000.0 / all[all.len() - 1].at_s;
            // 4 standard errors of 20,000 gaps of spread 2 are 6 %.
            assert!((rate / 4.0 - 1.0).abs() < 0.06, "{spread}: {rate}");
            let mean = all.iter().map(|r| f64::from(r.input)).sum::<f64>() / 20_000.0;
            assert!((mean / 1000.0 - 1.0).abs() < 0.03, "{mean}");
            assert!(all.iter().all(|r| r.output == 200));
            assert!(all.is_sorted_by(|a, b| a.at_s <= b.at_s));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_requests() {
        let l = Lengths { mean: 100.0, spread: 0.7, most: 4096 };
        let a = Arrivals { per_s: 1.0, spread: 1.0 };
        let of = |seed| generate(50, &a, &l, &l, Seed(seed)).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert!(generate(50, &Arrivals { per_s: 0.0, ..a }, &l, &l, Seed(1)).is_err());
        assert!(generate(50, &Arrivals { spread: -1.0, ..a }, &l, &l, Seed(1)).is_err());
    }
}
