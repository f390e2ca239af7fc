//! Codes of files in somebody else's form: benchmarks, baselines, price lists, bills.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "E0701",
        "the file is not JSON of the form that is wanted",
        "The text is no JSON, or a key is missing, misspelt or of another type; the message \
         names it and the place is marked. Benchmarks are written whole by their tools: a \
         file that ends in the middle is of a run that was stopped.",
    ),
    code(
        "E0702",
        "the file has another schema version",
        "Its layout is that of another version of rackcast, and its keys may mean something \
         else. Write a baseline again with `rackcast gate BASELINE --plan PLAN --update` (or \
         `--measured FILE`) and review what changes; run a plan again for its results.",
    ),
    code(
        "E0703",
        "a metric or strategy stands twice",
        "Names tell metrics apart, so that each has one value or one list of repeats. In a \
         table of measurements repeat the name on several rows for repeats; in a baseline \
         keep one of the two.",
    ),
    code(
        "E0704",
        "it is not known which way a metric gets better",
        "A time is better lower, a throughput higher; a gate that has it the wrong way round \
         passes every regression, so it is not guessed. Names that end in `tokens_per_s`, \
         `_throughput`, `_mfu_pct`, `_s`, `_ms`, `latency` or `usd_per_mtok` are known. For \
         others add a column.\n\n\
         right:  metric,value,better\n        goodput,0.93,higher",
    ),
    code(
        "E0705",
        "a number is no reading",
        "A metric has either `value` and `standard_error` or `values`, a list of repeats; all \
         are finite, and a standard error is not negative.\n\n\
         right:  {\"name\": \"step_s\", \"better\": \"lower\", \"values\": [1.01, 0.99, 1.02]}",
    ),
    code(
        "E0706",
        "the baseline is of another kind",
        "A baseline is of a plan's answer or of measurements. The one given is of the other \
         kind: give `--plan` for the first and `--measured` for the second, or name another \
         file.",
    ),
    code(
        "E0707",
        "there is nothing to compare",
        "The two have no metric in common, or one of them has none at all. Names must agree \
         letter for letter; where a benchmark was renamed, review it and rewrite the baseline \
         with `--update`.",
    ),
    code(
        "E0708",
        "a largest regression makes no sense",
        "`max_regress` is a share of the baseline, 0.05 for 5 %: finite, not negative, and \
         below 10.",
    ),
    code(
        "E0709",
        "the form of a file of measurements is not known",
        "Read are the result of `vllm bench serve --save-result`, the lines of \
         `sglang.bench_serving --output-file`, criterion's `estimates.json` or a folder of \
         them, and CSV: either `metric,value` (a repeat a row), or the measured cases that \
         `rackcast validate` reads.",
    ),
    code(
        "E0710",
        "a benchmark completed no request",
        "Nothing was measured: the server refused every request or was not there. Run it \
         again; a run that measures nothing must not pass a gate.",
    ),
    code(
        "E0802",
        "an import leaves nothing",
        "Every row or entry was dropped; the message says why, with counts. Often the \
         provider, the region or the SKUs that were named are none of the file's.",
    ),
    code(
        "E0803",
        "an import needs what the file does not say",
        "A benchmark does not name the machine it measured, nor a bill the chips of a SKU or \
         the term of a commitment. Such things are asked for and never guessed.",
    ),
    code(
        "E0804",
        "a Parquet file cannot be read",
        "Parquet is read by a program built with `--features parquet`, compressed with Snappy \
         or gzip or not at all. A file that ends in the middle is of an export that was \
         stopped. CSV is always read.",
    ),
];
