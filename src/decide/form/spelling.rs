//! Numbers, names and units as published tables spell them.
//!
//! A number may carry a dollar sign, commas or a percent sign; a name may carry its unit in
//! brackets; a unit may be a multiple of the key's own. What is in another currency is
//! refused: nothing here knows a rate of exchange. Read next: [`super::cases`].

use crate::units::{HOURS_PER_MONTH, HOURS_PER_YEAR, MONTHS_PER_YEAR};

/// Days of a year of 8,760 hours.
const DAYS_PER_YEAR: f64 = 365.0;

/// Currencies that are not dollars, as they are written.
const FOREIGN: [&str; 8] = ["eur", "€", "gbp", "£", "jpy", "¥", "cny", "inr"];

/// A finite number: `250,141.80`, `$98.32`, `1.5e3`, `8 %` (which is 0.08).
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (text, scale) = match text.strip_suffix('%') {
        Some(rest) => (rest.trim_end(), 0.01),
        None => (text, 1.0),
    };
    let (sign, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let text = text.strip_prefix('$').unwrap_or(text).trim_start();
    if text.starts_with(['-', '+', '−']) {
        return None;
    }
    let digits = match text.split_once(',') {
        None => text.to_owned(),
        Some(_) => grouped(text)?,
    };
    let value: f64 = digits.parse().ok()?;
    value.is_finite().then_some(sign * scale * value)
}

/// A number whose commas part thousands; nothing where they could be anything else.
fn grouped(text: &str) -> Option<String> {
    let (whole, rest) = match text.split_once('.') {
        Some((whole, rest)) => (whole, Some(rest)),
        None => (text, None),
    };
    if rest.is_some_and(|rest| rest.contains(',')) {
        return None;
    }
    for (i, part) in whole.split(',').enumerate() {
        let fits = if i == 0 { (1..=3).contains(&part.len()) } else { part.len() == 3 };
        if !fits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let joined = whole.replace(',', "");
    Some(rest.map_or(joined.clone(), |rest| format!("{joined}.{rest}")))
}

/// A column's name and the unit that stands in brackets behind it.
pub(super) fn name_and_unit(text: &str) -> (String, String) {
    let (name, unit) = match text.split_once(['(', '[']) {
        Some((name, rest)) => (name, rest.trim_end_matches([')', ']', ' '])),
        None => (text, ""),
    };
    (key(name), unit.trim().to_owned())
}

/// A name as keys are written: lower case, `_` for blanks and hyphens.
pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Letters and digits alone, lower case: what two spellings of a name share.
pub(super) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// By what a value in `unit` is multiplied to be in the unit of the input `key`.
///
/// A unit that says nothing about size (`GPU`, `output tok/s`, `of capex per year`) leaves
/// the value as it is. **Errors** what is wrong, for a currency that is not the dollar.
pub(super) fn factor(key: &str, unit: &str) -> Result<f64, String> {
    let unit = unit.to_lowercase().replace("us$", "usd").replace('$', "usd");
    let unit = unit.replace(" per ", "/").replace("a year", "/year").replace(' ', "");
    if let Some(other) = FOREIGN.iter().find(|name| starts_word(&unit, name)) {
        return Err(format!(
            "`{key}` in US dollars, not in {}: convert it first",
            other.to_uppercase()
        ));
    }
    let is_share = key.contains("share")
        || key.ends_with("rate_per_year")
        || matches!(
            key,
            "utilisation" | "mfu" | "cost_of_capital_per_year" | "power_factor"
        );
    if is_share {
        let is_percent = ["%", "percent", "pct"].iter().any(|p| unit.starts_with(p));
        return Ok(if is_percent { 0.01 } else { 1.0 });
    }
    if key.contains("usd") {
        return Ok(dollars(&unit) * money_per(key, &unit));
    }
    Ok(quantity(key, &unit))
}

/// True where a unit begins with this word and not a longer one.
fn starts_word(unit: &str, word: &str) -> bool {
    let bare = unit.trim_start_matches(['k', 'm']);
    [unit, bare].iter().any(|unit| {
        unit.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })
}

fn dollars(unit: &str) -> f64 {
    // `usd/month` must not be read as `usdm`.
    match unit.split(['/', '-']).next().unwrap_or_default() {
        "k" | "kusd" | "usdk" | "thousandusd" | "usdthousand" | "1000usd" => 1e3,
        "musd" | "usdm" | "millionusd" | "usdmillion" | "usdmn" | "mnusd" => 1e6,
        "busd" | "usdb" | "billionusd" | "usdbillion" | "usdbn" | "bnusd" => 1e9,
        "c" | "ct" | "¢" | "usc" | "cent" | "cents" | "uscent" | "uscents" => 0.01,
        _ => 1.0,
    }
}

/// The time, energy or tokens that dollars are for.
fn money_per(key: &str, unit: &str) -> f64 {
    let per = |words: &[&str]| {
        words
            .iter()
            .any(|word| unit.ends_with(word) || unit.contains(&format!("{word}/")))
    };
    let year = per(&["/y", "-y", "/yr", "-yr", "/year", "-year", "/a", "peryear"]);
    let month = per(&["/mo", "-mo", "/month", "-month", "permonth", "/m"]);
    let day = per(&["/d", "/day", "-day"]);
    if key.ends_with("month") {
        if year {
            1.0 / MONTHS_PER_YEAR
        } else if day {
            DAYS_PER_YEAR / MONTHS_PER_YEAR
        } else if per(&["/h", "/hour", "/hr", "-hour"]) {
            HOURS_PER_MONTH
        } else {
            1.0
        }
    } else if key.ends_with("per_year") {
        if month { MONTHS_PER_YEAR } else { 1.0 }
    } else if key.ends_with("hour") {
        if year {
            1.0 / HOURS_PER_YEAR
        } else if month {
            1.0 / HOURS_PER_MONTH
        } else if day {
            1.0 / 24.0
        } else {
            1.0
        }
    } else if key.ends_with("per_kwh") {
        if per(&["/mwh"]) { 1e-3 } else { 1.0 }
    } else if key.contains("per_mtok") {
        if per(&["/ktok", "/1ktok", "/1ktokens", "/1000tokens", "/ktokens"]) {
            1e3
        } else if per(&["/tok", "/token"]) {
            1e6
        } else {
            1.0
        }
    } else {
        1.0
    }
}

fn quantity(key: &str, unit: &str) -> f64 {
    let head = unit.split(['/', '-']).next().unwrap_or_default();
    if key.contains("kw") {
        match head {
            "w" | "watt" | "watts" => 1e-3,
            "mw" => 1e3,
            "gw" => 1e6,
            _ => 1.0,
        }
    } else if key == "tdp_w" {
        if head == "kw" { 1e3 } else { 1.0 }
    } else if key.contains("years") {
        match head {
            "month" | "months" | "mo" => 1.0 / MONTHS_PER_YEAR,
            "day" | "days" | "d" => 1.0 / DAYS_PER_YEAR,
            _ => 1.0,
        }
    } else if key == "hours" || key == "chip_hours" {
        match (head, unit) {
            ("day" | "days" | "d", _) | (_, "gpu-days" | "chip-days" | "gpu-day") => 24.0,
            ("month" | "months", _) => HOURS_PER_MONTH,
            _ => 1.0,
        }
    } else if key.contains("tokens_per_s") {
        let thousand = if head.starts_with("ktok") { 1e3 } else { 1.0 };
        let ends = |words: &[&str]| words.iter().any(|word| unit.ends_with(word));
        if ends(&["/min", "/minute"]) {
            thousand / 60.0
        } else if ends(&["/h", "/hour"]) {
            thousand / 3600.0
        } else {
            thousand
        }
    } else if key.contains("tflops") {
        if head.starts_with('p') {
            1e3
        } else if head.starts_with('g') {
            1e-3
        } else {
            1.0
        }
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_the_ways_it_is_printed() {
        for (text, wanted) in [
            ("250141.8", Some(250_141.8)),
            ("250,141.80", Some(250_141.8)),
            ("$98.32", Some(98.32)),
            (" 1,000,000 ", Some(1e6)),
            ("-12.5", Some(-12.5)),
            ("−$3", Some(-3.0)),
            ("1.5e3", Some(1500.0)),
            ("1,5", None),
            ("12,34.5", None),
            ("1.5,000", None),
            ("nan", None),
            ("inf", None),
            ("", None),
            ("--3", None),
            ("about 3", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
        assert!((number("8 %").expect("a number") - 0.08).abs() < 1e-15);
    }

    #[test]
    fn a_unit_is_brought_to_that_of_its_key() {
        for (key, unit, wanted) in [
            ("capex_usd", "USD", 1.0),
            ("capex_usd", "kUSD", 1e3),
            ("capex_usd", "USD million", 1e6),
            ("capex_usd", "k$", 1e3),
            ("usd_per_kwh", "USD/kWh", 1.0),
            ("usd_per_kwh", "$/MWh", 1e-3),
            ("usd_per_kwh", "cents/kWh", 0.01),
            ("usd_per_kwh", "c/kWh", 0.01),
            ("cost_of_capital_per_year", "%/y", 0.01),
            ("cost_of_capital_per_year", "/y", 1.0),
            ("maintenance_share_per_year", "of capex per year", 1.0),
            ("power_kw", "W", 1e-3),
            ("power_kw", "kW", 1.0),
            ("power_kw", "MW", 1e3),
            ("life_years", "months", 1.0 / 12.0),
            ("life_years", "y", 1.0),
            ("rent_on_demand_usd_per_hour", "USD/instance-hour", 1.0),
            ("rent_usd_per_chip_hour", "USD/GPU-h", 1.0),
            ("rent_usd_per_hour", "USD/month", 1.0 / 730.0),
            ("rack_usd_per_month", "USD/rack-month", 1.0),
            ("space_usd_per_kw_month", "USD/kW-month", 1.0),
            ("space_usd_per_year", "USD/month", 12.0),
            ("api_usd_per_mtok_output", "USD/token", 1e6),
            ("api_usd_per_mtok_output", "USD/Mtok output", 1.0),
            ("tokens_per_s", "output tok/s", 1.0),
            ("tokens_per_s", "tok/min", 1.0 / 60.0),
            ("hours", "days", 24.0),
        ] {
            let found = factor(key, unit).expect("a unit");
            assert!((found / wanted - 1.0).abs() < 1e-12, "{key} in {unit}: {found}");
        }
        assert!(factor("capex_usd", "EUR").is_err());
        assert!(factor("capex_usd", "k€").is_err());
    }
}
