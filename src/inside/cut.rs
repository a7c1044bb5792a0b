//! Truncated BPTT in the film: the cut that can be dragged through the drawing, the equivalent field, and the note
//! about a window that is only tried.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent};

use super::view::{Playback, View};
use crate::html::{El, button, div, input, label, span};
use crate::live::{live, tr};
use crate::markup::hit;
use explain::film::layout::{LEAST, LEAST_AT_CUT, Layout};

/// The field for the window of truncation.
pub(super) fn window_field(view: View) -> El {
    let (lab, i18n) = (view.lab, view.words.i18n());
    let write = move |event: Event| {
        let written = event_target_value(&event);
        let most = lab.experiment.with_untracked(|experiment| experiment.len);
        match view.whole("tbptt", &written, (0, most)) {
            Some(window) => view.try_window(window),
            None => {
                let shown = untrack(|| view.window()).unwrap_or(0);
                event_target::<web_sys::HtmlInputElement>(&event).set_value(&shown.to_string());
            }
        }
    };
    label().class("inside-member").child(tr!(i18n, inside.window)).child(
        input()
            .attr("type", "number")
            .class("number")
            .test_id("inside-window")
            .attr("min", "0")
            .attr("max", live(move || lab.experiment.with(|experiment| experiment.len).to_string()))
            .prop("value", live(move || view.window().unwrap_or(0).to_string()))
            .on("change", write),
    )
}

/// The note shown while the film uses another window than the run's.
pub(super) fn tried(view: View) -> El {
    let (lab, i18n) = (view.lab, view.words.i18n());
    // Moves the focus away before its element is removed.
    on_cleanup(|| {
        set_timeout(
            || {
                if document().active_element().is_none_or(|focused| focused.tag_name() == "BODY") {
                    crate::focus("inside-window");
                }
            },
            Duration::ZERO,
        );
    });
    div()
        .class("buttons")
        .child(span().child(tr!(i18n, inside.tried)))
        .child(
            button()
                .test_id("inside-own-window")
                .on_click(move || view.try_window(lab.experiment.with_untracked(|experiment| experiment.truncation)))
                .child(tr!(i18n, inside.own_window)),
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
                .child(tr!(i18n, inside.take_window)),
        )
}

impl View {
    pub(super) fn take_cut(self, event: &PointerEvent) {
        let Some(cut) = hit(event, "data-cut").and_then(|cut| cut.parse().ok()) else { return };
        self.dragged.set(Some(cut));
        self.running.set(Playback::Stopped);
        // The layout is fixed during the drag, so that the cut stays under the pointer.
        self.around.set(Some(untrack(|| self.laid_out_around())));
        if let Some(place) = event.current_target().and_then(|place| place.dyn_into::<Element>().ok()) {
            // If the capture fails, the drag ends where the pointer leaves the drawing.
            let _ = place.set_pointer_capture(event.pointer_id());
        }
        event.prevent_default();
    }

    /// Moves a cut with the pointer from step to step, also within a group of collapsed steps, and all other cuts with
    /// it.
    pub(super) fn drag_cut(self, event: &PointerEvent) {
        let Some(cut) = self.dragged.get_untracked() else { return };
        let Some(place) = event.current_target().and_then(|place| place.dyn_into::<Element>().ok()) else { return };
        let (rect, width) = (place.get_bounding_client_rect(), self.width.get_untracked());
        let x = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0) * width;
        let step = Layout::new(self.len(), untrack(|| self.laid_out_around()), width).nearest(x);
        let window = (step / cut.max(1)).max(1);
        let window = if step >= self.len() && cut == 1 { 0 } else { window.min(self.len() - 1) };
        if untrack(|| self.window()) != Some(window) {
            self.try_window(window);
        }
    }

    /// Ends a drag. The steps around the cut are then drawn one by one, so that a step missed within a group can be
    /// reached by another drag.
    pub(super) fn drop_cut(self) {
        let Some(cut) = self.dragged.get_untracked() else { return };
        self.dragged.set(None);
        let window = untrack(|| self.window()).unwrap_or(0);
        let step = if window == 0 { self.len() } else { window * cut };
        self.around.set(Some((step.min(self.len() - 1), LEAST_AT_CUT)));
    }

    pub(super) fn laid_out_around(self) -> (usize, usize) {
        let now = || self.frame().step(self.len()).unwrap_or_else(|| self.lab.step());
        self.around.get().unwrap_or_else(|| (now(), LEAST))
    }
}
