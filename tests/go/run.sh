#!/usr/bin/env bash
# Everything about the Go module: vet, its tests under each way of looking for faults, each nested module, and a
# module outside the tree. Checks count as one beside Go's tests; the last line is "N passed, M failed".
#   run.sh BUILD-FOLDER      a release, which the tag netstack_system is tried with
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh
# shellcheck source=tests/checks.sh
. tests/checks.sh

root=$PWD
work=$root/build/go
prefix=$work/prefix
rm -rf "$prefix"
mkdir -p "$work"
cmake --install "$build" --prefix "$prefix" >/dev/null
library=$(dirname "$(find "$prefix" -name libnetstack.so)")
export PKG_CONFIG_PATH=$library/pkgconfig

go build -o "$work/counttests" ./tests/go/counttests

# run_tests NAME FLAG...: adds Go's tests to the count.
run_tests() {
  local name=$1 good=0 bad=0 status=0
  shift
  echo "== $name"
  rm -f "$work/count"
  # What vet says is asked apart from this.
  go test -json -count=1 -vet=off -timeout=5m "$@" | "$work/counttests" "$work/count" || status=$?
  if [[ -f $work/count ]]; then read -r good bad <"$work/count"; fi
  add_tests "$name" "$status" "$good" "$bad"
}

packages=(./go/... ./tests/...)
check "go mod tidy" go mod tidy -diff || true
check "go vet" go vet "${packages[@]}" || true
check "go vet -tags netstack_gc" go vet -tags netstack_gc ./go/... || true
check "go vet -tags netstack_system" go vet -tags netstack_system ./go/... || true
check "check-shim.sh" tests/go/check-shim.sh || true
run_tests "go test" "${packages[@]}"
run_tests "go test with the garbage collector as busy as it can be" -tags netstack_gc -exec "env GOGC=1" ./go/...
# These two look at Go's side alone, so they need not compile the library anew: it is the installed one.
LD_LIBRARY_PATH=$library run_tests "go test -race" -race -tags netstack_system ./go/...
LD_LIBRARY_PATH=$library GOEXPERIMENT=cgocheck2 run_tests "go test with every pointer that C gets checked" \
  -tags netstack_system ./go/...

while IFS= read -r module; do
  folder=${module%/go.mod}
  cd "$root/$folder"
  check "go vet, $folder" go vet ./... || true
  check "go build, $folder" go build -o "$work/bin/" ./... || true
  if [[ -n $("$root/tests/lint/list-files.sh" "$folder/*_test.go") ]]; then run_tests "go test, $folder" ./...; fi
done < <(tests/lint/list-files.sh '*/go.mod')
cd "$root"

check "run-examples.sh" tests/go/run-examples.sh || true
check "the bench's contestants answer right" env -C tests/bench/go go run . --verify || true
check "check-consumer.sh" tests/go/check-consumer.sh "$prefix" || true
finish
