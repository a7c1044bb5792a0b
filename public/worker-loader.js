// Loads the trainer. Its files have no hash in their names, so the page's `?v=<build>` goes on to both: a
// cached old file is never paired with a new one. What the page posts before the trainer's own "ready"
// message is lost; the page waits for it.
"use strict";
importScripts(`worker.js${location.search}`);
wasm_bindgen({ module_or_path: `worker_bg.wasm${location.search}` }).catch((error) => {
  // A rejected promise stays inside the worker; an exception reaches the page's `error` event.
  setTimeout(() => {
    throw error;
  });
});
