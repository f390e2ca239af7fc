//! Tables of cases: linked, in other spellings, in other orders, with something wrong.

use super::*;
use crate::decide::Threshold;
use crate::decide::form::Figure;
use crate::decide::form::published::Verdict;

/// Lenovo Press LP2368 (4 February 2026): configurations A and D, Azure and AWS, case 1, the
/// token prices.
const LENOVO: &str = "case,quantity,value,unit,formula,note
LP2368-config-A,capex_usd,250141.8,USD,input,8xH100 SR680a V3
LP2368-config-D,capex_usd,461567.5,USD,input,8xB300 SR680a V4
LP2368-config-E,capex_usd,52390.5,USD,input,4xL40S SR650a V4
LP2368-cloud-Azure ND96isr H100 v5,rate_on_demand,98.32,USD/h,input,equivalent of config A
LP2368-cloud-Azure ND96isr H100 v5,rate_reserved_1y,62.92,USD/h,input,equivalent of config A
LP2368-cloud-Azure ND96isr H100 v5,rate_reserved_3y,43.16,USD/h,input,equivalent of config A
LP2368-cloud-Azure ND96isr H100 v5,rate_reserved_5y,39.32,USD/h,input,equivalent of config A
LP2368-cloud-AWS p5.48xlarge,rate_on_demand,55.04,USD/h,input,equivalent of config A
LP2368-cloud-AWS p6-b300.48xlarge,rate_on_demand,142.416,USD/h,input,equivalent of config D
LP2368-cloud-AWS g6e.24xlarge,rate_on_demand,15.06559,USD/h,input,equivalent of config E
LP2368-opex,maintenance,0.12,of capex per year,input,
LP2368-opex,electricity,0.12,USD/kWh,input,
LP2368-opex,cooling_air,0.18,USD/kWh,input,
LP2368-opex,cooling_liquid,0.09,USD/kWh,input,
LP2368-opex,colocation_high_density,1500,USD/rack-month,input,
LP2368-config-A,opex_hourly,6.37,USD/h,sum,maintenance 3.42 + power&cooling 0.87 + colo 2.08 ; 10.2 kW max
LP2368-config-D,opex_hourly,12.6,USD/h,sum,maintenance 6.32 + power&cooling 4.2 + colo 2.08
LP2368-case1-A-vs-AzureH100,breakeven_hours_on_demand,2720,h,capex/(rate - opex),
LP2368-case1-A-vs-AzureH100,breakeven_hours_reserved_1y,4423,h,capex/(rate - opex),
LP2368-case1-A-vs-AzureH100,breakeven_hours_reserved_3y,6800,h,capex/(rate - opex),
LP2368-case1-A-vs-AzureH100,breakeven_hours_reserved_5y,7591,h,capex/(rate - opex),
LP2368-case2-D-vs-AWSb300,cloud_5y,6238000,USD,142.42*24*365*5,
LP2368-case2-D-vs-AWSb300,savings,5224552,USD,cloud-onprem,
LP2368-config-A,throughput_Llama-70B,30576.5,output tok/s,input,
LP2368-config-D,throughput_Llama-3.1-405B,1360,output tok/s,input,
LP2368-token-A,usd_per_mtok_70B,0.11,USD/Mtok,1e6/30576*12.08/3600,
LP2368-token-A,usd_per_mtok_70B_azure_od,0.89,USD/Mtok,1e6/30576*98.32/3600,
LP2368-token-D,hourly_amortised,23.19,USD/h,capex/43800+opex_hourly,
LP2368-token-D,usd_per_mtok_405B,4.74,USD/Mtok,1e6/1360*23.19/3600,
LP2368-token-D,usd_per_mtok_405B_aws_od,29.09,USD/Mtok,1e6/1360*142.42/3600,
";

fn results(text: &str) -> Vec<Result> {
    let table = Table::parse("cases.csv", text).expect("a table");
    let cases = read(table).expect("cases");
    cases.iter().map(|case| case.answer(None, &Given::new())).collect()
}

fn case<'a>(all: &'a [Result], name: &str) -> &'a Result {
    all.iter().find(|r| r.case == name).expect("a case of this name")
}

fn verdicts(result: &Result) -> Vec<Verdict> {
    result.published.iter().map(|c| c.verdict).collect()
}

#[test]
fn a_case_takes_the_machine_and_the_cloud_that_it_names() {
    use Verdict::{Agrees, Differs, Rounding};
    let all = results(LENOVO);
    let first = case(&all, "LP2368-case1-A-vs-AzureH100");
    assert_eq!(
        first.with,
        ["LP2368-cloud-Azure ND96isr H100 v5", "LP2368-config-A", "LP2368-opex"]
    );
    // 6,799.18 and 7,591.56 from rates known to a cent: printed 6,800 and 7,591.
    assert_eq!(verdicts(first), [Agrees, Agrees, Rounding, Rounding]);
    assert_eq!(verdicts(case(&all, "LP2368-case2-D-vs-AWSb300")), [Agrees, Agrees]);
    assert_eq!(verdicts(case(&all, "LP2368-token-A")), [Agrees, Agrees]);
    let token = case(&all, "LP2368-token-D");
    assert_eq!(verdicts(token), [Differs, Differs, Agrees]);
    // 23.19 printed, 461567.5/43800 + 12.6 = 23.138: one slip behind both.
    let why = token.published[1].why.as_deref().expect("a reason");
    assert!(why.contains("`running_usd_per_hour` 12.65193 in place of 12.6"), "{why}");
}

#[test]
fn a_machine_and_a_cloud_are_answered_against_each_other() {
    let all = results(LENOVO);
    let machine = case(&all, "LP2368-config-A");
    let names: Vec<&str> = machine.answers.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["hours against AWS p5.48xlarge", "hours against Azure ND96isr H100 v5"]
    );
    let against = &machine.answers["hours against AWS p5.48xlarge"];
    // 250141.8/(55.04 − 6.37)
    let hours = against.value("breakeven_hours_on_demand").expect("hours");
    assert!((hours - 5139.548).abs() < 1e-3, "{hours}");
    let erratum = against.notes.iter().any(|n| n.starts_with("Erratum"));
    assert!(erratum, "{:?}", against.notes);
    // The chips of `8xH100` make the rent of one: (3 · 43.16 − 62.92)/2/8.
    let cloud = case(&all, "LP2368-cloud-Azure ND96isr H100 v5");
    let rent = cloud.answers["forward"].value("forward_1_3y").expect("a rent");
    assert!((rent - 4.16).abs() < 1e-9, "{rent}");
    let shared = case(&all, "LP2368-opex");
    assert!(shared.refused.is_none() && shared.used_by.len() == 11, "{shared:?}");
    for name in ["LP2368-config-E", "LP2368-cloud-AWS g6e.24xlarge"] {
        let why = &case(&all, name).refused.as_ref().expect("a refusal").why;
        assert!(why.contains("`power_kw`"), "{why}");
    }
}

#[test]
fn the_order_of_rows_and_the_ends_of_lines_do_not_matter() {
    let mut wanted = results(LENOVO);
    wanted.sort_by(|a, b| a.case.cmp(&b.case));
    let (head, rows) = LENOVO.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    for rows in [rows.clone(), {
        rows.rotate_left(7);
        rows
    }] {
        let text = format!("\u{feff}{head}\r\n{}\r\n", rows.join("\r\n"));
        let mut found = results(&text);
        found.sort_by(|a, b| a.case.cmp(&b.case));
        for (found, wanted) in found.iter_mut().zip(&mut wanted) {
            let key = |c: &Compared| c.quantity.clone();
            found.published.sort_by_key(key);
            wanted.published.sort_by_key(key);
            assert_eq!(found, wanted);
        }
    }
}

#[test]
fn columns_may_be_missing_or_more_and_may_name_the_links() {
    let text = "case,document,machine,cloud,quantity,value,remark
server,D,,,capex_usd,\"450,000\",list
server,D,,,running_usd_per_hour,10,
slow cloud,D,,,rate_on_demand,9,
fast cloud,D,,,rate_on_demand,60,
one,D,server,fast cloud,breakeven_hours_on_demand,9000,
two,D,server,slow cloud,breakeven_hours_on_demand,never,
three,E,server,fast cloud,breakeven_hours_on_demand,9000,
";
    let all = results(text);
    assert_eq!(verdicts(case(&all, "one")), [Verdict::Agrees]);
    assert_eq!(verdicts(case(&all, "two")), [Verdict::Agrees]);
    // Another document's machine is another machine.
    assert!(case(&all, "three").refused.is_some());
}

#[test]
fn a_cloud_that_the_file_does_not_hold_is_said() {
    let text = LENOVO.to_owned()
        + "LP2368-case9-A-vs-Oracle,breakeven_hours_on_demand,1,h,capex/(rate - opex),\n";
    let all = results(&text);
    let why = &case(&all, "LP2368-case9-A-vs-Oracle").refused.as_ref().expect("why").why;
    assert!(why.contains("no cloud of the file is `oracle`"), "{why}");
}

#[test]
fn other_spellings_of_names_numbers_and_units_are_read() {
    let text = "name,Capex (kUSD),Opex Hourly,rate-on-demand ($/h),Power (W)
a,250.1418,6.37,$98.32,5000
b,\"1,000\",n/a,1,
";
    let all = results(text);
    let hours = all[0].answers["hours"].value("breakeven_hours_on_demand");
    assert!((hours.expect("hours") - 2720.411).abs() < 1e-3, "{hours:?}");
    let euros =
        "case,quantity,value,unit\na,capex,1,EUR\na,rate,2,USD\na,opex_hourly,1,USD\n";
    let why = results(euros)[0].refused.clone().expect("a refusal").why;
    assert!(why.contains("US dollars, not in EUR"), "{why}");
}

#[test]
fn a_rent_of_nothing_or_below_running_cost_is_said_and_not_divided_by() {
    let text = "name,capex_usd,running_usd_per_hour,rent_usd_per_hour
free,1000,1,0
dear to run,1000,3,2
nothing paid,0,1,2
negative,1000,-1,2
";
    let all = results(text);
    let why = &all[0].refused.as_ref().expect("a refusal").why;
    assert!(why.contains("must be positive"), "{why}");
    let hours = |i: usize| all[i].answers["hours"].figure("breakeven_hours");
    assert_eq!(hours(1), Some(Figure::Threshold(Threshold::Never(None))));
    assert_eq!(hours(2), Some(Figure::Threshold(Threshold::Always)));
    assert!(all[3].refused.is_some());
}

#[test]
fn one_input_with_two_values_is_refused() {
    let text = "case,quantity,value\na,capex_usd,1\na,capex_usd,2\na,rate,2\n\
                a,opex_hourly,1\n";
    let why = results(text)[0].refused.clone().expect("a refusal").why;
    assert!(why.contains("one value for `capex_usd`, not 1 and 2"), "{why}");
    // Two names for one input are no contradiction: the first that the form lists is it.
    let text = "case,quantity,value\na,capex_usd,1\na,rate,2\na,power_kw,1\n\
                a,electricity,0.1\na,cooling_liquid,0.09\na,cooling_air,0.18\n";
    let running = results(text)[0].answers["hours"].value("opex_hourly");
    assert!((running.expect("a cost") - 0.28).abs() < 1e-12, "{running:?}");
}

/// Lenovo Press LP2368 (2026), case 3: 4.3 hours a day, 17.8 % of all hours.
#[test]
fn hours_of_use_a_day_are_a_share_of_all_hours() {
    let text = "case,quantity,value,unit,role\nB,capex_usd,277897.75,USD,input\n\
                B,opex_hourly,8.79,USD/h,input\nB,rate_on_demand,84.808,USD/h,input\n\
                B,breakeven_hours_per_day,4.3,h/day,expected\n\
                B,breakeven_utilisation,17.8,%,expected\n";
    assert_eq!(verdicts(&results(text)[0]), [Verdict::Agrees, Verdict::Agrees]);
}

#[test]
fn half_of_a_pair_of_columns_is_no_table_of_cases() {
    let table = Table::parse("a.csv", "case,quantity,val\na,capex,1\n").expect("a table");
    let error = read(table).expect_err("half of a pair");
    assert_eq!(error.iter().next().map(|d| d.code), Some("E0903"));
}

/// Epoch AI's rows for Grok-3: both of its printed figures follow from one index.
#[test]
fn figures_that_one_other_input_would_explain_are_told_so() {
    let text = "model,chips,hours,server_usd_per_chip,acquired,publication_date,kw_per_chip,\
                usd_per_kwh,ppi_factor,epoch_capex_energy_usd,epoch_acquisition_usd\n\
                Grok-3,100000,2400,44489.88,2022-12-19,2025-02-17,1.1953,0.0826,0.97653,\
                300872432,5481967429\n";
    let all = results(text);
    assert_eq!(verdicts(&all[0]), [Verdict::Differs, Verdict::Differs]);
    let why = all[0].published[1].why.as_deref().expect("a reason");
    assert!(why.contains("`price_index_factor` 0.99806"), "{why}");
    // It came out 100 days of running and 60 more after it began.
    let value = all[0].answers["training"].value("server_usd_per_chip_at_start");
    assert!((value.expect("a value") - 25_491.74).abs() < 0.02, "{value:?}");
}
