#!/usr/bin/env bash
# Every test: the engine natively, components in a browser, the built page (dist/) end to end.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" test
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

step() { printf '== %s (usually %s on two cores from nothing)\n' "$1" "$2"; }

step "Native tests" "4 min"
cargo test --locked --lib --test native
cargo test --locked --doc

step "Component tests in a headless browser" "2 min"
cargo test --locked --target wasm32-unknown-unknown --features ui --test web

step "The built page in a headless browser" "8 min"
GATESCOPE_DIST=dist GATESCOPE_AXE=$TOOLS/axe-core-$AXE_VERSION/node_modules/axe-core/axe.min.js \
  cargo test --locked --test e2e
echo "test: all passed"
