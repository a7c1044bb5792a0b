//! Every state is a link, and every link, however bad, opens the page.

use serde_json::{Value, json};

use crate::harness::{Page, with_id};

#[tokio::test]
async fn the_same_link_opened_twice_gives_the_same_numbers_to_the_bit() {
    let link = "#len=25&hidden=12&lanes=rnn-tanh,lstm&seed=3&data=5&probe=2&update=150";
    let page = Page::open(link).await;
    let mut states = Vec::new();
    for _ in 0..2 {
        let state = [page.snapshot().await, page.plotted("loss").await, page.plotted("gradient").await];
        assert_eq!(state[0]["update"], 150);
        assert_eq!(state[1][0]["y"].as_array().unwrap().len(), 150);
        states.push(state);
        page.goto(link).await;
    }
    assert_eq!(states[0], states[1]);
}

#[tokio::test]
async fn the_address_follows_the_page_and_opening_it_restores_the_page() {
    let page = Page::open("").await;
    assert_eq!(page.eval("location.hash").await, "", "the defaults need no link");
    page.enter("[data-testid=task]", "recall").await;
    page.enter("[data-testid=opt]", "momentum").await;
    page.enter("#setting-len", "12").await;
    page.eval("gatescope.step(9)").await;
    page.eval(
        "gatescope.configure({ scale: 'absolute', t: 4, unit: 3, probe: 2, speed: 'max', lang: 'it', theme: 'dark' })",
    )
    .await;
    let hash = "location.hash";
    page.until("location.hash.includes('update=9') && location.hash.includes('probe=2')", "the address follows").await;
    let link = page.eval(hash).await;
    let link = link.as_str().unwrap();
    for piece in [
        "task=recall",
        "opt=momentum",
        "len=12",
        "scale=absolute",
        "t=4",
        "unit=3",
        "speed=max",
        "lang=it",
        "theme=dark",
    ] {
        assert!(link.contains(piece), "{piece} in {link}");
    }
    assert!(!link.contains("hidden="), "what is at its default is left out: {link}");
    let state = [page.eval("gatescope.config()").await, page.snapshot().await, page.plotted("gradient").await];
    page.goto(link).await;
    let again = [page.eval("gatescope.config()").await, page.snapshot().await, page.plotted("gradient").await];
    assert_eq!(again, state);
    assert_eq!(page.eval(hash).await, link);
}

/// A link, and what its one notice must hold: the key, what was found, what is allowed.
type Case = (String, &'static [&'static str]);

fn bad_links() -> Vec<Case> {
    let case = |hash: &str, says: &'static [&'static str]| (hash.to_owned(), says);
    vec![
        case("#len=1", &["“len”", "“1”", "from 2 to 200"]),
        case("#len=201", &["“len”", "“201”", "from 2 to 200"]),
        case("#hidden=0", &["“hidden”", "“0”", "from 1 to 128"]),
        case("#batch=129", &["“batch”", "“129”", "from 1 to 128"]),
        case("#lr=0", &["“lr”", "“0”", "from 0.000001 to 10"]),
        case("#lr=NaN", &["“lr”", "“NaN”", "to 10"]),
        case("#clip=-1", &["“clip”", "“-1”", "from 0 to 1000000"]),
        case("#forget=5.01", &["“forget”", "“5.01”", "from -5 to 5"]),
        case("#seed=4294967296", &["“seed”", "“4294967296”", "from 0 to 4294967295"]),
        case("#data=1.5", &["“data”", "“1.5”", "from 0 to 4294967295"]),
        case("#update=1000001", &["“update”", "“1000001”", "from 0 to 1000000"]),
        case("#task=chess", &["“task”", "“chess”", "order, adding, recall, sine"]),
        case("#lanes=", &["“lanes”", "“”", "1 to 4 of rnn-sigmoid, rnn-tanh, rnn-relu, lstm"]),
        case("#lanes=lstm,lstm,lstm,lstm,lstm", &["“lanes”", "lstm,lstm", "1 to 4 of"]),
        case("#lanes=lstm,gru", &["“lanes”", "“lstm,gru”", "1 to 4 of"]),
        case("#opt=adagrad", &["“opt”", "“adagrad”", "sgd, momentum, rmsprop, adam, adamw"]),
        case("#speed=0", &["“speed”", "“0”", "from 1 to 1000, or max"]),
        case("#len=10&t=11", &["“t”", "“11”", "from 1 to 10"]),
        case("#len=10&len=10", &["“len”", "more than once"]),
        case("#len", &["“len”", "key=value"]),
        case("#len=10&tbptt=11", &["“tbptt”", "“11”", "from 0 to 10"]),
        case("#layers=4", &["“layers”", "“4”", "from 1 to 3"]),
        case("#layers=2&layer=3", &["“layer”", "“3”", "from 1 to 2"]),
        case("#lesson=1", &["“lesson=1”", "not have", "yet"]),
        case("#flavour=sweet", &["“flavour”", "not a key"]),
        case("#lr=%3Cscript%3Ewindow.hacked=1%3C/script%3E", &["“lr”", "<script>", "to 10"]),
        case("#<img src=x onerror=window.hacked=1>=1", &["not a key"]),
        case("#task=%00%1b%ff", &["“task”", "\u{fffd}", "order, adding"]),
        case("#task=\u{202e}ord\u{200b}er🦀&len=３０", &["“task”", "🦀", "“len”", "“３０”"]),
        case("#%", &["“%”", "key=value"]),
        case(&format!("#seed={}", "9".repeat(100_000)), &["“seed”", "999…", "from 0 to"]),
        case(&format!("#{}", "a=1&".repeat(25_000)), &["“a”", "more than once"]),
        case(&format!("#{}", (0..10_000).map(|k| format!("k{k}=1&")).collect::<String>()), &["“k0”", "“k4”", "more."]),
    ]
}

#[tokio::test]
async fn every_bad_link_opens_a_page_that_trains_and_one_notice_names_key_found_and_allowed() {
    let page = Page::open("").await;
    let defaults = page.eval("gatescope.config()").await;
    for (number, (hash, says)) in bad_links().iter().enumerate() {
        let shown: String = hash.chars().take(60).collect();
        if number % 3 == 0 || hash.len() > 1000 {
            page.goto(&format!("{}&lang=en", hash.trim_end_matches('&'))).await;
        } else {
            // Edited in the address bar of the open page.
            let link = serde_json::to_string(&format!("{hash}&lang=en")).unwrap();
            page.eval(&format!("(location.hash = {link}, null)")).await;
            page.until("(await gatescope.snapshot()).update === 0", "the run of the new link").await;
        }
        let notice = page.the_notice().await;
        for piece in *says {
            assert!(notice.contains(piece), "{shown}: {piece} in {notice}");
        }
        assert!(notice.chars().count() < 700, "{shown}: a short notice, not {notice}");
        page.eval("gatescope.step(3)").await;
        let snapshot = page.snapshot().await;
        assert_eq!(snapshot["update"], 3, "{shown}");
        assert!(snapshot["lanes"].as_array().unwrap().iter().all(|lane| lane["loss"].is_f64()), "{shown}");
        let config = page.eval("gatescope.config()").await;
        let key = says[0].trim_matches(['“', '”']);
        if config.get(key).is_some() && key != "update" {
            assert_eq!(config[key], defaults[key], "{shown}: the default stands");
        }
        page.eval("document.querySelector('[data-testid=notice] .close').click()").await;
        page.until("!document.querySelector('[data-testid=notice]')", "the notice is dismissed").await;
    }
    assert_eq!(page.eval("window.hacked ?? null").await, Value::Null);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_long_replay_shows_how_far_it_is_and_stays_where_it_is_cancelled() {
    let page = Page::blank(1280, 800).await;
    page.launch("#lang=en&update=1000000").await;
    let bar = "document.querySelector('.replay progress')";
    page.until(&format!("({bar}?.value ?? 0) > 0"), "the bar moves").await;
    let before = page.eval(&format!("{bar}.value")).await.as_f64().unwrap();
    page.until(&format!("{bar}.value > {before}"), "the bar moves on").await;
    let text = page.text("document.querySelector('.replay')").await;
    assert!(text.contains("Replaying: update") && text.contains("of 1"), "{text}");
    page.eval("document.querySelector('.replay button').click()").await;
    page.eval("gatescope.ready").await;
    let stays = page.update().await;
    assert!(stays > 0 && stays < 1_000_000);
    let notice = page.the_notice().await;
    assert!(notice.contains("cancelled"), "{notice}");
    let digits: String = notice.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits, stays.to_string(), "the notice says where: {notice}");
    page.eval("gatescope.step(1)").await;
    let state = page.snapshot().await;
    assert_eq!(state["update"], stays + 1);
    assert_eq!(page.plotted("loss").await[0]["y"].as_array().unwrap().len() as u64, stays + 1);
}

#[tokio::test]
async fn editing_the_address_of_the_open_page_follows_it() {
    let page = Page::open("#nonsense=1").await;
    assert_eq!(page.notices().await.len(), 1);
    page.click("play").await;
    page.until_update(3).await;
    page.eval("(location.hash = '#task=adding&len=11&lanes=rnn-relu,lstm,lstm&update=5&lang=en', null)").await;
    page.until("(await gatescope.config()).task === 'adding' && (await gatescope.snapshot()).update === 5", "the link")
        .await;
    let snapshot = page.snapshot().await;
    assert_eq!(snapshot["lanes"].as_array().unwrap().len(), 3);
    assert_eq!(snapshot["lanes"][0]["h"].as_array().unwrap().len(), 11);
    assert_eq!(page.text_of("play").await, "▶ Play");
    assert_eq!(page.notices().await, Vec::<String>::new(), "what the old link said is gone");
    assert_eq!(page.eval("document.querySelectorAll('.lane').length").await, 3);
    page.eval("(location.hash = '', null)").await;
    page.until("(await gatescope.config()).task === 'order' && (await gatescope.snapshot()).update === 0", "defaults")
        .await;
}

#[tokio::test]
async fn every_task_opens_by_link_with_one_to_four_lanes_and_trains() {
    let page = Page::open("").await;
    let cases = [
        ("adding", "rnn-sigmoid,rnn-tanh,rnn-relu,lstm"),
        ("recall", "lstm,lstm"),
        ("sine", "rnn-tanh"),
        ("order", "lstm,rnn-relu,lstm"),
    ];
    for (task, lanes) in cases {
        page.goto(&format!("#task={task}&lanes={lanes}&len=12&hidden=6")).await;
        let codes: Vec<&str> = lanes.split(',').collect();
        let before = page.snapshot().await;
        page.eval("gatescope.step(5)").await;
        let after = page.snapshot().await;
        assert_eq!(page.eval(&format!("{}.value", with_id("task"))).await, task);
        for (k, code) in codes.iter().enumerate() {
            let (before, after) = (&before["lanes"][k], &after["lanes"][k]);
            assert_eq!(after["code"], *code);
            assert_eq!(after["stopped"], Value::Null);
            assert_ne!(before["loss"], after["loss"], "{task}: {code} learns");
            assert_eq!(after["h"].as_array().map(Vec::len), Some(12));
            assert_eq!(after["h"][0].as_array().map(Vec::len), Some(6));
            let gates: Vec<&String> = after["gates"].as_object().unwrap().keys().collect();
            assert_eq!(json!(gates), if *code == "lstm" { json!(["i", "f", "g", "o"]) } else { json!(["dphi"]) });
            let seen = format!("{}.getBoundingClientRect().width > 200", with_id(&format!("lane-{k}")));
            assert_eq!(page.eval(&seen).await, true);
        }
        assert_eq!(after["lanes"].as_array().unwrap().len(), codes.len());
        let targets = after["lanes"][0]["target"].as_array().unwrap();
        let trained = targets.iter().filter(|target| !target.is_null()).count();
        assert_eq!(trained, if task == "sine" { 12 } else { 1 }, "{task}: steps with a target");
    }
    // A code twice in one link: both lanes are the same network.
    page.goto("#lanes=lstm,lstm&update=4").await;
    let snapshot = page.snapshot().await;
    assert_eq!(snapshot["lanes"][0], snapshot["lanes"][1]);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}
