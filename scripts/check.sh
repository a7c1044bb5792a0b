#!/usr/bin/env bash
# Format, lints and documentation, natively and for wasm32, warnings denied.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

step() { printf '== %s (usually %s on two cores from nothing)\n' "$1" "$2"; }
for_web=(--target wasm32-unknown-unknown -p gatescope -p gatescope-nn -p wasm-streams --features gatescope/ui)

step "Format" "1 s"
cargo fmt --all --check || { echo "check: run cargo fmt --all" >&2 && exit 1; }
rustfmt --edition 2024 --check scripts/serve.rs

step "Lints of the native programs, tests and benchmarks" "2 min"
cargo clippy --locked -p gatescope -p gatescope-nn -p gatescope-unpack -p gatescope-bench-wasm --features gatescope-unpack/pack --all-targets -- -D warnings

step "Lints of the page and its tests" "1 min"
cargo clippy --locked "${for_web[@]}" -p gatescope-app --lib --bin app --test web -- -D warnings
cargo clippy --locked --target wasm32-unknown-unknown -p gatescope-unpack --lib -- -D warnings

step "Documentation" "30 s"
RUSTDOCFLAGS=-Dwarnings cargo doc --locked "${for_web[@]}" --lib --no-deps

if command -v shellcheck >/dev/null; then
  step "Shell scripts" "1 s"
  shellcheck -x scripts/*.sh .ci/run
fi
echo "check: all is well"
