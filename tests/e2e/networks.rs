//! Networks on the page: every cell as a lane, added, removed and given sizes of its own.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::harness::Page;

async fn lanes(page: &Page) -> Value {
    page.eval("(await gatescope.config()).lanes.join()").await
}

#[tokio::test]
async fn every_network_is_a_lane_with_its_own_gates_charts_and_equations() {
    let page = Page::open("#lang=en&len=8&hidden=5&batch=6&update=3&lanes=gru,window,lstm-nig,lstm-fgr").await;
    let snapshot = page.snapshot().await;
    let gates = |lane: usize| -> Vec<String> {
        snapshot["lanes"][lane]["gates"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!((gates(0), gates(1)), (vec!["r".into(), "z".into(), "n".into()], vec!["dphi".into()]));
    for lane in [0, 1] {
        assert_eq!(
            (&snapshot["lanes"][lane]["c"], &snapshot["lanes"][lane]["gradientNorms"]["c"]),
            (&json!([]), &json!([]))
        );
    }
    let ones = snapshot["lanes"][2]["gates"]["i"].as_array().unwrap().iter().flat_map(|step| step.as_array().unwrap());
    assert!(ones.clone().count() == 40 && ones.clone().all(|i| i == 1.0));
    for (k, code) in ["gru", "window", "lstm-nig", "lstm-fgr"].into_iter().enumerate() {
        assert_eq!(snapshot["lanes"][k]["code"], code);
        let hidden = page.plotted(&format!("hidden/{k}")).await;
        assert_eq!((&hidden["rows"], &hidden["cols"]), (&json!(5), &json!(8)), "{code}");
        let bench = page.eval(&format!("gatescope.bench({{cell:'{code}',hidden:4,batch:2,len:5,updates:5}})")).await;
        assert!(bench["updatesPerSecond"].as_f64().unwrap() > 0.0);
    }
    let reset = page.plotted("gates/0/r").await;
    assert_eq!(reset["values"][1], snapshot["lanes"][0]["gates"]["r"][1][0], "row-major");
    let off = page.text("document.querySelector('[data-testid=lane-2] .row-off')").await;
    assert!(off.contains("i = 1") && off.contains("switched off"), "{off}");
    let names = page.plotted("gradient").await;
    let name = |lane: u64| names.as_array().unwrap().iter().find(|line| line["lane"] == lane).unwrap()["name"].clone();
    assert_eq!((name(0), name(1)), (json!("h"), json!("x")));
    assert!(!page.text_of("diagnosis").await.contains(") Not"), "every sentence ends");
    // A window of 10 of 8 steps sees all.
    page.eval("gatescope.configure({ window: 3, update: 3 })").await;
    let gradient = page.plotted("gradient").await;
    let x = gradient.as_array().unwrap().iter().find(|line| line["name"] == "x").unwrap()["y"].clone();
    let zero: Vec<bool> = x.as_array().unwrap().iter().map(|norm| norm == 0.0).collect();
    assert_eq!(zero, [true, true, true, true, true, false, false, false], "exactly zero beyond the window: {x}");
    assert!(page.text_of("diagnosis").await.contains("outside"));
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn networks_are_added_and_removed_and_the_focus_stays_with_them() {
    let page = Page::open("#lang=en&len=8&hidden=5&batch=6").await;
    page.click("add-network").await;
    page.until("document.querySelectorAll('.lane').length === 3", "a third lane").await;
    page.until("document.activeElement.dataset.testid === 'network-2'", "the focus is with it").await;
    assert_eq!(lanes(&page).await, "rnn-sigmoid,lstm,gru");
    let said = "[...document.querySelectorAll('[role=status]')].map((one) => one.textContent)";
    page.until(&format!("{said}.includes('Networks: Sigmoid RNN, LSTM, GRU')"), "it is read out").await;
    page.click("add-network").await;
    page.until("document.querySelectorAll('.lane').length === 4", "a fourth").await;
    page.until("!document.querySelector('[data-testid=add-network]')", "there is room for four").await;
    // What the first two are stays as it was.
    page.eval("document.querySelectorAll('.lane-picker button')[0].click()").await;
    page.until("document.querySelectorAll('.lane').length === 3", "one is gone").await;
    page.until("document.activeElement.dataset.testid === 'network-0'", "the focus is with the one in its place").await;
    assert_eq!(lanes(&page).await, "lstm,gru,rnn-tanh");
    let snapshot = page.snapshot().await;
    let codes: Vec<&Value> = snapshot["lanes"].as_array().unwrap().iter().map(|lane| &lane["code"]).collect();
    assert_eq!(codes, ["lstm", "gru", "rnn-tanh"]);
    assert_eq!(page.notices().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lane_has_sizes_of_its_own_and_what_it_may_not_have_is_answered() {
    let page = Page::open("#lang=en&len=8&hidden=5&batch=6").await;
    page.enter("[data-testid=own-hidden-1]", "3").await;
    page.press(Key::Tab).await;
    page.until("location.hash.includes('lanes=rnn-sigmoid,lstm:hidden=3')", "in the link").await;
    page.enter("[data-testid=own-forget-1]", "-2").await;
    page.press(Key::Tab).await;
    page.until("location.hash.includes('lstm:hidden=3:forget=-2')", "in the link").await;
    page.until("(await gatescope.snapshot()).lanes[1].h[0].length === 3", "three units").await;
    assert_eq!(page.snapshot().await["lanes"][0]["h"][0].as_array().unwrap().len(), 5);
    let empty = "document.querySelector('[data-testid=own-hidden-1]').placeholder";
    assert_eq!(page.eval(empty).await, "5", "what it would have without its own");
    page.enter("[data-testid=own-hidden-1]", "200").await;
    page.press(Key::Tab).await;
    assert_eq!(
        page.text("document.querySelector('#own-hidden-1-refused')").await,
        "Found “200”; allowed: a whole number from 1 to 128. 3 still holds."
    );
    assert_eq!(page.notices().await, [] as [String; 0]);
    assert_eq!(lanes(&page).await, "rnn-sigmoid,lstm:hidden=3:forget=-2");
    let draw = "(init => { const field = document.querySelector('[data-testid=own-init-1]'); field.value = init; field.dispatchEvent(new Event('change')); })";
    page.eval(&format!("{draw}('orthogonal')")).await;
    page.until("location.hash.includes('lstm:hidden=3:forget=-2:init=orthogonal')", "weights of its own").await;
    page.eval(&format!("{draw}('')")).await;
    page.until("!location.hash.includes('init=')", "those of the run again").await;
    // A variant keeps what the lane has.
    let pick = "((one) => { one.value = 'lstm-peephole'; one.dispatchEvent(new Event('change')); })";
    page.eval(&format!("{pick}(document.querySelector('.own > select'))")).await;
    page.until("location.hash.includes('lstm-peephole:hidden=3:forget=-2')", "a variant").await;
    page.enter("[data-testid=own-hidden-1]", "").await;
    page.press(Key::Tab).await;
    page.until("location.hash.includes('lstm-peephole:forget=-2')", "the run's size again").await;
    page.click("match").await;
    page.until("location.hash.includes('match=1')", "sizes follow the parameters").await;
    page.until("(await gatescope.snapshot()).lanes[1].h[0].length < 5", "fewer units of more parameters each").await;
}
