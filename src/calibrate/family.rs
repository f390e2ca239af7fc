//! What kind of quantity a series is, and which models may speak for it.
//!
//! The models and what they weigh before anything is known are the family's; from there
//! on the series' own past decides ([`super::Stack`]).

use super::Model;

/// A family of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// What a unit of a technology costs: hardware, launch prices per FLOP/s.
    Hardware,
    /// Rent of accelerators.
    Rent,
    /// List prices of tokens.
    Api,
    /// What is asked of a service.
    Demand,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 4] = [Self::Hardware, Self::Rent, Self::Api, Self::Demand];

    /// As files and the command line write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Rent => "rent",
            Self::Api => "api",
            Self::Demand => "demand",
        }
    }

    /// The family of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// The family a series is of by its name: what stands before the first colon.
    pub fn of_series(name: &str) -> Option<Self> {
        let (head, _) = name.split_once(':')?;
        match head.trim().to_lowercase().as_str() {
            "hardware" | "pcdb" | "gpu" | "tech" | "technology" | "cost" => {
                Some(Self::Hardware)
            }
            "rent" | "rental" | "lease" | "spot" => Some(Self::Rent),
            "api" | "token" | "tokens" | "llm" => Some(Self::Api),
            "demand" | "load" | "requests" | "usage" => Some(Self::Demand),
            _ => None,
        }
    }

    /// The models of the family's pool, each with its weight while nothing is known.
    ///
    /// Hardware: that costs walk and that their changes repeat is what 8,212 hindcasts of
    /// 53 technologies say (Farmer and Lafond 2016), so the walk has nine tenths; the
    /// line is for prices set against one market. Rents have shown no drift that could
    /// be used; whether a change is a move or noise is open. All weights are judgement.
    pub fn members(self) -> &'static [(Model, f64)] {
        match self {
            Self::Hardware => &[(Model::MedianWalk, 0.9), (Model::MedianLine, 0.1)],
            Self::Rent => &[
                (Model::Naive, 0.25),
                (Model::NaiveAbsolute, 0.25),
                (Model::Smooth, 0.25),
                (Model::SmoothAbsolute, 0.25),
            ],
            Self::Api => &[(Model::NaivePlus, 0.9), (Model::RandomWalk, 0.1)],
            Self::Demand => &[
                (Model::Naive, 0.25),
                (Model::RandomWalk, 0.25),
                (Model::MedianWalk, 0.25),
                (Model::Smooth, 0.25),
            ],
        }
    }
}
