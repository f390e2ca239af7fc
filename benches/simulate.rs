//! Measures the event simulators: events a second of jobs and of requests.
//!
//! One thread each: a job is one path, serving is one clock. Wall time on a shared
//! machine is for reading, not for a gate: compare two builds in one run.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rackcast::hardware::ServeCase;
use rackcast::hardware::failures::Job;
use rackcast::hardware::simulate::job::{JobRun, job};
use rackcast::hardware::simulate::serve::{
    Admission, Arrivals, ClosedForm, Lengths, Scheduler, generate, serve,
};
use rackcast::profile::{Catalogue, Precision};
use rackcast::random::Seed;

fn jobs(c: &mut Criterion) {
    let case = Job {
        spares: 60,
        job_failures_per_day: 0.5,
        replacement_share: 0.3,
        reset_hours: 2.0,
        replacement_hours: 120.0,
        ..Job::plain(2048, 3.79e-3, 60.0, 600.0)
    };
    let run = JobRun { days: 3650.0, paths: 1, seed: Seed(1) };
    let events = job(&case, &run).expect("a job that makes sense").counts.events;
    let mut group = c.benchmark_group("simulate");
    group.throughput(Throughput::Elements(events));
    group.bench_function("job, 2,048 nodes and 60 spares, ten years", |t| {
        t.iter(|| job(black_box(&case), &run));
    });
    group.finish();
}

fn serving(c: &mut Criterion) {
    let catalogue = Catalogue::shipped();
    let chip = catalogue.accelerator("nvidia-h100-sxm").expect("a shipped chip");
    let model = catalogue.model("llama-3.1-8b").expect("a shipped model");
    let case =
        ServeCase { tensor: Some(1), ..ServeCase::new(1000.0, 200.0, Precision::Fp8) };
    let times = ClosedForm::tabulate(chip, model, &case, 12_000.0, 256).expect("it fits");
    let lengths = |mean| Lengths { mean, spread: 1.0, most: 6000 };
    let arrivals = Arrivals { per_s: 12.0, spread: 1.0 };
    let requests =
        generate(20_000, &arrivals, &lengths(1000.0), &lengths(200.0), Seed(1))
            .expect("a load that makes sense");
    let mut group = c.benchmark_group("simulate");
    for (name, admission) in
        [("reserve", Admission::Reserve), ("preempt", Admission::Preempt)]
    {
        let scheduler = Scheduler { admission, ..Scheduler::default() };
        let events = serve(&times, &requests, &scheduler).expect("it fits").events;
        group.throughput(Throughput::Elements(events));
        group.bench_function(format!("serve, 20,000 requests, {name}"), |t| {
            t.iter(|| serve(&times, black_box(&requests), &scheduler));
        });
    }
    group.finish();
    c.bench_function("step times of a replica, tabulated", |t| {
        t.iter(|| ClosedForm::tabulate(chip, model, &case, 12_000.0, 256));
    });
}

criterion_group!(benches, jobs, serving);
criterion_main!(benches);
