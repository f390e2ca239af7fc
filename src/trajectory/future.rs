//! A block of paths of a world, stepped month by month.
//!
//! All memory is taken when the future is made; beginning a block and stepping a month
//! allocate nothing.

use crate::block::{LANES, Lane, splat};
use crate::process::{Draws, elicited};
use crate::random::{Monthly, Stream};

use super::world::{LevelId, NumberId, World};

/// The quantities of one block of paths at one month.
#[derive(Debug)]
pub struct Future<'w> {
    world: &'w World,
    first_path: u64,
    numbers: Vec<Lane>,
    number_streams: Vec<Option<Stream>>,
    levels: Vec<Lane>,
    states: Vec<Vec<Lane>>,
    normals: Vec<Option<Monthly>>,
    shocks: Vec<Lane>,
    mixed: Lane,
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
        let normals = world
            .quantities
            .iter()
            .map(|q| {
                let used = q.process.as_process().uses_innovation();
                used.then(|| Monthly::new(world.seed, &q.name))
            })
            .collect();
        let n = world.quantities.len();
        Self {
            world,
            first_path: 0,
            numbers,
            number_streams,
            levels: vec![splat(1.0); n],
            states,
            normals,
            shocks: vec![splat(0.0); n],
            mixed: splat(0.0),
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
            }
        }
        for (i, quantity) in self.world.quantities.iter().enumerate() {
            let draws = Draws::new(self.world.seed, &quantity.name, first_path);
            quantity.process.as_process().begin(&draws, &mut self.states[i]);
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
        for (shock, normals) in self.shocks.iter_mut().zip(&mut self.normals) {
            if let Some(normals) = normals {
                *shock = *normals.normal_at(self.first_path, clock);
            }
        }
        let lead_in = self.world.lead_in_months();
        for (i, quantity) in self.world.quantities.iter().enumerate() {
            let waits = lead_in - quantity.lead_in_months;
            if clock <= waits {
                continue;
            }
            let row = self.world.mixing.rows.get(i).map_or(&[][..], Vec::as_slice);
            let z = match row {
                [] => &self.shocks[i],
                [(only, weight)] if *only == i && (*weight - 1.0).abs() < 1e-15 => {
                    &self.shocks[i]
                }
                _ => {
                    self.mixed.fill(0.0);
                    for (j, weight) in row {
                        add_weighted(&mut self.mixed, &self.shocks[*j], *weight);
                    }
                    &self.mixed
                }
            };
            let draws = Draws::new(self.world.seed, &quantity.name, self.first_path);
            let (state, level) = (&mut self.states[i], &mut self.levels[i]);
            quantity.process.as_process().step(clock - waits, z, &draws, state, level);
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
    fn add_weighted(out: &mut Lane, z: &Lane, weight: f64) {
        for i in 0..LANES {
            out[i] += weight * z[i];
        }
    }
}
