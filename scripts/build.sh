#!/usr/bin/env bash
# Builds the release page into dist/.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

echo "== Building the page (usually 5 min from nothing on two cores, 3 min after a change)"
# What panics would say, and the code that says it, is a tenth of the page, so they are plain traps: bugs, which boot.js and the
# page's client report as such. That takes a standard library made so, from its sources. Cargo does it only as something unstable.
lean() {
  if [ -f "$(rustc --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]; then
    RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size \
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS:-} -Zunstable-options -Cpanic=immediate-abort" \
      "$@"
  else
    echo "build: the sources of Rust's standard library are missing (rustup component add rust-src); the page will be a tenth heavier."
    "$@"
  fi
}

# Trunk copies all that an earlier wasm-bindgen left there.
rm -rf target/wasm-bindgen
lean trunk --log warn build || {
  echo "build: failed; the message above says why. If it speaks of a missing tool, run make setup." >&2
  exit 1
}
# What the program and its script call each other by gets short, and functions an order that compresses well.
program=$(find dist -name '*_bg.wasm')
name=${program%_bg.wasm}
order=target/packed.wasm
rm -f "$order"*
wasm-opt -g --minify-imports-and-exports-and-modules "$program" -o "$order" >target/packed.json
node scripts/pack.mjs "$order" target/packed.json "$name.js"
for candidate in "$order".?; do
  # Once more after the first time, of which Trunk says how (index.html): what one pass leaves, the next still finds.
  wasm-opt --reorder-functions-by-name --strip-debug --strip-producers --strip-target-features --merge-similar-functions --flatten --rereloop -Oz -Oz --converge \
    --low-memory-unused --always-inline-max-function-size=0 "$candidate" -o "$candidate"
done
# The page gets it packed, and what unpacks it (src/unpack).
cargo build --quiet --locked --release -p gatescope-unpack --features pack --bin pack
target/release/pack "$name.bin" "$order".? >/dev/null
rm "$program"
sed -i "s|$(basename "$program")|$(basename "$name").bin|g" dist/index.html
lean cargo rustc --quiet --locked --profile app --target wasm32-unknown-unknown -p gatescope-unpack --lib --crate-type cdylib
wasm-bindgen --target web --no-typescript --out-dir dist --out-name unpack target/wasm32-unknown-unknown/app/gatescope_unpack.wasm
# The page's loader calls it itself, and of what wasm-bindgen adds needs no more than this.
cat >target/unpack.json <<'END'
[{ "name": "boot", "root": true, "reaches": ["memory", "unpack", "room"] }, { "name": "memory", "export": "memory" },
 { "name": "unpack", "export": "unpack" }, { "name": "room", "export": "__wbindgen_malloc" }]
END
features=(--enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals
  --enable-reference-types --enable-multivalue)
wasm-metadce "${features[@]}" dist/unpack_bg.wasm --graph-file target/unpack.json -o target/unpack.wasm >/dev/null
wasm-opt "${features[@]}" --flatten --rereloop -Oz -Oz --converge --low-memory-unused --always-inline-max-function-size=0 \
  --strip-debug --strip-producers --strip-target-features target/unpack.wasm -o dist/unpack.wasm
rm dist/unpack_bg.wasm dist/unpack.js
# What is said to who reads the source.
sed -i -e '/<!--/,/-->/d' -e 's/^ *//' dist/index.html
# Half the weight of wasm-bindgen's script is names and comments. (Trunk's own minify cannot read that script.)
esbuild --log-level=warning --minify --format=esm --tree-shaking=true --allow-overwrite --outdir=dist dist/*.js
esbuild --log-level=warning --minify --allow-overwrite --outdir=dist dist/*.css
printf 'dist/: %d kB, gzipped %d kB\n' "$(cat dist/* | wc -c | awk '{print int($1/1000)}')" \
  "$(for file in dist/*; do gzip -9c "$file"; done | wc -c | awk '{print int($1/1000)}')"
