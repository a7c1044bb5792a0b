//! The inspector: equations that open, lead on, and are copied with all digits.

use thirtyfour::Key;

use crate::harness::Page;

const LINK: &str = "#lang=en&len=8&hidden=5&batch=6&update=12&t=6&unit=3";

const LINES: &str = "[...document.querySelectorAll('[data-testid=equations] .equation')].map(line => line.innerText.replace(/\\s+/g, ''))";

#[tokio::test]
async fn equations_say_the_numbers_of_the_snapshot() {
    let page = Page::open(LINK).await;
    let snapshot = page.snapshot().await;
    let lane = &snapshot["lanes"][1];
    let shown = |value: &serde_json::Value| {
        let value = value.as_f64().unwrap();
        let digits = (3 - value.abs().log10().floor() as i32).max(0) as usize;
        format!("={}", format!("{value:.digits$}").replace('-', "−"))
    };
    let lines = page.eval(LINES).await;
    for (line, number) in [
        (0, &lane["gates"]["i"][5][2]),
        (1, &lane["gates"]["f"][5][2]),
        (2, &lane["gates"]["g"][5][2]),
        (3, &lane["gates"]["o"][5][2]),
        (4, &lane["c"][5][2]),
        (5, &lane["h"][5][2]),
    ] {
        let text = lines[line].as_str().unwrap();
        assert!(text.trim_end_matches('Σ').ends_with(&shown(number)), "{text}: {number}");
    }
}

#[tokio::test]
async fn a_sum_opens_and_a_term_leads_to_where_it_comes_from_by_keys_alone() {
    let page = Page::open(LINK).await;
    page.focus("[data-sum=Zf]").await;
    page.press(Key::Enter).await;
    page.until("document.querySelector('[data-sum=Zf]').ariaExpanded === 'true'", "the sum is open").await;
    page.until("document.activeElement.dataset.sum === 'Zf'", "the focus stays").await;
    let terms = "document.querySelectorAll('.terms li').length";
    assert!(page.eval(terms).await.as_u64().unwrap() > 5);
    while page.eval("!('go' in document.activeElement.dataset)").await == true {
        page.press(Key::Tab).await;
    }
    let place = page.eval("document.activeElement.dataset.go").await;
    let (step, unit) = place.as_str().unwrap().split_once(' ').unwrap();
    assert_eq!(step, "4", "h of the step before");
    page.press(Key::Enter).await;
    let unit = unit.parse::<u32>().unwrap() + 1;
    let title =
        format!("document.querySelector('[data-testid=inspector] h2').innerText.includes('step 5, unit {unit}')");
    page.until(&title, "the inspector is there").await;
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn copied_equations_have_all_digits() {
    let page = Page::open(LINK).await;
    let copied = page
        .eval(
            "(() => { const at = document.querySelector('[data-testid=equations] .equation');
            getSelection().selectAllChildren(at);
            const data = new DataTransfer();
            at.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
            return data.getData('text/plain'); })()",
        )
        .await;
    let snapshot = page.snapshot().await;
    let text = copied.as_str().unwrap();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{text}"));
        line.rsplit(" = ").next().unwrap().parse::<f64>().unwrap()
    };
    let lane = &snapshot["lanes"][1];
    assert_eq!(value("c₆"), lane["c"][5][2].as_f64().unwrap(), "{text}");
    assert_eq!(value("f₆"), lane["gates"]["f"][5][2].as_f64().unwrap());
}

#[tokio::test]
async fn the_diagram_shows_values_forward_and_gradients_backward() {
    let page = Page::open(LINK).await;
    let label = "document.querySelector('[data-testid=cell-diagram]').ariaLabel";
    let text = "document.querySelector('[data-testid=cell-diagram]').textContent";
    let forward = page.eval(label).await;
    assert!(forward.as_str().unwrap().contains("c₅"), "{forward}");
    page.eval("document.querySelector('[data-testid=inspector-backward]').click()").await;
    page.until(&format!("{label}.includes('∂L/∂c₆')"), "gradients").await;
    assert!(page.eval(text).await.as_str().unwrap().contains("∂L/∂h₆"));
    page.eval("document.querySelector('[data-testid=inspector] .tabs button').click()").await;
    page.until(&format!("{label}.includes('δ₆')"), "the sigmoid RNN has a diagram of its own").await;
}
