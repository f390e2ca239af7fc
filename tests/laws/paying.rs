//! Ways to pay: each source costs what its terms say, to the dollar.

use crate::finance::certain;
use crate::played::{near, plan, play};

const CHIPS: f64 = 64.0;
const CHEAP: &str = "discount_rate_per_year = 0\ntax_rate = 0";

#[test]
fn people_licences_insurance_and_a_stepped_network_cost_what_they_say() {
    let own = "storage_usd_per_chip = 1000
install_usd_per_chip = 500
network = { switch_ports = 16, usd_per_switch = 1000, usd_per_link = 50 }
staff = { usd_per_person_year = 120_000, chips_per_person = 50 }
software_usd_per_chip_year = 600
insurance_share_of_capex_per_year = 0.012
decommissioning_usd_per_chip = 100";
    let played = certain("2027-01", 12, CHEAP, own);
    // Two layers join 64 chips: 8 leaves, 4 spines, a link a chip in each.
    let capex = CHIPS * 31_500.0 + 12.0 * 1_000.0 + 2.0 * CHIPS * 50.0;
    assert!(near(played.part("own", "capex"), capex, 1e-12));
    // 64 chips need two people.
    let people = 2.0 * 120_000.0;
    let running = people + CHIPS * 600.0 + 0.012 * capex + CHIPS * 100.0;
    let space = certain("2027-01", 12, CHEAP, "").part("own", "operation");
    let found = played.part("own", "operation") - space;
    assert!(near(found, running, 1e-9), "{found} {running}");
}

#[test]
fn land_is_bought_with_a_hall_and_sold_for_what_it_then_costs() {
    let hall = |land: &str| {
        play(
            &plan(&format!(
                "title = \"A hall\"
[time]
start = \"2027-01\"
months = 36
[money]
discount_rate_per_year = 0
tax_rate = 0
inflation_per_year = 0
[simulation]
paths = 1
frozen = true
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"own-hall-us\"
nameplate_kw_per_chip = 1.5
{land}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}
"
            )),
            1,
        )
    };
    let (without, with) =
        (hall(""), hall("land_usd_per_kw = 400\nland_growth_per_year = 0.05"));
    let land = CHIPS * 1.5 * 400.0;
    let more = |part: &str| with.part("own", part) - without.part("own", part);
    assert!(near(more("capex"), land, 1e-9), "{}", more("capex"));
    assert!(near(more("resale"), -land * 1.05_f64.powi(3), 1e-9), "{}", more("resale"));
}
