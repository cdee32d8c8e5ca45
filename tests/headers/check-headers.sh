#!/usr/bin/env bash
# Compiles each public header alone and twice, in every dialect, with gcc and clang, warnings as
# errors; then after <arpa/nameser.h>, which owns many other names that start with ns_.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=$work/jobs
: >"$jobs"

# try COMPILER LANGUAGE STANDARD FILE WHAT: a job for later, with others beside it.
try() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$jobs"; }

# shellcheck disable=SC2317  # xargs calls it
compile() {
  local compiler language standard file what
  IFS=$'\t' read -r compiler language standard file what <<<"$1"
  # All of it at once, so that what others say does not come between.
  if ! output=$("$compiler" -x "$language" -std="$standard" -Wall -Wextra -Wpedantic -pedantic -Wshadow \
    -Wconversion -Werror -Icapi/include -fsyntax-only "$file" 2>&1); then
    echo "$output"$'\n'"headers: $what fails as $standard with $compiler" >&2
    return 1
  fi
}
export -f compile

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
status=0
# shellcheck disable=SC2016  # the shell that xargs starts expands it
xargs -d '\n' -n 1 -P "${NETSTACK_JOBS:-$(nproc)}" bash -c 'compile "$1"' _ <"$jobs" || status=1
echo "headers: $count headers, $(wc -l <"$jobs") compilations"
exit "$status"
