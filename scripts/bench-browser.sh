#!/usr/bin/env bash
# One LSTM training update in the page's worker and in TensorFlow.js, in the same headless browser.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" bench
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

echo "== Browser benchmark (usually 1 min)"
GATESCOPE_DIST=dist GATESCOPE_TFJS=$TOOLS/tfjs-$TFJS_VERSION/node_modules/@tensorflow \
  cargo bench --locked --bench browser
