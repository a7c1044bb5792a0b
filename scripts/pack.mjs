// node scripts/pack.mjs PROGRAM.wasm NAMES.json SCRIPT.js: what makes the built program compress better.
//
// - Names between script and program, which wasm-bindgen makes long and wasm-opt has made short in the program
//   (NAMES.json is what it printed), become the same short ones in the script.
// - What of its script the page never reaches goes.
// - Functions get names, "0000" and so on, whose order is the order in which they compress best: gzip looks back 32 kB,
//   so functions that say the same things should stand near each other. wasm-opt then sorts by name, as it renumbers
//   calls, and takes the names away. PROGRAM.wasm.0, .1 and so on are the orders tried.
//
// scripts/build.sh calls it between the two, and keeps the lightest.
import { readFileSync, writeFileSync } from "node:fs";

const [program, names, script] = process.argv.slice(2);

// What gzip still sees, in bytes.
const FAR = 30000;
// How many bytes in a row count as something said.
const RUN = 6;
// Which order compresses best is known only afterwards, so each of these is tried. What gzip sees so near that pointing
// there is short; and how many functions have a run that stands everywhere and says nothing of likeness.
const TRIES = [
  { near: 500, common: 60 },
  { near: 500, common: 100 },
  { near: 1500, common: 60 },
  { near: 1500, common: 100 },
];
// How much of its length a function's likeness is divided by: 1 favours short ones, 0 long ones. Found by trying.
const LENGTH_POWER = 0.7;

shortenNames();
nameFunctions();

function shortenNames() {
  const { imports, exports } = JSON.parse(readFileSync(names, "utf8"));
  const imported = new Map(imports.map(([, long, short]) => [long, short]));
  const exported = new Map(exports);
  const text = readFileSync(script, "utf8");
  const known = (table, name) => {
    if (!table.has(name)) throw new Error(`${script} names ${name}, which ${program} does not`);
    return table.get(name);
  };
  const shorter = text
    .replace(/^( +)(__wb\w+)(: function\(|: __wb)/gm, (_, space, name, rest) => space + known(imported, name) + rest)
    .replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${known(exported, name)}`)
    .replace(/"\.\/\w+_bg\.js": import0/, "a: import0")
    .replace("export { initSync, ", "export { ");
  writeFileSync(script, lighterLoader(shorter));
}

// The page gives its program to the script as bytes or as a module, and in no other way that the script could be called.
function lighterLoader(script) {
  const replaced = (text, from, to, by) => {
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`wasm-bindgen's script has no ${from} … ${to}`);
    return text.slice(0, start) + by + text.slice(end);
  };
  const load = `async function __wbg_load(module, imports) {
    const instance = await WebAssembly.instantiate(module, imports);
    return instance instanceof WebAssembly.Instance ? { instance, module } : instance;
}
`;
  const init = `async function __wbg_init_once({ module_or_path }) {
    const { instance, module } = await __wbg_load(module_or_path, __wbg_get_imports());
    return __wbg_finalize_init(instance, module);
}
`;
  const loads = replaced(script, "async function __wbg_load(", "function initSync(", load);
  return replaced(loads, "async function __wbg_init_once(", "export {", init);
}

function nameFunctions() {
  const bytes = readFileSync(program);
  const kept = [bytes.subarray(0, 8)];
  const bodies = [];
  let imported = 0;
  for (let at = 8; at < bytes.length; ) {
    const start = at;
    const kind = bytes[at++];
    let size;
    [size, at] = number(bytes, at);
    const end = at + size;
    if (kind === 2) imported = importedFunctions(bytes, at);
    if (kind === 10) {
      let [count, body] = number(bytes, at);
      for (; count > 0; count--) {
        const [length, from] = number(bytes, body);
        bodies.push(bytes.subarray(from, from + length));
        body = from + length;
      }
    }
    const [nameLength, name] = kind === 0 ? number(bytes, at) : [0, 0];
    if (bytes.toString("latin1", name, name + nameLength) !== "name") kept.push(bytes.subarray(start, end));
    at = end;
  }
  TRIES.forEach((settings, tried) => {
    const entries = [];
    bestOrder(bodies, settings).forEach((body, place) => {
      entries[body] = Buffer.concat([leb(imported + body), text(String(place).padStart(5, "0"))]);
    });
    const functions = Buffer.concat([leb(entries.length), ...entries]);
    const section = Buffer.concat([text("name"), Buffer.of(1), leb(functions.length), functions]);
    writeFileSync(`${program}.${tried}`, Buffer.concat([...kept, Buffer.of(0), leb(section.length), section]));
  });
}

// The first, then always the one that shares most with what stands before it, for its length.
function bestOrder(bodies, { near, common }) {
  const owners = new Map();
  bodies.forEach((body, at) => {
    for (const run of new Set(runs(body))) {
      const list = owners.get(run);
      if (list) list.push(at);
      else owners.set(run, [at]);
    }
  });
  const telling = (run) => owners.get(run).length > 1 && owners.get(run).length < common;
  const said = bodies.map((body) => [...new Set(runs(body))].filter(telling));

  const shared = new Float64Array(bodies.length);
  const windows = [FAR, near].map((span) => ({ span, seen: new Map(), oldest: 0, size: 0 }));
  const see = (seen, at, change) => {
    for (const run of said[at]) {
      const times = (seen.get(run) ?? 0) + change;
      seen.set(run, times);
      if (times === (change > 0 ? 1 : 0)) for (const owner of owners.get(run)) shared[owner] += change;
    }
  };
  const likeness = (at) => (shared[at] + 0.001) / (bodies[at].length + 20) ** LENGTH_POWER;

  const order = [];
  const left = new Set(bodies.keys());
  while (left.size > 0) {
    let [best] = left;
    for (const at of left) if (likeness(at) > likeness(best)) best = at;
    left.delete(best);
    order.push(best);
    for (const window of windows) {
      see(window.seen, best, 1);
      window.size += bodies[best].length;
      for (; window.size > window.span && window.oldest < order.length - 1; window.oldest++) {
        see(window.seen, order[window.oldest], -1);
        window.size -= bodies[order[window.oldest]].length;
      }
    }
  }
  return order;
}

function* runs(body) {
  for (let at = 0; at + RUN <= body.length; at++) yield body.readUIntBE(at, RUN);
}

function importedFunctions(bytes, at) {
  let [count, next] = number(bytes, at);
  for (let left = count; left > 0; left--) {
    for (const _ of ["module", "name"]) {
      const [length, from] = number(bytes, next);
      next = from + length;
    }
    // wasm-bindgen's programs import functions alone.
    if (bytes[next] !== 0) throw new Error(`${program} imports what is no function`);
    [, next] = number(bytes, next + 1);
  }
  return count;
}

// LEB128, the encoding of numbers in WebAssembly.
function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function leb(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.of(...bytes, value);
}

function text(string) {
  return Buffer.concat([leb(string.length), Buffer.from(string)]);
}
