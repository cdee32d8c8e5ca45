#!/usr/bin/env bash
# Makes the source distribution and installs from it, as pip does it for a user: in an environment of its
# own, with the build tools that pyproject.toml asks for; and compares with a wheel of this checkout.
#   check-sdist.sh WHEEL
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
wheel=$(realpath "$1")
version=$(<"$root/VERSION")
# pip's wheel bears the same time as the other.
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh
set_source_date
tools=$("$root/packaging/make-python-tools.sh")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { echo "-- $*"; }
fail() {
  echo "sdist: $*" >&2
  exit 1
}

step "make it"
"$root/packaging/build-sdist.sh" >/dev/null
sdist=netstack-$version.tar.gz
cp "$root/dist/$sdist" .
tar -tzf "$sdist" | sed "s@^netstack-$version/@@" >files
for file in CMakeLists.txt LICENSE VERSION pyproject.toml capi/netstack.map capi/include/netstack/netstack.h \
  packaging/cmake/install.cmake packaging/wheel/pcap_without_dbus.c python/CMakeLists.txt \
  python/netstack/__main__.py python/netstack/py.typed; do
  grep -qx "$file" files || fail "lacks $file"
done
if grep -E '^(build|dist|tests|go|rust)/|^\.git/|\.(o|so|pyc)$' files; then fail "has files that it should not"; fi

step "install from it, as the README says"
"$("$root/packaging/find-python.sh")" -m venv environment
bin=$work/environment/bin
python=$bin/python
lines=$("$root/tests/install/readme-lines.sh" "pip, compiling")
# With the tools that the wheel was made with, and libpcap inside as there: then what comes out is that wheel.
if ! PATH=$bin:$PATH PIP_CONSTRAINT=$root/packaging/python-requirements.txt SKBUILD_CMAKE_DEFINE=PCAP_USE_STATIC_LIBS=ON \
  PIP_CACHE_DIR=$work/cache CMAKE_BUILD_PARALLEL_LEVEL=${NETSTACK_JOBS:-$(nproc)} bash -c "$lines" >log 2>&1; then
  tail -n 60 log >&2
  fail "pip could not install it"
fi
"$python" -c 'import netstack'
[[ $("$python" -m netstack --version) == "$version" ]] || fail "the package has another version"
[[ $("$bin/netstack" --version) == "netstack $version" ]] || fail "the program has another version"

step "the wheel that pip made of it, in another folder, is the one that build-wheel.sh made"
made=$(find cache -name '*.whl')
[[ -n $made ]] || fail "pip has kept no wheel"
PATH=$tools/bin:$PATH auditwheel repair --wheel-dir . "$made" >log 2>&1 || {
  cat log >&2
  fail "auditwheel could not repair pip's wheel"
}
cmp "${wheel##*/}" "$wheel" || fail "the wheels differ"

step "the command says that the program was left out"
rm "$(dirname "$("$python" -m netstack --include-dir)")/bin/netstack"
status=0
environment/bin/netstack --version 2>error || status=$?
((status == 1)) || fail "without the program, the command ended with status $status"
grep -q '^netstack: .*bin/netstack is not there' error || fail "without the program, it said: $(<error)"

echo "sdist: installs"
