//! Used machines by what they still earn: the closed form in a whole plan.

use crate::played::{near, plan, play};

/// Eight machines, bought at once and sold after three years; nothing moves by itself.
fn sold(more: &str, trajectories: &str) -> f64 {
    let text = format!(
        "title = \"resale\"
[time]
start = \"2027-01\"
months = 36
[money]
discount_rate_per_year = 0
tax_rate = 0
inflation_per_year = 0
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 8
utilisation = 1
[workloads.work]
intensity.constant = {{}}
[[strategies.build.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 8 }}]
[strategies.build.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
usd_per_chip = 40_000
network_share_of_capex = 0
spares_share = 0
lead_time_months = 0
lump_chips = 0
resale_share = 0.8
availability = 1
loss_per_year = 0
power_kw_per_chip = 1
nameplate_kw_per_chip = 1
pue = 1.25
energy_usd_per_kwh = 0.08
space_usd_per_kw_month = 100
operation_share_of_capex_per_year = 0.05
other_usd_per_chip_month = 50
{more}
[trajectories]
hardware_price.constant = {{}}
resale.constant = {{}}
energy_price.constant = {{}}
\"rent.nvidia-h100-sxm\".constant = {{}}
{trajectories}
"
    );
    -play(&plan(&text), 256).part("build", "resale")
}

/// Present value of a dollar a year for so many years at 12 %.
fn annuity(years: f64) -> f64 {
    (1.0 - 1.12_f64.powf(-years)) / 1.12_f64.ln()
}

#[test]
fn a_plan_sells_its_machines_for_the_rents_they_still_earn() {
    // Energy, space, the rest, support, US dollars a year.
    let running = 730.0 * 12.0 * 1.25 * 0.08 + 1_200.0 + 600.0 + 2_000.0;
    let must = 40_000.0 / annuity(6.0) + running;
    for (rent, progress) in [(0.0, 0.0), (0.1, 0.0), (-0.15, 0.0), (0.3, 0.0), (0.0, 0.4)]
    {
        let moves = format!(
            "rent.constant = {{ growth_per_year = {rent} }}\n\
             flop_per_usd.constant = {{ growth_per_year = {progress} }}"
        );
        // The market of the last month, the 35th after the first.
        let rents = (rent * 35.0 / 12.0_f64).exp();
        let new = 40_000.0 * (-progress * 35.0 / 12.0_f64).exp();
        let worth = new.min(annuity(3.0) * (must * rents - running).max(0.0));
        let found = sold("", &moves);
        assert!(
            near(found, 8.0 * 0.8 * worth, 1e-9),
            "{rent} {progress}: {found} {worth}"
        );
    }
}

#[test]
fn who_says_how_it_wears_gets_wear() {
    let still = "rent.constant = {}\nflop_per_usd.constant = {}";
    let wears = sold("wear_per_year = 0.2", still);
    assert!(near(wears, 8.0 * 0.8 * 40_000.0 * (-0.6_f64).exp(), 1e-9), "{wears}");
    let both = sold("wear_per_year = 0.2\nresale_by = { wear = {} }", still);
    assert_eq!(wears.to_bits(), both.to_bits());
    let short = "resale_by = { earnings = { useful_life_years = 3 } }";
    assert!(sold(short, still).abs() < 1e-6);
}

/// A shortage that raises rents raises what used machines fetch: owning is a hedge.
#[test]
fn resale_moves_with_rent_from_path_to_path() {
    let at = |growth: f64| {
        let moves = format!(
            "rent.constant = {{ growth_per_year = {growth} }}\nflop_per_usd.constant = {{}}"
        );
        sold("", &moves)
    };
    let all = [-0.4, -0.2, 0.0, 0.1].map(at);
    assert!(all.is_sorted() && all[0] < all[3], "{all:?}");
}
