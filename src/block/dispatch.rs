//! Runs a stage compiled for the best instruction set of the machine.
//!
//! The only file of the crate with `unsafe`: calling a function compiled for AVX2 or
//! AVX-512 is sound where the processor has those instructions, and [`level`] asks the
//! processor before it ever answers so. Everything else about a stage is safe code.
#![expect(
    unsafe_code,
    reason = "calls to target_feature functions, guarded by detection"
)]

use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction set a stage is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every machine of the target has (SSE2 on x86-64, NEON on aarch64).
    Baseline = 1,
    /// AVX2, 256-bit.
    Avx2 = 2,
    /// AVX-512 F, BW, DQ, VL, 512-bit.
    Avx512 = 3,
}

static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The instruction set in use; detected once.
#[inline]
pub fn level() -> Level {
    match CHOSEN.load(Ordering::Relaxed) {
        3 => Level::Avx512,
        2 => Level::Avx2,
        1 => Level::Baseline,
        _ => detect(),
    }
}

#[cold]
fn detect() -> Level {
    let best = best_of_machine();
    let wanted = match std::env::var("RACKCAST_SIMD").as_deref() {
        Ok("baseline") => Level::Baseline,
        Ok("avx2") => Level::Avx2,
        _ => Level::Avx512,
    };
    let chosen = best.min(wanted);
    CHOSEN.store(chosen as u8, Ordering::Relaxed);
    chosen
}

#[cfg(target_arch = "x86_64")]
fn best_of_machine() -> Level {
    use std::arch::is_x86_feature_detected as has;
    if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        Level::Avx512
    } else if has!("avx2") {
        Level::Avx2
    } else {
        Level::Baseline
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn best_of_machine() -> Level {
    Level::Baseline
}

/// A stage; implemented by closures.
pub trait Kernel: FnOnce() {}
impl<F: FnOnce()> Kernel for F {}

/// Runs `stage` on the best instruction set.
#[inline]
pub fn dispatch<K: Kernel>(stage: K) {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level` answers Avx512 only after the processor said it has it.
        Level::Avx512 => unsafe { on_avx512(stage) },
        // SAFETY: likewise for AVX2.
        Level::Avx2 => unsafe { on_avx2(stage) },
        Level::Baseline => stage(),
    }
    #[cfg(not(target_arch = "x86_64"))]
    stage();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn on_avx512<K: Kernel>(stage: K) {
    stage();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn on_avx2<K: Kernel>(stage: K) {
    stage();
}
