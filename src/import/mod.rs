//! Other people's files → price lists, demand and measured cases, and what was dropped.
//!
//! Price catalogues and bills hold traps: prices of a part, sentinels, whole slices counted
//! as one, credits between charges. What cannot be known from a file is asked for or
//! dropped with its reason and its count, and never guessed. What is written names its
//! source and date, and passes the same checks as a file a person wrote. Read next:
//! [`skypilot`], [`litellm`], [`focus`], [`trace`], [`cases`].

pub mod cases;
pub mod focus;
pub mod litellm;
pub mod skypilot;
pub mod trace;

use std::collections::{BTreeMap, BTreeSet};

use crate::input::{Uncertain, When};
use crate::profile::{Offer, Source, Sources};
use crate::stats::quantile_of_sorted;

/// Names listed of what was dropped.
const NAMED: usize = 6;

/// What an import has made of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The file to write.
    pub text: String,
    /// Rows or entries it rests on.
    pub kept: usize,
    /// What was left out and why.
    pub dropped: Dropped,
}

/// Reasons for leaving something out, with how often and examples of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dropped(BTreeMap<String, (usize, BTreeSet<String>)>);

impl Dropped {
    fn note(&mut self, reason: &str, what: &str) {
        let (count, names) = self.0.entry(reason.to_owned()).or_default();
        *count += 1;
        if !what.is_empty() {
            names.insert(what.to_owned());
        }
    }

    /// A line a reason.
    pub fn lines(&self) -> Vec<String> {
        let line = |(reason, (count, names)): (&String, &(usize, BTreeSet<String>))| {
            let mut list: Vec<&str> =
                names.iter().take(NAMED).map(String::as_str).collect();
            if names.len() > NAMED {
                list.push("…");
            }
            let of = if list.is_empty() {
                String::new()
            } else {
                format!(" ({})", list.join(", "))
            };
            format!("dropped {count}: {reason}{of}")
        };
        self.0.iter().map(line).collect()
    }
}

/// Where a price list comes from, as whoever imports it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// Id of the price list and name of its file.
    pub id: String,
    /// The provider's name as people print it.
    pub provider: String,
    /// When the prices held.
    pub as_of: When,
    /// Title of the source.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
}

impl Origin {
    /// The table of sources with this one, by its key.
    fn sources(&self, key: &str) -> Sources {
        let source = Source {
            title: self.title.clone(),
            url: self.url.clone(),
            read: self.as_of.clone(),
            grade: None,
        };
        Sources::from([(key.to_owned(), source)])
    }
}

/// A price list as a file, with what was dropped among its doubts.
///
/// **Errors** when a value cannot be written as TOML, which is a bug.
fn offer_file(offer: &Offer, dropped: &Dropped) -> Result<String, toml::ser::Error> {
    let mut offer = offer.clone();
    offer.doubts.extend(dropped.lines());
    let text = toml::to_string_pretty(&offer)?;
    Ok(format!(
        "# Written by `rackcast import`; the doubts list what was left out.\n{text}"
    ))
}

/// A number of twelve digits: sums and products in binary leave dust in the last ones.
fn tidy(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

/// One figure where all are equal, else the quantiles of a band.
fn band(mut values: Vec<f64>) -> Option<Uncertain> {
    values.sort_by(f64::total_cmp);
    let at = |p: f64| tidy(quantile_of_sorted(&values, p));
    let (first, last) = (values.first()?, values.last()?);
    if (last - first).abs() <= 1e-9 * last.abs() {
        return Some(Uncertain::from(tidy(*first)));
    }
    Some(Uncertain::Between { p10: at(0.1), p50: at(0.5), p90: at(0.9) })
}
