#!/usr/bin/env bash
# The reference of the C headers is complete, and the programs that its pages show do what the pages say.
#   run.sh BUILD-FOLDER
# shellcheck disable=SC2317  # check() calls what is defined here.
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/checks.sh
. tests/checks.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
library=$(dirname "$(find "$build" -name libnetstack.so -print -quit)")

check_reference() {
  local header
  packaging/build-docs.sh "$work/docs" || return
  for header in capi/include/netstack/*.h; do
    grep -rqF "$(basename "$header")" "$work/docs/html/files.html" || {
      echo "the reference leaves $header out" >&2
      return 1
    }
  done
}

# One comment less in a copy of the tree must not go unnoticed.
notices_missing_comment() {
  local copy=$work/copy
  mkdir -p "$copy/capi"
  cp -r VERSION packaging "$copy"
  cp -r capi/docs capi/include "$copy/capi"
  sed -i '/^ \* @param error May be NULL\.$/d' "$copy/capi/include/netstack/base.h"
  if "$copy/packaging/build-docs.sh" >"$work/copy.log" 2>&1; then
    echo "a parameter without a comment was not noticed" >&2
    return 1
  fi
  grep -qF "ns_error_status" "$work/copy.log"
}

# blocks LANGUAGE PAGE: what stands in its fences.
blocks() { awk -v begin="\`\`\`$1" '$0 == begin { on = 1; next } /^```$/ { on = 0 } on' "$2"; }

# The output that a page promises stands in the fence behind "It prints".
promised() {
  awk '/^It prints$/ { told = 1 } told && /^```text$/ { on = 1; next } /^```$/ { on = 0 } on' "$1"
}

try_page() {
  local page=$1 name
  name=$work/$(basename "$page" .md)
  blocks c "$page" >"$name.c"
  gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -pthread -Icapi/include "$name.c" -L"$library" -lnetstack \
    -Wl,-rpath,"$library" -o "$name" || return
  "$name" >"$name.out" || return
  diff -u --label "$page" --label "its program" <(promised "$page") "$name.out"
}

check "reference" check_reference || true
check "reference, self-test" notices_missing_comment || true
for page in errors ownership request threads; do
  check "$page.md" try_page "capi/docs/$page.md" || true
done
finish
