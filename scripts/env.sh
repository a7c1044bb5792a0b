# shellcheck shell=bash
# Chooses the Rust toolchain and puts the pinned tools on PATH. To be sourced; prints nothing.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
# shellcheck source=scripts/versions.env
. scripts/versions.env
RUST_MIN=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
TOOLS=${GATESCOPE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/gatescope}

# Whether the compiler $1 is new enough and can build for wasm32. Compiling an empty file is the only
# test that also finds a standard library left behind by another version of rustc.
usable_rustc() {
  local version
  version=$("$1" --version 2>/dev/null | cut -d' ' -f2) && [ -n "$version" ] || return 1
  [ "$(printf '%s\n' "$RUST_MIN" "$version" | sort -V | head -n1)" = "$RUST_MIN" ] || return 1
  mkdir -p target/probe
  echo | "$1" --target wasm32-unknown-unknown --crate-type rlib --crate-name probe \
    --emit metadata --out-dir target/probe - 2>/dev/null
}

RUST_READY=yes
if ! usable_rustc rustc; then
  # Debian's own compiler, although rustup's stands first in PATH. Cargo looks for its subcommands in
  # ~/.cargo/bin before PATH unless PATH names that folder.
  if usable_rustc /usr/bin/rustc; then
    PATH=/usr/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  else
    # shellcheck disable=SC2034 # setup.sh reads it
    RUST_READY=
  fi
fi
PATH=$TOOLS/trunk-$TRUNK_VERSION/bin:$TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION/bin:$TOOLS/binaryen-$BINARYEN_VERSION/node_modules/.bin:$PATH
export PATH

# RUSTFLAGS would silently replace the flags of .cargo/config.toml, and with them SIMD.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
# Where this machine keeps the sources of crates stays out of the page, whose panics name them. Cargo adds this to the
# flags of .cargo/config.toml; it would cut a path at a space.
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src/
case $crates in
  *' '*) ;;
  *) export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=--remap-path-prefix=$crates= ;;
esac
# Trunk takes NO_COLOR=1, which everybody else understands, for an error.
if [ -n "${NO_COLOR:-}" ]; then export NO_COLOR=true; fi

# A browser and its driver: Debian's pair where both are there, else what PATH offers.
if [ -z "${CHROMEDRIVER:-}" ]; then
  if [ -x /usr/bin/chromium ] && [ -x /usr/bin/chromedriver ]; then
    CHROMEDRIVER=/usr/bin/chromedriver
  else
    CHROMEDRIVER=$(command -v chromedriver || true)
  fi
fi
export CHROMEDRIVER
