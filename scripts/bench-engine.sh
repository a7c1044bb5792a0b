#!/usr/bin/env bash
# The engine's benchmarks, natively.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

echo "== Engine benchmark (usually 3 min)"
cargo bench --locked -p benches --bench engine
