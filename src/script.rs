//! `window.gatescope`: the page for course pages, consoles and tests. Its form is documented in docs/script.md.

use std::future::Future;
use std::pin::Pin;

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::canvas_view::Drawn;
use crate::client::Lost;
use crate::state::Lab;
use charts::plotted::Plotted;
use lab::KEYS;
use lab::LaneSnapshot;
use lab::Problem;
use lab::Role;
use lab::Settings;
use lab::Snapshot;
use lab::analysis::bench::BenchSpec;
use lab::experiment::keys;
use lab::experiment::limits;
use nn::ProbeTrace;
use tasks::TaskKind;

/// Puts the interface on the window and starts the run of the page's link.
pub fn install(lab: Lab) {
    let drawn = expect_context::<Drawn>();
    let ready = Promise::new(&mut |resolve: Function, _| {
        lab.when_ready(Box::new(move || {
            let _ = resolve.call0(&JsValue::NULL);
        }));
    });
    lab.start(lab.experiment.get_untracked(), Box::new(|_| ()));
    let interface = Object::new();
    let put = |name: &str, value: &JsValue| {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&interface, &name.into(), value);
    };
    put("ready", &ready);
    put("config", &function(move |_| now(config(lab))));
    put("configure", &function(move |keys| configure(lab, &keys)));
    put("play", &function(move |_| settled(answered(move |answer| lab.play(answer)))));
    put("pause", &function(move |_| settled(answered(move |answer| lab.pause(answer)))));
    put("step", &function(move |count| step(lab, &count)));
    put("seek", &function(move |update| seek(lab, &update)));
    put("snapshot", &function(move |_| shown(lab, move || snapshot(lab))));
    put("plotted", &function(move |chart| shown(lab, move || plotted(drawn, &chart))));
    put("bench", &function(move |spec| bench(lab, spec)));
    let _ = Reflect::set(&window(), &"gatescope".into(), &interface);
}

/// What a call comes to: one type for all, which keeps the page small.
type Outcome = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A function of at most one argument (undefined where there is none) that returns a promise.
fn function(body: impl Fn(JsValue) -> Outcome + 'static) -> JsValue {
    let body: Box<dyn Fn(JsValue) -> Outcome> = Box::new(body);
    Closure::<dyn Fn(JsValue) -> Promise>::new(move |argument| future_to_promise(body(argument))).into_js_value()
}

fn now(outcome: Result<JsValue, JsValue>) -> Outcome {
    Box::pin(std::future::ready(outcome))
}

/// What is on show, once charts that wait for the next frame have been drawn: several asked for at once are of one report.
fn shown(lab: Lab, of: impl FnOnce() -> Result<JsValue, JsValue> + 'static) -> Outcome {
    lab.catch_up();
    Box::pin(async move {
        // What is drawn is drawn in a microtask, which this waits for.
        JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await?;
        of()
    })
}

/// A promise that is kept when the worker has done what `ask` asks, and the page shows it.
fn answered(ask: impl FnOnce(crate::client::Answer)) -> Promise {
    let mut ask = Some(ask);
    Promise::new(&mut |resolve: Function, reject: Function| {
        let Some(ask) = ask.take() else { return };
        ask(Box::new(move |outcome: Result<(), Lost>| {
            // What a listener does with it is its own affair.
            let _ = match outcome {
                Ok(()) => resolve.call0(&JsValue::NULL),
                Err(Lost) => reject
                    .call1(&JsValue::NULL, &error("the training worker died and was restarted before this was done")),
            };
        }));
    })
}

fn settled(promise: Promise) -> Outcome {
    Box::pin(JsFuture::from(promise))
}

fn error(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}

/// The link's keys as an object: numbers as numbers, lists as arrays, what is not set as null.
fn config(lab: Lab) -> Result<JsValue, JsValue> {
    let experiment = lab.experiment.get_untracked();
    let config = Object::new();
    for key in KEYS.iter().filter(|key| key.name != "build") {
        let text =
            if key.role == Role::Progress { untrack(|| lab.update()).to_string() } else { (key.get)(&experiment) };
        Reflect::set(&config, &key.name.into(), &value_of(key, &text))?;
    }
    Ok(config.into())
}

fn value_of(key: &keys::Key, text: &str) -> JsValue {
    match (&key.allowed, numbers::parse(text)) {
        (keys::Allowed::ListOf(..) | keys::Allowed::Lanes(..) | keys::Allowed::Edits, _) => {
            let apart = if key.name == "edit" { ';' } else { ',' };
            text.split(apart).filter(|part| !part.is_empty()).map(JsValue::from).collect::<Array>().into()
        }
        (_, _) if text.is_empty() => JsValue::NULL,
        (keys::Allowed::Whole(..) | keys::Allowed::WholeOr(..) | keys::Allowed::Real(..), Some(number)) => {
            number.into()
        }
        _ => text.into(),
    }
}

/// Changes keys, within the call: what is called next finds them changed. What it comes to is told when it is on show.
fn configure(lab: Lab, keys: &JsValue) -> Outcome {
    match change(lab, keys) {
        Ok(shown) => Box::pin(async move {
            JsFuture::from(shown).await?;
            config(lab)
        }),
        Err(problem) => now(Err(problem)),
    }
}

/// Only view keys: the view changes. Else the run starts again, at `update` if that is given. A bad key or value changes
/// nothing and is named in the error.
fn change(lab: Lab, keys: &JsValue) -> Result<Promise, JsValue> {
    let Some(object) = keys.dyn_ref::<Object>() else { return Err(error("configure expects an object of link keys")) };
    let mut given = Vec::new();
    for key in Reflect::own_keys(object)?.iter() {
        let value = Reflect::get(object, &key)?;
        let key = plain(&key);
        // What `config()` gives as null or empty is not set.
        let text = match value.dyn_ref::<Array>() {
            Some(list) if list.length() == 0 => None,
            Some(list) => {
                let apart = if key == "edit" { ";" } else { "," };
                Some(list.iter().map(|item| plain(&item)).collect::<Vec<_>>().join(apart))
            }
            None => (!value.is_null()).then(|| plain(&value)),
        };
        given.push((key, text));
    }
    let progress = given.iter().any(|(key, text)| key == "update" && text.is_some());
    let given: Vec<_> = given.iter().map(|(key, text)| (key.as_str(), text.as_deref())).collect();
    let before = lab.experiment.get_untracked();
    let told = |problems: Vec<Problem>| error(&problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "));
    let wanted = before.with_all(&given).map_err(told)?;
    if !wanted.same_run(&before) || progress {
        let wanted = if progress { Ok(wanted) } else { wanted.with_all(&[("update", Some("0"))]) }.map_err(told)?;
        return Ok(answered(move |answer| lab.start(wanted, answer)));
    }
    for key in KEYS.iter().filter(|key| key.role == Role::View) {
        let value = (key.get)(&wanted);
        if value != (key.get)(&before) {
            if value == (key.get)(&Settings::default()) {
                lab.view_default(key.name);
            } else {
                lab.view(key.name, &value);
            }
        }
    }
    // These are computed by the worker; all else is on show already.
    Ok(if wanted.edits != before.edits {
        let edits = wanted.edits.clone();
        answered(move |answer| lab.change_edits(Box::new(move |_, to| *to = edits), answer))
    } else if (wanted.probe, wanted.scale, wanted.layer) != (before.probe, before.scale, before.layer) {
        answered(move |answer| lab.when_shown(answer))
    } else {
        Promise::resolve(&JsValue::UNDEFINED)
    })
}

/// A text or number as a link would write it; of anything else, of what type it is.
fn plain(value: &JsValue) -> String {
    match value.as_f64() {
        Some(number) => number.to_string(),
        None => value.as_string().or_else(|| value.js_typeof().as_string()).unwrap_or_default(),
    }
}

fn step(lab: Lab, count: &JsValue) -> Outcome {
    match if count.is_undefined() { Some(1) } else { whole(count) } {
        Some(count) => settled(answered(move |answer| lab.make_updates(count, answer))),
        None => now(Err(error(&format!("step expects a whole number of updates from 0 to {}", limits::MAX_UPDATE)))),
    }
}

fn seek(lab: Lab, update: &JsValue) -> Outcome {
    match whole(update) {
        Some(update) => settled(answered(move |answer| lab.seek(update, answer))),
        None => now(Err(error(&format!("seek expects a whole number from 0 to {}", limits::MAX_UPDATE)))),
    }
}

fn whole(value: &JsValue) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=limits::MAX_UPDATE as f64).contains(&number)).then_some(number as u64)
}

fn bench(lab: Lab, spec: JsValue) -> Outcome {
    let Some(spec) = bench_spec(&spec) else {
        return now(Err(error("bench expects {cell, hidden, batch, len, updates}: a lane code and whole numbers")));
    };
    settled(Promise::new(&mut |resolve: Function, reject: Function| {
        lab.bench(
            spec.clone(),
            Box::new(move |outcome| {
                let _ = match outcome {
                    Ok(result) => resolve.call1(
                        &JsValue::NULL,
                        &object(&[
                            ("updatesPerSecond", result.updates_per_second.into()),
                            ("gflops", result.gflops.into()),
                        ]),
                    ),
                    Err(problem) => reject.call1(&JsValue::NULL, &error(&problem)),
                };
            }),
        );
    }))
}

fn bench_spec(spec: &JsValue) -> Option<BenchSpec> {
    let of = |name: &str| Reflect::get(spec, &name.into()).ok();
    let count = |name: &str| whole(&of(name)?);
    Some(BenchSpec {
        cell: of("cell")?.as_string()?,
        hidden: count("hidden")? as usize,
        batch: count("batch")? as usize,
        len: count("len")? as usize,
        updates: count("updates")?,
    })
}

fn plotted(drawn: Drawn, chart: &JsValue) -> Result<JsValue, JsValue> {
    let name = plain(chart);
    match drawn.recall(&name) {
        Some(Plotted::Lines(lines)) => Ok(list(lines.iter().map(|line| {
            object(&[
                ("lane", count(line.lane)),
                ("name", line.name.as_str().into()),
                ("scale", line.scale.as_str().into()),
                ("x", doubles(&line.x)),
                ("y", doubles(&line.y)),
            ])
        }))),
        Some(Plotted::Map { rows, cols, values }) => {
            Ok(object(&[("rows", count(rows)), ("cols", count(cols)), ("values", doubles(&values))]))
        }
        None => Err(error(&format!(
            "no chart {name:.40}; there are gradient, loss, and for each lane k gates/<k>/<gate>, cell/<k>, hidden/<k>, output/<k>, and of an open panel factors/<k>, credit/<k>, saturation/<k>"
        ))),
    }
}

/// A plain object. (By hand: serde for it made the page 5 kB heavier.)
fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

fn list(items: impl Iterator<Item = JsValue>) -> JsValue {
    items.collect::<Array>().into()
}

fn count(count: usize) -> JsValue {
    (count as f64).into()
}

/// Numbers as a plain array, which JSON writes as one: null for what is none.
fn doubles(values: &[f64]) -> JsValue {
    let list = Array::from(&js_sys::Float64Array::from(values));
    for (at, value) in values.iter().enumerate() {
        if value.is_nan() {
            list.set(at as u32, JsValue::NULL);
        }
    }
    list.into()
}

fn floats(values: &[f32]) -> JsValue {
    Array::from(&js_sys::Float32Array::from(values)).into()
}

fn snapshot(lab: Lab) -> Result<JsValue, JsValue> {
    let report = lab.report.get_untracked().ok_or_else(|| error("nothing is on show yet; await gatescope.ready"))?;
    let task = lab.experiment.with_untracked(|experiment| experiment.task);
    let snapshot = &report.snapshot;
    let lanes = list(snapshot.lanes.iter().map(|lane| lane_out(lane, &targets(snapshot, task))));
    Ok(object(&[("update", (snapshot.update as f64).into()), ("lanes", lanes)]))
}

fn lane_out(lane: &LaneSnapshot, target: &JsValue) -> JsValue {
    let trace: &ProbeTrace<f32> = &lane.trace;
    let stopped = lane.stopped.map_or(JsValue::NULL, |stopped| {
        let first = stopped.first;
        object(&[
            ("update", (stopped.update as f64).into()),
            ("reason", stopped.reason.code().into()),
            ("quantity", first.map_or(JsValue::NULL, |(quantity, _)| quantity.symbol().into())),
            ("step", first.map_or(JsValue::NULL, |(_, step)| (step as f64 + 1.0).into())),
        ])
    });
    let norms = object(&[("h", doubles(&trace.grad_h_norms)), ("c", doubles(&trace.grad_c_norms))]);
    let gates: Vec<_> = trace.gates.iter().map(|series| (series.name, by_step(&series.values, trace.hidden))).collect();
    object(&[
        ("code", lane.cell.code().into()),
        ("parameters", count(lane.parameters)),
        ("loss", lane.loss.into()),
        ("stopped", stopped),
        ("gradientNorms", norms),
        ("gates", object(&gates)),
        ("h", by_step(&trace.h, trace.hidden)),
        ("c", by_step(&trace.c, trace.hidden)),
        ("output", by_step(&trace.output, trace.outputs)),
        ("target", target.clone()),
    ])
}

fn by_step(values: &[f32], width: usize) -> JsValue {
    list(values.chunks_exact(width.max(1)).map(floats))
}

/// The target of each step: a class, values, or null.
fn targets(snapshot: &Snapshot, task: TaskKind) -> JsValue {
    let sequence = &snapshot.sequence;
    match sequence.class {
        Some(class) => {
            list((1..=sequence.len).map(|step| if step == sequence.len { count(class) } else { JsValue::NULL }))
        }
        None => list(
            sequence
                .values
                .chunks_exact(task.task().outputs())
                .map(|values| if values.iter().any(|value| value.is_nan()) { JsValue::NULL } else { floats(values) }),
        ),
    }
}
