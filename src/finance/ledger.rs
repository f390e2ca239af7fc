//! What is paid and received, by part, for every path of a block.
//!
//! Costs are positive, receipts negative. The cash of a month is the sum of its parts:
//! the law the tests hold. Read next: [`super`].

use crate::block::{LANES, Lane, splat};

/// A kind of cash flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Machines, networks and halls bought.
    Capex,
    /// Energy of owned machines.
    Energy,
    /// Space, support, staff, software of owned machines.
    Operation,
    /// Rented chips: reserved, on demand, spot.
    Rent,
    /// Tokens bought from an API, and seats.
    Tokens,
    /// Penalty for work nobody served.
    Unserved,
    /// Loans taken (negative) and repaid with interest.
    Debt,
    /// Machines sold (negative).
    Resale,
    /// Tax saved (negative) or due on what is sold.
    Tax,
}

impl Part {
    /// All parts, in the order of the ledger.
    pub const ALL: [Self; 9] = [
        Self::Capex,
        Self::Energy,
        Self::Operation,
        Self::Rent,
        Self::Tokens,
        Self::Unserved,
        Self::Debt,
        Self::Resale,
        Self::Tax,
    ];

    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Capex => "capex",
            Self::Energy => "energy",
            Self::Operation => "operation",
            Self::Rent => "rent",
            Self::Tokens => "tokens",
            Self::Unserved => "unserved",
            Self::Debt => "debt",
            Self::Resale => "resale",
            Self::Tax => "tax",
        }
    }

    /// True for running costs, as the books see them.
    pub fn is_opex(self) -> bool {
        matches!(
            self,
            Self::Energy | Self::Operation | Self::Rent | Self::Tokens | Self::Unserved
        )
    }
}

/// The cash flows of one strategy in one month.
#[derive(Debug, Clone)]
pub struct Ledger {
    parts: Vec<Lane>,
    /// Parts that hold something this month, a bit each; the others read as nothing.
    touched: u16,
    variable: Lane,
    varies: bool,
}

/// What a part reads as that nothing was booked in.
static NOTHING: Lane = splat(0.0);

/// A part of a ledger, open to be booked in.
#[derive(Debug)]
pub struct Open<'a> {
    /// The part.
    pub lane: &'a mut Lane,
    /// True if it holds something already: add to it, else write it.
    pub onto: bool,
    /// What moves with the work served.
    pub variable: &'a mut Lane,
    /// Likewise.
    pub variable_onto: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            parts: vec![splat(0.0); Part::ALL.len()],
            touched: 0,
            variable: splat(0.0),
            varies: false,
        }
    }
}

impl Ledger {
    /// Empties every part.
    pub fn clear(&mut self) {
        self.touched = 0;
        self.varies = false;
    }

    /// Notes that `cost`, already in a part, moves with the work served.
    pub fn add_variable(&mut self, cost: &Lane) {
        let varies = self.varies;
        self.varies = true;
        book(&mut self.variable, varies, cost, 1.0);
    }

    /// Adds `by · cost` to a part.
    pub fn add(&mut self, part: Part, cost: &Lane, by: f64) {
        let Open { lane, onto, .. } = self.open(part);
        book(lane, onto, cost, by);
    }

    /// A part to book in, and where to note what of it moves with the work served.
    pub fn open(&mut self, part: Part) -> Open<'_> {
        let bit = 1 << part as u32;
        let (onto, variable_onto) = (self.touched & bit != 0, self.varies);
        self.touched |= bit;
        Open {
            lane: &mut self.parts[part as usize],
            onto,
            variable: &mut self.variable,
            variable_onto,
        }
    }

    /// Notes that the variable lane of [`Self::open`] was written.
    pub fn varied(&mut self) {
        self.varies = true;
    }

    /// The share of the month's cost that moves with the work served; the rest is fixed.
    pub fn variable(&self) -> &Lane {
        if self.varies { &self.variable } else { &NOTHING }
    }

    /// The lane of a part, to add to.
    pub fn part_mut(&mut self, part: Part) -> &mut Lane {
        let Open { lane, onto, .. } = self.open(part);
        if !onto {
            lane.fill(0.0);
        }
        lane
    }

    /// The lane of a part.
    pub fn part(&self, part: Part) -> &Lane {
        if self.touched & 1 << part as u32 == 0 {
            return &NOTHING;
        }
        &self.parts[part as usize]
    }

    /// Running costs of the month.
    pub fn opex(&self, out: &mut Lane) {
        out.fill(0.0);
        for part in Part::ALL.into_iter().filter(|p| p.is_opex()) {
            add(out, self.part(part));
        }
    }

    /// All cash of the month.
    pub fn cash(&self, out: &mut Lane) {
        out.fill(0.0);
        for part in Part::ALL {
            add(out, self.part(part));
        }
    }
}

crate::kernel! {
    fn book(out: &mut Lane, onto: bool, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] = (if onto { out[i] } else { 0.0 }) + by * a[i];
        }
    }

    fn add(out: &mut Lane, part: &Lane) {
        for i in 0..LANES {
            out[i] += part[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cash_is_the_sum_of_its_parts() {
        let mut ledger = Ledger::default();
        let mut x = 1.0;
        for part in Part::ALL {
            ledger.part_mut(part).fill(x);
            x *= 2.0;
        }
        let mut cash = splat(0.0);
        ledger.cash(&mut cash);
        assert_eq!(cash, splat(511.0));
        let mut opex = splat(0.0);
        ledger.opex(&mut opex);
        assert_eq!(opex, splat(2.0 + 4.0 + 8.0 + 16.0 + 32.0));
    }
}
