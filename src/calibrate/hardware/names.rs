//! Accelerators and models by the names that records of measurements use.
//!
//! Records say `NVIDIA H100-SXM-80GB` and `nvidia/Qwen3-32B-NVFP4` where the catalogue
//! says `nvidia-h100-sxm` and `Qwen/Qwen3-32B`. Words of a name are compared as a set;
//! makers, publishers, formats and a capacity that agrees with the profile are left out.
//! Read next: [`super::case`].

use std::collections::BTreeSet;

use crate::profile::model::{Architecture, Experts};
use crate::profile::{Accelerator, Catalogue, Model};

use super::columns::Row;

/// Words that say who made or sells it, not what it is.
const MAKERS: [&str; 10] = [
    "nvidia",
    "amd",
    "intel",
    "google",
    "aws",
    "instinct",
    "tensor",
    "core",
    "ai",
    "accelerator",
];
/// Words at the end of a model's name that say in which form its weights come.
const FORMS: [&str; 12] = [
    "nvfp4", "mxfp4", "fp8", "fp4", "int4", "int8", "bf16", "awq", "gptq", "instruct",
    "hf", "chat",
];

/// Words of letters and digits, lower case; a number and a following `gb` are one word.
fn words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase().replace(['®', '™'], " ");
    let mut words: Vec<String> = Vec::new();
    for word in lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '.') {
        match words.last_mut() {
            _ if word.is_empty() => {}
            Some(last) if word == "gb" && last.bytes().all(|b| b.is_ascii_digit()) => {
                last.push_str("gb");
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// A capacity such as `80gb` or `80g`, GB.
fn capacity(word: &str) -> Option<f64> {
    word.strip_suffix("gb").or_else(|| word.strip_suffix('g'))?.parse().ok()
}

/// The words that tell one chip from another, and the capacity beside them.
fn marks(name: &str) -> (BTreeSet<String>, Option<f64>) {
    let mut gb = None;
    let mut kept = BTreeSet::new();
    for word in words(name) {
        if let Some(found) = capacity(&word) {
            gb = Some(found);
        } else if !MAKERS.contains(&word.as_str()) {
            kept.insert(word);
        }
    }
    (kept, gb)
}

/// The accelerator a record means.
pub fn accelerator<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Accelerator> {
    if let Ok(found) = catalogue.accelerator(name) {
        return Some(found);
    }
    let (wanted, gb) = marks(name);
    catalogue.accelerators.values().find(|chip| {
        let has = chip.memory.capacity_gb.median();
        if gb.is_some_and(|gb| (gb / has - 1.0).abs() > 0.07) {
            return false;
        }
        let names = [&chip.id, &chip.name].into_iter().chain(&chip.aliases);
        names.into_iter().any(|n| marks(n).0 == wanted)
    })
}

/// A model's name without publisher, form of weights and punctuation.
fn plain(name: &str) -> String {
    let own = name.rsplit('/').next().unwrap_or(name);
    let mut words = words(own);
    while words.len() > 1 && words.last().is_some_and(|w| FORMS.contains(&w.as_str())) {
        words.pop();
    }
    words.concat()
}

/// The model a record means.
pub fn model<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Model> {
    if let Ok(found) = catalogue.model(name) {
        return Some(found);
    }
    let wanted = plain(name);
    catalogue.models.values().find(|m| {
        let names = [&m.id, &m.name].into_iter().chain(&m.aliases);
        names.into_iter().any(|n| plain(n) == wanted)
    })
}

/// Width over layers of published dense transformers of 1 to 1,000·10⁹ parameters: 64 to
/// 200, 120 in the middle (GPT-3, Llama, Megatron, MPT families).
const WIDTH_OVER_LAYERS: f64 = 120.0;
/// Spread of the time of a step that guessed dimensions bring at a known number of
/// parameters: what is not matrix products shifts with depth.
const GUESSED_SIGMA: f64 = 0.08;

/// A model from the architecture columns of a row, and the spread its guesses bring.
///
/// ```text
/// P = 12 L h²,   h = 120 L      where only the parameters are known
/// ```
/// **Errors** when neither parameters nor dimensions are there.
pub(super) fn from_columns(row: &Row) -> Result<(Model, f64), String> {
    let given = |column: &str| row.above_zero(column);
    let mut guesses = 0;
    let mut or = |value: Option<f64>, guess: f64| {
        value.unwrap_or_else(|| {
            guesses += 1;
            guess
        })
    };
    let params = match (given("params_billion"), given("layers"), given("hidden")) {
        (Some(p), _, _) => p * 1e9,
        (None, Some(l), Some(h)) => 12.0 * l * h * h,
        _ => {
            return Err("neither `model` nor `params_billion` nor `layers` and \
                        `hidden` are given"
                .to_owned());
        }
    };
    let mixture = given("experts").zip(given("experts_per_token"));
    let sizing = given("active_params_billion").map_or(params, |a| a * 1e9);
    let by_rule = (sizing * WIDTH_OVER_LAYERS / 12.0).cbrt();
    let hidden = match (given("hidden"), given("layers")) {
        (Some(h), _) => h,
        (None, Some(l)) => or(None, (sizing / (12.0 * l)).sqrt()),
        (None, None) => or(None, (by_rule / 128.0).round().max(1.0) * 128.0),
    };
    let layers =
        or(given("layers"), (sizing / (12.0 * hidden * hidden)).round().max(1.0));
    let heads = or(given("heads"), (hidden / 128.0).round().max(1.0));
    let head_dim = given("head_dim").unwrap_or((hidden / heads).round().max(1.0));
    let kv_heads = given("kv_heads").unwrap_or(heads);
    let vocab = or(given("vocab"), 50_304.0);
    let ffn = given("ffn").unwrap_or_else(|| {
        // What the parameters leave beside attention and tables, for two matrices.
        let attention = 2.0 * hidden * head_dim * (heads + kv_heads);
        let rest = (sizing - vocab * hidden) / layers - attention;
        if mixture.is_some() || rest < hidden {
            4.0 * hidden
        } else {
            rest / (2.0 * hidden)
        }
    });
    let experts = mixture.map(|(count, per_token)| Experts {
        count: whole(count),
        per_token: whole(per_token),
        shared: 0,
        ffn: whole(or(given("expert_ffn"), ffn)),
        dense_layers: 0,
    });
    let gated = given("ffn").is_some() && {
        let attention = 2.0 * hidden * head_dim * (heads + kv_heads);
        let by = |matrices: f64| {
            let all =
                layers * (attention + matrices * hidden * ffn) + 2.0 * vocab * hidden;
            (all - params).abs()
        };
        by(3.0) < by(2.0)
    };
    let model = Model {
        id: format!("{layers}x{hidden}"),
        name: format!("a model of {:.4}·10⁹ parameters", params / 1e9),
        aliases: Vec::new(),
        released: None,
        doubts: Vec::new(),
        sources: std::collections::BTreeMap::new(),
        architecture: Architecture {
            source: String::new(),
            params_billion: params / 1e9,
            active_params_billion: given("active_params_billion"),
            layers: whole(layers),
            hidden: whole(hidden),
            heads: whole(heads),
            kv_heads: whole(kv_heads),
            head_dim: whole(head_dim),
            ffn: whole(ffn),
            ffn_matrices: if gated || experts.is_some() { 3 } else { 2 },
            vocab: whole(vocab),
            tied_embeddings: experts.is_none() && given("ffn").is_none(),
            max_context_tokens: None,
            latent_kv_dim: None,
            latent_query_dim: None,
            rope_head_dim: None,
            sliding_window_tokens: None,
            sliding_window_share: None,
            experts,
        },
    };
    Ok((model, if guesses > 0 { GUESSED_SIGMA } else { 0.0 }))
}

/// A count as a whole number, held inside what a dimension can be.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range before it is cut"
)]
pub(super) fn whole(x: f64) -> u32 {
    x.round().clamp(0.0, 100_000_000.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_name_chips_and_models_in_many_ways() {
        let catalogue = Catalogue::shipped();
        for (name, id) in [
            ("NVIDIA H100-SXM-80GB", "nvidia-h100-sxm"),
            ("A100-80G SXM", "nvidia-a100-80g-sxm"),
            ("NVIDIA B200-SXM-180GB", "nvidia-b200-hgx"),
            ("NVIDIA L40S", "nvidia-l40s"),
            ("TPU v5e", "google-tpu-v5e"),
        ] {
            assert_eq!(accelerator(&catalogue, name).map(|a| a.id.as_str()), Some(id));
        }
        assert!(accelerator(&catalogue, "H100 SXM 40GB").is_none());
        for (name, id) in [
            ("nvidia/Qwen3-32B-NVFP4", "qwen3-32b"),
            ("Llama3.1 405B", "llama-3.1-405b"),
            ("GPT OSS 120B", "gpt-oss-120b"),
        ] {
            assert_eq!(model(&catalogue, name).map(|m| m.id.as_str()), Some(id));
        }
    }

    #[test]
    fn dimensions_follow_from_the_parameters() {
        let row = Row::of(2, [("params_billion".to_owned(), "22".to_owned())]);
        let (guessed, sigma) = from_columns(&row).unwrap();
        // Megatron's model of that size: 48 layers, 6,144 wide.
        assert!((40..=56).contains(&guessed.architecture.layers));
        assert!((5500..=6700).contains(&guessed.architecture.hidden));
        assert!(sigma > 0.0);
        assert!(from_columns(&Row::of(2, [])).is_err());
    }
}
