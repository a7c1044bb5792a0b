//! `window.gatescope`: what scripts may count on.

use serde_json::{Value, json};

use crate::harness::Page;

const SMALL: &str = "#lang=en&len=10&hidden=6&batch=4";

#[tokio::test]
async fn what_is_called_after_configure_finds_it_done() {
    let page = Page::open(SMALL).await;
    page.eval("Promise.all([gatescope.configure({ seed: 3 }), gatescope.play()]).then(() => null)").await;
    page.until_update(5).await;
    page.eval("Promise.all([gatescope.configure({ seed: 4 }), gatescope.step(5)]).then(() => null)").await;
    let config = page.eval("gatescope.config()").await;
    assert_eq!((&config["seed"], &config["update"]), (&json!(4), &json!(5)));
}

#[tokio::test]
async fn keys_may_stand_in_any_order_and_lists_are_arrays_both_ways() {
    let page = Page::open(SMALL).await;
    for (keys, key, value) in [
        ("{ unit: 50, lanes: 'lstm:hidden=64' }", "unit", json!(50)),
        ("{ layer: 2, layers: 2 }", "layer", json!(2)),
        ("{ edit: '2.u[1,1]=1@0', lanes: 'lstm,gru,rnn-tanh' }", "lanes", json!(["lstm", "gru", "rnn-tanh"])),
        ("{ edit: ['0.w[1,5]=1@0'], task: 'recall' }", "edit", json!(["0.w[1,5]=1@0"])),
        ("{ edit: [], lanes: ['gru', 'lstm:forget=-2'] }", "lanes", json!(["gru", "lstm:forget=-2"])),
    ] {
        let config = page.eval(&format!("gatescope.configure({keys})")).await;
        assert_eq!(config[key], value, "{keys}");
        let again = page.eval("gatescope.configure({ ...await gatescope.config(), seed: 2 })").await;
        assert_eq!(again[key], value, "what config gives can be given back");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words_and_never_left_open() {
    let page = Page::open(SMALL).await;
    page.eval("(window.cyclic = [], cyclic.push(cyclic), null)").await;
    for (call, says) in [
        ("configure({ get lr() { throw new Error('no rate'); } })", "no rate"),
        ("configure(new Proxy({}, { ownKeys() { throw new Error('no keys'); } }))", "no keys"),
        ("configure({ lanes: cyclic })", "lanes=object: "),
        ("configure({ lr: true })", "lr=boolean: "),
        ("configure({ lr: Symbol() })", "lr=symbol: "),
        ("configure({ hide: ['header', 'header'] })", "hide=header,header: "),
        ("configure({ nonsense: 1, lr: -1 })", "nonsense=1: unknown key; lr=-1: "),
        ("configure(5)", "object of link keys"),
        ("plotted({})", "no chart object;"),
        ("plotted()", "no chart undefined;"),
    ] {
        let refused = page.eval(&format!("gatescope.{call}.then(() => 'taken', (error) => error.message)")).await;
        assert!(refused.as_str().unwrap().contains(says), "{call}: {refused}");
    }
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_credit_of_a_later_state_is_null() {
    let page = Page::open("#lang=en&len=10&hidden=6&batch=4&why=credit").await;
    page.until("gatescope.plotted('credit/1').then(() => true, () => false)", "the credit").await;
    let values = page.eval("(await gatescope.plotted('credit/1')).values.map((value) => value === null)").await;
    let expected: Vec<Value> = (0..100).map(|place| json!(place % 10 > place / 10)).collect();
    assert_eq!(values, Value::Array(expected));
}
