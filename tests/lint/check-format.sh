#!/usr/bin/env bash
# Every C and C++ file looks as clang-format 14 would write it, every Go file as gofmt; with --fix they are
# made so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mode=(--dry-run -Werror)
if [[ ${1:-} == --fix ]]; then mode=(-i); fi
mapfile -t files < <(tests/lint/list-files.sh '*.h' '*.hpp' '*.c' '*.cc')
status=0
clang-format-14 "${mode[@]}" "${files[@]}" || status=1

go=$(packaging/find-go.sh)
mode=(-d)
if [[ ${1:-} == --fix ]]; then mode=(-w); fi
mapfile -t files < <(tests/lint/list-files.sh '*.go')
difference=$("${go%/*}/gofmt" "${mode[@]}" "${files[@]}") || status=1
if [[ -n $difference ]]; then
  echo "$difference" >&2
  status=1
fi
exit "$status"
