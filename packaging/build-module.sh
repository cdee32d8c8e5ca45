#!/usr/bin/env bash
# Packs the Go module into dist/go, a folder that serves as a module proxy, and prints the path of its zip.
# Nothing of it is compiled.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

go=$(packaging/find-go.sh)
version=v$(<VERSION)
module=$(sed -n 's/^module //p' go.mod)
work=$root/build/module
rm -rf "$work" dist/go
mkdir -p "$work/source" dist
copy_sources "$work/source"

# No other toolchain is fetched, and nothing is kept outside the checkout.
export GOTOOLCHAIN=local GOWORK=off GOPATH=$root/build/go/path GOCACHE=$root/build/go/cache
export GOMODCACHE=$GOPATH/pkg/mod GOFLAGS="-modcacherw -buildvcs=false"
if ! { (cd packaging/modzip && "$go" build -o "$work/modzip" .) &&
  "$work/modzip" "$work/source" "$version" dist/go; } >"$work/log" 2>&1; then
  tail -n 30 "$work/log" >&2
  fail "the Go module could not be packed"
fi
echo "dist/go/$module/@v/$version.zip"
