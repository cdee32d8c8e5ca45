#!/usr/bin/env bash
# Prints what the README's install table says to write, one command a line.
#   readme-lines.sh WITH      the second column of the row: "pkg-config"
#   readme-lines.sh --rows    prints the second column of every row
set -euo pipefail

readme=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/README.md

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
