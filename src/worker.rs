//! The trainer's worker: passes commands to the driver, runs it in slices, and posts its events.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, Performance};

use crate::panics;
use crate::protocol;
use lab::Experiment;
use lab::worker::command::Command;
use lab::worker::driver::{Driver, Wake};
use lab::worker::event::Event;

/// Makes this worker the trainer; its first message is "ready".
pub fn run(scope: &DedicatedWorkerGlobalScope) {
    if let Err(problem) = start(scope.clone()) {
        panics::post_fatal(scope, format!("{problem:?}"));
    }
}

/// The driver, with the channel and timer that call it again.
struct Host {
    scope: DedicatedWorkerGlobalScope,
    clock: Performance,
    driver: RefCell<Driver>,
    channel: MessageChannel,
    /// Whether a slice is already requested through the channel.
    asked: Cell<bool>,
    timer: Cell<Option<i32>>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
}

fn start(scope: DedicatedWorkerGlobalScope) -> Result<(), JsValue> {
    let clock = scope.performance().ok_or("this worker has no clock")?;
    let host = Rc::new(Host {
        clock,
        driver: RefCell::new(Driver::new(&Experiment::default())),
        channel: MessageChannel::new()?,
        asked: Cell::new(false),
        timer: Cell::new(None),
        on_timer: RefCell::new(None),
        scope,
    });

    let inbox = Rc::clone(&host);
    let on_command =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| inbox.handle_message(&event.data()));
    host.scope.set_onmessage(Some(on_command.as_ref().unchecked_ref()));
    on_command.forget();

    let turn = Rc::clone(&host);
    let on_turn = Closure::<dyn FnMut()>::new(move || turn.work());
    host.channel.port1().set_onmessage(Some(on_turn.as_ref().unchecked_ref()));
    on_turn.forget();

    let late = Rc::clone(&host);
    *host.on_timer.borrow_mut() = Some(Closure::new(move || {
        late.timer.set(None);
        late.work();
    }));

    host.post(&Event::Ready);
    Ok(())
}

impl Host {
    fn handle_message(&self, data: &JsValue) {
        match protocol::from_js(data, Command::unpack) {
            Ok(command) => self.driver.borrow_mut().handle(command, self.clock.now()),
            Err(error) => panic!("{error}"),
        }
        if let Some(timer) = self.timer.take() {
            self.scope.clear_timeout_with_handle(timer);
        }
        self.ask_for_turn();
    }

    fn work(&self) {
        self.asked.set(false);
        let (events, wake) = self.driver.borrow_mut().slice(&|| self.clock.now());
        for event in &events {
            self.post(event);
        }
        match wake {
            Wake::Now => self.ask_for_turn(),
            Wake::In(milliseconds) => self.set_timer(milliseconds),
            Wake::OnCommand => {}
        }
    }

    fn post(&self, event: &Event) {
        let posted = match event.pack() {
            Ok(packed) => protocol::to_js(&packed),
            Err(error) => panic!("an event that cannot be written: {error}"),
        };
        if let Err(error) = self.scope.post_message_with_transfer(&posted.message, &posted.buffers) {
            panic!("an event that cannot be posted: {error:?}");
        }
    }

    /// Posts a message to itself, which arrives after the commands already in the inbox and without a timer's delay.
    fn ask_for_turn(&self) {
        if !self.asked.replace(true)
            && let Err(error) = self.channel.port2().post_message(&JsValue::NULL)
        {
            panic!("{error:?}");
        }
    }

    fn set_timer(&self, milliseconds: f64) {
        if self.timer.get().is_some() || self.asked.get() {
            return;
        }
        let on_timer = self.on_timer.borrow();
        let Some(callback) = on_timer.as_ref() else { return };
        let delay = milliseconds.ceil() as i32;
        match self.scope.set_timeout_with_callback_and_timeout_and_arguments_0(callback.as_ref().unchecked_ref(), delay)
        {
            Ok(timer) => self.timer.set(Some(timer)),
            Err(_) => self.ask_for_turn(),
        }
    }
}
