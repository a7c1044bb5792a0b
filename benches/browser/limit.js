// The engine and nalgebra's products in one module (benches/wasm): what an update takes beside what its products alone take.
import init, { Limit, Update } from "/wasm/bench_wasm.js";

const wasm = await init();
const ROUND_MS = 200;

// Milliseconds that one call takes, over a round.
function time(work) {
  const start = performance.now();
  let calls = 0;
  let spent = 0;
  while (spent < ROUND_MS) {
    work();
    calls += 1;
    spent = performance.now() - start;
  }
  return spent / calls;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

// Milliseconds of each, the median of rounds in which they take turns, and the operations that their products have.
window.limit = ({ hidden, batch, len, rounds }) => {
  const update = new Update(hidden, batch, len);
  const limit = new Limit(hidden, batch, len);
  const works = {
    update: () => update.update(),
    gemm: () => limit.gemm(),
    stepsByGemm: () => limit.stepsByGemm(),
    stepsByPanels: () => limit.stepsByPanels(),
  };
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      const taken = time(work);
      // The browser's compiler has the first two rounds.
      if (round >= 0) times[name].push(taken);
    }
  }
  const answer = Object.fromEntries(Object.entries(times).map(([name, taken]) => [name, median(taken)]));
  const flops = { all: limit.flops(), steps: limit.flopsOfSteps() };
  update.free();
  limit.free();
  return { ...answer, flops };
};

// Bytes of the module's memory after a first update, and after many more. It never shrinks, so what was ever lost shows.
window.memory = ({ hidden, batch, len, updates }) => {
  const update = new Update(hidden, batch, len);
  update.update();
  const first = wasm.memory.buffer.byteLength;
  for (let done = 1; done < updates; done += 1) update.update();
  const last = wasm.memory.buffer.byteLength;
  update.free();
  return { first, last };
};
