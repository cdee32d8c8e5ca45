#!/usr/bin/env bash
# Installs the Debian packages that are missing to build and run the demo (`build`) or all tests
# (`test`). Does nothing, and needs no rights, where everything is there.
set -euo pipefail

usage() {
  echo "usage: $0 build|test" >&2
  exit 2
}
[[ $# -eq 1 ]] || usage

# A package, and a command that stands for it where the package manager does not know it.
build_packages=(
  "cmake cmake" "ninja-build ninja" "gcc gcc" "g++ g++" "libcli11-dev" "libfmt-dev"
  "libpcap-dev" "nlohmann-json3-dev"
  "iputils-ping ping" "iproute2 ip" "traceroute traceroute"
)
test_packages=(
  "${build_packages[@]}"
  "clang-14 clang-14" "clang-format-14 clang-format-14" "clang-tidy-14 clang-tidy-14"
  "libclang-rt-14-dev" "libgtest-dev" "pkg-config pkg-config" "shellcheck shellcheck"
  "codespell codespell" "binutils nm" "util-linux setpriv" "git git" "curl curl"
  "libbenchmark-dev" "liblwip-dev" "doxygen doxygen" "libjansson-dev"
  "abigail-tools abidiff" "libffi-dev" "luajit luajit"
  "debhelper dh" "dpkg-dev dpkg-buildpackage" "lintian lintian" "man-db man" "zsh zsh" "fish fish"
)
case $1 in
  build) wanted=("${build_packages[@]}") ;;
  test) wanted=("${test_packages[@]}") ;;
  *) usage ;;
esac

# Debian 12 has none that is new enough, and toolchains are not ours to download.
if [[ $1 == test ]]; then
  go_search=$("$(dirname "${BASH_SOURCE[0]}")/find-go.sh" 2>&1) || {
    echo "$go_search" >&2
    exit 1
  }
  rust_search=$("$(dirname "${BASH_SOURCE[0]}")/find-rust.sh" 2>&1) || {
    echo "$rust_search" >&2
    exit 1
  }
fi

is_installed() {
  local package=$1 command=${2:-}
  if [[ -n $command ]] && command -v "$command" >/dev/null; then return 0; fi
  if ! command -v dpkg-query >/dev/null; then
    # Another system: CMake will say whether a library is missing.
    [[ -z $command ]]
    return
  fi
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]]
}

missing=()
for entry in "${wanted[@]}"; do
  read -r package command <<<"$entry"
  is_installed "$package" "$command" || missing+=("$package")
done
# Any CPython will do that is new enough and complete.
if [[ $1 == test ]] && ! "$(dirname "${BASH_SOURCE[0]}")/find-python.sh" >/dev/null 2>&1; then
  missing+=(python3 python3-dev python3-venv)
fi
[[ ${#missing[@]} -gt 0 ]] || exit 0

fail() {
  echo "netstack: $1; please install: ${missing[*]}" >&2
  exit 1
}

command -v apt-get >/dev/null || fail "this system has no apt-get"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || fail "neither root nor sudo"
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run_apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >"$log" 2>&1 && return
  tail -n 15 "$log" >&2
  fail "apt-get $1 failed"
}

echo "Installing ${missing[*]}"
run_apt update
run_apt install -y --no-install-recommends "${missing[@]}"
