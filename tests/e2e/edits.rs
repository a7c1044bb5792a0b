//! What if: something changed by hand, seen beside what would be, undone, and carried by the link.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::harness::Page;

const LINK: &str = "#lang=en&len=8&hidden=5&batch=6&update=12";

/// Whether a lane's forget gate is this at every step and unit, in the snapshot.
fn held(snapshot: &Value, value: f64) -> bool {
    let steps = snapshot["lanes"][1]["gates"]["f"].as_array().unwrap();
    steps.iter().flat_map(|units| units.as_array().unwrap()).all(|f| f.as_f64() == Some(value))
}

async fn names(page: &Page, chart: &str) -> Vec<String> {
    let plotted = page.plotted(chart).await;
    plotted.as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the report on show is of a run with edits in force, or of one without: the link says so a little earlier.
async fn until_edited(page: &Page, edited: bool) {
    let ghosts = "(await gatescope.plotted('gradient')).some((line) => line.name.startsWith('ghost'))";
    page.until(&format!("({ghosts}) === {edited}"), "the edits are on show").await;
}

async fn listed(page: &Page) -> Vec<String> {
    let list = "[...document.querySelectorAll('[data-testid=edits] li')].map((one) => one.dataset.edit)";
    serde_json::from_value(page.eval(list).await).unwrap()
}

/// The sign in a lane's row, as it is read.
async fn mark(page: &Page, lane: usize, row: &str) -> String {
    page.text(&format!("document.querySelector('[data-testid=lane-{lane}] {row} .edited')")).await
}

/// Writes the value of the form, as a user does who types it.
async fn write(page: &Page, value: &str) {
    let field = "document.querySelector('[data-testid=what-if-value]')";
    page.eval(&format!("({field}.value = '{value}', {field}.dispatchEvent(new Event('input')))")).await;
}

#[tokio::test]
async fn a_gate_is_held_by_keys_alone_shown_beside_what_would_be_and_undone() {
    let page = Page::open(LINK).await;
    let untouched = page.snapshot().await;
    page.focus("[data-testid=what-if-value]").await;
    page.eval("document.activeElement.select()").await;
    page.press("0.25").await;
    page.press(Key::Tab).await;
    assert_eq!(page.eval("document.activeElement.dataset.testid").await, "what-if-set");
    page.press(Key::Enter).await;
    page.until("!!document.querySelector('[data-testid=edits] li')", "it is listed").await;
    page.until("location.hash.includes('edit=')", "the link says so").await;
    until_edited(&page, true).await;
    assert_eq!(listed(&page).await, ["1.f[*]=0.25@12"]);
    let edited = page.snapshot().await;
    assert_eq!(edited["update"], 12);
    assert!(held(&edited, 0.25) && !held(&untouched, 0.25));
    assert_eq!(edited["lanes"][0], untouched["lanes"][0], "the other lane is not touched");
    page.until(
        "document.querySelector('[data-testid=lane-1] .row-gate:nth-child(2) .edited')?.innerText.includes('0.25')",
        "the mark",
    )
    .await;
    assert_eq!(mark(&page, 1, ".row-gate:nth-child(2)").await, "all units held at 0.25");

    // Maps have theirs in a row below.
    let rows = page.eval("[...document.querySelectorAll('[data-testid=lane-1] .row')].map((row) => row.innerText).filter((text) => text.includes('untouched')).length").await;
    assert_eq!(rows, 2, "h and the answer");
    // The ghosts are the lane as it was.
    let names_of = names(&page, "gradient").await;
    assert_eq!(names_of, ["h", "ghost h", "ghost c", "h", "c"]);
    let plotted = page.eval("gatescope.configure({ scale: 'absolute', unit: 2 })").await;
    assert_eq!(plotted["edit"], json!(["1.f[*]=0.25@12"]));
    let gradient = page.plotted("gradient").await;
    assert_eq!(gradient[1]["y"], untouched["lanes"][1]["gradientNorms"]["h"]);
    assert_eq!(gradient[2]["y"], untouched["lanes"][1]["gradientNorms"]["c"]);
    assert_eq!(gradient[3]["y"], edited["lanes"][1]["gradientNorms"]["h"]);
    let cell = page.plotted("cell/1").await;
    let c: Vec<&Value> = untouched["lanes"][1]["c"].as_array().unwrap().iter().map(|units| &units[1]).collect();
    assert_eq!(cell[5]["name"], "ghost 1");
    assert_eq!(cell[5]["y"].as_array().unwrap().iter().collect::<Vec<_>>(), c);

    // Training goes on with it; the untouched one goes on beside it, as it would have.
    page.eval("gatescope.step(20)").await;
    let losses = page.plotted("loss").await;
    let (trained, link) = (page.snapshot().await, page.eval("location.hash").await);
    assert!(held(&trained, 0.25));
    let link = link.as_str().unwrap().to_owned();
    assert!(link.contains("edit=1.f[*]=0.25@12") && link.contains("update=32"), "{link}");
    page.goto(&LINK.replace("update=12", "update=32")).await;
    let (never, plain) = (page.plotted("loss").await, page.snapshot().await);
    let line = |of: &Value, lane: u64, name: &str| {
        let lines = of.as_array().unwrap().iter();
        lines.filter(|line| line["lane"] == lane && line["name"] == name).map(|line| line["y"].clone()).next()
    };
    assert_eq!(line(&losses, 1, "ghost"), line(&never, 1, "loss"));
    assert_eq!(line(&losses, 0, "loss"), line(&never, 0, "loss"));
    assert_ne!(line(&losses, 1, "loss"), line(&never, 1, "loss"));

    // The link brings all of it back, to the bit.
    page.goto(&link).await;
    assert_eq!((page.snapshot().await, page.plotted("loss").await), (trained, losses));
    page.focus("[data-testid=edits] button").await;
    page.press(Key::Enter).await;
    page.until("!document.querySelector('[data-testid=edits] li') && !location.hash.includes('edit=')", "it is undone")
        .await;
    until_edited(&page, false).await;
    assert_eq!((page.snapshot().await, page.plotted("loss").await), (plain, never));
    assert_eq!(page.eval("document.activeElement.dataset.testid").await, "what-if-set", "the focus is not lost");
    assert_eq!(page.notices().await, Vec::<String>::new());
}

#[tokio::test]
async fn inputs_and_weights_are_changed_at_the_place_that_the_form_says() {
    let page = Page::open(LINK).await;
    let untouched = page.snapshot().await;
    let choose = async |text: &str| {
        let options = "[...document.querySelectorAll('[data-testid=what-if-what] option')]";
        let value = format!("{options}.find((one) => one.text === 'LSTM, {text}').value");
        let value = page.eval(&value).await;
        page.enter("[data-testid=what-if-what]", value.as_str().unwrap()).await;
    };
    let field = "(() => { const field = document.querySelector('[data-testid=what-if-value]'); \
                 field.value = 'VALUE'; field.dispatchEvent(new Event('input', { bubbles: true })); })()";
    choose("x: input").await;
    page.enter("[data-testid=what-if-i]", "3").await;
    page.enter("[data-testid=what-if-j]", "2").await;
    let there = page.eval("document.querySelector('[data-testid=what-if-value]').value").await;
    assert!(["0", "1"].contains(&there.as_str().unwrap()), "the letter of step 3 that is there or not: {there}");
    let flipped = if there == "0" { "1" } else { "0" };
    page.eval(&field.replace("VALUE", flipped)).await;
    page.click("what-if-set").await;
    page.until("document.querySelectorAll('[data-testid=edits] li').length === 1", "the input").await;
    page.until("!!document.querySelector('[data-testid=lane-1] .row-input .edited')?.innerText", "the mark").await;
    assert_eq!(mark(&page, 1, ".row-input").await, "changed at step 3");
    until_edited(&page, true).await;
    let seen = page.snapshot().await;
    let h = |of: &Value, lane: usize, t: usize| of["lanes"][lane]["h"][t].clone();
    assert_eq!((h(&seen, 1, 1), h(&seen, 0, 7)), (h(&untouched, 1, 1), h(&untouched, 0, 7)));
    assert_ne!(h(&seen, 1, 2), h(&untouched, 1, 2));
    choose("U_g").await;
    page.enter("[data-testid=what-if-i]", "2").await;
    page.enter("[data-testid=what-if-j]", "4").await;
    page.enter("[data-testid=what-if-i]", "9").await;
    let notice = page.the_notice().await;
    assert!(notice.contains("“9”") && notice.contains("from 1 to 5"), "{notice}");
    assert_eq!(
        page.eval("document.querySelector('[data-testid=what-if-i]').value").await,
        "2",
        "the field is as it was"
    );
    page.eval("document.querySelector('.notice .close').click()").await;
    let u = page.eval("document.querySelector('[data-testid=what-if-value]').value").await;
    let u: f64 = u.as_str().unwrap().replace('−', "-").parse().unwrap();
    assert!(u != 0.0 && u.abs() < 1.0, "the weight that is there: {u}");
    page.eval(&field.replace("VALUE", "1e9")).await;
    page.click("what-if-set").await;
    let notice = page.the_notice().await;
    assert!(notice.contains("“Value”: found “1e9”; allowed: a number from -1000 to 1000"), "{notice}");
    page.eval("document.querySelector('.notice .close').click()").await;
    page.eval(&field.replace("VALUE", "-0,5")).await;
    page.click("what-if-set").await;
    page.until("document.querySelectorAll('[data-testid=edits] li').length === 2", "the weight").await;
    assert_eq!(listed(&page).await, [format!("1.x[3,2]={flipped}@12"), "1.u[12,4]=-0.5@12".to_owned()]);
    page.until("location.hash.includes('1.u[12,4]')", "the link").await;
    let words = page.text_of("edits").await;
    assert!(words.contains("U_g[2,4] = −0.5") && words.contains(&format!("x[3,2] = {flipped}")), "{words}");
    page.click("undo-all").await;
    page.until("!document.querySelector('[data-testid=edits] li') && !location.hash.includes('edit=')", "all undone")
        .await;
    until_edited(&page, false).await;
    assert_eq!(page.snapshot().await, untouched);
}

#[tokio::test]
async fn the_form_and_the_marks_go_by_the_layer_on_show() {
    let page = Page::open("#lang=en&len=8&hidden=5&batch=6&layers=2&layer=2&update=12").await;
    let untouched = page.snapshot().await;
    write(&page, "0.25").await;
    page.click("what-if-set").await;
    until_edited(&page, true).await;
    assert_eq!(listed(&page).await, ["1.f2[*]=0.25@12"]);
    assert!(held(&page.snapshot().await, 0.25), "the layer on show is the second");
    let marked = "document.querySelector('[data-testid=lane-1] .row-gate:nth-child(2) .edited')?.innerText";
    page.until(&format!("{marked}?.includes('0.25')"), "the mark").await;
    page.eval("gatescope.configure({ layer: 1 })").await;
    page.until(&format!("!{marked}"), "the first layer has no mark").await;
    assert!(!held(&page.snapshot().await, 0.25));
    // What the inspector offers is of the layer on show too.
    page.eval("gatescope.configure({ layer: 2, t: 4 })").await;
    page.until("!!document.querySelector('[data-testid=equations] [data-sum=Zi]')", "the equations").await;
    page.eval("document.querySelector('[data-testid=equations] [data-sum=Zi]').click()").await;
    let weight = "document.querySelector('[data-testid=equations] [data-weight]')";
    page.until(&format!("{weight}?.dataset.weight.includes('2[')"), "a weight of the second layer").await;
    page.click("undo-all").await;
    until_edited(&page, false).await;
    assert_eq!(page.snapshot().await, untouched, "to the bit");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn peepholes_and_weights_between_gates_are_set_by_hand() {
    let page = Page::open("#lang=en&len=8&hidden=5&batch=6&lanes=lstm-peephole,lstm-fgr,gru&update=6").await;
    for (place, what) in [("0.p_f[1]", "p_f"), ("1.v[1,1]", "V"), ("2.b_hn[1]", "b_hn")] {
        let select = "document.querySelector('[data-testid=what-if-what]')";
        let pick = format!(
            "(() => {{ {select}.value = '{place}'; {select}.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
        );
        page.eval(&pick).await;
        page.until(&format!("{select}.value === '{place}'"), what).await;
        write(&page, "0.5").await;
        page.click("what-if-set").await;
        page.until(&format!("location.hash.includes('{}=0.5@6')", place), what).await;
    }
    assert_eq!(listed(&page).await.len(), 3);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_edit_while_training_plays_is_made_where_it_rests_and_training_plays_on() {
    let page = Page::open("#lang=en&len=8&hidden=5&batch=6&speed=200").await;
    page.click("play").await;
    page.until_update(30).await;
    page.click("what-if-set").await;
    page.until("!!document.querySelector('[data-testid=edits] li')", "it is listed").await;
    let edit = listed(&page).await.remove(0);
    let at: u64 = edit.split('@').nth(1).unwrap().parse().unwrap();
    assert!(at >= 30, "{edit}");
    page.until_update(at + 20).await;
    page.eval("gatescope.pause()").await;
    let (snapshot, losses) = (page.snapshot().await, page.plotted("loss").await);
    page.until("location.hash.includes('edit=')", "the link").await;
    let link = page.eval("location.hash").await;
    page.goto(link.as_str().unwrap()).await;
    assert_eq!((page.snapshot().await, page.plotted("loss").await), (snapshot, losses));
}

#[tokio::test]
async fn scripts_edit_and_undo_as_the_page_does() {
    let page = Page::open(LINK).await;
    let before = (page.snapshot().await, page.plotted("loss").await);
    let edit = "1.u[3,5]=0.2@5;0.b[2]=-1@12";
    let config = page.eval(&format!("gatescope.configure({{ edit: '{edit}' }})")).await;
    assert_eq!(
        (&config["edit"], &config["update"]),
        (&json!(edit.split(';').collect::<Vec<_>>()), &json!(12)),
        "the run is where it was"
    );
    let edited = (page.snapshot().await, page.plotted("loss").await);
    assert_ne!(edited.0, before.0);
    page.goto(&format!("{LINK}&edit={edit}")).await;
    assert_eq!((page.snapshot().await, page.plotted("loss").await), edited);
    page.eval("gatescope.configure(await gatescope.config())").await;
    assert_eq!(page.snapshot().await, edited.0, "what config gives can be given back");
    page.eval("gatescope.configure({ edit: ['1.u[3,5]=0.2@5'] })").await;
    page.eval("gatescope.configure({ edit: null })").await;
    assert_eq!((page.snapshot().await, page.plotted("loss").await), before);
    let refused = page.eval("await gatescope.configure({ edit: '1.f[6]=1@0' }).catch((error) => error.message)").await;
    assert_eq!(refused, "edit=1.f[6]=1@0: allowed: i 1–5");
    assert_eq!(page.snapshot().await, before.0, "and nothing has changed");
}

#[tokio::test]
async fn a_link_with_edits_that_cannot_be_says_which_and_keeps_the_others() {
    let page = Page::open(
        "#lang=en&len=8&hidden=5&batch=6&update=12&edit=1.f[*]=2@0;0.i[1]=0.5@3;1.o[1]=0.5@3;7.b[1]=0@0;nonsense",
    )
    .await;
    let notice = page.the_notice().await;
    for says in [
        "“1.f[*]=2@0”; allowed: v 0–1",
        "“0.i[1]=0.5@3”; allowed: w, u, b",
        "“7.b[1]=0@0”; allowed: k 0–1",
        "“nonsense”",
    ] {
        assert!(notice.contains(says), "{says} in {notice}");
    }
    assert_eq!(listed(&page).await, ["1.o[1]=0.5@3"]);
    page.eval("document.querySelector('.notice .close').click()").await;
    // Other sizes are other weights: the edit goes, and a notice says so.
    page.eval("gatescope.seek(0)").await;
    page.enter("#setting-hidden", "6").await;
    let notice = page.the_notice().await;
    assert!(notice.contains("1 changes"), "{notice}");
    assert_eq!(listed(&page).await, Vec::<String>::new());
}

#[tokio::test]
async fn reset_keeps_the_edits_and_they_come_back_at_their_update() {
    let page = Page::open(&format!("{LINK}&edit=1.f[*]=1@10")).await;
    let edited = page.snapshot().await;
    assert!(held(&edited, 1.0));
    page.click("reset").await;
    page.until("document.querySelector('[data-testid=update-count]').dataset.value === '0'", "update 0").await;
    assert!(!held(&page.snapshot().await, 1.0));
    page.until("document.querySelector('[data-testid=edits]').innerText.includes('not reached yet')", "it waits").await;
    page.eval("gatescope.step(12)").await;
    assert_eq!(page.snapshot().await, edited);
}

#[tokio::test]
async fn the_film_of_an_update_is_that_update_with_a_gate_held() {
    let page = Page::open(&format!("{LINK}&edit=1.f[*]=1@10")).await;
    page.eval("gatescope.step(1)").await;
    let made = page.snapshot().await;
    page.eval("gatescope.seek(12)").await;
    page.focus("[data-testid=step-inside]").await;
    page.press(Key::Enter).await;
    page.until("document.activeElement.dataset.testid === 'inside'", "the film").await;
    assert!(held(&page.snapshot().await, 1.0), "the gate is held in the film");
    page.press(Key::End).await;
    page.until_update(13).await;
    page.press(Key::Escape).await;
    page.until("!document.querySelector('[data-testid=inside]')", "the panel is closed").await;
    assert_eq!(page.snapshot().await, made);
}

#[tokio::test]
async fn axe_finds_nothing_with_edits_on_show() {
    for look in ["lang=en&theme=light", "lang=it&theme=dark&task=adding&lanes=rnn-tanh,lstm,lstm"] {
        let page = Page::open(&format!(
            "#{look}&update=20&edit=1.f[*]=1@0;1.o[2]=0.5@3;1.x[3,1]=0.5@0;1.u[3,5]=0.2@20;1.i[1]=0@90"
        ))
        .await;
        assert_eq!(page.axe().await, Vec::<String>::new(), "{look}");
    }
}
