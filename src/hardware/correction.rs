//! What measurements say beside the closed form: effects by chip, framework and model.
//!
//! The closed form carries what physics fixes; what software makes of it is a
//! multiplicative error with structure. It is the sum, on the log scale, of effects that
//! were fitted with shrinkage: each is known for what was measured and has the spread of
//! its kind for what was not. So a case like a measured one gets a narrow interval, a new
//! chip a wider one, an unnamed framework a wider one still, and no separate rule is
//! needed. Read next: [`super::calibration`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::estimate::Spread;
use crate::profile::Accelerator;

/// What a case has in common with others: the names and sizes effects are kept by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traits {
    /// Id of the accelerator.
    pub device: Option<String>,
    /// Maker and narrowest format of its products: chips of one design share much.
    pub generation: Option<String>,
    /// Engine or training framework.
    pub framework: Option<String>,
    /// Id of the model.
    pub model: Option<String>,
    /// Format of the products.
    pub precision: Option<String>,
    /// Kind of job: how a service is built, or what learns.
    pub mode: Option<String>,
    /// Dense, mixture, or mixture with a cached latent.
    pub shape: Option<String>,
    /// Degrees of parallelism.
    pub split: Option<String>,
    /// Sizes, as powers of two over a middling case, by [`Size`].
    pub sizes: [f64; 4],
    /// Age of the software, years since [`SOFTWARE_OF`]; below zero before it.
    pub years: f64,
}

/// The month whose software estimates are of, as year and month: the middle of the
/// measurements.
pub const SOFTWARE_OF: (f64, f64) = (2025.0, 11.0);
/// What software gains in a year on a chip it has, log scale. `MLPerf` Training, `LoRA` of
/// Llama 2 70B from v4.0 (June 2024) to v5.1 (November 2025): 16 % on 64 H100, 3 % on eight
/// H200, 6 % a year together.
pub const SOFTWARE_GAIN_PER_YEAR: f64 = 0.06;
/// Years either way beyond which the gain is not carried on.
const LONGEST_GAIN_YEARS: f64 = 3.0;

/// The generation of a chip: `NVIDIA fp8` are Hopper and Ada, `NVIDIA fp4` Blackwell.
pub(crate) fn generation(chip: &Accelerator) -> String {
    let narrowest = match (chip.compute.fp4_tflops, chip.compute.fp8_tflops) {
        (Some(_), _) => "fp4",
        (None, Some(_)) => "fp8",
        (None, None) => "bf16",
    };
    format!("{} {narrowest}", chip.vendor)
}

/// A size an effect may grow with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Sequences under way; parameters of the model in training.
    Batch,
    /// Chips of the job or replica.
    Chips,
    /// Tokens of a prompt or of a sequence.
    Input,
    /// Tokens of an answer; sequences a chip computes together in training.
    Output,
    /// Years of software, see [`Traits::years`].
    Years,
    /// One for a mixture of experts, zero for a dense model: what only mixtures have.
    Mixture,
}

/// A trait an effect is kept by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trait {
    /// [`Traits::device`].
    Device,
    /// [`Traits::generation`].
    Generation,
    /// [`Traits::framework`].
    Framework,
    /// [`Traits::model`].
    Model,
    /// [`Traits::precision`].
    Precision,
    /// [`Traits::mode`].
    Mode,
    /// [`Traits::shape`].
    Shape,
    /// [`Traits::split`].
    Split,
}

impl Traits {
    fn of(&self, which: Trait) -> Option<&str> {
        match which {
            Trait::Device => &self.device,
            Trait::Generation => &self.generation,
            Trait::Framework => &self.framework,
            Trait::Model => &self.model,
            Trait::Precision => &self.precision,
            Trait::Mode => &self.mode,
            Trait::Shape => &self.shape,
            Trait::Split => &self.split,
        }
        .as_deref()
    }

    /// The level of an effect kept by these traits; nothing where one is unknown.
    pub fn level(&self, by: &[Trait]) -> Option<String> {
        let parts: Option<Vec<&str>> = by.iter().map(|t| self.of(*t)).collect();
        Some(parts?.join("|"))
    }

    /// What noise and reach are kept by: kind of job with framework, and kind of job.
    pub fn kinds(&self) -> [String; 2] {
        let mode = self.mode.clone().unwrap_or_default();
        let framework = self.framework.as_deref().unwrap_or_default();
        [format!("{mode}|{framework}"), mode]
    }

    /// Logarithm of a time over what it takes with the software of [`SOFTWARE_OF`].
    pub fn software_log(&self) -> f64 {
        -SOFTWARE_GAIN_PER_YEAR
            * self.years.clamp(-LONGEST_GAIN_YEARS, LONGEST_GAIN_YEARS)
    }

    /// The size, or one for an effect that does not grow with any.
    pub fn size(&self, along: Option<Size>) -> f64 {
        match along {
            None => 1.0,
            Some(Size::Years) => {
                self.years.clamp(-LONGEST_GAIN_YEARS, LONGEST_GAIN_YEARS)
            }
            Some(Size::Mixture) => {
                f64::from(self.shape.as_deref().is_some_and(|shape| shape != "dense"))
            }
            Some(s @ (Size::Batch | Size::Chips | Size::Input | Size::Output)) => {
                self.sizes[s as usize]
            }
        }
    }
}

/// Effects of one kind.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The traits whose combination names a level.
    pub by: Vec<Trait>,
    /// The size it is a slope along; an offset where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub along: Option<Size>,
    /// Spread between levels: what a level never measured may be, log scale.
    pub sigma: f64,
    /// Mean and standard deviation of each measured level, log scale.
    #[serde(default)]
    pub levels: BTreeMap<String, [f64; 2]>,
}

/// The fitted effects of one quantity.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Measurements behind it.
    pub rows: u32,
    /// Effects, the broadest first.
    pub effects: Vec<Effect>,
    /// Spread of single measurements by [`Traits::kinds`], log scale; `""` for a new one.
    pub noise: BTreeMap<String, f64>,
    /// Factor that makes the 80 % interval hold 80 % of left-out rows, by what of the
    /// case was never measured ([`Novelty::name`]).
    pub reach: BTreeMap<String, f64>,
}

/// What of a case the measurements behind a table do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Novelty {
    /// Nothing: the same chip, framework, model, format and split.
    Seen,
    /// Only the split over chips.
    Split,
    /// The combination, not its parts.
    Combination,
    /// The model.
    Model,
    /// The framework.
    Framework,
    /// The chip.
    Device,
    /// More than one of chip, framework, model, or the kind of job.
    Several,
}

impl Novelty {
    /// All, from the least to the most.
    pub const ALL: [Self; 7] = [
        Self::Seen,
        Self::Split,
        Self::Combination,
        Self::Model,
        Self::Framework,
        Self::Device,
        Self::Several,
    ];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Split => "split",
            Self::Combination => "combination",
            Self::Model => "model",
            Self::Framework => "framework",
            Self::Device => "device",
            Self::Several => "several",
        }
    }

    /// What to tell the reader.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Seen => "cases like it were measured",
            Self::Split => "its split over chips was not measured",
            Self::Combination => {
                "chip, framework and model were measured, not together in this format"
            }
            Self::Model => "no measurement of this model is behind the fit",
            Self::Framework => "the framework is not named, or was not measured",
            Self::Device => "no measurement of this chip is behind the fit",
            Self::Several => {
                "of chip, framework and model more than one was not measured or named"
            }
        }
    }
}

/// The error of the closed form that measurements lead to expect.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// Logarithm of measured over closed-form time.
    pub log: f64,
    /// Standard deviation of what is left.
    pub sigma: f64,
    /// What was never measured.
    pub novelty: Novelty,
}

/// Largest correction: beyond a factor of seven the closed form, not an effect, is wrong.
const LARGEST_LOG: f64 = 2.0;

impl Table {
    /// The expected error of the closed form for a case.
    ///
    /// ```text
    /// log = Σ x b(level),   σ² = reach² (Σ x² var(level) + noise²)
    /// ```
    /// with `x` the size an effect grows with, `b` and `var` those of the level, or zero
    /// and the spread between levels where it was not measured.
    ///
    /// **Units** natural logarithms. **Errors** none.
    /// **Source** Henderson (1975), best linear unbiased prediction; the reach is split
    /// conformal prediction (Vovk 2005) per kind of novelty.
    /// **Checked by** `what_was_measured_is_narrower_than_what_was_not`.
    pub fn shift(&self, traits: &Traits) -> Shift {
        let (mut log, mut variance) = (0.0, 0.0);
        for effect in &self.effects {
            let x = traits.size(effect.along);
            let level = traits.level(&effect.by).and_then(|l| effect.levels.get(&l));
            if let Some([mean, sigma]) = level {
                log += x * mean;
                variance += (x * sigma).powi(2);
            } else {
                variance += (x * effect.sigma).powi(2);
            }
        }
        let kinds = traits.kinds();
        let noise = kinds.iter().find_map(|k| self.noise.get(k));
        let noise = noise.or_else(|| self.noise.get("")).copied();
        variance += noise.unwrap_or(0.3).powi(2);
        let novelty = self.novelty(traits);
        Shift {
            log: log.clamp(-LARGEST_LOG, LARGEST_LOG),
            sigma: variance.sqrt() * self.reach_of(novelty, &kinds),
            novelty,
        }
    }

    /// The reach of a novelty, for the kind of job where that was measured.
    fn reach_of(&self, novelty: Novelty, kinds: &[String; 2]) -> f64 {
        let name = novelty.name();
        let of = |key: &str| self.reach.get(key).copied();
        let [own, broad] = kinds;
        // What other frameworks' rows say never narrows one of which too few were seen.
        of(&format!("{name}|{own}")).unwrap_or_else(|| {
            of(&format!("{name}|{broad}")).or_else(|| of(name)).unwrap_or(1.0).max(1.0)
        })
    }

    /// True when some effect of `by` alone was measured for the case.
    fn knows(&self, traits: &Traits, by: Trait) -> bool {
        let Some(wanted) = traits.of(by) else { return false };
        self.effects.iter().filter(|e| e.along.is_none()).any(|e| {
            e.by.iter().position(|t| *t == by).is_some_and(|at| {
                e.levels.keys().any(|l| l.split('|').nth(at) == Some(wanted))
            })
        })
    }

    /// True when a measurement of the chip is behind the table.
    pub fn knows_device(&self, traits: &Traits) -> bool {
        self.knows(traits, Trait::Device)
    }

    /// What of the case was never measured.
    pub fn novelty(&self, traits: &Traits) -> Novelty {
        let offsets = || self.effects.iter().filter(|e| e.along.is_none());
        let keeps = |by| offsets().any(|e| e.by.contains(&by));
        let new = |by| keeps(by) && !self.knows(traits, by);
        let (device, framework, model) =
            (new(Trait::Device), new(Trait::Framework), new(Trait::Model));
        if new(Trait::Mode) {
            return Novelty::Several;
        }
        match (device, framework, model) {
            (false, false, false) => {}
            (true, false, false) => return Novelty::Device,
            (false, true, false) => return Novelty::Framework,
            (false, false, true) => return Novelty::Model,
            (true, true, _) | (true, _, true) | (_, true, true) => {
                return Novelty::Several;
            }
        }
        let has = |e: &Effect| {
            traits.level(&e.by).is_some_and(|level| e.levels.contains_key(&level))
        };
        if offsets().filter(|e| !e.by.contains(&Trait::Split)).any(|e| !has(e)) {
            Novelty::Combination
        } else if offsets().any(|e| !has(e)) {
            Novelty::Split
        } else {
            Novelty::Seen
        }
    }
}

impl Shift {
    /// The spread, with its reason.
    pub fn spread(&self) -> Spread {
        Spread::of(
            self.sigma,
            format!("left-out measurements of this kind: {}", self.novelty.sentence()),
        )
    }
}

/// Quantities that have a table of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Time of a training or fine-tuning step.
    Step,
    /// Time per output token.
    OutputToken,
    /// Time to first token in a closed loop of requests.
    FirstToken,
    /// Time per output token and chip of a service run flat out.
    Throughput,
}

/// Constants and tables of one fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// When it was fitted, as a date.
    pub as_of: String,
    /// What was measured, and by whom.
    pub source: String,
    /// Constants of the closed form.
    pub calibration: Calibration,
    /// Standard deviations of the logarithms of those that were fitted.
    pub constant_sigma: BTreeMap<String, f64>,
    /// Effects by quantity.
    pub tables: BTreeMap<Quantity, Table>,
}

/// [`Fitted`] as it stands in a file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    as_of: String,
    source: String,
    #[serde(default)]
    constants: BTreeMap<String, f64>,
    #[serde(default)]
    constants_log_sigma: BTreeMap<String, f64>,
    #[serde(default)]
    tables: BTreeMap<Quantity, Table>,
}

static SHIPPED: LazyLock<Fitted> = LazyLock::new(|| {
    Fitted::read(include_str!("fitted.toml"))
        .expect("bug: the shipped fit does not parse")
});

impl Fitted {
    /// The fit that ships in the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Closed form alone, nothing fitted.
    pub fn prior() -> Self {
        Self {
            as_of: String::new(),
            source: "published constants, nothing fitted".to_owned(),
            calibration: Calibration::PRIOR,
            constant_sigma: BTreeMap::new(),
            tables: BTreeMap::new(),
        }
    }

    /// Reads a fit from its file's text, or says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut calibration = Calibration::PRIOR;
        for (name, value) in &written.constants {
            if !(value.is_finite() && *value > 0.0) {
                return Err(format!("constant `{name}` must be positive, found {value}"));
            }
            if !calibration.set(name, *value) {
                return Err(format!("no constant is named `{name}`"));
            }
        }
        Ok(Self {
            as_of: written.as_of,
            source: written.source,
            calibration,
            constant_sigma: written.constants_log_sigma,
            tables: written.tables,
        })
    }

    /// The fit as the text of a file.
    ///
    /// # Panics
    /// Never: every table can be written as TOML.
    pub fn write(&self) -> String {
        let fitted = |name: &&&str| self.constant_sigma.contains_key(**name);
        let constants = Calibration::NAMES.iter().filter(fitted).filter_map(|name| {
            Some(((*name).to_owned(), self.calibration.constant(name)?))
        });
        let written = Written {
            as_of: self.as_of.clone(),
            source: self.source.clone(),
            constants: constants.collect(),
            constants_log_sigma: self.constant_sigma.clone(),
            tables: self.tables.clone(),
        };
        toml::to_string(&written).expect("bug: a fit cannot be written as TOML")
    }

    /// The expected error of the closed form; wide where the quantity was never fitted.
    pub fn shift(&self, quantity: Quantity, traits: &Traits) -> Shift {
        self.tables
            .get(&quantity)
            .map_or(Shift { log: 0.0, sigma: 0.4, novelty: Novelty::Several }, |table| {
                table.shift(traits)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let levels = |l: &[(&str, f64)]| {
            l.iter().map(|(k, m)| ((*k).to_owned(), [*m, 0.02])).collect()
        };
        Table {
            rows: 10,
            effects: vec![
                Effect {
                    by: vec![Trait::Device],
                    along: None,
                    sigma: 0.2,
                    levels: levels(&[("a", 0.1)]),
                },
                Effect {
                    by: vec![Trait::Device, Trait::Framework],
                    along: Some(Size::Batch),
                    sigma: 0.1,
                    levels: levels(&[("a|x", -0.05)]),
                },
            ],
            noise: BTreeMap::from([(String::new(), 0.05)]),
            reach: BTreeMap::from([("device".to_owned(), 2.0)]),
        }
    }

    fn case(device: &str, framework: Option<&str>) -> Traits {
        Traits {
            device: Some(device.to_owned()),
            framework: framework.map(str::to_owned),
            sizes: [2.0, 0.0, 0.0, 0.0],
            ..Traits::default()
        }
    }

    #[test]
    fn what_was_measured_is_narrower_than_what_was_not() {
        let t = table();
        let seen = t.shift(&case("a", Some("x")));
        assert!((seen.log - (0.1 - 2.0 * 0.05)).abs() < 1e-12);
        let unnamed = t.shift(&case("a", None));
        let new = t.shift(&case("b", Some("x")));
        assert!(seen.sigma < unnamed.sigma && unnamed.sigma < new.sigma);
        // σ² = 2² (0.2² + (2·0.1)² + 0.05²) for the new chip.
        assert!((new.sigma - 2.0 * (0.04_f64 + 0.04 + 0.0025).sqrt()).abs() < 1e-12);
        assert!(new.log.abs() < 1e-12);
    }

    #[test]
    fn a_fit_reads_back_as_written() {
        let mut fit = Fitted::prior();
        fit.calibration.matmul_share = 0.6;
        fit.constant_sigma.insert("matmul_share".to_owned(), 0.1);
        fit.as_of = "2026-01".to_owned();
        fit.tables.insert(Quantity::Step, table());
        assert_eq!(Fitted::read(&fit.write()).unwrap(), fit);
    }

    #[test]
    fn a_constant_that_does_not_exist_is_named() {
        let text = "as_of = \"\"\nsource = \"\"\n[constants]\nspeed = 1.0\n";
        assert!(Fitted::read(text).unwrap_err().contains("`speed`"));
    }
}
