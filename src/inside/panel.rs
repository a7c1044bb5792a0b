//! The panel above the charts: film, controls, sentence and equations.

use std::rc::Rc;
use std::time::Duration;

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::Event;

use super::cut::{tried, window_field};
use super::fields::{layer_field, member_field, pace_field};
use super::view::{Playback, USUAL_PACE, View};
use crate::canvas_view::{Look, watch_size};
use crate::html::{El, Node, button, div, h2, header, input, p, section, span, strong, when};
use crate::i18n::{Text, t_string, text};
use crate::live::{live, said, tr};
use crate::markup::{hit, markup};
use crate::state::Lab;
use crate::table::TableButton;
use crate::words::Words;
use explain::film::frames::Frame;

/// The panel.
#[component]
pub fn InsidePanel() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let place = NodeRef::<Div>::new();
    let size = RwSignal::new((0.0, 0.0));
    watch_size(place, size);
    let zoom = expect_context::<Look>().zoom;
    let view = View {
        lab,
        words,
        running: RwSignal::new(Playback::Stopped),
        pace: RwSignal::new(USUAL_PACE),
        opened: RwSignal::new(false),
        open: RwSignal::new(String::new()),
        dragged: RwSignal::new(None),
        around: RwSignal::new(None),
        // On a projector it is drawn for a smaller width and enlarged, like everything else.
        width: Memo::new(move |_| size.get().0 / zoom.get()),
    };
    view.follow_running();
    // The panel can take the focus only once it is on the page.
    set_timeout(|| crate::focus("inside"), Duration::ZERO);
    // Empty until the width is known, as a drawing for another width would be stretched.
    let picture = move || match view.width.get() {
        width if width < 1.0 => String::new(),
        width => view.read(&|film| film.picture(width)),
    };
    let cells = move || lab.experiment.with(|experiment| experiment.lanes.clone());
    let tab = move |index: usize| {
        button()
            .attr("aria-pressed", live(move || (lab.lane() == index).to_string()))
            .on_click(move || lab.lane.set(Some(index)))
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
            // A click on the cell of the current step opens it.
            if view.frame().step(view.len()) == Some(step) {
                view.opened.update(|opened| *opened = !*opened);
            }
            let frame = view.frame().of_step(step);
            lab.view("t", &(step + 1).to_string());
            view.go(frame.index(view.len()));
        }
    };
    let code = live(move || cells().get(lab.lane()).map_or("", |cell| cell.code()));
    section()
        .class("card inside")
        .test_id("inside")
        .attr("data-lane", code)
        .attr("tabindex", "-1")
        .attr("aria-label", tr!(i18n, inside.label))
        .on("keydown", move |event| view.key(&event))
        .child(
            header()
                .child(h2().child(live(move || view.title())))
                .child(
                    div()
                        .class("inside-fields")
                        .child(layer_field(view))
                        .child(member_field(view))
                        .child(window_field(view))
                        .child(view! { <TableButton name=said(move || t_string!(i18n, inside.shares).to_owned()) data=Rc::new(move || view.shares()) /> }),
                )
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
                .child(" ")
                .child(p().child(live(move || view.sentence()))),
        )
        .child(
            div()
                .class("unrolled")
                .test_id("unrolled")
                .attr("role", "img")
                .attr("aria-label", live(move || view.picture_words()))
                .node_ref(place)
                .on("click", chosen)
                .on("pointerdown", move |event| view.take_cut(&event))
                .on("pointermove", move |event| view.drag_cut(&event))
                .on("pointerup", move |_: Event| view.drop_cut())
                .on("pointercancel", move |_: Event| view.drop_cut())
                .prop("innerHTML", live(picture)),
        )
        .child(p().class("inside-legend").child(live(move || view.legend())))
        .child(
            div()
                .class("inside-tried")
                .child(p().test_id("inside-truncated").child(live(move || view.truncated())))
                .child(when(move || view.tried(), move || tried(view))),
        )
        .child(
            markup(live(move || view.read(&|film| film.batch())))
                .class("inside-batch")
                .test_id("inside-batch")
                .on("click", move |event: Event| {
                    if let Some(member) = hit(&event, "data-member").and_then(|member| member.parse().ok()) {
                        view.follow(member);
                    }
                }),
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

/// The opened cell of the step.
fn opened_cell(view: View) -> El {
    let i18n = view.words.i18n();
    let drawing = markup(live(move || view.read(&|film| film.cell())))
        .class("cell-diagram")
        .test_id("inside-cell")
        .attr("role", "img")
        .attr(
            "aria-label",
            live(move || format!("{}: {}", t_string!(i18n, inside.cell), view.read(&|film| film.cell_words()))),
        );
    // Once the update is made, the inspector shows a cell of the probe.
    div().class("inside-cell").child(p().class("muted").child(live(move || view.place()))).child(drawing)
}

/// Buttons for back, play and forward, and the position in the film.
fn controls(view: View) -> El {
    let (lab, i18n) = (view.lab, view.words.i18n());
    let last = move || Frame::count(view.len()) - 1;
    let play = move |(direction, name, face, text): (Playback, &'static str, &'static str, Text)| {
        let runs = move || view.running.get() == direction;
        let label = live(move || if runs() { t_string!(i18n, inside.pause) } else { i18n.text(text) });
        button()
            .test_id(name)
            .attr("aria-label", label)
            .on_click(move || view.toggle(direction))
            .child(live(move || if runs() { "❚❚" } else { face }))
    };
    let position = move || {
        let (frame, count) = (lab.inside_frame.get() + 1, Frame::count(view.len()));
        format!("{}: {}", t_string!(i18n, inside.frame_of, frame = frame, count = count), view.name())
    };
    let move_to = move |(name, face, text): (&'static str, &'static str, Text)| {
        let go = move || {
            let at = lab.inside_frame.get_untracked();
            view.running.set(Playback::Stopped);
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
        .class("inside-controls film-controls")
        .child(
            div()
                .class("buttons")
                .children([("first", "❙◀", text!(inside.first)), ("back", "←", text!(inside.back))].map(move_to))
                .child(play((Playback::Backward, "inside-play-back", "◀", text!(inside.play_back))))
                .child(play((Playback::Forward, "inside-play", "▶", text!(inside.play))).class("primary"))
                .children([("forward", "→", text!(inside.forward)), ("last", "▶❙", text!(inside.last))].map(move_to))
                .child(
                    button()
                        .test_id("inside-open-cell")
                        .attr("aria-pressed", live(move || view.opened.get().to_string()))
                        .on_click(move || view.opened.update(|opened| *opened = !*opened))
                        .child(tr!(i18n, inside.open_cell)),
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
                    view.running.set(Playback::Stopped);
                    view.go(event_target_value(&event).parse().unwrap_or(0));
                }),
        )
        .child(
            span().class("number muted").child(live(move || format!("{}/{}", lab.inside_frame.get() + 1, last() + 1))),
        )
        .child(pace_field(view))
}
