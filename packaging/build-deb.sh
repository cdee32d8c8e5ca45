#!/usr/bin/env bash
# Builds the Debian packages of this machine's architecture into dist/ and prints their paths; fails where
# lintian finds an error or a warning.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

need_tools cmake dh dpkg-buildpackage g++ lintian ninja
need_files VERSION packaging/debian/{control,copyright,rules,source/format,libnetstack-dev.{docs,install},netstack.install} \
  capi/program/netstack.1 capi/program/completions/{netstack.bash,_netstack,netstack.fish}
set_source_date
version=$(<VERSION)
need_files packaging/debian/"libnetstack${version%.*}".{install,symbols}
work=$root/build/deb
log=$work/log
rm -rf "$work"
mkdir -p "$work/source" dist

copy_sources "$work/source"
mv "$work/source/packaging/debian" "$work/source/debian"
cat >"$work/source/debian/changelog" <<END
netstack ($version) unstable; urgency=medium

  * CHANGELOG.md of the sources says what changed.

 -- $(sed -n 's/^Maintainer: //p' packaging/debian/control)  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
sed -i "s/@VERSION@/$version/" "$work/source/debian/libnetstack${version%.*}.symbols"

parallel=${NETSTACK_JOBS:-$(nproc)}
if ! (cd "$work/source" && dpkg-buildpackage --build=binary --no-sign --jobs="$parallel") >"$log" 2>&1; then
  tail -n 60 "$log" >&2
  fail "the Debian packages could not be built"
fi

# lintian talks of the user's rights and of colours where it is not told.
changes=$(echo "$work"/netstack_"${version}"_*.changes)
lintian --no-cfg --allow-root --color never --fail-on error,warning --display-info "$changes" >"$work/lintian" 2>&1 || {
  cat "$work/lintian" >&2
  fail "lintian is not content"
}

mv "$work"/*.deb dist/
for package in "$work/source"/debian/*.substvars; do
  name=$(basename "$package" .substvars)
  echo dist/"${name}_${version}"_*.deb
done
