//! SkyPilot's catalogue of a cloud (`catalogs/vN/CLOUD/vms.csv`) → a price list.
//!
//! Columns are found by their header, whose order differs by cloud. Prices are dollars an
//! hour for the whole row. Known traps, each handled and counted: rows of a host without
//! its chips and of chips without their host, TPU rows that count a slice as one, with
//! names that count cores in some generations and chips in others, 700 for a missing
//! price, a spot price that only repeats the other, and rows that stand twice.
//!
//! **Source** skypilot-org/skypilot-catalog; Google Cloud's machine families for which
//! host belongs to which chip. Read next: [`super::litellm`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Dropped, Imported, Origin, band, offer_file};
use crate::calibrate::hardware::accelerator;
use crate::input::{Diagnostics, Table};
use crate::profile::offer::{ChipPrice, Segment};
use crate::profile::{Accelerator, Catalogue, Offer};

/// What some price lists write where they have no price, dollars an hour.
const MISSING: f64 = 700.0;

/// Share by which a row's memory may differ from the profile's: 80 GiB are 86 GB, and
/// some of B200's 192 GB are not for programs.
const MEMORY_REACH: f64 = 0.15;

/// Hosts whose name tells their chip, where a catalogue prices the two apart.
const HOSTS: [(&str, &str); 7] = [
    ("a2-highgpu-", "A100"),
    ("a2-megagpu-", "A100"),
    ("a2-ultragpu-", "A100-80GB"),
    ("a3-highgpu-", "H100"),
    ("a3-megagpu-", "H100-MEGA"),
    ("a3-ultragpu-", "H200"),
    ("a4-highgpu-", "B200"),
];

/// Columns by their lower-case names.
struct Columns {
    instance: Option<usize>,
    name: usize,
    count: usize,
    price: usize,
    spot: Option<usize>,
    region: Option<usize>,
    zone: Option<usize>,
    info: Option<usize>,
}

/// One row that has chips.
struct Row {
    instance: String,
    name: String,
    count: f64,
    price: Option<f64>,
    spot: Option<f64>,
    region: String,
    info: String,
}

/// Reads a catalogue; `region` keeps only regions that begin with it.
///
/// **Errors** E0601 where a column is missing, E0603 at a row whose numbers are none,
/// E0802 where nothing is left.
/// **Checked by** rows of each trap, below.
pub fn import(
    mut table: Table,
    catalogue: &Catalogue,
    origin: &Origin,
    segment: Segment,
    region: Option<&str>,
) -> Result<Imported, Diagnostics> {
    let Some(columns) = Columns::of(&mut table) else { return Err(table.diagnostics) };
    let mut dropped = Dropped::default();
    let mut seen = BTreeSet::new();
    let mut hosts: BTreeMap<(String, String), f64> = BTreeMap::new();
    let mut rows = Vec::new();
    for at in 0..table.rows.len() {
        let cells = std::mem::take(&mut table.rows[at].cells);
        let cell = |column: Option<usize>| {
            column.and_then(|c| cells.get(c)).map(String::as_str).unwrap_or_default()
        };
        if region.is_some_and(|wanted| !cell(columns.region).starts_with(wanted)) {
            continue;
        }
        if !seen.insert(cells.clone()) {
            dropped.note("rows that stand twice", "");
            continue;
        }
        let mut number = |column: Option<usize>| match cell(column) {
            "" => None,
            text => match text.parse::<f64>() {
                Ok(x) if x.is_finite() && x >= 0.0 => Some(x),
                _ => {
                    let message =
                        format!("a price or count must be a number, found `{text}`");
                    table.problem(at, "E0603", message, None);
                    None
                }
            },
        };
        let (price, spot) = (number(Some(columns.price)), number(columns.spot));
        let instance = cell(columns.instance).to_owned();
        let region = cell(columns.region).to_owned();
        if cell(Some(columns.name)).is_empty() {
            if let Some(price) = price.filter(|p| *p > 0.0 && !is_missing(*p)) {
                let place = (instance, region);
                let least = hosts.get(&place).map_or(price, |known| known.min(price));
                hosts.insert(place, least);
            }
            continue;
        }
        // How many is not guessed; of a slice the name says it.
        let count = number(Some(columns.count)).unwrap_or(0.0);
        rows.push(Row {
            instance,
            name: cell(Some(columns.name)).to_owned(),
            count,
            price,
            spot,
            region: format!("{region}/{}", cell(columns.zone)),
            info: cell(columns.info).to_owned(),
        });
    }
    if table.diagnostics.has_errors() {
        return Err(table.diagnostics);
    }
    let (chips, kept) = prices(&rows, &hosts, catalogue, origin, &mut dropped);
    if chips.is_empty() {
        let said = dropped.lines().join("; ");
        let message = format!("no price of a known accelerator is left: {said}");
        table.header_problem("E0802", message, None);
        return Err(table.diagnostics);
    }
    let offer = Offer {
        id: origin.id.clone(),
        name: origin.provider.clone(),
        segment,
        doubts: Vec::new(),
        sources: origin.sources("skypilot"),
        chips,
        api: Vec::new(),
    };
    let text = offer_file(&offer, &dropped).map_err(|e| {
        table.header_problem(
            "E0802",
            format!("the price list cannot be written: {e}"),
            None,
        );
        table.diagnostics
    })?;
    Ok(Imported { text, kept, dropped })
}

impl Columns {
    fn of(table: &mut Table) -> Option<Self> {
        let place = |name: &str| table.column(name);
        let found = (place("acceleratorname"), place("acceleratorcount"), place("price"));
        if let (Some(name), Some(count), Some(price)) = found {
            return Some(Self {
                instance: place("instancetype"),
                name,
                count,
                price,
                spot: place("spotprice"),
                region: place("region"),
                zone: place("availabilityzone"),
                info: place("gpuinfo"),
            });
        }
        let message = format!(
            "the columns are `{}`, wanted `AcceleratorName`, `AcceleratorCount` and `Price`",
            table.header.join(",")
        );
        let help = "give the `vms.csv` of a cloud".to_owned();
        table.header_problem("E0601", message, Some(help));
        None
    }
}

/// Prices of a chip and hour: on demand and spot, the least of each region.
type ByRegion = BTreeMap<String, [Option<f64>; 2]>;

fn prices(
    rows: &[Row],
    hosts: &BTreeMap<(String, String), f64>,
    catalogue: &Catalogue,
    origin: &Origin,
    dropped: &mut Dropped,
) -> (Vec<ChipPrice>, usize) {
    let mut found: BTreeMap<String, ByRegion> = BTreeMap::new();
    let mut kept = 0;
    for row in rows {
        let (chip, per_chip) = match chip_prices(row, hosts, catalogue) {
            Ok(found) => found,
            Err(reason) => {
                dropped.note(reason, &row.name);
                continue;
            }
        };
        let [on_demand, mut spot] = per_chip;
        if spot.is_some() && spot == on_demand {
            dropped.note("spot prices that repeat the other price", &row.name);
            spot = None;
        }
        kept += 1;
        let region = row.region.split('/').next().unwrap_or_default().to_owned();
        let place = found.entry(chip.id.clone()).or_default().entry(region).or_default();
        for (known, new) in place.iter_mut().zip([on_demand, spot]) {
            *known = match (*known, new) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    let price = |(accelerator, regions): (String, ByRegion)| {
        let of = |i: usize| band(regions.values().filter_map(|p| p[i]).collect());
        ChipPrice {
            accelerator,
            sku: None,
            region: Some(match regions.len() {
                1 => regions.keys().next().cloned().unwrap_or_default(),
                n => format!("cheapest of each of {n} regions, quantiles over them"),
            }),
            source: "skypilot".to_owned(),
            as_of: origin.as_of.clone(),
            on_demand_usd_per_chip_hour: of(0),
            reserved_1y_usd_per_chip_hour: None,
            reserved_3y_usd_per_chip_hour: None,
            reserved_5y_usd_per_chip_hour: None,
            spot_usd_per_chip_hour: of(1),
        }
    };
    (found.into_iter().map(price).collect(), kept)
}

fn is_missing(price: f64) -> bool {
    (price - MISSING).abs() < 1e-9
}

/// The chip of a row and its prices, on demand and spot; or why there are none.
fn chip_prices<'a>(
    row: &Row,
    hosts: &BTreeMap<(String, String), f64>,
    catalogue: &'a Catalogue,
) -> Result<(&'a Accelerator, [Option<f64>; 2]), &'static str> {
    if [row.price, row.spot].into_iter().flatten().any(is_missing) {
        return Err("700 stands for a missing price");
    }
    let (name, chips) = if row.name.to_lowercase().starts_with("tpu-") {
        tpu(&row.name)?
    } else {
        (gpu_name(row), row.count)
    };
    if chips <= 0.0 {
        return Err("no count of chips");
    }
    let chip =
        accelerator(catalogue, &name).ok_or("not in the catalogue of accelerators")?;
    if let Some(gb) = memory_gb(&row.info) {
        let has = chip.memory.capacity_gb.median();
        if (gb / has - 1.0).abs() > MEMORY_REACH {
            return Err("the memory it names is not the profile's");
        }
    }
    let is_apart =
        row.instance.is_empty() && !row.name.to_lowercase().starts_with("tpu-");
    let host = if is_apart { host_price(row, hosts)? } else { 0.0 };
    let per_chip = |p: Option<f64>| p.filter(|p| *p > 0.0).map(|p| (p + host) / chips);
    // The host's own spot price is another row that no chip names.
    let spot = if is_apart { None } else { per_chip(row.spot) };
    let prices = [per_chip(row.price), spot];
    if prices.iter().all(Option::is_none) {
        return Err("no price above 0");
    }
    Ok((chip, prices))
}

/// Bare `A100` is the one of 40 GB there; Azure's NC machines have the H100 with NVL.
fn gpu_name(row: &Row) -> String {
    match row.name.as_str() {
        "A100" => "nvidia-a100-40g-sxm".to_owned(),
        "H100" if row.instance.starts_with("Standard_NC") => "nvidia-h100-nvl".to_owned(),
        "H100-MEGA" => "nvidia-h100-sxm".to_owned(),
        other => other.to_owned(),
    }
}

/// Generation and chips of a slice: names count cores, two a chip, up to v4 and in v5p,
/// and chips in v5e and v6e.
fn tpu(name: &str) -> Result<(String, f64), &'static str> {
    let lower = name.to_lowercase();
    let (generation, size) =
        lower.trim_start_matches("tpu-").rsplit_once('-').ok_or("no size of a slice")?;
    let size: f64 = size.parse().map_err(|_| "no size of a slice")?;
    match generation {
        "v2" | "v3" | "v4" | "v5p" => Ok((format!("tpu-{generation}"), size / 2.0)),
        "v5e" | "v5litepod" => Ok(("tpu-v5e".to_owned(), size)),
        "v6e" => Ok(("tpu-v6e".to_owned(), size)),
        _ => Err("not known whether its name counts cores or chips"),
    }
}

/// The price of the host that such chips stand in, in the same region.
fn host_price(
    row: &Row,
    hosts: &BTreeMap<(String, String), f64>,
) -> Result<f64, &'static str> {
    let region = row.region.split('/').next().unwrap_or_default();
    let host =
        HOSTS.iter().filter(|(_, chip)| *chip == row.name).find_map(|(prefix, _)| {
            let instance = format!("{prefix}{}g", row.count);
            hosts.get(&(instance, region.to_owned())).copied()
        });
    host.ok_or("priced without their host, which the file does not name")
}

/// The memory of a chip as the description has it: MiB, or GiB where the number is small.
fn memory_gb(info: &str) -> Option<f64> {
    let after = info.split("SizeInMiB").nth(1)?;
    let digits: String = after
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let size: f64 = digits.parse().ok().filter(|x| *x > 0.0)?;
    let mib = if size < 1024.0 { size * 1024.0 } else { size };
    Some(mib * f64::from(1_u32 << 20) / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::read_str;

    const HEAD: &str = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,\
                        Region,GpuInfo,SpotPrice\n";

    fn imported(rows: &str) -> Result<Imported, Diagnostics> {
        let table = Table::parse("vms.csv", &format!("{HEAD}{rows}")).unwrap();
        let origin = Origin {
            id: "cloud".to_owned(),
            provider: "Cloud".to_owned(),
            as_of: "2026-11-23".parse().unwrap(),
            title: "SkyPilot catalogue".to_owned(),
            url: None,
        };
        import(table, &Catalogue::shipped(), &origin, Segment::Neocloud, None)
    }

    /// On demand and spot of the only chip, after the file has passed its own checks.
    fn one(rows: &str) -> (String, Option<Uncertain>, Option<Uncertain>) {
        let text = imported(rows).unwrap().text;
        let offer = read_str::<Offer>("cloud.toml", &text).into_result().unwrap();
        assert_eq!(offer.chips.len(), 1, "{text}");
        let c = &offer.chips[0];
        (c.accelerator.clone(), c.on_demand_usd_per_chip_hour, c.spot_usd_per_chip_hour)
    }

    use crate::input::Uncertain;

    fn usd(x: f64) -> Uncertain {
        Uncertain::from(x)
    }

    fn dropped(rows: &str, reason: &str) -> bool {
        let good = "gpu_8x,H100,8,1,1,20,r,,\n";
        let lines = imported(&format!("{good}{rows}")).unwrap().dropped.lines();
        lines.iter().any(|l| l.contains(reason))
    }

    #[test]
    fn a_row_is_priced_whole_and_divided_by_its_chips() {
        let found = one("gpu_8x,H100,8,208,1800,23.92,us-east-1,,16\n");
        assert_eq!(
            found,
            ("nvidia-h100-sxm".to_owned(), Some(usd(2.99)), Some(usd(2.0)))
        );
        // An empty spot price is none; one that repeats the other is none either.
        assert_eq!(one("gpu_1x,H100,1,1,1,2.99,r,,\n").2, None);
        assert_eq!(one("gpu_1x,H100,1,1,1,2.99,r,,2.99\n").2, None);
    }

    #[test]
    fn the_cheapest_of_each_region_makes_the_band() {
        let found =
            one("a,H100,1,1,1,2,r1,,\nb,H100,8,1,1,8,r1,,\nc,H100,1,1,1,3,r2,,\n");
        let band = Uncertain::Between { p10: 1.2, p50: 2.0, p90: 2.8 };
        assert_eq!(found.1, Some(band));
    }

    #[test]
    fn slices_of_tpus_count_cores_or_chips_by_their_generation() {
        // 25,536 dollars for 6,080 chips, named by twice as many cores.
        assert_eq!(one(",tpu-v5p-12160,1,,,25536,r,,\n").1, Some(usd(4.2)));
        assert_eq!(one(",tpu-v6e-8,1,,,21.6,r,,\n").1, Some(usd(2.7)));
        assert_eq!(one(",tpu-v5litepod-4,1,,,4.8,r,,\n").1, Some(usd(1.2)));
        assert!(dropped(",tpu-v9-8,1,,,4.8,r,,\n", "cores or chips"));
    }

    #[test]
    fn chips_and_their_host_are_added_and_chips_alone_dropped() {
        let host = "a3-highgpu-8g,,,208,1872,12,us-central1,,\n";
        let chips = ",H100,8,,,76,us-central1,,30\n";
        let found = one(&format!("{host}{chips}"));
        assert_eq!(found, ("nvidia-h100-sxm".to_owned(), Some(usd(11.0)), None));
        assert!(dropped(chips, "without their host"));
        assert!(dropped(",L4,1,,,0.6,us-central1,,\n", "without their host"));
    }

    #[test]
    fn sentinels_duplicates_and_strangers_are_dropped_with_their_reason() {
        assert!(dropped(",tpu-v6e-8,1,,,700.0,r,,\n", "700 stands for a missing price"));
        assert!(dropped("x,H100,8,1,1,24,r,,\nx,H100,8,1,1,24,r,,\n", "stand twice"));
        assert!(dropped("x,K80,1,1,1,0.4,r,,\n", "not in the catalogue"));
        assert!(dropped("x,H100,8,1,1,0,r,,\n", "no price above 0"));
        // How many chips is not guessed, and 700 is no price of a host either.
        assert!(dropped("x,H100,,1,1,24,r,,\n", "no count of chips"));
        let host = "a3-highgpu-8g,,,208,1872,700.0,us-central1,,\n";
        let chips = ",H100,8,,,76,us-central1,,30\n";
        assert!(dropped(&format!("{host}{chips}"), "without their host"));
        let small =
            "x,H100,1,1,1,2,r,\"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 40960}}]}\",\n";
        assert!(dropped(small, "not the profile's"));
    }

    #[test]
    fn a_bare_a100_has_40_gb_and_its_memory_is_checked_in_either_unit() {
        for size in ["40960", "40"] {
            let row = format!("x,A100,8,1,1,8,r,\"{{'SizeInMiB': {size}}}\",\n");
            assert_eq!(one(&row).0, "nvidia-a100-40g-sxm");
        }
        assert_eq!(one("x,A100-80GB,8,1,1,8,r,,\n").0, "nvidia-a100-80g-sxm");
    }

    #[test]
    fn a_file_without_its_columns_or_without_prices_is_refused() {
        let table = Table::parse("a.csv", "name,price\nx,1\n").unwrap();
        let origin = Origin {
            id: "c".to_owned(),
            provider: "C".to_owned(),
            as_of: "2026-11".parse().unwrap(),
            title: "t".to_owned(),
            url: None,
        };
        let catalogue = Catalogue::shipped();
        let wrong =
            import(table, &catalogue, &origin, Segment::Neocloud, None).unwrap_err();
        assert_eq!(wrong.iter().next().unwrap().code, "E0601");
        let codes = |rows: &str| -> Vec<&'static str> {
            imported(rows).unwrap_err().iter().map(|d| d.code).collect()
        };
        assert_eq!(codes("x,K80,1,1,1,0.4,r,,\n"), ["E0802"]);
        assert_eq!(codes("x,H100,1,1,1,dear,r,,\n"), ["E0603"]);
    }

    proptest::proptest! {
        #[test]
        fn no_rows_make_it_panic(rows in "[A-Za-z0-9,.\n'{}-]{0,120}") {
            let _ = imported(&rows);
        }
    }
}
