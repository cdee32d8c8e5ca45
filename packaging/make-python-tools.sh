#!/usr/bin/env bash
# Makes build/python-tools, a virtual environment with what python-requirements.txt pins, and prints its
# path. Does nothing where it is up to date.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

tools=$root/build/python-tools
requirements=$root/packaging/python-requirements.txt

python=$("$root/packaging/find-python.sh")
stamp=$("$python" --version; echo "$python"; cat "$requirements")
if [[ -x $tools/bin/python && $(cat "$tools/stamp" 2>/dev/null) == "$stamp" ]]; then
  echo "$tools"
  exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! {
  "$python" -m venv --clear "$tools" &&
    "$tools/bin/python" -m pip install --disable-pip-version-check -r "$requirements"
} >"$log" 2>&1; then
  tail -n 15 "$log" | cut -c 1-300 >&2
  echo "netstack: the Python tools of packaging/python-requirements.txt could not be installed" >&2
  exit 1
fi
echo "$stamp" >"$tools/stamp"
echo "$tools"
