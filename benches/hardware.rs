//! Measures the closed forms: one evaluation of a prepared job and of a prepared service.
//!
//! They live inside Monte Carlos and fits, so a second of one core should give a million.
//! Wall time on a shared machine is for reading, not for a gate.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rackcast::hardware::serve::point::{Arrangement, Load, Point};
use rackcast::hardware::train::{Prepared, Task};
use rackcast::hardware::{Calibration, TrainCase};
use rackcast::profile::{Catalogue, Precision};

fn evaluations(criterion: &mut Criterion) {
    let catalogue = Catalogue::shipped();
    let chip = catalogue.accelerator("nvidia-h100-sxm").expect("a shipped chip");
    let model = catalogue.model("llama-3.1-405b").expect("a shipped model");
    let c = Calibration::published();
    let mut group = criterion.benchmark_group("closed form");
    group.throughput(Throughput::Elements(1));

    let mut case = TrainCase::new(1024, 8192.0, 1024.0);
    case.precision = Precision::Fp8;
    let job = Prepared::of_a_job_that_ran(chip, model, &case, Task::Every)
        .expect("the job fits");
    group.bench_function("training step", |b| b.iter(|| black_box(&job).step(c)));

    let load = Load {
        precision: Precision::Fp8,
        chips: 8.0,
        groups: 1.0,
        arrangement: Arrangement::Aggregated,
        concurrency: 64.0,
        input_tokens: 1024.0,
        output_tokens: 1024.0,
    };
    let served = catalogue.model("llama-3.3-70b").expect("a shipped model");
    let point = Point::new(chip, served, &load);
    group.bench_function("output token", |b| {
        b.iter(|| black_box(&point).output_token(c));
    });
    group.finish();
}

criterion_group!(benches, evaluations);
criterion_main!(benches);
