//! The buttons and the panel: a chart for each lane, with a description in words.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};

use super::check::Check;
use super::picture::WhyPicture;
use super::say;
use crate::canvas_view::{ChartCanvas, Look};
use crate::html::{El, Node, button, div, dynamic, h2, header, p, section, span, when};
use crate::i18n::t_string;
use crate::live::{live, said, tr};
use crate::narration;
use crate::state::Lab;
use crate::table::TableButton;
use crate::words::Words;
use charts::palette;
use charts::reach::LOWEST;
use charts::scale::ColourScale;
use charts::step_at;
use lab::Experiment;
use lab::Why;
use lab::analysis::findings::{Found, State};
use lab::stored;
use nn::{CellKind, LossAt};

/// Names a button and its panel.
fn name(words: Words, why: Why) -> &'static str {
    let i18n = words.i18n();
    match why {
        Why::Factors => t_string!(i18n, why.factors),
        Why::Credit => t_string!(i18n, why.credit),
        Why::Saturation => t_string!(i18n, why.saturation),
        Why::Check => t_string!(i18n, why.check),
    }
}

fn button_id(why: Why) -> &'static str {
    match why {
        Why::Factors => "why-factors",
        Why::Credit => "why-credit",
        Why::Saturation => "why-saturation",
        Why::Check => "why-check",
    }
}

/// Returns the id of a lane's chart, or of its second one in the credit panel, for c.
fn chart_id(why: Why, index: usize, of_cell: bool) -> String {
    match why {
        Why::Factors => format!("chart-factors-{index}"),
        Why::Credit if of_cell => format!("chart-credit-{index}-c"),
        Why::Credit => format!("chart-credit-{index}"),
        _ => format!("chart-saturation-{index}"),
    }
}

/// A button for each panel.
#[component]
pub fn WhyButtons() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let open = move || lab.experiment.with(|experiment| experiment.why);
    let one =
        |why: Why| {
            button()
                .test_id(button_id(why))
                .attr("aria-expanded", live(move || (open() == Some(why)).to_string()))
                .on_click(move || {
                    if untrack(open) == Some(why) { lab.view_default("why") } else { lab.view("why", why.code()) }
                })
                .child(live(move || name(words, why)))
        };
    div()
        .class("why-buttons buttons")
        .attr("role", "group")
        .attr("aria-label", tr!(i18n, why.group))
        .child(span().class("muted").child(tr!(i18n, why.title)))
        .children(Why::ALL.map(one))
        .node()
}

/// The open panel.
#[component]
pub fn WhyPanel() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let open = Memo::new(move |_| {
        lab.experiment.with(|experiment| {
            // Rebuilt when the panel, the networks or the task change.
            experiment.why.map(|why| (why, experiment.lanes.clone(), experiment.task))
        })
    });
    dynamic(move || open.get().map(|(why, lanes, _)| panel(lab, words, why, &lanes)))
}

fn panel(lab: Lab, words: Words, why: Why, lanes: &[CellKind]) -> El {
    let i18n = words.i18n();
    let every = lab.experiment.with_untracked(|experiment| experiment.task.task().loss().at == LossAt::Every);
    let text = live(move || match why {
        Why::Factors => t_string!(i18n, why.factors_text),
        Why::Credit if every => t_string!(i18n, why.credit_loss),
        Why::Credit => t_string!(i18n, why.credit_answer),
        Why::Saturation => t_string!(i18n, why.saturation_text),
        Why::Check => t_string!(i18n, why.check_text),
    });
    let update = move || {
        let update = lab.findings.get().map_or_else(|| lab.update(), |found| found.update);
        t_string!(i18n, why.update, update = numbers::grouped(update))
    };
    let cut = move || lab.experiment.with(|experiment| experiment.truncation > 0) && why != Why::Saturation;
    let content = match why {
        Why::Check => view! { <Check /> }.node(),
        _ => div()
            .class("reach-maps")
            .children(lanes.iter().enumerate().map(|(lane, &cell)| lane_part(lab, words, why, (lane, cell))))
            .node(),
    };
    section()
        .class("card reach why")
        .attr("aria-labelledby", "why-title")
        .child(
            header()
                .child(h2().attr("id", "why-title").child(live(move || name(words, why))))
                .child(p().class("muted").child(text))
                .child((why != Why::Saturation).then(|| {
                    let stamp =
                        live(move || lab.findings.get().map(|found| found.update.to_string()).unwrap_or_default());
                    p().class("muted").test_id("why-update").attr("data-value", stamp).child(live(update))
                })),
        )
        .child(content)
        .child(when(cut, move || {
            let said = if why == Why::Check {
                live(move || t_string!(i18n, why.check_cut))
            } else {
                live(move || t_string!(i18n, why.uncut))
            };
            p().class("muted").child(said)
        }))
        .child((why == Why::Factors).then(|| explosions(lab, words)))
}

/// A lane's charts with their sentence.
fn lane_part(lab: Lab, words: Words, why: Why, (lane, cell): (usize, CellKind)) -> El {
    let both = why == Why::Credit && cell.has_cell_state();
    let charts = if both { &[State::Hidden, State::Cell][..] } else { &[State::Hidden] };
    let sentence = move || match why {
        Why::Saturation => saturation(lab, words, lane, cell),
        Why::Factors => Some(say::factors(words, lab.found(why)?.factors(lane)?, cell, lab.step())),
        _ => credit(lab, words, lane, State::Hidden),
    };
    // Factors and credit are of the layer below the readout, whichever the lanes show; slopes and gates are those of
    // the layer on show.
    let layer = move || {
        let (shown, layers) =
            lab.experiment.with(|experiment| (experiment.layer_of(lane) + 1, experiment.layers_of(lane)));
        let layer = if why == Why::Saturation { shown } else { layers };
        let said = || format!(" {}", t_string!(words.i18n(), say.layer, layer = layer, layers = layers));
        (layers > 1).then(said).unwrap_or_default()
    };
    div()
        .class("why-lane")
        .attr("data-lane", cell.code())
        .children(charts.iter().map(|&state| chart(lab, words, why, (lane, cell), state)))
        .child(p().class("why-say").child(live(move || sentence().map_or_else(String::new, |said| said + &layer()))))
}

/// Describes the credit along the highlighted path.
fn credit(lab: Lab, words: Words, lane: usize, state: State) -> Option<String> {
    let found = lab.found(Why::Credit)?;
    Some(say::credit(words, found.credit(lane)?.of(state), lab.path()?))
}

/// Describes how saturated a lane is.
fn saturation(lab: Lab, words: Words, lane: usize, cell: CellKind) -> Option<String> {
    let report = lab.calm.get()?;
    Some(say::saturation(words, report.snapshot.lanes.get(lane).filter(|lane| lane.cell == cell)?))
}

/// One chart with its label, table and, for a triangle, its scale.
fn chart(lab: Lab, words: Words, why: Why, (lane, cell): (usize, CellKind), state: State) -> El {
    let i18n = words.i18n();
    let look = expect_context::<Look>();
    let of_cell = why == Why::Credit && state == State::Cell;
    let lane_name = move || lab.experiment.with(|experiment| words.lane(&experiment.lanes, lane));
    let label = move || if of_cell { format!("{} · c", lane_name()) } else { lane_name() };
    let title = said(move || format!("{} – {}", label(), name(words, why)));
    let heading = Arc::clone(&title);
    let data = move || {
        let title = untrack(|| heading());
        if why == Why::Saturation {
            let report = lab.report.get_untracked()?;
            return report.snapshot.lanes.get(lane).map(|lane| say::counts(words, lane, title));
        }
        let found = lab.findings.get_untracked()?;
        match &found.found {
            Found::Factors(lanes) => Some(say::factors_table(words, lanes.get(lane)?, cell, title)),
            Found::Credit(lanes) => Some(say::credit_table(words, lanes.get(lane)?.of(state), title)),
            Found::Check(_) => None,
        }
    };
    let code = why.code();
    let named = if of_cell { format!("{code}/{lane}/c") } else { format!("{code}/{lane}") };
    let id = chart_id(why, lane, of_cell);
    let said_of = said({
        let title = Arc::clone(&title);
        move || {
            let numbers = match why {
                Why::Factors => {
                    lab.found(why).and_then(|found| Some(say::factors(words, found.factors(lane)?, cell, 0)))
                }
                Why::Credit => credit(lab, words, lane, state),
                Why::Saturation => saturation(lab, words, lane, cell),
                Why::Check => None,
            };
            format!("{}. {}", title(), numbers.unwrap_or_default())
        }
    });
    let picture = Rc::new(WhyPicture::new(lab, words, why, lane, cell, state));
    let mut plot = div().class("row-plot").child(view! { <ChartCanvas picture name=Some(named) summary=said_of /> });
    if why == Why::Credit {
        let part = move |of: fn((usize, usize)) -> usize| {
            live(move || format!("{:.3}%", 100.0 * of(lab.path().unwrap_or_default()) as f64 / lab.steps() as f64))
        };
        let path = div()
            .class("why-path")
            .attr("aria-hidden", "true")
            .style("left", part(|(step, _)| step))
            .style("width", part(|(step, end)| end - step + 1))
            .style("top", part(|(_, end)| end))
            .style("height", part(|_| 1));
        plot = plot
            .attr("role", "group")
            .attr("tabindex", "0")
            .attr("aria-label", tr!(i18n, why.triangle, name = label()))
            .on("keydown", move |event: KeyboardEvent| {
                if walk(lab, &event) {
                    tell(lab, words, lane, state);
                }
            })
            .on("click", move |event: MouseEvent| {
                if point(lab, &event) {
                    tell(lab, words, lane, state);
                }
            })
            .child(path);
    }
    let scale = (why == Why::Credit).then(|| {
        let bar = live(move || {
            let theme = look.theme.get();
            let scale = ColourScale::Decades { hue: palette::lane(cell.code(), theme).line, low: LOWEST, high: 0.0 };
            let stops: Vec<String> = scale.legend(9, theme).into_iter().map(|colour| colour.css()).collect();
            format!("linear-gradient(to top, {})", stops.join(", "))
        });
        let end = move |part: f64| {
            let end = move || Some(say::end(words, lab.found(why)?.credit(lane)?.of(state), part));
            live(move || end().unwrap_or_default())
        };
        let (top, low) = (end(1.0), end(10_f64.powf(f64::from(LOWEST))));
        div()
            .class("row-scale")
            .attr("aria-hidden", "true")
            .child(div().class("colour-bar").style("background", bar))
            .child(div().class("ticks").child(span().child(top)).child(span().child(low)))
    });
    // The limits of the two axes, as text: those of τ in the label beside it, those of t below.
    let ends = |name: &'static str| {
        let end =
            move |at: fn(Lab) -> usize| span().class("muted").child(live(move || format!("{name} = {}", at(lab))));
        (why == Why::Credit).then(|| [end(|_| 1), end(|lab| lab.steps())])
    };
    div()
        .class(format!("row row-why row-{code}"))
        .test_id(id)
        .child(
            div()
                .class("row-label")
                .children(ends("τ").into_iter().flatten())
                .child(span().class("symbol").child(live(label)))
                .child(view! { <TableButton name=title data=Rc::new(data) /> }),
        )
        .child(plot)
        .child(scale)
        .child(ends("t").map(|ends| div().class("ends").children(ends)))
}

/// Reads out the chosen credit.
fn tell(lab: Lab, words: Words, lane: usize, state: State) {
    let said = untrack(|| credit(lab, words, lane, state));
    lab.narration.set(said.unwrap_or_default());
}

/// Chooses the place under the pointer in a triangle.
fn point(lab: Lab, event: &MouseEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    let len = untrack(|| lab.steps());
    let at = |offset: i32, size: i32| step_at(f64::from(offset) / f64::from(size.max(1)), len);
    let end = at(event.offset_y(), target.client_height());
    choose(lab, at(event.offset_x(), target.client_width()).min(end), end)
}

/// Moves t and τ by one with arrow keys, t to its limits with Home and End.
fn walk(lab: Lab, event: &KeyboardEvent) -> bool {
    let Some((step, end)) = untrack(|| lab.path()) else { return false };
    let (step, end) = (step + 1, end + 1);
    let (step, end) = match event.key().as_str() {
        _ if event.ctrl_key() || event.alt_key() || event.meta_key() => return false,
        "ArrowLeft" => (step - 1, end),
        "ArrowRight" => (step + 1, end),
        "ArrowUp" => (step, end - 1),
        "ArrowDown" => (step, end + 1),
        "Home" => (1, end),
        "End" => (end, end),
        _ => return false,
    };
    event.prevent_default();
    choose(lab, step.min(end), end)
}

/// Chooses t and τ, both from 1; t is limited to τ.
fn choose(lab: Lab, step: usize, end: usize) -> bool {
    let len = untrack(|| lab.steps());
    if step == 0 || end == 0 || end > len {
        return false;
    }
    lab.hover.set(None);
    lab.path_end.set(end - 1);
    // The sentence is read out here instead.
    let (_, unit, probe, lane) = untrack(|| narration::choice(lab));
    lab.narrated.set_value(Some((Some(step), unit, probe, lane)));
    lab.view("t", &step.to_string());
    true
}

/// The settings, other than defaults, of a run with an exploding gradient.
const EXPLOSION: [(&str, &str); 5] =
    [("len", "100"), ("lanes", "rnn-tanh,rnn-relu"), ("opt", "sgd"), ("gain", "6"), ("scale", "absolute")];

fn explosions(lab: Lab, words: Words) -> El {
    let i18n = words.i18n();
    let start = move |clip: &'static str| {
        let keys = EXPLOSION.into_iter().chain([("clip", clip)]);
        let set = |experiment: Experiment, (key, value)| experiment.with(key, value).unwrap_or(experiment);
        // Starts from the defaults, as a large batch or weight decay of the run on show would change the effect. The
        // view stays.
        let plain = lab.experiment.with_untracked(|now| stored::seen_as(&Experiment::default(), now));
        lab.start(keys.fold(plain, set), Box::new(|_| ()));
    };
    div().class("why-explosion").child(p().child(tr!(i18n, why.explosion_text))).child(
        div()
            .class("buttons")
            .child(button().test_id("explode").on_click(move || start("0")).child(tr!(i18n, why.explode)))
            .child(button().test_id("explode-clipped").on_click(move || start("1")).child(tr!(i18n, why.clipped))),
    )
}
