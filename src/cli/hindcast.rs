//! `rackcast hindcast`: from a history to the record of every forecast of it.

use std::path::Path;

use crate::calibrate::record::{self, Row};
use crate::calibrate::series::{self, Series, Told};
use crate::calibrate::{Family, FitError};
use crate::input::Table;
use crate::report::{history, scores, write};

use super::args::HindcastArguments;
use super::{Failure, hand_over, print, say};

pub(super) fn run(arguments: &HindcastArguments) -> Result<(), Failure> {
    let family = arguments.family.as_deref().and_then(Family::named);
    let series = histories(&arguments.file, family, arguments.keep_suspect)?;
    if let Some(folder) = &arguments.out {
        write::folder(folder)?;
    }
    let rows = record::record(&series).map_err(|e| unfit(&series, &e))?;
    if rows.is_empty() {
        return Err(too_short(&arguments.file, &series));
    }
    let json = scores::json(&series, &rows).map_err(|e| {
        Failure::Report(format!("the record cannot be written as JSON: {e}"))
    })?;
    if let Some(folder) = &arguments.out {
        save(folder, &json, &series, &rows)?;
    }
    if arguments.json {
        hand_over(&json)?;
    } else {
        print(&scores::text(&series, &rows))?;
    }
    for s in series.iter().filter(|s| stands(s)) {
        say(&format!("`{}` never changes: its scores say nothing", s.name));
    }
    for s in series.iter().filter(|s| s.told == Told::ByStep) {
        say(&format!(
            "`{}` is taken for the family `{}` because a step is a {}; say otherwise with \
             --family",
            s.name,
            s.family.name(),
            s.step.name()
        ));
    }
    Ok(())
}

/// True where every value is the first one.
fn stands(series: &Series) -> bool {
    series.points.windows(2).all(|p| p[0].log.to_bits() == p[1].log.to_bits())
}

/// The series of a file, or everything that is wrong with it.
pub(super) fn histories(
    path: &Path,
    family: Option<Family>,
    keeps_suspect: bool,
) -> Result<Vec<Series>, Failure> {
    let table = Table::read(path).map_err(Failure::Wrong)?;
    let name = path
        .file_stem()
        .map_or_else(|| "series".to_owned(), |stem| stem.to_string_lossy().into_owned());
    series::read(table, &name, family, keeps_suspect).map_err(Failure::Wrong)
}

pub(super) fn unfit(series: &[Series], (place, error): &(usize, FitError)) -> Failure {
    let name = series.get(*place).map_or("", |s| s.name.as_str());
    Failure::Input(format!("`{name}` cannot be fitted: {error}"))
}

fn too_short(path: &Path, series: &[Series]) -> Failure {
    let each: Vec<String> = series
        .iter()
        .map(|s| {
            let wanted = s.step.design().fewest_changes() + 2;
            let found = s.points.len();
            format!("`{}` has {found} values, {wanted} are needed", s.name)
        })
        .collect();
    Failure::Input(format!(
        "{} is too short for a hindcast: {}",
        path.display(),
        each.join("; ")
    ))
}

fn save(
    folder: &Path,
    json: &str,
    series: &[Series],
    rows: &[Row],
) -> Result<(), Failure> {
    write::file(&folder.join("hindcast.json"), json.as_bytes())?;
    let charts = folder.join("charts");
    write::folder(&charts)?;
    let drawn =
        history::hindcasts(series, rows).map_err(|e| Failure::Report(e.to_string()))?;
    for (name, bytes) in drawn {
        write::file(&charts.join(name), &bytes)?;
    }
    Ok(())
}
