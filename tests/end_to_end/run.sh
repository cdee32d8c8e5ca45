#!/usr/bin/env bash
# Installs a release build where everyone may read it and runs every test of this folder and of
# tests/program.
#   run.sh BUILD-FOLDER
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
cp "$build"/bin/answer_all{,_cxx} "$work/prefix/bin/"
chmod -R a+rX "$work"
netstack=$work/prefix/bin/netstack

status=0
run() {
  echo "== $1"
  if "$here/$1" "${@:2}"; then
    echo "== ok: $1"
  else
    echo "== FAILED: $1"
    status=1
  fi
}
run test-arguments.sh "$netstack"
run ../program/test-program.sh "$netstack"
run test-demo.sh "$netstack"
run test-serve.sh "$netstack"
run test-readme.sh "$netstack"
run test-example.sh "$work/prefix" answer_all
run test-example.sh "$work/prefix" answer_all_cxx
exit "$status"
