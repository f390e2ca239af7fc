//! What a calibration found, as text: parameters with intervals, and the TOML to paste.

use std::fmt::Write as _;

use crate::calibrate::demand::{Counts, Demand};
use crate::calibrate::parameters::{Estimate, Parameters, quantity};
use crate::calibrate::record::{Held, Row};
use crate::calibrate::series::Series;

/// One series: what it says and the table for a plan.
///
/// **Errors** when the process cannot be written as TOML.
pub fn prices(
    series: &Series,
    found: &Parameters,
    rows: &[Row],
) -> Result<String, toml::ser::Error> {
    let mut out = String::new();
    let last = series.points.last().map_or(f64::NAN, |p| p.log.exp());
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{} · {} values, one a {}, last {}",
        series.name,
        series.points.len(),
        series.step.name(),
        short(last)
    );
    let mut line = |name: &str, e: &Estimate, note: &str| {
        let [low, high] = e.interval;
        let _ =
            writeln!(out, "  {name:26} {:7.3}  [{low:.3}, {high:.3}]  {note}", e.value);
    };
    line("drift_per_year", &found.drift_per_year, "of the logarithm, 90 %");
    line("volatility_per_sqrt_year", &found.volatility_per_sqrt_year, "90 %");
    line("correlation with the last", &found.repeats, "90 % where there is none");
    let _ = writeln!(out, "  steps without a change     {:5.0} %", 100.0 * found.still);
    let weights: Vec<String> =
        found.weights.iter().map(|(m, w)| format!("{} {w:.2}", m.name())).collect();
    let _ = writeln!(
        out,
        "  models of the family `{}`, weighed by their past: {}",
        series.family.name(),
        weights.join(", ")
    );
    let record = Held::of(rows, series.family, &series.name).map_or_else(
        || "too short for a record of past cases".to_owned(),
        |held| held.to_string(),
    );
    let _ = writeln!(out, "  {record}\n");
    let (key, inverse) = quantity(series.family);
    let text = toml::to_string(&found.process)?;
    let _ = writeln!(
        out,
        "# fitted to {} {}s of {}",
        found.changes,
        series.step.name(),
        series.name
    );
    if inverse {
        let _ = writeln!(
            out,
            "# FLOP per dollar is the inverse of a cost: the drift is turned"
        );
    }
    for line in text.lines() {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(table) => {
                let _ = writeln!(out, "[{key}.{table}]");
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out.push('\n');
    Ok(out)
}

fn short(x: f64) -> String {
    if x.abs() >= 0.01 && x.abs() < 1e6 { format!("{x:.4}") } else { format!("{x:.3e}") }
}

/// A history of requests: what it says and the lines for a plan.
pub fn demand(history: &Counts, found: &Demand) -> String {
    let mut out = String::new();
    let is_hourly = history.span_seconds > 60.5;
    let unit = if is_hourly { "hours" } else { "minutes" };
    let _ = writeln!(
        out,
        "{} {unit}: {:.0} requests a day, {:.0} a month, peak {unit} {:.2} times the mean",
        history.counts.len(),
        found.per_day,
        found.per_month,
        found.peak
    );
    match found.growth_per_year {
        Some((growth, [low, high])) => {
            let _ = writeln!(
                out,
                "  growth_per_year {growth:.3}  [{low:.3}, {high:.3}]  of the logarithm, 90 %"
            );
        }
        None => out.push_str("  growth: not to be known from less than four weeks\n"),
    }
    if let Some(week) = &found.week {
        out.push_str("  load by hour of the week, over the mean:\n");
        let first_day = history.first_hour.is_some();
        for (day, hours) in week.chunks(24).enumerate() {
            let name = if first_day {
                ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day].to_owned()
            } else {
                format!("day {}", day + 1)
            };
            let hours: Vec<String> = hours.iter().map(|x| format!("{x:.2}")).collect();
            let _ = writeln!(out, "    {name} {}", hours.join(" "));
        }
    } else {
        out.push_str("  hours of the week: not to be known from less than a week\n");
    }
    if let Some(share) = found.weekend_share {
        let _ = writeln!(out, "  a weekend day has {share:.2} of a weekday");
    }
    let _ = writeln!(
        out,
        "  bursts: {:.2} of the level (standard deviation), variance over mean {:.1} \
         (1 for independent requests)",
        found.burst_variation, found.dispersion
    );
    if !is_hourly {
        out.push_str(
            "  less than a day: the curve below is of minutes and knows no night\n",
        );
    }
    out.push_str("\n# in [workloads.NAME.inference]\n");
    let _ = writeln!(out, "requests_per_day = {:.0}", found.per_day);
    if let Some((input, output)) = history.tokens {
        let _ =
            writeln!(out, "# mean tokens of a request: {input:.0} in, {output:.0} out");
    }
    let loads: Vec<String> = found.curve.iter().map(|x| format!("{x:.4}")).collect();
    let _ = writeln!(
        out,
        "\n# load-duration curve: loads over their mean, each for 1/{} of the time\n\
         [workloads.NAME.shape.loads]\nvalues = [",
        loads.len()
    );
    for line in loads.chunks(12) {
        let _ = writeln!(out, "    {},", line.join(", "));
    }
    out.push_str("]\n");
    if let Some((growth, [low, high])) = found.growth_per_year {
        let _ = writeln!(
            out,
            "\n# the growth of these weeks; a year may be different\n\
             [workloads.NAME.growth.yearly_factor]\n\
             factor_per_year = {{ p10 = {:.4}, p50 = {:.4}, p90 = {:.4} }}",
            spread(growth, low).exp(),
            growth.exp(),
            spread(growth, high).exp()
        );
    }
    out
}

/// From an end of a 90 % interval to that of an 80 % one, as a normal has it.
fn spread(middle: f64, end: f64) -> f64 {
    middle + (end - middle) * 1.281_55 / 1.644_85
}
