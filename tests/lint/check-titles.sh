#!/usr/bin/env bash
# Every document begins with its title: one that does not was written over by a tool for code.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
while IFS= read -r file; do
  title=$(head -n 1 "$file")
  if [[ $title != "# "* ]]; then
    echo "$file:1: no title, but \"$title\"" >&2
    status=1
  fi
done < <(tests/lint/list-files.sh '*.md')
exit "$status"
