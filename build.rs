//! Gives the program the id of its build, and the texts of `locales/` as the module `i18n`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use leptos_i18n_build::options::CodegenOptions;
use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};

/// Everything that the page is made from; not all of it has to be there.
const SOURCES: [&str; 12] = [
    "src",
    "crates",
    "lessons",
    "locales",
    "public",
    "index.html",
    "build.rs",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    ".cargo/config.toml",
    "scripts/versions.env",
];

fn main() -> Result<(), Box<dyn Error>> {
    let sources: Vec<&Path> = SOURCES.iter().map(Path::new).filter(|source| source.exists()).collect();
    for source in &sources {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let version = env::var("CARGO_PKG_VERSION")?;
    println!("cargo::rustc-env=GATESCOPE_BUILD={version}-{:08x}", hash_of(&sources)? >> 32);
    write_texts(Path::new(&env::var("OUT_DIR")?))
}

/// Writes the module that leptos_i18n makes from `locales/`.
fn write_texts(folder: &Path) -> Result<(), Box<dyn Error>> {
    let options = ParseOptions::default().interpolate_display(true);
    let texts = TranslationsInfos::parse(Config::new("en")?.add_locale("it")?.parse_options(options))?;
    texts.emit_diagnostics();
    let options = CodegenOptions::default().top_level_attributes(Some("#![allow(missing_docs)]".parse()?));
    Ok(texts.generate_i18n_module_with_options(folder.join("i18n"), options)?)
}

/// Hashes paths and contents (FNV-1a): the same sources have the same id on every machine, with or without git.
fn hash_of(sources: &[&Path]) -> io::Result<u64> {
    let mut files = Vec::new();
    for source in sources {
        list(source, &mut files)?;
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
