//! The page opens anywhere, asks nobody else for anything, and says so when it cannot run.

use serde_json::json;

use crate::harness::{FOLDER, Page};

#[tokio::test]
async fn the_page_opens_without_an_error_and_asks_nobody_else() {
    let page = Page::open("").await;
    assert_eq!(page.eval("document.querySelector('h1').textContent").await, "gatescope");
    let faded =
        "[...document.querySelectorAll('canvas')].filter((one) => getComputedStyle(one).opacity !== '1').length";
    assert_eq!(page.eval(faded).await, 0, "what is on show is this run's, not faded as an old one's");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
    assert_eq!(page.foreign_requests().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_worker_reports_ready() {
    let page = Page::open("").await;
    let message = page
        .eval(
            "await new Promise((resolve, reject) => {
               const { js, wasm } = document.querySelector('script[data-js]').dataset;
               const worker = new Worker(`worker.js?js=${encodeURIComponent(js)}`, { type: 'module' });
               worker.onmessage = ({ data }) => resolve(data.map((array) => [...array]));
               worker.onerror = ({ message }) => reject(message);
               WebAssembly.compileStreaming(fetch(wasm)).then((program) => worker.postMessage(program));
             })",
        )
        .await;
    assert_eq!(message, serde_json::json!([[0], [], []]), "Event::Ready, the first of lab's events, without numbers");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_program_is_fetched_once_for_page_and_worker() {
    let page = Page::open("").await;
    let programs: Vec<String> =
        page.requested_paths().into_iter().filter(|path| path.split('?').next().unwrap().ends_with(".wasm")).collect();
    assert_eq!(programs.len(), 1, "{programs:?}");
}

#[tokio::test]
async fn a_whole_visit_raises_no_error_or_warning_and_asks_nobody_else_for_anything() {
    let page = Page::open("#lang=it").await;
    page.click("play").await;
    page.until_update(30).await;
    for test_id in ["theme", "lang", "new-data", "step", "new-weights", "reset"] {
        page.click(test_id).await;
    }
    page.enter("[data-testid=task]", "sine").await;
    page.enter(".lane-picker select", "rnn-tanh").await;
    page.eval("gatescope.step(5)").await;
    page.eval("document.querySelector('.lane .table-button').click()").await;
    page.eval("gatescope.bench({ cell: 'lstm', hidden: 4, batch: 2, len: 4, updates: 20 })").await;
    assert_eq!(page.console_errors().await, Vec::<String>::new());
    assert_eq!(page.foreign_requests().await, Vec::<String>::new());
    for path in page.requested_paths() {
        assert!(path.starts_with(FOLDER), "{path} is asked for outside the page's folder");
    }
}

#[tokio::test]
async fn the_policy_lets_no_inline_script_no_eval_and_no_other_site_in() {
    let page = Page::open("").await;
    let policy = page.eval("document.querySelector('meta[http-equiv=Content-Security-Policy]').content").await;
    let policy = policy.as_str().unwrap();
    for token in policy.split([' ', ';']).filter(|token| !token.is_empty()) {
        assert!(!["'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"].contains(&token), "{token} in {policy}");
        assert!(!token.contains("//"), "another site in {policy}");
    }
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self' 'wasm-unsafe-eval'"),
        "{policy}"
    );
}

#[tokio::test]
async fn inline_scripts_and_eval_are_refused() {
    let page = Page::open("").await;
    let ran = page
        .eval(
            "(() => {
               const script = document.createElement('script');
               script.textContent = 'window.inlineRan = true';
               document.head.append(script);
               return window.inlineRan === true;
             })()",
        )
        .await;
    assert_eq!(ran, false);
    assert!(page.console_errors().await[0].contains("Content Security Policy"));
}

#[tokio::test]
async fn without_simd_the_page_says_so_in_both_languages() {
    let page = Page::blank(1280, 800).await;
    let no_simd = json!({ "source": "WebAssembly.validate = () => false" });
    page.cdp("Page.addScriptToEvaluateOnNewDocument", no_simd).await;
    page.load(FOLDER).await;
    let said = page.eval("document.getElementById('boot-failure').innerText").await;
    let said = said.as_str().unwrap();
    assert!(said.contains("no SIMD"), "{said}");
    assert!(said.contains("non ha SIMD"), "{said}");
}

#[tokio::test]
async fn a_part_that_does_not_load_is_named() {
    let page = Page::blank(1280, 800).await;
    let offline = json!({ "source": "window.fetch = () => Promise.reject(new TypeError('offline'))" });
    page.cdp("Page.addScriptToEvaluateOnNewDocument", offline).await;
    page.load(FOLDER).await;
    page.until("document.getElementById('boot-failure').innerText !== ''", "a failure is shown").await;
    let said = page.eval("document.getElementById('boot-failure').innerText").await;
    let said = said.as_str().unwrap();
    assert!(said.contains("could not be loaded"), "{said}");
    assert!(said.contains("non è stata caricata"), "{said}");
}

#[tokio::test]
async fn a_program_that_arrives_damaged_is_not_started() {
    let page = Page::blank(1280, 800).await;
    // The second half is lost on the way.
    let cut_short = json!({ "source":
        "const whole = window.fetch;
         window.fetch = async (address) => {
           const response = await whole(address);
           if (!new URL(address).pathname.endsWith('.wasm')) return response;
           const bytes = await response.arrayBuffer();
           return new Response(bytes.slice(0, bytes.byteLength / 2), response);
         };" });
    page.cdp("Page.addScriptToEvaluateOnNewDocument", cut_short).await;
    page.load(FOLDER).await;
    page.until("document.getElementById('boot-failure').innerText !== ''", "a failure is shown").await;
    let said = page.eval("document.getElementById('boot-failure').innerText").await;
    let said = said.as_str().unwrap();
    assert!(said.contains("could not be loaded") && said.contains("damaged"), "{said}");
}
