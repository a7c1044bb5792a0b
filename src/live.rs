//! Texts, flags and effects as boxed closures, each kind of one type.

use leptos::prelude::Effect;

/// A text that follows what it is made from.
pub type Live = Box<dyn FnMut() -> String + Send>;

/// A text made anew whenever something it reads changes.
pub fn live<T: Into<String>>(mut text: impl FnMut() -> T + Send + 'static) -> Live {
    Box::new(move || text().into())
}

/// A text that is said in several places.
pub type Said = std::sync::Arc<dyn Fn() -> String + Send + Sync>;

/// A text made wherever it is said, anew whenever something it reads changes.
pub fn said(text: impl Fn() -> String + Send + Sync + 'static) -> Said {
    std::sync::Arc::new(text)
}

/// A choice that follows what it is made from.
pub type LiveFlag = Box<dyn FnMut() -> bool + Send>;

/// A flag made anew whenever something it reads changes.
pub fn flag(flag: impl FnMut() -> bool + Send + 'static) -> LiveFlag {
    Box::new(flag)
}

/// Does something after the page is there, and again whenever something it reads changes.
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
