//! Laws of the engine that only its inside can see: chips by path and month, blocks that
//! are cut, chunks that come in any order.

use std::fmt::Write as _;

use super::outcome::StrategyOutcome;
use super::sums::Sums;
use super::*;
use crate::block::{Arithmetic, Level, at_level, levels};
use crate::input::{Checker, read_str};
use crate::profile::Catalogue;
use crate::random::Sampler;
use crate::scenario::{Overrides, Plan, resolve};

/// A plan of 40 months with what makes chips come and go: lead times, losses, short
/// lives, limits, two committed sources.
const PLAN: &str = r#"
title = "Chips come and go"
[time]
start = "2027-01"
months = 40
[workloads.cluster.chip_hours]
accelerator = "nvidia-h100-sxm"
chips = { p10 = 30, p50 = 90, p90 = 300 }
utilisation = 0.8
[workloads.cluster.growth.geometric]
drift_per_year = 0.3
volatility_per_sqrt_year = 0.5
[strategies]
rent.stack = [{ on_demand = { accelerator = "nvidia-h100-sxm" } }]
[[strategies.own.stack]]
sizing.demand_quantile = { quantile = 0.6, hours_covered = 0.9, review_months = 2 }
[strategies.own.stack.own]
accelerator = "nvidia-h100-sxm"
facility = "own-hall-us"
life_years = 1
lead_time_months = { p10 = 1, p50 = 3, p90 = 8 }
loss_per_year = 0.08
power_limit_kw = 400
[[strategies.own.stack]]
reserve = { accelerator = "nvidia-h100-sxm", term_years = 1, usd_per_chip_hour = 2 }
[[strategies.own.stack]]
on_demand = { accelerator = "nvidia-h100-sxm" }
"#;

fn scenario(text: &str, paths: u64) -> Scenario {
    let read = read_str::<Plan>("plan.toml", text);
    assert!(!read.diagnostics.has_errors(), "{}", read.diagnostics.render(false));
    let mut at = Checker::new();
    let overrides =
        Overrides { paths: Some(paths), seed: Some(5), ..Overrides::default() };
    let plan = read.value.expect("a plan without problems has a value");
    let scenario = resolve(&plan, &Catalogue::shipped(), overrides, &mut at);
    assert_eq!(at.into_problems(), []);
    scenario.expect("a plan without problems resolves")
}

/// The bill of a path, line by line, is its net present cost; to the cent.
#[test]
fn a_bill_adds_up_to_the_net_present_cost_of_its_path() {
    let mut scenario = scenario(PLAN, 256);
    for tax in [0.0, 0.3] {
        scenario.tax_rate = tax;
        for (s, path) in [(0, 3), (1, 0), (1, 200)] {
            let bill = bill(&scenario, s, path);
            let outcome = one_path(&scenario, path);
            let samples = &outcome.strategies[s].cost_to_date.samples;
            let cost = *samples[0].last().expect("a month was played");
            let lines: f64 = bill.lines.iter().map(|line| line.present).sum();
            assert!((lines - cost).abs() < 0.005, "{s} {path}: {lines} {cost}");
            assert!((bill.net_present_cost - cost).abs() < 0.005);
            for line in &bill.lines {
                let Some(price) = line.unit_price() else { continue };
                let again = price * line.quantity.expect("a price has a quantity");
                assert!((again - line.amount).abs() <= 1e-9 * line.amount.abs());
            }
            let rented = bill.lines.iter().filter(|line| line.part == "rent");
            assert!(
                rented.clone().count() > 0
                    && rented.clone().all(|l| l.quantity.is_some())
            );
        }
    }
}

#[test]
fn the_nearest_path_is_the_nearest() {
    let scenario = scenario(PLAN, 512);
    let costs: Vec<f64> =
        (0..512).map(|path| bill(&scenario, 1, path).net_present_cost).collect();
    let mut sorted = costs.clone();
    sorted.sort_by(f64::total_cmp);
    let found = nearest_path(&scenario, 1, sorted[256]);
    assert!((costs[usize::try_from(found).unwrap()] - sorted[256]).abs() < 1e-6);
}

#[test]
fn on_every_path_what_arrived_stands_failed_or_was_sold() {
    // The counts are those of the last month, so horizons of every length show them all.
    for months in [1, 2, 3, 7, 13, 20, 33, 40] {
        let mut scenario = scenario(PLAN, 256);
        scenario.months = months;
        let mut table = Table::new(&scenario, Clock::new(false));
        let mut record = Record::new(&scenario);
        let mut sums = Sums::new(&scenario);
        for block in [0, 256, 51_200] {
            table.play(block, LANES, &mut record, &mut sums);
            let mut come = 0.0;
            for counts in table.counts() {
                let [arrived, failed, sold, fleet] = counts;
                for i in 0..LANES {
                    let gone = failed[i] + sold[i];
                    let gap = (arrived[i] - fleet[i] - gone).abs();
                    assert!(
                        gap <= 1e-9 * arrived[i].max(1.0),
                        "month {months}, path {i}"
                    );
                    assert!(fleet[i] >= 0.0 && failed[i] >= 0.0 && sold[i] >= 0.0);
                    come += arrived[i];
                }
            }
            assert!(months < 20 || come > 0.0, "nothing ever arrived");
        }
    }
}

#[test]
fn a_block_played_again_or_after_another_is_the_same_block() {
    let scenario = scenario(PLAN, 512);
    let costs = |blocks: &[u64]| {
        let mut table = Table::new(&scenario, Clock::new(false));
        let mut last = String::new();
        for block in blocks {
            let mut record = Record::new(&scenario);
            let mut sums = Sums::new(&scenario);
            table.play(*block, LANES, &mut record, &mut sums);
            last.clear();
            for s in &sums.strategies {
                let _ =
                    write!(last, "{:?} {:?} ", s.cost.mean(), s.cost.standard_error());
            }
        }
        last
    };
    // Nothing of one block is left in the next: not in totals, orders, halls or levels.
    let fresh = costs(&[256]);
    assert_eq!(costs(&[0, 256]), fresh);
    assert_eq!(costs(&[256, 256]), fresh);
    assert_eq!(costs(&[51_200, 0, 256]), fresh);
}

#[test]
fn a_cut_block_counts_only_the_paths_asked_for() {
    for paths in [1, 255, 256, 257, 1_025] {
        let scenario = scenario(PLAN, paths);
        let outcome =
            run(&scenario, &Options { threads: Some(3), ..Options::default() }).unwrap();
        assert_eq!(outcome.paths, paths);
        let most = outcome.strategies.iter().map(|s| s.best.mean).sum::<f64>();
        assert!((most - 1.0).abs() < 1e-12, "{paths} paths: {most}");
    }
}

#[test]
fn chunks_are_added_in_their_order_whenever_they_come() {
    let scenario = scenario(PLAN, 256);
    let chunk = |n: u64| {
        let mut sums = Replicates::new(&scenario);
        let mut table = Table::new(&scenario, Clock::new(false));
        let first = n * 256;
        table.play(first, LANES, &mut Record::new(&scenario), sums.of_block(first));
        sums
    };
    let total = |order: [u64; 4]| {
        let mut forest = Forest::default();
        for n in order {
            forest.add(n, chunk(n));
        }
        let sums = forest.total().expect("four chunks have come").total();
        let cost = &sums.strategies[0].cost;
        (cost.mean().to_bits(), cost.standard_error().to_bits())
    };
    let straight = total([0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        assert_eq!(total(order), straight);
    }
}

#[test]
fn progress_ends_with_all_paths() {
    let scenario = scenario(PLAN, 3_000);
    let most = AtomicU64::new(0);
    let note = |done: u64| {
        most.fetch_max(done, Ordering::Relaxed);
    };
    run(
        &scenario,
        &Options { threads: Some(2), progress: Some(&note), ..Options::default() },
    )
    .unwrap();
    assert_eq!(most.into_inner(), 3_000);
}

/// Every number an outcome has, in words: equal words are equal bits.
fn words(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[test]
fn parts_joined_in_any_order_are_a_single_run_to_the_last_bit() {
    let scenario = scenario(PLAN, 9_300);
    let options = Options { threads: Some(2), ..Options::default() };
    let single = words(&run(&scenario, &options).unwrap());
    for of in [1, 2, 3, 7, 20] {
        let part = |i| {
            let chunks = played::share(&scenario, i, of);
            let part = play(&scenario, chunks, &options).unwrap();
            // Written and read back, as between machines.
            let text = serde_json::to_string(&part).unwrap();
            serde_json::from_str::<Played>(&text).unwrap()
        };
        for turned in [false, true] {
            let mut all = Played::none(&scenario);
            for i in 0..of {
                all.join(part(if turned { of - 1 - i } else { i }));
            }
            assert_eq!(all.chunks(), [played::chunks(&scenario)]);
            assert!(words(&all.outcome(&scenario)) == single, "{of} parts, {turned}");
        }
    }
}

#[test]
fn exact_quantiles_are_those_of_a_full_sort() {
    let scenario = scenario(PLAN, 5_000);
    let options = Options { threads: Some(2), ..Options::default() };
    let mut played = play(&scenario, played::chunks(&scenario), &options).unwrap();
    exact(&scenario, &mut played, &options).unwrap();
    let outcome = played.outcome(&scenario);
    // All paths of one month, one by one.
    let mut costs: Vec<Vec<f64>> = vec![Vec::new(); scenario.strategies.len()];
    for first in (0..5_000).step_by(LANES) {
        let mut table = Table::new(&scenario, Clock::new(false));
        let mut sums = Sums::new(&scenario);
        table.play(first, LANES, &mut Record::new(&scenario), &mut sums);
        let valid = usize::try_from(5_000 - first).unwrap().min(LANES);
        for (s, costs) in costs.iter_mut().enumerate() {
            costs.extend_from_slice(&table.cost(s)[..valid]);
        }
    }
    for (costs, strategy) in costs.iter_mut().zip(&outcome.strategies) {
        let last = strategy.cost_to_date.quantiles.last().unwrap();
        for (i, p) in outcome::QUANTILES.iter().enumerate() {
            let sorted = crate::stats::quantile(costs, *p);
            assert_eq!(last[i].to_bits(), sorted.to_bits(), "{} at {p}", strategy.name);
            let total = strategy.net_present_cost.quantiles[i];
            assert_eq!(total.to_bits(), sorted.to_bits());
        }
    }
}

#[test]
fn one_path_alone_is_that_path_of_the_run() {
    let scenario = scenario(PLAN, 256);
    let all = run(&scenario, &Options::default()).unwrap();
    for path in [0, 3, 11] {
        let alone = one_path(&scenario, path);
        let place = usize::try_from(path).unwrap();
        for (a, b) in all.strategies.iter().zip(&alone.strategies) {
            assert_eq!(a.cost_to_date.samples[place], b.cost_to_date.samples[0]);
        }
    }
}

#[test]
fn a_run_that_is_told_to_stop_holds_whole_chunks_from_the_first_on() {
    let scenario = scenario(PLAN, 20_000);
    let stop = AtomicBool::new(false);
    let progress = |_: u64| stop.store(true, Ordering::Relaxed);
    let options = Options {
        threads: Some(3),
        progress: Some(&progress),
        stop: Some(&stop),
        timed: true,
    };
    let mut played = play(&scenario, played::chunks(&scenario), &options).unwrap();
    let [done] = played.chunks().try_into().expect("one range");
    assert!(done.start == 0 && done.end >= 1 && done.end < 20);
    let rest = done.end..played::chunks(&scenario).end;
    played.join(play(&scenario, rest, &Options::default()).unwrap());
    let straight = run(&scenario, &Options::default()).unwrap();
    assert!(words(&played.outcome(&scenario)) == words(&straight));
    assert!(played.time_by_stage().iter().all(|(_, time)| time.as_nanos() > 0));
}

#[test]
fn sobol_points_give_the_plain_means_and_the_same_bytes_on_any_threads() {
    let plan = read_str::<Plan>("plan.toml", PLAN).value.expect("the plan can be read");
    let spread = |paths, sampler| {
        let overrides =
            Overrides { paths: Some(paths), seed: Some(5), sampler, fast_math: None };
        let mut at = Checker::new();
        resolve(&plan, &Catalogue::shipped(), overrides, &mut at)
    };
    let played = |scenario: &Scenario, threads| {
        run(scenario, &Options { threads: Some(threads), ..Options::default() }).unwrap()
    };
    let plain = played(&spread(16_384, None).unwrap(), 2);
    let even = spread(8192, Some(Sampler::Sobol)).unwrap();
    let found = played(&even, 1);
    assert_eq!(found, played(&even, 2));
    assert_eq!(found, played(&even, 3));
    for (a, b) in plain.strategies.iter().zip(&found.strategies) {
        let pairs = [
            (a.net_present_cost.mean.unwrap(), b.net_present_cost.mean.unwrap()),
            (a.regret, b.regret),
            (a.fixed, b.fixed),
        ];
        for (a, b) in &pairs {
            // With 16 replicates an error has 15 degrees: five of them are as rare as
            // four of a normal.
            let error = a.standard_error.hypot(b.standard_error);
            assert!((a.mean - b.mean).abs() <= 5.0 * error, "{a:?} and {b:?}");
        }
        let tail = |s: &StrategyOutcome| {
            let cost = &s.net_present_cost;
            (cost.cvar95.unwrap(), cost.cvar95_standard_error.unwrap())
        };
        let middle = |s: &StrategyOutcome| {
            let of = s.usd_per_mtok.as_ref()?;
            Some((of.median(), of.median_standard_error?))
        };
        let both = [Some((tail(a), tail(b))), middle(a).zip(middle(b))];
        for ((plain, error), (even, less)) in both.into_iter().flatten() {
            assert!((plain - even).abs() <= 5.0 * error.hypot(less), "{plain} {even}");
            assert!(less > 0.0 && less < 2.0 * error, "{less} {error}");
        }
        let (a, b) = pairs[0];
        assert!(b.standard_error > 0.0 && b.standard_error < a.standard_error * 1.5);
    }
    // A path is the same in a run of any length.
    let one = one_path(&even, 5000);
    let longer = one_path(&spread(65_536, Some(Sampler::Sobol)).unwrap(), 5000);
    for (a, b) in one.strategies.iter().zip(&longer.strategies) {
        assert_eq!(a.monthly_cost.samples, b.monthly_cost.samples);
        assert!(a.net_present_cost.mean.unwrap().mean.is_finite());
    }
    // Numbers of paths that points do not come in are refused.
    assert!(spread(10_000, Some(Sampler::Sobol)).is_none());
}

#[test]
fn fused_arithmetic_moves_last_digits_alone_and_is_the_same_on_all_that_have_it() {
    let mut scenario = scenario(PLAN, 2048);
    let one = Options { threads: Some(1), ..Options::default() };
    let played = |scenario: &Scenario, level| {
        // Chunks are played on threads of their own; this thread plays one path.
        at_level(level, || one_path(scenario, 700))
    };
    let plain = run(&scenario, &one).unwrap();
    scenario.arithmetic = Arithmetic::of(true);
    let fused = run(&scenario, &one).unwrap();
    assert_eq!(fused, run(&scenario, &Options::default()).unwrap());
    for (a, b) in plain.strategies.iter().zip(&fused.strategies) {
        let (a, b) = (
            a.net_present_cost.mean.unwrap().mean,
            b.net_present_cost.mean.unwrap().mean,
        );
        assert!((a - b).abs() <= 1e-9 * a.abs(), "{a} {b}");
    }
    if scenario.arithmetic == Arithmetic::Fused {
        assert_ne!(plain, fused, "nothing was fused");
        let able = levels()
            .into_iter()
            .filter(|&level| !cfg!(target_arch = "x86_64") || level >= Level::Avx2);
        let answers: Vec<_> = able.map(|level| played(&scenario, level)).collect();
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
