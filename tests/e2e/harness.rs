//! A headless Chromium on the built page: every end-to-end test, and the browser benchmark, is made of these.
//!
//! Each [`Page`] has a chromedriver, a browser session and a web server of its own, so that it alone sees what the page
//! asked for; a lock lets one live at a time, because two browsers on two cores disturb each other's timing.
//! Everything panics with a message when the browser does not do what it should: these are tests.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel, TypingData};
use tokio::net::TcpListener;
use tokio::sync::MutexGuard;
use tower_http::services::ServeDir;

/// The folder in which the server puts the page: addresses must be relative.
pub const FOLDER: &str = "/some/deep/folder/";

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A browser session on the built page.
pub struct Page {
    /// The session, for what the methods here do not offer.
    pub driver: WebDriver,
    server: Server,
    console: Mutex<Vec<String>>,
    requests: Mutex<Vec<String>>,
    _chromedriver: Chromedriver,
    _turn: MutexGuard<'static, ()>,
}

#[allow(dead_code, reason = "a tool box")]
impl Page {
    /// Opens the page with `hash` (empty, or `#task=…`) in a window of 1280 × 800 and waits until it has started.
    pub async fn open(hash: &str) -> Page {
        let page = Page::blank(1280, 800).await;
        page.goto(hash).await;
        page
    }

    /// A browser with nothing in it yet, for emulations that must stand before the page loads.
    pub async fn blank(width: u32, height: u32) -> Page {
        Page::serving(&[(FOLDER, &dist())], width, height).await
    }

    /// As [`Page::blank`], of somebody who has never been here: with the hints.
    pub async fn first_visit(width: u32, height: u32) -> Page {
        Page::session(&[(FOLDER, &dist())], width, height).await
    }

    /// A browser whose user has been here before, and a server of `folders`: (address, folder on disk).
    pub async fn serving(folders: &[(&str, &Path)], width: u32, height: u32) -> Page {
        let page = Page::session(folders, width, height).await;
        page.before_load("try { localStorage.setItem('gatescope.hints', 'closed'); } catch { /* a blank page */ }")
            .await;
        page
    }

    async fn session(folders: &[(&str, &Path)], width: u32, height: u32) -> Page {
        let turn = ONE_AT_A_TIME.lock().await;
        let server = Server::start(folders).await;
        let chromedriver = Chromedriver::start().await;
        let driver = WebDriver::new(format!("http://127.0.0.1:{}", chromedriver.port), capabilities())
            .await
            .expect("chromedriver starts a browser: are both of the same version?");
        driver.set_script_timeout(PATIENCE).await.expect("a timeout can be set");
        let page = Page {
            driver,
            server,
            console: Mutex::default(),
            requests: Mutex::default(),
            _chromedriver: chromedriver,
            _turn: turn,
        };
        page.resize(width, height).await;
        page
    }

    /// Loads the page anew with `hash` and waits until the run of that link is on show.
    pub async fn goto(&self, hash: &str) {
        self.launch(hash).await;
        self.eval("gatescope.ready").await;
    }

    /// Loads the page anew with `hash` and waits until it has started, but not for its run: that may take long, or fail.
    pub async fn launch(&self, hash: &str) {
        self.load(&format!("{FOLDER}{hash}")).await;
        self.until("!document.getElementById('boot') && !!window.gatescope", "the page has started").await;
    }

    /// Has every page that is loaded from now on run this script before its own.
    pub async fn before_load(&self, script: &str) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Loads a path of the server anew, and does not wait for the page to start.
    pub async fn load(&self, path: &str) {
        // Going from one hash to another would not load anything.
        self.driver.goto("about:blank").await.expect("a blank page opens");
        self.driver.goto(format!("{}{path}", self.server.origin)).await.expect("the page opens");
    }

    /// The value of a JavaScript expression; a promise is awaited.
    pub async fn eval(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => ({expression}\n))().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let answer = self.driver.execute_async(script, Vec::new()).await;
        let answer = answer.unwrap_or_else(|error| panic!("{expression}: {error}"));
        match answer.json().get("error") {
            Some(error) => panic!("{expression}: {error}"),
            None => answer.json()["value"].clone(),
        }
    }

    /// What `gatescope.snapshot()` gives, every digit of it.
    pub async fn snapshot(&self) -> Value {
        self.json("gatescope.snapshot()").await
    }

    /// What the chart of this name drew last, every digit of it.
    pub async fn plotted(&self, chart: &str) -> Value {
        self.json(&format!("gatescope.plotted('{chart}')")).await
    }

    async fn json(&self, promise: &str) -> Value {
        // As text: so nothing between the page and here can round.
        let text = self.eval(&format!("JSON.stringify(await {promise})")).await;
        serde_json::from_str(text.as_str().expect("a text")).expect("JSON")
    }

    /// The updates made, as the counter shows them.
    pub async fn update(&self) -> u64 {
        self.value_of("update-count").await.parse().expect("the counter holds a number")
    }

    /// What the element with this `data-testid` has in `data-value`.
    pub async fn value_of(&self, test_id: &str) -> String {
        let value = self.eval(&format!("{}.dataset.value", with_id(test_id))).await;
        value.as_str().expect("it has a data-value").to_owned()
    }

    /// The text that the element with this `data-testid` shows.
    pub async fn text_of(&self, test_id: &str) -> String {
        self.text(&with_id(test_id)).await
    }

    /// The text that an element, given as a JavaScript expression, shows.
    pub async fn text(&self, element: &str) -> String {
        self.eval(&format!("{element}.innerText")).await.as_str().expect("a text").to_owned()
    }

    /// The texts of the notices on show.
    pub async fn notices(&self) -> Vec<String> {
        let texts =
            self.eval("[...document.querySelectorAll('[data-testid=notice]')].map((one) => one.innerText)").await;
        serde_json::from_value(texts).expect("a list of strings")
    }

    /// Waits for a notice and gives its text; fails if there is more than one.
    pub async fn the_notice(&self) -> String {
        self.until("!!document.querySelector('[data-testid=notice]')", "there is a notice").await;
        let mut notices = self.notices().await;
        assert_eq!(notices.len(), 1, "one notice: {notices:?}");
        notices.remove(0)
    }

    /// Waits until so many updates are made and shown.
    pub async fn until_update(&self, update: u64) {
        let there = format!("Number({}.dataset.value) >= {update}", with_id("update-count"));
        self.until(&there, &format!("update {update}")).await;
    }

    /// Presses keys where the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        let focused = self.driver.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("keys can be pressed");
    }

    /// Enters a value into the field or list of a CSS selector, as a user who leaves it then.
    pub async fn enter(&self, selector: &str, value: &str) {
        let entered = format!(
            "(() => {{
               const field = document.querySelector(\"{selector}\");
               field.value = '{value}';
               field.dispatchEvent(new Event('change', {{ bubbles: true }}));
             }})()"
        );
        self.eval(&entered).await;
    }

    /// Gives the focus to the first element of a CSS selector.
    pub async fn focus(&self, selector: &str) {
        self.eval(&format!("document.querySelector(\"{selector}\").focus()")).await;
    }

    /// Waits until a JavaScript expression is true; `what` says what that means.
    pub async fn until(&self, expression: &str, what: &str) {
        let start = Instant::now();
        while self.eval(expression).await != Value::Bool(true) {
            if start.elapsed() > PATIENCE {
                let text = self.eval("document.body.innerText").await;
                panic!("after {PATIENCE:?} not yet: {what}; console: {:?}; page: {text}", self.console_errors().await);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The one element with this `data-testid`.
    pub async fn by_id(&self, test_id: &str) -> WebElement {
        let selector = format!("[data-testid='{test_id}']");
        let mut found = self.driver.find_all(By::Css(selector)).await.expect("a search works");
        assert_eq!(found.len(), 1, "elements with data-testid={test_id}");
        found.remove(0)
    }

    /// Clicks the one element with this `data-testid`.
    pub async fn click(&self, test_id: &str) {
        let element = self.by_id(test_id).await;
        element.click().await.unwrap_or_else(|error| panic!("clicking {test_id}: {error}"));
    }

    /// Saves what is on the screen as a PNG file.
    pub async fn screenshot(&self, path: impl AsRef<Path>) {
        self.driver.screenshot(path.as_ref()).await.expect("the screenshot is written");
    }

    /// Everything the console has shown as an error or a warning: exceptions (the worker's too), missing files,
    /// violations of the Content-Security-Policy, `console.error`, `console.warn`.
    pub async fn console_errors(&self) -> Vec<String> {
        let new = self.log("browser").await;
        let mut console = self.console.lock().expect("no panic held this lock");
        console.extend(
            new.into_iter()
                .filter(|entry| ["SEVERE", "WARNING"].contains(&entry.level.as_str()))
                .map(|entry| entry.message),
        );
        console.clone()
    }

    /// The addresses of all requests so far that did not go to the page's own server.
    pub async fn foreign_requests(&self) -> Vec<String> {
        let new = self.log("performance").await;
        let mut requests = self.requests.lock().expect("no panic held this lock");
        for entry in new {
            let event: Value = serde_json::from_str(&entry.message).expect("chromedriver logs JSON");
            let event = &event["message"];
            let address = match event["method"].as_str() {
                Some("Network.requestWillBeSent") => &event["params"]["request"]["url"],
                Some("Network.webSocketCreated") => &event["params"]["url"],
                _ => continue,
            };
            let address = address.as_str().unwrap_or_default();
            let own = address.starts_with(&format!("{}/", self.server.origin));
            if !own && !["data:", "blob:", "about:"].iter().any(|scheme| address.starts_with(scheme)) {
                requests.push(address.to_owned());
            }
        }
        requests.clone()
    }

    /// The paths asked of the page's own server so far, the worker's too, with their queries.
    pub fn requested_paths(&self) -> Vec<String> {
        self.server.requested.lock().expect("no panic held this lock").clone()
    }

    /// What axe-core finds wrong with the page as it stands: one line per violation and element.
    pub async fn axe(&self) -> Vec<String> {
        let source = env::var("GATESCOPE_AXE").expect("GATESCOPE_AXE names axe.min.js, as in scripts/test.sh");
        let source = std::fs::read_to_string(source).expect("axe.min.js is readable");
        self.driver.execute(source, Vec::new()).await.expect("axe-core loads");
        let lines = self
            .eval(
                "(await axe.run()).violations.flatMap((violation) => violation.nodes.map((node) =>
                   `${violation.id} (${violation.impact}): ${violation.help}: ${node.html}`))",
            )
            .await;
        serde_json::from_value(lines).expect("a list of strings")
    }

    /// A command of the Chrome DevTools Protocol.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Makes the page exactly this large, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        self.device(width, height, 1.0, false).await;
    }

    /// Makes the screen that of another device: `scale` device pixels per CSS pixel, `phone` with a phone's viewport.
    pub async fn device(&self, width: u32, height: u32, scale: f64, phone: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Answers media queries: `[("prefers-color-scheme", "dark"), ("prefers-reduced-motion", "reduce")]`.
    pub async fn media(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Slows the page's main thread: 4.0 is a fourth of the speed.
    pub async fn slow_cpu(&self, times: f64) {
        self.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": times })).await;
    }

    /// A screen that is touched.
    pub async fn touch(&self) {
        self.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    }

    async fn log(&self, kind: &str) -> Vec<BrowserLogEntry> {
        self.driver.get_log(kind).await.unwrap_or_else(|error| panic!("the {kind} log: {error}"))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Left to itself the session would say goodbye over a connection that this blocked run time serves, and wait
        // two minutes; Chromedriver's own drop closes the browser.
        self.driver.clone().leak().ok();
    }
}

fn dist() -> PathBuf {
    let dist = PathBuf::from(env::var("GATESCOPE_DIST").unwrap_or_else(|_| "dist".into()));
    assert!(dist.join("index.html").is_file(), "{} holds no page: run `make build`", dist.display());
    dist
}

/// A JavaScript expression for the element with this `data-testid`.
pub fn with_id(test_id: &str) -> String {
    format!("document.querySelector('[data-testid=\"{test_id}\"]')")
}

/// The number that the page writes as 1.234, −0.5 or 1.2 × 10⁻⁸.
pub fn number(text: &str) -> f64 {
    let plain = text.replace(['−', '⁻'], "-").replace(['\u{202f}', '\u{a0}', ' '], "").replace("×10", "e");
    let digits: String = plain
        .chars()
        .map(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|d| d == c).map_or(c, |d| char::from(b'0' + d as u8)))
        .collect();
    digits.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// The arguments of webdriver.json, and logs of the console and the network.
fn capabilities() -> ChromeCapabilities {
    let file = include_str!("../../webdriver.json");
    let file: Value = serde_json::from_str(file).expect("webdriver.json is JSON");
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in file["goog:chromeOptions"]["args"].as_array().expect("a list of arguments") {
        capabilities.add_arg(argument.as_str().expect("a string")).expect("an argument");
    }
    capabilities.set_logging_prefs("browser", LoggingPrefsLogLevel::All).expect("a level");
    capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All).expect("a level");
    capabilities
}

/// A chromedriver on a free port, killed when dropped.
struct Chromedriver {
    process: Child,
    port: u16,
}

impl Chromedriver {
    async fn start() -> Chromedriver {
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
        // Asking chromedriver for port 0 would mean reading its output; a port just freed is as good.
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = free.local_addr().expect("a bound socket has an address").port();
        drop(free);
        let process = Command::new(&program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start ({error}): run scripts/setup.sh test"));
        let driver = Chromedriver { process, port };
        let start = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(start.elapsed() < PATIENCE, "{program} does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        driver
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // Asked to shut down it closes its browser too; killed it would leave one behind.
        let asked = std::net::TcpStream::connect(("127.0.0.1", self.port))
            .and_then(|mut stream| stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        let start = Instant::now();
        while asked.is_ok() && start.elapsed() < Duration::from_secs(5) {
            if let Ok(Some(_)) = self.process.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // It may have gone already; there is nothing to do about either failure.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A static web server on a free port that remembers what was asked of it. It ends with the test's run time.
struct Server {
    origin: String,
    requested: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(folders: &[(&str, &Path)]) -> Server {
        let requested = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&requested);
        let mut router = Router::new();
        for (address, folder) in folders {
            router = router.nest_service(address, ServeDir::new(folder).precompressed_gzip());
        }
        let router = router.layer(middleware::from_fn(move |request: Request, next: Next| {
            record.lock().expect("no panic held this lock").push(request.uri().to_string());
            next.run(request)
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Server { origin, requested }
    }
}
