//! A block of paths of a world, stepped month by month.
//!
//! All memory is taken when the future is made; beginning a block and stepping a month
//! allocate nothing.

use crate::block::lanes::weigh;
use crate::block::{Lane, splat};
use crate::process::{Draws, elicited};
use crate::random::{Monthly, Stream};

use super::world::{LevelId, NumberId, World};

/// The plan's first month on the clock of every stream, whatever the age of the oldest
/// quote: another strategy's old quote must not shift the draws of all.
const EPOCH: u32 = 600;

/// The normals of what has none.
static NOTHING: Lane = splat(0.0);

/// The quantities of one block of paths at one month.
#[derive(Debug)]
pub struct Future<'w> {
    world: &'w World,
    first_path: u64,
    numbers: Vec<Lane>,
    number_streams: Vec<Option<Stream>>,
    levels: Vec<Lane>,
    states: Vec<Vec<Lane>>,
    draws: Vec<Draws>,
    normals: Vec<Option<Monthly>>,
    /// For each quantity, the normals it moves by and their weights.
    rows: Vec<Vec<(usize, f64)>>,
    mixed: Lane,
    /// Quantities that move; the others stay at 1.
    moving: Vec<usize>,
}

impl<'w> Future<'w> {
    /// Memory for one block of a world.
    pub fn new(world: &'w World) -> Self {
        let numbers = world.numbers.iter().map(|(_, u)| splat(u.median())).collect();
        let number_streams = world
            .numbers
            .iter()
            .map(|(name, u)| u.is_uncertain().then(|| Stream::new(world.seed, name)))
            .collect();
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
        let normals: Vec<Option<Monthly>> = names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let used = rows.iter().flatten().any(|(j, _)| *j == i);
                used.then(|| Monthly::new(world.seed, name))
            })
            .collect();
        let n = world.quantities.len();
        let draws =
            world.quantities.iter().map(|q| Draws::new(world.seed, &q.name, 0)).collect();
        Self {
            world,
            first_path: 0,
            numbers,
            number_streams,
            levels: vec![splat(1.0); n],
            states,
            draws,
            normals,
            rows,
            mixed: splat(0.0),
            moving: (0..n)
                .filter(|i| !world.quantities[*i].process.as_process().stays())
                .collect(),
        }
    }

    /// Draws the numbers of a block and brings every level to the plan's first month.
    pub fn begin(&mut self, first_path: u64) {
        self.first_path = first_path;
        let mut z = splat(0.0);
        for (i, stream) in self.number_streams.iter().enumerate() {
            if let Some(stream) = stream {
                stream.normal(first_path, 0, &mut z);
                elicited::sample(self.world.numbers[i].1, &z, &mut self.numbers[i]);
                let (low, high) = self.world.limits[i];
                keep_within(&mut self.numbers[i], low, high);
            }
        }
        for (i, quantity) in self.world.quantities.iter().enumerate() {
            self.draws[i] = self.draws[i].at_path(first_path);
            quantity.process.as_process().begin(&self.draws[i], &mut self.states[i]);
            self.levels[i].fill(1.0);
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
            normals.draw_normals(self.first_path, month);
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
            let (state, level) = (&mut self.states[i], &mut self.levels[i]);
            let process = quantity.process.as_process();
            process.step(clock - waits, z, &self.draws[i], state, level);
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

    /// First path of the block.
    pub fn first_path(&self) -> u64 {
        self.first_path
    }
}

crate::kernel! {
    fn keep_within(x: &mut Lane, low: f64, high: f64) {
        for x in x {
            *x = x.max(low).min(high);
        }
    }
}
