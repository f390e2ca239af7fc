//! What the gate finds and what it cries over, on simulated benchmarks.
//!
//! 200 metrics with 5 % noise, 7 repeats before and 7 now, a limit of 5 %. Counted two
//! ways: per metric, and per comparison of 200 metrics, which is what a build sees.
//! `cargo test --test gate -- --nocapture` prints the figures.

#![expect(clippy::print_stdout, reason = "the figures are the point of this test")]

use rackcast::gate::{Better, Judgement, Metric, Reading, Verdict, judge};
use rackcast::random::{Monthly, Seed};

const METRICS: usize = 200;
const USUAL: Noise = Noise { repeats: 7, share: 0.05, is_skewed: false };
const LIMIT: f64 = 0.05;

/// How benchmarks vary.
#[derive(Debug, Clone, Copy)]
struct Noise {
    repeats: u32,
    /// Standard deviation of a repeat (of its logarithm where it is skewed).
    share: f64,
    /// Lognormal, as times are that are late now and then.
    is_skewed: bool,
}

impl Noise {
    fn of(self, z: f64) -> f64 {
        if self.is_skewed { (self.share * z).exp() } else { 1.0 + self.share * z }
    }
}

/// Comparisons with the usual noise.
fn comparisons(
    count: u64,
    metrics: usize,
    regressed: usize,
    better: Better,
) -> Vec<Vec<Judgement>> {
    noisy(USUAL, count, metrics, regressed, better)
}

/// Comparisons in which the first `regressed` metrics take a tenth longer (or, for
/// throughputs, deliver a tenth less) than they did, and the others do not.
fn noisy(
    noise: Noise,
    count: u64,
    metrics: usize,
    regressed: usize,
    better: Better,
) -> Vec<Vec<Judgement>> {
    let mut stream = Monthly::new(Seed(7), "benchmarks");
    let mut path = 0_u64;
    let mut measure = |first: u32, factor: f64| {
        let values: Vec<f64> = (first..first + noise.repeats)
            .map(|i| factor * noise.of(stream.normal_at(path, i)[0]))
            .collect();
        if first > 1 {
            path += 1 << 16;
        }
        Reading::of_repeats(&values).expect("numbers")
    };
    let worse = match better {
        Better::Lower => 1.1,
        Better::Higher => 0.9,
    };
    (0..count)
        .map(|_| {
            let all: Vec<Metric> = (0..metrics)
                .map(|i| {
                    let factor = if i < regressed { worse } else { 1.0 };
                    let (before, now) =
                        (measure(1, 1.0), measure(1 + noise.repeats, factor));
                    Metric::new(format!("metric {i}"), better, LIMIT, before, now)
                        .expect("a limit")
                })
                .collect();
            judge(&all)
        })
        .collect()
}

/// Share of the metrics of a range with a verdict.
fn share(all: &[Vec<Judgement>], range: std::ops::Range<usize>, verdict: Verdict) -> f64 {
    let looked = all.iter().flat_map(|judged| &judged[range.clone()]);
    let (mut found, mut seen) = (0.0, 0.0);
    for judgement in looked {
        seen += 1.0;
        found += f64::from(u8::from(judgement.verdict == verdict));
    }
    found / seen
}

/// Share of the comparisons in which any metric has a verdict.
fn any(all: &[Vec<Judgement>], verdict: Verdict) -> f64 {
    let hit = all.iter().filter(|judged| judged.iter().any(|j| j.verdict == verdict));
    let count = |n: usize| f64::from(u32::try_from(n).expect("few"));
    count(hit.count()) / count(all.len())
}

/// In 100 comparisons of 200, the share has a standard error of √(0.95 · 0.05 / 20,000) =
/// 0.15 %: with a true share of 95.6 % it is below 95 % once in 30,000 seeds.
#[test]
fn a_true_regression_of_a_tenth_is_caught() {
    for (better, name) in [(Better::Lower, "times"), (Better::Higher, "throughputs")] {
        let found = comparisons(100, METRICS, METRICS, better);
        let caught = share(&found, 0..METRICS, Verdict::Regressed);
        let passed = share(&found, 0..METRICS, Verdict::Pass);
        println!(
            "all 200 {name} a tenth worse: {:.2} % called regressed, {:.3} % passed",
            100.0 * caught,
            100.0 * passed
        );
        assert!(caught >= 0.95, "{caught}");
        assert!(passed <= 0.001, "{passed}");
    }
}

/// Any alarm in 1 % of comparisons: of 400, 4 standard errors are 2 %.
#[test]
fn no_change_is_hardly_ever_called_regressed() {
    let found = comparisons(400, METRICS, 0, Better::Lower);
    for verdict in [Verdict::Regressed, Verdict::Improved] {
        let (each, run) = (share(&found, 0..METRICS, verdict), any(&found, verdict));
        println!(
            "nothing changed: {:.4} % of metrics, {:.2} % of comparisons called {}",
            100.0 * each,
            100.0 * run,
            verdict.word()
        );
        assert!(each <= 0.01, "{each}");
        assert!(run <= 0.01 + 0.02, "{run}");
    }
}

/// Other noise than the usual, few repeats and many. An alarm where nothing changed in at
/// most 1 % of comparisons (4 standard errors of 100 are 4 %). A pass rests on a bound of
/// 95 %, so that of regressions beyond the limit at most one in twenty passes, whatever the
/// noise; 4 standard errors of 2,000 metrics are 2 %.
#[test]
fn other_noise_raises_no_more_alarms_and_hides_no_regression() {
    for (repeats, share_of_mean, is_skewed) in [
        (7, 0.10, false),
        (7, 0.40, true),
        (20, 0.40, true),
        (3, 0.05, false),
        (20, 0.10, true),
    ] {
        let noise = Noise { repeats, share: share_of_mean, is_skewed };
        let calm = noisy(noise, 100, METRICS, 0, Better::Lower);
        let (alarms, cheers) =
            (any(&calm, Verdict::Regressed), any(&calm, Verdict::Improved));
        let worse = noisy(noise, 10, METRICS, METRICS, Better::Lower);
        let caught = share(&worse, 0..METRICS, Verdict::Regressed);
        let passed = share(&worse, 0..METRICS, Verdict::Pass);
        println!(
            "{noise:?}: {:.1} % of comparisons called regressed, {:.1} % improved; a tenth \
             worse: {:.1} % called regressed, {:.2} % passed",
            100.0 * alarms,
            100.0 * cheers,
            100.0 * caught,
            100.0 * passed
        );
        assert!(alarms <= 0.01 + 0.04 && cheers <= 0.01 + 0.04, "{alarms} {cheers}");
        assert!(passed <= 0.05 + 0.02, "{passed}");
    }
}

/// What is out of reach at these odds is inconclusive and not a pass; and of those named
/// at most one in twenty is false.
#[test]
fn few_regressions_among_many_metrics_are_caught_less_often_and_never_passed() {
    for regressed in [1, 20, 100] {
        let found = comparisons(100, METRICS, regressed, Better::Lower);
        let caught = share(&found, 0..regressed, Verdict::Regressed);
        let unclear = share(&found, 0..regressed, Verdict::Inconclusive);
        let falsely = share(&found, regressed..METRICS, Verdict::Regressed);
        println!(
            "{regressed} of 200 a tenth worse: {:.1} % called regressed, {:.1} % \
             inconclusive; of the unchanged {:.3} % called regressed",
            100.0 * caught,
            100.0 * unclear,
            100.0 * falsely
        );
        assert!(caught + unclear >= 0.99, "{caught} {unclear}");
        let count = |n: usize| f64::from(u32::try_from(n).expect("few"));
        let (true_names, false_names) =
            (caught * count(regressed), falsely * count(METRICS - regressed));
        assert!(false_names <= 0.05 * (true_names + false_names), "{falsely}");
    }
    let alone = comparisons(4000, 1, 1, Better::Lower);
    println!(
        "a metric by itself a tenth worse: {:.1} % called regressed",
        100.0 * share(&alone, 0..1, Verdict::Regressed)
    );
    // At 1 %, t with 12 degrees, 3.57 standard errors away.
    assert!(share(&alone, 0..1, Verdict::Regressed) > 0.75);
}
