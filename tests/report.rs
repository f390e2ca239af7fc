//! `report.html`: safe whatever the plan says, complete, the same bytes again, and alive
//! in a browser where there is one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A plan with a title; two strategies, so that there is a difference to draw.
fn plan(title: &str) -> String {
    format!(
        "title = {title}\ncompare = [\"api\", \"rent\"]\n[time]\nstart = \"2027-01\"\n\
         months = 24\n[simulation]\npaths = 512\nseed = 3\n\
         [workloads.chat.inference]\nmodel = \"llama-3.3-70b\"\n\
         requests_per_day = {{ p10 = 1e5, p50 = 2e5, p90 = 4e5 }}\n\
         input_tokens = 1_500\noutput_tokens = 300\nprecision = \"fp8\"\n\
         [strategies.api]\nlabel = \"tokens & <b>cards</b>\"\n\
         stack = [{{ api = {{ offer = \"together-ai\", series = \"fixed_quality\" }} }}]\n\
         [strategies.rent]\nstack = [{{ on_demand = {{ accelerator = \"nvidia-b200-hgx\", \
         offer = \"lambda\" }} }}]\n"
    )
}

fn report(folder: &Path, title: &str, threads: &str) -> PathBuf {
    report_of(folder, &plan(title), threads)
}

fn report_of(folder: &Path, plan: &str, threads: &str) -> PathBuf {
    let plan_file = folder.join("plan.toml");
    fs::write(&plan_file, plan).expect("a plan can be written");
    let out = folder.join(format!("out-{threads}"));
    let done = Command::new(env!("CARGO_BIN_EXE_rackcast"))
        .args(["run", "--quiet", "--no-charts", "--threads", threads])
        .arg(&plan_file)
        .arg("--out")
        .arg(&out)
        .output()
        .expect("the program can be started");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out.join("report.html")
}

fn page(title: &str) -> String {
    let folder = TempDir::new().expect("a folder can be made");
    fs::read_to_string(report(folder.path(), title, "2")).expect("a page was written")
}

/// Everything from each `open` to the next `close`.
fn parts<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    page.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

#[test]
fn a_title_that_is_a_script_is_only_a_title() {
    let page = page("'</title><script>alert(1)</script><img src=x onerror=alert(2)>'");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert!(page.contains("tokens &amp; &lt;b&gt;cards&lt;/b&gt;"));
    // One script of ours; all others hold data.
    let scripts = parts(&page, "<script", ">");
    let data = scripts.iter().filter(|s| s.contains("application/json")).count();
    assert_eq!(scripts.len() - data, 1, "{scripts:?}");
    assert!(data > 4);
}

#[test]
fn the_page_loads_nothing() {
    let page = page("'Nothing from outside'");
    for loading in ["src=", "href=\"http", "url(", "@import", "fetch(", "http://www.w3"] {
        assert!(!page.contains(loading), "{loading}");
    }
}

#[test]
fn the_same_run_gives_the_same_page_on_any_number_of_threads() {
    let folder = TempDir::new().expect("a folder can be made");
    let one = fs::read(report(folder.path(), "'Twice'", "1")).expect("a page");
    let three = fs::read(report(folder.path(), "'Twice'", "3")).expect("a page");
    assert_eq!(one, three);
}

#[test]
fn everything_has_a_name_and_a_place() {
    let page = page("'Named'");
    for landmark in ["<html lang=\"en\">", "<header>", "<main>", "name=\"viewport\""] {
        assert_eq!(page.matches(landmark).count(), 1, "{landmark}");
    }
    for id in parts(&page, " aria-labelledby=\"", "\"") {
        assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
    let charts = parts(&page, "<svg ", ">");
    assert!(charts.len() >= 20, "{}", charts.len());
    for chart in charts {
        let alt = parts(chart, "aria-label=\"", "\"").join("");
        let median = alt.contains("The median starts at") && alt.contains("90 % between");
        assert!(median || alt.starts_with("Comparison: "), "{chart}");
    }
    for head in parts(&page, "<th", ">") {
        assert!(head.starts_with("ead") || head.contains("scope="), "<th{head}>");
    }
    for section in ["strategies", "difference", "years", "parts", "charts"]
        .into_iter()
        .chain(["drivers", "assumptions", "record", "provenance"])
    {
        let id = if section == "strategies" { "compare" } else { section };
        assert!(page.contains(&format!("id=\"h-{id}\"")), "{section}");
    }
}

/// What is tried in the browser: the page, and a script that plays a person's part and
/// writes down what it saw.
const PERSON: &str = r#"
<script>
const seen = [];
const check = (name, good) => seen.push(`${good ? "good" : "BAD"} ${name}`);
addEventListener("error", (e) => seen.push("BAD error " + e.message));
addEventListener("load", () => {
  const plots = [...document.querySelectorAll(".plot")];
  check("plots", plots.length >= 5);
  const plot = plots[0], figure = plot.closest("figure"), box = plot.querySelector(".values");
  const place = [...plot.children].find((c) => c.offsetParent), b = place.getBoundingClientRect();
  const move = (share) => place.dispatchEvent(new PointerEvent("pointermove",
    { bubbles: true, clientX: b.left + share * b.width, clientY: b.top + 20 }));
  move(0.4);
  const text = box.textContent;
  check("hover names a month", /20\d\d/.test(text) && !box.hidden);
  check("hover shows both strategies", text.includes("api") && text.includes("rent"));
  check("hover shows dollars", text.includes("$"));
  move(0.7);
  check("hover follows", box.textContent !== text);
  check("rule", getComputedStyle(place.querySelector(".rule")).display === "block");
  const fan = document.querySelector('figure[data-key^="cost_to_date."]');
  const band = fan.querySelector('[data-part="98"]');
  const drawn = () => [...fan.querySelectorAll(".page.own polygon")].filter((p) => getComputedStyle(p).display !== "none").length;
  const before = drawn();
  band.click();
  check("band goes", drawn() === before - 1 && band.getAttribute("aria-pressed") === "false");
  band.click();
  check("band comes back", drawn() === before);
  fan.querySelector('[data-part="paths"]').click();
  check("paths go", [...fan.querySelectorAll('polyline[stroke-opacity="0.38"]')].every((p) => getComputedStyle(p).display === "none"));
  const axis = [...document.querySelectorAll("[data-axis]")][0], host = axis && axis.closest("figure");
  check("an axis to switch", !!axis);
  if (axis) {
    const label = () => [...host.querySelectorAll(".plot svg")].find((s) => s.getBoundingClientRect().width > 0).textContent.includes("log scale");
    const was = label();
    axis.click();
    check("axis switches", label() !== was);
    axis.click();
    check("axis switches back", label() === was);
  }
  plots[1].focus();
  plots[1].dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true, cancelable: true }));
  check("keys show the last month", plots[1].querySelector(".values").textContent.includes("Dec 2028"));
  plots[1].dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  check("escape hides", plots[1].querySelector(".values").hidden);
  check("no requests", performance.getEntriesByType("resource").length === 0);
  check("no sideways scroll", document.documentElement.scrollWidth <= innerWidth);
  const named = (e) => (e.computedName ?? e.getAttribute("aria-label") ?? e.textContent).trim();
  const roles = [...document.querySelectorAll("button,.plot,svg[role=img],a[href],summary")]
    .filter((e) => e.getClientRects().length > 0);
  const nameless = roles.filter((e) => named(e) === "").map((e) => e.outerHTML.slice(0, 60));
  check("everything operable or drawn has a name " + nameless.join(), roles.length > 20 && !nameless.length);
  document.body.innerHTML = `<pre id="seen">${seen.join("\n")}</pre>`;
});
</script>
"#;

/// The browser, where there is one.
fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn a_person_with_a_browser_can_use_the_page() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no Chromium on this machine");
        return;
    };
    let folder = TempDir::new().expect("a folder can be made");
    let page = report(folder.path(), "'Tried in a browser'", "2");
    let text = fs::read_to_string(&page).expect("a page was written");
    // First, so that errors of the page's own script are seen.
    let tried = folder.path().join("tried.html");
    fs::write(&tried, text.replacen("<head>", &format!("<head>{PERSON}"), 1))
        .expect("a page can be written");
    for width in ["1100,900", "520,900"] {
        let done = Command::new(&browser)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .args(["--enable-logging=stderr", "--timeout=20000"])
            .arg("--enable-blink-features=ComputedAccessibilityInfo")
            .arg(format!("--window-size={width}"))
            .arg(format!("--user-data-dir={}", folder.path().join("browser").display()))
            .arg(format!("file://{}", tried.display()))
            .output()
            .expect("the browser can be started");
        let dom = String::from_utf8_lossy(&done.stdout);
        let log = String::from_utf8_lossy(&done.stderr);
        let seen = parts(&dom, "<pre id=\"seen\">", "</pre>").pop().unwrap_or_default();
        assert!(seen.lines().count() >= 15, "{width}: {seen}\n{log}");
        let bad: Vec<&str> = seen.lines().filter(|l| !l.starts_with("good")).collect();
        assert!(bad.is_empty(), "{width}: {bad:#?}");
        assert!(!log.contains("CONSOLE"), "{log}");
    }
}

#[test]
fn a_yardstick_stands_apart_and_says_that_it_is_one() {
    let folder = TempDir::new().expect("a folder can be made");
    let plan = plan("'Seen ahead'").replace("\"rent\"]", "\"rent\", \"seer\"]")
        + "[strategies.seer]\nstack = [{ reserve = { accelerator = \"nvidia-b200-hgx\", \
           term_years = 1, usd_per_chip_hour = 2.5 }, sizing.perfect_foresight = {} }, \
           { on_demand = { accelerator = \"nvidia-b200-hgx\", offer = \"lambda\" } }]\n";
    let page = fs::read_to_string(report_of(folder.path(), &plan, "2")).expect("a page");
    assert!(page.contains("Yardsticks: no strategy"));
    assert!(page.contains("seer (yardstick)</th>"));
    // It is in no table of the strategies.
    let chances = parts(&page, "<caption>Share of futures", "</table>");
    assert!(chances.len() == 1 && !chances[0].contains("seer"), "{chances:?}");
}
