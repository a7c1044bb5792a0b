//! Texts, flags and effects as boxed closures, each kind of one type.

use leptos::prelude::Effect;

/// A reactive text.
pub type Live = Box<dyn FnMut() -> String + Send>;

/// Boxes a text that is rebuilt whenever something it reads changes.
pub fn live<T: Into<String>>(mut text: impl FnMut() -> T + Send + 'static) -> Live {
    Box::new(move || text().into())
}

/// A shared closure that builds a text.
pub type Said = std::sync::Arc<dyn Fn() -> String + Send + Sync>;

/// Shares a text between several places; each rebuilds it whenever something it reads changes.
pub fn said(text: impl Fn() -> String + Send + Sync + 'static) -> Said {
    std::sync::Arc::new(text)
}

/// A reactive flag.
pub type LiveFlag = Box<dyn FnMut() -> bool + Send>;

/// Boxes a flag that is recomputed whenever something it reads changes.
pub fn flag(flag: impl FnMut() -> bool + Send + 'static) -> LiveFlag {
    Box::new(flag)
}

/// Runs a closure after the page is mounted, and again whenever something it reads changes.
pub fn effect(mut does: impl FnMut() + 'static) {
    Effect::new(move |_| does());
}

/// A translated text that follows the language.
macro_rules! tr {
    ($i18n:ident, $($key:tt)+) => {
        $crate::live::live(move || $crate::i18n::t_string!($i18n, $($key)+))
    };
}
pub(crate) use tr;
