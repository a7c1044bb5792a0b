//! Going to other updates on the timeline, by dragging or with keys.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

use crate::state::Lab;
use charts::loss::last_update;

/// A drag on the timeline, and the request to the worker that it leads to.
#[derive(Clone, Copy)]
pub struct Journey {
    lab: Lab,
    dragging: StoredValue<bool>,
    under_way: StoredValue<bool>,
    wanted: StoredValue<Option<u64>>,
}

impl Journey {
    /// Creates the state before any drag.
    pub fn new(lab: Lab) -> Self {
        let (dragging, under_way) = (StoredValue::new(false), StoredValue::new(false));
        Self { lab, dragging, under_way, wanted: StoredValue::new(None) }
    }

    /// Starts a drag: the run follows the pointer from here on.
    pub fn grasp(self, event: &PointerEvent) {
        if event.button() != 0 || self.known() == 0 {
            return;
        }
        let Some(strip) = strip_of(event) else { return };
        // If the capture fails, the drag only ends at the edge of the strip.
        let _ = strip.set_pointer_capture(event.pointer_id());
        self.dragging.set_value(true);
        self.drag(event);
    }

    /// Follows the pointer during a drag.
    pub fn drag(self, event: &PointerEvent) {
        let Some(strip) = strip_of(event).filter(|_| self.dragging.get_value()) else { return };
        let place = strip.get_bounding_client_rect();
        let fraction = (f64::from(event.client_x()) - place.left()) / place.width().max(1.0);
        let known = self.known();
        let drawn = untrack(|| self.lab.last_drawn());
        let update = fraction.clamp(0.0, 1.0) * f64::from(last_update(drawn as u32));
        self.go(update.round().min(known as f64) as u64);
    }

    /// Ends the drag.
    pub fn let_go(self) {
        self.dragging.set_value(false);
    }

    /// Moves by keys: arrows by one update, Page keys by a tenth of the known updates, Home and End to their ends.
    pub fn key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let (known, here) = (self.known(), self.here());
        let leap = known.div_ceil(10);
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => here.saturating_sub(1),
            "ArrowRight" | "ArrowUp" => here + 1,
            "PageDown" => here.saturating_sub(leap),
            "PageUp" => here + leap,
            "Home" => 0,
            "End" => known,
            _ => return,
        };
        event.prevent_default();
        self.go(to.min(known));
    }

    /// Returns the update that it is going to, or else that of the run.
    pub fn here(self) -> u64 {
        self.wanted.get_value().unwrap_or_else(|| untrack(|| self.lab.update()))
    }

    fn known(self) -> u64 {
        untrack(|| self.lab.last_known())
    }

    /// Requests an update. One request is open at a time; of the updates wanted meanwhile only the newest is requested
    /// next.
    pub fn go(self, update: u64) {
        if self.wanted.get_value().is_none() && update == untrack(|| self.lab.update()) {
            return;
        }
        self.wanted.set_value(Some(update));
        if self.under_way.get_value() {
            return;
        }
        self.under_way.set_value(true);
        let arrived = move |_| {
            // The component may have been disposed meanwhile.
            if self.under_way.try_set_value(false).is_some() {
                return;
            }
            match self.wanted.get_value() {
                Some(newer) if newer != update => self.go(newer),
                _ => self.wanted.set_value(None),
            }
        };
        self.lab.seek(update, Box::new(arrived));
    }
}

fn strip_of(event: &PointerEvent) -> Option<HtmlElement> {
    event.current_target()?.dyn_into().ok()
}
