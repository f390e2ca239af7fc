//! FLOP per dollar of the catalogue's own parts: release date, peak and price, and a walk
//! through them.
//!
//! "FLOP per dollar doubles every n years" says little until three things are named: in
//! which format, at which price, of which parts. Published figures run from 2.1 to 6.5
//! years by nothing else. Here all three are said, every part is listed with its price,
//! and what has no peak or no price is listed too. Read next: [`super::Drift`].

use std::collections::BTreeMap;

use crate::input::When;
use crate::profile::accelerator::{Accelerator, Basis, Quote};
use crate::profile::{Catalogue, Precision};
use crate::scenario::default::SERVER_OVERHEAD;
use crate::units::{MONTHS_PER_YEAR, count};

use super::{Drift, FitError, Point};

/// Months after its release within which the first quote of a part is its launch price.
pub const LAUNCH_MONTHS: i64 = 12;

/// At which price a part is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceBasis {
    /// The first quote, not more than a year after the release; a bare chip times the
    /// server around it.
    Launch,
    /// The newest quote, whenever; a bare chip times the server around it.
    Street,
    /// As at launch, quotes of whole servers and racks alone.
    Server,
}

impl PriceBasis {
    /// Every one, in the order of the list.
    pub const ALL: [Self; 3] = [Self::Launch, Self::Street, Self::Server];

    /// Name as arguments and tables have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Street => "street",
            Self::Server => "server",
        }
    }

    /// The quote that counts, or why none does.
    fn quote<'c>(
        self,
        chip: &'c Accelerator,
        released: &When,
    ) -> Result<&'c Quote, String> {
        let is_whole = |q: &&Quote| self != Self::Server || q.basis != Basis::Chip;
        let quotes = || chip.purchase.iter().filter(is_whole);
        let age = |q: &Quote| released.months_until(&q.as_of);
        let first = quotes().min_by_key(|q| q.as_of.months());
        let Some(first) = first else {
            return Err(match chip.purchase.len() {
                0 => "no price is known".to_owned(),
                _ => "no price of a whole server is known".to_owned(),
            });
        };
        if self == Self::Street {
            return Ok(quotes().max_by_key(|q| q.as_of.months()).unwrap_or(first));
        }
        if age(first) > LAUNCH_MONTHS {
            return Err(format!(
                "its first price is of {}, {} months after its release",
                first.as_of.as_str(),
                age(first)
            ));
        }
        Ok(first)
    }
}

/// A part with all that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Id of its profile.
    pub id: String,
    /// Maker.
    pub maker: String,
    /// When buyers could first use it.
    pub released: When,
    /// Dense peak, FLOP/s.
    pub flop_per_s: f64,
    /// Price of a chip with its share of a server, US dollars.
    pub usd_per_chip: f64,
    /// What the quote covers.
    pub covers: Basis,
    /// When it held.
    pub as_of: When,
    /// Where it comes from.
    pub source: String,
}

impl Part {
    /// Dense peak FLOP/s a dollar.
    pub fn flop_per_s_per_usd(&self) -> f64 {
        self.flop_per_s / self.usd_per_chip
    }
}

/// Parts by release date, and those that cannot be counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Counted parts, the oldest first.
    pub parts: Vec<Part>,
    /// Ids of the others, and why.
    pub left_out: Vec<(String, String)>,
}

impl Trend {
    /// Of every accelerator of a catalogue, or of one maker's (in any case).
    ///
    /// Medians of uncertain peaks and prices; a bare chip costs [`SERVER_OVERHEAD`] more.
    /// A format the chip does not compute in has no peak: it is not replaced by another.
    pub fn of(
        catalogue: &Catalogue,
        precision: Precision,
        basis: PriceBasis,
        maker: Option<&str>,
    ) -> Self {
        let is_wanted =
            |c: &&Accelerator| maker.is_none_or(|m| c.vendor.eq_ignore_ascii_case(m));
        let mut trend = Self { parts: Vec::new(), left_out: Vec::new() };
        for chip in catalogue.accelerators.values().filter(is_wanted) {
            match part(chip, precision, basis) {
                Ok(part) => trend.parts.push(part),
                Err(why) => trend.left_out.push((chip.id.clone(), why)),
            }
        }
        trend.parts.sort_by_key(|p| p.released.months());
        trend
    }

    /// One point a month of release: the geometric mean of its parts.
    pub fn points(&self) -> Vec<Point> {
        let mut months: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for part in &self.parts {
            let log = part.flop_per_s_per_usd().ln();
            months.entry(part.released.months()).or_default().push(log);
        }
        months
            .iter()
            .map(|(month, logs)| Point {
                years: f64::from(i32::try_from(*month).unwrap_or(0)) / MONTHS_PER_YEAR,
                log: logs.iter().sum::<f64>() / count(logs.len()),
            })
            .collect()
    }

    /// The walk with drift through [`Self::points`].
    ///
    /// **Errors** as [`Drift::fit`]: fewer than four months of release.
    pub fn fit(&self) -> Result<Drift, FitError> {
        Drift::fit(&self.points())
    }
}

fn part(
    chip: &Accelerator,
    precision: Precision,
    basis: PriceBasis,
) -> Result<Part, String> {
    let peak = precision.peak_on(chip);
    if peak.computed_in != precision {
        return Err(format!("no {} peak is known", precision.name()));
    }
    let Some(released) = chip.released.clone() else {
        return Err("no release date is known".to_owned());
    };
    let quote = basis.quote(chip, &released)?;
    let overhead = match quote.basis {
        Basis::Chip => SERVER_OVERHEAD.value.median(),
        Basis::Server | Basis::Rack => 1.0,
    };
    let source = chip.sources.get(&quote.source);
    Ok(Part {
        id: chip.id.clone(),
        maker: chip.vendor.clone(),
        released,
        flop_per_s: peak.tflops.median() * 1e12,
        usd_per_chip: quote.usd_per_chip.median() * overhead,
        covers: quote.basis,
        as_of: quote.as_of.clone(),
        source: source.map_or_else(|| quote.source.clone(), |s| s.title.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(precision: Precision, basis: PriceBasis) -> Trend {
        Trend::of(&Catalogue::shipped(), precision, basis, None)
    }

    #[test]
    fn a_part_has_its_first_price_at_launch_and_its_newest_in_the_street() {
        let of = |basis| {
            let trend = shipped(Precision::Bf16, basis);
            trend.parts.into_iter().find(|p| p.id == "nvidia-h100-sxm").unwrap()
        };
        // The quotes of the profile: 44,489.88 USD in September 2022, 31,267.73 in
        // January 2026, both a chip's share of a server; 989.5 TFLOP/s.
        for (basis, usd) in [
            (PriceBasis::Launch, 44_489.88),
            (PriceBasis::Street, 31_267.73),
            (PriceBasis::Server, 44_489.88),
        ] {
            let found = of(basis).flop_per_s_per_usd();
            assert!((found / (989.5e12 / usd) - 1.0).abs() < 1e-12, "{basis:?} {found}");
        }
    }

    #[test]
    fn a_bare_chip_gets_its_server_or_is_left_out() {
        let launch = shipped(Precision::Bf16, PriceBasis::Launch);
        let chip = launch.parts.iter().find(|p| p.id == "amd-mi300x").unwrap();
        assert!((chip.usd_per_chip / (15_000.0 * 1.64) - 1.0).abs() < 1e-12);
        let server = shipped(Precision::Bf16, PriceBasis::Server);
        assert!(server.parts.iter().all(|p| p.covers != Basis::Chip));
        let why = |id: &str| {
            let found = server.left_out.iter().find(|(other, _)| other == id);
            found.map(|(_, why)| why.as_str())
        };
        assert_eq!(why("intel-gaudi3"), Some("no price of a whole server is known"));
        assert_eq!(why("aws-trainium2"), Some("no price is known"));
        assert!(why("nvidia-l40s").is_some_and(|w| w.contains("months after")));
    }

    #[test]
    fn every_part_is_counted_or_left_out_once() {
        let catalogue = Catalogue::shipped();
        for basis in PriceBasis::ALL {
            for precision in [Precision::Bf16, Precision::Fp8, Precision::Fp4] {
                let trend = shipped(precision, basis);
                let all = trend.parts.len() + trend.left_out.len();
                assert_eq!(all, catalogue.accelerators.len());
                assert!(trend.parts.iter().all(|p| p.flop_per_s_per_usd() > 0.0));
                let dates: Vec<_> = trend.points().iter().map(|p| p.years).collect();
                assert!(dates.windows(2).all(|pair| pair[0] < pair[1]), "{dates:?}");
            }
        }
        let fp4 = shipped(Precision::Fp4, PriceBasis::Launch);
        let a100 = fp4.left_out.iter().find(|(id, _)| id == "nvidia-a100-80g-sxm");
        assert_eq!(a100.map(|(_, why)| why.as_str()), Some("no fp4 peak is known"));
        let amd = Trend::of(&catalogue, Precision::Bf16, PriceBasis::Street, Some("amd"));
        assert!(amd.parts.iter().all(|p| p.maker == "AMD"));
    }

    #[test]
    fn the_walk_goes_from_the_first_month_to_the_last() {
        let trend = shipped(Precision::Bf16, PriceBasis::Street);
        let (points, fit) = (trend.points(), trend.fit().unwrap());
        let (a, b) = (points[0], points[points.len() - 1]);
        let slope = (b.log - a.log) / (b.years - a.years);
        assert!((fit.per_year() - slope).abs() < 1e-12);
        assert_eq!(fit.changes() as usize, points.len() - 1);
        let none = Trend { parts: Vec::new(), left_out: Vec::new() };
        assert_eq!(none.fit(), Err(FitError::TooShort { found: 0 }));
    }
}
