//! Measures the innermost loops: elementary functions by the lane, and the sketch.
//!
//! `RACKCAST_SIMD=avx2` or `baseline` measures the narrower instruction sets. Wall time
//! on a shared machine is for reading, not for a gate: compare two builds in one run.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rackcast::block::math::{exp, inverse_normal, ln, sin_cos_turn};
use rackcast::block::{LANES, Lane, splat};
use rackcast::stats::{Moments, Sketch, TailSketch};

rackcast::kernel! {
    fn exp_lane(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = exp(x[i]);
        }
    }

    fn ln_lane(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = ln(x[i]);
        }
    }

    fn sin_cos_lane(sin: &mut Lane, cos: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            (sin[i], cos[i]) = sin_cos_turn(x[i]);
        }
    }

    fn inverse_normal_lane(out: &mut Lane, x: &Lane) {
        for i in 0..LANES {
            out[i] = inverse_normal(x[i]);
        }
    }
}

/// Numbers in (0, 1) that fill it evenly, lane after lane: a golden-ratio sequence.
fn uniforms(lanes: u32) -> Vec<Lane> {
    let mut at = 0.0;
    let mut next = || {
        at += 0.618_033_988_749_894_9;
        if at >= 1.0 {
            at -= 1.0;
        }
        at
    };
    (0..lanes)
        .map(|_| {
            let mut lane = splat(0.0);
            lane.fill_with(&mut next);
            lane
        })
        .collect()
}

fn functions(c: &mut Criterion) {
    let mut group = c.benchmark_group("lane");
    group.throughput(Throughput::Elements(LANES as u64));
    let x = uniforms(1)[0];
    let (mut a, mut b) = (splat(0.0), splat(0.0));
    group.bench_function("exp", |t| t.iter(|| exp_lane(&mut a, black_box(&x))));
    group.bench_function("ln", |t| t.iter(|| ln_lane(&mut a, black_box(&x))));
    group.bench_function("sin_cos", |t| {
        t.iter(|| sin_cos_lane(&mut a, &mut b, black_box(&x)));
    });
    group.bench_function("inverse_normal", |t| {
        t.iter(|| inverse_normal_lane(&mut a, black_box(&x)));
    });
    group.finish();
}

/// Lognormal lanes, sigma 0.9, as prices and costs are.
fn samples() -> Vec<Lane> {
    uniforms(391)
        .iter()
        .map(|lane| Lane(lane.map(|u| exp(0.9 * inverse_normal(u)))))
        .collect()
}

fn sketches(c: &mut Criterion) {
    let lanes = samples();
    let mut group = c.benchmark_group("100096 samples");
    group.throughput(Throughput::Elements((lanes.len() * LANES) as u64));
    group.bench_function("Sketch::record", |t| {
        t.iter(|| {
            let mut sketch = Sketch::new();
            for lane in &lanes {
                sketch.record(&**black_box(lane));
            }
            sketch
        });
    });
    group.bench_function("TailSketch::record", |t| {
        t.iter(|| {
            let mut sketch = TailSketch::new();
            for lane in &lanes {
                sketch.record(&**black_box(lane));
            }
            sketch
        });
    });
    group.bench_function("Moments::record", |t| {
        t.iter(|| {
            let mut moments = Moments::new();
            for lane in &lanes {
                moments.record(&**black_box(lane));
            }
            moments
        });
    });
    group.finish();

    let mut sketch = Sketch::new();
    let mut tail = TailSketch::new();
    for lane in &lanes {
        sketch.record(&**lane);
        tail.record(&**lane);
    }
    let ps = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
    c.bench_function("Sketch::quantiles (nine)", |t| {
        t.iter(|| black_box(&sketch).quantiles(&ps));
    });
    c.bench_function("Sketch::merge", |t| {
        let mut into = sketch.clone();
        t.iter(|| into.merge(black_box(&sketch)));
    });
    c.bench_function("TailSketch::mean_above", |t| {
        t.iter(|| black_box(&tail).mean_above(0.95));
    });
}

criterion_group!(benches, functions, sketches);
criterion_main!(benches);
