//! Small random plans that are always valid.

use proptest::prelude::*;

/// A workload by its table, named `work`.
fn workload() -> impl Strategy<Value = String> {
    let growth = prop_oneof![
        Just(String::new()),
        (-0.5..0.8, 0.0..0.6).prop_map(|(drift, volatility)| format!(
            "growth.geometric = {{ drift_per_year = {drift:.3}, \
             volatility_per_sqrt_year = {volatility:.3} }}\n"
        )),
    ];
    let kind = prop_oneof![
        (1.0..400.0, 0.05..1.0).prop_map(|(chips, load)| format!(
            "accelerator = \"nvidia-h100-sxm\"\nchips = {{ p10 = {:.2}, p50 = {chips:.2}, \
             p90 = {:.2} }}\nutilisation = {load:.3}\n#chip_hours",
            chips * 0.5,
            chips * 1.8
        )),
        (1e3..3e6).prop_map(|requests| format!(
            "model = \"llama-3.1-8b\"\nrequests_per_day = {requests:.0}\n\
             input_tokens = 900\noutput_tokens = 250\n#inference"
        )),
        (1.0..900.0, 1.0..50.0).prop_map(|(jobs, mtok)| format!(
            "model = \"llama-3.1-8b\"\njobs_per_month = {jobs:.1}\n\
             mtok_per_job = {mtok:.1}\n#fine_tuning"
        )),
    ];
    (kind, growth).prop_map(|(kind, growth)| {
        let (body, name) = kind.split_once('#').expect("every kind names itself");
        format!("[workloads.work]\n{growth}[workloads.work.{name}]\n{body}")
    })
}

/// The entry that owns machines.
fn own() -> impl Strategy<Value = String> {
    let sizing = prop_oneof![
        (0.1..0.9, 0.1..1.0, 1..7u32).prop_map(|(quantile, hours, review)| format!(
            "demand_quantile = {{ quantile = {quantile:.2}, hours_covered = {hours:.2}, \
             review_months = {review} }}"
        )),
        (0..4u32, 1..20u32).prop_map(|(month, servers)| format!(
            "schedule.orders = [{{ month = {month}, chips = {} }}]",
            servers * 8
        )),
    ];
    let facility = prop::sample::select(vec!["colocation-us", "own-hall-us"]);
    (sizing, facility, 1u32..9, 0.0..1.2, 1u32..5, 0.0..0.5).prop_map(
        |(sizing, facility, lead, resale, life, deposit)| {
            format!(
                "{{ own = {{ accelerator = \"nvidia-h100-sxm\", facility = \"{facility}\", \
                 lead_time_months = {{ p10 = {lead}, p50 = {}, p90 = {} }}, \
                 resale_share = {resale:.2}, life_years = {life}, \
                 deposit_share = {deposit:.2} }}, sizing.{sizing} }}",
                lead + 1,
                lead + 4
            )
        },
    )
}

/// Leased machines with all that owning may cost.
fn leased(chip: &str, seed: u64) -> String {
    let kind = if seed.is_multiple_of(2) { "operating" } else { "finance" };
    format!(
        "{{ lease = {{ kind = \"{kind}\", term_years = 2, rate_per_year = 0.09, machines = {{ \
         {chip}, facility = \"own-hall-us\", lead_time_months = {{ p10 = 1, p50 = 2, p90 = 4 }}, \
         network = {{ switch_ports = 32, usd_per_switch = 9000, usd_per_link = 700 }}, \
         staff = {{ usd_per_person_year = 150_000, chips_per_person = 200 }}, \
         storage_usd_per_chip = 900, software_usd_per_chip_year = 500, \
         insurance_share_of_capex_per_year = 0.004, decommissioning_usd_per_chip = 80, \
         land_usd_per_kw = 300, land_growth_per_year = 0.02, hall_life_years = 18, \
         fit_out = {{ usd_per_kw = 700, life_years = 1 }} }} }}, \
         sizing.min_max = {{ up_to_share = 1.3 }} }}"
    )
}

/// A plan with strategies `rent`, `leased`, `own`, `committed` and `scarce`, the last of which may
/// leave work unserved.
pub(crate) fn valid() -> impl Strategy<Value = String> {
    let money = (0.0..0.2, 0.0..0.4, 0.0..0.06, any::<bool>(), 0.0..0.15, 1u32..6);
    (workload(), own(), 3u32..26, 0u64..1000, money, 1.0..80.0).prop_map(
        |(workload, own, months, seed, money, quota)| {
            let (discount, tax, inflation, has_debt, rate, years) = money;
            let debt = if has_debt {
                format!(
                    "debt = {{ share_of_capex = 0.7, rate_per_year = {rate:.3}, \
                     years = {years} }}"
                )
            } else {
                String::new()
            };
            let chip = "accelerator = \"nvidia-h100-sxm\"";
            let hourly = format!("{{ on_demand = {{ {chip} }} }}");
            let leased = leased(chip, seed);
            let laddered = format!(
                "{{ reserve = {{ {chip}, term_years = 1, usd_per_chip_hour = 1.9, \
                 upfront_share = {:.2} }}, sizing.ladder = {{ rungs = 3 }} }}",
                rate * 6.0
            );
            let fees = format!(
                "{{ on_demand = {{ {chip}, fees = {{ once_usd = 900, usd_per_month = 40, \
                 support_share_of_spend = 0.07, committed_usd_per_month = {quota:.1} }} }} }}"
            );
            format!(
                "title = \"Any\"
[time]
start = \"2027-01\"
months = {months}
[money]
discount_rate_per_year = {discount:.3}
tax_rate = {tax:.3}
inflation_per_year = {inflation:.3}
{debt}
[simulation]
seed = {seed}
{workload}
[strategies]
rent.stack = [{hourly}]
own.stack = [{own}, {hourly}]
committed.stack = [{{ reserve = {{ {chip}, term_years = 1, usd_per_chip_hour = 2.1 }} }}, \
                   {hourly}]
leased.stack = [{leased}, {laddered}, {fees}]
scarce.stack = [{own}, {{ spot = {{ {chip}, quota_chips = {quota:.1}, \
                usd_per_chip_hour = 1.2 }} }}]
"
            )
        },
    )
}
