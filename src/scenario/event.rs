//! Dated events that a plan names, to be marked on its charts.
//!
//! They move nothing: what moves something is a trajectory, a shock or an order. They say
//! beside the fan what a reader has in mind: a contract that ends, a round of funding, a
//! law that comes into force. Read next: `report::mark`, which draws them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Checker, When};

use super::plan::Time;

/// Most events of a plan: more are no help on a chart.
const MOST: usize = 12;
/// Letters of a name.
const LONGEST: usize = 60;

/// Something that happens at a date.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    /// When, such as "2028-06", within the plan's months.
    pub date: When,
    /// What, in a few words.
    pub name: String,
}

impl EventSpec {
    /// The month of the plan in which it happens; nothing outside its months.
    pub(super) fn month(&self, time: &Time) -> Option<u32> {
        let month = u32::try_from(time.start.months_until(&self.date)).ok()?;
        (month < time.months).then_some(month)
    }
}

/// Checks all events of a plan (E0201).
pub(super) fn check(events: &[EventSpec], time: &Time, at: &mut Checker) {
    if events.len() > MOST {
        let found = events.len();
        at.push(
            "E0201",
            format!("a plan marks {MOST} events at most, found {found}"),
            "keep those that the choice hangs on".to_owned(),
        );
    }
    for (i, event) in events.iter().enumerate() {
        at.at(i, |at| {
            if event.month(time).is_none() {
                let (months, start) = (time.months, time.start.as_str());
                at.at("date", |at| {
                    at.push(
                        "E0201",
                        format!(
                            "`date` must be within the {months} months from {start}, found {}",
                            event.date.as_str()
                        ),
                        "leave out what happens before or after the plan".to_owned(),
                    );
                });
            }
            let letters = event.name.trim().chars().count();
            if !(1..=LONGEST).contains(&letters) {
                at.at("name", |at| {
                    at.push(
                        "E0201",
                        format!(
                            "`name` must have 1 to {LONGEST} letters, found {letters}"
                        ),
                        "say in a few words what happens".to_owned(),
                    );
                });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::input::read_str;
    use crate::scenario::Plan;

    const PLAN: &str = "title = 'a'\ncompare = ['api']\n\
        [time]\nstart = '2027-01'\nmonths = 24\n\
        [workloads.chat.inference]\nmodel = 'llama-3.3-70b'\nrequests_per_day = 1e5\n\
        input_tokens = 1500\noutput_tokens = 300\nprecision = 'fp8'\n";

    fn read(events: &str) -> Vec<(&'static str, String)> {
        let read = read_str::<Plan>("plan.toml", &format!("{PLAN}{events}"));
        let told = read.diagnostics.iter();
        told.map(|d| (d.code, d.key_path.join("."))).collect()
    }

    #[test]
    fn events_lie_within_the_plan_and_have_a_name() {
        let event = |date: &str, name: &str| {
            format!("[[events]]\ndate = '{date}'\nname = '{name}'\n")
        };
        assert_eq!(read(&event("2028-12", "the lease of the hall ends")), []);
        let outside = ("E0201", "events.0.date".to_owned());
        assert_eq!(read(&event("2026-12", "before")), std::slice::from_ref(&outside));
        assert_eq!(read(&event("2029-01", "after")), [outside]);
        assert_eq!(
            read(&event("2028-01", &"long ".repeat(20))),
            [("E0201", "events.0.name".to_owned())]
        );
        assert_eq!(read(&event("2028-01", " ")).len(), 1);
        assert_eq!(read(&event("2028-01", "one").repeat(13)).len(), 1);
    }
}
