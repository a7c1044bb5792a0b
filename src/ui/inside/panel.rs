//! The panel above the charts: film, controls, sentence and equations.

use std::sync::Arc;
use std::time::Duration;

use leptos::html::Div;
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent, PointerEvent};

use super::frames::{Frame, Scene, Whose};
use super::unrolled::{Unrolled, decades};
use crate::lab::protocol::Report;
use crate::lab::{Allowed, Film, LaneSnapshot, Problem, Reason, SequenceOnShow, number};
use crate::nn::{ClipMode, ProbeTrace, Truncation};
use crate::tasks::Task;
use crate::ui::canvas_view::{Look, watch_size};
use crate::ui::equations::{At, Digits};
use crate::ui::html::{El, Node, button, div, h2, header, input, label, p, section, span, strong, when};
use crate::ui::i18n::texts::inside;
use crate::ui::i18n::{Text, t_string};
use crate::ui::inspector::{labels, place_of};
use crate::ui::inspector_text::Side;
use crate::ui::live::{effect, live, tr};
use crate::ui::markup::{hit, markup};
use crate::ui::math;
use crate::ui::row_text::hottest;
use crate::ui::signals::{Memo, RwSignal};
use crate::ui::state::{Lab, Notice};
use crate::ui::words::Words;

/// Milliseconds that a frame stays while the film plays.
const FRAME_MS: u64 = 900;

/// The film's state on the page.
#[derive(Clone, Copy)]
struct View {
    lab: Lab,
    words: Words,
    lane: RwSignal<usize>,
    running: RwSignal<bool>,
    /// Whether the cell of the step is opened into its diagram.
    opened: RwSignal<bool>,
    /// The weighted sum that is open.
    open: RwSignal<String>,
    /// The number of the cut that is being dragged.
    dragged: RwSignal<Option<usize>>,
}

/// The panel.
#[component]
pub fn InsidePanel() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let first = lab
        .experiment
        .with_untracked(|experiment| experiment.lanes.iter().position(|cell| cell.has_cell_state()).unwrap_or(0));
    let view = View {
        lab,
        words,
        lane: RwSignal::new(first),
        running: RwSignal::new(false),
        opened: RwSignal::new(false),
        open: RwSignal::new(String::new()),
        dragged: RwSignal::new(None),
    };
    view.follow_running();
    // The panel can take the focus once it is in the page.
    set_timeout(|| crate::ui::focus("inside"), Duration::ZERO);
    let place = NodeRef::<Div>::new();
    let size = RwSignal::new((0.0, 0.0));
    watch_size(place, size);
    let width = Memo::new(move |_| size.get().0);
    let zoom = expect_context::<Look>().zoom;
    // Nothing until the place has a width: what is drawn for another would be stretched.
    let picture = move || match width.get() {
        width if width < 1.0 => String::new(),
        // Drawn for less room it is shown larger, as all else on a projector.
        width => view.read(&|film| film.picture(width / zoom.get())),
    };
    let cells = move || lab.experiment.with(|experiment| experiment.lanes.clone());
    let tab = move |index: usize| {
        button()
            .attr("aria-pressed", live(move || (view.lane.get() == index).to_string()))
            .on_click(move || view.lane.set(index))
            .child(live(move || words.lane(&cells(), index)))
    };
    let close =
        live(
            move || {
                if lab.inside_made.get() { t_string!(i18n, inside.done_close) } else { t_string!(i18n, inside.close) }
            },
        );
    let chosen = move |event: web_sys::MouseEvent| {
        if let Some(step) = hit(&event, "data-step").and_then(|step| step.parse().ok()) {
            // The cell of the step that one is at opens.
            if view.frame().step(view.len()) == Some(step) {
                view.opened.update(|opened| *opened = !*opened);
            }
            let frame = view.frame().of_step(step);
            lab.view("t", &(step + 1).to_string());
            view.go(frame.index(view.len()));
        }
    };
    let code = live(move || cells().get(view.lane.get()).map_or("", |cell| cell.code()));
    section()
        .class("card inside")
        .test_id("inside")
        .attr("data-lane", code)
        .attr("tabindex", "-1")
        .attr("aria-label", tr!(i18n, inside.label))
        .on("keydown", move |event| view.key(&event))
        .child(
            header()
                .child(h2().child(live(move || view.say(inside::title.text))))
                .child(div().class("buttons tabs").children((0..cells().len()).map(tab)))
                .child(
                    button()
                        .class("table-button")
                        .test_id("inside-close")
                        .attr("aria-label", close)
                        .on_click(move || view.leave())
                        .child("✕"),
                ),
        )
        .child(controls(view))
        .child(div().class("inside-controls").child(member_field(view)).child(window_field(view)))
        .child(
            div()
                .class("inside-words")
                .test_id("inside-words")
                .attr("aria-live", "polite")
                .child(
                    p().child(strong().child(live(move || view.name())))
                        .child(" ")
                        .child(span().class("whose").child(live(move || view.whose()))),
                )
                .child(p().child(live(move || view.sentence()))),
        )
        .child(
            div()
                .class("unrolled")
                .test_id("unrolled")
                .attr("role", "img")
                .attr("aria-label", live(move || format!("{}: {}", view.say(inside::picture.text), view.name())))
                .node_ref(place)
                .on("click", chosen)
                .on("pointerdown", move |event| view.take_cut(&event))
                .on("pointermove", move |event| view.drag_cut(&event))
                .on("pointerup", move |_: Event| view.dragged.set(None))
                .on("pointercancel", move |_: Event| view.dragged.set(None))
                .prop("innerHTML", live(picture)),
        )
        .child(
            div()
                .class("inside-tried")
                .child(p().test_id("inside-truncated").child(live(move || view.truncated())))
                .child(when(move || view.tried(), move || tried(view))),
        )
        .child(
            div()
                .class("inside-maths")
                .child(
                    markup(live(move || view.read(&|film| film.equations())))
                        .class("equations")
                        .test_id("inside-equations")
                        .on("click", move |event: Event| view.click(&event)),
                )
                .child(when(move || view.opened.get(), move || opened_cell(view))),
        )
        .child(p().class("muted").child(tr!(i18n, inside.hint)))
        .node()
}

/// Which sequence of the batch is looked at.
fn member_field(view: View) -> El {
    let lab = view.lab;
    let batch = move || lab.experiment.with(|experiment| experiment.batch);
    let write = move |event: Event| {
        let batch = untrack(batch);
        let member = event_target_value(&event).trim().parse::<usize>().unwrap_or(1).clamp(1, batch);
        event_target::<web_sys::HtmlInputElement>(&event).set_value(&member.to_string());
        lab.look_inside(member - 1, untrack(|| view.window()));
    };
    let member = move || view.member().to_string();
    label().class("inside-member").child(live(move || view.say(inside::member.text))).child(
        input()
            .attr("type", "number")
            .class("number")
            .test_id("inside-member")
            .attr("min", "1")
            .attr("max", live(move || batch().to_string()))
            .prop("value", live(member))
            .on("change", write),
    )
}

/// The cell of the step, opened.
fn opened_cell(view: View) -> El {
    markup(live(move || view.read(&|film| film.cell())))
        .class("cell-diagram")
        .test_id("inside-cell")
        .attr("role", "img")
        .attr(
            "aria-label",
            live(move || format!("{}: {}", view.say(inside::cell), view.read(&|film| film.cell_words()))),
        )
}

/// The window of truncation that is tried.
fn window_field(view: View) -> El {
    let lab = view.lab;
    let write = move |event: Event| {
        let written = event_target_value(&event);
        let most = view.len() - 1;
        match written.trim().parse::<usize>() {
            Ok(window) if window <= most => view.try_window(window),
            _ => {
                let allowed = Reason::NotAllowed(Allowed::Whole(0, most as u64));
                lab.tell(Notice::Refused(Problem::new("tbptt", &written, allowed)));
                let shown = untrack(|| view.window()).unwrap_or(0);
                event_target::<web_sys::HtmlInputElement>(&event).set_value(&shown.to_string());
            }
        }
    };
    label().class("inside-member").child(live(move || view.say(inside::window))).child(
        input()
            .attr("type", "number")
            .class("number")
            .test_id("inside-window")
            .attr("min", "0")
            .attr("max", live(move || (lab.experiment.with(|experiment| experiment.len) - 1).to_string()))
            .prop("value", live(move || view.window().unwrap_or(0).to_string()))
            .on("change", write),
    )
}

/// Said of a window that the run does not have.
fn tried(view: View) -> El {
    let lab = view.lab;
    // What goes away with it must not take the focus along.
    on_cleanup(|| {
        set_timeout(
            || {
                if document().active_element().is_none_or(|focused| focused.tag_name() == "BODY") {
                    crate::ui::focus("inside-window");
                }
            },
            Duration::ZERO,
        );
    });
    div()
        .class("buttons")
        .child(span().child(live(move || view.say(inside::tried))))
        .child(
            button()
                .test_id("inside-own-window")
                .on_click(move || view.try_window(lab.experiment.with_untracked(|experiment| experiment.truncation)))
                .child(live(move || view.say(inside::own_window))),
        )
        .child(
            button()
                .test_id("inside-take-window")
                .on_click(move || {
                    if let Some(window) = untrack(|| view.window()) {
                        view.leave();
                        lab.start_with("tbptt", &window.to_string());
                    }
                })
                .child(live(move || view.say(inside::take_window))),
        )
}

/// Back, play, on, and where the film is.
fn controls(view: View) -> El {
    let (lab, i18n) = (view.lab, view.words.i18n());
    let last = move || Frame::count(view.len()) - 1;
    let play_name =
        live(move || if view.running.get() { t_string!(i18n, inside.pause) } else { t_string!(i18n, inside.play) });
    let position = move || format!("{}: {}", view.say(inside::frame_of.text), view.name());
    let move_to = move |(name, face, text): (&'static str, &'static str, Text)| {
        let go = move || {
            let at = lab.inside_frame.get_untracked();
            view.running.set(false);
            view.go(match name {
                "first" => 0,
                "back" => at.saturating_sub(1),
                "forward" => at + 1,
                _ => usize::MAX,
            });
        };
        let label = live(move || i18n.text(text));
        button().test_id(format!("inside-{name}")).attr("aria-label", label).on_click(go).child(face)
    };
    div()
        .class("inside-controls")
        .child(
            div()
                .class("buttons")
                .children([("first", "❙◀", inside::first), ("back", "←", inside::back)].map(move_to))
                .child(
                    button()
                        .class("primary")
                        .test_id("inside-play")
                        .attr("aria-label", play_name)
                        .on_click(move || view.toggle())
                        .child(live(move || if view.running.get() { "❚❚" } else { "▶" })),
                )
                .children([("forward", "→", inside::forward), ("last", "▶❙", inside::last)].map(move_to))
                .child(
                    button()
                        .test_id("inside-open-cell")
                        .attr("aria-pressed", live(move || view.opened.get().to_string()))
                        .on_click(move || view.opened.update(|opened| *opened = !*opened))
                        .child(live(move || view.say(inside::open_cell))),
                ),
        )
        .child(
            input()
                .attr("type", "range")
                .test_id("inside-position")
                .attr("aria-label", tr!(i18n, inside.position))
                .attr("min", "0")
                .attr("max", live(move || last().to_string()))
                .prop("value", live(move || lab.inside_frame.get().to_string()))
                .attr("aria-valuetext", live(position))
                .on("input", move |event: Event| {
                    view.running.set(false);
                    view.go(event_target_value(&event).parse().unwrap_or(0));
                }),
        )
        .child(
            span().class("number muted").child(live(move || format!("{}/{}", lab.inside_frame.get() + 1, last() + 1))),
        )
}

impl View {
    fn len(self) -> usize {
        untrack(|| self.lab.steps())
    }

    fn frame(self) -> Frame {
        Frame::at(self.lab.inside_frame.get(), self.len())
    }

    fn member(self) -> usize {
        self.lab
            .inside
            .with(|report| report.as_ref().and_then(|report| Some(report.inside.as_ref()?.member + 1)).unwrap_or(1))
    }

    /// The window of truncation of the film on show.
    fn window(self) -> Option<usize> {
        self.lab.inside.with(|report| Some(report.as_ref()?.inside.as_ref()?.window))
    }

    /// Whether that is not the run's own.
    fn tried(self) -> bool {
        let own = self.lab.experiment.with(|experiment| experiment.truncation);
        self.window().is_some_and(|window| window != own)
    }

    fn try_window(self, window: usize) {
        if self.lab.inside_made.get_untracked() {
            return;
        }
        let member = untrack(|| self.member());
        self.lab.look_inside(member - 1, Some(window));
    }

    /// Opens a sum, or goes to where a term comes from.
    fn click(self, event: &Event) {
        if let Some(sum) = hit(event, "data-sum") {
            self.open.update(|open| *open = if *open == sum { String::new() } else { sum });
        } else if let Some((step, unit)) = hit(event, "data-go").as_deref().and_then(place_of) {
            self.lab.view("unit", &(unit + 1).to_string());
            self.go(untrack(|| self.frame()).of_step(step).index(self.len()));
        }
    }

    fn take_cut(self, event: &PointerEvent) {
        let Some(cut) = hit(event, "data-cut").and_then(|cut| cut.parse().ok()) else { return };
        self.dragged.set(Some(cut));
        if let Some(place) = event.current_target().and_then(|place| place.dyn_into::<Element>().ok()) {
            // Without it the drag ends where the pointer leaves the drawing.
            let _ = place.set_pointer_capture(event.pointer_id());
        }
        event.prevent_default();
    }

    /// A cut follows the pointer from step to step, and all others with it.
    fn drag_cut(self, event: &PointerEvent) {
        let Some(cut) = self.dragged.get_untracked() else { return };
        let (x, y) = (event.client_x() as f32, event.client_y() as f32);
        let over = document().elements_from_point(x, y);
        let step = (0..over.length())
            .filter_map(|index| over.get(index).dyn_into::<Element>().ok()?.closest("[data-step]").ok()?)
            .find_map(|group| group.get_attribute("data-step")?.parse::<usize>().ok());
        let Some(step) = step else { return };
        // Before this step.
        let window = (step / cut.max(1)).max(1);
        let window = if step + 1 >= self.len() && cut == 1 { 0 } else { window };
        if untrack(|| self.window()) != Some(window) {
            self.try_window(window);
        }
    }

    /// Goes to a frame; at the last one the update is made.
    fn go(self, to: usize) {
        let last = Frame::count(self.len()) - 1;
        let to = to.min(last);
        if self.lab.inside_frame.get_untracked() != to {
            self.lab.inside_frame.set(to);
        }
        if to == last {
            self.running.set(false);
            // With another window than the run's it would be another update.
            if !untrack(|| self.tried()) {
                self.lab.make_inside();
            }
        }
    }

    fn toggle(self) {
        let last = Frame::count(self.len()) - 1;
        if !self.running.get_untracked() && self.lab.inside_frame.get_untracked() == last {
            self.go(0);
        }
        self.running.update(|running| *running = !*running);
    }

    fn leave(self) {
        self.running.set(false);
        self.lab.leave_inside();
        crate::ui::focus("step-inside");
    }

    fn key(self, event: &KeyboardEvent) {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is = |selector: &str| element.as_ref().is_some_and(|element| element.matches(selector).unwrap_or(false));
        let key = event.key();
        let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key());
        // A field's keys are its own, and a button's Space presses it.
        if !plain || (key != "Escape" && is("[type=number]")) || (key == " " && is("button")) {
            return;
        }
        let at = self.lab.inside_frame.get_untracked();
        let (unit, hidden) = self.lab.experiment.with_untracked(|experiment| (experiment.unit, experiment.hidden));
        let choose = |unit: usize| self.lab.view("unit", &unit.clamp(1, hidden).to_string());
        if !matches!(key.as_str(), " " | "ArrowUp" | "ArrowDown") {
            self.running.set(false);
        }
        match key.as_str() {
            " " => self.toggle(),
            "ArrowLeft" => self.go(at.saturating_sub(1)),
            "ArrowRight" => self.go(at + 1),
            "ArrowUp" => choose(unit - 1),
            "ArrowDown" => choose(unit + 1),
            "Home" => self.go(0),
            "End" => self.go(usize::MAX),
            "Escape" => self.leave(),
            _ => return,
        }
        event.prevent_default();
    }

    /// While the film runs a timer moves it on.
    fn follow_running(self) {
        let timer = StoredValue::new(None::<IntervalHandle>);
        let stop = move || {
            if let Some(timer) = timer.try_update_value(Option::take).flatten() {
                timer.clear();
            }
        };
        let next = move || self.go(self.lab.inside_frame.get_untracked() + 1);
        effect(move || {
            stop();
            if self.running.get() {
                timer.set_value(set_interval_with_handle(next, Duration::from_millis(FRAME_MS)).ok());
            }
        });
        on_cleanup(stop);
    }

    /// A text of the lane on show; empty where it has no film.
    #[inline(never)]
    fn read(self, text: &dyn Fn(&Shown<'_>) -> String) -> String {
        self.film(text).unwrap_or_default()
    }

    #[inline(never)]
    fn name(self) -> String {
        self.say(match self.frame() {
            Frame::Batch => inside::batch_name,
            Frame::Forward(_) => inside::forward_name.text,
            Frame::Readout => inside::readout_name,
            Frame::Backward(_) => inside::backward_name.text,
            Frame::Gather => inside::gather_name,
            Frame::Clip => inside::clip_name,
            Frame::Optimiser => inside::optimiser_name,
            Frame::Weights => inside::weights_name,
        })
    }

    #[inline(never)]
    fn whose(self) -> String {
        self.say(match self.frame().whose() {
            Whose::Own => inside::own,
            Whose::Part => inside::part.text,
            Whose::Batch => inside::whole.text,
        })
    }

    #[inline(never)]
    fn sentence(self) -> String {
        let factor = self.film(|shown| shown.film.factor);
        let (clip, mode) = self.lab.experiment.with(|experiment| (experiment.clip, experiment.clip_mode));
        let sentence = self.say(match (factor, self.frame()) {
            (None, _) => inside::no_film.text,
            (_, Frame::Batch) => inside::batch_text.text,
            (_, Frame::Forward(_)) => inside::forward_text.text,
            (_, Frame::Readout) => inside::readout_text.text,
            (_, Frame::Backward(_)) if self.film(|shown| shown.silent()).unwrap_or(false) => inside::backward_cut.text,
            (_, Frame::Backward(_)) if self.film(|shown| shown.arrives() == Some(0.0)).unwrap_or(false) => {
                inside::backward_zero.text
            }
            (_, Frame::Backward(0)) => inside::backward_first,
            (_, Frame::Backward(_)) => inside::backward_text.text,
            (_, Frame::Gather) => inside::gather_text.text,
            (_, Frame::Clip) if clip <= 0.0 => inside::clip_off,
            (_, Frame::Clip) if mode == ClipMode::Value => inside::clip_value.text,
            (Some(factor), Frame::Clip) if factor < 1.0 => inside::clip_done.text,
            (_, Frame::Clip) => inside::clip_not.text,
            (_, Frame::Optimiser) => inside::optimiser_text.text,
            (_, Frame::Weights) if self.tried() => inside::not_made,
            (_, Frame::Weights) => inside::weights_text,
        });
        if self.lab.inside_made.get() { format!("{sentence} {}", self.say(inside::made.text)) } else { sentence }
    }

    /// How the truncated gradient differs from the full one.
    #[inline(never)]
    fn truncated(self) -> String {
        match self.window() {
            Some(window) if window > 0 => self.say(inside::truncated.text),
            _ => String::new(),
        }
    }

    /// A text of the film with its placeholders, of which there are the same for all.
    #[inline(never)]
    fn say(self, text: Text) -> String {
        let mark = self.words.mark();
        let number = |value: f64| number::significant(value, 4, mark);
        let step = self.frame().step(self.len()).unwrap_or(1);
        let (own, mean, share, far, most, angle, relative) = self
            .film(|&Shown { lane, film, .. }| {
                let share = |t: usize| number(film.own_shares.get(t).copied().unwrap_or_default());
                let most = film.own_shares.iter().copied().fold(0.0, f64::max);
                (
                    number(lane.trace.loss),
                    number(film.loss),
                    share(step),
                    share(1),
                    number(most),
                    number(film.angle),
                    number(film.relative),
                )
            })
            .unwrap_or_default();
        let (batch, clip) = self.lab.experiment.with(|experiment| (experiment.batch, experiment.clip));
        let cell = self.lab.experiment.with(|experiment| experiment.lanes.get(self.lane.get()).copied());
        let update = self.lab.inside.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update + 1));
        let limit = number::compact(clip, 4, mark);
        let name = cell.map_or("", |cell| self.words.cell(cell));
        self.words.i18n().fill(
            text,
            &[
                ("update", &number::grouped(update)),
                ("batch", &batch),
                ("member", &self.member()),
                ("step", &(step + 1)),
                ("unit", &(self.lab.unit() + 1)),
                ("own", &own),
                ("mean", &mean),
                ("share", &share),
                ("far", &far),
                ("most", &most),
                ("limit", &limit),
                ("angle", &angle),
                ("relative", &relative),
                ("window", &self.window().unwrap_or(0)),
                ("name", &name),
                ("frame", &(self.lab.inside_frame.get() + 1)),
                ("count", &Frame::count(self.len())),
            ],
        )
    }

    /// Something of the lane on show and its film, if it has one.
    fn film<T>(self, of: impl Fn(&Shown<'_>) -> T) -> Option<T> {
        let report = self.lab.inside.get()?;
        let index = self.lane.get();
        let lane = report.snapshot.lanes.get(index)?;
        let film = report.inside.as_ref()?.films.get(index)?.as_ref()?;
        Some(of(&Shown { view: self, report: &report, lane, film, frame: self.frame() }))
    }
}

/// A lane's film at a frame.
struct Shown<'a> {
    view: View,
    report: &'a Arc<Report>,
    lane: &'a LaneSnapshot,
    film: &'a Film,
    frame: Frame,
}

impl Shown<'_> {
    fn truncation(&self) -> Truncation {
        Truncation::new(self.report.inside.as_ref().map_or(0, |inside| inside.window))
    }

    fn at(&self) -> At<'_> {
        let (lab, mark) = (self.view.lab, self.view.words.mark());
        let place = (self.frame.step(self.lane.trace.len).unwrap_or_else(|| lab.step()), lab.unit());
        let (lane, update) = (untrack(|| self.view.lane.get()), self.report.snapshot.update);
        At::new(self.lane, &self.report.snapshot.sequence, place, self.truncation(), Digits::Shown(mark))
            .holding(|gate, unit| lab.experiment.with(|experiment| experiment.holds(lane, gate, unit, update)))
    }

    /// Whether exactly nothing comes back to the step, because of a cut.
    fn silent(&self) -> bool {
        let len = self.lane.trace.len;
        let behind = |step: usize| self.truncation().cuts_after(step, len);
        self.arrives() == Some(0.0) && self.frame.step(len).is_some_and(behind)
    }

    /// The norm of the gradient by the step's h.
    fn arrives(&self) -> Option<f64> {
        self.lane.trace.grad_h_norms.get(self.frame.step(self.lane.trace.len)?).copied()
    }

    fn cell(&self) -> String {
        let at = self.at();
        let backward = matches!(self.frame, Frame::Backward(_)).then(|| at.decades());
        at.diagram(backward, t_string!(self.view.words.i18n(), inspector.held), self.view.words.mark())
    }

    fn cell_words(&self) -> String {
        self.at().diagram_words(matches!(self.frame, Frame::Backward(_)), self.view.words.mark())
    }

    fn equations(&self) -> String {
        let (view, snapshot) = (self.view, &self.report.snapshot);
        let (unit, mark) = (view.lab.unit(), view.words.mark());
        view.lab.experiment.with(|experiment| {
            let (update, sequence) = (snapshot.update + 1, &snapshot.sequence);
            let scene = Scene { experiment, update, sequence, lane: self.lane, film: self.film, unit, mark };
            let side = match self.frame {
                Frame::Forward(_) => Some(Side::Forward),
                Frame::Backward(_) => Some(Side::Backward),
                _ => None,
            };
            let opened =
                side.map(|side| labels(view.words, "", &|labels| self.at().markup(side, &view.open.get(), labels)));
            opened.unwrap_or_default() + &math::paragraphs(&scene.beside(self.frame))
        })
    }

    fn picture(&self, width: f64) -> String {
        let lab = self.view.lab;
        let mark = self.view.words.mark();
        let task = lab.experiment.with(|experiment| experiment.task.task());
        let lanes = self.report.snapshot.lanes.iter();
        let norms = lanes.flat_map(|lane| lane.trace.grad_h_norms.iter().chain(&lane.trace.grad_c_norms)).copied();
        let at = self.at();
        Unrolled {
            lane: self.lane,
            film: self.film,
            losses: &losses(&self.report.snapshot.sequence, &self.lane.trace),
            from_losses: &at.from_losses(),
            back_along: &|t| at.back_along(t),
            classes: task.classes(),
            truncation: self.truncation(),
            inputs: &inputs(&self.report.snapshot.sequence, task, mark),
            frame: self.frame,
            step: lab.step(),
            unit: lab.unit(),
            decades: decades(norms),
            width,
            mark,
        }
        .svg()
    }
}

/// The loss of each step: NaN where it has no target.
fn losses(sequence: &SequenceOnShow, trace: &ProbeTrace<f32>) -> Vec<f64> {
    let last = |t: usize| if t + 1 == trace.len { trace.loss } else { f64::NAN };
    if sequence.class.is_some() {
        return (0..trace.len).map(last).collect();
    }
    let squared = |(answer, target): (&[f32], &[f32])| {
        let all = answer.iter().zip(target).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        all.sum::<f64>() / target.len() as f64
    };
    trace.answer.chunks_exact(trace.outputs).zip(sequence.values.chunks_exact(trace.outputs)).map(squared).collect()
}

/// The input of each step in a few letters: its symbol, or its first value, with a dot where the step matters.
fn inputs(sequence: &SequenceOnShow, task: &dyn Task, mark: char) -> Vec<String> {
    let steps = sequence.inputs.chunks_exact(task.inputs()).enumerate();
    steps
        .map(|(t, input)| match task.symbols().get(hottest(input)) {
            Some(symbol) => (*symbol).to_owned(),
            None => {
                let value = number::fixed(f64::from(input.first().copied().unwrap_or_default()), 2, mark);
                if sequence.marks.contains(&t) { format!("{value}•") } else { value }
            }
        })
        .collect()
}
