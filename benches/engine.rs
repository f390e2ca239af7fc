//! Measures the whole engine: the support-assistant example, 4,096 paths, one thread.
//!
//! Through the public library, as a user's program would: read the plan, resolve its
//! names, play. Wall time on a shared machine is for reading, not for a gate: compare two
//! builds in one run.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rackcast::engine::{Options, run};
use rackcast::input::{Checker, read_file};
use rackcast::profile::Catalogue;
use rackcast::scenario::{Overrides, Plan, Scenario, resolve};

const PATHS: u64 = 4096;

fn assistant(catalogue: &Catalogue) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/assistant/plan.toml");
    let plan = read_file::<Plan>(&path).value.expect("the example reads");
    let overrides = Overrides { paths: Some(PATHS), seed: None, ..Overrides::default() };
    resolve(&plan, catalogue, overrides, &mut Checker::new()).expect("it resolves")
}

fn engine(c: &mut Criterion) {
    let catalogue = Catalogue::shipped();
    let scenario = assistant(&catalogue);
    let options = Options { threads: Some(1), ..Options::default() };
    let mut group = c.benchmark_group("assistant");
    group.throughput(Throughput::Elements(PATHS)).sample_size(20);
    group.bench_function("run", |t| t.iter(|| run(black_box(&scenario), &options)));
    group.finish();
    c.bench_function("assistant/resolve", |t| {
        t.iter(|| assistant(black_box(&catalogue)));
    });
}

criterion_group!(benches, engine);
criterion_main!(benches);
