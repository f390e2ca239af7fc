//! Which random number of a world comes from which dimension of Sobol points.
//!
//! The first dimensions are the most even, so they go to what matters most: first where
//! each walk ends and what is drawn once a path, then where the walks are half-way, at
//! their quarters and so on, as far as there are dimensions. What is left over is plain.
//! Read next: [`Innovations`], then [`super::Future`].

use crate::block::Lane;
use crate::process::Draws;
use crate::random::bridge::{levels_of, scrambles};
use crate::random::{Bridge, Dimension, Monthly, Sampler, Seed, Stream};

use super::future::EPOCH;
use super::world::World;

/// Levels of a walk that come from points: its sums over 2^4 spans. Finer ones gain
/// nothing that a month's plain numbers do not give.
const LEVELS: u32 = 4;

/// A standard normal number drawn once a path.
#[derive(Debug)]
pub(super) enum Once {
    Plain(Stream),
    Point(Dimension),
}

impl Once {
    pub(super) fn draw(&self, first_path: u64, out: &mut Lane) {
        match self {
            Self::Plain(stream) => stream.normal(first_path, 0, out),
            Self::Point(point) => point.normals(first_path, out),
        }
    }
}

/// The monthly normals of a name.
#[derive(Debug)]
pub(super) enum Innovations {
    Plain(Monthly),
    Bridged(Box<Bridge>),
}

impl Innovations {
    pub(super) fn begin(&mut self, first_path: u64) {
        if let Self::Bridged(bridge) = self {
            bridge.begin(first_path);
        }
    }

    pub(super) fn draw(&mut self, first_path: u64, month: u32) {
        match self {
            Self::Plain(monthly) => monthly.draw_normals(first_path, month),
            Self::Bridged(bridge) => bridge.draw(month),
        }
    }

    pub(super) fn normal(&self, month: u32) -> &Lane {
        match self {
            Self::Plain(monthly) => monthly.normal(month),
            Self::Bridged(bridge) => bridge.normal(month),
        }
    }
}

/// Where every random number of a world comes from.
#[derive(Debug)]
pub(super) struct Spread {
    /// By number; nothing for one that is known.
    pub(super) numbers: Vec<Option<Once>>,
    /// By quantity.
    pub(super) draws: Vec<Draws>,
    /// By name of an innovation; nothing for one that is not used.
    pub(super) innovations: Vec<Option<Innovations>>,
}

impl Spread {
    /// `used` says for each innovation of the world how many months before the plan's
    /// first it is used from, where it is used.
    pub(super) fn of(world: &World, used: &[Option<u32>]) -> Self {
        let names = world.innovation_names();
        let mut points = Points { seed: world.seed, next: 0, on: is_on(world) };
        // Where the walks end, what holds for a path, and then ever finer levels.
        let mut walks: Vec<Vec<Dimension>> = vec![Vec::new(); names.len()];
        points.add_level(world, &names, used, &mut walks, 0);
        let draws = world.quantities.iter().map(|q| {
            let name = format!("{}/own", q.name);
            let own = 0..q.process.as_process().own_numbers();
            let own: Vec<Dimension> =
                own.map_while(|slot| points.take(&name, slot)).collect();
            Draws::new(world.seed, &q.name, 0).from_points(own)
        });
        let draws = draws.collect();
        let numbers = points.numbers(world);
        for level in 1..=LEVELS {
            points.add_level(world, &names, used, &mut walks, level);
        }
        let innovations =
            names.iter().zip(used).zip(walks).map(|((name, lead), walk)| {
                let lead = (*lead)?;
                let plain = Innovations::Plain(Monthly::new(world.seed, name));
                let first = EPOCH + 1 - lead;
                let months = walked(world, lead);
                let bridge = Bridge::new(world.seed, name, first, months, walk);
                Some(
                    bridge.map_or(plain, |bridge| Innovations::Bridged(Box::new(bridge))),
                )
            });
        let innovations = innovations.collect();
        Self { numbers, draws, innovations }
    }
}

/// Moves a walk makes: one into every month after its first quote's.
fn walked(world: &World, lead_in_months: u32) -> u32 {
    lead_in_months + world.months.saturating_sub(1)
}

fn is_on(world: &World) -> bool {
    world.sampler == Sampler::Sobol
}

/// Dimensions in the order they are given away.
struct Points {
    seed: Seed,
    next: u32,
    on: bool,
}

impl Points {
    fn take(&mut self, name: &str, step: u32) -> Option<Dimension> {
        if !self.on {
            return None;
        }
        let point = Dimension::new(self.next, scrambles(self.seed, name), step)?;
        self.next += 1;
        Some(point)
    }

    /// Two numbers under one name meet the same luck: they share a dimension.
    fn numbers(&mut self, world: &World) -> Vec<Option<Once>> {
        let mut named: Vec<(&str, Option<Dimension>)> = Vec::new();
        let mut numbers = Vec::new();
        for (name, value) in &world.numbers {
            if !value.is_uncertain() {
                numbers.push(None);
                continue;
            }
            let known = named.iter().find(|(n, _)| n == name).map(|(_, p)| p.clone());
            let point = known.unwrap_or_else(|| {
                let point = self.take(name, 0);
                named.push((name, point.clone()));
                point
            });
            let plain = || Once::Plain(Stream::new(self.seed, name));
            numbers.push(Some(point.map_or_else(plain, Once::Point)));
        }
        numbers
    }

    /// Adds a level to every walk that is long enough; a walk gets a level whole or not.
    fn add_level(
        &mut self,
        world: &World,
        names: &[&str],
        used: &[Option<u32>],
        walks: &mut [Vec<Dimension>],
        level: u32,
    ) {
        for ((name, lead), walk) in names.iter().zip(used).zip(walks) {
            let Some(lead) = lead else { continue };
            if level > levels_of(walked(world, *lead)) {
                continue;
            }
            let nodes = if level == 0 { 0..1 } else { 1 << (level - 1)..1 << level };
            let before = walk.len();
            let wanted = nodes.len();
            walk.extend(nodes.map_while(|node| self.take(name, node)));
            if walk.len() < before + wanted {
                walk.truncate(before);
            }
        }
    }
}
