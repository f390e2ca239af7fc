//! The sliders of a page that is served: what they are called, how far they go.
//!
//! Their values travel as a query and arrive as a [`WhatIf`]; the page sent from disk has
//! none. Read next: `serve.js`, `crate::cli`.

use crate::scenario::{Scenario, WhatIf};

use super::markup::Markup;

/// A slider: a name in queries, words, least, most, step and what a value is shown as.
struct Slider {
    name: &'static str,
    words: &'static str,
    low: f64,
    high: f64,
    step: f64,
    kind: &'static str,
}

const SLIDERS: [Slider; 6] = [
    Slider {
        name: "growth_per_year",
        words: "Growth of demand, on top, a year",
        low: -0.5,
        high: 1.0,
        step: 0.05,
        kind: "points",
    },
    Slider {
        name: "price_change_per_year",
        words: "Prices of compute, on top, a year",
        low: -0.5,
        high: 0.5,
        step: 0.05,
        kind: "points",
    },
    Slider {
        name: "utilisation",
        words: "Use of committed chips",
        low: 0.5,
        high: 2.0,
        step: 0.05,
        kind: "times",
    },
    Slider {
        name: "discount_rate_per_year",
        words: "Discount rate, a year",
        low: 0.0,
        high: 0.3,
        step: 0.005,
        kind: "share",
    },
    Slider {
        name: "power_price",
        words: "Price of power",
        low: 0.25,
        high: 4.0,
        step: 0.05,
        kind: "times",
    },
    Slider {
        name: "lead_time",
        words: "Lead time of machines, halls, reservations",
        low: 0.0,
        high: 4.0,
        step: 0.1,
        kind: "times",
    },
];

/// The form, every slider where the plan has it.
pub(super) fn form(page: &mut Markup, scenario: &Scenario) {
    let plan = WhatIf::default();
    page.raw("<form id=\"what-if\" aria-label=\"What if\" autocomplete=\"off\">\n");
    for slider in SLIDERS {
        let here = match slider.name {
            "growth_per_year" => plan.growth_per_year,
            "price_change_per_year" => plan.price_change_per_year,
            "discount_rate_per_year" => scenario.discount_rate,
            _ => 1.0,
        };
        page.raw("<label>").text(slider.words).raw("<input type=\"range\" name=\"");
        page.raw(slider.name).raw("\" data-kind=\"").raw(slider.kind);
        page.raw("\" min=\"").number(slider.low, 3);
        page.raw("\" max=\"").number(slider.high.max(here), 3);
        page.raw("\" step=\"").number(slider.step, 3);
        page.raw("\" value=\"").number(here, 4);
        page.raw("\"><output></output></label>\n");
    }
    page.raw(
        "<p><button type=\"reset\">Back to the plan</button> \
         <span id=\"state\" role=\"status\"></span></p>\n</form>\n",
    );
}
