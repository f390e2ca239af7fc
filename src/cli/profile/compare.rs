//! `rackcast profile compare A B …`: profiles of one kind side by side.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde_json::json;

use super::super::{Failure, hand_over, load, print};
use super::show::cell;
use super::{Found, find, implied, said};

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// Ids, names, aliases or files, two or more
    #[arg(required = true, num_args = 2..)]
    profiles_to_compare: Vec<String>,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Only what differs
    #[arg(long)]
    differences: bool,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

/// One line of the comparison.
struct Row {
    what: String,
    cells: Vec<String>,
}

pub(super) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let wanted = &arguments.profiles_to_compare;
    let found: Vec<Found> =
        wanted.iter().map(|w| find(w, &catalogue)).collect::<Result<_, _>>()?;
    if let Some(other) =
        found.iter().find(|f| f.profile.kind() != found[0].profile.kind())
    {
        return Err(Failure::Input(format!(
            "`{}` is of the kind {}, `{}` of the kind {}: only one kind can be compared",
            found[0].profile.id(),
            found[0].profile.kind().name(),
            other.profile.id(),
            other.profile.kind().name()
        )));
    }
    let implied: Vec<_> = found.iter().map(|f| f.profile.implied(&catalogue)).collect();
    let says = says(&found);
    let follows = follows(&implied);
    if arguments.json {
        let ids: Vec<&str> = found.iter().map(|f| f.profile.id()).collect();
        let rows = |rows: &[Row]| -> Vec<_> {
            rows.iter().map(|r| json!({"what": r.what, "values": r.cells})).collect()
        };
        let all = json!({
            "profiles": ids,
            "says": rows(&says),
            "implies": found.iter().zip(&implied).map(|(f, i)| {
                json!({"id": f.profile.id(), "figures": i})
            }).collect::<Vec<_>>(),
        });
        hand_over(&format!("{all:#}\n"))?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let mut head = vec![String::new()];
    head.extend(found.iter().map(|f| f.profile.id().to_owned()));
    table.set_header(head);
    let differs =
        |r: &&Row| !arguments.differences || r.cells.iter().any(|c| *c != r.cells[0]);
    for row in says.iter().chain(&follows).filter(differs) {
        let mut cells = vec![row.what.clone()];
        cells.extend(row.cells.iter().cloned());
        table.add_row(cells);
    }
    let lines: Vec<String> =
        table.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
    print(&lines.concat())?;
    Ok(())
}

fn says(found: &[Found]) -> Vec<Row> {
    let contents: Vec<_> = found.iter().map(|f| said::contents(&f.profile)).collect();
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for key in contents.iter().flat_map(|c| c.said.iter().map(|s| &s.key)) {
        if !seen.insert(key) {
            continue;
        }
        let of = |c: &said::Contents| {
            let said = c.said.iter().find(|s| s.key == *key);
            said.map_or_else(|| "–".to_owned(), |s| s.value.clone())
        };
        rows.push(Row { what: key.clone(), cells: contents.iter().map(of).collect() });
    }
    rows
}

fn follows(implied: &[Vec<implied::Implied>]) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for figure in implied.iter().flatten() {
        if !seen.insert(&figure.what) {
            continue;
        }
        let of = |all: &Vec<implied::Implied>| {
            let own = all.iter().find(|f| f.what == figure.what);
            own.map_or_else(|| "–".to_owned(), |f| cell(f, false))
        };
        rows.push(Row {
            what: format!("{}, {}", figure.what, figure.unit),
            cells: implied.iter().map(of).collect(),
        });
    }
    rows
}
