//! `rackcast serve`: the report with sliders, on this machine.
//!
//! One plan, one page, one question at a time. A request carries numbers and nothing else:
//! there is no path in it that could name a file, and the plan and what stands beside it
//! are read by the same code as in `rackcast run`. By default only this machine can
//! connect, and pages of other sites cannot: a request whose `Host` is not this machine is
//! refused. What cannot be answered gets a message, and the next request is answered all
//! the same, and a client that says half of what it asks, or reads the answer too slowly,
//! loses its place after a while. Read next: [`crate::scenario::WhatIf`], [`crate::report::html`].

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::decide::Decision;
use crate::engine::{self, Options};
use crate::report::html::{self, Answer, Sheets};
use crate::scenario::{Overrides, WhatIf};

use super::load::{self, Loaded};
use super::{Failure, play, say};

/// Paths of a redraw: what two cores play and draw in a fifth of a second.
const PATHS: u64 = 2_000;
/// Longest a request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest that a client may take to say what it asks.
const HEAD: Duration = Duration::from_secs(5);
/// Longest that a connection may stand, from its first byte to the last of the answer:
/// room for a request before, its own time, and a slow reader.
const WHOLE: Duration = Duration::from_mins(2);
/// Connections open at once; more wait until one of these is done or has waited too long.
const OPEN: u32 = 64;
/// Most bytes of a head.
const HEADERS: usize = 16 * 1024;
/// Longest that those being answered are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(2);
/// Requests that may wait for the one that is played.
const WAITING: usize = 8;
/// Largest body; no request needs one.
const BODY: usize = 4 * 1024;
/// Longest query.
const QUERY: usize = 1024;

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The plan (TOML)
    pub(super) plan: PathBuf,
    /// Paths of a redraw
    #[arg(long, default_value_t = PATHS, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(super) paths: u64,
    /// Seed of all random numbers, over the plan's
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Threads; left out: one per core
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Folder of your own profiles
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
    /// Address to listen on; any other than this machine's own lets others in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(super) listen: IpAddr,
    /// Port; 0 for any that is free
    #[arg(long, default_value_t = 7878)]
    pub(super) port: u16,
}

/// What the requests share.
struct Desk {
    arguments: ServeArguments,
    loaded: Mutex<Option<Arc<Loaded>>>,
    /// One run at a time.
    turn: Arc<Semaphore>,
    /// Those that run or wait.
    places: Arc<Semaphore>,
    /// True once it is told to end.
    ended: AtomicBool,
    /// Stops the run that is played.
    current: Mutex<Arc<AtomicBool>>,
}

/// Why there is no answer.
type Refusal = (StatusCode, String);

/// `rackcast serve`.
pub(super) fn serve(arguments: ServeArguments) -> Result<(), Failure> {
    // A plan that cannot be read is told before anybody is asked to open a page.
    let desk = Desk {
        arguments,
        loaded: Mutex::new(None),
        turn: Arc::new(Semaphore::new(1)),
        places: Arc::new(Semaphore::new(WAITING)),
        ended: AtomicBool::new(false),
        current: Mutex::default(),
    };
    desk.read()?;
    let desk = Arc::new(desk);
    let wrong = |e: std::io::Error| Failure::Report(format!("could not serve: {e}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(wrong)?;
    let served = runtime.block_on(listen(Arc::clone(&desk)));
    runtime.shutdown_timeout(Duration::from_secs(2));
    served
}

async fn listen(desk: Arc<Desk>) -> Result<(), Failure> {
    let address = SocketAddr::new(desk.arguments.listen, desk.arguments.port);
    let listener = TcpListener::bind(address).await.map_err(|e| {
        Failure::Report(format!(
            "could not listen on {address}: {e}. Choose another --port, or 0 for any"
        ))
    })?;
    let address = listener.local_addr().unwrap_or(address);
    let plan = desk.arguments.plan.display();
    say(&format!("Serving {plan} on http://{address}/ (ctrl-c ends it)"));
    if !address.ip().is_loopback() {
        say(
            "Whoever reaches this address can read the plan's answer and use this machine",
        );
    }
    let open = Arc::new(Semaphore::new(OPEN as usize));
    let door =
        tokio::spawn(accept(listener, router(Arc::clone(&desk)), Arc::clone(&open)));
    // Without a signal handler there is nothing to wait for: ctrl-c still kills.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    door.abort();
    desk.end();
    // Whoever is still asking then is cut off.
    let _ = tokio::time::timeout(FAREWELL, open.acquire_many(OPEN)).await;
    Ok(())
}

/// Lets clients in, so many at once, each for so long: one that sends half a request and
/// waits, or reads an answer byte by byte, loses its place and not everybody's.
///
/// A connection is for one request. On this machine another costs nothing, and none is
/// held by a page that is only open.
async fn accept(listener: TcpListener, router: Router, open: Arc<Semaphore>) {
    while let Ok(place) = Arc::clone(&open).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // No file handle is free, or the client is gone again.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(HEADERS)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // A client that breaks off is no error of ours.
            let _ = tokio::time::timeout(WHOLE, served).await;
            drop(place);
        });
    }
}

fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/answer", get(answer))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is only the page, at /\n") })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), guard))
        .with_state(desk)
}

/// Lets in who is meant, for so long, and tells the browser what the page may do.
async fn guard(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let long = request.headers().get(header::CONTENT_LENGTH).is_some_and(|length| {
        length.to_str().ok().and_then(|n| n.parse().ok()).is_none_or(|n: usize| n > BODY)
    });
    let mut response =
        if desk.arguments.listen.is_loopback() && !host.is_some_and(is_here) {
            (StatusCode::FORBIDDEN, "only this machine is answered\n").into_response()
        } else if long {
            (StatusCode::PAYLOAD_TOO_LARGE, "no request needs a body\n").into_response()
        } else if request.uri().query().is_some_and(|query| query.len() > QUERY) {
            (StatusCode::URI_TOO_LONG, "no question is so long\n").into_response()
        } else {
            tokio::time::timeout(PATIENCE, next.run(request)).await.unwrap_or_else(|_| {
                let said = "it took too long: fewer --paths, or a shorter plan\n";
                (StatusCode::SERVICE_UNAVAILABLE, said).into_response()
            })
        };
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
             connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// True for the names of this machine: a page of another site that a name server points
/// here sends the name of that site.
fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The whole page, of the plan as it now stands on disk.
async fn page(State(desk): State<Arc<Desk>>) -> Response {
    let played = turn(&desk, |desk| {
        let loaded =
            desk.read().map_err(|e| (StatusCode::UNPROCESSABLE_ENTITY, e.to_string()))?;
        desk.play(&loaded, &WhatIf::default(), html::served)
    });
    match played.await {
        Ok(page) => html_of(StatusCode::OK, page),
        Err((status, message)) => html_of(status, html::trouble("No answer", &message)),
    }
}

/// What the page swaps in.
async fn answer(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response {
    let asked = match question(query.as_deref().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(message) => return (StatusCode::BAD_REQUEST, message).into_response(),
    };
    let played = turn(&desk, move |desk| {
        let (what_if, sheets) = asked;
        let known = desk.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let loaded = known.ok_or_else(|| {
            (StatusCode::UNPROCESSABLE_ENTITY, "the plan cannot be read".to_owned())
        })?;
        desk.play(&loaded, &what_if, |answer| html::fragment(answer, sheets))
    });
    match played.await {
        Ok(part) => html_of(StatusCode::OK, part),
        Err(refusal) => refusal.into_response(),
    }
}

fn html_of(status: StatusCode, page: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// Does a piece of work when it is its turn, away from the thread that listens.
async fn turn(
    desk: &Arc<Desk>,
    work: impl FnOnce(&Desk) -> Result<String, Refusal> + Send + 'static,
) -> Result<String, Refusal> {
    let busy =
        || (StatusCode::SERVICE_UNAVAILABLE, "too many questions at once".to_owned());
    let place = Arc::clone(&desk.places).try_acquire_owned().map_err(|_| busy())?;
    let mine = Arc::clone(&desk.turn).acquire_owned().await.map_err(|_| busy())?;
    let stop = StopsWhenLeft(desk.begin());
    let desk = Arc::clone(desk);
    let done = tokio::task::spawn_blocking(move || {
        // Held until the work is done, also where nobody waits for it any more.
        let _held = (place, mine);
        work(&desk)
    })
    .await;
    drop(stop);
    done.unwrap_or_else(|_| {
        let said = "rackcast has a bug worth reporting: this question broke it";
        Err((StatusCode::INTERNAL_SERVER_ERROR, said.to_owned()))
    })
}

/// Stops the run of a request that nobody waits for any more.
struct StopsWhenLeft(Arc<AtomicBool>);

impl Drop for StopsWhenLeft {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Desk {
    /// A run begins: what stops it.
    fn begin(&self) -> Arc<AtomicBool> {
        let stop = Arc::new(AtomicBool::new(self.ended.load(Ordering::Relaxed)));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&stop);
        stop
    }

    /// No run goes on.
    fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.store(true, Ordering::Relaxed);
    }

    /// Reads the plan anew; what was known stays where it cannot be read.
    fn read(&self) -> Result<Arc<Loaded>, Failure> {
        let ServeArguments { plan, paths, seed, profiles, .. } = &self.arguments;
        let overrides =
            Overrides { paths: Some(*paths), seed: *seed, ..Overrides::default() };
        let loaded = Arc::new(load::scenario(plan, profiles.as_deref(), overrides)?);
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::clone(&loaded));
        Ok(loaded)
    }

    fn play(
        &self,
        loaded: &Loaded,
        what_if: &WhatIf,
        write: impl FnOnce(&Answer<'_>) -> String,
    ) -> Result<String, Refusal> {
        let wrong = |e: Failure| (StatusCode::UNPROCESSABLE_ENTITY, e.to_string());
        let mut scenario = loaded.scenario.clone();
        what_if.apply(&mut scenario);
        let stop =
            Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner));
        let threads = self.arguments.threads.map(usize::from);
        let options = Options { threads, stop: Some(&stop), ..Options::default() };
        let outcome =
            engine::run(&scenario, &options).map_err(|e| wrong(Failure::Engine(e)))?;
        if stop.load(Ordering::Relaxed) {
            return Err((StatusCode::SERVICE_UNAVAILABLE, "stopped".to_owned()));
        }
        play::refuse_overflow(&outcome).map_err(wrong)?;
        let decision = Decision::of(&scenario, &outcome);
        Ok(write(&Answer {
            scenario: &scenario,
            outcome: &outcome,
            decision: &decision,
            plan_hash: &loaded.plan_hash,
        }))
    }
}

/// What a query asks; every name must be known and every value a number in its range.
fn question(query: &str) -> Result<(WhatIf, Sheets), String> {
    let mut asked = WhatIf::default();
    let mut sheets = Sheets::Both;
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if !given.insert(name) {
            return Err("a figure is given twice".to_owned());
        }
        let number = || {
            let x = value.parse::<f64>().ok().filter(|x| x.is_finite());
            x.ok_or_else(|| format!("`{}` must be a number", known(name)))
        };
        match name {
            "growth_per_year" => asked.growth_per_year = number()?,
            "price_change_per_year" => asked.price_change_per_year = number()?,
            "utilisation" => asked.utilisation = number()?,
            "discount_rate_per_year" => asked.discount_rate_per_year = Some(number()?),
            "power_price" => asked.power_price = number()?,
            "lead_time" => asked.lead_time = number()?,
            "sheet" => {
                sheets = match value {
                    "page" => Sheets::Page,
                    "phone" => Sheets::Phone,
                    _ => return Err("`sheet` must be page or phone".to_owned()),
                }
            }
            _ => return Err("there is no such figure to move".to_owned()),
        }
    }
    let problems = asked.problems();
    if problems.is_empty() { Ok((asked, sheets)) } else { Err(problems.join("; ")) }
}

/// A name that is one of ours, safe to say back.
fn known(name: &str) -> &str {
    if name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') { name } else { "it" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_here() {
        for host in
            ["localhost", "localhost:7878", "127.0.0.1:80", "[::1]:7878", "127.9.9.9"]
        {
            assert!(is_here(host), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example:7878", "10.0.0.1", "", "[::2]:1"]
        {
            assert!(!is_here(host), "{host}");
        }
    }

    #[test]
    fn a_question_is_numbers_in_their_ranges() {
        let (asked, sheets) =
            question("growth_per_year=0.2&discount_rate_per_year=0.1&sheet=phone")
                .unwrap();
        assert_eq!(asked.growth_per_year.to_bits(), 0.2_f64.to_bits());
        assert_eq!(asked.discount_rate_per_year, Some(0.1));
        assert_eq!(sheets, Sheets::Phone);
        assert_eq!(question("").unwrap().0, WhatIf::default());
        for bad in [
            "growth_per_year=nan",
            "growth_per_year=1e99",
            "utilisation=0",
            "lead_time=-1",
            "power_price=",
            "plan=/etc/passwd",
            "sheet=../x",
            "lead_time=1&lead_time=2",
        ] {
            assert!(question(bad).is_err(), "{bad}");
        }
    }
}
