#!/usr/bin/env bash
# The programs that READMEs show are the examples that are tested, and every folder has a README.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
while read -r readme language example; do
  if ! diff -u --label "$readme" --label "$example" \
    <(awk -v begin="\`\`\`$language" '$0 == begin { on = 1; next } /^```$/ { if (on) exit } on' "$readme") \
    "$example"; then
    echo "$readme: its program differs from $example" >&2
    status=1
  fi
done <<'END'
README.md c capi/examples/answer_all.c
README.md python python/examples/ten_lines.py
README.md go go/examples/ten_lines/main.go
README.md rust rust/netstack/examples/ten_lines.rs
rust/netstack/README.md rust,no_run rust/netstack/examples/ten_lines.rs
END

shown=$(sed -n '/<!-- demo-output -->/,/<!-- \/demo-output -->/p' README.md | wc -l)
if ((shown < 10)); then
  echo "README.md: shows no output of the demo between its two demo-output marks" >&2
  status=1
fi

while IFS= read -r folder; do
  case $folder in
    # The folders that cargo names are explained by the README of their crate.
    rust/.cargo | rust/*/src | rust/*/tests | rust/*/examples | tests/vectors/rust/src) continue ;;
    . | .ci | packaging/debian/source | capi/include/netstack | go/examples/* | tests/fuzz/corpus/* | */testdata/*) continue ;;
  esac
  if [[ ! -f $folder/README.md ]]; then
    echo "$folder: no README.md" >&2
    status=1
  fi
done < <(tests/lint/list-files.sh '*/*' | xargs -d '\n' dirname | sort -u)

while IFS= read -r readme; do
  [[ $readme == README.md ]] && continue
  if (($(wc -l <"$readme") > 40)); then
    echo "$readme: longer than half a page (40 lines)" >&2
    status=1
  fi
done < <(tests/lint/list-files.sh 'README.md' '*/README.md')
exit "$status"
