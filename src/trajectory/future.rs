//! A block of paths of a world, stepped month by month.
//!
//! All memory is taken when the future is made; beginning a block and stepping a month
//! allocate nothing.

use crate::block::lanes::weigh;
use crate::block::{Lane, splat};
use crate::process::{Draws, elicited};
use crate::units::MONTHS_PER_YEAR;

use super::copula::Copula;
use super::shock::Shocks;
use super::spread::{Innovations, Once, Spread};
use super::world::{LevelId, NumberId, World};

/// The plan's first month on the clock of every stream, whatever the age of the oldest
/// quote: another strategy's old quote must not shift the draws of all.
pub(super) const EPOCH: u32 = 600;

/// The normals of what has none.
static NOTHING: Lane = splat(0.0);

/// The quantities of one block of paths at one month.
#[derive(Debug)]
pub struct Future<'w> {
    world: &'w World,
    first_path: u64,
    numbers: Vec<Lane>,
    once: Vec<Option<Once>>,
    levels: Vec<Lane>,
    states: Vec<Vec<Lane>>,
    draws: Vec<Draws>,
    normals: Vec<Option<Innovations>>,
    /// For each quantity, the normals it moves by and their weights.
    rows: Vec<Vec<(usize, f64)>>,
    mixed: Lane,
    /// Quantities that move; the others stay at 1.
    moving: Vec<usize>,
    /// Joint extremes of the quantities for which `bends` says so.
    copula: Option<Copula>,
    bends: Vec<bool>,
    bent: Lane,
    events: Option<Shocks>,
}

impl<'w> Future<'w> {
    /// Memory for one block of a world.
    pub fn new(world: &'w World) -> Self {
        let numbers = world.numbers.iter().map(|(_, u)| splat(u.median())).collect();
        let states = world
            .quantities
            .iter()
            .map(|q| vec![splat(0.0); q.process.as_process().state_rows()])
            .collect();
        let names = world.innovation_names();
        let rows: Vec<Vec<(usize, f64)>> = world
            .quantities
            .iter()
            .map(|q| {
                let own = names.iter().position(|n| *n == q.name);
                let own = own.filter(|_| q.process.as_process().uses_innovation());
                let mixed = |i: usize| world.mixing.rows.get(i).cloned();
                own.map_or_else(Vec::new, |i| mixed(i).unwrap_or_else(|| vec![(i, 1.0)]))
            })
            .collect();
        let Spread { numbers: once, draws, innovations: normals } =
            Spread::of(world, &rows);
        let n = world.quantities.len();
        let bends =
            world.quantities.iter().map(|q| world.is_correlated(&q.name)).collect();
        let level_names: Vec<&str> =
            world.quantities.iter().map(|q| q.name.as_str()).collect();
        Self {
            world,
            first_path: 0,
            numbers,
            once,
            levels: vec![splat(1.0); n],
            states,
            draws,
            normals,
            rows,
            mixed: splat(0.0),
            moving: (0..n)
                .filter(|i| {
                    // An event may move what stays otherwise.
                    !world.shocks.is_empty()
                        || world.tilts.iter().any(|(id, _)| id.0 == *i)
                        || !world.quantities[*i].process.as_process().stays()
                })
                .collect(),
            copula: world.tail_degrees.map(|degrees| Copula::new(world.seed, degrees)),
            bends,
            bent: splat(0.0),
            events: (!world.shocks.is_empty())
                .then(|| Shocks::new(&world.shocks, world.seed, &level_names)),
        }
    }

    /// Draws the numbers of a block and brings every level to the plan's first month.
    pub fn begin(&mut self, first_path: u64) {
        self.first_path = first_path;
        let mut z = splat(0.0);
        for (i, once) in self.once.iter().enumerate() {
            if let Some(once) = once {
                once.draw(first_path, &mut z);
                elicited::sample(self.world.numbers[i].1, &z, &mut self.numbers[i]);
                let (low, high) = self.world.limits[i];
                keep_within(&mut self.numbers[i], low, high);
            }
        }
        if let Some(copula) = &mut self.copula {
            copula.begin(first_path);
        }
        if let Some(events) = &mut self.events {
            events.begin(first_path);
        }
        for (i, quantity) in self.world.quantities.iter().enumerate() {
            self.draws[i].move_to(first_path);
            quantity.process.as_process().begin(&self.draws[i], &mut self.states[i]);
            self.levels[i].fill(1.0);
        }
        for normals in self.normals.iter_mut().flatten() {
            normals.begin(first_path);
        }
        for clock in 1..=self.world.lead_in_months() {
            self.advance(clock);
        }
    }

    /// Brings every level to month `month` of the plan; months go up one by one from 1.
    pub fn step(&mut self, month: u32) {
        self.advance(self.world.lead_in_months() + month);
    }

    /// One month on the clock that starts at the oldest quote.
    fn advance(&mut self, clock: u32) {
        let month = EPOCH + clock - self.world.lead_in_months();
        for normals in self.normals.iter_mut().flatten() {
            normals.draw(self.first_path, month);
        }
        if let Some(copula) = &mut self.copula {
            copula.step(month);
        }
        let lead_in = self.world.lead_in_months();
        for &i in &self.moving {
            let quantity = &self.world.quantities[i];
            let waits = lead_in - quantity.lead_in_months;
            if clock <= waits {
                continue;
            }
            let normal = |j: usize| -> &Lane {
                self.normals[j].as_ref().map_or(&NOTHING, |normals| normals.normal(month))
            };
            let z = match self.rows[i].as_slice() {
                [] => &NOTHING,
                [(only, weight)] if (*weight - 1.0).abs() < 1e-15 => normal(*only),
                row => {
                    weigh(&mut self.mixed, row, normal);
                    &self.mixed
                }
            };
            let z = match &self.copula {
                Some(copula) if self.bends[i] => {
                    copula.bend(z, &mut self.bent);
                    &self.bent
                }
                _ => z,
            };
            let (state, level) = (&mut self.states[i], &mut self.levels[i]);
            let process = quantity.process.as_process();
            process.step(clock - waits, z, &self.draws[i], state, level);
        }
        // What is on today is in the quotes: events come from the first month on.
        if let Some(events) = self.events.as_mut().filter(|_| clock > lead_in) {
            events.step(month, &mut self.levels);
        }
        if clock > lead_in {
            let years = f64::from(clock - lead_in) / MONTHS_PER_YEAR;
            for (id, per_year) in &self.world.tilts {
                grow(&mut self.levels[id.0], (1.0 + per_year).powf(years));
            }
        }
    }

    /// A number of every path.
    pub fn number(&self, id: NumberId) -> &Lane {
        &self.numbers[id.0]
    }

    /// A level of every path, this month.
    pub fn level(&self, id: LevelId) -> &Lane {
        &self.levels[id.0]
    }

    /// Months since the last event of a level that everybody has noticed, where its
    /// process has events.
    pub fn months_since(&self, id: LevelId) -> Option<&Lane> {
        let process = self.world.quantities[id.0].process.as_process();
        process.months_since(&self.states[id.0])
    }

    /// First path of the block.
    pub fn first_path(&self) -> u64 {
        self.first_path
    }
}

crate::kernel! {
    fn grow(level: &mut Lane, factor: f64) {
        for x in level {
            *x *= factor;
        }
    }

    fn keep_within(x: &mut Lane, low: f64, high: f64) {
        for x in x {
            *x = x.max(low).min(high);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Geometric, ProcessSpec};
    use crate::random::Seed;
    use crate::trajectory::{Pair, Quantity, Shock};

    fn walk() -> ProcessSpec {
        Geometric {
            drift_per_year: 0.0,
            volatility_per_sqrt_year: 0.2,
            observations: None,
            observation_step_years: 1.0,
            drift_is_known: false,
        }
        .into()
    }

    fn world(change: impl Fn(&mut World)) -> World {
        let mut world = World::new(Seed(3));
        for name in ["rent", "resale", "energy_price"] {
            let name = name.to_owned();
            world.level(Quantity { name, process: walk(), lead_in_months: 2 });
        }
        let pair = Pair { a: "rent".to_owned(), b: "resale".to_owned(), rho: 0.6 };
        world.correlate(&[pair]).expect("one pair is possible");
        change(&mut world);
        world
    }

    /// Levels of the first block at months 0 and 12, quantity by quantity.
    fn levels(world: &World) -> [Vec<Lane>; 2] {
        let mut future = Future::new(world);
        future.begin(0);
        let now = future.levels.clone();
        for month in 1..=12 {
            future.step(month);
        }
        [now, future.levels]
    }

    fn bits(lane: &Lane) -> Vec<u64> {
        lane.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn a_copula_bends_what_is_correlated_and_nothing_else() {
        let plain = levels(&world(|_| {}));
        let bent = levels(&world(|w| w.tail_degrees(4)));
        for (plain, bent) in plain.iter().zip(&bent) {
            assert_ne!(bits(&plain[0]), bits(&bent[0]));
            assert_ne!(bits(&plain[1]), bits(&bent[1]));
            assert_eq!(bits(&plain[2]), bits(&bent[2]), "energy moves alone");
        }
    }

    #[test]
    fn a_shock_moves_its_quantities_from_the_first_month_on() {
        let shock = Shock {
            name: "crunch".to_owned(),
            chance_per_year: 12.0,
            months: 1000.0.into(),
            strength: 1.0.into(),
            moves: vec![("rent".to_owned(), 0.5), ("nothing".to_owned(), 9.0)],
        };
        let [before, after] = levels(&world(|_| {}));
        let [shocked_before, shocked_after] = levels(&world(|w| w.shock(shock.clone())));
        assert_eq!(
            before.map_bits(),
            shocked_before.map_bits(),
            "quotes hold what is on"
        );
        let grown = (0.5 * (1.0 - (2.0_f64 / 3.0).powi(12))).exp();
        for (plain, shocked) in after[0].iter().zip(&shocked_after[0]) {
            assert!((shocked / plain / grown - 1.0).abs() < 1e-12);
        }
        assert_eq!(bits(&after[2]), bits(&shocked_after[2]));
        // A frozen plan has no events.
        let frozen = World::new(Seed(3)).frozen();
        let mut frozen = frozen;
        frozen.shock(shock);
        assert!(frozen.shocks.is_empty());
    }

    trait MapBits {
        fn map_bits(&self) -> Vec<Vec<u64>>;
    }

    impl MapBits for Vec<Lane> {
        fn map_bits(&self) -> Vec<Vec<u64>> {
            self.iter().map(bits).collect()
        }
    }
}
