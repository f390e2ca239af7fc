//! Every code a diagnostic may carry, what it means, and how to put it right.
//!
//! One list, in order of the codes; a new code is one more entry. `E00xx` are about
//! reading, `E01xx` about the shape of a file, `E02xx` about values of profiles, `E03xx`
//! about plans, `E04xx` about names and strategies, `E05xx` about what is asked of the
//! engine, `E06xx` about histories in tables, `E07xx` about gates and what they read,
//! `E08xx` about imports, `E09xx` about closed forms. A code that warns and does not refuse
//! starts with `W`. A code is never reused for something else.

mod closed_form;
mod foreign;
mod warning;

/// One kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// As printed, such as `E0101`.
    pub code: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What it means and how to put it right, with an example.
    pub explanation: &'static str,
}

/// The code of this name, in any case.
pub fn explain(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|c| c.code.eq_ignore_ascii_case(code))
}

const fn code(
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
) -> Code {
    Code { code, title, explanation }
}

/// Every code, in order.
pub const CODES: &[Code] = &ALL;

const ALL: [Code;
    OWN.len() + foreign::CODES.len() + closed_form::CODES.len() + warning::CODES.len()] =
    joined([OWN, foreign::CODES, closed_form::CODES, warning::CODES]);

/// Lists one after the other.
const fn joined<const N: usize>(lists: [&[Code]; 4]) -> [Code; N] {
    let mut all = [OWN[0]; N];
    let (mut list, mut at) = (0, 0);
    while list < lists.len() {
        let mut i = 0;
        while i < lists[list].len() {
            all[at] = lists[list][i];
            i += 1;
            at += 1;
        }
        list += 1;
    }
    all
}

/// Codes of files that rackcast itself defines.
const OWN: &[Code] = &[
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
    code(
        "E0201",
        "a number is out of range",
        "The number has the right type but cannot be true: a price below zero, a share \
         above one, a bandwidth of nothing. Of an uncertain number every quantile must be \
         in the range.\n\n\
         wrong:  idle_share = 40\n\
         right:  idle_share = 0.40",
    ),
    code(
        "E0202",
        "quantiles that do not rise",
        "An uncertain number is given by the values below which it lies one time in ten, \
         half of the time and nine times in ten. They must rise in this order; equal ones \
         are allowed.\n\n\
         wrong:  tdp_w = { p10 = 700, p50 = 650, p90 = 800 }\n\
         right:  tdp_w = { p10 = 650, p50 = 700, p90 = 800 }",
    ),
    code(
        "E0203",
        "two fields contradict each other",
        "Each of the two fields may be right, but not both: more active parameters than \
         parameters, a server that draws less than the chip in it, axes of something that \
         is no torus. Correct one of them.\n\n\
         wrong:  heads = 32\n        kv_heads = 64\n\
         right:  heads = 64\n        kv_heads = 8",
    ),
    code(
        "E0204",
        "a source that is not defined",
        "Every table of quantities names the source of its figures by a key of \
         `[sources]`, and this key is not there. Add the source with its title and the \
         date on which it was read, or use one that is there.\n\n\
         wrong:  source = \"datashet\"\n\
         right:  source = \"datasheet\"",
    ),
    code(
        "E0205",
        "a source that nothing uses",
        "The file defines a source that no table names. Either a figure lost its source, \
         or the source is left over from a figure that was taken out. Name it in a \
         `source` line, or take it out.",
    ),
    code(
        "E0206",
        "a peak that looks sparse",
        "Peaks are dense. Halving the width of a number doubles the peak; a peak that is \
         more than 2.05 times that of the next wider type is usually one with structured \
         sparsity, printed large in data sheets and reached by no model. Write the dense \
         peak, or say in `ratio_exception` why this chip is different.\n\n\
         wrong:  bf16_tflops = 989.5\n        fp8_tflops = 3958\n\
         right:  bf16_tflops = 989.5\n        fp8_tflops = 1979",
    ),
    code(
        "E0207",
        "a price that marks a missing price",
        "Some price lists print 700 dollars an hour where an instrument is not offered. \
         Taken as a price it would rule out the instrument for the wrong reason. Leave \
         the key out instead.\n\n\
         wrong:  spot_usd_per_chip_hour = 700\n\
         right:  (the line left out)",
    ),
    code(
        "E0208",
        "an id that cannot be one",
        "An id names a file, a key and an argument of the command, so it is made of lower \
         case letters, digits, hyphens and dots alone. The name for people goes into \
         `name`.\n\n\
         wrong:  id = \"NVIDIA H100\"\n\
         right:  id = \"nvidia-h100-sxm\"",
    ),
    code(
        "E0209",
        "the id is not the name of the file",
        "A profile is found by its id, and people look for the file of that name. Both \
         must be the same, so that one leads to the other.\n\n\
         wrong:  id = \"h100\" in nvidia-h100-sxm.toml\n\
         right:  id = \"nvidia-h100-sxm\" in nvidia-h100-sxm.toml",
    ),
    code(
        "E0301",
        "the loads of a shape make no curve",
        "The hours of a weekday are 24 loads, measured loads at least one; all are zero or \
         more, and not all are zero. Only their proportions matter: the mean is scaled \
         to 1.\n\n\
         wrong:  shape.loads.values = []\n\
         right:  shape.loads.values = [3, 5, 9, 4]",
    ),
    code(
        "E0302",
        "no such term is sold",
        "Providers commit for 1, 3 or 5 years. Other spans are not in the price lists.\n\n\
         wrong:  term_years = 2\n\
         right:  term_years = 1",
    ),
    code(
        "E0303",
        "the plan has no workload",
        "A plan compares ways to serve work; without work there is nothing to compare. \
         Add at least one table below [workloads].\n\n\
         right:  [workloads.chat.inference]",
    ),
    code(
        "E0304",
        "a workload is of one kind",
        "A workload is inference, fine_tuning, training or chip_hours. Two kinds are two \
         workloads with two names.\n\n\
         wrong:  [workloads.all.inference] and [workloads.all.training]\n\
         right:  [workloads.chat.inference] and [workloads.pretrain.training]",
    ),
    code(
        "E0305",
        "a strategy has no source",
        "A strategy is a stack of sources of compute; an empty one serves nothing.\n\n\
         wrong:  stack = []\n\
         right:  stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\" } }]",
    ),
    code(
        "E0306",
        "a source is of one kind",
        "Every entry of a stack is exactly one of own, lease, reserve, on_demand, spot, api and seats. \
         Two kinds are two entries.\n\n\
         wrong:  stack = [{ own = { … }, api = { … } }]\n\
         right:  stack = [{ own = { … } }, { api = { … } }]",
    ),
    code(
        "E0307",
        "only what is committed has a size",
        "`sizing` says how many chips to buy or reserve. What is rented by the hour or \
         bought by the token serves what is left over and needs no size; where it has a \
         limit, that is `quota_chips`.",
    ),
    code(
        "E0308",
        "the plan compares no strategies",
        "Name ready-made strategies in `compare` (api, rent, reserve, reserve-3y, spot, \
         build, hybrid), or write your own below [strategies].\n\n\
         right:  compare = [\"api\", \"rent\", \"build\"]",
    ),
    code(
        "E0309",
        "the correlations contradict each other",
        "If A moves with B, and B with C, then A cannot move against C. The message names \
         the pair that does not fit and the range it may have, given the others. Pairs \
         that a plan does not name keep their defaults and count too. rackcast does not \
         repair such a matrix silently.",
    ),
    code(
        "E0310",
        "a correlation names what does not move",
        "Only quantities that this plan uses can be correlated: `rent`, `resale`, \
         `demand.<workload>` and so on. The message lists them.",
    ),
    code(
        "E0311",
        "a trajectory of an unknown quantity",
        "Keys below [trajectories] are names of quantities such as `rent`, `resale` or \
         `flop_per_usd`; the rent of one accelerator is `rent.<accelerator>`. Growth of \
         demand stands with its workload.\n\n\
         wrong:  [trajectories.gpu_rent.geometric]\n\
         right:  [trajectories.rent.geometric]",
    ),
    code(
        "E0312",
        "the same is named twice",
        "A strategy takes part in a comparison once: two variants of one strategy are two \
         tables below [strategies] with two names. A pair of quantities has one correlation, \
         and a quantity none with itself.",
    ),
    code(
        "E0313",
        "a stack is too tall",
        "A stack holds at most 8 sources. Merge sources that serve the same end.",
    ),
    code(
        "E0314",
        "not a name",
        "Names of workloads and strategies become names of files and of random streams: \
         letters, digits, hyphens and underscores, at most 64. A strategy may have a \
         longer `label` besides.\n\n\
         wrong:  [strategies.\"build & rent\"]\n\
         right:  [strategies.build-and-rent]",
    ),
    code(
        "E0315",
        "no such fan",
        "`results.fans` names fans of the run, whole or by their first parts: \
         cost_to_date, monthly_cost, chips, utilisation and difference by strategy, \
         demand and chips_needed by workload, prices and rents. `fans.csv` of a run \
         without `results.fans` lists them all.\n\n\
         wrong:  fans = [\"cost\"]\n\
         right:  fans = [\"cost_to_date\", \"demand.chat\"]",
    ),
    code(
        "E0316",
        "not a number of paths for Sobol points",
        "Sobol points are even where all of a power of two of them are there, in each of \
         16 replicates that tell the error. So `sampler = \"sobol\"` plays 4096, 8192, \
         16384 … 1048576 paths, of `simulation.paths` or `--paths`.\n\n\
         wrong:  paths = 10000\n\
         right:  paths = 8192",
    ),
    code(
        "E0317",
        "figures of a later date than the plan",
        "`time.as_of` says as of when the plan's own figures hold: demand and prices move \
         from there to the plan's start and on. It is a month before the start, or the \
         start itself.\n\n\
         wrong:  start = \"2027-01\"\n        as_of = \"2027-03\"\n\
         right:  start = \"2027-01\"\n        as_of = \"2026-11\"",
    ),
    code(
        "E0319",
        "a shock is not complete",
        "A shock moves several quantities at once: it needs how often it comes, how long it \
         lasts, and what it adds to the logarithms of which quantities. `supply_crunch` and \
         `demand_winter` are ready-made and need only be named.\n\n\
         wrong:  [shocks.gas]\n        chance_per_year = 0.1\n\
         right:  [shocks.gas]\n        chance_per_year = 0.1\n        months = 6\n        \
         log_moves = { energy_price = 0.5 }",
    ),
    code(
        "E0320",
        "a file beside the plan cannot be used",
        "A plan may name files in its own folder or below: a forward curve with the \
         columns month,value, the first month 0, or date,value, where months count from \
         the first date. One row a month, rising, values above 0. Files elsewhere are \
         never read, so that a plan from somebody else reads nothing but what came with \
         it.\n\n\
         wrong:  forward = { file = \"/data/forwards.csv\" }\n\
         right:  forward = { file = \"forwards.csv\" }",
    ),
    code(
        "E0321",
        "requests are counted in one way",
        "Inference is so many requests a day, or so many users with so many requests a day \
         each. With users, `growth` is their number and seats can be bought for them.\n\n\
         wrong:  seats = 4000\n\
         right:  seats = 4000\n        requests_per_seat_day = 12",
    ),
    code(
        "E0322",
        "seats need a workload that counts its users",
        "A seat is paid for by the user, so the workload says how many there are: `seats` \
         and `requests_per_seat_day` in place of `requests_per_day`. Where several do, the \
         source names its own in `workload`.",
    ),
    code(
        "E0323",
        "leased machines are not sold",
        "Under an operating lease the machines are the lessor's: they go back after the term. \
         A finance lease pays for them, so what has no work may be sold.\n\n\
         wrong:  kind = \"operating\" with machines.sell_unneeded\n\
         right:  kind = \"finance\"",
    ),
    code(
        "E0324",
        "a reservation has no such fee",
        "Support, storage, a setup and a fee a month are charged while chips are reserved. Egress \
         goes by the work served, which a reservation does not count, and a promised spend is \
         what a reservation already is.",
    ),
    code(
        "E0325",
        "only a hall of one's own is fitted out",
        "A facility with `[construction]` is built, and its fit-out and the life of its shell are \
         the plan's to say. Others are rented, with their power and cooling in the rent of \
         space.",
    ),
    code(
        "E0326",
        "two answers to what later orders buy",
        "[generations] draws each peak, the watts and the price of later parts; the \
         trajectories `flop_per_usd` and `energy_efficiency` move one gain for all work. A \
         plan has one or the other: take the table or the trajectory out.",
    ),
    code(
        "E0401",
        "the catalogue has no such profile",
        "Accelerators, models, offers and facilities are named by id, name or alias. \
         `rackcast profiles` lists what is shipped; a folder of your own is laid over it \
         with --profiles.\n\n\
         wrong:  accelerator = \"h100sxm\"\n\
         right:  accelerator = \"nvidia-h100-sxm\"",
    ),
    code(
        "E0402",
        "there is no such strategy",
        "`compare` names ready-made strategies or tables of the plan below [strategies]. The \
         help line gives the nearest name, or all of them.",
    ),
    code(
        "E0403",
        "a strategy cannot serve a workload",
        "Every workload needs at least one source in every stack that can serve it: an \
         API sells tokens of a model and cannot train one; a chip must hold the model in \
         memory and meet the latency asked for. The help line says why each source of \
         the stack cannot.",
    ),
    code(
        "E0404",
        "the offer does not sell that",
        "The named offer has no price for this accelerator, instrument or model. Name one \
         that has, or give the price in the plan.",
    ),
    code(
        "E0405",
        "nobody in the catalogue sells that",
        "No offer has this instrument for this accelerator. Give a price in the plan \
         (`usd_per_chip_hour`), or add an offer in a folder of your own.",
    ),
    code(
        "E0406",
        "the purchase price is not known",
        "The accelerator's profile has no purchase quote, and none is invented. Give \
         `usd_per_chip` in the plan: the price of a chip's share of a server.",
    ),
    code(
        "E0407",
        "the power is not known",
        "Neither the profile nor a similar chip says what this one draws. Give \
         `power_kw_per_chip` in the plan.",
    ),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn codes_rise_and_say_what_they_mean() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for c in CODES {
            let digits = c.code.trim_start_matches(['E', 'W']);
            assert!(c.code.len() == 5 && digits.len() == 4, "{}", c.code);
            assert!(digits.bytes().all(|b| b.is_ascii_digit()), "{}", c.code);
            assert!(!c.title.is_empty() && !c.title.ends_with('.'), "{}", c.code);
            assert!(c.explanation.matches(['.', ':']).count() >= 2, "{}", c.code);
        }
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!(explain("e0101").map(|c| c.title), Some("unknown key"));
        assert_eq!(explain("E9"), None);
    }

    /// Codes are written as literals where they are pushed, and nowhere else.
    #[test]
    fn the_list_and_the_rest_of_the_crate_know_the_same_codes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut pushed = BTreeSet::new();
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs")
                    && !path.ends_with("input/code.rs")
                    && !path.parent().is_some_and(|p| p.ends_with("input/code"))
                {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                    pushed.extend(
                        code.split('"').filter(|w| is_code(w)).map(str::to_owned),
                    );
                }
            }
        }
        let listed: BTreeSet<_> = CODES.iter().map(|c| c.code.to_owned()).collect();
        assert_eq!(pushed, listed, "left: in the source, right: in this list");
    }

    fn is_code(word: &str) -> bool {
        word.len() == 5
            && word.starts_with(['E', 'W'])
            && word[1..].bytes().all(|b| b.is_ascii_digit())
    }
}
