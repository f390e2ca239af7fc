//! The memory arithmetic of a chip, line by line, as a reader would check it.
//!
//! What the lines are comes from the serving and training rooms; here is only how they
//! add up, what a chip offers, and how the sum is said. Read next: [`super::serve`](mod@super::serve),
//! [`super::train`](mod@super::train).

use std::fmt;

use serde::Serialize;

/// One use of a chip's memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MemoryLine {
    /// What it holds, with the formula in words.
    pub what: String,
    /// 10⁹ bytes per chip.
    pub gb: f64,
}

/// What a chip must hold and what it can.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Memory {
    /// Uses, per chip.
    pub lines: Vec<MemoryLine>,
    /// Capacity a program can use, after the share kept free, 10⁹ bytes per chip.
    pub usable_gb: f64,
}

impl Memory {
    pub(super) fn new(usable_bytes: f64) -> Self {
        Self { lines: Vec::new(), usable_gb: usable_bytes / 1e9 }
    }

    pub(super) fn line(mut self, what: impl Into<String>, bytes: f64) -> Self {
        self.lines.push(MemoryLine { what: what.into(), gb: bytes / 1e9 });
        self
    }

    /// All uses together, 10⁹ bytes per chip.
    pub fn used_gb(&self) -> f64 {
        self.lines.iter().fold(0.0, |sum, l| sum + l.gb)
    }

    /// True when the uses fit.
    pub fn fits(&self) -> bool {
        self.used_gb() <= self.usable_gb
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, line) in self.lines.iter().enumerate() {
            let plus = if i == 0 { "" } else { " + " };
            write!(f, "{plus}{:.1} GB {}", line.gb, line.what)?;
        }
        let sign = if self.fits() { "≤" } else { ">" };
        write!(f, " = {:.1} GB {sign} {:.1} GB usable", self.used_gb(), self.usable_gb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_printed_with_its_terms_and_its_verdict() {
        let m = Memory::new(72e9).line("weights", 70e9).line("KV cache", 4e9);
        assert!(!m.fits());
        assert_eq!(
            m.to_string(),
            "70.0 GB weights + 4.0 GB KV cache = 74.0 GB > 72.0 GB usable"
        );
    }
}
