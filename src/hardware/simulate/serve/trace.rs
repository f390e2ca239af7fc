//! A trace of requests from CSV: when each came, tokens in, tokens out.
//!
//! Columns are found by their names, in any order, so that the published forms are read as
//! they are: `TIMESTAMP,ContextTokens,GeneratedTokens` (Azure), `timestamp_ms,input_length,
//! output_length` (Mooncake), `Timestamp,Request tokens,Response tokens` (`BurstGPT`). Times
//! count from the first; rows are sorted. Every row that makes no sense is told, up to a
//! bound. Read next: [`super::serve`].

use std::fmt::Write as _;
use std::io::Read;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Request;

/// Problems told before the rest is only counted.
const TOLD: usize = 20;

/// Why a trace cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TraceError(String);

/// Names of the columns, bare (letters and digits, lower case).
const INPUT: [&str; 10] = [
    "contexttokens",
    "input",
    "inputtokens",
    "inputlength",
    "inputlen",
    "prompttokens",
    "promptlength",
    "promptlen",
    "requesttokens",
    "numprefilltokens",
];
const OUTPUT: [&str; 11] = [
    "generatedtokens",
    "output",
    "outputtokens",
    "outputlength",
    "outputlen",
    "completiontokens",
    "responsetokens",
    "responselength",
    "generatedlength",
    "decodetokens",
    "numdecodetokens",
];
const TIME: [&str; 12] = [
    "timestamp",
    "timestampms",
    "timestamps",
    "timestampus",
    "time",
    "times",
    "arrivalms",
    "arrivals",
    "arrivaltime",
    "arrivedat",
    "arrivaltimestamp",
    "starttime",
];

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Clock {
    /// A number of this many seconds.
    Number(f64),
    /// A date and time of day.
    Date,
}

/// Requests of a trace, sorted, from zero.
///
/// **Errors** every missing column, and every row with a time that is none or token
/// counts that are not whole numbers above zero; rows of zero output tokens (cancelled
/// requests) are such rows too unless `skip_empty`.
/// **Checked by** `published_forms_are_read`.
pub fn read_trace(from: impl Read, skip_empty: bool) -> Result<Vec<Request>, TraceError> {
    let mut csv =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(from);
    let header =
        csv.headers().map_err(|e| TraceError(format!("no header: {e}")))?.clone();
    let columns = Columns::of(&header)?;
    let mut problems = Problems::default();
    let mut rows: Vec<(f64, u32, u32)> = Vec::new();
    let mut clock = None;
    let mut record = csv::StringRecord::new();
    let mut line = 1_u64;
    loop {
        match csv.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                line = record.position().map_or(line + 1, csv::Position::line);
                let row = columns.row(&record, &mut clock);
                match row {
                    Ok((_, input, output))
                        if skip_empty && (input == 0 || output == 0) => {}
                    Ok((_, input, output)) if input == 0 || output == 0 => {
                        problems.add(line, "no tokens in or none out");
                    }
                    Ok(row) => rows.push(row),
                    Err(why) => problems.add(line, &why),
                }
            }
            Err(e) => {
                // What cannot be parsed may go on for ever.
                problems.add(line, &e.to_string());
                break;
            }
        }
    }
    problems.into_result()?;
    if rows.is_empty() {
        return Err(TraceError("the trace has no rows".to_owned()));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let start = rows[0].0;
    let requests = rows.into_iter().map(|(at, input, output)| Request {
        at_s: at - start,
        input,
        output,
    });
    Ok(requests.collect())
}

#[derive(Debug, Default)]
struct Problems {
    told: String,
    count: usize,
}

impl Problems {
    fn add(&mut self, line: u64, why: &str) {
        self.count += 1;
        if self.count <= TOLD {
            // Writing to a string does not fail.
            let _ = writeln!(self.told, "line {line}: {why}");
        }
    }

    fn into_result(self) -> Result<(), TraceError> {
        match self.count {
            0 => Ok(()),
            n if n > TOLD => {
                Err(TraceError(format!("{}and {} more", self.told, n - TOLD)))
            }
            _ => Err(TraceError(self.told.trim_end().to_owned())),
        }
    }
}

/// Where the three columns stand, and in which unit a numeric time is.
struct Columns {
    time: usize,
    input: usize,
    output: usize,
    unit_s: f64,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, TraceError> {
        let bare: Vec<String> = header
            .iter()
            .map(|name| {
                let name = name.trim_start_matches('\u{feff}').to_lowercase();
                name.chars().filter(char::is_ascii_alphanumeric).collect()
            })
            .collect();
        let find = |names: &[&str]| bare.iter().position(|b| names.contains(&b.as_str()));
        let (time, input, output) = (find(&TIME), find(&INPUT), find(&OUTPUT));
        if let (Some(time), Some(input), Some(output)) = (time, input, output) {
            let name = header.get(time).unwrap_or_default().to_lowercase();
            let unit_s = if name.ends_with("ms") {
                1e-3
            } else if name.ends_with("us") || name.ends_with("µs") {
                1e-6
            } else {
                1.0
            };
            return Ok(Self { time, input, output, unit_s });
        }
        let mut missing = Vec::new();
        for (found, what) in [
            (time, "a time (`TIMESTAMP`, `timestamp_ms`, `timestamp_s`, `arrival_ms`)"),
            (input, "input tokens (`ContextTokens`, `input_tokens`, `input_length`)"),
            (
                output,
                "output tokens (`GeneratedTokens`, `output_tokens`, `output_length`)",
            ),
        ] {
            if found.is_none() {
                missing.push(what);
            }
        }
        let columns: Vec<&str> = header.iter().collect();
        Err(TraceError(format!(
            "no column for {}; the columns are {}",
            missing.join(", nor for "),
            columns.join(", ")
        )))
    }

    fn row(
        &self,
        record: &csv::StringRecord,
        clock: &mut Option<Clock>,
    ) -> Result<(f64, u32, u32), String> {
        let text = record.get(self.time).unwrap_or_default();
        // The first time that is one says how all are written.
        let ways = [Clock::Number(self.unit_s), Clock::Date];
        let used =
            clock.or_else(|| ways.into_iter().find(|w| seconds(text, *w).is_some()));
        *clock = used;
        let at = used
            .and_then(|used| seconds(text, used))
            .ok_or_else(|| format!("`{text}` is not a time"))?;
        Ok((at, tokens(record, self.input)?, tokens(record, self.output)?))
    }
}

fn tokens(record: &csv::StringRecord, column: usize) -> Result<u32, String> {
    let text = record.get(column).unwrap_or_default();
    let whole = text.parse::<u32>().ok();
    // Spreadsheets write whole numbers with a point.
    let pointed = || {
        let x = text.parse::<f64>().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number inside u32"
        )]
        let whole = x as u32;
        (f64::from(whole).total_cmp(&x).is_eq()).then_some(whole)
    };
    whole.or_else(pointed).ok_or_else(|| format!("`{text}` is not a number of tokens"))
}

fn seconds(text: &str, clock: Clock) -> Option<f64> {
    match clock {
        Clock::Number(unit) => {
            text.parse::<f64>().ok().filter(|x| x.is_finite()).map(|x| x * unit)
        }
        Clock::Date => {
            let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
                let local = text.parse::<DateTime>().ok()?;
                TimeZone::UTC.to_timestamp(local).ok()
            })?;
            // Whole seconds and the rest apart, so that microseconds survive.
            #[expect(clippy::cast_precision_loss, reason = "seconds of any date fit 2⁵³")]
            let whole = moment.as_second() as f64;
            Some(whole + f64::from(moment.subsec_nanosecond()) / 1e9)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Request>, TraceError> {
        read_trace(text.as_bytes(), false)
    }

    #[test]
    fn published_forms_are_read() {
        let azure = read(
            "TIMESTAMP,ContextTokens,GeneratedTokens\n\
             2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n",
        )
        .unwrap();
        assert_eq!((azure[0].input, azure[0].output), (4808, 10));
        assert!((azure[1].at_s - 0.052).abs() < 1e-6, "{}", azure[1].at_s);
        let mooncake = read(
            "timestamp_ms,input_length,output_length,n_blocks\n0,1,2,3\n3000,4,5,6\n",
        )
        .unwrap();
        assert!((mooncake[1].at_s - 3.0).abs() < 1e-12);
        let burst = read(
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n\
             5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,Conversation log\n",
        )
        .unwrap();
        assert!((burst[1].at_s - 40.0).abs() < 1e-12);
        assert_eq!(burst[1].output, 230);
        let any =
            read("output_tokens,arrival_ms,x,input_tokens\n7,1500.0,,3\n8,500,,4.0\n");
        let any = any.unwrap();
        assert_eq!((any[0].input, any[0].output), (4, 8));
        assert!((any[1].at_s - 1.0).abs() < 1e-12);
    }

    #[test]
    fn every_problem_is_told_at_its_line() {
        let why =
            read("timestamp_ms,input,output\n0,1,2\nx,1,2\n2,-1,2\n3,1,1.5\n4,0,1\n")
                .unwrap_err()
                .to_string();
        for said in ["line 3: `x`", "line 4: `-1`", "line 5: `1.5`", "line 6: no tokens"]
        {
            assert!(why.contains(said), "{said} is missing in {why}");
        }
        let why = read("when,input\n").unwrap_err().to_string();
        assert!(why.contains("a time") && why.contains("output tokens"), "{why}");
        let why = read("time,input,output\nx,1,1\n1,2,q\n").unwrap_err().to_string();
        assert!(why.contains("line 2: `x`") && why.contains("line 3: `q`"), "{why}");
        assert!(read("timestamp_ms,input,output\n").is_err());
        assert!(read("").is_err());
        let many = format!("time,input,output\n{}", "x,1,1\n".repeat(50));
        assert!(read(&many).unwrap_err().to_string().ends_with("and 30 more"));
    }

    #[test]
    fn empty_answers_can_be_left_out() {
        let text = "time,input,output\n0,5,0\n1,5,6\n";
        assert!(read(text).is_err());
        assert_eq!(read_trace(text.as_bytes(), true).unwrap().len(), 1);
    }
}
