//! The page's side of the worker: starts it, queues commands until it is ready, and restarts it when it fails.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{document, set_interval, set_timeout, window};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::protocol;
use lab::worker::event::{Command, Event};

/// Interval between two pings of the worker.
const HEARTBEAT: Duration = Duration::from_millis(1000);
/// How long to wait for the reason of a worker's failure.
const FAILURE_REASON_WAIT: Duration = Duration::from_millis(50);
/// Milliseconds without a message, beyond the time that an update may take, after which the worker counts as failed.
const PATIENCE_MS: f64 = 6000.0;
/// Milliseconds after which a worker that has not reported to be ready counts as failed.
const PATIENCE_AT_START_MS: f64 = 15_000.0;
/// Assumed speed of the slowest machine, in operations per second.
const SLOWEST_FLOPS: f64 = 2e8;
/// Restarts in a row without a report in between, after which the page gives up.
const MOST_RESTARTS: u32 = 3;

/// Called once, when the worker has answered a request or can no longer do so.
pub type Answer = Box<dyn FnOnce(Result<(), Lost>)>;
/// Called once with a measurement.
pub type BenchAnswer = Box<dyn FnOnce(Result<lab::analysis::bench::BenchResult, String>)>;

/// The error of a request to a worker that failed before it answered.
#[derive(Clone, Copy, Debug)]
pub struct Lost;

/// Messages of the client for the page.
pub enum Told {
    /// An event of the worker.
    Event(Event),
    /// The worker failed, with the reason if one is known; a new one starts without the run.
    Died(String),
    /// No worker could be started.
    CannotStart(String),
    /// Workers start, but fail repeatedly.
    KeepsFailing(String),
}

/// A worker and the requests that it has not answered.
pub struct Client {
    worker: RefCell<Option<Worker>>,
    ready: Cell<bool>,
    queue: RefCell<Vec<Command>>,
    answers: RefCell<Vec<(u32, Answer)>>,
    bench_answers: RefCell<Vec<(u32, BenchAnswer)>>,
    next_id: Cell<u32>,
    last_message_at: Cell<f64>,
    restarts: Cell<u32>,
    lane_flops: Cell<f64>,
    tell: Box<dyn Fn(Told)>,
}

/// Removes and returns the answer of a request, if it is still open.
fn take<T>(open: &RefCell<Vec<(u32, T)>>, id: u32) -> Option<T> {
    let mut open = open.borrow_mut();
    let at = open.iter().position(|(known, _)| *known == id)?;
    Some(open.swap_remove(at).1)
}

impl Client {
    /// Starts a worker. `tell` is called with every message.
    pub fn start(tell: impl Fn(Told) + 'static) -> Rc<Self> {
        let client = Rc::new(Self {
            worker: RefCell::new(None),
            ready: Cell::new(false),
            queue: RefCell::new(Vec::new()),
            answers: RefCell::default(),
            bench_answers: RefCell::default(),
            next_id: Cell::new(1),
            last_message_at: Cell::new(now()),
            restarts: Cell::new(0),
            lane_flops: Cell::new(0.0),
            tell: Box::new(tell),
        });
        client.spawn();
        let beating = Rc::clone(&client);
        set_interval(move || beating.beat(), HEARTBEAT);
        client
    }

    /// Sets the operations of one lane's update, from which the heartbeat computes how long an update may take.
    pub fn expect_updates_of(&self, lane_flops: f64) {
        self.lane_flops.set(lane_flops);
    }

    /// Sends a command that needs no answer.
    pub fn send(&self, command: Command) {
        if self.ready.get() {
            self.post(&command);
        } else {
            self.queue.borrow_mut().push(command);
        }
    }

    /// Sends a command, and calls `answer` when the worker has done it and the page has received the report.
    pub fn request(&self, command: impl FnOnce(u32) -> Command, answer: Answer) {
        let id = self.take_id();
        self.answers.borrow_mut().push((id, answer));
        self.send(command(id));
    }

    /// Requests a measurement.
    pub fn bench(&self, command: impl FnOnce(u32) -> Command, answer: BenchAnswer) {
        let id = self.take_id();
        self.bench_answers.borrow_mut().push((id, answer));
        self.send(command(id));
    }

    /// Calls the answers of these requests. The page does so once their report is on show.
    pub fn answer(&self, ids: &[u32]) {
        for id in ids {
            let answer = take(&self.answers, *id);
            if let Some(answer) = answer {
                answer(Ok(()));
            }
        }
    }

    /// Starts a worker again after the page gave up.
    pub fn try_again(self: &Rc<Self>) {
        self.restarts.set(0);
        self.spawn();
    }

    fn take_id(&self) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        id
    }

    fn spawn(self: &Rc<Self>) {
        self.ready.set(false);
        self.last_message_at.set(now());
        let worker = match new_worker() {
            Ok(worker) => worker,
            Err(error) => return (self.tell)(Told::CannotStart(text_of(&error))),
        };
        let receiving = Rc::downgrade(self);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(client) = receiving.upgrade() {
                client.receive(&event.data());
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        let (failing, failed) = (Rc::downgrade(self), worker.clone());
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
            let (failing, failed) = (failing.clone(), failed.clone());
            let restart = move || {
                let Some(client) = failing.upgrade() else { return };
                let is_replaced = client.worker.borrow().as_ref() != Some(&failed);
                if !is_replaced {
                    client.restart_worker(message);
                }
            };
            // A panic's own message is more precise than the error event, and may arrive after it.
            set_timeout(restart, FAILURE_REASON_WAIT);
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
        *self.worker.borrow_mut() = Some(worker);
    }

    fn receive(self: &Rc<Self>, message: &JsValue) {
        self.last_message_at.set(now());
        match protocol::from_js(message, Event::unpack) {
            Ok(Event::Ready) => {
                self.ready.set(true);
                for command in self.queue.take() {
                    self.post(&command);
                }
            }
            Ok(Event::Fatal(reason)) => self.restart_worker(reason),
            Ok(Event::Bench { id, result }) => self.answer_bench(id, Ok(result)),
            Ok(Event::BenchRefused { id, problem }) => self.answer_bench(id, Err(problem)),
            Ok(event) => {
                if matches!(event, Event::Report(_)) {
                    self.restarts.set(0);
                }
                (self.tell)(Told::Event(event));
            }
            Err(error) => self.restart_worker(error.to_string()),
        }
    }

    fn answer_bench(&self, id: u32, result: Result<lab::analysis::bench::BenchResult, String>) {
        let answer = take(&self.bench_answers, id);
        if let Some(answer) = answer {
            answer(result);
        }
    }

    fn post(&self, command: &Command) {
        let worker = self.worker.borrow();
        let Some(worker) = worker.as_ref() else { return };
        let posted = match command.pack() {
            Ok(packed) => protocol::to_js(&packed),
            Err(error) => return web_sys::console::error_1(&error.to_string().into()),
        };
        if let Err(error) = worker.post_message_with_transfer(&posted.message, &posted.buffers) {
            // Only a message that cannot be transferred fails here, and every command can be.
            web_sys::console::error_1(&error);
        }
    }

    fn beat(self: &Rc<Self>) {
        if self.worker.borrow().is_none() {
            return;
        }
        if document().hidden() {
            // A hidden page's timers are delayed, so silence means nothing there.
            self.last_message_at.set(now());
            return;
        }
        let ready = self.ready.get();
        let patience = match ready {
            true => PATIENCE_MS + 1000.0 * self.lane_flops.get() / SLOWEST_FLOPS,
            false => PATIENCE_AT_START_MS,
        };
        if now() - self.last_message_at.get() > patience {
            self.restart_worker(String::new());
        } else if ready {
            self.post(&Command::Ping);
        }
    }

    /// Ends the worker, fails its open requests, and starts another one unless too many failed in a row.
    fn restart_worker(self: &Rc<Self>, reason: String) {
        let was_ready = self.ready.get();
        if let Some(worker) = self.worker.borrow_mut().take() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
        self.ready.set(false);
        self.queue.borrow_mut().clear();
        let lost = self.answers.take();
        let lost_benches = self.bench_answers.take();
        self.restarts.set(self.restarts.get() + 1);
        if self.restarts.get() > MOST_RESTARTS {
            (self.tell)(if was_ready { Told::KeepsFailing(reason) } else { Told::CannotStart(reason) });
        } else {
            self.spawn();
            (self.tell)(Told::Died(reason));
        }
        lost.into_iter().for_each(|(_, answer)| answer(Err(Lost)));
        lost_benches.into_iter().for_each(|(_, answer)| answer(Err("the worker was lost".to_owned())));
    }
}

/// Starts a worker that runs this program: its script by name, its compiled module as the first message.
fn new_worker() -> Result<Worker, JsValue> {
    let boot = document().query_selector("script[data-js]")?.ok_or("the page does not name its script")?;
    let script = js_sys::encode_uri_component(&boot.get_attribute("data-js").unwrap_or_default());
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&format!("worker.js?js={script}"), &options)?;
    worker.post_message(&wasm_bindgen::module())?;
    Ok(worker)
}

/// Returns the milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Returns the text of a JavaScript error.
pub fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
