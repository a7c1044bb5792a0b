#!/usr/bin/env bash
# The page's frames and training updates in a headless browser, beside TensorFlow.js, PyTorch and nalgebra's products alone.
# TORCH=1 fetches PyTorch where it is missing.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" bench
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
if [ -n "${TORCH:-}" ]; then scripts/fetch-torch.sh; fi

# In a folder of its own: the page's program is built with another standard library.
echo "== Building the engine and nalgebra's products as one module (usually 2 min from nothing)"
CARGO_TARGET_DIR=target/bench-wasm cargo build --quiet --locked --profile app --target wasm32-unknown-unknown -p gatescope-bench-wasm
wasm-bindgen --target web --no-typescript --out-dir target/bench-wasm/module \
  target/bench-wasm/wasm32-unknown-unknown/app/gatescope_bench_wasm.wasm

torch=$TOOLS/torch-$TORCH_VERSION/bin/python
if ! [ -x "$torch" ]; then torch=python3; fi
echo "== Browser benchmark (usually 11 min)"
# The program only drives the browser: built as the tests are, it needs nothing built anew.
GATESCOPE_DIST=dist GATESCOPE_TFJS=$TOOLS/tfjs-$TFJS_VERSION/node_modules/@tensorflow \
  GATESCOPE_BENCH_WASM=target/bench-wasm/module GATESCOPE_TORCH_PYTHON=${GATESCOPE_TORCH_PYTHON:-$torch} \
  cargo test --locked --bench browser
