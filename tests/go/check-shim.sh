#!/usr/bin/env bash
# The C files of the package: no warning of either compiler, and nothing that clang-tidy finds. Neither CMake
# nor `go build`, whose own C code would not bear it, has asked for that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh

# For these files cgo writes down what the package exports to C.
export=$PWD/build/go/export
rm -rf "$export"
(
  cd go/netstack
  mapfile -t files < <(go list -f '{{range .CgoFiles}}{{.}}{{"\n"}}{{end}}' | sed '/^$/d')
  go tool cgo -objdir "$export" -importpath netstack.example/go/netstack -- -I../../capi/include "${files[@]}"
)

flags=(-Icapi/include -Igo/netstack -I"$export")
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror)
for compiler in gcc clang-14; do
  "$compiler" "${flags[@]}" "${warnings[@]}" -fsyntax-only go/netstack/*.c
done
clang-tidy-14 --quiet go/netstack/*.c -- "${flags[@]}" 2>&1 | sed '/warnings generated\.$/d'
