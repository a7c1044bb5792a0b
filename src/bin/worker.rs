//! The trainer's web worker.

use js_sys::global;
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use web_sys::DedicatedWorkerGlobalScope;

fn main() {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    scope
        .post_message(&JsValue::from_str("ready"))
        .expect_throw("a string can be posted");
}
