//! Where the time of a step goes: compute, memory, communication, bubble, floor.
//!
//! The split is exhaustive: the parts add to the step. An operator counts under the
//! resource that bounds it, so a matrix product too small to fill the chip and bound by
//! its weights counts as memory. Read next: [`super::serve`](mod@super::serve), [`super::train`](mod@super::train).

use serde::Serialize;

/// Seconds of a step by what they are spent on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Explain {
    /// Bound by arithmetic, s.
    pub compute_s: f64,
    /// Bound by memory traffic, s.
    pub memory_s: f64,
    /// Communication not hidden behind compute, s.
    pub exposed_communication_s: f64,
    /// Idle while a pipeline fills and drains, s.
    pub bubble_s: f64,
    /// Launches, synchronisation and scheduling: time no operator explains, s.
    pub floor_s: f64,
}

impl Explain {
    /// The whole step, s.
    pub fn total_s(&self) -> f64 {
        self.compute_s
            + self.memory_s
            + self.exposed_communication_s
            + self.bubble_s
            + self.floor_s
    }

    /// Every part times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            compute_s: self.compute_s * factor,
            memory_s: self.memory_s * factor,
            exposed_communication_s: self.exposed_communication_s * factor,
            bubble_s: self.bubble_s * factor,
            floor_s: self.floor_s * factor,
        }
    }

    /// Both times together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            compute_s: self.compute_s + other.compute_s,
            memory_s: self.memory_s + other.memory_s,
            exposed_communication_s: self.exposed_communication_s
                + other.exposed_communication_s,
            bubble_s: self.bubble_s + other.bubble_s,
            floor_s: self.floor_s + other.floor_s,
        }
    }

    /// Adds an operator that takes the longer of its two times.
    pub(super) fn add_roofline(&mut self, compute_s: f64, memory_s: f64) {
        if compute_s >= memory_s {
            self.compute_s += compute_s;
        } else {
            self.memory_s += memory_s;
        }
    }

    /// Share of the step by name, in the order of the fields.
    pub fn shares(&self) -> [(&'static str, f64); 5] {
        let total = self.total_s().max(f64::MIN_POSITIVE);
        [
            ("compute", self.compute_s / total),
            ("memory", self.memory_s / total),
            ("exposed communication", self.exposed_communication_s / total),
            ("bubble", self.bubble_s / total),
            ("floor", self.floor_s / total),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_to_the_step() {
        let mut step = Explain { floor_s: 1.0, bubble_s: 0.5, ..Explain::default() };
        step.add_roofline(2.0, 1.0);
        step.add_roofline(1.0, 3.0);
        assert!((step.total_s() - 6.5).abs() < 1e-12);
        let shares: f64 = step.shares().iter().map(|(_, s)| s).sum();
        assert!((shares - 1.0).abs() < 1e-12);
        assert!((step.scaled(2.0).total_s() - 13.0).abs() < 1e-12);
    }
}
