//! The work a model asks for: FLOPs, weight bytes and KV-cache bytes per token.
//!
//! Everything follows from the counts its authors published. Total and active
//! parameters fix the routed share without assuming the shape of an expert; where only
//! the dimensions are known, a gated feed-forward (three matrices) is assumed and said.
//! Attention is counted under a stated convention, because the two in use differ by
//! 2 to 15 % of the FLOPs at 8k tokens and more. Read next: [`super::machine`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profile::Model;
use crate::profile::Precision;
use crate::profile::model::Architecture;

/// Which part of the attention matrix counts as work.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttentionWork {
    /// Half of it: a token attends to those before it (`6 L h s` in training).
    #[default]
    Causal,
    /// All of it, as kernels before flash attention computed it and `PaLM` counts
    /// (`12 L h s` in training).
    Full,
}

/// A model's dimensions, resolved into what the time and memory equations need.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Name of the model, for messages.
    pub name: String,
    /// All parameters.
    pub params: f64,
    /// Parameters a token meets, embeddings included.
    pub active: f64,
    /// Parameters of the layers that every token meets.
    pub dense: f64,
    /// Parameters of routed experts, all of them.
    pub routed: f64,
    /// Share of the routed parameters a token meets (experts per token over experts).
    pub routed_share: f64,
    /// Parameters of the output projection to the vocabulary.
    pub logits: f64,
    /// Parameters of the input table, which multiplies nothing; zero where it is tied.
    pub lookup: f64,
    /// Transformer layers.
    pub layers: f64,
    /// Layers with routed experts.
    pub expert_layers: f64,
    /// Routed experts in such a layer, zero for a dense model.
    pub experts: f64,
    /// Experts a token meets.
    pub experts_per_token: f64,
    /// Width of an expert's feed-forward layer, zero for a dense model.
    pub expert_ffn: f64,
    /// Width of the residual stream.
    pub hidden: f64,
    /// Width of the feed-forward layer a token meets.
    pub ffn: f64,
    /// Matrices of a feed-forward layer: three where it is gated, else two.
    pub ffn_matrices: f64,
    /// Query heads.
    pub heads: u32,
    /// Key and value heads; one where a latent is cached.
    pub kv_heads: u32,
    /// Tokens in the vocabulary.
    pub vocab: f64,
    /// All query heads together.
    pub attention_width: f64,
    /// Cached values a token leaves in a layer.
    pub kv_per_layer: f64,
    /// True when a latent is cached (MLA).
    pub latent: bool,
    /// Share of the layers that attend within a window, and the window.
    pub window: (f64, f64),
    /// Longest context, where known, tokens.
    pub max_context: Option<f64>,
    /// What had to be assumed, with the relative error that may bring.
    pub assumptions: Vec<(f64, String)>,
}

impl Work {
    /// Resolves a model's dimensions.
    ///
    /// ```text
    /// P = D + R,   P_active = D + R k/E   ⇒   R = (P − P_active) / (1 − k/E)
    /// ```
    /// where `R` are the routed and `D` all other parameters, `k` of `E` experts a token.
    ///
    /// **Errors** none; contradictory counts are clamped and noted.
    /// **Source** the identity is arithmetic; the gated feed-forward is the convention of
    /// every published mixture of experts in the catalogue.
    /// **Checked by** `a_mixture_splits_into_dense_and_routed_parameters`.
    pub fn of(model: &Model) -> Self {
        let a = &model.architecture;
        let mut assumptions = Vec::new();
        let params = a.params_billion * 1e9;
        let layers = f64::from(a.layers).max(1.0);
        let hidden = f64::from(a.hidden).max(1.0);
        let vocab = f64::from(a.vocab);
        let (routed, share, expert_layers) = routed_of(a, &mut assumptions);
        let logits = vocab * hidden;
        let (matrices, tables) = feed_forward_and_tables(a);
        let lookup = if tables > 1.0 { logits } else { 0.0 };
        let dense = (params - routed - logits - lookup).max(0.0);
        let latent = a.latent_kv_dim.is_some();
        Self {
            name: model.name.clone(),
            params,
            active: params - routed * (1.0 - share),
            dense,
            routed,
            routed_share: share,
            logits,
            lookup,
            layers,
            expert_layers,
            experts: a.experts.as_ref().map_or(0.0, |e| f64::from(e.count)),
            experts_per_token: a.experts.as_ref().map_or(0.0, |e| f64::from(e.per_token)),
            expert_ffn: a.experts.as_ref().map_or(0.0, |e| f64::from(e.ffn)),
            hidden,
            ffn: active_ffn(a),
            ffn_matrices: matrices,
            heads: a.heads.max(1),
            kv_heads: if latent { 1 } else { a.kv_heads.max(1) },
            vocab,
            attention_width: f64::from(a.heads) * f64::from(a.head_dim),
            kv_per_layer: a.latent_kv_dim.map_or_else(
                || 2.0 * f64::from(a.kv_heads) * f64::from(a.head_dim),
                f64::from,
            ),
            latent,
            window: window_of(a),
            max_context: a.max_context_tokens.map(f64::from),
            assumptions,
        }
    }

    /// True for a mixture of experts.
    pub fn is_sparse(&self) -> bool {
        self.routed > 0.0
    }

    /// Share of a dense layer's efficiency that products of this model's experts reach.
    ///
    /// ```text
    /// f / (f + f½)
    /// ```
    /// Fine-grained experts spend their time on routing, copies and short products.
    pub(super) fn expert_efficiency(&self, half_width: f64) -> f64 {
        if self.expert_ffn > 0.0 {
            self.expert_ffn / (self.expert_ffn + half_width)
        } else {
            0.5
        }
    }

    /// Share of a dense layer's efficiency that products of this model's experts reach in
    /// training, where each expert has tokens enough and its two widths are what is short.
    ///
    /// ```text
    /// w / (w + w½),   w = √(h f)
    /// ```
    pub(super) fn expert_training_efficiency(&self, half_width: f64) -> f64 {
        let width = (self.hidden * self.expert_ffn).sqrt();
        if width > 0.0 { width / (width + half_width) } else { 0.5 }
    }

    /// FLOPs of the matrix products of one token, forward: twice the parameters met.
    pub fn matmul_flops(&self) -> f64 {
        2.0 * (self.dense + self.logits + self.routed * self.routed_share)
    }

    /// FLOPs of attention for one token of a sequence, forward, averaged over it.
    ///
    /// ```text
    /// 4 L w s (full)   or   2 L w s (causal)
    /// ```
    /// where `w` is the width of all heads together and `s` the sequence; layers with a
    /// window count at most the window.
    ///
    /// **Source** Chowdhery et al. (2022), `PaLM`, appendix B.
    /// **Checked by** `training_flops_match_megatron_2021`.
    pub fn attention_flops(&self, sequence: f64, convention: AttentionWork) -> f64 {
        let mean = match convention {
            AttentionWork::Causal => sequence / 2.0,
            AttentionWork::Full => sequence,
        };
        4.0 * self.layers * self.attention_width * self.span(mean)
    }

    /// FLOPs a training token costs: forward and twice that backward, nothing recomputed.
    ///
    /// ```text
    /// 6 P + 12 L w s (full)   or   6 P + 6 L w s (causal)
    /// ```
    /// with `P` the parameters that multiply a token (the input table does not).
    ///
    /// **Source** Narayanan et al. (2021), Efficient Large-Scale Language Model Training on
    /// GPU Clusters Using Megatron-LM, appendix; Chowdhery et al. (2022), appendix B.
    /// **Checked by** `training_flops_match_megatron_2021`.
    pub fn training_flops(&self, sequence: f64, convention: AttentionWork) -> f64 {
        3.0 * (self.matmul_flops() + self.attention_flops(sequence, convention))
    }

    /// Tokens a query meets at a context, averaged over full and windowed layers.
    pub fn span(&self, context: f64) -> f64 {
        let (share, window) = self.window;
        (1.0 - share) * context + share * context.min(window)
    }

    /// Bytes of KV cache a token adds while no window is full.
    ///
    /// ```text
    /// 2 L k d bytes   (grouped or full attention)      L × latent × bytes   (MLA)
    /// ```
    /// **Checked by** `a_token_of_llama_70b_caches_327_680_bytes`.
    pub fn kv_bytes_per_token(&self, precision: Precision) -> f64 {
        self.layers * self.kv_per_layer * precision.bytes_per_activation()
    }

    /// Bytes of KV cache a sequence of `context` tokens holds.
    pub fn kv_bytes(&self, context: f64, precision: Precision) -> f64 {
        self.kv_bytes_per_token(precision) * self.span(context)
    }

    /// Bytes of the routed, the other layers' and the embedding weights, all of them.
    ///
    /// Embeddings stay in bf16 in every published quantised checkpoint; in four-bit
    /// mixtures so do or nearly do the layers every token meets, counted at 8 bits here.
    pub fn weight_bytes(&self, precision: Precision) -> (f64, f64, f64) {
        let narrow = precision.bytes_per_weight();
        let dense = if self.is_sparse() && narrow < 1.0 { 1.0 } else { narrow };
        (self.routed * narrow, self.dense * dense, (self.logits + self.lookup) * 2.0)
    }

    /// Share of the experts of a layer that a batch of tokens meets.
    ///
    /// ```text
    /// 1 − (1 − k/E)^B
    /// ```
    /// for `B` tokens that choose `k` of `E` experts independently and evenly.
    ///
    /// **Checked by** `a_batch_touches_the_expected_share_of_experts`.
    pub fn experts_touched(&self, tokens: f64) -> f64 {
        1.0 - (1.0 - self.routed_share.clamp(0.0, 1.0)).powf(tokens.max(0.0))
    }
}

fn routed_of(a: &Architecture, assumptions: &mut Vec<(f64, String)>) -> (f64, f64, f64) {
    let params = a.params_billion * 1e9;
    match (&a.experts, a.active_params_billion) {
        (None, None) => (0.0, 1.0, 0.0),
        (None, Some(active)) if active >= a.params_billion => (0.0, 1.0, 0.0),
        (None, Some(active)) => {
            assumptions.push((
                0.2,
                "the profile gives active parameters but no experts: all weights are \
                 taken as routed"
                    .to_owned(),
            ));
            (params, active / a.params_billion, f64::from(a.layers))
        }
        (Some(e), active) => {
            let share = f64::from(e.per_token) / f64::from(e.count.max(1));
            let expert_layers = f64::from(a.layers.saturating_sub(e.dense_layers));
            let routed = match active {
                Some(active) if share < 1.0 => {
                    (a.params_billion - active) * 1e9 / (1.0 - share)
                }
                _ => {
                    assumptions.push((
                        0.1,
                        "active parameters are not given: three matrices an expert assumed"
                            .to_owned(),
                    ));
                    let one = 3.0 * f64::from(a.hidden) * f64::from(e.ffn);
                    one * f64::from(e.count) * expert_layers
                }
            };
            (routed.min(params).max(0.0), share.min(1.0), expert_layers)
        }
    }
}

/// Width of the feed-forward activations a token makes, averaged over the layers.
fn active_ffn(a: &Architecture) -> f64 {
    let Some(e) = &a.experts else { return f64::from(a.ffn) };
    let layers = f64::from(a.layers.max(1));
    let dense = f64::from(e.dense_layers).min(layers);
    let met = f64::from(e.per_token + e.shared) * f64::from(e.ffn);
    (dense * f64::from(a.ffn) + (layers - dense) * met) / layers
}

fn window_of(a: &Architecture) -> (f64, f64) {
    match a.sliding_window_tokens {
        Some(window) => (a.sliding_window_share.unwrap_or(1.0), f64::from(window)),
        None => (0.0, f64::INFINITY),
    }
}

/// Matrices of a feed-forward layer and embedding tables, as the count of parameters
/// tells: of the four combinations, the one that comes nearest to it. A mixture of
/// experts is gated and untied, as all published ones are.
fn feed_forward_and_tables(a: &Architecture) -> (f64, f64) {
    if a.experts.is_some() || a.active_params_billion.is_some() {
        return (3.0, 2.0);
    }
    let h = f64::from(a.hidden);
    let attention =
        2.0 * h * f64::from(a.head_dim) * (f64::from(a.heads) + f64::from(a.kv_heads));
    let misfit = |matrices: f64, tables: f64| {
        let layer = attention + matrices * h * f64::from(a.ffn);
        let all = f64::from(a.layers) * layer + tables * f64::from(a.vocab) * h;
        (a.params_billion * 1e9 - all).abs()
    };
    let mut best = (3.0, 2.0);
    for (matrices, tables) in [(3.0, 1.0), (2.0, 2.0), (2.0, 1.0)] {
        if misfit(matrices, tables) < misfit(best.0, best.1) {
            best = (matrices, tables);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn relative(a: f64, b: f64) -> f64 {
        (a / b - 1.0).abs()
    }

    #[test]
    fn training_flops_match_megatron_2021() {
        // Narayanan et al. 2021: 72 B s L h² (1 + s/6h + V/12Lh) without recompute.
        for (params, layers, hidden, heads) in
            [(22.06, 48, 6144, 64), (174.6, 96, 12288, 96), (1008.0, 128, 25600, 160)]
        {
            let work = Work::of(&fixture::megatron(params, layers, hidden, heads));
            let (l, h, s, v) =
                (f64::from(layers), f64::from(hidden), 2048.0, f64::from(51_200));
            let published = 72.0 * l * h * h * (1.0 + s / (6.0 * h) + v / (12.0 * l * h));
            let ours = work.training_flops(s, AttentionWork::Full);
            assert!(relative(ours, published) < 0.01, "{ours} against {published}");
        }
    }

    #[test]
    fn a_token_of_llama_70b_caches_327_680_bytes() {
        let work = Work::of(&fixture::llama3_70b());
        assert!((work.kv_bytes_per_token(Precision::Bf16) - 327_680.0).abs() < 1e-9);
    }

    #[test]
    fn a_token_of_deepseek_v3_caches_about_70_kilobytes() {
        // DeepSeek-V3 (arXiv:2412.19437): a latent of 512 + 64 in each of 61 layers.
        let work = Work::of(&fixture::deepseek_v3());
        assert!((work.kv_bytes_per_token(Precision::Bf16) - 70_272.0).abs() < 1e-9);
    }

    #[test]
    fn a_window_bounds_the_cache_of_its_layers() {
        let mut model = fixture::llama3_70b();
        model.architecture.sliding_window_tokens = Some(4096);
        model.architecture.sliding_window_share = Some(0.5);
        let work = Work::of(&model);
        let full = 327_680.0 * 32_768.0;
        let expected = 0.5 * full + 0.5 * full * 4096.0 / 32_768.0;
        assert!(relative(work.kv_bytes(32_768.0, Precision::Bf16), expected) < 1e-12);
    }

    #[test]
    fn a_mixture_splits_into_dense_and_routed_parameters() {
        // 58 layers of 256 experts of three 7168 × 2048 matrices: 653.9·10⁹.
        let work = Work::of(&fixture::deepseek_v3());
        let routed = 58.0 * 256.0 * 3.0 * 7168.0 * 2048.0;
        assert!(relative(work.routed, routed) < 0.01, "{}", work.routed);
        assert!(relative(work.active, 37e9) < 1e-9);
    }

    #[test]
    fn a_batch_touches_the_expected_share_of_experts() {
        // E (1 − (1 − 8/256)^32) of 256: by hand 256 × 0.6380 = 163.3.
        let work = Work::of(&fixture::deepseek_v3());
        assert!((256.0 * work.experts_touched(32.0) - 163.3).abs() < 0.1);
        assert!((work.experts_touched(1.0) - 8.0 / 256.0).abs() < 1e-12);
    }

    #[test]
    fn tied_and_untied_tables_are_told_apart_by_the_parameter_count() {
        let of = |m: &Model| feed_forward_and_tables(&m.architecture);
        assert_eq!(of(&fixture::megatron(22.06, 48, 6144, 64)), (2.0, 1.0));
        assert_eq!(of(&fixture::llama3_70b()), (3.0, 2.0));
    }
}
