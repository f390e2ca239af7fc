//! Rare events that move several quantities at once: a supply crunch, a demand winter.
//!
//! Correlated monthly moves make quantities drift together; they do not make a year in
//! which chips are not to be had, rents and resale are up by half and delivery takes
//! twice as long, all at once. A shock is such a state: it comes at a random date, lasts a
//! random time, and pushes each quantity named by a share of its own strength.
//! Read next: [`super::Future`].

use crate::block::{LANES, Lane, splat};
use crate::input::Uncertain;
use crate::process::{Draws, elicited};
use crate::random::Seed;
use crate::units::MONTHS_PER_YEAR;

const EVENT: u32 = 0;
const LENGTH: u32 = 1;
const STRENGTH: u32 = 2;
/// What a month does of the way to a new state: prices are re-listed over a quarter.
const RAMP: f64 = 1.0 / 3.0;
/// Bound of what one shock adds to a logarithm: a factor of 10⁸.
const BOUND: f64 = 20.0;

/// An event that moves several quantities.
///
/// ```text
/// level_k ← level_k e^(m_k s a(n)),   a(n) = a(n − 1) + (on(n) − a(n − 1))/3
/// ```
/// `on` is 1 from the month an event comes (with odds λ/12 a month where none is on) for
/// `months` months, else 0; its length and its strength `s` are drawn anew for each event,
/// `m_k` are `moves`. From the plan's first month on: what is on today is in the quotes.
///
/// **Units** λ a year, lengths in months, moves of the natural logarithm.
/// **Source** a two-state compound of the regimes of Hamilton (1989), Econometrica 57:357.
/// **Checked by** frequencies, lengths and sizes, below.
#[derive(Debug, Clone, PartialEq)]
pub struct Shock {
    /// Names its random streams.
    pub name: String,
    /// λ: events a year where none is on; at most 12.
    pub chance_per_year: f64,
    /// How long one lasts, months.
    pub months: Uncertain,
    /// How strong one is, relative to `moves`.
    pub strength: Uncertain,
    /// What it adds to the logarithms of the quantities of these names.
    pub moves: Vec<(String, f64)>,
}

/// The shocks of a world, for one block of paths.
#[derive(Debug)]
pub(super) struct Shocks {
    each: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    chance: f64,
    months: Uncertain,
    strength: Uncertain,
    /// Positions of levels, and what is added to their logarithms.
    moves: Vec<(usize, f64)>,
    draws: Draws,
    left: Lane,
    height: Lane,
    now: Lane,
}

impl Shocks {
    /// Of shocks that move levels of these names; others are passed over.
    pub(super) fn new(shocks: &[Shock], seed: Seed, levels: &[&str]) -> Self {
        let place = |name: &str| levels.iter().position(|level| *level == name);
        let each = shocks
            .iter()
            .map(|shock| Running {
                chance: shock.chance_per_year / MONTHS_PER_YEAR,
                months: shock.months,
                strength: shock.strength,
                moves: shock
                    .moves
                    .iter()
                    .filter_map(|(name, size)| Some((place(name)?, *size)))
                    .collect(),
                draws: Draws::new(seed, &format!("shock/{}", shock.name), 0),
                left: splat(0.0),
                height: splat(0.0),
                now: splat(0.0),
            })
            .collect();
        Self { each }
    }

    /// Nothing is on in the month before the first.
    pub(super) fn begin(&mut self, first_path: u64) {
        for shock in &mut self.each {
            shock.draws.move_to(first_path);
            for row in [&mut shock.left, &mut shock.height, &mut shock.now] {
                row.fill(0.0);
            }
        }
    }

    /// One month: events come, go, and move the levels.
    pub(super) fn step(&mut self, month: u32, levels: &mut [Lane]) {
        for shock in &mut self.each {
            let (mut u, mut z) = (splat(0.5), splat(0.0));
            let (mut length, mut strength) = (splat(1.0), splat(1.0));
            shock.draws.uniform_at(month, EVENT, &mut u);
            shock.draws.normal_at(month, LENGTH, &mut z);
            elicited::sample(shock.months, &z, &mut length);
            shock.draws.normal_at(month, STRENGTH, &mut z);
            elicited::sample(shock.strength, &z, &mut strength);
            let Running { chance, left, height, now, .. } = shock;
            advance(*chance, &u, &length, &strength, left, height, now);
            for (place, size) in &shock.moves {
                if let Some(level) = levels.get_mut(*place) {
                    push(*size, &shock.now, level);
                }
            }
        }
    }
}

crate::kernel! {
    fn advance(
        chance: f64,
        u: &Lane,
        length: &Lane,
        strength: &Lane,
        left: &mut Lane,
        height: &mut Lane,
        now: &mut Lane,
    ) {
        for i in 0..LANES {
            let comes = left[i] < 0.5 && u[i] < chance;
            let months = if comes { length[i].round().max(1.0) } else { left[i] };
            let strong = if comes { strength[i] } else { height[i] };
            let target = if months > 0.5 { strong } else { 0.0 };
            now[i] += RAMP * (target - now[i]);
            left[i] = (months - 1.0).max(0.0);
            height[i] = strong;
        }
    }

    fn push(size: f64, now: &Lane, level: &mut Lane) {
        for i in 0..LANES {
            level[i] *= crate::block::math::exp((size * now[i]).clamp(-BOUND, BOUND));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crunch(chance_per_year: f64, months: f64) -> Shock {
        Shock {
            name: "crunch".to_owned(),
            chance_per_year,
            months: months.into(),
            strength: 1.0.into(),
            moves: vec![("rent".to_owned(), 0.6), ("lead_time".to_owned(), -0.3)],
        }
    }

    /// Levels of `rent` and `lead_time` of 25,600 paths, month by month.
    fn played(shock: &Shock, months: u32) -> Vec<[Vec<f64>; 2]> {
        let names = ["demand", "rent", "lead_time"];
        let mut shocks = Shocks::new(std::slice::from_ref(shock), Seed(4), &names);
        let mut all = vec![[Vec::new(), Vec::new()]; months as usize];
        for block in 0..100_u64 {
            shocks.begin(block * LANES as u64);
            for month in 1..=months {
                let mut levels = vec![splat(1.0); 3];
                shocks.step(month, &mut levels);
                assert!(levels[0].iter().all(|x| (x - 1.0).abs() < 1e-15));
                all[month as usize - 1][0].extend(levels[1]);
                all[month as usize - 1][1].extend(levels[2]);
            }
        }
        all
    }

    #[test]
    fn events_come_as_often_as_said_and_move_all_their_quantities_at_once() {
        let all = played(&crunch(1.2, 6.0), 2);
        let moved = all[0][0].iter().filter(|x| **x > 1.0).count();
        let share = crate::units::count(moved) / 25_600.0;
        // 0.1 a month; 4 standard errors, one false alarm in 16,000 seeds.
        assert!((share - 0.1).abs() < 4.0 * (0.09_f64 / 25_600.0).sqrt(), "{share}");
        for (rent, lead) in all[1][0].iter().zip(&all[1][1]) {
            assert!((rent.ln() / 0.6 + lead.ln() / 0.3).abs() < 1e-12);
        }
    }

    #[test]
    fn an_event_lasts_its_time_and_fades_after_it() {
        // One comes for sure in the first month, and again only when it is over.
        let all = played(&crunch(12.0, 1000.0), 30);
        let height = |month: usize| all[month - 1][0][0].ln() / 0.6;
        for (month, power) in [(1_usize, 1), (2, 2), (30, 30)] {
            let wanted = 1.0 - (1.0 - RAMP).powi(power);
            assert!((height(month) - wanted).abs() < 1e-12, "{month}");
        }
        let rare = played(&crunch(0.6, 3.0), 60);
        let peak = rare.iter().map(|m| m[0].iter().copied().fold(0.0, f64::max));
        assert!(peak.fold(0.0, f64::max) < 0.6_f64.exp());
        // In the long run: on for 3 of every 3 + 20 months.
        let last = &rare[59][0];
        let mean = last.iter().map(|x| x.ln() / 0.6).sum::<f64>() / 25_600.0;
        assert!((mean - 3.0 / 22.0).abs() < 0.01, "{mean}");
    }
}
