//! Italian and English, light and dark: all of the page, at once.

use serde_json::Value;

use crate::harness::Page;

/// Everything a reader or a screen reader meets: texts, names, titles.
const WORDS: &str = "[
  document.body.innerText,
  ...[...document.querySelectorAll('[aria-label], [title], [aria-valuetext]')].flatMap((one) =>
    ['aria-label', 'title', 'aria-valuetext'].map((name) => one.getAttribute(name) ?? '')),
  ...[...document.querySelectorAll('option, .visually-hidden')].map((one) => one.textContent),
].join('\\n')";

/// The texts of one language's table that the other's cannot contain: literal pieces between `{{ }}`.
fn pieces(own: &Value, other: &Value, found: &mut Vec<String>, others: &str) {
    match own {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| pieces(value, &other[key], found, others)),
        Value::String(text) => {
            let literal = text.split("{{").flat_map(|part| part.rsplit("}}").next()).flat_map(|part| part.split('*'));
            found.extend(
                literal.map(str::trim).filter(|piece| piece.len() >= 4 && !others.contains(piece)).map(str::to_owned),
            );
        }
        _ => {}
    }
}

fn only_in(own: &str, other: &str) -> Vec<String> {
    let (own, table): (Value, Value) = (serde_json::from_str(own).unwrap(), serde_json::from_str(other).unwrap());
    let mut found = Vec::new();
    pieces(&own, &table, &mut found, other);
    assert!(found.len() > 80, "most texts differ: {}", found.len());
    found
}

/// Pieces that stand in the text as words of their own.
fn met<'a>(pieces: &'a [String], text: &str) -> Vec<&'a str> {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let alone = |piece: &&str| {
        text.match_indices(*piece)
            .any(|(at, _)| !letter(text[..at].chars().next_back()) && !letter(text[at + piece.len()..].chars().next()))
    };
    pieces.iter().map(String::as_str).filter(alone).collect()
}

const ENGLISH: &str = include_str!("../../locales/en.json");
const ITALIAN: &str = include_str!("../../locales/it.json");

#[tokio::test]
async fn the_language_button_switches_every_text_names_and_decimal_marks_too() {
    let page = Page::open("#lang=en&bad=1").await;
    let (english, italian) = (only_in(ENGLISH, ITALIAN), only_in(ITALIAN, ENGLISH));
    for update in [0, 50] {
        page.eval(&format!("gatescope.seek({update})")).await;
        for _ in 0..2 {
            let lang = page.eval("document.documentElement.lang").await;
            let text = page.eval(WORDS).await;
            let text = text.as_str().unwrap();
            let (own, foreign, mark) = if lang == "it" { (&italian, &english, ',') } else { (&english, &italian, '.') };
            assert!(met(own, text).len() > 50, "{lang} at {update}: {:?}", met(own, text));
            // The button names the other language in that language, which is its own table's text.
            assert_eq!(met(foreign, text), Vec::<&str>::new(), "foreign texts, {lang} at {update}: {text}");
            let loss = page.text_of("loss-1").await;
            assert!(loss.contains(mark), "{lang}: {loss}");
            let other_mark = if mark == ',' { '.' } else { ',' };
            let numbers =
                [page.text("document.querySelector('.equations')").await, page.text_of("diagnosis").await, loss]
                    .join(" ");
            let wrong = numbers.as_bytes().windows(3).any(|window| {
                window[0].is_ascii_digit() && window[1] == other_mark as u8 && window[2].is_ascii_digit()
            });
            assert!(!wrong, "{lang}: {numbers}");
            page.click("lang").await;
            page.until(&format!("document.documentElement.lang !== {lang}"), "the other language").await;
        }
    }
    assert_eq!(page.eval("document.documentElement.lang").await, "en");
    assert!(page.eval("location.hash").await.as_str().unwrap().contains("lang=en"));
}

#[tokio::test]
async fn tables_and_notices_speak_the_language_of_the_page_and_links_choose_it_with_the_theme() {
    let page = Page::open("#lang=it&theme=dark&len=999").await;
    assert_eq!(page.eval("document.documentElement.lang").await, "it");
    assert_eq!(page.eval("document.documentElement.dataset.theme").await, "dark");
    let notice = page.the_notice().await;
    assert!(notice.contains("“len”: trovato “999”; ammessi: un numero intero da 2 a 200."), "{notice}");
    page.eval("document.querySelector('.lane .table-button').click()").await;
    page.until("document.querySelector('dialog').open", "the table").await;
    let dialog = page.text("document.querySelector('dialog')").await;
    assert!(
        dialog.contains("RNN sigmoide – ingresso") && dialog.contains("passo") && dialog.contains("Chiudi"),
        "{dialog}"
    );
}

const BACKGROUND: &str = "getComputedStyle(document.body).backgroundColor";
const LUMINANCE: &str =
    "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)";

#[tokio::test]
async fn the_theme_is_the_systems_until_the_button_or_a_link_chooses() {
    let page = Page::blank(1280, 800).await;
    page.media(&[("prefers-color-scheme", "dark")]).await;
    page.goto("").await;
    let theme = || page.eval("document.documentElement.dataset.theme");
    assert_eq!(theme().await, "dark");
    assert!(page.eval(LUMINANCE).await.as_u64().unwrap() < 200);
    let dark = page.eval("document.querySelector('.hero canvas').toDataURL()").await;
    page.media(&[("prefers-color-scheme", "light")]).await;
    page.until("document.documentElement.dataset.theme === 'light'", "the system's change is followed").await;
    assert!(page.eval(LUMINANCE).await.as_u64().unwrap() > 600);
    assert_ne!(page.eval("document.querySelector('.hero canvas').toDataURL()").await, dark, "charts follow");
    let light = page.eval(BACKGROUND).await;
    page.click("theme").await;
    page.until("document.documentElement.dataset.theme === 'dark'", "the button").await;
    assert_ne!(page.eval(BACKGROUND).await, light);
    assert_eq!(page.eval("document.querySelector('.hero canvas').toDataURL()").await, dark);
    page.until("location.hash === '#theme=dark'", "the link says so").await;
    page.goto("#theme=light").await;
    page.media(&[("prefers-color-scheme", "dark")]).await;
    assert_eq!(theme().await, "light", "a link's theme holds against the system's");
}
