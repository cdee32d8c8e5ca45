#!/usr/bin/env bash
# Builds everything that is released into dist/, which it empties first: the library for this machine's
# architecture, Debian packages, wheel, source distribution, crates, Go module; then the bill of materials
# and SHA256SUMS.
#   release.sh [PART...]     only these, and neither of the last two: deb tarball sdist crates module wheel
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

all_parts=(deb tarball sdist crates module wheel)
parts=("$@")
if (($# == 0)); then parts=("${all_parts[@]}"); fi
for part in "${parts[@]}"; do
  [[ " ${all_parts[*]} " == *" $part "* ]] || fail "no part named $part; there are: ${all_parts[*]}"
done
# Before minutes go by.
need_tools cargo cmake dh dpkg-buildpackage g++ git lintian ninja sha256sum
packaging/find-go.sh >/dev/null
packaging/find-python.sh >/dev/null
packaging/find-rust.sh >/dev/null
set_source_date

rm -rf dist
mkdir dist
for part in "${parts[@]}"; do
  case $part in
    wheel) packaging/build-wheel.sh NETSTACK_WERROR=ON 2>build/wheel.log || {
      cat build/wheel.log >&2
      fail "no wheel"
    } ;;
    *) "packaging/build-$part.sh" ;;
  esac
done
(($# == 0)) || exit 0

version=$(<VERSION)
CARGO_HOME=$root/build/rust/cargo "$(packaging/find-python.sh)" packaging/make-sbom.py dist >build/sbom.json
mv build/sbom.json "dist/netstack-$version.cdx.json"
echo "dist/netstack-$version.cdx.json"
(cd dist && find . -type f -printf '%P\n' | sort | xargs sha256sum) >build/SHA256SUMS
mv build/SHA256SUMS dist/
echo dist/SHA256SUMS
