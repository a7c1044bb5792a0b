//! A chart on the page: a canvas that redraws when its data, size, theme or language changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlCanvasElement, ResizeObserver, ResizeObserverEntry};

use crate::chart::canvas::{self, CanvasError};
use crate::html::{self, Node};
use crate::live::{Said, effect, live};
use crate::state::Lab;
use crate::words::Words;
use charts::plotted::Plotted;
use charts::{Style, Theme};
use lab::worker::event::Report;

/// The size of a canvas in CSS pixels.
pub type Size = (f64, f64);

/// A drawing of reports that remembers its last one.
pub trait Picture {
    /// Draws a report on a canvas that already has the right size; returns whether the report contained data for it.
    ///
    /// # Errors
    /// If the browser refuses.
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError>;
    /// Returns the numbers drawn from a report.
    fn plotted(&self, report: &Report) -> Option<Plotted>;
}

/// Theme, zoom and resolution of the page, for every chart.
#[derive(Clone, Copy)]
pub struct Look {
    /// Light or dark.
    pub theme: Memo<Theme>,
    /// Factor by which texts and strokes are larger than usual: 1, or 1.5 on a projector.
    pub zoom: Memo<f64>,
    /// Device pixels per CSS pixel.
    pub ratio: RwSignal<f64>,
}

impl Look {
    /// Returns the style of charts; follows theme, resolution and language.
    pub fn style(&self, words: Words) -> Style {
        Style::new(self.theme.get(), self.ratio.get() * self.zoom.get()).with_decimal(words.mark())
    }
}

/// Returns the style in which a drawing unit is a CSS pixel, for HTML laid over a canvas `width` CSS pixels wide.
pub fn in_css(style: &Style, canvas: &HtmlCanvasElement, width: f64) -> Style {
    Style { scale: style.scale * width / f64::from(canvas.width().max(1)), ..*style }
}

type Recall = Rc<dyn Fn() -> Option<Plotted>>;

/// The numbers that each chart on the page drew last, by name.
#[derive(Clone, Copy)]
pub struct Drawn(StoredValue<Vec<(String, Recall)>, LocalStorage>);

impl Default for Drawn {
    fn default() -> Self {
        Self(StoredValue::new_local(Vec::new()))
    }
}

impl Drawn {
    /// Returns the numbers that the chart of that name drew last; `None` if it does not exist or has not drawn yet.
    pub fn recall(&self, name: &str) -> Option<Plotted> {
        // While a chart is replaced, two may have the same name; the newer counts.
        let of_name = |charts: &Vec<(String, Recall)>| {
            charts.iter().rev().find(|(known, _)| known == name).map(|(_, recall)| Rc::clone(recall))
        };
        let recall = self.0.with_value(of_name)?;
        recall()
    }

    /// Registers a chart until its component is removed.
    fn remember(&self, name: String, recall: Recall) {
        let charts = self.0;
        charts.update_value(|charts| charts.push((name, Rc::clone(&recall))));
        let recall = StoredValue::new_local(recall);
        on_cleanup(move || {
            let Some(recall) = recall.try_with_value(Rc::clone) else { return };
            let _ = charts.try_update_value(|charts| charts.retain(|(_, kept)| !Rc::ptr_eq(kept, &recall)));
        });
    }
}

/// A canvas with a picture of the report on show.
#[component]
pub fn ChartCanvas(
    /// The drawing.
    picture: Rc<dyn Picture>,
    /// The name in `plotted(chart)`, if it has one.
    name: Option<String>,
    /// A text that describes the picture.
    summary: Said,
    /// Whether the chart is one of several in a lane.
    #[prop(default = false)]
    of_lane: bool,
    /// Number of rows that a pointer can distinguish, one per unit; 0 for none.
    #[prop(default = 0)]
    rows: usize,
    /// Called when the size changes.
    #[prop(optional)]
    size: Option<RwSignal<Size>>,
) -> AnyView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let words = Words::here();
    let node = NodeRef::<Canvas>::new();
    let size = size.unwrap_or_else(|| RwSignal::new((0.0, 0.0)));
    watch_size(node, size);

    let shown: Rc<RefCell<Option<Arc<Report>>>> = Rc::default();
    if let Some(name) = name {
        let (picture, shown) = (Rc::clone(&picture), Rc::clone(&shown));
        let recall = Rc::new(move || shown.borrow().as_deref().and_then(|report| picture.plotted(report)));
        expect_context::<Drawn>().remember(name, recall);
    }
    let failed = Cell::new(false);
    effect(move || {
        let style = look.style(words);
        let (width, height) = size.get();
        let report = if of_lane { lab.lanes_report.get() } else { lab.report.get() };
        let (Some(canvas), Some(report)) = (node.get(), report) else { return };
        if width < 1.0 || height < 1.0 {
            return;
        }
        canvas::fit(&canvas, width, height, look.ratio.get());
        match picture.paint(&report, &canvas, &style) {
            Ok(true) => *shown.borrow_mut() = Some(report),
            Ok(false) => {}
            // Logs one line, not one per frame.
            Err(error) if !failed.replace(true) => web_sys::console::error_1(&error.to_string().into()),
            Err(_) => {}
        }
    });
    html::canvas()
        .node_ref(node)
        .attr("role", "img")
        .attr("aria-label", live(move || summary()))
        .attr("data-plot", rows.to_string())
        .node()
}

/// Keeps `size` at the element's size on the page.
pub fn watch_size<E>(node: NodeRef<E>, size: RwSignal<Size>)
where
    E: leptos::html::ElementType,
    E::Output: JsCast + AsRef<Element> + Clone + 'static,
{
    effect(move || {
        if let Some(element) = node.get() {
            observe(element.as_ref(), size);
        }
    });
}

fn observe(element: &Element, size: RwSignal<Size>) {
    let on_resize = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        for entry in entries.iter().filter_map(|entry| entry.dyn_into::<ResizeObserverEntry>().ok()) {
            let rect = entry.content_rect();
            size.try_set((rect.width(), rect.height()));
        }
    });
    let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let keep = StoredValue::new_local((observer, on_resize));
    on_cleanup(move || keep.with_value(|(observer, _)| observer.disconnect()));
}
