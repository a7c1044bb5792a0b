//! The page's language, and its texts in both: the module [`texts`] is made by build.rs from `locales/`, and a key or
//! placeholder that only one language has stops the build.

use std::fmt::Display;

use leptos::prelude::*;

use lab::Lang;

/// A text without placeholders.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In Italian.
    pub it: &'static str,
}

/// A text with placeholders, `{{ name }}`.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// With its placeholders.
    pub text: Text,
    /// Their names.
    pub names: &'static [&'static str],
}

#[allow(missing_docs, non_upper_case_globals)]
pub mod texts {
    use super::{Template, Text};
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

/// The language on show.
#[derive(Clone, Copy)]
pub struct I18n(Memo<Lang>);

impl I18n {
    /// Texts in the language that `lang` says.
    pub fn new(lang: Memo<Lang>) -> Self {
        Self(lang)
    }

    /// The language; whatever reads it follows it.
    pub fn lang(self) -> Lang {
        self.0.get()
    }

    /// A text in that language.
    pub fn text(self, text: Text) -> &'static str {
        match self.lang() {
            Lang::En => text.en,
            Lang::It => text.it,
        }
    }

    /// A text in that language with its placeholders filled.
    pub fn fill(self, text: Text, values: &[(&str, &dyn Display)]) -> String {
        let mut filled = String::new();
        let mut rest = self.text(text);
        while let Some((before, (name, after))) =
            rest.split_once("{{").and_then(|(before, tail)| Some((before, tail.split_once("}}")?)))
        {
            filled.push_str(before);
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name.trim()) {
                filled.push_str(&value.to_string());
            }
            rest = after;
        }
        filled + rest
    }
}

/// The language where the component stands.
pub fn use_i18n() -> I18n {
    expect_context()
}

/// Whether the values given are those that the template asks for, in any order; for the compiler to ask.
pub const fn fits(template: &[&str], given: &[&str]) -> bool {
    let mut at = 0;
    while at < given.len() {
        if !has(template, given[at]) {
            return false;
        }
        at += 1;
    }
    template.len() == given.len()
}

const fn has(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    a.len() == b.len()
}

/// A text of the tables in the language on show: `t_string!(i18n, area.key)`, or with every placeholder named,
/// `t_string!(i18n, area.key, name = value)`.
macro_rules! t_string {
    ($i18n:expr, $area:ident . $key:ident) => {
        $i18n.text($crate::i18n::texts::$area::$key)
    };
    ($i18n:expr, $area:ident . $key:ident, $($name:ident = $value:expr),+ $(,)?) => {{
        const _: () = assert!(
            $crate::i18n::fits($crate::i18n::texts::$area::$key.names, &[$(stringify!($name)),+]),
            "the placeholders of this text are others"
        );
        $i18n.fill($crate::i18n::texts::$area::$key.text, &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),+])
    }};
}
pub(crate) use t_string;
