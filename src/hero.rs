//! The hero chart: how much of the error reaches back to each step, for every lane.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlElement, MouseEvent};

use crate::canvas_view::{ChartCanvas, Picture, Size, in_css};
use crate::chart::canvas::{self, CanvasError};
use crate::hero_text::{left_out, lines_of, summary, table};
use crate::html::{El, Node, div, dynamic, h2, header, label, option, p, section, select, span, when};
use crate::i18n::{I18n, t_string};
use crate::live::{flag, live, said, tr};
use crate::pictures::scale_name;
use crate::pointing::{Point, Pointing};
use crate::sentences::Sentences;
use crate::state::Lab;
use crate::steady::Steady;
use crate::table::TableButton;
use crate::why::WhyButtons;
use crate::words::Words;
use charts::gradient::GradientChart;
use charts::plotted::Plotted;
use charts::range::Kind;
use charts::{PlotBox, Style, step_at};
use lab::GradientScale;
use lab::analysis::diagnosis::fell_below;
use lab::worker::event::Report;
use nn::Truncation;

/// The hero chart with its sentences.
#[component]
pub fn Hero() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let scale = Memo::new(move |_| lab.experiment.with(|experiment| experiment.scale));
    // For a batch of sequences of several lengths, all steps are drawn.
    let len = Memo::new(move |_| {
        if scale.get() == GradientScale::Batch { lab.experiment.with(|experiment| experiment.len) } else { lab.steps() }
    });
    let plot = RwSignal::new(PlotBox::whole(0.0, 0.0));
    let size = RwSignal::new((0.0, 0.0));
    let picture = Rc::new(HeroPicture::new(lab, scale, words, plot, size));
    let pointing = Pointing::new(lab, None);
    let under = move |event: &MouseEvent| point_of_hero(event, plot.get_untracked(), len.get_untracked());
    let subtitle = move || {
        let inside =
            lab.calm.with(|report| report.as_ref().and_then(|report| Some(report.inside.as_ref()?.member + 1)));
        let of_member = inside.filter(|_| scale.get() != GradientScale::Batch);
        let drawn = scale.get();
        let layers = lab.experiment.with(|experiment| experiment.layers);
        let mut scale = subtitle_of(i18n, drawn, len.get(), layers);
        let left_out =
            lab.calm.with(|report| report.as_ref().map_or_else(String::new, |report| left_out(words, report, drawn)));
        scale += &left_out;
        if lab.calm.with(|report| report.as_ref().is_some_and(has_ghost)) {
            scale += "; ";
            scale += t_string!(i18n, edits.legend);
        }
        match of_member {
            Some(member) => format!("{scale} ({})", t_string!(i18n, inside.member_on_show, member = member)),
            None => scale,
        }
    };
    let summary = said(move || {
        let report = lab.calm.get();
        report.map_or_else(|| t_string!(i18n, hero.title).to_owned(), |report| summary(words, &report, scale.get()))
    });
    let table = move || {
        let report = lab.report.get_untracked()?;
        Some(table(words, &report, scale.get_untracked(), t_string!(i18n, hero.title).to_owned()))
    };
    let band_left = move || {
        let plot = plot.get();
        let cell = plot.width() / len.get().max(1) as f64;
        format!("{:.2}px", plot.left + cell * lab.step() as f64)
    };
    let band_width = move || format!("{:.2}px", (plot.get().width() / len.get().max(1) as f64).max(2.0));
    let path = move || {
        let (step, end) = lab.path().unwrap_or_default();
        let plot = plot.get();
        let cell = plot.width() / len.get().max(1) as f64;
        (format!("{:.2}px", plot.left + cell * step as f64), format!("{:.2}px", cell * (end - step + 1) as f64))
    };
    let option_of = |code: &'static str| {
        option()
            .attr("value", code)
            .attr("selected", flag(move || scale_code(scale.get()) == code))
            .child(live(move || scale_text(words, code)))
    };
    let canvas = view! { <ChartCanvas picture name=Some("gradient".to_owned()) summary size /> };
    let name = said(move || t_string!(i18n, hero.title).to_owned());
    section()
        .class("card hero")
        .attr("aria-labelledby", "hero-title")
        .child(
            header()
                .child(h2().attr("id", "hero-title").child(tr!(i18n, hero.title)))
                .child(p().class("muted").child(live(subtitle)))
                .child(
                    label()
                        .class("hero-scale")
                        .child(span().class("visually-hidden").child(tr!(i18n, hero.scale)))
                        .child(
                            select()
                                .prop("value", live(move || scale_code(scale.get())))
                                .on("change", move |event: web_sys::Event| {
                                    lab.view("scale", &event_target_value(&event));
                                })
                                .children(["relative", "absolute", "batch"].map(option_of)),
                        ),
                )
                .child(when(move || lab.experiment.with(|experiment| experiment.layers > 1), layer_chooser))
                .child(view! { <TableButton name data=Rc::new(table) /> }),
        )
        .child(
            div()
                .class("hero-plot")
                .test_id("chart-gradient")
                .attr("role", "group")
                .attr("tabindex", "0")
                .attr("aria-label", tr!(i18n, hero.group))
                .on("keydown", move |event| pointing.key(&event))
                .on("pointermove", move |event| pointing.hover(under(&event)))
                .on("pointerleave", move |_: web_sys::Event| pointing.leave())
                .on("click", move |event| pointing.choose(under(&event)))
                .child(canvas)
                .child(
                    div()
                        .class("band")
                        .attr("aria-hidden", "true")
                        .style("left", live(band_left))
                        .style("width", live(band_width)),
                )
                .child(when(
                    move || lab.path().is_some(),
                    move || {
                        div()
                            .class("path")
                            .attr("aria-hidden", "true")
                            .style("left", live(move || path().0))
                            .style("width", live(move || path().1))
                    },
                )),
        )
        .child(view! { <Sentences /> })
        .child(view! { <WhyButtons /> })
        .node()
}

/// Chooses the layer that lanes and inspector show, from the input up.
fn layer_chooser() -> El {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let layers = Memo::new(move |_| lab.experiment.with(|experiment| experiment.layers));
    let shown = move || lab.experiment.with(|experiment| experiment.layer.to_string());
    let item = move |layer: usize| {
        let name = live(move || format!("{} {layer}", t_string!(i18n, hero.layer)));
        option()
            .attr("value", layer.to_string())
            .attr("selected", flag(move || shown() == layer.to_string()))
            .child(name)
    };
    label().class("hero-scale").child(span().class("visually-hidden").child(tr!(i18n, hero.layer_on_show))).child(
        dynamic(move || {
            select()
                .test_id("layer")
                .prop("value", live(shown))
                .on("change", move |event: web_sys::Event| lab.view("layer", &event_target_value(&event)))
                .children((1..=layers.get()).map(item))
        }),
    )
}

fn has_ghost(report: &std::sync::Arc<Report>) -> bool {
    report.snapshot.lanes.iter().any(|lane| lane.ghost.is_some())
}

fn subtitle_of(i18n: I18n, scale: GradientScale, len: usize, layers: usize) -> String {
    match scale {
        GradientScale::Relative if layers > 1 => t_string!(i18n, hero.relative_to_layer, step = len, layer = layers),
        GradientScale::Relative => t_string!(i18n, hero.relative_to, step = len),
        GradientScale::Absolute => t_string!(i18n, hero.absolute_of_probe).to_owned(),
        GradientScale::Batch => t_string!(i18n, hero.absolute_of_batch).to_owned(),
    }
}

fn scale_code(scale: GradientScale) -> &'static str {
    match scale {
        GradientScale::Relative => "relative",
        GradientScale::Absolute => "absolute",
        GradientScale::Batch => "batch",
    }
}

fn scale_text(words: Words, code: &str) -> &'static str {
    let i18n = words.i18n();
    match code {
        "absolute" => t_string!(i18n, hero.absolute),
        "batch" => t_string!(i18n, hero.batch),
        _ => t_string!(i18n, hero.relative),
    }
}

fn point_of_hero(event: &MouseEvent, plot: PlotBox, len: usize) -> Option<Point> {
    let target: HtmlElement = event.target()?.dyn_into().ok()?;
    target.dataset().get("plot")?;
    let fraction = (f64::from(event.offset_x()) - plot.left) / plot.width().max(1.0);
    Some(Point { step: step_at(fraction, len) - 1, unit: None, row: None })
}

/// Draws the hero chart.
struct HeroPicture {
    lab: Lab,
    scale: Memo<GradientScale>,
    words: Words,
    /// The position of the plot in CSS pixels, for the marker laid over it.
    plot: RwSignal<PlotBox>,
    size: RwSignal<Size>,
    range: RefCell<Steady>,
    /// The scale of the last drawing.
    drawn: Cell<GradientScale>,
}

impl HeroPicture {
    fn new(lab: Lab, scale: Memo<GradientScale>, words: Words, plot: RwSignal<PlotBox>, size: RwSignal<Size>) -> Self {
        Self { lab, scale, words, plot, size, range: RefCell::new(Steady::new(Kind::Decades)), drawn: Cell::default() }
    }
}

impl Picture for HeroPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        let scale = self.scale.get();
        let owned = lines_of(self.words, report, scale);
        let lines = owned.lines();
        let mut range = self.range.borrow_mut();
        if self.drawn.replace(scale) != scale {
            range.forget();
        }
        // Relative norms have no limit line.
        let limit = if scale == GradientScale::Relative { "" } else { t_string!(self.words.i18n(), hero.limit) };
        let range = if limit.is_empty() {
            range.look(report, GradientChart::values(&lines))
        } else {
            range.look(report, GradientChart::values_to_limit(&lines))
        };
        let i18n = self.words.i18n();
        let x_name = t_string!(i18n, chart.step);
        let own = self.lab.experiment.with_untracked(|experiment| experiment.truncation);
        let truncation = Truncation::new(report.inside.as_ref().map_or(own, |inside| inside.window));
        let below =
            scale != GradientScale::Batch && report.snapshot.lanes.iter().any(|lane| fell_below(lane, truncation));
        let zero = if below { t_string!(i18n, hero.below_f32) } else { "0" };
        let chart = GradientChart {
            lines: &lines,
            length: owned.steps(),
            range,
            scale: scale_name(scale),
            x_name,
            limit,
            zero,
        };
        let (width, height) = self.size.get_untracked();
        let plot = chart.plot_box(width, height, &in_css(style, canvas, width));
        if self.plot.get_untracked() != plot {
            self.plot.set(plot);
        }
        canvas::draw(canvas, style, |area, style| chart.draw(area, style)).map(|()| true)
    }

    fn plotted(&self, report: &Report) -> Option<Plotted> {
        let scale = self.drawn.get();
        let owned = lines_of(self.words, report, scale);
        let lines = owned.lines();
        let range = self.range.borrow();
        let length = owned.steps();
        Some(
            GradientChart {
                lines: &lines,
                length,
                range: range.range(),
                scale: scale_name(scale),
                x_name: "",
                limit: "",
                zero: "0",
            }
            .plotted(),
        )
    }
}
