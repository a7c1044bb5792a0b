#!/usr/bin/env bash
# Installs what is missing: `setup.sh` for building, `setup.sh test` also for tests, `setup.sh bench` also
# for the browser benchmark. Does nothing, quickly, when nothing is missing.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

step() { printf '== %s (usually %s)\n' "$1" "$2"; }
die() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
can_apt() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; }

# apt_install WHAT TIME PACKAGE...
apt_updated=
apt_install() {
  local what=$1 time=$2
  shift 2
  step "Installing $what: $*" "$time"
  if [ -z "$apt_updated" ]; then
    as_root apt-get -q update || die "apt-get update failed; check the network and /etc/apt, then run this again."
    apt_updated=yes
  fi
  # --no-remove: rather fail than throw out somebody's own compiler.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends --no-remove "$@" ||
    die "apt-get could not install $*; its message above says why. If another package is in the way, remove it, or install $what in another way."
}

# npm_tool NAME VERSION FILE PACKAGE...: npm packages in a folder of their own, with FILE as the proof.
npm_tool() {
  local dir=$TOOLS/$1-$2 proof=$3
  shift 3
  [ -e "$dir/node_modules/$proof" ] && return
  if ! command -v npm >/dev/null; then
    can_apt || die "npm is missing; install Node.js 18 or later with npm (https://nodejs.org)."
    apt_install "Node.js, which runs wasm-opt" "1 min" nodejs npm
  fi
  step "Fetching $* from npm" "10 s"
  mkdir -p "$dir"
  npm install --silent --no-audit --no-fund --prefix "$dir" "$@" ||
    die "npm could not fetch $*; check the network (npm ping), then run this again."
}

# cargo_tool CRATE VERSION FOLDER PROGRAM TIME [FLAG...]
cargo_tool() {
  local crate=$1 version=$2 root=$TOOLS/$3-$2 program=$4 time=$5
  shift 5
  [ -x "$root/bin/$program" ] && return
  step "Building $crate $version" "$time on two cores"
  # A target folder of its own, so that an interrupted build goes on where it stopped; no link-time
  # optimisation, which would double the time for nothing.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install "$crate" --version "$version" --root "$root" --target-dir "$TOOLS/build" "$@" ||
    die "cargo could not build $crate; its message above says why. Run this again after mending it."
  rm -rf "$TOOLS/build"
}

# Debian's rustc has no wasm32 standard library; it is built once from Debian's own sources.
build_wasm_std() {
  local dir lib
  step "Building Rust's standard library for wasm32" "1 min"
  dir=$(mktemp -d)
  mkdir "$dir/src"
  touch "$dir/src/lib.rs"
  printf '[package]\nname = "empty"\nedition = "2021"\n' >"$dir/Cargo.toml"
  # Bitcode for link-time optimisation; the `test` crate for the browser tests.
  (cd "$dir" && RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$dir/target" /usr/bin/cargo build \
    --release -Zbuild-std=std,panic_abort,test --target wasm32-unknown-unknown) ||
    die "the standard library could not be built; the compiler's message is above." "With a network, rustup (https://rustup.rs) is the other way."
  lib=$(/usr/bin/rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib
  rm "$dir"/target/wasm32-unknown-unknown/release/deps/libempty*
  as_root rm -rf "$lib"
  as_root mkdir -p "$lib"
  as_root cp "$dir"/target/wasm32-unknown-unknown/release/deps/*.rlib "$lib"
  rm -rf "$dir"
}

debian_rust() {
  can_apt && [ -n "$(apt-cache search --names-only '^rustc-web$')" ] || return 1
  apt_install "Debian's Rust" "2 min" rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web gcc libc6-dev ca-certificates
  local llvm
  llvm=$(dpkg-query -W -f '${Depends}' rust-web-llvm | sed -n 's/.*llvm-\([0-9]*\).*/\1/p')
  apt_install "the linker for wasm" "10 s" "lld-$llvm"
  usable_rustc /usr/bin/rustc || build_wasm_std
}

rust_help="Rust $RUST_MIN or later with the wasm32-unknown-unknown target is needed. Install rustup from https://rustup.rs, then: rustup update stable && rustup target add wasm32-unknown-unknown"
if [ -z "$RUST_READY" ]; then
  if command -v rustup >/dev/null; then
    step "Adding the wasm32 target with rustup" "20 s"
    rustup target add wasm32-unknown-unknown || echo "rustup cannot; trying Debian's Rust."
  fi
  usable_rustc rustc || debian_rust || die "$rust_help"
  # shellcheck source=scripts/env.sh
  . scripts/env.sh
  [ -n "$RUST_READY" ] || die "$rust_help" "Found: $(command -v rustc && rustc --version)"
fi

# For make check; rustup's smallest profile has neither.
missing=
cargo clippy --version >/dev/null 2>&1 || missing+=" clippy"
cargo fmt --version >/dev/null 2>&1 || missing+=" rustfmt"
if [ -n "$missing" ] && command -v rustup >/dev/null; then
  step "Adding$missing with rustup" "20 s"
  # shellcheck disable=SC2086 # words apart
  rustup component add $missing || echo "rustup cannot; going on without$missing."
fi

# What was built against another copy of the standard library does not link, with a puzzling message.
std=$(ls -ln "$(rustc --print target-libdir --target wasm32-unknown-unknown)"/libstd-*.rlib)
if [ "$(cat target/wasm-std 2>/dev/null)" != "$std" ]; then
  rm -rf target/wasm32-unknown-unknown
  echo "$std" >target/wasm-std
fi

if ! command -v cc >/dev/null; then
  can_apt || die "A C compiler is missing (cc): install gcc or clang."
  apt_install "a C compiler" "30 s" gcc libc6-dev
fi

grep -q "^wasm-bindgen = \"=$WASM_BINDGEN_VERSION\"" Cargo.toml ||
  die "scripts/versions.env and Cargo.toml name different versions of wasm-bindgen; make them equal."
# Its lock file names a withdrawn crate, so not --locked.
cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen wasm-bindgen "2 min"
cargo_tool trunk "$TRUNK_VERSION" trunk trunk "6 min" --locked
npm_tool binaryen "$BINARYEN_VERSION" .bin/wasm-opt "binaryen@$BINARYEN_VERSION"

has_browser() {
  [ -n "$CHROMEDRIVER" ] && { command -v chromium || command -v google-chrome || command -v chromium-browser || command -v chrome; } >/dev/null
}
if [ -n "${1:-}" ]; then
  if ! has_browser; then
    { can_apt && grep -qx 'ID=debian' /etc/os-release; } ||
      die "The tests need Chrome or Chromium and the chromedriver of the same version, both in PATH (https://googlechromelabs.github.io/chrome-for-testing)."
    apt_install "Chromium for the tests" "1 min" chromium chromium-driver
  fi
  npm_tool axe-core "$AXE_VERSION" axe-core/axe.min.js "axe-core@$AXE_VERSION"
fi
if [ "${1:-}" = bench ]; then
  npm_tool tfjs "$TFJS_VERSION" @tensorflow/tfjs-backend-wasm/package.json \
    "@tensorflow/tfjs@$TFJS_VERSION" "@tensorflow/tfjs-backend-wasm@$TFJS_VERSION"
fi
