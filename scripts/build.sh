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
# The names of functions have given their order (index.html).
for wasm in dist/*.wasm; do
  wasm-opt --strip-debug --strip-producers "$wasm" -o "$wasm"
done
# Half the weight of wasm-bindgen's script is names and comments. (Trunk's own minify cannot read that script.)
esbuild --log-level=warning --minify --allow-overwrite --outdir=dist dist/*.js dist/*.css
printf 'dist/: %d kB, gzipped %d kB\n' "$(cat dist/* | wc -c | awk '{print int($1/1000)}')" \
  "$(for file in dist/*; do gzip -9c "$file"; done | wc -c | awk '{print int($1/1000)}')"
