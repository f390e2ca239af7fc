//! Months of the calendar along the bottom of a chart.
//!
//! Labels are thinned to what fits and fall on Januaries and Julies where they can; the
//! first month is always named, for it is where the forecast starts. Read next: `plot.rs`.

const NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Months between labels, and every further step is a multiple of ten years.
const STEPS: [usize; 8] = [1, 2, 3, 6, 12, 24, 60, 120];

/// A month on the calendar, counted from January of year zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month(i64);

impl Month {
    /// Year and month (1 to 12); a month outside that counts on into other years.
    pub(super) fn new((year, month): (i32, u32)) -> Self {
        Self(i64::from(year) * 12 + i64::from(month) - 1)
    }

    /// The month that is `months` later.
    pub(super) fn after(self, months: usize) -> Self {
        Self(self.0.saturating_add(i64::try_from(months).unwrap_or(i64::MAX)))
    }

    /// `Jan 2027`
    pub(super) fn name(self) -> String {
        let month = usize::try_from(self.0.rem_euclid(12)).unwrap_or(0);
        format!("{} {}", NAMES[month], self.0.div_euclid(12))
    }
}

/// The name of the month that is `months` after `start` (year and month, 1 to 12).
pub fn month_name(start: (i32, u32), months: usize) -> String {
    Month::new(start).after(months).name()
}

/// The months to label out of `months`, when labels need `apart` months between them.
pub(super) fn ticks(start: Month, months: usize, apart: f64) -> Vec<usize> {
    let fits = |step: &usize| crate::units::count(*step) >= apart;
    let decades = (2..).map(|n| 120 * n);
    let step =
        STEPS.into_iter().chain(decades).take(100).find(fits).unwrap_or(months.max(1));
    let on_calendar = |month: &usize| {
        i64::try_from(step).is_ok_and(|step| start.after(*month).0.rem_euclid(step) == 0)
    };
    let mut ticks = vec![0];
    ticks.extend((1..months).filter(on_calendar));
    // The start keeps its label; a round date that would run into it gives way.
    if ticks.len() > 1 && crate::units::count(ticks[1]) < apart {
        ticks.remove(1);
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fall_on_round_dates_and_on_the_start() {
        let names = |start, months, apart| -> Vec<String> {
            let start = Month::new(start);
            ticks(start, months, apart)
                .into_iter()
                .map(|m| start.after(m).name())
                .collect()
        };
        assert_eq!(names((2027, 1), 13, 4.0), ["Jan 2027", "Jul 2027", "Jan 2028"]);
        assert_eq!(names((2027, 3), 12, 3.5), ["Mar 2027", "Jul 2027", "Jan 2028"]);
        assert_eq!(names((2027, 11), 20, 5.0), ["Nov 2027", "Jul 2028", "Jan 2029"]);
        assert_eq!(names((2027, 1), 1, 3.0), ["Jan 2027"]);
        assert_eq!(names((0, 0), 1, 3.0), ["Dec -1"]);
    }

    #[test]
    fn labels_never_come_closer_than_they_fit() {
        for months in [1, 2, 12, 48, 120, 600, 3000] {
            for apart in [0.1, 1.0, 3.7, 40.0, 500.0] {
                let ticks = ticks(Month::new((2026, 11)), months, apart);
                assert!(
                    ticks.windows(2).all(|w| crate::units::count(w[1] - w[0]) >= apart)
                );
            }
        }
    }
}
