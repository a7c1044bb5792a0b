#!/usr/bin/env bash
# Every test: the crates natively, components in a browser, the built page (dist/) end to end.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" test
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

step() { printf '== %s (usually %s on two cores from nothing)\n' "$1" "$2"; }

step "Native tests" "4 min"
cargo test --locked --workspace --exclude gatescope --exclude e2e --exclude benches --exclude bench-wasm

step "Component tests in a headless browser" "2 min"
cargo test --locked --target wasm32-unknown-unknown -p gatescope --test web

step "The built page in a headless browser" "8 min"
GATESCOPE_DIST=$PWD/dist GATESCOPE_AXE=$TOOLS/axe-core-$AXE_VERSION/node_modules/axe-core/axe.min.js \
  cargo test --locked -p e2e --test e2e
echo "test: all passed"
