//! Software gets better between the date of what was measured and the plan's start.

use crate::played::{CATALOGUE, Played, near, plan, play};

fn chat(start: &str, trajectories: &str) -> String {
    format!(
        "title = \"software\"
[time]
start = \"{start}\"
months = 13
[workloads.chat.inference]
model = \"llama-3.1-8b\"
requests_per_day = 3_000_000
input_tokens = 500
output_tokens = 300
[strategies.rent]
stack = [{{ on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 }} }}]
{trajectories}
"
    )
}

/// Chips that the mean load of a month needs, at 5, 10 … of the nine quantiles of a fan.
fn needed(played: &Played, month: usize) -> [f64; 3] {
    let key = "chips_needed.chat.nvidia-h100-sxm";
    let mut shown = played.scenario.shown.iter().zip(&played.outcome.shown);
    let fan = shown.find(|(s, _)| s.key == key).expect("a chart of the plan").1;
    let all = &fan.quantiles[month];
    [all[0], all[all.len() / 2], all[all.len() - 1]]
}

/// The month of the fit behind the throughput of the chip.
fn fitted() -> (i32, u32) {
    let chip = CATALOGUE.accelerator("nvidia-h100-sxm").expect("it is shipped");
    let date = rackcast::hardware::software_date(
        chip,
        rackcast::hardware::Quantity::OutputToken,
    );
    date.expect("the fit has a date").month()
}

#[test]
fn a_plan_that_starts_later_has_the_known_gain_of_the_years_between() {
    let (year, month) = fitted();
    let known = "[trajectories.software_efficiency.constant]\ngrowth_per_year = 0.2";
    let at = |years: i32| {
        let start = format!("{}-{month:02}", year + years);
        needed(&play(&plan(&chat(&start, known)), 256), 0)
    };
    let (now, later) = (at(0), at(2));
    for (now, later) in now.iter().zip(later) {
        // Each is known to its bin, 0.4 % wide.
        assert!(near(later / now, (-0.4_f64).exp(), 0.004), "{now} {later}");
    }
    // Before its date there is nothing to make up for, and further back than three years
    // nothing is carried.
    assert!(near(at(-1)[1], now[1], 1e-9));
    assert!(near(at(9)[1], at(3)[1], 1e-9));
}

#[test]
fn by_default_it_has_the_band_of_the_trajectory_too() {
    let (year, month) = fitted();
    let at = |years: i32| {
        let start = format!("{}-{month:02}", year + years);
        needed(&play(&plan(&chat(&start, "")), 4096), 0)
    };
    let ([low, middle, high], [low2, middle2, high2]) = (at(0), at(2));
    let standard = rackcast::scenario::default::TRAJECTORIES
        .iter()
        .find(|t| t.name == "software_efficiency")
        .expect("it is in the list");
    let process = standard.process();
    let gain = process.as_process().median_at(2.0).expect("a factor has a median");
    assert!(gain > 1.3);
    // The factor is skewed, so the median of its product with a band lies between its
    // median and its mean, (b − a)/√2π of a year's logarithm above, for the 1.44 years
    // that two of them are worth as it fades. The standard error is 0.01.
    let skew = ((2.0_f64 / 1.25).ln() - 1.25_f64.ln()) / 1.281_55;
    let mean = gain.ln() + 1.44 * skew / std::f64::consts::TAU.sqrt();
    let found = (middle / middle2).ln();
    assert!(found > gain.ln() - 0.04 && found < mean + 0.04, "{found} {gain} {mean}");
    assert!((high2 / low2).ln() > (high / low).ln() + 0.2, "{low2} {high2} {low} {high}");
}
