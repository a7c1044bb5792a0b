//! Elements in Leptos' builder syntax, all of one type.
//!
//! A tag is a value, and changing texts are boxed closures. Components are Leptos' own, placed with `view!`.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::attr::custom::custom_attribute;
use leptos::html::custom;
use leptos::prelude::*;
use leptos::tachys::html::event;
use leptos::tachys::html::node_ref::node_ref;
use leptos::tachys::html::property::prop;
use leptos::tachys::html::style::style;
use wasm_bindgen::JsCast;

use crate::live::{Live, LiveFlag};

/// An element with its attributes and children.
pub struct El(Box<Parts>);

struct Parts {
    /// The tag in capitals, as in the DOM.
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

macro_rules! tags {
    ($($(#[$what:meta])* $name:ident $tag:literal),+) => {
        $(
            #[doc = concat!("`<", stringify!($name), ">`")]
            pub fn $name() -> El {
                El::new($tag)
            }
        )+
    };
}

tags! {
    aside "ASIDE", button "BUTTON", canvas "CANVAS", dd "DD", details "DETAILS", dialog "DIALOG", div "DIV", dl "DL", dt "DT", h1 "H1", h2 "H2", h3 "H3",
    header "HEADER", input "INPUT", label "LABEL", li "LI", main "MAIN", nav "NAV", option "OPTION", p "P", progress "PROGRESS",
    section "SECTION", select "SELECT", span "SPAN", strong "STRONG", summary "SUMMARY", table "TABLE", tbody "TBODY", td "TD", th "TH", thead "THEAD",
    tr "TR", ul "UL"
}

impl El {
    fn new(tag: &'static str) -> Self {
        Self(Box::new(Parts { tag, attributes: Vec::new(), children: Vec::new() }))
    }

    /// Sets an attribute; a flag that is false removes it.
    pub fn attr(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.set(name, value.into())
    }

    fn set(self, name: &'static str, value: Value) -> Self {
        match value {
            Value::Fixed(text) => self.fixed(name, text.to_owned()),
            Value::Made(text) => self.fixed(name, text),
            Value::Live(mut text) => self.living(name, Box::new(move || Some(text()))),
            Value::Flag(mut flag) => self.living(name, Box::new(move || flag().then(String::new))),
            Value::Absent => self,
        }
    }

    fn fixed(self, name: &'static str, text: String) -> Self {
        self.with(custom_attribute(name, text))
    }

    fn living(self, name: &'static str, text: Box<dyn FnMut() -> Option<String> + Send>) -> Self {
        self.with(custom_attribute(name, text))
    }

    /// Sets the classes.
    pub fn class(self, value: impl Into<Value>) -> Self {
        self.set("class", value.into())
    }

    /// Sets the name by which scripts and tests find the element.
    pub fn test_id(self, value: impl Into<Value>) -> Self {
        self.set("data-testid", value.into())
    }

    /// Sets a property of the style, which the Content-Security-Policy allows where it forbids the attribute.
    pub fn style(self, name: &'static str, value: Live) -> Self {
        self.with(style((name, value)))
    }

    /// Sets a property of the element's object, such as a field's value.
    pub fn prop(self, name: &'static str, value: Live) -> Self {
        self.with(prop(name, value))
    }

    /// Calls `does` on an event of type E.
    pub fn on<E: JsCast + 'static>(self, name: &'static str, mut does: impl FnMut(E) + 'static) -> Self {
        self.listen(name, Box::new(move |event| does(event.unchecked_into())))
    }

    fn listen(self, name: &'static str, does: Box<dyn FnMut(web_sys::Event)>) -> Self {
        self.with(event::on(event::Custom::<web_sys::Event>::new(name), does))
    }

    /// Calls `does` on a click, tap, Enter or Space.
    pub fn on_click(self, mut does: impl FnMut() + 'static) -> Self {
        self.listen("click", Box::new(move |_| does()))
    }

    /// Stores a reference to the element once it is on the page.
    pub fn node_ref<E>(self, place: NodeRef<E>) -> Self
    where
        E: leptos::html::ElementType,
        E::Output: JsCast + Clone + 'static,
    {
        self.with(node_ref(place))
    }

    fn with(mut self, attribute: impl Attribute) -> Self {
        self.0.attributes.push(attribute.into_any_attr());
        self
    }

    /// Adds a child after the existing ones.
    pub fn child(self, child: impl Node) -> Self {
        self.push(child.node())
    }

    fn push(mut self, child: AnyView) -> Self {
        self.0.children.push(child);
        self
    }

    /// Adds children after the existing ones.
    pub fn children<N: Node>(self, children: impl IntoIterator<Item = N>) -> Self {
        children.into_iter().fold(self, |element, child| element.push(child.node()))
    }
}

/// The value of an attribute.
pub enum Value {
    /// A static text.
    Fixed(&'static str),
    /// A text that was built once.
    Made(String),
    /// A reactive text.
    Live(Live),
    /// An attribute without a value, present or not.
    Flag(LiveFlag),
    /// No attribute.
    Absent,
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Fixed(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Made(text)
    }
}

impl From<Live> for Value {
    fn from(text: Live) -> Self {
        Self::Live(text)
    }
}

impl From<LiveFlag> for Value {
    fn from(flag: LiveFlag) -> Self {
        Self::Flag(flag)
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// A possible child of an element. Closures do not implement it: `live`, [`dynamic`] and [`when`] box them.
pub trait Node {
    /// Converts it to a view.
    fn node(self) -> AnyView;
}

impl Node for El {
    fn node(self) -> AnyView {
        let Parts { tag, attributes, children } = *self.0;
        custom(tag).add_any_attr(attributes).child(children).into_any()
    }
}

impl Node for AnyView {
    fn node(self) -> AnyView {
        self
    }
}

/// A component placed by `view!`.
impl Node for View<AnyView> {
    fn node(self) -> AnyView {
        self.into_inner()
    }
}

impl Node for &'static str {
    fn node(self) -> AnyView {
        self.into_any()
    }
}

impl Node for String {
    fn node(self) -> AnyView {
        self.into_any()
    }
}

impl Node for Live {
    fn node(self) -> AnyView {
        self.into_any()
    }
}

impl<N: Node> Node for Option<N> {
    fn node(self) -> AnyView {
        self.map_or_else(|| ().into_any(), Node::node)
    }
}

impl<N: Node> Node for Vec<N> {
    fn node(self) -> AnyView {
        let views: Vec<AnyView> = self.into_iter().map(Node::node).collect();
        views.into_any()
    }
}

/// A part that is rebuilt whenever something it reads changes.
pub fn dynamic<N: Node>(mut part: impl FnMut() -> N + Send + 'static) -> AnyView {
    (move || part().node()).into_any()
}

/// A part that exists while the condition is true; rebuilt only when that changes.
pub fn when<N: Node>(
    holds: impl Fn() -> bool + Send + Sync + 'static,
    mut part: impl FnMut() -> N + Send + 'static,
) -> AnyView {
    let holds = Memo::new(move |_| holds());
    dynamic(move || holds.get().then(&mut part))
}
