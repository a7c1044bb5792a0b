//! The numbers of the chosen lane, step and unit, in the equations they satisfy.

use leptos::prelude::*;

use super::i18n::t_string;
use super::lane::lane_of;
use super::live::{live, tr};
use super::state::Lab;
use super::words::Words;
use crate::lab::{LaneSnapshot, number};
use crate::nn::CellKind;

/// Significant digits of every number here.
const DIGITS: usize = 4;

/// One line: what stands to the left of the last =, and the value.
struct Line {
    /// Colours the line like the chart it belongs to.
    gate: &'static str,
    left: String,
    value: String,
}

/// The inspector.
#[component]
pub fn Inspector() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let cells = Memo::new(move |_| lab.experiment.with(|experiment| experiment.lanes.clone()));
    let picked = RwSignal::new(None::<usize>);
    let lane = move || {
        let cells = cells.get();
        let first = cells.iter().position(|cell| cell.has_cell_state()).unwrap_or(0);
        picked.get().filter(|&lane| lane < cells.len()).unwrap_or(first)
    };
    let cell = move || cells.with(|cells| cells.get(lane()).copied());
    let title = move || {
        let name = words.lane(&cells.get(), lane());
        t_string!(i18n, inspector.title, name = name, step = lab.step() + 1, unit = lab.unit() + 1).to_string()
    };
    let lines = move |backward: bool| {
        let report = lab.calm.get()?;
        let of = lane_of(&report.snapshot, lane(), cell()?)?;
        let at = At { lane: of, t: lab.step().min(of.trace.len - 1), u: lab.unit().min(of.trace.hidden - 1), words };
        let lines = if backward { at.backward() } else { at.forward() };
        Some(lines.into_iter().map(show).collect_view())
    };
    let tabs = move || {
        (0..cells.get().len())
            .map(|index| {
                view! {
                    <button aria-pressed=live(move || (lane() == index).to_string()) on:click=move |_| picked.set(Some(index))>
                        {live(move || words.lane(&cells.get(), index))}
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <aside class="inspector" data-testid="inspector" aria-label=tr!(i18n, inspector.label)>
            <h2>{live(title)}</h2>
            <div class="buttons tabs">{tabs}</div>
            <Picker key="t" label=Signal::derive(move || t_string!(i18n, inspector.step).to_owned()) />
            <Picker key="unit" label=Signal::derive(move || t_string!(i18n, inspector.unit).to_owned()) />
            <Picker key="probe" label=Signal::derive(move || t_string!(i18n, inspector.probe).to_owned()) />
            <h3>{tr!(i18n, inspector.forward)}</h3>
            <dl class="equations">{move || lines(false)}</dl>
            <h3>{tr!(i18n, inspector.backward)}</h3>
            <dl class="equations">{move || lines(true)}</dl>
            <p class="muted">{tr!(i18n, inspector.note)}</p>
        </aside>
    }
}

fn show(line: Line) -> impl IntoView {
    view! {
        <div class="equation" data-gate=line.gate>
            <dt>{line.left}</dt>
            <dd class="number">"= " <strong>{line.value}</strong></dd>
        </div>
    }
}

/// A number of the view that is stepped up and down.
#[component]
fn Picker(key: &'static str, label: Signal<String>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let range = move || {
        lab.experiment.with(|experiment| match key {
            "t" => (1, experiment.len as u64),
            "unit" => (1, experiment.hidden as u64),
            _ => (0, u64::from(u32::MAX)),
        })
    };
    let value = move || match key {
        "t" => lab.step() as u64 + 1,
        "unit" => lab.unit() as u64 + 1,
        _ => lab.experiment.with(|experiment| u64::from(experiment.probe)),
    };
    let set = move |to: u64| {
        let (min, max) = untrack(range);
        lab.hover.set(None);
        lab.view(key, &to.clamp(min, max).to_string());
    };
    view! {
        <div class="control picker">
            <label for=format!("pick-{key}")>{label}</label>
            <button
                aria-label=tr!(i18n, inspector.less, name = label.get())
                on:click=move |_| set(untrack(value).saturating_sub(1))
            >
                "−"
            </button>
            <input
                type="number"
                class="number"
                id=format!("pick-{key}")
                min=live(move || range().0.to_string())
                max=live(move || range().1.to_string())
                prop:value=live(move || value().to_string())
                on:change=move |event| {
                    match event_target_value(&event).trim().parse() {
                        Ok(to) => set(to),
                        Err(_) => set(untrack(value)),
                    }
                    event_target::<web_sys::HtmlInputElement>(&event).set_value(&untrack(value).to_string());
                }
            />
            <button
                aria-label=tr!(i18n, inspector.more, name = label.get())
                on:click=move |_| set(untrack(value).saturating_add(1))
            >
                "+"
            </button>
        </div>
    }
}

/// A step and unit of a lane.
struct At<'a> {
    lane: &'a LaneSnapshot,
    t: usize,
    u: usize,
    words: Words,
}

impl At<'_> {
    fn text(&self, value: f32) -> String {
        number::significant(f64::from(value), DIGITS, self.words.mark())
    }

    /// In brackets where it is negative, as a factor or term is written.
    fn term(&self, value: f32) -> String {
        if value < 0.0 { format!("({})", self.text(value)) } else { self.text(value) }
    }

    fn at(&self, values: &[f32]) -> f32 {
        values.get(self.t * self.lane.trace.hidden + self.u).copied().unwrap_or(f32::NAN)
    }

    fn before(&self, values: &[f32]) -> f32 {
        match self.t.checked_sub(1) {
            Some(t) => values.get(t * self.lane.trace.hidden + self.u).copied().unwrap_or(f32::NAN),
            None => 0.0,
        }
    }

    fn line(&self, gate: &'static str, left: String, value: f32) -> Line {
        Line { gate, left, value: self.text(value) }
    }

    fn forward(&self) -> Vec<Line> {
        let trace = &self.lane.trace;
        let (now, before) = (number::subscript(self.t + 1), number::subscript(self.t));
        let h = self.at(&trace.h);
        if !self.lane.cell.has_cell_state() {
            let z = trace.z.first().map_or(f32::NAN, |series| self.at(&series.values));
            let slope = trace.gates.first().map_or(f32::NAN, |series| self.at(&series.values));
            let phi = match self.lane.cell {
                CellKind::RnnSigmoid => "σ",
                CellKind::RnnTanh => "tanh",
                CellKind::RnnRelu | CellKind::Lstm => "ReLU",
            };
            return vec![
                self.line("", format!("z{now} = (W·x{now} + U·h{before} + b)"), z),
                self.line("dphi", format!("h{now} = {phi}(z{now}) = {phi}({})", self.text(z)), h),
                self.line("dphi", format!("{phi}′(z{now})"), slope),
            ];
        }
        let gate =
            |name: &str| trace.gates.iter().find(|series| series.name == name).map_or(f32::NAN, |s| self.at(&s.values));
        let mut lines: Vec<Line> = trace
            .gates
            .iter()
            .zip(&trace.z)
            .map(|(series, z)| {
                let phi = if series.name == "g" { "tanh" } else { "σ" };
                let left = format!("{}{now} = {phi}({})", series.name, self.text(self.at(&z.values)));
                self.line(series.name, left, self.at(&series.values))
            })
            .collect();
        let (c, last) = (self.at(&trace.c), self.before(&trace.c));
        let (i, f, g, o) = (gate("i"), gate("f"), gate("g"), gate("o"));
        let sum = format!("{}·{} + {}·{}", self.text(f), self.term(last), self.text(i), self.term(g));
        lines.push(self.line("c", format!("c{now} = f·c{before} + i·g = {sum}"), c));
        let product = format!("{}·tanh({})", self.text(o), self.text(c));
        lines.push(self.line("c", format!("h{now} = o·tanh(c{now}) = {product}"), h));
        lines
    }

    fn backward(&self) -> Vec<Line> {
        let trace = &self.lane.trace;
        let now = number::subscript(self.t + 1);
        let mut lines = vec![self.line("", format!("∂L/∂h{now}"), self.at(&trace.grad_h))];
        if self.lane.cell.has_cell_state() {
            lines.push(self.line("c", format!("∂L/∂c{now}"), self.at(&trace.grad_c)));
        }
        let letter = |name: &str| if self.lane.cell.has_cell_state() { name.to_owned() } else { String::new() };
        lines.extend(trace.grad_z.iter().map(|series| {
            let left = match letter(series.name).as_str() {
                "" => format!("∂L/∂z{now}"),
                gate => format!("∂L/∂z{now}({gate})"),
            };
            self.line(series.name, left, self.at(&series.values))
        }));
        lines
    }
}
