//! `rackcast plan`: begin a plan from five answers, or check one.
//!
//! What is asked is what no default can know: the work, the model, how much of it, how
//! large one piece is, and when it begins. On a terminal they are questions; else flags,
//! and what is left out takes the answer that is printed. Read next:
//! `docs/writing-a-plan.md`.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::report::write;
use crate::scenario::Overrides;

use super::args::CheckArguments;
use super::{Failure, load, print, say};

#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(subcommand)]
    what: Asked,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Write a commented plan that runs, from five answers
    New(NewArguments),
    /// Check a plan: every problem at its place, nothing played
    Check(CheckArguments),
}

#[derive(Debug, Default, Args)]
struct NewArguments {
    /// inference, fine-tuning or training
    #[arg(long)]
    work: Option<String>,
    /// Model: an id of `rackcast profiles`
    #[arg(long)]
    model: Option<String>,
    /// Requests a day, jobs a month or runs a year: a number, or low,middle,high
    #[arg(long)]
    amount: Option<String>,
    /// Tokens in and out of a request (1500/300), 10⁶ tokens of a job, 10¹² of a run
    #[arg(long)]
    size: Option<String>,
    /// First month
    #[arg(long)]
    start: Option<String>,
    /// Accelerator to rent or own
    #[arg(long, default_value = "nvidia-h100-sxm")]
    accelerator: String,
    /// Months to play
    #[arg(long, default_value_t = 36, value_parser = clap::value_parser!(u32).range(1..=600))]
    months: u32,
    /// Where to write it, over nothing; left out: printed
    #[arg(long, value_name = "PLAN.toml")]
    out: Option<PathBuf>,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

pub(super) fn run(arguments: &PlanArguments) -> Result<(), Failure> {
    match &arguments.what {
        Asked::New(new) => begin(new),
        Asked::Check(check) => load::check(check),
    }
}

/// The kinds of work a plan can begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Inference,
    FineTuning,
    Training,
}

impl Work {
    fn of(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().replace('_', "-").as_str() {
            "inference" => Some(Self::Inference),
            "fine-tuning" => Some(Self::FineTuning),
            "training" => Some(Self::Training),
            _ => None,
        }
    }

    /// The question of how much, and an answer to begin with.
    fn amount(self) -> (&'static str, &'static str) {
        match self {
            Self::Inference => ("Requests a day", "200000,500000,1500000"),
            Self::FineTuning => ("Jobs a month", "10,20,60"),
            Self::Training => ("Runs a year", "1,2,4"),
        }
    }

    /// The question of how large one is, and an answer to begin with.
    fn size(self) -> (&'static str, &'static str) {
        match self {
            Self::Inference => ("Tokens of a request, in/out", "1500/300"),
            Self::FineTuning => ("Tokens of a job, millions", "200"),
            Self::Training => ("Tokens of a run, trillions", "2"),
        }
    }
}

/// The five answers.
#[derive(Debug, Clone, PartialEq)]
struct Answers {
    work: Work,
    model: String,
    amount: String,
    size: String,
    start: String,
}

/// Asks what is not answered by a flag.
fn answers(
    given: &NewArguments,
    ask: &mut dyn FnMut(&str, &str) -> Result<String, Failure>,
) -> Result<Answers, Failure> {
    let mut answer = |flag: &Option<String>, question: &str, standard: &str| match flag {
        Some(text) => Ok(text.trim().to_owned()),
        None => ask(question, standard),
    };
    let work =
        answer(&given.work, "Work: inference, fine-tuning or training", "inference")?;
    let work = Work::of(&work).ok_or_else(|| {
        Failure::Input(format!("`{work}` is no work: inference, fine-tuning or training"))
    })?;
    let model =
        answer(&given.model, "Model (`rackcast profiles` lists them)", "llama-3.3-70b")?;
    let (question, standard) = work.amount();
    let question = format!("{question}: a number, or low,middle,high");
    let amount = band(&answer(&given.amount, &question, standard)?)?;
    let (question, standard) = work.size();
    let size = answer(&given.size, question, standard)?;
    let start = answer(&given.start, "First month", "2027-01")?;
    Ok(Answers { work, model, amount, size, start })
}

/// A number or three of them, as a plan writes them.
fn band(text: &str) -> Result<String, Failure> {
    let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
    match numbers.as_deref() {
        Some([one]) => Ok(one.to_string()),
        Some([low, middle, high]) if low <= middle && middle <= high => {
            Ok(format!("{{ p10 = {low}, p50 = {middle}, p90 = {high} }}"))
        }
        _ => Err(Failure::Input(format!(
            "`{text}` must be a number, or three rising ones such as 200000,500000,1500000"
        ))),
    }
}

fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().replace('_', "").parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

fn begin(arguments: &NewArguments) -> Result<(), Failure> {
    if let Some(out) = arguments.out.as_ref().filter(|out| out.exists()) {
        return Err(Failure::Input(format!(
            "{} is there already: choose another name, or take the file away",
            out.display()
        )));
    }
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut taken = Vec::new();
    let answers = answers(arguments, &mut |question, standard| {
        if is_asked {
            let (mut keys, mut out) = (std::io::stdin().lock(), std::io::stderr().lock());
            return asked(&mut keys, &mut out, question, standard);
        }
        taken.push(format!("{question}: {standard}"));
        Ok(standard.to_owned())
    })?;
    let text = plan(&answers, arguments)?;
    // A plan that does not run is no beginning: its problems are told instead.
    let (profiles, files) = (arguments.profiles.as_deref(), BTreeMap::new());
    load::from_text("the new plan", &text, &files, profiles, Overrides::default())?;
    if !taken.is_empty() {
        say(&format!("Taken where no flag says otherwise:\n  {}", taken.join("\n  ")));
    }
    match &arguments.out {
        None => print(&text),
        Some(out) => {
            write::file(out, text.as_bytes())?;
            say(&format!("Wrote {}; play it: rackcast run {0}", out.display()));
        }
    }
    Ok(())
}

/// Puts a question on the terminal; an empty line takes the answer in brackets.
fn asked(
    answers: &mut dyn BufRead,
    out: &mut dyn Write,
    question: &str,
    standard: &str,
) -> Result<String, Failure> {
    let _ = write!(out, "{question} [{standard}] ").and_then(|()| out.flush());
    let mut line = String::new();
    let read = answers.read_line(&mut line);
    match read {
        Ok(0) => Err(Failure::Stopped("no answer: nothing was written".to_owned())),
        Ok(_) if line.trim().is_empty() => Ok(standard.to_owned()),
        Ok(_) => Ok(line.trim().to_owned()),
        Err(source) => Err(Failure::Read { path: PathBuf::from("the terminal"), source }),
    }
}

fn plan(answers: &Answers, arguments: &NewArguments) -> Result<String, Failure> {
    let Answers { work, model, amount, size, start } = answers;
    let wrong = |wanted: &str| {
        Failure::Input(format!(
            "`{size}` is no size: write {wanted}, such as {}",
            work.size().1
        ))
    };
    let (name, table, compare) = match work {
        Work::Inference => {
            let parts = size.split_once('/').ok_or_else(|| wrong("tokens in/out"))?;
            let (input, output) = (number(parts.0), number(parts.1));
            let (input, output) =
                input.zip(output).ok_or_else(|| wrong("tokens in/out"))?;
            let table = format!(
                "[workloads.chat.inference]\n\
                 model = \"{model}\"\n\
                 requests_per_day = {amount}\n\
                 # Mean tokens of a request.\n\
                 input_tokens = {input}\n\
                 output_tokens = {output}\n\
                 # Share of the input found in the prefix cache, which APIs bill for less.\n\
                 #cached_input_share = 0.3\n\
                 # What users accept; left out: usual targets.\n\
                 #time_to_first_token_s = 2.0\n\
                 #time_per_output_token_ms = 100\n"
            );
            ("chat", table, r#""api", "rent", "reserve", "build", "hybrid""#)
        }
        Work::FineTuning => {
            let tokens = band(size).map_err(|_| wrong("millions of tokens"))?;
            let table = format!(
                "[workloads.tuning.fine_tuning]\n\
                 model = \"{model}\"\n\
                 jobs_per_month = {amount}\n\
                 # Tokens a job trains on, all epochs together, millions.\n\
                 mtok_per_job = {tokens}\n\
                 # lora, or full for every weight.\n\
                 method = \"lora\"\n"
            );
            ("tuning", table, r#""rent", "reserve", "build", "hybrid""#)
        }
        Work::Training => {
            let tokens = band(size).map_err(|_| wrong("trillions of tokens"))?;
            let table = format!(
                "[workloads.runs.training]\n\
                 model = \"{model}\"\n\
                 # Tokens of one run, trillions.\n\
                 tokens_trillion = {tokens}\n\
                 runs_per_year = {amount}\n\
                 # Sets communication and failures.\n\
                 chips_per_run = 512\n"
            );
            ("runs", table, r#""rent", "reserve-3y", "build""#)
        }
    };
    let quoted = |text: &str| text.replace(['"', '\\', '\n'], "");
    Ok(format!(
        "# For an editor that completes keys: `rackcast schema plan > plan.schema.json` beside\n\
         # this file, and a first line `#:schema plan.schema.json`.\n\
         # A line that begins with `#` and a key is an example: take the `#` away and change it.\n\
         # A number may be a band: {{ p10 = 2, p50 = 4, p90 = 9 }}. Everything left out has a\n\
         # default with a source; results.json lists them all.\n\
         title = \"{title}\"\n\
         # Ready-made strategies; your own are tables [strategies.NAME].\n\
         compare = [{compare}]\n\
         accelerator = \"{accelerator}\"\n\
         \n\
         [time]\n\
         start = \"{start}\"\n\
         months = {months}\n\
         \n\
         #[money]\n\
         #discount_rate_per_year = 0.10\n\
         #tax_rate = 0.25\n\
         \n\
         #[simulation]\n\
         #paths = 100_000\n\
         #seed = 1\n\
         \n\
         {table}\
         \n\
         # How the work grows: left out, as sources say it does on average.\n\
         #[workloads.{name}.growth.geometric]\n\
         #drift_per_year = 0.4\n\
         #volatility_per_sqrt_year = 0.5\n",
        title = quoted(&format!("{model}: build, rent or call an API?")),
        accelerator = quoted(&arguments.accelerator),
        months = arguments.months,
        start = quoted(start),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn from_lines(lines: &str) -> Result<Answers, Failure> {
        let mut lines = Cursor::new(lines.to_owned());
        answers(&NewArguments::default(), &mut |q, s| {
            asked(&mut lines, &mut Vec::new(), q, s)
        })
    }

    #[test]
    fn five_questions_are_asked_and_an_empty_line_takes_the_bracket() {
        let found = from_lines("fine_tuning\n\n5,10,20\n\n2027-06\n").unwrap();
        let wanted = Answers {
            work: Work::FineTuning,
            model: "llama-3.3-70b".to_owned(),
            amount: "{ p10 = 5, p50 = 10, p90 = 20 }".to_owned(),
            size: "200".to_owned(),
            start: "2027-06".to_owned(),
        };
        assert_eq!(found, wanted);
        assert!(from_lines("cooking\n").is_err());
        assert!(from_lines("\n\n3,2,1\n").is_err());
        // The terminal went away.
        assert!(matches!(from_lines("\n\n"), Err(Failure::Stopped(_))));
    }
}
