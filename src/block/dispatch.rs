//! Runs a stage compiled for the best instruction set of the machine, fused where asked.
//!
//! The only file of the crate with `unsafe`: calling a function compiled for AVX2 or
//! AVX-512 is sound where the processor has those instructions, and [`level`] asks the
//! processor before it ever answers so; likewise for fused multiply-add. Everything else
//! about a stage is safe code.
#![expect(
    unsafe_code,
    reason = "calls to target_feature functions, guarded by detection"
)]

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// The instruction set in use; detected once, at most what `RACKCAST_SIMD` names
/// (`baseline` or `avx2`), where that is set.
#[inline]
pub fn level() -> Level {
    #[cfg(test)]
    if let Some(forced) = at::forced() {
        return forced;
    }
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
///
/// Only what is inlined into `stage` is compiled for that instruction set: plain loops
/// and `#[inline(always)]` functions.
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

/// How kernels that have a choice multiply and add.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Arithmetic {
    /// Rounded twice: the same bits on every machine.
    #[default]
    Portable,
    /// Rounded once, where the processor can: faster, other last bits. The same on every
    /// processor that can.
    Fused,
}

impl Arithmetic {
    /// What this machine does where fast arithmetic is asked for or not.
    pub fn of(fast: bool) -> Self {
        if fast && can_fuse() { Self::Fused } else { Self::Portable }
    }

    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Fused => "fused",
        }
    }
}

thread_local! {
    static FUSES: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, and every kernel it calls on this thread, with an arithmetic.
pub fn with_arithmetic<R>(arithmetic: Arithmetic, work: impl FnOnce() -> R) -> R {
    let before = FUSES.replace(arithmetic == Arithmetic::Fused);
    let result = work();
    FUSES.set(before);
    result
}

/// True while [`with_arithmetic`] asks this thread to fuse and its machine can.
#[inline]
pub fn fuses() -> bool {
    FUSES.get() && can_fuse()
}

#[cfg(target_arch = "x86_64")]
fn can_fuse() -> bool {
    level() >= Level::Avx2 && std::arch::is_x86_feature_detected!("fma")
}

/// Every aarch64 has it; of others it is not known.
#[cfg(not(target_arch = "x86_64"))]
fn can_fuse() -> bool {
    cfg!(target_arch = "aarch64")
}

/// As [`dispatch`], for a stage that fuses: to be called only where [`fuses`] says so.
#[inline]
pub fn dispatch_fused<K: Kernel>(stage: K) {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level` answers Avx512 only after the processor said it has it, and
        // `can_fuse` asks for FMA here, whatever the caller did.
        Level::Avx512 if can_fuse() => unsafe { on_avx512_fma(stage) },
        // SAFETY: likewise for AVX2.
        Level::Avx2 if can_fuse() => unsafe { on_avx2_fma(stage) },
        // Compiled here, it would call a library's `fma` for every sum.
        _ => unreachable!("bug: fused where `fuses` does not say so"),
    }
    #[cfg(not(target_arch = "x86_64"))]
    stage();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
fn on_avx512_fma<K: Kernel>(stage: K) {
    stage();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn on_avx2_fma<K: Kernel>(stage: K) {
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

#[cfg(test)]
pub(crate) use at::{at_level, levels};

/// Lets a test run the same kernels on each instruction set of the machine in turn.
#[cfg(test)]
mod at {
    use std::cell::Cell;

    use super::{Level, best_of_machine};

    thread_local! {
        static FORCED: Cell<Option<Level>> = const { Cell::new(None) };
    }

    pub(super) fn forced() -> Option<Level> {
        FORCED.get()
    }

    /// Every instruction set this machine can run.
    pub(crate) fn levels() -> Vec<Level> {
        let all = [Level::Baseline, Level::Avx2, Level::Avx512];
        all.into_iter().filter(|&level| level <= best_of_machine()).collect()
    }

    /// Runs `work`, and every kernel it calls on this thread, on `level`, or on the
    /// best the machine has below it.
    pub(crate) fn at_level<R>(level: Level, work: impl FnOnce() -> R) -> R {
        let before = FORCED.replace(Some(level.min(best_of_machine())));
        let result = work();
        FORCED.set(before);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::{Arithmetic, Level, at_level, fuses, level, levels, with_arithmetic};

    #[test]
    fn what_is_asked_of_a_thread_holds_for_the_work_and_where_it_can() {
        let asked = || with_arithmetic(Arithmetic::Fused, fuses);
        assert!(!fuses());
        assert_eq!(asked(), Arithmetic::of(true) == Arithmetic::Fused);
        assert!(!fuses());
        assert!(!with_arithmetic(Arithmetic::Portable, fuses));
        assert_eq!(Arithmetic::of(false), Arithmetic::Portable);
        if cfg!(target_arch = "x86_64") {
            assert!(!at_level(Level::Baseline, asked));
        }
    }

    #[test]
    fn a_forced_level_holds_for_the_work_and_no_longer() {
        let outside = level();
        assert_eq!(at_level(Level::Baseline, level), Level::Baseline);
        assert_eq!(level(), outside);
    }

    #[test]
    fn no_level_is_forced_that_the_machine_lacks() {
        let best = levels().into_iter().max();
        assert_eq!(Some(at_level(Level::Avx512, level)), best);
    }
}
