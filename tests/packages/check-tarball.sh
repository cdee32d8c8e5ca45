#!/usr/bin/env bash
# Unpacks the library's tarball and builds against it what the README's install table says, with a C compiler alone.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(<"$root/VERSION")
tarball=$root/dist/libnetstack-$version-linux-$(uname -m).tar.gz

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { echo "-- $*"; }
fail() {
  echo "tarball: $*" >&2
  exit 1
}

# must_print COMMAND...: prints the version that we built.
must_print() {
  local output
  output=$("$@") || fail "$* failed"
  [[ $output == "netstack $version" ]] || fail "$* printed '$output', not 'netstack $version'"
}

needs_library() { readelf -d "$1" | grep -q 'NEEDED.*libnetstack'; }

step "unpack"
tar -xzf "$tarball"
prefix=$work/$(basename "$tarball" .tar.gz)
for file in bin/netstack lib/libnetstack.{a,so} share/man/man1/netstack.1 share/bash-completion/completions/netstack \
  share/zsh/site-functions/_netstack share/fish/vendor_completions.d/netstack.fish; do
  [[ -f $prefix/$file ]] || fail "no $file"
done
if grep -rlF "$root" "$prefix"; then fail "these files name the folder they were built in"; fi
must_print "$prefix/bin/netstack" --version

step "the man page and the shells' completions name what the program has"
"$("$root/packaging/find-python.sh")" "$root/tests/program/check_words.py" "$prefix/bin/netstack"
warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -l "$prefix/share/man/man1/netstack.1" 2>&1 >/dev/null)
[[ -z $warnings ]] || fail "the man page: $warnings"
shellcheck --shell=bash "$prefix/share/bash-completion/completions/netstack"

# cmake_consumer FOLDER: the lines of the README stand in a project in C alone.
cmake_consumer() {
  mkdir "$1"
  {
    printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(app LANGUAGES C)' 'add_executable(app app.c)'
    echo "$lines"
  } >"$1/CMakeLists.txt"
  cp "$root/tests/install/consumer.c" "$1/app.c"
  cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >"$1/log" || fail "CMake did not find netstack"
  cmake --build "$1/build" >"$1/log" || fail "the CMake project could not be built"
  must_print "$1/build/app"
}

step "CMake"
lines=$("$root/tests/install/readme-lines.sh" "CMake")
cmake_consumer cmake
needs_library cmake/build/app || fail "it does not use the shared library"
step "CMake, no shared library"
lines=$("$root/tests/install/readme-lines.sh" "CMake, no shared library")
cmake_consumer cmake-static
if needs_library cmake-static/build/app; then fail "it uses the shared library"; fi

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cp "$root/tests/install/consumer.c" app.c
step "pkg-config"
lines=$("$root/tests/install/readme-lines.sh" "pkg-config")
eval "$lines"
LD_LIBRARY_PATH=$prefix/lib must_print ./app
needs_library app || fail "it does not use the shared library"
rm app
step "pkg-config, no shared library"
lines=$("$root/tests/install/readme-lines.sh" "pkg-config, no shared library")
eval "$lines"
must_print ./app
if needs_library app; then fail "it uses the shared library"; fi
