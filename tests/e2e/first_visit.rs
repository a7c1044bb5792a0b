//! The hints for whoever is here for the first time.

use thirtyfour::Key;

use crate::harness::{Page, with_id};

const SHOWN: &str = "document.querySelector('[data-testid=hints]').checkVisibility()";
const TARGETS: [&str; 4] =
    ["[data-testid=play]", "[data-testid=chart-gradient]", "[data-testid=chart-gates-1]", "[data-testid=step-inside]"];

#[tokio::test]
async fn four_hints_point_at_what_they_speak_of_and_one_click_closes_them_for_good() {
    let page = Page::first_visit(1440, 900).await;
    page.goto("#lang=en&theme=light").await;
    assert_eq!(page.eval(SHOWN).await, true);
    for (index, target) in TARGETS.into_iter().enumerate() {
        let said = page
            .eval(&format!("document.getElementById(document.querySelector(\"{target}\").getAttribute('aria-describedby')).innerText"))
            .await;
        assert!(said.as_str().unwrap().len() > 10, "{target}: {said}");
        let number = page.eval(&format!("document.querySelector(\"{target}\").dataset.hint")).await;
        assert_eq!(number, (index + 1).to_string());
    }
    assert_eq!(page.axe().await, std::vec::Vec::<String>::new(), "light");
    // Nothing is covered for a pointer but by the button that closes them.
    let under = "(() => {
      const hints = document.querySelector('[data-testid=hints]');
      const { left, top, width, height } = hints.getBoundingClientRect();
      const hit = new Set();
      for (let x = 1; x < width; x += 7) for (let y = 1; y < height; y += 7) {
        const at = document.elementFromPoint(left + x, top + y);
        if (hints.contains(at)) hit.add(at.dataset.testid ?? at.outerHTML.slice(0, 60));
      }
      return [...hit];
    })()";
    assert_eq!(page.eval(under).await, serde_json::json!(["hints-close"]));
    let places = "[...document.querySelectorAll('.page *')].map((one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height].join(); }).join(';')";
    let before = page.eval(places).await;
    page.click("hints-close").await;
    page.until(&format!("!{SHOWN}"), "closed").await;
    let hidden = ".replace(/;/g, '\\n')";
    let _ = hidden;
    let after = page.eval(places).await;
    let moved =
        before.as_str().unwrap().split(';').zip(after.as_str().unwrap().split(';')).filter(|(a, b)| a != b).count();
    // The hints themselves are no longer anywhere.
    let own = page.eval("document.querySelectorAll('.hints, .hints *').length").await.as_u64().unwrap() as usize;
    assert!(moved <= own, "{moved} elements have moved");
    assert_eq!(page.eval("document.querySelectorAll('[data-hint], [aria-describedby^=hint]').length").await, 0);
    assert_eq!(page.eval(&format!("document.activeElement === {}", with_id("play"))).await, true);
    page.goto("#lang=en").await;
    assert_eq!(page.eval(SHOWN).await, false, "for good");
}

#[tokio::test]
async fn escape_closes_the_hints_after_what_else_it_closes_and_embedded_pages_have_none() {
    let page = Page::first_visit(1280, 720).await;
    for hash in ["#present=1", "#hide=settings", "#why=factors", "#update=20"] {
        page.goto(hash).await;
        assert_eq!(page.eval(SHOWN).await, false, "{hash}");
    }
    page.goto("#lang=it&theme=dark").await;
    assert_eq!(page.eval(SHOWN).await, true);
    assert_eq!(page.axe().await, Vec::<String>::new(), "dark");
    page.focus(".hero .table-button").await;
    page.press(Key::Enter).await;
    page.until("document.querySelector('dialog').open", "a table").await;
    page.press(Key::Escape).await;
    page.until("!document.querySelector('dialog').open", "it is closed").await;
    assert_eq!(page.eval(SHOWN).await, true, "the hints are not, yet");
    page.press(Key::Escape).await;
    page.until(&format!("!{SHOWN}"), "now they are").await;
    assert_eq!(page.eval("document.activeElement.matches('.hero .table-button')").await, true, "the focus stays");
    page.goto("#lang=it").await;
    assert_eq!(page.eval(SHOWN).await, false);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_hints_lie_on_is_nothing_to_press_or_to_write_in() {
    let page = Page::first_visit(1440, 900).await;
    page.goto("#lang=en").await;
    let under = "(() => {
      const { left, top, right, bottom } = document.querySelector('[data-testid=hints]').getBoundingClientRect();
      return [...document.querySelectorAll('button, select, input')].filter((one) => {
        const of = one.getBoundingClientRect();
        return !one.closest('.hints') && of.width && of.left < right && of.right > left && of.top < bottom && of.bottom > top;
      }).map((one) => one.outerHTML.slice(0, 80));
    })()";
    for (width, height) in [(1440, 900), (1280, 720), (1000, 800), (1920, 1080)] {
        page.resize(width, height).await;
        assert_eq!(page.eval(under).await, serde_json::json!([]), "{width} × {height}");
    }
    page.click("step-inside").await;
    page.until(
        &format!("getComputedStyle({}).visibility === 'hidden'", with_id("hints")),
        "nor are they over an open film",
    )
    .await;
}

#[tokio::test]
async fn on_a_phone_the_hints_leave_the_transport_and_most_of_the_chart_in_sight() {
    let page = Page::first_visit(390, 844).await;
    page.device(390, 844, 3.0, true).await;
    page.goto("#lang=it").await;
    let height = page.eval(&format!("{}.getBoundingClientRect().height", with_id("hints"))).await;
    assert!(height.as_f64().unwrap() < 150.0, "{height}");
    let over = "(() => { const a = document.querySelector('[data-testid=hints]').getBoundingClientRect(), b = document.querySelector('.transport').getBoundingClientRect(); return a.bottom <= b.top && a.left >= 0 && a.right <= innerWidth; })()";
    assert_eq!(page.eval(over).await, true);
    assert_eq!(page.axe().await, Vec::<String>::new());
}
