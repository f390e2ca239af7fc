//! Constants, then effects, then the reach of the intervals: one fit of a set of cases.
//!
//! The constants of the closed form come first and alone, so that they carry what
//! transfers to chips and models never seen; effects take what is left. How far an
//! interval must reach is measured: each chip, framework, model and a fifth of the rows
//! are left out in turn, and the errors of what was left out, over the spread that was
//! stated for them, give the factor by kind of novelty. Read next: [`super::mixed`].

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::hardware::correction::{Fitted, Novelty, Quantity, Shift, Size, Table, Trait};

use super::case::Observation;
use super::constants;
use super::mixed::{self, Kind, Residual};

/// What is fitted for a quantity.
struct Recipe {
    quantity: Quantity,
    constants: &'static [&'static str],
    kinds: &'static [Kind],
    family: &'static [Trait],
}

const FAMILY: &[Trait] =
    &[Trait::Device, Trait::Framework, Trait::Model, Trait::Precision, Trait::Mode];
const SPLIT: &[Trait] = &[
    Trait::Device,
    Trait::Framework,
    Trait::Model,
    Trait::Precision,
    Trait::Mode,
    Trait::Split,
];
const JOB: &[Trait] =
    &[Trait::Device, Trait::Framework, Trait::Precision, Trait::Mode, Trait::Shape];
const RUN: &[Trait] = &[Trait::Device, Trait::Framework, Trait::Model];

const fn offset(by: &'static [Trait]) -> Kind {
    Kind { by, along: None }
}

const fn slope(by: &'static [Trait], along: Size) -> Kind {
    Kind { by, along: Some(along) }
}

/// The quantities in the order in which they build on each other's constants.
const RECIPES: [Recipe; 4] = [
    Recipe {
        quantity: Quantity::OutputToken,
        constants: &[
            "decode_memory_share",
            "expert_memory_share",
            "cache_share",
            "decode_share",
            "layer_floor_s",
            "expert_layer_floor_s",
            "collective_floor_s",
            "step_floor_s",
            "sequence_floor_s",
            "prefill_share",
            "apart_prefill_share",
            "prefill_half_width",
            "serve_link_share",
            "prefill_interference",
            "serve_attention_share",
        ],
        kinds: &[
            offset(&[Trait::Model]),
            offset(&[Trait::Framework, Trait::Mode]),
            offset(&[Trait::Generation, Trait::Precision]),
            offset(&[Trait::Device]),
            offset(&[Trait::Device, Trait::Precision]),
            offset(FAMILY),
            offset(SPLIT),
            slope(FAMILY, Size::Batch),
            slope(SPLIT, Size::Batch),
            slope(FAMILY, Size::Chips),
            slope(FAMILY, Size::Input),
            slope(SPLIT, Size::Input),
            slope(FAMILY, Size::Output),
        ],
        family: FAMILY,
    },
    Recipe {
        quantity: Quantity::FirstToken,
        constants: &[
            "first_floor_s",
            "first_sequence_floor_s",
            "first_prefill_share",
            "first_half_width",
            "first_burst",
            "first_burst_power",
            "first_steps",
            "first_backlog",
        ],
        kinds: &[
            offset(&[Trait::Model]),
            offset(&[Trait::Framework, Trait::Mode]),
            offset(&[Trait::Generation, Trait::Precision]),
            slope(&[Trait::Framework, Trait::Mode], Size::Batch),
            slope(&[Trait::Framework, Trait::Mode], Size::Input),
            offset(&[Trait::Device]),
            offset(&[Trait::Device, Trait::Precision]),
            offset(FAMILY),
            offset(SPLIT),
            slope(FAMILY, Size::Batch),
            slope(SPLIT, Size::Batch),
            slope(FAMILY, Size::Chips),
            slope(FAMILY, Size::Input),
            slope(SPLIT, Size::Input),
            slope(FAMILY, Size::Output),
        ],
        family: FAMILY,
    },
    Recipe {
        quantity: Quantity::Step,
        constants: &[
            "matmul_share",
            "matmul_half_width",
            "power_exponent",
            "narrow_matmul_share",
            "fp4_matmul_share",
            "attention_share",
            "expert_half_width",
            "expert_pass_floor_s",
            "tensor_exposed_share",
            "exchange_exposed_share",
            "activation_passes",
            "operator_floor_s",
            "link_share",
            "network_share",
            "network_latency_s",
            "data_overlap",
        ],
        kinds: &[
            offset(&[Trait::Generation]),
            offset(&[Trait::Device]),
            offset(&[Trait::Framework]),
            slope(&[], Size::Years),
            slope(&[Trait::Mode], Size::Years),
            offset(&[Trait::Mode]),
            offset(&[Trait::Model]),
            slope(&[Trait::Model], Size::Mixture),
            slope(&[Trait::Device, Trait::Model], Size::Mixture),
            offset(&[Trait::Generation, Trait::Precision, Trait::Mode]),
            offset(&[Trait::Generation, Trait::Framework]),
            offset(&[Trait::Device, Trait::Framework]),
            offset(JOB),
            slope(&[Trait::Mode], Size::Chips),
            slope(&[Trait::Framework], Size::Batch),
            slope(JOB, Size::Batch),
            slope(JOB, Size::Chips),
            slope(JOB, Size::Input),
            slope(JOB, Size::Output),
        ],
        family: JOB,
    },
    Recipe {
        quantity: Quantity::Throughput,
        constants: &[],
        kinds: &[
            offset(&[Trait::Framework]),
            offset(&[Trait::Model]),
            offset(&[Trait::Device]),
            offset(&[Trait::Device, Trait::Model]),
            offset(RUN),
            slope(&[Trait::Device], Size::Chips),
            slope(RUN, Size::Chips),
        ],
        family: RUN,
    },
];

/// What is left out of a fit, level by level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveOut {
    /// One accelerator at a time.
    Device,
    /// One framework, engine or publication at a time.
    Source,
    /// One model at a time; rows without one are in every fit.
    Model,
    /// A fifth of the rows at a time.
    Rows,
}

/// Parts of the rows when a fifth is left out at a time.
const PARTS: u64 = 5;
/// Rows from which a kind of job has a reach of its own.
const OWN_REACH_ROWS: usize = 4;
/// Levels left out at which their errors and the stated spread are believed alike.
const STATED_LEVELS: f64 = 2.0;
/// Rows of its own that weigh as much as what is pooled.
const POOLED_ROWS: f64 = 4.0;
/// Rows from which a novelty's reach is measured rather than taken from the next.
const REACH_ROWS: usize = 12;
/// Normal quantile of 90 %.
const Z90: f64 = 1.281_551_565_544_600_4;

impl LeaveOut {
    /// The level of a row; rows of no level are never left out.
    pub fn level(self, o: &Observation) -> Option<String> {
        match self {
            Self::Device => o.traits.device.clone(),
            Self::Source => o.traits.framework.clone(),
            Self::Model => o.traits.model.clone(),
            // A fixed scramble of what was measured (FNV-1a), so that neighbours part
            // and two records of one measurement do not.
            Self::Rows => {
                let mixed =
                    o.measurement.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| {
                        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
                    });
                Some(((mixed >> 33) % PARTS).to_string())
            }
        }
    }
}

/// One observation a row and quantity: a figure said in two units counts once.
fn distinct<'a>(rows: &[&'a Observation]) -> Vec<&'a Observation> {
    let mut seen = BTreeSet::new();
    rows.iter().copied().filter(|o| seen.insert((o.quantity, o.line))).collect()
}

/// Fits everything: constants, effects, reach.
///
/// **Errors** none; quantities without rows keep the prior and stay wide.
/// **Checked by** `a_made_up_fleet_is_recovered_and_its_intervals_hold`.
pub fn fit(rows: &[&Observation], as_of: &str, source: &str) -> Fitted {
    let rows = distinct(rows);
    let start =
        Fitted { as_of: as_of.to_owned(), source: source.to_owned(), ..Fitted::prior() };
    let mut fitted = point(&rows, &start, true);
    let mut errors: BTreeMap<Quantity, Vec<Missed>> = BTreeMap::new();
    for by in [LeaveOut::Rows, LeaveOut::Device, LeaveOut::Source, LeaveOut::Model] {
        for (o, _, shift, left) in left_out(&rows, &fitted, by, by != LeaveOut::Rows) {
            // Rows that were left out together err together; a row alone is its own.
            let with = match by {
                LeaveOut::Rows => o.measurement.clone(),
                _ => by.level(o).unwrap_or_default(),
            };
            errors.entry(o.quantity).or_default().push(Missed {
                novelty: shift.novelty,
                kinds: o.traits.kinds(),
                with: (by as u8, with),
                error: (left / shift.sigma.max(1e-6)).abs(),
            });
        }
    }
    for (quantity, errors) in errors {
        if let Some(table) = fitted.tables.get_mut(&quantity) {
            table.reach = reach(&errors);
        }
    }
    fitted
}

/// Constants and effects without reach; constants only where asked for.
fn point(rows: &[&Observation], start: &Fitted, with_constants: bool) -> Fitted {
    let mut fitted = Fitted { tables: BTreeMap::new(), ..start.clone() };
    for recipe in &RECIPES {
        let own: Vec<&Observation> =
            rows.iter().copied().filter(|o| o.quantity == recipe.quantity).collect();
        if own.is_empty() {
            continue;
        }
        if with_constants && !recipe.constants.is_empty() {
            let found = constants::fit(&own, recipe.constants, &fitted.calibration);
            fitted.calibration = found.calibration;
            fitted.constant_sigma.extend(found.sigma);
        }
        fitted.tables.insert(recipe.quantity, effects(recipe, &own, &fitted));
    }
    fitted
}

fn effects(recipe: &Recipe, rows: &[&Observation], fitted: &Fitted) -> Table {
    let shares = constants::shares(rows);
    let residuals: Vec<Residual<'_>> = rows
        .iter()
        .zip(shares)
        .map(|(o, share)| Residual {
            traits: &o.traits,
            log: o.log_measured() - o.log_form(&fitted.calibration),
            share,
        })
        .collect();
    mixed::fit(&residuals, recipe.kinds, recipe.family)
}

/// Row, closed form, shift and the logarithmic error that was left, for every row that
/// some fold leaves out; the closed form and shift are of the fit without it.
type Left<'a> = (&'a Observation, f64, Shift, f64);

fn left_out<'a>(
    rows: &[&'a Observation],
    start: &Fitted,
    by: LeaveOut,
    with_constants: bool,
) -> Vec<Left<'a>> {
    let bare = Fitted { tables: BTreeMap::new(), ..start.clone() };
    let levels: BTreeSet<String> = rows.iter().filter_map(|o| by.level(o)).collect();
    let folds: Vec<Vec<Left<'a>>> = levels
        .into_par_iter()
        .map(|level| {
            let out = |o: &&Observation| by.level(o).as_deref() == Some(level.as_str());
            // Only tables that the left-out rows are looked up in.
            let asked: BTreeSet<Quantity> =
                rows.iter().copied().filter(out).map(|o| o.quantity).collect();
            let rest: Vec<&Observation> = rows
                .iter()
                .copied()
                .filter(|o| !out(o) && asked.contains(&o.quantity))
                .collect();
            let fold = point(&rest, &bare, with_constants);
            rows.iter()
                .copied()
                .filter(out)
                .map(|o| {
                    let form = o.log_form(&fold.calibration);
                    let shift = o.shift(&fold);
                    let left = o.log_measured() - form - shift.log;
                    (o, form, shift, left)
                })
                .collect()
        })
        .collect();
    folds.into_iter().flatten().collect()
}

/// The error of a left-out row over the spread that was stated for it.
struct Missed {
    novelty: Novelty,
    kinds: [String; 2],
    /// What it was left out with.
    with: (u8, String),
    error: f64,
}

/// The factor that makes 80 % intervals hold 80 % of a level never seen.
///
/// Rows of one level err together, so a level of `n` rows weighs as √n: between that of
/// rows that are all their own and that of levels which are one draw each.
fn of_levels(these: &[&Missed]) -> f64 {
    let mut rows: BTreeMap<&(u8, String), f64> = BTreeMap::new();
    for missed in these {
        *rows.entry(&missed.with).or_insert(0.0) += 1.0;
    }
    let mut weighted: Vec<(f64, f64)> =
        these.iter().map(|m| (m.error, 1.0 / rows[&m.with].sqrt())).collect();
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The row to come is one more: with few, the largest error is the bound.
    let n = crate::units::count(weighted.len());
    let wanted = 0.8 * weighted.iter().map(|(_, w)| w).sum::<f64>() * (1.0 + 1.0 / n);
    let mut below = 0.0;
    let at = weighted.iter().find(|(_, weight)| {
        below += weight;
        below >= wanted
    });
    let reach = at.or(weighted.last()).map_or(1.0, |(error, _)| error / Z90);
    // Of few levels the stated spread is as good a guide as their errors.
    let levels = crate::units::count(rows.len());
    reach.max(1e-3).powf(levels / (levels + STATED_LEVELS))
}

/// The factor by novelty, and by novelty and kind of job where there are rows enough.
fn reach(errors: &[Missed]) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let mut last: Option<f64> = None;
    for novelty in Novelty::ALL {
        let own: Vec<&Missed> = errors.iter().filter(|m| m.novelty == novelty).collect();
        let value = if own.len() < REACH_ROWS {
            // Too few to tell: as wide as what is next less new, no narrower than stated.
            last.unwrap_or(1.0).max(1.0)
        } else {
            of_levels(&own)
        };
        found.insert(novelty.name().to_owned(), value);
        last = Some(value);
        // From the broad kind of job to the narrow one, each pooled with what is broader.
        let mut broader: BTreeMap<String, f64> = BTreeMap::new();
        for at in [1, 0] {
            let kinds: BTreeSet<&[String; 2]> = own.iter().map(|m| &m.kinds).collect();
            for kind in kinds {
                let these: Vec<&Missed> =
                    own.iter().copied().filter(|m| m.kinds[at] == kind[at]).collect();
                // What many rows of another kind say never narrows a kind with few.
                let pooled = broader.get(&kind[1]).copied().unwrap_or(value).max(1.0);
                let n = crate::units::count(these.len());
                if these.len() >= OWN_REACH_ROWS {
                    let mixed = (n * of_levels(&these) + POOLED_ROWS * pooled)
                        / (n + POOLED_ROWS);
                    found.insert(format!("{}|{}", novelty.name(), kind[at]), mixed);
                    if at == 1 {
                        broader.insert(kind[1].clone(), mixed);
                    }
                }
            }
        }
    }
    found
}

/// What a fit without the row says of it.
pub struct Judged<'a> {
    /// The row.
    pub row: &'a Observation,
    /// Logarithm of the seconds expected.
    pub log: f64,
    /// Standard deviation of that logarithm.
    pub sigma: f64,
}

/// Every row as the shipped, or any other, fit says it.
pub fn judge<'a>(rows: &'a [Observation], fitted: &Fitted) -> Vec<Judged<'a>> {
    rows.par_iter()
        .map(|row| {
            let shift = row.shift(fitted);
            let log = row.log_form(&fitted.calibration) + shift.log;
            Judged { row, log, sigma: shift.sigma }
        })
        .collect()
}

/// Every row as fits say it that have not seen what is left out with it.
///
/// Each fold is fitted from the start, reach included, on the rows that are left in.
pub fn judge_left_out(rows: &[Observation], by: LeaveOut) -> Vec<Judged<'_>> {
    let all: Vec<&Observation> = rows.iter().collect();
    let levels: BTreeSet<String> = all.iter().filter_map(|o| by.level(o)).collect();
    let mut judged = Vec::new();
    for level in levels {
        let out = |o: &&Observation| by.level(o).as_deref() == Some(level.as_str());
        let asked: BTreeSet<Quantity> =
            all.iter().copied().filter(out).map(|o| o.quantity).collect();
        let rest: Vec<&Observation> = all
            .iter()
            .copied()
            .filter(|o| !out(o) && asked.contains(&o.quantity))
            .collect();
        let fold = fit(&rest, "", "");
        judged.extend(rows.iter().filter(|o| out(o)).map(|row| {
            let shift = row.shift(&fold);
            let log = row.log_form(&fold.calibration) + shift.log;
            Judged { row, log, sigma: shift.sigma }
        }));
    }
    judged.sort_by_key(|j| j.row.line);
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_weighs_as_the_root_of_its_rows() {
        let missed = |level: &str, error: f64| Missed {
            novelty: Novelty::Device,
            kinds: [String::new(), String::new()],
            with: (0, level.to_owned()),
            error,
        };
        // A hundred rows of one level weigh ten; each level of one row weighs one.
        let of = |singles: usize| {
            let alone = (0..singles).map(|i| missed(&i.to_string(), 3.0));
            let all: Vec<Missed> =
                (0..100).map(|_| missed("many", 1.0)).chain(alone).collect();
            of_levels(&all.iter().collect::<Vec<_>>())
        };
        // Three and five levels are believed three fifths and five sevenths.
        let ten_of_twelve = (1.0 / Z90).powf(3.0 / 5.0);
        let ten_of_fourteen = (3.0 / Z90).powf(5.0 / 7.0);
        assert!((of(2) - ten_of_twelve).abs() < 1e-12);
        assert!((of(4) - ten_of_fourteen).abs() < 1e-12);
    }

    #[test]
    fn of_few_rows_the_largest_error_is_the_bound() {
        // (4 + 1) · 0.8 of four rows is the fourth.
        let rows: Vec<Missed> = (0..4)
            .map(|i| Missed {
                novelty: Novelty::Seen,
                kinds: [String::new(), String::new()],
                with: (0, i.to_string()),
                error: f64::from(i) + 1.0,
            })
            .collect();
        let reach = of_levels(&rows.iter().collect::<Vec<_>>());
        assert!((reach - (4.0 / Z90).powf(4.0 / 6.0)).abs() < 1e-12, "{reach}");
    }
}
