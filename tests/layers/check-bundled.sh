#!/usr/bin/env bash
# go/internal/bundled includes each source of the library once, and nothing else.
#   check-bundled.sh [ROOT]
set -euo pipefail

root=${1:-$(dirname "${BASH_SOURCE[0]}")/../..}
cd "$root"

sources() {
  find cxx/netstack capi/src -type f -name '*.cc' ! -name '*_test.cc' ! -path 'cxx/netstack/testing/*'
}

# What is included, as paths from the root; the folders that the includes are written from are those of
# bundled.go.
bundled() {
  sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]+["<]([^">]*)[">].*/\1/p' go/internal/bundled/*.cc |
    sed -E 's@^netstack/@cxx/netstack/@; s@^src/@capi/src/@'
}

count=$(sources | wc -l)
# Marked with - what is missing, with + what is there too often, or should not be.
if ! diff -U 0 <(sources | sort) <(bundled | sort) >&2; then
  echo "go/internal/bundled: differs from the sources of the library (- not included, + too much)" >&2
  exit 1
fi
echo "bundled: $count sources"
((count > 0))
