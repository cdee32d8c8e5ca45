#!/usr/bin/env bash
# Installs a release build into a folder of its own and uses it from outside the tree, with a C compiler
# alone and by the C++ header; then looks at what the shared library needs.
#   check-install.sh BUILD-FOLDER
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
version=$(<"$source/VERSION")
soversion=${version%.*}
if [[ $version != 0.* ]]; then soversion=${version%%.*}; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/consumer.{c,cc} "$work/"
cd "$work"

step() { echo "== $*"; }
fail() {
  echo "install: $*" >&2
  exit 1
}

# must_print COMMAND...: the consumer tells the version that we built.
must_print() {
  local output
  output=$("$@") || fail "$* failed"
  [[ $output == "netstack $version" ]] || fail "$* printed '$output', not 'netstack $version'"
}

must_be_static() {
  if readelf -d "$1" | grep -q 'NEEDED.*libnetstack'; then fail "$1 needs the shared library"; fi
}

step "install, then move the prefix"
cmake --install "$build" --prefix "$work/first" >install.log || fail "cmake --install failed"
mv first prefix
prefix=$work/prefix
libdir=$(dirname "$(find "$prefix" -name libnetstack.a)")
library=$libdir/libnetstack.so.$version
[[ -f $library ]] || fail "no $library"
for file in include/netstack/netstack.{h,hpp} include/netstack/hpp/error.hpp bin/netstack share/doc/netstack/LICENSE; do
  [[ -f $prefix/$file ]] || fail "$file was not installed"
done
if grep -rlF -e "$source" -e "$work/first" "$prefix"; then
  fail "these files name the folder they were built in or installed to"
fi

step "the installed program starts"
"$prefix/bin/netstack" --version

# cmake_consumer NAME TARGET: a project in C alone.
cmake_consumer() {
  step "CMake, $2"
  mkdir "$1"
  cat >"$1/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(netstack $soversion CONFIG REQUIRED)
add_executable(consumer ../consumer.c)
target_link_libraries(consumer PRIVATE $2)
EOF
  cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >"$1/log" || fail "see above"
  cmake --build "$1/build"
  must_print "$1/build/consumer"
}
cmake_consumer cmake-shared netstack::netstack
cmake_consumer cmake-static netstack::netstack-static
must_be_static cmake-static/build/consumer

export PKG_CONFIG_PATH=$libdir/pkgconfig
strict=(-std=c99 -Wall -Wextra -pedantic -Werror)
[[ $(pkg-config --modversion netstack) == "$version" ]] || fail "pkg-config tells another version"

step "pkg-config, shared"
read -ra flags <<<"$(pkg-config --cflags --libs netstack)"
cc "${strict[@]}" consumer.c "${flags[@]}" -o pkg-shared
LD_LIBRARY_PATH=$libdir must_print ./pkg-shared

step "pkg-config, the C++ header as C++17"
c++ -std=c++17 -Wall -Wextra -pedantic -Wconversion -Wshadow -Werror consumer.cc "${flags[@]}" -o pkg-cxx
LD_LIBRARY_PATH=$libdir must_print ./pkg-cxx

step "pkg-config --static, the whole program static"
read -ra flags <<<"$(pkg-config --static --cflags --libs netstack)"
cc "${strict[@]}" -static consumer.c "${flags[@]}" -o pkg-static
must_print ./pkg-static

step "pkg-config --static, only our library static"
mkdir archive
cp "$libdir/libnetstack.a" archive/
cc "${strict[@]}" consumer.c -Larchive "${flags[@]}" -o pkg-archive
must_print ./pkg-archive
must_be_static pkg-archive

step "add_subdirectory"
mkdir sub
cat >sub/CMakeLists.txt <<EOF
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
add_subdirectory("$source" netstack)
add_executable(consumer ../consumer.c)
target_link_libraries(consumer PRIVATE netstack::netstack)
if(DEFINED CMAKE_RUNTIME_OUTPUT_DIRECTORY OR DEFINED CMAKE_CXX_STANDARD)
  message(FATAL_ERROR "netstack has changed our variables")
endif()
EOF
cmake -S sub -B sub/build -G Ninja -DCMAKE_BUILD_TYPE=Debug >sub/log || fail "see above"
cmake --build sub/build -j "${NETSTACK_JOBS:-$(nproc)}"
must_print sub/build/consumer
[[ ! -e sub/build/netstack/bin ]] || fail "add_subdirectory built programs of ours"
cmake --install sub/build --prefix "$work/nothing" >sub/install.log
if [[ -n $(find nothing -type f 2>/dev/null) ]]; then
  find nothing -type f >&2
  fail "add_subdirectory installed files of ours"
fi

step "SONAME and what is needed"
readelf -d "$library" | grep -E 'SONAME|NEEDED'
readelf -d "$library" | grep -qF "soname: [libnetstack.so.$soversion]" ||
  fail "the SONAME is not libnetstack.so.$soversion"
if readelf -d "$library" | grep -E 'NEEDED.*(libstdc\+\+|libgcc_s)'; then
  fail "the C++ runtime should be inside"
fi
if readelf -d "$library" | grep TEXTREL; then fail "text relocations"; fi

echo "install: all ways work"
