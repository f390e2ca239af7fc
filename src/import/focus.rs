//! A bill in FOCUS 1.0 to 1.2 (CSV) → effective rates, demand by month, and waste.
//!
//! One row a charge. Usage counts at its effective cost, which carries what was paid for
//! commitments; purchases would count that twice and are dropped, as are taxes, credits
//! and corrections. Which chips a SKU has is in no column: the caller says so, and SKUs
//! nobody named are listed with their cost. **Source** FinOps Open Cost and Usage
//! Specification, columns and allowed values of 1.0 to 1.2.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Dropped, Imported, Origin, offer_file, tidy};
use crate::input::{Diagnostics, Table, Uncertain, When};
use crate::profile::Offer;
use crate::profile::offer::{ChipPrice, Segment};

/// What a SKU is: the id of an accelerator, and chips of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sku {
    /// As the bill names it, in `SkuId` or `SkuPriceId`.
    pub sku: String,
    /// Id of the accelerator.
    pub accelerator: String,
    /// Chips that an hour of it holds.
    pub chips: f64,
}

/// SKUs listed that nobody named.
const LISTED: usize = 10;

/// How it was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Paid {
    Standard,
    Dynamic,
    Committed,
}

impl Paid {
    fn of(category: &str) -> Option<Self> {
        match category {
            "Standard" | "On-Demand" => Some(Self::Standard),
            "Dynamic" => Some(Self::Dynamic),
            "Committed" | "Commitment Based" => Some(Self::Committed),
            _ => None,
        }
    }
}

/// Chip-hours and dollars.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    hours: f64,
    usd: f64,
}

impl Sum {
    fn add(&mut self, hours: f64, usd: f64) {
        self.hours += hours;
        self.usd += usd;
    }

    fn rate(self) -> Option<Uncertain> {
        (self.hours > 0.0 && self.usd > 0.0)
            .then(|| Uncertain::from(tidy(self.usd / self.hours)))
    }
}

#[derive(Default)]
struct Bill {
    paid: BTreeMap<(String, Paid), Sum>,
    months: BTreeMap<(String, String), f64>,
    unused: Sum,
    used_committed: Sum,
    unnamed: BTreeMap<String, f64>,
    last: Option<String>,
    kept: usize,
}

/// Reads a bill. `committed_years` is the term of its commitments, which it does not say.
///
/// **Errors** E0601 where a column is missing, E0603 at a row whose figures are none or not
/// in US dollars, E0802 where nothing is left, with the SKUs that cost most.
/// **Checked by** a bill by hand, below.
pub fn import(
    mut table: Table,
    origin: &Origin,
    segment: Segment,
    skus: &[Sku],
    committed_years: Option<u32>,
) -> Result<Imported, Diagnostics> {
    let mut dropped = Dropped::default();
    let Some(bill) = read(&mut table, skus, &mut dropped) else {
        return Err(table.diagnostics);
    };
    let mut unnamed: Vec<(&String, &f64)> = bill.unnamed.iter().collect();
    unnamed.sort_by(|a, b| b.1.total_cmp(a.1));
    // All count, the dearest are named.
    for (place, (sku, usd)) in unnamed.iter().enumerate() {
        let named =
            if place < LISTED { format!("{sku} {usd:.0} USD") } else { String::new() };
        dropped.note("SKUs without --sku", &named);
    }
    let chips = chip_prices(&bill, origin, committed_years, &mut dropped);
    if chips.is_empty() {
        let message =
            format!("no rate of a named SKU is left: {}", dropped.lines().join("; "));
        let help = "name chips of a SKU: --sku SKU=nvidia-h100-sxm:8".to_owned();
        table.header_problem("E0802", message, Some(help));
        return Err(table.diagnostics);
    }
    let offer = Offer {
        id: origin.id.clone(),
        name: origin.provider.clone(),
        segment,
        doubts: vec![
            "Effective rates of one bill: what was paid, not what is offered.".to_owned(),
        ],
        sources: origin.sources("bill"),
        chips,
        api: Vec::new(),
    };
    match offer_file(&offer, &dropped) {
        Ok(text) => {
            Ok(Imported { text: text + &remarks(&bill), kept: bill.kept, dropped })
        }
        Err(e) => {
            let message = format!("the price list cannot be written: {e}");
            table.header_problem("E0802", message, None);
            Err(table.diagnostics)
        }
    }
}

/// Why a charge is no usage of its own month, if so.
fn no_usage(category: &str, class: &str) -> Option<&'static str> {
    match (category, class) {
        ("Usage", "Correction") => Some("corrections of earlier bills"),
        ("Usage", _) => None,
        ("Purchase", _) => {
            Some("purchases, which the effective cost of usage carries already")
        }
        ("Tax" | "Credit" | "Adjustment", _) => Some("taxes, credits and adjustments"),
        _ => Some("charges of no known category"),
    }
}

/// The sums of a bill; nothing where the table has problems, which it then holds.
fn read(table: &mut Table, skus: &[Sku], dropped: &mut Dropped) -> Option<Bill> {
    let needed = [
        "billingcurrency",
        "chargecategory",
        "chargeperiodstart",
        "consumedquantity",
        "effectivecost",
    ];
    let missing: Vec<&str> =
        needed.into_iter().filter(|name| table.column(name).is_none()).collect();
    if !missing.is_empty() {
        let message =
            format!("a FOCUS bill has columns that are not here: {}", missing.join(", "));
        table.header_problem("E0601", message, None);
        return None;
    }
    let header = table.header.clone();
    let mut bill = Bill::default();
    for row in 0..table.rows.len() {
        let cells = std::mem::take(&mut table.rows[row].cells);
        let cell = |name: &str| {
            let at = header.iter().position(|h| h == name);
            at.and_then(|at| cells.get(at)).map(String::as_str).unwrap_or_default()
        };
        let category = cell("chargecategory");
        if let Some(reason) = no_usage(category, cell("chargeclass")) {
            dropped.note(reason, "");
            continue;
        }
        let currency = cell("billingcurrency");
        if currency != "USD" {
            let message = format!("the bill must be in USD, found `{currency}`");
            let help = "convert it first, and say at which rate in --source".to_owned();
            table.problem(row, "E0603", message, Some(help));
            continue;
        }
        let mut number = |name: &str| match cell(name).parse::<f64>() {
            Ok(x) if x.is_finite() => Some(x),
            // Nothing written is not 0: it may not be known yet.
            _ if cell(name).is_empty() => Some(f64::NAN),
            _ => {
                let message =
                    format!("`{name}` must be a number, found `{}`", cell(name));
                table.problem(row, "E0603", message, None);
                None
            }
        };
        let (Some(usd), Some(quantity)) =
            (number("effectivecost"), number("consumedquantity"))
        else {
            continue;
        };
        let names = [cell("skuid"), cell("skupriceid")];
        let Some(sku) = skus.iter().find(|s| names.contains(&s.sku.as_str())) else {
            let cost = if usd.is_nan() { 0.0 } else { usd };
            *bill.unnamed.entry(names[0].to_owned()).or_default() += cost;
            continue;
        };
        let is_unused = cell("commitmentdiscountstatus") == "Unused";
        let unit = cell("consumedunit").to_lowercase();
        if !is_unused && !["hours", "hour", "hrs", "hr"].contains(&unit.as_str()) {
            dropped.note("quantities that are no hours", &sku.sku);
            continue;
        }
        let Some(paid) = Paid::of(cell("pricingcategory")) else {
            dropped.note("usage of no known pricing category", &sku.sku);
            continue;
        };
        if usd.is_nan() || (quantity.is_nan() && !is_unused) {
            dropped.note("usage without a cost or a quantity", &sku.sku);
            continue;
        }
        let month: String = cell("chargeperiodstart").chars().take(7).collect();
        if month.len() != 7 || month.parse::<When>().is_err() {
            let found = cell("chargeperiodstart");
            let message = format!(
                "`chargeperiodstart` must be as 2026-10-05T00:00:00Z, found `{found}`"
            );
            table.problem(row, "E0603", message, None);
            continue;
        }
        bill.kept += 1;
        let hours = quantity * sku.chips;
        if is_unused {
            bill.unused.add(0.0, usd);
            continue;
        }
        if paid == Paid::Committed {
            bill.used_committed.add(hours, usd);
        }
        let place = (sku.accelerator.clone(), paid);
        bill.paid.entry(place).or_default().add(hours, usd);
        if bill.last.as_ref().is_none_or(|last| *last < month) {
            bill.last = Some(month.clone());
        }
        *bill.months.entry((sku.accelerator.clone(), month)).or_default() += hours;
    }
    (!table.diagnostics.has_errors()).then_some(bill)
}

fn chip_prices(
    bill: &Bill,
    origin: &Origin,
    committed_years: Option<u32>,
    dropped: &mut Dropped,
) -> Vec<ChipPrice> {
    let accelerators: std::collections::BTreeSet<&String> =
        bill.paid.keys().map(|(accelerator, _)| accelerator).collect();
    let as_of: When = bill
        .last
        .as_deref()
        .and_then(|month| month.parse().ok())
        .unwrap_or_else(|| origin.as_of.clone());
    let mut prices = Vec::new();
    for accelerator in accelerators {
        let rate = |paid: Paid| {
            bill.paid.get(&(accelerator.clone(), paid)).copied().and_then(Sum::rate)
        };
        let committed = rate(Paid::Committed);
        if committed.is_some() && !matches!(committed_years, Some(1 | 3 | 5)) {
            let reason = "committed rates, whose term a bill does not say: give \
                          --committed-years 1, 3 or 5";
            dropped.note(reason, accelerator);
        }
        let of_term = |years: u32| committed.filter(|_| committed_years == Some(years));
        let price = ChipPrice {
            accelerator: accelerator.clone(),
            sku: None,
            region: None,
            source: "bill".to_owned(),
            as_of: as_of.clone(),
            on_demand_usd_per_chip_hour: rate(Paid::Standard),
            reserved_1y_usd_per_chip_hour: of_term(1),
            reserved_3y_usd_per_chip_hour: of_term(3),
            reserved_5y_usd_per_chip_hour: of_term(5),
            spot_usd_per_chip_hour: rate(Paid::Dynamic),
        };
        let is_empty = [
            price.on_demand_usd_per_chip_hour,
            price.reserved_1y_usd_per_chip_hour,
            price.reserved_3y_usd_per_chip_hour,
            price.reserved_5y_usd_per_chip_hour,
            price.spot_usd_per_chip_hour,
        ]
        .iter()
        .all(Option::is_none);
        if !is_empty {
            prices.push(price);
        }
    }
    prices
}

/// Demand and waste, as remarks below the price list.
fn remarks(bill: &Bill) -> String {
    let mut out = "\n# Demand of the bill, chip-hours by month:\n".to_owned();
    for ((accelerator, month), hours) in &bill.months {
        // Writing to a string does not fail.
        let _ = writeln!(out, "#   {accelerator} {month} {hours:.1}");
    }
    let committed = bill.unused.usd + bill.used_committed.usd;
    if committed > 0.0 {
        let _ = writeln!(
            out,
            "# Commitments: {:.2} USD, of which {:.1} % unused.",
            committed,
            100.0 * bill.unused.usd / committed
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::read_str;

    const HEAD: &str = "BillingCurrency,ChargeCategory,ChargeClass,ChargePeriodStart,\
         CommitmentDiscountStatus,ConsumedQuantity,ConsumedUnit,EffectiveCost,PricingCategory,\
         SkuId\n";

    fn imported(rows: &str, years: Option<u32>) -> Result<Imported, Diagnostics> {
        let table = Table::parse("bill.csv", &format!("{HEAD}{rows}")).unwrap();
        let origin = Origin {
            id: "ours".to_owned(),
            provider: "Our bill".to_owned(),
            as_of: "2026-11-23".parse().unwrap(),
            title: "Bill of October".to_owned(),
            url: None,
        };
        let skus = [Sku {
            sku: "big".to_owned(),
            accelerator: "nvidia-h100-sxm".to_owned(),
            chips: 8.0,
        }];
        import(table, &origin, Segment::Hyperscaler, &skus, years)
    }

    const BILL: &str = "\
USD,Usage,,2026-09-01T00:00:00Z,,10,Hours,400,Standard,big
USD,Usage,,2026-10-01T00:00:00Z,,20,Hours,320,Dynamic,big
USD,Usage,,2026-10-02T00:00:00Z,Used,30,Hours,600,Committed,big
USD,Usage,,2026-10-02T00:00:00Z,Unused,0,,200,Committed,big
USD,Usage,,2026-10-02T00:00:00Z,,5,GB,1,Standard,big
USD,Usage,,2026-10-02T00:00:00Z,,5,Hours,77,Standard,other
USD,Usage,Correction,2026-10-02T00:00:00Z,,5,Hours,1,Standard,big
USD,Purchase,,2026-10-01T00:00:00Z,,1,Hours,9000,Committed,big
USD,Tax,,2026-10-01T00:00:00Z,,,,50,,big
";

    #[test]
    fn rates_are_effective_costs_over_chip_hours() {
        let found = imported(BILL, Some(3)).unwrap();
        let offer = read_str::<Offer>("ours.toml", &found.text).into_result().unwrap();
        let c = &offer.chips[0];
        assert_eq!(c.on_demand_usd_per_chip_hour, Some(Uncertain::from(5.0)));
        assert_eq!(c.spot_usd_per_chip_hour, Some(Uncertain::from(2.0)));
        assert_eq!(c.reserved_3y_usd_per_chip_hour, Some(Uncertain::from(2.5)));
        assert_eq!(c.as_of.as_str(), "2026-10");
        // Conservation: what is kept and what is dropped are all nine rows; the waste is
        // 200 of 800 dollars of commitments.
        assert_eq!(found.kept, 4);
        assert!(
            found.text.contains("# Commitments: 800.00 USD, of which 25.0 % unused.")
        );
        assert!(
            found.text.contains("#   nvidia-h100-sxm 2026-10 400.0\n"),
            "{}",
            found.text
        );
        let lines = found.dropped.lines().join("\n");
        for reason in ["purchases", "taxes", "corrections", "no hours", "other 77 USD"] {
            assert!(lines.contains(reason), "{reason}: {lines}");
        }
    }

    #[test]
    fn what_is_not_written_is_not_0_and_refunds_count() {
        let more = "\
USD,Usage,,2026-10-03T00:00:00Z,,,Hours,500,Standard,big
USD,Usage,,2026-10-03T00:00:00Z,,10,Hours,,Standard,big
USD,Usage,,2026-10-03T00:00:00Z,,10,Hours,-200,Standard,big
USD,Credit,,2026-10-03T00:00:00Z,,10,Hours,-900,Standard,big
";
        let found = imported(&format!("{BILL}{more}"), Some(3)).unwrap();
        let offer = read_str::<Offer>("ours.toml", &found.text).into_result().unwrap();
        // 400 less 200 dollars over 80 and 80 chip-hours.
        let rate = offer.chips[0].on_demand_usd_per_chip_hour;
        assert_eq!(rate, Some(Uncertain::from(1.25)));
        let lines = found.dropped.lines().join("\n");
        assert!(
            lines.contains("dropped 2: usage without a cost or a quantity"),
            "{lines}"
        );
        // Every SKU that nobody named is counted.
        let other = |i: u32| {
            format!("USD,Usage,,2026-10-02T00:00:00Z,,5,Hours,7,Standard,o{i}\n")
        };
        let others = (0..14).map(other).collect::<Vec<_>>().concat();
        let found = imported(&format!("{BILL}{others}"), Some(3)).unwrap();
        let lines = found.dropped.lines().join("\n");
        assert!(lines.contains("dropped 15: SKUs without --sku"), "{lines}");
    }

    #[test]
    fn the_term_of_a_commitment_is_not_guessed() {
        let found = imported(BILL, None).unwrap();
        assert!(found.dropped.lines().join("\n").contains("--committed-years"));
        assert!(!found.text.contains("reserved"), "{}", found.text);
    }

    #[test]
    fn a_bill_of_other_money_or_without_columns_or_names_is_refused() {
        let codes = |rows: &str| -> Vec<&'static str> {
            imported(rows, None).unwrap_err().iter().map(|d| d.code).collect()
        };
        assert_eq!(
            codes(&BILL.replace("USD,Usage,,2026-09", "EUR,Usage,,2026-09")),
            ["E0603"]
        );
        assert_eq!(codes(&BILL.replace(",400,", ",dear,")), ["E0603"]);
        // No currency is not this one, and a day is not a month.
        assert_eq!(codes(&BILL.replacen("USD,", ",", 1)), ["E0603"]);
        assert_eq!(codes(&BILL.replace("2026-09-01T", "09/01/2026 ")), ["E0603"]);
        let bare = HEAD.replace("BillingCurrency,", "") + &BILL.replace("USD,", "");
        let mut table = Table::parse("a.csv", &bare).unwrap();
        assert!(read(&mut table, &[], &mut Dropped::default()).is_none());
        assert_eq!(table.diagnostics.iter().next().unwrap().code, "E0601");
        assert_eq!(codes(&BILL.replace(",big", ",small")), ["E0802"]);
        let table = Table::parse("a.csv", "a,b\n1,2\n").unwrap();
        let mut dropped = Dropped::default();
        let mut table = table;
        assert!(read(&mut table, &[], &mut dropped).is_none());
        assert_eq!(table.diagnostics.iter().next().unwrap().code, "E0601");
    }
}
