//! The numbers of the chosen lane, step and unit, in the equations they satisfy and in the diagram of the cell.

use leptos::prelude::*;
use web_sys::{ClipboardEvent, Event};

use crate::clipboard::copy;
use crate::html::{El, Node, aside, button, div, dynamic, h2, h3, input, label, p, when};
use crate::i18n::{Text, t_string, text};
use crate::live::{effect, live, tr};
use crate::markup::{hit, markup};
use crate::narration;
use crate::state::Lab;
use crate::words::Words;
use explain::film::frames::Frame;
use explain::inspector_text::{Labels, Side};
use explain::quantity::Quantity;
use explain::readout::Readout;
use explain::step::At;
use explain::sum::pressed;
use explain::tree::digits::Digits;
use lab::Place;
use nn::{CellKind, Gate, Truncation};

/// The state of the inspector.
#[derive(Clone, Copy)]
struct View {
    lab: Lab,
    words: Words,
    side: RwSignal<Side>,
    /// The weighted sum that is open.
    open: RwSignal<String>,
}

/// The inspector.
#[component]
pub fn Inspector() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let cells = Memo::new(move |_| lab.experiment.with(|experiment| experiment.lanes.clone()));
    let view = View { lab, words, side: RwSignal::new(Side::Forward), open: RwSignal::new(String::new()) };
    narration::follow(lab);
    let copied = RwSignal::new(false);
    // While the film plays backward, the inspector shows gradients; a choice made here lasts until the film changes
    // direction.
    let backward = Memo::new(move |_| {
        lab.film_len().map(|len| matches!(Frame::at(lab.inside_frame.get(), len), Frame::Backward(_)))
    });
    effect(move || {
        if let Some(backward) = backward.get() {
            view.side.set(if backward { Side::Backward } else { Side::Forward });
        }
    });
    let title = move || {
        let name = words.lane(&cells.get(), lab.lane());
        t_string!(i18n, inspector.title, name = name, step = lab.step() + 1, unit = lab.unit() + 1)
    };
    let tab = move |index: usize| {
        button()
            .attr("aria-pressed", live(move || (lab.lane() == index).to_string()))
            .on_click(move || lab.lane.set(Some(index)))
            .child(live(move || words.lane(&cells.get(), index)))
    };
    let tabs = move || (0..cells.get().len()).map(tab).collect::<Vec<_>>();
    let side = move |(side, name, text): (Side, &'static str, Text)| {
        button()
            .test_id(name)
            .attr("aria-pressed", live(move || (view.side.get() == side).to_string()))
            .on_click(move || view.side.set(side))
            .child(live(move || i18n.text(text)))
    };
    let sides = [
        (Side::Forward, "inspector-forward", text!(inspector.forward)),
        (Side::Backward, "inspector-backward", text!(inspector.backward)),
        (Side::Jacobian, "inspector-jacobian", text!(inspector.jacobian)),
    ];
    let member = move || lab.calm.with(|report| Some(report.as_ref()?.inside.as_ref()?.member + 1));
    let shown = move || match member() {
        Some(member) => t_string!(i18n, inside.member_on_show, member = member),
        None => {
            let note = t_string!(i18n, inspector.note).to_owned();
            let upper = lab.experiment.with(|experiment| experiment.layer > 1);
            if upper { note + " " + t_string!(i18n, inspector.below) } else { note }
        }
    };
    aside()
        .class("inspector")
        .test_id("inspector")
        .attr("aria-label", tr!(i18n, inspector.label))
        .attr("data-lane", live(move || cells.with(|cells| cells.get(lab.lane()).map_or("", |cell| cell.code()))))
        .child(h2().child(live(title)))
        .child(div().class("buttons tabs").child(dynamic(tabs)))
        .child(picker("t", text!(inspector.step)))
        .child(picker("unit", text!(inspector.unit)))
        // Looking inside an update shows a member of its batch instead, which that panel selects.
        .child(when(move || member().is_none(), || picker("probe", text!(inspector.probe))))
        .child(div().class("buttons tabs").children(sides.map(side)))
        .child(
            markup(live(move || view.equations()))
                .class("equations")
                .test_id("equations")
                .on("click", move |event: Event| view.click(&event))
                .on("copy", move |event: ClipboardEvent| view.copy(&event)),
        )
        .child(
            button()
                .test_id("copy-equations")
                .attr("title", tr!(i18n, inspector.copy_title))
                .on_click(move || copy(lab, untrack(|| view.plain()), copied))
                .child(live(move || {
                    if copied.get() { t_string!(i18n, inspector.copied) } else { t_string!(i18n, inspector.copy) }
                })),
        )
        .child(h3().child(tr!(i18n, inspector.cell)))
        .child(
            markup(live(move || view.diagram(false)))
                .class("cell-diagram")
                .test_id("cell-diagram")
                .attr("role", "img")
                .attr(
                    "aria-label",
                    live(move || format!("{}: {}", t_string!(i18n, inspector.cell), view.diagram(true))),
                ),
        )
        .child(p().test_id("inspector-words").child(live(move || view.sentence())))
        .child(p().class("muted").child(live(shown)))
        .node()
}

/// Builds a text with the words for opened equations; the words for setting a weight may be empty.
pub fn labels(words: Words, what_if: &str, text: &dyn Fn(&Labels<'_>) -> String) -> String {
    let i18n = words.i18n();
    text(&Labels {
        sum: t_string!(i18n, inspector.sum),
        held: t_string!(i18n, inspector.held),
        off: t_string!(i18n, inspector.off),
        coupled: t_string!(i18n, inspector.coupled),
        target: t_string!(i18n, inspector.target),
        what_if,
        go: &|step, unit| t_string!(i18n, inspector.go, step = step, unit = unit),
        more: &|count| t_string!(i18n, inspector.more_terms, count = count),
    })
}

/// Parses the step and unit that a button goes to, from 0.
pub fn place_of(text: &str) -> Option<(usize, usize)> {
    let (step, unit) = text.split_once(' ')?;
    Some((step.parse().ok()?, unit.parse().ok()?))
}

impl View {
    /// Returns a text about the chosen lane, step and unit; empty while there is no report of them.
    fn read(self, digits: Digits, text: &dyn Fn(&At<'_>, Self) -> String) -> String {
        let Some(report) = self.lab.inspected.get() else { return String::new() };
        let (cell, window) = self
            .lab
            .experiment
            .with(|experiment| (experiment.lanes.get(self.lab.lane()).copied(), experiment.truncation));
        let window = report.inside.as_ref().map_or(window, |inside| inside.window);
        let lane = cell.and_then(|cell| report.snapshot.lane_of(self.lab.lane(), cell));
        let at = |lane| {
            let place = (self.lab.step(), self.lab.unit());
            At::new(lane, &report.snapshot.sequence, place, Truncation::new(window), digits).holding(|gate, unit| {
                self.lab
                    .experiment
                    .with(|experiment| experiment.holds(self.lab.lane(), gate, unit, report.snapshot.update))
            })
        };
        let readout = |at: At<'_>| {
            self.lab.experiment.with(|experiment| {
                let sequence = &report.snapshot.sequence;
                let film = report.inside.as_ref().and_then(|inside| inside.films.get(self.lab.lane())?.as_ref());
                let readout = match film {
                    Some(film) => Readout::of_member(experiment, sequence, film),
                    None => Readout::of_probe(experiment, sequence),
                };
                text(&at.answering(readout), self)
            })
        };
        lane.map(|lane| readout(at(lane))).unwrap_or_default()
    }

    fn equations(self) -> String {
        let i18n = self.words.i18n();
        self.read(Digits::Shown(self.words.mark()), &|at, view| {
            labels(view.words, t_string!(i18n, edits.title), &|labels| {
                at.markup(view.side.get(), &view.open.get(), labels)
            })
        })
    }

    /// Draws the diagram, or describes it in words.
    fn diagram(self, in_words: bool) -> String {
        let mark = self.words.mark();
        self.read(Digits::Shown(mark), &|at, view| {
            let backward = view.side.get() == Side::Backward;
            if in_words {
                at.diagram_words(backward, mark)
            } else {
                at.diagram(backward.then(|| at.decades()), t_string!(view.words.i18n(), inspector.held), mark)
            }
        })
    }

    /// Explains the unit's numbers in a sentence.
    fn sentence(self) -> String {
        let i18n = self.words.i18n();
        let mark = self.words.mark();
        self.read(Digits::Shown(mark), &|at, view| {
            let (step, unit) = (view.lab.step() + 1, view.lab.unit() + 1);
            let say = |value: f64| view.words.share(value);
            if at.lane.cell == CellKind::Gru {
                let (reset, keeps, writes) = (
                    say(at.value(Quantity::Activation(Gate::Reset))),
                    say(at.kept()),
                    say(at.value(Quantity::NewShare)),
                );
                return t_string!(
                    i18n,
                    inspector.says_gru,
                    step = step,
                    unit = unit,
                    reset = reset,
                    writes = writes,
                    keeps = keeps
                );
            }
            if at.value(Quantity::Activation(Gate::Input)).is_nan() {
                let slope = say(at.value(Quantity::Slope));
                return t_string!(i18n, inspector.says_rnn, step = step, unit = unit, slope = slope);
            }
            let activation = |gate: Gate| say(at.value(Quantity::Activation(gate)));
            let (lets, keeps, shows) = (activation(Gate::Input), say(at.kept()), activation(Gate::Output));
            let said = t_string!(
                i18n,
                inspector.says_lstm,
                step = step,
                unit = unit,
                lets = lets,
                keeps = keeps,
                shows = shows
            );
            // One part per gate; a gate that is switched off has none. That of CIFG is the complement of the other
            // gate.
            let part = |(gate, said): (Gate, &str)| match at.is_off(gate) && at.lane.cell != CellKind::LstmCifg {
                true => t_string!(i18n, inspector.whole, gate = gate.letter()),
                false => said.to_owned(),
            };
            let mut parts = said.split('|');
            let place = parts.next().unwrap_or_default();
            let gates: Vec<String> =
                [Gate::Input, Gate::Forget, Gate::Output].into_iter().zip(parts).map(part).collect();
            format!("{place} {}.", gates.join("; "))
        })
    }

    fn click(self, event: &Event) {
        if let Some(sum) = hit(event, "data-sum") {
            self.open.update(|open| *open = pressed(open, sum));
        } else if let Some(weight) = hit(event, "data-weight") {
            if let Some(place) = Place::read(&format!("{}.{weight}", untrack(|| self.lab.lane()))) {
                self.lab.offer_edit(place);
            }
        } else if let Some((step, unit)) = hit(event, "data-go").as_deref().and_then(place_of) {
            self.lab.hover.set(None);
            self.lab.view("t", &(step + 1).to_string());
            self.lab.view("unit", &(unit + 1).to_string());
        }
    }

    fn plain(self) -> String {
        self.read(Digits::All, &|at, view| at.plain(view.side.get(), &view.open.get()))
    }

    /// Copies the shown equations with all digits.
    fn copy(self, event: &ClipboardEvent) {
        let text = untrack(|| self.plain());
        if let Some(data) = event.clipboard_data()
            && data.set_data("text/plain", &text).is_ok()
        {
            event.prevent_default();
        }
    }
}

/// A stepper for a number of the view.
fn picker(key: &'static str, name: Text) -> El {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let range = move || {
        lab.experiment.with(|experiment| match key {
            "t" => (1, lab.steps() as u64),
            "unit" => (1, experiment.units() as u64),
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
    let id = format!("pick-{key}");
    let write = move |event: Event| {
        match event_target_value(&event).trim().parse() {
            Ok(to) => set(to),
            Err(_) => set(untrack(value)),
        }
        event_target::<web_sys::HtmlInputElement>(&event).set_value(&untrack(value).to_string());
    };
    div()
        .class("control picker")
        .child(label().attr("for", id.clone()).child(live(move || i18n.text(name))))
        .child(
            button()
                .attr("aria-label", tr!(i18n, inspector.less, name = i18n.text(name)))
                .on_click(move || set(untrack(value).saturating_sub(1)))
                .child("−"),
        )
        .child(
            input()
                .attr("type", "number")
                .class("number")
                .attr("id", id)
                .attr("min", live(move || range().0.to_string()))
                .attr("max", live(move || range().1.to_string()))
                .prop("value", live(move || value().to_string()))
                .on("change", write),
        )
        .child(
            button()
                .attr("aria-label", tr!(i18n, inspector.more, name = i18n.text(name)))
                .on_click(move || set(untrack(value).saturating_add(1)))
                .child("+"),
        )
}
