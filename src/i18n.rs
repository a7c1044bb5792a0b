//! The page's language and its texts.
//!
//! leptos_i18n generates the module `texts` from `locales/` (build.rs): a key or placeholder that does not exist is a
//! compile error, and a test checks that both languages have the same ones. The language is a key of the link, so it
//! comes from the experiment and not from leptos_i18n's context, which follows the browser's.

use leptos::prelude::*;

use lab::Lang;

#[allow(
    dead_code,
    unused_imports,
    clippy::wrong_self_convention,
    reason = "generated from the names of texts; the page needs only a part of it"
)]
mod texts {
    include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));
}

pub use texts::i18n::Locale;

/// A text without placeholders that is chosen in one place and shown in another; `text!` makes it.
pub type Text = fn(Locale) -> &'static str;

/// The language on show.
#[derive(Clone, Copy)]
pub struct I18n(Memo<Lang>);

impl I18n {
    /// Uses this language for all texts.
    pub fn new(lang: Memo<Lang>) -> Self {
        Self(lang)
    }

    /// Returns the language, reactively.
    pub fn lang(self) -> Lang {
        self.0.get()
    }

    /// Returns the language as leptos_i18n's locale, reactively.
    pub fn locale(self) -> Locale {
        match self.lang() {
            Lang::En => Locale::en,
            Lang::It => Locale::it,
        }
    }

    /// Returns a text in that language.
    pub fn text(self, text: Text) -> &'static str {
        text(self.locale())
    }
}

/// Returns the language of the component's context.
pub fn use_i18n() -> I18n {
    expect_context()
}

/// A text in the language on show: `t_string!(i18n, area.key)`, or with every placeholder named,
/// `t_string!(i18n, area.key, name = value)`.
macro_rules! t_string {
    ($i18n:expr, $($key:tt)+) => {
        ::leptos_i18n::td_string!($crate::i18n::I18n::locale($i18n), $($key)+)
    };
}
pub(crate) use t_string;

/// A [`Text`]: `text!(area.key)`.
macro_rules! text {
    ($($key:tt)+) => {
        (|locale: $crate::i18n::Locale| ::leptos_i18n::td_string!(locale, $($key)+)) as $crate::i18n::Text
    };
}
pub(crate) use text;
