#!/usr/bin/env bash
# One version number: VERSION, the public header, the change log, the symbol version, the Rust crates, the Go
# package, the Debian packages and the README agree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=$(<VERSION)
if [[ ! $version =~ ^([0-9]+)\.([0-9]+)\.([0-9]+)$ ]]; then
  echo "VERSION: '$version' is not MAJOR.MINOR.PATCH" >&2
  exit 1
fi
major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]} patch=${BASH_REMATCH[3]}

status=0
header=capi/include/netstack/version.h
check_macro() {
  local value
  value=$(sed -nE "s/^# *define +$1 +(.*[^ ]) *\$/\\1/p" "$header")
  if [[ ${value%u} != "$2" ]]; then
    echo "$header: $1 is '$value', VERSION says $2" >&2
    status=1
  fi
}
check_macro NS_VERSION_MAJOR "$major"
check_macro NS_VERSION_MINOR "$minor"
check_macro NS_VERSION_PATCH "$patch"
check_macro NS_VERSION_STRING "\"$version\""

heading=$(grep -m 1 '^## ' CHANGELOG.md)
if [[ $heading != "## $version" && $heading != "## $version "* ]]; then
  echo "CHANGELOG.md: the first heading is '$heading', expected '## $version'" >&2
  status=1
fi

for place in "rust/Cargo.toml version = \"$version\"" \
  "rust/netstack/Cargo.toml netstack-sys = { version = \"=$version\","; do
  if ! grep -qF "${place#* }" "${place%% *}"; then
    echo "${place%% *}: no line that says ${place#* }" >&2
    status=1
  fi
done

node=NETSTACK_$major.$minor
if ((major > 0)); then node=NETSTACK_$major; fi
if ! grep -qE "^$node( |\{|\$)" capi/netstack.map; then
  echo "capi/netstack.map: no node $node" >&2
  status=1
fi

go=go/netstack/system.go
if ! grep -qF "#define NETSTACK_GO_ABI (($major * 0x10000u) | $minor)" "$go" ||
  ! grep -qF "written for netstack $major.$minor," "$go"; then
  echo "$go: is written for another ABI than $major.$minor" >&2
  status=1
fi

soversion=$major.$minor
if ((major > 0)); then soversion=$major; fi
debian=packaging/debian
for file in "$debian/libnetstack$soversion".{install,symbols}; do
  if [[ ! -f $file ]]; then
    echo "$file: not there" >&2
    status=1
  fi
done
if ! grep -qx "Package: libnetstack$soversion" $debian/control ||
  ! grep -qF "Depends: libnetstack$soversion (=" $debian/control ||
  ! grep -qF "libnetstack.so.$soversion libnetstack$soversion " "$debian/libnetstack$soversion.symbols" ||
  ! grep -qF "(symver)$node " "$debian/libnetstack$soversion.symbols"; then
  echo "$debian: does not speak of libnetstack$soversion everywhere" >&2
  status=1
fi

if grep -oE 'netstack(-sys)?-[0-9]+\.[0-9.]*[0-9]|find_package\(netstack [0-9.]+' README.md |
  grep -vE "(netstack(-sys)?-$version|netstack $major\.$minor)\$"; then
  echo "README.md: its install table has another version than $version" >&2
  status=1
fi
exit "$status"
