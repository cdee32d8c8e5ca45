#!/usr/bin/env bash
# Compiles each public header alone and twice, in every dialect, with gcc and clang, warnings as
# errors; then after <arpa/nameser.h>, which owns many other names that start with ns_.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

warnings=(-Wall -Wextra -Wpedantic -pedantic -Wshadow -Wconversion -Werror)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiled=0
failures=0

# try COMPILER LANGUAGE STANDARD FILE WHAT
try() {
  compiled=$((compiled + 1))
  if ! "$1" -x "$2" -std="$3" "${warnings[@]}" -Icapi/include -fsyntax-only "$4"; then
    echo "headers: $5 fails as $3 with $1" >&2
    failures=$((failures + 1))
  fi
}

# Both compilers, all of C and of C++ that a header must stand.
try_c() {
  local standard
  for standard in c89 c99 c11 c17 c2x; do
    try gcc c "$standard" "$1" "$2"
    try clang-14 c "$standard" "$1" "$2"
  done
}
try_cxx() {
  local standard
  for standard in c++17 c++20; do
    try g++ c++ "$standard" "$1" "$2"
    try clang++-14 c++ "$standard" "$1" "$2"
  done
}

count=0
for path in capi/include/netstack/*.h capi/include/netstack/{,hpp/}*.hpp; do
  [[ -e $path ]] || continue
  count=$((count + 1))
  header=${path#capi/include/}
  name=$(basename "$header" | tr . _)

  # The first line is the header alone, the second proves that it guards itself. A translation unit
  # without a declaration is not strict C.
  printf '#include <%s>\n#include <%s>\nextern int %s_used;\n' "$header" "$header" "$name" \
    >"$work/$name.twice"
  printf '#include <arpa/nameser.h>\n#include <%s>\nextern int %s_used;\n' "$header" "$name" \
    >"$work/$name.nameser"
  if [[ $header == *.h ]]; then
    try_c "$work/$name.twice" "$header"
    try gcc c c99 "$work/$name.nameser" "$header after <arpa/nameser.h>"
    try clang-14 c c99 "$work/$name.nameser" "$header after <arpa/nameser.h>"
  fi
  try_cxx "$work/$name.twice" "$header"
  try g++ c++ c++17 "$work/$name.nameser" "$header after <arpa/nameser.h>"
  try clang++-14 c++ c++17 "$work/$name.nameser" "$header after <arpa/nameser.h>"
done

if ((count == 0)); then
  echo "headers: none found" >&2
  exit 1
fi
echo "headers: $count headers, $compiled compilations, $failures failures"
((failures == 0))
