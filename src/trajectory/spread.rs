//! Which random number of a world comes from which dimension of Sobol points.
//!
//! The first dimensions are the most even, so they go to what matters most: first where
//! each walk ends and what is drawn once a path, the most variable first, then where the walks are half-way, at
//! their quarters and so on, as far as there are dimensions. What is left over is plain.
//! Read next: [`Innovations`], then [`super::Future`].

use crate::block::Lane;
use crate::process::{Draws, elicited};
use crate::random::bridge::{levels_of, scrambles};
use crate::random::{Bridge, Dimension, Monthly, Sampler, Seed, Stream};
use crate::units::MONTHS_PER_YEAR;

use super::future::EPOCH;
use super::world::{Quantity, World};

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

/// What takes a dimension of the first ones.
enum First {
    Walk(usize),
    Own(usize),
    Number(usize),
}

impl Spread {
    /// `rows` are the innovations that each quantity of the world moves by, with weights.
    pub(super) fn of(world: &World, rows: &[Vec<(usize, f64)>]) -> Self {
        let names = world.innovation_names();
        let (used, weights) = walks_of(world, rows, names.len());
        let mut points = Points { seed: world.seed, next: 0, on: is_on(world) };
        let mut walks: Vec<Vec<Dimension>> = vec![Vec::new(); names.len()];
        let mut own: Vec<Vec<Dimension>> = vec![Vec::new(); world.quantities.len()];
        let mut numbers: Vec<Option<Once>> = Vec::new();
        numbers.resize_with(world.numbers.len(), || None);
        for first in in_order(world, &used, &weights) {
            match first {
                First::Walk(i) => walks[i].extend(points.take(names[i], 0)),
                First::Own(i) => {
                    let quantity = &world.quantities[i];
                    let name = format!("{}/own", quantity.name);
                    let slots = 0..quantity.process.as_process().own_numbers();
                    own[i].extend(slots.map_while(|slot| points.take(&name, slot)));
                }
                First::Number(i) => points.number(world, i, &mut numbers),
            }
        }
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]));
        for level in 1..=LEVELS {
            for &i in &order {
                let lead = used[i].filter(|_| walks[i].len() == 1 << (level - 1));
                let Some(lead) = lead else { continue };
                if level <= levels_of(walked(world, lead)) {
                    points.add_level(names[i], &mut walks[i]);
                }
            }
        }
        let innovations =
            names.iter().zip(&used).zip(walks).map(|((name, lead), walk)| {
                let lead = (*lead)?;
                let plain = Innovations::Plain(Monthly::new(world.seed, name));
                let (first, months) = (EPOCH + 1 - lead, walked(world, lead));
                let bridge = Bridge::new(world.seed, name, first, months, walk);
                Some(
                    bridge.map_or(plain, |bridge| Innovations::Bridged(Box::new(bridge))),
                )
            });
        let innovations = innovations.collect();
        let draws = world.quantities.iter().zip(own);
        let draws =
            draws.map(|(q, own)| Draws::new(world.seed, &q.name, 0).from_points(own));
        Self { numbers, draws: draws.collect(), innovations }
    }
}

/// For each innovation: months before the plan's first that it is used from, if it is;
/// and what it moves by the plan's end, as a variance of logarithms.
fn walks_of(
    world: &World,
    rows: &[Vec<(usize, f64)>],
    n: usize,
) -> (Vec<Option<u32>>, Vec<f64>) {
    let (mut used, mut weights) = (vec![None; n], vec![0.0; n]);
    for (quantity, row) in world.quantities.iter().zip(rows) {
        for &(i, weight) in row {
            used[i] = used[i].max(Some(quantity.lead_in_months));
            weights[i] += weight * weight * variance_of(world, quantity);
        }
    }
    (used, weights)
}

/// The variance of a level's logarithm at the plan's end; 1 where it has none.
fn variance_of(world: &World, quantity: &Quantity) -> f64 {
    let years = f64::from(quantity.lead_in_months + world.months) / MONTHS_PER_YEAR;
    quantity.process.as_process().log_variance_at(years).unwrap_or(1.0)
}

/// What takes the first dimensions, the most variable first.
fn in_order(world: &World, used: &[Option<u32>], weights: &[f64]) -> Vec<First> {
    let mut all: Vec<(f64, First)> = Vec::new();
    for (i, weight) in weights.iter().enumerate().filter(|(i, _)| used[*i].is_some()) {
        all.push((*weight, First::Walk(i)));
    }
    for (i, quantity) in world.quantities.iter().enumerate() {
        if quantity.process.as_process().own_numbers() > 0 {
            all.push((variance_of(world, quantity), First::Own(i)));
        }
    }
    for (i, (_, value)) in world.numbers.iter().enumerate() {
        if value.is_uncertain() {
            let variance = elicited::log_variance(*value).unwrap_or(1.0);
            all.push((variance, First::Number(i)));
        }
    }
    all.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    all.into_iter().map(|(_, first)| first).collect()
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
    fn number(&mut self, world: &World, i: usize, numbers: &mut [Option<Once>]) {
        let name = &world.numbers[i].0;
        let other = world.numbers.iter().zip(&*numbers).find_map(|((n, _), once)| {
            let Some(Once::Point(point)) = once else { return None };
            (n == name).then(|| point.clone())
        });
        let point = other.or_else(|| self.take(name, 0));
        let plain = || Once::Plain(Stream::new(self.seed, name));
        numbers[i] = Some(point.map_or_else(plain, Once::Point));
    }

    /// Adds a level to a walk: twice its dimensions, whole or not at all.
    fn add_level(&mut self, name: &str, walk: &mut Vec<Dimension>) {
        let before = walk.len();
        let nodes = u32::try_from(before).unwrap_or(u32::MAX);
        walk.extend((nodes..2 * nodes).map_while(|node| self.take(name, node)));
        if walk.len() < 2 * before {
            walk.truncate(before);
        }
    }
}
