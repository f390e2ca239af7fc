//! Cases that name one another: a machine, a cloud and shared costs, each stated once.
//!
//! A publication states its machines, its clouds and its running costs once and then asks
//! one against another: `LP2368-case1-A-vs-AzureH100` takes the price and running cost of
//! `LP2368-config-A` and the rents of the cloud that `AzureH100` can only be. Documents are
//! told by the name before the first hyphen, or by a column; what a case is, by what it
//! holds: a price makes a machine, rents a cloud, neither a cost that all share. What can be
//! meant in two ways is answered in both, each named. Order of rows does not matter.
//! Read next: [`super::cases`].

use super::cases::{Case, Cell};
use super::spelling::{bare, number};
use super::{Form, hours};

/// Words that say what a case is, before the name that it has.
const KINDS: [&str; 10] = [
    "config",
    "configuration",
    "machine",
    "system",
    "server",
    "cloud",
    "instance",
    "rent",
    "rental",
    "provider",
];

/// What a case takes from others of its document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Link {
    /// Names of the cases that it takes from.
    pub with: Vec<String>,
    /// What it is compared against, where that has a name.
    pub against: Option<String>,
    /// Figures, the nearest last.
    pub cells: Vec<Cell>,
    /// What it names and the file does not hold.
    pub lacks: Option<String>,
}

impl Link {
    /// True where this word names the provider of what the case is against.
    pub(super) fn is_against(&self, word: &str) -> bool {
        let provider = self.against.as_deref().map(provider).unwrap_or_default();
        !provider.is_empty() && provider == bare(word)
    }
}

/// True for the forms that a machine, a cloud and shared costs together answer.
pub(super) fn helps(form: &Form) -> bool {
    matches!(form.name, "hours" | "forward")
}

/// True for a case that asks what a machine does against a cloud and gives neither.
pub(super) fn asks(form: &Form, case: &Case) -> bool {
    let gives = |cell: &Cell| hours::FORM.input(&cell.quantity).is_some();
    form.name == hours::FORM.name && !case.cells.iter().any(gives)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Machine,
    Cloud,
    Shared,
    Question,
    /// Has a price and rents of its own.
    Whole,
}

struct Seen {
    at: usize,
    document: String,
    role: Role,
    /// Its name without document and kind.
    label: String,
    /// Machine and cloud, where columns say them.
    says: [String; 2],
}

/// Links the cases of a table.
pub(super) fn link(cases: &mut [Case]) {
    let mut seen: Vec<Seen> =
        cases.iter().enumerate().map(|(at, case)| look(at, case)).collect();
    // By name, so that the order of the rows does not matter.
    seen.sort_by(|a, b| cases[a.at].name.cmp(&cases[b.at].name));
    let links: Vec<(usize, Vec<Link>)> = seen
        .iter()
        .filter(|one| !matches!(one.role, Role::Whole | Role::Shared))
        .map(|one| (one.at, links_of(one, &seen, cases)))
        .collect();
    for one in seen.iter().filter(|one| one.role == Role::Shared) {
        let name = cases[one.at].name.clone();
        let takes = |found: &[Link]| found.iter().any(|link| link.with.contains(&name));
        let users = links.iter().filter(|(_, found)| takes(found));
        cases[one.at].used_by = users.map(|(at, _)| cases[*at].name.clone()).collect();
    }
    for (at, found) in links {
        cases[at].links = found;
    }
}

fn look(at: usize, case: &Case) -> Seen {
    let has = |wanted: &dyn Fn(&str) -> bool| {
        case.cells.iter().any(|cell| {
            hours::FORM.input(&cell.quantity).is_some_and(|input| wanted(input.key))
        })
    };
    let price = has(&|key| key == "capex_usd");
    let rents = has(&|key| key.starts_with("rent_"));
    let role = match (price, rents) {
        (true, true) => Role::Whole,
        (true, false) => Role::Machine,
        (false, true) => Role::Cloud,
        (false, false) if has(&|_| true) => Role::Shared,
        (false, false) => Role::Question,
    };
    let (document, rest) = case.name.split_once('-').unwrap_or((&case.name, ""));
    let [said, machine, cloud] = case.columns.clone();
    let document = if said.is_empty() { document.to_owned() } else { said };
    let label = match rest.split_once(['-', ' ', '_', ':']) {
        Some((kind, name)) if KINDS.contains(&kind.to_lowercase().as_str()) => name,
        _ => rest,
    };
    let label = if label.is_empty() { &case.name } else { label };
    Seen { at, document, role, label: label.to_owned(), says: [machine, cloud] }
}

/// The first word of a cloud's name.
fn provider(label: &str) -> String {
    bare(label.split([' ', '-', '_', '/']).next().unwrap_or_default())
}

/// Words of a name.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split([' ', '-', '_', '/', ':', ',', ';']).map(bare).filter(|w| !w.is_empty())
}

fn links_of(one: &Seen, seen: &[Seen], cases: &[Case]) -> Vec<Link> {
    let of = |role: Role| {
        seen.iter().filter(move |s| s.role == role && s.document == one.document)
    };
    let machines: Vec<&Seen> = of(Role::Machine).collect();
    let clouds: Vec<&Seen> = of(Role::Cloud).collect();
    if machines.is_empty() {
        return Vec::new();
    }
    let (machines, clouds) = match one.role {
        Role::Machine => {
            let equal = clouds.into_iter().filter(|c| is_equal(c, one, cases));
            (vec![one], equal.collect())
        }
        Role::Cloud => {
            let equal = machines.into_iter().filter(|m| is_equal(one, m, cases));
            (equal.collect(), vec![one])
        }
        Role::Question | Role::Shared | Role::Whole => {
            match asked(one, &machines, &clouds, cases) {
                Ok(found) => found,
                Err(lacks) => {
                    return vec![Link { lacks: Some(lacks), ..Link::default() }];
                }
            }
        }
    };
    let shared: Vec<&Seen> = of(Role::Shared).collect();
    let mut links = Vec::new();
    for machine in &machines {
        if clouds.is_empty() {
            links.push(join(one, machine, None, &shared, cases));
        }
        for cloud in &clouds {
            links.push(join(one, machine, Some(cloud), &shared, cases));
        }
    }
    links
}

/// True where a cloud's notes, or a column, call it the like of a machine; where no cloud of
/// the document says so and there is one machine, it is that.
fn is_equal(cloud: &Seen, machine: &Seen, cases: &[Case]) -> bool {
    equals(cloud, cases).contains(&bare(&machine.label))
}

/// Every machine whose like a cloud is said to be, bare.
fn equals(cloud: &Seen, cases: &[Case]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if !cloud.says[0].is_empty() {
        all.push(bare(&cloud.says[0]));
    }
    for cell in &cases[cloud.at].cells {
        let note = cell.note.to_lowercase();
        let Some((_, rest)) = note.split_once("equivalent") else { continue };
        let clause = rest.split([';', '.', '(']).next().unwrap_or_default();
        let named: Vec<String> = words(clause)
            .filter(|word| {
                !["of", "to", "and", "or"].contains(&word.as_str())
                    && !KINDS.contains(&word.as_str())
            })
            .collect();
        all.extend(named.iter().cloned());
        all.push(named.concat());
    }
    all
}

/// The machine and the clouds that a question names.
fn asked<'a>(
    one: &Seen,
    machines: &[&'a Seen],
    clouds: &[&'a Seen],
    cases: &[Case],
) -> Result<(Vec<&'a Seen>, Vec<&'a Seen>), String> {
    let lower = one.label.to_lowercase();
    let cut = ["-vs-", " vs ", "_vs_", " versus ", "-versus-", " against ", "-against-"]
        .iter()
        .find_map(|by| lower.find(by).map(|at| (at, at + by.len())));
    let (before, after) = match cut {
        Some((at, end)) => (lower.get(..at), lower.get(end..)),
        None => (Some(lower.as_str()), None),
    };
    let before = if one.says[0].is_empty() {
        before.unwrap_or_default().to_owned()
    } else {
        one.says[0].clone()
    };
    let after = if one.says[1].is_empty() {
        after.unwrap_or_default().to_owned()
    } else {
        one.says[1].clone()
    };
    let all: Vec<String> = words(&before).collect();
    let joined = bare(&before);
    let named = |m: &&&Seen| {
        let label = bare(&m.label);
        all.contains(&label) || (label.len() > 2 && joined.contains(&label))
    };
    let found: Vec<&Seen> = machines.iter().filter(named).copied().collect();
    let machine = match (found.as_slice(), machines) {
        ([machine], _) | ([], [machine]) => *machine,
        ([], _) => return Err(format!("it names no machine of the file (`{before}`)")),
        (several, _) => {
            let names: Vec<&str> = several.iter().map(|m| m.label.as_str()).collect();
            return Err(format!("it may name several machines: {}", names.join(", ")));
        }
    };
    let says_any = clouds.iter().any(|c| !equals(c, cases).is_empty());
    let alike: Vec<&Seen> = clouds
        .iter()
        .filter(|c| !says_any || is_equal(c, machine, cases))
        .copied()
        .collect();
    let wanted = bare(&after);
    if wanted.is_empty() {
        return Ok((vec![machine], alike));
    }
    let whole = |c: &&Seen| bare(&c.label) == wanted;
    if let Some(cloud) = clouds.iter().copied().find(|c| whole(c)) {
        return Ok((vec![machine], vec![cloud]));
    }
    // The provider, then what is left of the name; of the machine's like first.
    for pool in [&alike[..], clouds] {
        let of_provider: Vec<&Seen> = pool
            .iter()
            .filter(|c| wanted.starts_with(&provider(&c.label)))
            .copied()
            .collect();
        let narrow: Vec<&Seen> = of_provider
            .iter()
            .filter(|c| {
                let provider = provider(&c.label);
                let rest = wanted.strip_prefix(&provider).unwrap_or_default();
                let label = bare(&c.label);
                label.strip_prefix(&provider).unwrap_or_default().contains(rest)
            })
            .copied()
            .collect();
        let found = if narrow.is_empty() { of_provider } else { narrow };
        if !found.is_empty() {
            return Ok((vec![machine], found));
        }
    }
    Err(format!("no cloud of the file is `{after}`"))
}

/// The figures of a machine, a cloud and shared costs, for the case that asks.
fn join(
    one: &Seen,
    machine: &Seen,
    cloud: Option<&Seen>,
    shared: &[&Seen],
    cases: &[Case],
) -> Link {
    let mut link =
        Link { against: cloud.map(|cloud| cloud.label.clone()), ..Link::default() };
    let parts = shared.iter().copied().chain([machine]).chain(cloud);
    for part in parts {
        let case = &cases[part.at];
        if part.at != one.at {
            link.with.push(case.name.clone());
            link.cells.extend(case.cells.iter().cloned());
        }
        if part.role == Role::Machine {
            link.cells.extend(noted(case));
        }
    }
    link
}

/// What the notes of a machine say: chips (`8xH100`), its part of power in the running cost
/// (`maintenance 3.42 + power&cooling 0.87 + colo 2.08`), the most that it draws (`10.2 kW
/// max`).
fn noted(case: &Case) -> Vec<Cell> {
    let mut found: Vec<Cell> = Vec::new();
    let mut push = |quantity: &str, text: &str| {
        if found.iter().all(|cell| cell.quantity != quantity) {
            let (quantity, text) = (quantity.to_owned(), text.to_owned());
            found.push(Cell { quantity, text, ..Cell::default() });
        }
    };
    for cell in &case.cells {
        if let Some(chips) = chips(&cell.note) {
            push("chips", chips);
        }
        let power = parts(&cell.note)
            .into_iter()
            .find(|(name, _)| name.contains("power") || name.contains("electricity"));
        if let Some((_, power)) = power {
            push("power_hourly", power);
        }
        if let Some(most) = nameplate(&cell.note) {
            push("nameplate_kw", most);
        }
    }
    found
}

/// The count of `8xH100`.
fn chips(note: &str) -> Option<&str> {
    note.split([' ', ',', ';', '(', ')']).find_map(|word| {
        let (count, name) = word.split_once(['x', '×'])?;
        let is_count = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
        let is_name = name.chars().next().is_some_and(char::is_alphabetic);
        (is_count && is_name).then_some(count)
    })
}

/// The parts of a sum as a note prints it: each a name and a number.
pub(super) fn parts(note: &str) -> Vec<(&str, &str)> {
    let sum = note.split(';').next().unwrap_or_default();
    let each: Option<Vec<(&str, &str)>> = sum
        .split('+')
        .map(|part| {
            let (name, value) = part.trim().rsplit_once(' ')?;
            number(value).map(|_| (name.trim(), value))
        })
        .collect();
    each.filter(|parts| parts.len() > 1).unwrap_or_default()
}

/// The number of `10.2 kW max`.
fn nameplate(note: &str) -> Option<&str> {
    let words: Vec<&str> =
        note.split([' ', '(', ')', ',', ';']).filter(|w| !w.is_empty()).collect();
    words.windows(3).find_map(|three| match three {
        [value, unit, most]
            if unit.eq_ignore_ascii_case("kw")
                && ["max", "maximum", "nameplate", "peak"].contains(most) =>
        {
            number(value).map(|_| *value)
        }
        _ => None,
    })
}
