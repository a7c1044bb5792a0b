//! By finger: the scrubber is dragged, lanes are swiped, a cell is tapped, a cut is drawn in.

use serde_json::{Value, json};

use crate::harness::Page;

async fn phone(hash: &str) -> Page {
    let page = Page::blank(390, 844).await;
    page.device(390, 844, 3.0, true).await;
    page.touch().await;
    page.goto(hash).await;
    page
}

/// Left, top, width and height of the first element of a selector, in the window.
async fn place(page: &Page, selector: &str) -> [f64; 4] {
    let place = page
        .eval(&format!(
            "(({{ left, top, width, height }}) => [left, top, width, height])(document.querySelector(\"{selector}\").getBoundingClientRect())"
        ))
        .await;
    serde_json::from_value(place).expect("four numbers")
}

async fn finger(page: &Page, what: &str, points: &[(f64, f64)]) {
    let points: Vec<Value> = points.iter().map(|(x, y)| json!({ "x": x, "y": y })).collect();
    page.cdp("Input.dispatchTouchEvent", json!({ "type": what, "touchPoints": points })).await;
}

async fn swipe(page: &Page, from: (f64, f64), by: (f64, f64)) {
    finger(page, "touchStart", &[from]).await;
    for part in 1..=12 {
        let share = f64::from(part) / 12.0;
        finger(page, "touchMove", &[(from.0 + share * by.0, from.1 + share * by.1)]).await;
        tokio::time::sleep(std::time::Duration::from_millis(16)).await;
    }
    finger(page, "touchEnd", &[]).await;
}

#[tokio::test]
async fn the_scrubber_follows_a_finger() {
    let page = phone("#lang=en&len=10&hidden=6").await;
    page.eval("gatescope.step(120)").await;
    let [left, top, width, height] = place(&page, "[data-testid=chart-loss]").await;
    swipe(&page, (left + 0.95 * width, top + height / 2.0), ((1.0 / 3.0 - 0.95) * width, 3.0)).await;
    let near = "Math.abs((await gatescope.snapshot()).update - 40) <= 1";
    page.until(near, "the page follows to a third of the strip").await;
    assert_eq!(page.eval("scrollY").await, 0, "the page itself stays");
    swipe(&page, (left + width / 3.0, top + height / 2.0), (width / 6.0, 0.0)).await;
    page.until("Math.abs((await gatescope.snapshot()).update - 60) <= 1", "and forth").await;
}

#[tokio::test]
async fn lanes_are_swiped_sideways_and_the_page_up_and_down() {
    let page = phone("#lang=en&len=10&hidden=6").await;
    page.eval("document.querySelector('.lanes').scrollIntoView()").await;
    page.eval("new Promise((resolve) => setTimeout(resolve, 600))").await;
    let down = page.eval("scrollY").await.as_f64().unwrap();
    let [left, top, width, _] = place(&page, ".lanes").await;
    swipe(&page, (left + 0.85 * width, top + 150.0), (-0.7 * width, 0.0)).await;
    let lane = "(() => { const { left, right } = document.querySelector('[data-testid=lane-1]').getBoundingClientRect(); return left > -2 && right < innerWidth + 2; })()";
    page.until(lane, "the second lane is swiped in, and stands still there").await;
    assert!((page.eval("scrollY").await.as_f64().unwrap() - down).abs() < 2.0);
    let pressed = "[...document.querySelectorAll('.lane-tabs button')].map((tab) => tab.ariaPressed).join()";
    page.until(&format!("{pressed} === 'false,true'"), "its tab says so").await;
    swipe(&page, (left + width / 2.0, top + 300.0), (0.0, -200.0)).await;
    page.until(&format!("scrollY > {down} + 100"), "on a lane, too, the page is pushed up").await;
    assert_eq!(page.eval(lane).await, true, "and the lane stays");
    assert_eq!(page.eval("document.documentElement.scrollWidth <= innerWidth").await, true);
}

#[tokio::test]
async fn a_tap_on_a_cell_chooses_its_step_and_unit() {
    let page = phone("#lang=en&len=10&hidden=5").await;
    let map = "[data-testid=chart-hidden-0] canvas";
    page.eval(&format!("document.querySelector('{map}').scrollIntoView({{ block: 'center' }})")).await;
    page.eval("new Promise((resolve) => setTimeout(resolve, 600))").await;
    let [left, top, width, height] = place(&page, map).await;
    finger(&page, "touchStart", &[(left + 0.65 * width, top + 0.5 * height)]).await;
    finger(&page, "touchEnd", &[]).await;
    page.until("await gatescope.config().then(({ t, unit }) => t === 7 && unit === 3)", "step 7, unit 3").await;
    let said = "document.querySelector('[data-testid=narration]').innerText";
    page.until(&format!("{said}.startsWith('Step 7, hidden state of unit 3: ')"), "and it is read out").await;
    // The finger has left: nothing hovers.
    let inspector = page.text("document.querySelector('[data-testid=inspector] h2')").await;
    assert!(inspector.contains("step 7, unit 3"), "{inspector}");
}

#[tokio::test]
async fn a_cut_follows_a_finger() {
    let page = phone("#lang=en&len=8&hidden=5&batch=6&update=12").await;
    page.eval("document.querySelector('[data-testid=step-inside]').click()").await;
    page.until("!!document.querySelector('[data-cut]')", "the film").await;
    page.eval("document.querySelector('[data-testid=unrolled]').scrollIntoView({ block: 'center' })").await;
    let [left, top, width, height] = place(&page, "[data-cut] rect").await;
    swipe(&page, (left + width / 2.0, top + height / 2.0), (-120.0, 0.0)).await;
    page.until("Number(document.querySelector('[data-testid=inside-window]').value) > 0", "the window follows").await;
}
