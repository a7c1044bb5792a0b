#!/usr/bin/env bash
# Format, lints and documentation, natively and for wasm32, warnings denied.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

step() { printf '== %s (usually %s on two cores from nothing)\n' "$1" "$2"; }
native=(--workspace --exclude gatescope)

step "Format" "1 s"
cargo fmt --all --check || { echo "check: run cargo fmt --all" >&2 && exit 1; }
rustfmt --edition 2024 --check scripts/serve.rs

step "Lints of the crates, their tests and benchmarks" "2 min"
cargo clippy --locked "${native[@]}" --all-targets -- -D warnings

step "Lints of the page and its tests" "1 min"
cargo clippy --locked --target wasm32-unknown-unknown -p gatescope --lib --bins --tests -- -D warnings

step "Documentation" "30 s"
RUSTDOCFLAGS=-Dwarnings cargo doc --locked --target wasm32-unknown-unknown --lib --no-deps \
  -p gatescope -p charts -p explain -p lab -p tasks -p nn -p numbers

if command -v shellcheck >/dev/null; then
  step "Shell scripts" "1 s"
  shellcheck -x scripts/*.sh .ci/run
fi
echo "check: all is well"
