#!/usr/bin/env bash
# Prints what the README has people type, one command a line.
#   readme-lines.sh WITH            of its install table, by the second column of the row: "pkg-config"
#   readme-lines.sh --rows          prints the second column of every row
#   readme-lines.sh --behind TEXT   the first fence of commands behind a line that begins with the text
set -euo pipefail

readme=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/README.md

if [[ $1 == --behind ]]; then
  lines=$(awk -v behind="$2" 'index($0, behind) == 1 { told = 1 }
    told && /^```/ { if (on || $0 != "```sh") exit; on = 1; next } on' "$readme")
  if [[ -z $lines ]]; then
    echo "README.md: there are no commands behind \"$2\"" >&2
    exit 1
  fi
  echo "$lines"
  exit 0
fi

# Each row: what it is done with, a tab, the third column.
rows=$(sed -n '/<!-- install-table -->/,/<!-- \/install-table -->/p' "$readme" |
  sed -nE '4,$s/^\|[^|]*\| *([^|]*[^| ]) *\| *(.*[^ ]) *\|$/\1\t\2/p')

if [[ $1 == --rows ]]; then
  cut -f 1 <<<"$rows"
  exit 0
fi
lines=$(awk -F '\t' -v row="$1" '$1 == row { print $2 }' <<<"$rows" | sed 's/<br>/\n/g' | sed -n 's/^\x60\(.*\)\x60$/\1/p')
if [[ -z $lines ]]; then
  echo "README.md: its install table has no row for $1" >&2
  exit 1
fi
echo "$lines"
