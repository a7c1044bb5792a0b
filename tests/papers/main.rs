//! What README.md says of links, the script interface and test ids is what the code has.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use lab::Allowed;
use lab::KEYS;
use lab::Reason;
use lab::Role;
use lab::Settings;
use lab::experiment::edit::MOST_EDITS;
use lab::experiment::link;

const README: &str = include_str!("../../README.md");
const SCRIPT: &str = include_str!("../../src/script/mod.rs");

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A section of README.md: the lines from its heading to the next heading of any level.
fn section(heading: &str) -> Vec<&'static str> {
    let mut lines = README.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading);
    assert!(lines.next().is_some(), "README.md has no section {heading:?}");
    lines.take_while(|line| !line.starts_with('#')).collect()
}

/// The cells of each row of the table in a section, without the two head lines.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let row = |line: &&'static str| line.starts_with('|');
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    section(heading).into_iter().filter(row).skip(2).map(cells).collect()
}

/// What stands between backticks.
fn codes(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The values of a key, in the words that the page's notices use.
fn in_words(allowed: Allowed) -> String {
    match allowed {
        Allowed::Whole(min, max) => format!("a whole number from {min} to {max}"),
        Allowed::WholeOr(min, max, word) => format!("a whole number from {min} to {max}, or {word}"),
        Allowed::Real(min, max) => format!("a number from {min} to {max}"),
        Allowed::OneOf(words) => words.join(", "),
        Allowed::ListOf(words, min, max) => format!("{min} to {max} of {}", words.join(", ")),
        Allowed::Lanes(words, most) => {
            format!("1 to {most} of {}, each with :hidden=1–128, :forget=−5–5 and :init= behind it", words.join(", "))
        }
        Allowed::Name(longest) => format!("up to {longest} letters, digits, dots and hyphens"),
        Allowed::Edits => format!("1 to {MOST_EDITS} edits k.u[i,j]=v@n, separated by ;"),
        Allowed::Part(..) | Allowed::Layers(_) | Allowed::Places(_) => unreachable!("of an edit, not of a key"),
    }
}

#[test]
fn the_table_of_keys_is_that_of_the_code() {
    let rows = table("Share link");
    let named: Vec<&str> = rows.iter().flat_map(|row| codes(row[0])).collect();
    let keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(named, keys, "the keys and their order");
    let defaults = Settings::default();
    for (key, row) in KEYS.iter().zip(rows) {
        let [_, values, default, change, meaning] = row.as_slice() else { panic!("five cells: {row:?}") };
        assert_eq!(values.replace('`', ""), in_words(key.allowed), "values of {}", key.name);
        let value = (key.get)(&defaults);
        // A key without a default value says in words what stands in its place.
        let written = if value.is_empty() { vec![] } else { vec![value.as_str()] };
        assert_eq!(codes(default), written, "default of {}", key.name);
        assert!(!default.is_empty() && !meaning.is_empty(), "{} is explained", key.name);
        let role = match key.role {
            Role::Run => "restarts",
            Role::Edit => "goes on",
            Role::Progress => "replays",
            Role::View => "live",
        };
        assert_eq!(*change, role, "what a change of {} does", key.name);
    }
}

#[test]
fn keys_and_values_that_are_not_built_yet_are_answered_as_the_readme_says() {
    let text = section("Not built yet").join(" ");
    let pieces = codes(&text);
    assert!(!pieces.is_empty(), "{pieces:?}");
    for piece in pieces {
        let (hash, is_key) = if piece.contains('=') { (piece.to_owned(), false) } else { (format!("{piece}=1"), true) };
        let (_, problems) = link::parse(&hash);
        let [problem] = problems.as_slice() else { panic!("{piece}: {problems:?}") };
        match (is_key, &problem.reason) {
            (true, Reason::NotBuilt) | (false, Reason::NotAllowed(_)) => {}
            (_, reason) => panic!("{piece}: {reason}"),
        }
    }
}

#[test]
fn the_example_links_are_taken_whole() {
    let links: Vec<&str> =
        codes(README).into_iter().filter(|code| code.starts_with('#') && code.contains('=')).collect();
    assert!(!links.is_empty());
    for hash in links {
        assert_eq!(link::parse(hash).1, [], "{hash}");
    }
}

#[test]
fn every_function_of_the_script_interface_is_documented_and_no_other() {
    let built: BTreeSet<&str> = SCRIPT.split("put(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let name = |code: &'static str| code.split('(').next().unwrap_or_default();
    let documented: BTreeSet<&str> = table("Script interface").iter().flat_map(|row| codes(row[0])).map(name).collect();
    assert_eq!(documented, built);
}

/// Every Rust file below a folder, as one text.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: std::path::PathBuf| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(extension) if extension == "rs" => fs::read_to_string(&path).unwrap(),
        _ => String::new(),
    };
    entries.map(text).collect()
}

#[test]
fn every_key_of_a_run_has_a_name_in_both_languages() {
    let words = include_str!("../../src/words.rs");
    let named = words.split("pub fn key(").nth(1).unwrap().split("other => other").next().unwrap();
    for language in [include_str!("../../locales/en.json"), include_str!("../../locales/it.json")] {
        let texts: serde_json::Value = serde_json::from_str(language).unwrap();
        for key in KEYS.iter().filter(|key| key.role == Role::Run) {
            let arm = format!("\"{}\" => t_string!(i18n, ", key.name);
            let at = named.split(&arm).nth(1).and_then(|rest| rest.split(')').next());
            let at = at.unwrap_or_else(|| panic!("Words::key does not name {}", key.name));
            let text = at.split('.').fold(&texts, |texts, part| &texts[part]).as_str().unwrap_or_default();
            assert!(!text.is_empty() && text != key.name, "{} is called {text:?}", key.name);
        }
    }
}

#[test]
fn every_test_id_stands_in_the_page() {
    let page = sources(&root().join("src"));
    let rows = table("Test ids");
    let ids: Vec<&str> = rows.iter().flat_map(|row| codes(row[0])).collect();
    assert!(ids.len() > 20, "{ids:?}");
    for id in ids {
        // In elements, or in parts of the page that are made as text.
        let written = format!("\"{}\"", id.replace("<k>", "{index}"));
        let in_text = [" ", ">"].map(|end| format!("data-testid={id}{end}"));
        assert!(page.contains(&written) || in_text.iter().any(|text| page.contains(text)), "{id}");
    }
}
