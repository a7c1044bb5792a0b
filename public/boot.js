// Starts the page: checks what the browser can do, shows how far the download is, and says in plain words,
// in both languages, what is missing when it cannot go on. Plain JavaScript, because it must run where
// WebAssembly does not.
(async () => {
  "use strict";
  const { js, wasm } = document.currentScript.dataset;
  const byId = (id) => document.getElementById(id);

  // What this page is, in the language of the link or of the browser, before the program is there.
  const asked = new URLSearchParams(location.hash.slice(1)).get("lang");
  const language = ["it", "en"].find((one) => one === asked) ?? (navigator.language.startsWith("it") ? "it" : "en");
  document.documentElement.lang = language;
  for (const about of document.querySelectorAll(".boot-about")) about.hidden = about.lang !== language;

  const failures = {
    file: [
      "This page was opened as a file, and WebAssembly needs a web server: run “make serve” and open the address it prints.",
      "Questa pagina è stata aperta come file, ma WebAssembly vuole un server web: usa “make serve” e apri l’indirizzo che stampa.",
    ],
    wasm: [
      "This browser has no WebAssembly, or it is switched off (some high-security modes do that). Switch it on for this page, or use a current Chrome, Edge, Firefox or Safari.",
      "Questo browser non ha WebAssembly, o è disattivato (lo fanno alcune modalità di alta sicurezza). Attivalo per questa pagina o usa una versione attuale di Chrome, Edge, Firefox o Safari.",
    ],
    simd: [
      "This browser’s WebAssembly has no SIMD, which the training needs. Use Chrome or Edge 97, Firefox 114, Safari 16.4, or later.",
      "Il WebAssembly di questo browser non ha SIMD, che serve all’addestramento. Usa Chrome o Edge 97, Firefox 114, Safari 16.4 o successivi.",
    ],
    worker: [
      "This browser does not allow web workers, in which the training runs. Allow them, or use Chrome or Edge 97, Firefox 114, Safari 16.4, or later.",
      "Questo browser non consente i web worker, in cui avviene l’addestramento. Consentili o usa Chrome o Edge 97, Firefox 114, Safari 16.4 o successivi.",
    ],
    fetch: [
      "A part of the page could not be loaded. Check the connection and reload, without the cache (Ctrl+Shift+R) if the page was just updated.",
      "Una parte della pagina non è stata caricata. Controlla la connessione e ricarica, senza cache (Ctrl+Maiusc+R) se la pagina è stata appena aggiornata.",
    ],
    start: [
      "The page could not start. Reload it; if that does not help, please report the line below.",
      "La pagina non è partita. Ricaricala; se non basta, segnala la riga qui sotto.",
    ],
  };

  function fail(kind, error) {
    const box = byId("boot-failure");
    if (!box) return; // the page has started
    byId("boot-loading").hidden = true;
    const line = (tag, lang, text) => {
      const element = document.createElement(tag);
      if (lang) element.lang = lang;
      element.textContent = text;
      box.append(element);
    };
    box.replaceChildren();
    line("p", "en", failures[kind][0]);
    line("p", "it", failures[kind][1]);
    if (error) line("code", "", String(error));
  }

  // The smallest module with a SIMD instruction: () → i8x16.popcnt(i8x16.splat(0)).
  const simdModule = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ]);

  async function get(address) {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${response.status} ${response.url}`);
    return response;
  }

  // The program as it arrives, its bytes counted into the progress bar. Content-Length counts compressed bytes where the
  // server compresses, so the bar then only shows that something moves. The type is set here, so that the browser compiles
  // while it downloads whatever type the host sends.
  async function download(address) {
    const response = await get(address);
    const total = response.headers.has("Content-Encoding") ? 0 : Number(response.headers.get("Content-Length"));
    const progress = byId("boot-progress");
    if (total) progress.max = total;
    let received = 0;
    const count = new TransformStream({
      transform(chunk, controller) {
        received += chunk.byteLength;
        if (total) progress.value = Math.min(received, total);
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(count), { headers: { "Content-Type": "application/wasm" } });
  }

  if (location.protocol === "file:") return fail("file");
  if (typeof WebAssembly !== "object") return fail("wasm");
  if (!WebAssembly.validate(simdModule)) return fail("simd");
  if (typeof Worker !== "function") return fail("worker");

  byId("boot-loading").hidden = false;
  let init, module;
  try {
    // This script's own version is the program's.
    const address = (path) => new URL(path, document.baseURI).href;
    [{ default: init }, module] = await Promise.all([
      import(address(js)),
      download(address(wasm)).then((response) => WebAssembly.compileStreaming(response)),
    ]);
  } catch (error) {
    const damaged = error instanceof WebAssembly.CompileError;
    return fail("fetch", damaged ? `${wasm} is damaged: ${error.message}` : error);
  }
  try {
    await init({ module_or_path: module });
    byId("boot").remove();
  } catch (error) {
    fail("start", error);
  }
})();
