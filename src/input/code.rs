//! Every code a diagnostic may carry, what it means, and how to put it right.
//!
//! One list, in order of the codes, a file for each kind; a new code is one more entry of
//! its file. `E00xx` are about reading, `E01xx` about the shape of a file, `E02xx` about
//! values of profiles, `E03xx` about plans, `E04xx` about names and strategies, `E05xx`
//! about what is asked of the engine, `E06xx` about histories in tables, `E07xx` about gates
//! and what they read, `E08xx` about imports, `E09xx` about closed forms. A code that warns
//! and does not refuse starts with `W`. A code is never reused for something else.

mod closed_form;
mod foreign;
mod history;
mod plan;
mod reading;
mod value;
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

const ALL: [Code; count_of(LISTS)] = joined(LISTS);

/// The lists, in order of their codes.
const LISTS: &[&[Code]] = &[
    reading::CODES,
    value::CODES,
    plan::CODES,
    history::CODES,
    foreign::CODES,
    closed_form::CODES,
    warning::CODES,
];

const fn count_of(lists: &[&[Code]]) -> usize {
    let (mut count, mut list) = (0, 0);
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
}

/// Lists one after the other.
const fn joined<const N: usize>(lists: &[&[Code]]) -> [Code; N] {
    let mut all = [lists[0][0]; N];
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
