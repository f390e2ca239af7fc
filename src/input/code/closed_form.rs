//! Codes of closed forms: what they lack, and what they have no answer for.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "E0901",
        "a closed form lacks inputs",
        "A closed form answers only from what it is given: nothing is filled in. The message \
         names every input that is missing; `rackcast breakeven FORM --help` says what each is.",
    ),
    code(
        "E0902",
        "a closed form has no answer for a number",
        "A rent of nothing, a life of no years, rates that imply a price below zero: the formula \
         would divide by zero or mean nothing. The message names the number and its range.",
    ),
    code(
        "E0903",
        "a table of cases has half of a pair of columns",
        "A table holds a quantity a row, in the columns `quantity` and `value`, or a case a row, \
         with a column for each input. With one of the two columns it is neither.",
    ),
];
