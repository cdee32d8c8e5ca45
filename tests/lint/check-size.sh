#!/usr/bin/env bash
# Small files: headers up to 300 lines, sources and scripts 500, tests 800.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
while IFS= read -r file; do
  case $file in
    *_test.cc | */test_*.py) limit=800 ;;
    *.h | *.hpp) limit=300 ;;
    *) limit=500 ;;
  esac
  lines=$(wc -l <"$file")
  if ((lines > limit)); then
    echo "$file: $lines lines, at most $limit" >&2
    status=1
  fi
done < <(tests/lint/list-files.sh '*.h' '*.hpp' '*.c' '*.cc' '*.sh' '*.cmake' '*.py' '*.pyi')
exit "$status"
