//! Arithmetic over a block of paths: arrays, ln/exp, select; the only room that knows
//! vector width.
//!
//! A block is `LANES` paths side by side. A stage of the model is a function over
//! `Lane`s written with the `kernel!` macro: one plain loop that the compiler
//! vectorises for each instruction set of the list in `dispatch`, chosen once at run
//! time. Every instruction set gives the same bits, as no fused multiply-add is used but in
//! the stages of `fusable_kernel!`, by runs that ask for it.
//! This room holds no model; read next: `dispatch`, `math`, `lanes`.

mod dispatch;
pub mod lanes;
pub mod math;

use std::ops::{Deref, DerefMut};

pub use crate::{fusable_kernel, kernel};
pub use dispatch::{
    Arithmetic, Kernel, Level, dispatch, dispatch_fused, fuses, level, with_arithmetic,
};
#[cfg(test)]
pub(crate) use dispatch::{at_level, levels};

/// Paths in a block.
pub const LANES: usize = 256;

/// One number per path of a block.
///
/// An array that starts where a cache line does: vectors that lie across two lines cost
/// a tenth of the whole run (measured on AVX-512).
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f64; LANES]);

/// A lane that holds `x` for every path.
pub const fn splat(x: f64) -> Lane {
    Lane([x; LANES])
}

impl Lane {
    /// Makes every path what it is in `other`.
    pub fn copy_from(&mut self, other: &Self) {
        self.0.copy_from_slice(&other.0);
    }
}

impl Deref for Lane {
    type Target = [f64; LANES];

    #[expect(clippy::inline_always, reason = "part of every stage")]
    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Lane {
    #[expect(clippy::inline_always, reason = "part of every stage")]
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl IntoIterator for Lane {
    type Item = f64;
    type IntoIter = std::array::IntoIter<f64, LANES>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[expect(clippy::into_iter_without_iter, reason = "it has those of its array")]
impl<'a> IntoIterator for &'a Lane {
    type Item = &'a f64;
    type IntoIter = std::slice::Iter<'a, f64>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[expect(clippy::into_iter_without_iter, reason = "it has those of its array")]
impl<'a> IntoIterator for &'a mut Lane {
    type Item = &'a mut f64;
    type IntoIter = std::slice::IterMut<'a, f64>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}

/// Defines functions whose body is compiled once per instruction set.
///
/// The body must be plain loops over lanes; functions it calls must be
/// `#[inline(always)]`, or they are compiled for the baseline only. Index the lanes, as
/// below: through zipped iterators the compiler no longer sees that lanes do not
/// overlap, checks it at run time and, with many lanes, stops vectorising (seen in the
/// disassembly, Rust 1.95). Keep inner loops unrolled, and a loop to one purpose.
///
/// ```
/// rackcast::kernel! {
///     /// Adds `b` to every path of `a`.
///     pub fn add_in_place(a: &mut rackcast::block::Lane, b: &rackcast::block::Lane) {
///         for i in 0..rackcast::block::LANES {
///             a[i] += b[i];
///         }
///     }
/// }
/// let mut a = rackcast::block::splat(1.0);
/// add_in_place(&mut a, &rackcast::block::splat(2.0));
/// assert_eq!(a[255], 3.0);
/// ```
#[macro_export]
macro_rules! kernel {
    ($(
        $(#[$doc:meta])*
        $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $body:block
    )*) => {$(
        $(#[$doc])*
        #[allow(
            clippy::too_many_arguments,
            clippy::needless_range_loop,
            reason = "a stage names every lane it reads and writes, and indexes them"
        )]
        $vis fn $name($($arg: $ty),*) {
            // A function of its own keeps what the borrow checker knows: its
            // arguments do not overlap, so loops that index them need no checks.
            #[inline(always)]
            fn stage($($arg: $ty),*) $body
            $crate::block::dispatch(
                #[inline(always)]
                move || stage($($arg),*)
            );
        }
    )*};
}

/// As [`kernel!`], for stages that may round a product and a sum once: compiled a second
/// time with `FUSED` true in the body, for runs that ask for it ([`Arithmetic`]).
#[macro_export]
macro_rules! fusable_kernel {
    ($(
        $(#[$doc:meta])*
        $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $body:block
    )*) => {$(
        $(#[$doc])*
        #[allow(
            clippy::too_many_arguments,
            clippy::needless_range_loop,
            reason = "a stage names every lane it reads and writes, and indexes them"
        )]
        $vis fn $name($($arg: $ty),*) {
            #[inline(always)]
            fn stage<const FUSED: bool>($($arg: $ty),*) $body
            if $crate::block::fuses() {
                $crate::block::dispatch_fused(
                    #[inline(always)]
                    move || stage::<true>($($arg),*)
                );
            } else {
                $crate::block::dispatch(
                    #[inline(always)]
                    move || stage::<false>($($arg),*)
                );
            }
        }
    )*};
}
