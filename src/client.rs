//! The page's end of the worker: starts it, queues commands until it is ready, notices when it dies and starts another.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{document, set_interval, set_timeout, window};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::protocol;
use lab::worker::event::{Command, Event};

/// How often the worker is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_millis(1000);
/// How long the reason of a worker's death is waited for.
const LAST_WORDS: Duration = Duration::from_millis(50);
/// Milliseconds of silence, beyond what an update may take, after which the worker counts as dead.
const PATIENCE_MS: f64 = 6000.0;
/// Milliseconds after which a worker that never said it is ready counts as dead: blocked, or lost on the way.
const PATIENCE_AT_START_MS: f64 = 15_000.0;
/// Operations a second that the slowest machine is trusted with.
const SLOWEST_FLOPS: f64 = 2e8;
/// Restarts in a row, without a sign of life between them, after which the page gives up.
const MOST_RESTARTS: u32 = 3;

/// Called once, when the worker has answered a request or can no longer do so.
pub type Answer = Box<dyn FnOnce(Result<(), Lost>)>;
/// Called once with a measurement.
pub type BenchAnswer = Box<dyn FnOnce(Result<lab::analysis::bench::BenchResult, String>)>;

/// The worker died before it answered.
#[derive(Clone, Copy, Debug)]
pub struct Lost;

/// What the client tells the page.
pub enum Told {
    /// Something came from the worker.
    Event(Event),
    /// The worker died, for this reason if one is known; a new one is starting and knows nothing of the run.
    Died(String),
    /// No worker gets ready.
    CannotStart(String),
    /// Workers start, and fail again and again.
    KeepsFailing(String),
}

/// A worker and the requests it has not answered.
pub struct Client {
    worker: RefCell<Option<Worker>>,
    ready: Cell<bool>,
    queue: RefCell<Vec<Command>>,
    answers: RefCell<Vec<(u32, Answer)>>,
    bench_answers: RefCell<Vec<(u32, BenchAnswer)>>,
    next_id: Cell<u32>,
    heard: Cell<f64>,
    restarts: Cell<u32>,
    lane_flops: Cell<f64>,
    tell: Box<dyn Fn(Told)>,
}

/// The answer to a request, if it is still open.
fn take<T>(open: &RefCell<Vec<(u32, T)>>, id: u32) -> Option<T> {
    let mut open = open.borrow_mut();
    let at = open.iter().position(|(known, _)| *known == id)?;
    Some(open.swap_remove(at).1)
}

impl Client {
    /// Starts a worker. `tell` is called with everything it says.
    pub fn start(tell: impl Fn(Told) + 'static) -> Rc<Self> {
        let client = Rc::new(Self {
            worker: RefCell::new(None),
            ready: Cell::new(false),
            queue: RefCell::new(Vec::new()),
            answers: RefCell::default(),
            bench_answers: RefCell::default(),
            next_id: Cell::new(1),
            heard: Cell::new(now()),
            restarts: Cell::new(0),
            lane_flops: Cell::new(0.0),
            tell: Box::new(tell),
        });
        client.spawn();
        let beating = Rc::clone(&client);
        set_interval(move || beating.beat(), HEARTBEAT);
        client
    }

    /// Says how long one lane's update may take, for the heartbeat.
    pub fn expect_updates_of(&self, lane_flops: f64) {
        self.lane_flops.set(lane_flops);
    }

    /// Sends a command that asks for no answer.
    pub fn send(&self, command: Command) {
        if self.ready.get() {
            self.post(&command);
        } else {
            self.queue.borrow_mut().push(command);
        }
    }

    /// Sends a command and calls `answer` once the worker has done it and the page has been told.
    pub fn request(&self, command: impl FnOnce(u32) -> Command, answer: Answer) {
        let id = self.take_id();
        self.answers.borrow_mut().push((id, answer));
        self.send(command(id));
    }

    /// Asks for a measurement.
    pub fn bench(&self, command: impl FnOnce(u32) -> Command, answer: BenchAnswer) {
        let id = self.take_id();
        self.bench_answers.borrow_mut().push((id, answer));
        self.send(command(id));
    }

    /// Calls the answers of these requests; for the page, once their report is on show.
    pub fn answer(&self, ids: &[u32]) {
        for id in ids {
            let answer = take(&self.answers, *id);
            if let Some(answer) = answer {
                answer(Ok(()));
            }
        }
    }

    /// Starts over after the page gave up.
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
        self.heard.set(now());
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
            // A panic's own message, posted before it, says more than the error event, and may arrive after it.
            set_timeout(restart, LAST_WORDS);
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
        *self.worker.borrow_mut() = Some(worker);
    }

    fn receive(self: &Rc<Self>, message: &JsValue) {
        self.heard.set(now());
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
            // Only a message that cannot be handed over fails here, and all of ours can.
            web_sys::console::error_1(&error);
        }
    }

    fn beat(self: &Rc<Self>) {
        if self.worker.borrow().is_none() {
            return;
        }
        if document().hidden() {
            // Timers of a hidden page are held back; silence then means nothing.
            self.heard.set(now());
            return;
        }
        let ready = self.ready.get();
        let patience = match ready {
            true => PATIENCE_MS + 1000.0 * self.lane_flops.get() / SLOWEST_FLOPS,
            false => PATIENCE_AT_START_MS,
        };
        if now() - self.heard.get() > patience {
            self.restart_worker(String::new());
        } else if ready {
            self.post(&Command::Ping);
        }
    }

    /// Ends the worker, loses its open requests, and starts another unless too many died in a row.
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

/// A worker that starts this very program: its script by name, its compiled module as the first message.
fn new_worker() -> Result<Worker, JsValue> {
    let boot = document().query_selector("script[data-js]")?.ok_or("the page does not name its script")?;
    let script = js_sys::encode_uri_component(&boot.get_attribute("data-js").unwrap_or_default());
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&format!("worker.js?js={script}"), &options)?;
    worker.post_message(&wasm_bindgen::module())?;
    Ok(worker)
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// A JavaScript error in words.
pub fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
