//! `rackcast plan`: begin a plan from five answers, or check one.
//!
//! What is asked is what no default can know: the work, the model, how much of it, how
//! large one piece is, and when it begins. On a terminal they are questions; else flags,
//! and what is left out takes the answer that is printed. Read next:
//! `docs/writing-a-plan.md`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::input::{Diagnostic, When, nearest};
use crate::profile::Catalogue;
use crate::report::write;
use crate::scenario::default::ACCELERATOR;

use super::args::CheckArguments;
use super::{Failure, hand_over, load, say};

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
    #[arg(long, allow_negative_numbers = true)]
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

impl Work {
    /// The keys that a size fills in.
    fn size_keys(self, size: &str) -> Result<String, Failure> {
        let wrong = |wanted: &str| {
            Failure::Input(format!(
                "`{size}` is no size: write {wanted}, such as {}",
                self.size().1
            ))
        };
        match self {
            Self::Inference => {
                let parts = size.split_once('/');
                let (input, output) = parts
                    .and_then(|(input, output)| number(input).zip(number(output)))
                    .ok_or_else(|| wrong("tokens in/out"))?;
                Ok(format!("input_tokens = {input}\noutput_tokens = {output}\n"))
            }
            Self::FineTuning => {
                let tokens = band(size).map_err(|_| wrong("millions of tokens"))?;
                Ok(format!("mtok_per_job = {tokens}\n"))
            }
            Self::Training => {
                let tokens = band(size).map_err(|_| wrong("trillions of tokens"))?;
                Ok(format!("tokens_trillion = {tokens}\n"))
            }
        }
    }

    /// The ready-made strategies that are compared where the catalogue has prices.
    fn strategies(self) -> &'static [&'static str] {
        match self {
            Self::Inference => &["api", "rent", "reserve", "build", "hybrid"],
            Self::FineTuning => &["rent", "reserve", "build", "hybrid"],
            Self::Training => &["rent", "reserve-3y", "build"],
        }
    }
}

/// What a new plan compares, on which accelerator, and what it says of the rest.
#[derive(Debug, Default, Clone, PartialEq)]
struct Choice {
    compare: Vec<String>,
    accelerator: String,
    /// Lines of comment.
    left_out: Vec<String>,
}

/// The strategies that the catalogue can price and that can do the work; why not, of the
/// others. Where there is none on the accelerator asked for, those of the standard one.
///
/// **Errors** when the answers are wrong, not the choice of strategies.
fn choose(
    answers: &Answers,
    arguments: &NewArguments,
    catalogue: &Catalogue,
) -> Result<Choice, Failure> {
    let asked = &arguments.accelerator;
    let mut choice = Choice { accelerator: asked.clone(), ..Choice::default() };
    for accelerator in [asked.as_str(), ACCELERATOR] {
        for name in answers.work.strategies() {
            let alone = Choice {
                compare: vec![(*name).to_owned()],
                accelerator: accelerator.to_owned(),
                left_out: Vec::new(),
            };
            let text = plan(answers, arguments, &alone)?;
            match refused(&text, catalogue)? {
                None => choice.compare.push((*name).to_owned()),
                Some(why) => choice.left_out.push(format!("{name}: {why}")),
            }
        }
        if !choice.compare.is_empty() {
            choice.accelerator = String::from(accelerator);
            break;
        }
    }
    if choice.accelerator != *asked {
        choice.left_out.push(format!(
            "So the strategies below use {}: put {asked} back with a price of your own, \
             in a table [strategies.NAME] or a profile.",
            choice.accelerator
        ));
    }
    Ok(choice)
}

/// Why a plan of one strategy is refused for it: no price (E0404 to E0407), or no way to do
/// the work (E0403). Nothing where it runs.
///
/// **Errors** all problems, where one is not about the strategy.
fn refused(text: &str, catalogue: &Catalogue) -> Result<Option<String>, Failure> {
    const OF_STRATEGIES: [&str; 5] = ["E0403", "E0404", "E0405", "E0406", "E0407"];
    match load::with_catalogue("the new plan", text, catalogue) {
        Ok(_) => Ok(None),
        Err(Failure::Wrong(problems)) => {
            let is_its_own = |d: &Diagnostic| OF_STRATEGIES.contains(&d.code);
            let Some(first) = problems.errors().next() else { return Ok(None) };
            if !problems.errors().all(is_its_own) {
                return Err(Failure::Wrong(problems));
            }
            let why = match (first.code, &first.help) {
                ("E0403", Some(help)) => help.split("; ").next().unwrap_or_default(),
                _ => first.message.as_str(),
            };
            Ok(Some(why.replace('`', "")))
        }
        Err(other) => Err(other),
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

/// Who answers what no flag does.
trait Person {
    /// The answer to a question, or the standard one.
    fn ask(&mut self, question: &str, standard: &str) -> Result<String, Failure>;
    /// Tells why an answer will not do; true where another one may come.
    fn again(&mut self, why: &str) -> bool;
}

/// A person at a terminal.
struct Terminal<R, W> {
    keys: R,
    out: W,
}

impl<R: BufRead, W: Write> Person for Terminal<R, W> {
    fn ask(&mut self, question: &str, standard: &str) -> Result<String, Failure> {
        asked(&mut self.keys, &mut self.out, question, standard)
    }

    fn again(&mut self, why: &str) -> bool {
        writeln!(self.out, "{why}").is_ok()
    }
}

/// Nobody: the standard answers are taken, and remembered.
#[derive(Default)]
struct Nobody {
    taken: Vec<String>,
}

impl Person for Nobody {
    fn ask(&mut self, question: &str, standard: &str) -> Result<String, Failure> {
        self.taken.push(format!("{question}: {standard}"));
        Ok(standard.to_owned())
    }

    fn again(&mut self, _: &str) -> bool {
        false
    }
}

/// The flag's answer, or one that is asked for until it will do.
fn answer<T>(
    who: &mut dyn Person,
    flag: Option<&String>,
    question: &str,
    standard: &str,
    read: impl Fn(&str) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if let Some(text) = flag {
        return read(text.trim());
    }
    loop {
        match read(&who.ask(question, standard)?) {
            Err(Failure::Input(why)) if who.again(&why) => {}
            done => return done,
        }
    }
}

/// Asks what is not answered by a flag.
fn answers(
    given: &NewArguments,
    catalogue: &Catalogue,
    who: &mut dyn Person,
) -> Result<Answers, Failure> {
    let question = "Work: inference, fine-tuning or training";
    let work = answer(who, given.work.as_ref(), question, "inference", |text| {
        Work::of(text).ok_or_else(|| {
            Failure::Input(format!(
                "`{text}` is no work: inference, fine-tuning or training"
            ))
        })
    })?;
    // What a flag names is held to the catalogue with the rest of the plan.
    let is_asked = given.model.is_none();
    let question = "Model (`rackcast profiles` lists them)";
    let model = answer(who, given.model.as_ref(), question, "llama-3.3-70b", |text| {
        if !is_asked || catalogue.model(text).is_ok() {
            return Ok(text.to_owned());
        }
        let near = nearest(text, catalogue.models.keys().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!(": write {near}"));
        Err(Failure::Input(format!("no model `{text}` in the catalogue{near}")))
    })?;
    let (question, standard) = work.amount();
    let question = format!("{question}: a number, or low,middle,high");
    let amount = answer(who, given.amount.as_ref(), &question, standard, band)?;
    let (question, standard) = work.size();
    let size = answer(who, given.size.as_ref(), question, standard, |text| {
        work.size_keys(text).map(|_| text.to_owned())
    })?;
    let is_asked = given.start.is_none();
    let start = answer(who, given.start.as_ref(), "First month", "2027-01", |text| {
        match text.parse::<When>() {
            Err(why) if is_asked => Err(Failure::Input(why)),
            _ => Ok(text.to_owned()),
        }
    })?;
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
    let catalogue = load::catalogue(arguments.profiles.as_deref())?;
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let (answers, taken) = if is_asked {
        let mut who =
            Terminal { keys: std::io::stdin().lock(), out: std::io::stderr().lock() };
        (answers(arguments, &catalogue, &mut who)?, Vec::new())
    } else {
        let mut who = Nobody::default();
        (answers(arguments, &catalogue, &mut who)?, who.taken)
    };
    let choice = choose(&answers, arguments, &catalogue)?;
    let text = plan(&answers, arguments, &choice)?;
    // A plan that does not run is no beginning: its problems are told instead.
    load::with_catalogue("the new plan", &text, &catalogue)?;
    if !choice.left_out.is_empty() {
        say(&format!("Left out of the plan:\n  {}", choice.left_out.join("\n  ")));
    }
    if !taken.is_empty() {
        say(&format!("Taken where no flag says otherwise:\n  {}", taken.join("\n  ")));
    }
    match &arguments.out {
        None => hand_over(&text)?,
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

fn plan(
    answers: &Answers,
    arguments: &NewArguments,
    choice: &Choice,
) -> Result<String, Failure> {
    let Answers { work, model, amount, size, start } = answers;
    let keys = work.size_keys(size)?;
    let (name, table) = match work {
        Work::Inference => {
            let table = format!(
                "[workloads.chat.inference]\n\
                 model = \"{model}\"\n\
                 requests_per_day = {amount}\n\
                 # Mean tokens of a request.\n\
                 {keys}\
                 # Share of the input found in the prefix cache, which APIs bill for less.\n\
                 #cached_input_share = 0.3\n\
                 # What users accept; left out: no limit.\n\
                 #time_to_first_token_s = 2.0\n\
                 #time_per_output_token_ms = 100\n"
            );
            ("chat", table)
        }
        Work::FineTuning => {
            let table = format!(
                "[workloads.tuning.fine_tuning]\n\
                 model = \"{model}\"\n\
                 jobs_per_month = {amount}\n\
                 # Tokens a job trains on, all epochs together, millions.\n\
                 {keys}\
                 # lora, or full for every weight.\n\
                 method = \"lora\"\n"
            );
            ("tuning", table)
        }
        Work::Training => {
            let table = format!(
                "[workloads.runs.training]\n\
                 model = \"{model}\"\n\
                 # Tokens of one run, trillions.\n\
                 {keys}\
                 runs_per_year = {amount}\n\
                 # Sets communication and failures.\n\
                 chips_per_run = 512\n"
            );
            ("runs", table)
        }
    };
    let compare: Vec<String> =
        choice.compare.iter().map(|name| format!("\"{name}\"")).collect();
    let left_out: String = match choice.left_out.as_slice() {
        [] => String::new(),
        lines => format!(
            "# Left out, for want of a price in the catalogue or of a way:\n#   {}\n",
            lines.join("\n#   ")
        ),
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
         {left_out}\
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
         # How the work grows; left out: not at all.\n\
         #[workloads.{name}.growth.geometric]\n\
         #drift_per_year = 0.4\n\
         #volatility_per_sqrt_year = 0.5\n",
        title = quoted(&format!("{model}: build, rent or call an API?")),
        compare = compare.join(", "),
        accelerator = quoted(&choice.accelerator),
        months = arguments.months,
        start = quoted(start),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;
    use std::io::Cursor;

    fn from_lines(lines: &str) -> Result<Answers, Failure> {
        let mut who = Terminal { keys: Cursor::new(lines.to_owned()), out: Vec::new() };
        answers(&NewArguments::default(), &Catalogue::shipped(), &mut who)
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

    #[test]
    fn a_wrong_answer_is_asked_for_again_and_the_others_are_kept() {
        let lines =
            "bogus\ntraining\nno-model\nllama-3.1-8b\n3,2,1\n1\nmany\n2\nsoon\n\n";
        let found = from_lines(lines).unwrap();
        assert_eq!((found.work, found.model.as_str()), (Work::Training, "llama-3.1-8b"));
        let rest = (found.amount.as_str(), found.size.as_str(), found.start.as_str());
        assert_eq!(rest, ("1", "2", "2027-01"));
    }

    /// The plan that is written for a model and an accelerator runs: what the catalogue
    /// cannot price is left out, and said.
    fn runs(work: &str, model: &str, accelerator: &str, catalogue: &Catalogue) {
        let arguments = NewArguments {
            work: Some(work.to_owned()),
            model: Some(model.to_owned()),
            accelerator: accelerator.to_owned(),
            months: 2,
            ..NewArguments::default()
        };
        let answers = answers(&arguments, catalogue, &mut Nobody::default()).unwrap();
        let case = format!("{work}, {model}, {accelerator}");
        let choice = match choose(&answers, &arguments, catalogue) {
            Ok(choice) => choice,
            Err(why) => panic!("{case}: {why}"),
        };
        assert!(!choice.compare.is_empty(), "{case}: {:?}", choice.left_out);
        let text = plan(&answers, &arguments, &choice).unwrap();
        let all = answers.work.strategies();
        for name in all.iter().filter(|name| !choice.compare.iter().any(|n| n == *name)) {
            assert!(text.contains(&format!("#   {name}: ")), "{case}: {text}");
        }
        let loaded = load::with_catalogue("new", &text, catalogue);
        let mut loaded = loaded.unwrap_or_else(|why| panic!("{case}: {why}"));
        assert!(loaded.warnings.is_empty(), "{case}");
        loaded.scenario.paths = 1;
        let (scenario, options) = (&loaded.scenario, engine::Options::default());
        let played = engine::play(scenario, engine::played::chunks(scenario), &options);
        let outcome =
            played.unwrap_or_else(|why| panic!("{case}: {why}")).outcome(scenario);
        assert_eq!(outcome.strategies.len(), choice.compare.len(), "{case}");
    }

    #[test]
    fn a_new_plan_runs_for_every_model_and_every_accelerator() {
        let catalogue = Catalogue::shipped();
        for model in catalogue.models.keys() {
            runs("inference", model, "nvidia-h100-sxm", &catalogue);
        }
        for chip in catalogue.accelerators.keys() {
            for work in ["inference", "fine-tuning", "training"] {
                runs(work, "llama-3.3-70b", chip, &catalogue);
            }
        }
    }
}
