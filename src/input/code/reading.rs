//! Codes of reading a file and of its shape.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "E0001",
        "the file is not TOML",
        "The text breaks a rule of the TOML format, so that nothing can be read from it. \
         Typical are a text without quotes, a bracket that is not closed, and a key that \
         is written twice in one table.\n\n\
         wrong:  name = H100\n\
         right:  name = \"H100\"",
    ),
    code(
        "E0002",
        "the file cannot be read",
        "The operating system refused to open or read the file: it is not there, it is a \
         folder, or its permissions forbid it. Check the path; it is taken from the \
         folder in which the command was started.",
    ),
    code(
        "E0003",
        "the file is not UTF-8",
        "TOML files are text in UTF-8. The file holds bytes that are not, often because \
         an editor saved it as UTF-16 or Latin-1. Save it again as UTF-8.",
    ),
    code(
        "E0004",
        "the file is too large",
        "Plans and profiles are written by people and take kilobytes. A file of more than \
         16 MiB is something else, a series of measurements for example, and is not read.",
    ),
    code(
        "E0005",
        "tables lie too deep within each other",
        "No file of rackcast needs more than a handful of tables within tables. More than \
         64 are refused, so that no file can exhaust the memory of the machine.\n\n\
         wrong:  a.b.c.d.… (65 times) = 1\n\
         right:  [compute]\n        bf16_tflops = 989.5",
    ),
    code(
        "E0101",
        "unknown key",
        "The table has no such key. Unknown keys are refused rather than ignored: a \
         misspelled key would otherwise leave its quantity unknown without a word. The \
         help names the key that was most likely meant.\n\n\
         wrong:  vender = \"NVIDIA\"\n\
         right:  vendor = \"NVIDIA\"",
    ),
    code(
        "E0102",
        "a key lacks its unit, or is in another one",
        "Every key of a quantity ends in its unit, so that a number can be read without a \
         manual. The key was written without its unit or with another one. Use the key \
         the help names, and convert the number to its unit.\n\n\
         wrong:  bandwidth_tb_per_s = 3.35\n\
         right:  bandwidth_gb_per_s = 3350",
    ),
    code(
        "E0103",
        "a key is missing",
        "The table cannot be understood without this key, and there is no default for \
         it. The help says what it holds.\n\n\
         wrong:  [memory]\n        bandwidth_gb_per_s = 3350\n\
         right:  [memory]\n        bandwidth_gb_per_s = 3350\n        capacity_gb = 80",
    ),
    code(
        "E0104",
        "a value is of the wrong type",
        "The key wants another type of value: a number where a text was written, a table \
         where a number was written, a date that is none, too many items in a list. \
         Numbers are written without quotes and without units.\n\n\
         wrong:  bandwidth_gb_per_s = \"3350\"\n\
         right:  bandwidth_gb_per_s = 3350",
    ),
    code(
        "E0105",
        "unknown variant",
        "The key takes one of a few named choices, and this is none of them, or more than \
         one. A choice without values is written as a text; a choice with values is a \
         table of that name. The help lists all of them.\n\n\
         wrong:  topology = \"swich\"\n\
         right:  topology = \"switch\"",
    ),
    code(
        "E0106",
        "a number is not finite or too large",
        "TOML allows `nan` and `inf`, and numbers of any length; no quantity of a plan or \
         profile is any of these. Leave a key out where its value is unknown: the \
         uncertainty grows, and the calculation goes on.\n\n\
         wrong:  tdp_w = nan\n\
         right:  (the line left out)",
    ),
    code(
        "E0107",
        "a value is refused",
        "The shape of the file is right, but a value does not mean anything to the type it \
         must become: a text that follows a pattern, for example. The message says what \
         was expected.\n\n\
         wrong:  period = \"a while\"\n\
         right:  period = \"2026-Q4\"",
    ),
];
