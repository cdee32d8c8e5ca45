#!/usr/bin/env bash
# Prints the path of a CPython, 3.10 or later, with its headers and the module venv. NETSTACK_PYTHON
# names one to use; otherwise the first that will do of those found.
set -euo pipefail

# Prints nothing where the interpreter will do, otherwise what it lacks.
lacks() {
  "$1" - 2>/dev/null <<'EOF' || echo "does not run"
import importlib.util
import os
import platform
import sys
import sysconfig

headers = sysconfig.get_path("include")
if platform.python_implementation() != "CPython":
    print("is no CPython")
elif sys.version_info < (3, 10):
    print("is older than 3.10")
elif not os.path.isfile(os.path.join(headers, "Python.h")):
    print("has no headers")
elif not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
    print("has no venv")
EOF
}

candidates=(python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3.10)
if [[ -n ${NETSTACK_PYTHON:-} ]]; then candidates=("$NETSTACK_PYTHON"); fi

for candidate in "${candidates[@]}"; do
  path=$(command -v "$candidate") || {
    echo "$candidate: not there" >&2
    continue
  }
  reason=$(lacks "$path")
  if [[ -z $reason ]]; then
    "$path" -c 'import sys; print(sys.executable)'
    exit 0
  fi
  echo "$path: $reason" >&2
done
echo "netstack: no CPython 3.10 or later with headers and venv; install one, or name it in NETSTACK_PYTHON" >&2
exit 1
