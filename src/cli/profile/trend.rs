//! `rackcast profile trend`: FLOP per dollar of the catalogue's parts, and a walk.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde_json::json;

use super::super::{Failure, hand_over, load, print};
use crate::calibrate::Drift;
use crate::calibrate::parameters::{Estimate, estimates};
use crate::calibrate::trend::{PriceBasis, Trend};
use crate::process::ProcessSpec;
use crate::profile::Precision;
use crate::profile::accelerator::Basis;

#[derive(Debug, Args)]
pub(super) struct TrendArguments {
    /// Format of the peak
    #[arg(long, default_value = "bf16", value_parser = ["bf16", "fp8", "fp4", "int8"])]
    precision: String,
    /// Price: first quote within a year of release, newest quote, or first of a server
    #[arg(long, default_value = "launch", value_parser = ["launch", "street", "server"])]
    basis: String,
    /// Parts of one maker alone
    #[arg(long)]
    maker: Option<String>,
    /// Print JSON instead of the tables
    #[arg(long)]
    json: bool,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

pub(super) fn run(arguments: &TrendArguments) -> Result<(), Failure> {
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let precision = match arguments.precision.as_str() {
        "fp8" => Precision::Fp8,
        "fp4" => Precision::Fp4,
        "int8" => Precision::Int8,
        _ => Precision::Bf16,
    };
    let named = PriceBasis::ALL.into_iter().find(|b| b.name() == arguments.basis);
    let basis = named.unwrap_or(PriceBasis::Launch);
    let maker = arguments.maker.as_deref();
    let trend = Trend::of(&catalogue, precision, basis, maker);
    if trend.parts.is_empty() && trend.left_out.is_empty() {
        let mut makers: Vec<&str> =
            catalogue.accelerators.values().map(|c| c.vendor.as_str()).collect();
        makers.sort_unstable();
        makers.dedup();
        return Err(Failure::Input(format!(
            "no accelerator is of the maker `{}`; makers: {}",
            maker.unwrap_or_default(),
            makers.join(", ")
        )));
    }
    let fit = trend.fit();
    let toml = fit.as_ref().ok().map(table_for_a_plan).transpose()?;
    if arguments.json {
        let estimate = |e: &Estimate| json!({"value": e.value, "interval90": e.interval});
        let fitted = fit.as_ref().ok().map(|fit| {
            let [drift, volatility] = estimates(fit);
            json!({
                "drift_per_year": estimate(&drift),
                "volatility_per_sqrt_year": estimate(&volatility),
                "observations": fit.changes(),
                "span_years": fit.span_years(),
            })
        });
        let parts: Vec<_> = trend
            .parts
            .iter()
            .map(|p| {
                json!({
                    "id": p.id,
                    "maker": p.maker,
                    "released": p.released,
                    "flop_per_s": p.flop_per_s,
                    "usd_per_chip": p.usd_per_chip,
                    "quote_covers": p.covers,
                    "quote_as_of": p.as_of,
                    "quote_source": p.source,
                    "flop_per_s_per_usd": p.flop_per_s_per_usd(),
                })
            })
            .collect();
        let left: Vec<_> = trend
            .left_out
            .iter()
            .map(|(id, why)| json!({"id": id, "why": why}))
            .collect();
        let all = json!({
            "precision": precision.name(),
            "basis": basis.name(),
            "parts": parts,
            "left_out": left,
            "fit": fitted,
            "why_no_fit": fit.as_ref().err().map(ToString::to_string),
            "toml": toml,
        });
        hand_over(&format!("{all:#}\n"))?;
        return Ok(());
    }
    let mut text = format!(
        "dense {} peak over the {} price of a chip with its share of a server\n\n",
        precision.name(),
        basis.name()
    );
    text.push_str(&rows(&trend));
    text.push('\n');
    match fit {
        Ok(fit) => walk(&mut text, &fit),
        // Writing to a string does not fail.
        Err(why) => {
            let _ = writeln!(text, "no walk: {why} (months of release)");
        }
    }
    if !trend.left_out.is_empty() {
        text.push_str("\nleft out\n");
        let width = trend.left_out.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
        for (id, why) in &trend.left_out {
            let _ = writeln!(text, "  {id:width$}  {why}");
        }
    }
    if let Some(toml) = toml {
        let _ = write!(
            text,
            "\n# {} peak over {} price of {} parts\n{toml}",
            precision.name(),
            basis.name(),
            trend.parts.len()
        );
    }
    print(&text)?;
    Ok(())
}

fn rows(trend: &Trend) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "released",
        "part",
        "TFLOP/s",
        "USD a chip",
        "quote of",
        "GFLOP/s per USD",
        "source",
    ]);
    for p in &trend.parts {
        let covers = match p.covers {
            Basis::Chip => "bare chip × 1.64",
            Basis::Server => "server",
            Basis::Rack => "rack",
        };
        table.add_row([
            p.released.as_str().to_owned(),
            p.id.clone(),
            format!("{:.0}", p.flop_per_s / 1e12),
            format!("{:.0}", p.usd_per_chip),
            format!("{}, {covers}", p.as_of.as_str()),
            format!("{:.1}", p.flop_per_s_per_usd() / 1e9),
            p.source.clone(),
        ]);
    }
    table.lines().map(|l| l.trim_end().to_owned() + "\n").collect()
}

fn walk(text: &mut String, fit: &Drift) {
    let [drift, volatility] = estimates(fit);
    let _ = writeln!(
        text,
        "a walk through {} months of release, {:.1} years",
        fit.changes() + 1,
        fit.span_years()
    );
    for (name, e) in [("drift_per_year", drift), ("volatility_per_sqrt_year", volatility)]
    {
        let [low, high] = e.interval;
        let value = e.value;
        let _ = writeln!(text, "  {name:26} {value:7.3}  [{low:.3}, {high:.3}]  90 %");
    }
    if drift.value > 0.0 {
        let years = std::f64::consts::LN_2 / drift.value;
        let _ = writeln!(text, "  doubles in {years:.1} years, at that drift");
    }
}

/// The walk as the table of a plan.
fn table_for_a_plan(fit: &Drift) -> Result<String, Failure> {
    let spec = ProcessSpec::from(fit.process());
    let text = toml::to_string(&spec).map_err(|e| {
        Failure::Report(format!("the process cannot be written as TOML: {e}"))
    })?;
    Ok(text.replacen('[', "[trajectories.flop_per_usd.", 1))
}
