//! `rackcast serve` on a real socket of this machine: answers, refuses, survives, ends.
#![cfg(feature = "serve")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PLAN: &str = "title = 'Served <b>'\ncompare = [\"api\", \"rent\"]\n\
    [time]\nstart = \"2027-01\"\nmonths = 12\n\
    [workloads.chat.inference]\nmodel = \"llama-3.3-70b\"\nrequests_per_day = 1e5\n\
    input_tokens = 1_500\noutput_tokens = 300\nprecision = \"fp8\"\n";

/// A server that ends with its test.
struct Served {
    child: Child,
    address: String,
    folder: TempDir,
}

impl Served {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        fs::write(folder.path().join("plan.toml"), PLAN).expect("a plan can be written");
        let mut child = Command::new(env!("CARGO_BIN_EXE_rackcast"))
            .args([
                "serve",
                "plan.toml",
                "--port",
                "0",
                "--paths",
                "128",
                "--threads",
                "2",
            ])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut line = String::new();
        let said = child.stderr.take().expect("what it says is read");
        BufReader::new(said).read_line(&mut line).expect("it says where it is");
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, address, folder }
    }

    fn plan(&self) -> &Path {
        self.folder.path()
    }

    /// Sends bytes and reads the answer: status and everything after it.
    fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a socket waits");
        // A server that refuses early may close before all is sent.
        let _ = stream.write_all(request.as_bytes());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, text)
    }

    fn get(&self, path: &str) -> (u16, String) {
        let host = &self.address;
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_page_with_sliders_is_served_and_its_questions_are_answered() {
    let served = Served::start();
    let (status, page) = served.get("/");
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("content-security-policy: default-src 'none'"));
    assert!(page.contains("Served &lt;b&gt;") && !page.contains("Served <b>"));
    assert_eq!(page.matches("type=\"range\"").count(), 6);
    let (status, plain) = served.get("/answer?sheet=page");
    assert_eq!(status, 200);
    assert!(plain.contains("<figure") && !plain.contains("class=\"phone"));
    let (status, same) = served.get("/answer?growth_per_year=0&sheet=page");
    let after = |text: &str| text.split("\r\n\r\n").nth(1).map(ToOwned::to_owned);
    assert_eq!((status, after(&same)), (200, after(&plain)));
    let (status, moved) = served.get("/answer?growth_per_year=0.5&sheet=page");
    assert_eq!(status, 200);
    assert_ne!(after(&moved), after(&plain));
}

#[test]
fn what_cannot_be_answered_gets_a_message_and_the_server_survives() {
    let served = Served::start();
    let host = &served.address;
    for (path, wanted) in [
        ("/answer?utilisation=nan", 400),
        ("/answer?lead_time=-3", 400),
        ("/answer?plan=../../etc/passwd", 400),
        ("/../../../../etc/passwd", 404),
        ("/plan.toml", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/answer/../plan.toml", 404),
    ] {
        let (status, said) = served.get(path);
        assert_eq!(status, wanted, "{path}: {said}");
        assert!(!said.contains("root:") && !said.contains("llama"), "{path}: {said}");
    }
    let long = format!("/answer?{}", "a".repeat(5_000));
    assert_eq!(served.get(&long).0, 414);
    let other = "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(served.send(other).0, 403);
    let body = format!(
        "POST /answer HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999\r\n\
         Connection: close\r\n\r\nx"
    );
    assert_eq!(served.send(&body).0, 413);
    served.send("no HTTP at all\r\n\r\n");
    assert_eq!(served.get("/answer").0, 200);
}

#[test]
fn clients_that_say_half_of_what_they_ask_do_not_hold_the_server() {
    let served = Served::start();
    let half = || {
        let mut stream = TcpStream::connect(&served.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket waits");
        stream.write_all(b"GET /answer HTTP/1.1\r\nHost: local").expect("half is sent");
        stream
    };
    // One alone is not even noticed by the others.
    let one = half();
    let begun = Instant::now();
    assert_eq!(served.get("/answer").0, 200);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    // More than may be open at once hold the others up until their time is over.
    let many: Vec<TcpStream> = (0..80).map(|_| half()).collect();
    assert_eq!(served.get("/answer").0, 200);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let closed = |mut stream: &TcpStream| {
        let mut rest = Vec::new();
        // Closed in order or cut off, but not waited for.
        match stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(e) => e.kind() == std::io::ErrorKind::ConnectionReset,
        }
    };
    assert!(closed(&one) && closed(&many[0]));
    // A body that never comes is not waited for, and a head without end is cut.
    let host = &served.address;
    let begun = Instant::now();
    let body = format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nx");
    assert_eq!(served.send(&body).0, 405);
    let endless = format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {}", "a".repeat(99_000));
    let (status, said) = served.send(&endless);
    assert!(status == 431 || status == 0, "{said}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn a_plan_that_breaks_is_told_and_mended() {
    let served = Served::start();
    let plan = served.plan().join("plan.toml");
    fs::write(&plan, PLAN.replace("months = 12", "months = \"<i>\"")).expect("a plan");
    let (status, said) = served.get("/");
    assert_eq!(status, 422, "{said}");
    assert!(said.contains("plan.toml") && said.contains("months"), "{said}");
    assert!(!said.contains("<i>"));
    // What was read before is still there for questions.
    assert_eq!(served.get("/answer").0, 200);
    fs::write(&plan, PLAN).expect("a plan");
    assert_eq!(served.get("/").0, 200);
}

#[test]
fn questions_at_once_are_answered_in_turn_and_all_alike() {
    let served = Served::start();
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..6).map(|_| scope.spawn(|| served.get("/answer?lead_time=2"))).collect();
        asked.into_iter().map(|a| a.join().expect("no panic")).collect()
    });
    let after = |text: &str| text.split("\r\n\r\n").nth(1).map(ToOwned::to_owned);
    for (status, text) in &answers {
        assert_eq!(*status, 200, "{text}");
        assert_eq!(after(text), after(&answers[0].1));
    }
}

/// Plays a person's part at the sliders and writes down what was seen.
const PERSON: &str = r#"<script>
const seen = [], check = (name, good) => seen.push(`${good ? "good" : "BAD"} ${name}`);
const tell = () => { document.body.innerHTML = `<pre id="seen">${seen.join("\n")}</pre>`; };
addEventListener("unhandledrejection", (e) => { seen.push("BAD " + e.reason); tell(); });
addEventListener("load", async () => {
  const form = document.getElementById("what-if"), state = document.getElementById("state");
  const answer = document.getElementById("answer");
  const answered = async (what) => {
    state.textContent = "";
    what();
    for (let i = 0; i < 400 && state.textContent === ""; i++)
      await new Promise((done) => setTimeout(done, 25));
    return state.textContent;
  };
  const set = (name, value) => answered(() => {
    const slider = form.elements[name];
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const plan = answer.innerHTML;
  check("a slider is answered: " + await set("growth_per_year", 0.5), state.textContent.startsWith("played and drawn in "));
  const more = answer.innerHTML;
  check("the charts are others", more !== plan && answer.querySelectorAll("figure.chart").length >= 5);
  const label = form.elements.growth_per_year.nextElementSibling.textContent;
  check("the slider says what it is: " + label, label === "+50 %");
  const figure = () => answer.querySelector('figure[data-key^="cost_to_date."]');
  figure().querySelector('[data-part="98"]').click();
  const was = figure().className;
  await set("power_price", 2);
  check("what was switched stays switched", figure().className === was && figure().querySelector('[data-part="98"]').getAttribute("aria-pressed") === "false");
  const plot = answer.querySelector(".plot"), place = [...plot.children].find((c) => c.offsetParent);
  const box = place.getBoundingClientRect();
  place.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + 20 }));
  check("values are shown on the new charts", !plot.querySelector(".values").hidden);
  await answered(() => form.reset());
  check("back to the plan", form.elements.growth_per_year.value === "0");
  tell();
});
</script>"#;

/// Hands a browser what `served` answers, the page with [`PERSON`] in it.
fn hand_over(listener: &TcpListener, served: &Served, ended: &AtomicBool) {
    for stream in listener.incoming() {
        if ended.load(Ordering::Relaxed) {
            return;
        }
        let Ok(mut stream) = stream else { continue };
        let mut line = String::new();
        let _ = BufReader::new(&stream).read_line(&mut line);
        let Some(path) = line.split(' ').nth(1) else { continue };
        let (status, answer) = served.get(path);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body = match path {
            "/" => body.replacen("<head>", &format!("<head>{PERSON}"), 1),
            _ => body.to_owned(),
        };
        let _ = write!(
            stream,
            "HTTP/1.1 {status} Said\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn a_person_with_a_browser_can_move_the_sliders() {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let browser = std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    let Some(browser) = browser else {
        eprintln!("skipped: no Chromium on this machine");
        return;
    };
    let served = Served::start();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let ended = AtomicBool::new(false);
    let done = std::thread::scope(|scope| {
        scope.spawn(|| hand_over(&listener, &served, &ended));
        let done = Command::new(&browser)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .args(["--virtual-time-budget=60000", "--window-size=1100,900"])
            .arg(format!("--user-data-dir={}", served.plan().join("browser").display()))
            .arg(format!("http://{address}/"))
            .output();
        ended.store(true, Ordering::Relaxed);
        // Wakes who waits for a connection.
        let _ = TcpStream::connect(address);
        done.expect("the browser can be started")
    });
    let dom = String::from_utf8_lossy(&done.stdout);
    let seen =
        dom.split("<pre id=\"seen\">").last().and_then(|s| s.split("</pre>").next());
    let seen =
        seen.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    assert_eq!(
        seen.lines().filter(|line| line.starts_with("good ")).count(),
        6,
        "{seen}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it() {
    let mut served = Served::start();
    assert_eq!(served.get("/answer").0, 200);
    let id = served.child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill is there");
    assert!(sent.success());
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(status) = served.child.try_wait().expect("its end can be seen") {
            assert!(status.success(), "{status}");
            break;
        }
        assert!(Instant::now() < until, "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}
