#!/usr/bin/env bash
# Installs a wheel into a virtual environment of its own and uses all that it carries: the module, the
# program, and the library, from C and C++, by the flags it tells, by pkg-config and by CMake.
#   check-wheel.sh WHEEL
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
wheel=$(realpath "$1")
version=$(<"$root/VERSION")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root"/tests/install/consumer.{c,cc} "$work/"
# Away from the checkout, whose folders Python would otherwise find first.
cd "$work"

step() { echo "-- $*"; }
fail() {
  echo "wheel: $*" >&2
  exit 1
}

# must_print COMMAND...: prints the version that we built.
must_print() {
  local output
  output=$("$@") || fail "$* failed"
  [[ $output == "netstack $version" ]] || fail "$* printed '$output', not 'netstack $version'"
}

step "install, with nothing else, as the README says"
"$("$root/packaging/find-python.sh")" -m venv environment
bin=$work/environment/bin
python=$bin/python
cp "$wheel" .
lines=$("$root/tests/install/readme-lines.sh" "pip")
PATH=$bin:$PATH PIP_NO_INDEX=1 bash -c "$lines"

step "import"
"$python" -c 'import netstack'
installed=$("$python" -m netstack --version)
[[ $installed == "$version" ]] || fail "the package has version $installed"

step "what it carries"
package=$(dirname "$("$python" -m netstack --include-dir)")
for file in py.typed bin/netstack include/netstack/netstack.{h,hpp} include/netstack/hpp/error.hpp \
  lib/libnetstack.so lib/pkgconfig/netstack.pc lib/cmake/netstack/netstack-config.cmake; do
  [[ -f $package/$file ]] || fail "no $file"
done
grep -q 'License-File: .*LICENSES.txt' "${package%/*}"/netstack-*.dist-info/METADATA ||
  fail "it lacks the licences of what is compiled in"
if [[ -n $(find "$package" -name '*.a' -o -name '*.md') ]]; then fail "it carries too much"; fi
if grep -rlF "$root" "$package"; then fail "these files name the folder they were built in"; fi

step "the program"
must_print "$bin/netstack" --version
must_print "$package/bin/netstack" --version
"$python" "$root/tests/python/write_capture.py" in.pcap
"$bin/netstack" replay in.pcap out.pcap --prefix 192.0.2.0/24 --handler reply
# A file header, a packet header and the reply to the one request of 32 bytes.
(($(stat -c %s out.pcap) == 24 + 16 + 32)) || fail "netstack replay did not answer the request"
status=0
"$bin/netstack" --no-such-option 2>error || status=$?
((status == 2)) || fail "the program's exit status 2 became $status"

strict=(-Wall -Wextra -pedantic -Werror)
step "C and C++, by python -m netstack"
read -ra cflags <<<"$("$python" -m netstack --cflags)"
read -ra libs <<<"$("$python" -m netstack --libs)"
cc -std=c99 "${strict[@]}" "${cflags[@]}" consumer.c "${libs[@]}" -o by-flags
must_print ./by-flags
c++ -std=c++17 "${strict[@]}" "${cflags[@]}" consumer.cc "${libs[@]}" -o by-flags-cxx
must_print ./by-flags-cxx

step "C, as the README says"
cp consumer.c app.c
lines=$("$root/tests/install/readme-lines.sh" --behind "**Python**")
PATH=$bin:$PATH bash -c "$lines"
must_print ./a.out

step "C, by pkg-config"
PKG_CONFIG_PATH=$("$python" -m netstack --pkg-config-dir)
export PKG_CONFIG_PATH
[[ $(pkg-config --modversion netstack) == "$version" ]] || fail "pkg-config tells another version"
read -ra flags <<<"$(pkg-config --cflags --libs netstack)"
cc -std=c99 "${strict[@]}" consumer.c "${flags[@]}" -o by-pkg-config
LD_LIBRARY_PATH=$("$python" -m netstack --lib-dir) must_print ./by-pkg-config

step "C, by CMake"
mkdir project
cat >project/CMakeLists.txt <<EOF
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(netstack $version CONFIG REQUIRED)
add_executable(consumer ../consumer.c)
target_link_libraries(consumer PRIVATE netstack::netstack)
EOF
cmake -S project -B project/build -G Ninja -Dnetstack_DIR="$("$python" -m netstack --cmake-dir)" >project/log ||
  fail "CMake did not find netstack"
cmake --build project/build >>project/log || fail "the CMake project could not be built"
must_print project/build/consumer

echo "wheel: all ways work"
