//! Effects with shrinkage: a mixed linear model of logarithmic errors.
//!
//! ```text
//! r = Σ x b(level) + e,   b ~ N(0, σ²_effect),   e ~ t₄ scaled by the kind of job
//! ```
//! Variances come from expectation–maximisation, outliers are down-weighted as a
//! Student t has it. Effects of one family of rows (chip, framework, model, format, kind)
//! touch no other family's, so the normal equations are an arrow: families are
//! eliminated one by one and only the effects shared between them are solved together.
//! Read next: [`super::fit()`].

use std::collections::{BTreeMap, BTreeSet};

use nalgebra::{DMatrix, DVector};

use crate::hardware::correction::{Effect, Size, Table, Trait, Traits};

/// A kind of effect to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kind {
    /// Traits whose combination names a level.
    pub(super) by: &'static [Trait],
    /// Size it grows with.
    pub(super) along: Option<Size>,
}

/// What a row brings to the fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Residual<'a> {
    /// Traits of the row.
    pub(super) traits: &'a Traits,
    /// Logarithm of measured over closed-form time.
    pub(super) log: f64,
    /// Share of a measurement that it is, where several records are of one.
    pub(super) share: f64,
}

/// Degrees of freedom of the error: heavy tails, as records of measurements have them.
const FREEDOM: f64 = 4.0;
const ROUNDS: usize = 15;
/// Prior of every variance: two levels with a spread of 1.4 %, so that none collapses.
const PRIOR_SQUARES: f64 = 4e-4;
const PRIOR_LEVELS: f64 = 2.0;

/// What one chip, framework or model does unlike another beyond the closed form, where
/// few were measured: a spread of 15 %, held as firmly as six levels hold theirs; sizes of
/// one family of models are more alike than models are.
const BETWEEN_SQUARE: f64 = 0.15 * 0.15;
const BETWEEN_LEVELS: f64 = 6.0;

/// The same for what only mixtures of experts do: routing, exchanges, short products.
const MIXTURES_SQUARE: f64 = 0.3 * 0.3;

/// Rows behind the prior of a kind's noise, and their error.
const PRIOR_ROWS: f64 = 3.0;
const PRIOR_NOISE_SQUARE: f64 = 0.08 * 0.08;

impl Kind {
    /// Square of the spread to expect between chips, frameworks or models as such, or
    /// between mixtures, where few were measured; nothing for other kinds.
    fn expected_square(&self) -> Option<f64> {
        let main = [Trait::Device, Trait::Framework, Trait::Model, Trait::Mode];
        match (self.along, self.by) {
            (Some(Size::Mixture), [_]) => Some(MIXTURES_SQUARE),
            (None, [by]) if main.contains(by) => Some(BETWEEN_SQUARE),
            _ => None,
        }
    }

    /// The variance to expect of a level never seen, where `levels` were and had
    /// `variance`: of one or two, it is hardly known.
    fn never_seen(&self, variance: f64, levels: usize) -> f64 {
        let n = crate::units::count(levels);
        self.expected_square().map_or(variance, |expected| {
            (n * variance + BETWEEN_LEVELS * expected) / (n + BETWEEN_LEVELS)
        })
    }
}

/// A row's entries: column and value among the shared and among its family's effects.
struct Entries {
    family: usize,
    noise: usize,
    is_mixture: bool,
    shared: Vec<(usize, f64)>,
    own: Vec<(usize, f64)>,
    log: f64,
    share: f64,
    /// Of the error, as a Student t has it.
    weight: f64,
}

/// A column: its kind of effect and its level.
struct Column {
    kind: usize,
    level: String,
    /// Of a family's own effect, as a Student t has it.
    weight: f64,
}

struct Solution {
    shared: DVector<f64>,
    shared_cov: DMatrix<f64>,
    own: Vec<DVector<f64>>,
    own_cov: Vec<DMatrix<f64>>,
    /// Covariance of a family's effects with the shared ones it meets, [`Met`].
    cross: Vec<DMatrix<f64>>,
}

/// The shared effects that the rows of each family meet, of all the few it has; what a
/// family leaves in the equations of the shared effects is among these alone.
struct Met {
    /// Columns of the shared effects by family, ascending.
    columns: Vec<Vec<usize>>,
}

impl Met {
    fn of(entries: &[Entries], families: usize) -> Self {
        let mut met: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); families];
        for e in entries {
            met[e.family].extend(e.shared.iter().map(|(at, _)| *at));
        }
        Self { columns: met.into_iter().map(|m| m.into_iter().collect()).collect() }
    }

    /// Where a family keeps a shared column that it meets.
    fn place(&self, family: usize, column: usize) -> usize {
        self.columns[family].partition_point(|at| *at < column)
    }
}

/// Fits effects of the given kinds; `family` are the traits of a family of rows.
///
/// **Units** natural logarithms. **Errors** none; without rows every effect is unknown.
/// **Source** Henderson (1975); Dempster, Laird and Rubin (1977); Lange, Little and Taylor
/// (1989) for the t weights.
/// **Checked by** `shrinkage_matches_the_formula_for_one_way_data`.
pub(super) fn fit(rows: &[Residual<'_>], kinds: &[Kind], family: &[Trait]) -> Table {
    let heavy: Vec<bool> =
        kinds.iter().map(|k| family.iter().all(|t| k.by.contains(t))).collect();
    fit_with(rows, kinds, family, &heavy)
}

/// [`fit`] with the kinds whose levels have heavy tails told apart from the elimination.
fn fit_with(
    rows: &[Residual<'_>],
    kinds: &[Kind],
    family: &[Trait],
    heavy: &[bool],
) -> Table {
    let local = |k: &Kind| !family.is_empty() && family.iter().all(|t| k.by.contains(t));
    let mut families: BTreeMap<String, usize> = BTreeMap::new();
    let mut noises: BTreeMap<String, usize> = BTreeMap::new();
    let mut shared: Vec<Column> = Vec::new();
    let mut own: Vec<Vec<Column>> = Vec::new();
    let mut places: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let name = row.traits.level(family).unwrap_or_else(|| "?".to_owned());
        let next = families.len();
        let f = *families.entry(name).or_insert(next);
        if f == own.len() {
            own.push(Vec::new());
        }
        let [kind, _] = row.traits.kinds();
        let next = noises.len();
        let noise = *noises.entry(kind).or_insert(next);
        let mut e = Entries {
            family: f,
            noise,
            is_mixture: row.traits.size(Some(Size::Mixture)) > 0.5,
            shared: Vec::new(),
            own: Vec::new(),
            log: row.log,
            share: row.share,
            weight: 1.0,
        };
        for (i, kind) in kinds.iter().enumerate() {
            let size = row.traits.size(kind.along);
            let Some(level) = row.traits.level(kind.by) else { continue };
            if kind.along == Some(Size::Mixture) && size < 0.5 {
                continue;
            }
            let columns = if local(kind) { &mut own[f] } else { &mut shared };
            let at = *places.entry((i, level.clone())).or_insert_with(|| {
                columns.push(Column { kind: i, level, weight: 1.0 });
                columns.len() - 1
            });
            let entry = (at, size);
            if local(kind) { e.own.push(entry) } else { e.shared.push(entry) }
        }
        entries.push(e);
    }
    let mut variance = vec![0.01; kinds.len()];
    let mut noise = vec![0.02; noises.len()];
    let met = Met::of(&entries, own.len());
    let mut solution = None;
    for _ in 0..ROUNDS {
        let s = solve(&entries, &met, &shared, &own, &variance, &noise);
        let columns = (&mut shared, &mut own);
        update(&mut entries, &met, &mut variance, &mut noise, &s, columns, heavy);
        solution = Some(s);
    }
    let noise_sigma = stated_noise(rows, &entries, &noises, noise);
    let mut seen = vec![0_usize; kinds.len()];
    for column in shared.iter().chain(own.iter().flatten()) {
        seen[column.kind] += 1;
    }
    let mut effects: Vec<Effect> = kinds
        .iter()
        .zip(variance.iter().zip(seen))
        .map(|(k, (&v, levels))| Effect {
            by: k.by.to_vec(),
            along: k.along,
            sigma: k.never_seen(v, levels).sqrt(),
            levels: BTreeMap::new(),
        })
        .collect();
    if let Some(s) = solution {
        let mut keep = |columns: &[Column], mean: &DVector<f64>, cov: &DMatrix<f64>| {
            for (i, c) in columns.iter().enumerate() {
                let sigma = cov[(i, i)].max(0.0).sqrt();
                effects[c.kind].levels.insert(c.level.clone(), [mean[i], sigma]);
            }
        };
        keep(&shared, &s.shared, &s.shared_cov);
        for (f, columns) in own.iter().enumerate() {
            keep(columns, &s.own[f], &s.own_cov[f]);
        }
    }
    Table {
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        effects,
        noise: noise_sigma,
        reach: BTreeMap::new(),
    }
}

/// Spread of single measurements by kind of job with framework, by kind of job, and by
/// neither, under the empty name.
fn stated_noise(
    rows: &[Residual<'_>],
    entries: &[Entries],
    noises: &BTreeMap<String, usize>,
    mut noise: Vec<f64>,
) -> BTreeMap<String, f64> {
    // What a few mixtures seem to scatter is hardly known: some of it was fitted away.
    let mut mixtures = vec![(true, 0.0); noise.len()];
    for e in entries {
        mixtures[e.noise].0 &= e.is_mixture;
        mixtures[e.noise].1 += e.share;
    }
    for (v, (_, n)) in noise.iter_mut().zip(mixtures).filter(|(_, (all, _))| *all) {
        *v = (n * *v + PRIOR_ROWS * MIXTURES_SQUARE) / (n + PRIOR_ROWS);
    }
    // A new framework has the noise of its kind of job, a new kind that of all.
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (row, e) in rows.iter().zip(entries) {
        let [_, mode] = row.traits.kinds();
        for key in BTreeSet::from([mode, String::new()]) {
            let sum = sums.entry(key).or_insert((0.0, 0.0));
            *sum = (sum.0 + noise[e.noise], sum.1 + 1.0);
        }
    }
    let mut noise_sigma: BTreeMap<String, f64> =
        sums.into_iter().map(|(key, (sum, n))| (key, (sum / n).sqrt())).collect();
    noise_sigma.extend(noises.iter().map(|(kind, i)| (kind.clone(), noise[*i].sqrt())));
    if entries.is_empty() {
        noise_sigma.insert(String::new(), 0.3);
    }
    noise_sigma
}

fn solve(
    entries: &[Entries],
    met: &Met,
    shared: &[Column],
    own: &[Vec<Column>],
    variance: &[f64],
    noise: &[f64],
) -> Solution {
    let n = shared.len();
    let diagonal = |columns: &[Column]| {
        DMatrix::from_diagonal(&DVector::from_iterator(
            columns.len(),
            columns.iter().map(|c| c.weight / variance[c.kind]),
        ))
    };
    let mut shared_h = diagonal(shared);
    let mut shared_y = DVector::zeros(n);
    let mut own_h: Vec<DMatrix<f64>> = own.iter().map(|c| diagonal(c)).collect();
    let mut own_y: Vec<DVector<f64>> =
        own.iter().map(|c| DVector::zeros(c.len())).collect();
    let mut cross: Vec<DMatrix<f64>> = own
        .iter()
        .zip(&met.columns)
        .map(|(c, m)| DMatrix::zeros(c.len(), m.len()))
        .collect();
    for e in entries {
        let w = e.share * e.weight / noise[e.noise];
        for &(i, x) in &e.shared {
            shared_y[i] += w * x * e.log;
            for &(j, z) in &e.shared {
                shared_h[(i, j)] += w * x * z;
            }
        }
        let f = e.family;
        for &(i, x) in &e.own {
            own_y[f][i] += w * x * e.log;
            for &(j, z) in &e.own {
                own_h[f][(i, j)] += w * x * z;
            }
            for &(j, z) in &e.shared {
                cross[f][(i, met.place(f, j))] += w * x * z;
            }
        }
    }
    let inverse = |m: DMatrix<f64>| {
        let size = m.nrows();
        m.cholesky().map_or_else(|| DMatrix::zeros(size, size), |c| c.inverse())
    };
    let own_inverse: Vec<DMatrix<f64>> = own_h.into_iter().map(inverse).collect();
    for (f, inv) in own_inverse.iter().enumerate() {
        let g = inv * &cross[f];
        let (h, y) = (cross[f].transpose() * &g, g.transpose() * &own_y[f]);
        for (a, &i) in met.columns[f].iter().enumerate() {
            shared_y[i] -= y[a];
            for (b, &j) in met.columns[f].iter().enumerate() {
                shared_h[(i, j)] -= h[(a, b)];
            }
        }
    }
    let shared_cov = inverse(shared_h);
    let shared_b = &shared_cov * shared_y;
    let mut solution = Solution {
        shared: shared_b,
        shared_cov,
        own: Vec::new(),
        own_cov: Vec::new(),
        cross: Vec::new(),
    };
    for (f, inv) in own_inverse.into_iter().enumerate() {
        let g = &inv * &cross[f];
        let columns = &met.columns[f];
        let shared = DVector::from_iterator(
            columns.len(),
            columns.iter().map(|i| solution.shared[*i]),
        );
        let cov = DMatrix::from_fn(columns.len(), columns.len(), |a, b| {
            solution.shared_cov[(columns[a], columns[b])]
        });
        let with_shared = -(&g * cov);
        solution.own.push(&inv * &own_y[f] - &g * shared);
        solution.own_cov.push(&inv - &with_shared * g.transpose());
        solution.cross.push(with_shared);
    }
    solution
}

/// One round of expectation–maximisation: weights of rows, variances of effects, noise.
fn update(
    entries: &mut [Entries],
    met: &Met,
    variance: &mut [f64],
    noise: &mut [f64],
    s: &Solution,
    (shared, own): (&mut Vec<Column>, &mut Vec<Vec<Column>>),
    heavy: &[bool],
) {
    let mut squares = vec![PRIOR_SQUARES; variance.len()];
    let mut levels = vec![PRIOR_LEVELS; variance.len()];
    let mut add = |columns: &[Column], mean: &DVector<f64>, cov: &DMatrix<f64>| {
        for (i, c) in columns.iter().enumerate() {
            squares[c.kind] += c.weight * (mean[i] * mean[i] + cov[(i, i)].max(0.0));
            levels[c.kind] += 1.0;
        }
    };
    add(shared, &s.shared, &s.shared_cov);
    for (f, columns) in own.iter().enumerate() {
        add(columns, &s.own[f], &s.own_cov[f]);
    }
    // A family that is far off, by a record in error, keeps that to itself.
    let weigh = |columns: &mut [Column], mean: &DVector<f64>, cov: &DMatrix<f64>| {
        for (i, c) in columns.iter_mut().enumerate().filter(|(_, c)| heavy[c.kind]) {
            let square = mean[i] * mean[i] + cov[(i, i)].max(0.0);
            c.weight = (FREEDOM + 1.0) / (FREEDOM + square / variance[c.kind]);
        }
    };
    weigh(shared, &s.shared, &s.shared_cov);
    for (f, columns) in own.iter_mut().enumerate() {
        weigh(columns, &s.own[f], &s.own_cov[f]);
    }
    for (v, (sum, n)) in variance.iter_mut().zip(squares.iter().zip(&levels)) {
        *v = sum / n;
    }
    // Prior rows keep a kind with few of its own honest.
    let mut sums = vec![PRIOR_ROWS * PRIOR_NOISE_SQUARE; noise.len()];
    let mut rows = vec![PRIOR_ROWS; noise.len()];
    for e in entries.iter_mut() {
        let f = e.family;
        let mut left = e.log;
        let mut spread = 0.0;
        for &(i, x) in &e.shared {
            left -= x * s.shared[i];
            for &(j, z) in &e.shared {
                spread += x * z * s.shared_cov[(i, j)];
            }
        }
        for &(i, x) in &e.own {
            left -= x * s.own[f][i];
            for &(j, z) in &e.own {
                spread += x * z * s.own_cov[f][(i, j)];
            }
            for &(j, z) in &e.shared {
                spread += 2.0 * x * z * s.cross[f][(i, met.place(f, j))];
            }
        }
        sums[e.noise] += e.share * (e.weight * left * left + spread.max(0.0));
        rows[e.noise] += e.share;
        e.weight = (FREEDOM + 1.0) / (FREEDOM + left * left / noise[e.noise]);
    }
    for (v, (sum, n)) in noise.iter_mut().zip(sums.iter().zip(&rows)) {
        *v = sum / n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_DEVICE: &[Kind] = &[Kind { by: &[Trait::Device], along: None }];

    fn traits(device: &str, framework: &str) -> Traits {
        Traits {
            device: Some(device.to_owned()),
            framework: Some(framework.to_owned()),
            ..Traits::default()
        }
    }

    #[test]
    fn shrinkage_matches_the_formula_for_one_way_data() {
        // Known variances: b = n σ²_b / (n σ²_b + σ²_e) · mean.
        let a = traits("a", "x");
        let shared = vec![Column { kind: 0, level: "a".to_owned(), weight: 1.0 }];
        let entries: Vec<Entries> = [0.3, 0.5]
            .into_iter()
            .map(|log| Entries {
                family: 0,
                noise: 0,
                is_mixture: false,
                shared: vec![(0, 1.0)],
                own: Vec::new(),
                log,
                share: 1.0,
                weight: 1.0,
            })
            .collect();
        let met = Met::of(&entries, 1);
        let s = solve(&entries, &met, &shared, &[Vec::new()], &[0.04], &[0.01]);
        assert!((s.shared[0] - 0.08 / 0.09 * 0.4).abs() < 1e-12);
        assert!((s.shared_cov[(0, 0)] - 1.0 / (25.0 + 200.0)).abs() < 1e-12);
        assert!(a.level(&[Trait::Device]).is_some());
    }

    #[test]
    fn families_eliminated_one_by_one_give_what_all_together_do() {
        let kinds = [
            Kind { by: &[Trait::Device], along: None },
            Kind { by: &[Trait::Device, Trait::Framework], along: None },
        ];
        let names: Vec<Traits> = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
            .iter()
            .map(|(d, f)| traits(d, f))
            .collect();
        let rows: Vec<Residual<'_>> = (0..24)
            .map(|i| {
                let at = i % 4;
                let log = [0.3, 0.1, -0.2, -0.4][at] + 0.01 * crate::units::count(i / 4);
                Residual { traits: &names[at], log, share: 1.0 }
            })
            .collect();
        let arrow = fit(&rows, &kinds, &[Trait::Device, Trait::Framework]);
        let dense = fit_with(&rows, &kinds, &[], &[false, true]);
        for (a, d) in arrow.effects.iter().zip(&dense.effects) {
            assert!((a.sigma - d.sigma).abs() < 1e-9);
            for (level, [mean, sigma]) in &a.levels {
                let [m, s] = d.levels[level];
                assert!((mean - m).abs() < 1e-9 && (sigma - s).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn of_one_level_the_spread_between_levels_is_hardly_known_and_of_many_it_is() {
        let names: Vec<Traits> = (0..60).map(|i| traits(&i.to_string(), "x")).collect();
        let spread = |levels: usize| {
            let rows: Vec<Residual<'_>> = (0..4 * levels)
                .map(|i| {
                    let log = if (i % levels).is_multiple_of(2) { 0.02 } else { -0.02 };
                    Residual { traits: &names[i % levels], log, share: 1.0 }
                })
                .collect();
            fit(&rows, BY_DEVICE, &[]).effects[0].sigma
        };
        assert!(spread(1) > 0.1, "{}", spread(1));
        assert!(spread(60) < 0.05, "{}", spread(60));
    }

    #[test]
    fn known_effects_are_found_and_outliers_do_not_move_them() {
        let (a, b) = (traits("a", "x"), traits("b", "x"));
        let mut rows: Vec<Residual<'_>> = Vec::new();
        for i in 0..40 {
            let wobble = 0.01 * (crate::units::count(i % 5) - 2.0);
            rows.push(Residual { traits: &a, log: 0.2 + wobble, share: 1.0 });
            rows.push(Residual { traits: &b, log: -0.2 + wobble, share: 1.0 });
        }
        rows.push(Residual { traits: &a, log: 3.0, share: 1.0 });
        let t = fit(&rows, BY_DEVICE, &[]);
        assert!((t.effects[0].levels["a"][0] - 0.2).abs() < 0.01);
        assert!((t.effects[0].levels["b"][0] + 0.2).abs() < 0.01);
        assert!(t.noise[""] < 0.1);
    }
}
