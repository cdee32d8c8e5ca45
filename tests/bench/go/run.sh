#!/usr/bin/env bash
# Measures the Go package: cost of an echo beside C and gVisor, size of a program, memory. Takes some minutes on a
# quiet machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/plain" ./go/examples/ten_lines
go build -ldflags "-s -w" -o "$work/stripped" ./go/examples/ten_lines
cd tests/bench/go
go build -o "$work/bench" .

echo "netstack $(<../../../VERSION), $(go env GOVERSION), gVisor $(go list -m -f '{{.Version}}' gvisor.dev/gvisor)"
echo "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | sed -n 1p), $(nproc) cores," \
  "load $(cut -d ' ' -f 1 /proc/loadavg), $(date -u +%F)"
printf '\n'
"$work/bench"
printf '\nthe ten-line program: %d KiB, stripped %d KiB\n\n' \
  $(($(stat -c %s "$work/plain") / 1024)) $(($(stat -c %s "$work/stripped") / 1024))
"$work/bench" -memory 10000000
