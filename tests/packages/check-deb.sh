#!/usr/bin/env bash
# Installs the Debian packages with the line of the README's install table, into a folder that stands for the system,
# whose installed packages it knows; then uses what lies there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(<"$root/VERSION")
soversion=${version%.*}
if [[ $version != 0.* ]]; then soversion=${version%%.*}; fi
multiarch=$(dpkg-architecture -q DEB_HOST_MULTIARCH)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { echo "-- $*"; }
fail() {
  echo "deb: $*" >&2
  exit 1
}

# must_print COMMAND...: prints the version that we built.
must_print() {
  local output
  output=$("$@") || fail "$* failed"
  [[ $output == "netstack $version" ]] || fail "$* printed '$output', not 'netstack $version'"
}

step "install"
system=$work/system
mkdir -p "$system"/var/lib/dpkg/{info,updates} "$work"/apt/{lists,archives}/partial
cp /var/lib/dpkg/status "$system/var/lib/dpkg/"
cat >apt.conf <<END
Dir::State::status "$system/var/lib/dpkg/status";
Dir::State::lists "$work/apt/lists";
Dir::State::extended_states "$work/apt/extended_states";
Dir::Cache "$work/apt";
Dir::Log "$work/apt";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "/dev/null";
APT::Sandbox::User "root";
DPkg::Options { "--root=$system"; "--path-include=/usr/share/man/*"; "--path-include=/usr/share/doc/*"; };
DPkg::Use-Pty "false";
END
cp "$root"/dist/*.deb .
# Root, of this folder alone.
sudo() {
  if (($(id -u) == 0)); then "$@"; else unshare --map-root-user "$@"; fi
}
lines=$("$root/tests/install/readme-lines.sh" "apt")
export APT_CONFIG=$work/apt.conf
if ! eval "$lines" >log 2>&1; then
  cat log >&2
  fail "apt could not install the packages"
fi
for package in "libnetstack$soversion" libnetstack-dev netstack; do
  found=$(dpkg-query --admindir="$system/var/lib/dpkg" -W -f '${db:Status-Status} ${Version}' "$package")
  [[ $found == "installed $version" ]] || fail "$package is $found"
done

step "the program, its man page and its completions"
libraries=$system/usr/lib/$multiarch
LD_LIBRARY_PATH=$libraries must_print "$system/usr/bin/netstack" --version
if readelf -d "$system/usr/bin/netstack" | grep -E 'RPATH|RUNPATH'; then fail "the program has a path of its own"; fi
share=$system/usr/share
cmp <(gunzip -c "$share/man/man1/netstack.1.gz") "$root/capi/program/netstack.1"
for pair in netstack.bash:bash-completion/completions/netstack _netstack:zsh/vendor-completions/_netstack \
  netstack.fish:fish/vendor_completions.d/netstack.fish; do
  cmp "$root/capi/program/completions/${pair%%:*}" "$share/${pair#*:}"
done

step "programs in C, with the shared and with the static library"
export PKG_CONFIG_PATH=$libraries/pkgconfig
cp "$root/tests/install/consumer.c" app.c
strict=(-std=c99 -Wall -Wextra -pedantic -Werror)
read -ra flags <<<"$(pkg-config --cflags --libs netstack)"
cc "${strict[@]}" app.c "${flags[@]}" -o shared
LD_LIBRARY_PATH=$libraries must_print ./shared
read -ra flags <<<"$(pkg-config --static --cflags --libs netstack)"
cc "${strict[@]}" -static app.c "${flags[@]}" -o static
must_print ./static

step "CMake finds it"
mkdir project
printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(app LANGUAGES C)' 'add_executable(app ../app.c)' \
  "find_package(netstack $version CONFIG REQUIRED)" 'target_link_libraries(app PRIVATE netstack::netstack)' \
  >project/CMakeLists.txt
cmake -S project -B project/build -G Ninja -DCMAKE_PREFIX_PATH="$system/usr" \
  -DCMAKE_LIBRARY_ARCHITECTURE="$multiarch" >log || fail "CMake did not find netstack"
cmake --build project/build >log || fail "the CMake project could not be built"
must_print project/build/app

step "a program that uses the library depends on this version of it, and the library on the C library alone"
depends() { dpkg-query --admindir="$system/var/lib/dpkg" -W -f '${Depends}' "$1"; }
[[ $(depends netstack) == *"libnetstack$soversion (>= $version)"* ]] || fail "netstack depends on $(depends netstack)"
[[ $(depends "libnetstack$soversion") =~ ^libc6\ [^,]*$ ]] || fail "the library depends on $(depends "libnetstack$soversion")"
