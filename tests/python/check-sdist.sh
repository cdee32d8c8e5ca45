#!/usr/bin/env bash
# Makes the source distribution and installs from it, as pip does it for a user: in an environment of its
# own, with the build tools that pyproject.toml asks for. Without the program, which is one way to build it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(<"$root/VERSION")
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
"$tools/bin/python" -m build --sdist --no-isolation --outdir "$work" "$root" >log 2>&1 || {
  tail -n 30 log >&2
  fail "could not be made"
}
sdist=netstack-$version.tar.gz
tar -tzf "$sdist" | sed "s@^netstack-$version/@@" >files
for file in CMakeLists.txt LICENSE VERSION pyproject.toml capi/netstack.map capi/include/netstack/netstack.h \
  packaging/cmake/install.cmake packaging/wheel/pcap_without_dbus.c python/CMakeLists.txt \
  python/netstack/__main__.py python/netstack/py.typed; do
  grep -qx "$file" files || fail "lacks $file"
done
if grep -E '^(build|dist|tests|go|rust)/|^\.git/|\.(o|so|pyc)$' files; then fail "has files that it should not"; fi

step "install from it"
"$("$root/packaging/find-python.sh")" -m venv environment
python=$work/environment/bin/python
CMAKE_BUILD_PARALLEL_LEVEL=${NETSTACK_JOBS:-$(nproc)} "$python" -m pip install \
  --config-settings=cmake.define.NETSTACK_BUILD_PROGRAM=OFF "$sdist" >log 2>&1 || {
  tail -n 60 log >&2
  fail "pip could not install it"
}
"$python" -c 'import netstack'
[[ $("$python" -m netstack --version) == "$version" ]] || fail "the package has another version"

step "the command says that the program was left out"
status=0
environment/bin/netstack --version 2>error || status=$?
((status == 1)) || fail "without the program, the command ended with status $status"
grep -q '^netstack: .*bin/netstack is not there' error || fail "without the program, it said: $(<error)"

echo "sdist: installs"
