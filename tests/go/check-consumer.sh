#!/usr/bin/env bash
# Builds and runs a module outside the tree: with the line that replaces ours by a checkout, from the zip of
# our module by a module proxy, and with an installed library.
#   check-consumer.sh PREFIX      where the library is installed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh

root=$PWD
prefix=$(cd "$1" && pwd)
version=$(<VERSION)
library=$(dirname "$(find "$prefix" -name libnetstack.so)")
export PKG_CONFIG_PATH=$library/pkgconfig

work=$root/build/go/consumer
rm -rf "$work"
mkdir -p "$work"
cd "$work"

step() { echo "-- $*"; }
fail() {
  echo "consumer: $*" >&2
  exit 1
}

# must_print COMMAND...: the consumer's one ping is answered, by the version that we built.
must_print() {
  local output
  output=$("$@") || fail "$* failed"
  [[ $output == "netstack $version" ]] || fail "$* printed '$output', not 'netstack $version'"
}

# must_say TEXT COMMAND...: the command fails and says why.
must_say() {
  local text=$1
  shift
  if "$@" >log 2>&1; then fail "$* did not fail"; fi
  grep -qF -e "$text" log || {
    cat log >&2
    fail "$* did not say: $text"
  }
}

needs() { readelf -d "$1" | grep -Eq "NEEDED.*\[$2"; }

# make_module FOLDER: and goes there.
make_module() {
  mkdir "$work/$1"
  cd "$work/$1"
  cp "$root/tests/go/consumer/main.go" .
  go mod init example.org/consumer 2>/dev/null
  go mod edit -go=1.24
}

step "go build, with a checkout, as the README says"
make_module checkout
edit=$(grep '^go mod edit ' "$root/README.md")
read -ra edit <<<"${edit/"/path/to/netstack"/"$root"}"
"${edit[@]}"
go build -o bundled
must_print ./bundled
go vet
if needs bundled 'lib(netstack|stdc|gcc)'; then fail "the program needs more than the C library"; fi
CGO_ENABLED=0 must_say "undefined: cgo_is_off__netstack_needs_CGO_ENABLED_1" go build -o without

step "go build -tags netstack_system, with the installed library"
go build -tags netstack_system -o system
LD_LIBRARY_PATH=$library must_print ./system
go vet -tags netstack_system
needs system libnetstack.so || fail "the program does not need the installed library"
must_say libnetstack.so ./system

step "an installed library of another ABI"
cp -r "$prefix" "$work/other"
sed -i -E 's/^(#define NS_VERSION_MINOR) .*/\1 99/; s/^(#define NS_VERSION_STRING) .*/\1 "0.99.0"/' \
  "$work/other/include/netstack/version.h"
# Of what pkg-config says Go takes no notice once it has compiled the package; of flags it does.
PKG_CONFIG_PATH=${PKG_CONFIG_PATH/"$prefix"/"$work/other"} CGO_CFLAGS="-O2 -g -DOTHER_ABI" must_say \
  "this Go package is written for netstack ${version%.*}, the installed headers are of netstack 0.99.0" \
  go build -tags netstack_system -o other

step "go mod vendor, which leaves the C++ sources out"
go mod vendor
must_say "The C++ sources of netstack are not beside its Go code (go mod vendor leaves them out): install the \
library and build with -tags netstack_system" go build -o vendored
go build -tags netstack_system -o vendored
LD_LIBRARY_PATH=$library must_print ./vendored

step "the module's zip"
"$root/packaging/build-module.sh"

step "go get, by a module proxy, as the README says"
# An example host has no place in the public database of checksums.
export GOPROXY=file://$root/dist/go GONOSUMDB=netstack.example GOMODCACHE=$work/mod
make_module proxied
lines=$("$root/tests/install/readme-lines.sh" "go")
eval "$lines"
must_print ./consumer
grep -q "netstack.example v$version" go.mod || fail "go get took another version"
[[ -f $work/mod/netstack.example@v$version/LICENSE ]] || fail "the zip lacks the licence"

step "the same, with the installed library"
make_module proxied-system
lines=$("$root/tests/install/readme-lines.sh" "go, no compiling")
eval "$lines"
LD_LIBRARY_PATH=$library must_print ./consumer
needs consumer libnetstack.so || fail "the program does not need the installed library"

step "go build, for others"
cd "$work/proxied"
# As for others to run: no path of this machine goes into it.
go build -trimpath -ldflags=-compressdwarf=false -o proxied
must_print ./proxied
go vet
if grep -aqF "$root" proxied; then fail "the program names the folder it was built in"; fi

echo "consumer: all ways work"
