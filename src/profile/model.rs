//! A model architecture: what its authors published, no more.
//!
//! Counts of parameters, layers and heads are what time, memory and FLOPs follow from.
//! Read next: [`crate::hardware`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{Sources, check_sources};
use crate::input::{Check, Checker, Uncertain, When};

/// One model.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Stable name in files: lower case, hyphens; the same as the file's.
    pub id: String,
    /// Name as people print it.
    pub name: String,
    /// Other names under which measurements know it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// When it was published.
    #[serde(default)]
    pub released: Option<When>,
    /// What the sources disagree about, in words.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Sources by key.
    #[serde(default)]
    pub sources: Sources,
    /// The architecture.
    pub architecture: Architecture,
}

/// A transformer's dimensions.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Key in `[sources]`.
    pub source: String,
    /// All parameters, 10⁹.
    pub params_billion: f64,
    /// Parameters a token meets, 10⁹; left out for dense models.
    #[serde(default)]
    pub active_params_billion: Option<f64>,
    /// Transformer layers.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Query heads.
    pub heads: u32,
    /// Key and value heads (grouped-query attention); equal to `heads` where not grouped.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Width of the feed-forward layer.
    pub ffn: u32,
    /// Matrices of a feed-forward layer: 3 where it is gated (`SwiGLU`), 2 where not.
    #[serde(default = "gated")]
    pub ffn_matrices: u32,
    /// Tokens in the vocabulary.
    pub vocab: u32,
    /// True where input embedding and output head are one matrix.
    #[serde(default)]
    pub tied_embeddings: bool,
    /// Longest context, tokens.
    #[serde(default)]
    pub max_context_tokens: Option<u32>,
    /// Width of the cached latent in multi-head latent attention (MLA), per layer.
    #[serde(default)]
    pub latent_kv_dim: Option<u32>,
    /// Width of the compressed query in latent attention; left out where not compressed.
    #[serde(default)]
    pub latent_query_dim: Option<u32>,
    /// Width per head of the rotary part that latent attention adds to `head_dim`.
    #[serde(default)]
    pub rope_head_dim: Option<u32>,
    /// Window of the layers that attend only locally, tokens.
    #[serde(default)]
    pub sliding_window_tokens: Option<u32>,
    /// Share of the layers that attend only within the window.
    #[serde(default)]
    pub sliding_window_share: Option<f64>,
    /// Mixture of experts.
    #[serde(default)]
    pub experts: Option<Experts>,
}

/// Mixture of experts.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experts {
    /// Routed experts in a layer.
    pub count: u32,
    /// Routed experts a token meets.
    pub per_token: u32,
    /// Experts every token meets.
    #[serde(default)]
    pub shared: u32,
    /// Width of an expert's feed-forward layer.
    pub ffn: u32,
    /// Layers that are dense.
    #[serde(default)]
    pub dense_layers: u32,
}

fn gated() -> u32 {
    3
}

impl Architecture {
    /// Parameters a token meets, 10⁹.
    pub fn active_billion(&self) -> f64 {
        self.active_params_billion.unwrap_or(self.params_billion)
    }

    /// Parameters that the dimensions explain, 10⁹: all of them, and those a token meets
    /// (the output head counted, the input embedding not).
    ///
    /// ```text
    /// L (attention + feed-forward) + V h (twice where the tables are two)
    /// ```
    /// where attention is 2 h (heads + kv heads) d, or the projections of the latent.
    /// Norms and biases are left out.
    ///
    /// **Checked by** `parameters_follow_from_the_dimensions`, against published counts.
    pub fn counted_billion(&self) -> (f64, f64) {
        let [h, heads, kv, d] =
            [self.hidden, self.heads, self.kv_heads, self.head_dim].map(f64::from);
        let attention = if let Some(latent) = self.latent_kv_dim.map(f64::from) {
            let rope = self.rope_head_dim.map_or(0.0, f64::from);
            let query = match self.latent_query_dim.map(f64::from) {
                Some(q) => h * q + q * heads * (d + rope),
                None => h * heads * (d + rope),
            };
            query + h * latent + (latent - rope) * heads * 2.0 * d + heads * d * h
        } else {
            2.0 * h * (heads + kv) * d
        };
        let layers = f64::from(self.layers);
        let matrices = f64::from(self.ffn_matrices);
        let dense = matrices * h * f64::from(self.ffn);
        let (all, met) = match &self.experts {
            None => (layers * dense, layers * dense),
            Some(e) => {
                let expert = matrices * h * f64::from(e.ffn);
                let rest = f64::from(self.layers.saturating_sub(e.dense_layers));
                let router = h * f64::from(e.count);
                let first = f64::from(e.dense_layers) * dense;
                let of = |n: u32| {
                    first
                        + rest * ((f64::from(n) + f64::from(e.shared)) * expert + router)
                };
                (of(e.count), of(e.per_token))
            }
        };
        let head = f64::from(self.vocab) * h;
        let tables = if self.tied_embeddings { head } else { 2.0 * head };
        let through = layers * attention;
        ((through + all + tables) / 1e9, (through + met + head) / 1e9)
    }
}

impl Check for Model {
    fn check(&self, at: &mut Checker) {
        super::check_id(at, &self.id);
        let a = &self.architecture;
        at.at("architecture", |at| {
            at.positive("params_billion", Uncertain::from(a.params_billion));
            at.positive(
                "active_params_billion",
                a.active_params_billion.map(Uncertain::from),
            );
            for (key, n) in [
                ("layers", a.layers),
                ("hidden", a.hidden),
                ("heads", a.heads),
                ("kv_heads", a.kv_heads),
                ("head_dim", a.head_dim),
                ("ffn_matrices", a.ffn_matrices),
                ("vocab", a.vocab),
            ] {
                at.positive(key, Uncertain::from(f64::from(n)));
            }
            at.share("sliding_window_share", a.sliding_window_share.map(Uncertain::from));
            if a.active_billion() > a.params_billion {
                at.at("active_params_billion", |at| {
                    at.push(
                        "E0203",
                        format!(
                            "{} active parameters are more than all {} (10⁹)",
                            a.active_billion(),
                            a.params_billion
                        ),
                        None,
                    );
                });
            }
            if a.kv_heads > a.heads {
                at.at("kv_heads", |at| {
                    at.push(
                        "E0203",
                        format!(
                            "{} key heads are more than {} heads",
                            a.kv_heads, a.heads
                        ),
                        None,
                    );
                });
            }
            if let Some(e) = &a.experts
                && e.per_token > e.count
            {
                at.at("experts", |at| {
                    at.at("per_token", |at| {
                        at.push(
                            "E0203",
                            format!("{} of {} experts a token", e.per_token, e.count),
                            None,
                        );
                    });
                });
            }
        });
        let used = vec![(
            vec!["architecture".to_owned(), "source".to_owned()],
            a.source.as_str(),
        )];
        check_sources(at, &self.sources, used);
    }
}
