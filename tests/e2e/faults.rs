//! What goes wrong: a worker that dies or never starts, a run that diverges, a page that is hidden.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{FOLDER, Page, with_id};

/// Keeps every worker that the page starts in `workers`; none starts while `blocked` is set, and none hears anything
/// while `deaf` is set, so that it never says that it is ready.
const CATCH_WORKERS: &str = "
window.workers = [];
window.Worker = class extends window.Worker {
  constructor(...all) {
    if (window.blocked) throw new Error('blocked by policy');
    super(...all);
    window.workers.push(this);
  }
  postMessage(...all) {
    if (!window.deaf) super.postMessage(...all);
  }
};";

/// The two ways in which a worker dies: with an `error` event, and in silence, which only the heartbeat notices.
const DEATHS: [&str; 2] = [
    "(workers.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'out of memory' })), null)",
    "(workers.at(-1).terminate(), null)",
];

#[tokio::test]
async fn a_dead_worker_is_reported_and_the_run_is_rebuilt_to_the_same_numbers() {
    let page = Page::blank(1280, 800).await;
    page.before_load(CATCH_WORKERS).await;
    for (number, death) in DEATHS.iter().enumerate() {
        page.goto("#lang=en&len=12&seed=5").await;
        page.eval("gatescope.step(80)").await;
        let before = (page.snapshot().await, page.plotted("loss").await);
        page.eval(death).await;
        let notice = page.the_notice().await;
        assert!(notice.contains("restarted") && notice.contains("up to update 80."), "{notice}");
        assert_eq!(notice.contains("out of memory"), number == 0, "its last words: {notice}");
        assert_eq!((page.snapshot().await, page.plotted("loss").await), before);
        page.eval("gatescope.step(5)").await;
        assert_eq!(page.snapshot().await["update"], 85);
        assert_eq!(page.eval("workers.length").await, 2);
    }
}

#[tokio::test]
async fn a_panic_in_the_worker_says_its_message_and_its_place() {
    let page = Page::blank(1280, 800).await;
    page.before_load(CATCH_WORKERS).await;
    page.goto("#lang=en&len=12").await;
    page.eval("gatescope.step(5)").await;
    page.eval("(workers.at(-1).postMessage('nonsense'), null)").await;
    let notice = page.the_notice().await;
    assert!(notice.contains("restarted") && notice.contains("please report"), "{notice}");
    assert!(notice.contains("src/worker.rs:") && notice.contains("unreadable message"), "{notice}");
    page.eval("gatescope.step(1)").await;
    assert_eq!(page.update().await, 6);
}

#[tokio::test]
async fn a_worker_that_dies_while_training_plays_is_replaced_and_play_goes_on() {
    let page = Page::blank(1280, 800).await;
    page.before_load(CATCH_WORKERS).await;
    page.goto("#lang=en&len=12").await;
    page.click("play").await;
    page.until_update(60).await;
    page.eval(DEATHS[0]).await;
    let notice = page.the_notice().await;
    let rebuilt: u64 = notice.split("up to update ").nth(1).unwrap().split('.').next().unwrap().parse().unwrap();
    assert!(rebuilt >= 60, "rebuilt to where it was: {notice}");
    page.until_update(rebuilt + 10).await;
    assert_eq!(page.text_of("play").await, "❚❚ Pause");
    page.eval("gatescope.pause()").await;
    let (update, played) = (page.update().await, page.snapshot().await);
    page.goto(&format!("#lang=en&len=12&update={update}")).await;
    assert_eq!(page.snapshot().await, played, "the same numbers as a run without the fault");
}

#[tokio::test]
async fn a_promise_that_a_dead_worker_leaves_open_is_refused() {
    let page = Page::blank(1280, 800).await;
    page.before_load(CATCH_WORKERS).await;
    page.goto("#lang=en").await;
    page.eval("(window.step = gatescope.step(900000).then(() => 'done', (error) => error.message), null)").await;
    page.until_update(3).await;
    page.eval(DEATHS[0]).await;
    let refused = page.eval("window.step").await;
    assert!(refused.as_str().unwrap().contains("worker died"), "{refused}");
    page.the_notice().await;
    let update = page.update().await;
    page.eval("gatescope.step(1)").await;
    assert_eq!(page.update().await, update + 1);
}

#[tokio::test]
async fn without_a_worker_the_page_says_so_in_its_language_and_can_try_again() {
    let page = Page::blank(1280, 800).await;
    page.before_load(&format!("window.blocked = true;{CATCH_WORKERS}")).await;
    for (lang, says, again) in [
        ("en", "The training worker cannot run in this browser", "Try again"),
        ("it", "Il worker dell’addestramento non può funzionare in questo browser", "Riprova"),
    ] {
        page.launch(&format!("#lang={lang}")).await;
        let notice = page.the_notice().await;
        assert!(notice.contains(says) && notice.contains(again), "{notice}");
        assert!(notice.contains("blocked by policy"), "the reason: {notice}");
    }
    page.eval("(window.blocked = false, document.querySelector('[data-testid=notice] button').click())").await;
    page.until("gatescope.snapshot().then(() => true, () => false)", "it runs").await;
    page.eval("gatescope.step(3)").await;
    assert_eq!(page.update().await, 3);
    assert!(
        page.notices().await.iter().all(|notice| !notice.contains("non può funzionare")),
        "{:?}",
        page.notices().await
    );
}

#[tokio::test]
async fn a_missing_file_of_the_worker_is_reported() {
    let dist = PathBuf::from(std::env::var("GATESCOPE_DIST").unwrap_or_else(|_| "dist".into()));
    let copy = std::env::temp_dir().join(format!("gatescope-without-worker-{}", std::process::id()));
    copy_without(&dist, &copy, "worker.js");
    let page = Page::serving(&[(FOLDER, &copy)], 1280, 800).await;
    page.launch("#lang=en").await;
    let notice = page.the_notice().await;
    assert!(notice.contains("The training worker cannot run"), "{notice}");
    assert!(page.eval("document.querySelectorAll('.lane').length").await == 2, "the page stands");
    drop(page);
    fs::remove_dir_all(&copy).unwrap();
}

#[tokio::test]
async fn a_worker_whose_program_does_not_load_is_reported_with_the_reason() {
    let page = Page::blank(1280, 800).await;
    let misled = "
      window.Worker = class extends window.Worker {
        constructor(address, options) { super(address.replace('js=', 'js=no-'), options); }
      };";
    page.before_load(misled).await;
    page.launch("#lang=en").await;
    let notice = page.the_notice().await;
    assert!(notice.contains("The training worker cannot run") && notice.contains("fetch"), "{notice}");
}

#[tokio::test]
async fn a_worker_that_never_gets_ready_is_replaced() {
    let page = Page::blank(1280, 800).await;
    page.before_load(&format!("window.deaf = true;{CATCH_WORKERS}")).await;
    page.launch("#lang=en").await;
    page.until("workers.length === 1", "the first worker").await;
    page.eval("(window.deaf = false, null)").await;
    page.until("workers.length === 2", "the second one, after 15 s").await;
    page.eval("gatescope.step(3)").await;
    assert_eq!(page.update().await, 3);
}

fn copy_without(from: &Path, to: &Path, missing: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.file_name() != missing) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn all_finite(value: &Value) -> bool {
    match value {
        // JSON has no NaN: what is not finite would be null, and so would be the wrong thing here.
        Value::Null => false,
        Value::Array(items) => items.iter().all(all_finite),
        Value::Object(entries) => {
            entries.iter().all(|(key, item)| key == "stopped" || key == "target" || all_finite(item))
        }
        _ => true,
    }
}

#[tokio::test]
async fn a_lane_that_diverges_stops_with_a_message_while_the_other_goes_on() {
    let page = Page::open("#lang=en&task=adding&lanes=lstm,rnn-relu&opt=sgd&lr=1&clip=0&speed=max").await;
    page.click("play").await;
    page.until("(await gatescope.snapshot()).lanes[0].stopped !== null", "the first lane diverges").await;
    let stopped = page.snapshot().await["update"].as_u64().unwrap();
    page.until_update(stopped + 20).await;
    page.eval("gatescope.pause()").await;
    let snapshot = page.snapshot().await;
    let (lost, other) = (&snapshot["lanes"][0], &snapshot["lanes"][1]);
    assert_eq!(other["stopped"], Value::Null);
    assert!(all_finite(&snapshot), "every number on show is finite");
    let at = lost["stopped"]["update"].as_u64().unwrap();
    assert!(at <= stopped);
    assert!(
        ["loss", "gradient", "weights"].contains(&lost["stopped"]["reason"].as_str().unwrap()),
        "{}",
        lost["stopped"]
    );
    let message = page.text("document.querySelector('.lane .stopped')").await;
    assert!(message.contains(&format!("Stopped at update {at}")) && message.contains("finite"), "{message}");
    assert_eq!(page.eval("document.querySelectorAll('.lane .stopped').length").await, 1);
    // Its losses end there; the other's go on to the last update.
    let loss = page.plotted("loss").await;
    assert_eq!(loss[0]["y"].as_array().unwrap().len() as u64, at - 1);
    assert_eq!(loss[1]["y"].as_array().unwrap().len() as u64, snapshot["update"].as_u64().unwrap());
    assert!(all_finite(&loss) && all_finite(&page.plotted("gradient").await));
    page.click("reset").await;
    page.until("(await gatescope.snapshot()).update === 0", "Reset").await;
    assert_eq!(page.snapshot().await["lanes"][0]["stopped"], Value::Null);
    assert_eq!(page.eval("document.querySelectorAll('.lane .stopped').length").await, 0);
    page.eval(&format!("gatescope.step({at})")).await;
    assert_eq!(page.snapshot().await["lanes"][0]["stopped"]["update"], at, "and diverges at the same update");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn when_every_lane_has_diverged_training_stops_and_promises_are_kept() {
    let page = Page::open("#lang=en&task=adding&lanes=rnn-relu,lstm&opt=sgd&lr=10&clip=0&len=60&speed=max").await;
    page.click("play").await;
    page.until("(await gatescope.snapshot()).lanes.every((lane) => lane.stopped)", "both lanes diverge").await;
    page.until(&format!("{}.innerText.includes('Play')", with_id("play")), "nothing is left to play").await;
    let update = page.update().await;
    page.eval("Promise.all([gatescope.step(5), gatescope.play()]).then(() => null)").await;
    assert_eq!(page.update().await, update, "no update is left to make");
    assert!(all_finite(&page.snapshot().await));
    page.eval("gatescope.seek(2)").await;
    assert_eq!(page.snapshot().await["lanes"][0]["stopped"], Value::Null);
    assert_eq!(page.update().await, 2);
}

/// A page that can be hidden: then no frame comes, as in a real browser, and `hideAtNextFrame` hides it just when one is
/// waited for.
const HIDE: &str = "
window.isHidden = false;
Object.defineProperty(document, 'hidden', { get: () => window.isHidden });
Object.defineProperty(document, 'visibilityState', { get: () => (window.isHidden ? 'hidden' : 'visible') });
window.setHidden = (hidden) => {
  window.isHidden = hidden;
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
};
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (call) => {
  if (window.hideAtNextFrame) {
    window.hideAtNextFrame = false;
    setTimeout(() => window.setHidden(true));
  }
  const turn = (time) => (window.isHidden ? frame(turn) : call(time));
  return frame(turn);
};";

#[tokio::test]
async fn a_hidden_page_trains_the_same_numbers_and_keeps_its_promises() {
    let page = Page::blank(1280, 800).await;
    page.before_load(HIDE).await;
    page.goto("#len=12").await;
    page.eval("gatescope.step(70)").await;
    let seen = (page.snapshot().await, page.plotted("loss").await);
    page.eval("gatescope.seek(0)").await;
    page.eval("setHidden(true)").await;
    page.eval("gatescope.step(30)").await;
    page.eval("gatescope.play()").await;
    page.until_update(35).await;
    page.eval("gatescope.pause()").await;
    page.eval("setHidden(false)").await;
    // Hidden while a frame is waited for: that frame never comes.
    page.eval("(window.hideAtNextFrame = true, null)").await;
    page.eval("gatescope.step(1)").await;
    assert_eq!(page.eval("window.isHidden").await, true);
    page.eval("gatescope.step(1)").await;
    page.eval("setHidden(false)").await;
    page.eval("gatescope.seek(70)").await;
    assert_eq!((page.snapshot().await, page.plotted("loss").await), seen);
}
