//! The machine event by event: what the closed forms must agree with, and what they cannot say.
//!
//! [`job`] plays a job through failures, repairs, spares and checkpoints; [`serve`](mod@serve)
//! plays requests through a scheduler that batches, chunks prompts and runs out of KV
//! memory. Both are seeded, give the same bytes on any number of threads, and count the
//! events they process. Read next: [`job`], [`serve`](mod@serve).

mod draw;
pub mod job;
pub mod serve;
