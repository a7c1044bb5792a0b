#!/usr/bin/env bash
# Builds the release page into dist/.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

echo "== Building the page (usually 6 min from nothing on two cores, 2 min after a change)"
trunk --log warn build --release || {
  echo "build: failed; the message above says why. If it speaks of a missing tool, run make setup." >&2
  exit 1
}
printf 'dist/: %d kB, gzipped %d kB\n' "$(cat dist/* | wc -c | awk '{print int($1/1000)}')" \
  "$(for file in dist/*; do gzip -9c "$file"; done | wc -c | awk '{print int($1/1000)}')"
