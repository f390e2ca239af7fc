//! The sources of compute, what they cost, and dispatch.
//!
//! A strategy is a stack of sources. *Committed* ones (own, reserve) are paid for
//! whether used or not and serve first; *flexible* ones (on demand, spot, API) serve
//! what is left, cheapest first on each path; what nobody serves is counted and
//! penalised. Each source is a file: what a plan says of it, what it costs, what it
//! limits. Read next: [`spec`], [`own`], [`dispatch`].

pub mod dispatch;
pub mod fees;
mod fleet;
mod idle;
pub mod lease;
pub mod network;
pub mod own;
pub mod reserve;
pub mod seats;
pub mod sell;
pub mod spec;

pub use fees::FeesSpec;
pub use lease::{LeaseKind, LeaseSpec, LeaseTerms};
pub use network::NetworkSpec;
pub use own::{Own, OwnTerms};
pub use reserve::{Reserve, ReserveTerms};
pub use seats::SeatsSpec;
pub use sell::SellSpec;
pub use spec::{ApiSpec, OnDemandSpec, OwnSpec, PriceSeries, ReserveSpec, SpotSpec};
