//! The unrolled network of one lane at one frame, as SVG text: inputs, cells, states, answers and losses in a row of steps,
//! and under each step its share of the weights' gradient.
//!
//! A flow is as thick and as strong as its norm is large, on a logarithmic scale; arrows point where it goes. The cells
//! show the chosen unit's values, the edges norms over all units, in ‖ ‖. An edge that has not
//! been reached yet is a thin line. Colours come from the style sheet by class.

use super::frames::Frame;
use super::layout::{GUTTER, LEAST, Layout, Slot};
use super::svg::{Flow, draw, edge, label, put};
use crate::scale::{decades, place};
use lab::Film;
use lab::LaneSnapshot;
use nn::Truncation;
use numbers::power_of_ten;

/// The drawing.
#[derive(Clone, Copy)]
pub struct Unrolled<'a> {
    /// The member's pass.
    pub lane: &'a LaneSnapshot,
    /// The lane's update.
    pub film: &'a Film,
    /// Each step's loss, NaN where it has none.
    pub losses: &'a [f64],
    /// The gradient that each step's own loss sends into its h, as a norm.
    pub from_losses: &'a [f64],
    /// The gradients from step t + 1 back to step t along h and c, as norms.
    pub back_along: &'a dyn Fn(usize) -> (f64, f64),
    /// The names of the classes; none for a task without.
    pub classes: &'a [&'a str],
    /// The truncation of the gradient.
    pub truncation: Truncation,
    /// Each step's input in a few letters.
    pub inputs: &'a [String],
    /// The frame on show.
    pub frame: Frame,
    /// The chosen step where the frame is at none.
    pub step: usize,
    /// The step that it is laid out around and how many are drawn one by one, as for [`Layout::new`], where that is not the frame's step.
    pub around: Option<(usize, usize)>,
    /// The chosen unit.
    pub unit: usize,
    /// Powers of ten between which gradients are drawn: those of all lanes, as in the gradient chart.
    pub decades: (f64, f64),
    /// Width in CSS pixels.
    pub width: f64,
    /// The decimal mark.
    pub mark: char,
}

const LOSS: f64 = 8.0;
const ANSWER: f64 = 34.0;
const CELL: (f64, f64) = (58.0, 112.0);
const C_LINE: f64 = 71.0;
const INPUT: f64 = 142.0;
const NUMBER: f64 = 158.0;
const BARS: (f64, f64) = (173.0, 215.0);
/// Powers of ten that the bars span at most: over more of them a share that has all but vanished would still look tall.
const SPAN: f64 = 12.0;
/// The upper and lower end of a cut.
const CUT: (f64, f64) = (CELL.0 - 14.0, CELL.1 + 18.0);
/// Cuts nearer than this are drawn as one.
const NARROW: f64 = 6.0;
/// A bar has its number from this width of its step on: then no two touch.
const LABELLED: f64 = 46.0;

impl Unrolled<'_> {
    /// The drawing as an SVG element.
    pub fn svg(&self) -> String {
        let trace = &self.lane.trace;
        let len = trace.len;
        let now = self.frame.step(len).unwrap_or(self.step).min(len - 1);
        let layout = Layout::new(len, self.around.unwrap_or((now, LEAST)), self.width);
        let mut out = String::new();
        let recurrent = trace.cell.is_recurrent();
        let height = if recurrent { BARS.1 + 16.0 } else { NUMBER + 8.0 };
        put(&mut out, "<svg viewBox=\"0 0 # #\" width=\"100%\">", &[self.width, height]);
        self.row_names(&mut out);
        let window = if recurrent { self.truncation.window() } else { 0 };
        let shares = self.bars();
        if recurrent {
            label(&mut out, "u-row", 18.0, (BARS.0 + BARS.1) / 2.0, "‖δ·hᵀ‖");
            for (power, y) in [(shares.1, BARS.0 + 3.0), (shares.0, BARS.1)] {
                label(&mut out, "u-share", 20.0, y, &power_of_ten(power as i32));
            }
            edge(&mut out, (GUTTER, BARS.1), (self.width, BARS.1));
        } else if let Frame::Forward(t) = self.frame {
            self.fan_in(&mut out, &layout, t);
        }
        let mut cuts = String::new();
        // Where the cell or gap before ends.
        let mut end = GUTTER;
        for &(slot, left, right) in &layout.places {
            let (steps, wide) = (slot.steps(), right - left);
            let each = wide / steps.len() as f64;
            let behind = steps.clone().all(|t| self.silent(t));
            out += match (steps.contains(&now), behind) {
                (true, true) => "<g class=\"u-now u-behind\"",
                (true, _) => "<g class=\"u-now\"",
                (_, true) => "<g class=\"u-behind\"",
                _ => "<g",
            };
            let step = ((steps.start + steps.end) / 2) as f64;
            let hit = " data-step=\"#\"><rect class=\"u-hit\" x=\"#\" y=\"0\" width=\"#\" height=\"#\"/>";
            put(&mut out, hit, &[step, left, wide, height]);
            match slot {
                Slot::Step(t) => end = self.step(&mut out, t, end, (left, wide)),
                Slot::Gap(from, to) => {
                    self.between(&mut out, from - 1, end, left + wide);
                    label(&mut out, "u-number", left + wide / 2.0, NUMBER, &format!("+{}", to - from));
                    end = left + wide;
                }
            }
            for (k, t) in steps.clone().enumerate().filter(|_| recurrent) {
                self.share(&mut out, t, left + each * k as f64, each, shares);
            }
            out += "</g>";
            if recurrent {
                self.cuts(&mut cuts, &layout, slot, each);
            }
        }
        if window == 0 && recurrent {
            // Waits at the end, where it cuts nothing, to be drawn in.
            cut(&mut cuts, self.width - 4.0, 1);
        }
        norms_last(&out, &cuts) + "</svg>"
    }

    /// The letters of the rows.
    fn row_names(&self, out: &mut String) {
        for (text, y) in [("L", LOSS), ("y", ANSWER), ("h", self.h_line()), ("x", INPUT), ("t", NUMBER)] {
            label(out, "u-row", 14.0, y, text);
        }
        if self.memory() {
            label(out, "u-row", 14.0, C_LINE, "c");
        }
    }

    /// The cuts of the steps at a place, each `each` wide.
    fn cuts(&self, out: &mut String, layout: &Layout, slot: Slot, each: f64) {
        let window = self.truncation.window();
        let cut_here: Vec<usize> = slot.steps().filter(|&t| self.truncation.cuts_before(t)).collect();
        if each * window as f64 >= NARROW {
            cut_here.iter().for_each(|&t| cut(out, layout.start(t), t / window));
        } else if let (Some(&first), Some(&last)) = (cut_here.first(), cut_here.last()) {
            // So many lines would be one block, and none could be taken hold of.
            let (from, to) = (layout.start(first), layout.start(last));
            put(
                out,
                "<rect class=\"u-cuts\" x=\"#\" y=\"#\" width=\"#\" height=\"#\"/>",
                &[from - 1.0, CUT.0, to - from + 2.0, CUT.1 - CUT.0],
            );
        }
    }

    /// Powers of ten between which the shares' bars are drawn: down from the largest.
    fn bars(&self) -> (f64, f64) {
        let (low, high) = decades(self.film.own_shares.iter().chain(&self.film.shares).copied());
        (low.max(high - SPAN), high)
    }

    /// The edges from the inputs that the cell of step t of a window network reads.
    fn fan_in(&self, out: &mut String, layout: &Layout, t: usize) {
        let middle = |t: usize| (layout.start(t) + layout.start(t + 1)) / 2.0;
        for from in (t + 1).saturating_sub(self.lane.window)..t {
            edge(out, (middle(from), INPUT - 9.0), (middle(t), CELL.1));
        }
    }

    fn memory(&self) -> bool {
        self.lane.cell.has_cell_state()
    }

    fn h_line(&self) -> f64 {
        if self.memory() { 99.0 } else { 85.0 }
    }

    /// Whether the way back has come by here and brought exactly nothing.
    fn silent(&self, t: usize) -> bool {
        self.truncation.cuts_after(t, self.lane.trace.len)
            && self.reached(Frame::Backward(t))
            && self.lane.trace.grad_h_norms.get(t).is_some_and(|&norm| norm == 0.0)
    }

    fn reached(&self, frame: Frame) -> bool {
        let len = self.lane.trace.len;
        self.frame.index(len) >= frame.index(len)
    }

    /// The states between step t and the one after: forward the norms of the states, back those of the gradients.
    fn between(&self, out: &mut String, t: usize, from: f64, to: f64) {
        let trace = &self.lane.trace;
        if !trace.cell.is_recurrent() {
            return;
        }
        let state = |values: &[f32]| norm_of(values, t, trace.hidden);
        let (back_h, back_c) = if self.reached(Frame::Backward(t)) { (self.back_along)(t) } else { (0.0, 0.0) };
        let mut lines = vec![("h", self.h_line(), state(&trace.h), back_h, &trace.h)];
        if self.memory() {
            lines.push(("c", C_LINE, state(&trace.c), back_c, &trace.c));
        }
        for (of, y, forward, norm, all) in lines {
            let dashed = of == "c";
            let (a, b) = ((from, y), (to, y));
            if self.reached(Frame::Backward(t)) {
                let shown = (self.frame == Frame::Backward(t)).then(|| self.norm(&["∂", of], norm));
                self.flow(out, &Flow { from: b, to: a, strength: place(norm, self.decades), norm: shown, dashed });
            } else if self.reached(Frame::Forward(t + 1)) {
                let scale = decades((0..trace.len).map(|t| norm_of(all, t, trace.hidden)));
                let shown = (self.frame == Frame::Forward(t + 1)).then(|| self.norm(&[of], forward));
                self.flow(out, &Flow { from: a, to: b, strength: place(forward, scale), norm: shown, dashed });
            } else {
                edge(out, a, b);
            }
        }
    }

    /// A step in its column, and what reaches it from `before`; where its cell ends.
    fn step(&self, out: &mut String, t: usize, before: f64, (left, wide): (f64, f64)) -> f64 {
        let trace = &self.lane.trace;
        let (x, half) = (left + wide / 2.0, (wide / 2.0 - 9.0).min(30.0));
        let (open, shut) = (x - half, x + half);
        let loss = self.losses.get(t).copied().unwrap_or(f64::NAN);
        // Where every step has a loss, it is there with the step.
        let everywhere = self.losses.first().is_some_and(|loss| loss.is_finite());
        let answered = self.reached(if everywhere { Frame::Forward(t) } else { Frame::Readout });
        if t > 0 {
            self.between(out, t - 1, before, open);
        }
        let forward = self.reached(Frame::Forward(t));
        let up = ((x, INPUT - 9.0), (x, CELL.1));
        if forward {
            let active = self.frame == Frame::Forward(t);
            let flow = Flow { from: up.0, to: up.1, strength: Some(0.2), norm: None, dashed: false };
            draw(out, &flow, active);
        } else {
            edge(out, up.0, up.1);
        }
        let answer = ((x, CELL.0), (x, ANSWER + 9.0));
        let norm = self.from_losses.get(t).copied().unwrap_or_default();
        if self.reached(Frame::Backward(t)) && norm > 0.0 {
            let shown = (self.frame == Frame::Backward(t)).then(|| self.norm(&["∂h"], norm));
            let strength = place(norm, self.decades);
            self.flow(out, &Flow { from: answer.1, to: answer.0, strength, norm: shown, dashed: false });
        } else if answered {
            let flow = Flow { from: answer.0, to: answer.1, strength: Some(0.2), norm: None, dashed: false };
            let here = self.frame == Frame::Readout || self.frame == Frame::Forward(t);
            draw(out, &flow, here && loss.is_finite());
        } else {
            edge(out, answer.0, answer.1);
        }
        out.push_str(if forward { "<rect class=\"u-cell u-done\"" } else { "<rect class=\"u-cell\"" });
        put(out, " x=\"#\" y=\"#\" width=\"#\" height=\"#\" rx=\"6\"/>", &[open, CELL.0, 2.0 * half, CELL.1 - CELL.0]);
        if forward {
            let value = |values: &[f32]| values.get(t * trace.hidden + self.unit).map_or(f64::NAN, |&v| f64::from(v));
            label(out, "u-value", x, self.h_line(), &numbers::fixed(value(&trace.h), 2, self.mark));
            if self.memory() {
                label(out, "u-value", x, C_LINE, &numbers::fixed(value(&trace.c), 2, self.mark));
            }
        }
        label(out, "u-text", x, INPUT, self.inputs.get(t).map_or("", String::as_str));
        label(out, "u-number", x, NUMBER, &(t + 1).to_string());
        if answered {
            let answer = trace.answer.get(t * trace.outputs..(t + 1) * trace.outputs).unwrap_or_default();
            let likeliest = answer.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            if let Some((k, &most)) = likeliest {
                // The likeliest class by name, where there is room for it.
                let name = self.classes.get(k).copied().filter(|_| wide > 56.0).unwrap_or_default();
                let text = numbers::fixed(f64::from(most), 2, self.mark);
                label(out, "u-text", x, ANSWER, format!("{name} {text}").trim_start());
            }
            if loss.is_finite() {
                edge(out, (x, ANSWER - 10.0), (x, LOSS + 9.0));
                label(out, "u-text", x, LOSS, &numbers::compact(loss, 3, self.mark));
            }
        } else {
            label(out, "u-text", x, ANSWER, "·");
        }
        shut
    }

    /// A step's bar, from the moment on at which the way back has reached it; once all are gathered, also the batch's.
    fn share(&self, out: &mut String, t: usize, left: f64, wide: f64, scale: (f64, f64)) {
        if !self.reached(Frame::Backward(t)) {
            return;
        }
        let own = self.film.own_shares.get(t).copied().unwrap_or_default();
        let x = left + wide / 2.0;
        let thick = (wide * 0.6).min(24.0);
        let top = |place: f64| BARS.1 - 1.5 - place * (BARS.1 - BARS.0 - 1.5);
        if let Some(place) = place(own, scale) {
            let (x, y) = (x - thick / 2.0, top(place));
            let bar = "<rect class=\"u-bar\" x=\"#\" y=\"#\" width=\"#\" height=\"#\"/>";
            put(out, bar, &[x, y, thick, BARS.1 - y]);
        }
        if wide > LABELLED {
            label(out, "u-share", x, BARS.1 + 10.0, &numbers::compact(own, 2, self.mark));
        }
        let whole = self.film.shares.get(t).copied().unwrap_or_default();
        if let (true, Some(place)) = (self.reached(Frame::Gather), place(whole, scale)) {
            put(out, "<path class=\"u-batch\" d=\"M# #h#\"/>", &[x - thick * 0.75, top(place), thick * 1.5]);
        }
    }

    fn norm(&self, of: &[&str], norm: f64) -> String {
        format!("‖{}‖ {}", of.concat(), numbers::compact(norm, 2, self.mark))
    }

    /// A flow with its norm beside it where it flows in this frame.
    fn flow(&self, out: &mut String, flow: &Flow) {
        draw(out, flow, flow.norm.is_some());
        if let Some(text) = &flow.norm {
            let ((x, y), (to_x, to_y)) = (flow.from, flow.to);
            if x == to_x {
                label(out, "u-norm u-beside", x - 8.0, (y + to_y) / 2.0, text);
            } else {
                let y = if y == C_LINE { CELL.0 - 9.0 } else { CELL.1 + 9.0 };
                label(out, "u-norm", (x + to_x) / 2.0, y, text);
            }
        }
    }
}

/// A cut between two steps, with room around it to take hold of; it is the cut of this number.
fn cut(out: &mut String, x: f64, number: usize) {
    let markup =
        "<g class=\"u-cut\" data-cut=\"#\"><rect x=\"#\" y=\"#\" width=\"16\" height=\"#\"/><path d=\"M# #V#\"/></g>";
    put(out, markup, &[number as f64, x - 8.0, CUT.0 - 4.0, CUT.1 - CUT.0 + 8.0, x, CUT.0, CUT.1]);
}

fn norm_of(values: &[f32], t: usize, width: usize) -> f64 {
    let values = values.get(t * width..(t + 1) * width).unwrap_or_default();
    values.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt()
}

/// A drawing with its norms after all else: what is drawn later must not lie over them.
fn norms_last(drawing: &str, cuts: &str) -> String {
    let (mut drawn, mut norms) = (String::new(), String::new());
    for piece in drawing.split_inclusive("</text>") {
        let (shape, norm) = piece.split_at(piece.find("<text class=\"u-norm").unwrap_or(piece.len()));
        drawn += shape;
        norms += norm;
    }
    drawn + cuts + &norms
}
