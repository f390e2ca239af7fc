//! Bands that hold whole paths do, of every fan, however many threads looked.

use rackcast::engine::outcome::FanData;
use rackcast::engine::{self, Options, Outcome, played};
use rackcast::scenario::Scenario;

use crate::played::{plan, scenario};

const PATHS: u32 = 256;

fn rented(paths: u32) -> Scenario {
    let text = "title = \"whole paths\"
[time]
start = \"2027-01\"
months = 18
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = { p10 = 40, p50 = 64, p90 = 90 }
utilisation = 0.8
[workloads.work.growth.geometric]
drift_per_year = 0.3
volatility_per_sqrt_year = 0.6
[strategies.rent]
stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 } }]
[strategies.build]
stack = [{ own = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\" } },
         { on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 } }]
";
    scenario(&plan(text), u64::from(paths), Some(5))
}

fn looked_at(scenario: &Scenario, threads: usize) -> Outcome {
    let options = Options { threads: Some(threads), ..Options::default() };
    let mut played = engine::play(scenario, played::chunks(scenario), &options)
        .expect("threads start");
    engine::curvewise(scenario, &mut played, &options).expect("threads start");
    played.outcome(scenario)
}

/// Fans by name: what is drawn of the outcome, and of one path of it.
fn fans(outcome: &Outcome) -> Vec<&FanData> {
    let strategies = outcome
        .strategies
        .iter()
        .flat_map(|s| [Some(&s.monthly_cost), Some(&s.cost_to_date), s.chips.as_ref()]);
    let gaps = outcome.pairs.iter().filter_map(|p| p.gap.as_ref());
    strategies.flatten().chain(gaps).chain(&outcome.shown).collect()
}

#[test]
fn eighty_per_cent_of_the_paths_lie_wholly_inside_the_eighty_per_cent_band() {
    let scenario = rented(PATHS);
    let outcome = looked_at(&scenario, 2);
    let drawn = fans(&outcome);
    let mut held = vec![[0_u32; 4]; drawn.len()];
    let mut pointwise = vec![0_u32; drawn.len()];
    for path in 0..PATHS {
        let one = engine::one_path(&scenario, u64::from(path));
        for (i, (fan, path)) in drawn.iter().zip(fans(&one)).enumerate() {
            let path = &path.samples[0];
            let inside = |bands: &[[f64; 9]], k: usize| {
                bands.iter().zip(path).all(|(b, x)| b[k] <= *x && *x <= b[8 - k])
            };
            let curvewise = fan.curvewise.as_ref().expect("a second look was taken");
            for (k, held) in held[i].iter_mut().enumerate() {
                *held += u32::from(inside(curvewise, k));
            }
            pointwise[i] += u32::from(inside(&fan.quantiles, 2));
        }
    }
    let mut fewer = 0;
    for (held, pointwise) in held.iter().zip(&pointwise) {
        for (held, share) in held.iter().zip([0.98, 0.90, 0.80, 0.50]) {
            assert!(f64::from(*held) >= share * f64::from(PATHS), "{held}, not {share}");
        }
        fewer += u32::from(*pointwise < 200);
    }
    // Month by month the same band holds fewer whole paths of what moves by itself.
    assert!(fewer > 3, "{pointwise:?}");
}

#[test]
fn threads_change_nothing_and_nothing_else_changes() {
    let scenario = rented(3_000);
    let (one, three) = (looked_at(&scenario, 1), looked_at(&scenario, 3));
    assert_eq!(one, three);
    let options = Options::default();
    let plain = engine::run(&scenario, &options).expect("threads start");
    for (with, without) in fans(&one).iter().zip(fans(&plain)) {
        assert_eq!(with.quantiles, without.quantiles);
        assert!(without.curvewise.is_none());
    }
}
