#!/usr/bin/env bash
# One LSTM training update in the page's worker and in TensorFlow.js, in the same headless browser.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" bench
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

echo "== Browser benchmark (usually 2 min)"
# The program only drives the browser: built as the tests are, it needs nothing built anew.
GATESCOPE_DIST=dist GATESCOPE_TFJS=$TOOLS/tfjs-$TFJS_VERSION/node_modules/@tensorflow \
  cargo test --locked --bench browser
