//! How far back the gradient reached during training: one map per lane, timesteps down, updates across.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlElement, KeyboardEvent, MouseEvent};

use crate::canvas_view::{ChartCanvas, Look, Picture};
use crate::chart::canvas::{self, CanvasError};
use crate::html::{El, Node, div, dynamic, h2, header, p, section, span};
use crate::i18n::t_string;
use crate::journey::Journey;
use crate::live::{live, said, tr};
use crate::state::Lab;
use crate::table::{TableButton, TableData};
use crate::words::Words;
use charts::Style;
use charts::palette;
use charts::plotted::Plotted;
use charts::reach::{LOWEST, ReachHistory};
use charts::scale::ColourScale;
use lab::worker::event::Report;
use nn::CellKind;
use numbers::power_of_ten;

/// The maps of all lanes.
#[component]
pub fn ReachMaps() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let count = Memo::new(move |_| lab.experiment.with(|experiment| experiment.lanes.len()));
    let len = move || lab.steps();
    // A window network has no state.
    let norm = move || {
        let lanes = lab.experiment.with(|experiment| experiment.lanes.clone());
        let windows = lanes.iter().filter(|cell| !cell.is_recurrent()).count();
        match windows {
            0 => "‖∂L/∂hₜ‖".to_owned(),
            _ if windows == lanes.len() => "‖∂L/∂xₜ‖".to_owned(),
            _ => format!("‖∂L/∂hₜ‖ ({}: ‖∂L/∂xₜ‖)", words.cell(CellKind::Window)),
        }
    };
    section()
        .class("card reach")
        .attr("aria-labelledby", "reach-title")
        .child(
            header()
                .child(h2().attr("id", "reach-title").child(tr!(i18n, reach.title)))
                .child(p().class("muted").child(tr!(i18n, reach.subtitle, norm = norm(), len = len()))),
        )
        .child(div().class("reach-maps").child(dynamic(move || (0..count.get()).map(map_of).collect::<Vec<_>>())))
        .node()
}

/// One lane's map with its name, scale and table.
fn map_of(index: usize) -> El {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let words = Words::here();
    let i18n = words.i18n();
    let name = move || lab.experiment.with(|experiment| words.lane(&experiment.lanes, index));
    let code = move || lab.experiment.with(|experiment| experiment.lanes.get(index).map_or("", |cell| cell.code()));
    let picture = Rc::new(ReachPicture { lab, index, pixels: RefCell::default(), drawn: Cell::default() });
    let end = move || {
        lab.calm.track();
        of(lab, index, ReachHistory::end).unwrap_or_default()
    };
    let summary = said(move || t_string!(i18n, reach.summary, name = name(), end = end()));
    let bar = move || {
        let theme = look.theme.get();
        lab.calm.track();
        let scale = of(lab, index, |reach| reach.scale(palette::lane(code(), theme).line));
        let scale = scale.unwrap_or(ColourScale::Grey);
        let stops: Vec<String> = scale.legend(9, theme).into_iter().map(|colour| colour.css()).collect();
        format!("linear-gradient(to top, {})", stops.join(", "))
    };
    let top = move || {
        lab.calm.track();
        power_of_ten(of(lab, index, ReachHistory::top).unwrap_or_default() as i32)
    };
    let journey = Journey::new(lab);
    let update = move || lab.calm.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update));
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let here = journey.here();
        let to = of(lab, index, |reach| match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => reach.beside(here, false),
            "ArrowRight" | "ArrowUp" => reach.beside(here, true),
            "Home" => reach.update_at(0.0),
            "End" => reach.update_at(1.0),
            _ => None,
        });
        if let Some(update) = to.flatten() {
            event.prevent_default();
            journey.go(update);
        }
    };
    let travel = move |event: MouseEvent| {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
        let fraction = f64::from(event.offset_x()) / f64::from(target.client_width().max(1));
        if let Some(update) = of(lab, index, |reach| reach.update_at(fraction)).flatten() {
            journey.go(update);
        }
    };
    let title = said(move || format!("{} – {}", name(), t_string!(i18n, reach.title)));
    let heading = Arc::clone(&title);
    let data = move || of(lab, index, |reach| table(words, reach, untrack(|| heading())));
    let canvas = view! { <ChartCanvas picture name=None summary /> };
    div()
        .class("row row-reach")
        .test_id(format!("chart-reach-{index}"))
        .child(
            div()
                .class("row-label")
                .child(span().class("symbol").child(live(name)))
                .child(span().class("muted").child(tr!(i18n, reach.span, end = numbers::grouped(end()))))
                .child(view! { <TableButton name=title data=Rc::new(data) /> }),
        )
        .child(
            div()
                .class("row-plot")
                .attr("role", "slider")
                .attr("tabindex", "0")
                .attr("aria-label", tr!(i18n, reach.travel, name = name()))
                .attr("aria-valuemin", "0")
                .attr("aria-valuemax", live(move || end().to_string()))
                .attr("aria-valuenow", live(move || update().to_string()))
                .attr("aria-valuetext", tr!(i18n, timeline.place, update = numbers::grouped(update())))
                .on("keydown", key)
                .on("click", travel)
                .child(canvas),
        )
        .child(
            div()
                .class("row-scale")
                .attr("aria-hidden", "true")
                .child(div().class("colour-bar").style("background", live(bar)))
                .child(
                    div()
                        .class("ticks")
                        .child(span().child(live(top)))
                        .child(span().child(power_of_ten(LOWEST as i32))),
                ),
        )
}

fn of<T>(lab: Lab, index: usize, read: impl FnOnce(&ReachHistory) -> T) -> Option<T> {
    lab.reach.with_value(|reach| reach.get(index).map(read))
}

struct ReachPicture {
    lab: Lab,
    index: usize,
    pixels: RefCell<Vec<u8>>,
    /// Run, columns, size and theme of the last drawing: most reports add nothing.
    drawn: Cell<(u32, u32, usize, u32, u32, bool)>,
}

impl Picture for ReachPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        let Some(lane) = report.snapshot.lanes.get(self.index) else { return Ok(false) };
        // Redrawn as often as texts while training plays, as a column per frame is more than anybody sees; at once when
        // it pauses.
        let now =
            |calm: &Option<Arc<Report>>| calm.as_ref().is_some_and(|calm| std::ptr::eq(Arc::as_ptr(calm), report));
        if !self.lab.calm.with_untracked(now) {
            return Ok(true);
        }
        let hue = palette::lane(lane.cell.code(), style.theme).line;
        let dark = style.theme == palette::Theme::Dark;
        let (run, probe) = (report.snapshot.run, report.snapshot.sequence.probe);
        let drawn = of(self.lab, self.index, |reach| {
            let drawn = (run, probe, reach.recorded().count(), canvas.width(), canvas.height(), dark);
            if self.drawn.replace(drawn) == drawn {
                return Ok(true);
            }
            canvas::put(canvas, style, &reach.map(hue), &mut self.pixels.borrow_mut()).map(|()| true)
        });
        drawn.unwrap_or(Ok(false))
    }

    fn plotted(&self, _: &Report) -> Option<Plotted> {
        None
    }
}

/// Number of steps in the table.
const TABLE_STEPS: usize = 6;
/// Maximum number of rows in the table.
const TABLE_ROWS: usize = 100;

/// Lists the share of the last step's gradient at some steps, for the recorded updates.
fn table(words: Words, reach: &ReachHistory, title: String) -> TableData {
    let i18n = words.i18n();
    let len = reach.recorded().next().map_or(1, |(_, values)| values.len());
    let mut steps: Vec<usize> = (0..TABLE_STEPS).map(|k| (k * (len - 1)) / (TABLE_STEPS - 1)).collect();
    steps.dedup();
    let share = |power: f32| match power {
        power if power.is_nan() => "–".to_owned(),
        power => numbers::significant(10_f64.powf(f64::from(power)), 2, words.mark()),
    };
    let apart = reach.columns().div_ceil(TABLE_ROWS).max(1);
    let row = |(update, values): (u64, &[f32])| {
        std::iter::once(numbers::grouped(update)).chain(steps.iter().map(|&step| share(values[step]))).collect()
    };
    TableData {
        title,
        heads: std::iter::once(t_string!(i18n, transport.update).to_owned())
            .chain(steps.iter().map(|step| format!("{} {}", t_string!(i18n, chart.step), step + 1)))
            .collect(),
        rows: reach.recorded().step_by(apart).map(row).collect(),
    }
}
