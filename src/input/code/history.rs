//! Codes of histories in tables.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "E0601",
        "the columns are not known",
        "The first line of a table names its columns. A history is `date,value`, or \
         `series,unit,t,ln_cost` (or `value` in place of `ln_cost`) with `unit` year or \
         month; prices may also come as `date,provider,instrument,value`, and requests as \
         a column of times or as `hour,requests`.\n\n\
         wrong:  when;price\n\
         right:  date,value",
    ),
    code(
        "E0602",
        "a row does not fit its header",
        "Every row has one cell for each column of the header. A comma within a cell needs \
         quotes around the cell, a decimal comma is written as a point.\n\n\
         wrong:  2026-01,2,50\n\
         right:  2026-01,2.50",
    ),
    code(
        "E0603",
        "a cell is not what its column holds",
        "Dates are written 2026-10-05, 2026-10, 2026-Q4 or 2026, numbers without units and \
         thousands separators. A price is above zero: its logarithm is what is fitted.\n\n\
         wrong:  Oct 2026,$2.50\n\
         right:  2026-10,2.50",
    ),
    code(
        "E0604",
        "a date comes twice or too early",
        "The values of one series stand in the order of time, one for each date. Two \
         values of one date are two instruments or two providers: name them in columns of \
         their own, `provider` and `instrument`, or keep one.\n\n\
         wrong:  2026-02,2.5\n        2026-01,2.6\n\
         right:  2026-01,2.6\n        2026-02,2.5",
    ),
    code(
        "E0605",
        "a value looks like a placeholder",
        "Zero, a round number far from all others such as 700.0, or a price repeated to the \
         last digit for long: files hold such values where nobody knew the price. They \
         are refused, for a fit would take them for the market. Take them out, or say \
         that they are real with `--keep-suspect`.",
    ),
    code(
        "E0606",
        "a history is too short",
        "A fit needs some changes to learn from: at least 4 values, and a hindcast at least \
         7 changes of yearly values or 13 of monthly ones, so that there is a later value \
         to compare with.",
    ),
    code(
        "E0607",
        "a history is too long",
        "Every date of a history is forecast from, and forecasts are months ahead: more \
         than 600 values in one series are days, not months. Keep one a month.",
    ),
];
