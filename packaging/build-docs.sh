#!/usr/bin/env bash
# Makes the reference of the C headers and the pages beside it, in build/docs/html or the folder that is named.
# A warning of Doxygen's is an error.
#   build-docs.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v doxygen >/dev/null; then
  echo "build-docs.sh: there is no doxygen" >&2
  exit 1
fi
NETSTACK_DOCS=${1:-build/docs}
NETSTACK_VERSION=$(<VERSION)
export NETSTACK_DOCS NETSTACK_VERSION
mkdir -p "$NETSTACK_DOCS"
doxygen capi/docs/Doxyfile
echo "$NETSTACK_DOCS/html/index.html"
