#!/usr/bin/env bash
# Packs the library and the program, as they are installed below a prefix, into dist/ and prints the path. It
# compiles nothing: they are those that build-deb.sh has built, without which it runs that first.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

need_tools cmake gzip tar uname
set_source_date
build=$root/build/deb/source/debian/build
[[ -f $build/CMakeCache.txt ]] || packaging/build-deb.sh >/dev/null

name=libnetstack-$(<VERSION)-linux-$(uname -m)
work=$root/build/tarball
rm -rf "$work"
mkdir -p "$work" dist
if ! {
  cmake -S "$build/../.." -B "$build" -DCMAKE_INSTALL_PREFIX=/usr/local -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_SKIP_INSTALL_RPATH=OFF &&
    cmake --build "$build" &&
    cmake --install "$build" --strip --prefix "$work/$name"
} >"$work/log" 2>&1; then
  tail -n 30 "$work/log" >&2
  fail "the library could not be installed into a tarball"
fi
tar -c -C "$work" --sort=name --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner "$name" |
  gzip -n -9 >"dist/$name.tar.gz"
echo "dist/$name.tar.gz"
