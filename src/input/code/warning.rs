//! Codes that warn and refuse nothing.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "W0201",
        "a peak looks like one with sparsity",
        "Data sheets print tensor peaks with structured sparsity large, twice the dense \
         ones; profiles hold dense peaks. The peak is twice that of the same chip in the \
         catalogue, or out of proportion to the memory bandwidth or to another format. \
         Write the dense peak.",
    ),
    code(
        "W0202",
        "a capacity looks converted between GB and GiB",
        "A GiB is 1.074 GB. Capacities are in GB of 10^9 bytes, as the maker prints them; \
         where the maker leaves open which is meant, keep the printed figure and say so in \
         `doubts`.",
    ),
    code(
        "W0203",
        "a link looks counted both ways",
        "NVLink and ICI are quoted both ways, InfiniBand one way. `per_direction_gb_per_s` \
         is one way, all links of a chip together: half of what NVLink is quoted with.",
    ),
    code(
        "W0204",
        "a capacity looks raw rather than usable",
        "Some makers print what is soldered on (192 GB of B200, 288 GB of B300) beside \
         what a program can use (180 and 270 GB). The KV cache lives in the difference: \
         write what is usable.",
    ),
    code(
        "W0205",
        "peaks and design power look like two power tiers",
        "The same chip is sold at several power tiers with peaks to match: GB200 at 1,000 W \
         has 2,250 TFLOP/s in bf16, at 1,200 W 2,500. Take both from one tier; a part at \
         two tiers is two profiles.",
    ),
    code(
        "W0206",
        "a figure looks written in another unit",
        "The figure is far outside what any chip has, as if it were in TB/s, kW or GB/s \
         where the key says GB/s, W or Gbit/s. The unit stands at the end of the key.",
    ),
    code(
        "W0207",
        "dimensions of a model look inconsistent",
        "The printed parameters should follow from layers, widths and vocabulary to a few \
         per cent, key and value heads should divide the query heads, and a mixture of \
         experts needs the parameters a token meets (`active_params_billion`): without them every token \
         is taken to meet all.",
    ),
    code(
        "W0301",
        "a figure of the plan looks like a slip",
        "The figure is far from what is usual, as if it were in cents, in thousands or of a \
         whole server. The plan is played as it stands; the help says what is usual.\n\n\
         wrong:  energy_usd_per_kwh = 12\n\
         right:  energy_usd_per_kwh = 0.12",
    ),
    code(
        "W0302",
        "it comes after the plan has ended",
        "A lead time or a qualification takes as long as the whole plan: what is ordered \
         never serves in it, and the strategy is played without.",
    ),
    code(
        "W0303",
        "nothing in the plan moves with a trajectory",
        "The trajectory is read and changes nothing: no source of a strategy that is played \
         uses its quantity. Take it out, or name the quantity that was meant.",
    ),
    code(
        "W0304",
        "a key changes nothing beside another",
        "The key is read, and what else the plan says leaves it nothing to do: a gain of later \
         orders that buy the same part, a volatility beside a threshold that is written down, a \
         covenant of a debt whose coverage nobody asks for. The message says which, the help \
         how to make it count.\n\n\
         wrong:  generation = \"same\"\n        efficiency_gain_per_year = 0.2\n\
         right:  generation = \"frontier\"\n        efficiency_gain_per_year = 0.2",
    ),
    code(
        "W0305",
        "a part that the next generation has already come after",
        "[generations] counts what later parts gain from the part that a source names, and when \
         they come from the newest of its maker. Where that is a newer one, what was gained \
         between the two is left out. Name the newest part, or say how long ago the generation \
         of the named one came: then the next is overdue.\n\n\
         wrong:  accelerator = \"nvidia-h100-sxm\" in a plan from 2027 on\n\
         right:  accelerator = \"nvidia-b200-hgx\"",
    ),
];
