#!/usr/bin/env bash
# Prints the files of the source tree, one a line, that match any of the patterns (all by default).
#   list-files.sh '*.h' '*.cc'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

files() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard
  else
    [[ ! -e .git ]] || {
      echo "list-files.sh: git does not read this checkout" >&2
      exit 1
    }
    find . \( -path ./build -o -path ./dist -o -name __pycache__ \) -prune -o -type f -printf '%P\n'
  fi
}

files | sort -u | while IFS= read -r file; do
  [[ -f $file ]] || continue
  for pattern in "${@:-*}"; do
    # shellcheck disable=SC2053  # the pattern is meant as one
    if [[ $file == $pattern ]]; then
      echo "$file"
      break
    fi
  done
done
