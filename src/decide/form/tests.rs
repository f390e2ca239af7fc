//! Published calculators, row by row, through the forms.
//!
//! Figures carry the source that their row names. Errata of a source are asserted as what
//! the formula gives and as what is printed, so that neither is mistaken for the other.

use super::*;
use crate::decide::Threshold;
use crate::input::Table;

fn form(name: &str) -> &'static Form {
    Form::named(name).expect("a form of the list")
}

fn given(inputs: &[(&'static str, f64)]) -> Given {
    inputs.iter().fold(Given::new(), |given, (key, value)| given.with(key, *value))
}

fn answer(name: &str, inputs: &[(&'static str, f64)]) -> Answer {
    form(name).answer(&given(inputs)).expect("an answer")
}

fn prints(answer: &Answer, key: &str, printed: &str) {
    let figure = answer.figure(key).expect("a figure of the answer");
    assert!(published::agrees(figure, printed), "{key}: {figure:?} for {printed}");
}

const RENTS: [(&str, f64); 4] = [
    ("rent_on_demand_usd_per_hour", 98.32),
    ("rent_reserved_1y_usd_per_hour", 62.92),
    ("rent_reserved_3y_usd_per_hour", 43.16),
    ("rent_reserved_5y_usd_per_hour", 39.32),
];

/// Lenovo Press LP2368 (4 February 2026), case 1: config A against Azure ND96isr H100 v5.
#[test]
fn lenovo_case_1() {
    let mut inputs = vec![("capex_usd", 250_141.8), ("running_usd_per_hour", 6.37)];
    inputs.extend(RENTS);
    let found = answer("hours", &inputs);
    prints(&found, "breakeven_hours_on_demand", "2720.4");
    prints(&found, "breakeven_hours_reserved_1y", "4423.4");
    // Printed 6,800 and 7,591: the second is rounded in thousands, the third cut.
    prints(&found, "breakeven_hours_reserved_3y", "6799.2");
    prints(&found, "breakeven_hours_reserved_5y", "7591.6");
    prints(&found, "breakeven_months_on_demand", "3.7");
    prints(&found, "breakeven_months_reserved_1y", "6.1");
    prints(&found, "breakeven_months_reserved_3y", "9.3");
    prints(&found, "breakeven_months_reserved_5y", "10.4");
    assert!(found.notes.iter().any(|n| n.contains("2.8 times")), "{:?}", found.notes);
}

/// The same sheet against AWS p5 on demand, a Lambda chip-hour and Vast.ai: 5,140, 9,350
/// and 20,660 hours. One machine, 7.6 times.
#[test]
fn the_rent_chosen_moves_lenovos_answer_7_6_times() {
    let mut hours = Vec::new();
    for rent in [98.32, 55.04, 8.0 * 4.14, 8.0 * 2.31] {
        let found = hours::break_even_hours(250_141.8, rent, 6.37).unwrap();
        let Threshold::At(x) = found else { panic!("{found:?}") };
        hours.push(x);
    }
    for (found, printed) in hours.iter().zip([2720.0, 5140.0, 9350.0, 20_660.0]) {
        assert!((found - printed).abs() <= 5.0, "{found} for {printed}");
    }
    assert!((hours[3] / hours[0] - 7.6).abs() < 0.05);
}

/// Lenovo LP2368, cases 2 and 3 and the token prices.
#[test]
fn lenovo_cases_2_and_3_and_tokens() {
    let d = [
        ("capex_usd", 461_567.5),
        ("running_usd_per_hour", 12.6),
        ("rent_usd_per_hour", 142.42),
        ("tokens_per_s", 1360.0),
    ];
    let found = answer("hours", &d);
    prints(&found, "cloud_usd", "6238000");
    prints(&found, "onprem_usd", "1013447");
    prints(&found, "savings_usd", "5224552");
    prints(&found, "usd_per_mtok_rent", "29.09");
    // Printed 23.19 and 4.74; its own formula gives 23.138 and 4.726.
    prints(&found, "hourly_amortised", "23.138");
    prints(&found, "usd_per_mtok", "4.726");
    let b = [
        ("capex_usd", 277_897.75),
        ("running_usd_per_hour", 8.79),
        ("rent_usd_per_hour", 84.81),
    ];
    let found = answer("hours", &b);
    prints(&found, "onprem_usd", "662900");
    prints(&found, "breakeven_hours_per_day", "4.3");
    assert!(
        (found.value("breakeven_hours_per_day").unwrap() / 24.0 - 0.178).abs() < 5e-4
    );
    let a = [
        ("capex_usd", 250_141.8),
        ("running_usd_per_hour", 6.37),
        ("rent_usd_per_hour", 98.32),
        ("tokens_per_s", 30_576.5),
    ];
    let found = answer("hours", &a);
    prints(&found, "hourly_amortised", "12.08");
    prints(&found, "usd_per_mtok", "0.11");
    prints(&found, "usd_per_mtok_rent", "0.89");
}

/// Running costs by part of configs A, B and D: 12 % maintenance, 1,500 USD a rack and month.
#[test]
fn lenovos_running_cost_is_the_sum_of_its_parts() {
    for (capex, power, printed) in
        [(250_141.8, 0.87, "6.37"), (277_897.75, 2.91, "8.79"), (461_567.5, 4.2, "12.6")]
    {
        let found = answer(
            "hours",
            &[
                ("capex_usd", capex),
                ("maintenance_share_per_year", 0.12),
                ("power_usd_per_hour", power),
                ("rack_usd_per_month", 1500.0),
                ("rent_usd_per_hour", 98.32),
            ],
        );
        let value = found.value("opex_hourly").unwrap();
        let wanted: f64 = printed.parse().unwrap();
        // Three parts, each printed rounded or cut to a cent.
        assert!((value - wanted).abs() <= 0.03, "{value} for {printed}");
    }
}

/// Config A's 0.87 USD/h at 0.30 USD/kWh is 2.9 kW, of a server that draws up to 10.2: the
/// figure of LP2225. At 3.06 USD/h the break-even is 2,787 h, 2.4 % later.
#[test]
fn an_erratum_of_power_is_flagged_and_not_imitated() {
    let found = answer(
        "hours",
        &[
            ("capex_usd", 250_141.8),
            ("maintenance_share_per_year", 0.12),
            ("power_usd_per_hour", 0.87),
            ("usd_per_kwh", 0.12),
            ("cooling_usd_per_kwh", 0.18),
            ("nameplate_kw", 10.2),
            ("rack_usd_per_month", 1500.0),
            ("rent_usd_per_hour", 98.32),
        ],
    );
    let note = found.notes.iter().find(|n| n.contains("Erratum")).expect("a note");
    for said in ["2.9 kW", "3.06 USD/h", "2787 h", "+2.4 %"] {
        assert!(note.contains(said), "{said} in {note}");
    }
}

/// Lenovo Press LP2225 (23 May 2025): 8 × H100 NVL against AWS p5.
#[test]
fn lenovo_lp2225() {
    let table = Table::parse(
        "lp2225.csv",
        "case,quantity,value,unit,formula\n\
         LP2225,capex_usd,833806,USD,input\nLP2225,rate_on_demand,98.32,USD/h,input\n\
         LP2225,power_hourly,0.87,USD/h,input\n\
         LP2225,breakeven_hours_on_demand,8556,h,capex/(rate-power)\n",
    )
    .unwrap();
    let cases = cases::read(table).unwrap();
    let found = cases[0].answer(None, &Given::new());
    assert_eq!((found.published.len(), found.refused), (1, None));
    assert!(found.published[0].agrees, "{:?}", found.published);
}

const EWYLUDA: &str = "case,quantity,value,unit,role
a,capex_per_8gpu_server,250000,USD,input
a,server_kw,10.2,kW,input
a,depreciation_years,5,y,input
a,cost_of_capital,0.08,/y,input
a,pue,1.3,,input
a,power_price,0.08,USD/kWh,input
a,colo,150,USD/kW-month,input
a,ops_pct_of_capex,0.08,/y,input
a,idle_power_fraction,0.35,,input
a,gpu_count,64,GPU,input
a,utilisation,0.7,,input
a,rent,3.82,USD/GPU-h,input
a,own_usd_gpu_h,2.1575,USD/GPU-h,expected
a,own_monthly,70560.37,USD/month,expected
a,rent_monthly,124929.28,USD/month,expected
a,dep,33333.33,USD/month,expected
a,capital,6666.67,USD/month,expected
a,colo,12240,USD/month,expected
a,ops,13333.33,USD/month,expected
a,energy,4987.03,USD/month,expected
a,be_util,0.3883,,expected
a,payback_month,23,month,expected
a,savings,3262134.82,USD,expected
b,capex_per_8gpu_server,450000,USD,input
b,server_kw,14.3,kW,input
b,depreciation_years,5,y,input
b,cost_of_capital,0.08,/y,input
b,pue,1.3,,input
b,power_price,0.08,USD/kWh,input
b,colo,150,USD/kW-month,input
b,ops_pct_of_capex,0.08,/y,input
b,idle_power_fraction,0.35,,input
b,gpu_count,8,GPU,input
b,utilisation,0.35,,input
b,rent,6.81,USD/GPU-h,input
b,own_usd_gpu_h,7.227,USD/GPU-h,expected
b,own_monthly,14771.97,USD/month,expected
b,rent_monthly,13919.64,USD/month,expected
b,dep,7500,USD/month,expected
b,capital,1500,USD/month,expected
b,colo,2145,USD/month,expected
b,ops,3000,USD/month,expected
b,energy,626.97,USD/month,expected
b,be_util,0.3718,,expected
b,payback_month,none,month,expected
b,savings,-51139.58,USD,expected
c,capex_per_8gpu_server,70000,USD,input
c,server_kw,4.5,kW,input
c,depreciation_years,5,y,input
c,cost_of_capital,0.08,/y,input
c,pue,1.3,,input
c,power_price,0.08,USD/kWh,input
c,colo,150,USD/kW-month,input
c,ops_pct_of_capex,0.08,/y,input
c,idle_power_fraction,0.5,,input
c,gpu_count,3,GPU,input
c,utilisation,0.2,,input
c,rent,2.7,USD/GPU-h,input
c,own_usd_gpu_h,6.2709,USD/GPU-h,expected
c,own_monthly,2746.65,USD/month,expected
c,rent_monthly,1182.6,USD/month,expected
c,dep,1166.67,USD/month,expected
c,capital,233.33,USD/month,expected
c,colo,675,USD/month,expected
c,ops,466.67,USD/month,expected
c,energy,204.98,USD/month,expected
c,be_util,0.4724,,expected
c,payback_month,none,month,expected
c,savings,-93843.04,USD,expected
";

fn all_agree(text: &str, figures: usize) {
    let cases = cases::read(Table::parse("cases.csv", text).unwrap()).unwrap();
    let mut compared = 0;
    for case in &cases {
        let found = case.answer(None, &Given::new());
        assert_eq!(found.refused, None);
        for figure in &found.published {
            assert!(figure.agrees, "{}: {figure:?}", case.name);
            compared += 1;
        }
    }
    assert_eq!(compared, figures);
}

/// ewyluda, gpu-price-index (a3b9e64), `tests/fixtures/tco_cases.json`: 64 H100 at 70 %, 8
/// B200 at 35 %, 3 L40S at 20 %.
#[test]
fn gpu_price_index_to_every_printed_digit() {
    all_agree(EWYLUDA, 33);
}

const SHIROYA: &str = "case,quantity,value,unit,role
s,gpu_price,27500,USD,input
s,gpus,4,,input
s,chassis,10414,USD,input
s,it_kw,2.1,kW,input
s,pue,1.52,,input
s,power_price,0.2575,USD/kWh,input
s,colo,194.95,USD/kW-month,input
s,life,5,y,input
s,rent,3.29,USD/GPU-h,input
s,tok_s_batch,3400,tok/s,input
s,tok_s_interactive,1400,tok/s,input
s,tokens_in,1024,,input
s,tokens_out,256,,input
s,capex,120414,USD,expected
s,annual_depreciation,24083,USD/y,expected
s,annual_colo,4913,USD/y,expected
s,annual_energy,7200,USD/y,expected
s,annual_owned,36196,USD/y,expected
s,be_util_at_rent_1.99,51.9,%,expected
s,be_util_at_rent_2.89,35.7,%,expected
s,be_util_at_rent_3.29,31.4,%,expected
s,be_util_at_rent_3.36,30.7,%,expected
s,be_util_at_rent_3.99,25.9,%,expected
s,be_util_at_rent_4.25,24.3,%,expected
s,be_util_at_rent_6.98,14.8,%,expected
s,be_util_sensitivity_life=3,45.3,%,expected
s,be_util_sensitivity_life=6,27.9,%,expected
s,be_util_sensitivity_gpu=25000,29.7,%,expected
s,be_util_sensitivity_gpu=30000,33.1,%,expected
s,be_util_sensitivity_colo=180,31.1,%,expected
s,be_util_sensitivity_colo=275,33.1,%,expected
s,be_util_sensitivity_power=0.1351,28.4,%,expected
s,api_usd_per_1k_req_DeepInfra 0.10/0.32,0.184,USD,expected
s,be_util_batch_vs_DeepInfra 0.10/0.32,46.9,%,expected
s,be_util_interactive_vs_DeepInfra 0.10/0.32,never,%,expected
s,api_usd_per_1k_req_Bedrock 0.72/0.72,0.922,USD,expected
s,be_util_batch_vs_Bedrock 0.72/0.72,9.4,%,expected
s,be_util_interactive_vs_Bedrock 0.72/0.72,22.8,%,expected
s,api_usd_per_1k_req_Fireworks 0.90/0.90,1.152,USD,expected
s,be_util_batch_vs_Fireworks 0.90/0.90,7.5,%,expected
s,be_util_interactive_vs_Fireworks 0.90/0.90,18.2,%,expected
s,api_usd_per_1k_req_Together 1.04/1.04,1.331,USD,expected
s,be_util_batch_vs_Together 1.04/1.04,6.5,%,expected
s,be_util_interactive_vs_Together 1.04/1.04,15.8,%,expected
s,own_usd_per_1k_req_100pct_batch,0.086,USD,expected
s,own_usd_per_1k_req_100pct_interactive,0.21,USD,expected
s,rent_usd_per_1k_req_batch,0.275,USD,expected
s,rent_usd_per_1k_req_interactive,0.668,USD,expected
";

/// mansi-shiroya1, gpu-tco-model (223578e), README: 4 H100 PCIe.
#[test]
fn gpu_tco_model_to_every_printed_digit() {
    all_agree(SHIROYA, 35);
}

/// Interactive against DeepInfra would need 113.9 % of the machine: never, not 100 %.
#[test]
fn what_would_need_more_than_the_machine_is_never() {
    let inputs = [
        ("usd_per_chip", 27_500.0),
        ("chips", 4.0),
        ("chassis_usd", 10_414.0),
        ("power_kw", 2.1),
        ("pue", 1.52),
        ("usd_per_kwh", 0.2575),
        ("space_usd_per_kw_month", 194.95),
        ("life_years", 5.0),
        ("tokens_per_s", 1400.0),
        ("input_tokens", 1024.0),
        ("output_tokens", 256.0),
        ("api_usd_per_mtok_input", 0.10),
        ("api_usd_per_mtok_output", 0.32),
    ];
    let found = answer("tokens", &inputs);
    match found.figure("be_util") {
        Some(Figure::Threshold(Threshold::Never(Some(u)))) => {
            assert!((u - 1.139).abs() < 5e-4, "{u}");
        }
        other => panic!("{other:?}"),
    }
    assert!(found.notes[0].contains("113.9 %"), "{:?}", found.notes);
}

/// Lambda, Hyperplane-16 (16 V100 a server): 1, 8 and 16 servers.
#[test]
fn lambda_hyperplane_to_every_printed_dollar() {
    for (upfront, staff, space, systems, printed) in [
        (299_504.0, 10_000.0, 16_146.0, 1.0, ["325650", "377942", "430234", "86047"]),
        (
            2_297_388.0,
            20_000.0,
            127_296.0,
            8.0,
            ["2444684", "2739276", "3033868", "75847"],
        ),
        (
            4_584_787.0,
            40_000.0,
            254_436.0,
            16.0,
            ["4879223", "5468095", "6056967", "75712"],
        ),
    ] {
        let found = answer(
            "total",
            &[
                ("upfront_usd", upfront),
                ("staff_usd_per_year", staff),
                ("space_usd_per_year", space),
                ("systems", systems),
            ],
        );
        let keys = ["total_y1", "total_y3", "total_y5", "amortised_per_system_year_5y"];
        for (key, printed) in keys.into_iter().zip(printed) {
            prints(&found, key, printed);
        }
    }
}

/// Azure ND96isr H100 v5, list prices of 23 December 2025 (Lenovo LP2368).
#[test]
fn azures_ladder_implies_one_step_and_then_nothing() {
    let found = answer(
        "forward",
        &[
            ("reserved_1y_usd_per_hour", 62.92),
            ("reserved_3y_usd_per_hour", 43.16),
            ("reserved_5y_usd_per_hour", 39.32),
            ("chips", 8.0),
        ],
    );
    prints(&found, "forward_1_3y", "4.16");
    prints(&found, "forward_3_5y", "4.195");
    let error = forward::forward_rent(1.0, 62.92, 3.0, 20.0).unwrap_err();
    assert!(error.to_string().contains("zero or more"), "{error}");
    assert!(forward::forward_rent(3.0, 1.0, 3.0, 1.0).is_err());
}

const EPOCH: &str = "model,chips,chip_hours,server_usd_per_chip_at_acquisition,acquisition_date,training_start,facility_kw_per_chip,usd_per_kwh,ppi_factor_to_2024_12,epoch_capex_energy_usd,epoch_acquisition_usd
Grok-3,100000,240000000,44489.88,2022-12-19,2024-09-10,1.1953,0.0826,0.97653,300872432,5481967429
Llama 3.1-405B,16384,35094528,44489.88,2022-12-19,2024-02-24,1.0519,0.0771,0.99571,51040524,896044949
GPT-4,25000,57000000,24875.0,2020-08-12,2022-05-12,0.7617,0.0806,1.01344,40695706,778066899
Amazon Titan,13760,15851520,24875.0,2020-05-30,2023-06-12,0.6703,0.0806,1.00889,7656705,426325743
OpenAI Five,1536,10911744,16125.0,2016-07-04,2018-12-22,0.4219,0.0681,1.06562,4177318,32584171
Megatron-Turing NLG 530B,4480,3449600,24875.0,2021-02-14,2021-07-10,0.6703,0.0718,1.03439,3714250,142311688
PaLM (540B),6144,8404992,8473.88,2021-05-20,2021-12-01,0.1254,0.0832,1.01928,2864192,65515456
MegaScale (Production),12288,6193152,24875.0,2020-05-30,2023-12-04,0.7617,0.0771,0.99858,2614019,376826214
xTrimoPGLM -100B,768,3004416,24875.0,2020-08-12,2022-11-25,0.7617,0.0806,1.0084,1823415,23783264
Llama 2-70B,1000,1720320,24875.0,2021-02-14,2023-03-08,0.6703,0.0806,1.0084,1102561,30967792
BLOOM-176B,384,1078272,24875.0,2021-02-14,2022-01-15,0.7617,0.0832,1.02202,995819,12052220
OPT-175B,1024,812544,24875.0,2021-02-14,2022-01-28,0.6703,0.0832,1.01854,733635,32030089
LLaMA-65B,2048,1024000,24875.0,2020-05-30,2022-12-05,0.6703,0.0806,1.01549,578026,63867772
Gopher (280B),4096,3768320,8652.64,2018-05-18,2021-08-31,0.153,0.0718,1.0347,573498,45273056
GLaM,1024,1398784,8473.88,2021-05-20,2021-08-18,0.1254,0.0718,1.0347,527327,11084433
GShard (dense),1024,1032192,8652.64,2018-05-18,2020-03-20,0.153,0.0667,1.046,245397,11441862
LaMDA,1024,1418240,8652.64,2018-05-18,2021-10-15,0.153,0.0832,1.03659,211007,11338908
Meena,1024,737280,8652.64,2018-05-18,2019-10-30,0.153,0.0667,1.05339,199032,11522652
GNMT,,655730,8200.0,2015-02-15,2016-06-24,0.4455,0.0676,1.09494,194308,
Megatron-BERT,512,191488,18625.0,2020-02-24,2020-02-24,0.3906,0.0681,1.06944,178608,12590292
ResNeXt-101 32x48d,336,166656,18625.0,2017-09-19,2018-02-10,0.4125,0.0692,1.08106,139305,8352188
Switch,1024,663552,8652.64,2018-05-18,2020-10-16,0.153,0.0718,1.04053,132111,11382009
AlphaStar,384,405504,8652.64,2018-05-18,2019-07-18,0.153,0.0681,1.06848,121378,4382889
Megatron-LM (8.3B),512,167424,18625.0,2018-06-25,2019-07-05,0.3906,0.0681,1.06944,113503,12590292
RoBERTa Large,1024,122880,18625.0,2018-06-25,2019-04-27,0.3438,0.0681,1.0791,88691,25408257
T5-11B,512,246733,8652.64,2018-05-18,2019-08-03,0.153,0.0681,1.06848,72856,5843852
Meta Pseudo Labels,1024,270336,8652.64,2018-05-18,2020-12-20,0.153,0.0718,1.03602,50773,11332608
Noisy Student (L2),1024,147456,8652.64,2018-05-18,2019-09-06,0.153,0.0681,1.06848,42303,11687703
JFT,50,72000,8200.0,2015-02-15,2017-03-12,0.4455,0.0688,1.08302,17286,548196
Xception,60,43200,8200.0,2015-02-15,2016-07-09,0.4455,0.0676,1.09494,12652,665078
MnasNet-A3,256,27648,8652.64,2018-05-18,2019-03-25,0.153,0.0681,1.08302,9251,2961698
BigGAN-deep 512x512,256,12288,8652.64,2018-05-18,2018-07-28,0.153,0.0692,1.08008,5037,2953657
MoE-Multi,64,18432,8856.0,2014-02-20,2016-11-12,0.3638,0.0688,1.09494,3874,766169
DeepSpeech2 (English),16,1920,1638.36,2015-06-15,2015-10-04,0.4219,0.0691,1.11541,207,36098
";

/// Epoch AI, training-cost-trends (263c40a), arXiv:2405.21015: the nominal steps and the
/// run in money of December 2024.
#[test]
fn epochs_training_runs_to_four_digits() {
    let cases = cases::read(Table::parse("epoch.csv", EPOCH).unwrap()).unwrap();
    let (mut agree, mut off) = (0, Vec::new());
    for case in &cases {
        let found = case.answer(Some(form("training")), &Given::new());
        assert_eq!(found.refused, None, "{}", case.name);
        let run = found.published.iter().find(|c| c.quantity == "epoch_capex_energy_usd");
        let run = run.expect("a published total");
        if run.agrees { agree += 1 } else { off.push(case.name.as_str()) }
    }
    // Grok-3 is 2.2 % lower than printed, which nobody has explained. BigGAN is 5,037.50 for
    // a printed 5,037: its power is known to four digits only.
    assert_eq!((agree, off), (32, vec!["Grok-3", "BigGAN-deep 512x512"]));
}

#[test]
fn what_is_missing_is_said_all_at_once() {
    let error = form("training").answer(&Given::new()).unwrap_err();
    let Refused::Missing(missing) = error else { panic!("{error}") };
    assert_eq!(missing.len(), 6, "{missing:?}");
    for form in FORMS {
        let error = form.answer(&Given::new()).unwrap_err();
        assert!(matches!(&error, Refused::Missing(m) if !m.is_empty()), "{}", form.name);
    }
}

#[test]
fn an_empty_market_and_a_negative_margin_have_their_answer() {
    // Running costs more than the rent: never.
    let never = hours::break_even_hours(1e5, 5.0, 6.0).unwrap();
    assert_eq!(never, Threshold::Never(None));
    // Nothing paid up front, cheaper to run: always.
    assert_eq!(hours::break_even_hours(0.0, 5.0, 4.0), Ok(Threshold::Always));
    // A market without a price has no utilisation to reach.
    assert!(utilisation::break_even_utilisation(2.0, 0.0).is_err());
    assert!(hours::break_even_hours(-1.0, 5.0, 4.0).is_err());
    let none = payback::payback_months(1000.0, 0.0, 0.0);
    assert_eq!(none, Ok(Threshold::Never(None)));
}

/// 10 a month for ever at 1 % a month is worth 1,000: a price of 1,000 is never repaid.
#[test]
fn a_discounted_payback_is_later_or_never() {
    let rate = 1.01_f64.powi(12) - 1.0;
    let Threshold::At(plain) = payback::payback_months(500.0, 10.0, 0.0).unwrap() else {
        panic!("it pays back")
    };
    let Threshold::At(later) = payback::payback_months(500.0, 10.0, rate).unwrap() else {
        panic!("it pays back")
    };
    // ln 2/ln 1.01 = 69.66 months.
    assert!((plain - 50.0).abs() < 1e-12 && (later - 69.660_716_9).abs() < 1e-6);
    let never = payback::payback_months(1001.0, 10.0, rate);
    assert_eq!(never, Ok(Threshold::Never(None)));
}

/// GPT-3: 6 · 175e9 · 300e9 = 3.15e23 FLOP; at 312 TFLOP/s and 50 %, 2 USD an hour.
#[test]
fn a_run_by_its_flop() {
    let found = answer(
        "compute",
        &[
            ("params_billion", 175.0),
            ("tokens_billion", 300.0),
            ("peak_tflops", 312.0),
            ("mfu", 0.5),
            ("usd_per_chip_hour", 2.0),
        ],
    );
    let flop = found.value("flop").unwrap();
    assert!((flop / 3.15e23 - 1.0).abs() < 1e-12);
    let hours = flop / (312e12 * 0.5 * 3600.0);
    assert!((found.value("run_usd").unwrap() / (2.0 * hours) - 1.0).abs() < 1e-12);
}

#[test]
fn every_input_has_one_name_and_every_line_its_numbers() {
    for form in FORMS {
        let mut names: Vec<&str> = form
            .inputs
            .iter()
            .flat_map(|i| std::iter::once(i.key).chain(i.also.iter().copied()))
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{}", form.name);
    }
    assert_eq!(plain(250_141.8), "250141.8");
    assert_eq!(plain(98.32), "98.32");
    assert_eq!(plain(0.0), "0");
    assert_eq!(plain(2720.41), "2720.41");
    assert_eq!(plain(4.64e26), "4.64e26");
    assert_eq!(plain(0.000_012_3), "1.23e-5");
    assert_eq!(plain(100.0), "100");
}
