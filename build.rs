//! For the page and its worker: the id of the build, and (feature `ui`) the translations as Rust code.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// All that the two wasm programs are made from.
const SOURCES: [&str; 8] =
    ["src", "locales", "public", "index.html", "Cargo.toml", "Cargo.lock", "build.rs", ".cargo/config.toml"];

fn main() {
    if env::var_os("CARGO_FEATURE_BROWSER").is_none() {
        println!("cargo::rerun-if-changed=build.rs");
        return;
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets the version");
    let hash = hash_of(&SOURCES).expect("the sources are readable");
    println!("cargo::rustc-env=GATESCOPE_BUILD={version}-{:08x}", hash >> 32);
    #[cfg(feature = "ui")]
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

/// `locales/*.json` becomes the module `i18n`; a key that only one language has stops the build.
#[cfg(feature = "ui")]
fn translations() {
    use leptos_i18n_parser::parse_locales::{
        options::{Config, ParseOptions},
        parse_locales,
    };

    let options = ParseOptions::new().interpolate_display(true);
    let config =
        Config::new("en").and_then(|config| config.add_locale("it")).expect("two locales").parse_options(options);
    let tables = parse_locales(None, config).unwrap_or_else(|error| panic!("locales/: {error}"));
    for warning in tables.diag.warnings().iter() {
        println!("cargo::error={warning}");
    }
    for error in tables.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    let attributes = "#![allow(missing_docs)]".parse().expect("an attribute");
    let code = leptos_i18n_codegen::gen_code(&tables, None, false, Some(&attributes), true)
        .unwrap_or_else(|error| panic!("locales/: {error}"));
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("i18n.rs");
    fs::write(out, code.to_string()).expect("OUT_DIR is writable");
}
