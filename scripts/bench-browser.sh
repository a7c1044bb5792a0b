#!/usr/bin/env bash
# The page's frames and training updates in a headless browser, beside TensorFlow.js, PyTorch and nalgebra's products alone.
# TORCH=1 fetches PyTorch where it is missing.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" bench
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
if [ -n "${TORCH:-}" ]; then scripts/fetch-torch.sh; fi

echo "== Building the engine and nalgebra's products as one module (usually 2 min from nothing)"
cargo build --quiet --locked --release --target wasm32-unknown-unknown -p bench-wasm
wasm-bindgen --target web --no-typescript --out-dir target/bench-wasm \
  target/wasm32-unknown-unknown/release/bench_wasm.wasm

# As a host that compresses serves it.
rm -rf target/bench-dist
cp -r "${GATESCOPE_DIST:-dist}" target/bench-dist
gzip -9 --keep target/bench-dist/*

torch=$TOOLS/torch-$TORCH_VERSION/bin/python
if ! [ -x "$torch" ]; then torch=python3; fi
echo "== Browser benchmark (usually 11 min; its first part alone, the first load: scripts/bench-browser.sh loading)"
# The program only drives the browser: built as the tests are, it needs nothing built anew.
GATESCOPE_DIST=$PWD/target/bench-dist GATESCOPE_TFJS=$TOOLS/tfjs-$TFJS_VERSION/node_modules/@tensorflow \
  GATESCOPE_BENCH_WASM=$PWD/target/bench-wasm GATESCOPE_TORCH_PYTHON=${GATESCOPE_TORCH_PYTHON:-$torch} \
  cargo test --locked -p e2e --bench browser -- "$@"
