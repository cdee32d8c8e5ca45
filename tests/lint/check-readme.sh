#!/usr/bin/env bash
# The programs that the README shows are the examples that are tested, and every folder has a README.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
for pair in c:capi/examples/answer_all.c python:python/examples/ten_lines.py go:go/examples/ten_lines/main.go; do
  example=${pair#*:}
  if ! diff -u --label README.md --label "$example" \
    <(awk -v begin="\`\`\`${pair%%:*}" '$0 == begin { on = 1; next } /^```$/ { if (on) exit } on' README.md) \
    "$example"; then
    echo "README.md: its program differs from $example" >&2
    status=1
  fi
done

shown=$(sed -n '/<!-- demo-output -->/,/<!-- \/demo-output -->/p' README.md | wc -l)
if ((shown < 10)); then
  echo "README.md: shows no output of the demo between its two demo-output marks" >&2
  status=1
fi

while IFS= read -r folder; do
  case $folder in
    # The folders that cargo names are explained by the README of their crate.
    rust/*/src | rust/*/tests | rust/*/examples) continue ;;
    . | .ci | capi/include/netstack | go/examples/* | tests/fuzz/corpus/* | */testdata/*) continue ;;
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
