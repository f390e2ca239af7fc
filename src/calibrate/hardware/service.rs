//! How a served row's chips are arranged: replicas, groups, workers, as far as it says.
//!
//! Records of services count chips in several ways and leave much out. Here a row's
//! degrees become one arrangement, or the likeliest of those the published services with
//! known workers have; what was guessed is in the name its measurements are kept by, so
//! that they never speak for services that are known. Read next: [`super::case`].

use crate::hardware::serve::point::{Arrangement, prefill_over_decode};
use crate::profile::Accelerator;

use super::columns::Row;
use super::names::whole;

/// Chips of a replica above which a record means a whole service: no engine shares each
/// sequence over more than two hosts of eight.
const LARGEST_REPLICA: f64 = 16.0;
/// Chips of a worker in services recorded as one number of chips: four compute prompts,
/// eight answer.
const PREFILL_CHIPS: f64 = 4.0;
const DECODE_CHIPS: f64 = 8.0;
/// Requests in a replica of eight above which such services answer on one wide replica.
const REQUESTS_A_REPLICA: f64 = 100.0;
/// Requests under way from which a replica whose degree was left out is a wide one.
const REQUESTS_OF_WIDE: f64 = 256.0;
/// Chips of a narrow and of a wide replica whose degree was left out.
const LEFT_OUT_CHIPS: [f64; 2] = [4.0, 32.0];

/// A row's chips, arranged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Service {
    /// Chips of a (decode) replica.
    pub(super) chips: f64,
    /// Groups of them that take different sequences.
    pub(super) groups: f64,
    /// Experts' degree, as recorded.
    pub(super) expert: f64,
    /// Who computes prompts.
    pub(super) arrangement: Arrangement,
    /// What such measurements are kept by.
    pub(super) mode: &'static str,
    /// Whether the row says enough to move constants.
    pub(super) is_known: bool,
}

impl Service {
    /// The arrangement of a row with so many requests under way.
    pub(super) fn of(
        row: &Row,
        chip: &Accelerator,
        is_apart: bool,
        concurrency: f64,
        [input_tokens, output_tokens]: [f64; 2],
    ) -> Self {
        let domain = chip.scale_up.as_ref().map_or(8.0, |u| f64::from(u.domain_chips));
        let over = prefill_over_decode(input_tokens, output_tokens);
        if is_apart {
            apart(row, concurrency, over)
        } else {
            together(row, domain, concurrency, over)
        }
    }
}

/// Degrees of a worker as a row has them.
struct Degrees {
    tensor: f64,
    pipeline: f64,
    groups: f64,
    expert: f64,
}

impl Degrees {
    fn of(row: &Row, prefix: &str) -> Self {
        let degree =
            |name: &str| row.above_zero(&format!("{prefix}{name}")).unwrap_or(1.0);
        Self {
            tensor: degree("tensor"),
            pipeline: degree("pipeline"),
            groups: degree("data").max(degree("attention_data")),
            expert: degree("expert"),
        }
    }

    fn chips(&self) -> f64 {
        self.tensor * self.groups * self.pipeline
    }
}

fn together(row: &Row, domain: f64, concurrency: f64, over: f64) -> Service {
    let d = Degrees::of(row, "");
    let (chips, groups) = replica(&d, domain);
    if d.pipeline <= 1.0 && is_whole_service(chips) {
        return service_of(chips, concurrency, over);
    }
    Service {
        chips,
        groups,
        expert: d.expert,
        arrangement: Arrangement::Aggregated,
        mode: "aggregated",
        is_known: chips <= domain,
    }
}

fn apart(row: &Row, concurrency: f64, over: f64) -> Service {
    let (prefill, decode) = (Degrees::of(row, "prefill_"), Degrees::of(row, "decode_"));
    let decode_workers = row.above_zero("decode_workers");
    let is_known = decode_workers.is_some();
    let same = (prefill.chips() - decode.chips()).abs() < 0.5;
    if !is_known && same && is_whole_service(decode.chips()) {
        return service_of(decode.chips(), concurrency, over);
    }
    // Where only the tensor degree of workers is recorded, one means that each chip has
    // sequences of its own and the number of chips was left out.
    let left_out = !is_known && decode.chips() <= 1.0 && prefill.chips() <= 1.0;
    let [narrow, wide] = LEFT_OUT_CHIPS;
    let (chips, groups, each) = match left_out {
        false => (decode.chips(), decode.groups, prefill.chips()),
        true if concurrency < REQUESTS_OF_WIDE => (narrow, narrow, narrow),
        true => (wide, wide, narrow),
    };
    Service {
        chips,
        groups,
        expert: decode.expert,
        arrangement: Arrangement::Disaggregated {
            prefill_chips: each,
            prefill_workers: row
                .above_zero("prefill_workers")
                .or(decode_workers.map(|_| 1.0)),
            decode_workers,
        },
        mode: match (is_known, left_out) {
            (true, _) => "disaggregated",
            (false, false) => "disaggregated, workers unknown",
            (false, true) => "disaggregated, chips unknown",
        },
        is_known,
    }
}

/// Chips of a replica and the groups among them that take different sequences.
///
/// Records count the same chips in more than one way: the tensor degree with the expert
/// degree multiplied in (16 with 4 for a replica of 4), or the tensor degree once for
/// attention and once for experts. Expert parallelism needs no chips of its own.
fn replica(d: &Degrees, domain: f64) -> (f64, f64) {
    let all = d.tensor * d.groups;
    let (chips, groups) = if d.groups > 1.0 && d.tensor > 1.0 && d.expert >= all {
        (d.tensor, d.groups.min(d.tensor))
    } else if d.expert > 1.0
        && d.expert < all
        && (all > domain || all >= d.expert * d.expert)
    {
        (all / d.expert, (d.groups / d.expert).max(1.0))
    } else {
        (all, d.groups)
    };
    (chips * d.pipeline, groups)
}

/// True where so many chips cannot be one replica: degrees of tensor parallelism are
/// powers of two.
fn is_whole_service(chips: f64) -> bool {
    chips > LARGEST_REPLICA || (chips > DECODE_CHIPS && !whole(chips).is_power_of_two())
}

/// A service of which only the number of all its chips was recorded: replicas of eight
/// beside four chips for prompts or, for many requests, a wide replica beside as many chips
/// for prompts as keep it going.
fn service_of(all: f64, concurrency: f64, over: f64) -> Service {
    let replicas = ((all - PREFILL_CHIPS) / DECODE_CHIPS).floor().max(1.0);
    let wide = (all / (1.0 + over) / DECODE_CHIPS).round().max(1.0) * DECODE_CHIPS;
    let (chips, groups, workers) = if concurrency / replicas > REQUESTS_A_REPLICA {
        (wide, wide, 1.0)
    } else {
        (DECODE_CHIPS, 1.0, replicas)
    };
    let decode = chips * workers;
    Service {
        chips,
        groups,
        expert: 1.0,
        arrangement: Arrangement::Disaggregated {
            prefill_chips: (all - decode).max(1.0),
            prefill_workers: Some(1.0),
            decode_workers: Some(workers),
        },
        mode: "a service of unknown split",
        is_known: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, f64)]) -> Row {
        Row::of(2, cells.iter().map(|(c, x)| ((*c).to_owned(), x.to_string())))
    }

    fn of(cells: &[(&str, f64)], is_apart: bool, concurrency: f64) -> Service {
        let catalogue = crate::profile::Catalogue::shipped();
        let chip = catalogue.accelerator("nvidia-gb200-nvl72").expect("shipped");
        Service::of(&row(cells), chip, is_apart, concurrency, [1024.0, 1024.0])
    }

    #[test]
    fn chips_that_are_counted_twice_count_once() {
        let twice = of(&[("tensor", 16.0), ("expert", 4.0)], false, 8.0);
        assert!((twice.chips - 4.0).abs() < 1e-12);
        let both =
            of(&[("tensor", 8.0), ("attention_data", 8.0), ("expert", 64.0)], false, 8.0);
        assert!((both.chips - 8.0).abs() < 1e-12 && (both.groups - 8.0).abs() < 1e-12);
    }

    #[test]
    fn thirty_six_chips_are_a_service_and_not_a_replica() {
        // Of the services with known workers, 36 chips are four for prompts and four
        // replicas of eight.
        let few = of(&[("tensor", 36.0)], false, 64.0);
        assert_eq!(
            few.arrangement,
            Arrangement::Disaggregated {
                prefill_chips: 4.0,
                prefill_workers: Some(1.0),
                decode_workers: Some(4.0),
            }
        );
        assert!((few.chips - 8.0).abs() < 1e-12 && !few.is_known);
        let many = of(&[("tensor", 36.0)], false, 4096.0);
        assert!((many.chips - 24.0).abs() < 1e-12 && (many.groups - 24.0).abs() < 1e-12);
        let sixteen = of(&[("tensor", 16.0)], false, 64.0);
        assert_eq!(sixteen.arrangement, Arrangement::Aggregated);
    }

    #[test]
    fn a_prefill_degree_does_not_divide_the_chips_that_answer() {
        let cells =
            [("decode_tensor", 32.0), ("decode_expert", 4.0), ("prefill_tensor", 4.0)];
        let service = of(&cells, true, 2048.0);
        assert!((service.chips - 32.0).abs() < 1e-12);
        assert_eq!(service.mode, "disaggregated, workers unknown");
    }
}
