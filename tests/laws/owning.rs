//! Owning by hand: tax takes its share of everything, halls age from service, no rule buys
//! what it does not see the bill of, and foresight is never the dearer.
//!
//! Eight chips at 10,000 USD, always busy, nothing moves; each case changes a few keys.

use rackcast::scenario::WhatIf;

use crate::played::{Played, near, plan, play, play_on, scenario};

/// A plan of `own` machines beside renting at `rent` USD an hour.
struct Case<'a> {
    months: u32,
    money: &'a str,
    sizing: &'a str,
    own: &'a str,
    rent: f64,
    more: &'a str,
}

const CASE: Case<'static> = Case {
    months: 24,
    money: "",
    sizing: "schedule.orders = [{ month = 0, chips = 8 }]",
    own: "",
    rent: 2.0,
    more: "",
};

/// A hall of one's own: one kW a chip, nothing for energy.
const HALL: &str = "facility = \"own-hall-us\"\nnameplate_kw_per_chip = 1\npue = 1\n\
                    energy_usd_per_kwh = 0\n";
const COLOCATION: &str = "facility = \"colocation-us\"\nspace_usd_per_kw_month = 0\n";

impl Case<'_> {
    fn text(&self) -> String {
        let Self { months, money, sizing, own, rent, more } = self;
        let keys = machines(own);
        format!(
            "{}[[strategies.buy.stack]]\nsizing.{sizing}\n[strategies.buy.stack.own]\n{keys}\
             [[strategies.buy.stack]]\non_demand = {{ accelerator = \"nvidia-h100-sxm\", \
             usd_per_chip_hour = {rent} }}\n\
             [[strategies.rent.stack]]\non_demand = {{ accelerator = \"nvidia-h100-sxm\", \
             usd_per_chip_hour = {rent} }}\n{STILL}{more}\n",
            head(*months, money),
        )
    }

    fn play(&self) -> Played {
        play(&plan(&self.text()), 256)
    }
}

/// What the machines of every case are; `own` comes last and says where they stand.
fn machines(own: &str) -> String {
    let waits = own.contains("lead_time_months");
    let lead = if waits { "" } else { "lead_time_months = 0\n" };
    let place = if own.contains("facility") { "" } else { COLOCATION };
    let lumps = if own.contains("lump_chips") { "" } else { "lump_chips = 0\n" };
    format!(
        "accelerator = \"nvidia-h100-sxm\"\nusd_per_chip = 10_000\n\
         network_share_of_capex = 0\nspares_share = 0\navailability = 1\nloss_per_year = 0\n\
         power_kw_per_chip = 0\noperation_share_of_capex_per_year = 0\n\
         other_usd_per_chip_month = 0\ngeneration = \"same\"\n{lumps}\
         {lead}life_years = 5\n{place}{own}\n"
    )
}

/// The same plan, its trajectories let go.
fn moving(text: &str) -> String {
    text.replace("frozen = true\n", "")
}

fn head(months: u32, money: &str) -> String {
    format!(
        "title = \"owning\"\n[time]\nstart = \"2026-01\"\nmonths = {months}\n[money]\n\
         discount_rate_per_year = 0\ninflation_per_year = 0\n{money}\n[simulation]\nfrozen = true\n\
         [workloads.server.chip_hours]\naccelerator = \"nvidia-h100-sxm\"\nchips = 8\n\
         utilisation = 1\n[workloads.server]\nintensity.constant = {{}}\n\
         growth.constant = {{}}\n"
    )
}

const STILL: &str = "[trajectories]\nresale.constant = {}\nrent.constant = {}\n\
    \"rent.nvidia-h100-sxm\".constant = {}\nflop_per_usd.constant = {}\n\
    energy_price.constant = {}\nlead_time.constant = {}\n";
/// Street prices stand still, too.
const PRICES: &str = "hardware_price.constant = {}\n";

/// Everything that is paid is deducted in the end, and everything received is taxed: at no
/// discount rate a tax takes its share of the whole.
#[test]
fn at_no_discount_rate_tax_takes_its_share_of_everything() {
    let owned: [(&str, &str); 5] = [
        ("decommissioning_usd_per_chip = 1000\nresale_share = 0", ""),
        ("hall_life_years = 1\nresale_share = 0", HALL),
        ("hall_life_years = 4\nresale_share = 0.5", HALL),
        (
            "hall_life_years = 4\nresale_share = 0\n\
          fit_out = { usd_per_kw = 1000, life_years = 1 }",
            HALL,
        ),
        ("land_usd_per_kw = 500\nresale_share = 0", HALL),
    ];
    for write_off in ["depreciation_years = 2", "depreciation = { method = \"macrs_5\" }"]
    {
        for (keys, place) in owned {
            for months in [24, 60] {
                let cost = |tax: f64| {
                    let money = format!("tax_rate = {tax}\n{write_off}");
                    let own = format!("{place}{keys}");
                    let case =
                        Case { months, money: &money, own: &own, more: PRICES, ..CASE };
                    case.play().cost("buy")
                };
                let (untaxed, taxed) = (cost(0.0), cost(0.25));
                let wanted = 0.75 * untaxed;
                assert!(
                    near(taxed, wanted, 1e-9),
                    "{keys} {write_off}: {taxed} {wanted}"
                );
            }
        }
        for (kind, stack) in [
            (
                "a reservation paid ahead",
                "reserve = { accelerator = \"nvidia-h100-sxm\", \
                term_years = 3, usd_per_chip_hour = 1, upfront_share = 1 }\n"
                    .to_owned(),
            ),
            (
                "a hall for leased machines",
                format!(
                    "[strategies.buy.stack.lease]\nterm_years = 2\nrate_per_year = 0\n\
                 [strategies.buy.stack.lease.machines]\n{}",
                    machines(&format!("{HALL}hall_life_years = 4"))
                        .replace("life_years = 5\n", ""),
                ),
            ),
        ] {
            let cost = |tax: f64| {
                let money = format!("tax_rate = {tax}\n{write_off}");
                let sizing = "sizing.schedule.orders = [{ month = 0, chips = 8 }]";
                let text = format!(
                    "{}[[strategies.buy.stack]]\n{sizing}\n{stack}\
                     [[strategies.buy.stack]]\non_demand = {{ accelerator = \
                     \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}\n{STILL}{PRICES}",
                    head(24, &money)
                );
                play(&plan(&text), 256).cost("buy")
            };
            let (taxed, wanted) = (cost(0.25), 0.75 * cost(0.0));
            assert!(near(taxed, wanted, 1e-9), "{kind} {write_off}: {taxed} {wanted}");
        }
    }
}

/// By hand: 24 months of 8·730 hours at 1 USD are 140,160 USD, of which a quarter.
#[test]
fn what_comes_back_at_the_close_is_taxed() {
    let text = format!(
        "{}[[strategies.res.stack]]\nsizing.schedule.orders = [{{ month = 0, chips = 8 }}]\n\
         reserve = {{ accelerator = \"nvidia-h100-sxm\", term_years = 3, \
         usd_per_chip_hour = 1, upfront_share = 1 }}\n\
         [[strategies.res.stack]]\non_demand = {{ accelerator = \"nvidia-h100-sxm\", \
         usd_per_chip_hour = 2 }}\n{STILL}",
        head(24, "tax_rate = 0.25")
    );
    let tax = play(&plan(&text), 256).part("res", "tax");
    assert!(near(tax, -35_040.0, 1e-9), "{tax}");
}

/// A hall ages from the month in which it is ready. Two equal ones, ordered in months 0 and
/// 36 and built for `b` months, with a life of a year: at the end of month 59 the first is
/// worth nothing, the second 1 − (60 − 36 − b)/12 of its cost.
#[test]
fn a_hall_past_its_life_takes_nothing_from_a_younger_one() {
    let orders =
        "schedule.orders = [{ month = 0, chips = 8 }, { month = 36, chips = 8 }]";
    let own = format!("{HALL}hall_life_years = 1\nresale_share = 0");
    let case = Case {
        months: 60,
        money: "tax_rate = 0",
        sizing: orders,
        own: &own,
        more: PRICES,
        ..CASE
    };
    let played = case.play();
    let each = (played.part("buy", "capex") - 160_000.0) / 2.0;
    let wanted = -each * (1.0 - (60.0 - 36.0 - BUILD_MONTHS) / 12.0);
    let resale = played.part("buy", "resale");
    assert!(near(resale, wanted, 1e-9), "{resale} {wanted}");
}

/// Months to build the shipped hall, in the middle.
const BUILD_MONTHS: f64 = 15.0;

/// A fit-out of a year serves from month 15: bought at the order, and again in month 27.
#[test]
fn a_fit_out_is_bought_again_a_life_after_it_began_to_serve() {
    let capex = |months: u32| {
        let own = format!(
            "{HALL}hall_life_years = 10\nresale_share = 0\n\
             fit_out = {{ usd_per_kw = 1000, life_years = 1 }}"
        );
        let case =
            Case { months, money: "tax_rate = 0", own: &own, more: PRICES, ..CASE };
        case.play().part("buy", "capex")
    };
    let (at_order, once_more) = (capex(27), capex(28));
    assert!(near(once_more - at_order, 8_000.0, 1e-9), "{at_order} {once_more}");
    assert!(near(capex(20), at_order, 1e-9));
}

/// By hand: 8 · 5,000 · A(3.5)/A(6) with A(n) = (1 − 1.12⁻ⁿ)/ln 1.12, 26,547 USD, whether
/// 5,000 is today's quote or what is left of one of 10,000 a year before.
#[test]
fn what_machines_earn_is_measured_by_the_price_when_the_plan_starts() {
    let annuity = |years: f64| (1.0 - 1.12_f64.powf(-years)) / 1.12_f64.ln();
    let wanted = 8.0 * 5_000.0 * annuity(3.5) / annuity(6.0);
    let old = "hardware_price.schedule = { years = [0, 1], levels = [1, 0.5] }";
    for (usd, as_of, more) in [(10_000, "2025-01", old), (5_000, "2026-01", PRICES)] {
        let own = "resale_share = 1";
        let case = Case { months: 30, money: "tax_rate = 0", own, more, ..CASE };
        let text = case
            .text()
            .replace("usd_per_chip = 10_000", &format!("usd_per_chip = {usd}"))
            .replace("months = 30", &format!("months = 30\nas_of = \"{as_of}\""));
        let resale = -play(&plan(&moving(&text)), 256).part("buy", "resale");
        assert!(near(resale, wanted, 1e-9), "{as_of}: {resale} {wanted}");
    }
}

/// A shortage may triple what used machines fetch: never above the price of new ones.
#[test]
fn a_used_machine_never_fetches_more_than_a_new_one() {
    let text =
        Case { own: "resale_share = 1", money: "tax_rate = 0", more: PRICES, ..CASE }
            .text()
            .replace(
                "resale.constant = {}",
                "resale.constant = { growth_per_year = 1.0 }",
            );
    let played = play(&plan(&moving(&text)), 256);
    let (capex, resale) = (played.part("buy", "capex"), -played.part("buy", "resale"));
    assert!(near(resale, capex, 1e-9), "{resale} {capex}");
}

/// Who knows the whole path is no dearer than who orders at the start, nor than renting.
#[test]
fn foresight_is_no_dearer_than_a_plain_strategy() {
    for (months, rate, own) in [
        (24, 0.0, "resale_share = 1"),
        (24, 0.08, "resale_share = 1\nwear_per_year = 0.1"),
        (1, 0.08, "resale_share = 1\nwear_per_year = 0"),
        (12, 0.08, "resale_share = 0.8"),
        (24, 0.0, "resale_share = 1\ndecommissioning_usd_per_chip = 500"),
    ] {
        let money = "tax_rate = 0\ndepreciation_years = 2";
        let cost = |sizing| {
            let case = Case { months, money, sizing, own, rent: 0.25, more: PRICES };
            let text = case.text().replace(
                "discount_rate_per_year = 0",
                &format!("discount_rate_per_year = {rate}"),
            );
            let played = play(&plan(&text), 256);
            (played.cost("buy"), played.cost("rent"))
        };
        let (plain, rent) = cost("schedule.orders = [{ month = 0, chips = 8 }]");
        let (best, _) = cost("perfect_foresight = {}");
        let least = plain.min(rent);
        assert!(
            best <= least + 1e-6 * rent,
            "{months} {rate} {own}: {best} {plain} {rent}"
        );
    }
}

/// Each of these makes owning dearer than renting at 0.40 USD an hour, which the price and
/// the power of the machine alone do not say.
#[test]
fn no_rule_that_reads_prices_buys_what_it_does_not_see_the_bill_of() {
    let hall = format!("{HALL}hall_life_years = 5");
    let fitted = format!("{HALL}fit_out = {{ usd_per_kw = 12_000, life_years = 5 }}");
    for own in [
        &*hall,
        &*fitted,
        "insurance_share_of_capex_per_year = 0.4",
        "staff = { usd_per_person_year = 40_000, chips_per_person = 8 }",
        "capital_charge_per_year = 0.8",
        "decommissioning_usd_per_chip = 9000",
        "network = { switch_ports = 8, usd_per_switch = 80_000, usd_per_link = 2000 }",
    ] {
        for sizing in [
            "perfect_foresight = {}",
            "trigger = { threshold = 1 }",
            "newsvendor = {}",
            "rolling = {}",
            "leapfrog = {}",
        ] {
            let own = format!("{own}\nresale_share = 0");
            let mut text = Case {
                months: 75,
                money: "tax_rate = 0\ndepreciation_years = 5",
                sizing,
                own: &own,
                rent: 0.4,
                more: PRICES,
            }
            .text();
            if own.contains("network =") {
                text = text.replace("network_share_of_capex = 0\n", "");
            }
            let played = play(&plan(&text), 256);
            let (buy, rent) = (played.cost("buy"), played.cost("rent"));
            assert!(buy <= rent * (1.0 + 1e-9), "{own} {sizing}: {buy} {rent}");
        }
    }
}

/// An order that waits for a hall looks as far ahead as one that waits for machines.
#[test]
fn sizing_looks_ahead_over_the_building_of_a_hall() {
    let chips = |own: &str| {
        let text = Case {
            months: 60,
            money: "tax_rate = 0",
            sizing: "demand_quantile = { review_months = 1 }",
            own,
            more: PRICES,
            ..CASE
        }
        .text()
        .replace("growth.constant = {}", "growth.constant = { growth_per_year = 1 }");
        let played = play(&plan(&moving(&text)), 2048);
        played.chips("buy").quantiles[19][4]
    };
    // The months that the shipped hall takes to build.
    let wait = format!(
        "{COLOCATION}resale_share = 0\n\
         lead_time_months = {{ p10 = 12, p50 = 15, p90 = 18 }}"
    );
    let machines = chips(&wait);
    let hall = chips(&format!("{HALL}hall_life_years = 20\nresale_share = 0"));
    // Quantiles are read from bins 0.39 % wide.
    assert!(near(hall, machines, 0.01), "{hall} {machines}");
}

/// Half the use asks for twice the chips, in whatever way the rule puts it.
#[test]
fn half_the_use_is_twice_the_chips_of_any_rule() {
    for (sizing, month) in [
        ("schedule.orders = [{ month = 0, chips = 64 }, { month = 6, chips = 64 }]", 12),
        ("min_max = {}", 23),
        ("years_of_growth = {}", 23),
        ("demand_quantile = {}", 23),
        ("online_floor = {}", 23),
        ("perfect_foresight = {}", 23),
    ] {
        let text = Case { sizing, money: "tax_rate = 0", more: PRICES, ..CASE }
            .text()
            .replace("chips = 8\n", "chips = 128\n");
        let base = scenario(&plan(&text), 256, None);
        let chips = |utilisation: f64| {
            let mut scenario = base.clone();
            WhatIf { utilisation, ..WhatIf::default() }.apply(&mut scenario);
            let played = play_on(scenario, Some(2));
            played.chips("buy").quantiles[month][4]
        };
        let (once, twice) = (chips(1.0), chips(0.5));
        assert!(once > 0.0 && near(twice, 2.0 * once, 0.01), "{sizing}: {once} {twice}");
    }
}

/// A budget pays for all that an order asks for. A chip of 10,000 USD and one kW costs more
/// than its price in a hall of one's own, fitted out for 1,000 on land for 500; and a switch
/// that is filled needs another.
#[test]
fn a_budget_pays_for_halls_and_networks_too() {
    let sizing = "demand_quantile = { hours_covered = 1, until_month = 0 }";
    let of = |own: &str, budget: f64| {
        let own = format!("{own}\nresale_share = 0\nbudget_usd_per_year = {budget}");
        let played = Case { months: 48, own: &own, sizing, more: PRICES, ..CASE }.play();
        let chips =
            played.chips("buy").quantiles.iter().map(|q| q[4]).fold(0.0, f64::max);
        (played.part("buy", "capex"), chips)
    };
    // Eight chips on switches of four ports: their first step has one switch, a second one
    // needs a layer more.
    let network =
        "network = { switch_ports = 4, usd_per_switch = 20_000, usd_per_link = 100 }";
    let hall = format!(
        "{HALL}fit_out = {{ usd_per_kw = 1000, life_years = 20 }}\nland_usd_per_kw = 500"
    );
    for (own, plain) in [(network, 80_000.0), (hall.as_str(), 80_000.0)] {
        let (all, chips) = of(own, 1e9);
        assert!(near(chips, 8.0, 0.01) && all > 1.2 * plain, "{own}: {chips} {all}");
        let (enough, _) = of(own, all * (1.0 + 1e-9));
        assert!(near(enough, all, 1e-9), "{own}: {enough} of {all}");
        for share in [0.3, 0.6, 0.9] {
            let (spent, chips) = of(own, share * all);
            assert!(
                spent <= share * all * (1.0 + 1e-9),
                "{own}: {spent} of {}",
                share * all
            );
            assert!(chips > 0.0 && chips < 8.0 * 1.01, "{own}: {chips}");
            // Of a hall all of it is spent: each chip asks for as much as the last.
            if own != network {
                assert!(near(spent, share * all, 1e-9) && near(chips, 8.0 * share, 0.01));
            }
        }
    }
    // Chips come in lumps of two: four of them are in the budget of five.
    let (all, _) = of(&hall, 1e9);
    let (spent, _) = of(&format!("{hall}\nlump_chips = 2"), all * 5.0 / 8.0);
    assert!(near(spent, all / 2.0, 1e-9), "{spent} of {all}");
}
