//! `rackcast import`: what it writes is used by the commands that read it.

use std::fs;

use super::{rackcast_in, said};

#[test]
fn a_price_list_is_one_of_the_profiles() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("vms.csv"),
        "InstanceType,AcceleratorName,AcceleratorCount,Price,Region,SpotPrice\n\
         gpu_8x,H100,8,20,us-1,\ngpu_8x,H100,8,20,us-1,\nold,K80,1,0.5,us-1,\n",
    )
    .unwrap();
    let import = [
        "import",
        "skypilot",
        "vms.csv",
        "--as-of",
        "2026-11-23",
        "--segment",
        "neocloud",
        "--out",
        "mine/offers/cheap-cloud.toml",
    ];
    let (code, out, error) = said(&mut rackcast_in(at, &import));
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert_eq!(
        error,
        "Wrote mine/offers/cheap-cloud.toml from 1 rows\n  \
         dropped 1: not in the catalogue of accelerators (K80)\n  \
         dropped 1: rows that stand twice\n"
    );
    let list = ["profiles", "--profiles", "mine"];
    assert!(said(&mut rackcast_in(at, &list)).1.contains("cheap-cloud"));
    let check = ["profile", "check", "mine/offers/cheap-cloud.toml"];
    assert_eq!(said(&mut rackcast_in(at, &check)).0, Some(0));
    // What a file does not say is asked for.
    let (code, _, error) = said(&mut rackcast_in(at, &import[..3]));
    assert_eq!(code, Some(2), "{error}");
    let wrong = [&import[..8], &["Mine.csv"]].concat();
    let (code, _, error) = said(&mut rackcast_in(at, &wrong));
    assert_eq!(code, Some(1));
    assert!(error.contains("no name of a price list"), "{error}");
}

#[test]
fn model_prices_and_bills_are_profiles_too() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("prices.json"),
        "{\"m\": {\"litellm_provider\": \"acme\", \"mode\": \"chat\", \
         \"input_cost_per_token\": 1e-6, \"output_cost_per_token\": 2e-6}}",
    )
    .unwrap();
    fs::write(
        at.join("bill.csv"),
        "BillingCurrency,ChargeCategory,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,\
         EffectiveCost,PricingCategory,SkuId\n\
         USD,Usage,2026-10-01T00:00:00Z,10,Hours,400,Standard,big\n",
    )
    .unwrap();
    for arguments in [
        &[
            "import",
            "litellm",
            "prices.json",
            "--provider",
            "acme",
            "--as-of",
            "2026-11",
            "--out",
            "mine/offers/acme.toml",
        ][..],
        &[
            "import",
            "focus",
            "bill.csv",
            "--sku",
            "big=h100:8",
            "--segment",
            "hyperscaler",
            "--as-of",
            "2026-11",
            "--out",
            "mine/offers/bill.toml",
        ],
    ] {
        let (code, _, error) = said(&mut rackcast_in(at, arguments));
        assert_eq!(code, Some(0), "{error}");
    }
    let list = ["profiles", "--profiles", "mine"];
    let (code, out, error) = said(&mut rackcast_in(at, &list));
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("acme") && out.contains("bill"), "{out}");
}

#[test]
fn a_benchmark_becomes_cases_that_validate_reads() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("run.json"),
        "{\"backend\": \"vllm\", \"model_id\": \"meta-llama/Llama-3.1-8B-Instruct\", \
         \"completed\": 64, \"max_concurrency\": 8, \"total_input_tokens\": 65536, \
         \"total_output_tokens\": 16384, \"output_throughput\": 900.0, \
         \"mean_tpot_ms\": 8.7}",
    )
    .unwrap();
    let import = ["import", "vllm", "run.json", "--out", "cases.csv"];
    let (code, _, error) = said(&mut rackcast_in(at, &import));
    assert_eq!(code, Some(1));
    assert!(error.contains("error[E0803]") && error.contains("--tensor"), "{error}");
    let machine = ["--accelerator", "h100", "--tensor", "1", "--precision", "bf16"];
    let (code, _, error) = said(&mut rackcast_in(at, &[&import[..], &machine].concat()));
    assert_eq!(code, Some(0), "{error}");
    let (code, out, error) = said(&mut rackcast_in(at, &["validate", "cases.csv"]));
    assert_eq!((code, error.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("tpot_ms"), "{out}");
}
