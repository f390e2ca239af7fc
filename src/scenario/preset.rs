//! The ready-made strategies: stacks a plan can name instead of writing them.

use super::plan::{Entry, Strategy};
use crate::strategy::{DemandQuantile, ReserveQuantile, Sizing};
use crate::supply::{ApiSpec, OnDemandSpec, OwnSpec, ReserveSpec, SpotSpec};

/// Names of the ready-made strategies, with what they are.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("api", "call an API for everything"),
    ("rent", "rent by the hour, nothing committed"),
    ("reserve", "commit 1-year rentals to the load of most hours, rent the rest"),
    ("reserve-3y", "commit 3-year rentals to the load of most hours, rent the rest"),
    ("spot", "interruptible rentals first, rent the rest"),
    ("build", "own what covers 95 % of the hours, rent the rest"),
    ("hybrid", "own the load of half the hours, rent the rest"),
];

/// The stack of a ready-made strategy for an accelerator and a facility.
pub(super) fn strategy(
    name: &str,
    accelerator: &str,
    facility: &str,
) -> Option<Strategy> {
    let on_demand = || Entry {
        on_demand: Some(OnDemandSpec {
            accelerator: accelerator.to_owned(),
            ..OnDemandSpec::default()
        }),
        ..Entry::default()
    };
    let own = |hours_covered: f64| Entry {
        own: Some(OwnSpec {
            accelerator: accelerator.to_owned(),
            facility: facility.to_owned(),
            ..OwnSpec::default()
        }),
        sizing: Some(Sizing::DemandQuantile(DemandQuantile {
            hours_covered,
            ..DemandQuantile::default()
        })),
        ..Entry::default()
    };
    let reserve = |term_years: u32| Entry {
        reserve: Some(ReserveSpec {
            trajectory: None,
            accelerator: accelerator.to_owned(),
            offer: None,
            term_years,
            upfront_share: None,
            usd_per_chip_hour: None,
            lead_time_months: None,
            fees: None,
        }),
        sizing: Some(Sizing::ReserveQuantile(ReserveQuantile::default())),
        ..Entry::default()
    };
    let stack = match name {
        "api" => vec![Entry { api: Some(ApiSpec::default()), ..Entry::default() }],
        "rent" => vec![on_demand()],
        "reserve" => vec![reserve(1), on_demand()],
        "reserve-3y" => vec![reserve(3), on_demand()],
        "spot" => vec![
            Entry {
                spot: Some(SpotSpec {
                    accelerator: accelerator.to_owned(),
                    quota_chips: SPOT_POOL_CHIPS,
                    ..SpotSpec::default()
                }),
                ..Entry::default()
            },
            on_demand(),
        ],
        "build" => vec![own(0.95), on_demand()],
        "hybrid" => vec![own(0.5), on_demand()],
        _ => return None,
    };
    let label =
        NAMES.iter().find(|(n, _)| *n == name).map(|(_, label)| (*label).to_owned());
    Some(Strategy { label, stack })
}

/// Chips in a spot pool that no plan describes: a pool of eight nodes (prior; 16 nodes
/// were available together only half of the time in the `SkyPilot` traces).
const SPOT_POOL_CHIPS: f64 = 64.0;
