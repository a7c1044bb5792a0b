//! Runs that are kept, compared, gone back to, renamed and deleted; a store that is broken, full or forbidden.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Page, with_id};

const SMALL: &str = "#lang=en&theme=light&lanes=rnn-tanh,lstm&len=10&hidden=6&batch=4";

async fn open(page: &Page) {
    page.click("open-runs").await;
    page.until(&format!("{}.open", with_id("runs-dialog")), "the runs").await;
}

/// Cells by lane.
type Run = Vec<Vec<String>>;

/// The heads of the table, and the texts of each run's cells, lane by lane.
async fn table(page: &Page) -> (Vec<String>, Vec<Run>) {
    let read = "(() => {
      const texts = (root, cells) => [...root.querySelectorAll(cells)].map((cell) => cell.innerText.trim());
      const of = document.querySelector('[data-testid=runs]');
      return [texts(of, 'thead th'), [...of.tBodies].map((body) => [...body.rows].map((row) => texts(row, 'td')))];
    })()";
    serde_json::from_value(page.eval(read).await).expect("heads and cells")
}

async fn act(page: &Page, action: &str, index: usize) {
    page.eval(&format!("document.querySelectorAll('[data-action={action}]')[{index}].click()")).await;
}

async fn until_runs(page: &Page, count: usize) {
    page.until(&format!("{}.innerText === 'Runs ({count})'", with_id("open-runs")), "so many runs").await;
}

#[tokio::test]
async fn kept_runs_survive_a_reload_show_what_differs_and_are_gone_back_to_exactly() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(60)").await;
    let first = page.snapshot().await;
    page.click("keep").await;
    until_runs(&page, 1).await;
    page.eval("gatescope.configure({ seed: 2, lr: 0.02 })").await;
    page.eval("gatescope.step(30)").await;
    let second = page.snapshot().await;
    page.click("keep").await;
    until_runs(&page, 2).await;

    page.goto("#lang=en&theme=dark&speed=7").await;
    until_runs(&page, 2).await;
    open(&page).await;
    let (heads, runs) = table(&page).await;
    let differ = ["Learning rate", "Seed of weights", "update"];
    assert_eq!(heads[1..4], differ, "only what differs");
    assert_eq!(heads[4..], ["Network", "loss", "Solved at update", "‖∂L/∂h₁‖ / ‖∂L/∂h_T‖", "Actions"]);
    assert_eq!(runs[0][0][..4], ["0.01", "1", "60", "Tanh RNN"]);
    assert_eq!(runs[1][0][..4], ["0.02", "2", "30", "Tanh RNN"]);
    assert_eq!(runs[1][1][0], "LSTM");
    for (run, snapshot) in runs.iter().zip([&first, &second]) {
        for (lane, cells) in run.iter().enumerate() {
            let of = &snapshot["lanes"][lane];
            let cells = &cells[if lane == 0 { 4 } else { 1 }..];
            let (loss, norms) = (of["loss"].as_f64().unwrap(), of["gradientNorms"]["h"].as_array().unwrap());
            let ratio = norms[0].as_f64().unwrap() / norms[norms.len() - 1].as_f64().unwrap();
            for (shown, value, digits) in [(&cells[0], loss, 6e-3), (&cells[2], ratio, 6e-2)] {
                let shown = crate::harness::number(shown);
                assert!((shown - value).abs() <= digits * value, "{shown}, not {value}");
            }
        }
    }
    assert_eq!(page.axe().await, Vec::<String>::new(), "the runs, dark");

    act(&page, "restore", 0).await;
    page.until_update(60).await;
    assert_eq!(page.snapshot().await, first, "the same numbers to the bit");
    let config = page.eval("gatescope.config()").await;
    assert_eq!((&config["theme"], &config["speed"]), (&json!("dark"), &json!(7)), "seen as the page was");
    assert_eq!(page.eval(&format!("{}.open", with_id("runs-dialog"))).await, false);
    assert_eq!(page.notices().await, Vec::<String>::new(), "of this build");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn curves_of_another_run_stand_in_the_timeline_when_asked_for() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(80)").await;
    page.click("keep").await;
    page.goto(SMALL).await;
    page.eval("gatescope.step(20)").await;
    let picture = "document.querySelector('[data-testid=chart-loss] canvas').toDataURL()";
    let label = "document.querySelector('[data-testid=chart-loss] canvas').ariaLabel";
    let without = page.eval(picture).await;
    assert!(!page.eval(label).await.as_str().unwrap().contains("Run 1"));
    open(&page).await;
    act(&page, "overlay", 0).await;
    page.until("document.querySelector('[data-action=overlay]').ariaPressed === 'true'", "pressed").await;
    page.until("document.activeElement.dataset.action === 'overlay'", "the focus stays").await;
    page.until(&format!("{label}.endsWith('to compare: A: Run 1.')"), "the summary names it").await;
    let with = page.eval(picture).await;
    assert_ne!(with, without, "it is drawn");
    assert_eq!(page.plotted("loss").await.as_array().map(Vec::len), Some(2), "plotted is the run on show");
    page.press(Key::Escape).await;
    page.eval("document.querySelector('.timeline .table-button').click()").await;
    page.until("document.querySelector('dialog').open", "the numbers").await;
    let text = page.text("document.querySelector('dialog')").await;
    assert!(text.contains("A (Run 1): LSTM") && text.contains("\n80\t\t\t"), "its losses in the table: {text}");
    page.eval("document.querySelector('dialog').close()").await;
    open(&page).await;
    act(&page, "overlay", 0).await;
    page.until(&format!("{picture} === '{}'", without.as_str().unwrap()), "it is gone again").await;
}

#[tokio::test]
async fn a_changed_run_leaves_its_curves_and_can_be_gone_back_to() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(50)").await;
    let before = page.snapshot().await;
    page.click("reset").await;
    page.until("(await gatescope.snapshot()).update === 0", "Reset").await;
    until_runs(&page, 0).await;
    page.eval("gatescope.step(50)").await;
    page.click("new-weights").await;
    until_runs(&page, 1).await;
    let label = "document.querySelector('[data-testid=chart-loss] canvas').ariaLabel";
    page.until(&format!("{label}.endsWith('to compare: A: run before.')"), "its ghost").await;
    page.eval("gatescope.step(3)").await;
    open(&page).await;
    assert_eq!(page.axe().await, Vec::<String>::new(), "the runs, light");
    act(&page, "restore", 0).await;
    page.until_update(50).await;
    assert_eq!(page.snapshot().await, before);
    // Now the other one is the run before.
    open(&page).await;
    let (_, runs) = table(&page).await;
    assert_eq!(runs.len(), 1);
    act(&page, "keep-before", 0).await;
    page.until("document.querySelector('[data-testid=runs] input')?.value === 'Run 1'", "it is kept").await;
    act(&page, "delete", 0).await;
    until_runs(&page, 0).await;
    page.goto(SMALL).await;
    until_runs(&page, 0).await;
}

#[tokio::test]
async fn runs_are_kept_renamed_deleted_and_brought_back_by_keys_alone() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(5)").await;
    page.focus("[data-testid=keep]").await;
    page.press(Key::Enter).await;
    until_runs(&page, 1).await;
    page.press(Key::Tab).await;
    page.press(Key::Enter).await;
    page.until(&format!("{}.open", with_id("runs-dialog")), "the runs").await;
    for _ in 0..4 {
        if page.eval("document.activeElement.tagName").await == "INPUT" {
            break;
        }
        page.press(Key::Tab).await;
    }
    page.press(Key::Control + "a").await;
    page.press("Über <b>&\"").await;
    page.press(Key::Tab).await;
    page.until("document.activeElement.dataset.action === 'restore'", "Tab goes on from the name").await;
    page.press(Key::Tab).await;
    page.press(" ").await;
    page.until("document.activeElement.ariaPressed === 'true'", "overlaid").await;
    page.press(Key::Tab).await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.dataset.key === 'runs-undo'", "deleted, with a way back").await;
    assert_eq!(page.text("document.activeElement").await, "Undo: Über <b>&\" back");
    until_runs(&page, 0).await;
    page.press(Key::Enter).await;
    page.until("document.querySelector('[data-testid=runs] input')?.value === 'Über <b>&\"'", "back again").await;
    page.press(Key::Escape).await;
    page.until(&format!("document.activeElement === {}", with_id("open-runs")), "the focus returns").await;
    page.goto(SMALL).await;
    open(&page).await;
    assert_eq!(page.eval("document.querySelector('[data-testid=runs] input').value").await, "Über <b>&\"");
}

#[tokio::test]
async fn a_store_that_is_broken_full_or_forbidden_is_said_and_loses_nothing() {
    let page = Page::open(SMALL).await;
    let broken = "1\tx\ty\n{\"not\": \"ours\"}\n1\t3\tname\t#len=9&build=0\t<script>";
    page.eval(&format!("localStorage.setItem('gatescope.runs', {})", json!(broken))).await;
    page.goto(SMALL).await;
    page.eval("gatescope.step(4)").await;
    page.click("keep").await;
    until_runs(&page, 1).await;
    open(&page).await;
    assert!(page.text_of("runs-unread").await.contains("cannot read: 3"), "it says so");
    let stored = page.eval("localStorage.getItem('gatescope.runs')").await;
    assert!(stored.as_str().unwrap().starts_with(broken), "and leaves them");
    // Another page of the same address has kept one meanwhile: its line stays.
    let mut other: Value = serde_json::from_str(stored.as_str().unwrap().lines().last().unwrap()).unwrap();
    other["id"] = json!(77);
    let both = [stored.as_str().unwrap(), &other.to_string()].join("\n");
    page.eval(&format!("localStorage.setItem('gatescope.runs', {})", json!(both))).await;
    page.click("runs-keep").await;
    until_runs(&page, 3).await;
    act(&page, "clear", 0).await;
    page.until("!document.querySelector('[data-testid=runs-unread]')", "they are gone").await;
    until_runs(&page, 3).await;
    let theirs = page.eval("localStorage.getItem('gatescope.runs').includes('\"id\":77,')").await;
    assert_eq!(theirs, true);

    page.eval("(() => { let text = 'x'.repeat(1 << 20); while (text) { try { localStorage.setItem('filler', (localStorage.getItem('filler') ?? '') + text); } catch { text = text.slice(0, text.length / 2); } } })()").await;
    page.click("runs-keep").await;
    until_runs(&page, 4).await;
    assert!(page.the_notice().await.contains("has not stored"), "it says so");
    page.eval("localStorage.removeItem('filler')").await;
    page.click("runs-keep").await;
    until_runs(&page, 5).await;
    page.goto(SMALL).await;
    until_runs(&page, 5).await;

    page.before_load(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
    )
    .await;
    page.goto(SMALL).await;
    until_runs(&page, 0).await;
    page.eval("gatescope.step(2)").await;
    page.click("keep").await;
    assert!(page.the_notice().await.contains("full or blocked"));
    until_runs(&page, 1).await;
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_of_another_build_says_that_its_numbers_may_differ() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(3)").await;
    page.click("keep").await;
    page.eval("localStorage.setItem('gatescope.runs', localStorage.getItem('gatescope.runs').replace(/build=[^&\"]*/, 'build=0.0.1-old'))").await;
    page.goto(SMALL).await;
    open(&page).await;
    assert!(page.text_of("runs").await.contains("build 0.0.1-old: numbers may differ"));
    act(&page, "restore", 0).await;
    page.until_update(3).await;
    assert!(page.the_notice().await.contains("0.0.1-old"));
    let config: Value = page.eval("gatescope.config()").await;
    assert_eq!(config["len"], 10);
}

#[tokio::test]
async fn the_focus_is_never_lost_when_a_run_is_restored_or_deleted() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(4)").await;
    for count in [1, 2] {
        page.click("keep").await;
        until_runs(&page, count).await;
    }
    page.eval("gatescope.step(3)").await;
    page.focus("[data-testid=open-runs]").await;
    page.press(Key::Enter).await;
    page.until(&format!("{}.open", with_id("runs-dialog")), "the runs").await;
    page.focus("[data-action=restore]").await;
    page.press(Key::Enter).await;
    page.until("(await gatescope.snapshot()).update === 4", "it is restored").await;
    page.until(&format!("document.activeElement === {}", with_id("open-runs")), "the focus is back").await;
    page.press(Key::Enter).await;
    page.until(&format!("{}.open", with_id("runs-dialog")), "the runs again").await;
    for count in [1, 0] {
        page.focus("[data-action=delete]").await;
        page.press(Key::Enter).await;
        until_runs(&page, count).await;
        page.until("document.activeElement.dataset.key === 'runs-undo'", "the way back has the focus").await;
    }
    page.press(Key::Escape).await;
    page.until(&format!("document.activeElement === {}", with_id("open-runs")), "and here it is again").await;
}

#[tokio::test]
async fn the_table_of_runs_fits_a_phone() {
    let page = Page::blank(390, 844).await;
    page.device(390, 844, 3.0, true).await;
    page.goto(SMALL).await;
    page.eval("gatescope.step(3)").await;
    open(&page).await;
    page.click("runs-keep").await;
    until_runs(&page, 1).await;
    page.eval("gatescope.configure({ seed: 2, lr: 0.02 })").await;
    page.click("runs-keep").await;
    until_runs(&page, 2).await;
    assert_eq!(page.axe().await, Vec::<String>::new());
    let cut = "(() => {
      const box = document.querySelector('.table-scroll:has([data-testid=runs])'), { left, right } = box.getBoundingClientRect();
      const out = [...box.querySelectorAll('tbody :is(td, th, button, input)')].filter((one) => {
        const of = one.getBoundingClientRect();
        return of.left < left - 1 || of.right > right + 1 || one.scrollWidth > one.clientWidth + 1;
      });
      return [box.scrollWidth - box.clientWidth, ...out.map((one) => one.outerHTML.slice(0, 80))];
    })()";
    assert_eq!(page.eval(cut).await, json!([0]), "nothing is cut off, nothing scrolls sideways");
    let under = "[...document.querySelectorAll('[data-testid=runs] tbody')].every((run) => run.querySelector('.buttons').getBoundingClientRect().top < run.querySelector('[data-head]').getBoundingClientRect().top)";
    assert_eq!(page.eval(under).await, true, "what can be done stands under the name");
    let wide = page.eval("document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(wide, true);
    let buttons = "[...document.querySelectorAll('[data-testid=runs-dialog] > div > .buttons button')].every((button) => { const { left, right } = button.getBoundingClientRect(); return left >= 0 && right <= innerWidth; })";
    assert_eq!(page.eval(buttons).await, true);
}

#[tokio::test]
async fn a_name_being_written_survives_what_is_said_and_what_another_page_keeps() {
    let page = Page::open(SMALL).await;
    page.eval("gatescope.step(3)").await;
    open(&page).await;
    page.click("runs-keep").await;
    until_runs(&page, 1).await;
    let said = "document.querySelector('[data-testid=runs-dialog] [role=status]').innerText";
    page.until(&format!("{said} === 'Kept: Run 1'"), "what was done").await;
    page.focus("[data-testid=runs] input").await;
    page.press(Key::Control + "a").await;
    page.press("My n").await;
    page.eval("(window.field = document.activeElement, null)").await;
    page.until(&format!("{said} === ''"), "it is said no longer").await;
    assert_eq!(page.eval("document.activeElement === field && field.value").await, "My n");
    // Another page keeps a run: the table is another.
    page.eval(
        "(() => {
           const kept = localStorage.getItem('gatescope.runs');
           const id = document.querySelector('[data-testid=runs] input').dataset.id;
           localStorage.setItem('gatescope.runs', kept + kept.replace(id, '77').replace('My n', 'Theirs'));
           dispatchEvent(new StorageEvent('storage'));
         })()",
    )
    .await;
    until_runs(&page, 2).await;
    page.press("ame").await;
    assert_eq!(page.eval("document.activeElement.value").await, "My name");
    page.press(Key::Tab).await;
    page.goto(SMALL).await;
    open(&page).await;
    let names = "[...document.querySelectorAll('[data-testid=runs] input')].map((field) => field.value)";
    assert_eq!(page.eval(names).await, json!(["My name", "Theirs"]));
    act(&page, "restore", 0).await;
    let header = "document.querySelector('.page-head [role=status]').innerText";
    page.until(&format!("{header} === 'Restore: My name'"), "gone back to").await;
    open(&page).await;
    act(&page, "overlay", 1).await;
    page.until(&format!("{said} === 'Overlay: B'"), "what stands in the timeline").await;
    act(&page, "overlay", 1).await;
    page.until(&format!("{said} === 'Overlay: –'"), "and no longer").await;
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}
