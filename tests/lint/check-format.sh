#!/usr/bin/env bash
# Every C and C++ file looks as clang-format 14 would write it; with --fix they are made so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mode=(--dry-run -Werror)
if [[ ${1:-} == --fix ]]; then mode=(-i); fi
mapfile -t files < <(tests/lint/list-files.sh '*.h' '*.hpp' '*.c' '*.cc')
clang-format-14 "${mode[@]}" "${files[@]}"
