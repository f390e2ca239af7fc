//! `rackcast profile new KIND --id ID`: a commented template.
//!
//! Every key of the schema is in it. A line that begins with `#` and a key or a table is an
//! example to fill in and uncomment; other comments explain. A test uncomments all of them
//! and holds the result to the checks. Read next: `docs/writing-a-profile.md`.

use std::path::PathBuf;

use clap::Args;

use super::super::{Failure, hand_over, say};
use super::Kind;
use crate::report::write;

#[derive(Debug, Args)]
pub(super) struct NewArguments {
    /// Kind of profile
    #[arg(value_enum, default_value_t = Kind::Accelerator)]
    kind: Kind,
    /// Id of the profile, and name of its file: lower case letters, digits, hyphens, dots
    #[arg(long)]
    id: String,
    /// Folder of your own profiles: written to KIND/ID.toml in it, over nothing
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

pub(super) fn run(arguments: &NewArguments) -> Result<(), Failure> {
    let is_id =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let id = &arguments.id;
    if id.is_empty() || !id.chars().all(is_id) || id.starts_with('.') {
        return Err(Failure::Input(format!(
            "`{id}` is not an id: use lower case letters, digits, hyphens and dots"
        )));
    }
    let text = template(arguments.kind, id);
    let Some(folder) = &arguments.profiles else {
        hand_over(&text)?;
        return Ok(());
    };
    let folder = folder.join(arguments.kind.folder());
    let file = folder.join(format!("{id}.toml"));
    if file.exists() {
        return Err(Failure::Input(format!(
            "{} is there already: choose another id, or take the file away",
            file.display()
        )));
    }
    write::folder(&folder)?;
    write::file(&file, text.as_bytes())?;
    say(&format!(
        "Wrote {}; fill it in, then: rackcast profile check {}",
        file.display(),
        file.display()
    ));
    Ok(())
}

fn template(kind: Kind, id: &str) -> String {
    let text = match kind {
        Kind::Accelerator => ACCELERATOR,
        Kind::Model => MODEL,
        Kind::Offer => OFFER,
        Kind::Facility => FACILITY,
    };
    // An editor looks for the schema where the first line says.
    let name = kind.name();
    format!(
        "# For an editor that completes keys: `rackcast schema {name} > {name}.schema.json`\n\
         # beside this file, and a first line `#:schema {name}.schema.json`.\n{}",
        text.replace("{id}", id)
    )
}

const ACCELERATOR: &str = r#"# An accelerator at one power tier.
# Take the `#` away before each line you can fill in; leave out what is not known: no
# number is better than a guess, and estimates widen. Anywhere a number may be a band:
# { p10 = 24_000, p50 = 28_000, p90 = 35_000 }
id = "{id}"
#name = "Acme X1 96 GB"
# Other names under which people and measurements know it.
#aliases = ["x1", "acme-x1-96gb"]
#vendor = "Acme"
#released = "2026-Q3"
# What the sources disagree about, in words.
#doubts = ["The data sheet does not say whether 96 GB are 10^9 or 2^30 bytes."]

# Every table below names one of these in `source`; `grade = "weak"` marks second-hand
# or remembered figures.
#[sources.datasheet]
#title = "Acme X1 data sheet, revision 3, table 2"
#url = "https://acme.example/x1.pdf"
#read = 2026-11-23
#grade = "weak"

# Dense peaks of one chip. Data sheets print twice them, with sparsity.
#[compute]
#source = "datasheet"
#fp32_tflops = 67
#tf32_tflops = 495
#bf16_tflops = 990
#fp8_tflops = 1980
#fp4_tflops = 3960
#int8_tops = 1980
# Share of the bf16 peak that the largest matrix products reach alone, measured.
#matmul_share = 0.8
#matmul_source = "datasheet"
# Why a narrower format is more than 2.05 times the next wider one, where it is.
#ratio_exception = "fp4 units are wider on this chip"

# What a program can use, in GB of 10^9 bytes (a GiB is 1.074 GB).
#[memory]
#source = "datasheet"
#capacity_gb = 96
#bandwidth_gb_per_s = 4000
#kind = "HBM3e"

# Chips that share a host and fail together; the smallest number sold at once.
#[node]
#source = "datasheet"
#chips_per_node = 8
#chips_per_order = 8

# Fast links inside a domain, one direction, all links of a chip together: NVLink and ICI
# are quoted both ways. `topology` is switch, torus or mesh.
#[scale_up]
#source = "datasheet"
#domain_chips = 16
#per_direction_gb_per_s = 450
#topology = "torus"
# Axes of a torus; leave out otherwise.
#axes = 2

# Network between domains, per chip and direction, in gigabits.
#[scale_out]
#source = "datasheet"
#per_chip_gbit_per_s = 400

#[power]
#source = "datasheet"
# Design power of the chip at this tier; leave out where unpublished.
#tdp_w = 700
# Measured at the wall under load, per chip, over the design power.
#wall_factor = { p10 = 1.15, p50 = 1.23, p90 = 1.3 }
#wall_source = "datasheet"
# Draw of an idle powered server over its draw under load.
#idle_share = 0.35
#idle_source = "datasheet"
# The most a server may draw, per chip: what a hall must provide.
#nameplate_w = 1275
#nameplate_source = "datasheet"

#[reliability]
#source = "datasheet"
# Failures of nodes that stop a job; 2.3 to 6.5 were published for large clusters.
#failures_per_1000_node_days = { p10 = 2.3, p50 = 3.8, p90 = 6.5 }
# Failures of a running job that no node caused.
#job_failures_per_day = 0.5
# Failures that need a part rather than a reset, and the time of either.
#replacement_share = 0.3
#reset_hours = 2
#replacement_hours = 120
# Chips lost for good.
#loss_per_year = 0.01
# Nodes that go down together (a tray, a rack), how often, for how long.
#domain_nodes = 4
#domain_failures_per_1000_days = 1
#domain_repair_hours = 6
# Corruption that nobody notices at once.
#silent_corruptions_per_1000_node_days = 0.05
#corruption_found_hours = 4
# Early failures: shape of the rate (0.5 doubles their number) until it has settled.
#early_failure_shape = 0.7
#early_failure_days = 30

# Dated quotes, as many as you have. `basis` is chip, server or rack: what is included.
#[[purchase]]
#source = "datasheet"
#as_of = "2026-11"
#basis = "server"
#usd_per_chip = { p10 = 24_000, p50 = 28_000, p90 = 35_000 }

# Measured shares of the peaks, dated, since software moves them. Replaces the pooled
# constants for this chip.
#[efficiency]
#source = "datasheet"
#as_of = "2026-11"
#dense_training_mfu = { p10 = 0.37, p50 = 0.41, p90 = 0.44 }
#dense_training_mfu_fp8 = 0.37
#fp8_source = "datasheet"
#expert_training_mfu = 0.2
#prefill_utilisation = 0.6
#decode_bandwidth_utilisation = 0.7
#decode_floor_us_per_layer = 10
"#;

const MODEL: &str = r#"# A model architecture, as its authors published it.
# Take the `#` away before each line you can fill in.
id = "{id}"
#name = "Acme 7B"
# Other names under which people and measurements know it.
#aliases = ["acme/Acme-7B-Instruct"]
#released = 2026-11-01
# What the sources disagree about, in words.
#doubts = ["The vision tower is not counted."]

#[sources.config]
#title = "acme/Acme-7B config.json"
#url = "https://acme.example/config.json"
#read = 2026-11-23
#grade = "weak"

#[architecture]
#source = "config"
# All parameters, and for mixtures of experts those a token meets, 10^9.
#params_billion = 6.44
#active_params_billion = 2.07
#layers = 32
#hidden = 2048
#heads = 32
# Key and value heads; equal to `heads` where not grouped.
#kv_heads = 8
#head_dim = 64
# Width of a dense feed-forward layer, and its matrices: 3 where gated, 2 where not.
#ffn = 8192
#ffn_matrices = 3
#vocab = 128_256
# True where input embedding and output head are one matrix.
#tied_embeddings = false
#max_context_tokens = 131_072
# Layers that attend only within a window, and their share.
#sliding_window_tokens = 4096
#sliding_window_share = 0.5
# Multi-head latent attention: leave these out where keys and values are cached. With
# them, `latent_kv_dim` is the cached width with its rotary part.
#latent_kv_dim = 576
#latent_query_dim = 1536
#rope_head_dim = 64

# Mixture of experts; leave the table out for dense models.
#[architecture.experts]
#count = 16
#per_token = 4
#shared = 0
#ffn = 1856
# Layers that are dense.
#dense_layers = 2
"#;

const OFFER: &str = r#"# The price list of one provider.
# Take the `#` away before each line you can fill in; an instrument that is not offered
# is left out.
id = "{id}"
#name = "Acme Cloud"
# hyperscaler, neocloud, marketplace, or api for tokens only.
#segment = "neocloud"
# What the sources disagree about, in words.
#doubts = ["Prices differ between regions; the cheapest is given."]

#[sources.list]
#title = "Acme Cloud price list"
#url = "https://acme.example/prices"
#read = 2026-11-23
#grade = "weak"

# Chips by the hour, US dollars per chip; as many tables as there are chips.
#[[chips]]
#accelerator = "nvidia-h100-sxm"
#sku = "h100.8x"
#region = "us-east"
#source = "list"
#as_of = 2026-11-23
#on_demand_usd_per_chip_hour = 2.49
#reserved_1y_usd_per_chip_hour = 2.1
#reserved_3y_usd_per_chip_hour = 1.8
#reserved_5y_usd_per_chip_hour = 1.6
#spot_usd_per_chip_hour = 1.2

# Models by the token, US dollars per million tokens; as many tables as there are models.
#[[api]]
#model = "llama-3.3-70b"
#sku = "llama-3.3-70b-turbo"
#source = "list"
#as_of = 2026-11-23
#input_usd_per_mtok = 0.6
#output_usd_per_mtok = 0.9
#cached_input_usd_per_mtok = 0.3
#batch_input_usd_per_mtok = 0.3
#batch_output_usd_per_mtok = 0.45
"#;

const FACILITY: &str = r#"# Where owned machines stand.
# Take the `#` away before each line you can fill in.
id = "{id}"
#name = "Colocation, Acme town"
# What the sources disagree about, in words.
#doubts = ["Rent is quoted before volume discounts."]

#[sources.quote]
#title = "Quote of the operator"
#url = "https://acme.example/quote"
#read = 2026-11-23
#grade = "weak"

#[power]
#source = "quote"
#as_of = "2026-11"
# Power of the site over power of the machines.
#pue = { p10 = 1.2, p50 = 1.35, p90 = 1.5 }
#energy_usd_per_kwh = 0.09
#energy_source = "quote"

# Rented space, per kW of machine power; leave out where the hall is one's own.
#[space]
#source = "quote"
#as_of = "2026-11"
#usd_per_kw_month = 150

# A hall of one's own; leave out where space is rented.
#[construction]
#source = "quote"
#usd_per_kw = 11_000
#build_months = 24
#life_years = 15

# People and contracts.
#[operation]
#source = "quote"
#share_of_capex_per_year = 0.06
#staff_usd_per_node_year = 3000
"#;

#[cfg(test)]
mod tests {
    use schemars::{JsonSchema, schema_for};
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::input::{Check, read_str};
    use crate::profile::{Accelerator, Catalogue, Facility, Model, Offer, lint};

    /// Every example line uncommented, or those that `keep` wants.
    fn filled(kind: Kind, keep: impl Fn(&str) -> bool) -> String {
        let is_example = |rest: &str| {
            rest.starts_with('[') || rest.starts_with(|c: char| c.is_ascii_lowercase())
        };
        let lines =
            template(kind, "my-x1").lines().map(str::to_owned).collect::<Vec<_>>();
        let kept = lines.iter().map(|line| match line.strip_prefix('#') {
            Some(rest) if is_example(rest) && keep(rest) => rest.to_owned(),
            _ => line.clone(),
        });
        kept.collect::<Vec<_>>().join("\n")
    }

    fn fine<T: DeserializeOwned + JsonSchema + Check>(text: &str) -> T {
        let read = read_str::<T>("my-x1.toml", text);
        assert!(read.diagnostics.is_empty(), "{}", read.diagnostics.render(false));
        read.value.expect("a value without problems")
    }

    #[test]
    fn a_template_passes_the_check_once_filled() {
        let chip: Accelerator = fine(&filled(Kind::Accelerator, |_| true));
        let mut at = crate::input::Checker::new();
        lint::accelerator(&chip, &Catalogue::shipped(), &mut at);
        assert_eq!(at.into_problems(), []);
        // Latent attention and a window exclude each other in any real model.
        let latent = |l: &str| l.starts_with("latent") || l.starts_with("rope_");
        let model: Model = fine(&filled(Kind::Model, |l| !latent(l)));
        let mut at = crate::input::Checker::new();
        lint::model(&model, &mut at);
        assert_eq!(at.into_problems(), []);
        fine::<Model>(&filled(Kind::Model, |_| true));
        fine::<Offer>(&filled(Kind::Offer, |_| true));
        fine::<Facility>(&filled(Kind::Facility, |_| true));
    }

    #[test]
    fn a_template_as_it_is_says_what_is_missing() {
        let read =
            read_str::<Accelerator>("my-x1.toml", &template(Kind::Accelerator, "my-x1"));
        let text = read.diagnostics.render(false);
        for key in ["name", "vendor", "compute", "memory", "node"] {
            assert!(text.contains(&format!("`{key}`")), "{key} is missing in {text}");
        }
    }

    #[test]
    fn every_key_of_a_schema_is_in_its_template() {
        fn keys<T: JsonSchema>() -> Vec<String> {
            let schema = serde_json::to_value(schema_for!(T)).expect("a schema");
            let definitions = schema["$defs"].as_object().into_iter().flatten();
            let tables = definitions.map(|(_, d)| d).chain([&schema]);
            tables
                .filter_map(|t| t["properties"].as_object())
                .flat_map(|p| p.keys().cloned())
                .collect()
        }
        for (kind, keys) in [
            (Kind::Accelerator, keys::<Accelerator>()),
            (Kind::Model, keys::<Model>()),
            (Kind::Offer, keys::<Offer>()),
            (Kind::Facility, keys::<Facility>()),
        ] {
            let text = filled(kind, |_| true);
            assert!(keys.len() > 10);
            for key in keys {
                let set = format!("{key} = ");
                let is_there = text.lines().any(|l| {
                    l.starts_with(&set) || l.starts_with('[') && l.contains(&key)
                });
                assert!(is_there, "{}: `{key}` is not in the template", kind.name());
            }
        }
    }
}
