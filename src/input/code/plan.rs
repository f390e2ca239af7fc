//! Codes of plans, of names and of strategies.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "E0301",
        "the loads of a shape make no curve",
        "The hours of a weekday are 24 loads, measured loads at least one; all are zero or \
         more, and not all are zero. Only their proportions matter: the mean is scaled \
         to 1.\n\n\
         wrong:  shape.loads.values = []\n\
         right:  shape.loads.values = [3, 5, 9, 4]",
    ),
    code(
        "E0302",
        "no such term is sold",
        "Providers commit for 1, 3 or 5 years. Other spans are not in the price lists.\n\n\
         wrong:  term_years = 2\n\
         right:  term_years = 1",
    ),
    code(
        "E0303",
        "the plan has no workload",
        "A plan compares ways to serve work; without work there is nothing to compare. \
         Add at least one table below [workloads].\n\n\
         right:  [workloads.chat.inference]",
    ),
    code(
        "E0304",
        "a workload is of one kind",
        "A workload is inference, fine_tuning, training or chip_hours. Two kinds are two \
         workloads with two names.\n\n\
         wrong:  [workloads.all.inference] and [workloads.all.training]\n\
         right:  [workloads.chat.inference] and [workloads.pretrain.training]",
    ),
    code(
        "E0305",
        "a strategy has no source",
        "A strategy is a stack of sources of compute; an empty one serves nothing.\n\n\
         wrong:  stack = []\n\
         right:  stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\" } }]",
    ),
    code(
        "E0306",
        "a source is of one kind",
        "Every entry of a stack is exactly one of own, lease, reserve, on_demand, spot, api and seats. \
         Two kinds are two entries.\n\n\
         wrong:  stack = [{ own = { … }, api = { … } }]\n\
         right:  stack = [{ own = { … } }, { api = { … } }]",
    ),
    code(
        "E0307",
        "only what is committed has a size",
        "`sizing` says how many chips to buy or reserve. What is rented by the hour or \
         bought by the token serves what is left over and needs no size; where it has a \
         limit, that is `quota_chips`.",
    ),
    code(
        "E0308",
        "the plan compares no strategies",
        "Name ready-made strategies in `compare` (api, rent, reserve, reserve-3y, spot, \
         build, hybrid), or write your own below [strategies].\n\n\
         right:  compare = [\"api\", \"rent\", \"build\"]",
    ),
    code(
        "E0309",
        "the correlations contradict each other",
        "If A moves with B, and B with C, then A cannot move against C. The message names \
         the pair that does not fit and the range it may have, given the others. Pairs \
         that a plan does not name keep their defaults and count too. rackcast does not \
         repair such a matrix silently.",
    ),
    code(
        "E0310",
        "a correlation names what does not move",
        "Only quantities that this plan uses can be correlated: `rent`, `resale`, \
         `demand.<workload>` and so on. The message lists them.",
    ),
    code(
        "E0311",
        "a trajectory of an unknown quantity",
        "Keys below [trajectories] are names of quantities such as `rent`, `resale` or \
         `flop_per_usd`; the rent of one accelerator is `rent.<accelerator>`. Growth of \
         demand stands with its workload.\n\n\
         wrong:  [trajectories.gpu_rent.geometric]\n\
         right:  [trajectories.rent.geometric]",
    ),
    code(
        "E0312",
        "the same is named twice",
        "A strategy takes part in a comparison once: two variants of one strategy are two \
         tables below [strategies] with two names. A pair of quantities has one correlation, \
         and a quantity none with itself.",
    ),
    code(
        "E0313",
        "a stack is too tall",
        "A stack holds at most 8 sources. Merge sources that serve the same end.",
    ),
    code(
        "E0314",
        "not a name",
        "Names of workloads and strategies become names of files and of random streams: \
         letters, digits, hyphens and underscores, at most 64. A strategy may have a \
         longer `label` besides.\n\n\
         wrong:  [strategies.\"build & rent\"]\n\
         right:  [strategies.build-and-rent]",
    ),
    code(
        "E0315",
        "no such fan",
        "`results.fans` names fans of the run, whole or by their first parts: \
         cost_to_date, monthly_cost, chips, utilisation and difference by strategy, \
         demand and chips_needed by workload, prices and rents. `fans.csv` of a run \
         without `results.fans` lists them all.\n\n\
         wrong:  fans = [\"cost\"]\n\
         right:  fans = [\"cost_to_date\", \"demand.chat\"]",
    ),
    code(
        "E0316",
        "not a number of paths for Sobol points",
        "Sobol points are even where all of a power of two of them are there, in each of \
         16 replicates that tell the error. So `sampler = \"sobol\"` plays 4096, 8192, \
         16384 … 1048576 paths, of `simulation.paths` or `--paths`.\n\n\
         wrong:  paths = 10000\n\
         right:  paths = 8192",
    ),
    code(
        "E0317",
        "figures of a later date than the plan",
        "`time.as_of` says as of when the plan's own figures hold: demand and prices move \
         from there to the plan's start and on. It is a month before the start, or the \
         start itself.\n\n\
         wrong:  start = \"2027-01\"\n        as_of = \"2027-03\"\n\
         right:  start = \"2027-01\"\n        as_of = \"2026-11\"",
    ),
    code(
        "E0319",
        "a shock is not complete",
        "A shock moves several quantities at once: it needs how often it comes, how long it \
         lasts, and what it adds to the logarithms of which quantities. `supply_crunch` and \
         `demand_winter` are ready-made and need only be named.\n\n\
         wrong:  [shocks.gas]\n        chance_per_year = 0.1\n\
         right:  [shocks.gas]\n        chance_per_year = 0.1\n        months = 6\n        \
         log_moves = { energy_price = 0.5 }",
    ),
    code(
        "E0320",
        "a file beside the plan cannot be used",
        "A plan may name files in its own folder or below: a forward curve with the \
         columns month,value, the first month 0, or date,value, where months count from \
         the first date. One row a month, rising, values above 0. Files elsewhere are \
         never read, so that a plan from somebody else reads nothing but what came with \
         it.\n\n\
         wrong:  forward = { file = \"/data/forwards.csv\" }\n\
         right:  forward = { file = \"forwards.csv\" }",
    ),
    code(
        "E0321",
        "requests are counted in one way",
        "Inference is so many requests a day, or so many users with so many requests a day \
         each. With users, `growth` is their number and seats can be bought for them.\n\n\
         wrong:  seats = 4000\n\
         right:  seats = 4000\n        requests_per_seat_day = 12",
    ),
    code(
        "E0322",
        "seats need a workload that counts its users",
        "A seat is paid for by the user, so the workload says how many there are: `seats` \
         and `requests_per_seat_day` in place of `requests_per_day`. Where several do, the \
         source names its own in `workload`.",
    ),
    code(
        "E0323",
        "leased machines are not sold",
        "Under an operating lease the machines are the lessor's: they go back after the term. \
         A finance lease pays for them, so what has no work may be sold.\n\n\
         wrong:  kind = \"operating\" with machines.sell_unneeded\n\
         right:  kind = \"finance\"",
    ),
    code(
        "E0324",
        "a reservation has no such fee",
        "Support, storage, a setup and a fee a month are charged while chips are reserved. Egress \
         goes by the work served, which a reservation does not count, and a promised spend is \
         what a reservation already is.",
    ),
    code(
        "E0325",
        "only a hall of one's own has land, a fit-out and a life",
        "A facility with `[construction]` is built: the land below it, its fit-out and the life \
         of its shell are the plan's to say. Others are rented, with land, power and cooling in \
         the rent of space.",
    ),
    code(
        "E0326",
        "two answers to what later orders buy",
        "[generations] draws each peak, the watts and the price of later parts; the \
         trajectories `flop_per_usd` and `energy_efficiency` move one gain for all work. A \
         plan has one or the other: take the table or the trajectory out.",
    ),
    code(
        "E0327",
        "the rent of an operating lease already carries the capital",
        "Under an operating lease the machines are the lessor's, and what their capital costs is \
         in the rent, at `rate_per_year`. A `capital_charge_per_year` on the balance would \
         charge it a second time.\n\n\
         wrong:  lease = { rate_per_year = 0.09, machines = { capital_charge_per_year = 0.08 } }\n\
         right:  lease = { rate_per_year = 0.09, machines = { } }",
    ),
    code(
        "E0401",
        "the catalogue has no such profile",
        "Accelerators, models, offers and facilities are named by id, name or alias. \
         `rackcast profiles` lists what is shipped; a folder of your own is laid over it \
         with --profiles.\n\n\
         wrong:  accelerator = \"h100sxm\"\n\
         right:  accelerator = \"nvidia-h100-sxm\"",
    ),
    code(
        "E0402",
        "there is no such strategy",
        "`compare` names ready-made strategies or tables of the plan below [strategies]. The \
         help line gives the nearest name, or all of them.",
    ),
    code(
        "E0403",
        "a strategy cannot serve a workload",
        "Every workload needs at least one source in every stack that can serve it: an \
         API sells tokens of a model and cannot train one; a chip must hold the model in \
         memory and meet the latency asked for. The help line says why each source of \
         the stack cannot.",
    ),
    code(
        "E0404",
        "the offer does not sell that",
        "The named offer has no price for this accelerator, instrument or model. Name one \
         that has, or give the price in the plan.",
    ),
    code(
        "E0405",
        "nobody in the catalogue sells that",
        "No offer has this instrument for this accelerator. Give a price in the plan \
         (`usd_per_chip_hour`), or add an offer in a folder of your own.",
    ),
    code(
        "E0406",
        "the purchase price is not known",
        "The accelerator's profile has no purchase quote, and none is invented. Give \
         `usd_per_chip` in the plan: the price of a chip's share of a server.",
    ),
    code(
        "E0407",
        "the power is not known",
        "Neither the profile nor a similar chip says what this one draws. Give \
         `power_kw_per_chip` in the plan.",
    ),
];
