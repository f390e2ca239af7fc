//! The shipped catalogue against its dimensions and the published peaks.

use std::collections::BTreeSet;

use approx::assert_relative_eq;

use super::*;
use crate::profile::offer::Segment;

fn shipped() -> Catalogue {
    Catalogue::shipped()
}

/// Parameters in 10⁹ of parts that the dimensions of a profile do not describe: the
/// projections of linear-attention layers and the gates of attention.
fn beyond_dimensions(id: &str) -> f64 {
    match id {
        // 45 layers: (2·16·128 + 2·64·128 + 128)·4096 in, 64·128·4096 out, less the
        // 2·4096·34·256 the dimensions count; 15 gates of 4096·8192.
        "qwen3.5-397b-a17b" => 2.60,
        // 36 layers: (2·16·128 + 2·32·128 + 64)·2048 in, 32·128·2048 out, less the
        // 2·2048·18·256 the dimensions count; 12 gates of 2048·4096.
        "qwen3-next-80b-a3b" => 0.63,
        _ => 0.0,
    }
}

#[test]
fn every_shipped_file_is_read_without_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    SHIPPED.extract(folder.path()).unwrap();
    let read = Catalogue::default().with_folder(folder.path());
    let catalogue = read.unwrap_or_else(|wrong| panic!("{wrong}"));
    let files: usize =
        FOLDERS.iter().map(|f| SHIPPED.get_dir(f).unwrap().files().count()).sum();
    let kept = catalogue.accelerators.len()
        + catalogue.offers.len()
        + catalogue.models.len()
        + catalogue.facilities.len();
    assert_eq!(kept, files);
    let shipped = Catalogue::shipped();
    assert_eq!(shipped.accelerators, catalogue.accelerators);
    assert_eq!(shipped.offers, catalogue.offers);
    assert_eq!(shipped.models, catalogue.models);
    assert_eq!(shipped.facilities, catalogue.facilities);
}

#[test]
fn shipped_profiles_speak_of_nothing_but_their_subject() {
    for file in SHIPPED.dirs().flat_map(Dir::files) {
        // The first line is for editors: it names the schema.
        let text = file.contents_utf8().unwrap();
        let text = text.split_once('\n').unwrap().1;
        for word in ["../", "index id"] {
            assert!(!text.contains(word), "{}: {word}", file.path().display());
        }
    }
}

#[test]
fn dense_peaks_are_the_published_ones() {
    let catalogue = shipped();
    for (id, tflops) in [
        ("nvidia-a100-80g-sxm", 312.0),
        ("nvidia-h100-sxm", 989.5),
        ("nvidia-h200-sxm", 989.5),
        ("nvidia-b200-hgx", 2250.0),
        ("nvidia-gb200-nvl72", 2500.0),
        ("amd-mi300x", 1307.4),
        ("google-tpu-v5e", 197.0),
        ("google-tpu-v5p", 459.0),
        ("google-tpu-v6e", 918.0),
        ("google-tpu-v7x", 2307.0),
    ] {
        let peak = catalogue.accelerators[id].compute.bf16_tflops.median();
        assert_relative_eq!(peak, tflops);
    }
}

#[test]
fn parameters_follow_from_the_dimensions() {
    for model in shipped().models.values() {
        let a = &model.architecture;
        let beyond = beyond_dimensions(&model.id);
        let (all, met) = a.counted_billion();
        let (all, met) = (all + beyond, met + beyond);
        assert_relative_eq!(all, a.params_billion, max_relative = 0.02);
        if a.experts.is_some() {
            // Some authors count the input embedding among the active parameters.
            let embedding = f64::from(a.vocab) * f64::from(a.hidden) / 1e9;
            let active = a.active_billion();
            let range = met * 0.97..=(met + embedding) * 1.03;
            assert!(range.contains(&active), "{}: {active} in {range:?}", model.id);
        } else {
            assert!(a.active_params_billion.is_none(), "{} is dense", model.id);
        }
    }
}

#[test]
fn a_name_means_one_profile() {
    fn collect<T: Named>(shelf: &BTreeMap<String, T>) {
        let mut seen = BTreeSet::new();
        for profile in shelf.values() {
            let names = [profile.id(), profile.name()].into_iter();
            let mut own: BTreeSet<String> = BTreeSet::new();
            own.extend(names.map(str::to_lowercase));
            own.extend(profile.aliases().iter().map(|a| a.to_lowercase()));
            for name in own {
                assert!(seen.insert(name.clone()), "`{name}` of {}", profile.id());
            }
        }
    }
    let catalogue = shipped();
    collect(&catalogue.accelerators);
    collect(&catalogue.offers);
    collect(&catalogue.models);
    collect(&catalogue.facilities);
}

#[test]
fn an_open_model_is_sold_under_its_id() {
    let catalogue = shipped();
    // Names of closed models, which the catalogue has no architecture of.
    let closed = [
        "gpt-4",
        "gpt-5",
        "o3",
        "claude-",
        "gemini-",
        "deepseek-",
        "mistral-",
        "amazon-",
    ];
    for offer in catalogue.offers.values() {
        for price in &offer.api {
            let id = &price.model;
            let known = catalogue.model(id).map(|m| m.id == *id);
            let is_closed = closed.iter().any(|prefix| id.starts_with(prefix));
            assert!(known.unwrap_or(is_closed), "{}: {id}", offer.id);
        }
    }
}

#[test]
fn an_offer_sells_something() {
    for offer in shipped().offers.values() {
        let tokens = offer.segment == Segment::Api;
        assert_eq!(offer.chips.is_empty(), tokens, "{}", offer.id);
        assert_eq!(offer.api.is_empty(), !tokens, "{}", offer.id);
        for chip in &offer.chips {
            let prices = [
                chip.on_demand_usd_per_chip_hour,
                chip.reserved_1y_usd_per_chip_hour,
                chip.reserved_3y_usd_per_chip_hour,
                chip.reserved_5y_usd_per_chip_hour,
                chip.spot_usd_per_chip_hour,
            ];
            assert!(prices.iter().any(Option::is_some), "{}", offer.id);
        }
    }
}

#[test]
fn every_price_has_a_dated_source() {
    let catalogue = shipped();
    for offer in catalogue.offers.values() {
        let chips = offer.chips.iter().map(|c| (&c.source, &c.as_of));
        for (key, as_of) in chips.chain(offer.api.iter().map(|t| (&t.source, &t.as_of))) {
            let source = &offer.sources[key];
            assert!(!source.title.is_empty() && as_of.months() <= source.read.months());
        }
    }
    for accelerator in catalogue.accelerators.values() {
        for quote in &accelerator.purchase {
            let source = &accelerator.sources[&quote.source];
            assert!(quote.as_of.months() <= source.read.months(), "{}", accelerator.id);
        }
    }
}

#[test]
fn ids_names_and_aliases_are_found_in_any_case() {
    let catalogue = shipped();
    for name in ["nvidia-h100-sxm", "NVIDIA H100 SXM 80 GB", "H100", " h100-SXM "] {
        assert_eq!(catalogue.accelerator(name).unwrap().id, "nvidia-h100-sxm", "{name}");
    }
    assert_eq!(catalogue.model("llama-3.1-70b").unwrap().id, "llama-3.3-70b");
    assert_eq!(catalogue.offer("AWS").unwrap().id, "aws");
    assert_eq!(catalogue.facility("Colocation-US").unwrap().id, "colocation-us");
}

/// Names under which published measurements print machines and models.
#[test]
fn names_as_measurements_print_them_are_found() {
    let catalogue = shipped();
    for (name, id) in [
        ("A100-40G SXM", "nvidia-a100-40g-sxm"),
        ("A100-80G SXM", "nvidia-a100-80g-sxm"),
        ("NVIDIA A100-SXM-80GB", "nvidia-a100-80g-sxm"),
        ("NVIDIA A100-SXM4-80GB", "nvidia-a100-80g-sxm"),
        ("H100 SXM", "nvidia-h100-sxm"),
        ("NVIDIA H100-SXM-80GB", "nvidia-h100-sxm"),
        ("NVIDIA H100 80GB HBM3", "nvidia-h100-sxm"),
        ("NVIDIA H100-PCIe-80GB", "nvidia-h100-pcie"),
        ("NVIDIA H100-NVL-94GB", "nvidia-h100-nvl"),
        ("NVIDIA H100 NVL", "nvidia-h100-nvl"),
        ("NVIDIA H200-SXM-141GB", "nvidia-h200-sxm"),
        ("H200", "nvidia-h200-sxm"),
        ("NVIDIA B200", "nvidia-b200-hgx"),
        ("NVIDIA B200-SXM-180GB", "nvidia-b200-hgx"),
        ("B300", "nvidia-b300-hgx"),
        ("GB200", "nvidia-gb200-nvl72"),
        ("NVIDIA GB300", "nvidia-gb300-nvl72"),
        ("GH200", "nvidia-gh200-96g"),
        ("NVIDIA GH200-GraceHopper-Superchip_96GB", "nvidia-gh200-96g"),
        ("NVIDIA L40S", "nvidia-l40s"),
        ("AMD Instinct MI300X", "amd-mi300x"),
        ("MI325X", "amd-mi325x"),
        ("AMD MI355X", "amd-mi355x"),
        ("Intel® Gaudi® 2 AI Accelerator", "intel-gaudi2"),
        ("Gaudi 3", "intel-gaudi3"),
        ("TPU v5e", "google-tpu-v5e"),
        ("TPU v5p", "google-tpu-v5p"),
        ("Google TPU v6e", "google-tpu-v6e"),
        ("TPU v7x", "google-tpu-v7x"),
        ("Trainium2", "aws-trainium2"),
    ] {
        let found = catalogue.accelerator(name).map(|a| a.id.as_str());
        assert_eq!(found.map_err(|e| e.to_string()), Ok(id), "{name}");
    }
    for (name, id) in [
        ("deepseek-ai/DeepSeek-R1", "deepseek-v3"),
        ("nvidia/DeepSeek-R1-NVFP4", "deepseek-v3"),
        ("nvidia/DeepSeek-V3.1-NVFP4", "deepseek-v3"),
        ("DeepSeekV3", "deepseek-v3"),
        ("MiniMaxAI/MiniMax-M2.5", "minimax-m2.5"),
        ("Qwen/Qwen3-32B", "qwen3-32b"),
        ("nvidia/Qwen3-32B-NVFP4", "qwen3-32b"),
        ("Qwen/Qwen3-32B-FP8", "qwen3-32b"),
        ("meta-llama/Llama-3.1-70B", "llama-3.3-70b"),
        ("meta-llama/Meta-Llama-3-70B", "llama-3.3-70b"),
        ("Llama3 70B", "llama-3.3-70b"),
        ("Qwen/Qwen3.5-397B-A17B", "qwen3.5-397b-a17b"),
        ("moonshotai/Kimi-K2.5", "kimi-k2.5"),
        ("nvidia/Kimi-K2.5-NVFP4", "kimi-k2.5"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"),
        ("meta-llama/Meta-Llama-3.1-8B", "llama-3.1-8b"),
        ("Llama 2 70B", "llama-2-70b"),
        ("meta-llama/Llama-2-70b-chat-hf", "llama-2-70b"),
        ("Llama2-7B", "llama-2-7b"),
        ("Qwen/Qwen3-235B-A22B-FP8", "qwen3-235b-a22b"),
        ("Qwen3 30B-A3B", "qwen3-30b-a3b"),
        ("zhipuai/GLM-5", "glm-5"),
        ("Mixtral 8x7B", "mixtral-8x7b"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b"),
        ("Llama3.1 405B", "llama-3.1-405b"),
        ("meta-llama/Llama-3.1-405B-FP8", "llama-3.1-405b"),
        ("GPT OSS 120B", "gpt-oss-120b"),
        ("GPT-3 175B", "gpt-3-175b"),
    ] {
        let found = catalogue.model(name).map(|m| m.id.as_str());
        assert_eq!(found.map_err(|e| e.to_string()), Ok(id), "{name}");
    }
}

#[test]
fn a_bare_name_that_two_profiles_share_finds_neither() {
    let mut catalogue = shipped();
    let mut twin = catalogue.models["qwen3-32b"].clone();
    twin.id = "qwen3-32b-awq".to_owned();
    twin.name = "Qwen3 32B AWQ".to_owned();
    twin.aliases.clear();
    catalogue.models.insert(twin.id.clone(), twin);
    assert!(catalogue.model("someone/Qwen3-32B-GPTQ").is_err());
    assert_eq!(catalogue.model("qwen3-32b-awq").unwrap().id, "qwen3-32b-awq");
}

#[test]
fn an_unknown_name_gets_the_nearest_ids() {
    let catalogue = shipped();
    let unknown = catalogue.accelerator("nvidia-h100-sxn").unwrap_err();
    assert_eq!(unknown.nearest[0], "nvidia-h100-sxm");
    assert_eq!(
        catalogue.model("lama-3.1-8b").unwrap_err().to_string(),
        "no model `lama-3.1-8b` in the catalogue; perhaps `llama-3.1-8b`, \
         `llama-3.2-1b`, `llama-3.2-3b`"
    );
    let nothing = catalogue.offer("the moon's own cloud").unwrap_err().to_string();
    assert_eq!(nothing, "no offer `the moon's own cloud` in the catalogue");
}

#[test]
fn a_users_profile_wins_over_the_shipped_one() {
    let folder = tempfile::tempdir().unwrap();
    let facilities = folder.path().join("facilities");
    fs::create_dir(&facilities).unwrap();
    let text = SHIPPED.get_file("facilities/own-hall-us.toml").unwrap();
    let text = text.contents_utf8().unwrap().replace("Own hall, United States", "Barn");
    fs::write(facilities.join("own-hall-us.toml"), &text).unwrap();
    let before = shipped();
    let after = before.clone().with_folder(folder.path()).unwrap();
    assert_eq!(after.facilities["own-hall-us"].name, "Barn");
    assert_eq!(after.accelerators, before.accelerators);
    let origin = after.origin("facilities", "own-hall-us").unwrap();
    assert!(origin.file.starts_with(&*folder.path().to_string_lossy()));
    assert_eq!(origin.blake3, blake3::hash(text.as_bytes()).to_hex().to_string());
    assert_ne!(Some(origin), before.origin("facilities", "own-hall-us"));
}

#[test]
fn all_problems_of_a_folder_come_together() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    fs::create_dir(&models).unwrap();
    fs::write(models.join("a.toml"), "id = \"a\"\ncolour = 1\n").unwrap();
    let text = SHIPPED.get_file("models/llama-3.1-8b.toml").unwrap();
    fs::write(models.join("b.toml"), text.contents()).unwrap();
    let Err(CatalogueError::Wrong(wrong)) = shipped().with_folder(folder.path()) else {
        panic!("wrong files were accepted");
    };
    let text = wrong.render(false);
    for said in ["a.toml", "`colour`", "`name`", "`architecture`", "b.toml", "E0209"] {
        assert!(text.contains(said), "{said} is missing in:\n{text}");
    }
    let missing = shipped().with_folder(folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, CatalogueError::Unreadable { .. }));
}

#[test]
fn a_seller_s_name_means_the_model_that_it_finds_and_no_other() {
    let catalogue = Catalogue::shipped();
    let names = catalogue.offers.values().flat_map(|o| o.api.iter().map(|t| &t.model));
    let mut names: Vec<&str> = names.map(String::as_str).collect();
    names.extend(["meta-llama/Llama-3.3-70B-Instruct", "llama-3.1-70b", "", "nothing"]);
    let mut meant = 0;
    for name in names {
        let found = catalogue.model(name).ok().map(|m| &m.id);
        for model in catalogue.models.values() {
            let is = catalogue.is_named(name, model);
            assert_eq!(is, found == Some(&model.id), "{name} for {}", model.id);
            meant += u32::from(is);
        }
    }
    assert!(meant > 10, "{meant} names that mean a model");
}
