#!/usr/bin/env bash
# Whoever adds a snippet to a document says below what tries it: DOCUMENT LANGUAGE, how many, SCRIPT; a line for each
# script. The shell's are read by a shell as well, and the scripts that they name exist.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

known=$(sed '/^$/d' <<'END'
CONTRIBUTING.md sh 1 test.sh
CONTRIBUTING.md sh 1 tests/packages/run.sh
README.md c 1 tests/end_to_end/test-example.sh
README.md go 1 tests/go/run-examples.sh
README.md python 1 python/tests/test_examples.py
README.md rust 1 tests/rust/run-examples.sh
README.md sh 2 tests/end_to_end/test-readme.sh
README.md sh 2 tests/install/check-checkout.sh
README.md sh 1 tests/python/check-wheel.sh
README.md sh 1 tests/go/check-consumer.sh
capi/docs/errors.md c 1 tests/docs/run.sh
capi/docs/ownership.md c 1 tests/docs/run.sh
capi/docs/request.md c 2 tests/docs/run.sh
capi/docs/threads.md c 1 tests/docs/run.sh
python/README.md sh 1 tests/python/run.sh
rust/examples/handler_for_c/README.md sh 1 tests/rust/check-handler.sh
rust/examples/in_front_of_smoltcp/README.md sh 1 tests/rust/run-examples.sh
rust/netstack-sys/README.md rust,no_run 1 tests/rust/run.sh
rust/netstack/README.md rust,no_run 1 tests/rust/run.sh
END
)

status=0
found=$(while IFS= read -r document; do
  sed -nE 's/^ *```([a-z].*)/\1/p' "$document" | sed '/^text$/d' | sort | uniq -c |
    while read -r count language; do echo "$document $language $count"; done
done < <(tests/lint/list-files.sh '*.md') | sort)
if ! diff -u --label "the table in $0" --label "the documents" <(
  awk '{ count[$1 " " $2] += $3 } END { for (each in count) print each, count[each] }' <<<"$known" | sort
) - <<<"$found"; then
  echo "check-snippets: say what tries them" >&2
  status=1
fi
while read -r document language _ script; do
  if [[ ! -f $script ]]; then
    echo "$document: no script $script tries its $language" >&2
    status=1
  fi
  [[ $language == sh ]] || continue
  text=$(awk '/^ *```sh$/ { on = 1; next } /^ *```$/ { on = 0 } on' "$document")
  bash -n <<<"$text" || status=1
  while read -r named; do
    if [[ ! -e $named ]]; then
      echo "$document: there is no $named" >&2
      status=1
    fi
  done < <({ grep -oE '(packaging|tests)/[a-z_/-]+\.sh|\./[a-z]+\.sh' || true; } <<<"$text")
done <<<"$known"
exit "$status"
