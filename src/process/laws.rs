//! The laws of [`Process`], run on every process of the list.
//!
//! One case is one set of parameters; the macro makes a test of each law for it. A
//! process without a case fails the last test of this file. Statistical laws draw 50,176
//! paths with a fixed seed and allow 4 standard errors: about 150 comparisons, so a
//! new seed would cry wolf once in 100. Read next: [`super::Process`].

use super::*;
use crate::block::{LANES, at_level, levels, splat};
use crate::input::Uncertain;
use crate::random::{Monthly, Seed};

const SEED: Seed = Seed(20);
const BLOCKS: u64 = 196;
const QUANTITY: &str = "rent";
const MONTHS: [u32; 3] = [1, 12, 60];

/// Levels of a block at months 1 … `last`; `before` is what the state held, `stir` is
/// added to the innovation.
fn run(
    process: &dyn Process,
    first_path: u64,
    last: u32,
    before: f64,
    stir: f64,
) -> Vec<Lane> {
    let draws = Draws::new(SEED, QUANTITY, first_path);
    let mut innovations = Monthly::new(SEED, QUANTITY);
    let mut state = vec![splat(before); process.state_rows()];
    process.begin(&draws, &mut state);
    let step = |month| {
        let z = Lane(innovations.normal_at(first_path, month).map(|z| z + stir));
        let mut level = splat(before);
        process.step(month, &z, &draws, &mut state, &mut level);
        level
    };
    (1..=last).map(step).collect()
}

/// The levels of 50,176 paths at each of `months`, which must rise.
pub(super) fn sample(process: &dyn Process, months: &[u32]) -> Vec<(u32, Vec<f64>)> {
    let last = months.last().copied().unwrap_or(0);
    let mut samples: Vec<(u32, Vec<f64>)> =
        months.iter().map(|&month| (month, Vec::new())).collect();
    for block in 0..BLOCKS {
        let levels = run(process, block * LANES as u64, last, f64::NAN, 0.0);
        for (month, sample) in &mut samples {
            sample.extend(levels[*month as usize - 1]);
        }
    }
    samples
}

/// The share of a sample not above `limit`.
pub(super) fn share_below(sample: &[f64], limit: f64) -> f64 {
    let below = sample.iter().filter(|&&x| x <= limit).count();
    count(below) / count(sample.len())
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("a test's sample fits 32 bits"))
}

fn years(month: u32) -> f64 {
    f64::from(month) / 12.0
}

fn the_median_is_that_of_the_closed_form(process: &dyn Process) {
    for (month, sample) in sample(process, &MONTHS) {
        let Some(median) = process.median_at(years(month)) else { continue };
        let spread = sample.iter().map(|x| (x / median - 1.0).abs()).fold(0.0, f64::max);
        if spread > 1e-12 {
            let share = share_below(&sample, median);
            let allowed = 4.0 * 0.5 / count(sample.len()).sqrt();
            assert!((share - 0.5).abs() < allowed, "month {month}: {share} below");
        }
    }
}

fn the_log_variance_is_that_of_the_closed_form(process: &dyn Process) {
    for (month, sample) in sample(process, &MONTHS) {
        let Some(wanted) = process.log_variance_at(years(month)) else { continue };
        let n = count(sample.len());
        let logs: Vec<f64> = sample.iter().map(|x| x.ln()).collect();
        let mean = logs.iter().sum::<f64>() / n;
        let moment = |p| logs.iter().map(|x| (x - mean).powi(p)).sum::<f64>() / n;
        let (variance, fourth) = (moment(2), moment(4));
        let allowed = 4.0 * ((fourth - variance * variance).max(0.0) / n).sqrt() + 1e-20;
        assert!(
            (variance - wanted).abs() < allowed,
            "month {month}: {variance}, not {wanted} within {allowed}"
        );
    }
}

fn every_level_is_positive_finite_and_in_the_support(process: &dyn Process) {
    let support = process.support();
    assert!(support.low > 0.0 && support.high.is_finite());
    for block in 0..4 {
        for level in run(process, block * 256, 120, 0.0, 0.0).iter().flatten() {
            assert!(support.contains(*level), "{level} outside {support:?}");
        }
    }
}

fn the_same_seed_gives_the_same_bits(process: &dyn Process) {
    assert!(
        bits(&run(process, 512, 24, 0.0, 0.0)) == bits(&run(process, 512, 24, 0.0, 0.0))
    );
}

fn a_path_is_the_same_in_whatever_block_it_runs(process: &dyn Process) {
    let here = run(process, 0, 24, 0.0, 0.0);
    let shifted = run(process, 100, 24, 0.0, 0.0);
    for (here, shifted) in here.iter().zip(&shifted) {
        assert!(bits(&[*here])[100..] == bits(&[*shifted])[..156]);
    }
}

fn every_instruction_set_gives_the_same_bits(process: &dyn Process) {
    let best = bits(&run(process, 256, 24, 0.0, 0.0));
    for level in levels() {
        let here = at_level(level, || bits(&run(process, 256, 24, 0.0, 0.0)));
        assert!(here == best, "{level:?}");
    }
}

fn begin_writes_every_row_of_the_state(process: &dyn Process) {
    let clean = run(process, 0, 24, 0.0, 0.0);
    let dirty = run(process, 0, 24, f64::NAN, 0.0);
    assert!(bits(&clean) == bits(&dirty));
}

fn the_innovation_matters_exactly_where_it_is_used(process: &dyn Process) {
    let calm = run(process, 0, 24, 0.0, 0.0);
    let stirred = run(process, 0, 24, 0.0, 1.0);
    assert_eq!(process.uses_innovation(), bits(&calm) != bits(&stirred));
}

fn today_the_index_is_one(process: &dyn Process) {
    assert!(process.support().contains(1.0));
    if let Some(median) = process.median_at(0.0) {
        assert!((median - 1.0).abs() < 1e-15, "{median}");
    }
    if let Some(variance) = process.log_variance_at(0.0) {
        assert!(variance.abs() < 1e-15, "{variance}");
    }
}

fn the_parameters_of_a_case_are_valid(spec: &ProcessSpec) {
    let mut at = Checker::new();
    spec.check(&mut at);
    assert_eq!(at.into_problems(), []);
}

fn bits(lanes: &[Lane]) -> Vec<u64> {
    lanes.iter().flatten().map(|x| x.to_bits()).collect()
}

macro_rules! laws {
    ($($case:ident: $spec:expr;)+) => {
        $(
            mod $case {
                use super::*;

                fn spec() -> ProcessSpec {
                    $spec.into()
                }

                laws!(@hold
                    the_median_is_that_of_the_closed_form
                    the_log_variance_is_that_of_the_closed_form
                    every_level_is_positive_finite_and_in_the_support
                    the_same_seed_gives_the_same_bits
                    a_path_is_the_same_in_whatever_block_it_runs
                    every_instruction_set_gives_the_same_bits
                    begin_writes_every_row_of_the_state
                    the_innovation_matters_exactly_where_it_is_used
                    today_the_index_is_one
                );

                #[test]
                fn the_parameters_of_a_case_are_valid() {
                    super::the_parameters_of_a_case_are_valid(&spec());
                }
            }
        )+

        /// Every set of parameters the laws are run on.
        pub(super) fn every_case() -> Vec<ProcessSpec> {
            vec![$($spec.into()),+]
        }
    };
    (@hold $($law:ident)+) => {
        $(
            #[test]
            fn $law() {
                super::$law(spec().as_process());
            }
        )+
    };
}

/// Known parameters: −20 % a year, volatility 0.3.
fn walk() -> Geometric {
    Geometric {
        drift_per_year: -0.22,
        volatility_per_sqrt_year: 0.3,
        observations: None,
        observation_step_years: 1.0,
        drift_is_known: false,
    }
}

fn between(p10: f64, p50: f64, p90: f64) -> Uncertain {
    Uncertain::Between { p10, p50, p90 }
}

laws! {
    constant: Constant::default();
    constant_growing: Constant { growth_per_year: 0.4 };
    schedule: Schedule { years: vec![0.5, 2.0, 4.0], levels: vec![1.3, 0.6, 0.8] };
    geometric: walk();
    geometric_without_volatility: Geometric { volatility_per_sqrt_year: 0.0, ..walk() };
    geometric_estimated_on_years: Geometric { observations: Some(20), ..walk() };
    geometric_estimated_on_months: Geometric {
        observations: Some(37), observation_step_years: 1.0 / 12.0, ..walk()
    };
    geometric_without_drift_by_decision: Geometric {
        drift_per_year: 0.0, observations: Some(12), drift_is_known: true, ..walk()
    };
    geometric_estimated_on_next_to_nothing: Geometric { observations: Some(3), ..walk() };
    mean_reverting: MeanReverting {
        half_life_years: 0.75,
        long_run_log_sd: 0.35,
        drift_per_year: -0.1,
        start_log_deviation: 0.3,
    };
    stepwise: Stepwise::default();
    stepwise_falling: Stepwise { up_share: 0.25, ..Stepwise::default() };
    yearly_factor: YearlyFactor {
        factor_per_year: between(1.0 / 40.0, 0.1, 1.0 / 3.0),
        fade_half_life_years: Some(1.5),
        volatility_per_sqrt_year: 0.0,
    };
    yearly_factor_with_noise: YearlyFactor {
        factor_per_year: between(1.6, 2.4, 3.6),
        fade_half_life_years: None,
        volatility_per_sqrt_year: 0.25,
    };
    logistic: Logistic {
        ceiling_multiple: 12.0.into(),
        midpoint_years: Some(2.0.into()),
        years_10_to_90: 4.0.into(),
        volatility_per_sqrt_year: 0.2,
    };
    logistic_with_an_uncertain_ceiling: Logistic {
        ceiling_multiple: between(3.0, 10.0, 60.0),
        midpoint_years: None,
        years_10_to_90: 5.0.into(),
        volatility_per_sqrt_year: 0.0,
    };
    moving_average: MovingAverage {
        drift_per_year: -0.3,
        volatility_per_sqrt_year: 0.25,
        theta: 0.63,
        observations: None,
        observation_step_years: 1.0,
    };
    moving_average_estimated_on_months: MovingAverage {
        drift_per_year: -0.1,
        volatility_per_sqrt_year: 0.2,
        theta: -0.4,
        observations: Some(30),
        observation_step_years: 1.0 / 12.0,
    };
    wright: Wright {
        learning_exponent: 0.5.into(),
        production_growth_per_year: 0.7.into(),
        years_of_production: 1.5,
        volatility_per_sqrt_year: 0.2,
    };
    wright_with_an_uncertain_exponent: Wright {
        learning_exponent: between(0.2, 0.35, 0.7),
        production_growth_per_year: (-0.1).into(),
        years_of_production: 3.0,
        volatility_per_sqrt_year: 0.0,
    };
    regimes: Regimes::default();
    regimes_of_one_law: {
        let normal = Regimes::default().normal;
        Regimes { glut: normal.clone(), crunch: normal, ..Regimes::default() }
    };
    launches: Launches {
        events_per_year: 0.7,
        no_effect_share: 0.3,
        log_size: between(-0.4, -0.1, 0.15),
        drift_per_year: -0.05,
        volatility_per_sqrt_year: 0.1,
    };
    launches_alone: Launches {
        events_per_year: 3.0,
        no_effect_share: 0.0,
        log_size: (-0.1).into(),
        drift_per_year: 0.0,
        volatility_per_sqrt_year: 0.0,
    };
    generations: Generations::default();
    generations_with_street_prices: Generations {
        years_since_last: 1.0,
        drift_per_year: 0.1,
        volatility_per_sqrt_year: 0.15,
        ..Generations::default()
    };
    bass: Bass {
        ceiling_multiple: 12.0.into(),
        innovation_per_year: 0.03.into(),
        imitation_per_year: 0.38.into(),
        years_since_launch: 1.0,
        volatility_per_sqrt_year: 0.2,
    };
    bass_with_an_uncertain_ceiling: Bass {
        ceiling_multiple: between(0.8, 5.0, 40.0),
        innovation_per_year: 0.03.into(),
        imitation_per_year: 0.38.into(),
        years_since_launch: 0.0,
        volatility_per_sqrt_year: 0.0,
    };
    bootstrap: Bootstrap {
        log_changes: vec![0.0, 0.02, -0.05, 0.0, 0.3, -0.08, 0.01, 0.0, -0.02],
        block_months: 3,
        drift_per_year: None,
    };
    bootstrap_by_months: Bootstrap {
        log_changes: vec![0.0, 0.02, -0.05, 0.0, 0.3, -0.08, 0.01, 0.0, -0.02],
        block_months: 1,
        drift_per_year: Some(0.1),
    };
    forward: Forward {
        months: vec![0, 6, 18],
        values: vec![2.0, 2.4, 1.8],
        file: None,
        premium_per_year: 0.05.into(),
        volatility_per_sqrt_year: 0.2,
    };
    forward_with_an_uncertain_premium: Forward {
        months: vec![0],
        values: vec![2.0],
        file: None,
        premium_per_year: between(-0.1, 0.05, 0.3),
        volatility_per_sqrt_year: 0.0,
    };
    expected: Expected {
        years: vec![1.0, 3.0],
        p10: vec![0.7, 0.3],
        p50: vec![0.9, 0.6],
        p90: vec![1.0, 1.5],
        half_life_years: 2.0,
    };
    logistic_with_everything_uncertain: Logistic {
        ceiling_multiple: between(0.5, 4.0, 20.0),
        midpoint_years: Some(between(-1.0, 1.5, 4.0)),
        years_10_to_90: between(2.0, 4.0, 9.0),
        volatility_per_sqrt_year: 0.3,
    };
}

#[test]
fn every_process_of_the_list_is_held_to_the_laws() {
    let cases = every_case();
    for name in ProcessSpec::NAMES {
        assert!(cases.iter().any(|case| case.name() == *name), "no case for `{name}`");
    }
}
