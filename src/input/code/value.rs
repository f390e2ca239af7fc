//! Codes of values of profiles, and of values anywhere.

use super::{Code, code};

/// Every one of them, in order.
pub(super) const CODES: &[Code] = &[
    code(
        "E0201",
        "a number is out of range",
        "The number has the right type but cannot be true: a price below zero, a share \
         above one, a bandwidth of nothing. Of an uncertain number every quantile must be \
         in the range.\n\n\
         wrong:  idle_share = 40\n\
         right:  idle_share = 0.40",
    ),
    code(
        "E0202",
        "quantiles that do not rise",
        "An uncertain number is given by the values below which it lies one time in ten, \
         half of the time and nine times in ten. They must rise in this order; equal ones \
         are allowed.\n\n\
         wrong:  tdp_w = { p10 = 700, p50 = 650, p90 = 800 }\n\
         right:  tdp_w = { p10 = 650, p50 = 700, p90 = 800 }",
    ),
    code(
        "E0203",
        "two fields contradict each other",
        "Each of the two fields may be right, but not both: more active parameters than \
         parameters, a server that draws less than the chip in it, axes of something that \
         is no torus. Correct one of them.\n\n\
         wrong:  heads = 32\n        kv_heads = 64\n\
         right:  heads = 64\n        kv_heads = 8",
    ),
    code(
        "E0204",
        "a source that is not defined",
        "Every table of quantities names the source of its figures by a key of \
         `[sources]`, and this key is not there. Add the source with its title and the \
         date on which it was read, or use one that is there.\n\n\
         wrong:  source = \"datashet\"\n\
         right:  source = \"datasheet\"",
    ),
    code(
        "E0205",
        "a source that nothing uses",
        "The file defines a source that no table names. Either a figure lost its source, \
         or the source is left over from a figure that was taken out. Name it in a \
         `source` line, or take it out.",
    ),
    code(
        "E0206",
        "a peak that looks sparse",
        "Peaks are dense. Halving the width of a number doubles the peak; a peak that is \
         more than 2.05 times that of the next wider type is usually one with structured \
         sparsity, printed large in data sheets and reached by no model. Write the dense \
         peak, or say in `ratio_exception` why this chip is different.\n\n\
         wrong:  bf16_tflops = 989.5\n        fp8_tflops = 3958\n\
         right:  bf16_tflops = 989.5\n        fp8_tflops = 1979",
    ),
    code(
        "E0207",
        "a price that marks a missing price",
        "Some price lists print 700 dollars an hour where an instrument is not offered. \
         Taken as a price it would rule out the instrument for the wrong reason. Leave \
         the key out instead.\n\n\
         wrong:  spot_usd_per_chip_hour = 700\n\
         right:  (the line left out)",
    ),
    code(
        "E0208",
        "an id that cannot be one",
        "An id names a file, a key and an argument of the command, so it is made of lower \
         case letters, digits, hyphens and dots alone. The name for people goes into \
         `name`.\n\n\
         wrong:  id = \"NVIDIA H100\"\n\
         right:  id = \"nvidia-h100-sxm\"",
    ),
    code(
        "E0209",
        "the id is not the name of the file",
        "A profile is found by its id, and people look for the file of that name. Both \
         must be the same, so that one leads to the other.\n\n\
         wrong:  id = \"h100\" in nvidia-h100-sxm.toml\n\
         right:  id = \"nvidia-h100-sxm\" in nvidia-h100-sxm.toml",
    ),
];
