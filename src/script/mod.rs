//! `window.gatescope`, the interface for course pages, consoles and tests, documented in docs/script.md.

mod configure;
mod objects;

use std::future::Future;
use std::pin::Pin;

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::canvas_view::Drawn;
use crate::client::Lost;
use crate::state::Lab;
use configure::{config, configure};
use lab::analysis::bench::BenchSpec;
use lab::experiment::limits;
use objects::{PlottedObject, SnapshotObject, to_js};

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

/// The outcome of a call.
type Outcome = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A function of at most one argument (undefined where there is none) that returns a promise.
fn function(body: impl Fn(JsValue) -> Outcome + 'static) -> JsValue {
    let body: Box<dyn Fn(JsValue) -> Outcome> = Box::new(body);
    Closure::<dyn Fn(JsValue) -> Promise>::new(move |argument| future_to_promise(body(argument))).into_js_value()
}

fn now(outcome: Result<JsValue, JsValue>) -> Outcome {
    Box::pin(std::future::ready(outcome))
}

/// Returns a result after charts that wait for the next frame have been drawn; several results requested at once are of
/// one report.
fn shown(lab: Lab, of: impl FnOnce() -> Result<JsValue, JsValue> + 'static) -> Outcome {
    lab.catch_up();
    Box::pin(async move {
        // Waits for the microtask in which the charts are drawn.
        JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await?;
        of()
    })
}

/// Returns a promise that resolves when the worker has handled the request of `ask` and the page shows the result.
fn answered(ask: impl FnOnce(crate::client::Answer)) -> Promise {
    let mut ask = Some(ask);
    Promise::new(&mut |resolve: Function, reject: Function| {
        let Some(ask) = ask.take() else { return };
        ask(Box::new(move |outcome: Result<(), Lost>| {
            // An error thrown by a listener is its own problem.
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

/// Writes a text or number as in a link; for anything else, names its type.
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
    let Some(spec) = bench_spec(spec) else {
        return now(Err(error("bench expects {cell, hidden, batch, len, updates}: a lane code and whole numbers")));
    };
    settled(Promise::new(&mut |resolve: Function, reject: Function| {
        lab.bench(
            spec.clone(),
            Box::new(move |outcome| {
                // An error thrown by a listener is its own problem.
                let _ = match outcome.map_err(|problem| error(&problem)).and_then(|result| to_js(&result)) {
                    Ok(result) => resolve.call1(&JsValue::NULL, &result),
                    Err(problem) => reject.call1(&JsValue::NULL, &problem),
                };
            }),
        );
    }))
}

fn bench_spec(spec: JsValue) -> Option<BenchSpec> {
    let spec: BenchSpec = serde_wasm_bindgen::from_value(spec).ok()?;
    let counts = [spec.hidden as u64, spec.batch as u64, spec.len as u64, spec.updates];
    counts.iter().all(|count| *count <= limits::MAX_UPDATE).then_some(spec)
}

fn plotted(drawn: Drawn, chart: &JsValue) -> Result<JsValue, JsValue> {
    let name = plain(chart);
    match drawn.recall(&name) {
        Some(plotted) => to_js(&PlottedObject::from(&plotted)),
        None => Err(error(&format!(
            "no chart {name:.40}; there are gradient, loss, and for each lane k gates/<k>/<gate>, cell/<k>, hidden/<k>, output/<k>, and of an open panel factors/<k>, credit/<k>, saturation/<k>"
        ))),
    }
}

fn snapshot(lab: Lab) -> Result<JsValue, JsValue> {
    let report = lab.report.get_untracked().ok_or_else(|| error("nothing is on show yet; await gatescope.ready"))?;
    let task = lab.experiment.with_untracked(|experiment| experiment.task);
    to_js(&SnapshotObject::new(&report.snapshot, task))
}
