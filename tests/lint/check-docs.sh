#!/usr/bin/env bash
# Every public function has a comment that says from which threads it may be called and since when it
# exists; parameters named in comments exist.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
count=0
for header in capi/include/netstack/*.h; do
  # Remember the last comment; a blank line or another declaration in between ends its reign.
  awk -v file="$header" '
    /^\/\*\*/ { comment = ""; inside = 1 }
    inside { comment = comment $0 "\n"; if (/\*\//) { inside = 0; next } }
    inside { next }
    /^NS_API/ {
      name = $0
      sub(/\(.*/, "", name)
      sub(/.*[ *]/, "", name)
      if (comment == "") complain("has no comment")
      else {
        if (comment !~ /\[(any thread|callback thread|pure)[^]]*\]/) complain("names no threads")
        if (comment !~ /@since [0-9]+\.[0-9]+/) complain("has no @since")
      }
      comment = ""
      next
    }
    /^(typedef|enum|struct|#|$)/ { comment = "" }
    function complain(what) { print file ":" NR ": " name " " what; bad = 1 }
    END { exit bad }
  ' "$header" >&2 || status=1
  count=$((count + $(grep -c '^NS_API' "$header" || true)))

  if ! clang-14 -x c -std=c99 -Icapi/include -fsyntax-only -Wdocumentation -Werror "$header"; then
    status=1
  fi
done
echo "docs: $count functions"
exit "$status"
