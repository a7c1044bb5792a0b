#!/usr/bin/env bash
# Builds the release page into dist/.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

echo "== Building the page (usually 2 min from nothing on two cores, half a minute after a change)"
# Trunk copies all that an earlier wasm-bindgen left there.
rm -rf target/wasm-bindgen
trunk --log warn build || {
  echo "build: failed; the message above says why. If it speaks of a missing tool, run make setup." >&2
  exit 1
}
# What the program and its script call each other by gets short, and functions an order that compresses well.
packed=target/packed.wasm
rm -f "$packed".?
for wasm in dist/*.wasm; do
  wasm-opt -g --minify-imports-and-exports-and-modules "$wasm" -o "$packed" >target/packed.json
  node scripts/pack.mjs "$packed" target/packed.json "${wasm%_bg.wasm}.js"
  lightest=
  for order in "$packed".?; do
    wasm-opt --reorder-functions-by-name --strip-debug --strip-producers --strip-target-features "$order" -o "$packed"
    weight=$(gzip -9c "$packed" | wc -c)
    if [ "$weight" -lt "${lightest:-$((weight + 1))}" ]; then
      lightest=$weight
      cp "$packed" "$wasm"
    fi
  done
done
# Half the weight of wasm-bindgen's script is names and comments. (Trunk's own minify cannot read that script.)
esbuild --log-level=warning --minify --format=esm --tree-shaking=true --allow-overwrite --outdir=dist dist/*.js
esbuild --log-level=warning --minify --allow-overwrite --outdir=dist dist/*.css
printf 'dist/: %d kB, gzipped %d kB\n' "$(cat dist/* | wc -c | awk '{print int($1/1000)}')" \
  "$(for file in dist/*; do gzip -9c "$file"; done | wc -c | awk '{print int($1/1000)}')"
