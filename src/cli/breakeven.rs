//! `rackcast breakeven`: closed forms, from flags or from a table of cases.
//!
//! The flags of a form are the inputs it declares, so a form is added in one place:
//! [`crate::decide::form::FORMS`].

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, error::ErrorKind};
use serde_json::json;

use crate::decide::form::{FORMS, Form, Given, Kind, Refused, cases};
use crate::input::Table;
use crate::report::{form as shown, write};

use super::{Failure, hand_over, print};

/// The name under which a file is tried against every form.
const ALL: &str = "cases";

/// What was asked.
#[derive(Debug)]
pub(super) struct Breakeven {
    /// The form; nothing for every one that can be answered.
    form: Option<&'static Form>,
    given: Given,
    file: Option<PathBuf>,
    rows: Option<PathBuf>,
    json: bool,
}

impl clap::FromArgMatches for Breakeven {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (name, matches) = matches.subcommand().ok_or_else(|| {
            clap::Error::raw(ErrorKind::MissingSubcommand, "which form?\n")
        })?;
        let form = Form::named(name);
        let mut given = Given::new();
        for input in form.map_or(&[][..], |form| form.inputs) {
            if let Some(value) = matches.get_one::<f64>(input.key) {
                given.set(input.key, *value);
            }
        }
        Ok(Self {
            form,
            given,
            file: matches.get_one("cases").cloned(),
            rows: matches.get_one("rows").cloned(),
            json: matches.get_flag("json"),
        })
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for Breakeven {
    fn augment_args(command: Command) -> Command {
        let each = FORMS.iter().map(|form| {
            let mut one = Command::new(form.name)
                .about(capital(form.question))
                .after_help(format!("Source: {}", form.source));
            for input in form.inputs {
                let arg = Arg::new(input.key)
                    .long(input.key.replace('_', "-"))
                    .help(input.what)
                    .allow_negative_numbers(true);
                let (name, parser) = match input.kind {
                    Kind::Number => ("NUMBER", number as fn(&str) -> _),
                    Kind::Day => ("DATE", day as fn(&str) -> _),
                };
                one = one.arg(arg.value_name(name).value_parser(parser));
            }
            let file = path("cases", "FILE.csv")
                .help("A table of cases; flags stand in for what a row leaves out");
            common(one.arg(file.long("cases")))
        });
        let all = common(
            Command::new(ALL)
                .about("A table of cases, each with every form that it can answer")
                .arg(path("cases", "FILE.csv").required(true)),
        );
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(each)
            .subcommand(all)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn common(command: Command) -> Command {
    let rows = path("rows", "OUT.csv").long("rows").requires("cases");
    command
        .arg(rows.help("Write every figure of every case"))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON"))
}

fn path(id: &'static str, name: &'static str) -> Arg {
    Arg::new(id).value_name(name).value_parser(clap::value_parser!(PathBuf))
}

fn number(text: &str) -> Result<f64, String> {
    cases::parse(Kind::Number, text)
        .ok_or_else(|| format!("`{text}` is no finite number; write it without a unit"))
}

fn day(text: &str) -> Result<f64, String> {
    cases::parse(Kind::Day, text)
        .ok_or_else(|| format!("`{text}` is no day such as 2024-02-24"))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

/// `rackcast breakeven`.
pub(super) fn run(asked: &Breakeven) -> Result<(), Failure> {
    if let Some(file) = &asked.file {
        return of_file(asked, file);
    }
    let Some(form) = asked.form else {
        return Err(Failure::Input("error: no table of cases is given".to_owned()));
    };
    let answer = form.answer(&asked.given).map_err(|refused| refusal(form, &refused))?;
    if asked.json {
        let inputs: serde_json::Map<String, serde_json::Value> = asked
            .given
            .iter()
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        let all = json!({
            "form": form.name,
            "question": form.question,
            "source": form.source,
            "inputs": inputs,
            "answer": answer,
        });
        print_json(&all)
    } else {
        print(&shown::text(form, &answer))?;
        Ok(())
    }
}

fn of_file(asked: &Breakeven, file: &std::path::Path) -> Result<(), Failure> {
    let table = Table::read(file).map_err(Failure::Wrong)?;
    let read = cases::read(table).map_err(Failure::Wrong)?;
    let results: Vec<cases::Result> =
        read.iter().map(|case| case.answer(asked.form, &asked.given)).collect();
    if let Some(path) = &asked.rows {
        let rows = shown::csv(&results).map_err(|e| Failure::Report(e.to_string()))?;
        write::file(path, &rows)?;
    }
    if asked.json {
        print_json(&json!(results))
    } else {
        print(&shown::cases(&results))?;
        Ok(())
    }
}

fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Failure::Report(e.to_string()))?;
    hand_over(&(text + "\n"))?;
    Ok(())
}

/// Why there is no answer, with the next step.
fn refusal(form: &Form, refused: &Refused) -> Failure {
    let name = form.name;
    let (code, said) = match refused {
        Refused::Missing(missing) => {
            let flags: Vec<String> = missing.iter().map(|m| flagged(m)).collect();
            let list = flags.join("\n  ");
            (
                "E0901",
                format!("`{name}` cannot be answered yet; it still needs\n  {list}"),
            )
        }
        Refused::OutOfRange(what) => ("E0902", what.to_string()),
    };
    Failure::Input(format!(
        "error[{code}]: {said}\n  = help: `rackcast breakeven {name} --help` says what each input is"
    ))
}

/// Keys in backticks as the flags they are.
fn flagged(text: &str) -> String {
    let mut parts = text.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (i, part) in parts.enumerate() {
        if i % 2 == 0 {
            out += "--";
            out += &part.replace('_', "-");
        } else {
            out += part;
        }
    }
    out
}
