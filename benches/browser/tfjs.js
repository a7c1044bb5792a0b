// The benchmark's problem as one writes it in TensorFlow.js: an LSTM, a linear readout, squared error at the last
// step, full back-propagation through time, Adam. One thread (a page without special headers has no more), SIMD.
"use strict";

async function bench({ hidden, batch, len, updates }) {
  tf.wasm.setWasmPaths("/npm/tfjs-backend-wasm/dist/");
  await tf.setBackend("wasm");
  await tf.ready();

  const model = tf.sequential({
    layers: [
      // The default recurrent activation is a piecewise linear one.
      tf.layers.lstm({ units: hidden, inputShape: [len, 2], recurrentActivation: "sigmoid" }),
      tf.layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  const x = tf.randomNormal([batch, len, 2], 0, 1, "float32", 1);
  const y = tf.randomNormal([batch, 1], 0, 1, "float32", 2);

  // trainOnBatch frees its intermediate tensors itself; its result is the loss as a number.
  const warm = performance.now() + 1000;
  const losses = [await model.trainOnBatch(x, y)];
  while (performance.now() < warm) await model.trainOnBatch(x, y);
  const tensors = tf.memory().numTensors;
  const milliseconds = [];
  for (let update = 0; update < updates; update += 1) {
    const start = performance.now();
    losses.push(await model.trainOnBatch(x, y));
    milliseconds.push(performance.now() - start);
  }
  const leaked = tf.memory().numTensors - tensors;
  tf.dispose([x, y]);
  model.dispose();

  milliseconds.sort((a, b) => a - b);
  return {
    version: tf.version.tfjs,
    backend: tf.getBackend(),
    simd: await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"),
    milliseconds: milliseconds[updates >> 1],
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
    leakedTensors: leaked,
  };
}
