//! What a chart of a run is held against: what happens when, and values that a decision hangs
//! on with the share of futures above them, year by year.
//!
//! Read next: [`super::gallery`].

use crate::engine::Outcome;
use crate::engine::outcome::{Distribution, MEDIAN, QUANTILES, StrategyOutcome};
use crate::process::ProcessSpec;
use crate::scenario::{CommittedKind, Scenario, StrategyPlay};
use crate::strategy::Sizing;
use crate::units::whole_months;

use super::chart::month_name;
use super::fan::{Fan, Owner};
use super::format::{percent, usd};

/// Most events named in a chart.
const MOST: usize = 12;

/// Charts of the world that a new generation of hardware moves.
const OF_HARDWARE: [&str; 6] =
    ["price", "flop_per_usd", "flop_per_s", "bandwidth", "memory", "rent"];

/// What happens when in a chart: what the plan names, orders it fixes, contracts that end,
/// and new generations of hardware where they matter, by month.
pub(super) fn events(scenario: &Scenario, fan: &Fan<'_>) -> Vec<(u32, String)> {
    let mut all = scenario.events.clone();
    match fan.owner {
        Owner::Strategy(place) => {
            if let Some(strategy) = scenario.strategies.get(place) {
                all.extend(orders(scenario, strategy));
                all.extend(ends(scenario, strategy));
                if owns(strategy) {
                    all.extend(generations(scenario));
                }
            }
        }
        Owner::World => {
            let head = fan.key.split('.').next().unwrap_or_default();
            if OF_HARDWARE.contains(&head) {
                all.extend(generations(scenario));
            }
        }
        Owner::Pair => {}
    }
    all.truncate(MOST);
    all
}

/// The same beside several strategies: what they share.
pub(super) fn shared(scenario: &Scenario) -> Vec<(u32, String)> {
    let mut all = scenario.events.clone();
    if scenario.strategies.iter().any(owns) {
        all.extend(generations(scenario));
    }
    all.truncate(MOST);
    all
}

fn owns(strategy: &StrategyPlay) -> bool {
    strategy.committed.iter().any(|c| matches!(c.kind, CommittedKind::Own(_)))
}

/// When new generations of hardware come, at the median of dates that differ from path to
/// path.
fn generations(scenario: &Scenario) -> Vec<(u32, String)> {
    let mut dates: Vec<Vec<u32>> = Vec::new();
    for quantity in scenario.world.quantities() {
        if let ProcessSpec::Generations(found) = &quantity.process {
            let months = found.median_months(scenario.months);
            if !dates.contains(&months) {
                dates.push(months);
            }
        }
    }
    let name =
        |(i, month): (usize, u32)| (month, format!("generation +{}, median", i + 1));
    dates
        .into_iter()
        .flat_map(|months| months.into_iter().enumerate().map(name))
        .collect()
}

/// Orders that a strategy fixes in advance.
fn orders(scenario: &Scenario, strategy: &StrategyPlay) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for committed in &strategy.committed {
        let Sizing::Schedule(schedule) = &committed.sizing else { continue };
        let word = match committed.kind {
            CommittedKind::Own(_) => "ordered",
            CommittedKind::Reserve(_) => "committed",
        };
        let inside = schedule.orders.iter().filter(|o| o.month < scenario.months);
        all.extend(inside.map(|o| (o.month, format!("{} chips {word}", chips(o.chips)))));
    }
    all
}

/// A number of chips.
fn chips(x: f64) -> String {
    crate::decide::form::plain(x)
}

/// When contracts of a strategy end that are ordered in the first month and come after the
/// median lead time.
fn ends(scenario: &Scenario, strategy: &StrategyPlay) -> Vec<(u32, String)> {
    let mut ends: Vec<(u32, String)> = Vec::new();
    for committed in &strategy.committed {
        let (months, name) = match &committed.kind {
            CommittedKind::Reserve(terms) => {
                (terms.lead_months + terms.term_months, "first commitment ends")
            }
            CommittedKind::Own(terms) => {
                let lead = scenario.world.value_of(terms.lead_time_months).median();
                let (life, name) = match terms.lease {
                    Some(lease) => (lease.months, "first lease ends"),
                    None => (terms.life_months, "first machines worn out"),
                };
                (whole_months(lead) + life, name)
            }
        };
        let inside = months > 0 && months < scenario.months;
        if inside && !ends.iter().any(|(at, _)| *at == months) {
            ends.push((months, name.to_owned()));
        }
    }
    ends
}

/// The value a decision hangs on in a chart of the world, and its name: what a rival's
/// unit costs where this is the price of one.
pub(super) fn threshold(
    scenario: &Scenario,
    outcome: &Outcome,
    fan: &Fan<'_>,
) -> Option<(f64, String)> {
    let head = fan.key.split('.').next().unwrap_or_default();
    let chip = fan.key.split('.').nth(1).unwrap_or_default();
    let owns = |place: usize| {
        let strategy = scenario.strategies.get(place);
        let served = strategy.into_iter().flat_map(|s| &s.committed);
        let own = served.filter(|c| matches!(c.kind, CommittedKind::Own(_)));
        own.flat_map(|c| c.conversions.iter().flatten())
            .any(|i| scenario.conversions.get(*i).is_some_and(|c| c.accelerator == chip))
    };
    let cheapest = |unit: &dyn Fn(usize, &StrategyOutcome) -> Option<f64>| {
        outcome
            .strategies
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((unit(i, s)?, s.name.as_str())))
            .filter(|(x, _)| x.is_finite() && *x > 0.0)
            .min_by(|a, b| a.0.total_cmp(&b.0))
    };
    match head {
        "rent" => {
            let (x, name) = cheapest(&|i, s| {
                s.usd_per_chip_hour.as_ref().filter(|_| owns(i)).map(Distribution::median)
            })?;
            Some((x, format!("a chip-hour of {name}")))
        }
        "api_fixed_quality" | "api_fixed_sku" | "api_frontier" => {
            let (x, name) = cheapest(&|i, s| {
                let calls =
                    scenario.strategies.get(i).is_some_and(StrategyPlay::buys_tokens);
                s.usd_per_mtok.as_ref().filter(|_| !calls).map(Distribution::median)
            })?;
            Some((x, format!("10⁶ tokens of {name}")))
        }
        _ => None,
    }
}

/// The share of futures above a value at the end of each year, in words.
pub(super) fn above(scenario: &Scenario, fan: &Fan<'_>, value: f64) -> String {
    let months = fan.data.quantiles.len();
    let ends = (11..months)
        .step_by(12)
        .chain((!months.is_multiple_of(12)).then(|| months.max(1) - 1));
    let said: Vec<String> = ends
        .filter_map(|month| {
            let share = share_above(fan.data.quantiles.get(month)?, value);
            Some(format!("{} {share}", month_name(scenario.start, month)))
        })
        .collect();
    said.join(", ")
}

/// What stands under a chart of its marks: nothing where it has none.
pub(super) fn words(
    scenario: &Scenario,
    outcome: &Outcome,
    fan: &Fan<'_>,
) -> Option<String> {
    if fan.owner == Owner::Pair {
        return Some(format!("Futures above zero: {}.", above(scenario, fan, 0.0)));
    }
    let (value, name) = threshold(scenario, outcome, fan)?;
    let said = above(scenario, fan, value);
    Some(format!("Futures above {name}, {}: {said}.", usd(value)))
}

/// The share of paths above a value, between the quantiles by a straight line; beyond the
/// outermost it is only known that it is less than they leave.
fn share_above(quantiles: &[f64; 9], value: f64) -> String {
    let [low, .., high] = *quantiles;
    if high - low <= 0.0 {
        return percent(if low > value { 1.0 } else { 0.0 });
    }
    if value >= high {
        return "< 1 %".to_owned();
    }
    if value < low {
        return "> 99 %".to_owned();
    }
    let above = quantiles.iter().position(|q| *q > value).unwrap_or(MEDIAN).max(1);
    let (a, b) = (quantiles[above - 1], quantiles[above]);
    let (p, q) = (QUANTILES[above - 1], QUANTILES[above]);
    let below = p + (q - p) * ((value - a) / (b - a)).clamp(0.0, 1.0);
    percent(((1.0 - below) * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::outcome::FanData;
    use crate::input::{Checker, read_str};
    use crate::profile::Catalogue;
    use crate::report::fan::FanUnit;
    use crate::scenario::{Overrides, Plan, resolve};

    const PLAN: &str = "title = 'a'\n[time]\nstart = '2027-01'\nmonths = 48\n\
        [workloads.chat.inference]\nmodel = 'llama-3.3-70b'\nrequests_per_day = 1e5\n\
        input_tokens = 1500\noutput_tokens = 300\nprecision = 'fp8'\n\
        [[strategies.build.stack]]\n[strategies.build.stack.own]\n\
        accelerator = 'nvidia-b200-hgx'\nfacility = 'colocation-us'\n\
        [strategies.build.stack.sizing.schedule]\n\
        orders = [{ month = 0, chips = 16 }, { month = 30, chips = 8 }]\n\
        [[strategies.build.stack]]\napi = {}\n\
        [[strategies.call.stack]]\napi = {}\n\
        [generations]\nyears_between = 2\nyears_since_last = 1\n\
        [[events]]\ndate = '2028-06'\nname = 'the lease ends'\n";

    #[test]
    fn a_chart_is_marked_with_what_matters_to_it() {
        let plan = read_str::<Plan>("plan.toml", PLAN);
        let plan = plan.value.unwrap_or_else(|| panic!("{:?}", plan.diagnostics));
        let mut at = Checker::new();
        let found = resolve(&plan, &Catalogue::shipped(), Overrides::default(), &mut at);
        let scenario = found.expect("the plan resolves");
        let data =
            FanData { quantiles: Vec::new(), samples: Vec::new(), curvewise: None };
        let told = |key: &str, owner: Owner| -> Vec<(u32, String)> {
            let fan = Fan {
                key: key.to_owned(),
                title: String::new(),
                unit: FanUnit::Usd,
                note: String::new(),
                owner,
                data: &data,
            };
            events(&scenario, &fan)
        };
        let lease = (17, "the lease ends".to_owned());
        let next = |i: u32, month| (month, format!("generation +{i}, median"));
        let of = |name: &str| scenario.strategies.iter().position(|s| s.name == name);
        let build = told("chips.build", Owner::Strategy(of("build").unwrap()));
        for wanted in [
            lease.clone(),
            (0, "16 chips ordered".to_owned()),
            (30, "8 chips ordered".to_owned()),
            next(1, 12),
            next(2, 36),
        ] {
            assert!(build.contains(&wanted), "{wanted:?} in {build:?}");
        }
        // Who only calls an API orders nothing and meets no new hardware.
        let call = told("monthly_cost.call", Owner::Strategy(of("call").unwrap()));
        assert_eq!(call, std::slice::from_ref(&lease));
        assert_eq!(told("demand.chat", Owner::World), std::slice::from_ref(&lease));
        let price = told("price.nvidia-b200-hgx", Owner::World);
        assert_eq!(price, [lease, next(1, 12), next(2, 36)]);
        assert_eq!(shared(&scenario), price);
    }

    #[test]
    fn the_share_above_is_read_off_the_quantiles() {
        let q = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        assert_eq!(share_above(&q, 5.0), "50 %");
        assert_eq!(share_above(&q, 4.4), "65 %");
        assert_eq!(share_above(&q, 8.0), "5 %");
        assert_eq!(share_above(&q, 9.0), "< 1 %");
        assert_eq!(share_above(&q, 0.5), "> 99 %");
        assert_eq!(share_above(&[2.0; 9], 1.0), "100 %");
        assert_eq!(share_above(&[2.0; 9], 2.0), "0 %");
    }
}
