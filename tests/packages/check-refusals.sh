#!/usr/bin/env bash
# What the scripts of packaging refuse, and that they name what is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh
set_source_date

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refuse WORDS COMMAND...: fails with these words on standard error, and with nothing in dist.
refuse() {
  local words=$1
  shift
  if "$@" >"$work/out" 2>"$work/err"; then fail "$* did not fail"; fi
  grep -qF -- "$words" "$work/err" || {
    cat "$work/err" >&2
    fail "$* did not say: $words"
  }
  if [[ -d $work/source/dist && -n $(find "$work/source/dist" -type f) ]]; then fail "$* left files in dist"; fi
}

# A checkout, without git's history, and a PATH with what a script may use.
mkdir "$work/source" "$work/bin"
copy_sources "$work/source"
cd "$work/source"

# without TOOL COMMAND...: where that tool is not there.
without() {
  local tool=$1 path
  shift
  rm -f "$work/bin/"*
  local IFS=:
  for path in $PATH; do
    find "$path" -maxdepth 1 ! -name "$tool" -xtype f -exec ln -sf -t "$work/bin" {} + 2>/dev/null || true
  done
  unset IFS
  env PATH="$work/bin" "$@"
}
for tool in lintian dh dpkg-buildpackage; do
  refuse "not there: $tool" without "$tool" packaging/build-deb.sh
  refuse "not there: $tool" without "$tool" packaging/release.sh
done
refuse "not there: cmake" without cmake packaging/build-tarball.sh
refuse "g++ is not there" without g++ "$("$root/packaging/find-python.sh")" packaging/make-sbom.py "$root/packaging"
refuse "no part named dance; there are: deb tarball" packaging/release.sh dance
refuse "SOURCE_DATE_EPOCH is 'soon'" env SOURCE_DATE_EPOCH=soon packaging/build-deb.sh
mkdir "$work/dist"
refuse "no file in $work/dist" "$("$root/packaging/find-python.sh")" packaging/make-sbom.py "$work/dist"
touch "$work/dist/stray"
refuse "nobody knows what stray is made of" "$("$root/packaging/find-python.sh")" packaging/make-sbom.py "$work/dist"

# A file that is missing.
mv packaging/debian/copyright "$work/"
refuse "no packaging/debian/copyright" packaging/build-deb.sh
mv "$work/copyright" packaging/debian/
mv capi/program/netstack.1 "$work/"
refuse "no capi/program/netstack.1" packaging/build-deb.sh
