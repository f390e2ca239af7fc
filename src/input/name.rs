//! Names that were meant: the nearest known one, and keys that lack their unit.
//!
//! A slip of the keyboard is a short edit away; a forgotten or another unit is not, so
//! keys are also compared by their stem, the part before the unit. Read next:
//! [`super::shape`], which asks both questions of every unknown key.

/// Longer names are nobody's slip, and comparing them costs time.
const LONGEST: usize = 64;

/// Words a unit is written with in a key, in any spelling people try.
const UNIT_WORDS: &[&str] = &[
    "bit",
    "bits",
    "byte",
    "bytes",
    "cent",
    "cents",
    "chip",
    "count",
    "day",
    "days",
    "dollar",
    "dollars",
    "eflops",
    "eur",
    "exaflops",
    "flop",
    "flops",
    "gb",
    "gbit",
    "gbits",
    "gbps",
    "gflops",
    "gib",
    "gpu",
    "gw",
    "h",
    "hour",
    "hours",
    "hr",
    "hrs",
    "j",
    "kb",
    "kib",
    "kw",
    "kwh",
    "m2",
    "mb",
    "mbit",
    "mbps",
    "mib",
    "min",
    "minutes",
    "month",
    "months",
    "ms",
    "mtok",
    "mw",
    "mwh",
    "node",
    "ns",
    "pb",
    "pct",
    "per",
    "percent",
    "petaflops",
    "pflops",
    "pib",
    "s",
    "sec",
    "second",
    "seconds",
    "share",
    "sqrt",
    "tb",
    "tbit",
    "tbps",
    "teraflops",
    "tflops",
    "tib",
    "tok",
    "token",
    "tokens",
    "tops",
    "tw",
    "twh",
    "us",
    "usd",
    "w",
    "watt",
    "watts",
    "week",
    "weeks",
    "wh",
    "year",
    "years",
    "yr",
];

/// The known name that was most likely meant, if any is near.
///
/// Near is at most one edit in three letters (an exchange of neighbours is one edit;
/// case and `_` for `-` are none). Where no name is that near, the shortest one that
/// contains the wanted word: `h100` finds `nvidia-h100-sxm`.
pub fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    close(wanted, known.iter().copied()).or_else(|| {
        let wanted = plain(wanted)?;
        known
            .into_iter()
            .filter(|k| {
                wanted.len() >= 3 && plain(k).is_some_and(|k| k.contains(&wanted))
            })
            .min_by_key(|k| k.len())
    })
}

/// The known name within a slip of the keyboard; the first of equally near ones.
pub(super) fn close<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = plain(wanted)?;
    let limit = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter_map(|k| Some((strsim::damerau_levenshtein(&wanted, &plain(k)?), k)))
        .filter(|(distance, k)| *distance <= limit && *distance < k.chars().count())
        .min_by_key(|(distance, k)| unlikeness(*distance, &wanted, k))
        .map(|(_, k)| k)
}

/// How far a name is from the one meant: edits weigh twice what letters in common at the
/// beginning do, for a name is written from there on (`nvidia-b2000` means
/// `nvidia-b200-hgx`, four edits away, rather than `nvidia-h20`, three away).
pub(crate) fn unlikeness(distance: usize, wanted: &str, known: &str) -> isize {
    let known = plain(known).unwrap_or_default();
    let same = wanted.chars().zip(known.chars()).take_while(|(a, b)| a == b).count();
    isize::try_from(2 * distance).unwrap_or(isize::MAX)
        - isize::try_from(same).unwrap_or(isize::MAX)
}

/// The known keys that are `written` with a unit where it has none, or with another
/// unit than the written one.
pub(super) fn with_unit<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    if written.len() > LONGEST {
        return Vec::new();
    }
    let (stem, _) = split_unit(written);
    known
        .into_iter()
        .filter(|k| {
            let (known_stem, unit) = split_unit(k);
            !unit.is_empty() && (known_stem == stem || is_stem(written, k))
        })
        .collect()
}

/// A key before its unit, and the unit; the unit is empty where there is none.
pub(super) fn split_unit(key: &str) -> (&str, &str) {
    let mut cut = key.len();
    while let Some(at) = key[..cut].rfind('_') {
        let word = &key[at + 1..cut];
        if !is_unit_word(word) {
            break;
        }
        cut = at;
    }
    (&key[..cut], key[cut..].trim_start_matches('_'))
}

/// True where all that `key` says beyond `stem` is a unit, even if `stem` ends in a
/// word that may be one (`share_of_capex` has `share` in front, `chips` is counted).
fn is_stem(stem: &str, key: &str) -> bool {
    key.strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|rest| rest.split('_').all(is_unit_word))
}

fn is_unit_word(word: &str) -> bool {
    UNIT_WORDS.binary_search(&word).is_ok()
        || (!word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
}

fn plain(name: &str) -> Option<String> {
    (name.len() <= LONGEST).then(|| name.to_lowercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_words_are_sorted_for_the_search() {
        assert!(UNIT_WORDS.is_sorted());
    }

    #[test]
    fn a_slip_of_the_keyboard_finds_its_name() {
        let known = ["nvidia-h100-sxm", "nvidia-h200-sxm", "amd-mi300x"];
        for (wanted, meant) in [
            ("nvidia-h100-smx", Some("nvidia-h100-sxm")),
            ("NVIDIA_H200_SXM", Some("nvidia-h200-sxm")),
            ("mi300x", Some("amd-mi300x")),
            ("h200", Some("nvidia-h200-sxm")),
            ("tpu-v5e", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(wanted, known), meant, "{wanted}");
        }
    }

    #[test]
    fn a_common_beginning_weighs_more_than_an_edit() {
        let known =
            ["nvidia-b200-hgx", "nvidia-h20", "nvidia-h100-sxm", "nvidia-h200-sxm"];
        assert_eq!(nearest("nvidia-b2000", known), Some("nvidia-b200-hgx"));
        assert_eq!(nearest("nvidia-h1000", known), Some("nvidia-h100-sxm"));
        assert_eq!(nearest("nvidia-h2", known), Some("nvidia-h20"));
    }

    #[test]
    fn a_key_splits_into_stem_and_unit() {
        for (key, stem, unit) in [
            ("bandwidth_gb_per_s", "bandwidth", "gb_per_s"),
            ("bandwidth", "bandwidth", ""),
            ("failures_per_1000_node_days", "failures", "per_1000_node_days"),
            ("wall_factor", "wall_factor", ""),
            ("on_demand_usd_per_chip_hour", "on_demand", "usd_per_chip_hour"),
            ("_w", "", "w"),
        ] {
            assert_eq!(split_unit(key), (stem, unit), "{key}");
        }
    }

    #[test]
    fn a_missing_or_another_unit_finds_every_key_of_the_stem() {
        let known = ["bandwidth_gb_per_s", "capacity_gb", "kind", "tdp_w", "tdp_kw"];
        assert_eq!(with_unit("bandwidth", known), ["bandwidth_gb_per_s"]);
        assert_eq!(with_unit("bandwidth_tb_per_s", known), ["bandwidth_gb_per_s"]);
        assert_eq!(with_unit("tdp", known), ["tdp_w", "tdp_kw"]);
        assert!(with_unit("kind", known).is_empty());
        assert!(with_unit("band", known).is_empty());
    }
}
