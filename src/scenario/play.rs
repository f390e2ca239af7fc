//! What the engine plays: names resolved, figures entered, nothing left to refuse.

use std::collections::BTreeMap;

use crate::block::Arithmetic;
use crate::finance::Part;
use crate::random::Seed;
use crate::strategy::{Belief, Sizing};
use crate::supply::{FeesSpec, OwnTerms, ReserveTerms};
use crate::trajectory::{LevelId, NumberId, World};
use crate::workload::LoadCurve;

use super::assumption::Assumptions;
use super::plan::Bands;

/// A plan with every name resolved.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What is asked.
    pub title: String,
    /// First month: calendar year and month 1..=12.
    pub start: (i32, u32),
    /// Months played.
    pub months: u32,
    /// Paths played.
    pub paths: u64,
    /// Seed of all random numbers.
    pub seed: Seed,
    /// How kernels that have a choice multiply and add.
    pub arithmetic: Arithmetic,
    /// Discount rate, a year.
    pub discount_rate: f64,
    /// Tax on profit.
    pub tax_rate: f64,
    /// Months of the first year of the results, 1 to 12: fewer where fiscal years begin in
    /// a month of their own.
    pub first_year_months: u32,
    /// What the bands of fan charts hold.
    pub bands: Bands,
    /// True where the accounts of every strategy are kept.
    pub accounts: bool,
    /// Debt service coverage that a lender asks for.
    pub covenant_dscr: Option<f64>,
    /// What happens in which month, by the plan's own word; moves nothing.
    pub events: Vec<(u32, String)>,
    /// Everything random.
    pub world: World,
    /// Work to be served.
    pub workloads: Vec<WorkloadPlay>,
    /// What chips do with work.
    pub conversions: Vec<Conversion>,
    /// Strategies, in the order in which the plan compares them.
    pub strategies: Vec<StrategyPlay>,
    /// Quantities of the world to draw.
    pub shown: Vec<Shown>,
    /// Which fans are kept.
    pub fans: FanChoice,
    /// What may drive the result.
    pub drivers: Vec<Driver>,
    /// Every figure used.
    pub assumptions: Assumptions,
    /// What a reader must know.
    pub warnings: Vec<String>,
    /// Profiles used: kind and id to the hash of their text.
    pub profiles: BTreeMap<String, String>,
    /// Files beside the plan: name to the hash of their text.
    pub files: BTreeMap<String, String>,
}

/// Which fans a run keeps: by the whole name or its first parts; nothing named: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FanChoice(pub Option<Vec<String>>);

impl FanChoice {
    /// True if the fan called `key` is kept.
    pub fn keeps(&self, key: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.iter().any(|name| names_fan(name, key)))
    }
}

/// True if `name` is the fan's or its first parts: `chips` names `chips.build`.
pub(super) fn names_fan(name: &str, key: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Scenario {
    /// Every fan of a run, by name: of the strategies, of their pairs, of the world.
    pub fn fan_keys(&self) -> Vec<String> {
        let names = || self.strategies.iter().map(|s| s.name.as_str());
        let mut keys: Vec<String> = Vec::new();
        for what in ["cost_to_date", "monthly_cost", "chips", "utilisation"] {
            keys.extend(names().map(|name| format!("{what}.{name}")));
        }
        for (i, first) in names().enumerate() {
            keys.extend(names().skip(i + 1).map(|b| format!("difference.{first}.{b}")));
        }
        keys.extend(self.shown.iter().map(|s| s.key.clone()));
        keys
    }

    /// Years of the results, counted from 0, that the plan touches.
    pub fn years(&self) -> usize {
        self.year_of(self.months.saturating_sub(1)) + 1
    }

    /// The year of the results in which a month lies.
    pub fn year_of(&self, month: u32) -> usize {
        ((month + 12 - self.first_year_months) / 12) as usize
    }

    /// True in the first month of a year of the results.
    pub fn begins_year(&self, month: u32) -> bool {
        month == 0 || self.year_of(month) != self.year_of(month - 1)
    }

    /// The calendar year in which a year of the results begins.
    pub fn year_name(&self, year: usize) -> i32 {
        let (first, month) = self.start;
        // A first year of fewer months may have begun in the calendar year before.
        let began_before = i32::from(month + self.first_year_months < 13);
        first - began_before + i32::try_from(year).unwrap_or(i32::MAX)
    }

    /// Numbers and levels that are uncertain.
    pub fn drivers(&self) -> &[Driver] {
        &self.drivers
    }
}

/// A workload in play.
#[derive(Debug, Clone)]
pub struct WorkloadPlay {
    /// Name in the plan.
    pub name: String,
    /// Unit of its work.
    pub unit: &'static str,
    /// True when it may wait within the month.
    pub deferrable: bool,
    /// Its load-duration curve.
    pub curve: LoadCurve,
    /// Work of a month before factors.
    pub base_units_per_month: f64,
    /// What multiplies it.
    pub factors: Vec<NumberId>,
    /// Growth of users or runs.
    pub growth: LevelId,
    /// Use per user or run.
    pub intensity: LevelId,
    /// Its users at the plan's start, where it counts them.
    pub seats: Option<NumberId>,
    /// Units of a training run: so many times that number; nothing where none is trained.
    pub run: Option<(f64, NumberId)>,
    /// Tokens of a unit, 10⁶.
    pub mtok_per_unit: Option<f64>,
    /// Penalty for a unit nobody serves, US dollars.
    pub unserved_usd_per_unit: NumberId,
    /// Weight in the share of work nobody served; the weights of a plan add up to 1.
    pub weight: f64,
}

/// What an accelerator does with a workload.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// Index of the workload.
    pub workload: usize,
    /// Id of the accelerator.
    pub accelerator: String,
    /// Chip-hours per unit today.
    pub hours_per_unit: NumberId,
    /// What divides it: software and models get better.
    pub software: LevelId,
}

/// A strategy in play.
#[derive(Debug, Clone)]
pub struct StrategyPlay {
    /// Name in the plan.
    pub name: String,
    /// What it is, in words.
    pub label: String,
    /// Sources paid for whether used or not, in the order of the stack.
    pub committed: Vec<Committed>,
    /// Sources paid by use, in the order of the stack.
    pub flexible: Vec<Flexible>,
}

impl StrategyPlay {
    /// What owning costs in each source of one's own, in the order of the stack.
    pub fn own_terms(&self) -> impl Iterator<Item = &OwnTerms> {
        self.committed.iter().filter_map(|c| match &c.kind {
            CommittedKind::Own(terms) => Some(&**terms),
            CommittedKind::Reserve(_) => None,
        })
    }

    /// True for a yardstick, which knows what no strategy can: neither ranked nor cheapest.
    pub fn is_yardstick(&self) -> bool {
        self.committed.iter().any(|c| c.sizing.rule().asks().hindsight)
    }

    /// True if some source sells tokens.
    pub fn buys_tokens(&self) -> bool {
        let buys = |f: &Flexible| f.part() == Part::Tokens;
        self.flexible.iter().any(buys)
    }
}

/// A committed source and its size.
#[derive(Debug, Clone)]
pub struct Committed {
    /// What it is.
    pub kind: CommittedKind,
    /// How much of it.
    pub sizing: Sizing,
    /// By workload: how its chips serve it, where they can.
    pub conversions: Vec<Option<usize>>,
    /// What the plan expects of the work it serves.
    pub belief: Belief,
    /// What its size is multiplied by; 1 unless somebody asks what if.
    pub size_factor: f64,
}

/// Kinds of committed sources.
#[derive(Debug, Clone)]
pub enum CommittedKind {
    /// Machines of one's own.
    Own(Box<OwnTerms>),
    /// Chips committed for a term.
    Reserve(ReserveTerms),
}

/// A source paid by use.
#[derive(Debug, Clone)]
pub struct Flexible {
    /// What it is, in words.
    pub label: String,
    /// What it costs.
    pub price: FlexiblePrice,
    /// By workload: how its chips serve it; nothing for tokens.
    pub conversions: Vec<Option<usize>>,
    /// First month in which it may serve.
    pub from_month: u32,
    /// What it costs beside its price.
    pub fees: Option<FeesSpec>,
}

/// Tokens of a unit of work at a price: 10⁶ tokens, US dollars per 10⁶ tokens.
pub type TokenTerms = Vec<(f64, NumberId)>;

/// What a flexible source costs.
#[derive(Debug, Clone)]
pub enum FlexiblePrice {
    /// By the chip-hour.
    Chips {
        /// Price today.
        usd_per_chip_hour: NumberId,
        /// Rents of all chips over today's, or what the plan names instead.
        rent: LevelId,
        /// Rent of this chip over all chips', where it has one.
        own_rent: Option<LevelId>,
        /// Most chips at once.
        quota_chips: f64,
        /// Share of them that is there.
        availability: Option<NumberId>,
        /// Work lost to interruptions.
        lost_work: Option<NumberId>,
    },
    /// By the token.
    Tokens {
        /// By workload: tokens and prices, where it can serve it.
        per_workload: Vec<Option<TokenTerms>>,
        /// Prices over today's.
        series: LevelId,
        /// Most tokens an hour, 10⁶.
        mtok_per_hour_limit: Option<f64>,
    },
    /// By the user and month.
    Seats {
        /// The workload of these users.
        workload: usize,
        /// Users at the plan's start; they grow as the workload does.
        seats: NumberId,
        /// Price of a seat today, US dollars a month.
        usd_per_seat_month: NumberId,
        /// Prices over today's.
        series: LevelId,
        /// Units of work that a seat pays for in a month.
        units_per_seat_month: f64,
    },
}

impl Flexible {
    /// True when it can serve workload `w`.
    pub fn serves(&self, w: usize) -> bool {
        match &self.price {
            FlexiblePrice::Chips { .. } => self.conversion(w).is_some(),
            FlexiblePrice::Tokens { per_workload, .. } => {
                per_workload.get(w).is_some_and(Option::is_some)
            }
            FlexiblePrice::Seats { workload, .. } => *workload == w,
        }
    }

    /// How its chips serve workload `w`.
    pub fn conversion(&self, w: usize) -> Option<usize> {
        self.conversions.get(w).copied().flatten()
    }

    /// Where its cost is booked.
    pub fn part(&self) -> Part {
        match self.price {
            FlexiblePrice::Chips { .. } => Part::Rent,
            FlexiblePrice::Tokens { .. } | FlexiblePrice::Seats { .. } => Part::Tokens,
        }
    }
}

/// How a quantity is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownUnit {
    /// US dollars per something.
    UsdPer(String),
    /// A count of something.
    Count(String),
    /// FLOP/s per US dollar.
    FlopPerSecondPerUsd,
}

/// A quantity of the world to draw.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Name in results, such as `demand.chat`.
    pub key: String,
    /// Title of its chart.
    pub title: String,
    /// How it is printed.
    pub unit: ShownUnit,
    /// What its values rest on, for the caption.
    pub source: String,
    /// What is drawn.
    pub drawn: Drawn,
}

/// What a quantity to draw is made of.
#[derive(Debug, Clone)]
pub enum Drawn {
    /// The demand of a workload, by its index.
    Demand(usize),
    /// Chips that the mean load of a month needs, by the index of the conversion.
    ChipsNeeded(usize),
    /// A base times and over numbers and levels.
    Product(Product),
}

/// A base times and over numbers and levels.
#[derive(Debug, Clone)]
pub struct Product {
    /// Start.
    pub base: f64,
    /// Numbers that multiply it.
    pub numbers: Vec<NumberId>,
    /// Levels that multiply it.
    pub times: Vec<LevelId>,
    /// Numbers that divide it.
    pub over_numbers: Vec<NumberId>,
    /// Levels that divide it.
    pub over: Vec<LevelId>,
}

/// What may drive the result.
#[derive(Debug, Clone, PartialEq)]
pub enum Driver {
    /// A number drawn once a path.
    Number(NumberId, String),
    /// A level, by its mean over the months.
    Level(LevelId, String),
}

impl Driver {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Number(_, name) | Self::Level(_, name) => name,
        }
    }
}
