//! Documents against the code: keys, functions, test ids, links between documents, paths and folders that they name.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use lab::Allowed;
use lab::KEYS;
use lab::Reason;
use lab::Role;
use lab::Settings;
use lab::experiment::limits::MOST_EDITS;
use lab::experiment::link;

const README: &str = include_str!("../../README.md");
const SCRIPT: &str = include_str!("../../src/script/mod.rs");

const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");
const LINK: &str = include_str!("../../docs/link.md");
const SCRIPT_INTERFACE: &str = include_str!("../../docs/script.md");

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every document of the project: its path from the root, and its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = markdown(Path::new(""));
    paths.extend(markdown(Path::new("docs")));
    paths.extend(markdown(Path::new("docs/guide")));
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(root().join(path)).unwrap())).collect()
}

/// The documents of one folder.
fn markdown(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| folder.join(entry.unwrap().file_name()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// A section of a document: the lines from its heading to the next heading of any level.
fn section(document: &'static str, heading: &str) -> Vec<&'static str> {
    let mut lines = document.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading);
    assert!(lines.next().is_some(), "no section {heading:?}");
    lines.take_while(|line| !line.starts_with('#')).collect()
}

/// The cells of each row of the table in a section, without the two head lines.
fn table(document: &'static str, heading: &str) -> Vec<Vec<&'static str>> {
    let row = |line: &&'static str| line.starts_with('|');
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    section(document, heading).into_iter().filter(row).skip(2).map(cells).collect()
}

/// Texts between backticks.
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
    let rows = table(LINK, "Keys");
    let named: Vec<&str> = rows.iter().flat_map(|row| codes(row[0])).collect();
    let keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(named, keys, "the keys and their order");
    let defaults = Settings::default();
    for (key, row) in KEYS.iter().zip(rows) {
        let [_, values, default, change, meaning] = row.as_slice() else { panic!("five cells: {row:?}") };
        assert_eq!(values.replace('`', ""), in_words(key.allowed), "values of {}", key.name);
        let value = (key.get)(&defaults);
        // A key without a default value says in words what applies instead.
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
fn keys_and_values_that_are_not_built_yet_are_answered_as_the_documents_say() {
    let text = section(LINK, "Not built yet").join(" ");
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
    let documents = documents();
    let codes = documents.iter().flat_map(|(_, text)| codes(text));
    let links: Vec<&str> = codes.filter(|code| code.starts_with('#') && code.contains('=')).collect();
    assert!(links.len() > 5, "{links:?}");
    for hash in links {
        assert_eq!(link::parse(hash).1, [], "{hash}");
    }
}

#[test]
fn every_function_of_the_script_interface_is_documented_and_no_other() {
    let built: BTreeSet<&str> = SCRIPT.split("put(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let name = |code: &'static str| code.split('(').next().unwrap_or_default();
    let rows = table(SCRIPT_INTERFACE, "Functions");
    let documented: BTreeSet<&str> = rows.iter().flat_map(|row| codes(row[0])).map(name).collect();
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

/// The path of every text of a language, with its placeholders.
fn placeholders_of(texts: &str) -> BTreeMap<String, BTreeSet<String>> {
    let areas: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(texts).unwrap();
    let names = |text: &str| {
        let inside = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
        inside.map(|(name, _)| name.trim().to_owned()).collect()
    };
    let in_area = |(area, texts): (String, BTreeMap<String, String>)| {
        texts.into_iter().map(move |(key, text)| (format!("{area}.{key}"), names(&text)))
    };
    areas.into_iter().flat_map(in_area).collect()
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_placeholders() {
    let [en, it] = [include_str!("../../locales/en.json"), include_str!("../../locales/it.json")].map(placeholders_of);
    assert!(en.len() > 400, "{}", en.len());
    assert_eq!(en, it);
}

#[test]
fn every_test_id_is_in_the_page() {
    let page = sources(&root().join("src"));
    let rows = table(SCRIPT_INTERFACE, "Test ids");
    let ids: Vec<&str> = rows.iter().flat_map(|row| codes(row[0])).collect();
    assert!(ids.len() > 20, "{ids:?}");
    for id in ids {
        // In elements, or in parts of the page that are made as text.
        let written = format!("\"{}\"", id.replace("<k>", "{index}"));
        let in_text = [" ", ">"].map(|end| format!("data-testid={id}{end}"));
        assert!(page.contains(&written) || in_text.iter().any(|text| page.contains(text)), "{id}");
    }
}

#[test]
fn the_readme_is_short() {
    assert!(README.len() < 6000, "README.md has {} bytes", README.len());
}

/// The anchor of a heading, as GitHub makes it: lower case, without punctuation, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    heading.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_'].contains(letter)).collect()
}

#[test]
fn every_link_between_documents_leads_to_a_file_and_a_heading_that_exist() {
    let documents = documents();
    let mut links = 0;
    for (path, text) in &documents {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let file = root().join(file);
            assert!(file.is_file(), "{}: {target} leads to no file", path.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&file).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#')).map(anchor);
                assert!(headings.into_iter().any(|known| known == heading), "{}: {target}", path.display());
            }
            links += 1;
        }
    }
    assert!(links > 30, "{links} links");
}

#[test]
fn every_path_that_a_document_names_exists() {
    const FOLDERS: [&str; 9] = ["src", "crates", "docs", "tests", "scripts", "locales", "public", "benches", ".ci"];
    let documents = documents();
    let mut paths = 0;
    for (document, text) in &documents {
        for code in codes(text) {
            let (folder, _) = code.split_once('/').unwrap_or_default();
            // A path with a placeholder, such as `crates/tasks/src/<name>.rs`, is none.
            if FOLDERS.contains(&folder) && !code.contains(['<', '*', ' ', '\n']) {
                assert!(root().join(code).exists(), "{} names {code}", document.display());
                paths += 1;
            }
        }
    }
    assert!(paths > 50, "{paths} paths");
}

/// A folder and every folder below it, as paths from the root.
fn folders(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap());
    let below = entries.filter(|entry| entry.path().is_dir());
    let below = below.flat_map(|entry| folders(&format!("{folder}/{}", entry.file_name().to_string_lossy())));
    std::iter::once(folder.to_owned()).chain(below).collect()
}

#[test]
fn every_folder_of_the_code_is_in_the_architecture() {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let crates = crates.map(|entry| format!("crates/{}/src", entry.unwrap().file_name().to_string_lossy()));
    for folder in crates.flat_map(|source| folders(&source)).chain(folders("src")) {
        let row = ARCHITECTURE.lines().any(|line| line.starts_with(&format!("| `{folder}` |")));
        assert!(row, "ARCHITECTURE.md has no row for {folder}");
    }
}
