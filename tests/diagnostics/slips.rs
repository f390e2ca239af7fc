//! One slip in a valid profile, and all that is said about it.

use rackcast::input::read_str;
use rackcast::profile::{Accelerator, Offer};

use super::{CHIP, said};

/// What is written in place of what, and the text that comes of it.
const SLIPS: &[((&str, &str), &str)] = &[
    (
        ("vendor = \"Maker\"", "vendor = Maker"),
        "\
error[E0001]: not valid TOML: string values must be quoted, expected literal string
 --> chip.toml:3:10
  |
3 | vendor = Maker
  |          ^^^^^",
    ),
    (
        ("vendor = \"Maker\"", "vendor = \"Maker\"\nvendor = \"Other\""),
        "\
error[E0001]: not valid TOML: duplicate key
 --> chip.toml:4:1
  |
4 | vendor = \"Other\"
  | ^^^^^^",
    ),
    (
        ("vendor =", "vender ="),
        "\
error[E0101]: unknown key `vender`
 --> chip.toml:3:1
  |
3 | vender = \"Maker\"
  | ^^^^^^
  |
  = help: did you mean `vendor`?",
    ),
    (
        ("chips_per_order = 8", "chips_per_order = 8\ncolour = 1"),
        "\
error[E0101]: unknown key `colour` in `node`
  --> chip.toml:24:1
   |
24 | colour = 1
   | ^^^^^^
   |
   = help: take this line out",
    ),
    (
        ("bandwidth_gb_per_s =", "bandwidth ="),
        "\
error[E0102]: `memory.bandwidth` has no unit
  --> chip.toml:18:1
   |
18 | bandwidth = 3350
   | ^^^^^^^^^
   |
   = help: write `bandwidth_gb_per_s`",
    ),
    (
        ("bandwidth_gb_per_s = 3350", "bandwidth_tb_per_s = 3.35"),
        "\
error[E0102]: `memory.bandwidth_tb_per_s` has another unit
  --> chip.toml:18:1
   |
18 | bandwidth_tb_per_s = 3.35
   | ^^^^^^^^^^^^^^^^^^
   |
   = help: write `bandwidth_gb_per_s`",
    ),
    (
        ("chips_per_node = 8\nchips_per_order", "chips"),
        "\
error[E0103]: `node.chips_per_order` is missing
  --> chip.toml:20:1
   |
20 | [node]
   | ^^^^^^
   |
   = help: add `chips_per_order`, a whole number: Smallest number of chips sold at \
once (a server, a rack, a slice)

error[E0102]: `node.chips` has no unit
  --> chip.toml:22:1
   |
22 | chips = 8
   | ^^^^^
   |
   = help: write `chips_per_node`",
    ),
    (
        ("capacity_gb = 80\n", ""),
        "\
error[E0103]: `memory.capacity_gb` is missing
  --> chip.toml:15:1
   |
15 | [memory]
   | ^^^^^^^^
   |
   = help: add `capacity_gb`, a number or { p10 = …, p50 = …, p90 = … }: Usable \
capacity, 10⁹ bytes",
    ),
    (
        ("= 3350", "= \"3350\""),
        "\
error[E0104]: `memory.bandwidth_gb_per_s` must be a number or { p10 = …, p50 = …, \
p90 = … }, found \"3350\"
  --> chip.toml:18:22
   |
18 | bandwidth_gb_per_s = \"3350\"
   |                      ^^^^^^
   |
   = help: take the quotes off: 3350",
    ),
    (
        ("chips_per_node = 8", "chips_per_node = 8.0"),
        "\
error[E0104]: `node.chips_per_node` must be a whole number, found 8.0
  --> chip.toml:22:18
   |
22 | chips_per_node = 8.0
   |                  ^^^
   |
   = help: write 8",
    ),
    (
        ("[[purchase]]", "[purchase]"),
        "\
error[E0104]: `purchase` must be a list, found a table
  --> chip.toml:31:1
   |
31 | [purchase]
   | ^^^^^^^^^^
   |
   = help: a table of a list has two brackets: [[purchase]]",
    ),
    (
        ("[node]", "[[node]]"),
        "\
error[E0104]: `node` must be a table, found a list
  --> chip.toml:20:1
   |
20 | [[node]]
   | ^^^^^^^^
   |
   = help: there is only one, so one bracket: [node]",
    ),
    (
        ("\"2024-Q4\"", "\"winter\""),
        "\
error[E0104]: `purchase.0.as_of` must be a date, found \"winter\"
  --> chip.toml:33:9
   |
33 | as_of = \"winter\"
   |         ^^^^^^^^
   |
   = help: write 2026-10-05, \"2026-10\", \"2026-Q4\", \"2026-H2\" or \"2026\"",
    ),
    (
        ("\"switch\"", "\"swich\""),
        "\
error[E0105]: `scale_up.topology` cannot be `swich`
  --> chip.toml:29:12
   |
29 | topology = \"swich\"
   |            ^^^^^^^
   |
   = help: did you mean `switch`? there are `switch`, `torus` and `mesh`",
    ),
    (
        ("p50 = 1979", "p50 = nan"),
        "\
error[E0106]: `compute.fp8_tflops.p50` must be a finite number, found NaN
  --> chip.toml:13:34
   |
13 | fp8_tflops = { p10 = 1900, p50 = nan, p90 = 1980 }
   |                                  ^^^
   |
   = help: leave the key out where the value is unknown",
    ),
    (
        ("capacity_gb = 80", "capacity_gb = 1e999"),
        "\
error[E0106]: `memory.capacity_gb` is too large: 1e999
  --> chip.toml:17:15
   |
17 | capacity_gb = 1e999
   |               ^^^^^",
    ),
    (
        ("capacity_gb = 80", "capacity_gb = -80"),
        "\
error[E0201]: `memory.capacity_gb` must be positive, found -80
  --> chip.toml:17:15
   |
17 | capacity_gb = -80
   |               ^^^",
    ),
    (
        ("domain_chips = 8", "domain_chips = -8"),
        "\
error[E0201]: `scale_up.domain_chips` must be zero or more, found -8
  --> chip.toml:27:16
   |
27 | domain_chips = -8
   |                ^^",
    ),
    (
        ("p10 = 1900", "p10 = 1980"),
        "\
error[E0202]: `compute.fp8_tflops`: the quantiles must rise, found p10 = 1980, p50 = \
1979, p90 = 1980
  --> chip.toml:13:14
   |
13 | fp8_tflops = { p10 = 1980, p50 = 1979, p90 = 1980 }
   |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ),
    (
        ("topology = \"switch\"", "topology = \"switch\"\naxes = 3"),
        "\
error[E0203]: only a torus has axes
  --> chip.toml:30:8
   |
30 | axes = 3
   |        ^
   |
   = help: take the line out, or write `topology = \"torus\"`",
    ),
    (
        ("[node]\nsource = \"sheet\"", "[node]\nsource = \"shet\""),
        "\
error[E0204]: no source `shet` in this file
  --> chip.toml:21:10
   |
21 | source = \"shet\"
   |          ^^^^^^
   |
   = help: add a table [sources.shet], or use `sheet`",
    ),
    (
        ("[compute]", "[sources.blog]\ntitle = \"Blog\"\nread = 2026\n[compute]"),
        "\
error[E0104]: `sources.blog.read` must be a date, found 2026
  --> chip.toml:12:8
   |
12 | read = 2026
   |        ^^^^
   |
   = help: write it in quotes",
    ),
    (
        ("[compute]", "[sources.blog]\ntitle = \"Blog\"\nread = \"2026\"\n[compute]"),
        "\
error[E0205]: nothing in this file uses the source `blog`
  --> chip.toml:10:1
   |
10 | [sources.blog]
   | ^^^^^^^^^^^^^^
   |
   = help: name it in a `source = …` line, or take it out",
    ),
    (
        ("{ p10 = 1900, p50 = 1979, p90 = 1980 }", "3958"),
        "\
error[E0206]: `fp8_tflops` is 4.00 times `bf16_tflops`, more than 2.05: sparse peaks \
are often printed as dense
  --> chip.toml:13:14
   |
13 | fp8_tflops = 3958
   |              ^^^^
   |
   = help: write the dense peak (half of a sparse one), or say why in `ratio_exception`",
    ),
    (
        ("\"chip\"", "\"Chip 1\""),
        "\
error[E0208]: `Chip 1` is not an id
 --> chip.toml:1:6
  |
1 | id = \"Chip 1\"
  |      ^^^^^^^^
  |
  = help: use lower case letters, digits, hyphens and dots",
    ),
];

#[test]
fn each_slip_is_said_at_its_place_with_the_next_step() {
    for ((old, new), wanted) in SLIPS {
        assert!(CHIP.contains(old), "{old}");
        let read = read_str::<Accelerator>("chip.toml", &CHIP.replacen(old, new, 1));
        assert_eq!(&said(&read), wanted, "{old} → {new}");
    }
}

#[test]
fn a_sentinel_is_no_price() {
    let offer = "\
id = \"cloud\"
name = \"Cloud\"
segment = \"neocloud\"
sources.list = { title = \"List\", read = 2026-10-05 }
[[chips]]
accelerator = \"chip\"
source = \"list\"
as_of = 2026-10-05
spot_usd_per_chip_hour = 700
reserved = 2
";
    assert_eq!(
        said(&read_str::<Offer>("cloud.toml", offer)),
        "\
error[E0207]: 700 marks a missing price in some price lists
 --> cloud.toml:9:26
  |
9 | spot_usd_per_chip_hour = 700
  |                          ^^^
  |
  = help: leave the key out where the instrument is not offered

error[E0101]: unknown key `reserved` in `chips.0`
  --> cloud.toml:10:1
   |
10 | reserved = 2
   | ^^^^^^^^
   |
   = help: did you mean `reserved_1y_usd_per_chip_hour`?"
    );
}
