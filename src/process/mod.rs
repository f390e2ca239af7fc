//! A random quantity through time; one file per process.
//!
//! A process is an index relative to a quote: 1 at month 0, then whatever its law says,
//! one path beside the next in a block. It knows neither the quantity it moves (rent,
//! demand, FLOP per dollar) nor the others: `trajectory` names it, correlates
//! its innovations and multiplies the quote in. To add one, write its file and add its
//! line to the list below; `laws` then holds it to its closed forms.
//! Read next: [`Process`], [`Draws`], then [`geometric`].

pub mod bass;
pub mod bootstrap;
mod chi_squared;
pub mod constant;
mod draws;
pub mod elicited;
pub mod expected;
pub mod forward;
pub mod generations;
pub mod geometric;
pub mod launches;
mod level;
pub mod logistic;
pub mod mean_reverting;
pub mod moving_average;
pub mod regimes;
pub mod schedule;
pub mod stepwise;
pub mod wright;
pub mod yearly_factor;

#[cfg(test)]
mod laws;

pub use bass::Bass;
pub use bootstrap::Bootstrap;
pub use constant::Constant;
pub use draws::Draws;
pub use expected::Expected;
pub use forward::Forward;
pub use generations::Generations;
pub use geometric::Geometric;
pub use launches::Launches;
pub use level::{LOG_BOUND, Support};
pub use logistic::Logistic;
pub use mean_reverting::MeanReverting;
pub use moving_average::MovingAverage;
pub use regimes::Regimes;
pub use schedule::Schedule;
pub use stepwise::Stepwise;
pub use wright::Wright;
pub use yearly_factor::YearlyFactor;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::block::Lane;
use crate::input::{Check, Checker};

/// A random quantity through time, as an index relative to its quote: 1 at month 0.
///
/// For a block of paths, call [`begin`](Self::begin) once, then [`step`](Self::step)
/// for months 1, 2, 3 … in order and without gaps, with the same `state`.
///
/// Laws, held by the harness in `laws` for every process of the list:
/// - the index is positive and finite, and inside [`support`](Self::support);
/// - a path is the same in whatever block it runs, and the same again when it is rerun;
/// - `begin` writes every row of the state: what was there before does not matter;
/// - without [`uses_innovation`](Self::uses_innovation), `z` does not matter;
/// - medians and variances of the logarithm are those of the closed forms.
pub trait Process: std::fmt::Debug + Send + Sync {
    /// Lanes of state a block needs.
    fn state_rows(&self) -> usize;

    /// True when [`step`](Self::step) takes the correlated monthly normal.
    fn uses_innovation(&self) -> bool;

    /// Numbers that [`begin`](Self::begin) draws a path: those of slots 0, 1 … before
    /// this one, each of one kind.
    fn own_numbers(&self) -> u32 {
        0
    }

    /// Draws what holds for a whole path and sets the state of month 0.
    fn begin(&self, draws: &Draws, state: &mut [Lane]);

    /// Moves a block to `month` (1 or more) and writes the index there to `level`.
    ///
    /// `z` is standard normal, correlated across quantities and independent from month
    /// to month; any finite number where the process does not use it.
    fn step(
        &self,
        month: u32,
        z: &Lane,
        draws: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    );

    /// True when the index is 1 on every path in every month: it is then never stepped.
    fn stays(&self) -> bool {
        false
    }

    /// Months since the last event that everybody has noticed, such as a generation of
    /// hardware; nothing where there are no events.
    fn months_since<'s>(&self, _: &'s [Lane]) -> Option<&'s Lane> {
        None
    }

    /// The median of the index; nothing where there is no closed form.
    fn median_at(&self, years: f64) -> Option<f64>;

    /// The variance of the index's logarithm; nothing where there is no closed form or
    /// no variance.
    fn log_variance_at(&self, years: f64) -> Option<f64>;

    /// Where the index lies, always.
    fn support(&self) -> Support {
        Support::POSITIVE
    }
}

/// Makes the type a file holds from the list of processes: a tagged choice, its checks
/// and its names.
macro_rules! processes {
    ($($(#[$doc:meta])* $tag:literal $name:ident,)+) => {
        /// A process and its parameters, as a file writes them: `{ <name> = { … } }`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub enum ProcessSpec {
            $(
                $(#[$doc])*
                #[serde(rename = $tag)]
                $name($name),
            )+
        }

        impl ProcessSpec {
            /// Every process a file may name.
            pub const NAMES: &'static [&'static str] = &[$($tag),+];

            /// The name a file calls it by.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $tag,)+
                }
            }

            /// The process, ready to run.
            pub fn as_process(&self) -> &dyn Process {
                match self {
                    $(Self::$name(process) => process,)+
                }
            }
        }

        impl Check for ProcessSpec {
            fn check(&self, at: &mut Checker) {
                match self {
                    $(Self::$name(process) => at.at($tag, |at| process.check(at)),)+
                }
            }
        }

        $(
            impl From<$name> for ProcessSpec {
                fn from(process: $name) -> Self {
                    Self::$name(process)
                }
            }
        )+
    };
}

processes! {
    /// Known: flat, or growing at a known rate.
    "constant" Constant,
    /// Known at some dates, log-linear between them.
    "schedule" Schedule,
    /// A random walk of the logarithm, with the error of its estimated parameters.
    "geometric" Geometric,
    /// Pulled back to a trend.
    "mean_reverting" MeanReverting,
    /// Stands still most months, then jumps: a list price.
    "stepwise" Stepwise,
    /// Times an uncertain factor a year, fading or not: API prices, efficiency.
    "yearly_factor" YearlyFactor,
    /// Grows along an S to an uncertain ceiling: adoption.
    "logistic" Logistic,
    /// A random walk whose changes repeat themselves: technology costs.
    "moving_average" MovingAverage,
    /// Cheaper with every doubling of what was ever made.
    "wright" Wright,
    /// Glut, normal or crunch, for nobody knows how long.
    "regimes" Regimes,
    /// Jumps on events of unknown size and sign.
    "launches" Launches,
    /// Stands between generations of hardware and jumps with the next.
    "generations" Generations,
    /// Adoption by innovators and imitators to an uncertain ceiling.
    "bass" Bass,
    /// Blocks of a history's own changes.
    "bootstrap" Bootstrap,
    /// A market's quotes for later delivery.
    "forward" Forward,
    /// 10, 50 and 90 % of later dates, as people believe.
    "expected" Expected,
}

impl Default for ProcessSpec {
    /// Nothing moves.
    fn default() -> Self {
        Constant::default().into()
    }
}

/// The rows a process asked for, by number.
///
/// The engine sizes `state` by [`Process::state_rows`]; less is its mistake.
fn rows<const N: usize>(state: &mut [Lane]) -> &mut [Lane; N] {
    state.first_chunk_mut().expect("bug: a process is given the rows it asks for")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProcessSpec, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn a_file_names_the_process_and_its_parameters() {
        let spec =
            read("[geometric]\ndrift_per_year = -0.2\nvolatility_per_sqrt_year = 0.3")
                .unwrap();
        assert_eq!(spec.name(), "geometric");
        assert_eq!(spec.as_process().state_rows(), 1);
        assert_eq!(read("constant = {}").unwrap(), ProcessSpec::default());
    }

    #[test]
    fn an_unknown_process_or_parameter_is_refused() {
        assert!(read("heston = {}").unwrap_err().to_string().contains("mean_reverting"));
        let error = read("constant = { grows_per_year = 0.1 }").unwrap_err();
        assert!(error.to_string().contains("growth_per_year"));
    }

    #[test]
    fn what_is_written_reads_back() {
        for spec in laws::every_case() {
            let text = toml::to_string(&spec).unwrap();
            assert_eq!(read(&text).unwrap(), spec, "{text}");
        }
    }

    #[test]
    fn problems_stand_below_the_name_of_the_process() {
        let spec =
            read("[geometric]\ndrift_per_year = nan\nvolatility_per_sqrt_year = -1")
                .unwrap();
        let mut at = Checker::new();
        spec.check(&mut at);
        let keys: Vec<String> =
            at.into_problems().iter().map(|p| p.key_path.join(".")).collect();
        assert_eq!(
            keys,
            ["geometric.drift_per_year", "geometric.volatility_per_sqrt_year"]
        );
    }

    #[test]
    fn the_schema_lists_every_process() {
        let schema = schemars::schema_for!(ProcessSpec).to_value().to_string();
        for name in ProcessSpec::NAMES {
            assert!(schema.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
