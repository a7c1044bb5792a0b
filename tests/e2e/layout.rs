//! Laptop, projector and phone: nothing is cut off, nothing lies over anything else, what matters is in sight.

use serde_json::Value;

use crate::harness::Page;

/// Texts that are cut off or lie over each other, and a page that is wider than its window, in words.
const DEFECTS: &str = "(() => {
  const defects = [];
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].find((one) => one.getBoundingClientRect().right > innerWidth + 1
      && !one.closest('.lanes, .transport .buttons'));
    defects.push(`the page is ${document.documentElement.scrollWidth} wide: ${wide?.className ?? ''}`);
  }
  const short = (text) => text.trim().replace(/\\s+/g, ' ').slice(0, 40);
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
    if (parent.closest('option, .visually-hidden, script, dialog')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      // Line boxes are taller than letters.
      texts.push({ node, text: short(node.data), layer: parent.closest('.transport-place, .notices, .page-head, .columns'),
        left: box.left, right: box.right, top: box.top + box.height * 0.2, bottom: box.bottom - box.height * 0.2 });
      for (let around = parent; around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around);
        const clips = (overflow) => overflow === 'hidden' || overflow === 'clip';
        const edge = around.getBoundingClientRect();
        if ((clips(style.overflowX) && (box.left < edge.left - 1 || box.right > edge.right + 1))
          || (clips(style.overflowY) && (box.top < edge.top - 2 || box.bottom > edge.bottom + 2))) {
          defects.push(`cut off: ${short(node.data)}`);
        }
        // A button's text belongs inside the button.
        if (around.matches('button, label, h1, h2, h3') && (box.left < edge.left - 1 || box.right > edge.right + 1)) {
          defects.push(`sticks out of its ${around.localName}: ${short(node.data)}`);
        }
      }
    }
  }
  texts.forEach((one, index) => {
    for (const other of texts.slice(index + 1)) {
      if (one.node === other.node || one.layer !== other.layer) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 1 && down > 1) defects.push(`over each other: ${one.text} | ${other.text}`);
    }
  });
  const pen = document.createElement('canvas').getContext('2d');
  for (const field of document.querySelectorAll('select, input[type=number], input[type=text]')) {
    if (!field.checkVisibility()) continue;
    const style = getComputedStyle(field);
    pen.font = style.font;
    const text = field.matches('select') ? field.selectedOptions[0].text : field.value;
    // A list needs room for its arrow.
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - (field.matches('select') ? 14 : 0);
    if (pen.measureText(text).width > room + 1) defects.push(`does not fit its field: ${text}`);
  }
  return [...new Set(defects)];
})()";

/// Which of the elements are not wholly in the window, and where they are.
const OUT_OF_SIGHT: &str = "((selector) => [...document.querySelectorAll(selector)].flatMap((one) => {
  const { left, top, right, bottom, width } = one.getBoundingClientRect();
  const seen = width > 0 && left >= 0 && top >= 0 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5;
  return seen ? [] : [`${one.className || one.dataset.testid}: ${[left, top, right, bottom].map(Math.round)} of ${innerWidth} × ${innerHeight}`];
}))";

async fn assert_in_sight(page: &Page, what: &str, selector: &str) {
    let missing = page.eval(&format!("{OUT_OF_SIGHT}(\"{selector}\")")).await;
    assert_eq!(missing, Value::Array(Vec::new()), "{what}: not in sight");
}

#[tokio::test]
async fn at_every_size_in_both_languages_and_themes_no_text_is_cut_off_or_covered() {
    let page = Page::blank(1280, 720).await;
    let mut defects = Vec::new();
    for (width, height) in [(1440, 900), (1280, 720), (390, 844)] {
        let phone = width < 900;
        page.device(width, height, if phone { 3.0 } else { 1.0 }, phone).await;
        for (lang, theme, rest) in [
            ("en", "light", ""),
            ("it", "dark", "&update=400"),
            ("en", "dark", "&task=adding&lanes=rnn-relu,lstm&opt=momentum&lr=0.000001&clip=1000000&len=200"),
            ("it", "light", "&task=recall&lanes=rnn-sigmoid,rnn-tanh,rnn-relu,lstm&update=3"),
        ] {
            let what = format!("{width} × {height}, {lang}, {theme}{rest}");
            page.goto(&format!("#lang={lang}&theme={theme}{rest}")).await;
            let found: Vec<String> = serde_json::from_value(page.eval(DEFECTS).await).unwrap();
            defects.extend(found.into_iter().map(|defect| format!("{what}: {defect}")));
            assert_in_sight(
                &page,
                &what,
                ".transport-place, [data-testid=play], [data-testid=step], [data-testid=update-count]",
            )
            .await;
            if phone {
                assert_in_sight(&page, &what, ".drawer-button").await;
                page.eval("document.querySelector('.drawer-button').click()").await;
                page.until("document.querySelector('.settings').checkVisibility()", "the drawer").await;
                let found: Vec<String> = serde_json::from_value(page.eval(DEFECTS).await).unwrap();
                defects.extend(found.into_iter().map(|defect| format!("{what}, drawer: {defect}")));
                assert_in_sight(&page, &what, ".transport-place, [data-testid=task]").await;
            }
        }
    }
    assert!(defects.is_empty(), "{}", defects.join("\n"));
}

#[tokio::test]
async fn a_small_laptop_shows_transport_hero_and_the_upper_half_of_the_lanes_without_scrolling() {
    let page = Page::blank(1280, 720).await;
    for hash in ["#lang=en", "#lang=it&update=400", "#lang=en&task=adding&lanes=lstm,rnn-tanh"] {
        page.goto(hash).await;
        assert_in_sight(&page, hash, ".transport-place, .hero").await;
        let lanes = "[...document.querySelectorAll('.lane')].map((lane) => {
          const { top, height } = lane.getBoundingClientRect();
          return [top, height, innerHeight];
        })";
        for lane in page.eval(lanes).await.as_array().unwrap() {
            let [top, height, window] = [0, 1, 2].map(|at| lane[at].as_f64().unwrap());
            assert!(
                height > 100.0 && top + height / 2.0 <= window,
                "{hash}: a lane from {top}, {height} high, in {window}"
            );
        }
    }
}

#[tokio::test]
async fn on_a_phone_the_hero_comes_first_and_lanes_are_swiped() {
    let page = Page::blank(390, 844).await;
    page.device(390, 844, 3.0, true).await;
    page.goto("#lang=en&lanes=rnn-sigmoid,lstm,rnn-tanh").await;
    let top = |selector: &str| {
        let expression = format!("document.querySelector(\"{selector}\").getBoundingClientRect().top");
        let page = &page;
        async move { page.eval(&expression).await.as_f64().unwrap() }
    };
    assert!(top(".hero").await < top(".lanes").await && top(".lanes").await < top(".inspector").await);
    assert!(top(".transport-place").await > 600.0, "transport is at the bottom, in reach");
    let widths =
        page.eval("[...document.querySelectorAll('.lane')].map((lane) => lane.getBoundingClientRect().width)").await;
    assert!(widths.as_array().unwrap().iter().all(|width| width.as_f64().unwrap() > 330.0), "{widths}");
    page.eval("document.querySelectorAll('.lane-tabs button')[1].click()").await;
    page.until(
        "(({ left, right }) => left >= -2 && right <= innerWidth + 2)(document.querySelectorAll('.lane')[1].getBoundingClientRect())",
        "the second lane is in sight",
    )
    .await;
    assert_eq!(page.eval("document.querySelectorAll('.lane')[0].getBoundingClientRect().right < 20").await, true);
    assert_ne!(page.eval("document.querySelector('.settings').checkVisibility()").await, Value::Bool(true), "a drawer");
}
