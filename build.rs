//! For the program of page and worker: the id of the build, and (feature `ui`) the texts of `locales/` as Rust constants.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// All that the program is made from.
const SOURCES: [&str; 8] =
    ["src", "crates", "locales", "public", "index.html", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

fn main() {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets the version");
    let hash = hash_of(&SOURCES).expect("the sources are readable");
    println!("cargo::rustc-env=GATESCOPE_BUILD={version}-{:08x}", hash >> 32);
    translations();
}

/// The same sources give the same id on every machine, with or without git, and different ones another: FNV-1a
/// over paths and contents.
fn hash_of(sources: &[&str]) -> io::Result<u64> {
    let mut files = Vec::new();
    for source in sources {
        list(Path::new(source), &mut files)?;
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        let path = file.to_string_lossy().into_owned().into_bytes();
        for byte in path.into_iter().chain(fs::read(&file)?) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    Ok(hash)
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        list(&entry?.path(), files)?;
    }
    Ok(())
}

/// The languages of `locales/`, as the fields of `Text` name them.
const LANGUAGES: [&str; 2] = ["en", "it"];

/// `locales/*.json` becomes the constants of `ui::i18n::texts`.
fn translations() {
    use std::fmt::Write;

    type Table = std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>;
    let tables = LANGUAGES.map(|language| {
        let path = format!("locales/{language}.json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str::<Table>(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    });
    let keys = |table: &Table| -> Vec<(String, String)> {
        table.iter().flat_map(|(area, texts)| texts.keys().map(|key| (area.clone(), key.clone()))).collect()
    };
    let names = tables.each_ref().map(keys);
    for (mine, others) in [(0, 1), (1, 0)] {
        if let Some((area, key)) = names[mine].iter().find(|key| !names[others].contains(key)) {
            panic!("locales/{}.json has no {area}.{key}", LANGUAGES[others]);
        }
    }
    let mut code = String::new();
    for (area, texts) in &tables[0] {
        let _ = writeln!(code, "pub mod {area} {{\n    #[allow(unused_imports)]\n    use super::{{Template, Text}};");
        for key in texts.keys() {
            let both = tables.each_ref().map(|table| table[area][key].as_str());
            let [names, others] = both.map(placeholders);
            assert!(
                names == others,
                "locales/: {area}.{key} has {names:?} in one language and {others:?} in the other"
            );
            let text = format!("Text {{ en: {:?}, it: {:?} }}", both[0], both[1]);
            let _ = if names.is_empty() {
                writeln!(code, "    pub const {key}: Text = {text};")
            } else {
                writeln!(code, "    pub const {key}: Template = Template {{ text: {text}, names: &{names:?} }};")
            };
        }
        code.push_str("}\n");
    }
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("texts.rs");
    fs::write(out, code).expect("OUT_DIR is writable");
}

/// The names in `{{ name }}`, sorted, each once.
fn placeholders(text: &str) -> Vec<String> {
    let inside = text.split("{{").skip(1).filter_map(|tail| tail.split_once("}}"));
    let names: std::collections::BTreeSet<String> = inside.map(|(name, _)| name.trim().to_owned()).collect();
    names.into_iter().collect()
}
