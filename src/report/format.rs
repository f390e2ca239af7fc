//! Numbers as people read them: `$4.13M`, `37 %`, `12.4k`.
//!
//! Every number that leaves rackcast as text for people goes through this file, so that
//! a table, a chart and a sentence show the same figure the same way. Files for machines
//! (JSON, CSV) carry full precision and do not come here. A number that is not finite is
//! written `n/a`. Read next: `report::chart`, which has the most demanding caller.

/// What becomes of zeros at the end of a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zeros {
    /// `$4.00M`: all figures of a column have the same precision.
    Keep,
    /// `$4M`: the number is round and says so, as on an axis.
    Trim,
}

/// A prefix and the power of ten it stands for.
type Prefix = (i32, &'static str);

/// Short-scale prefixes, as used for money and counts.
const SHORT: &[Prefix] = &[(0, ""), (3, "k"), (6, "M"), (9, "B"), (12, "T")];

/// Prefixes of the international system of units.
const INTERNATIONAL: &[Prefix] = &[
    (-12, "p"),
    (-9, "n"),
    (-6, "µ"),
    (-3, "m"),
    (0, ""),
    (3, "k"),
    (6, "M"),
    (9, "G"),
    (12, "T"),
    (15, "P"),
    (18, "E"),
    (21, "Z"),
    (24, "Y"),
];

const NOT_A_NUMBER: &str = "n/a";

/// US dollars to three significant digits: `$4.13M`, `-$22.0k`, `$0.35`.
pub fn usd(x: f64) -> String {
    usd_to(x, 3, Zeros::Keep)
}

/// US dollars in full: `$4,131,250`; with cents below ten dollars.
pub fn usd_full(x: f64) -> String {
    if !x.is_finite() {
        return NOT_A_NUMBER.to_owned();
    }
    let decimals = if x.abs() < 9.995 && x != 0.0 { 2 } else { 0 };
    let digits = format!("{:.decimals$}", x.abs());
    signed(x, "$", &grouped(&digits))
}

/// A share of one as a percentage: `37 %`, `3.7 %`, `99.9 %`.
pub fn percent(share: f64) -> String {
    let points = share * 100.0;
    if !points.is_finite() {
        return NOT_A_NUMBER.to_owned();
    }
    // Between 99 and 100 the distance to 100 is what people look for.
    if (99.0..100.0).contains(&points.abs()) {
        if points.abs() >= 99.95 {
            let sign = if points < 0.0 { "< -" } else { "> " };
            return format!("{sign}99.9 %");
        }
        return percent_to(share, 3);
    }
    percent_to(share, if points.abs() >= 99.5 { 3 } else { 2 })
}

/// A count to three significant digits: `950`, `12.4k`, `3.20M`.
pub fn count(x: f64) -> String {
    count_to(x, 3, if x.abs() < 999.5 { Zeros::Trim } else { Zeros::Keep })
}

/// A quantity with a prefix of the international system: `1.20 GFLOP/s per $`.
pub fn si(x: f64, unit: &str) -> String {
    format!("{}{unit}", si_to(x, 3, Zeros::Keep)).trim_end().to_owned()
}

/// US dollars to `digits` significant digits.
pub(crate) fn usd_to(x: f64, digits: usize, zeros: Zeros) -> String {
    let Some((number, prefix)) = parts(x, digits, zeros, SHORT) else {
        return NOT_A_NUMBER.to_owned();
    };
    let mut number = number;
    // Below a dollar, `$0.350` would look like a price with tenths of a cent.
    if zeros == Zeros::Keep && prefix.is_empty() && x.abs() < 1.0 {
        while number.ends_with('0') && decimals(&number) > 2 {
            number.pop();
        }
    }
    // Money has cents or it does not: `$0.5` is `$0.50`, also on an axis.
    if decimals(&number) == 1 && prefix.is_empty() && x.abs() < 9.995 {
        number.push('0');
    }
    signed(x, "$", &format!("{number}{prefix}"))
}

/// A share of one as a percentage with at most `digits` significant digits.
pub(crate) fn percent_to(share: f64, digits: usize) -> String {
    let points = share * 100.0;
    match parts(points, digits, Zeros::Trim, &[(0, "")]) {
        Some((number, _)) => format!("{} %", signed(points, "", &number)),
        None => NOT_A_NUMBER.to_owned(),
    }
}

/// A count to `digits` significant digits.
pub(crate) fn count_to(x: f64, digits: usize, zeros: Zeros) -> String {
    match parts(x, digits, zeros, SHORT) {
        Some((number, prefix)) => signed(x, "", &format!("{number}{prefix}")),
        None => NOT_A_NUMBER.to_owned(),
    }
}

/// A number and its prefix of the international system, `1.20 G`.
pub(crate) fn si_to(x: f64, digits: usize, zeros: Zeros) -> String {
    match parts(x, digits, zeros, INTERNATIONAL) {
        Some((number, prefix)) => signed(x, "", &format!("{number} {prefix}")),
        None => NOT_A_NUMBER.to_owned(),
    }
}

/// Digits and prefix of the size of `x`, rounded once, so that 999,999.9 becomes 1.00 M
/// and never 1000 k. `None` for a number that is not finite.
fn parts(
    x: f64,
    digits: usize,
    zeros: Zeros,
    prefixes: &[Prefix],
) -> Option<(String, &'static str)> {
    if !x.is_finite() {
        return None;
    }
    if x == 0.0 {
        return Some(("0".to_owned(), ""));
    }
    let digits = digits.max(1);
    let scientific = format!("{:.*e}", digits - 1, x.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let fits = prefixes.iter().rev().find(|(power, _)| *power <= exponent);
    let &(power, prefix) = fits.or(prefixes.first())?;
    let places = exponent - power;
    // More leading zeros or digits than a person counts at a glance.
    if !(-5..=8).contains(&places) {
        return Some((trimmed(mantissa.to_owned(), zeros) + &format!("e{exponent}"), ""));
    }
    let significant = mantissa.replace('.', "");
    let number = match usize::try_from(places) {
        Ok(places) if places + 1 >= significant.len() => {
            format!("{significant:0<width$}", width = places + 1)
        }
        Ok(places) => {
            let (whole, fraction) = significant.split_at(places + 1);
            format!("{whole}.{fraction}")
        }
        Err(_) => {
            let zeros = usize::try_from(-places - 1).unwrap_or(0);
            format!("0.{}{significant}", "0".repeat(zeros))
        }
    };
    Some((grouped(&trimmed(number, zeros)), prefix))
}

fn trimmed(number: String, zeros: Zeros) -> String {
    if zeros == Zeros::Keep || !number.contains('.') {
        return number;
    }
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn decimals(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// Commas between groups of three digits of the whole part; `digits` has no sign.
fn grouped(digits: &str) -> String {
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// The sign, the currency and the number; a number that rounds to zero has no sign.
fn signed(x: f64, currency: &str, number: &str) -> String {
    let zero = !number.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let sign = if x < 0.0 && !zero { "-" } else { "" };
    format!("{sign}{currency}{number}")
}

/// A count in full, with commas: `20,000`.
pub fn whole(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_full_have_commas() {
        assert_eq!(whole(0), "0");
        assert_eq!(whole(999), "999");
        assert_eq!(whole(20_000), "20,000");
        assert_eq!(whole(1_000_000_000), "1,000,000,000");
    }
    use rstest::rstest;

    #[rstest]
    #[case(0.0, "$0")]
    #[case(-0.0, "$0")]
    #[case(0.000_043_2, "$0.0000432")]
    #[case(4.32e-9, "$4.32e-9")]
    #[case(0.0432, "$0.0432")]
    #[case(0.125, "$0.125")]
    #[case(0.35, "$0.35")]
    #[case(0.5, "$0.50")]
    #[case(4.126, "$4.13")]
    #[case(9.999, "$10.0")]
    #[case(95.25, "$95.2")]
    #[case(950.0, "$950")]
    #[case(999.9, "$1.00k")]
    #[case(22_000.0, "$22.0k")]
    #[case(999_999.9, "$1.00M")]
    #[case(4_131_250.0, "$4.13M")]
    #[case(-4_131_250.0, "-$4.13M")]
    #[case(650e9, "$650B")]
    #[case(1.2e12, "$1.20T")]
    #[case(1e15, "$1,000T")]
    #[case(1e18, "$1,000,000T")]
    #[case(1e24, "$1.00e24")]
    #[case(f64::NAN, "n/a")]
    #[case(f64::INFINITY, "n/a")]
    fn dollars_have_three_digits(#[case] x: f64, #[case] text: &str) {
        assert_eq!(usd(x), text);
    }

    #[rstest]
    #[case(4_131_250.4, "$4,131,250")]
    #[case(-4_131_250.4, "-$4,131,250")]
    #[case(0.0, "$0")]
    #[case(-0.001, "$0.00")]
    #[case(4.126, "$4.13")]
    #[case(9.996, "$10")]
    #[case(950.0, "$950")]
    #[case(999.9, "$1,000")]
    #[case(1e18, "$1,000,000,000,000,000,000")]
    fn dollars_in_full_are_grouped(#[case] x: f64, #[case] text: &str) {
        assert_eq!(usd_full(x), text);
    }

    #[rstest]
    #[case(0.0, "0 %")]
    #[case(0.374, "37 %")]
    #[case(0.0374, "3.7 %")]
    #[case(0.0996, "10 %")]
    #[case(0.02, "2 %")]
    #[case(0.000_41, "0.041 %")]
    #[case(0.994, "99.4 %")]
    #[case(0.9999, "> 99.9 %")]
    #[case(1.0, "100 %")]
    #[case(1.234, "123 %")]
    #[case(-0.374, "-37 %")]
    #[case(f64::NAN, "n/a")]
    fn a_share_is_read_in_percent(#[case] x: f64, #[case] text: &str) {
        assert_eq!(percent(x), text);
    }

    #[rstest]
    #[case(0.0, "0")]
    #[case(3.0, "3")]
    #[case(3.5, "3.5")]
    #[case(999.7, "1.00k")]
    #[case(12_400.0, "12.4k")]
    #[case(3.2e6, "3.20M")]
    #[case(-3.2e6, "-3.20M")]
    fn a_count_has_short_prefixes(#[case] x: f64, #[case] text: &str) {
        assert_eq!(count(x), text);
    }

    #[rstest]
    #[case(1.2e9, "FLOP/s per $", "1.20 GFLOP/s per $")]
    #[case(999.96e6, "FLOP/s", "1.00 GFLOP/s")]
    #[case(3.5, "W", "3.50 W")]
    #[case(0.0035, "s", "3.50 ms")]
    #[case(0.0, "W", "0 W")]
    #[case(5.0, "", "5.00")]
    #[case(1e30, "FLOP", "1,000,000 YFLOP")]
    fn a_quantity_has_international_prefixes(
        #[case] x: f64,
        #[case] unit: &str,
        #[case] text: &str,
    ) {
        assert_eq!(si(x, unit), text);
    }

    #[test]
    fn round_numbers_lose_their_zeros_on_an_axis() {
        let axis = |x| usd_to(x, 3, Zeros::Trim);
        assert_eq!(
            [0.0, 0.5, 2.0, 500.0, 5e5, 2e7].map(axis),
            ["$0", "$0.50", "$2", "$500", "$500k", "$20M"]
        );
    }
}
