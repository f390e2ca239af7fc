//! What published files call a figure, and what they say in its name.
//!
//! The name may carry the one input that differs (`be_util_at_rent_1.99`,
//! `be_util_sensitivity_life=3`, `be_util_batch_vs_NAME 0.10/0.32`), the years (`cloud_3y`),
//! the commitment (`breakeven_hours_reserved_1y`), the model whose tokens are counted and the
//! cloud that is meant (`usd_per_mtok_70B_azure_od`). Read next: [`super::published`].

use super::{Answer, Figure, spelling};

/// What published files call an answer, and its key.
const ALSO: [(&str, &str); 20] = [
    ("onprem", "onprem_usd"),
    ("own_usd", "onprem_usd"),
    ("cloud", "cloud_usd"),
    ("rent_total", "cloud_usd"),
    ("savings", "savings_usd"),
    ("saving", "savings_usd"),
    ("break_even_hours", "breakeven_hours"),
    ("break_even_months", "breakeven_months"),
    ("break_even_hours_per_day", "breakeven_hours_per_day"),
    ("break_even_utilisation", "be_util"),
    ("breakeven_utilisation", "be_util"),
    ("breakeven_utilization", "be_util"),
    ("hourly_amortized", "hourly_amortised"),
    ("own_usd_per_hour", "hourly_amortised"),
    ("total_dec2024usd_repro", "capex_energy_usd"),
    ("epoch_capex_energy_usd", "capex_energy_usd"),
    ("epoch_acquisition_usd", "acquisition_usd"),
    ("epoch_cloud_usd", "cloud_usd"),
    ("opex_usd_per_hour", "opex_hourly"),
    ("running_usd_per_hour", "opex_hourly"),
];

/// Commitments as names end in them, and the tail of the key.
const TERMS: [(&str, &str); 12] = [
    ("on_demand", "_on_demand"),
    ("ondemand", "_on_demand"),
    ("od", "_on_demand"),
    ("reserved_1y", "_reserved_1y"),
    ("reserved_3y", "_reserved_3y"),
    ("reserved_5y", "_reserved_5y"),
    ("res_1y", "_reserved_1y"),
    ("res_3y", "_reserved_3y"),
    ("res_5y", "_reserved_5y"),
    ("ri_1y", "_reserved_1y"),
    ("ri_3y", "_reserved_3y"),
    ("ri_5y", "_reserved_5y"),
];

/// One way to read the name of a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FigureName {
    /// Keys that it may have among the lines of an answer, the likeliest first.
    keys: Vec<String>,
    /// Inputs that the name carries, by name and text.
    pub inputs: Vec<(String, String)>,
    /// Model whose speed is meant.
    pub model: Option<String>,
    /// Provider that is meant.
    pub against: Option<String>,
    /// True if a published name stands for a key of another name.
    other: bool,
}

impl FigureName {
    fn of(base: &str) -> Self {
        let known = ALSO.iter().filter(|(also, _)| *also == base);
        let mut keys = vec![base.to_owned()];
        keys.extend(known.map(|(_, key)| (*key).to_owned()));
        let other = keys.len() > 1;
        // A file that gives one rent only names no commitment.
        let tails = ["_on_demand", "_batch"];
        let more: Vec<String> = keys
            .iter()
            .flat_map(|key| tails.iter().map(move |tail| format!("{key}{tail}")))
            .collect();
        keys.extend(more);
        Self { keys, other, ..Self::default() }
    }

    /// The first figure of an answer that has this name.
    pub(super) fn find(&self, answer: &Answer) -> Option<Figure> {
        self.keys.iter().find_map(|key| answer.figure(key))
    }

    /// True for a name that stands for a key of another name.
    pub(super) fn is_other(&self) -> bool {
        self.other
    }
}

/// By what a figure is multiplied to be in a printed unit.
pub(super) fn scale(unit: &str) -> f64 {
    if unit.trim_start().starts_with('%') {
        return 100.0;
    }
    // A key of dollars and no time: multiples of the dollar alone count here.
    spelling::factor("usd", unit).map_or(1.0, f64::recip)
}

/// Every way to read the name of a figure, the likeliest first.
pub(super) fn of(quantity: &str) -> Vec<FigureName> {
    if let Some((base, rest)) = quantity.split_once("_sensitivity_")
        && let Some((key, value)) = rest.split_once('=')
    {
        return vec![with(base, vec![(key.to_owned(), value.to_owned())])];
    }
    if let Some((base, rest)) = quantity.split_once("_at_")
        && let Some((key, value)) = rest.rsplit_once(['_', '='])
        && spelling::number(value).is_some()
    {
        return vec![with(base, vec![(key.to_owned(), value.to_owned())])];
    }
    // `…_vs_NAME in/out`, or `…_req_NAME in/out`: prices of an API.
    if let Some((name, prices)) = quantity.rsplit_once(' ')
        && let Some((price_in, price_out)) = prices.split_once('/')
    {
        let base = match name.split_once("_vs_") {
            Some((base, _)) => base,
            None => name.rsplit_once('_').map_or(name, |(base, _)| base),
        };
        let both = [
            ("api_usd_per_mtok_input", price_in),
            ("api_usd_per_mtok_output", price_out),
        ];
        let both = both.map(|(key, value)| (key.to_owned(), value.to_owned()));
        return vec![with(base, both.into())];
    }
    let mut all = vec![FigureName::of(quantity)];
    if let Some((base, years)) = years(quantity) {
        all.push(with(base, vec![("years".to_owned(), years.to_owned())]));
    }
    if let Some(rest) = quantity.strip_prefix("usd_per_mtok_") {
        all.extend(tokens(rest));
    }
    all
}

fn with(base: &str, inputs: Vec<(String, String)>) -> FigureName {
    FigureName { inputs, ..FigureName::of(base) }
}

/// `cloud_5y`: its base and years. A commitment (`reserved_1y`) is none.
fn years(quantity: &str) -> Option<(&str, &str)> {
    let (base, last) = quantity.rsplit_once('_')?;
    let years = last.strip_suffix('y')?;
    let is_commitment = TERMS.iter().any(|(term, _)| quantity.ends_with(term));
    let is_number = !years.is_empty() && years.bytes().all(|b| b.is_ascii_digit());
    (is_number && !is_commitment).then_some((base, years))
}

/// `70B`, or `70B_azure_od`: a model, and the provider and commitment whose rent is meant.
fn tokens(rest: &str) -> Vec<FigureName> {
    let own =
        FigureName { model: Some(rest.to_owned()), ..FigureName::of("usd_per_mtok") };
    let lower = rest.to_lowercase();
    let (before, tail) = TERMS
        .iter()
        .find_map(|(term, tail)| {
            let at = lower.strip_suffix(term)?.strip_suffix('_')?.len();
            Some((&rest[..at], *tail))
        })
        .unwrap_or((rest, "_on_demand"));
    let rented = |model: &str, provider: Option<&str>| FigureName {
        model: Some(model.to_owned()),
        against: provider.map(str::to_owned),
        keys: vec![format!("usd_per_mtok{tail}_rent"), "usd_per_mtok_rent".to_owned()],
        ..FigureName::default()
    };
    let mut all = vec![own];
    if let Some((model, provider)) = before.rsplit_once('_') {
        all.push(rented(model, Some(provider)));
    }
    if before != rest {
        all.push(rented(before, None));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_was_found_at() {
        let rent = &of("be_util_at_rent_1.99")[0];
        assert_eq!(rent.inputs, [("rent".to_owned(), "1.99".to_owned())]);
        let years = &of("cloud_3y")[1];
        assert_eq!(years.inputs, [("years".to_owned(), "3".to_owned())]);
        assert!(years.keys.contains(&"cloud_usd".to_owned()), "{years:?}");
        assert_eq!(of("breakeven_hours_reserved_1y").len(), 1);
        let all = of("usd_per_mtok_70B_azure_od");
        let last = all.iter().find(|name| name.against.is_some()).expect("a provider");
        assert_eq!(last.model.as_deref(), Some("70B"));
        assert_eq!(last.against.as_deref(), Some("azure"));
        assert_eq!(last.keys[0], "usd_per_mtok_on_demand_rent");
    }
}
