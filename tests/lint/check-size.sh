#!/usr/bin/env bash
# Small files: headers up to 300 lines, sources and scripts 500, tests 800. Functions in Go up to 60; those in
# C++ are clang-tidy's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
while IFS= read -r file; do
  case $file in
    rust/netstack-sys/src/bindings.rs) continue ;; # nobody writes it
    *_test.cc | */test_*.py | *_test.go | rust/*/tests/*.rs) limit=800 ;;
    *.h | *.hpp) limit=300 ;;
    *) limit=500 ;;
  esac
  lines=$(wc -l <"$file")
  if ((lines > limit)); then
    echo "$file: $lines lines, at most $limit" >&2
    status=1
  fi
done < <(tests/lint/list-files.sh '*.h' '*.hpp' '*.c' '*.cc' '*.sh' '*.cmake' '*.py' '*.pyi' '*.go' '*.rs')

# gofmt puts the brace that ends a function at the beginning of its line.
while IFS= read -r file; do
  [[ $file == *_test.go ]] && continue
  awk -v file="$file" '
    /^func / { name = $0; start = NR }
    /^}/ && start {
      if (NR - start + 1 > 60) {
        print file ":" start ": " NR - start + 1 " lines, at most 60: " name
        bad = 1
      }
      start = 0
    }
    /^func .*}$/ { start = 0 }
    END { exit bad }
  ' "$file" >&2 || status=1
done < <(tests/lint/list-files.sh '*.go')
exit "$status"
