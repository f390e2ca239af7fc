//! `rackcast profile`: begin a profile, check it, see what it says and implies, compare;
//! what all of them say of FLOP per dollar.
//!
//! Read next: `template`, `check`, `show`, `compare`, `trend`; `implied` and `priced` for
//! what follows from each kind.

mod check;
mod compare;
mod implied;
mod priced;
mod said;
mod show;
mod template;
mod trend;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::Failure;
use crate::input::{Check, read_file};
use crate::profile::{Accelerator, Catalogue, Facility, Model, Offer};

#[derive(Debug, Args)]
pub(super) struct ProfileArguments {
    #[command(subcommand)]
    what: Asked,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Print a commented template to fill in
    New(template::NewArguments),
    /// Check files: every problem at its place, and what is probably a slip
    Check(check::CheckArguments),
    /// What a profile says, with sources and doubts, and what follows from it
    Show(show::ShowArguments),
    /// Profiles of one kind side by side
    Compare(compare::CompareArguments),
    /// FLOP per dollar of the accelerators by release date, and a walk for a plan
    Trend(trend::TrendArguments),
}

pub(super) fn run(arguments: &ProfileArguments) -> Result<(), Failure> {
    match &arguments.what {
        Asked::New(new) => template::run(new),
        Asked::Check(check) => check::run(check),
        Asked::Show(show) => show::run(show),
        Asked::Compare(compare) => compare::run(compare),
        Asked::Trend(trend) => trend::run(trend),
    }
}

/// The four kinds of profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A chip at one power tier
    Accelerator,
    /// A model architecture
    Model,
    /// A price list
    Offer,
    /// A way to house machines
    Facility,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Accelerator, Self::Model, Self::Offer, Self::Facility];

    /// The folder its files stand in.
    fn folder(self) -> &'static str {
        match self {
            Self::Accelerator => "accelerators",
            Self::Model => "models",
            Self::Offer => "offers",
            Self::Facility => "facilities",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Accelerator => "accelerator",
            Self::Model => "model",
            Self::Offer => "offer",
            Self::Facility => "facility",
        }
    }

    /// The kind of a file: its folder's name, else the table that only this kind has.
    fn of(path: &Path) -> Option<Self> {
        let folder = path.parent().and_then(Path::file_name);
        let by_folder =
            Self::ALL.into_iter().find(|k| folder.is_some_and(|f| f == k.folder()));
        if by_folder.is_some() {
            return by_folder;
        }
        let text = std::fs::read_to_string(path).ok()?;
        let table = |name: &str| text.lines().any(|l| l.trim() == format!("[{name}]"));
        if table("compute") {
            Some(Self::Accelerator)
        } else if table("architecture") {
            Some(Self::Model)
        } else if text.contains("[[chips]]") || text.contains("[[api]]") {
            Some(Self::Offer)
        } else if table("power") {
            Some(Self::Facility)
        } else {
            None
        }
    }

    fn unclear(path: &Path) -> Failure {
        Failure::Input(format!(
            "cannot tell what kind of profile {} is: put it into a folder named \
             accelerators, offers, models or facilities",
            path.display()
        ))
    }
}

/// A profile of any kind, and where it came from.
#[derive(Debug, Clone)]
enum Profile {
    Accelerator(Box<Accelerator>),
    Model(Box<Model>),
    Offer(Box<Offer>),
    Facility(Box<Facility>),
}

struct Found {
    profile: Profile,
    origin: String,
}

impl Profile {
    fn kind(&self) -> Kind {
        match self {
            Self::Accelerator(_) => Kind::Accelerator,
            Self::Model(_) => Kind::Model,
            Self::Offer(_) => Kind::Offer,
            Self::Facility(_) => Kind::Facility,
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::Accelerator(p) => &p.id,
            Self::Model(p) => &p.id,
            Self::Offer(p) => &p.id,
            Self::Facility(p) => &p.id,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Accelerator(p) => &p.name,
            Self::Model(p) => &p.name,
            Self::Offer(p) => &p.name,
            Self::Facility(p) => &p.name,
        }
    }

    fn implied(&self, catalogue: &Catalogue) -> Vec<implied::Implied> {
        match self {
            Self::Accelerator(p) => implied::accelerator(p, catalogue),
            Self::Model(p) => implied::model(p, catalogue),
            Self::Offer(p) => priced::offer(p, catalogue),
            Self::Facility(p) => priced::facility(p),
        }
    }
}

/// The profile of an id, name or alias, or of a file.
fn find(wanted: &str, catalogue: &Catalogue) -> Result<Found, Failure> {
    let path = PathBuf::from(wanted);
    if path.extension().is_some_and(|e| e == "toml") || path.is_file() {
        let kind = Kind::of(&path).ok_or_else(|| Kind::unclear(&path))?;
        let profile = match kind {
            Kind::Accelerator => Profile::Accelerator(Box::new(read(&path)?)),
            Kind::Model => Profile::Model(Box::new(read(&path)?)),
            Kind::Offer => Profile::Offer(Box::new(read(&path)?)),
            Kind::Facility => Profile::Facility(Box::new(read(&path)?)),
        };
        return Ok(Found { profile, origin: wanted.to_owned() });
    }
    let accelerator = catalogue.accelerator(wanted);
    let model = catalogue.model(wanted);
    let offer = catalogue.offer(wanted);
    let facility = catalogue.facility(wanted);
    let profile = if let Ok(p) = accelerator {
        Profile::Accelerator(Box::new(p.clone()))
    } else if let Ok(p) = model {
        Profile::Model(Box::new(p.clone()))
    } else if let Ok(p) = offer {
        Profile::Offer(Box::new(p.clone()))
    } else if let Ok(p) = facility {
        Profile::Facility(Box::new(p.clone()))
    } else {
        let unknown = [accelerator.err(), model.err(), offer.err(), facility.err()];
        let mut nearest: Vec<String> =
            unknown.into_iter().flatten().flat_map(|u| u.nearest).collect();
        nearest.truncate(4);
        let help = if nearest.is_empty() {
            "see `rackcast profiles`".to_owned()
        } else {
            format!("perhaps {}", nearest.join(", "))
        };
        return Err(Failure::Input(format!("no profile `{wanted}`; {help}")));
    };
    let origin = catalogue
        .origin(profile.kind().folder(), profile.id())
        .map_or_else(String::new, |o| o.file.clone());
    Ok(Found { profile, origin })
}

fn read<T>(path: &Path) -> Result<T, Failure>
where
    T: serde::de::DeserializeOwned + schemars::JsonSchema + Check,
{
    read_file::<T>(path).into_result().map_err(Failure::Wrong)
}
