//! `rackcast calibrate prices`: a history of quotes.

use std::path::PathBuf;

use clap::Args;

use crate::calibrate::parameters::Parameters;
use crate::calibrate::series::Series;
use crate::calibrate::{Family, FitError, prices, record};
use crate::input::Table;
use crate::report::{calibration, history, write};

use super::super::hindcast::unfit;
use super::{Failure, print, say};

/// Values below which nothing is fitted.
const FEWEST_VALUES: usize = 4;

#[derive(Debug, Args)]
pub(in crate::cli) struct PricesArguments {
    /// Quotes (CSV): `date,value` or `date,provider,instrument,value`
    file: PathBuf,
    /// What the prices are of
    #[arg(long, value_parser = ["hardware", "rent", "api", "demand"])]
    family: Option<String>,
    /// Take values that look like placeholders for real
    #[arg(long)]
    keep_suspect: bool,
    /// Folder for charts of history and forecast
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &PricesArguments) -> Result<(), Failure> {
    let path = &arguments.file;
    let family = arguments.family.as_deref().and_then(Family::named);
    let table = Table::read(path).map_err(Failure::Wrong)?;
    let name = path
        .file_stem()
        .map_or_else(|| "prices".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let all = prices::read(table, &name, family, arguments.keep_suspect)
        .map_err(Failure::Wrong)?;
    let (series, short): (Vec<Series>, Vec<Series>) =
        all.into_iter().partition(|s| s.points.len() >= FEWEST_VALUES);
    for s in &short {
        let found = s.points.len();
        say(&format!("`{}` has {found} values; a fit needs {FEWEST_VALUES}", s.name));
    }
    if series.is_empty() {
        return Err(Failure::Input(format!(
            "{} holds no series long enough to fit",
            path.display()
        )));
    }
    let rows = record::record(&series).map_err(|e| unfit(&series, &e))?;
    let mut text = String::new();
    for (place, s) in series.iter().enumerate() {
        let wrong = |e: FitError| unfit(&series, &(place, e));
        let found = Parameters::of(s).map_err(wrong)?;
        text.push_str(&calibration::prices(s, &found, &rows).map_err(|e| {
            Failure::Report(format!("the process cannot be written as TOML: {e}"))
        })?);
    }
    if let Some(folder) = &arguments.out {
        write::folder(folder)?;
        let drawn = history::forecasts(&series, &rows)
            .map_err(|e| Failure::Report(e.to_string()))?;
        for (name, bytes) in drawn {
            write::file(&folder.join(name), &bytes)?;
        }
    }
    print(&text)?;
    Ok(())
}
