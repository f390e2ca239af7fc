//! `rackcast import`: other people's price lists, bills, traces and benchmarks.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::calibrate::hardware::Setup;
use crate::import::focus::Sku;
use crate::import::{Imported, Origin, cases, focus, litellm, skypilot, trace};
use crate::input::{Table, Text, When};
use crate::profile::Catalogue;
use crate::profile::offer::Segment;
use crate::report::write;

use super::{Failure, load, say};

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// SkyPilot's catalogue of a cloud (vms.csv) into a price list
    Skypilot(SkypilotArguments),
    /// LiteLLM's model prices (JSON) into a price list of one provider
    Litellm(LitellmArguments),
    /// A bill in FOCUS 1.0 to 1.2 (CSV) into effective rates, demand and waste
    Focus(FocusArguments),
    /// A request trace (Azure, Mooncake) into the demand of a plan
    Trace(TraceArguments),
    /// A benchmark of vLLM or SGLang into measured cases for `validate`
    Vllm(VllmArguments),
}

/// Where it comes from and where it goes.
#[derive(Debug, Args)]
struct FileArguments {
    /// The file
    file: PathBuf,
    /// Where to write it: for price lists DIR/offers/ID.toml, for `--profiles DIR`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Title of the source; left out: what it is, and the file's name
    #[arg(long, value_name = "TITLE")]
    source: Option<String>,
    /// Address of the source
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, Args)]
struct SkypilotArguments {
    #[command(flatten)]
    files: FileArguments,
    /// When the prices held, such as 2026-11-23: the file does not say
    #[arg(long)]
    as_of: When,
    /// Kind of provider
    #[arg(long)]
    segment: Kind,
    /// The provider's name; left out: the id
    #[arg(long)]
    provider: Option<String>,
    /// Only regions that begin with this, such as us-
    #[arg(long, value_name = "PREFIX")]
    region: Option<String>,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct LitellmArguments {
    #[command(flatten)]
    files: FileArguments,
    /// When the prices held: the file does not say
    #[arg(long)]
    as_of: When,
    /// Which `litellm_provider`
    #[arg(long)]
    provider: String,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct FocusArguments {
    #[command(flatten)]
    files: FileArguments,
    /// When the bill was read
    #[arg(long)]
    as_of: When,
    /// Kind of provider
    #[arg(long)]
    segment: Kind,
    /// What a SKU is, such as `A1B2=nvidia-h100-sxm:8`: an accelerator and chips of it
    #[arg(long, value_name = "SKU=ACCELERATOR:CHIPS", value_parser = sku)]
    sku: Vec<Sku>,
    /// Term of the commitments, which a bill does not say: 1, 3 or 5
    #[arg(long, value_name = "YEARS")]
    committed_years: Option<u32>,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct TraceArguments {
    #[command(flatten)]
    files: FileArguments,
    /// When the trace was taken
    #[arg(long)]
    as_of: When,
    /// Name of the workload in the plan
    #[arg(long, default_value = "chat")]
    workload: String,
}

#[derive(Debug, Args)]
struct VllmArguments {
    #[command(flatten)]
    files: FileArguments,
    /// Accelerator of the machine
    #[arg(long)]
    accelerator: Option<String>,
    /// Chips of a replica (tensor parallelism)
    #[arg(long)]
    tensor: Option<u32>,
    /// Precision of the weights, such as fp8
    #[arg(long)]
    precision: Option<String>,
    /// Model, over the one the file names
    #[arg(long)]
    model: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Hyperscaler,
    Neocloud,
    Marketplace,
}

impl Kind {
    fn segment(self) -> Segment {
        match self {
            Self::Hyperscaler => Segment::Hyperscaler,
            Self::Neocloud => Segment::Neocloud,
            Self::Marketplace => Segment::Marketplace,
        }
    }
}

fn sku(text: &str) -> Result<Sku, String> {
    let wanted = || format!("`{text}` must be SKU=ACCELERATOR:CHIPS");
    let (sku, rest) = text.split_once('=').ok_or_else(wanted)?;
    let (accelerator, chips) = rest.rsplit_once(':').ok_or_else(wanted)?;
    let chips: f64 = chips.parse().map_err(|_| wanted())?;
    if !(chips > 0.0 && chips.is_finite()) {
        return Err(wanted());
    }
    Ok(Sku { sku: sku.to_owned(), accelerator: accelerator.to_owned(), chips })
}

impl FileArguments {
    fn text(&self) -> Result<Text, Failure> {
        Text::read(&self.file).map_err(Failure::Wrong)
    }

    fn table(&self) -> Result<Table, Failure> {
        Table::read(&self.file).map_err(Failure::Wrong)
    }

    fn title(&self, what: &str) -> String {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        self.source.clone().unwrap_or_else(|| format!("{what}, {name}"))
    }

    /// Id of a price list, from the name of its file.
    fn id(&self) -> Result<String, Failure> {
        let id = self.out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_id =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        let is_toml = self.out.extension().is_some_and(|e| e == "toml");
        if id.is_empty() || !id.chars().all(is_id) || !is_toml {
            return Err(Failure::Input(format!(
                "{} is no name of a price list: write offers/ID.toml, ID of lower case \
                 letters, digits, hyphens and dots",
                self.out.display()
            )));
        }
        Ok(id)
    }

    fn origin(
        &self,
        what: &str,
        as_of: &When,
        provider: Option<&str>,
    ) -> Result<Origin, Failure> {
        let id = self.id()?;
        Ok(Origin {
            provider: provider.unwrap_or(&id).to_owned(),
            id,
            as_of: as_of.clone(),
            title: self.title(what),
            url: self.url.clone(),
        })
    }

    fn save(&self, found: &Imported) -> Result<(), Failure> {
        if let Some(folder) = self.out.parent().filter(|f| !f.as_os_str().is_empty()) {
            write::folder(folder)?;
        }
        write::file(&self.out, found.text.as_bytes())?;
        let mut lines =
            vec![format!("Wrote {} from {} rows", self.out.display(), found.kept)];
        lines.extend(found.dropped.lines());
        say(&lines.join("\n  "));
        Ok(())
    }
}

/// `rackcast import`.
pub(super) fn run(arguments: &ImportArguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Skypilot(a) => {
            let origin =
                a.files.origin("SkyPilot catalogue", &a.as_of, a.provider.as_deref())?;
            let (table, catalogue) =
                (a.files.table()?, catalogue(a.profiles.as_deref())?);
            let (segment, region) = (a.segment.segment(), a.region.as_deref());
            let found = skypilot::import(table, &catalogue, &origin, segment, region);
            a.files.save(&found.map_err(Failure::Wrong)?)
        }
        What::Litellm(a) => {
            let origin =
                a.files.origin("LiteLLM model prices", &a.as_of, Some(&a.provider))?;
            let (text, catalogue) = (a.files.text()?, catalogue(a.profiles.as_deref())?);
            let found = litellm::import(&text, &catalogue, &origin, &a.provider);
            a.files.save(&found.map_err(Failure::Wrong)?)
        }
        What::Focus(a) => {
            let origin = a.files.origin("FOCUS bill", &a.as_of, None)?;
            let skus = resolved(&a.sku, &catalogue(a.profiles.as_deref())?)?;
            let (table, segment) = (a.files.table()?, a.segment.segment());
            let found = focus::import(table, &origin, segment, &skus, a.committed_years);
            a.files.save(&found.map_err(Failure::Wrong)?)
        }
        What::Trace(a) => {
            let text = a.files.text()?;
            let title = a.files.title("request trace");
            let found = trace::import(&text, &a.workload, &title, &a.as_of);
            a.files.save(&found.map_err(Failure::Wrong)?)
        }
        What::Vllm(a) => {
            let setup = Setup {
                accelerator: a.accelerator.clone(),
                tensor: a.tensor,
                precision: a.precision.clone(),
                model: a.model.clone(),
            };
            let found = cases::import(&a.files.text()?, &setup);
            a.files.save(&found.map_err(Failure::Wrong)?)
        }
    }
}

fn catalogue(profiles: Option<&Path>) -> Result<Catalogue, Failure> {
    load::catalogue(profiles)
}

/// SKUs with the ids of their accelerators.
fn resolved(skus: &[Sku], catalogue: &Catalogue) -> Result<Vec<Sku>, Failure> {
    let id = |sku: &Sku| {
        let found = catalogue.accelerator(&sku.accelerator);
        let found = found.map_err(|e| Failure::Input(e.to_string()))?;
        Ok(Sku { accelerator: found.id.clone(), ..sku.clone() })
    };
    skus.iter().map(id).collect()
}
