//! Measured cases → constants and effects of the hardware room; the scoreboard.
//!
//! A file of cases is read by its columns, each row resolved against the catalogue, and
//! every figure compared with what the closed form and its fitted corrections say. The
//! same code fits, leaves out and scores, so that the shipped tables, the printed record
//! and a user's own file are judged alike. Read next: [`columns`], [`case`], [`fit()`],
//! [`scoreboard`].

pub mod case;
pub mod columns;
mod constants;
mod fit;
mod mixed;
mod names;
pub mod scoreboard;
mod service;
pub mod serving;

pub use case::{Observation, observations};
pub use columns::{Cases, Row, read};
pub use fit::{Judged, LeaveOut, fit, judge, judge_left_out};
pub use names::{accelerator, model};
pub use scoreboard::{Resolved, Scoreboard, resolve, score};
pub use serving::{ServingRun, Setup};
