//! Closed forms that say how much to commit and when: what the sizing rules stand on.
//!
//! One model a file, on plain numbers, each with its published truths as tests. Rules
//! call them with what they see; [`crate::decide`] shows them beside the simulated
//! answer. None of them draws a random number.
//!
//! | question | file |
//! | --- | --- |
//! | how much to reserve against an uncertain need | [`newsvendor`] |
//! | when to stop renting, knowing nothing of the future | [`online`] |
//! | how many years of growth to buy at once | [`growth`] |
//! | how much cheaper than break-even a purchase must be | [`trigger`] |
//! | when to buy what gets cheaper by itself | [`wait`] |
//! | whether to wait for the next generation | [`arrival`] |
//! | which months to order in, with a fixed cost an order | [`lots`] |

pub mod arrival;
pub mod growth;
pub mod lots;
pub mod newsvendor;
pub mod online;
pub mod trigger;
pub mod wait;
