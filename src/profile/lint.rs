//! What a profile probably does not mean: warnings that refuse nothing.
//!
//! The checks of a profile refuse what cannot be; here is what can be and is usually a
//! slip of reading: a peak with sparsity, GiB for GB, both ways for one, raw for usable
//! memory, a design power of another tier. Two ways to tell: laws that hold for every
//! accelerator known, and the profile of the same chip in the catalogue, whose name it
//! bears. Read next: [`super::accelerator`].

use super::accelerator::Topology;
use super::{Accelerator, Catalogue, Model};
use crate::input::Checker;

/// bf16 FLOP per byte of memory bandwidth above which no dense peak is known: 560 of TPU
/// v6e is the most, 295 of H100 is usual.
const MOST_FLOP_PER_BYTE: f64 = 620.0;
/// Scale-up bandwidth over memory bandwidth, one way, above which no switch or mesh (0.147
/// of A100) and no torus (0.245 of TPU v6e) is known.
const MOST_LINK_SHARE: f64 = 0.2;
const MOST_TORUS_SHARE: f64 = 0.4;
/// Memory bandwidth below which it was written in another unit.
const LEAST_BANDWIDTH_GB_PER_S: f64 = 50.0;
/// Bytes of a GiB over bytes of a GB.
const GIB: f64 = 1.073_741_824;

/// Pushes what is suspicious about an accelerator.
///
/// **Errors** none; every problem is a warning (W02xx).
/// **Checked by** `slips_of_reading_are_told`, `the_shipped_catalogue_has_no_slips`.
pub fn accelerator(profile: &Accelerator, known: &Catalogue, at: &mut Checker) {
    units(profile, at);
    if profile.memory.bandwidth_gb_per_s.median() < LEAST_BANDWIDTH_GB_PER_S {
        // In another unit, whatever is compared with it looks wrong as well.
        return;
    }
    sparse(profile, at);
    links(profile, at);
    if let Some(twin) = twin(profile, known) {
        against(profile, twin, at);
    }
}

/// Pushes what is suspicious about a model.
pub fn model(profile: &Model, at: &mut Checker) {
    let a = &profile.architecture;
    at.at("architecture", |at| {
        if a.params_billion > 1e5 {
            warn(
                at,
                "params_billion",
                "W0206",
                format!("{} is more than 100 trillion parameters", a.params_billion),
                "write 10^9 parameters: 8.03 for an 8B model",
            );
        }
        if a.experts.is_some() && a.active_params_billion.is_none() {
            warn(
                at,
                "params_billion",
                "W0207",
                "a mixture of experts without `active_params_billion`".to_owned(),
                "give the parameters a token meets, in 10^9",
            );
        }
        let counted = a.counted_billion().0 / a.params_billion;
        if counted.is_finite() && !(0.93..=1.07).contains(&counted) {
            let message = format!(
                "the dimensions explain {:.2} of {} (10^9) parameters",
                a.counted_billion().0,
                a.params_billion
            );
            let help = "check the counts, or say in `doubts` what they leave out";
            warn(at, "params_billion", "W0207", message, help);
        }
        if a.kv_heads > 0 && !a.heads.is_multiple_of(a.kv_heads) {
            warn(
                at,
                "kv_heads",
                "W0207",
                format!("{} heads do not share {} evenly", a.heads, a.kv_heads),
                "check both counts",
            );
        }
    });
}

fn warn(at: &mut Checker, key: &str, code: &'static str, message: String, help: &str) {
    at.at(key, |at| at.push(code, message, help.to_owned()));
}

fn sparse(profile: &Accelerator, at: &mut Checker) {
    let c = &profile.compute;
    let bf16 = c.bf16_tflops.median();
    let help = "write the dense peak: data sheets print twice it, with sparsity";
    at.at("compute", |at| {
        let per_byte = bf16 * 1e3 / profile.memory.bandwidth_gb_per_s.median();
        if per_byte.is_finite() && per_byte > MOST_FLOP_PER_BYTE {
            let message = format!(
                "{per_byte:.0} FLOP per byte of bandwidth is more than any dense peak has"
            );
            warn(at, "bf16_tflops", "W0201", message, help);
        }
        let pairs = [
            ("tf32_tflops", c.tf32_tflops, 1.05, "a TF32 peak above the bf16 one"),
            ("int8_tops", c.int8_tops, 2.05, "an INT8 peak above twice the bf16 one"),
            ("fp32_tflops", c.fp32_tflops, 1.05, "an FP32 peak above the bf16 one"),
        ];
        for (key, peak, most, what) in pairs {
            if peak.is_some_and(|p| p.median() > most * bf16) {
                warn(at, key, "W0201", what.to_owned(), help);
            }
        }
    });
}

fn units(profile: &Accelerator, at: &mut Checker) {
    let m = &profile.memory;
    at.at("memory", |at| {
        let bandwidth = m.bandwidth_gb_per_s.median();
        if bandwidth < LEAST_BANDWIDTH_GB_PER_S {
            let message = format!("{bandwidth} GB/s is slower than a laptop");
            warn(at, "bandwidth_gb_per_s", "W0206", message, "1 TB/s is 1000 GB/s");
        }
        let capacity = m.capacity_gb.median();
        let gib = capacity / GIB;
        let is_whole = |x: f64| (x - x.round()).abs() < 0.02 && x > 4.0;
        if is_whole(gib / 8.0) && !is_whole(capacity) {
            let message = format!("{capacity} GB is {gib:.0} GiB in other units");
            let help = "write the printed figure in GB, and the question in `doubts`";
            warn(at, "capacity_gb", "W0202", message, help);
        }
        if capacity > 2000.0 {
            let message = format!("{capacity} GB is more than any package holds");
            warn(at, "capacity_gb", "W0206", message, "write GB of one chip");
        }
    });
    if let Some(net) = &profile.scale_out {
        let rate = net.per_chip_gbit_per_s.median();
        if rate < 5.0 {
            at.at("scale_out", |at| {
                let message = format!("{rate} Gbit/s is slower than an office network");
                let help = "1 GB/s is 8 Gbit/s; write gigabits";
                warn(at, "per_chip_gbit_per_s", "W0206", message, help);
            });
        }
    }
    if let Some(tdp) = profile.power.as_ref().and_then(|p| p.tdp_w)
        && !(20.0..=5000.0).contains(&tdp.median())
    {
        at.at("power", |at| {
            let message = format!("{tdp} W is no design power of one chip");
            warn(at, "tdp_w", "W0206", message, "write watts of one chip: 1 kW is 1000");
        });
    }
}

fn links(profile: &Accelerator, at: &mut Checker) {
    let Some(up) = &profile.scale_up else { return };
    let share =
        up.per_direction_gb_per_s.median() / profile.memory.bandwidth_gb_per_s.median();
    let most = match up.topology {
        Topology::Torus => MOST_TORUS_SHARE,
        Topology::Switch | Topology::Mesh => MOST_LINK_SHARE,
    };
    if share.is_finite() && share > most {
        at.at("scale_up", |at| {
            let message = format!(
                "links at {share:.2} of the memory bandwidth are faster than any known: \
                 both ways for one?"
            );
            let help = "NVLink and ICI are quoted both ways: write one direction, half";
            warn(at, "per_direction_gb_per_s", "W0203", message, help);
        });
    }
}

/// The shipped profile whose name the profile bears, by its longest name.
fn twin<'a>(profile: &Accelerator, known: &'a Catalogue) -> Option<&'a Accelerator> {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let own = [words(&profile.id), words(&profile.name)];
    let mut best: Option<(usize, &Accelerator)> = None;
    for other in known.accelerators.values() {
        let names = [other.id.as_str(), other.name.as_str()].into_iter();
        for name in names.chain(other.aliases.iter().map(String::as_str)) {
            let wanted = words(name);
            let is_in = |text: &Vec<String>| {
                !wanted.is_empty() && text.windows(wanted.len()).any(|w| w == wanted)
            };
            let letters = wanted.iter().map(String::len).sum();
            let is_longer = best.is_none_or(|(n, _)| letters > n);
            if letters >= 2 && is_longer && own.iter().any(is_in) {
                best = Some((letters, other));
            }
        }
    }
    best.map(|(_, other)| other)
}

fn against(profile: &Accelerator, twin: &Accelerator, at: &mut Checker) {
    let near = |x: f64, y: f64| (x / y - 1.0).abs() < 0.012;
    let name = &twin.id;
    let peak = profile.compute.bf16_tflops.median() / twin.compute.bf16_tflops.median();
    if near(peak, 2.0) || near(peak, 4.0) {
        at.at("compute", |at| {
            let message = format!("{peak:.0} times the dense peak of `{name}`");
            let help = "write the dense peak: data sheets print twice it, with sparsity";
            warn(at, "bf16_tflops", "W0201", message, help);
        });
    }
    let capacity = profile.memory.capacity_gb.median() / twin.memory.capacity_gb.median();
    at.at("memory", |at| {
        let is_gib = |x: f64| (x / GIB - 1.0).abs() < 0.003;
        if is_gib(capacity) || is_gib(1.0 / capacity) {
            let message = format!(
                "{capacity:.3} times the capacity of `{name}`: GiB for GB, or GB for GiB?"
            );
            let help = "write what a program can use in GB of 10^9 bytes";
            warn(at, "capacity_gb", "W0202", message, help);
        } else if (1.015..1.1).contains(&capacity) {
            let message = format!(
                "{capacity:.3} times the capacity of `{name}`: raw memory for usable?"
            );
            let help =
                "write what a program can use; makers also print what is soldered on";
            warn(at, "capacity_gb", "W0204", message, help);
        }
    });
    if let (Some(own), Some(other)) = (&profile.scale_up, &twin.scale_up) {
        let ratio =
            own.per_direction_gb_per_s.median() / other.per_direction_gb_per_s.median();
        if near(ratio, 2.0) {
            at.at("scale_up", |at| {
                let message = format!("twice the links of `{name}`: both ways for one?");
                let help =
                    "NVLink and ICI are quoted both ways: write one direction, half";
                warn(at, "per_direction_gb_per_s", "W0203", message, help);
            });
        }
    }
    tier(profile, twin, peak, at);
}

/// Peaks of one power tier and the design power of another.
fn tier(profile: &Accelerator, twin: &Accelerator, peak: f64, at: &mut Checker) {
    let tdp = |a: &Accelerator| a.power.as_ref().and_then(|p| p.tdp_w);
    let (Some(own), Some(other)) = (tdp(profile), tdp(twin)) else { return };
    let power = own.median() / other.median();
    let same = |x: f64| (0.98..=1.02).contains(&x);
    let close = |x: f64| (0.75..=1.35).contains(&x) && !same(x);
    if (same(peak) && close(power)) || (same(power) && close(peak)) {
        at.at("power", |at| {
            let message = format!(
                "{own} W with peaks {peak:.2} times those of `{}` at {other} W: the design \
                 power of another tier?",
                twin.id
            );
            let help = "peaks and design power must be of one tier; a part at two tiers \
                        is two profiles";
            warn(at, "tdp_w", "W0205", message, help);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(change: impl FnOnce(&mut Accelerator), of: &str) -> Vec<&'static str> {
        let known = Catalogue::shipped();
        let mut profile = known.accelerators[of].clone();
        profile.id = format!("my-{of}");
        change(&mut profile);
        let mut at = Checker::new();
        accelerator(&profile, &known, &mut at);
        at.into_problems().iter().map(|p| p.code).collect()
    }

    #[test]
    fn slips_of_reading_are_told() {
        let none: [&str; 0] = [];
        assert_eq!(codes(|_| {}, "nvidia-h100-sxm"), none);
        let sparse = |a: &mut Accelerator| {
            let c = &mut a.compute;
            c.bf16_tflops = 1979.0.into();
            c.fp8_tflops = Some(3958.0.into());
        };
        assert_eq!(codes(sparse, "nvidia-h100-sxm"), ["W0201"]);
        let gib = |a: &mut Accelerator| a.memory.capacity_gb = 85.9.into();
        let found = codes(gib, "nvidia-h100-sxm");
        assert!(found.contains(&"W0202"), "{found:?}");
        let raw = |a: &mut Accelerator| a.memory.capacity_gb = 192.0.into();
        assert_eq!(codes(raw, "nvidia-b200-hgx"), ["W0204"]);
        let both = |a: &mut Accelerator| {
            if let Some(up) = &mut a.scale_up {
                up.per_direction_gb_per_s = 900.0.into();
            }
        };
        assert!(codes(both, "nvidia-h100-sxm").contains(&"W0203"));
        let tier = |a: &mut Accelerator| {
            if let Some(p) = &mut a.power {
                p.tdp_w = Some(1000.0.into());
            }
        };
        assert_eq!(codes(tier, "nvidia-gb200-nvl72"), ["W0205"]);
        let lower = |a: &mut Accelerator| a.compute.bf16_tflops = 2250.0.into();
        assert!(codes(lower, "nvidia-gb200-nvl72").contains(&"W0205"));
        let tera = |a: &mut Accelerator| a.memory.bandwidth_gb_per_s = 3.35.into();
        assert!(codes(tera, "nvidia-h100-sxm").contains(&"W0206"));
    }

    #[test]
    fn hardware_nobody_has_yet_is_held_to_what_holds_for_all() {
        let unknown = |change: fn(&mut Accelerator)| {
            let renamed = |a: &mut Accelerator| {
                a.id = "acme-x1".to_owned();
                a.name = "Acme X1".to_owned();
                change(a);
            };
            codes(renamed, "nvidia-h100-sxm")
        };
        let none: [&str; 0] = [];
        assert_eq!(unknown(|_| {}), none);
        let links = |a: &mut Accelerator| {
            if let Some(up) = &mut a.scale_up {
                up.per_direction_gb_per_s = 900.0.into();
            }
        };
        assert_eq!(unknown(links), ["W0203"]);
        assert_eq!(unknown(|a| a.compute.bf16_tflops = 2200.0.into()), ["W0201"]);
        assert_eq!(unknown(|a| a.compute.int8_tops = Some(3958.0.into())), ["W0201"]);
        assert_eq!(unknown(|a| a.memory.capacity_gb = 103.08.into()), ["W0202"]);
    }

    #[test]
    fn the_shipped_catalogue_has_no_slips() {
        let known = Catalogue::shipped();
        for profile in known.accelerators.values() {
            let mut at = Checker::new();
            accelerator(profile, &known, &mut at);
            assert_eq!(at.into_problems(), [], "{}", profile.id);
        }
        for profile in known.models.values() {
            let mut at = Checker::new();
            model(profile, &mut at);
            assert_eq!(at.into_problems(), [], "{}", profile.id);
        }
    }
}
