#!/usr/bin/env bash
# serve.sh PORT: serves dist/ on loopback, on PORT or the next free one.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

if [ scripts/serve.rs -nt target/serve ]; then
  rustc --edition 2024 -O -o target/serve scripts/serve.rs
fi
exec target/serve dist "$1"
