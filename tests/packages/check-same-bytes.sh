#!/usr/bin/env bash
# Builds a release a second time, of the same sources in another folder, of another user's in other surroundings, and
# compares each file with the one in dist/. The wheel is left out: check-sdist.sh of ../python does that with it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh
set_source_date

work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
other=$work/another/place
umask 027
mkdir -p "$other/build/rust" "$work/home"
copy_sources "$other"
# Tools that were downloaded, and nothing that was built of our sources.
mkdir -p build/go build/rust/cargo
ln -s "$root/build/go" "$other/build/go"
ln -s "$root/build/rust/cargo" "$other/build/rust/cargo"
ln -s "$root/build/python-tools" "$other/build/python-tools"

echo "-- build"
rustup=${RUSTUP_HOME:-$HOME/.rustup}
if [[ -d $rustup ]]; then export RUSTUP_HOME=$rustup; fi
(cd "$other" && env HOME="$work/home" TZ=Pacific/Chatham LC_ALL=C LANG=C GOFLAGS= \
  packaging/release.sh deb tarball sdist crates module >"$work/log" 2>&1) || {
  tail -n 30 "$work/log" >&2
  fail "the second build failed"
}

echo "-- compare"
differ=0
while IFS= read -r file; do
  cmp "dist/$file" "$other/dist/$file" || differ=1
done < <({ find "$other/dist" -type f -printf '%P\n' && find dist -type f ! -name '*.whl' ! -name '*.json' ! -name SHA256SUMS -printf '%P\n'; } | sort -u)
if ((differ)); then
  # What is inside tells more.
  for folder in dist "$other/dist"; do
    mkdir "$work/inside"
    tar -xzf "$folder"/libnetstack-*.tar.gz -C "$work/inside"
    for deb in "$folder"/*.deb; do dpkg-deb -R "$deb" "$work/inside/$(basename "$deb")"; done
    (cd "$work/inside" && find . -type f -exec sha256sum {} + | sort -k 2) >"$work/sums-${folder//\//_}"
    rm -rf "$work/inside"
  done
  diff "$work"/sums-* >&2 || true
  fail "two builds in two folders differ"
fi
