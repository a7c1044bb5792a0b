#!/usr/bin/env bash
# PyTorch for the browser benchmark, in a Python environment of its own beside the other tools. Does nothing when it is there.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

folder=$TOOLS/torch-$TORCH_VERSION
if [ -x "$folder/bin/python" ]; then exit; fi
echo "== Fetching PyTorch $TORCH_VERSION with pip (usually a few minutes; 1 GB on disk, or 6 GB where only the one for graphics cards is to be had)"
# Under another name until it is whole. An environment may be moved as long as only its python is called.
half=$folder.part
rm -rf "$half"
mkdir -p "$TOOLS"
if ! python3 -m venv "$half"; then
  echo "fetch-torch: python3 with its module venv is needed (on Debian: apt-get install python3-venv)" >&2
  exit 1
fi
# PyTorch's own index has it without what graphics cards need.
"$half/bin/python" -m pip install --quiet --index-url https://download.pytorch.org/whl/cpu "torch==$TORCH_VERSION" numpy ||
  "$half/bin/python" -m pip install --quiet "torch==$TORCH_VERSION" numpy || {
  echo "fetch-torch: pip could not fetch torch $TORCH_VERSION; check the network. Or set GATESCOPE_TORCH_PYTHON to a Python that has it." >&2
  exit 1
}
mv "$half" "$folder"
